//! The authority's private keys: a trait that an HSM can stand behind, and the key in software.
//! Where keys are kept is left to `keystore`.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::der::{self, tag};
use crate::{CaError, KeyAlgorithm, PublicKey, oid};

/// A private key that signs certificates and revocation lists.
///
/// P-256 signs with SHA-256, P-384 with SHA-384, RSA with SHA-256 and PKCS #1 v1.5.
pub trait SigningKey: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The signature over `message`, encoded as X.509 wants it (ECDSA: a DER sequence).
    ///
    /// # Errors
    /// [`CaError::Key`] if the key cannot be used.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CaError>;
}

/// One key for several authorities.
impl<K: SigningKey + ?Sized> SigningKey for Arc<K> {
    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CaError> {
        (**self).sign(message)
    }
}

/// A private key in the memory of this process, wiped when it is dropped.
pub(crate) struct SoftwareKey {
    pair: Pair,
    public: PublicKey,
    pkcs8: Zeroizing<Vec<u8>>,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SoftwareKey {
    /// A new key from the operating system's randomness.
    pub(crate) fn generate(algorithm: KeyAlgorithm) -> Result<Self, CaError> {
        let failed = |problem: aws_lc_rs::error::Unspecified| failure("generated", problem);
        let ecdsa = |signing: &'static EcdsaSigningAlgorithm| {
            EcdsaKeyPair::generate(signing)?
                .to_pkcs8v1()
                .map(|pkcs8| pkcs8.as_ref().to_vec())
        };
        let rsa = |size| -> Result<_, aws_lc_rs::error::Unspecified> {
            let pkcs8: Pkcs8V1Der<'_> = RsaKeyPair::generate(size)?.as_der()?;
            Ok(pkcs8.as_ref().to_vec())
        };
        let pkcs8 = match algorithm {
            KeyAlgorithm::P256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyAlgorithm::P384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|pkcs8| pkcs8.as_ref().to_vec()),
            KeyAlgorithm::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyAlgorithm::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyAlgorithm::Rsa4096 => rsa(KeySize::Rsa4096),
        };
        Self::from_pkcs8(Zeroizing::new(pkcs8.map_err(failed)?))
    }

    /// The key of a PKCS #8 `PrivateKeyInfo` (RFC 5958).
    pub(crate) fn from_pkcs8(pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, CaError> {
        let pair = Pair::read(&pkcs8)?;
        let spki = pair.spki().map_err(|problem| failure("read", problem))?;
        let public = PublicKey::from_spki_der(&spki).map_err(|problem| failure("read", problem))?;
        Ok(Self {
            pair,
            public,
            pkcs8,
        })
    }

    /// The PKCS #8 `PrivateKeyInfo`.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }
}

impl SigningKey for SoftwareKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CaError> {
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ecdsa(pair) => pair
                .sign(&random, message)
                .map(|made| made.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.try_sign(message).map(|made| made.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map(|()| signature)
            }
        };
        signature.map_err(|problem| failure("used", problem))
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl Pair {
    fn read(pkcs8: &[u8]) -> Result<Self, CaError> {
        let rejected = |problem: aws_lc_rs::error::KeyRejected| failure("read", problem);
        let ecdsa = |signing| {
            EcdsaKeyPair::from_pkcs8(signing, pkcs8)
                .map(Self::Ecdsa)
                .map_err(rejected)
        };
        match algorithm_of(pkcs8).map_err(|problem| failure("read", problem))? {
            (oid::EC_PUBLIC_KEY, Some(oid::P256)) => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            (oid::EC_PUBLIC_KEY, Some(oid::P384)) => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            (oid::ED25519, None) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
                .map(Self::Ed25519)
                .map_err(rejected),
            (oid::RSA, _) => RsaKeyPair::from_pkcs8(pkcs8)
                .map(Self::Rsa)
                .map_err(rejected),
            (unknown, _) => Err(failure(
                "read",
                format!("its type {} is not supported", der::dotted(unknown)),
            )),
        }
    }

    fn spki(&self) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let spki: PublicKeyX509Der<'_> = match self {
            Self::Ecdsa(pair) => pair.public_key().as_der()?,
            Self::Ed25519(pair) => pair.public_key().as_der()?,
            Self::Rsa(pair) => pair.public_key().as_der()?,
        };
        Ok(spki.as_ref().to_vec())
    }
}

/// The algorithm of a `PrivateKeyInfo`, and its parameter where that is an object identifier.
fn algorithm_of(pkcs8: &[u8]) -> Result<(&[u8], Option<&[u8]>), der::DerFault> {
    let (outer, _) = der::check(pkcs8)?;
    let mut info = outer.open();
    info.expect(tag::INTEGER, "the version of a PrivateKeyInfo belongs here")?;
    let mut algorithm = info
        .expect(tag::SEQUENCE, "an AlgorithmIdentifier belongs here")?
        .open();
    let oid = algorithm.expect(tag::OID, "the key's algorithm belongs here")?;
    let parameter = match algorithm.peek() {
        Some(tag::OID) => Some(algorithm.next()?.content),
        _ => None,
    };
    Ok((oid.content, parameter))
}

fn failure(doing: &'static str, problem: impl fmt::Display) -> CaError {
    CaError::Key {
        doing,
        problem: problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_pkcs8_and_tells_nothing_when_printed() {
        for algorithm in [
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::Ed25519,
        ] {
            let key = SoftwareKey::generate(algorithm).unwrap();
            assert_eq!(key.public_key().algorithm(), algorithm);
            let again = SoftwareKey::from_pkcs8(Zeroizing::new(key.pkcs8().to_vec())).unwrap();
            assert_eq!(again.public_key(), key.public_key());
            assert!(!format!("{key:?}").contains(&crate::hex::encode(&key.pkcs8()[28..44])));
        }
    }

    #[test]
    fn bytes_that_are_no_key_are_an_error() {
        for bytes in [&b""[..], b"\x30\x00", b"-----BEGIN PRIVATE KEY-----"] {
            assert!(SoftwareKey::from_pkcs8(Zeroizing::new(bytes.to_vec())).is_err());
        }
    }
}
