//! Streams: how they are called, how many entries they hold, and what an append expects of
//! them. The entries themselves are in `entry`.

use std::fmt;

use crate::JournalError;

/// The name of a stream: 1 to 128 characters out of `a-z`, `0-9`, `/`, `_`, `.`, `:` and `-`.
///
/// The alphabet is small so that a name reads the same in a file, a query and a log line.
///
/// ```
/// use sealbank_journal::StreamName;
/// assert!(StreamName::new("bank/99990000001").is_ok());
/// assert!(StreamName::new("Bank").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(String);

impl StreamName {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Parses a name.
    ///
    /// # Errors
    /// [`JournalError::StreamName`] if it is empty, too long or holds another character.
    pub fn new(name: &str) -> Result<Self, JournalError> {
        let refuse = |problem| JournalError::StreamName {
            given: name.to_owned(),
            problem,
        };
        if name.is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        if let Some(foreign) = name.chars().find(|character| !is_allowed(*character)) {
            return Err(refuse(format!("{foreign:?} is not allowed")));
        }
        if name.len() > Self::MAX_LENGTH {
            return Err(refuse(format!("it has {} characters", name.len())));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for StreamName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for StreamName {
    type Err = JournalError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

fn is_allowed(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '/' | '_' | '.' | ':' | '-')
}

/// How many entries a stream holds; for an entry, the how-manyth of its stream it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of a stream that holds nothing.
    pub const NONE: Self = Self(0);

    /// The version of a stream with that many entries.
    pub const fn new(entries: u64) -> Self {
        Self(entries)
    }

    /// The number of entries.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version after one more entry; `None` where the numbers end.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an append expects of its stream (optimistic concurrency).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: append whatever the stream holds by now.
    Any,
    /// The stream is at exactly this version, the one that the decision was made on.
    Exactly(Version),
}

impl Expected {
    /// Compares the expectation with what the stream holds.
    pub(crate) fn check(self, stream: &StreamName, found: Version) -> Result<(), JournalError> {
        match self {
            Self::Exactly(expected) if expected != found => Err(JournalError::Conflict {
                stream: stream.clone(),
                expected,
                found,
            }),
            Self::Any | Self::Exactly(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_1_to_128_characters_of_a_small_alphabet() {
        let longest = "a".repeat(128);
        for good in [
            "a",
            "bank",
            "ca/root",
            "user:99990000001.keiri_01-x",
            &longest,
        ] {
            assert_eq!(StreamName::new(good).unwrap().as_str(), good);
        }
        let too_long = "a".repeat(129);
        let cases = [
            ("", "it is empty"),
            (too_long.as_str(), "it has 129 characters"),
            ("Bank", "'B' is not allowed"),
            ("a b", "' ' is not allowed"),
            ("銀行", "'銀' is not allowed"),
            ("a\0", "'\\0' is not allowed"),
            ("a'; drop table entry; --", "'\\'' is not allowed"),
        ];
        for (bad, why) in cases {
            let message = StreamName::new(bad).unwrap_err().to_string();
            assert!(message.contains(why), "{bad:?}: {message}");
        }
    }

    #[test]
    fn versions_end_where_the_numbers_end() {
        assert_eq!(Version::NONE.next(), Some(Version::new(1)));
        assert_eq!(Version::new(u64::MAX).next(), None);
    }
}
