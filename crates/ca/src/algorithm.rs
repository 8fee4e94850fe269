//! The kinds of key that are known here, for requesters and for the authority itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::der::{self, tag};
use crate::{CaError, oid};

/// The kinds of key, for requesters and for the authority itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyAlgorithm {
    /// ECDSA over NIST P-256 (RFC 5480).
    P256,
    /// ECDSA over NIST P-384 (RFC 5480).
    P384,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSA with a modulus of 2048 bits (RFC 3279).
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    Rsa4096,
}

impl KeyAlgorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::P256,
        Self::P384,
        Self::Ed25519,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
    ];

    /// The name that [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
        }
    }

    /// The `AlgorithmIdentifier` of the signatures that the authority makes with such a key.
    pub(crate) fn signature_identifier(self) -> Vec<u8> {
        let oid = |content: &[u8]| der::wrap(tag::OID, &[content]);
        match self {
            Self::P256 => der::wrap(tag::SEQUENCE, &[&oid(oid::ECDSA_SHA256)]),
            Self::P384 => der::wrap(tag::SEQUENCE, &[&oid(oid::ECDSA_SHA384)]),
            Self::Ed25519 => der::wrap(tag::SEQUENCE, &[&oid(oid::ED25519)]),
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                der::wrap(tag::SEQUENCE, &[&oid(oid::RSA_SHA256), &[tag::NULL, 0]])
            }
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = CaError;

    fn from_str(text: &str) -> Result<Self, CaError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or_else(|| CaError::KeyAlgorithm {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_read_by_its_name() {
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(
                algorithm.to_string().parse::<KeyAlgorithm>().unwrap(),
                algorithm
            );
        }
        assert!("p521".parse::<KeyAlgorithm>().is_err());
    }
}
