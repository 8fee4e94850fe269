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

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn two_entries() -> [Entry; 2] {
        let stream = StreamName::new("test").unwrap();
        let new = |payload: &[u8]| NewEntry {
            kind: Cow::Borrowed("k"),
            payload: payload.to_vec(),
        };
        let at = datetime!(2026-04-01 09:00 UTC);
        let first = Head::genesis()
            .link(&stream, Version::NONE, at, new(b"one"))
            .unwrap();
        let second = Head::at(&first)
            .link(&stream, first.version, at, new(b"two"))
            .unwrap();
        [first, second]
    }

    #[test]
    fn the_digest_of_a_known_entry_never_changes() {
        // Computed apart from this code, from the field list at the head of this file.
        let [first, _] = two_entries();
        assert_eq!(
            first.digest.to_string(),
            "cb658f92522eaf56ecf101c00d2a961b37cd5f4f2d5c47b7bf62980e275f24d5"
        );
    }

    #[test]
    fn every_field_is_covered_by_the_digest() {
        let [first, second] = two_entries();
        let later = second.recorded_at + time::Duration::MICROSECOND;
        let changed = [
            (
                "stream",
                Entry {
                    stream: StreamName::new("tesu").unwrap(),
                    ..second.clone()
                },
            ),
            (
                "version",
                Entry {
                    version: Version::new(3),
                    ..second.clone()
                },
            ),
            (
                "recorded_at",
                Entry {
                    recorded_at: later,
                    ..second.clone()
                },
            ),
            (
                "kind",
                Entry {
                    kind: Cow::Borrowed("l"),
                    ..second.clone()
                },
            ),
            (
                "payload",
                Entry {
                    payload: b"twp".to_vec(),
                    ..second.clone()
                },
            ),
            (
                "previous",
                Entry {
                    previous: Digest::of(b"another"),
                    ..second.clone()
                },
            ),
        ];
        for (field, entry) in changed {
            let damage = Head::at(&first).follow(&entry).unwrap_err();
            assert!(
                matches!(damage, Damage::Altered { .. }),
                "{field}: {damage}"
            );
        }
        let moved = Entry {
            position: Position::new(3),
            ..second
        };
        let after_two = Head {
            position: Position::new(2),
            digest: first.digest,
        };
        let damage = after_two.follow(&moved).unwrap_err();
        assert!(
            matches!(damage, Damage::Altered { .. }),
            "position: {damage}"
        );
    }

    #[test]
    fn an_entry_that_is_whole_but_follows_another_one_is_unlinked() {
        let [first, second] = two_entries();
        let elsewhere = Head {
            position: first.position,
            digest: Digest::of(b"another"),
        };
        assert_eq!(
            elsewhere.follow(&second),
            Err(Damage::Unlinked {
                position: second.position,
                expected: elsewhere.digest,
                recorded: first.digest,
            }),
        );
        assert_eq!(Head::at(&first).follow(&second), Ok(Head::at(&second)));
    }

    #[test]
    fn positions_and_versions_end_where_the_numbers_end() {
        let stream = StreamName::new("test").unwrap();
        let new = || NewEntry {
            kind: Cow::Borrowed("k"),
            payload: Vec::new(),
        };
        let at = datetime!(2026-04-01 09:00 UTC);
        let last = Head {
            position: Position::new(u64::MAX),
            digest: Digest::of(b""),
        };
        assert_eq!(last.link(&stream, Version::NONE, at, new()), None);
        assert_eq!(
            Head::genesis().link(&stream, Version::new(u64::MAX), at, new()),
            None
        );
    }

    proptest! {
        #[test]
        fn every_time_is_kept_to_the_microsecond(seconds in -377_705_116_800_i64..=253_402_300_799, nanoseconds in 0_i64..1_000_000_000) {
            let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap()
                + time::Duration::nanoseconds(nanoseconds);
            let kept = whole_microseconds(at);
            prop_assert!(kept <= at && at - kept < time::Duration::MICROSECOND);
            prop_assert_eq!(from_microseconds(microseconds(kept)), Some(kept));
        }
    }

    #[test]
    fn a_number_that_is_no_time_is_none() {
        assert_eq!(from_microseconds(i64::MAX), None);
        assert_eq!(from_microseconds(i64::MIN), None);
    }
}
