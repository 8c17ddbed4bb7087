//! A message as the client keeps and shows it.

use whoelse_proto::{MessageId, Refusal, Text, Timestamp, UserName};

/// One conversation of the user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChatId {
    /// Broadcasts, received and sent.
    Everyone,
    /// With one user, through the server.
    Direct(UserName),
    /// With one user, straight to their device.
    Private(UserName),
}

/// The place of a message in the history: grows with every message put in, never changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u64);

impl RowId {
    /// Row number `n`.
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

/// What is new to the history: a message written here, or one that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its sender's name for it; the history holds each id once.
    pub id: MessageId,
    /// Where it belongs.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserName,
    /// The words.
    pub text: Text,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// When it was written (own) or taken by the server (others').
    pub at: Timestamp,
    /// Whose it is, and how far it has come.
    pub direction: Direction,
}

impl NewMessage {
    /// Whether the server refused it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(&self.direction, Direction::Outgoing(Outgoing { refused: Some(_), .. }))
    }
}

/// Whose a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Arrived here.
    Incoming {
        /// Whether it had waited on the server.
        stored: bool,
    },
    /// Written here.
    Outgoing(Outgoing),
}

/// When an arrived message counts as delivered, and its author is told so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Once it is on this computer's disk: whoever reads looks into the history there.
    #[default]
    OnDisk,
    /// Once whoever reads has it ([`crate::Request::Shown`]). What was not shown is told again at the next start.
    WhenShown,
}

/// How far an own message has come, each step with its time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// On the server's disk.
    pub accepted_at: Option<Timestamp>,
    /// On the recipient's disk.
    pub delivered_at: Option<Timestamp>,
    /// Seen by the recipient.
    pub read_at: Option<Timestamp>,
    /// Refused by the server: it will not be sent again unless the user asks.
    pub refused: Option<Refusal>,
    /// The account that it waited for was removed: it never arrives.
    pub lost: bool,
    /// Of a broadcast: somebody online did not get it.
    pub skipped: bool,
}

/// The one word for how far an own message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutgoingState {
    /// On this computer's disk; will be sent.
    Saved,
    /// On the server's disk; will arrive.
    Accepted,
    /// On the recipient's disk.
    Delivered,
    /// Seen.
    Read,
    /// Refused; nothing is stored anywhere else.
    Refused(Refusal),
    /// Was on the server's disk, and went with the account that it waited for.
    Lost,
}

impl Outgoing {
    /// The furthest step.
    #[must_use]
    pub fn state(&self) -> OutgoingState {
        match self {
            Self { refused: Some(refusal), .. } => OutgoingState::Refused(*refusal),
            Self { lost: true, .. } => OutgoingState::Lost,
            Self { read_at: Some(_), .. } => OutgoingState::Read,
            Self { delivered_at: Some(_), .. } => OutgoingState::Delivered,
            Self { accepted_at: Some(_), .. } => OutgoingState::Accepted,
            _ => OutgoingState::Saved,
        }
    }
}

/// A message in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place.
    pub row: RowId,
    /// The message.
    pub message: NewMessage,
}
