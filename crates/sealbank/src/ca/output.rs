//! Files that appear whole or not at all, certificates as JSON, and times as people and programs read them.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use sealbank_ca::{Certificate, Listed, Status};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::house::unusable;
use crate::exit::Failure;

/// Replaces `path` by `content`: written beside it, synced, and moved into place.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace_with(path, content, Readers::Everybody)
}

/// The same with a file that its owner alone may read.
pub(super) fn replace_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace_with(path, content, Readers::Owner)
}

/// Who may read a file.
#[derive(Debug, Clone, Copy)]
enum Readers {
    Everybody,
    Owner,
}

fn replace_with(path: &Path, content: &[u8], readers: Readers) -> Result<(), Failure> {
    let written = if is_stream(path) {
        let stream = File::options().write(true).open(path);
        stream.and_then(|mut stream| stream.write_all(content))
    } else {
        write_beside(path, content, readers)
    };
    written.map_err(|error| Failure::internal(unusable(path, "written", &error)))
}

/// A pipe or a device is written to; a file in its place would be none.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn write_beside(path: &Path, content: &[u8], readers: Readers) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let draft = path.with_file_name(name);
    let written = create(&draft, readers)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        // What is told is why the file could not be written; the draft may not even be there.
        let _ = std::fs::remove_file(&draft);
    }
    written
}

fn create(path: &Path, readers: Readers) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Everybody => 0o666,
            Readers::Owner => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(path)
}

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
