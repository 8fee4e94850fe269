//! Typed records over a journal: [`commit`] writes them, [`replay`] reads them back, and both
//! hand out [`Durable`]s, which nobody else can make.

use std::collections::VecDeque;
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
/// Only [`commit`] and the replays ([`replay`], [`replay_all`], [`recall`]) make one. There is no constructor,
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
    /// The one record with this index inside a recorded block; `None` if there are fewer.
    ///
    /// # Errors
    /// [`DecodeError`] if it cannot be read.
    pub fn into_member(self, index: usize) -> Result<Option<Durable<B::Member>>, DecodeError> {
        let (position, version, recorded_at) = (self.position, self.version, self.recorded_at);
        let member = self.value.into_member(index)?;
        Ok(member.map(|value| Durable {
            value,
            position,
            version,
            recorded_at,
        }))
    }

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
    let mut entries = replay_all(journal);
    let next = move || {
        while let Some(entry) = entries.next_entry()? {
            if streams(&entry.entry.stream) {
                let durable = entry.read()?;
                return Ok(Some((entry.entry, durable)));
            }
        }
        Ok(None)
    };
    until_an_error(next)
}

/// Reads back, in order, all entries of all streams, each to be taken as the record that it is: for
/// whoever rebuilds what several kinds of record say in one walk.
///
/// Entries are fetched, and the replay ends, as with [`replay`].
///
/// ```
/// # use std::borrow::Cow;
/// # use sealbank_journal::{DecodeError, Expected, MemoryJournal, Record, StreamName, commit, replay_all};
/// # use time::macros::datetime;
/// # struct Door;
/// # impl Record for Door {
/// #     fn kind(&self) -> Cow<'static, str> { Cow::Borrowed("door-opened") }
/// #     fn encode(&self) -> Vec<u8> { Vec::new() }
/// #     fn decode(_: &str, _: &[u8]) -> Result<Self, DecodeError> { Ok(Door) }
/// # }
/// # let (journal, front) = (MemoryJournal::new(), StreamName::new("door/front")?);
/// # commit(&journal, &front, Expected::Any, datetime!(2026-04-01 09:00 UTC), vec![Door])?;
/// let mut opened = 0;
/// for step in replay_all(&journal) {
///     let replayed = step?;
///     match replayed.entry().stream().as_str() {
///         "door/front" => opened += u32::from(replayed.read::<Door>().is_ok()),
///         _ => {}
///     }
/// }
/// assert_eq!(opened, 1);
/// # Ok::<(), sealbank_journal::JournalError>(())
/// ```
pub fn replay_all(journal: &dyn Journal) -> ReplayAll<'_> {
    ReplayAll {
        journal,
        block: VecDeque::new(),
        progress: Progress::After(Position::START),
    }
}

/// The entries of [`replay_all`].
pub struct ReplayAll<'a> {
    journal: &'a dyn Journal,
    block: VecDeque<Entry>,
    progress: Progress,
}

/// An entry that was read back.
pub struct Replayed<'a> {
    journal: &'a dyn Journal,
    entry: Entry,
}

impl Replayed<'_> {
    /// The entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The record that the entry is.
    ///
    /// # Errors
    /// [`JournalError::Decode`] if it cannot be read as such a record.
    pub fn read<T: Record>(&self) -> Result<Durable<T>, JournalError> {
        Ok(Durable::new(
            decode(self.journal, &self.entry)?,
            &self.entry,
        ))
    }
}

impl std::fmt::Debug for Replayed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Replayed").field(&self.entry).finish()
    }
}

impl std::fmt::Debug for ReplayAll<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplayAll").finish_non_exhaustive()
    }
}

enum Progress {
    /// Everything up to here was fetched.
    After(Position),
    Ended,
}

impl<'a> ReplayAll<'a> {
    /// The next entry of any stream.
    fn next_entry(&mut self) -> Result<Option<Replayed<'a>>, JournalError> {
        if self.block.is_empty()
            && let Progress::After(position) = self.progress
        {
            self.block = self.journal.read(position, BLOCK)?.into();
            self.progress = self
                .block
                .back()
                .map_or(Progress::Ended, |last| Progress::After(last.position));
        }
        let journal = self.journal;
        let entry = self.block.pop_front();
        Ok(entry.map(|entry| Replayed { journal, entry }))
    }
}

impl<'a> Iterator for ReplayAll<'a> {
    type Item = Result<Replayed<'a>, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_entry();
        if next.is_err() {
            // Nothing after a break can be trusted.
            self.progress = Progress::Ended;
        }
        next.transpose()
    }
}

/// Nothing after a break can be trusted.
fn until_an_error<T>(
    mut next: impl FnMut() -> Result<Option<T>, JournalError>,
) -> impl Iterator<Item = Result<T, JournalError>> {
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let next = next().transpose();
        ended = !matches!(next, Some(Ok(_)));
        next
    })
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
