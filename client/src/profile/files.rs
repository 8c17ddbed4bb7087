//! Files that only their owner may read, replaced whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// Makes a folder, with those above it, that only its owner may enter. One that is there keeps its rights: it may be
/// more than ours.
///
/// # Errors
/// [`Error::File`].
pub fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(Error::file("make the folder", path))?;
    close_to_others(path)
}

/// Takes the rights on a folder from everybody else.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::file("close to other users", path))
}

/// A user's data folder is closed to other users already.
#[cfg(not(unix))]
fn close_to_others(_: &Path) -> Result<()> {
    Ok(())
}

/// How to open a file for writing that only its owner may read.
pub(crate) fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Reads a JSON file; one that is not there reads as empty.
///
/// # Errors
/// [`Error::File`], or [`Error::Damaged`] if it holds something else.
pub fn read<T: DeserializeOwned + Default>(path: &Path) -> Result<T> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(Error::file("read", path)(error)),
    };
    serde_json::from_slice(&bytes).map_err(|e| Error::Damaged { path: path.to_owned(), cause: e.to_string() })
}

/// Replaces a JSON file, durably.
///
/// # Errors
/// [`Error::File`]; then the file is as it was.
pub fn replace<T: Serialize>(path: &Path, content: &T) -> Result<()> {
    // What cannot be written says nothing of the file, which stays as it is.
    let text = serde_json::to_vec_pretty(content).map_err(|e| Error::file("write", path)(e.into()))?;
    let temporary = path.with_extension("new");
    write_durably(&temporary, &text).map_err(Error::file("write", &temporary))?;
    fs::rename(&temporary, path).map_err(Error::file("replace", path))?;
    path.parent().map_or(Ok(()), |folder| sync_folder(folder).map_err(Error::file("write", folder)))
}

/// Writes a file that is on the disk when this returns.
fn write_durably(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = owner_only().truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a rename in a folder durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// A folder cannot be opened here; the file system makes renames durable by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_reads_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read::<Vec<u32>>(&folder.path().join("none.json")).unwrap(), Vec::<u32>::new());
    }

    #[test]
    fn a_replaced_file_reads_back_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        replace(&path, &vec![1, 2]).unwrap();
        replace(&path, &vec![3]).unwrap();
        assert_eq!(read::<Vec<u32>>(&path).unwrap(), vec![3]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        fs::write(&path, "[1,").unwrap();
        assert!(matches!(read::<Vec<u32>>(&path), Err(Error::Damaged { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "[1,");
    }
}
