//! The database file: opened, brought to this version's shape, guarded against a full disk.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use whoelse_model::{DiskFault, LineId, Retention};

use super::folding;
use crate::error::{Error, Result};

mod embedded {
    #![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "the macro's code")]
    refinery::embed_migrations!("src/history/migrations");
}

/// Kilobytes of pages held in memory.
const CACHE_KIB: i64 = 8 * 1024;

/// Bytes to which the write-ahead log is cut back.
const JOURNAL_BYTES: i64 = 8 * 1024 * 1024;

/// Milliseconds to wait for another program, such as `sqlite3`, that reads the file.
const BUSY_MS: u64 = 5000;

/// Prepared statements held ready: more than there are.
const STATEMENTS: usize = 64;

/// An open history.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) connection: Connection,
    pub(super) retention: Retention,
    /// The line of which an operation could not be done: none behind it is.
    pub(super) spoilt: Option<LineId>,
}

impl Database {
    /// Opens a history, made new where there is none.
    ///
    /// # Errors
    /// [`Error::History`] if the file is no history, is of a newer version, or cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |cause: String| Error::History { path: path.to_owned(), cause };
        crate::profile::make_owner_only(path)?;
        let mut connection = Connection::open(path).map_err(|e| failed(describe(&e)))?;
        configure(&connection).map_err(|e| failed(describe(&e)))?;
        embedded::migrations::runner().run(&mut connection).map_err(|e| failed(e.to_string()))?;
        folding::fold_earlier(&mut connection);
        let retention = read_retention(&connection).map_err(|e| failed(describe(&e)))?;
        Ok(Self { connection, retention, spoilt: None })
    }
}

/// Durable when committed, and what is deleted is overwritten.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES)
}

/// Whether messages are kept.
fn read_retention(connection: &Connection) -> rusqlite::Result<Retention> {
    let kept: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'retention' AND value = 'outbox-only')",
        [],
        |row| row.get(0),
    )?;
    Ok(if kept { Retention::OutboxOnly } else { Retention::Keep })
}

/// What the disk refuses, for people.
pub(super) fn fault(error: &rusqlite::Error) -> DiskFault {
    DiskFault { cause: describe(error) }
}

/// The usual causes in plain words.
fn describe(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "the history's file may not be written".to_owned(),
        Some(ErrorCode::SystemIoFailure) => format!("the disk fails: {error}"),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the history's file is damaged".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the history's file".to_owned()
        }
        _ => error.to_string(),
    }
}
