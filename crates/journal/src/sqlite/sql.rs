//! All SQL of the journal, written once as PostgreSQL understands it (`$1`, `BIGINT`, `BYTEA`,
//! `ON CONFLICT`) and adapted here to SQLite.

use std::sync::LazyLock;

/// The newest layout of the tables that this program knows.
pub(super) const SCHEMA_VERSION: i64 = 1;

/// A statement in SQLite's words.
pub(super) type Statement = LazyLock<String>;

pub(super) static CREATE_TABLES: Statement = LazyLock::new(|| {
    adapted(
        "CREATE TABLE journal_schema (
             singleton BIGINT PRIMARY KEY CHECK (singleton = 1),
             version BIGINT NOT NULL
         );
         CREATE TABLE journal_entry (
             position BIGINT PRIMARY KEY,
             stream TEXT NOT NULL,
             version BIGINT NOT NULL,
             recorded_at BIGINT NOT NULL,
             kind TEXT NOT NULL,
             payload BYTEA NOT NULL,
             previous BYTEA NOT NULL,
             digest BYTEA NOT NULL,
             UNIQUE (stream, version)
         );
         CREATE TABLE journal_head (
             singleton BIGINT PRIMARY KEY CHECK (singleton = 1),
             position BIGINT NOT NULL,
             digest BYTEA NOT NULL
         );",
    )
});

pub(super) static INSERT_SCHEMA: Statement =
    LazyLock::new(|| adapted("INSERT INTO journal_schema (singleton, version) VALUES (1, $1)"));

pub(super) static SELECT_SCHEMA: Statement =
    LazyLock::new(|| adapted("SELECT version FROM journal_schema WHERE singleton = 1"));

pub(super) static INSERT_ENTRY: Statement = LazyLock::new(|| {
    adapted(
        "INSERT INTO journal_entry
             (position, stream, version, recorded_at, kind, payload, previous, digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
});

pub(super) static SELECT_ENTRIES: Statement = LazyLock::new(|| {
    adapted(
        "SELECT position, stream, version, recorded_at, kind, payload, previous, digest
         FROM journal_entry WHERE position >= $1 ORDER BY position LIMIT $2",
    )
});

pub(super) static SELECT_LAST: Statement = LazyLock::new(|| {
    adapted("SELECT position, digest FROM journal_entry ORDER BY position DESC LIMIT 1")
});

pub(super) static SELECT_VERSION: Statement = LazyLock::new(|| {
    adapted("SELECT COALESCE(MAX(version), 0) FROM journal_entry WHERE stream = $1")
});

pub(super) static SELECT_HEAD: Statement =
    LazyLock::new(|| adapted("SELECT position, digest FROM journal_head WHERE singleton = 1"));

pub(super) static RECORD_HEAD: Statement = LazyLock::new(|| {
    adapted(
        "INSERT INTO journal_head (singleton, position, digest) VALUES (1, $1, $2)
         ON CONFLICT (singleton) DO UPDATE SET position = excluded.position, digest = excluded.digest",
    )
});

/// `INTEGER PRIMARY KEY` is SQLite's own row number, which saves an index.
fn adapted(sql: &str) -> String {
    sql.replace('$', "?")
        .replace("BIGINT", "INTEGER")
        .replace("BYTEA", "BLOB")
}
