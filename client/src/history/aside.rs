//! Moving a damaged history away, whole, so that a new one can be begun and the old one can still be looked at.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use whoelse_proto::Timestamp;

use crate::error::{Error, Result};

/// What SQLite puts behind the name of a database for its other files.
const ENDINGS: [&str; 4] = ["-wal", "-shm", "-journal", ""];

/// Moves a history and what belongs to it to another name in the same folder, and gives that name.
///
/// # Errors
/// [`Error::File`].
pub(crate) fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf> {
    let aside = with(path, &format!(".damaged-{}", now.millis()));
    for ending in ENDINGS {
        match fs::rename(with(path, ending), with(&aside, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file("move away", path)(error)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_moved_away_with_all_that_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        fs::write(&path, b"damaged").unwrap();
        fs::write(with(&path, "-wal"), b"log").unwrap();
        let aside = set_aside(&path, Timestamp::from_millis(7)).unwrap();
        assert_eq!(aside, folder.path().join("a.sqlite.damaged-7"));
        assert_eq!(fs::read(&aside).unwrap(), b"damaged");
        assert_eq!(fs::read(with(&aside, "-wal")).unwrap(), b"log");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
