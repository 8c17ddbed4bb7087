//! What can go wrong with the file of accounts and the server's OPAQUE key.

use std::io;
use std::path::{Path, PathBuf};

use whoelse_proto::{NameError, PasswordError, UserName};

use super::key::KeyId;
use crate::data_dir::DataDirError;

/// Why the accounts cannot be had or changed. Holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// There is no file and none may be made.
    #[error(
        "no file of accounts at {}; make one with `whoelse-server user add NAME`, or by hand with a line `NAME PASSWORD` for each account",
        .0.display()
    )]
    Missing(PathBuf),
    /// A line of the file is wrong.
    #[error("{}, line {line}: {fault}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        fault: LineFault,
    },
    /// The file lost every account.
    #[error(
        "{} holds no account, where there were {known}; put it back from a backup, or remove accounts with `whoelse-server user remove NAME`",
        path.display()
    )]
    Emptied {
        /// The file.
        path: PathBuf,
        /// How many accounts there were.
        known: usize,
    },
    /// The file lost its end.
    #[error(
        "{} looks cut short: {lost} of {known} accounts are gone{}; put it back from a backup, or remove accounts with `whoelse-server user remove NAME` (a start of the server takes the file as it is)",
        path.display(),
        if *lost == 0 { ", and its last line has no end" } else { "" }
    )]
    Cut {
        /// The file.
        path: PathBuf,
        /// Accounts that are gone.
        lost: usize,
        /// How many there were.
        known: usize,
    },
    /// Something else has the name of the file.
    #[error("{} is no file but a folder, a pipe or a device; name a file with --credentials PATH", .0.display())]
    NoFile(PathBuf),
    /// The file is larger than any file of accounts.
    #[error("{} is over {limit} bytes: not a file of accounts", path.display())]
    Oversized {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        limit: u64,
    },
    /// The server's key is damaged.
    #[error("{} is damaged; put it back from a backup: without it no sealed password opens", .0.display())]
    Key(PathBuf),
    /// Another program does not stop writing the file.
    #[error("{} is being written by another program; try again", .0.display())]
    Busy(PathBuf),
    /// The data folder cannot be made.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The system refused.
    #[error("cannot {action} {}: {}", path.display(), whoelse_plain::file(source))]
    Io {
        /// What could not be done, as `read`.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The account to be changed does not exist.
    #[error("there is no account {0}; `whoelse-server user list` prints all")]
    Unknown(UserName),
    /// The account to be made exists.
    #[error("there is an account {0} already")]
    Exists(UserName),
    /// What a client uploaded is no OPAQUE record.
    #[error("the record for {0} is malformed")]
    Record(UserName),
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// No space in it.
    #[error("a line is a name, one space and a password")]
    NoSecret,
    /// The first word is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// What follows is no password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The name has a line already.
    #[error("the same name as in line {first}")]
    Duplicate {
        /// Its first line.
        first: usize,
    },
    /// It begins like a sealed password and is none.
    #[error("the sealed password is damaged, or of a newer version")]
    Damaged,
    /// Sealed with the key of another data folder.
    #[error(
        "the password was sealed for the server key {theirs}, and the key in the data folder is {ours}; use the data folder it was sealed with, or write a new password"
    )]
    OtherKey {
        /// The key of the record.
        theirs: KeyId,
        /// The key of this server.
        ours: KeyId,
    },
}

impl AccountsError {
    /// What the system said about a file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}
