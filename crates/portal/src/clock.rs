//! The one clock that everything reads: the bank's rules, certificates, and TLS verification on both sides.
//!
//! It only tells the time. That time which passed is also told to the bank is the work of [`crate::App`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use time::{Duration, OffsetDateTime};

/// A clock that can be moved; its clones show the same time.
///
/// ```
/// use sealbank_portal::Clock;
/// use time::{Duration, macros::datetime};
///
/// let clock = Clock::fixed(datetime!(2031-04-01 09:00 +09:00));
/// let on_the_wall = clock.clone();
/// clock.advance(Duration::days(365));
/// assert_eq!(on_the_wall.now(), datetime!(2032-03-31 09:00 +09:00));
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Mutex<Hands>>);

/// What the clock goes by.
#[derive(Debug, Clone, Copy)]
enum Hands {
    /// The real time, moved by this much.
    Running { ahead: Duration },
    /// It stands until it is moved.
    Standing { at: OffsetDateTime },
}

impl Clock {
    /// The real clock: for the composition root alone.
    #[must_use]
    pub fn system() -> Self {
        Self::with(Hands::Running {
            ahead: Duration::ZERO,
        })
    }

    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn fixed(at: OffsetDateTime) -> Self {
        Self::with(Hands::Standing { at })
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        match *self.hands() {
            Hands::Running { ahead } => moved(OffsetDateTime::now_utc(), ahead),
            Hands::Standing { at } => at,
        }
    }

    /// Moves it by `by`, back if that is negative. At the calendar's ends it stops.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        *hands = match *hands {
            Hands::Running { ahead } => Hands::Running {
                ahead: ahead.saturating_add(by),
            },
            Hands::Standing { at } => Hands::Standing { at: moved(at, by) },
        };
    }

    /// Sets it to `at`, from where it goes on as before.
    pub fn set(&self, at: OffsetDateTime) {
        let mut hands = self.hands();
        *hands = match *hands {
            Hands::Running { .. } => Hands::Running {
                ahead: at - OffsetDateTime::now_utc(),
            },
            Hands::Standing { .. } => Hands::Standing { at },
        };
    }

    /// Whether it goes by itself.
    pub(crate) fn runs(&self) -> bool {
        matches!(*self.hands(), Hands::Running { .. })
    }

    fn with(hands: Hands) -> Self {
        Self(Arc::new(Mutex::new(hands)))
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        // The hands are replaced whole, so a thread that panicked has left them sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&*self.hands()).finish()
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().unix_timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            seconds,
        )))
    }
}

fn moved(at: OffsetDateTime, by: Duration) -> OffsetDateTime {
    at.saturating_add(by)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_it_is_moved() {
        let start = datetime!(2031-04-01 09:00 +09:00);
        let clock = Clock::fixed(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::minutes(11));
        assert_eq!(clock.now(), start + Duration::minutes(11));
        clock.advance(Duration::minutes(-12));
        assert_eq!(clock.now(), start - Duration::minutes(1));
        clock.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn tls_sees_the_same_time() {
        let clock = Clock::fixed(datetime!(2031-04-01 00:00 UTC));
        assert_eq!(clock.current_time().unwrap().as_secs(), 1_932_768_000);
        clock.set(datetime!(1960-01-01 00:00 UTC));
        assert!(clock.current_time().is_none(), "TLS counts from 1970");
    }

    #[test]
    fn no_move_leaves_the_calendar() {
        let clock = Clock::fixed(datetime!(2031-04-01 00:00 UTC));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now().year(), 9999);
        clock.advance(Duration::MIN);
        assert_eq!(clock.now().year(), -9999);
    }

    #[test]
    fn a_running_clock_can_be_set_to_another_time() {
        let clock = Clock::system();
        let target = datetime!(2040-01-01 00:00 UTC);
        clock.set(target);
        assert!(clock.now() >= target);
        assert_eq!(clock.now().year(), 2040);
    }
}
