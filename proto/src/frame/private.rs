//! Private sessions: who asks whom, and who is introduced to whom. What two devices say to each other is no part of it.

use serde::{Deserialize, Serialize};

use crate::{Addresses, DeviceKey, FileRoot, Seconds, UserName};

/// What a client may ask about private sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateCommand {
    /// Makes this device known; on every line anew, and whenever its addresses change. No action of the user.
    /// Answer: [`super::Answer::Standing`].
    Publish {
        /// Its key.
        device: DeviceKey,
        /// Where it may be reached.
        addresses: Addresses,
    },
    /// Asks a user for a session. Answer: [`super::Answer::Done`]; what comes of it is told as [`PrivateNews`].
    Start {
        /// Whom.
        name: UserName,
    },
    /// Agrees to a question. Answer: [`super::Answer::Done`]; the introduction follows.
    Accept {
        /// Who asked.
        name: UserName,
    },
    /// Turns a question down. Answer: [`super::Answer::Done`].
    Decline {
        /// Who asked.
        name: UserName,
    },
    /// Ends a session, or takes an own question back. Answer: [`super::Answer::Done`].
    Stop {
        /// With whom.
        name: UserName,
    },
}

/// What a server tells about private sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateNews {
    /// A user asks for a session.
    Asked {
        /// Who.
        by: UserName,
        /// The question ends by itself after this time.
        expires_in: Seconds,
    },
    /// A question or a session is over.
    Ended {
        /// With whom.
        peer: UserName,
        /// Why.
        reason: PrivateEnd,
    },
    /// The device of a user and where it may be reached. The peer gets the like with the same number.
    Introduced(Introduction),
}

/// Why a question or a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateEnd {
    /// The one who was asked said no.
    Declined,
    /// The one who was asked did not answer in time.
    Expired,
    /// The peer ended the session, or took the question back.
    Stopped,
    /// The peer logged out.
    Logout,
    /// The peer did nothing for too long.
    Timeout,
    /// The peer's line was lost.
    Lost,
}

/// Two devices may speak to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// Whose device.
    pub peer: UserName,
    /// What for.
    pub purpose: Purpose,
    /// The same for both; grows with every introduction.
    pub number: u64,
    /// The device's key.
    pub device: DeviceKey,
    /// Where it may be reached.
    pub addresses: Addresses,
}

/// What an introduction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A private session, to which both have agreed.
    Session {},
    /// One fetches chunks of a file that the other has registered.
    Fetch {
        /// The file.
        root: FileRoot,
    },
    /// The other side of [`Purpose::Fetch`].
    Serve {
        /// The file.
        root: FileRoot,
    },
}

/// What stands between a user and others when a device is published: everything else is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// With whom there is a session.
    pub open: Vec<UserName>,
    /// Whom the user has asked.
    pub asking: Vec<UserName>,
    /// Who has asked the user.
    pub asked: Vec<Question>,
    /// The server's relay, if it runs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<Relay>,
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Who asks.
    pub by: UserName,
    /// The question ends by itself after this time.
    pub expires_in: Seconds,
}

/// A relay through which devices reach each other that cannot do so directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Its port, on the host of the server.
    pub port: u16,
    /// The relay's certificate in DER, the only one that it shows.
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
}
