//! Making a database, and opening one in the best way that the disk allows.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, Result, ffi};

use crate::found::beside;
use crate::log;
use crate::reserve::available;

/// How long to wait for another process, an administrator's most likely, to end its transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The file is there; every connection stays with one thread.
const READ_WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// To read alone.
const READ_ONLY: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Bytes on a disk below which it counts as full: what the index of a log and a few pages need.
const SHORT_OF_ROOM: u64 = 1024 * 1024;

/// How a database is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// With a write-ahead log; other connections may come.
    Shared,
    /// With a rollback journal, because the file system has no shared memory; other connections may come.
    Journal {
        /// What SQLite said of the log.
        cause: String,
    },
    /// By this connection alone, because the disk has no room for what connections share.
    Alone {
        /// What SQLite said.
        cause: String,
    },
    /// To read alone.
    ReadOnly {
        /// What SQLite said.
        cause: String,
    },
}

impl Access {
    /// Whether all is as it should be, or as good as it can be on this file system.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        match self {
            Self::Shared | Self::Journal { .. } => true,
            Self::Alone { .. } | Self::ReadOnly { .. } => false,
        }
    }
}

/// A database that is open.
#[derive(Debug)]
pub struct Opened {
    /// The connection.
    pub db: Connection,
    /// How far it goes.
    pub access: Access,
}

/// Opens a database that is there, in the best way that can be had.
///
/// # Errors
/// What SQLite says: no database, damaged, held by another program, or not to be read at all.
pub fn open(path: &Path) -> Result<Opened> {
    let first = match shared(path) {
        Ok(db) => return Ok(Opened { db, access: Access::Shared }),
        Err(error) if is_final(&error) => return Err(error),
        Err(error) => error,
    };
    let cause = first.to_string();
    match alone(path) {
        Ok(db) if available(path.parent().unwrap_or(path)) < SHORT_OF_ROOM => {
            Ok(Opened { db, access: Access::Alone { cause } })
        }
        Ok(db) => match without_shared_memory(&db) {
            Ok(()) => Ok(Opened { db, access: Access::Journal { cause } }),
            Err(_) => Ok(Opened { db, access: Access::Alone { cause } }),
        },
        Err(error) if is_final(&error) => Err(error),
        Err(_) => {
            let db = read_only(path).map_err(|_| first)?;
            Ok(Opened { db, access: Access::ReadOnly { cause } })
        }
    }
}

/// The usual way.
fn shared(path: &Path) -> Result<Connection> {
    let db = connect(path)?;
    set_journal(&db, "wal")?;
    try_writing(&db)?;
    Ok(db)
}

/// With the log's index in this process's own memory: needs no file for it.
fn alone(path: &Path) -> Result<Connection> {
    let db = connect(path)?;
    db.pragma_update(None, "locking_mode", "exclusive")?;
    try_writing(&db)?;
    Ok(db)
}

/// Changes to the journal that needs no shared memory, and lets others in again.
fn without_shared_memory(db: &Connection) -> Result<()> {
    set_journal(db, "truncate")?;
    db.pragma_update(None, "locking_mode", "normal")?;
    // The lock is given up with the next access.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// To read alone. What is in the log is read too; without a log nothing changes, and no lock is needed.
fn read_only(path: &Path) -> Result<Connection> {
    let db = if log::length(path) == 0 { immutable(path)? } else { lockless(path)? };
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(db)
}

fn immutable(path: &Path) -> Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.to_str().unwrap_or_default().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
        }
    }
    uri.push_str("?immutable=1");
    Connection::open_with_flags(uri, READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

/// A file that may not be written cannot be locked for writing either, as the recovery of a log asks for.
#[cfg(unix)]
fn lockless(path: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags_and_vfs(path, READ_ONLY, "unix-none")?;
    db.pragma_update(None, "locking_mode", "exclusive")?;
    Ok(db)
}

#[cfg(not(unix))]
fn lockless(path: &Path) -> Result<Connection> {
    Connection::open_with_flags(path, READ_ONLY)
}

fn connect(path: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags(path, READ_WRITE)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    Ok(db)
}

fn set_journal(db: &Connection, mode: &str) -> Result<()> {
    let is: String = db.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))?;
    if is == mode {
        return Ok(());
    }
    let cause = format!("the journal stays {is}");
    Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some(cause)))
}

/// Reads, and begins to write.
fn try_writing(db: &Connection) -> Result<()> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let read = db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    db.execute_batch("ROLLBACK")?;
    read
}

/// Whether no other way of opening helps.
fn is_final(error: &Error) -> bool {
    is_damage(error)
        || matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OutOfMemory)
        )
}

/// Whether the file does not hold what it should.
#[must_use]
pub fn is_damage(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether there was no room.
#[must_use]
pub fn is_full(error: &Error) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        // A file that cannot be made larger for the index of the log.
        Some(ErrorCode::SystemIoFailure) => {
            matches!(error.sqlite_extended_error_code(), Some(ffi::SQLITE_IOERR_SHMSIZE))
        }
        _ => false,
    }
}

/// Makes a database that only its owner may read, whole or not at all: where there is a file of this name, it has its
/// tables.
///
/// # Errors
/// What `build` says, or [`io::Error`] as `E`.
pub fn create<E: From<io::Error> + From<Error>>(
    path: &Path,
    build: impl FnOnce(&mut Connection) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let half_made = beside(path, ".new");
    for ending in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(beside(&half_made, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&half_made)?;
    let made = connect(&half_made).map_err(E::from).and_then(|mut db| {
        build(&mut db)?;
        db.close().map_err(|(_, error)| error.into())
    });
    if let Err(error) = made {
        // What is half made takes no room and is in nobody's way.
        let _ = fs::remove_file(&half_made);
        return Err(error);
    }
    fs::rename(&half_made, path)?;
    sync_folder(path)?;
    Ok(())
}

/// Makes a rename durable.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// A folder cannot be opened here; the file system makes renames durable by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Failed {
        Io,
        Sqlite,
    }

    impl From<io::Error> for Failed {
        fn from(_: io::Error) -> Self {
            Self::Io
        }
    }

    impl From<Error> for Failed {
        fn from(_: Error) -> Self {
            Self::Sqlite
        }
    }

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            create::<Failed>(&place.path(), |db| Ok(db.execute_batch("CREATE TABLE t (n)")?)).unwrap();
            place
        }

        fn path(&self) -> std::path::PathBuf {
            self.0.path().join("a b%?.sqlite")
        }
    }

    fn put(db: &Connection) {
        db.execute("INSERT INTO t VALUES (1)", []).unwrap();
    }

    fn rows(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_database_is_made_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let failed = create::<Failed>(&path, |db| Ok(db.execute_batch("CREATE TABLE t (n); nonsense")?));
        assert!(matches!(failed, Err(Failed::Sqlite)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(folder.path().join("a.sqlite.new"), b"half made by a killed process").unwrap();
        create::<Failed>(&path, |db| Ok(db.execute_batch("CREATE TABLE t (n)")?)).unwrap();
        assert_eq!(rows(&open(&path).unwrap().db), 0);
        assert!(matches!(create::<Failed>(&folder.path().join("no/a"), |_| Ok(())), Err(Failed::Io)));
    }

    #[test]
    fn without_shared_memory_another_journal_is_used_and_the_log_again_where_it_can_be_had() {
        let place = Place::new();
        {
            let first = open(&place.path()).unwrap();
            assert_eq!(first.access, Access::Shared);
            put(&first.db);
        }
        // Where the index of the log should be, no file can be opened.
        let index = beside(&place.path(), "-shm");
        fs::create_dir(&index).unwrap();
        {
            let opened = open(&place.path()).unwrap();
            assert!(matches!(opened.access, Access::Journal { .. }), "{opened:?}");
            put(&opened.db);
            let other = open(&place.path()).unwrap();
            put(&other.db);
            assert_eq!(rows(&opened.db), 3, "others may come");
        }
        fs::remove_dir(&index).unwrap();
        let opened = open(&place.path()).unwrap();
        assert_eq!((opened.access, rows(&opened.db)), (Access::Shared, 3));
    }

    #[test]
    fn what_a_killed_process_left_in_the_log_is_there_without_shared_memory() {
        let place = Place::new();
        let killed = open(&place.path()).unwrap();
        put(&killed.db);
        let left = tempfile::tempdir().unwrap();
        let path = left.path().join("left.sqlite");
        for ending in ["", "-wal"] {
            fs::copy(beside(&place.path(), ending), beside(&path, ending)).unwrap();
        }
        fs::create_dir(beside(&path, "-shm")).unwrap();
        let opened = open(&path).unwrap();
        assert!(matches!(opened.access, Access::Journal { .. }), "{opened:?}");
        assert_eq!(rows(&opened.db), 1);
    }

    #[test]
    fn the_read_only_ways_read_the_log_too() {
        let place = Place::new();
        let held = open(&place.path()).unwrap();
        put(&held.db);
        let left = tempfile::tempdir().unwrap();
        let path = left.path().join("left é.sqlite");
        for ending in ["", "-wal"] {
            fs::copy(beside(&place.path(), ending), beside(&path, ending)).unwrap();
        }
        assert_eq!(rows(&read_only(&path).unwrap()), 1);
        drop(held);
        assert_eq!(rows(&read_only(&place.path()).unwrap()), 1);
    }

    #[test]
    fn a_file_of_something_else_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        fs::write(&path, "no database".repeat(999)).unwrap();
        assert!(is_damage(&open(&path).unwrap_err()));
    }
}
