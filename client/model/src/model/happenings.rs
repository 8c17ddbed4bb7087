//! What happens in a chat besides messages: sessions that open and end, files on their way.

use std::collections::VecDeque;

use whoelse_proto::Timestamp;

use crate::message::RowId;
use crate::peers::Closing;
use crate::transfer::TransferId;

/// Happenings of one chat that are shown; the oldest give way.
const MAX_HAPPENINGS: usize = 500;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// A private session opened.
    Opened,
    /// A private session is over.
    Ended(Closing),
    /// The user asked for a private session; it came to nothing.
    NotOpened(Closing),
    /// The other one asked for a private session, and the user did not answer.
    Missed,
    /// A file is on its way, or waits to be.
    File(TransferId),
    /// A file is offered, to be taken or not.
    Offered(TransferId),
}

impl Incident {
    /// Whether the user is to look at it.
    pub(super) const fn asks_for_attention(self) -> bool {
        match self {
            Self::Missed | Self::Offered(_) => true,
            Self::Opened | Self::Ended(_) | Self::NotOpened(_) | Self::File(_) => false,
        }
    }
}

/// Something that happened, with its place among the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Grows with each of the chat.
    pub number: u32,
    /// The message behind which it happened.
    pub behind: RowId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Incident,
}

/// What happened in a chat, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Happenings {
    all: VecDeque<Happening>,
    next: u32,
}

impl Happenings {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Happening> {
        self.all.iter()
    }

    pub(super) fn add(&mut self, what: Incident, behind: RowId, at: Timestamp) {
        self.all.push_back(Happening { number: self.next, behind, at, what });
        self.next = self.next.wrapping_add(1);
        if self.all.len() > MAX_HAPPENINGS {
            self.all.pop_front();
        }
    }

    pub(super) fn forget(&mut self) {
        self.all.clear();
    }
}
