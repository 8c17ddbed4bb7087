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
    pub(super) folders: BTreeSet<PathBuf>,
}

/// A file that is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shared {
    pub(super) name: FileName,
    pub(super) path: PathBuf,
}

/// A file for a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queued {
    pub(super) to: UserName,
    pub(super) name: FileName,
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
