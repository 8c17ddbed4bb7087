//! What lies on the disk before a database is opened.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What lies where a database is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No file, and nothing that belongs to one.
    Nothing,
    /// A file with content.
    Database,
    /// A file without a byte. A database is never without: somebody emptied it.
    Empty,
    /// A log with changes, whose database is missing or without a byte. SQLite would throw the log away.
    LogAlone {
        /// The log.
        log: PathBuf,
    },
}

/// Looks without opening anything.
///
/// # Errors
/// What the system says, also where the path is a folder.
pub fn found(path: &Path) -> io::Result<Found> {
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) => Some(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if length.is_some_and(|length| length > 0) {
        return Ok(Found::Database);
    }
    let logs = [log_of(path), beside(path, "-journal")];
    let alone = logs.into_iter().find(|log| fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0));
    Ok(match (alone, length) {
        (Some(log), _) => Found::LogAlone { log },
        (None, Some(_)) => Found::Empty,
        (None, None) => Found::Nothing,
    })
}

/// With what every database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes at the beginning of a database that say what it is.
const HEADER: usize = 100;

/// Where in them its program is named.
const APPLICATION_ID: std::ops::Range<usize> = 68..72;

/// The number by which a database names its program; `None` if the file is no database. Opens the file: only to be
/// called while no connection to it is open in this process.
///
/// # Errors
/// What the system says.
pub fn application_id(path: &Path) -> io::Result<Option<i32>> {
    let mut header = Vec::with_capacity(HEADER);
    File::open(path)?.take(HEADER as u64).read_to_end(&mut header)?;
    let id = header.get(APPLICATION_ID).and_then(|id| id.try_into().ok()).map(i32::from_be_bytes);
    Ok(id.filter(|_| header.starts_with(MAGIC)))
}

/// The write-ahead log of a database.
#[must_use]
pub fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The file that SQLite, or this crate, puts beside a database.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_without_a_database_or_beside_an_empty_one_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.b.sqlite");
        assert_eq!(found(&path).unwrap(), Found::Nothing);
        fs::write(&path, b"").unwrap();
        assert_eq!(found(&path).unwrap(), Found::Empty);
        let log = folder.path().join("a.b.sqlite-wal");
        fs::write(&log, b"").unwrap();
        assert_eq!(found(&path).unwrap(), Found::Empty, "an empty log holds nothing");
        fs::write(&log, b"x").unwrap();
        assert_eq!(found(&path).unwrap(), Found::LogAlone { log: log.clone() });
        fs::remove_file(&path).unwrap();
        assert_eq!(found(&path).unwrap(), Found::LogAlone { log: log.clone() });
        fs::rename(&log, folder.path().join("a.b.sqlite-journal")).unwrap();
        assert!(matches!(found(&path).unwrap(), Found::LogAlone { .. }), "the other journal too");
        fs::write(&path, b"x").unwrap();
        assert_eq!(found(&path).unwrap(), Found::Database);
    }

    #[test]
    fn a_database_names_its_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA application_id = 77; CREATE TABLE t (n)").unwrap();
        drop(db);
        assert_eq!(application_id(&path).unwrap(), Some(77));
        fs::write(&path, "text ".repeat(99)).unwrap();
        assert_eq!(application_id(&path).unwrap(), None);
    }

    #[test]
    fn a_folder_is_no_database() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(found(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
