//! Files on this disk: hashed one after the other, and known again by how they look.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use whoelse_proto::{FileName, FileSize};

use super::manifest::Manifest;
use super::name::name_of;

/// A file on this disk.
#[derive(Debug)]
pub(crate) struct Hashed {
    pub(super) path: PathBuf,
    pub(super) name: FileName,
    pub(super) manifest: Arc<Manifest>,
    pub(super) stamp: Stamp,
}

/// How a file looks without being read. One that is written to looks different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn new(data: &Metadata) -> Self {
        Self { bytes: data.len(), modified: data.modified().ok() }
    }

    /// Whether the file at a path still looks so.
    pub(super) fn is_of(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|data| Self::new(&data) == *self)
    }
}

/// How many bytes of a file were read, for whoever waits for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<AtomicU64>);

impl Heard {
    /// Counts that the disk answered.
    pub(super) fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Hashes a file. Blocks.
///
/// # Errors
/// Why not, for people.
pub(super) fn hash(path: &Path, heard: &Heard) -> Result<Hashed, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {}", path.display(), whoelse_plain::file(&error));
    let path = resolved(path).map_err(failed)?;
    // Before it is opened: to open a pipe waits for whoever writes into it.
    is_file(&path, &std::fs::metadata(&path).map_err(failed)?)?;
    let mut file = opened(&path).map_err(failed)?;
    heard.tick();
    let data = file.metadata().map_err(failed)?;
    is_file(&path, &data)?;
    let size = FileSize::try_from(data.len()).map_err(|error| error.to_string())?;
    let name = name_of(&path).map_err(|error| error.to_string())?;
    let stamp = Stamp::new(&data);
    let manifest = Manifest::of_file(&mut file, size, || heard.tick()).map_err(|error| {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            format!("{} became shorter while it was read", path.display())
        } else {
            failed(error)
        }
    })?;
    if !stamp.is_of(&path) {
        return Err(format!("{} was written to while it was read", path.display()));
    }
    Ok(Hashed { path, name, manifest: Arc::new(manifest), stamp })
}

/// Says of what is no file what it is.
fn is_file(path: &Path, data: &Metadata) -> Result<(), String> {
    let path = path.display();
    if data.is_file() {
        Ok(())
    } else if data.is_dir() {
        Err(format!("{path} is a folder: send its files, or pack it into an archive (zip, tar) and send that"))
    } else {
        Err(format!("{path} is no file but a pipe, a socket or a device"))
    }
}

/// Where a file is, without links on the way.
#[cfg(not(windows))]
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// Where a file is. What Windows makes of links begins with signs that people do not read and Explorer does not take.
#[cfg(windows)]
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Opens a file that was hashed before. Something else may have taken its place: a pipe is not waited for.
///
/// # Errors
/// When it cannot be opened, or is no file any more.
pub(super) fn open_again(path: &Path) -> std::io::Result<File> {
    let file = opened(path)?;
    let is_one = file.metadata()?.is_file();
    if is_one { Ok(file) } else { Err(std::io::Error::other("it is no file any more")) }
}

/// Opens a file. Something else may have taken its place: a pipe is not waited for.
#[cfg(unix)]
fn opened(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_refused_with_a_word_how_it_can_be_sent() {
        let folder = tempfile::tempdir().unwrap();
        let cause = hash(folder.path(), &Heard::default()).unwrap_err();
        assert!(cause.contains("is a folder: ") && cause.contains("archive"), "{cause}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_and_a_device_are_no_files_and_nobody_waits_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR).unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let cause = hash(path, &Heard::default()).unwrap_err();
            assert!(cause.contains("is no file"), "{cause}");
        }
    }
}
