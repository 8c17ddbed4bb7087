//! What a client says.

use serde::{Deserialize, Serialize};

use super::{Agent, Content, Feature, FilesCommand, PrivateCommand, Target, VersionRange};
use crate::{DevicePass, InviteSecret, MessageId, RequestId, ResumeToken, Seconds, Seq, UserName};

/// A frame from client to server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame of a connection.
    Hello {
        /// What the client speaks.
        versions: VersionRange,
        /// Program and version, for people.
        agent: Agent,
        /// Optional parts that the client understands.
        #[serde(default, deserialize_with = "super::features")]
        features: Vec<Feature>,
    },
    /// Opens a login: OPAQUE's KE1 (RFC 9807, section 6.1).
    LoginStart {
        /// Who logs in.
        name: UserName,
        /// The serialized credential request.
        #[serde(with = "serde_bytes")]
        credential_request: Vec<u8>,
        /// The pass of the last welcome on this device, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pass: Option<DevicePass>,
    },
    /// Proves the password: OPAQUE's KE3.
    LoginFinish {
        /// The serialized credential finalization.
        #[serde(with = "serde_bytes")]
        credential_finalization: Vec<u8>,
        /// Whether a session of this name that is online elsewhere ends for this one.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        take_over: bool,
        /// No session is to begin, but the account is to have another password: the serialized registration request
        /// of that. For a server that names [`Feature::PASSWORD`].
        #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
        new_password: Option<Vec<u8>>,
    },
    /// The challenge did not open with the password at hand. Counts as a wrong password.
    LoginGiveUp {},
    /// Opens the making of an account.
    RegisterStart {
        /// The new name.
        name: UserName,
        /// The serialized registration request.
        #[serde(with = "serde_bytes")]
        registration_request: Vec<u8>,
        /// The secret of an invitation, for a server that names [`Feature::INVITE`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invite: Option<InviteSecret>,
    },
    /// Completes the account.
    RegisterFinish {
        /// The serialized registration upload, the record from which no password can be read.
        #[serde(with = "serde_bytes")]
        registration_upload: Vec<u8>,
    },
    /// Takes up a session whose line was lost.
    Resume {
        /// Whose session.
        name: UserName,
        /// The token of the last welcome.
        token: ResumeToken,
    },
    /// Asks for something; one [`super::ServerFrame::Reply`] or more will carry the same id.
    Request {
        /// Chosen by the client; not in use by an open request.
        id: RequestId,
        /// What is asked.
        command: Command,
    },
    /// Every envelope up to this place is on the client's disk. No reply.
    Ack {
        /// The highest place.
        up_to: Seq,
    },
    /// Asks for a pong.
    Ping {},
    /// Answers a ping.
    Pong {},
}

/// What a client may ask once it is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Takes a message. Answer: [`super::Answer::Accepted`]. Asked again with the same id, it is taken once.
    Send {
        /// The sender's name for it.
        id: MessageId,
        /// Whom it goes to.
        to: Target,
        /// What it holds.
        content: Content,
    },
    /// Who is online. Answer: [`super::Answer::Users`].
    Whoelse {},
    /// Who had a session in the last seconds. Answer: [`super::Answer::Users`], with spans.
    Whoelsesince {
        /// How far back.
        seconds: Seconds,
    },
    /// Stops a user from reaching and seeing the one who asks. Answer: [`super::Answer::Done`].
    Block {
        /// Whom.
        name: UserName,
    },
    /// Undoes a block. Answer: [`super::Answer::Done`].
    Unblock {
        /// Whom.
        name: UserName,
    },
    /// Whom the one who asks has blocked. Answer: [`super::Answer::Names`].
    Blocked {},
    /// The chat with `peer` was seen up to a message of theirs. Answer: [`super::Answer::Done`].
    MarkRead {
        /// Who wrote it.
        peer: UserName,
        /// The latest message seen.
        up_to: MessageId,
    },
    /// What became of own messages. Answer: [`super::Answer::States`].
    Lookup(Lookup),
    /// Counts as a sign of life and does nothing else. Answer: [`super::Answer::Done`].
    Stay {},
    /// Ends the session. Answer: [`super::Answer::Done`], then [`super::ServerFrame::SessionEnded`].
    Logout {},
    /// Private sessions. For a server that names [`Feature::PRIVATE`].
    Private(PrivateCommand),
    /// Shared files. For a server that names [`Feature::PRIVATE`].
    Files(FilesCommand),
}

/// Own messages to look up, at most [`crate::limits::MAX_LOOKUP_IDS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The messages.
    pub ids: Vec<MessageId>,
}
