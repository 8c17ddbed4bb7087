//! A store in memory: the meaning of each [`StoreOp`] in the plainest code, for tests and simulation.

mod invites;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use whoelse_proto::limits::MAX_SPANS_PER_USER;
use whoelse_proto::{KnownState, MessageId, MessageState, MissedTries, Seq, Span, Target, Timestamp, UserName};

use crate::command::{InviteHash, PassHash, TokenHash};
use crate::effect::Message;
use crate::fair::Load;
use crate::store::{AccountSnapshot, Lost, MAX_EARLIER, Sessions, Snapshot, StoreFault, StoreOp, Stored, TokenFate};
use invites::Invites;

/// Everything that survives. A clone is what a crash at this moment leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    accounts: BTreeSet<UserName>,
    in_doubt: BTreeSet<UserName>,
    messages: BTreeMap<Seq, Taken>,
    inboxes: BTreeSet<(UserName, Seq)>,
    blocks: BTreeSet<(UserName, UserName)>,
    sessions: BTreeMap<(UserName, Timestamp), Option<Timestamp>>,
    tokens: BTreeMap<UserName, (TokenHash, Timestamp)>,
    passes: BTreeMap<UserName, BTreeMap<PassHash, Timestamp>>,
    missed: BTreeMap<UserName, MissedTries>,
    invites: Invites,
    heartbeat: Timestamp,
    last_seq: u64,
    /// Up to where messages were for an earlier account of the name.
    former: BTreeMap<UserName, Seq>,
}

/// A message that was taken. The content goes once no inbox holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    id: MessageId,
    from: UserName,
    to: Target,
    at: Timestamp,
    state: MessageState,
    /// Whether the account that it waited for was removed.
    is_lost: bool,
    message: Option<Arc<Message>>,
}

impl Taken {
    fn load(&self) -> Load {
        let bytes = self.message.as_ref().map_or(0, |message| crate::mail::size_of_text(message));
        Load::one(bytes)
    }
}

impl MemoryStore {
    /// A store with these accounts.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = UserName>) -> Self {
        Self { accounts: accounts.into_iter().collect(), ..Self::default() }
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`StoreFault::Exists`].
    pub fn create_account(&mut self, name: UserName) -> Result<Stored, StoreFault> {
        if self.accounts.insert(name) { Ok(Stored::Done) } else { Err(StoreFault::Exists) }
    }

    /// Removes an account from those that there are; what is kept of it goes with [`StoreOp::ForgetAccount`].
    pub fn remove_account(&mut self, name: &UserName) {
        self.accounts.remove(name);
    }

    /// The line of an account is missing, together with half of all.
    pub fn doubt_account(&mut self, name: &UserName) {
        self.in_doubt.extend(self.accounts.take(name));
    }

    /// Gives out an invitation, as the administrator does.
    pub fn invite(&mut self, invite: InviteHash, uses: u32, ends_at: Timestamp) {
        self.invites.give(invite, uses, ends_at);
    }

    /// Who has blocked whom.
    #[must_use]
    pub const fn blocks(&self) -> &BTreeSet<(UserName, UserName)> {
        &self.blocks
    }

    /// Whether a disk that is full cannot do it. To read, and to find that a message was taken before, needs no room.
    #[must_use]
    pub fn needs_room(&self, op: &StoreOp) -> bool {
        match op {
            StoreOp::LoadInbox { .. }
            | StoreOp::Lookup { .. }
            | StoreOp::SessionsOf { .. }
            | StoreOp::FindInvite { .. } => false,
            StoreOp::Accept { message, .. } => !self.messages.values().any(|taken| taken.id == message.id),
            StoreOp::Acknowledge { .. }
            | StoreOp::MarkRead { .. }
            | StoreOp::OpenSession { .. }
            | StoreOp::CloseSession { .. }
            | StoreOp::KeepPass { .. }
            | StoreOp::KeepPassAlone { .. }
            | StoreOp::NoteMissed { .. }
            | StoreOp::RevokeToken { .. }
            | StoreOp::RevokeSecrets { .. }
            | StoreOp::Block { .. }
            | StoreOp::Unblock { .. }
            | StoreOp::ClaimInvite { .. }
            | StoreOp::ReturnInvite { .. }
            | StoreOp::BeginAccount { .. }
            | StoreOp::RecallAccount { .. }
            | StoreOp::ForgetAccount { .. }
            | StoreOp::Heartbeat { .. }
            | StoreOp::Forget { .. } => true,
        }
    }

    /// What a hub begins with. Sessions left open by a crash end at the last heartbeat.
    pub fn start(&mut self) -> Snapshot {
        self.invites.settle_all(&self.accounts);
        let heartbeat = self.heartbeat;
        for ((name, since), end) in &mut self.sessions {
            if end.is_none() {
                *end = Some(heartbeat.max(*since));
                if let Some((_, active_at)) = self.tokens.get_mut(name) {
                    *active_at = heartbeat.max(*active_at);
                }
            }
        }
        let accounts = self.accounts.iter().map(|name| (name.clone(), self.account(name))).collect();
        Snapshot { accounts, in_doubt: self.in_doubt.clone() }
    }

    fn account(&self, name: &UserName) -> AccountSnapshot {
        let sessions = self.sessions.range((name.clone(), Timestamp::default())..);
        AccountSnapshot {
            last_seen: sessions.take_while(|((who, _), _)| who == name).filter_map(|(_, end)| *end).max(),
            blocked: self.blocks.iter().filter(|(who, _)| who == name).map(|(_, whom)| whom.clone()).collect(),
            token: self.tokens.get(name).copied(),
            waiting: self.waiting(name),
            passes: self.passes.get(name).cloned().unwrap_or_default(),
            missed: self.missed.get(name).copied(),
        }
    }

    /// What waits for a user, by who sent it.
    #[must_use]
    pub fn waiting(&self, name: &UserName) -> BTreeMap<UserName, Load> {
        let mut waiting: BTreeMap<UserName, Load> = BTreeMap::new();
        for (_, seq) in self.inboxes.iter().filter(|(owner, _)| owner == name) {
            let Some(taken) = self.messages.get(seq) else { continue };
            let own = waiting.entry(taken.from.clone()).or_default();
            *own = own.plus(taken.load());
        }
        waiting
    }

    /// Does one operation.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`note` has the others")]
    pub fn perform(&mut self, op: StoreOp) -> Stored {
        match op {
            StoreOp::Accept { message, recipients } => self.accept(message, recipients),
            StoreOp::Acknowledge { name, up_to } => self.acknowledge(&name, up_to),
            StoreOp::LoadInbox { name, after, limit } => self.page(&name, after, limit),
            StoreOp::MarkRead { reader, peer, up_to } => self.mark_read(&reader, &peer, up_to),
            StoreOp::Lookup { sender, ids, hidden } => self.states(&sender, &ids, &hidden),
            StoreOp::SessionsOf { names, from } => self.sessions_of(&names, from),
            StoreOp::ForgetAccount { name } => Stored::Forgotten { lost: self.forget_account(&name) },
            StoreOp::RecallAccount { name } => {
                self.in_doubt.remove(&name);
                self.tokens.remove(&name);
                Stored::Recalled { account: Box::new(self.account(&name)) }
            }
            StoreOp::Forget { before } => {
                self.forget(before);
                Stored::Forgotten { lost: Vec::new() }
            }
            StoreOp::FindInvite { invite, at } => Stored::Invite { fault: self.invites.find(invite, at) },
            StoreOp::ClaimInvite { invite, name, at } => Stored::Invite { fault: self.invites.claim(invite, name, at) },
            other => {
                self.note(other);
                Stored::Done
            }
        }
    }

    /// The operations that answer nothing.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`perform` has taken the others")]
    fn note(&mut self, op: StoreOp) {
        match op {
            StoreOp::OpenSession { name, since, token } => {
                self.sessions.insert((name.clone(), since), None);
                self.tokens.insert(name, (token, since));
            }
            StoreOp::CloseSession { name, since, at, token } => {
                match token {
                    TokenFate::Revoked => _ = self.tokens.remove(&name),
                    TokenFate::Kept { active_at } => {
                        if let Some(kept) = self.tokens.get_mut(&name) {
                            kept.1 = active_at;
                        }
                    }
                }
                self.sessions.insert((name, since), Some(at));
            }
            StoreOp::KeepPass { name, pass, at, instead_of } => {
                let passes = self.passes.entry(name).or_default();
                passes.insert(pass, at);
                if let Some(forgotten) = instead_of {
                    passes.remove(&forgotten);
                }
            }
            StoreOp::KeepPassAlone { name, device } => {
                if let Some(passes) = self.passes.get_mut(&name) {
                    passes.retain(|pass, _| Some(*pass) == device);
                }
            }
            StoreOp::NoteMissed { name, missed: Some(missed) } => _ = self.missed.insert(name, missed),
            StoreOp::NoteMissed { name, missed: None } => _ = self.missed.remove(&name),
            StoreOp::RevokeToken { name } => _ = self.tokens.remove(&name),
            StoreOp::RevokeSecrets { name } => {
                self.tokens.remove(&name);
                self.passes.remove(&name);
            }
            StoreOp::Block { name, whom } => _ = self.blocks.insert((name, whom)),
            StoreOp::Unblock { name, whom } => _ = self.blocks.remove(&(name, whom)),
            StoreOp::ReturnInvite { name } => self.invites.give_back(&name),
            StoreOp::BeginAccount { name, .. } => {
                self.invites.settle(&name);
                self.former.insert(name, Seq::new(self.last_seq));
            }
            StoreOp::Heartbeat { at } => self.heartbeat = at,
            _ => {}
        }
    }

    fn forget(&mut self, before: Timestamp) {
        self.invites.forget(before);
        self.sessions.retain(|_, end| end.is_none_or(|end| end >= before));
        self.messages.retain(|_, taken| taken.message.is_some() || taken.at >= before);
    }

    fn forget_account(&mut self, name: &UserName) -> Vec<Lost> {
        let mut lost: BTreeMap<UserName, Vec<MessageId>> = BTreeMap::new();
        let waiting: Vec<Seq> = self.inbox(name, Seq::default()).collect();
        for seq in waiting {
            self.inboxes.remove(&(name.clone(), seq));
            let is_held = self.inboxes.iter().any(|(_, held)| *held == seq);
            if let Some(taken) = self.messages.get_mut(&seq) {
                taken.state = MessageState::Accepted;
                if let Target::User(_) = taken.to {
                    taken.is_lost = true;
                    lost.entry(taken.from.clone()).or_default().push(taken.id);
                }
                taken.message = taken.message.take().filter(|_| is_held);
            }
        }
        for taken in self.messages.values_mut().filter(|taken| taken.to == Target::User(name.clone())) {
            // Who takes the name next has read nothing of it.
            taken.state = taken.state.min(MessageState::Delivered);
        }
        self.in_doubt.remove(name);
        self.blocks.retain(|(who, whom)| who != name && whom != name);
        self.sessions.retain(|(who, _), _| who != name);
        self.tokens.remove(name);
        self.passes.remove(name);
        self.missed.remove(name);
        lost.into_iter().map(|(sender, ids)| Lost { sender, peer: name.clone(), ids }).collect()
    }

    fn accept(&mut self, message: Arc<Message>, recipients: Vec<UserName>) -> Stored {
        if let Some(known) = self.messages.values().find(|taken| taken.id == message.id) {
            return if known.from == message.from { Stored::Known { at: known.at } } else { Stored::Foreign };
        }
        self.last_seq += 1;
        let seq = Seq::new(self.last_seq);
        let (id, from, to, at) = (message.id, message.from.clone(), message.to.clone(), message.at);
        let message = (!recipients.is_empty()).then_some(message);
        self.messages.insert(seq, Taken { id, from, to, at, state: MessageState::Accepted, is_lost: false, message });
        self.inboxes.extend(recipients.into_iter().map(|name| (name, seq)));
        Stored::Accepted { seq }
    }

    fn inbox(&self, name: &UserName, after: Seq) -> impl Iterator<Item = Seq> + '_ {
        let name = name.clone();
        self.inboxes
            .range((name.clone(), Seq::new(after.get().saturating_add(1)))..)
            .take_while(move |(who, _)| *who == name)
            .map(|(_, seq)| *seq)
    }

    fn acknowledge(&mut self, name: &UserName, up_to: Seq) -> Stored {
        let gone: Vec<Seq> = self.inbox(name, Seq::default()).take_while(|seq| *seq <= up_to).collect();
        let mut delivered: BTreeMap<UserName, Vec<MessageId>> = BTreeMap::new();
        let mut released: BTreeMap<UserName, Load> = BTreeMap::new();
        for seq in gone {
            self.inboxes.remove(&(name.clone(), seq));
            let is_held = self.inboxes.iter().any(|(_, held)| *held == seq);
            let Some(taken) = self.messages.get_mut(&seq) else { continue };
            let own = released.entry(taken.from.clone()).or_default();
            *own = own.plus(taken.load());
            if let Target::User(_) = taken.to {
                taken.state = taken.state.max(MessageState::Delivered);
                delivered.entry(taken.from.clone()).or_default().push(taken.id);
            }
            if !is_held {
                taken.message = None;
            }
        }
        Stored::Acknowledged { delivered, released }
    }

    fn page(&self, name: &UserName, after: Seq, limit: usize) -> Stored {
        let mut rest = self.inbox(name, after);
        let page: Vec<Seq> = rest.by_ref().take(limit).collect();
        let message = |seq| self.messages.get(&seq).and_then(|taken| taken.message.clone());
        let messages = page.into_iter().filter_map(|seq| Some((seq, Message::clone(&*message(seq)?)))).collect();
        Stored::Page { messages, damaged: Vec::new(), more: rest.next().is_some() }
    }

    fn mark_read(&mut self, reader: &UserName, peer: &UserName, up_to: MessageId) -> Stored {
        let former = self.former.get(reader).copied().unwrap_or_default();
        let to_reader = |taken: &Taken| taken.from == *peer && taken.to == Target::User(reader.clone());
        let last = self.messages.iter().find(|(_, taken)| taken.id == up_to && to_reader(taken)).map(|(seq, _)| *seq);
        let last = last.filter(|last| *last > former);
        let mut newest = None;
        for (_, taken) in
            self.messages.iter_mut().filter(|(seq, taken)| **seq > former && Some(**seq) <= last && to_reader(taken))
        {
            if taken.state < MessageState::Read {
                taken.state = MessageState::Read;
                newest = Some(taken.id);
            }
        }
        Stored::Read { last: newest }
    }

    fn states(&self, sender: &UserName, ids: &[MessageId], hidden: &BTreeSet<UserName>) -> Stored {
        let mine = |id: &MessageId| self.messages.values().find(|taken| taken.id == *id && taken.from == *sender);
        let states = ids.iter().filter_map(|id| {
            let taken = mine(id)?;
            if taken.is_lost {
                return Some(KnownState::lost(*id));
            }
            let is_hidden = matches!(&taken.to, Target::User(name) if hidden.contains(name));
            Some(KnownState::new(*id, if is_hidden { MessageState::Accepted } else { taken.state }))
        });
        Stored::States { states: states.collect() }
    }

    fn sessions_of(&self, names: &[UserName], from: Timestamp) -> Stored {
        let mut sessions = BTreeMap::new();
        for name in names {
            let first = (name.clone(), Timestamp::default());
            let last = (name.clone(), Timestamp::from_millis(u64::MAX));
            // Sessions of a name follow each other: those of the span are its newest.
            let newest =
                self.sessions.range(first..=last).rev().take_while(|(_, end)| end.is_none_or(|end| end >= from));
            let mut spans: Vec<Span> = newest.map(|((_, since), end)| Span { from: *since, to: *end }).collect();
            let earlier = spans.len().saturating_sub(MAX_SPANS_PER_USER);
            spans.truncate(MAX_SPANS_PER_USER);
            spans.reverse();
            if !spans.is_empty() {
                let earlier = u32::try_from(earlier).unwrap_or(u32::MAX).min(MAX_EARLIER);
                sessions.insert(name.clone(), Sessions { spans, earlier });
            }
        }
        Stored::Sessions { sessions }
    }
}
