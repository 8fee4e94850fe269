//! The key that signs answers, and the states of the CA that it was shown.
//!
//! The library's responder keeps its key with the one authority that it was made for. Here this authority is a row of
//! them: first the one that could write, to put the responder's certificate on record; after it the CA as it was read
//! again, newest last. The row ends with the delegate, who is therefore replaced after a number of them.

use std::borrow::Borrow;
use std::iter;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sealbank_ca::{Authority, Generation, Responder};
use sealbank_journal::{Journal as _, Position, SqliteJournal};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::loan::Loan;
use crate::ca::args::OcspArguments;
use crate::ca::house::{self, refused};
use crate::exit::Failure;

/// So many states of the CA are kept, if another delegate can be appointed then.
const MOST_STATES: usize = 48;

/// A responder, and what it knows of the CA.
pub(super) struct Delegate {
    responder: Responder<Row>,
    row: Row,
}

/// The states of the CA, from the oldest on.
#[derive(Clone)]
struct Row(Arc<State>);

/// The CA as it was at a point of its journal, or later.
pub(super) struct State {
    authority: Authority,
    at: Position,
    newer: OnceLock<Box<State>>,
}

impl Delegate {
    /// A new one, whose certificate is put on record; afterwards the CA is free for other writers.
    pub(super) fn appoint(
        arguments: &OcspArguments,
        asked: &OnceLock<SecretString>,
        now: OffsetDateTime,
    ) -> Result<Self, Failure> {
        let mut loan = None;
        let writing = house::open_on(&arguments.place, asked, now, |journal| {
            let lent = Arc::new(Loan::of(journal));
            loan = Some(Arc::clone(&lent));
            lent
        })?;
        let row = Row(Arc::new(State::of(writing, Position::START)));
        let responder = Responder::new(row.clone(), &super::options(arguments), now);
        let responder = responder.map_err(|error| refused(&error))?;
        if let Some(loan) = loan {
            loan.give_back();
        }
        let delegate = Self { responder, row };
        delegate.learn(State::read(&arguments.place.dir)?);
        Ok(delegate)
    }

    /// The answer to a request, both in DER.
    pub(super) fn respond(&self, request: &[u8], now: OffsetDateTime) -> Vec<u8> {
        self.responder.respond(request, now)
    }

    /// Answers from what is known there, from now on.
    pub(super) fn learn(&self, state: State) {
        // Somebody who was faster has read the same journal; the next question looks again.
        let _ = self.row.latest().newer.set(Box::new(state));
    }

    /// Up to where in the journal everything is known.
    pub(super) fn at(&self) -> Position {
        self.row.latest().at
    }

    pub(super) fn generation(&self) -> Generation {
        self.row.latest().authority.generation()
    }

    /// Whether another one should take over: it knows too many states, or a quarter of its time is left.
    pub(super) fn is_spent(&self, now: OffsetDateTime) -> bool {
        let validity = self.responder.certificate().validity();
        let whole = validity.not_after() - validity.not_before();
        self.row.states().count() >= MOST_STATES || now > validity.not_after() - whole / 4
    }
}

impl State {
    /// The CA as it is on record; another process may be writing.
    pub(super) fn read(dir: &Path) -> Result<Self, Failure> {
        // The point comes first: what is appended while the rest is read is read again.
        let journal = SqliteJournal::open_read_only(house::journal_file(dir)?);
        let head = journal.and_then(|journal| journal.head());
        let head = head.map_err(|error| refused(&error.into()))?;
        Ok(Self::of(house::look_into(dir)?, head.position))
    }

    pub(super) fn generation(&self) -> Generation {
        self.authority.generation()
    }

    fn of(authority: Authority, at: Position) -> Self {
        Self {
            authority,
            at,
            newer: OnceLock::new(),
        }
    }
}

impl Row {
    fn states(&self) -> impl Iterator<Item = &State> {
        iter::successors(Some(&*self.0), |state| {
            state.newer.get().map(|newer| &**newer)
        })
    }

    fn latest(&self) -> &State {
        self.states().last().unwrap_or(&self.0)
    }
}

impl Borrow<Authority> for Row {
    fn borrow(&self) -> &Authority {
        &self.latest().authority
    }
}
