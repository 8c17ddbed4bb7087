//! What can go wrong in the client, one variant per reaction of the caller.

use std::io;
use std::path::{Path, PathBuf};

use whoelse_proto::codec::{DecodeError, EncodeError};
use whoelse_proto::limits::LINE_DEAD_AFTER_S;
use whoelse_proto::{ProtocolFault, UserName};

use crate::profile::Holder;

/// Why the client could not do something. Its words are for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name of a profile has other characters than letters, digits, `-`, `_` and `.`, or begins with a dot.
    #[error("a profile's name holds letters, digits, '-', '_' and '.', and begins with none of these signs")]
    ProfileName,
    /// The system tells no folder for a user's data.
    #[error("this system names no folder for a user's data; name one with --data-dir")]
    NoDataFolder,
    /// Another program has the profile open.
    #[error("{}", in_use(folder, holder.as_ref()))]
    ProfileInUse {
        /// Where the profile lies.
        folder: PathBuf,
        /// Who has it; `None` where that is not known.
        holder: Option<Holder>,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}: {}", .path.display(), whoelse_plain::file(source))]
    File {
        /// What could not be done, as `read`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the profile does not hold what it should. It is left as it is.
    #[error("{} is damaged ({cause}); put back a copy of it, or move it away and start again", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The history's database could not be opened.
    #[error("{0}")]
    History(whoelse_model::HistoryTrouble),
    /// This device could not be made reachable for others.
    #[error("no other device can reach this one: {0}")]
    Devices(String),
    /// A thread or its runtime could not be started.
    #[error("the system gives this program no thread: {}; end other programs", whoelse_plain::systems_words(.0))]
    Thread(io::Error),
    /// No address of the host could be reached.
    #[error("no connection to {host}:{port}: {cause}")]
    Unreachable {
        /// The host as given.
        host: String,
        /// The port.
        port: u16,
        /// What the last attempt met.
        cause: String,
    },
    /// The server does not let people change their password.
    #[error("this server cannot change passwords; ask whoever runs it")]
    NoPasswords,
    /// The TLS handshake failed: whatever answers is no Whoelse server, or somebody stands between.
    #[error("no secure connection to {host}:{port}: {cause}")]
    Handshake {
        /// The host as given.
        host: String,
        /// The port.
        port: u16,
        /// What was wrong.
        cause: String,
    },
    /// The line broke.
    #[error("{}", whoelse_plain::line(.0))]
    Broken(io::Error),
    /// The server closed the line without a word.
    #[error("the server closed the connection")]
    Closed,
    /// Nothing was heard for too long.
    #[error("the server did not answer for {LINE_DEAD_AFTER_S} seconds")]
    Silent,
    /// The login took too long.
    #[error("the server did not complete the login in time")]
    LoginTooSlow,
    /// The server sent what is no frame.
    #[error(transparent)]
    Unreadable(#[from] DecodeError),
    /// A frame could not be written: a fault of this program.
    #[error(transparent)]
    Unwritable(#[from] EncodeError),
    /// The server sent a frame that may not come there.
    #[error("the server answered out of order, with {0}")]
    OutOfOrder(&'static str),
    /// The server speaks other versions of the protocol.
    #[error("the server speaks version {server} of the protocol, this program version {}", whoelse_proto::VERSION)]
    Version {
        /// What the server speaks.
        server: u16,
    },
    /// The server closed the line over a fault of this program.
    #[error("{}", fault_text(.0))]
    Fault(ProtocolFault),
    /// The server answered the login with something that does not fit the protocol.
    #[error("the server's part of the login does not fit the protocol")]
    LoginProtocol,
    /// The server let in someone else than the one who asked.
    #[error("the server took this login for {0}'s")]
    WrongName(UserName),
    /// There is no token of this name and server in the profile.
    #[error("this profile keeps no session of {0} on this server")]
    NoKeptToken(UserName),
}

/// What became of the promise of a function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// For a failed operation on a file.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}

/// Who has the profile open, as far as is known.
fn in_use(folder: &Path, holder: Option<&Holder>) -> String {
    let folder = folder.display();
    match holder {
        Some(holder) => format!("another window or program, {holder}, has this profile open, in {folder}"),
        None => {
            format!("another window or program, here or on another computer, has this profile open, in {folder}")
        }
    }
}

/// A fault told by the server, for people.
fn fault_text(fault: &ProtocolFault) -> String {
    match fault {
        ProtocolFault::Version { supported } => {
            format!("the server speaks versions {} to {} of the protocol", supported.min, supported.max)
        }
        ProtocolFault::Oversized { limit } => format!("the server takes frames of at most {limit} bytes here"),
        ProtocolFault::Malformed {} => "the server could not read this program's frame".to_owned(),
        ProtocolFault::OutOfOrder {} => "the server did not expect this program's frame".to_owned(),
        ProtocolFault::LoginDeadline {} => "the login took too long for the server".to_owned(),
        ProtocolFault::Full {} => "the server has all the connections it takes".to_owned(),
    }
}
