//! The folder of a demonstration: gone when it ends, and swept away by the next one if it could not end.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whoelse_client::files;

use crate::platform::error::{Error, Result};

/// How the folders are called.
const PREFIX: &str = "whoelse-demo-";

/// The file that a running demonstration holds locked; the system lets go of a killed one's.
const LOCK: &str = "lock";

/// Folders looked at while sweeping: a person does not kill more demonstrations than that.
const MAX_SWEPT: usize = 64;

/// A folder that ends with this value.
#[derive(Debug)]
pub(super) struct DemoFolder {
    // Let go before the folder is removed: fields end in this order.
    _lock: File,
    folder: TempDir,
}

impl DemoFolder {
    /// Makes one, and sweeps away those whose demonstrations were killed.
    pub(super) fn make(temporary: &Path) -> Result<Self> {
        sweep(temporary);
        let doing = "making the demonstration's folder";
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(temporary).map_err(Error::io(doing))?;
        files::make_folder(folder.path())?;
        let lock = File::create(folder.path().join(LOCK)).map_err(Error::io(doing))?;
        lock.lock().map_err(Error::io(doing))?;
        Ok(Self { _lock: lock, folder })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders that nobody holds.
fn sweep(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    let is_ours = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PREFIX);
    for entry in entries.flatten().filter(is_ours).take(MAX_SWEPT) {
        remove_if_left(&entry.path());
    }
}

/// Removes a folder unless its demonstration runs, or is somebody else's.
fn remove_if_left(folder: &PathBuf) {
    // Never through a link that somebody laid in a folder that all may write.
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|data| data.is_dir());
    let Ok(lock) = File::options().write(true).open(folder.join(LOCK)) else { return };
    match lock.try_lock() {
        Ok(()) if is_folder => {
            drop(lock);
            let _ = fs::remove_dir_all(folder);
        }
        Ok(()) | Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(temporary: &Path) -> usize {
        fs::read_dir(temporary).unwrap().count()
    }

    #[test]
    fn the_folder_goes_with_its_demonstration() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DemoFolder::make(temporary.path()).unwrap();
        fs::create_dir_all(folder.path().join("hans/history")).unwrap();
        drop(folder);
        assert_eq!(names(temporary.path()), 0);
    }

    #[test]
    fn what_a_killed_demonstration_left_is_swept_and_a_running_one_is_not() {
        let temporary = tempfile::tempdir().unwrap();
        let running = DemoFolder::make(temporary.path()).unwrap();
        let left = temporary.path().join(format!("{PREFIX}left"));
        fs::create_dir_all(left.join("hans")).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let other = temporary.path().join("other");
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join(LOCK), "").unwrap();

        let new = DemoFolder::make(temporary.path()).unwrap();

        assert_eq!((left.exists(), other.exists(), running.path().exists()), (false, true, true));
        assert_ne!(running.path(), new.path());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_a_folder_is_not_followed() {
        let temporary = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), temporary.path().join(format!("{PREFIX}link"))).unwrap();
        sweep(temporary.path());
        assert!(elsewhere.path().join(LOCK).exists());
    }
}
