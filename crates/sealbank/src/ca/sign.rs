//! `sealbank ca sign`: certificates for requests in files or on standard input.

use std::path::{Path, PathBuf};

use sealbank_ca::{
    Certificate, CertificateRequest, MAX_REQUEST_BYTES, RequestError, Subject, Validity,
    VerifiedRequest,
};
use sealbank_journal::Durable;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::args::{DEFAULT_DAYS, SignArguments};
use super::house::{self, refused, unusable};
use super::subject::Defaults;
use super::{bulk, input, output};
use crate::exit::{Exit, Failure};
use crate::file;

/// A request that was refused, and where it came from.
struct Refused<'a> {
    path: &'a Path,
    reason: RequestError,
}

/// Signs what can be signed, and names what can't.
pub(super) fn sign(arguments: &SignArguments) -> Result<Exit, Failure> {
    if let Some(input) = &arguments.bulk.bulk {
        return bulk::sign(arguments, input);
    }
    let now = OffsetDateTime::now_utc();
    let validity = days_from(now, arguments.days.unwrap_or(DEFAULT_DAYS))?;
    must_have_subjects(arguments)?;
    let requests = arguments.requests.iter();
    let requests = requests
        .map(|path| input::read(path, MAX_REQUEST_BYTES).map(|sent| (verified(&sent), sent)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let authority = house::open(&arguments.place, now)?;
    let subjects = subjects(arguments, &Defaults::of(&authority))?;
    let mut accepted = Vec::new();
    let mut refusals = Vec::new();
    for ((path, request), subject) in arguments.requests.iter().zip(requests).zip(subjects) {
        match request {
            (Ok(request), _) => accepted.push((request, subject, validity)),
            (Err(reason), sent) => {
                let recorded = authority.refuse(&sent, &reason, now);
                recorded.map_err(|error| refused(&error))?;
                refusals.push(Refused { path, reason });
            }
        }
    }
    let certificates = authority
        .sign(&accepted, now)
        .map_err(|error| refused(&error))?;
    tell(arguments, &certificates, &refusals)?;
    Ok(if refusals.is_empty() {
        Exit::Success
    } else {
        Exit::Failed
    })
}

/// As many days from `begin` on.
pub(super) fn days_from(begin: OffsetDateTime, days: u32) -> Result<Validity, Failure> {
    let end = begin.saturating_add(Duration::days(days.into()));
    Validity::new(begin, end).map_err(|error| refused(&error))
}

/// There is one subject for all requests, or one for each.
fn must_have_subjects(arguments: &SignArguments) -> Result<(), Failure> {
    let (given, wanted) = (arguments.subject.len(), arguments.requests.len());
    if given == 1 || given == wanted {
        return Ok(());
    }
    Err(Failure::bad_input(format!(
        "error: there are {given} subjects for {wanted} requests\nhelp: give one --subject for all, or one for each in their order"
    )))
}

/// One subject for each request.
fn subjects(arguments: &SignArguments, defaults: &Defaults) -> Result<Vec<Subject>, Failure> {
    let given = arguments.subject.iter();
    let given = given
        .map(|parts| parts.complete(defaults))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|problem| Failure::bad_input(format!("error: {problem}")))?;
    Ok(match given.as_slice() {
        [one] => vec![one.clone(); arguments.requests.len()],
        _ => given,
    })
}

fn verified(bytes: &[u8]) -> Result<VerifiedRequest, RequestError> {
    CertificateRequest::parse(bytes)?.verify()
}

fn tell(
    arguments: &SignArguments,
    certificates: &[Durable<Certificate>],
    refusals: &[Refused<'_>],
) -> Result<(), Failure> {
    let written = write(arguments.out.as_deref(), certificates)?;
    if arguments.json {
        let signed: Vec<_> = certificates
            .iter()
            .map(|signed| output::certificate(signed))
            .collect();
        let refused: Vec<_> = refusals
            .iter()
            .map(|refused| {
                json!({ "request": refused.path, "code": refused.reason.code(), "reason": refused.reason.to_string() })
            })
            .collect();
        let result = json!({ "signed": signed, "refused": refused, "written": written });
        output::print(format!("{result:#}\n").as_bytes())?;
    } else if arguments.out.is_none() {
        output::print(bundle(certificates).as_bytes())?;
    } else {
        for certificate in certificates {
            anstream::println!(
                "{}  {}",
                certificate.serial(),
                certificate.subject().to_name()
            );
        }
    }
    for Refused { path, reason } in refusals {
        anstream::eprintln!("refused: {}: {} ({reason})", path.display(), reason.code());
    }
    Ok(())
}

/// Writes to the file, or into the directory, that was named.
fn write(
    out: Option<&Path>,
    certificates: &[Durable<Certificate>],
) -> Result<Vec<PathBuf>, Failure> {
    let Some(out) = out else {
        return Ok(Vec::new());
    };
    if certificates.is_empty() {
        return Ok(Vec::new());
    }
    if !is_directory(out) {
        file::replace(out, bundle(certificates).as_bytes())?;
        return Ok(vec![out.to_owned()]);
    }
    std::fs::create_dir_all(out)
        .map_err(|error| Failure::internal(unusable(out, "made", &error)))?;
    let mut written = Vec::new();
    for certificate in certificates {
        let path = out.join(format!("{}.pem", certificate.serial()));
        file::replace(&path, certificate.pem().as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

/// A directory is one that is there, or a name with a slash at its end.
pub(super) fn is_directory(out: &Path) -> bool {
    out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/")
}

fn bundle(certificates: &[Durable<Certificate>]) -> String {
    certificates.iter().map(|signed| signed.pem()).collect()
}
