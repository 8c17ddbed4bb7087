//! Messages that have no place in the history yet.

use whoelse_proto::{MessageId, Refusal, Text};

/// A message on its way to this computer's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// Which.
    pub id: MessageId,
    /// The words.
    pub text: Text,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Why it got no further; `None` while it is under way.
    pub failure: Option<Unsent>,
}

/// Why a message got no further than the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// This computer's disk did not take it, for this cause.
    Disk(String),
    /// It was refused before it had a place in the history.
    Refused(Refusal),
}
