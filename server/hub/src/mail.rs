//! Messages from their sender to inboxes, and from inboxes to clients.

use std::collections::BTreeMap;
use std::sync::Arc;

use whoelse_proto::{Content, Envelope, MessageId, MessageState, Notice, Refusal, Seq, ServerFrame, Target, UserName};

use crate::Hub;
use crate::account::{INBOX_PAGE, IsNews, More, Offer};
use crate::command::ConnId;
use crate::conn::Conn;
use crate::effect::{Effect, Message, Routed};
use crate::fair::{Load, Room};
use crate::pending::{Asked, Pending};
use crate::store::{StoreFault, StoreOp, Stored};

impl Hub {
    pub(crate) fn take_message(&mut self, asked: Asked, from: UserName, id: MessageId, to: Target, content: Content) {
        let Content::Text { text, .. } = &content else {
            self.refuse(asked, Refusal::Unsupported);
            return;
        };
        if text.is_blank() {
            self.refuse(asked, Refusal::Invalid);
            return;
        }
        let load = Load::one(content_bytes(&content));
        let (recipients, skipped) = match &to {
            Target::User(name) => match self.message_refused(&from, name, load) {
                None => (vec![name.clone()], false),
                Some(Refusal::Yourself) => {
                    self.refuse(asked, Refusal::Yourself);
                    return;
                }
                Some(refusal) => {
                    self.refuse_unless_taken(asked, from, id, refusal);
                    return;
                }
            },
            Target::Everyone {} => self.broadcast_recipients(&from, load),
            Target::Group(_) => {
                self.refuse(asked, Refusal::Unsupported);
                return;
            }
        };
        for recipient in &recipients {
            if let Some(account) = self.accounts.get_mut(recipient) {
                account.waiting.add(&from, load);
            }
        }
        let message = Arc::new(Message { id, from, to, content, at: self.now });
        let op = StoreOp::Accept { message: Arc::clone(&message), recipients: recipients.clone() };
        self.ask_store(op, Pending::Accept { asked, message, recipients, skipped });
    }

    fn message_refused(&self, from: &UserName, to: &UserName, load: Load) -> Option<Refusal> {
        if from == to {
            Some(Refusal::Yourself)
        } else if !self.accounts.contains_key(to) {
            Some(Refusal::UnknownUser)
        } else if self.hides_from(to, from) {
            Some(Refusal::Blocked)
        } else if self.inbox_room(from, to, load) == Room::Full {
            Some(Refusal::Full)
        } else {
            None
        }
    }

    fn inbox_room(&self, from: &UserName, to: &UserName, load: Load) -> Room {
        self.accounts.get(to).map_or(Room::There, |account| account.waiting.room(from, load, &self.config.limits))
    }

    /// Messages that were counted when they were asked for were not taken after all.
    pub(crate) fn not_taken(&mut self, message: &Message, recipients: &[UserName]) {
        let load = Load::one(size_of_text(message));
        for recipient in recipients {
            if let Some(account) = self.accounts.get_mut(recipient) {
                account.waiting.remove(&message.from, load);
            }
        }
    }

    /// Messages have left an inbox.
    pub(crate) fn left_inbox(&mut self, name: &UserName, released: BTreeMap<UserName, Load>) {
        if let Some(account) = self.accounts.get_mut(name) {
            for (sender, load) in released {
                account.waiting.remove(&sender, load);
            }
        }
    }

    /// A client that did not get the answer asks again. What was taken before a block, or before an account was
    /// removed, was taken: it is not refused the second time.
    fn refuse_unless_taken(&mut self, asked: Asked, from: UserName, id: MessageId, refusal: Refusal) {
        let op = StoreOp::Lookup { sender: from, ids: vec![id], hidden: std::collections::BTreeSet::new() };
        self.ask_store(op, Pending::RefuseUnknown { asked, id, refusal });
    }

    /// Who hears a broadcast, and whether someone online does not.
    fn broadcast_recipients(&self, from: &UserName, load: Load) -> (Vec<UserName>, bool) {
        let mut recipients = Vec::with_capacity(self.online);
        let mut skipped = false;
        for (name, account) in self.accounts.iter().filter(|(name, account)| account.session.is_some() && *name != from)
        {
            let is_full = account.waiting.room(from, load, &self.config.limits) == Room::Full;
            if account.blocked.contains(from) || is_full {
                skipped = true;
            } else {
                recipients.push(name.clone());
            }
        }
        (recipients, skipped)
    }

    pub(crate) fn routed(&mut self, to: &[UserName], what: Routed) {
        match what {
            Routed::Message { seq, message } => self.deliver(to, seq, &message),
            Routed::Progress { state, peer, ids, at } => {
                let conns = self.lines_of(to);
                self.send_all(conns, ServerFrame::Progress { state, peer, ids, at, lost: false });
            }
            Routed::Lost { peer, ids, at } => {
                let (state, conns) = (MessageState::Accepted, self.lines_of(to));
                self.send_all(conns, ServerFrame::Progress { state, peer, ids, at, lost: true });
            }
            Routed::Private(news) => self.deliver_private(to, &news),
            Routed::Visibility { name } => self.send_visibility(to, &name),
        }
    }

    /// The connections of those named who have one.
    pub(crate) fn lines_of(&self, names: &[UserName]) -> Vec<ConnId> {
        let session = |name| self.accounts.get(name).and_then(|account| account.session.as_ref());
        names.iter().filter_map(|name| session(name).and_then(|session| session.line.conn())).collect()
    }

    pub(crate) fn send_all(&mut self, to: Vec<ConnId>, frame: ServerFrame) {
        if !to.is_empty() {
            self.effects.push(Effect::Send { to, frame });
        }
    }

    fn deliver(&mut self, to: &[UserName], seq: Seq, message: &Message) {
        let size = size_of_text(message);
        let mut conns = Vec::with_capacity(to.len());
        for name in to {
            let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else {
                continue;
            };
            let Some(conn) = session.line.conn() else { continue };
            match session.delivery.offer(seq, size) {
                Offer::Send => conns.push(conn),
                Offer::Wait => self.load_if_wanted(name),
            }
        }
        self.send_all(conns, ServerFrame::Deliver(envelope(seq, message, Waited::No)));
    }

    /// Reads the first page of an inbox for a new line.
    pub(crate) fn load_inbox(&mut self, name: &UserName) {
        let Some(session) = self.accounts.get(name).and_then(|account| account.session.as_ref()) else { return };
        let Some(conn) = session.line.conn() else { return };
        let after = session.delivery.sent_to();
        let op = StoreOp::LoadInbox { name: name.clone(), after, limit: INBOX_PAGE };
        self.ask_store(op, Pending::Page { name: name.clone(), conn });
    }

    fn load_if_wanted(&mut self, name: &UserName) {
        let session = self.accounts.get_mut(name).and_then(|account| account.session.as_mut());
        if session.is_some_and(|session| session.delivery.wants_page()) {
            self.load_inbox(name);
        }
    }

    /// Asks the store again for what it could not do: acknowledgements to write and pages to read.
    pub(crate) fn ask_store_again(&mut self) {
        let names: Vec<_> = self
            .accounts
            .iter()
            .filter(|(_, account)| account.session.is_some())
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            self.acknowledge_again(&name);
            self.load_if_wanted(&name);
        }
    }

    pub(crate) fn page_stored(&mut self, name: &UserName, conn: ConnId, result: Result<Stored, StoreFault>) {
        let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else { return };
        if session.line.conn() != Some(conn) {
            return;
        }
        let Ok(Stored::Page { messages, damaged, more }) = result else {
            if session.delivery.load_failed() == IsNews::Yes {
                self.send(conn, ServerFrame::Notice(Notice::InboxDamaged { messages: 0 }));
            }
            return;
        };
        let sizes = messages.iter().map(|(seq, message)| (*seq, size_of_text(message)));
        session.delivery.load(sizes, if more { More::Yes } else { More::No });
        if let Some(last) = damaged.last() {
            session.delivery.pass_over(*last);
            let messages = u32::try_from(damaged.len()).unwrap_or(u32::MAX);
            self.send(conn, ServerFrame::Notice(Notice::InboxDamaged { messages }));
        }
        for (seq, message) in &messages {
            self.send(conn, ServerFrame::Deliver(envelope(*seq, message, Waited::Yes)));
        }
        self.load_if_wanted(name);
    }

    pub(crate) fn acknowledge(&mut self, conn: ConnId, up_to: Seq) {
        let Some(Conn::Online(online)) = self.conns.get(&conn) else { return };
        let name = online.name.clone();
        let Some(session) = self.accounts.get_mut(&name).and_then(|account| account.session.as_mut()) else { return };
        if let Some(up_to) = session.delivery.acknowledge(up_to) {
            self.empty_inbox(&name, up_to);
        }
        self.load_if_wanted(&name);
    }

    fn acknowledge_again(&mut self, name: &UserName) {
        let session = self.accounts.get_mut(name).and_then(|account| account.session.as_mut());
        if let Some(up_to) = session.and_then(|session| session.delivery.take_unwritten()) {
            self.empty_inbox(name, up_to);
        }
    }

    fn empty_inbox(&mut self, name: &UserName, up_to: Seq) {
        let op = StoreOp::Acknowledge { name: name.clone(), up_to };
        self.ask_store(op, Pending::Acknowledge { name: name.clone(), up_to });
    }
}

/// Whether a message waited in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    Yes,
    No,
}

fn envelope(seq: Seq, message: &Message, waited: Waited) -> Envelope {
    Envelope {
        seq,
        id: message.id,
        from: message.from.clone(),
        to: message.to.clone(),
        content: message.content.clone(),
        sent_at: message.at,
        stored: waited == Waited::Yes,
    }
}

pub(crate) fn size_of_text(message: &Message) -> usize {
    content_bytes(&message.content)
}

pub(crate) fn content_bytes(content: &Content) -> usize {
    match content {
        Content::Text { text, .. } | Content::Edit { text, .. } => text.as_str().len(),
        Content::Reaction { emoji, .. } => emoji.len(),
    }
}
