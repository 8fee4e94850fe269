//! What goes into a journal ([`Append`], [`NewEntry`]) and what comes out ([`Entry`]).
//! How entries hang together is said in `chain`.

use std::borrow::Cow;
use std::fmt;

use time::OffsetDateTime;

use crate::{Digest, Expected, JournalError, StreamName, Version};

/// The longest kind of an entry, in bytes.
pub const MAX_KIND: usize = 128;

/// The largest payload of an entry, in bytes (16 MiB): one entry must not be able to fill
/// the memory of everybody who replays the journal.
pub const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// The place of an entry in the journal's global order; the first entry is at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// The position of the `number`-th entry; 0 is [`Position::START`].
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The position after this one; `None` where the numbers end.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An entry that is not in the journal yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What is recorded: 1 to [`MAX_KIND`] bytes without control characters.
    pub kind: Cow<'static, str>,
    /// Its content, at most [`MAX_PAYLOAD`] bytes; the journal does not look into it.
    pub payload: Vec<u8>,
}

/// Entries for one stream that are recorded together: all of them or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The stream that they belong to.
    pub stream: StreamName,
    /// What the stream must look like for the append to hold.
    pub expected: Expected,
    /// When it was decided, by the clock of whoever decided; kept to the microsecond.
    pub recorded_at: OffsetDateTime,
    /// The entries, in order. An append without entries only checks `expected`.
    pub entries: Vec<NewEntry>,
}

impl Append {
    /// Refuses what no backend may store.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        self.entries.iter().try_for_each(NewEntry::check)
    }
}

impl NewEntry {
    fn check(&self) -> Result<(), JournalError> {
        let refuse = |problem| {
            Err(JournalError::Kind {
                given: self.kind.clone().into_owned(),
                problem,
            })
        };
        if self.kind.is_empty() {
            return refuse("it is empty".to_owned());
        }
        if self.kind.len() > MAX_KIND {
            return refuse(format!("it has {} bytes", self.kind.len()));
        }
        if let Some(control) = self.kind.chars().find(|character| character.is_control()) {
            return refuse(format!("{control:?} is a control character"));
        }
        if self.payload.len() > MAX_PAYLOAD {
            return Err(JournalError::PayloadTooLarge {
                kind: self.kind.clone().into_owned(),
                length: self.payload.len(),
            });
        }
        Ok(())
    }
}

/// An entry of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) position: Position,
    pub(crate) stream: StreamName,
    pub(crate) version: Version,
    pub(crate) recorded_at: OffsetDateTime,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) payload: Vec<u8>,
    pub(crate) previous: Digest,
    pub(crate) digest: Digest,
}

impl Entry {
    /// Its place in the global order.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The stream that it belongs to.
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// Its place in its stream; the first entry of a stream has version 1.
    pub fn version(&self) -> Version {
        self.version
    }

    /// When it was decided, in UTC and to the microsecond.
    pub fn recorded_at(&self) -> OffsetDateTime {
        self.recorded_at
    }

    /// What is recorded.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its content.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The digest of the entry before it; that of the first entry is a fixed one.
    pub fn previous(&self) -> Digest {
        self.previous
    }

    /// Its own digest, over everything else that it holds.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
