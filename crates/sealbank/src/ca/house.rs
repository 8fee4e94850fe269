//! Opening the CA's directory, and saying what is wrong with it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sealbank_ca::{Authority, CaError, KeyProtection, Keystore};
use sealbank_journal::{Journal, SqliteJournal};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::args::{RootPlace, SigningPlace};
use super::keyless::public_halves;
use super::passphrase;
use crate::exit::{Exit, Failure};
use crate::serve::JOURNAL_FILE;

/// The issuing CA's certificate within the directory.
pub(super) const ISSUING_FILE: &str = "issuing.pem";

/// So many signings that were cut off are told one by one; a bulk run leaves more.
const TOLD: usize = 3;

/// The journal of the CA in `dir`; refuses a directory without one.
pub(super) fn journal_file(dir: &Path) -> Result<PathBuf, Failure> {
    let path = dir.join(JOURNAL_FILE);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::bad_input(format!(
        "error: there is no CA in {0}\nhelp: name its directory with --dir, or found one: sealbank ca init --dir {0}",
        dir.display()
    )))
}

/// The root's directory: where it was named, or beside that of the CA.
pub(super) fn root_dir(dir: &Path, root: &RootPlace) -> PathBuf {
    root.root_dir.clone().unwrap_or_else(|| {
        let mut name = dir.file_name().unwrap_or("ca".as_ref()).to_owned();
        name.push("-root");
        dir.with_file_name(name)
    })
}

/// The CA, to sign and to decide with; no other process writes to it meanwhile.
pub(super) fn open(place: &SigningPlace, now: OffsetDateTime) -> Result<Authority, Failure> {
    open_on(place, &OnceLock::new(), now, |journal| Arc::new(journal))
}

/// The same, with its journal in the hands of the caller. A passphrase that is needed and not given is asked for, once
/// for all who share `asked`.
pub(super) fn open_on(
    place: &SigningPlace,
    asked: &OnceLock<SecretString>,
    now: OffsetDateTime,
    mut journal: impl FnMut(SqliteJournal) -> Arc<dyn Journal>,
) -> Result<Authority, Failure> {
    let path = journal_file(&place.dir)?;
    let mut unlock = |passphrase: Option<SecretString>| {
        let protection = passphrase.map_or(KeyProtection::Plain, KeyProtection::Passphrase);
        let keystore = Keystore::new(&place.dir).protected_by(protection);
        Authority::open_in(keystore, journal(SqliteJournal::open(&path)?))
    };
    let given = match asked.get() {
        Some(passphrase) => Some(passphrase.clone()),
        None => passphrase::ISSUING.given(place.ca_passphrase_file.as_deref())?,
    };
    let authority = match unlock(given) {
        Err(CaError::KeyEncrypted { .. }) => {
            let passphrase = passphrase::ISSUING.known(None)?;
            let opened = unlock(Some(passphrase.clone()));
            asked.get_or_init(|| passphrase);
            opened
        }
        opened => opened,
    };
    let authority = authority.map_err(|error| refused(&error))?;
    settle(&authority, now)?;
    Ok(authority)
}

/// Brings what was cut off earlier to its end, and tells of it.
fn settle(authority: &Authority, now: OffsetDateTime) -> Result<(), Failure> {
    let settled = authority.settle(now).map_err(|error| refused(&error))?;
    for settled in settled.iter().take(TOLD) {
        anstream::eprintln!(
            "note: a signing was cut off earlier; serial {} stays spent, request {} may be sent again",
            settled.serial,
            settled.request
        );
    }
    if settled.len() > TOLD {
        anstream::eprintln!("note: so it is with {} in all", settled.len());
    }
    Ok(())
}

/// The CA as it is on record, without its keys; another process may be writing.
pub(super) fn look_into(dir: &Path) -> Result<Authority, Failure> {
    let journal = SqliteJournal::open_read_only(journal_file(dir)?);
    let journal = journal.map_err(|error| refused(&error.into()))?;
    let opened = Authority::open_with_keys(public_halves(dir)?, Arc::new(journal));
    opened.map_err(|error| match error {
        CaError::NoKey { generation } => Failure::internal(format!(
            "error: {} has no certificate of generation {generation} of the issuing CA, which is on record\nhelp: journal and certificates belong together; restore both from one backup",
            dir.display()
        )),
        other => refused(&other),
    })
}

/// The failure that says what the CA says.
pub(super) fn refused(error: &CaError) -> Failure {
    let exit = match error {
        CaError::Request(_) => Exit::Failed,
        CaError::Subject { .. }
        | CaError::Validity { .. }
        | CaError::OutlivesIssuer { .. }
        | CaError::UnknownSerial { .. }
        | CaError::UnknownGeneration { .. }
        | CaError::EmptyPassphrase
        | CaError::WrongPassphrase { .. }
        | CaError::KeyEncrypted { .. }
        | CaError::TransportPassword { .. }
        | CaError::ForeignRoot
        | CaError::Exists { .. }
        | CaError::RootNotApart { .. }
        | CaError::JournalInUse
        | CaError::NoHierarchy => Exit::BadInput,
        _ => Exit::Internal,
    };
    Failure {
        exit,
        message: format!("error: {error}"),
    }
}

/// A file that could not be read or written.
pub(super) fn unusable(path: &Path, doing: &str, error: &std::io::Error) -> String {
    format!("error: {} can't be {doing}: {error}", path.display())
}
