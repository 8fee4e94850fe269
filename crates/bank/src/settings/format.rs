//! What identifiers and PINs look like.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The format of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdFormat {
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
    /// Which characters.
    pub characters: Characters,
}

/// The characters of an identifier; always half-width, never a space, so that a common name stays injective (V10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// 0 to 9.
    Digits,
    /// Letters and digits.
    Alphanumeric,
}

impl fmt::Display for IdFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = match self.characters {
            Characters::Digits => "half-width digits",
            Characters::Alphanumeric => "half-width letters or digits",
        };
        if self.min == self.max {
            write!(f, "{} {characters}", self.min)
        } else {
            write!(f, "{} to {} {characters}", self.min, self.max)
        }
    }
}

/// The format of a chosen PIN: letters and digits mixed, with some symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinFormat {
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
}

impl PinFormat {
    /// The symbols that a PIN may hold beside letters and digits (S-Oka169).
    pub const SYMBOLS: &'static str = "().-/{}`:,#<>*%@+;=?_";
}
