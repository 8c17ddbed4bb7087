//! What a message is: whom it goes to, what it holds, what became of it.

use serde::{Deserialize, Serialize};

use crate::{MessageId, Seq, Text, Timestamp, UserName};

/// A group of users. Reserved: version 1 refuses it as unsupported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(MessageId);

impl GroupId {
    /// A group by its 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(MessageId::from_bytes(bytes))
    }

    /// Its 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// Whom a message goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One user, now or at the next login.
    User(UserName),
    /// Every online user but the sender and those who blocked the sender.
    Everyone {},
    /// Reserved.
    Group(GroupId),
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words, perhaps in answer to an earlier message.
    Text {
        /// The words.
        text: Text,
        /// The message that this one answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// Reserved: new words for an earlier message.
    Edit {
        /// The message to change.
        of: MessageId,
        /// Its new words.
        text: Text,
    },
    /// Reserved: an emoji on an earlier message.
    Reaction {
        /// The message.
        to: MessageId,
        /// The emoji; empty takes it back.
        emoji: String,
    },
}

/// A message on its way to one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Its place in the recipient's inbox: what the acknowledgement names.
    pub seq: Seq,
    /// The sender's name for it. A message that arrives twice has the same id.
    pub id: MessageId,
    /// Who wrote it.
    pub from: UserName,
    /// Whom it was written to: the recipient alone, or everyone.
    pub to: Target,
    /// What it holds.
    pub content: Content,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// Whether it waited in the inbox for this session.
    pub stored: bool,
}

/// How far a message of one's own has come, as the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// The server has it on disk.
    Accepted,
    /// A device of the recipient has it on disk.
    Delivered,
    /// The recipient has seen it.
    Read,
}
