//! What the user writes: to disk, to the server, and what became of it to disk again.

use whoelse_proto::{
    Answer, Command, Content, MessageId, MessageState, Outcome, RequestId, Target, Timestamp, UserName,
};

use super::answers::states;
use super::disk::Purpose;
use super::line::{Broken, Farewell, Open};
use super::machine::Link;
use super::{DiskOp, LinkOutput};
use crate::event::Event;
use crate::message::{ChatId, Direction, Message, NewMessage};

/// Messages sent ahead of the server's answers: fills a line of 200 ms at hundreds of messages a second, and leaves
/// most of [`whoelse_proto::limits::MAX_OPEN_REQUESTS`] to asks.
const MAX_SENDS_IN_FLIGHT: usize = 64;

/// Where a message of a chat is sent; `None` for a private session, which never falls back to the server.
pub(super) fn target(chat: &ChatId) -> Option<Target> {
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

    /// Takes a message back, unless the server has it or may have it.
    pub(super) fn delete(&mut self, id: MessageId, out: &mut Vec<LinkOutput>) {
        let known = self.line.as_ref().is_some_and(|line| line.outbox.server_has(id));
        if known || self.unsure.contains(&id) {
            return;
        }
        if let Some(line) = &mut self.line {
            line.outbox.withdraw(id);
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

    /// Sends what waits, as far as the server may be ahead.
    pub(super) fn send_waiting(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        if line.farewell == Farewell::Said {
            return;
        }
        while let Some(message) = line.outbox.next(MAX_SENDS_IN_FLIGHT) {
            let Some(to) = target(&message.chat) else { continue };
            let peer = match &to {
                Target::User(name) => Some(name.clone()),
                Target::Everyone {} | Target::Group(_) => None,
            };
            let content = Content::Text { text: message.text, reply_to: message.reply_to };
            let open = Open::Send { id: message.id, to: peer };
            self.unsure.insert(message.id);
            line.requests.open(open, Command::Send { id: message.id, to, content }, out);
        }
    }

    pub(super) fn send_answered(
        &mut self,
        id: MessageId,
        peer: Option<UserName>,
        outcome: &Outcome,
        now: Timestamp,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let settle = match outcome {
            Outcome::Ok(Answer::Accepted { at, skipped }) => {
                DiskOp::Step { ids: vec![id], peer, state: MessageState::Accepted, at: *at, skipped: *skipped }
            }
            // It leaves the outbox whatever the reason, a full disk of the server included: those behind it are on
            // their way, and whoever wrote it sees that it was not sent, and decides.
            Outcome::Refused(refusal) => DiskOp::Refuse { id, refusal: *refusal },
            Outcome::Ok(
                Answer::Done {}
                | Answer::Users(_)
                | Answer::Names(_)
                | Answer::States(_)
                | Answer::Standing(_)
                | Answer::Registered { .. }
                | Answer::Found(_),
            ) => return Err(Broken("the server answered a message with something else")),
        };
        self.disk.ask(Purpose::Settle(line.id, id), settle, out);
        if let Some(state) = line.outbox.answered(id) {
            self.learn(vec![id], state, now, out);
        }
        Ok(())
    }

    /// Keeps what a look-up found. Refused, it stays unknown until the next line.
    pub(super) fn lookup_answered(
        &mut self,
        id: RequestId,
        more: bool,
        outcome: Outcome,
        now: Timestamp,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        self.check_disk_keeps_up()?;
        let Some(states) = states(outcome)? else {
            self.settling_refused();
            return Ok(());
        };
        if let Some(line) = &mut self.line {
            line.settling.answered(&states);
        }
        for state in [MessageState::Delivered, MessageState::Read] {
            let those = states.iter().filter(|known| known.state == state);
            self.learn(those.map(|known| known.id).collect(), state, now, out);
        }
        let lost = states.iter().filter(|known| known.lost).map(|known| known.id).collect();
        self.lose(lost, out);
        match self.line.as_mut().filter(|_| more) {
            Some(line) => line.requests.keep(id, Open::Lookup),
            None => self.page_settled(out),
        }
        Ok(())
    }

    /// Keeps that own messages went with the account that they waited for.
    pub(super) fn lost(&mut self, ids: Vec<MessageId>, out: &mut Vec<LinkOutput>) -> Result<(), Broken> {
        self.check_disk_keeps_up()?;
        self.lose(ids, out);
        Ok(())
    }

    fn lose(&mut self, ids: Vec<MessageId>, out: &mut Vec<LinkOutput>) {
        if let Some(line) = self.line.as_ref().filter(|_| !ids.is_empty()) {
            self.disk.ask(Purpose::Progress(line.id), DiskOp::Lose { ids }, out);
        }
    }

    /// Keeps that own messages have come further; when is not known, so it counts from when it is learnt.
    fn learn(&mut self, ids: Vec<MessageId>, state: MessageState, now: Timestamp, out: &mut Vec<LinkOutput>) {
        let Some(line) = &self.line else { return };
        if !ids.is_empty() {
            let step = DiskOp::Step { ids, peer: None, state, at: now, skipped: false };
            self.disk.ask(Purpose::Progress(line.id), step, out);
        }
    }
}
