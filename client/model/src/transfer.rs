//! Files on their way, and files shared, as they are told and shown.

use std::path::PathBuf;

use whoelse_proto::{Chunks, FileName, FileRoot, SharedFile, UserName};

/// A file on its way, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(u64);

impl TransferId {
    /// Transfer number `n`.
    #[must_use]
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// What a transfer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// A file for a peer, in a private session.
    Sending {
        /// To whom.
        to: UserName,
    },
    /// A file of a peer, in a private session.
    Receiving {
        /// From whom.
        from: UserName,
    },
    /// A shared file, from all who hold it.
    Downloading,
}

/// How far a transfer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// Its pieces are being hashed, before it is offered or goes on.
    Hashing,
    /// It was offered, and waits for a word: the user's, if it is received, or the peer's.
    Offered,
    /// Bytes flow.
    Running,
    /// It stands still until whoever paused it goes on with it.
    Paused,
    /// It stands still until there is a source again; one that is sent, until there is a session with the peer.
    Waiting,
    /// It is there, whole and verified.
    Done {
        /// Where; of a file that was sent, where it was.
        path: PathBuf,
    },
    /// The recipient did not want it.
    Refused,
    /// It was ended from either side.
    Cancelled,
    /// The session ended before the user said whether to take it; it is offered anew in the next one.
    Lapsed,
    /// It came to nothing.
    Failed {
        /// Why, for people.
        cause: String,
    },
}

impl TransferState {
    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self {
            Self::Done { .. } | Self::Refused | Self::Cancelled | Self::Lapsed | Self::Failed { .. } => true,
            Self::Hashing | Self::Offered | Self::Running | Self::Paused | Self::Waiting => false,
        }
    }

    /// The word for it in the output for programs (`docs/BEHAVIOUR.md`, Output for programs).
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hashing => "hashing",
            Self::Offered => "offered",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Done { .. } => "done",
            Self::Refused => "refused",
            Self::Cancelled | Self::Lapsed => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }
}

/// One who gives pieces of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who.
    pub name: UserName,
    /// Bytes that came from there and were right.
    pub bytes: u64,
    /// The chunks of which something is being asked of it at this moment.
    pub asked: Chunks,
    /// Why nothing more is asked of it; `None` while it is asked.
    pub dropped: Option<String>,
}

/// How much of a chunk is there, and from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkArrival {
    /// Which.
    pub chunk: u8,
    /// Bytes that are there and verified.
    pub bytes: u64,
    /// Who gave some of them, in this run of the program; those who gave earlier are not remembered.
    pub givers: Vec<UserName>,
}

/// Who lets a transfer stand still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// The user.
    pub here: bool,
    /// The other end of the private session.
    pub there: bool,
}

impl Pauses {
    /// Whether anybody does.
    #[must_use]
    pub const fn any(self) -> bool {
        self.here || self.there
    }
}

/// A transfer at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which.
    pub id: TransferId,
    /// What it is.
    pub kind: TransferKind,
    /// What the file is called.
    pub name: FileName,
    /// Bytes.
    pub size: u64,
    /// Bytes that are there and verified; of one that is sent, that the peer has asked for.
    pub done: u64,
    /// The chunks that are there whole.
    pub chunks: Chunks,
    /// How far it has come.
    pub state: TransferState,
    /// Who lets it stand still, or will once it flows.
    pub pauses: Pauses,
    /// Of a download: who gives.
    pub sources: Vec<Source>,
    /// Of each chunk of which something has arrived: how much. In order; none of one that is sent.
    pub arrivals: Vec<ChunkArrival>,
}

/// A file that this user shares, or chunks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The file.
    pub file: SharedFile,
    /// Where it is.
    pub path: PathBuf,
    /// The chunks that are there.
    pub chunks: Chunks,
}

/// What came of an order about files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnswer {
    /// A file is registered.
    Registered {
        /// Which.
        file: SharedFile,
        /// Whether somebody else holds chunks of it too.
        known: bool,
    },
    /// A file is shared no longer.
    Unregistered,
    /// A transfer has begun, and is told of under this number.
    Begun(TransferId),
    /// Done, and nothing more to say.
    Done,
}

/// Why an order about files was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// The word for it in the output for programs (`docs/BEHAVIOUR.md`, Output for programs).
    pub code: &'static str,
    /// For people.
    pub text: String,
}

/// An order about files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOrder {
    /// Offer a file to a peer in the private session, or in the next one.
    Send {
        /// To whom.
        to: UserName,
        /// Which file.
        path: PathBuf,
    },
    /// Take a file that is offered.
    Take {
        /// Which.
        id: TransferId,
        /// Into this folder; `None` is the profile's.
        folder: Option<PathBuf>,
    },
    /// Do not take a file that is offered.
    Refuse {
        /// Which.
        id: TransferId,
    },
    /// Stand still.
    Pause {
        /// Which.
        id: TransferId,
    },
    /// Go on.
    Resume {
        /// Which.
        id: TransferId,
    },
    /// End, and remove what is there of it.
    Cancel {
        /// Which.
        id: TransferId,
    },
    /// Share a file with everybody on the server.
    Register {
        /// Which.
        path: PathBuf,
    },
    /// Share it no longer.
    Unregister {
        /// What it is called.
        name: FileName,
    },
    /// Fetch a shared file from all who hold it.
    Download {
        /// What it is called.
        name: FileName,
        /// Which of several contents of that name; `None` where there is one.
        root: Option<FileRoot>,
        /// Into this folder; `None` is the profile's.
        folder: Option<PathBuf>,
    },
    /// Fetch one chunk from the peer of a private session.
    DownloadChunk {
        /// From whom.
        from: UserName,
        /// What the file is called.
        name: FileName,
        /// Which chunk.
        chunk: u8,
        /// Into this folder; `None` is the profile's.
        folder: Option<PathBuf>,
    },
}
