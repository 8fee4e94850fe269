//! The audit of a whole journal: every link from the first entry to the head, whatever the
//! backend. What the entries mean is for others to audit.

use std::collections::BTreeMap;

use crate::{Damage, Entry, Head, Journal, JournalError, StreamName, Version};

/// Few enough that large entries fit in memory.
const BLOCK: usize = 64;

/// What a successful verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The number of entries, all of them checked.
    pub entries: u64,
    /// The end of the journal when the verification began. Remember it elsewhere, and
    /// [`verify_against`] can tell later whether anything up to it was replaced.
    pub head: Head,
}

/// Checks every entry from the first to the head: the content against its digest, the digest
/// against the entry before, the version against its stream, and the end against the head.
///
/// Entries that are appended meanwhile are left to the next verification.
///
/// # Errors
/// [`JournalError::Damaged`] names the first entry that breaks; otherwise what kept the
/// backend from reading.
///
/// ```
/// use sealbank_journal::{MemoryJournal, verify};
/// assert_eq!(verify(&MemoryJournal::new())?.entries, 0);
/// # Ok::<(), sealbank_journal::JournalError>(())
/// ```
pub fn verify(journal: &dyn Journal) -> Result<Verified, JournalError> {
    Verification::new(journal, journal.head()?).run(None)
}

/// As [`verify`], and the journal must still contain the `remembered` head: this notices what a
/// chain alone cannot, an older copy or one that was rebuilt from the first entry on.
///
/// # Errors
/// As [`verify`]; [`Damage::Tail`] if the remembered head is not in the journal.
pub fn verify_against(journal: &dyn Journal, remembered: Head) -> Result<Verified, JournalError> {
    Verification::new(journal, journal.head()?).run(Some(remembered))
}

struct Verification<'a> {
    journal: &'a dyn Journal,
    end: Head,
    reached: Head,
    versions: BTreeMap<StreamName, Version>,
}

impl<'a> Verification<'a> {
    fn new(journal: &'a dyn Journal, end: Head) -> Self {
        Self {
            journal,
            end,
            reached: Head::genesis(),
            versions: BTreeMap::new(),
        }
    }

    fn run(mut self, remembered: Option<Head>) -> Result<Verified, JournalError> {
        let end = self.end;
        self.meet(remembered)?;
        while self.reached.position < end.position {
            let block = self.journal.read(self.reached.position, BLOCK)?;
            if block.is_empty() {
                break;
            }
            for entry in block
                .iter()
                .take_while(|entry| entry.position <= end.position)
            {
                self.check(entry).map_err(|damage| self.damaged(damage))?;
                self.meet(remembered)?;
            }
        }
        if self.reached != end {
            return Err(self.damaged(Damage::Tail {
                head: end,
                last: self.reached,
            }));
        }
        if let Some(head) = remembered.filter(|head| head.position > end.position) {
            return Err(self.damaged(Damage::Tail { head, last: end }));
        }
        Ok(Verified {
            entries: end.position.get(),
            head: end,
        })
    }

    fn check(&mut self, entry: &Entry) -> Result<(), Damage> {
        self.reached = self.reached.follow(entry)?;
        let version = self
            .versions
            .entry(entry.stream.clone())
            .or_insert(Version::NONE);
        let expected = Version::new(version.get().saturating_add(1));
        if entry.version != expected {
            return Err(Damage::StreamOrder {
                position: entry.position,
                stream: entry.stream.clone(),
                expected,
                found: entry.version,
            });
        }
        *version = expected;
        Ok(())
    }

    /// Where the remembered head's position is reached, its digest must be met too.
    fn meet(&self, remembered: Option<Head>) -> Result<(), JournalError> {
        match remembered {
            Some(head) if head.position == self.reached.position && head != self.reached => {
                Err(self.damaged(Damage::Tail {
                    head,
                    last: self.reached,
                }))
            }
            _ => Ok(()),
        }
    }

    fn damaged(&self, damage: Damage) -> JournalError {
        JournalError::Damaged {
            medium: self.journal.medium(),
            damage,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use time::macros::datetime;

    use super::*;
    use crate::{Append, NewEntry, Position};

    /// A backend that hands out these entries as they are, without looking at them.
    struct Careless {
        entries: Vec<Entry>,
        head: Head,
    }

    impl Careless {
        /// Entries that are linked to each other, with these versions of one stream.
        fn with_versions(versions: &[u64]) -> Self {
            let stream = StreamName::new("test").unwrap();
            let mut head = Head::genesis();
            let entries = versions
                .iter()
                .map(|version| {
                    let new = NewEntry {
                        kind: Cow::Borrowed("k"),
                        payload: Vec::new(),
                    };
                    let before = Version::new(version - 1);
                    let at = datetime!(2026-04-01 09:00 UTC);
                    let entry = head.link(&stream, before, at, new).unwrap();
                    head = Head::at(&entry);
                    entry
                })
                .collect();
            Self { entries, head }
        }

        fn damage(&self) -> Damage {
            match verify(self).unwrap_err() {
                JournalError::Damaged { damage, .. } => damage,
                other => panic!("{other}"),
            }
        }
    }

    impl Journal for Careless {
        fn append(&self, _: Append) -> Result<Vec<Entry>, JournalError> {
            Err(JournalError::ReadOnly {
                medium: self.medium(),
            })
        }

        fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
            let after = usize::try_from(after.get()).unwrap();
            Ok(self
                .entries
                .iter()
                .skip(after)
                .take(limit)
                .cloned()
                .collect())
        }

        fn head(&self) -> Result<Head, JournalError> {
            Ok(self.head)
        }

        fn version(&self, _: &StreamName) -> Result<Version, JournalError> {
            Ok(Version::NONE)
        }
    }

    #[test]
    fn a_sound_chain_with_a_repeated_or_skipped_version_is_damaged() {
        assert_eq!(
            verify(&Careless::with_versions(&[1, 2, 3]))
                .unwrap()
                .entries,
            3
        );
        for (versions, position, expected, found) in [
            ([1, 2, 2], 3, 3, 2),
            ([1, 3, 4], 2, 2, 3),
            ([2, 3, 4], 1, 1, 2),
        ] {
            let due = Damage::StreamOrder {
                position: Position::new(position),
                stream: StreamName::new("test").unwrap(),
                expected: Version::new(expected),
                found: Version::new(found),
            };
            assert_eq!(Careless::with_versions(&versions).damage(), due);
        }
    }

    #[test]
    fn a_backend_cannot_hide_a_missing_tail_or_a_wrong_head() {
        let mut shortened = Careless::with_versions(&[1, 2, 3]);
        let last = shortened.entries.pop().unwrap();
        let reached = Head::at(&shortened.entries[1]);
        assert_eq!(
            shortened.damage(),
            Damage::Tail {
                head: Head::at(&last),
                last: reached
            }
        );

        let mut misled = Careless::with_versions(&[1, 2, 3]);
        misled.head.digest = crate::Digest::of(b"another");
        let due = Damage::Tail {
            head: misled.head,
            last: Head::at(&misled.entries[2]),
        };
        assert_eq!(misled.damage(), due);
    }
}
