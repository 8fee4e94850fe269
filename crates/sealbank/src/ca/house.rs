//! Opening the CA's directory, and saying what is wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealbank_ca::{Authority, CaError};
use sealbank_journal::SqliteJournal;
use time::OffsetDateTime;

use super::args::Place;
use crate::exit::{Exit, Failure};
use crate::serve::JOURNAL_FILE;

/// The issuing CA's certificate within the directory.
pub(super) const ISSUING_FILE: &str = "issuing.pem";

/// The issuing CA's latest revocation list within the directory.
pub(super) const LIST_FILE: &str = "issuing.crl.pem";

/// So many signings that were cut off are told one by one; a bulk run leaves more.
const TOLD: usize = 3;

/// The journal of the CA that is meant; refuses a directory without one.
pub(super) fn journal_file(place: &Place) -> Result<PathBuf, Failure> {
    let path = place.dir.join(JOURNAL_FILE);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::bad_input(format!(
        "error: there is no CA in {}\nhelp: name its directory with --dir, or found one: sealbank ca init --dir {0}",
        place.dir.display()
    )))
}

/// The CA, to sign and to decide with; no other process writes to it meanwhile.
pub(super) fn open(place: &Place, now: OffsetDateTime) -> Result<Authority, Failure> {
    let journal = SqliteJournal::open(journal_file(place)?).map_err(CaError::from);
    let authority = journal
        .and_then(|journal| Authority::open(&place.dir, Arc::new(journal)))
        .map_err(|error| refused(&error))?;
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
    Ok(authority)
}

/// The CA as it is on record; another process may be writing.
pub(super) fn look_into(place: &Place) -> Result<Authority, Failure> {
    let journal = SqliteJournal::open_read_only(journal_file(place)?).map_err(CaError::from);
    journal
        .and_then(|journal| Authority::open(&place.dir, Arc::new(journal)))
        .map_err(|error| refused(&error))
}

/// The failure that says what the CA says.
pub(super) fn refused(error: &CaError) -> Failure {
    let exit = match error {
        CaError::Request(_) => Exit::Failed,
        CaError::Subject { .. }
        | CaError::Validity { .. }
        | CaError::OutlivesIssuer { .. }
        | CaError::UnknownSerial { .. }
        | CaError::EmptyPassphrase
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
