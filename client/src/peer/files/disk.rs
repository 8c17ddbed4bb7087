//! The room on disks, counted over all files that are being fetched: what one of them was promised, none else gets.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that stay free on a disk: others want to write too.
pub(super) const LEAVE_FREE: u64 = 64 << 20;

/// Which disk, as the system numbers or names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Disk(String);

impl Disk {
    #[cfg(unix)]
    fn of(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Ok(Self(fs::metadata(folder)?.dev().to_string()))
    }

    /// By the drive or the share that the path begins with.
    #[cfg(not(unix))]
    fn of(folder: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(folder)?;
        let root = path.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
        Ok(Self(root.unwrap_or_default()))
    }
}

/// What was promised on each disk, for all files of an account together.
#[derive(Clone, Debug)]
pub(super) struct Disks {
    promised: Arc<Mutex<BTreeMap<Disk, u64>>>,
    /// Bytes that are free in a folder. A disk that does not say tells that it is full when it is written.
    free: fn(&Path) -> Option<u64>,
}

impl Default for Disks {
    fn default() -> Self {
        Self::with(|folder| fs4::available_space(folder).ok())
    }
}

impl Disks {
    /// Where something else says what is free.
    pub(super) fn with(free: fn(&Path) -> Option<u64>) -> Self {
        Self { promised: Arc::default(), free }
    }

    fn guard(&self) -> MutexGuard<'_, BTreeMap<Disk, u64>> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Promises room for so many bytes in a folder. Blocks.
    ///
    /// # Errors
    /// When they, what others were promised, and [`LEAVE_FREE`] do not fit on its disk.
    pub(super) fn promise(&self, folder: &Path, bytes: u64) -> io::Result<Promise> {
        let (disk, free) = (Disk::of(folder)?, (self.free)(folder));
        let mut all = self.guard();
        let promised = all.get(&disk).copied().unwrap_or_default();
        match free {
            Some(free) if free < bytes.saturating_add(promised).saturating_add(LEAVE_FREE) => {
                Err(io::Error::new(io::ErrorKind::StorageFull, no_room(bytes, promised, free)))
            }
            Some(_) | None => {
                all.insert(disk.clone(), promised.saturating_add(bytes));
                drop(all);
                Ok(Promise { disks: self.clone(), disk, left: bytes })
            }
        }
    }
}

/// What is said of a full disk.
fn no_room(bytes: u64, promised: u64, free: u64) -> String {
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let others = if promised == 0 {
        String::new()
    } else {
        format!(", {} MiB of it for files that are on their way", mib(promised))
    };
    format!(
        "the disk has {} MiB free{others}; the file needs {} MiB, and {} MiB stay free",
        free >> 20,
        mib(bytes),
        mib(LEAVE_FREE)
    )
}

/// Room that was promised to a file. What is not written when it is dropped is free for others.
#[derive(Debug)]
pub(super) struct Promise {
    disks: Disks,
    disk: Disk,
    left: u64,
}

impl Promise {
    /// So many of the bytes are on the disk.
    pub(super) fn used(&mut self, bytes: u64) {
        let bytes = bytes.min(self.left);
        self.left -= bytes;
        let mut all = self.disks.guard();
        if let Some(promised) = all.get_mut(&self.disk) {
            *promised = promised.saturating_sub(bytes);
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.used(self.left);
    }
}

/// Bytes of a file that take room on the disk; none where there is no file.
#[cfg(unix)]
pub(super) fn written(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map_or(0, |data| data.blocks() * 512)
}

/// Bytes of a file that take room on the disk: of one that was begun, all.
#[cfg(not(unix))]
pub(super) fn written(path: &Path) -> u64 {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map_or(0, |data| data.len())
}

/// Gives a file its length.
///
/// # Errors
/// When the disk cannot be written.
#[cfg(unix)]
pub(super) fn lengthen(file: &File, bytes: u64, _: &mut Promise) -> io::Result<()> {
    file.set_len(bytes)
}

/// Gives a file its length, which takes the room for all of it.
///
/// # Errors
/// When the disk cannot be written.
#[cfg(not(unix))]
pub(super) fn lengthen(file: &File, bytes: u64, promise: &mut Promise) -> io::Result<()> {
    file.set_len(bytes)?;
    promise.used(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn files_on_their_way_together_leave_the_disk_its_rest() {
        let (folder, disks) = (tempfile::tempdir().unwrap(), Disks::with(|_| Some(LEAVE_FREE + 10 * MIB)));
        let mut first = disks.promise(folder.path(), 6 * MIB).unwrap();
        let full = disks.promise(folder.path(), 5 * MIB).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        let told = "the disk has 74 MiB free, 6 MiB of it for files that are on their way; the file needs 5 MiB, and 64 \
                    MiB stay free";
        assert_eq!(full.to_string(), told);
        // What is written counts as the disk's, not as promised.
        first.used(2 * MIB);
        let second = disks.promise(folder.path(), 6 * MIB);
        assert!(second.is_ok());
        drop((first, second));
        assert!(disks.promise(folder.path(), 10 * MIB).is_ok(), "what ended is given back");
    }

    #[test]
    fn sixty_four_files_do_not_fill_a_disk() {
        let (folder, disks) = (tempfile::tempdir().unwrap(), Disks::with(|_| Some(LEAVE_FREE + 100 * MIB)));
        let taken: Vec<_> = (0..64).map_while(|_| disks.promise(folder.path(), 9 * MIB).ok()).collect();
        assert_eq!(taken.len(), 11);
    }

    #[test]
    fn the_system_says_what_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let full = Disks::default().promise(folder.path(), u64::MAX / 2).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        let unknown = Disks::with(|_| None).promise(folder.path(), u64::MAX / 2);
        assert!(unknown.is_ok(), "a disk that says nothing tells when it is written");
    }
}
