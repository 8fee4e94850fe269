//! Serial numbers (RFC 5280 section 4.1.2.2): where they come from and how they are written.
//! That no serial is used twice is seen to by `books`.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::{CaError, hex};

/// A serial number of this authority: 16 octets, positive, 126 random bits.
///
/// The first octet is 40 to 7f. So it is positive, has no leading zero to lose on its way through
/// an INTEGER, is well below the 20 octets that RFC 5280 allows, and always prints as 32 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial([u8; 16]);

impl Serial {
    /// A serial from the operating system's randomness; derived from nothing.
    ///
    /// # Errors
    /// [`CaError::Randomness`] where the system has none.
    pub fn random() -> Result<Self, CaError> {
        let mut octets = [0; 16];
        SystemRandom::new()
            .fill(&mut octets)
            .map_err(|_| CaError::Randomness)?;
        octets[0] = octets[0] & 0x7f | 0x40;
        Ok(Self(octets))
    }

    /// The serial of the certificate with this index in a block: the block's prefix, the index, and
    /// 64 bits of its own. Distinct by construction wherever prefixes are, and it leads to its
    /// record without an index of serials.
    pub(crate) fn in_block(prefix: SerialPrefix, index: u16, random: [u8; 8]) -> Self {
        let mut octets = [0; 16];
        octets[..6].copy_from_slice(&prefix.0);
        octets[6..8].copy_from_slice(&index.to_be_bytes());
        octets[8..].copy_from_slice(&random);
        Self(octets)
    }

    /// The first octets: what the serials of one block share.
    pub(crate) fn prefix(&self) -> SerialPrefix {
        SerialPrefix(self.0[..6].try_into().expect("the slice has 6 octets"))
    }

    /// The index in its block, if it is of a block.
    pub(crate) fn index(&self) -> u16 {
        u16::from_be_bytes([self.0[6], self.0[7]])
    }

    /// The serial of a certificate, from the octets of its INTEGER.
    ///
    /// # Errors
    /// [`CaError::Serial`] for a number that this authority cannot have given.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, CaError> {
        let refuse = |problem| CaError::Serial {
            text: hex::encode(octets),
            problem,
        };
        let serial: [u8; 16] = octets
            .try_into()
            .map_err(|_| refuse("it has 16 octets, 32 digits"))?;
        match serial[0] {
            0x40..=0x7f => Ok(Self(serial)),
            _ => Err(refuse("its first octet is 40 to 7f")),
        }
    }

    /// The octets of the INTEGER, most significant first.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The first six octets of the serials of one block, 46 bits of them random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SerialPrefix(pub(crate) [u8; 6]);

impl SerialPrefix {
    /// All serials that begin so lie between these two, both included.
    pub(crate) fn bounds(self) -> (Serial, Serial) {
        (
            Serial::in_block(self, 0, [0; 8]),
            Serial::in_block(self, u16::MAX, [0xff; 8]),
        )
    }
}

impl FromStr for Serial {
    type Err = CaError;

    /// Reads 32 hexadecimal digits, small or capital, with or without colons between the octets.
    fn from_str(text: &str) -> Result<Self, CaError> {
        let digits = text.replace(':', "").to_ascii_lowercase();
        let octets = hex::decode(&digits).ok_or(CaError::Serial {
            text: text.to_owned(),
            problem: "it is not hexadecimal",
        })?;
        Self::from_bytes(&octets)
    }
}

impl TryFrom<String> for Serial {
    type Error = CaError;

    fn try_from(text: String) -> Result<Self, CaError> {
        text.parse()
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.to_string()
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn serials_are_positive_and_do_not_repeat() {
        let serials: BTreeSet<_> = (0..1000).map(|_| Serial::random().unwrap()).collect();
        assert_eq!(serials.len(), 1000);
        assert!(
            serials
                .iter()
                .all(|serial| (0x40..=0x7f).contains(&serial.as_bytes()[0]))
        );
        // Were any octet fixed, a thousand serials would show it.
        for octet in 0..16 {
            let values: BTreeSet<_> = serials.iter().map(|serial| serial.0[octet]).collect();
            assert!(
                values.len() > 32,
                "octet {octet} takes {} values",
                values.len()
            );
        }
    }

    #[test]
    fn a_serial_is_read_as_people_write_it() {
        let serial = Serial::random().unwrap();
        let plain = serial.to_string();
        let colons = plain
            .as_bytes()
            .chunks(2)
            .map(|pair| str::from_utf8(pair).unwrap());
        let colons = colons.collect::<Vec<_>>().join(":").to_uppercase();
        for text in [&plain, &colons] {
            assert_eq!(text.parse::<Serial>().unwrap(), serial);
        }
    }

    #[test]
    fn a_number_of_another_authority_is_not_a_serial() {
        for text in [
            "",
            "00",
            "-1",
            "zz",
            "8f000000000000000000000000000000",
            "4f",
        ] {
            assert!(text.parse::<Serial>().is_err(), "{text:?}");
        }
    }
}
