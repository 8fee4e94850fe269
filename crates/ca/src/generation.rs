//! The generations of the issuing authority, by number.

use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

/// Which generation of the issuing authority: 1 since its founding, one more with each renewal.
///
/// Each has a name, a key and a revocation list of its own. New certificates come from the newest
/// alone; the older ones go on signing lists of what they had signed.
///
/// ```
/// use sealbank_ca::Generation;
///
/// assert_eq!(Generation::FIRST.to_string(), "G1");
/// assert_eq!(Generation::new(2).map(Generation::number), Some(2));
/// assert_eq!(Generation::new(0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(NonZeroU16);

impl Generation {
    /// That of the founding.
    pub const FIRST: Self = Self(NonZeroU16::MIN);

    /// The one with this number; `None` for 0.
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// Its number, from 1.
    pub fn number(self) -> u16 {
        self.0.get()
    }

    /// Its place in a row of all of them.
    pub(crate) fn index(self) -> usize {
        usize::from(self.number()) - 1
    }

    /// All of them, oldest first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=u16::MAX).filter_map(Self::new)
    }
}

impl fmt::Display for Generation {
    /// As it stands in the authority's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G{}", self.0)
    }
}
