//! The chain: how an entry's digest is made, how the next entry is linked on, and how a link
//! is checked. Both backends and the audit use these same few lines.
//!
//! The digest of an entry is SHA-256 over these fields, each preceded by its length in bytes as
//! 8 bytes big-endian:
//!
//! 1. the purpose, [`PURPOSE`];
//! 2. the digest of the entry before, 32 bytes; for the first entry that of [`GENESIS`];
//! 3. position, 8 bytes big-endian;
//! 4. stream, UTF-8;
//! 5. version, 8 bytes big-endian;
//! 6. recorded at, microseconds since 1970-01-01 UTC, 8 bytes two's complement big-endian;
//! 7. kind, UTF-8;
//! 8. payload.

use std::fmt;
use std::sync::LazyLock;

use time::OffsetDateTime;

use crate::digest::FieldDigest;
use crate::{Damage, Digest, Entry, NewEntry, Position, StreamName, Version};

const PURPOSE: &[u8] = b"sealbank journal entry 1";
const GENESIS: &[u8] = b"sealbank journal genesis 1";

static GENESIS_DIGEST: LazyLock<Digest> = LazyLock::new(|| Digest::of(GENESIS));

/// The end of a journal: everything up to it is fixed by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry's position, [`Position::START`] if there is none.
    pub position: Position,
    /// The last entry's digest; that of an empty journal is a fixed one.
    pub digest: Digest,
}

impl Head {
    /// The head of a journal without entries.
    pub fn genesis() -> Self {
        Self {
            position: Position::START,
            digest: *GENESIS_DIGEST,
        }
    }

    /// The head of a journal that ends with `entry`.
    pub(crate) fn at(entry: &Entry) -> Self {
        Self {
            position: entry.position,
            digest: entry.digest,
        }
    }

    /// Makes the entry that follows this head; `None` where the numbers end.
    pub(crate) fn link(
        &self,
        stream: &StreamName,
        before: Version,
        recorded_at: OffsetDateTime,
        new: NewEntry,
    ) -> Option<Entry> {
        let mut entry = Entry {
            position: self.position.next()?,
            stream: stream.clone(),
            version: before.next()?,
            recorded_at: whole_microseconds(recorded_at),
            kind: new.kind,
            payload: new.payload,
            previous: self.digest,
            digest: self.digest,
        };
        entry.digest = digest_of(&entry);
        Some(entry)
    }

    /// Checks that `entry` follows this head, and gives the head after it.
    pub(crate) fn follow(&self, entry: &Entry) -> Result<Self, Damage> {
        let expected = Position::new(self.position.get().saturating_add(1));
        if entry.position != expected {
            return Err(Damage::Missing {
                expected,
                found: entry.position,
            });
        }
        let computed = digest_of(entry);
        if computed != entry.digest {
            return Err(Damage::Altered {
                position: entry.position,
                recorded: entry.digest,
                computed,
            });
        }
        if entry.previous != self.digest {
            return Err(Damage::Unlinked {
                position: entry.position,
                expected: self.digest,
                recorded: entry.previous,
            });
        }
        Ok(Self::at(entry))
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} with digest {}", self.position, self.digest)
    }
}

/// The time as it is stored: microseconds since 1970-01-01 UTC. That is the resolution of
/// PostgreSQL, and 64 bits hold every year that `OffsetDateTime` can name.
pub(crate) fn microseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000))
        .expect("64 bits of microseconds reach 292,000 years")
}

/// The time that was stored as `microseconds`; `None` if there is no such time.
pub(crate) fn from_microseconds(microseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000).ok()
}

fn whole_microseconds(at: OffsetDateTime) -> OffsetDateTime {
    from_microseconds(microseconds(at)).expect("rounding down stays within the years of `at`")
}

fn digest_of(entry: &Entry) -> Digest {
    FieldDigest::new(PURPOSE)
        .field(entry.previous.as_bytes())
        .field(&entry.position.get().to_be_bytes())
        .field(entry.stream.as_str().as_bytes())
        .field(&entry.version.get().to_be_bytes())
        .field(&microseconds(entry.recorded_at).to_be_bytes())
        .field(entry.kind.as_bytes())
        .field(&entry.payload)
        .finish()
}
