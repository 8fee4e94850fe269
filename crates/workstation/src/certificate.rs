//! [`Certificate`]: an X.509 certificate as the PC's store and picker see it.
//!
//! It reads what the picker shows and what deciding needs. Trust is judged in `install.rs`.

use std::fmt;

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

use crate::error::WorkstationError;

/// The SHA-256 of a certificate's DER bytes: its identity inside a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A parsed certificate (RFC 5280, section 4.1) with the bytes it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    fingerprint: Fingerprint,
    serial: String,
    subject: Vec<(String, String)>,
    issuer: Vec<u8>,
    issuer_common_name: Option<String>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    client_logon: bool,
    self_issued: bool,
    public_key: Vec<u8>,
}

impl Certificate {
    /// Reads one certificate.
    ///
    /// # Errors
    /// [`WorkstationError::BadCertificate`] when the bytes are no certificate, or more than one.
    pub fn parse(der: CertificateDer<'static>) -> Result<Self, WorkstationError> {
        let bad = |what: String| WorkstationError::BadCertificate { what };
        let (rest, parsed) = X509Certificate::from_der(&der).map_err(|e| bad(e.to_string()))?;
        if !rest.is_empty() {
            return Err(bad(format!("{} bytes follow the certificate", rest.len())));
        }
        let client_logon = match parsed.extended_key_usage() {
            Ok(None) => true,
            Ok(Some(usage)) => usage.value.client_auth || usage.value.any,
            Err(e) => return Err(bad(e.to_string())),
        };
        let fingerprint = Fingerprint(Sha256::digest(&der).into());
        let read = Self {
            fingerprint,
            serial: hex(parsed
                .raw_serial()
                .strip_prefix(&[0])
                .unwrap_or(parsed.raw_serial())),
            subject: attributes(parsed.subject()),
            issuer: parsed.issuer().as_raw().to_vec(),
            issuer_common_name: find(&attributes(parsed.issuer()), "CN"),
            not_before: parsed.validity().not_before.to_datetime(),
            not_after: parsed.validity().not_after.to_datetime(),
            client_logon,
            self_issued: parsed.issuer().as_raw() == parsed.subject().as_raw(),
            public_key: parsed.public_key().raw.to_vec(),
            der: CertificateDer::from(Vec::new()),
        };
        Ok(Self { der, ..read })
    }

    /// The bytes.
    #[must_use]
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Its identity inside a store.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The serial number in lower-case hexadecimal, without a leading sign byte.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The subject's attributes in their order, by short name (`O`, `OU`, `CN`) or dotted OID.
    #[must_use]
    pub fn subject(&self) -> &[(String, String)] {
        &self.subject
    }

    /// The subject's first Common Name; empty when it has none.
    #[must_use]
    pub fn common_name(&self) -> &str {
        self.subject
            .iter()
            .find(|(name, _)| name == "CN")
            .map_or("", |(_, value)| value)
    }

    /// The issuer's Common Name.
    #[must_use]
    pub fn issuer_common_name(&self) -> Option<&str> {
        self.issuer_common_name.as_deref()
    }

    /// The issuer's whole name in DER, as a TLS server hints at it (RFC 8446, section 4.2.4).
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The first moment of its validity.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last moment of its validity.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether `now` lies within its validity, both ends included (RFC 5280, section 4.1.2.5).
    #[must_use]
    pub fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Whether its extended key usage lets it log a client on (RFC 5280, section 4.2.1.12).
    #[must_use]
    pub fn may_log_on(&self) -> bool {
        self.client_logon
    }

    /// Whether subject and issuer are the same name, as in a root (RFC 5280, section 3.2).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.self_issued
    }

    /// The subjectPublicKeyInfo in DER.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

/// Lower-case hexadecimal of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(name: &X509Name<'_>) -> Vec<(String, String)> {
    name.iter_attributes()
        .map(|attribute| {
            let oid = attribute.attr_type().to_id_string();
            let short = match oid.as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.6" => "C",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                other => other,
            };
            (
                short.to_owned(),
                attribute.as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

fn find(attributes: &[(String, String)], name: &str) -> Option<String> {
    attributes
        .iter()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Authority, moment};
    use time::Duration;

    #[test]
    fn the_picker_sees_names_in_order_and_both_ends_of_validity() {
        let authority = Authority::new();
        let (certificate, _) = authority.client("ZZTST99990000001 keiri01");
        assert_eq!(certificate.common_name(), "ZZTST99990000001 keiri01");
        assert_eq!(certificate.subject()[0].0, "O");
        assert_eq!(certificate.issuer_common_name(), Some("TEST ONLY Issuing"));
        assert!(certificate.may_log_on());
        assert!(certificate.is_valid_at(certificate.not_after()));
        assert!(!certificate.is_valid_at(certificate.not_after() + Duration::SECOND));
        assert!(certificate.is_valid_at(moment()));
    }

    #[test]
    fn bytes_after_the_certificate_are_refused() {
        let authority = Authority::new();
        let mut der = authority.client("a").0.der().to_vec();
        der.push(0);
        let error = Certificate::parse(der.into()).unwrap_err();
        assert!(error.to_string().contains("1 bytes follow"), "{error}");
    }
}
