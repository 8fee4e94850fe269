//! `sealbank ca revoke`, and how its users and those of `show` name certificates.

use std::collections::BTreeSet;
use std::path::Path;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sealbank_ca::{Authority, CaError, Certificate, Filter, Serial, Status};
use sealbank_journal::Durable;
use serde_json::json;
use time::OffsetDateTime;

use super::args::RevokeArguments;
use super::house::{self, refused};
use super::output;
use crate::exit::{Exit, Failure};

/// Revokes all that are named, or none if one of them is not known.
pub(super) fn revoke(arguments: &RevokeArguments) -> Result<Exit, Failure> {
    let now = OffsetDateTime::now_utc();
    let authority = house::open(&arguments.place, now)?;
    let mut serials = BTreeSet::new();
    for name in &arguments.certificates {
        let found = named(&authority, name)?;
        serials.extend(found.iter().map(|certificate| *certificate.serial()));
    }
    serials.extend(with_subject(&authority, arguments, now)?);
    let mut records = Vec::new();
    for serial in &serials {
        let record = authority.revoke(serial, arguments.reason, now);
        let record = record.map_err(|error| refused(&error))?;
        let (reason, at) = (record.reason().name(), output::instant(record.revoked_at()));
        if !arguments.json {
            anstream::println!("{serial}  revoked {at}  {reason}");
        }
        records.push(json!({ "serial": serial.to_string(), "reason": reason, "revoked-at": at }));
    }
    if arguments.json {
        let result = json!({ "revoked": records });
        anstream::println!("{result:#}");
    } else {
        let dir = arguments.place.dir.display();
        anstream::eprintln!("The next list tells relying parties: sealbank ca crl --dir {dir}");
    }
    Ok(Exit::Success)
}

/// The certificates that somebody calls `name`: a serial, or a file with certificates in PEM.
pub(super) fn named(
    authority: &Authority,
    name: &str,
) -> Result<Vec<Durable<Certificate>>, Failure> {
    if let Ok(serial) = name.parse::<Serial>() {
        let found = authority.find_certificate(&serial);
        let found = found.and_then(|found| found.ok_or(CaError::UnknownSerial { serial }));
        return Ok(vec![found.map_err(|error| refused(&error))?]);
    }
    let bad = |problem: &dyn std::fmt::Display| {
        Failure::bad_input(format!(
            "error: {name} is neither a serial nor a file with certificates in PEM: {problem}"
        ))
    };
    let certificates = CertificateDer::pem_file_iter(Path::new(name))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|problem| bad(&problem))?;
    if certificates.is_empty() {
        return Err(bad(&"there is none in it"));
    }
    certificates
        .iter()
        .map(|der| recorded(authority, der)?.ok_or_else(|| not_ours(name)))
        .collect()
}

/// A certificate that is on record exactly as it is.
fn recorded(
    authority: &Authority,
    der: &CertificateDer<'_>,
) -> Result<Option<Durable<Certificate>>, Failure> {
    authority
        .recorded_certificates()
        .find(|step| step.as_ref().map_or(true, |found| found.der() == der))
        .transpose()
        .map_err(|error| refused(&error))
}

fn not_ours(name: &str) -> Failure {
    Failure::bad_input(format!(
        "error: {name}: a certificate in it was not signed by this CA\nhelp: `sealbank ca list` shows those that were"
    ))
}

/// Those that have one of the subjects and still hold; a subject that nobody has is a mistake.
fn with_subject(
    authority: &Authority,
    arguments: &RevokeArguments,
    now: OffsetDateTime,
) -> Result<Vec<Serial>, Failure> {
    let standing = authority.list(&Filter::default(), now);
    let standing = standing.map_err(|error| refused(&error))?;
    let mut serials = Vec::new();
    for parts in &arguments.subject {
        let before = serials.len();
        let fitting = standing.iter().filter(|listed| {
            matches!(listed.status, Status::Valid | Status::NotYetValid)
                && parts.fits(listed.certificate.subject())
        });
        serials.extend(fitting.map(|listed| *listed.certificate.serial()));
        if serials.len() == before {
            return Err(Failure::bad_input(
                "error: no certificate that still holds has this subject; nothing was revoked\nhelp: `sealbank ca list --subject TEXT` finds those with a text in theirs",
            ));
        }
    }
    Ok(serials)
}
