//! The embedded backend for everything that must last: one SQLite file, one writer thread that
//! gathers whatever waits into one transaction, and as many readers as there are callers.
//!
//! | file | what it holds |
//! |---|---|
//! | `sqlite/file.rs` | creating, recognising and locking the file; connections |
//! | `sqlite/sql.rs` | the statements, written for PostgreSQL and adapted |
//! | `sqlite/row.rs` | rows to entries and back; reading a stretch of the chain |
//! | `sqlite/writer.rs` | the callers' side of the writer thread |
//! | `sqlite/clerk.rs` | the thread's side: batches, savepoints, commits |

mod clerk;
mod file;
mod row;
mod sql;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::{Append, Entry, Head, Journal, JournalError, Medium, Position, StreamName, Version};

use file::Reading;
use row::Snapshot;
pub use writer::Statistics;
use writer::Writer;

/// A journal in an SQLite file: write-ahead log, `synchronous=FULL`, so what was acknowledged
/// survives `kill -9` and power loss.
///
/// One process at a time writes; it holds a lock on `<path>.lock`. Others may read beside it.
/// Dropping the journal writes what is still waiting, and ends the writer thread.
///
/// ```
/// use sealbank_journal::{Journal, Position, SqliteJournal};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("bank.journal");
/// let journal = SqliteJournal::open(&path)?;
/// assert!(SqliteJournal::open(&path).is_err());           // one writer
/// let beside = SqliteJournal::open_read_only(&path)?;     // any number of readers
/// assert_eq!(beside.head()?.position, Position::START);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    // The order matters when the journal is dropped: the writer's connection is to be the last
    // one on the file, since only it can fold the write-ahead log back in, and the lock must
    // outlive the writer.
    readers: Mutex<Vec<Connection>>,
    mode: Mode,
}

#[derive(Debug)]
enum Mode {
    Writing { writer: Writer, _lock: File },
    ReadingOnly,
}

impl SqliteJournal {
    /// Opens the journal at `path` for writing, and creates it if nothing is there.
    ///
    /// # Errors
    /// [`JournalError::Locked`] if another writer has it, [`JournalError::NotAJournal`] and
    /// [`JournalError::NewerSchema`] if it is not ours to write,
    /// [`JournalError::Damaged`] if its end is not as it was written (the whole chain is
    /// checked by whoever reads it), [`JournalError::Storage`] if the medium refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = file::absolute(path.as_ref())?;
        let lock = file::lock(&path)?;
        file::create_if_absent(&path)?;
        file::recognise(&path)?;
        let connection = file::connect_for_writing(&path)?;
        let head = Snapshot::of(&connection, &path)?.head()?;
        let writer = Writer::start(connection, path.clone(), head)?;
        let mode = Mode::Writing {
            writer,
            _lock: lock,
        };
        Ok(Self {
            path,
            readers: Mutex::default(),
            mode,
        })
    }

    /// Opens the journal at `path` for reading only; another process may be writing it.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], without the lock.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = file::absolute(path.as_ref())?;
        file::recognise(&path)?;
        let journal = Self {
            path,
            readers: Mutex::default(),
            mode: Mode::ReadingOnly,
        };
        journal.head()?;
        Ok(journal)
    }

    /// The file, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the writer has done since the journal was opened.
    pub fn statistics(&self) -> Statistics {
        match &self.mode {
            Mode::Writing { writer, .. } => writer.statistics(),
            Mode::ReadingOnly => Statistics::default(),
        }
    }

    /// Runs `question` on one consistent state of the file, on a connection of its own.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Snapshot<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let reading = match idle {
            Some(connection) => Reading::Live(connection),
            None => file::connect_for_reading(&self.path)?,
        };
        let answer = question(&Snapshot::of(reading.connection(), &self.path)?)?;
        // Kept, the other kind would go on to answer with what was there when it was made.
        if let Reading::Live(connection) = reading {
            self.readers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
        Ok(answer)
    }
}

impl Journal for SqliteJournal {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        append.check()?;
        match &self.mode {
            Mode::Writing { writer, .. } => writer.append(append),
            Mode::ReadingOnly => Err(JournalError::ReadOnly {
                medium: self.medium(),
            }),
        }
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.ask(|snapshot| snapshot.read(after, limit))
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method by its name is bound to one lifetime and does not compile"
    )]
    fn head(&self) -> Result<Head, JournalError> {
        self.ask(|snapshot| snapshot.head())
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        self.ask(|snapshot| snapshot.version(stream))
    }

    fn medium(&self) -> Medium {
        Medium::File(self.path.clone())
    }
}
