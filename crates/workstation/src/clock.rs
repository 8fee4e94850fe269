//! The clock of a PC: the world's time, given from outside, plus the PC's own error.
//!
//! Nothing here reads the machine's clock; whoever composes the program hands in a [`Clock`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use time::{Duration, OffsetDateTime};

/// Where the right time comes from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The right time, before any PC's error is added.
    fn now(&self) -> OffsetDateTime;
}

/// A clock that stands until it is moved: for tests and for scenarios.
///
/// ```
/// use sealbank_workstation::{Clock, StandingClock};
/// use time::{Duration, macros::datetime};
///
/// let clock = StandingClock::at(datetime!(2031-04-01 09:00 +9));
/// clock.advance(Duration::minutes(10));
/// assert_eq!(clock.now(), datetime!(2031-04-01 09:10 +9));
/// ```
#[derive(Debug)]
pub struct StandingClock(Mutex<OffsetDateTime>);

impl StandingClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock by `by`, which may be negative.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the clock in the corner of one PC's screen shows (case 77: it may be wrong).
#[derive(Clone, Debug)]
pub struct PcClock {
    world: Arc<dyn Clock>,
    skew: Duration,
}

impl PcClock {
    /// A PC whose clock is `skew` ahead of `world` (behind, when negative).
    #[must_use]
    pub fn new(world: Arc<dyn Clock>, skew: Duration) -> Self {
        Self { world, skew }
    }

    /// The time the PC believes in.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.world.now().saturating_add(self.skew)
    }
}

impl TimeProvider for PcClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.now()))
    }
}

/// `moment` as rustls counts it; moments before 1970 count as 1970.
pub(crate) fn unix_time(moment: OffsetDateTime) -> UnixTime {
    let seconds = u64::try_from(moment.unix_timestamp()).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_slow_pc_tells_tls_its_own_wrong_time() {
        let world = Arc::new(StandingClock::at(datetime!(2031-04-01 00:00 UTC)));
        let clock = PcClock::new(world.clone(), Duration::days(-400));
        assert_eq!(clock.now(), datetime!(2030-02-25 00:00 UTC));
        world.advance(Duration::hours(1));
        let seen = clock
            .current_time()
            .expect("a standing clock always answers");
        assert_eq!(
            seen.as_secs(),
            datetime!(2030-02-25 01:00 UTC).unix_timestamp() as u64
        );
    }

    #[test]
    fn a_moment_before_1970_does_not_panic() {
        assert_eq!(unix_time(datetime!(1969-01-01 00:00 UTC)).as_secs(), 0);
    }
}
