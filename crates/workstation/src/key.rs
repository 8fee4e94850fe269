//! The PC's key provider: making key pairs and PKCS#10 requests.
//!
//! The private key stays inside [`PrivateKey`]; only the certificate store and the TLS handshake
//! of the same PC ever use it (V24).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData, RsaKeySize};
use rustls_pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::certificate::hex;
use crate::error::WorkstationError;

/// Which key the page's enrolment form asks for (`data-key-algorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum KeyAlgorithm {
    /// RSA with a 2048-bit modulus, SHA-256.
    #[default]
    Rsa2048,
    /// RSA with a 3072-bit modulus, SHA-256.
    Rsa3072,
    /// RSA with a 4096-bit modulus, SHA-256.
    Rsa4096,
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// ECDSA on P-384 with SHA-384.
    P384,
    /// Ed25519.
    Ed25519,
}

impl KeyAlgorithm {
    /// Every algorithm that the provider knows.
    pub const ALL: [Self; 6] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::Ed25519,
    ];

    /// Its name in a page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }

    fn generate(self) -> Result<KeyPair, rcgen::Error> {
        let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        match self {
            Self::Rsa2048 => rsa(RsaKeySize::_2048),
            Self::Rsa3072 => rsa(RsaKeySize::_3072),
            Self::Rsa4096 => rsa(RsaKeySize::_4096),
            Self::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = WorkstationError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == plain)
            .ok_or_else(|| WorkstationError::UnknownKeyAlgorithm {
                given: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            })
    }
}

/// Whether a key may leave its profile (`private_key_exportable`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Exportability {
    /// An export carries the certificate without the key (case 67).
    #[default]
    NotExportable,
    /// An export carries the key as well (case 68).
    Exportable,
}

/// The SHA-256 of a certificate request's DER bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestDigest([u8; 32]);

impl fmt::Display for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestDigest({self})")
    }
}

/// A PKCS#10 certificate request (RFC 2986) as the component posts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    pem: String,
    digest: RequestDigest,
}

impl CertificateRequest {
    /// The request in PEM (RFC 7468, section 7).
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The digest of its DER form.
    #[must_use]
    pub fn digest(&self) -> RequestDigest {
        self.digest
    }
}

/// A private key; copies share it and its bytes are wiped with the last one.
#[derive(Clone)]
pub struct PrivateKey {
    pkcs8: Arc<Zeroizing<Vec<u8>>>,
    public: Vec<u8>,
    algorithm: KeyAlgorithm,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`WorkstationError::KeyProvider`] when the provider fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, WorkstationError> {
        let pair = algorithm
            .generate()
            .map_err(|e| provider_failed(algorithm, &e))?;
        Ok(Self {
            public: pair.subject_public_key_info(),
            pkcs8: Arc::new(Zeroizing::new(pair.serialize_der())),
            algorithm,
        })
    }

    /// Makes the request that asks for a certificate on this key.
    ///
    /// The subject is left empty: the bank names its customers itself.
    ///
    /// # Errors
    /// [`WorkstationError::KeyProvider`] when the provider can't sign with the key.
    pub fn request(&self) -> Result<CertificateRequest, WorkstationError> {
        let failed = |e: rcgen::Error| provider_failed(self.algorithm, &e);
        let pair = KeyPair::try_from(self.pkcs8.as_slice()).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&pair).map_err(failed)?;
        Ok(CertificateRequest {
            pem: request.pem().map_err(failed)?,
            digest: RequestDigest(Sha256::digest(request.der()).into()),
        })
    }

    /// The public half as subjectPublicKeyInfo in DER.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// The key's algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The PKCS#8 bytes, for the TLS handshake of the same PC.
    pub(crate) fn pkcs8(&self) -> PrivatePkcs8KeyDer<'_> {
        PrivatePkcs8KeyDer::from(self.pkcs8.as_slice())
    }
}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, concealed)", self.algorithm)
    }
}

fn provider_failed(algorithm: KeyAlgorithm, error: &rcgen::Error) -> WorkstationError {
    WorkstationError::KeyProvider {
        algorithm,
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateSigningRequestDer;
    use rustls_pki_types::pem::PemObject;
    use x509_parser::prelude::{FromDer, X509CertificationRequest};

    #[test]
    fn every_quick_algorithm_makes_a_request_for_its_own_key() {
        for algorithm in [
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::Ed25519,
            KeyAlgorithm::Rsa2048,
        ] {
            let key = PrivateKey::generate(algorithm).unwrap();
            let request = key.request().unwrap();
            let der =
                CertificateSigningRequestDer::from_pem_slice(request.pem().as_bytes()).unwrap();
            let (rest, parsed) = X509CertificationRequest::from_der(&der).unwrap();
            assert!(rest.is_empty());
            assert_eq!(
                parsed.certification_request_info.subject_pki.raw,
                key.public_key(),
                "{algorithm}"
            );
            assert_eq!(parsed.certification_request_info.subject.iter().count(), 0);
        }
    }

    #[test]
    fn an_unknown_algorithm_is_answered_with_the_known_ones() {
        assert_eq!("P-256".parse::<KeyAlgorithm>().unwrap(), KeyAlgorithm::P256);
        let error = "dsa512".parse::<KeyAlgorithm>().unwrap_err().to_string();
        assert!(
            error.contains("dsa512") && error.contains("p256"),
            "{error}"
        );
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        assert_eq!(format!("{key:?}"), "PrivateKey(p256, concealed)");
    }
}
