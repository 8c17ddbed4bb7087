//! What a file looks like from outside: enough to tell that it was changed without reading it.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long a file must have been left alone before it is read: an editor may be half-way through writing it, and
/// two changes within one tick of the file system's clock look like one.
const SETTLE: Duration = Duration::from_millis(300);

/// What tells a changed file from an unchanged one without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    identity: Identity,
}

/// What tells whether the file of accounts is the one that an earlier server knew. Holds nothing of its content,
/// and survives a move to another disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Its length.
    pub(crate) bytes: i64,
    /// When it was written, in nanoseconds since the Unix epoch.
    pub(crate) modified: i64,
}

/// What this server made of the file that was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// The file that was in force.
    pub(crate) of: FileStamp,
    /// The one that took its place, with more accounts and the same passwords.
    pub(crate) is: FileStamp,
}

/// Device, inode, and time of the inode's last change in seconds and nanoseconds.
#[cfg(unix)]
type Identity = (u64, u64, i64, i64);
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}

impl Stamp {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity: identity(&metadata) })
    }

    /// The length of the file.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The part that a later server can compare.
    pub(super) fn for_later(&self) -> Option<FileStamp> {
        let modified = self.modified?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(FileStamp { bytes: i64::try_from(self.bytes).ok()?, modified: i64::try_from(modified.as_nanos()).ok()? })
    }

    /// As a word that others compare with their own and never read.
    pub(super) fn word(&self) -> String {
        format!("{self:?}")
    }

    /// Whether the file may still be being written.
    pub(super) fn is_fresh(&self) -> bool {
        self.is_fresh_at(SystemTime::now())
    }

    /// A time in the future says nothing.
    fn is_fresh_at(&self, now: SystemTime) -> bool {
        let age = self.modified.and_then(|modified| now.duration_since(modified).ok());
        age.is_some_and(|age| age < SETTLE)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Place;
    use super::*;

    #[test]
    fn a_file_is_fresh_until_it_has_settled_and_one_from_the_future_is_not() {
        let place = Place::new("hans falcon\n");
        let stamp = Stamp::of(&place.paths().credentials).unwrap();
        let modified = stamp.modified.unwrap();
        let millisecond = Duration::from_millis(1);
        assert!(stamp.is_fresh_at(modified));
        assert!(stamp.is_fresh_at(modified + SETTLE - millisecond));
        assert!(!stamp.is_fresh_at(modified + SETTLE));
        assert!(!stamp.is_fresh_at(modified - millisecond));
    }
}
