//! Proof of possession: the table of signatures that are accepted, and the check itself. Also
//! used on the authority's own signatures after they are made. One function takes a slice of
//! claims, so that a verifier that works on several at a time fits in its place.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    VerificationAlgorithm,
};

use crate::der::{self, Element, Reader, tag};
use crate::{KeyAlgorithm, RequestError, oid};

/// A signature algorithm of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureScheme {
    Ecdsa(Hash),
    Ed25519,
    RsaPkcs1(Hash),
    /// With MGF1 over the same hash and a salt of the hash's length.
    RsaPss(Hash),
}

/// A digest that cannot be forged today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Somebody's claim to hold the key that made a signature.
pub(crate) struct Claim<'a> {
    pub(crate) algorithm: KeyAlgorithm,
    /// The key as the library takes it.
    pub(crate) key: &'a [u8],
    pub(crate) scheme: SignatureScheme,
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// The verdict on each claim, in order.
pub(crate) fn check(claims: &[Claim<'_>]) -> Vec<Result<(), RequestError>> {
    claims.iter().map(Claim::check).collect()
}

impl Claim<'_> {
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        let algorithm = self.scheme.algorithm_for(self.algorithm).ok_or_else(|| {
            RequestError::KeyAndSignatureDisagree {
                key: self.algorithm,
                signature: self.scheme.to_string(),
            }
        })?;
        let key =
            ParsedPublicKey::new(algorithm, self.key).map_err(|_| RequestError::MalformedKey {
                problem: "it is not a key of its algorithm",
            })?;
        key.verify_sig(self.message, self.signature)
            .map_err(|_| RequestError::BadSignature)
    }
}

impl SignatureScheme {
    /// Reads an `AlgorithmIdentifier`.
    pub(crate) fn read(identifier: Element<'_>) -> Result<Self, RequestError> {
        let mut inside = identifier.open();
        let algorithm = inside
            .expect(tag::OID, "the signature's algorithm belongs here")?
            .content;

        match algorithm {
            oid::ECDSA_SHA256 => absent_parameters(&inside, Self::Ecdsa(Hash::Sha256)),
            oid::ECDSA_SHA384 => absent_parameters(&inside, Self::Ecdsa(Hash::Sha384)),
            oid::ECDSA_SHA512 => absent_parameters(&inside, Self::Ecdsa(Hash::Sha512)),
            oid::ED25519 => absent_parameters(&inside, Self::Ed25519),
            oid::RSA_SHA256 => null_parameters(&inside, Self::RsaPkcs1(Hash::Sha256)),
            oid::RSA_SHA384 => null_parameters(&inside, Self::RsaPkcs1(Hash::Sha384)),
            oid::RSA_SHA512 => null_parameters(&inside, Self::RsaPkcs1(Hash::Sha512)),
            oid::RSA_PSS => pss_parameters(inside).map(Self::RsaPss),
            oid::RSA_MD5 => Err(weak("RSA with MD5")),
            oid::RSA_SHA1 => Err(weak("RSA with SHA-1")),
            oid::RSA_SHA224 => Err(weak("RSA with SHA-224")),
            oid::ECDSA_SHA1 => Err(weak("ECDSA with SHA-1")),
            oid::ECDSA_SHA224 => Err(weak("ECDSA with SHA-224")),
            unknown => Err(RequestError::UnknownSignatureAlgorithm {
                oid: der::dotted(unknown),
            }),
        }
    }

    /// The authority's own signatures.
    pub(crate) fn of_issuer(key: KeyAlgorithm) -> Self {
        match key {
            KeyAlgorithm::P256 => Self::Ecdsa(Hash::Sha256),
            KeyAlgorithm::P384 => Self::Ecdsa(Hash::Sha384),
            KeyAlgorithm::Ed25519 => Self::Ed25519,
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                Self::RsaPkcs1(Hash::Sha256)
            }
        }
    }

    /// The table: `None` where such a key cannot have made such a signature.
    fn algorithm_for(self, key: KeyAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
        use Hash::{Sha256, Sha384, Sha512};
        use KeyAlgorithm::{Ed25519, P256, P384, Rsa2048, Rsa3072, Rsa4096};
        Some(match (key, self) {
            (P256, Self::Ecdsa(Sha256)) => &ECDSA_P256_SHA256_ASN1,
            (P256, Self::Ecdsa(Sha384)) => &ECDSA_P256_SHA384_ASN1,
            (P256, Self::Ecdsa(Sha512)) => &ECDSA_P256_SHA512_ASN1,
            (P384, Self::Ecdsa(Sha256)) => &ECDSA_P384_SHA256_ASN1,
            (P384, Self::Ecdsa(Sha384)) => &ECDSA_P384_SHA384_ASN1,
            (P384, Self::Ecdsa(Sha512)) => &ECDSA_P384_SHA512_ASN1,
            (Ed25519, Self::Ed25519) => &ED25519,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPkcs1(Sha256)) => &RSA_PKCS1_2048_8192_SHA256,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPkcs1(Sha384)) => &RSA_PKCS1_2048_8192_SHA384,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPkcs1(Sha512)) => &RSA_PKCS1_2048_8192_SHA512,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPss(Sha256)) => &RSA_PSS_2048_8192_SHA256,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPss(Sha384)) => &RSA_PSS_2048_8192_SHA384,
            (Rsa2048 | Rsa3072 | Rsa4096, Self::RsaPss(Sha512)) => &RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(hash) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::RsaPkcs1(hash) => write!(f, "RSA with {hash}"),
            Self::RsaPss(hash) => write!(f, "RSA-PSS with {hash}"),
        }
    }
}

impl Hash {
    /// Reads the `AlgorithmIdentifier` of a digest, with NULL parameters or none (RFC 4055
    /// section 2.1 asks for both to be taken).
    fn read(identifier: Element<'_>) -> Result<Self, RequestError> {
        let mut inside = identifier.open();
        let digest = inside
            .expect(tag::OID, "the digest's algorithm belongs here")?
            .content;
        if !matches!(inside.rest(), [] | [tag::NULL, 0]) {
            return Err(RequestError::SignatureParameters {
                problem: "a digest has parameters",
            });
        }
        match digest {
            oid::SHA256 => Ok(Self::Sha256),
            oid::SHA384 => Ok(Self::Sha384),
            oid::SHA512 => Ok(Self::Sha512),
            oid::SHA1 => Err(weak("RSA-PSS with SHA-1")),
            oid::SHA224 => Err(weak("RSA-PSS with SHA-224")),
            unknown => Err(RequestError::UnknownSignatureAlgorithm {
                oid: der::dotted(unknown),
            }),
        }
    }

    /// The length of a digest in bytes.
    fn length(self) -> u8 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

fn absent_parameters(
    parameters: &Reader<'_>,
    scheme: SignatureScheme,
) -> Result<SignatureScheme, RequestError> {
    if parameters.is_empty() {
        Ok(scheme)
    } else {
        Err(RequestError::SignatureParameters {
            problem: "there are some, where none may be",
        })
    }
}

fn null_parameters(
    parameters: &Reader<'_>,
    scheme: SignatureScheme,
) -> Result<SignatureScheme, RequestError> {
    if parameters.rest() == [tag::NULL, 0] {
        Ok(scheme)
    } else {
        Err(RequestError::SignatureParameters {
            problem: "they are not NULL",
        })
    }
}

/// RSASSA-PSS-params (RFC 4055 section 3.1). What is left out stands for SHA-1, so a sound
/// signature states its hash, its mask and its salt.
fn pss_parameters(mut inside: Reader<'_>) -> Result<Hash, RequestError> {
    let refuse = |problem| RequestError::SignatureParameters { problem };
    let mut parameters = inside
        .expect(tag::SEQUENCE, "the parameters of RSASSA-PSS belong here")?
        .open();
    if parameters.peek() != Some(tag::constructed(0)) {
        return Err(weak("RSA-PSS with SHA-1"));
    }
    let hash = Hash::read(
        parameters
            .next()?
            .open()
            .expect(tag::SEQUENCE, "a digest belongs here")?,
    )?;
    if parameters.peek() != Some(tag::constructed(1)) {
        return Err(weak("RSA-PSS with a mask from SHA-1"));
    }
    let mut mask = parameters
        .next()?
        .open()
        .expect(tag::SEQUENCE, "a mask belongs here")?
        .open();
    if mask
        .expect(tag::OID, "the mask's algorithm belongs here")?
        .content
        != oid::MGF1
    {
        return Err(refuse("the mask is not MGF1"));
    }
    if Hash::read(mask.expect(tag::SEQUENCE, "the mask's digest belongs here")?)? != hash {
        return Err(refuse("the mask is made with another digest"));
    }
    let salt = [tag::constructed(2), 3, tag::INTEGER, 1, hash.length()];
    if parameters.rest() != salt {
        return Err(refuse(
            "the salt is not as long as the digest, or the trailer is given",
        ));
    }
    inside.end()?;
    Ok(hash)
}

fn weak(algorithm: &'static str) -> RequestError {
    RequestError::WeakHash { algorithm }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(content: &[u8]) -> Vec<u8> {
        der::wrap(tag::OID, &[content])
    }

    fn read(parts: &[&[u8]]) -> Result<SignatureScheme, RequestError> {
        let der = der::wrap(tag::SEQUENCE, parts);
        SignatureScheme::read(der::check(&der).unwrap().0)
    }

    fn pss(hash: &[u8], mask: &[u8], salt: u8) -> Vec<u8> {
        let digest = |content| der::wrap(tag::SEQUENCE, &[&oid(content), &[tag::NULL, 0]]);
        let mask = der::wrap(tag::SEQUENCE, &[&oid(oid::MGF1), &digest(mask)]);
        let parameters = [
            der::wrap(tag::constructed(0), &[&digest(hash)]),
            der::wrap(tag::constructed(1), &[&mask]),
            der::wrap(tag::constructed(2), &[&[tag::INTEGER, 1, salt]]),
        ]
        .concat();
        der::wrap(tag::SEQUENCE, &[&parameters])
    }

    #[test]
    fn each_signature_algorithm_outside_the_table_has_its_own_reason() {
        let cases: [(Result<_, RequestError>, &str); 11] = [
            (read(&[&oid(oid::RSA_SHA1), &[5, 0]]), "weak-hash"),
            (read(&[&oid(oid::RSA_MD5), &[5, 0]]), "weak-hash"),
            (read(&[&oid(oid::ECDSA_SHA1)]), "weak-hash"),
            (read(&[&oid(oid::ECDSA_SHA224)]), "weak-hash"),
            (read(&[&oid(oid::RSA_PSS), &[0x30, 0]]), "weak-hash"),
            (
                read(&[&oid(oid::RSA_PSS), &pss(oid::SHA256, oid::SHA1, 32)]),
                "weak-hash",
            ),
            (
                read(&[&oid(oid::RSA_PSS), &pss(oid::SHA256, oid::SHA256, 20)]),
                "signature-parameters",
            ),
            (
                read(&[&oid(oid::RSA_PSS), &pss(oid::SHA256, oid::SHA512, 32)]),
                "signature-parameters",
            ),
            (read(&[&oid(oid::RSA_SHA256)]), "signature-parameters"),
            (
                read(&[&oid(oid::ECDSA_SHA256), &[5, 0]]),
                "signature-parameters",
            ),
            (
                read(&[&oid(&[0x2b, 0x65, 0x71])]),
                "unknown-signature-algorithm",
            ),
        ];
        for (scheme, code) in cases {
            assert_eq!(scheme.unwrap_err().code(), code);
        }
    }

    #[test]
    fn sound_pss_parameters_are_read() {
        for (hash, salt, read_as) in [
            (oid::SHA256, 32, Hash::Sha256),
            (oid::SHA384, 48, Hash::Sha384),
            (oid::SHA512, 64, Hash::Sha512),
        ] {
            let scheme = read(&[&oid(oid::RSA_PSS), &pss(hash, hash, salt)]).unwrap();
            assert_eq!(scheme, SignatureScheme::RsaPss(read_as));
        }
    }

    #[test]
    fn the_identifiers_that_the_authority_writes_are_in_its_own_table() {
        for key in KeyAlgorithm::ALL {
            let identifier = key.signature_identifier();
            let scheme = SignatureScheme::read(der::check(&identifier).unwrap().0).unwrap();
            assert_eq!(scheme, SignatureScheme::of_issuer(key));
            assert!(scheme.algorithm_for(key).is_some());
        }
    }
}
