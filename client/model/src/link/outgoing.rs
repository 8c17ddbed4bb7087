//! What the user writes: to disk, to the server, and what became of it to disk again.
//!
//! The outbox on disk is the truth. While there is a line, a window of it is in memory: it is read when the line
//! begins and again when the window is through, so that neither a restart nor ten thousand messages written without
//! a line make a difference.

use std::collections::{BTreeSet, VecDeque};

use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{
    Answer, Command, Content, KnownState, Lookup, MessageId, MessageState, Outcome, Refusal, Target, Timestamp,
    UserName,
};

use super::disk::Purpose;
use super::line::{Broken, Farewell, Open};
use super::machine::Link;
use super::{DiskOp, LinkOutput, OUTBOX_WINDOW};
use crate::event::Event;
use crate::message::{ChatId, Direction, Message, NewMessage};

/// Messages sent ahead of the server's answers: fills a line of 200 ms at hundreds of messages a second, and leaves
/// most of [`whoelse_proto::limits::MAX_OPEN_REQUESTS`] to asks.
const MAX_SENDS_IN_FLIGHT: usize = 64;

/// How much of the outbox is in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Window {
    /// Nothing yet; to be read.
    #[default]
    Unread,
    /// Being read.
    Loading,
    /// Its oldest; others stand behind them on disk.
    Part,
    /// All.
    Whole,
}

/// The part of the outbox that is in memory.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    window: Window,
    /// Not sent on this line, oldest first.
    waiting: VecDeque<NewMessage>,
    in_flight: usize,
    /// Read from disk and unanswered on this line: an earlier line may have taken them further than accepted.
    reread: BTreeSet<MessageId>,
    /// Accepted from among those, to be looked up.
    doubtful: Vec<MessageId>,
    /// Whether own messages of earlier sessions have been looked up.
    looked_up: LookedUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LookedUp {
    #[default]
    Not,
    Yes,
}

impl Outbox {
    /// Whether everything written is answered.
    pub(super) fn is_through(&self) -> bool {
        self.window == Window::Whole && self.waiting.is_empty() && self.in_flight == 0
    }

    fn push(&mut self, message: NewMessage) {
        match self.window {
            Window::Unread | Window::Loading | Window::Part => {}
            Window::Whole if self.waiting.len() >= OUTBOX_WINDOW => self.window = Window::Part,
            Window::Whole => self.waiting.push_back(message),
        }
    }

    fn answered(&mut self, id: MessageId) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.reread.remove(&id);
    }
}

/// Where a message of a chat is sent; `None` for a private session, which never falls back to the server.
fn target(chat: &ChatId) -> Option<Target> {
    match chat {
        ChatId::Everyone => Some(Target::Everyone {}),
        ChatId::Direct(name) => Some(Target::User(name.clone())),
        ChatId::Private(_) => None,
    }
}

impl Link {
    pub(super) fn write(&mut self, message: NewMessage, out: &mut Vec<LinkOutput>) {
        if target(&message.chat).is_none() {
            let cause = "a private message does not go through the server".to_owned();
            out.push(LinkOutput::Tell(Event::SaveFailed { id: message.id, cause }));
            return;
        }
        self.disk.ask(Purpose::Save(message.id), DiskOp::PutOutgoing(message), out);
    }

    pub(super) fn saved(&mut self, message: Message, out: &mut Vec<LinkOutput>) {
        out.push(LinkOutput::Tell(Event::Saved(message.clone())));
        self.queue(message.message);
    }

    pub(super) fn resend(&mut self, id: MessageId, out: &mut Vec<LinkOutput>) {
        self.disk.ask(Purpose::Restore(id), DiskOp::Restore { id }, out);
    }

    pub(super) fn restored(&mut self, message: Option<Message>, out: &mut Vec<LinkOutput>) {
        let Some(Message { message, .. }) = message else { return };
        if let Direction::Outgoing(outgoing) = &message.direction {
            let (chat, id, outgoing) = (message.chat.clone(), message.id, outgoing.clone());
            out.push(LinkOutput::Tell(Event::Progressed { chat, id, outgoing }));
            self.queue(message);
        }
    }

    /// Takes a message back, unless it is, or was, under way: then the server may have it.
    pub(super) fn delete(&mut self, id: MessageId, out: &mut Vec<LinkOutput>) {
        let is_it = |open: &Open| matches!(open, Open::Send { id: sent, .. } if *sent == id);
        let in_flight = self.line.as_ref().is_some_and(|line| line.requests.iter().any(is_it));
        if in_flight || self.unsure.contains(&id) {
            return;
        }
        if let Some(line) = &mut self.line {
            line.outbox.waiting.retain(|message| message.id != id);
            line.outbox.reread.remove(&id);
        }
        self.withdrawn.insert(id);
        self.disk.ask(Purpose::Remove(id), DiskOp::Remove { id }, out);
    }

    pub(super) fn removed(
        &mut self,
        purpose: Purpose,
        removed: Option<(ChatId, MessageId)>,
        out: &mut Vec<LinkOutput>,
    ) {
        if let Purpose::Remove(id) = purpose {
            self.withdrawn.remove(&id);
        }
        if let Some((chat, id)) = removed {
            out.push(LinkOutput::Tell(Event::Deleted { chat, id }));
        }
    }

    fn queue(&mut self, message: NewMessage) {
        if let Some(line) = &mut self.line
            && !self.withdrawn.contains(&message.id)
        {
            line.outbox.push(message);
        }
    }

    /// Reads the outbox, or its next part once this one is through.
    pub(super) fn load_outbox(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        let outbox = &mut line.outbox;
        let through = outbox.waiting.is_empty() && outbox.in_flight == 0;
        match outbox.window {
            Window::Unread => {}
            Window::Part if through => {}
            Window::Part | Window::Loading | Window::Whole => return,
        }
        outbox.window = Window::Loading;
        self.disk.ask(Purpose::Load(line.id), DiskOp::LoadOpen, out);
    }

    pub(super) fn loaded(
        &mut self,
        purpose: Purpose,
        open: Vec<Message>,
        unread: Vec<MessageId>,
        out: &mut Vec<LinkOutput>,
    ) {
        let Some(line) = self.line.as_mut().filter(|line| purpose == Purpose::Load(line.id)) else { return };
        let outbox = &mut line.outbox;
        outbox.window = if open.len() < OUTBOX_WINDOW { Window::Whole } else { Window::Part };
        let withdrawn = &self.withdrawn;
        outbox
            .waiting
            .extend(open.into_iter().map(|row| row.message).filter(|message| !withdrawn.contains(&message.id)));
        let direct = outbox.waiting.iter().filter(|message| message.chat != ChatId::Everyone);
        outbox.reread = direct.map(|message| message.id).collect();
        if outbox.looked_up == LookedUp::Not {
            outbox.looked_up = LookedUp::Yes;
            self.look_up(unread, out);
        }
    }

    /// Sends what waits, as far as the server may be ahead.
    pub(super) fn send_waiting(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        while line.farewell == Farewell::Unsaid && line.outbox.in_flight < MAX_SENDS_IN_FLIGHT {
            let Some(message) = line.outbox.waiting.pop_front() else { return };
            let Some(to) = target(&message.chat) else { continue };
            let peer = match &to {
                Target::User(name) => Some(name.clone()),
                Target::Everyone {} | Target::Group(_) => None,
            };
            let content = Content::Text { text: message.text, reply_to: message.reply_to };
            line.outbox.in_flight += 1;
            let open = Open::Send { id: message.id, to: peer };
            line.requests.open(open, Command::Send { id: message.id, to, content }, out);
        }
    }

    pub(super) fn send_answered(
        &mut self,
        id: MessageId,
        peer: Option<UserName>,
        outcome: &Outcome,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        match outcome {
            Outcome::Ok(Answer::Accepted { at, skipped }) => {
                self.accepted(id, peer, *at, *skipped, out);
                Ok(())
            }
            Outcome::Refused(refusal) => {
                self.refused(id, *refusal, out);
                Ok(())
            }
            Outcome::Ok(Answer::Done {} | Answer::Users(_) | Answer::Names(_) | Answer::States(_)) => {
                Err(Broken("the server answered a message with something else"))
            }
        }
    }

    fn accepted(
        &mut self,
        id: MessageId,
        peer: Option<UserName>,
        at: Timestamp,
        skipped: bool,
        out: &mut Vec<LinkOutput>,
    ) {
        self.unsure.remove(&id);
        let step = DiskOp::Step { ids: vec![id], peer, state: MessageState::Accepted, at, skipped };
        self.disk.ask(Purpose::Settle, step, out);
        let Some(line) = &mut self.line else { return };
        let outbox = &mut line.outbox;
        if outbox.reread.contains(&id) {
            outbox.doubtful.push(id);
        }
        outbox.answered(id);
        self.look_up_doubtful(out);
    }

    /// A refused message leaves the outbox whatever the reason, a full disk of the server included: those behind it
    /// are on their way, and whoever wrote it sees that it was not sent and decides.
    fn refused(&mut self, id: MessageId, refusal: Refusal, out: &mut Vec<LinkOutput>) {
        self.unsure.remove(&id);
        self.disk.ask(Purpose::Settle, DiskOp::Refuse { id, refusal }, out);
        if let Some(line) = &mut self.line {
            line.outbox.answered(id);
        }
        self.look_up_doubtful(out);
    }

    /// Looks up messages that may have come further than accepted, unheard, while there was no line.
    fn look_up_doubtful(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        let outbox = &mut line.outbox;
        if outbox.reread.is_empty() || outbox.doubtful.len() >= MAX_LOOKUP_IDS {
            let ids = std::mem::take(&mut outbox.doubtful);
            self.look_up(ids, out);
        }
    }

    fn look_up(&mut self, mut ids: Vec<MessageId>, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        ids.truncate(MAX_LOOKUP_IDS);
        if !ids.is_empty() {
            line.requests.open(Open::Lookup, Command::Lookup(Lookup { ids }), out);
        }
    }

    /// Keeps what a look-up found.
    pub(super) fn looked_up(&mut self, states: &[KnownState], now: Timestamp, out: &mut Vec<LinkOutput>) {
        for state in [MessageState::Delivered, MessageState::Read] {
            let ids: Vec<MessageId> =
                states.iter().filter(|known| known.state == state).map(|known| known.id).collect();
            if !ids.is_empty() {
                let step = DiskOp::Step { ids, peer: None, state, at: now, skipped: false };
                self.disk.ask(Purpose::Progress, step, out);
            }
        }
    }
}
