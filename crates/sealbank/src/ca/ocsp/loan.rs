//! A journal that is given back: whoever holds on to it afterwards keeps nobody from writing.

use std::sync::{Mutex, PoisonError};

use sealbank_journal::{
    Append, Entry, Head, Journal, JournalError, Medium, Position, SqliteJournal, StreamName,
    Version,
};

/// A journal with its writer's lock, until it is given back.
pub(super) struct Loan(Mutex<Option<SqliteJournal>>);

impl Loan {
    pub(super) fn of(journal: SqliteJournal) -> Self {
        Self(Mutex::new(Some(journal)))
    }

    /// Ends it: the lock is free, and every question is an error from now on.
    pub(super) fn give_back(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&SqliteJournal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let lent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lent.as_ref().map_or_else(
            || {
                Err(JournalError::Closed {
                    medium: Medium::Unnamed,
                    reason: "it was given back to other writers".to_owned(),
                })
            },
            question,
        )
    }
}

impl Journal for Loan {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        self.ask(|journal| journal.append(append))
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.ask(|journal| journal.read(after, limit))
    }

    fn head(&self) -> Result<Head, JournalError> {
        self.ask(Journal::head)
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        self.ask(|journal| journal.version(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_free_for_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.sqlite");
        let loan = Loan::of(SqliteJournal::open(&path).unwrap());
        assert_eq!(loan.head().unwrap().position, Position::START);
        assert!(SqliteJournal::open(&path).is_err());
        loan.give_back();
        SqliteJournal::open(&path).unwrap();
        assert!(matches!(loan.head(), Err(JournalError::Closed { .. })));
    }
}
