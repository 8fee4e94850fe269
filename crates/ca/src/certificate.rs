//! A client certificate that this authority has signed.

use pkcs8::LineEnding;
use pkcs8::der::pem;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use crate::facts::{Facts, malformed};
use crate::issuer;
use crate::{CaError, Name, PublicKey, RequestDigest, Serial, Subject, Validity, der, hex};

/// A signed client certificate and the request that it answers.
///
/// A `Durable<Certificate>` is one that is recorded and may be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    request: RequestDigest,
    facts: Facts,
}

impl Certificate {
    pub(crate) fn from_der(
        der: CertificateDer<'static>,
        request: RequestDigest,
    ) -> Result<Self, CaError> {
        let facts = Facts::read(&parse(&der)?.tbs_certificate)?;
        Ok(Self {
            der,
            request,
            facts,
        })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The certificate in PEM (RFC 7468 section 5).
    pub fn pem(&self) -> String {
        to_pem("CERTIFICATE", &self.der)
    }

    /// The serial number.
    pub fn serial(&self) -> &Serial {
        &self.facts.serial
    }

    /// The name of its issuer.
    pub fn issuer(&self) -> &Name {
        &self.facts.issuer
    }

    /// Whom it is for.
    pub fn subject(&self) -> &Subject {
        &self.facts.subject
    }

    /// How long it holds.
    pub fn validity(&self) -> Validity {
        self.facts.validity
    }

    /// The first second of its validity.
    pub fn not_before(&self) -> OffsetDateTime {
        self.facts.validity.not_before()
    }

    /// The last second of its validity.
    pub fn not_after(&self) -> OffsetDateTime {
        self.facts.validity.not_after()
    }

    /// The certified key.
    pub fn public_key(&self) -> &PublicKey {
        &self.facts.key
    }

    /// SHA-256 of the certified `SubjectPublicKeyInfo`.
    pub fn public_key_digest(&self) -> [u8; 32] {
        self.facts.key.digest()
    }

    /// The request that it answers.
    pub fn request(&self) -> &RequestDigest {
        &self.request
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Refuses it unless exactly these bytes were signed.
    pub(crate) fn must_wrap(&self, tbs: &[u8]) -> Result<(), CaError> {
        let certificate = parse(&self.der)?;
        let found = certificate.tbs_certificate.as_ref();
        if found == tbs {
            return Ok(());
        }
        Err(CaError::Mismatch {
            what: "the certificate",
            field: "tbsCertificate",
            expected: hex::encode(tbs),
            found: hex::encode(found),
        })
    }

    /// SHA-256 over the bytes that were signed.
    pub(crate) fn tbs_digest(&self) -> Result<RequestDigest, CaError> {
        Ok(RequestDigest::of(
            parse(&self.der)?.tbs_certificate.as_ref(),
        ))
    }

    /// Refuses it unless this key signed it.
    pub(crate) fn must_be_signed_by(&self, key: &PublicKey) -> Result<(), CaError> {
        let certificate = parse(&self.der)?;
        let signed = certificate.tbs_certificate.as_ref();
        issuer::verify(key, signed, &certificate.signature_value.data)
    }
}

/// One certificate in strict DER and nothing else.
fn parse(bytes: &[u8]) -> Result<X509Certificate<'_>, CaError> {
    let (_, rest) = der::check_sequence(bytes).map_err(malformed)?;
    let (_, certificate) = X509Certificate::from_der(bytes).map_err(malformed)?;
    if rest.is_empty() {
        Ok(certificate)
    } else {
        Err(malformed("something follows it"))
    }
}

/// A PEM block of 64 columns with line feeds.
pub(crate) fn to_pem(label: &str, der: &[u8]) -> String {
    pem::encode_string(label, LineEnding::LF, der)
        .expect("anything shorter than 2 GiB has a PEM form")
}
