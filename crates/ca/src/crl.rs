//! Revocation lists (RFC 5280 section 5): what one says, and reading one back. Which certificates
//! belong on it is decided by `books`.

use std::num::NonZeroU64;

use rustls_pki_types::CertificateRevocationListDer;
use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};

use crate::certificate::to_pem;
use crate::facts::same;
use crate::issuer::{self, Identity};
use crate::{CaError, Name, PublicKey, Revocation, RevocationReason, Serial, der};

/// A signed revocation list.
///
/// A `Durable<RevocationList>` is one that is recorded and may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    der: CertificateRevocationListDer<'static>,
    issuer: Name,
    key_identifier: Vec<u8>,
    number: NonZeroU64,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    revoked: Vec<ListEntry>,
}

/// One line of a revocation list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListEntry {
    /// The certificate.
    pub serial: Serial,
    /// Since when it is withdrawn.
    pub revoked_at: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

/// Everything that a revocation list is to say.
pub(crate) struct ListForm<'a> {
    pub(crate) issuer: &'a Identity,
    pub(crate) number: NonZeroU64,
    pub(crate) this_update: OffsetDateTime,
    pub(crate) next_update: OffsetDateTime,
    /// In the order of the serials.
    pub(crate) revoked: Vec<ListEntry>,
}

impl RevocationList {
    pub(crate) fn from_der(der: CertificateRevocationListDer<'static>) -> Result<Self, CaError> {
        let list = parse(&der)?;
        let next_update = list
            .next_update()
            .ok_or_else(|| malformed("it does not say when the next one comes"))?;
        let revoked = list
            .iter_revoked_certificates()
            .map(ListEntry::read)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            issuer: Name::from_der(list.issuer().as_raw())?,
            key_identifier: key_identifier(&list)?,
            number: number(&list)?,
            this_update: list.last_update().to_datetime(),
            next_update: next_update.to_datetime(),
            revoked,
            der,
        })
    }

    /// The list in DER.
    pub fn der(&self) -> &CertificateRevocationListDer<'static> {
        &self.der
    }

    /// The list in PEM (RFC 7468 section 6).
    pub fn pem(&self) -> String {
        to_pem("X509 CRL", &self.der)
    }

    /// The name of its issuer.
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// cRLNumber (RFC 5280 section 5.2.3); each list has a higher one than those before it.
    pub fn number(&self) -> u64 {
        self.number.get()
    }

    /// thisUpdate: as of when it holds.
    pub fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// nextUpdate: by when there will be another.
    pub fn next_update(&self) -> OffsetDateTime {
        self.next_update
    }

    /// The certificates on it, in the order of their serials.
    pub fn revoked(&self) -> &[ListEntry] {
        &self.revoked
    }

    /// Whether this issuer's name and key stand on it.
    pub(crate) fn names(&self, issuer: &Identity) -> bool {
        self.issuer == issuer.name && self.key_identifier == issuer.key_identifier
    }

    /// Which of its issuer's keys signed it.
    pub(crate) fn key_identifier(&self) -> &[u8] {
        &self.key_identifier
    }

    /// Refuses anything but what was decided.
    pub(crate) fn must_say(&self, form: &ListForm<'_>) -> Result<(), CaError> {
        const WHAT: &str = "the revocation list";
        same(WHAT, "issuer", &form.issuer.name, &self.issuer)?;
        same(
            WHAT,
            "authorityKeyIdentifier",
            &form.issuer.key_identifier,
            &self.key_identifier,
        )?;
        same(WHAT, "cRLNumber", &form.number, &self.number)?;
        same(WHAT, "thisUpdate", &form.this_update, &self.this_update)?;
        same(WHAT, "nextUpdate", &form.next_update, &self.next_update)?;
        same(WHAT, "revokedCertificates", &form.revoked, &self.revoked)
    }

    /// Refuses it unless this authority signed it.
    pub(crate) fn must_be_signed_by(
        &self,
        issuer: &Identity,
        key: &PublicKey,
    ) -> Result<(), CaError> {
        const WHAT: &str = "the revocation list";
        same(WHAT, "issuer", &issuer.name, &self.issuer)?;
        same(
            WHAT,
            "authorityKeyIdentifier",
            &issuer.key_identifier,
            &self.key_identifier,
        )?;
        let list = parse(&self.der)?;
        issuer::verify(key, list.tbs_cert_list.as_ref(), &list.signature_value.data)
    }
}

impl ListEntry {
    fn read(entry: &RevokedCertificate<'_>) -> Result<Self, CaError> {
        let reason = entry
            .reason_code()
            .map_or(Some(RevocationReason::Unspecified), |(_, code)| {
                RevocationReason::from_code(code.0)
            });
        Ok(Self {
            serial: Serial::from_bytes(entry.raw_serial())?,
            revoked_at: entry.revocation_date.to_datetime(),
            reason: reason.ok_or_else(|| malformed("a reason is not one of ours"))?,
        })
    }
}

impl From<&Revocation> for ListEntry {
    fn from(revocation: &Revocation) -> Self {
        Self {
            serial: *revocation.serial(),
            revoked_at: revocation.revoked_at(),
            reason: revocation.reason(),
        }
    }
}

/// One revocation list in strict DER and nothing else.
fn parse(bytes: &[u8]) -> Result<CertificateRevocationList<'_>, CaError> {
    let (_, rest) = der::check_sequence(bytes).map_err(malformed)?;
    let (_, list) = CertificateRevocationList::from_der(bytes).map_err(malformed)?;
    if rest.is_empty() {
        Ok(list)
    } else {
        Err(malformed("something follows it"))
    }
}

fn number(list: &CertificateRevocationList<'_>) -> Result<NonZeroU64, CaError> {
    list.crl_number()
        .and_then(|number| u64::try_from(number).ok())
        .and_then(NonZeroU64::new)
        .ok_or_else(|| malformed("it has no number, or one beyond 64 bits"))
}

fn key_identifier(list: &CertificateRevocationList<'_>) -> Result<Vec<u8>, CaError> {
    list.extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(aki) => aki.key_identifier.as_ref(),
            _ => None,
        })
        .map(|identifier| identifier.0.to_vec())
        .ok_or_else(|| malformed("it does not name its issuer's key"))
}

fn malformed(problem: impl std::fmt::Display) -> CaError {
    CaError::Malformed {
        what: "a revocation list",
        problem: problem.to_string(),
    }
}
