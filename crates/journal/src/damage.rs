//! The ways in which a journal can fail to be what was written. Finding them is the work of
//! `chain` and of the backends.

use crate::{Digest, Head, Position, StreamName, Version};

/// The first thing that is wrong in a damaged journal, with the values that disagree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// An entry is not where it should be: deleted, or moved.
    #[error("entry {expected} is missing; the next one that is there is {found}")]
    Missing {
        /// The position that should come next.
        expected: Position,
        /// The position that comes next.
        found: Position,
    },
    /// An entry's content is not what its digest says.
    #[error(
        "entry {position} was altered: its digest is recorded as {recorded}, its content gives {computed}"
    )]
    Altered {
        /// The entry.
        position: Position,
        /// The digest that is stored with it.
        recorded: Digest,
        /// The digest of its content.
        computed: Digest,
    },
    /// An entry is whole but does not follow the one before it.
    #[error(
        "entry {position} does not follow the one before: it says that the digest before it is {recorded}, but that is {expected}"
    )]
    Unlinked {
        /// The entry.
        position: Position,
        /// The digest of the entry before it.
        expected: Digest,
        /// The digest that it names as the one before.
        recorded: Digest,
    },
    /// An entry is not the next one of its stream.
    #[error(
        "entry {position} says that it is number {found} of stream {stream}, but number {expected} is due"
    )]
    StreamOrder {
        /// The entry.
        position: Position,
        /// Its stream.
        stream: StreamName,
        /// The version that is due.
        expected: Version,
        /// The version that it has.
        found: Version,
    },
    /// The entries do not end where the head says: a tail was cut off, or added.
    #[error("the last entry is {last}, but the recorded head is {head}")]
    Tail {
        /// The head that is recorded beside the entries, or remembered elsewhere.
        head: Head,
        /// The last entry that is there, or the one at the head's position.
        last: Head,
    },
    /// A value cannot be what was written: of another type, out of range, not text.
    #[error("{place}: column {column} holds a value that was never written there: {problem}")]
    Value {
        /// The entry or table.
        place: String,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The storage engine itself cannot read on.
    #[error("what follows entry {after} cannot be read: {problem}")]
    Unreadable {
        /// The last entry that could be read.
        after: Position,
        /// The engine's words.
        problem: String,
    },
}
