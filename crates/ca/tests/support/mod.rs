//! A small world for tests: requesters with keys, an authority with a clock, and the stranger
//! (OpenSSL) who judges what is made.

#![expect(dead_code, reason = "every test file takes what it needs")]
#![expect(clippy::unwrap_used, reason = "these are helpers of tests")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sealbank_ca::{
    Authority, BulkOptions, BulkOutcome, BulkRequest, BulkRun, Certificate, CertificateRequest,
    HierarchyOptions, Subject, Validity, VerifiedRequest,
};
use sealbank_journal::{
    Append, Durable, Entry, Expected, Journal, MemoryJournal, NewEntry, Position, StreamName,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The fixed start of the mock bank's clock.
pub(crate) const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +9);

/// A requester's well-made P-256 request in DER.
pub(crate) fn request_der() -> Vec<u8> {
    request_with(&rcgen::CertificateParams::default())
}

/// A request that asks for what the parameters say.
pub(crate) fn request_with(parameters: &rcgen::CertificateParams) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    parameters.serialize_request(&key).unwrap().der().to_vec()
}

pub(crate) fn verified() -> VerifiedRequest {
    CertificateRequest::parse(&request_der())
        .unwrap()
        .verify()
        .unwrap()
}

pub(crate) fn subject(user: &str) -> Subject {
    Subject::new(
        "The Higo Bank, Ltd",
        "The Higo Bank Internet Banking tBIB CA",
        format!("ZZTST99990000001 {user}"),
    )
    .unwrap()
}

pub(crate) fn a_year() -> Validity {
    Validity::new(NOW - Duration::minutes(10), NOW + Duration::days(365)).unwrap()
}

/// An authority in memory and the journal that it writes.
pub(crate) fn authority(options: &HierarchyOptions) -> (Authority, Arc<MemoryJournal>) {
    let journal = Arc::new(MemoryJournal::new());
    let authority = Authority::in_memory(options, journal.clone(), NOW).unwrap();
    (authority, journal)
}

pub(crate) fn sign_one(authority: &Authority, user: &str) -> Durable<Certificate> {
    let request = (verified(), subject(user), a_year());
    authority.sign(&[request], NOW).unwrap().pop().unwrap()
}

/// The certificate that a bulk run of its own signs.
pub(crate) fn sign_in_bulk(authority: &Authority, user: &str) -> Durable<Certificate> {
    let run = BulkRun::random().unwrap();
    let request = BulkRequest {
        position: 0,
        request: request_der().into(),
        subject: subject(user),
        validity: a_year(),
    };
    let mut release = |_: BulkOutcome<'_>| ControlFlow::Continue(());
    authority
        .sign_bulk(
            [Ok(request)].into_iter(),
            &BulkOptions::new(run),
            &mut release,
            NOW,
        )
        .unwrap();
    authority.certificates_of_run(run).next().unwrap().unwrap()
}

/// All entries of a journal.
pub(crate) fn entries(journal: &dyn Journal) -> Vec<Entry> {
    journal.read(Position::START, usize::MAX).unwrap()
}

/// OpenSSL, if it is there. In continuous integration it has to be.
pub(crate) struct OpenSsl;

impl OpenSsl {
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    pub(crate) fn find() -> Option<Self> {
        let found = Command::new("openssl").arg("version").output().is_ok();
        if !found {
            assert!(
                std::env::var_os("CI").is_none(),
                "the openssl command is missing: install it (Debian package openssl)"
            );
            eprintln!("skipped: the openssl command is missing");
        }
        found.then_some(Self)
    }

    /// Runs `openssl` in a directory; its two outputs together, and whether it succeeded.
    pub(crate) fn try_run(&self, dir: &Path, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(dir)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    }

    /// Runs `openssl` and demands success.
    pub(crate) fn run(&self, dir: &Path, arguments: &str) -> String {
        let (success, text) = self.try_run(dir, arguments);
        assert!(success, "openssl {arguments}: {text}");
        text
    }
}

/// A DER structure as a PEM file.
pub(crate) fn write_pem(path: &Path, label: &str, der: &[u8]) {
    let pem = pkcs8::der::pem::encode_string(label, pkcs8::LineEnding::LF, der).unwrap();
    std::fs::write(path, pem).unwrap();
}

/// Appends an entry of one journal to another.
pub(crate) fn copy(journal: &dyn Journal, entry: &Entry) {
    append(
        journal,
        entry.stream().as_str(),
        entry.kind(),
        entry.payload().to_vec(),
    );
}

/// Appends what nobody decided.
pub(crate) fn append(journal: &dyn Journal, stream: &str, kind: &str, payload: Vec<u8>) {
    let kind = kind.to_owned().into();
    let entries = vec![NewEntry { kind, payload }];
    let stream = StreamName::new(stream).unwrap();
    let append = Append {
        stream,
        expected: Expected::Any,
        recorded_at: NOW,
        entries,
    };
    journal.append(append).unwrap();
}
