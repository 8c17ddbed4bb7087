//! Files that change whole or not at all: a temporary file in the same folder, synced, then put into place.
//!
//! Knows nothing of what the files hold.

use std::fs::{self, File, Metadata};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How the name of a temporary file begins.
const TEMPORARY: &str = ".whoelse-";

/// Letters and digits behind it.
const RANDOM_CHARS: usize = 6;

/// Makes a file that only its owner can read. Whoever makes it first wins.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if it is there already, else what the system says.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let file = write_beside(folder, bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    sync_folder(folder)
}

/// Gives a file other content. Its owner and its rights stay, and so does a symbolic link that leads to it.
///
/// # Errors
/// What the system says; the file is then as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target: PathBuf = fs::canonicalize(path)?;
    let folder = folder_of(&target);
    let file = write_beside(folder, bytes)?;
    file.as_file().sync_all()?;
    // Last, so that what a killed process leaves behind is its owner's alone.
    dress_like(file.as_file(), &fs::metadata(&target)?)?;
    file.persist(&target)?;
    sync_folder(folder)
}

/// Adds bytes at the end of a file, all of them or none, without writing the rest again.
///
/// The first byte is written last, once the others are on the disk: until then it is NUL. Whoever finds a NUL at the
/// beginning of a line of a file that has none of its own knows that what begins with it was never finished; `keep` says
/// where that is, or where the file ends. An end of a line in front of the bytes is written before.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] if the file is not as long as `expected`, else what the system says; the file then
/// ends at `keep`, or with an unfinished part.
pub(crate) fn append(path: &Path, expected: u64, keep: u64, bytes: &[u8]) -> io::Result<()> {
    let (line_end, bytes) = bytes.split_at(bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count());
    let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
    let mut file = File::options().write(true).open(path)?;
    if file.metadata()?.len() != expected {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    if keep < expected {
        file.set_len(keep)?;
    }
    let at = keep.saturating_add(line_end.len() as u64);
    let ended = write_at(&mut file, keep, line_end);
    let written = ended.and_then(|()| write_first_last(&mut file, at, *first, rest));
    if written.is_err() {
        let _ = file.set_len(keep).and_then(|()| file.sync_all());
    }
    written
}

fn write_first_last(file: &mut File, at: u64, first: u8, rest: &[u8]) -> io::Result<()> {
    write_at(file, at.saturating_add(1), rest)?;
    write_at(file, at, &[first])
}

/// Writes bytes, and returns once they are on the disk.
fn write_at(file: &mut File, at: u64, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Cuts an unfinished part off a file.
///
/// # Errors
/// What the system says.
pub(crate) fn cut(path: &Path, keep: u64) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    file.set_len(keep)?;
    file.sync_all()
}

/// Removes what killed processes left beside `path`: copies that were never put into place. To be called while nobody
/// else writes there. What cannot be removed stays.
pub(crate) fn remove_leftovers(path: &Path) {
    let target = fs::canonicalize(path);
    let Ok(entries) = fs::read_dir(folder_of(target.as_deref().unwrap_or(path))) else { return };
    for entry in entries.flatten() {
        if is_leftover(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            match fs::remove_file(entry.path()) {
                Ok(()) => tracing::info!("removed {}, which a killed process left", entry.path().display()),
                Err(error) => {
                    tracing::warn!("{} cannot be removed: {}", entry.path().display(), whoelse_plain::file(&error));
                }
            }
        }
    }
}

/// Whether a file is called as [`write_beside`] does it.
fn is_leftover(name: &std::ffi::OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY));
    random.is_some_and(|random| random.len() == RANDOM_CHARS && random.bytes().all(|c| c.is_ascii_alphanumeric()))
}

/// The folder that holds `path`.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// A temporary file with rights for the owner alone; gone again unless it is put into place.
fn write_beside(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).rand_bytes(RANDOM_CHARS).tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Gives `file` the owner and the rights of another one.
#[cfg(unix)]
fn dress_like(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(like.permissions())
}

/// A new file inherits the rights of its folder.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "can fail on other systems")]
fn dress_like(_file: &File, _like: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes a rename durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A folder cannot be opened as a file; the file system's journal keeps a rename.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "can fail on other systems")]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_second_to_make_a_file_is_told_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"first").unwrap();

        let second = create(&path, b"second").unwrap_err();

        assert_eq!(second.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["key"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_rights_and_the_link_to_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, b"old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();

        replace(&link, b"new").unwrap();

        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("real"));
        assert_eq!(names(folder.path()), ["link", "real"]);
    }

    #[test]
    fn bytes_are_added_behind_what_is_kept_and_not_to_a_file_of_another_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "hans falcon\n").unwrap();
        append(&path, 12, 12, b"yoda wise\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "hans falcon\nyoda wise\n");

        let error = append(&path, 12, 12, b"leia x\n").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        append(&path, 22, 12, b"leia x\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "hans falcon\nleia x\n");
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.txt");
        for name in ["credentials.txt", ".whoelse-a1B2c3", ".whoelse-notes", "whoelse-a1B2c3"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join(".whoelse-folder")).unwrap();

        remove_leftovers(&path);

        assert_eq!(names(folder.path()), [".whoelse-folder", ".whoelse-notes", "credentials.txt", "whoelse-a1B2c3"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_that_is_not_in_place_yet_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = write_beside(folder.path(), b"secret").unwrap();
        assert_eq!(file.as_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_there_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = replace(&folder.path().join("none"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(names(folder.path()).is_empty());
    }
}
