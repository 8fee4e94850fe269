//! Answers, and keeps up with what others put on record meanwhile.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sealbank_journal::{Journal as _, SqliteJournal};
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
    /// To see whether there is anything new.
    journal: SqliteJournal,
    delegate: RwLock<Arc<Delegate>>,
    /// One question at a time has the journal read; the others are answered from what is known.
    reading: Mutex<Reading>,
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
        let delegate = Delegate::appoint(&arguments, now)?;
        let journal = SqliteJournal::open_read_only(house::journal_file(&arguments.place.dir)?);
        Ok(Self {
            journal: journal.map_err(|error| refused(&error.into()))?,
            arguments,
            delegate: RwLock::new(Arc::new(delegate)),
            reading: Mutex::default(),
        })
    }

    /// The answer to a request, both in DER. If the journal can't be read there is none, since whoever is revoked there
    /// would still be good here.
    pub(super) fn answer(&self, request: &[u8], now: OffsetDateTime) -> Vec<u8> {
        match self.catch_up(now) {
            Ok(()) => self.delegate().respond(request, now),
            Err(_) => TRY_LATER.to_vec(),
        }
    }

    /// How long an answer is good.
    pub(super) fn freshness(&self) -> time::Duration {
        super::options(&self.arguments).freshness
    }

    /// Reads the journal if it has grown, not more often than once in a while.
    fn catch_up(&self, now: OffsetDateTime) -> Result<(), Failure> {
        let Ok(mut reading) = self.reading.try_lock() else {
            return Ok(());
        };
        let caught_up = self.read_on(&mut reading, now);
        if let Err(failure) = &caught_up {
            reading.tell(&failure.message);
        }
        caught_up
    }

    fn read_on(&self, reading: &mut Reading, now: OffsetDateTime) -> Result<(), Failure> {
        let head = self
            .journal
            .head()
            .map_err(|error| refused(&error.into()))?;
        let delegate = self.delegate();
        let spent = delegate.is_spent(now);
        let begun = Instant::now();
        if (head.position == delegate.at() && !spent) || !reading.is_due(begun) {
            return Ok(());
        }
        let state = State::read(&self.arguments.place.dir)?;
        // Each generation of the issuing CA has delegates of its own.
        let followed = if spent || state.generation() != delegate.generation() {
            self.replace(now)
        } else {
            delegate.learn(state);
            Ok(())
        };
        reading.pause_since(begun);
        match followed {
            Ok(()) => reading.told.clear(),
            // Nobody revokes while another process keeps the journal, so what is known is as good as ever.
            Err(failure) => reading.tell(&failure.message),
        }
        Ok(())
    }

    /// Appoints another delegate. The present one stays if that fails.
    fn replace(&self, now: OffsetDateTime) -> Result<(), Failure> {
        let appointed = Delegate::appoint(&self.arguments, now)?;
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

    /// Rests, and four times as long as the reading took, so that a large journal leaves time for answers.
    fn pause_since(&mut self, begun: Instant) {
        let ended = Instant::now();
        let rest = (ended - begun).saturating_mul(4).max(PAUSE);
        self.not_before = Some(ended + rest);
    }

    /// Tells what keeps it from reading, once until it has changed.
    fn tell(&mut self, problem: &str) {
        if self.told != problem {
            anstream::eprintln!("{problem}");
            problem.clone_into(&mut self.told);
        }
    }
}
