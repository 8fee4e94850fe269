//! Typed records over a journal: [`commit`] writes them, [`replay`] reads them back, and both
//! hand out [`Durable`]s, which nobody else can make.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::ops::Deref;

use time::OffsetDateTime;

use crate::{
    Append, Block, DecodeError, Entry, Expected, Journal, JournalError, NewEntry, Position, Record,
    StreamName, Version,
};

/// How many entries a replay fetches at a time: few enough that large ones fit in memory.
const BLOCK: usize = 64;

/// A record that is in a journal: the permission to act on it.
///
/// Only [`commit`] and [`replay`] make one. There is no constructor,
///
/// ```compile_fail,E0451
/// # use sealbank_journal::{Durable, Position, Version};
/// # use time::OffsetDateTime;
/// fn forge(now: OffsetDateTime) -> Durable<&'static str> {
///     Durable { value: "a draft", position: Position::new(1), version: Version::new(1), recorded_at: now }
/// }
/// ```
///
/// none that anybody else may call,
///
/// ```compile_fail,E0624
/// # use sealbank_journal::{Durable, Entry};
/// fn forge(entry: &Entry) -> Durable<&'static str> { Durable::new("a draft", entry) }
/// ```
///
/// no conversion,
///
/// ```compile_fail,E0277
/// # use sealbank_journal::Durable;
/// let forged: Durable<&str> = "a draft".into();
/// ```
///
/// and what is recorded cannot be changed afterwards:
///
/// ```compile_fail,E0594
/// # use sealbank_journal::Durable;
/// fn rewrite(recorded: &mut Durable<u32>) { **recorded = 7; }
/// ```
///
/// What it holds can be read freely:
///
/// ```
/// # use sealbank_journal::Durable;
/// fn sign(draft: &Durable<String>) -> usize { draft.len() }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durable<T> {
    value: T,
    position: Position,
    version: Version,
    recorded_at: OffsetDateTime,
}

impl<T> Durable<T> {
    /// The record itself; the proof that it is recorded is given up.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Where in the journal it is.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Its stream's version with it as the last entry: what the next append expects.
    pub fn version(&self) -> Version {
        self.version
    }

    /// When it was decided, in UTC and to the microsecond.
    pub fn recorded_at(&self) -> OffsetDateTime {
        self.recorded_at
    }

    fn new(value: T, entry: &Entry) -> Self {
        Self {
            value,
            position: entry.position,
            version: entry.version,
            recorded_at: entry.recorded_at,
        }
    }
}

impl<B: Block> Durable<B> {
    /// The records inside a recorded block; each is as durable as the block.
    ///
    /// # Errors
    /// [`DecodeError`] if one of them cannot be read.
    pub fn into_members(self) -> Result<Vec<Durable<B::Member>>, DecodeError> {
        let (position, version, recorded_at) = (self.position, self.version, self.recorded_at);
        let members = self.value.into_members()?.into_iter();
        Ok(members
            .map(|value| Durable {
                value,
                position,
                version,
                recorded_at,
            })
            .collect())
    }
}

impl<T> Deref for Durable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Records `records` together, all or none, and returns them when they are durable.
///
/// # Errors
/// As [`Journal::append`].
pub fn commit<T: Record>(
    journal: &dyn Journal,
    stream: &StreamName,
    expected: Expected,
    recorded_at: OffsetDateTime,
    records: Vec<T>,
) -> Result<Vec<Durable<T>>, JournalError> {
    let entries = records
        .iter()
        .map(|record| NewEntry {
            kind: record.kind(),
            payload: record.encode(),
        })
        .collect();
    let append = Append {
        stream: stream.clone(),
        expected,
        recorded_at,
        entries,
    };
    let recorded = journal.append(append)?;
    Ok(records
        .into_iter()
        .zip(&recorded)
        .map(|(record, entry)| Durable::new(record, entry))
        .collect())
}

/// Reads back the one record at `position`; `None` if there is none, or one of another stream.
///
/// # Errors
/// As [`Journal::read`]; [`JournalError::Decode`] if it cannot be read as such a record.
pub fn recall<T: Record>(
    journal: &dyn Journal,
    stream: &StreamName,
    position: Position,
) -> Result<Option<Durable<T>>, JournalError> {
    let Some(before) = position.get().checked_sub(1) else {
        return Ok(None);
    };
    let entries = journal.read(Position::new(before), 1)?;
    let found = entries.iter().find(|entry| entry.stream == *stream);
    found
        .map(|entry| Ok(Durable::new(decode(journal, entry)?, entry)))
        .transpose()
}

/// Reads back, in order, all records of the streams that `streams` picks.
///
/// Entries are fetched in blocks and the chain is checked over all of them, the ones that are
/// not picked included. The replay ends with the first error, and otherwise with the last entry
/// that is there when it arrives.
pub fn replay<T: Record>(
    journal: &dyn Journal,
    streams: impl Fn(&StreamName) -> bool,
) -> impl Iterator<Item = Result<(Entry, Durable<T>), JournalError>> {
    Replay {
        journal,
        streams,
        block: VecDeque::new(),
        progress: Progress::After(Position::START),
        record: PhantomData,
    }
}

struct Replay<'a, T, F> {
    journal: &'a dyn Journal,
    streams: F,
    block: VecDeque<Entry>,
    progress: Progress,
    record: PhantomData<fn() -> T>,
}

enum Progress {
    /// Everything up to here was fetched.
    After(Position),
    Ended,
}

impl<T, F> Replay<'_, T, F>
where
    T: Record,
    F: Fn(&StreamName) -> bool,
{
    /// The next entry of any stream.
    fn next_entry(&mut self) -> Result<Option<Entry>, JournalError> {
        if self.block.is_empty()
            && let Progress::After(position) = self.progress
        {
            self.block = self.journal.read(position, BLOCK)?.into();
            self.progress = self
                .block
                .back()
                .map_or(Progress::Ended, |last| Progress::After(last.position));
        }
        Ok(self.block.pop_front())
    }

    fn next_picked(&mut self) -> Result<Option<(Entry, Durable<T>)>, JournalError> {
        while let Some(entry) = self.next_entry()? {
            if (self.streams)(&entry.stream) {
                let value = decode(self.journal, &entry)?;
                let durable = Durable::new(value, &entry);
                return Ok(Some((entry, durable)));
            }
        }
        Ok(None)
    }
}

impl<T, F> Iterator for Replay<'_, T, F>
where
    T: Record,
    F: Fn(&StreamName) -> bool,
{
    type Item = Result<(Entry, Durable<T>), JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_picked();
        if next.is_err() {
            // Nothing after a break can be trusted.
            self.block.clear();
            self.progress = Progress::Ended;
        }
        next.transpose()
    }
}

fn decode<T: Record>(journal: &dyn Journal, entry: &Entry) -> Result<T, JournalError> {
    T::decode(&entry.kind, &entry.payload).map_err(|source| JournalError::Decode {
        medium: journal.medium(),
        position: entry.position,
        stream: entry.stream.clone(),
        kind: entry.kind.clone().into_owned(),
        source,
    })
}
