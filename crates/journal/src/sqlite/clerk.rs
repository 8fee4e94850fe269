//! The work of the writer thread. It runs every append that waits in one transaction, each in a
//! savepoint of its own so that one that fails does not spoil the others, commits once, and then
//! answers each caller: that is how concurrent callers share one sync of the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use rusqlite::{Connection, ErrorCode, Savepoint, Transaction, TransactionBehavior};

use super::writer::Counters;
use super::{file, row};
use crate::{Append, Damage, Entry, Head, JournalError, Medium};

/// How many appends may wait, and so how many one transaction takes at most.
pub(super) const QUEUE: usize = 1024;

/// What a caller gets for an append.
pub(super) type Answer = Result<Vec<Entry>, JournalError>;

/// Who does the writing, on the thread.
pub(super) struct Clerk {
    connection: Connection,
    path: PathBuf,
    /// The end of the journal after the last commit.
    head: Head,
    /// Why nothing more is written, once that is so.
    closed: Option<String>,
    counters: Arc<Counters>,
}

impl Clerk {
    pub(super) fn new(
        connection: Connection,
        path: PathBuf,
        head: Head,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            connection,
            path,
            head,
            closed: None,
            counters,
        }
    }

    /// Works until nobody can ask any more.
    pub(super) fn serve(&mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let mut batch = vec![first];
            match self.write(&mut batch, requests) {
                Ok(answers) => {
                    for (request, answer) in batch.into_iter().zip(answers) {
                        respond(&request, answer);
                    }
                }
                Err(error) => {
                    fill(&mut batch, requests);
                    for request in batch {
                        respond(&request, Err(error.clone()));
                    }
                }
            }
        }
    }

    /// Writes a batch; an error is the answer to all of it, and then nothing of it is stored.
    fn write(
        &mut self,
        batch: &mut Vec<Request>,
        requests: &Receiver<Request>,
    ) -> Result<Vec<Answer>, JournalError> {
        if let Some(reason) = &self.closed {
            return Err(closed(&self.path, reason));
        }
        let outcome = self.transact(batch, requests);
        if !self.connection.is_autocommit() {
            // The failed transaction could not be rolled back either.
            self.closed
                .get_or_insert_with(|| "a transaction could not be ended".to_owned());
        }
        outcome
    }

    fn transact(
        &mut self,
        batch: &mut Vec<Request>,
        requests: &Receiver<Request>,
    ) -> Result<Vec<Answer>, JournalError> {
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| file::fault(&self.path, "beginning a transaction", error))?;
        // Whoever came while SQLite was waiting for its lock comes along.
        fill(batch, requests);

        let stored = row::stored_head(&transaction, &self.path)?;
        if stored != self.head {
            let damage = Damage::Tail {
                head: self.head,
                last: stored,
            };
            return Err(row::damaged(&self.path, damage));
        }
        let mut head = self.head;
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch.iter() {
            let answer = write_one(&mut transaction, &self.path, head, &request.append);
            if transaction.is_autocommit() {
                // The medium is in such a state that SQLite has given up the transaction.
                return Err(answer.err().unwrap_or_else(|| {
                    closed(&self.path, "SQLite ended a transaction by itself")
                }));
            }
            head = answer
                .as_ref()
                .ok()
                .and_then(|entries| entries.last())
                .map_or(head, Head::at);
            answers.push(answer);
        }
        if head != self.head {
            row::record_head(&transaction, &head)
                .map_err(|error| file::fault(&self.path, "recording the head", error))?;
        }
        if let Err(error) = transaction.commit() {
            return Err(self.commit_failed(error));
        }
        self.head = head;
        self.counters.count(&answers);
        Ok(answers)
    }

    /// A commit that found no room or no lock has certainly not happened. After any other
    /// failure the disk may or may not hold it, and writing on could bury that.
    pub(super) fn commit_failed(&mut self, error: rusqlite::Error) -> JournalError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                file::fault(&self.path, "committing", error)
            }
            _ => {
                let reason = format!("a commit failed ({error})");
                closed(&self.path, self.closed.insert(reason))
            }
        }
    }
}

/// An append, and the way back to whoever waits for it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) append: Append,
    pub(super) answer: SyncSender<Answer>,
}

/// Writes one append behind `head`. Dropping the savepoint undoes what it did if it failed.
fn write_one(
    transaction: &mut Transaction<'_>,
    path: &Path,
    head: Head,
    append: &Append,
) -> Answer {
    let fault = |error| file::fault(path, "writing entries", error);
    let savepoint = transaction.savepoint().map_err(fault)?;
    let entries = write_entries(&savepoint, path, head, append)?;
    savepoint.commit().map_err(fault)?;
    Ok(entries)
}

fn write_entries(
    savepoint: &Savepoint<'_>,
    path: &Path,
    mut head: Head,
    append: &Append,
) -> Answer {
    let mut version = row::stored_version(savepoint, path, &append.stream)?;
    append.expected.check(&append.stream, version)?;
    let mut entries = Vec::with_capacity(append.entries.len());
    for new in &append.entries {
        let entry = head
            .link(&append.stream, version, append.recorded_at, new.clone())
            .filter(|entry| i64::try_from(entry.position.get().max(entry.version.get())).is_ok())
            .ok_or_else(|| JournalError::Exhausted {
                medium: Medium::File(path.to_owned()),
            })?;
        row::insert_entry(savepoint, &entry)
            .map_err(|error| file::fault(path, "writing an entry", error))?;
        head = Head::at(&entry);
        version = entry.version;
        entries.push(entry);
    }
    Ok(entries)
}

/// Takes along whoever waits by now.
fn fill(batch: &mut Vec<Request>, requests: &Receiver<Request>) {
    let room = QUEUE.saturating_sub(batch.len());
    batch.extend(requests.try_iter().take(room));
}

fn respond(request: &Request, answer: Answer) {
    // The channel holds one answer, so this never waits; a caller that is gone needs none.
    drop(request.answer.send(answer));
}

/// The error of a journal that takes no more appends.
pub(super) fn closed(path: &Path, reason: &str) -> JournalError {
    JournalError::Closed {
        medium: Medium::File(path.to_owned()),
        reason: reason.to_owned(),
    }
}
