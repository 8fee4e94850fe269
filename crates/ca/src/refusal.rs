//! The authority saying no to a request, and why.

use crate::{DerFault, KeyAlgorithm, MAX_REQUEST_BYTES};

/// Why a certification request was refused, one variant for each reason.
///
/// [`RequestError::code`] is stable and fit for records; the message is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// More bytes than any sensible request has.
    #[error("the request has {found} bytes, at most {limit} are read; leave out attributes")]
    TooLarge {
        /// Its length in bytes.
        found: usize,
        /// [`crate::MAX_REQUEST_BYTES`].
        limit: usize,
    },
    /// Neither DER nor exactly one PEM block (RFC 7468).
    #[error(
        "the request is not one PEM block: {problem}; send -----BEGIN CERTIFICATE REQUEST----- or DER"
    )]
    NotPem {
        /// What is wrong with it.
        problem: String,
    },
    /// A PEM block of something else.
    #[error("the PEM block is labelled {found:?}; a request is labelled CERTIFICATE REQUEST")]
    WrongLabel {
        /// Its label.
        found: String,
    },
    /// Not in the Distinguished Encoding Rules (X.690).
    #[error("the request is not DER {0}; encode it again")]
    NotDer(#[from] DerFault),
    /// Something follows the request.
    #[error("{count} bytes follow the request; send nothing after it")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// DER, but not a `CertificationRequest` (RFC 2986 section 4).
    #[error("the request is not a PKCS #10 request: {problem}")]
    NotARequest {
        /// What the parser says.
        problem: String,
    },
    /// Not version 1 (RFC 2986 section 4.1: the integer 0).
    #[error("the request has version number {found}; PKCS #10 has 0 only")]
    UnsupportedVersion {
        /// The version number.
        found: u32,
    },
    /// A kind of key that no certificate is made for.
    #[error("keys of type {oid} are not certified; use P-256, P-384, Ed25519 or RSA")]
    UnknownKeyAlgorithm {
        /// The algorithm, or the curve of an elliptic-curve key.
        oid: String,
    },
    /// A key too weak to certify.
    #[error("the key is too weak: {found}; at least {least} is needed")]
    WeakKey {
        /// What it is.
        found: String,
        /// What would do.
        least: &'static str,
    },
    /// An RSA modulus of an unusual length.
    #[error("an RSA key of {bits} bits is not certified; use 2048, 3072 or 4096")]
    UnsupportedKeySize {
        /// The length of the modulus in bits.
        bits: usize,
    },
    /// A key that is not what its algorithm says.
    #[error("the public key is malformed: {problem}")]
    MalformedKey {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Signed over a digest that can be forged.
    #[error("the request is signed with {algorithm}, which is too weak; use SHA-256 or better")]
    WeakHash {
        /// The signature algorithm.
        algorithm: &'static str,
    },
    /// A signature algorithm that is not in the table.
    #[error(
        "the signature algorithm {oid} is not supported; use ECDSA, Ed25519 or RSA with SHA-256 or better"
    )]
    UnknownSignatureAlgorithm {
        /// The algorithm.
        oid: String,
    },
    /// A known signature algorithm with parameters that are not allowed.
    #[error("the parameters of the signature algorithm are not allowed: {problem}")]
    SignatureParameters {
        /// What is wrong with them.
        problem: &'static str,
    },
    /// A signature that this kind of key cannot have made.
    #[error("the key is {key}, but the signature is {signature}; sign with the request's own key")]
    KeyAndSignatureDisagree {
        /// The key in the request.
        key: KeyAlgorithm,
        /// The signature on the request.
        signature: String,
    },
    /// The requester has not shown that the key is his (proof of possession).
    #[error("the signature on the request does not verify with the request's own key")]
    BadSignature,
}

impl RequestError {
    /// One refusal for each reason, with values as they occur, for whoever explains codes.
    ///
    /// ```
    /// let codes = sealbank_ca::RequestError::specimens();
    /// assert!(codes.iter().any(|error| error.code() == "bad-signature"));
    /// ```
    #[must_use]
    pub fn specimens() -> Vec<Self> {
        vec![
            Self::TooLarge {
                found: 2 * MAX_REQUEST_BYTES,
                limit: MAX_REQUEST_BYTES,
            },
            Self::NotPem {
                problem: "there is no such block".to_owned(),
            },
            Self::WrongLabel {
                found: "CERTIFICATE".to_owned(),
            },
            Self::NotDer(DerFault::specimen()),
            Self::TrailingBytes { count: 2 },
            Self::NotARequest {
                problem: "the subject is missing".to_owned(),
            },
            Self::UnsupportedVersion { found: 1 },
            Self::UnknownKeyAlgorithm {
                oid: "1.3.132.0.10".to_owned(),
            },
            Self::WeakKey {
                found: "RSA with 1024 bits".to_owned(),
                least: "RSA with 2048 bits",
            },
            Self::UnsupportedKeySize { bits: 2560 },
            Self::MalformedKey {
                problem: "the point is not on the curve",
            },
            Self::WeakHash {
                algorithm: "sha1WithRSAEncryption",
            },
            Self::UnknownSignatureAlgorithm {
                oid: "1.2.840.10040.4.3".to_owned(),
            },
            Self::SignatureParameters {
                problem: "ECDSA has none",
            },
            Self::KeyAndSignatureDisagree {
                key: KeyAlgorithm::P256,
                signature: "Ed25519".to_owned(),
            },
            Self::BadSignature,
        ]
    }

    /// The reason in stable kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::NotPem { .. } => "not-pem",
            Self::WrongLabel { .. } => "wrong-label",
            Self::NotDer(_) => "not-der",
            Self::TrailingBytes { .. } => "trailing-bytes",
            Self::NotARequest { .. } => "not-a-request",
            Self::UnsupportedVersion { .. } => "unsupported-version",
            Self::UnknownKeyAlgorithm { .. } => "unknown-key-algorithm",
            Self::WeakKey { .. } => "weak-key",
            Self::UnsupportedKeySize { .. } => "unsupported-key-size",
            Self::MalformedKey { .. } => "malformed-key",
            Self::WeakHash { .. } => "weak-hash",
            Self::UnknownSignatureAlgorithm { .. } => "unknown-signature-algorithm",
            Self::SignatureParameters { .. } => "signature-parameters",
            Self::KeyAndSignatureDisagree { .. } => "key-and-signature-disagree",
            Self::BadSignature => "bad-signature",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own_and_says_what_is_wrong() {
        let specimens = RequestError::specimens();
        let codes: BTreeSet<&str> = specimens.iter().map(RequestError::code).collect();
        assert_eq!(codes.len(), specimens.len());
        for error in &specimens {
            let variant = format!("{error:?}");
            let name: String = variant
                .chars()
                .take_while(char::is_ascii_alphabetic)
                .collect();
            let letters = error.code().replace('-', "");
            assert_eq!(
                name.to_lowercase(),
                letters,
                "the code is the variant's name"
            );
        }
    }
}
