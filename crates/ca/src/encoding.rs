//! The bytes that the authority is to sign. Of its modules this one alone knows rcgen, which encodes
//! the extensions and the frame; names and keys are laid in byte for byte, because rcgen keeps a name as a map
//! from attribute to value and would rewrite one that has two OUs.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CustomExtension, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyUsagePurpose, PublicKeyData, RevokedCertParams, SerialNumber, SignatureAlgorithm,
};

use crate::crl::ListForm;
use crate::der::{self, Reader, tag};
use crate::issuer::Identity;
use crate::{CaError, DerFault, KeyAlgorithm, Name, Profile, PublicKey, RevocationReason, Serial};
use crate::{Validity, oid};

/// Everything that a certificate says.
pub(crate) struct CertificateForm<'a> {
    pub(crate) serial: Serial,
    pub(crate) issuer: &'a Identity,
    pub(crate) validity: Validity,
    pub(crate) subject: &'a Name,
    pub(crate) key: &'a PublicKey,
    pub(crate) usage: Usage<'a>,
}

/// What a certificate is good for.
pub(crate) enum Usage<'a> {
    /// Logging on as a client.
    Client(&'a Profile),
    /// Signing what an OCSP responder answers in the issuer's place.
    Responder,
    /// Signing an issuing authority and a list of the revoked ones.
    Root,
    /// Signing certificates and revocation lists; `crl_url` is where its own revocation shows.
    Issuing { crl_url: &'a str },
}

/// The `TBSCertificate` (RFC 5280 section 4.1.2).
pub(crate) fn certificate(form: &CertificateForm<'_>) -> Result<Vec<u8>, CaError> {
    let blank = Blank(form.issuer.algorithm);
    let frame = parameters(form)
        .signed_by(&blank, &blank_issuer(form.issuer))
        .map_err(|problem| failure("a certificate", problem))?;
    splice_certificate(frame.der(), form).map_err(|fault| failure("a certificate", fault))
}

/// The `TBSCertList` (RFC 5280 section 5.1.2).
pub(crate) fn revocation_list(form: &ListForm<'_>) -> Result<Vec<u8>, CaError> {
    let parameters = CertificateRevocationListParams {
        this_update: form.this_update,
        next_update: form.next_update,
        crl_number: SerialNumber::from(form.number.get()),
        issuing_distribution_point: None,
        revoked_certs: form
            .revoked
            .iter()
            .map(|entry| RevokedCertParams {
                serial_number: SerialNumber::from_slice(entry.serial.as_bytes()),
                revocation_time: entry.revoked_at,
                reason_code: Some(reason(entry.reason)),
                invalidity_date: None,
            })
            .collect(),
        key_identifier_method: identifier(&form.issuer.key_identifier),
    };
    let frame = parameters
        .signed_by(&blank_issuer(form.issuer))
        .map_err(|problem| failure("a revocation list", problem))?;
    splice_list(frame.der(), &form.issuer.name).map_err(|fault| failure("a revocation list", fault))
}

/// The signed whole: what was to be signed, how, and the signature.
pub(crate) fn assemble(tbs: &[u8], algorithm: KeyAlgorithm, signature: &[u8]) -> Vec<u8> {
    let signature = der::wrap(tag::BIT_STRING, &[&[0], signature]);
    der::wrap(
        tag::SEQUENCE,
        &[tbs, &algorithm.signature_identifier(), &signature],
    )
}

fn parameters(form: &CertificateForm<'_>) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.not_before = form.validity.not_before();
    parameters.not_after = form.validity.not_after();
    parameters.serial_number = Some(SerialNumber::from_slice(form.serial.as_bytes()));
    parameters.distinguished_name = DistinguishedName::new();
    parameters.key_identifier_method = identifier(&form.key.identifier());
    parameters.use_authority_key_identifier_extension = true;
    match form.usage {
        Usage::Client(profile) => {
            parameters.is_ca = IsCa::ExplicitNoCa;
            parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            parameters.crl_distribution_points = distribution_point(profile.crl_url());
            parameters.custom_extensions =
                vec![information_access(profile), policies(&profile.policy_der())];
        }
        Usage::Responder => {
            parameters.is_ca = IsCa::ExplicitNoCa;
            parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
            parameters.custom_extensions = vec![no_check()];
        }
        Usage::Root => {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
            parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        }
        Usage::Issuing { crl_url } => {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            parameters.crl_distribution_points = distribution_point(crl_url);
            parameters.custom_extensions = vec![policies(&any_policy())];
        }
    }
    parameters
}

fn distribution_point(url: &str) -> Vec<CrlDistributionPoint> {
    vec![CrlDistributionPoint {
        uris: vec![url.to_owned()],
    }]
}

/// `AuthorityInfoAccessSyntax` (RFC 5280 section 4.2.2.1).
fn information_access(profile: &Profile) -> CustomExtension {
    let description = |method: &[u8], url: &str| {
        let location = der::wrap(tag::primitive(6), &[url.as_bytes()]);
        der::wrap(tag::SEQUENCE, &[&der::wrap(tag::OID, &[method]), &location])
    };
    let content = der::wrap(
        tag::SEQUENCE,
        &[
            &description(oid::AD_OCSP, profile.ocsp_url()),
            &description(oid::AD_CA_ISSUERS, profile.issuer_url()),
        ],
    );
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}

/// id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1): nobody asks whether the responder's own
/// certificate is revoked, because only the responder could answer.
fn no_check() -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], der::wrap(tag::NULL, &[]))
}

/// certificatePolicies with one policy and no qualifier (RFC 5280 section 4.2.1.4).
fn policies(policy: &[u8]) -> CustomExtension {
    let policy = der::wrap(tag::SEQUENCE, &[policy]);
    CustomExtension::from_oid_content(&[2, 5, 29, 32], der::wrap(tag::SEQUENCE, &[&policy]))
}

/// anyPolicy (RFC 5280 section 4.2.1.4).
fn any_policy() -> Vec<u8> {
    der::wrap(tag::OID, &[oid::ANY_POLICY])
}

fn splice_certificate(frame: &[u8], form: &CertificateForm<'_>) -> Result<Vec<u8>, DerFault> {
    let mut fields = open_signed(frame)?;
    let version = fields.next()?;
    let serial = fields.next()?;
    let algorithm = fields.next()?;
    let _blank_issuer = fields.next()?;
    let validity = fields.next()?;
    let _blank_subject = fields.next()?;
    let _blank_key = fields.next()?;
    Ok(der::wrap(
        tag::SEQUENCE,
        &[
            version.whole,
            serial.whole,
            algorithm.whole,
            form.issuer.name.as_der(),
            validity.whole,
            form.subject.as_der(),
            form.key.spki_der(),
            fields.rest(),
        ],
    ))
}

fn splice_list(frame: &[u8], issuer: &Name) -> Result<Vec<u8>, DerFault> {
    let mut fields = open_signed(frame)?;
    let version = fields.next()?;
    let algorithm = fields.next()?;
    let _blank_issuer = fields.next()?;
    let parts = [
        version.whole,
        algorithm.whole,
        issuer.as_der(),
        fields.rest(),
    ];
    Ok(der::wrap(tag::SEQUENCE, &parts))
}

/// The fields of the part that is signed.
fn open_signed(frame: &[u8]) -> Result<Reader<'_>, DerFault> {
    let signed = Reader::new(frame).expect(tag::SEQUENCE, "a signed structure belongs here")?;
    Ok(signed
        .open()
        .expect(tag::SEQUENCE, "what is signed belongs here")?
        .open())
}

/// A key that holds nothing and signs nothing: it only tells rcgen the algorithm. The real key
/// and the real signature are laid in afterwards.
struct Blank(KeyAlgorithm);

impl PublicKeyData for Blank {
    fn der_bytes(&self) -> &[u8] {
        &[]
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.0 {
            KeyAlgorithm::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyAlgorithm::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyAlgorithm::Ed25519 => &rcgen::PKCS_ED25519,
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                &rcgen::PKCS_RSA_SHA256
            }
        }
    }
}

impl rcgen::SigningKey for Blank {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}

fn blank_issuer(issuer: &Identity) -> rcgen::Issuer<'static, Blank> {
    let mut parameters = CertificateParams::default();
    parameters.key_identifier_method = identifier(&issuer.key_identifier);
    rcgen::Issuer::new(parameters, Blank(issuer.algorithm))
}

fn identifier(identifier: &[u8]) -> KeyIdMethod {
    KeyIdMethod::PreSpecified(identifier.to_vec())
}

fn reason(reason: RevocationReason) -> rcgen::RevocationReason {
    match reason {
        RevocationReason::Unspecified => rcgen::RevocationReason::Unspecified,
        RevocationReason::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
        RevocationReason::CaCompromise => rcgen::RevocationReason::CaCompromise,
        RevocationReason::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
        RevocationReason::Superseded => rcgen::RevocationReason::Superseded,
        RevocationReason::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
        RevocationReason::PrivilegeWithdrawn => rcgen::RevocationReason::PrivilegeWithdrawn,
    }
}

fn failure(what: &'static str, problem: impl std::fmt::Display) -> CaError {
    CaError::Encoding {
        what,
        problem: problem.to_string(),
    }
}
