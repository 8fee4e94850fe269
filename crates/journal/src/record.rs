//! What can be recorded: the border between a domain's events and a journal's bytes.

use std::borrow::Cow;

/// Something that can be recorded in a journal and read back.
///
/// `decode(&record.kind(), &record.encode())` must give back an equal record. Old entries
/// stay for ever, so a kind that was once written must remain readable.
pub trait Record: Sized {
    /// What kind of record it is: a short, stable name. See
    /// [`NewEntry::kind`](crate::NewEntry::kind) for its bounds.
    fn kind(&self) -> Cow<'static, str>;

    /// Its content as bytes, without secrets.
    fn encode(&self) -> Vec<u8>;

    /// Reads a record back.
    ///
    /// # Errors
    /// [`DecodeError`] if the kind is unknown or the payload does not fit it.
    fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError>;
}

/// A record that holds others, which are recorded with it: many at the price of one entry.
pub trait Block: Record {
    /// What it holds.
    type Member;

    /// All that it holds, in order.
    ///
    /// # Errors
    /// [`DecodeError`] if one of them cannot be read.
    fn into_members(self) -> Result<Vec<Self::Member>, DecodeError>;

    /// The one with this index; `None` if it holds fewer. A block that finds one without reading
    /// the others says how.
    ///
    /// # Errors
    /// [`DecodeError`] if it cannot be read.
    fn into_member(self, index: usize) -> Result<Option<Self::Member>, DecodeError> {
        Ok(self.into_members()?.into_iter().nth(index))
    }
}

/// Why an entry cannot be read back as a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    message: String,
}

impl DecodeError {
    /// A reason, in words that go on from "the entry cannot be read: …".
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// The reason.
    pub fn message(&self) -> &str {
        &self.message
    }
}
