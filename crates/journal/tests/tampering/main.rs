//! What somebody or something does to the file of a journal, and what the journal says about it.

#![cfg(feature = "sqlite")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod bytes;
mod rows;

use std::borrow::Cow;
use std::path::PathBuf;

use rusqlite::Connection;
use sealbank_journal::{
    Append, Damage, Expected, Journal, JournalError, NewEntry, Position, SqliteJournal, StreamName,
    verify,
};
use tempfile::TempDir;
use time::macros::datetime;

const ENTRIES: u64 = 6;

struct World {
    folder: TempDir,
    path: PathBuf,
}

impl World {
    /// A journal of six entries in two streams, whole and with nobody writing it.
    fn new() -> Self {
        let world = Self::without_entries();
        let journal = SqliteJournal::open(&world.path).unwrap();
        for number in 0..ENTRIES {
            let name = if number % 2 == 0 { "bank" } else { "ca" };
            journal.append(one(name, number)).unwrap();
        }
        world
    }

    fn without_entries() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bank.journal");
        Self { folder, path }
    }

    fn sql(&self, statements: &str) {
        Connection::open(&self.path)
            .unwrap()
            .execute_batch(statements)
            .unwrap();
    }

    /// What opening, and then reading everything, finds.
    fn find(&self) -> JournalError {
        let examined =
            SqliteJournal::open_read_only(&self.path).and_then(|journal| verify(&journal));
        let read_only = examined.expect_err("the damage must be found");
        let opened = SqliteJournal::open(&self.path).and_then(|journal| {
            let mut reached = Position::START;
            while let Some(last) = journal.read(reached, 2)?.last() {
                reached = last.position();
            }
            Ok(())
        });
        let writing = opened.expect_err("a reader in small steps must find it too");
        assert_eq!(
            std::mem::discriminant(&read_only),
            std::mem::discriminant(&writing),
            "{read_only}\n{writing}",
        );
        read_only
    }

    fn damage(&self) -> (Damage, String) {
        match self.find() {
            JournalError::Damaged { damage, medium } => {
                let message = JournalError::Damaged {
                    damage: damage.clone(),
                    medium,
                }
                .to_string();
                assert!(
                    message.contains(&self.path.display().to_string()),
                    "{message}"
                );
                assert!(message.contains("go on from a backup"), "{message}");
                (damage, message)
            }
            other => panic!("{other}"),
        }
    }
}

fn one(name: &str, number: u64) -> Append {
    Append {
        stream: StreamName::new(name).unwrap(),
        expected: Expected::Any,
        recorded_at: datetime!(2026-04-01 09:00 UTC),
        entries: vec![NewEntry {
            kind: Cow::Borrowed("noted"),
            payload: format!("number {number}").into_bytes(),
        }],
    }
}
