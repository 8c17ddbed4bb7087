//! The database file: opened, brought to this version's shape, guarded against a disk that fails.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use whoelse_model::{DiskFault, HistoryRemedy, HistoryTrouble, LineId, Retention};
use whoelse_sqlite::{Access, Fate, Found, Opened, Watched};

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

/// How long to wait for another program, such as `sqlite3`, that reads the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prepared statements held ready: more than there are.
const STATEMENTS: usize = 64;

/// Between two tries to have a history in full that could not be had so.
const REOPEN_AFTER: Duration = Duration::from_secs(5);

/// An open history.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    pub(super) connection: Connection,
    access: Access,
    watched: Watched,
    opened: Instant,
    pub(super) retention: Retention,
    /// The line of which an operation could not be done: none behind it is.
    pub(super) spoilt: Option<LineId>,
}

impl Database {
    /// Opens a history, made new where there is none.
    ///
    /// # Errors
    /// [`Error::History`] if the file is no history, is of a newer version, was emptied, or cannot be read.
    pub(crate) fn open(path: &Path) -> Result<(Self, News)> {
        let news = take_stock(path)?;
        let failed = |cause: &rusqlite::Error| trouble(path, describe(cause), remedy(cause));
        let Opened { db: mut connection, access } = whoelse_sqlite::open(path).map_err(|e| failed(&e))?;
        configure(&connection).map_err(|e| failed(&e))?;
        migrate(&mut connection).map_err(|e| trouble(path, e.to_string(), HistoryRemedy::SetAside))?;
        folding::fold_earlier(&mut connection);
        let retention = read_retention(&connection).map_err(|e| failed(&e))?;
        let news = news.or_else(|| told(path, &access));
        let watched = Watched::note(path);
        let opened = Instant::now();
        Ok((Self { path: path.to_owned(), connection, access, watched, opened, retention, spoilt: None }, news))
    }

    /// The same history once more, to read beside the one that writes; `None` where one alone may have it open.
    ///
    /// # Errors
    /// [`Error::History`].
    pub(crate) fn reader(&self) -> Result<Option<Self>> {
        if !self.access.is_lasting() {
            return Ok(None);
        }
        let path = &self.path;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| self.trouble(&e))?;
        connection.busy_timeout(PATIENCE).and_then(|()| configure(&connection)).map_err(|e| self.trouble(&e))?;
        Ok(Some(Self {
            path: path.clone(),
            connection,
            access: self.access.clone(),
            watched: Watched::note(path),
            opened: Instant::now(),
            retention: self.retention,
            spoilt: None,
        }))
    }

    /// What stands against writing, for people: what is written to a file that is not there any more is lost.
    pub(super) fn hindrance(&mut self) -> Option<DiskFault> {
        let (file, what) = match self.watched.look() {
            Fate::Whole => return None,
            Fate::Removed(file) => (file, "removed"),
            Fate::Replaced(file) => (file, "replaced"),
            Fate::Emptied(file) => (file, "emptied"),
        };
        let cause = format!(
            "the history's file {} was {what} while this program runs, and nothing can be kept: put it back, or start the \
             program again",
            file.display()
        );
        Some(DiskFault { cause })
    }

    /// Opens the history anew if it could not be had in full and some time has gone by.
    pub(super) fn improve(&mut self) {
        if self.access.is_lasting() || self.opened.elapsed() < REOPEN_AFTER {
            return;
        }
        self.opened = Instant::now();
        // Two connections to one file, each of which believes that it is alone, must not be.
        let Ok(nothing) = Connection::open_in_memory() else { return };
        self.connection = nothing;
        match whoelse_sqlite::open(&self.path) {
            Ok(Opened { db, access }) => {
                if let Err(error) = configure(&db) {
                    tracing::warn!(%error, "the history is opened without its settings");
                }
                self.connection = db;
                self.access = access;
                self.watched = Watched::note(&self.path);
            }
            Err(error) => tracing::warn!(%error, "the history cannot be opened again"),
        }
    }

    /// Moves what is in the log to the database and empties it: words that were taken out of the database may stand in it.
    pub(super) fn empty_log(&self) {
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        match emptied {
            Ok(false) => {}
            Ok(true) => tracing::warn!("words that were taken away stay in the log until nobody reads the history"),
            Err(error) => tracing::warn!(%error, "words that were taken away stay in the log of the history"),
        }
    }

    /// What stands against opening it.
    pub(super) fn trouble(&self, error: &rusqlite::Error) -> Error {
        trouble(&self.path, describe(error), remedy(error))
    }

    /// How it is open, for tests.
    #[cfg(test)]
    pub(super) const fn access(&self) -> &Access {
        &self.access
    }
}

/// Something that the user is to know of a history that was opened.
pub(crate) type News = Option<String>;

/// Looks at what lies there before SQLite does, which takes a missing or empty file for a new one.
fn take_stock(path: &Path) -> Result<News> {
    let failed = |error: std::io::Error| trouble(path, whoelse_plain::file(&error), HistoryRemedy::Wait);
    match whoelse_sqlite::found(path).map_err(failed)? {
        Found::Database => Ok(whoelse_sqlite::inspect_log(path).ok().flatten().map(|_| {
            format!("the log of the history {} is damaged: what was kept last may be missing", path.display())
        })),
        Found::Nothing => create(path).map(|()| None),
        Found::Empty => {
            std::fs::remove_file(path).map_err(failed)?;
            create(path)?;
            Ok(Some(format!("the history {} was empty: a new one is begun", path.display())))
        }
        Found::LogAlone { log } => {
            let cause = format!("its file is missing or empty, though what was kept last is in {}", log.display());
            Err(trouble(path, cause, HistoryRemedy::SetAside))
        }
    }
}

/// Why a history could not be made.
enum NotMade {
    Io(std::io::Error),
    Sqlite(rusqlite::Error),
    Version(refinery::Error),
}

impl From<std::io::Error> for NotMade {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for NotMade {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn create(path: &Path) -> Result<()> {
    let migrate = |db: &mut Connection| embedded::migrations::runner().run(db).map(drop).map_err(NotMade::Version);
    whoelse_sqlite::create(path, migrate).map_err(|error| match error {
        NotMade::Io(error) => trouble(path, whoelse_plain::file(&error), HistoryRemedy::Wait),
        NotMade::Sqlite(error) => trouble(path, describe(&error), remedy(&error)),
        NotMade::Version(error) => trouble(path, describe_migration(&error), HistoryRemedy::Wait),
    })
}

/// Brings the tables to this version. Where they are, nothing is written.
fn migrate(connection: &mut Connection) -> std::result::Result<(), refinery::Error> {
    let runner = embedded::migrations::runner();
    let ours = runner.get_migrations().iter().map(refinery::Migration::version).max();
    if runner.get_last_applied_migration(connection).ok().flatten().map(|last| last.version()) == ours {
        return Ok(());
    }
    runner.run(connection).map(drop)
}

/// What SQLite said in a migration, in plain words.
fn describe_migration(error: &refinery::Error) -> String {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<rusqlite::Error>() {
            return describe(error);
        }
        source = cause.source();
    }
    error.to_string()
}

fn trouble(path: &Path, cause: String, remedy: HistoryRemedy) -> Error {
    Error::History(HistoryTrouble { path: path.display().to_string(), cause, remedy })
}

/// What the disk does not allow, for people.
fn told(path: &Path, access: &Access) -> News {
    let path = path.display();
    match access {
        Access::Shared | Access::Journal { .. } => None,
        Access::Alone { .. } => Some(format!("the disk of the history {path} is full: nothing new can be kept")),
        Access::ReadOnly { .. } => {
            Some(format!("the history {path} may not be written: it can be read, and nothing new arrives"))
        }
    }
}

/// An empty history that is on no disk.
#[cfg(any(test, fuzzing))]
pub(super) fn in_memory() -> Option<Connection> {
    let mut connection = Connection::open_in_memory().ok()?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    embedded::migrations::runner().run(&mut connection).ok()?;
    Some(connection)
}

/// Durable when committed, and what is deleted is overwritten.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
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

/// What helps where a history cannot be opened.
fn remedy(error: &rusqlite::Error) -> HistoryRemedy {
    if whoelse_sqlite::is_damage(error) { HistoryRemedy::SetAside } else { HistoryRemedy::Wait }
}

/// The usual causes in plain words.
fn describe(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full; make room on it".to_owned(),
        Some(ErrorCode::ReadOnly) => {
            "this user may not write the history's file; change its owner or rights".to_owned()
        }
        Some(ErrorCode::SystemIoFailure) => "the disk fails; look at the system's log".to_owned(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the history's file is damaged".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the history's file; close that one".to_owned()
        }
        _ => error.to_string(),
    }
}
