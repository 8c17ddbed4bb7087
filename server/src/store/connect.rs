//! Opening the database: what lies on the disk, whose it is, which version, and how far it can be had.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use whoelse_proto::{Timestamp, UserName};
use whoelse_sqlite::{Access, Checked, Found, Opened, Release, Reserve};

use super::{StoreError, accounts, space, stamp};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Marks a file as a database of this program ("WHOE").
const APPLICATION_ID: i32 = 0x5748_4F45;

/// How long to wait for another process, an administrator's most likely, to end its transaction.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The file is there; every connection stays with one thread.
const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Statements kept prepared: all of them.
const CACHED_STATEMENTS: usize = 64;

/// To how many times what it is meant to have the write-ahead log is cut back after a burst: 16 MiB on a large disk.
const LOG_CUT: u64 = 4;

/// Pages in the write-ahead log from which on they are moved to the database, on a large disk: SQLite's own default.
const LOG_PAGES: u64 = 1_000;

/// The least of them, on a small disk.
const MIN_LOG_PAGES: u64 = 16;

/// Bytes of a page.
const PAGE_BYTES: u64 = 4_096;

/// For looking the database over at the start: a gigabyte in memory, and no start that seems to hang.
const CHECK_TIME: Duration = Duration::from_secs(2);

/// Opens the database, makes it if there is none, and brings it to this version. Where the disk is full, the reserve is
/// given up for it; where it may not be written, it is read.
pub(super) fn connect(path: &Path, reserve: &mut Reserve) -> Result<Opened, StoreError> {
    take_stock(path, reserve)?;
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign(path.to_path_buf()),
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path: path.to_path_buf(), cause: source.to_string() },
        _ => StoreError::Database { path: path.to_path_buf(), source },
    };
    let mut opened = whoelse_sqlite::open(path).map_err(failed)?;
    while matches!(opened.access, Access::Alone { .. }) && reserve.release() == Release::Given {
        drop(opened);
        opened = whoelse_sqlite::open(path).map_err(failed)?;
    }
    configure(&opened.db, reserve).map_err(failed)?;
    migrate(&mut opened.db)
        .map_err(|source| StoreError::Version { path: path.to_path_buf(), source: Box::new(source) })?;
    warn_of(path, &opened.access);
    Ok(opened)
}

/// Looks at what lies there before SQLite does, which takes a missing or empty file for a new database.
fn take_stock(path: &Path, reserve: &Reserve) -> Result<(), StoreError> {
    let unwritable = |source| StoreError::Unwritable { path: path.to_path_buf(), source };
    match whoelse_sqlite::found(path).map_err(unwritable)? {
        Found::Database => {
            // Before SQLite changes its journal, which is for its owner to choose.
            if whoelse_sqlite::application_id(path).map_err(unwritable)? != Some(APPLICATION_ID) {
                return Err(StoreError::Foreign(path.to_path_buf()));
            }
            let damage = whoelse_sqlite::inspect_log(path).unwrap_or_else(|error| {
                tracing::warn!("the log of {} cannot be checked: {}", path.display(), whoelse_plain::file(&error));
                None
            });
            if let Some(damage) = damage {
                tracing::error!(
                    "the log {} is damaged or cut: {} of {} pages in it can be read; what was taken last (messages, \
                     blocks) may be missing. A backup has what was taken before it was made",
                    whoelse_sqlite::log_of(path).display(),
                    damage.readable,
                    damage.written,
                );
            }
            Ok(())
        }
        Found::Nothing => {
            if reserve.is_there() {
                let path = path.display();
                tracing::warn!("{path} is not there, though a server ran here before: it begins with an empty one");
            }
            whoelse_sqlite::create(path, fill).map_err(|error| error.of(path))
        }
        Found::Empty => Err(StoreError::Emptied(path.to_path_buf())),
        Found::LogAlone { log } => Err(StoreError::LogAlone { path: path.to_path_buf(), log }),
    }
}

/// Why a database could not be made.
enum NotMade {
    Io(io::Error),
    Sqlite(rusqlite::Error),
    Version(refinery::Error),
}

impl From<io::Error> for NotMade {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for NotMade {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<refinery::Error> for NotMade {
    fn from(error: refinery::Error) -> Self {
        Self::Version(error)
    }
}

impl NotMade {
    fn of(self, path: &Path) -> StoreError {
        let path = path.to_path_buf();
        match self {
            Self::Io(source) => StoreError::Unwritable { path, source },
            Self::Sqlite(source) => StoreError::Database { path, source },
            Self::Version(source) => StoreError::Version { path, source: Box::new(source) },
        }
    }
}

/// The tables of a new database.
fn fill(db: &mut Connection) -> Result<(), NotMade> {
    space::prepare(db)?;
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    embedded::migrations::runner().run(db)?;
    Ok(())
}

/// Brings the tables to this version. Where they are, nothing is written.
fn migrate(db: &mut Connection) -> Result<(), refinery::Error> {
    let runner = embedded::migrations::runner();
    let ours = runner.get_migrations().iter().map(refinery::Migration::version).max();
    if runner.get_last_applied_migration(db).ok().flatten().map(|last| last.version()) == ours {
        return Ok(());
    }
    runner.run(db).map(drop)
}

/// Says what the disk does not allow.
fn warn_of(path: &Path, access: &Access) {
    let path = path.display();
    match access {
        Access::Shared => {}
        Access::Journal { cause } => {
            tracing::warn!("the file system of {path} has no shared memory ({cause}): a slower journal is used");
        }
        Access::Alone { cause } => tracing::error!(
            "the disk of {path} is full ({cause}): what is stored is delivered, nothing more is taken until there is room",
        ),
        Access::ReadOnly { cause } => tracing::error!(
            "{path} cannot be written ({cause}): what is stored is delivered, nothing more is taken until it can be",
        ),
    }
}

/// Looks the database over and says what is wrong with it: who may be concerned is told when it is read.
pub(super) fn look_over(db: &mut Connection, path: &Path) {
    let path = path.display();
    match whoelse_sqlite::check(db, CHECK_TIME) {
        Ok(Checked::Whole) => {}
        Ok(Checked::Unfinished) => {
            tracing::info!("{path} is large: {} s found no damage, the rest is not looked over", CHECK_TIME.as_secs());
        }
        Ok(Checked::Damaged(what)) => tracing::error!(
            "{path} is damaged: {what}. What can be read is served; stop the server and bring back a backup, or save \
             what there is with `sqlite3 {path} .recover`",
        ),
        Err(error) => tracing::warn!("{path} is not looked over: {error}"),
    }
}

/// Opens the database as it is, beside the store.
///
/// # Errors
/// [`StoreError::Database`], also where there is none.
pub(crate) fn attach(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::Database { path: path.to_path_buf(), source };
    let db = Connection::open_with_flags(path, FLAGS).map_err(failed)?;
    db.busy_timeout(BUSY_TIMEOUT).and_then(|()| db.pragma_update(None, "secure_delete", "on")).map_err(failed)?;
    Ok(db)
}

/// Forgets accounts where no server runs, as [`whoelse_hub::StoreOp::ForgetAccount`] does.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn forget_accounts(path: &Path, names: &[UserName]) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    change(path, |db| names.iter().try_for_each(|name| accounts::forget(db, name).map(|_| ())))
}

/// The accounts that the database knows to have a line in the file of accounts.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn known_accounts(path: &Path) -> Result<BTreeSet<UserName>, StoreError> {
    look(path, accounts::known)
}

/// Accounts that were made before a time and never used.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn never_used(path: &Path, before: Timestamp) -> Result<Vec<UserName>, StoreError> {
    look(path, |db| accounts::never_used(db, before))
}

/// Whether a server has used this file of accounts with the database.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn knows_accounts_file(path: &Path, credentials: &Path) -> Result<bool, StoreError> {
    look(path, |db| stamp::is_path(db, credentials))
}

/// Changes something beside the store, whole or not at all.
///
/// # Errors
/// [`StoreError::Database`], also where there is no database.
pub(crate) fn change<T>(path: &Path, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
    let mut db = current(path)?;
    let work = |db: &mut Connection| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit().map(|()| done)
    };
    work(&mut db).map_err(|source| StoreError::Database { path: path.to_path_buf(), source })
}

/// Looks something up beside the store; where there is no database there is nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn look<T: Default>(
    path: &Path,
    find: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    if !path.exists() {
        return Ok(T::default());
    }
    let db = current(path)?;
    find(&db).map_err(|source| StoreError::Database { path: path.to_path_buf(), source })
}

/// The database beside the store, with the tables of this version.
fn current(path: &Path) -> Result<Connection, StoreError> {
    let mut db = attach(path)?;
    migrate(&mut db).map_err(|source| StoreError::Version { path: path.to_path_buf(), source: Box::new(source) })?;
    Ok(db)
}

fn configure(db: &Connection, reserve: &Reserve) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "secure_delete", "on")?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "journal_size_limit", i64::try_from(reserve.log_bytes() * LOG_CUT).unwrap_or(i64::MAX))?;
    let pages = (reserve.log_bytes() / PAGE_BYTES).clamp(MIN_LOG_PAGES, LOG_PAGES);
    db.pragma_update(None, "wal_autocheckpoint", i64::try_from(pages).unwrap_or(i64::MAX))
}
