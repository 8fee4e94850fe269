//! A certification authority's own side: its certificate and its key. It signs recorded drafts and
//! revocation lists, and looks at what it has signed before it lets go of it.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use sealbank_journal::Durable;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;

use crate::crl::{ListForm, RevocationList};
use crate::encoding::CertificateForm;
use crate::facts::{malformed, same};
use crate::proof::{Claim, SignatureScheme};
use crate::{
    CaError, Certificate, Draft, KeyAlgorithm, Name, PublicKey, SigningKey, Validity, encoding,
};

/// An authority that signs: its certificate, and the key that belongs to it. Clones have the same key.
#[derive(Clone)]
pub struct Issuer {
    identity: Identity,
    certificate: CertificateDer<'static>,
    validity: Validity,
    key: Arc<dyn SigningKey>,
}

/// How an issuer is named in what it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: Name,
    pub(crate) key_identifier: Vec<u8>,
    pub(crate) algorithm: KeyAlgorithm,
}

impl Issuer {
    /// Joins a CA certificate with its key.
    ///
    /// # Errors
    /// [`CaError::Malformed`] if it is not a CA certificate with a subject key identifier,
    /// [`CaError::Mismatch`] if the key is not the certificate's.
    pub fn new(
        certificate: CertificateDer<'static>,
        key: Box<dyn SigningKey>,
    ) -> Result<Self, CaError> {
        let authority = AuthorityCertificate::read(&certificate)?;
        same("the key", "public key", &authority.key, key.public_key())?;
        let AuthorityCertificate {
            identity, validity, ..
        } = authority;
        Ok(Self {
            identity,
            certificate,
            validity,
            key: key.into(),
        })
    }

    /// Signs a draft that is recorded, reads the result back and compares it with the draft.
    ///
    /// What is not recorded cannot be signed:
    ///
    /// ```compile_fail,E0308
    /// # use sealbank_ca::{CaError, Certificate, Draft, Issuer};
    /// fn sign_at_once(issuer: &Issuer, draft: &Draft) -> Result<Certificate, CaError> {
    ///     issuer.sign(draft)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`CaError::Mismatch`] if the draft is of another issuer, or the result is not the draft;
    /// [`CaError::Key`] if the key cannot be used.
    pub fn sign(&self, draft: &Durable<Draft>) -> Result<Certificate, CaError> {
        draft.facts().must_be_of(&self.identity)?;
        let der = self.seal(draft.tbs_der())?;
        let certificate = Certificate::from_der(der.into(), *draft.request())?;
        certificate
            .facts()
            .must_equal(draft.facts(), "the certificate")?;
        certificate.must_wrap(draft.tbs_der())?;
        Ok(certificate)
    }

    /// The bare signature over a draft of a recorded block; the block is proved as a whole.
    pub(crate) fn sign_bytes(&self, tbs: &[u8]) -> Result<Vec<u8>, CaError> {
        self.key.sign(tbs)
    }

    /// Signs a revocation list and reads it back.
    pub(crate) fn sign_list(&self, form: &ListForm<'_>) -> Result<RevocationList, CaError> {
        let list = RevocationList::from_der(self.seal(&encoding::revocation_list(form)?)?.into())?;
        list.must_say(form)?;
        Ok(list)
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The distinguished name, byte for byte as in the certificate.
    pub fn name(&self) -> &Name {
        &self.identity.name
    }

    /// How long the certificate holds.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn key(&self) -> &dyn SigningKey {
        self.key.as_ref()
    }

    /// Refuses a certificate that would outlive this issuer: nobody could verify it to its end.
    pub(crate) fn admit(&self, validity: Validity) -> Result<(), CaError> {
        let (not_after, issuer_not_after) = (validity.not_after(), self.validity.not_after());
        if not_after > issuer_not_after {
            return Err(CaError::OutlivesIssuer {
                not_after,
                issuer_not_after,
            });
        }
        Ok(())
    }

    /// The signed structure, after its signature was verified.
    fn seal(&self, tbs: &[u8]) -> Result<Vec<u8>, CaError> {
        seal(self.key.as_ref(), tbs)
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Signs, verifies the signature, and puts the structure together. A key in failing hardware makes
/// wrong signatures, and those betray it.
pub(crate) fn seal(key: &dyn SigningKey, tbs: &[u8]) -> Result<Vec<u8>, CaError> {
    let signature = key.sign(tbs)?;
    verify(key.public_key(), tbs, &signature)?;
    Ok(encoding::assemble(
        tbs,
        key.public_key().algorithm(),
        &signature,
    ))
}

/// The same for a structure with something after its signature.
pub(crate) fn seal_with(
    key: &dyn SigningKey,
    signed: &[u8],
    unsigned: &[u8],
) -> Result<Vec<u8>, CaError> {
    let whole = seal(key, signed)?;
    let (outer, _) = crate::der::check(&whole).map_err(malformed)?;
    Ok(crate::der::wrap(outer.tag, &[outer.content, unsigned]))
}

/// Whether an issuer's key made a signature.
pub(crate) fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), CaError> {
    let scheme = SignatureScheme::of_issuer(key.algorithm());
    Claim {
        algorithm: key.algorithm(),
        key: key.raw(),
        scheme,
        message,
        signature,
    }
    .check()
    .map_err(|_| CaError::Mismatch {
        what: "the signature",
        field: "signatureValue",
        expected: format!("one of {key:?}"),
        found: "one that does not verify".to_owned(),
    })
}

/// What is needed of a CA certificate.
#[derive(Debug, Clone)]
pub(crate) struct AuthorityCertificate {
    pub(crate) identity: Identity,
    pub(crate) issuer: Name,
    pub(crate) validity: Validity,
    pub(crate) key: PublicKey,
    /// Where the list that could revoke it is fetched; empty if it does not say.
    pub(crate) crl_url: String,
    tbs: Vec<u8>,
    signature: Vec<u8>,
}

impl AuthorityCertificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, CaError> {
        let (_, rest) = crate::der::check(der).map_err(malformed)?;
        if !rest.is_empty() {
            return Err(malformed("something follows it"));
        }
        let (_, certificate) = X509Certificate::from_der(der).map_err(malformed)?;
        let tbs = &certificate.tbs_certificate;
        if !certificate.is_ca() {
            return Err(malformed("it is not that of an authority"));
        }
        let key = PublicKey::from_spki_der(tbs.subject_pki.raw).map_err(malformed)?;
        let key_identifier = tbs
            .extensions()
            .iter()
            .find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
                _ => None,
            })
            .ok_or_else(|| malformed("it has no subject key identifier"))?;
        let validity = tbs.validity();
        Ok(Self {
            identity: Identity {
                name: Name::from_der(tbs.subject.as_raw())?,
                key_identifier,
                algorithm: key.algorithm(),
            },
            issuer: Name::from_der(tbs.issuer.as_raw())?,
            validity: Validity::new(
                validity.not_before.to_datetime(),
                validity.not_after.to_datetime(),
            )?,
            crl_url: crl_url(&certificate).unwrap_or_default().to_owned(),
            tbs: tbs.as_ref().to_vec(),
            signature: certificate.signature_value.data.to_vec(),
            key,
        })
    }

    /// Refuses anything but what was decided.
    pub(crate) fn must_say(&self, form: &CertificateForm<'_>) -> Result<(), CaError> {
        const WHAT: &str = "the certificate of the authority";
        same(WHAT, "issuer", &form.issuer.name, &self.issuer)?;
        same(WHAT, "subject", form.subject, &self.identity.name)?;
        same(WHAT, "validity", &form.validity, &self.validity)?;
        same(WHAT, "subjectPublicKeyInfo", form.key, &self.key)
    }

    /// Refuses it unless `issuer` signed it.
    pub(crate) fn must_be_signed_by(&self, issuer: &Self) -> Result<(), CaError> {
        same(
            "the certificate",
            "issuer",
            &issuer.identity.name,
            &self.issuer,
        )?;
        verify(&issuer.key, &self.tbs, &self.signature)
    }
}

/// The first place of cRLDistributionPoints.
fn crl_url<'a>(certificate: &X509Certificate<'a>) -> Option<&'a str> {
    let points = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::CRLDistributionPoints(points) => Some(points),
            _ => None,
        }
    })?;
    let names = points
        .iter()
        .filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        });
    names.flatten().find_map(|name| match name {
        GeneralName::URI(url) => Some(*url),
        _ => None,
    })
}
