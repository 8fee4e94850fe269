//! Rows to entries and back. A value is taken only if it is of the type and in the range that
//! was written, and an entry only if it follows the one before.

use std::borrow::Cow;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{file, sql};
use crate::chain::{from_microseconds, microseconds};
use crate::{Damage, Digest, Entry, Head, JournalError, Medium, Position, StreamName, Version};

/// One consistent state of the file, however long the questions to it take.
pub(super) struct Snapshot<'c> {
    transaction: Transaction<'c>,
    path: &'c Path,
}

impl<'c> Snapshot<'c> {
    pub(super) fn of(connection: &'c Connection, path: &'c Path) -> Result<Self, JournalError> {
        let transaction = connection
            .unchecked_transaction()
            .map_err(|error| file::fault(path, "beginning to read", error))?;
        Ok(Self { transaction, path })
    }

    /// The recorded head, if the last entry agrees.
    pub(super) fn head(&self) -> Result<Head, JournalError> {
        let head = stored_head(&self.transaction, self.path)?;
        let last = self
            .query_head(&sql::SELECT_LAST, "the last entry")?
            .unwrap_or_else(Head::genesis);
        if head != last {
            return Err(damaged(self.path, Damage::Tail { head, last }));
        }
        Ok(head)
    }

    pub(super) fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        stored_version(&self.transaction, self.path, stream)
    }

    /// At most `limit` entries after `after`, every link checked, the one to `after` included.
    pub(super) fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let head = stored_head(&self.transaction, self.path)?;
        if limit == 0 || after > head.position {
            return Ok(Vec::new());
        }
        let anchored = usize::from(after != Position::START);
        let (mut entries, reached) = self.stretch(after, limit.saturating_add(anchored))?;
        if entries.len() < limit.saturating_add(anchored) && reached != head {
            return Err(damaged(
                self.path,
                Damage::Tail {
                    head,
                    last: reached,
                },
            ));
        }
        entries.drain(..anchored.min(entries.len()));
        Ok(entries)
    }

    /// Reads on from `first`, and returns the entries with the head that they lead to.
    fn stretch(&self, first: Position, rows: usize) -> Result<(Vec<Entry>, Head), JournalError> {
        let mut reached = Head::genesis();
        let fault = |after: Head, error| {
            file::fault_after(self.path, "reading entries", after.position, error)
        };
        let mut statement = self
            .transaction
            .prepare_cached(&sql::SELECT_ENTRIES)
            .map_err(|error| fault(reached, error))?;
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut rows = bigint(first.get())
            .and_then(|first| statement.query([first, limit]))
            .map_err(|error| fault(reached, error))?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(|error| fault(reached, error))? {
            let entry = Columns {
                row,
                path: self.path,
            }
            .entry()?;
            if entries.is_empty() && first != Position::START {
                // The anchor was linked to what is before it when that was read; here it is
                // only asked whether it is still whole.
                let before = Position::new(first.get() - 1);
                reached = Head {
                    position: before,
                    digest: entry.previous,
                };
            }
            reached = reached
                .follow(&entry)
                .map_err(|damage| damaged(self.path, damage))?;
            entries.push(entry);
        }
        Ok((entries, reached))
    }

    fn query_head(&self, sql: &str, table: &str) -> Result<Option<Head>, JournalError> {
        query_head(&self.transaction, self.path, sql, table)
    }
}

/// The head as it is recorded beside the entries.
pub(super) fn stored_head(connection: &Connection, path: &Path) -> Result<Head, JournalError> {
    const TABLE: &str = "table journal_head";
    query_head(connection, path, &sql::SELECT_HEAD, TABLE)?.ok_or_else(|| {
        unwritten(
            path,
            TABLE,
            "position",
            "its only row is missing".to_owned(),
        )
    })
}

pub(super) fn stored_version(
    connection: &Connection,
    path: &Path,
    stream: &StreamName,
) -> Result<Version, JournalError> {
    let fault = |error| file::fault(path, "reading a stream's version", error);
    let version: i64 = connection
        .prepare_cached(&sql::SELECT_VERSION)
        .and_then(|mut statement| statement.query_row([stream.as_str()], |row| row.get(0)))
        .map_err(fault)?;
    u64::try_from(version).map(Version::new).map_err(|_| {
        unwritten(
            path,
            &format!("stream {stream}"),
            "version",
            format!("{version} is negative"),
        )
    })
}

pub(super) fn insert_entry(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&sql::INSERT_ENTRY)?;
    statement.execute(params![
        bigint(entry.position.get())?,
        entry.stream.as_str(),
        bigint(entry.version.get())?,
        microseconds(entry.recorded_at),
        entry.kind,
        entry.payload,
        entry.previous.as_bytes(),
        entry.digest.as_bytes(),
    ])?;
    Ok(())
}

pub(super) fn record_head(connection: &Connection, head: &Head) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&sql::RECORD_HEAD)?;
    statement.execute(params![
        bigint(head.position.get())?,
        head.digest.as_bytes()
    ])?;
    Ok(())
}

/// A number as SQL's BIGINT, which has no use for the upper half of `u64`.
fn bigint(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

pub(super) fn damaged(path: &Path, damage: Damage) -> JournalError {
    JournalError::Damaged {
        medium: Medium::File(path.to_owned()),
        damage,
    }
}

/// The error for a value that this program never writes.
pub(super) fn unwritten(
    path: &Path,
    place: &str,
    column: &'static str,
    problem: String,
) -> JournalError {
    damaged(
        path,
        Damage::Value {
            place: place.to_owned(),
            column,
            problem,
        },
    )
}

fn query_head(
    connection: &Connection,
    path: &Path,
    sql: &str,
    place: &str,
) -> Result<Option<Head>, JournalError> {
    let fault = |error| file::fault(path, "reading the head", error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement
        .query_row([], |row| {
            let columns = Columns { row, path };
            Ok(columns.position(place).and_then(|position| {
                Ok(Head {
                    position,
                    digest: columns.digest(place, 1, "digest")?,
                })
            }))
        })
        .optional()
        .map_err(fault)?
        .transpose()
}

/// A row, read column by column without any of SQLite's conversions.
struct Columns<'r> {
    row: &'r Row<'r>,
    path: &'r Path,
}

impl Columns<'_> {
    /// A whole entry, in the order of [`sql::SELECT_ENTRIES`].
    fn entry(&self) -> Result<Entry, JournalError> {
        let position = self.position("table journal_entry")?;
        let place = format!("entry {position}");
        let stream = self.text(&place, 1, "stream")?;
        let recorded_at = self.integer(&place, 3, "recorded_at")?;
        Ok(Entry {
            position,
            stream: StreamName::new(&stream)
                .map_err(|error| self.unwritten(&place, "stream", error.to_string()))?,
            version: Version::new(self.natural(&place, 2, "version")?),
            recorded_at: from_microseconds(recorded_at).ok_or_else(|| {
                self.unwritten(
                    &place,
                    "recorded_at",
                    format!("{recorded_at} is not a time"),
                )
            })?,
            kind: Cow::Owned(self.text(&place, 4, "kind")?),
            payload: self.bytes(&place, 5, "payload")?.to_vec(),
            previous: self.digest(&place, 6, "previous")?,
            digest: self.digest(&place, 7, "digest")?,
        })
    }

    fn position(&self, place: &str) -> Result<Position, JournalError> {
        self.natural(place, 0, "position").map(Position::new)
    }

    fn natural(&self, place: &str, at: usize, column: &'static str) -> Result<u64, JournalError> {
        let number = self.integer(place, at, column)?;
        u64::try_from(number)
            .map_err(|_| self.unwritten(place, column, format!("{number} is negative")))
    }

    fn integer(&self, place: &str, at: usize, column: &'static str) -> Result<i64, JournalError> {
        match self.value(at)? {
            ValueRef::Integer(number) => Ok(number),
            other => Err(self.mistyped(place, column, "a number", other)),
        }
    }

    fn text(&self, place: &str, at: usize, column: &'static str) -> Result<String, JournalError> {
        match self.value(at)? {
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map(str::to_owned)
                .map_err(|error| self.unwritten(place, column, error.to_string())),
            other => Err(self.mistyped(place, column, "text", other)),
        }
    }

    fn bytes(&self, place: &str, at: usize, column: &'static str) -> Result<&[u8], JournalError> {
        match self.value(at)? {
            ValueRef::Blob(bytes) => Ok(bytes),
            other => Err(self.mistyped(place, column, "bytes", other)),
        }
    }

    fn digest(&self, place: &str, at: usize, column: &'static str) -> Result<Digest, JournalError> {
        let bytes = self.bytes(place, at, column)?;
        bytes.try_into().map(Digest::from_bytes).map_err(|_| {
            self.unwritten(place, column, format!("a digest of {} bytes", bytes.len()))
        })
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, JournalError> {
        self.row
            .get_ref(at)
            .map_err(|error| file::fault(self.path, "reading a column", error))
    }

    fn mistyped(
        &self,
        place: &str,
        column: &'static str,
        due: &str,
        found: ValueRef<'_>,
    ) -> JournalError {
        self.unwritten(
            place,
            column,
            format!("{due} is due, {} is there", found.data_type()),
        )
    }

    fn unwritten(&self, place: &str, column: &'static str, problem: String) -> JournalError {
        unwritten(self.path, place, column, problem)
    }
}
