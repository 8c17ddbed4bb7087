//! Every message: written, accepted, received.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_hub::{ConnId, StoreFault, StoreOp, Stored};
use whoelse_model::{ChatId, Direction, Message, Outgoing, OutgoingState};
use whoelse_proto::{MessageId, UserName};

use super::Oracle;

/// What is known of a message.
#[derive(Debug)]
struct Track {
    from: usize,
    chat: ChatId,
    /// Its place among all that was written; a message sent again by its author takes a later one.
    order: u64,
    /// Whose inboxes the server put it into, once that was committed.
    recipients: Option<Vec<UserName>>,
    /// Of a broadcast sent but once: who certainly was online, and on which line.
    hearers: Option<BTreeMap<usize, ConnId>>,
    /// Whether the sender was told that it is on the sender's disk.
    saved: bool,
    /// The process that wrote it: a later one does not know whether it was under way.
    process: u64,
    /// Whether the sender took it back.
    deleted: Deleted,
    /// Whether the sender was told that it is accepted.
    told: bool,
    /// Who was told of it.
    received: BTreeSet<usize>,
}

/// Whether a message was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deleted {
    No,
    /// The sender asked for it, and is to be told.
    Asked,
    /// The sender's program crashed before it told: either may be.
    Open,
    /// By the process that wrote it: the server never had it.
    Surely,
    /// By a later one: the server may have had it.
    Perhaps,
}

/// All messages.
#[derive(Debug)]
pub(crate) struct Messages {
    names: Vec<UserName>,
    tracks: BTreeMap<MessageId, Track>,
    written: u64,
    /// The order of the last message that a recipient was told of, by sender and chat.
    last: BTreeMap<(usize, usize, ChatId), u64>,
    /// In the end: who has blocked whom.
    pub(super) blocks: BTreeSet<(UserName, UserName)>,
    /// Pairs of which one has blocked the other at some time: what the other sees of ticks is another matter.
    ever_blocked: BTreeSet<(UserName, UserName)>,
}

impl Messages {
    pub(super) fn new(names: Vec<UserName>) -> Self {
        Self {
            names,
            tracks: BTreeMap::new(),
            written: 0,
            last: BTreeMap::new(),
            blocks: BTreeSet::new(),
            ever_blocked: BTreeSet::new(),
        }
    }
}

impl Oracle {
    /// A person wrote a message.
    pub(crate) fn wrote(&mut self, c: usize, id: MessageId, chat: &ChatId, process: u64) {
        let messages = &mut self.messages;
        messages.written += 1;
        let track = Track {
            from: c,
            chat: chat.clone(),
            order: messages.written,
            recipients: None,
            hearers: None,
            saved: false,
            process,
            deleted: Deleted::No,
            told: false,
            received: BTreeSet::new(),
        };
        messages.tracks.insert(id, track);
    }

    /// A sender was told that a message is on its disk.
    pub(crate) fn saved(&mut self, id: MessageId) {
        if let Some(track) = self.messages.tracks.get_mut(&id) {
            track.saved = true;
        }
    }

    /// A sender wants a message taken back.
    pub(crate) fn delete_asked(&mut self, id: MessageId) {
        if let Some(track) = self.messages.tracks.get_mut(&id).filter(|track| track.deleted == Deleted::No) {
            track.deleted = Deleted::Asked;
        }
    }

    /// A sender's program crashed, with what it did not tell.
    pub(crate) fn client_crashed(&mut self, c: usize) {
        for track in self.messages.tracks.values_mut() {
            if track.from == c && track.deleted == Deleted::Asked {
                track.deleted = Deleted::Open;
            }
        }
    }

    /// A sender was told that a message is taken back.
    pub(crate) fn deleted(&mut self, id: MessageId, process: u64) {
        let Some(track) = self.messages.tracks.get_mut(&id) else { return };
        track.deleted = if track.process == process { Deleted::Surely } else { Deleted::Perhaps };
        let had = track.deleted == Deleted::Surely && track.recipients.is_some();
        self.expect(!had, || format!("{id} is taken back, and accepted"));
    }

    /// A broadcast goes out, while these are certainly online.
    pub(crate) fn broadcast_sent(&mut self, id: MessageId, hearers: BTreeMap<usize, ConnId>) {
        if let Some(track) = self.messages.tracks.get_mut(&id) {
            // Sent again, it may have been accepted the first time.
            track.hearers = if track.hearers.is_some() { Some(BTreeMap::new()) } else { Some(hearers) };
        }
    }

    /// A person wants a refused message sent again: it goes behind what was written before.
    pub(crate) fn retried(&mut self, c: usize, id: MessageId) {
        let messages = &mut self.messages;
        messages.written += 1;
        if let Some(track) = messages.tracks.get_mut(&id).filter(|track| track.from == c) {
            track.order = messages.written;
        }
    }

    /// The server committed something.
    pub(crate) fn committed(&mut self, op: &StoreOp, result: &Result<Stored, StoreFault>) {
        match (op, result) {
            (StoreOp::Accept { message, recipients }, Ok(Stored::Accepted { .. })) => {
                for name in recipients {
                    let hidden = self.blocks.certain_at(name, &message.from, message.at);
                    self.expect(!hidden, || format!("{} reaches {name}, who has blocked them", message.from));
                }
                if let Some(track) = self.messages.tracks.get_mut(&message.id) {
                    track.recipients = Some(recipients.clone());
                    let was_deleted = track.deleted == Deleted::Surely;
                    self.expect(!was_deleted, || format!("{} was taken back, and is accepted", message.id));
                }
            }
            (StoreOp::Block { name, whom }, Ok(_)) => {
                self.messages.ever_blocked.insert((name.clone(), whom.clone()));
            }
            _ => {}
        }
    }

    /// A client was told of a message.
    pub(crate) fn received(&mut self, c: usize, name: &UserName, message: &Message) {
        let (id, row) = (message.message.id, &message.message);
        let Some(track) = self.messages.tracks.get_mut(&id) else {
            self.fail(format!("{name} is told of {id}, which nobody wrote"));
            return;
        };
        let first = track.received.insert(c);
        let author = self.messages.names[track.from].clone();
        let chat = if track.chat == ChatId::Everyone { ChatId::Everyone } else { ChatId::Direct(author.clone()) };
        let right = row.author == author && row.chat == chat;
        let (order, key) = (track.order, (c, track.from, row.chat.clone()));
        let last = self.messages.last.insert(key, order).unwrap_or_default();
        self.expect(first, || format!("{name} is told twice of {id}"));
        self.expect(right, || format!("{name} is told of {id} as {:?} by {}", row.chat, row.author));
        self.expect(last < order, || format!("{name} is told of {id} of {author} out of order"));
        let hidden = self.blocks.certain_at(name, &author, row.at);
        self.expect(!hidden, || format!("{name} gets {id} of {author}, whom {name} has blocked"));
    }

    /// A sender was told how far a message has come.
    pub(crate) fn progressed(&mut self, id: MessageId, outgoing: &Outgoing, online: &BTreeMap<usize, ConnId>) {
        let Some(track) = self.messages.tracks.get_mut(&id) else { return };
        if outgoing.accepted_at.is_some() && !track.told {
            track.told = true;
            self.check_heard(id, online);
        }
        let Some(track) = self.messages.tracks.get(&id) else { return };
        let (is_accepted, is_refused) = (track.recipients.is_some(), outgoing.refused.is_some());
        self.expect(outgoing.accepted_at.is_none() || is_accepted, || {
            format!("{id} is said to be accepted, and is not")
        });
        self.expect(!(is_refused && is_accepted), || format!("{id} is said to be refused, and is accepted"));
    }

    /// A broadcast reaches everybody who was online from before it went out until it was accepted.
    fn check_heard(&mut self, id: MessageId, online: &BTreeMap<usize, ConnId>) {
        let messages = &self.messages;
        let Some(Track { from, hearers: Some(hearers), recipients: Some(recipients), .. }) = messages.tracks.get(&id)
        else {
            return;
        };
        let stayed = hearers.iter().filter(|(c, conn)| *c != from && online.get(c) == Some(conn));
        let deaf = stayed.map(|(c, _)| &messages.names[*c]).find(|name| {
            let may_hide = messages.ever_blocked.contains(&((*name).clone(), messages.names[*from].clone()));
            !may_hide && !recipients.contains(name) && !self.shares.was_crowded(name)
        });
        if let Some(name) = deaf {
            self.fault.get_or_insert(format!("{name} was online and does not get {id}"));
        }
    }

    /// In the end: a client's history holds each message once, in order.
    pub(crate) fn check_history(&mut self, c: usize, rows: &[Message]) {
        let mut seen = BTreeSet::new();
        let mut last: BTreeMap<(ChatId, UserName), u64> = BTreeMap::new();
        for row in rows {
            let message = &row.message;
            self.expect(seen.insert(message.id), || format!("client {c} has {} twice", message.id));
            let Some(track) = self.messages.tracks.get(&message.id) else { continue };
            match &message.direction {
                Direction::Incoming { .. } => {
                    let before = last.insert((message.chat.clone(), message.author.clone()), track.order);
                    let right = before.unwrap_or_default() < track.order;
                    self.expect(right, || format!("client {c} has {} out of order", message.id));
                }
                Direction::Outgoing(outgoing) => self.check_own(message.id, outgoing),
            }
        }
        self.check_owed(c, &seen);
    }

    /// An own message is accepted or refused, and says how far it has come.
    fn check_own(&mut self, id: MessageId, outgoing: &Outgoing) {
        let Some(track) = self.messages.tracks.get(&id) else { return };
        let state = outgoing.state();
        let from = &self.messages.names[track.from];
        let is_accepted = track.recipients.is_some();
        let arrived = match &track.chat {
            ChatId::Direct(to) => !self.messages.ever_blocked.contains(&(to.clone(), from.clone())),
            ChatId::Everyone | ChatId::Private(_) => false,
        };
        let right = match state {
            // No account is removed here.
            OutgoingState::Saved | OutgoingState::Lost => false,
            OutgoingState::Refused(_) => !is_accepted,
            OutgoingState::Accepted => is_accepted && !arrived,
            OutgoingState::Delivered | OutgoingState::Read => is_accepted,
        };
        self.expect(right, || format!("{id} says {state:?}; accepted: {is_accepted}"));
    }

    /// A client has everything that was put into its inbox.
    fn check_owed(&mut self, c: usize, seen: &BTreeSet<MessageId>) {
        let name = self.messages.names[c].clone();
        let owed = |track: &Track| track.recipients.as_ref().is_some_and(|recipients| recipients.contains(&name));
        let missing = self.messages.tracks.iter().find(|(id, track)| owed(track) && !seen.contains(*id));
        if let Some((id, _)) = missing {
            self.fail(format!("{name} never got {id}"));
            return;
        }
        let kept =
            |track: &Track| track.from == c && track.saved && matches!(track.deleted, Deleted::No | Deleted::Asked);
        if let Some((id, _)) = self.messages.tracks.iter().find(|(id, track)| kept(track) && !seen.contains(*id)) {
            self.fail(format!("{name} wrote {id}, and has it no more"));
            return;
        }
        let strange = |id: &MessageId, track: &Track| track.from != c && seen.contains(id) && !owed(track);
        if let Some((id, _)) = self.messages.tracks.iter().find(|(id, track)| strange(id, track)) {
            self.fail(format!("{name} got {id}, which was not for {name}"));
        }
    }

    /// In the end: what a sender was told is accepted was, and reached the one it was written to.
    pub(crate) fn check_nothing_is_lost(&mut self) {
        for (id, track) in &self.messages.tracks {
            let reached = match (&track.chat, &track.recipients) {
                (ChatId::Direct(to), Some(recipients)) => recipients.contains(to),
                (ChatId::Everyone | ChatId::Private(_), Some(_)) => true,
                (_, None) => false,
            };
            if track.told && !reached {
                self.fault.get_or_insert(format!("{id} was accepted, and went nowhere"));
            }
        }
    }
}
