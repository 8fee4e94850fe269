//! The file: creating it whole or not at all, recognising what lies at the path, the lock that
//! keeps a second writer out, and connections with the settings that durability needs.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{row, sql};
use crate::{Damage, Head, JournalError, Medium, Position};

/// How long SQLite may wait for somebody who looks at the file with other tools.
const PATIENCE: Duration = Duration::from_secs(5);

/// The path that names the same file wherever the process goes; also keeps SQLite from reading
/// a meaning into names such as `:memory:`.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, JournalError> {
    std::path::absolute(path).map_err(|error| storage(path, "resolving the path", error))
}

/// Takes the writer's lock; it is free again when the file is dropped or the process ends.
pub(super) fn lock(path: &Path) -> Result<File, JournalError> {
    let lock = beside(path, ".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(|error| storage(path, "opening the lock file", error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked {
            path: path.to_owned(),
            lock,
        }),
        Err(TryLockError::Error(error)) => Err(storage(path, "locking", error)),
    }
}

/// Makes an empty journal if there is none. It is built under another name and then renamed, so
/// whatever is found at `path` later, an empty file included, was once a whole journal.
pub(super) fn create_if_absent(path: &Path) -> Result<(), JournalError> {
    let doing = "looking for the file";
    if path
        .try_exists()
        .map_err(|error| storage(path, doing, error))?
    {
        return Ok(());
    }
    if beside(path, "-wal").exists() {
        return Err(not_a_journal(
            path,
            "the file is gone, but the write-ahead log beside it (-wal) is still there",
        ));
    }
    let unfinished = beside(path, ".new");
    for leftover in [
        unfinished.clone(),
        beside(&unfinished, "-wal"),
        beside(&unfinished, "-shm"),
    ] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(storage(
                    path,
                    "removing what an interrupted start left",
                    error,
                ));
            }
            _ => {}
        }
    }
    build_empty(&unfinished).map_err(|error| fault(path, "creating the tables", error))?;
    fs::rename(&unfinished, path)
        .and_then(|()| sync_folder_of(path))
        .map_err(|error| storage(path, "putting the new file in its place", error))
}

/// Refuses what is not a journal of a version that this program knows; changes nothing.
pub(super) fn recognise(path: &Path) -> Result<(), JournalError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(not_a_journal(path, "nothing is there"));
        }
        Err(error) => return Err(storage(path, "looking at the file", error)),
    };
    if !metadata.is_file() {
        let found = if metadata.is_dir() {
            "it is a folder"
        } else {
            "it is not an ordinary file"
        };
        return Err(not_a_journal(path, found));
    }
    if metadata.len() == 0 {
        return Err(not_a_journal(
            path,
            "it is an empty file, and no journal is ever empty",
        ));
    }
    let reading = connect_for_reading(path)?;
    let version =
        schema_version(reading.connection()).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                not_a_journal(path, "it does not begin as an SQLite file does")
            }
            _ => fault(path, "reading the schema's version", error),
        })?;
    match version {
        None => Err(not_a_journal(
            path,
            "it is an SQLite file without a journal's tables",
        )),
        Some(sql::SCHEMA_VERSION) => Ok(()),
        Some(found) if found > sql::SCHEMA_VERSION => Err(JournalError::NewerSchema {
            path: path.to_owned(),
            found,
            supported: sql::SCHEMA_VERSION,
        }),
        Some(found) => Err(row::unwritten(
            path,
            "table journal_schema",
            "version",
            format!("{found} is not a version"),
        )),
    }
}

/// A connection for the writer thread.
pub(super) fn connect_for_writing(path: &Path) -> Result<Connection, JournalError> {
    let connection = connect(path.as_os_str(), path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let doing = "making the file ready for writing";
    let is_read_only = connection
        .is_readonly("main")
        .map_err(|error| fault(path, doing, error))?;
    if is_read_only {
        return Err(storage(path, doing, io::ErrorKind::PermissionDenied.into()));
    }
    durable(&connection).map_err(|error| fault(path, doing, error))?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) enum Reading {
    /// It sees what is written meanwhile.
    Live(Connection),
    /// It sees what was there when it was made, and is good for one question.
    Still(Connection),
}

impl Reading {
    pub(super) fn connection(&self) -> &Connection {
        match self {
            Self::Live(connection) | Self::Still(connection) => connection,
        }
    }
}

/// A connection that cannot write.
///
/// SQLite reads a file with a write-ahead log only where it may write beside it. Where it may not (a backup on a
/// read-only disk, an auditor's account) and no log is there, nobody is writing, and the file is taken as it is.
pub(super) fn connect_for_reading(path: &Path) -> Result<Reading, JournalError> {
    let connection = connect(path.as_os_str(), path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let first_look = connection.query_row("PRAGMA schema_version", [], |_| Ok(()));
    let shut_out = first_look.is_err_and(|error| {
        let code = error.sqlite_error_code();
        matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
    });
    if shut_out && !beside(path, "-wal").exists() {
        return connect_to_what_rests(path).map(Reading::Still);
    }
    Ok(Reading::Live(connection))
}

/// A connection to a file that nobody writes to.
fn connect_to_what_rests(path: &Path) -> Result<Connection, JournalError> {
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(immutable_uri(path).as_ref(), path, access)
}

/// The URI by which SQLite takes a file as it is, see <https://www.sqlite.org/uri.html>.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

/// SQLite's error as ours; one that means a broken file is damage and not a refusal.
pub(super) fn fault(path: &Path, doing: &'static str, error: rusqlite::Error) -> JournalError {
    fault_after(path, doing, Position::START, error)
}

/// As [`fault`], when entries up to `after` could be read.
pub(super) fn fault_after(
    path: &Path,
    doing: &'static str,
    after: Position,
    error: rusqlite::Error,
) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => JournalError::Damaged {
            medium: Medium::File(path.to_owned()),
            damage: Damage::Unreadable {
                after,
                problem: error.to_string(),
            },
        },
        _ => JournalError::Storage {
            medium: Medium::File(path.to_owned()),
            doing,
            source: Arc::new(error),
        },
    }
}

/// Connects to the file by `name`.
fn connect(name: &OsStr, path: &Path, access: OpenFlags) -> Result<Connection, JournalError> {
    let open = || {
        let connection =
            Connection::open_with_flags(name, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        // The file may come from a stranger: nothing in its schema may run functions, and a
        // page that contradicts itself is an error and not a guess.
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        connection.pragma_update(None, "cell_size_check", "ON")?;
        Ok(connection)
    };
    open().map_err(|error| fault(path, "opening the file", error))
}

fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")
}

fn build_empty(path: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(&sql::CREATE_TABLES)?;
    transaction.execute(&sql::INSERT_SCHEMA, [sql::SCHEMA_VERSION])?;
    row::record_head(&transaction, &Head::genesis())?;
    transaction.commit()?;
    durable(&connection)?;
    connection.close().map_err(|(_, error)| error)
}

/// The version that the file names; `None` if it has no journal's tables.
fn schema_version(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    if !connection.table_exists(None, "journal_schema")? {
        return Ok(None);
    }
    connection
        .query_row(&sql::SELECT_SCHEMA, [], |row| row.get(0))
        .map(Some)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn storage(path: &Path, doing: &'static str, error: io::Error) -> JournalError {
    JournalError::Storage {
        medium: Medium::File(path.to_owned()),
        doing,
        source: Arc::new(error),
    }
}

fn not_a_journal(path: &Path, found: &str) -> JournalError {
    JournalError::NotAJournal {
        path: path.to_owned(),
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_rests_is_read_whatever_it_is_called() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["plain.sqlite", "a b?c#d%20e.sqlite", "台帳.sqlite"] {
            let path = directory.path().join(name);
            build_empty(&path).unwrap();
            let connection = connect_to_what_rests(&path).unwrap();
            assert_eq!(
                schema_version(&connection).unwrap(),
                Some(sql::SCHEMA_VERSION),
                "{name}"
            );
            let refusal = connection.execute_batch("DELETE FROM journal_schema");
            assert_eq!(
                refusal.unwrap_err().sqlite_error_code(),
                Some(ErrorCode::ReadOnly)
            );
        }
    }
}
