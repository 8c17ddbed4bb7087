//! What was said in a private session, as far as it may have to be said again because the link died.
//!
//! Each side says again what the other has not confirmed, and knows again what the other says twice. Both remember as
//! much as the other may leave unconfirmed.

use std::collections::VecDeque;

use whoelse_proto::{MessageId, Text};

/// Messages that a peer may leave unconfirmed. With more, writing is refused: the peer does not keep up.
pub(super) const MAX_UNCONFIRMED: usize = 256;

/// The words of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What the user wrote and the peer has not confirmed, oldest first.
    written: Vec<Written>,
    /// What the peer said last, oldest first.
    heard: VecDeque<(MessageId, Row)>,
}

/// A message of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    id: MessageId,
    text: Text,
    row: Row,
}

/// Whether a message has its row. Until then it is neither sent nor confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Awaited,
    Given,
}

/// Whether there was room for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Enough,
    None,
}

/// How a message of the peer's stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It was not heard before.
    New,
    /// It was, and gets its row.
    Known,
    /// It was, and has its row: the peer did not hear that.
    Kept,
}

impl Words {
    /// The user writes.
    pub(super) fn write(&mut self, id: MessageId, text: Text) -> Room {
        if self.written.len() >= MAX_UNCONFIRMED {
            return Room::None;
        }
        self.written.push(Written { id, text, row: Row::Awaited });
        Room::Enough
    }

    /// A message of either side has its row.
    pub(super) fn kept(&mut self, id: MessageId) {
        let own = self.written.iter_mut().filter(|written| written.id == id).map(|written| &mut written.row);
        let theirs = self.heard.iter_mut().filter(|(heard, _)| *heard == id).map(|(_, row)| row);
        own.chain(theirs).for_each(|row| *row = Row::Given);
    }

    /// A message of the peer's got no row: said again, it is tried again.
    pub(super) fn not_kept(&mut self, id: MessageId) {
        self.heard.retain(|(heard, _)| *heard != id);
    }

    /// The peer says something.
    pub(super) fn hear(&mut self, id: MessageId) -> Heard {
        match self.heard.iter().find(|(heard, _)| *heard == id) {
            Some((_, Row::Awaited)) => Heard::Known,
            Some((_, Row::Given)) => Heard::Kept,
            None => {
                if self.heard.len() >= MAX_UNCONFIRMED {
                    self.heard.pop_front();
                }
                self.heard.push_back((id, Row::Awaited));
                Heard::New
            }
        }
    }

    /// The peer confirms a message. Gives whether one was waiting for that.
    pub(super) fn confirm(&mut self, id: MessageId) -> bool {
        let before = self.written.len();
        self.written.retain(|written| written.id != id);
        self.written.len() < before
    }

    /// What is to be said again, in its order: what waits for its row is said once it has it.
    pub(super) fn again(&self) -> impl Iterator<Item = (MessageId, Text)> {
        let given = self.written.iter().filter(|written| written.row == Row::Given);
        given.map(|written| (written.id, written.text.clone()))
    }

    /// What the peer has not confirmed.
    pub(super) fn unconfirmed(&self) -> impl Iterator<Item = MessageId> {
        self.written.iter().map(|written| written.id)
    }
}
