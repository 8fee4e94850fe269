//! The trait that all backends share. Typed records are laid over it in `durable`.

use std::sync::Arc;

use crate::{Append, Entry, Head, JournalError, Medium, Position, StreamName, Version};

/// An append-only record of entries in one global order.
///
/// Every method blocks; async callers go through a blocking thread.
pub trait Journal: Send + Sync {
    /// Appends all entries or none, and returns only when they are durable. Callers that
    /// wait at the same time share one write to the disk.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] if the stream is not as expected, otherwise why the
    /// entries could not be stored. After an error none of them is in the journal, with one
    /// exception that the message of [`JournalError::Closed`] names.
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError>;

    /// At most `limit` entries that follow `after`, in order. Every link of the chain from
    /// `after` on is checked, and a read that reaches the end is compared with the head.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] names the first entry that is not as it was written.
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError>;

    /// The last entry's position and digest.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if the last entry and the recorded head disagree.
    fn head(&self) -> Result<Head, JournalError>;

    /// The version of a stream, [`Version::NONE`] if nothing was ever appended to it.
    ///
    /// # Errors
    /// Whatever keeps the backend from reading.
    fn version(&self, stream: &StreamName) -> Result<Version, JournalError>;

    /// Where the entries are, for messages.
    fn medium(&self) -> Medium {
        Medium::Unnamed
    }
}

macro_rules! journal_behind_a_pointer {
    ($($pointer:ty),+) => {$(
        impl<J: Journal + ?Sized> Journal for $pointer {
            fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
                (**self).append(append)
            }

            fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
                (**self).read(after, limit)
            }

            fn head(&self) -> Result<Head, JournalError> {
                (**self).head()
            }

            fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
                (**self).version(stream)
            }

            fn medium(&self) -> Medium {
                (**self).medium()
            }
        }
    )+};
}

journal_behind_a_pointer!(&J, Box<J>, Arc<J>);
