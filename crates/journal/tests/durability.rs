//! One writer, many callers, many readers, and a process that dies without warning.

#![cfg(feature = "sqlite")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

use std::borrow::Cow;
use std::env;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rusqlite::Connection;
use sealbank_journal::{
    Append, Expected, Journal, JournalError, NewEntry, Position, SqliteJournal, StreamName,
    Version, verify,
};
use time::macros::datetime;

fn append(name: &str, expected: Expected, payload: &[u8]) -> Append {
    Append {
        stream: StreamName::new(name).unwrap(),
        expected,
        recorded_at: datetime!(2026-04-01 09:00 UTC),
        entries: vec![NewEntry {
            kind: Cow::Borrowed("noted"),
            payload: payload.to_vec(),
        }],
    }
}

#[test]
fn callers_who_wait_together_share_a_transaction_and_one_refusal_spoils_nobody() {
    const CALLERS: u64 = 24;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = SqliteJournal::open(&path).unwrap();

    // While somebody else holds the file everybody has to wait, and so comes together.
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let journal = &journal;
                scope.spawn(move || {
                    // Every sixth caller expects a history that is not there.
                    let expected = Version::new(u64::from(caller % 6 == 0));
                    let name = format!("caller/{caller}");
                    journal
                        .append(append(&name, Expected::Exactly(expected), b""))
                        .is_err()
                })
            })
            .collect();
        while journal.statistics().waiting < CALLERS {
            thread::yield_now();
        }
        holder.execute_batch("ROLLBACK").unwrap();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .filter(|refused| *refused)
            .count()
    });

    assert_eq!(refused, 4);
    let statistics = journal.statistics();
    assert_eq!(
        (statistics.appends, statistics.entries, statistics.waiting),
        (20, 20, 0)
    );
    assert!(statistics.transactions <= 2, "{statistics:?}");
    assert_eq!(verify(&journal).unwrap().entries, 20);
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone_and_readers_never_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let writer = SqliteJournal::open(&path).unwrap();

    let error = SqliteJournal::open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("journal.lock") && message.contains("reading only"),
        "{message}"
    );

    let reader = SqliteJournal::open_read_only(&path).unwrap();
    let written = writer.append(append("a", Expected::Any, b"1")).unwrap();
    assert_eq!(reader.read(Position::START, 9).unwrap(), written);
    let error = reader.append(append("a", Expected::Any, b"2")).unwrap_err();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error}");

    drop(writer);
    let next = SqliteJournal::open(&path).unwrap();
    next.append(append("a", Expected::Exactly(Version::new(1)), b"2"))
        .unwrap();
    assert_eq!(reader.head().unwrap().position, Position::new(2));
}

#[test]
fn readers_see_a_sound_journal_at_every_moment_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let writer = SqliteJournal::open(&path).unwrap();
    let reader = SqliteJournal::open_read_only(&path).unwrap();
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 0..100_u8 {
                writer
                    .append(append("a", Expected::Any, &[number]))
                    .unwrap();
            }
        });
        while !writing.is_finished() {
            verify(&reader).unwrap();
            writer.head().unwrap();
        }
    });
    assert_eq!(verify(&reader).unwrap().entries, 100);
}

#[test]
fn the_last_holder_of_a_shared_journal_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(&path).unwrap());
    let other = Arc::clone(&journal);
    drop(journal);
    other.append(append("a", Expected::Any, b"")).unwrap();
    drop(other);
    assert_eq!(
        verify(&SqliteJournal::open(&path).unwrap())
            .unwrap()
            .entries,
        1
    );
    let log = folder.path().join("journal-wal");
    drop(SqliteJournal::open(&path).unwrap());
    assert!(!log.exists(), "a closed journal is one file");
}

/// Names the journal that the dying process is to write; it is this test again.
const DYING: &str = "SEALBANK_JOURNAL_TEST_DYING";

#[test]
fn what_was_acknowledged_survives_a_process_that_dies_at_once() {
    if let Some(path) = env::var_os(DYING) {
        die_after_some_acknowledgements(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "what_was_acknowledged_survives_a_process_that_dies_at_once",
            "--exact",
            "--nocapture",
        ])
        .env(DYING, &path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let acknowledged = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.starts_with("acknowledged "))
        .count();
    assert_eq!(acknowledged, 20, "{output:?}");

    let journal = SqliteJournal::open(&path).unwrap();
    let payloads: Vec<_> = journal
        .read(Position::START, 100)
        .unwrap()
        .iter()
        .filter(|entry| entry.stream().as_str() == "acknowledged")
        .map(|entry| entry.payload()[0])
        .collect();
    assert_eq!(payloads, (0..20).collect::<Vec<u8>>());
    verify(&journal).unwrap();
}

/// Dies in the middle of other appends, without closing anything.
fn die_after_some_acknowledgements(path: &Path) -> ! {
    let journal = Arc::new(SqliteJournal::open(path).unwrap());
    let busy = Arc::clone(&journal);
    thread::spawn(move || {
        while busy
            .append(append("busy", Expected::Any, &[0; 5_000]))
            .is_ok()
        {}
    });
    let mut out = std::io::stdout();
    for number in 0..20_u8 {
        journal
            .append(append("acknowledged", Expected::Any, &[number]))
            .unwrap();
        writeln!(out, "\nacknowledged {number}").unwrap();
        out.flush().unwrap();
    }
    std::process::abort()
}
