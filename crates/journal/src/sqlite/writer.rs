//! The door to the writer thread: callers leave an append and wait for the answer. What the
//! thread does with it is in `clerk`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::clerk::{Answer, Clerk, QUEUE, Request, closed};
use crate::{Append, Head, JournalError, Medium};

/// The door to the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    // Emptied when the writer is dropped: a thread that nobody can ask any more ends.
    requests: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
    counters: Arc<Counters>,
}

/// What the writer has done since the journal was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Appends that were committed.
    pub appends: u64,
    /// Entries that were committed.
    pub entries: u64,
    /// Transactions that were committed, each with one sync of the disk.
    pub transactions: u64,
    /// Appends that callers are waiting for at this moment.
    pub waiting: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    appends: AtomicU64,
    entries: AtomicU64,
    transactions: AtomicU64,
    waiting: AtomicU64,
}

impl Writer {
    /// Starts the thread on a journal that ends with `head`.
    pub(super) fn start(
        connection: Connection,
        path: PathBuf,
        head: Head,
    ) -> Result<Self, JournalError> {
        let counters = Arc::new(Counters::default());
        let (sender, receiver) = sync_channel(QUEUE);
        let mut clerk = Clerk::new(connection, path.clone(), head, Arc::clone(&counters));
        let thread = thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || clerk.serve(&receiver))
            .map_err(|error| JournalError::Storage {
                medium: Medium::File(path.clone()),
                doing: "starting the writer thread",
                source: Arc::new(error),
            })?;
        Ok(Self {
            requests: Some(sender),
            thread: Some(thread),
            path,
            counters,
        })
    }

    /// Hands the append over and waits until it is durable or refused.
    pub(super) fn append(&self, append: Append) -> Answer {
        let (answer, answered) = sync_channel(1);
        self.counters.waiting.fetch_add(1, Ordering::SeqCst);
        let outcome = self
            .requests
            .as_ref()
            .and_then(|requests| requests.send(Request { append, answer }).ok())
            .and_then(|()| answered.recv().ok());
        self.counters.waiting.fetch_sub(1, Ordering::SeqCst);
        outcome.unwrap_or_else(|| Err(closed(&self.path, "its writer thread has ended")))
    }

    pub(super) fn statistics(&self) -> Statistics {
        Statistics {
            appends: self.counters.appends.load(Ordering::SeqCst),
            entries: self.counters.entries.load(Ordering::SeqCst),
            transactions: self.counters.transactions.load(Ordering::SeqCst),
            waiting: self.counters.waiting.load(Ordering::SeqCst),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was the answer to its callers already; there is nobody to tell here.
            drop(thread.join());
        }
    }
}

impl Counters {
    /// Counts one committed transaction.
    pub(super) fn count(&self, answers: &[Answer]) {
        let committed = || answers.iter().flatten();
        let add = |counter: &AtomicU64, number: usize| {
            counter.fetch_add(number as u64, Ordering::SeqCst);
        };
        add(&self.appends, committed().count());
        add(&self.entries, committed().map(Vec::len).sum());
        add(&self.transactions, 1);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use time::macros::datetime;

    use super::super::{file, row};
    use super::*;
    use crate::{Damage, Expected, NewEntry, StreamName, Version};

    struct World {
        folder: tempfile::TempDir,
        path: PathBuf,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            file::create_if_absent(&path).unwrap();
            Self { folder, path }
        }

        /// A writer whose connection was `prepared` for trouble.
        fn writer(&self, prepared: impl FnOnce(&Connection)) -> Writer {
            let connection = file::connect_for_writing(&self.path).unwrap();
            let head = row::stored_head(&connection, &self.path).unwrap();
            prepared(&connection);
            Writer::start(connection, self.path.clone(), head).unwrap()
        }

        fn entries(&self) -> i64 {
            assert!(self.folder.path().exists());
            file::connect_for_reading(&self.path)
                .unwrap()
                .connection()
                .query_row("SELECT COUNT(*) FROM journal_entry", [], |row| row.get(0))
                .unwrap()
        }
    }

    fn append(payloads: &[usize]) -> Append {
        Append {
            stream: StreamName::new("test").unwrap(),
            expected: Expected::Any,
            recorded_at: datetime!(2026-04-01 09:00 UTC),
            entries: payloads
                .iter()
                .map(|length| NewEntry {
                    kind: Cow::Borrowed("blob"),
                    payload: vec![7; *length],
                })
                .collect(),
        }
    }

    #[test]
    fn a_full_disk_refuses_an_append_whole_and_takes_the_next_one_that_fits() {
        let world = World::new();
        let writer = world.writer(|connection| {
            connection
                .pragma_update(None, "max_page_count", 40)
                .unwrap();
        });
        writer.append(append(&[100])).unwrap();

        let error = writer.append(append(&[100, 1_000_000])).unwrap_err();
        assert!(matches!(error, JournalError::Storage { .. }), "{error}");
        assert!(error.to_string().contains("full"), "{error}");
        assert_eq!(world.entries(), 1);

        let next = writer.append(append(&[100])).unwrap();
        assert_eq!(next[0].version(), Version::new(2));
        assert_eq!(world.entries(), 2);
    }

    #[test]
    fn a_foreign_tool_that_holds_the_file_delays_nobody_beyond_its_own_stay() {
        let world = World::new();
        let writer = world.writer(|connection| connection.busy_timeout(Duration::ZERO).unwrap());
        let foreign = Connection::open(&world.path).unwrap();
        foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = writer.append(append(&[1])).unwrap_err();
        assert!(matches!(
            error,
            JournalError::Storage {
                doing: "beginning a transaction",
                ..
            }
        ));
        foreign.execute_batch("ROLLBACK").unwrap();
        assert_eq!(writer.append(append(&[1])).unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_a_foreign_tool_appended_to_is_not_written_any_further() {
        let world = World::new();
        let writer = world.writer(|_| ());
        writer.append(append(&[1])).unwrap();
        let foreign = Connection::open(&world.path).unwrap();
        foreign
            .execute_batch("UPDATE journal_head SET position = 9")
            .unwrap();
        let error = writer.append(append(&[1])).unwrap_err();
        let JournalError::Damaged {
            damage: Damage::Tail { head, last },
            ..
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((head.position.get(), last.position.get()), (1, 9));
        assert_eq!(world.entries(), 1);
    }

    #[test]
    fn a_journal_that_was_closed_by_a_failed_commit_says_why() {
        let world = World::new();
        let connection = file::connect_for_writing(&world.path).unwrap();
        let mut clerk = Clerk::new(
            connection,
            world.path.clone(),
            Head::genesis(),
            Arc::default(),
        );
        let io = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
        let first = clerk.commit_failed(rusqlite::Error::SqliteFailure(io, None));
        assert!(matches!(first, JournalError::Closed { .. }), "{first}");

        let (answer, answered) = sync_channel(1);
        let (sender, receiver) = sync_channel(1);
        sender
            .send(Request {
                append: append(&[1]),
                answer,
            })
            .unwrap();
        drop(sender);
        clerk.serve(&receiver);
        let later = answered.recv().unwrap().unwrap_err();
        assert_eq!(later.to_string(), first.to_string());
        assert_eq!(world.entries(), 0);
    }

    #[test]
    fn what_waits_when_the_writer_is_dropped_is_written_and_answered() {
        let world = World::new();
        let writer = world.writer(|_| ());
        let answers: Vec<_> = (0..50)
            .map(|_| {
                let (answer, answered) = sync_channel(1);
                let request = Request {
                    append: append(&[1]),
                    answer,
                };
                writer.requests.as_ref().unwrap().send(request).unwrap();
                answered
            })
            .collect();
        drop(writer);
        for answered in answers {
            answered.recv().unwrap().unwrap();
        }
        assert_eq!(world.entries(), 50);
    }
}
