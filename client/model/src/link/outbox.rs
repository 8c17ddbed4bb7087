//! The part of the outbox that is in memory while there is a line.
//!
//! The outbox on disk is the truth: a line begins by reading its oldest rows and reads on when these are through, so
//! that neither a restart nor ten thousand messages written without a line make a difference.
//!
//! Before rows that an earlier line may have carried are sent again, the server is asked which it has. A row that it
//! does not have, although it has a later one of the same chat, was refused and the refusal was lost with the line:
//! sent again it could be taken, and arrive behind the later one. It counts as refused, and its author decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{Command, Lookup, MessageId, MessageState, Outcome, Refusal, RequestId};

use super::answers::states;
use super::disk::Purpose;
use super::line::{Broken, Open};
use super::machine::Link;
use super::outgoing::target;
use super::{DiskOp, LinkOutput, OUTBOX_WINDOW, Unsettled};
use crate::message::{ChatId, Message, NewMessage};

/// How far the outbox is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Not at all.
    #[default]
    Unread,
    /// It is being read from disk.
    Loading,
    /// The server is asked which rows it has, in this many requests.
    Checking(usize),
    /// What waits can be sent.
    Ready,
}

/// What of the outbox is not in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    #[default]
    Nothing,
    /// Its newest rows.
    OnDisk,
}

/// The part of the outbox that is in memory.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    phase: Phase,
    rest: Rest,
    /// Not sent on this line, oldest first.
    waiting: VecDeque<NewMessage>,
    in_flight: usize,
    /// Of those read from disk, what the server had before this line.
    known: BTreeMap<MessageId, MessageState>,
}

impl Outbox {
    /// Whether everything written is answered.
    pub(super) fn is_through(&self) -> bool {
        self.phase == Phase::Ready && self.rest == Rest::Nothing && self.nothing_open()
    }

    /// Adds a row that is new on disk. One that is, or will be, read from there is not added twice.
    pub(super) fn push(&mut self, message: NewMessage) {
        match (self.phase, self.rest) {
            (Phase::Unread | Phase::Loading, _) | (_, Rest::OnDisk) => {}
            (Phase::Checking(_) | Phase::Ready, Rest::Nothing) if self.waiting.len() >= OUTBOX_WINDOW => {
                self.rest = Rest::OnDisk;
            }
            (Phase::Checking(_) | Phase::Ready, Rest::Nothing) => self.waiting.push_back(message),
        }
    }

    /// The next message to send, if fewer than `limit` are under way.
    pub(super) fn next(&mut self, limit: usize) -> Option<NewMessage> {
        if self.phase != Phase::Ready || self.in_flight >= limit {
            return None;
        }
        let message = self.waiting.pop_front()?;
        self.in_flight += 1;
        Some(message)
    }

    /// A message under way is answered. Says how far it had come before this line, if further than accepted.
    pub(super) fn answered(&mut self, id: MessageId) -> Option<MessageState> {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.known.remove(&id).filter(|state| *state > MessageState::Accepted)
    }

    /// Whether the server has a message that waits.
    pub(super) fn server_has(&self, id: MessageId) -> bool {
        self.known.contains_key(&id)
    }

    /// Takes a waiting message out.
    pub(super) fn withdraw(&mut self, id: MessageId) {
        self.waiting.retain(|message| message.id != id);
    }

    fn nothing_open(&self) -> bool {
        self.waiting.is_empty() && self.in_flight == 0
    }

    /// One check is answered. Behind the last, what waits can be sent, without what the server must have refused.
    fn check_done(&mut self) -> Vec<MessageId> {
        match self.phase {
            Phase::Checking(checks) if checks > 1 => {
                self.phase = Phase::Checking(checks - 1);
                Vec::new()
            }
            Phase::Checking(_) => {
                self.phase = Phase::Ready;
                self.take_refused()
            }
            Phase::Unread | Phase::Loading | Phase::Ready => Vec::new(),
        }
    }

    fn take_refused(&mut self) -> Vec<MessageId> {
        let mut passed: BTreeSet<&ChatId> = BTreeSet::new();
        let mut refused: BTreeSet<MessageId> = BTreeSet::new();
        for message in self.waiting.iter().rev() {
            if self.known.contains_key(&message.id) {
                passed.insert(&message.chat);
            } else if passed.contains(&message.chat) {
                refused.insert(message.id);
            }
        }
        let in_order = self.waiting.iter().map(|message| message.id).filter(|id| refused.contains(id)).collect();
        self.waiting.retain(|message| !refused.contains(&message.id));
        in_order
    }
}

impl Link {
    /// Reads the outbox, or its next part once this one is through.
    pub(super) fn load_outbox(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        let outbox = &mut line.outbox;
        let unread = outbox.phase == Phase::Unread;
        if unread || (outbox.phase == Phase::Ready && outbox.rest == Rest::OnDisk && outbox.nothing_open()) {
            outbox.phase = Phase::Loading;
            let lookup = if unread { LookUp::Unread } else { LookUp::Nothing };
            self.disk.ask(Purpose::Load(line.id, lookup), DiskOp::LoadOpen, out);
        }
    }

    pub(super) fn loaded(
        &mut self,
        purpose: Purpose,
        open: Vec<Message>,
        unread: Vec<Unsettled>,
        out: &mut Vec<LinkOutput>,
    ) {
        let Purpose::Load(of, look_up) = purpose else { return };
        let Some(line) = self.line.as_mut().filter(|line| line.id == of) else { return };
        let outbox = &mut line.outbox;
        outbox.rest = if open.len() < OUTBOX_WINDOW { Rest::Nothing } else { Rest::OnDisk };
        let sendable = |row: &Message| !self.withdrawn.contains(&row.message.id) && target(&row.message.chat).is_some();
        outbox.waiting = open.into_iter().filter(sendable).map(|row| row.message).collect();
        outbox.known.clear();
        let ids: Vec<MessageId> = outbox.waiting.iter().map(|message| message.id).collect();
        let checks = ids.chunks(MAX_LOOKUP_IDS);
        outbox.phase = if ids.is_empty() { Phase::Ready } else { Phase::Checking(checks.len()) };
        for ids in checks {
            line.requests.open(Open::Check, Command::Lookup(Lookup { ids: ids.to_vec() }), out);
        }
        if look_up == LookUp::Unread {
            self.begin_settling(unread, out);
        }
    }

    /// The server says which rows of the outbox it has; behind its last answer, what waits can be sent.
    pub(super) fn check_answered(
        &mut self,
        id: RequestId,
        more: bool,
        outcome: Outcome,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        let states = states(outcome)?.ok_or(Broken("the server cannot say which messages it has"))?;
        let Some(line) = &mut self.line else { return Ok(()) };
        let outbox = &mut line.outbox;
        outbox.known.extend(states.iter().map(|known| (known.id, known.state)));
        if outbox.known.len() > OUTBOX_WINDOW {
            return Err(Broken("the server knows more messages than it was asked for"));
        }
        if more {
            line.requests.keep(id, Open::Check);
            return Ok(());
        }
        for id in outbox.check_done() {
            let refuse = DiskOp::Refuse { id, refusal: Refusal::Storage };
            self.disk.ask(Purpose::Settle(line.id, id), refuse, out);
        }
        Ok(())
    }
}

/// What is looked up besides the outbox once it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookUp {
    /// Own messages that may have come further, once a line: what became of them without a line is not told.
    Unread,
    /// Nothing.
    Nothing,
}
