//! One entry of the input, as it is read: the bytes of a request and what is wished for it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::ca::subject::SubjectParts;

/// An entry of the input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) origin: Origin,
    /// Whatever NDJSON says that it is known by; it comes back with the outcome.
    pub(super) id: Option<Value>,
    /// A request, or something else that the CA will refuse.
    pub(super) bytes: Vec<u8>,
    /// What is wished for it; or why there is no request in it that could be certified.
    pub(super) wish: Result<Wish, Fault>,
}

/// What NDJSON wishes for a request; other input wishes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Wish {
    pub(super) subject: Option<SubjectParts>,
    pub(super) days: Option<u32>,
}

/// Where an entry stands in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Origin {
    /// The line that it begins in, from 1.
    Line(u64),
    /// The file of a directory.
    File(String),
}

/// Why an entry is rejected before the CA sees a request in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// In stable kebab-case, like the CA's own.
    pub(super) code: &'static str,
    pub(super) reason: String,
}

impl Entry {
    /// An entry without a wish.
    pub(super) fn plain(origin: Origin, bytes: Vec<u8>) -> Self {
        Self {
            origin,
            id: None,
            bytes,
            wish: Ok(Wish::default()),
        }
    }

    /// Bytes that the CA puts on record as refused: they are those of the entry, behind words which keep them from
    /// being taken for a request.
    pub(super) fn into_refusable(self) -> Vec<u8> {
        [b"not a request: ".as_slice(), &self.bytes].concat()
    }
}

impl Fault {
    pub(super) fn new(code: &'static str, reason: impl fmt::Display) -> Self {
        Self {
            code,
            reason: reason.to_string(),
        }
    }
}

impl Origin {
    /// The file's name without its ending.
    pub(super) fn stem(&self) -> Option<&str> {
        match self {
            Self::Line(_) => None,
            Self::File(name) => match name.rsplit_once('.') {
                Some((stem, _)) if !stem.is_empty() => Some(stem),
                _ => Some(name),
            },
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::File(name) => f.write_str(name),
        }
    }
}
