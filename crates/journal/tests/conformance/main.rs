//! What every journal does, asked of each backend in turn.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod entries;
mod records;

use std::borrow::Cow;

use sealbank_journal::{Append, Expected, Journal, MemoryJournal, NewEntry, StreamName, Version};
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-04-01 09:00:00.123456789 +9);

/// Runs `subject` on an empty journal of every backend.
fn on_every_backend(subject: impl Fn(&str, &dyn Journal)) {
    subject("memory", &MemoryJournal::new());
    #[cfg(feature = "sqlite")]
    {
        let folder = tempfile::tempdir().unwrap();
        let journal = sealbank_journal::SqliteJournal::open(folder.path().join("journal")).unwrap();
        subject("sqlite", &journal);
    }
}

fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

fn append(name: &str, expected: Expected, entries: &[(&str, &[u8])]) -> Append {
    Append {
        stream: stream(name),
        expected,
        recorded_at: NOW,
        entries: entries
            .iter()
            .map(|(kind, payload)| NewEntry {
                kind: Cow::Owned((*kind).to_owned()),
                payload: payload.to_vec(),
            })
            .collect(),
    }
}

fn exactly(version: u64) -> Expected {
    Expected::Exactly(Version::new(version))
}
