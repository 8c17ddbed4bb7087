//! What arrives: to disk, then told, then acknowledged.

use std::collections::VecDeque;

use whoelse_proto::{ClientFrame, Content, Envelope, MessageId, MessageState, Seq, Target, Timestamp, UserName};

use super::disk::Purpose;
use super::line::{Broken, LineId};
use super::machine::Link;
use super::{DiskOp, LinkOutput};
use crate::event::Event;
use crate::message::{ChatId, Direction, Message, NewMessage};

/// Disk operations, and messages to be shown, that a server may have under way here: eight times what an honest one sends ahead of the
/// acknowledgement ([`whoelse_proto::limits::MAX_UNACKNOWLEDGED`]), for news of own messages comes on top.
const MAX_WAITING_ON_DISK: usize = 2048;

/// Messages after which an acknowledgement is due though more are being written: an eighth of what the server sends
/// ahead of it, so that it never has to wait.
const ACKNOWLEDGE_EVERY: usize = 32;

/// The messages of one line on their way to the disk.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// The highest place delivered.
    delivered: Seq,
    /// Places in the order they were delivered, from the first that is not on disk.
    under_way: VecDeque<Place>,
    /// The highest place at and before which all is on disk.
    kept: Seq,
    /// How many were kept since the last acknowledgement.
    unacknowledged: usize,
    /// How many wait for the disk; those that wait for their reader do not count.
    writing: usize,
}

#[derive(Debug)]
struct Place {
    seq: Seq,
    state: PlaceState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlaceState {
    Writing,
    Kept,
}

impl Inbox {
    /// A message is on disk, or was there before.
    pub(super) const fn written(&mut self) {
        self.writing = self.writing.saturating_sub(1);
    }

    /// A message needs nothing more before it is acknowledged.
    pub(super) fn mark_kept(&mut self, seq: Seq) {
        // What is done is done in order, or nearly: it is among the first.
        if let Some(place) = self.under_way.iter_mut().find(|place| place.seq == seq) {
            place.state = PlaceState::Kept;
        }
        while let Some(place) = self.under_way.pop_front_if(|place| place.state == PlaceState::Kept) {
            self.kept = place.seq;
            self.unacknowledged += 1;
        }
    }

    /// Acknowledges what is on disk, if that is more than before.
    pub(super) fn acknowledge(&mut self, out: &mut Vec<LinkOutput>) {
        if self.unacknowledged > 0 {
            self.unacknowledged = 0;
            out.push(LinkOutput::Transmit(ClientFrame::Ack { up_to: self.kept }));
        }
    }
}

impl Link {
    pub(super) fn deliver(&mut self, envelope: Envelope, out: &mut Vec<LinkOutput>) -> Result<(), Broken> {
        self.check_disk_keeps_up()?;
        let seq = envelope.seq;
        let message = self.readable(envelope);
        let Some(line) = &mut self.line else { return Ok(()) };
        if seq <= line.inbox.delivered {
            return Err(Broken("the server delivers messages out of order"));
        }
        line.inbox.delivered = seq;
        line.inbox.under_way.push_back(Place { seq, state: PlaceState::Writing });
        match message {
            Some(message) => {
                line.inbox.writing += 1;
                let op = DiskOp::PutIncoming { message, seq, delivery: self.delivery };
                self.disk.ask(Purpose::Keep(line.id, seq), op, out);
            }
            None => line.inbox.mark_kept(seq),
        }
        Ok(())
    }

    /// The message in an envelope; `None` if this version cannot show it, or if it is for, or from, the wrong user.
    fn readable(&self, envelope: Envelope) -> Option<NewMessage> {
        let Envelope { seq: _, id, from: author, to, content, sent_at: at, stored } = envelope;
        let chat = match to {
            Target::Everyone {} => ChatId::Everyone,
            Target::User(name) if name == self.me => ChatId::Direct(author.clone()),
            Target::User(_) | Target::Group(_) => return None,
        };
        let (text, reply_to) = match content {
            Content::Text { text, reply_to } => (text, reply_to),
            Content::Edit { .. } | Content::Reaction { .. } => return None,
        };
        let direction = Direction::Incoming { stored };
        (author != self.me).then_some(NewMessage { id, chat, author, text, reply_to, at, direction })
    }

    /// A message that was delivered on a line is on disk.
    pub(super) fn written(&mut self, on: LineId) {
        if let Some(line) = self.line.as_mut().filter(|line| line.id == on) {
            line.inbox.written();
        }
    }

    /// An arrived message counts as delivered; `message` is `None` if it was there before.
    pub(super) fn kept(&mut self, on: LineId, seq: Seq, message: Option<Message>, out: &mut Vec<LinkOutput>) {
        if let Some(message) = message {
            out.push(LinkOutput::Tell(Event::Received(message)));
        }
        if let Some(line) = self.line.as_mut().filter(|line| line.id == on) {
            line.inbox.mark_kept(seq);
        }
    }

    /// Acknowledges what is on disk, or shown, once nothing is being written, or enough is.
    pub(super) fn acknowledge(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        if (line.inbox.writing == 0 && !self.showing.is_noting()) || line.inbox.unacknowledged >= ACKNOWLEDGE_EVERY {
            line.inbox.acknowledge(out);
        }
    }

    /// Own messages have come further.
    pub(super) fn progress(
        &mut self,
        state: MessageState,
        peer: UserName,
        ids: Vec<MessageId>,
        at: Timestamp,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        self.check_disk_keeps_up()?;
        let Some(line) = &self.line else { return Ok(()) };
        if !ids.is_empty() {
            let step = DiskOp::Step { ids, peer: Some(peer), state, at, skipped: false };
            self.disk.ask(Purpose::Progress(line.id), step, out);
        }
        Ok(())
    }

    pub(super) fn check_disk_keeps_up(&self) -> Result<(), Broken> {
        if self.disk.waiting_for_server() + self.showing.count() >= MAX_WAITING_ON_DISK {
            return Err(Broken("this computer is slower than the server"));
        }
        Ok(())
    }
}
