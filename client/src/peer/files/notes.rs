//! What a program that is started anew must know of files: what is shared, what waits for a peer, what was taken and is
//! not whole. One file for each account on each server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use whoelse_proto::{FileName, FileRoot, FileSize, UserName};

/// Where the files of an account lie.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Where files go that are taken without a word about the folder.
    pub(crate) downloads: PathBuf,
    /// What is noted.
    pub(crate) notes: PathBuf,
}

/// All that is noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Notes {
    /// Whole files that are shared.
    pub(super) shares: Vec<Shared>,
    /// Files for peers, in the order in which they were sent.
    pub(super) sending: Vec<Queued>,
    /// Files that were taken and are not whole.
    pub(super) receiving: Vec<Taken>,
    /// Folders beside the usual one in which something unfinished may lie.
    #[serde(with = "kept_path::set")]
    pub(super) folders: BTreeSet<PathBuf>,
}

/// A file that is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shared {
    pub(super) name: FileName,
    #[serde(with = "kept_path")]
    pub(super) path: PathBuf,
}

/// A file for a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queued {
    pub(super) to: UserName,
    pub(super) name: FileName,
    #[serde(with = "kept_path")]
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// What it held when it was sent; `None` if it was not hashed.
    pub(super) root: Option<FileRoot>,
    /// Whether the user lets it stand still.
    pub(super) is_paused: bool,
}

/// A file that was taken from a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    pub(super) from: UserName,
    pub(super) name: FileName,
    pub(super) size: FileSize,
    pub(super) root: FileRoot,
    /// Where it goes.
    #[serde(with = "kept_path")]
    pub(super) folder: PathBuf,
    /// Whether the user lets it stand still.
    pub(super) is_paused: bool,
}

impl Notes {
    /// Every folder in which something unfinished may lie.
    pub(super) fn all_folders<'a>(&'a self, usual: &'a Path) -> impl Iterator<Item = &'a Path> {
        let taken = self.receiving.iter().map(|taken| taken.folder.as_path());
        let folders: BTreeSet<_> =
            self.folders.iter().map(PathBuf::as_path).chain(taken).chain(std::iter::once(usual)).collect();
        folders.into_iter()
    }
}

/// Paths in JSON: as text; where they are not Unicode, as the bytes that Unix has for them.
mod kept_path {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    #[serde(untagged)]
    enum Kept {
        Text(String),
        Bytes { bytes: Vec<u8> },
    }

    impl Kept {
        fn new(path: &Path) -> Option<Self> {
            path.to_str().map(|text| Self::Text(text.to_owned())).or_else(|| bytes_of(path))
        }

        fn path(self) -> Option<PathBuf> {
            match self {
                Self::Text(text) => Some(PathBuf::from(text)),
                Self::Bytes { bytes } => path_of(bytes),
            }
        }
    }

    #[cfg(unix)]
    #[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
    fn bytes_of(path: &Path) -> Option<Kept> {
        use std::os::unix::ffi::OsStrExt as _;
        Some(Kept::Bytes { bytes: path.as_os_str().as_bytes().to_vec() })
    }

    #[cfg(unix)]
    #[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
    fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStringExt as _;
        Some(std::ffi::OsString::from_vec(bytes).into())
    }

    #[cfg(not(unix))]
    fn bytes_of(_: &Path) -> Option<Kept> {
        None
    }

    #[cfg(not(unix))]
    fn path_of(_: Vec<u8>) -> Option<PathBuf> {
        None
    }

    pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = Kept::new(path);
        kept.ok_or_else(|| serde::ser::Error::custom("a path that is not Unicode"))?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        let path = Kept::deserialize(deserializer)?.path();
        path.ok_or_else(|| serde::de::Error::custom("a path of another system"))
    }

    pub(super) mod set {
        use std::collections::BTreeSet;
        use std::path::PathBuf;

        use serde::{Deserialize, Deserializer, Serializer};

        use super::Kept;

        pub(crate) fn serialize<S: Serializer>(paths: &BTreeSet<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(paths.iter().filter_map(|path| Kept::new(path)))
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<PathBuf>, D::Error> {
            let kept = Vec::<Kept>::deserialize(deserializer)?;
            Ok(kept.into_iter().filter_map(Kept::path).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_unicode_is_kept_beside_others() {
        use std::os::unix::ffi::OsStrExt as _;
        let odd = PathBuf::from(std::ffi::OsStr::from_bytes(b"/tmp/bad\xff.txt"));
        let shared = |path: &Path| Shared { name: FileName::new("x").unwrap(), path: path.to_owned() };
        let folders = BTreeSet::from([odd.clone(), PathBuf::from("/tmp")]);
        let notes = Notes { shares: vec![shared(&odd), shared(Path::new("/tmp/ü"))], folders, ..Notes::default() };
        let text = serde_json::to_string(&notes).unwrap();
        assert_eq!(serde_json::from_str::<Notes>(&text).unwrap(), notes);
        assert!(text.contains("\"path\":\"/tmp/ü\""), "{text}");
    }
}
