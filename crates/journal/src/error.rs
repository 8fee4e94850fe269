//! What can go wrong with a journal: where, what, and how to mend it. The ways of being
//! damaged are in `damage`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::{Damage, DecodeError, MAX_KIND, MAX_PAYLOAD, Position, StreamName, Version};

/// The engine's own error below one of ours; shared, because one failed commit is the answer
/// to every caller of its batch.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Where a journal's entries are; prints as the subject of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Medium {
    /// A backend that does not say.
    Unnamed,
    /// In the memory of this process.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("the journal"),
            Self::Memory => f.write_str("the journal in memory"),
            Self::File(path) => write!(f, "the journal file {}", path.display()),
        }
    }
}

/// Why a journal did not do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A stream cannot be called so.
    #[error(
        "{:?} cannot be the name of a stream: {problem}; use 1 to {} characters out of a-z 0-9 / _ . : -",
        Excerpt(given),
        StreamName::MAX_LENGTH
    )]
    StreamName {
        /// The name.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An entry cannot be of this kind.
    #[error(
        "{:?} cannot be the kind of an entry: {problem}; use 1 to {MAX_KIND} bytes without control characters",
        Excerpt(given)
    )]
    Kind {
        /// The kind.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An entry is larger than any entry may be.
    #[error(
        "an entry of kind {kind} has {length} bytes of payload; at most {MAX_PAYLOAD} are allowed, so split it"
    )]
    PayloadTooLarge {
        /// The entry's kind.
        kind: String,
        /// Its length in bytes.
        length: usize,
    },
    /// Somebody else appended to the stream since the decision was made.
    #[error(
        "stream {stream} is at version {found}, not at {expected} as expected; read it again and decide anew"
    )]
    Conflict {
        /// The stream.
        stream: StreamName,
        /// The version that the append was made for.
        expected: Version,
        /// The version that the stream has.
        found: Version,
    },
    /// The journal is not as it was written.
    #[error(
        "{medium} is damaged: {damage}. Keep it for examination and go on from a backup; do not edit it"
    )]
    Damaged {
        /// Where.
        medium: Medium,
        /// The first thing that is wrong.
        damage: Damage,
    },
    /// An entry is whole, but does not mean anything to whoever reads it.
    #[error(
        "{medium}: entry {position} (kind {kind}, stream {stream}) cannot be read: {source}; it was probably written by another version of the program"
    )]
    Decode {
        /// Where.
        medium: Medium,
        /// The entry.
        position: Position,
        /// Its stream.
        stream: StreamName,
        /// Its kind.
        kind: String,
        /// What its reader says.
        source: DecodeError,
    },
    /// Somebody else has the file open for writing.
    #[error("the journal file {} is being written by another process, which holds {}; stop that process, or open the journal for reading only", path.display(), lock.display())]
    Locked {
        /// The journal.
        path: PathBuf,
        /// The lock that the writer holds.
        lock: PathBuf,
    },
    /// An append to a journal that was opened for reading only.
    #[error("{medium} was opened for reading only; open it for writing to append")]
    ReadOnly {
        /// Where.
        medium: Medium,
    },
    /// There is something at the path, but it is not a journal; it is left as it is.
    #[error("{} is not a journal: {found}; name another path, or restore the journal from a backup", path.display())]
    NotAJournal {
        /// The path.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The file was written by a newer program.
    #[error("the journal file {} has schema version {found}, but this program knows versions up to {supported}; use the program that wrote it, or a newer one", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        supported: i64,
    },
    /// The positions or versions are used up.
    #[error("{medium} can number no more entries; begin a new one")]
    Exhausted {
        /// Where.
        medium: Medium,
    },
    /// The medium refused. Nothing of the request was stored, and the journal stays usable.
    #[error(
        "{medium}: {doing} failed: {source}; see to the disk (space, permissions, health) and try again"
    )]
    Storage {
        /// Where.
        medium: Medium,
        /// What was being done.
        doing: &'static str,
        /// The medium's own words.
        source: Cause,
    },
    /// The journal takes no more appends, because it cannot know any longer what is on the disk.
    /// An append that was under way is recorded either whole or not at all: opening the journal
    /// again shows which.
    #[error(
        "{medium} is closed for writing: {reason}; see to the disk, then open it again and replay it to learn what was recorded"
    )]
    Closed {
        /// Where.
        medium: Medium,
        /// What happened.
        reason: String,
    },
}

/// The beginning of a text that a stranger may have made very long.
struct Excerpt<'a>(&'a str);

impl fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    #[test]
    fn a_very_long_name_does_not_flood_the_message() {
        let message = StreamName::new(&"取".repeat(100_000))
            .unwrap_err()
            .to_string();
        assert!(message.chars().count() < 250, "{message}");
        assert!(message.contains('…'), "{message}");
    }

    #[test]
    fn every_error_says_where_what_and_how_to_mend_it() {
        let stream = || StreamName::new("bank").expect("a good name");
        let medium = || Medium::File(PathBuf::from("/var/bank.journal"));
        let path = || PathBuf::from("/var/bank.journal");
        let errors = [
            StreamName::new("銀行").unwrap_err(),
            JournalError::Kind {
                given: String::new(),
                problem: "it is empty".to_owned(),
            },
            JournalError::PayloadTooLarge {
                kind: "draft".to_owned(),
                length: 16_777_217,
            },
            JournalError::Conflict {
                stream: stream(),
                expected: Version::new(4),
                found: Version::new(6),
            },
            JournalError::Damaged {
                medium: medium(),
                damage: Damage::Altered {
                    position: Position::new(3),
                    recorded: Digest::of(b"recorded"),
                    computed: Digest::of(b"computed"),
                },
            },
            JournalError::Decode {
                medium: Medium::Memory,
                position: Position::new(3),
                stream: stream(),
                kind: "song".to_owned(),
                source: DecodeError::new("\"song\" is not an event of the bank"),
            },
            JournalError::Locked {
                path: path(),
                lock: PathBuf::from("/var/bank.journal.lock"),
            },
            JournalError::ReadOnly { medium: medium() },
            JournalError::NotAJournal {
                path: path(),
                found: "it is a folder".to_owned(),
            },
            JournalError::NewerSchema {
                path: path(),
                found: 2,
                supported: 1,
            },
            JournalError::Exhausted {
                medium: Medium::Unnamed,
            },
            JournalError::Storage {
                medium: medium(),
                doing: "committing",
                source: Arc::new(std::io::Error::other("database or disk is full")),
            },
            JournalError::Closed {
                medium: medium(),
                reason: "a commit failed".to_owned(),
            },
        ];
        let messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(messages.join("\n"));
    }
}
