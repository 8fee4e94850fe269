//! What a certificate says, read back from its bytes by an independent parser. A draft and a
//! certificate are compared through these facts before either is recorded.

use std::fmt;

use x509_parser::certificate::TbsCertificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Version;

use crate::der;
use crate::issuer::Identity;
use crate::{CaError, Name, PublicKey, Serial, Subject, Validity};

/// The fields of a `TBSCertificate`, without its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) serial: Serial,
    pub(crate) issuer: Name,
    /// Which of the issuer's keys signs it.
    pub(crate) issuer_key_identifier: Vec<u8>,
    pub(crate) subject: Subject,
    pub(crate) validity: Validity,
    pub(crate) key: PublicKey,
}

impl Facts {
    pub(crate) fn read(tbs: &TbsCertificate<'_>) -> Result<Self, CaError> {
        if tbs.version() != X509Version::V3 {
            return Err(malformed("it is not of version 3"));
        }
        let validity = tbs.validity();
        Ok(Self {
            serial: Serial::from_bytes(tbs.raw_serial())?,
            issuer: Name::from_der(tbs.issuer.as_raw())?,
            issuer_key_identifier: authority_key_identifier(tbs)?,
            subject: Subject::from_name(tbs.subject.as_raw())?,
            validity: Validity::new(
                validity.not_before.to_datetime(),
                validity.not_after.to_datetime(),
            )?,
            key: PublicKey::from_spki_der(tbs.subject_pki.raw).map_err(malformed)?,
        })
    }

    /// Refuses anything but what was decided.
    pub(crate) fn must_say(
        &self,
        issuer: &Identity,
        serial: Serial,
        key: &PublicKey,
        subject: &Subject,
        validity: Validity,
    ) -> Result<(), CaError> {
        let decided = Self {
            serial,
            issuer: issuer.name.clone(),
            issuer_key_identifier: issuer.key_identifier.clone(),
            subject: subject.clone(),
            validity,
            key: key.clone(),
        };
        self.must_equal(&decided, "the draft")
    }

    /// Whether this issuer, with this key, is to sign it.
    pub(crate) fn is_of(&self, issuer: &Identity) -> bool {
        self.issuer == issuer.name && self.issuer_key_identifier == issuer.key_identifier
    }

    /// Refuses what another authority, or another key of this one, is to sign.
    pub(crate) fn must_be_of(&self, issuer: &Identity) -> Result<(), CaError> {
        same("the draft", "issuer", &issuer.name, &self.issuer)?;
        let found = &self.issuer_key_identifier;
        same(
            "the draft",
            "authorityKeyIdentifier",
            &issuer.key_identifier,
            found,
        )
    }

    /// Refuses anything but `decided`, and names the first field that differs.
    pub(crate) fn must_equal(&self, decided: &Self, what: &'static str) -> Result<(), CaError> {
        same(what, "serialNumber", &decided.serial, &self.serial)?;
        same(what, "issuer", &decided.issuer, &self.issuer)?;
        same(
            what,
            "authorityKeyIdentifier",
            &decided.issuer_key_identifier,
            &self.issuer_key_identifier,
        )?;
        same(what, "subject", &decided.subject, &self.subject)?;
        same(what, "validity", &decided.validity, &self.validity)?;
        same(what, "subjectPublicKeyInfo", &decided.key, &self.key)
    }
}

fn authority_key_identifier(tbs: &TbsCertificate<'_>) -> Result<Vec<u8>, CaError> {
    tbs.extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(aki) => aki.key_identifier.as_ref(),
            _ => None,
        })
        .map(|identifier| identifier.0.to_vec())
        .ok_or_else(|| malformed("it does not name its issuer's key"))
}

/// One `TBSCertificate` in strict DER and nothing else.
pub(crate) fn parse_tbs(tbs: &[u8]) -> Result<TbsCertificate<'_>, CaError> {
    let (_, rest) = der::check_sequence(tbs).map_err(malformed)?;
    let (_, parsed) = TbsCertificate::from_der(tbs).map_err(malformed)?;
    if rest.is_empty() {
        Ok(parsed)
    } else {
        Err(malformed("something follows it"))
    }
}

pub(crate) fn same<T: PartialEq + fmt::Debug>(
    what: &'static str,
    field: &'static str,
    expected: &T,
    found: &T,
) -> Result<(), CaError> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
    Err(CaError::Mismatch {
        what,
        field,
        expected,
        found,
    })
}

pub(crate) fn malformed(problem: impl fmt::Display) -> CaError {
    CaError::Malformed {
        what: "a certificate",
        problem: problem.to_string(),
    }
}
