//! 暗証番号: PINs as they are typed, chosen and kept.
//!
//! A PIN is kept only as an Argon2id hash (RFC 9106); it is never printed, logged or serialised.
//! Counting wrong ones belongs to [`crate::member`].

use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::settings::PinFormat;

/// A PIN as somebody typed it into a door; not necessarily one of the bank's format.
#[derive(Debug, Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Takes what was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(SecretString::from(typed))
    }
}

/// A PIN that somebody chose and that satisfies the bank's format (setting `pin_format`).
#[derive(Debug, Clone)]
pub struct NewPin(SecretString);

/// Why a chosen PIN is not accepted; never repeats the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinFormatError {
    /// Too short or too long, in characters.
    #[error("a PIN has {min} to {max} characters, this one has {found}")]
    Length {
        /// Fewest characters.
        min: u8,
        /// Most characters.
        max: u8,
        /// Characters found.
        found: usize,
    },
    /// A character that is not a half-width letter, digit or allowed symbol.
    #[error(
        "a PIN is made of half-width letters, digits and the symbols {symbols}; character {position} is none of them"
    )]
    Character {
        /// The allowed symbols.
        symbols: &'static str,
        /// The first offending character, counted from 1.
        position: usize,
    },
    /// Only letters or only digits.
    #[error("a PIN mixes letters and digits")]
    NotMixed,
}

impl NewPin {
    /// Checks a chosen PIN against the bank's format.
    ///
    /// # Errors
    /// [`PinFormatError`] names what is wrong without repeating the PIN.
    ///
    /// ```
    /// use sealbank_bank::{NewPin, Settings};
    /// let format = Settings::default().pin_format;
    /// assert!(NewPin::parse("Test0001", &format).is_ok());
    /// assert!(NewPin::parse("123456", &format).is_err());
    /// ```
    pub fn parse(chosen: &str, format: &PinFormat) -> Result<Self, PinFormatError> {
        let found = chosen.chars().count();
        if !(usize::from(format.min)..=usize::from(format.max)).contains(&found) {
            return Err(PinFormatError::Length {
                min: format.min,
                max: format.max,
                found,
            });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || PinFormat::SYMBOLS.contains(c);
        if let Some(index) = chosen.chars().position(|c| !allowed(c)) {
            return Err(PinFormatError::Character {
                symbols: PinFormat::SYMBOLS,
                position: index + 1,
            });
        }
        let letters = chosen.chars().any(|c| c.is_ascii_alphabetic());
        let digits = chosen.chars().any(|c| c.is_ascii_digit());
        if !(letters && digits) {
            return Err(PinFormatError::NotMixed);
        }
        Ok(Self(SecretString::from(chosen)))
    }
}

/// What Argon2id costs (RFC 9106, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinCost {
    /// Memory in KiB, at least 8.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub iterations: u32,
}

impl PinCost {
    /// OWASP's first choice for Argon2id: 19 MiB, two passes.
    pub const STRONG: Self = Self {
        memory_kib: 19 * 1024,
        iterations: 2,
    };
    /// The least that Argon2 allows: for scenarios and tests, where PINs are dummies.
    pub const LIGHT: Self = Self {
        memory_kib: 8,
        iterations: 1,
    };

    fn argon2(self) -> Option<Argon2<'static>> {
        let params = Params::new(self.memory_kib, self.iterations, 1, Some(HASH_BYTES)).ok()?;
        Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

const HASH_BYTES: usize = 32;

/// A PIN as the bank keeps it: salted and hashed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinHash {
    cost: PinCost,
    salt: [u8; 16],
    hash: [u8; HASH_BYTES],
}

/// Argon2 can't be run at this cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Argon2 can't run with {} KiB of memory and {} passes; give at least 8 KiB and 1 pass", .0.memory_kib, .0.iterations)]
pub struct PinCostError(pub PinCost);

impl PinHash {
    /// Hashes a chosen PIN with a salt that the caller drew from the operating system.
    ///
    /// # Errors
    /// [`PinCostError`] when Argon2 doesn't run at that cost.
    pub fn new(pin: &NewPin, salt: [u8; 16], cost: PinCost) -> Result<Self, PinCostError> {
        let hash = derive(pin.0.expose_secret(), &salt, cost).ok_or(PinCostError(cost))?;
        Ok(Self { cost, salt, hash })
    }

    /// What stands where there is no PIN: `salt` and `hash` that the caller drew from the operating system. Looking at it
    /// takes as long as with somebody's, and nothing that is typed fits it.
    ///
    /// # Errors
    /// [`PinCostError`] when Argon2 doesn't run at that cost.
    pub fn of_nobody(salt: [u8; 16], hash: [u8; 32], cost: PinCost) -> Result<Self, PinCostError> {
        cost.argon2().ok_or(PinCostError(cost))?;
        Ok(Self { cost, salt, hash })
    }

    /// Whether `typed` is this PIN; compared in constant time.
    #[must_use]
    pub fn verify(&self, typed: &Pin) -> bool {
        // A cost that can't be run (only in a journal from elsewhere) fits no PIN.
        derive(typed.0.expose_secret(), &self.salt, self.cost)
            .is_some_and(|hash| hash.ct_eq(&self.hash).into())
    }
}

impl std::fmt::Debug for PinHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinHash(..)")
    }
}

fn derive(secret: &str, salt: &[u8], cost: PinCost) -> Option<[u8; HASH_BYTES]> {
    let mut hash = [0; HASH_BYTES];
    cost.argon2()?
        .hash_password_into(secret.as_bytes(), salt, &mut hash)
        .ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn chosen_pins_follow_the_bank_format() {
        let format = Settings::default().pin_format;
        for good in ["Test0001", "abc123", "Abcdef123456", "a1-._`"] {
            assert!(NewPin::parse(good, &format).is_ok(), "{good}");
        }
        for bad in [
            "123456",
            "abcdef",
            "ab123",
            "Abcdef1234567",
            "ｔｅｓｔ０１",
            "Test000 ",
            "a1b2c3\u{0}",
            "",
        ] {
            assert!(NewPin::parse(bad, &format).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hash_fits_its_pin_and_no_other() {
        let pin = NewPin::parse("Test0001", &Settings::default().pin_format).unwrap();
        let hash = PinHash::new(&pin, [7; 16], PinCost::LIGHT).unwrap();
        assert!(hash.verify(&Pin::new("Test0001")));
        for wrong in ["test0001", "Test0001 ", "", "Test0002"] {
            assert!(!hash.verify(&Pin::new(wrong)), "{wrong}");
        }
    }

    #[test]
    fn nothing_fits_the_hash_of_nobody() {
        let nobody = PinHash::of_nobody([7; 16], [9; HASH_BYTES], PinCost::LIGHT).unwrap();
        for typed in ["Test0001", ""] {
            assert!(!nobody.verify(&Pin::new(typed)), "{typed}");
        }
        let impossible = PinCost {
            memory_kib: 0,
            iterations: 0,
        };
        assert!(PinHash::of_nobody([7; 16], [9; HASH_BYTES], impossible).is_err());
    }

    #[test]
    fn no_debug_output_shows_a_pin() {
        let pin = NewPin::parse("Test0001", &Settings::default().pin_format).unwrap();
        let hash = PinHash::new(&pin, [7; 16], PinCost::LIGHT).unwrap();
        let shown = format!("{:?} {:?} {:?}", pin, Pin::new("Test0001"), hash);
        assert!(!shown.contains("Test0001"), "{shown}");
    }

    #[test]
    fn an_impossible_cost_is_an_error_not_a_panic() {
        let pin = NewPin::parse("Test0001", &Settings::default().pin_format).unwrap();
        assert!(
            PinHash::new(
                &pin,
                [7; 16],
                PinCost {
                    memory_kib: 0,
                    iterations: 0
                }
            )
            .is_err()
        );
    }
}
