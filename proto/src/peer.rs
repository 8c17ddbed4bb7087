//! What two devices say to each other (`docs/PROTOCOL.md`, sections 15 and 16). The server sees none of it.

use serde::{Deserialize, Serialize};

use crate::{Chunks, FileName, FileRoot, FileSize, MessageId, Text, UserName};

/// The application protocol name of a private session.
pub const SESSION_ALPN: &[u8] = b"whoelse-private/1";

/// The application protocol name of a link on which chunks of a registered file are fetched.
pub const FETCH_ALPN: &[u8] = b"whoelse-fetch/1";

/// The first words of either end: who it takes itself and the other for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerHello {
    /// The name of the one who speaks.
    pub from: UserName,
    /// The name of the one who listens.
    pub to: UserName,
    /// The number of the introduction.
    pub number: u64,
    /// Of the end that opens the stream: the SHA-512 of its random number, shown later. Of the other: its random number.
    #[serde(with = "serde_bytes")]
    pub random: Vec<u8>,
}

/// The random number of the end that opened the stream, to which it was bound before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerReveal {
    /// The number.
    #[serde(with = "serde_bytes")]
    pub random: [u8; 32],
}

/// What is said once both ends know each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerFrame {
    /// A message.
    Text {
        /// The sender's name for it.
        id: MessageId,
        /// The words.
        text: Text,
    },
    /// A message is shown.
    Ack {
        /// Which.
        id: MessageId,
    },
    /// A file is offered. Offered again with the same content, it goes on where it stopped.
    Offer {
        /// The sender's number for it, on this link.
        id: u64,
        /// What it is called.
        name: FileName,
        /// Bytes.
        size: FileSize,
        /// What it holds.
        root: FileRoot,
    },
    /// An offer is taken.
    Take {
        /// Which.
        id: u64,
    },
    /// An offer is not taken, or a transfer ended by the recipient.
    Refuse {
        /// Which.
        id: u64,
        /// Why, where the user did not decide it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<FileTrouble>,
    },
    /// An offer is withdrawn.
    Withdraw {
        /// Which.
        id: u64,
        /// Why, where the user did not decide it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<FileTrouble>,
    },
    /// The speaker lets a file stand still. It goes on once neither end wants it to.
    Pause {
        /// Which.
        id: u64,
        /// As which end of it.
        end: FileEnd,
    },
    /// The speaker lets it stand still no longer.
    Resume {
        /// Which.
        id: u64,
        /// As which end of it.
        end: FileEnd,
    },
    /// All of a file has arrived and is what was offered.
    Received {
        /// Which.
        id: u64,
    },
    /// The session is over.
    Bye {
        /// Why.
        farewell: Farewell,
    },
}

/// An end of a file on its way. Offers of both sides may have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileEnd {
    /// Whoever offered it.
    Sender,
    /// Whoever took it.
    Recipient,
}

/// Why one end cannot go on with a file. It says no more than that: a path or a size is nobody else's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "String")]
pub enum FileTrouble {
    /// The recipient's disk has no room for it.
    DiskFull,
    /// The recipient cannot write it where it was to go.
    Unwritable,
    /// What came is not what was offered.
    Wrong,
    /// The sender cannot read it any more.
    Unreadable,
    /// The sender's file was changed since it was offered.
    Changed,
    /// The recipient has as many files of the sender as it takes at a time.
    TooMany,
    /// Something else. A word that a reader does not know is read as this one.
    Other,
}

impl From<String> for FileTrouble {
    fn from(word: String) -> Self {
        match word.as_str() {
            "disk_full" => Self::DiskFull,
            "unwritable" => Self::Unwritable,
            "wrong" => Self::Wrong,
            "unreadable" => Self::Unreadable,
            "changed" => Self::Changed,
            "too_many" => Self::TooMany,
            _ => Self::Other,
        }
    }
}

/// What one end says when it ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Farewell {
    /// The user stopped it.
    Stopped,
    /// The user logged out.
    Logout,
    /// The user did nothing for too long.
    Timeout,
    /// The line to the server is gone for good.
    Lost,
}

/// What is asked on a stream of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerAsk {
    /// The hashes of all pieces. Answered by [`PeerAnswer::Bytes`] and 32 bytes for each piece.
    Manifest {
        /// Of which file.
        root: FileRoot,
    },
    /// A piece. Answered by [`PeerAnswer::Bytes`] and the piece.
    Piece {
        /// Of which file.
        root: FileRoot,
        /// Numbered from 0.
        piece: u64,
    },
    /// Which file is shared under a name. Answered by [`PeerAnswer::File`].
    Named {
        /// The name.
        name: FileName,
    },
}

/// The answer on the same stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerAnswer {
    /// So many bytes follow.
    Bytes {
        /// How many.
        count: u64,
    },
    /// A shared file.
    File {
        /// Bytes.
        size: FileSize,
        /// What it holds.
        root: FileRoot,
        /// The chunks that are there.
        chunks: Chunks,
    },
    /// It is not there, or not for the one who asks.
    No {},
}
