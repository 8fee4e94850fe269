//! Answers, and keeps up with what others put on record meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

use sealbank_journal::{Journal as _, SqliteJournal};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::delegate::{Delegate, State};
use crate::ca::args::OcspArguments;
use crate::ca::house::{self, refused};
use crate::exit::Failure;

/// The shortest time between two readings of the journal.
const PAUSE: Duration = Duration::from_secs(1);

/// `OCSPResponse` with the status tryLater (RFC 6960 section 4.2.1).
const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];

/// Where requests are answered.
pub(super) struct Desk {
    arguments: OcspArguments,
    /// The passphrase of the issuing key, if it was asked for.
    asked: OnceLock<SecretString>,
    /// To see whether there is anything new.
    journal: SqliteJournal,
    delegate: RwLock<Arc<Delegate>>,
    /// One question at a time has the journal read; the others are answered from what is known.
    reading: Mutex<Reading>,
    /// Whether what is known can be answered from.
    knows: AtomicBool,
}

/// When the journal may be read again, and what was told of it last.
#[derive(Default)]
struct Reading {
    not_before: Option<Instant>,
    told: String,
}

impl Desk {
    /// Opens with a delegate of its own.
    pub(super) fn open(arguments: OcspArguments, now: OffsetDateTime) -> Result<Self, Failure> {
        let asked = OnceLock::new();
        let delegate = Delegate::appoint(&arguments, &asked, now)?;
        let journal = SqliteJournal::open_read_only(house::journal_file(&arguments.place.dir)?);
        Ok(Self {
            journal: journal.map_err(|error| refused(&error.into()))?,
            arguments,
            asked,
            delegate: RwLock::new(Arc::new(delegate)),
            reading: Mutex::default(),
            knows: AtomicBool::new(true),
        })
    }

    /// The answer to a request, both in DER. If the journal can't be read there is none, since whoever is revoked there
    /// would still be good here.
    pub(super) fn answer(&self, request: &[u8], now: OffsetDateTime) -> Vec<u8> {
        self.catch_up(now);
        if self.knows.load(Ordering::Acquire) {
            self.delegate().respond(request, now)
        } else {
            TRY_LATER.to_vec()
        }
    }

    /// How long an answer is good.
    pub(super) fn freshness(&self) -> time::Duration {
        super::options(&self.arguments).freshness
    }

    /// Reads the journal if it has grown, not more often than once in a while.
    fn catch_up(&self, now: OffsetDateTime) {
        let mut reading = match self.reading.try_lock() {
            Ok(reading) => reading,
            Err(TryLockError::Poisoned(reading)) => reading.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let caught_up = self.read_on(&mut reading, now);
        self.knows.store(caught_up.is_ok(), Ordering::Release);
        if let Err(failure) = caught_up {
            reading.tell(&failure.message);
        }
    }

    fn read_on(&self, reading: &mut Reading, now: OffsetDateTime) -> Result<(), Failure> {
        let head = self.journal.head();
        let head = head.map_err(|error| refused(&error.into()))?;
        let delegate = self.delegate();
        let spent = delegate.is_spent(now);
        let begun = Instant::now();
        if (head.position == delegate.at() && !spent) || !reading.is_due(begun) {
            return Ok(());
        }
        let state = State::read(&self.arguments.place.dir)?;
        if state.generation() != delegate.generation() {
            // Each generation of the issuing CA has delegates of its own.
            self.replace(now)?;
        } else if !spent {
            delegate.learn(state);
        } else if let Err(failure) = self.replace(now) {
            // Another process is writing, as a rule; the delegate goes on until it has ended.
            reading.tell(&failure.message);
            delegate.learn(state);
        }
        reading.pause(begun, Instant::now());
        Ok(())
    }

    /// Appoints another delegate. The present one stays if that fails.
    fn replace(&self, now: OffsetDateTime) -> Result<(), Failure> {
        let appointed = Delegate::appoint(&self.arguments, &self.asked, now)?;
        let delegate = self.delegate.write();
        *delegate.unwrap_or_else(PoisonError::into_inner) = Arc::new(appointed);
        Ok(())
    }

    fn delegate(&self) -> Arc<Delegate> {
        let delegate = self.delegate.read();
        Arc::clone(&delegate.unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reading {
    fn is_due(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|not_before| now >= not_before)
    }

    /// Rests four times as long as the reading took, so that a large journal leaves time for answers.
    fn pause(&mut self, begun: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(begun);
        self.not_before = Some(ended + took.saturating_mul(4).max(PAUSE));
    }

    /// Tells what keeps it from reading, once until it has changed.
    fn tell(&mut self, problem: &str) {
        if self.told != problem {
            anstream::eprintln!("{problem}");
            problem.clone_into(&mut self.told);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use sealbank_ca::{Authority, HierarchyOptions};
    use tempfile::TempDir;
    use time::macros::datetime;

    use super::*;
    use crate::ca::args::SigningPlace;
    use crate::serve::JOURNAL_FILE;

    const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +9);
    const MALFORMED: [u8; 5] = [0x30, 3, 0x0a, 1, 1];

    fn journal(dir: &Path) -> SqliteJournal {
        SqliteJournal::open(dir.join(JOURNAL_FILE)).unwrap()
    }

    /// A CA in a directory, and the desk before it.
    fn opened() -> (TempDir, Desk) {
        let directory = tempfile::tempdir().unwrap();
        let dir = directory.path().join("ca");
        std::fs::create_dir(&dir).unwrap();
        Authority::create(
            &dir,
            &directory.path().join("root"),
            &"a passphrase for tests".into(),
            &HierarchyOptions::default(),
            Arc::new(journal(&dir)),
            NOW,
        )
        .unwrap();
        let arguments = OcspArguments {
            place: SigningPlace {
                dir,
                ca_passphrase_file: None,
            },
            request: None,
            out: "-".into(),
            listen: None,
            minutes: 60,
            json: false,
        };
        let desk = Desk::open(arguments, NOW).unwrap();
        (directory, desk)
    }

    #[test]
    fn a_delegate_near_its_end_is_replaced_once_nobody_else_writes() {
        let (_directory, desk) = opened();
        let first = desk.delegate();
        let held = journal(&desk.arguments.place.dir);
        let late = NOW + time::Duration::days(25);
        assert_eq!(desk.answer(b"nonsense", late), MALFORMED);
        assert!(Arc::ptr_eq(&first, &desk.delegate()), "it goes on");
        drop(held);
        *desk.reading.lock().unwrap() = Reading::default();
        desk.answer(b"nonsense", late);
        assert!(!Arc::ptr_eq(&first, &desk.delegate()), "it has a successor");
        assert!(!desk.delegate().is_spent(late));
    }

    #[test]
    fn a_delegate_that_has_seen_many_states_is_replaced() {
        let (_directory, desk) = opened();
        let first = desk.delegate();
        let dir = &desk.arguments.place.dir;
        while !first.is_spent(NOW) {
            first.learn(State::read(dir).unwrap());
        }
        desk.answer(b"nonsense", NOW);
        assert!(!Arc::ptr_eq(&first, &desk.delegate()));
    }

    #[test]
    fn without_its_journal_it_asks_for_patience() {
        let (_directory, desk) = opened();
        let late = NOW + time::Duration::days(25);
        std::fs::remove_file(desk.arguments.place.dir.join("issuing.pem")).unwrap();
        assert_eq!(desk.answer(b"nonsense", late), TRY_LATER);
    }

    #[test]
    fn readings_are_a_second_apart_and_long_ones_further() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut reading = Reading::default();
        assert!(reading.is_due(begin));
        reading.pause(begin, at(10));
        assert!(!reading.is_due(at(1_009)) && reading.is_due(at(1_010)));
        reading.pause(begin, at(500));
        assert!(!reading.is_due(at(2_499)) && reading.is_due(at(2_500)));
    }
}
