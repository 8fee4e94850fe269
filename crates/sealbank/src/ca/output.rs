//! Standard output, certificates as JSON, and times as people and programs read them.

use std::io::Write as _;

use sealbank_ca::{Certificate, Listed, Status};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::exit::Failure;

/// Writes bytes to standard output as they are.
pub(super) fn print(content: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(content)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::internal(format!("error: standard output is closed: {error}")))
}

/// An instant in RFC 3339.
pub(super) fn instant(instant: OffsetDateTime) -> String {
    instant
        .format(&Rfc3339)
        .expect("a time that X.509 can write has an RFC 3339 form")
}

/// What a program wants to know of a certificate.
pub(super) fn certificate(certificate: &Certificate) -> Value {
    let subject = certificate.subject();
    json!({
        "serial": certificate.serial().to_string(),
        "subject": {
            "organization": subject.organization(),
            "organizational-unit": subject.organizational_unit(),
            "common-name": subject.common_name(),
        },
        "not-before": instant(certificate.not_before()),
        "not-after": instant(certificate.not_after()),
        "key": certificate.public_key().algorithm().name(),
        "request": certificate.request().to_string(),
        "certificate": certificate.pem(),
    })
}

/// The same with how it stands.
pub(super) fn listed(listed: &Listed) -> Value {
    let mut value = certificate(&listed.certificate);
    value["status"] = listed.status.kind().name().into();
    if let Status::Revoked { reason, revoked_at } = listed.status {
        value["reason"] = reason.name().into();
        value["revoked-at"] = instant(revoked_at).into();
    }
    value
}
