//! The mark that Windows and macOS put on files from elsewhere: they ask before they run one, and open documents guarded.

use std::io;
use std::path::Path;

/// Marks a file as from elsewhere. Where a disk keeps no such marks, it stays without one.
pub(super) fn mark(path: &Path) {
    if let Err(error) = try_mark(path) {
        tracing::debug!(%error, path = %path.display(), "a file carries no mark of where it comes from");
    }
}

/// The stream `Zone.Identifier` beside the file, with the zone of the internet (URLZONE, 3).
#[cfg(windows)]
fn try_mark(path: &Path) -> io::Result<()> {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":Zone.Identifier");
    std::fs::write(stream, "[ZoneTransfer]\r\nZoneId=3\r\n")
}

/// The attribute `com.apple.quarantine`: flags of a download that nobody has agreed to, the time, who fetched it.
#[cfg(target_os = "macos")]
fn try_mark(path: &Path) -> io::Result<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let value = format!("0083;{:08x};Whoelse;", now.as_secs());
    Ok(rustix::fs::setxattr(path, "com.apple.quarantine", value.as_bytes(), rustix::fs::XattrFlags::empty())?)
}

/// No such mark is known here.
#[cfg(not(any(windows, target_os = "macos")))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the disk may refuse")]
const fn try_mark(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_leaves_the_file_as_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "words").unwrap();
        mark(file.path());
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "words");
        #[cfg(windows)]
        {
            let stream = format!("{}:Zone.Identifier", file.path().display());
            assert_eq!(std::fs::read_to_string(stream).unwrap(), "[ZoneTransfer]\r\nZoneId=3\r\n");
        }
    }
}
