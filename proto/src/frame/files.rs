//! The index of shared files: who holds what. Bytes of files never reach the server.

use serde::{Deserialize, Serialize};

use crate::{Chunks, FileName, FileRoot, FileSize, UserName};

/// What a client may ask of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesCommand {
    /// The user holds these chunks, until the session ends. Chunks told before stay. Answer:
    /// [`super::Answer::Registered`].
    Register {
        /// Of which file.
        file: SharedFile,
        /// Which; at least one, unless the file is empty.
        chunks: Chunks,
    },
    /// The user shares a file no longer. Answer: [`super::Answer::Done`].
    Unregister {
        /// Which.
        root: FileRoot,
    },
    /// Who holds files of a name. Answer: [`super::Answer::Found`].
    Search {
        /// The name.
        name: FileName,
        /// Holders of any of these chunks alone; left out, of any chunk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        any_of: Option<Chunks>,
        /// Which names are meant. A server that does not know the word searches for the whole name.
        #[serde(default, skip_serializing_if = "Naming::is_whole")]
        names: Naming,
    },
    /// Asks to be introduced to a holder, to fetch from it. Answer: [`super::Answer::Done`]; the introduction follows.
    Fetch {
        /// Which file.
        root: FileRoot,
        /// From whom.
        holder: UserName,
    },
}

/// Which names a search means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// The name that is given.
    #[default]
    Whole,
    /// Every name that holds the one given, in whatever case.
    Part,
    /// Every name; the one given means nothing.
    Any,
}

impl Naming {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// A file as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SharedFile {
    /// What it is called.
    pub name: FileName,
    /// Bytes.
    pub size: FileSize,
    /// What it holds.
    pub root: FileRoot,
}

/// A file that a search found, with those who hold chunks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    /// The file.
    pub file: SharedFile,
    /// Online users, by name.
    pub holders: Vec<Holder>,
}

/// A user who holds chunks of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub name: UserName,
    /// Which chunks.
    pub chunks: Chunks,
}
