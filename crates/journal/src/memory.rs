//! The backend for tests and for banks that live as long as one scenario. Its entries never
//! leave the process, so nothing here guards against a damaged medium.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Append, Entry, Head, Journal, JournalError, Medium, Position, StreamName, Version};

/// A journal in memory; gone with the value.
///
/// ```
/// use sealbank_journal::{Head, Journal, MemoryJournal};
/// assert_eq!(MemoryJournal::new().head()?, Head::genesis());
/// # Ok::<(), sealbank_journal::JournalError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    versions: BTreeMap<StreamName, Version>,
}

impl MemoryJournal {
    /// An empty journal.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // An append builds its entries before it touches the state, so a caller that panicked
        // has left it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        append.check()?;
        let mut state = self.state();
        let mut version = state.version(&append.stream);
        append.expected.check(&append.stream, version)?;

        let mut head = state.head();
        let mut entries = Vec::with_capacity(append.entries.len());
        for new in append.entries {
            let entry = head
                .link(&append.stream, version, append.recorded_at, new)
                .ok_or(JournalError::Exhausted {
                    medium: Medium::Memory,
                })?;
            head = Head::at(&entry);
            version = entry.version;
            entries.push(entry);
        }
        state.entries.extend_from_slice(&entries);
        state.versions.insert(append.stream, version);
        Ok(entries)
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let skipped = usize::try_from(after.get()).unwrap_or(usize::MAX);
        Ok(self
            .state()
            .entries
            .iter()
            .skip(skipped)
            .take(limit)
            .cloned()
            .collect())
    }

    fn head(&self) -> Result<Head, JournalError> {
        Ok(self.state().head())
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        Ok(self.state().version(stream))
    }

    fn medium(&self) -> Medium {
        Medium::Memory
    }
}

impl State {
    fn head(&self) -> Head {
        self.entries.last().map_or_else(Head::genesis, Head::at)
    }

    fn version(&self, stream: &StreamName) -> Version {
        self.versions.get(stream).copied().unwrap_or(Version::NONE)
    }
}
