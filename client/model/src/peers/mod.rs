//! Private sessions as this client keeps them, pure: what it agreed to, whom it is linked with, whose key it knows.
//!
//! The server introduces; it is not trusted with more. Whatever it says that nobody here agreed to is refused and told.
//! [`Peers`] holds no socket: the shell makes links and hands frames to and fro by the number of the introduction.
//!
//! | a server that | is met by |
//! | --- | --- |
//! | introduces somebody whom nobody asked for | the consent of one question, used up by one introduction |
//! | repeats an old introduction | numbers that only grow |
//! | gives another key for a user | the pin: nothing is sent until the person decides |
//! | crosses two users | the names and the number that both ends say on the link ([`whoelse_proto::peer::PeerHello`]) |

mod introduce;
mod machine;
mod mending;
mod pins;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use machine::Peers;
pub use pins::{Pin, Pins};

use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{
    Answer, DeviceKey, FileRoot, Introduction, MessageId, PrivateCommand, PrivateNews, Refusal, Text, Timestamp,
    UserName, Verification,
};

use crate::event::Event;
use crate::message::{Message, NewMessage};
use crate::request::{Ask, AskId};

/// The number of a link: that of the introduction to which it belongs.
pub type LinkNumber = u64;

/// What reaches the keeper of private sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeersInput {
    /// There is a line to a server that introduces clients to each other.
    LineUp,
    /// What there is at the server: the answer to a device that was published.
    Standing(whoelse_proto::Standing),
    /// The session with the server is over.
    SessionOver(Farewell),
    /// The user asks the server something about a private session; it is asked in the same breath.
    Asked {
        /// Comes back with the answer.
        ask: AskId,
        /// What.
        command: PrivateCommand,
    },
    /// The server answered one of these.
    Answered {
        /// Which.
        ask: AskId,
        /// With what.
        result: Result<Answer, Refusal>,
    },
    /// One of these will not be answered.
    Unanswered {
        /// Which.
        ask: AskId,
    },
    /// The server tells something.
    News(PrivateNews),
    /// The user is about to fetch a file from a holder.
    Fetching {
        /// The file.
        root: FileRoot,
        /// From whom.
        holder: UserName,
    },
    /// A link stands: both ends have proved their keys and said the same names and number.
    Linked {
        /// Which.
        number: LinkNumber,
        /// What both see.
        verification: Verification,
        /// How it goes.
        route: Route,
    },
    /// A link died; the other device is looked for again.
    Interrupted {
        /// Which.
        number: LinkNumber,
    },
    /// Both ends have met again, each with the key that it had.
    Resumed {
        /// On which link.
        number: LinkNumber,
        /// How it goes.
        route: Route,
    },
    /// A link goes another way.
    Rerouted {
        /// Which.
        number: LinkNumber,
        /// How it goes.
        route: Route,
    },
    /// A link could not be made, or is gone.
    Unlinked {
        /// Which.
        number: LinkNumber,
        /// Why.
        why: Closing,
    },
    /// The other end says something.
    Frame {
        /// On which link.
        number: LinkNumber,
        /// What.
        frame: PeerFrame,
    },
    /// The user writes in a private session.
    Write {
        /// The message's name.
        id: MessageId,
        /// To whom.
        to: UserName,
        /// The words.
        text: Text,
    },
    /// A private message has its row.
    Kept(Message),
    /// A private message could not get its row.
    NotKept {
        /// Which.
        id: MessageId,
        /// Why not, for people.
        cause: String,
    },
    /// The user takes another key for a contact's.
    Repin {
        /// Whose.
        peer: UserName,
        /// The key that was shown.
        device: DeviceKey,
    },
    /// The user compared the code.
    Verify {
        /// With whom.
        peer: UserName,
        /// The key for which it holds.
        device: DeviceKey,
    },
}

/// What the keeper of private sessions asks of its shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeersOutput {
    /// Ask the server.
    Ask {
        /// Comes back with the answer.
        ask: AskId,
        /// What.
        what: Ask,
    },
    /// Make a link, and take one from this key. A link of this number that is being made goes on with other addresses.
    Link(Introduction),
    /// Put a frame on a link.
    Send {
        /// Which.
        number: LinkNumber,
        /// What.
        frame: PeerFrame,
    },
    /// Close a link, saying why.
    Unlink {
        /// Which.
        number: LinkNumber,
        /// Said to the other end.
        farewell: Farewell,
    },
    /// Give a private message its row, and keep it if the user wants that.
    Keep(NewMessage),
    /// Note on disk that a private message came through.
    Delivered(MessageId),
    /// The pins have changed.
    SavePins,
    /// Tell the user.
    Tell(Event),
}

/// How a link goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// From device to device.
    Direct,
    /// Through the server's relay, which sees no content.
    Relayed,
}

/// Why a question or a private session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The peer said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The peer stopped it, or took the question back.
    Stopped,
    /// The peer logged out.
    Logout,
    /// The peer did nothing for too long.
    Timeout,
    /// The peer, or the way to the peer, is gone.
    Lost,
    /// The two devices could not reach each other.
    Unreachable,
    /// Whoever answered is not who was expected; nothing was sent.
    Impostor,
    /// It was ended here.
    Here,
}

impl From<Farewell> for Closing {
    fn from(farewell: Farewell) -> Self {
        match farewell {
            Farewell::Stopped => Self::Stopped,
            Farewell::Logout => Self::Logout,
            Farewell::Timeout => Self::Timeout,
            Farewell::Lost => Self::Lost,
        }
    }
}

/// How a contact's key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Seen for the first time; pinned from here on.
    New,
    /// The same as before.
    Pinned,
    /// The same as when the user compared the code.
    Verified,
}

/// A private session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateSession {
    /// With whom.
    pub peer: UserName,
    /// The peer's key.
    pub device: DeviceKey,
    /// What both see exactly when nobody sits between them.
    pub verification: Verification,
    /// How the key stands.
    pub trust: Trust,
    /// How it goes.
    pub route: Route,
    /// Since when.
    pub since: Timestamp,
}
