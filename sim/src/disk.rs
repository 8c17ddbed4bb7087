//! A client's disk: history and outbox, committed in batches, and what becomes of them in a crash.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::RngExt;
use rand::rngs::SmallRng;
use whoelse_model::{
    ChatId, ChatSummary, Direction, DiskFault, DiskOp, DiskResult, DiskTicket, HistoryPage, LineId, Message, Mute,
    NewMessage, OUTBOX_WINDOW, Outgoing, Place, RowId, Unsettled,
};
use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{MessageId, MessageState, Timestamp, UserName};

use crate::plant::Plant;

/// Something to do on disk, in its turn.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// For the link.
    Link { ticket: DiskTicket, line: Option<LineId>, op: DiskOp },
    /// A page for the model.
    Load { chat: ChatId, place: Place, limit: usize },
    /// The chat was read up to here.
    ReadTo { chat: ChatId, row: RowId },
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum JobDone {
    Link { ticket: DiskTicket, result: Result<DiskResult, DiskFault> },
    Page(HistoryPage),
    Read,
}

/// What is committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    rows: Vec<Message>,
    by_id: BTreeMap<MessageId, usize>,
    /// In the order in which they are sent.
    outbox: Vec<MessageId>,
    read_to: BTreeMap<ChatId, RowId>,
    last_row: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) history: History,
    pub(crate) before: Option<History>,
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) done: VecDeque<JobDone>,
    /// Whether most operations fault.
    pub(crate) fails: bool,
    pub(crate) commit_is_due: bool,
    /// The line whose operations fault, since one of them did.
    broken: Option<LineId>,
}

impl Disk {
    /// The process is gone; what was not committed goes with it.
    pub(crate) fn crash(&mut self, plant: Option<Plant>) {
        if plant == Some(Plant::ClientForgetsCommit)
            && let Some(before) = self.before.take()
        {
            self.history = before;
        }
        let history = std::mem::take(&mut self.history);
        *self = Self { history, ..Self::default() };
    }

    /// Commits what waits.
    pub(crate) fn commit(&mut self, plant: Option<Plant>, rng: &mut SmallRng) {
        if plant == Some(Plant::ClientForgetsCommit) {
            self.before = Some(self.history.clone());
        }
        while let Some(job) = self.jobs.pop_front() {
            let done = match job {
                Job::Link { ticket, line, op } => JobDone::Link { ticket, result: self.work(line, op, plant, rng) },
                Job::Load { chat, place, limit } => JobDone::Page(self.history.page(chat, place, limit)),
                Job::ReadTo { chat, row } => {
                    let read_to = self.history.read_to.entry(chat).or_default();
                    *read_to = row.max(*read_to);
                    JobDone::Read
                }
            };
            self.done.push_back(done);
        }
    }

    fn work(
        &mut self,
        line: Option<LineId>,
        op: DiskOp,
        plant: Option<Plant>,
        rng: &mut SmallRng,
    ) -> Result<DiskResult, DiskFault> {
        let is_broken = line.is_some() && line == self.broken && plant != Some(Plant::DiskGoesOnAfterFault);
        if is_broken || (self.fails && rng.random_bool(0.6)) {
            self.broken = line.or(self.broken);
            return Err(DiskFault { cause: "disk full".to_owned() });
        }
        Ok(self.history.perform(op, plant))
    }
}

impl History {
    fn perform(&mut self, op: DiskOp, plant: Option<Plant>) -> DiskResult {
        match op {
            DiskOp::PutOutgoing(message) => {
                self.outbox.push(message.id);
                self.put(message)
            }
            DiskOp::PutIncoming { message, .. } if plant == Some(Plant::HistoryTakesTwice) => self.append(message),
            DiskOp::PutIncoming { message, .. } => self.put(message),
            DiskOp::Step { ids, peer, state, at, skipped } => {
                DiskResult::Stepped(self.step(&ids, peer.as_ref(), state, at, skipped))
            }
            DiskOp::Lose { ids } => {
                let lose = |id: &MessageId| self.change(*id, |outgoing| outgoing.lost = true);
                DiskResult::Stepped(ids.iter().flat_map(lose).collect())
            }
            DiskOp::Refuse { id, refusal } => {
                self.outbox.retain(|open| *open != id);
                DiskResult::Stepped(self.change(id, |outgoing| outgoing.refused = Some(refusal)))
            }
            DiskOp::Restore { id } => DiskResult::Restored(self.restore(id)),
            DiskOp::Remove { id } => DiskResult::Removed(self.remove(id)),
            DiskOp::LoadOpen => self.load_open(plant),
            // Every client of the simulation shows what is on its disk.
            DiskOp::MarkShown { ids } => DiskResult::Shown(ids),
            DiskOp::LoadUnsettled { after } => DiskResult::Unsettled(self.unsettled(Some(after))),
            DiskOp::LoadUnread { after } => DiskResult::Unsettled(self.unread(after)),
        }
    }

    fn put(&mut self, message: NewMessage) -> DiskResult {
        if self.by_id.contains_key(&message.id) { DiskResult::Duplicate } else { self.append(message) }
    }

    fn append(&mut self, message: NewMessage) -> DiskResult {
        self.last_row += 1;
        let row = Message { row: RowId::new(self.last_row), message };
        self.by_id.insert(row.message.id, self.rows.len());
        self.rows.push(row.clone());
        DiskResult::Put(row)
    }

    fn outgoing(&self, id: MessageId) -> Option<&Outgoing> {
        match &self.get(id)?.message.direction {
            Direction::Outgoing(outgoing) => Some(outgoing),
            Direction::Incoming { .. } => None,
        }
    }

    fn change(&mut self, id: MessageId, change: impl FnOnce(&mut Outgoing)) -> Vec<(ChatId, MessageId, Outgoing)> {
        let Some(row) = self.by_id.get(&id).map(|&index| &mut self.rows[index].message) else { return Vec::new() };
        let Direction::Outgoing(outgoing) = &mut row.direction else { return Vec::new() };
        let before = outgoing.clone();
        change(outgoing);
        if *outgoing == before { Vec::new() } else { vec![(row.chat.clone(), id, outgoing.clone())] }
    }

    fn step(
        &mut self,
        ids: &[MessageId],
        peer: Option<&UserName>,
        state: MessageState,
        at: Timestamp,
        skipped: bool,
    ) -> Vec<(ChatId, MessageId, Outgoing)> {
        let ids = match (state, peer, ids.last()) {
            (MessageState::Read, Some(peer), Some(last)) => self.written_up_to(peer, *last),
            _ => ids.to_vec(),
        };
        let mut stepped = Vec::new();
        for id in ids {
            stepped.extend(self.change(id, |outgoing| match state {
                MessageState::Accepted => {
                    outgoing.accepted_at.get_or_insert(at);
                    outgoing.skipped |= skipped;
                }
                MessageState::Delivered => _ = outgoing.delivered_at.get_or_insert(at),
                MessageState::Read => _ = outgoing.read_at.get_or_insert(at),
            }));
            if state == MessageState::Accepted {
                self.outbox.retain(|open| *open != id);
            }
        }
        stepped
    }

    /// Own accepted messages to `peer` up to this one.
    fn written_up_to(&self, peer: &UserName, last: MessageId) -> Vec<MessageId> {
        let Some(&end) = self.by_id.get(&last) else { return Vec::new() };
        let chat = ChatId::Direct(peer.clone());
        let own = self.rows[..=end].iter().filter(|row| row.message.chat == chat);
        own.map(|row| row.message.id).filter(|id| self.outgoing(*id).is_some_and(|o| o.accepted_at.is_some())).collect()
    }

    fn restore(&mut self, id: MessageId) -> Option<Message> {
        self.outgoing(id)?.refused?;
        self.change(id, |outgoing| outgoing.refused = None);
        self.outbox.push(id);
        self.get(id).cloned()
    }

    fn remove(&mut self, id: MessageId) -> Option<(ChatId, MessageId)> {
        if self.outgoing(id)?.accepted_at.is_some() {
            return None;
        }
        let index = self.by_id.remove(&id)?;
        let row = self.rows.remove(index);
        self.outbox.retain(|open| *open != id);
        self.by_id = self.rows.iter().enumerate().map(|(index, row)| (row.message.id, index)).collect();
        Some((row.message.chat, id))
    }

    fn load_open(&self, plant: Option<Plant>) -> DiskResult {
        let skip = usize::from(plant == Some(Plant::OutboxDropsFirst));
        let open = self.outbox.iter().skip(skip).take(OUTBOX_WINDOW);
        let outbox = open.filter_map(|id| self.get(*id).cloned()).collect();
        DiskResult::Open { outbox, unread: self.unsettled(None), unshown: Vec::new() }
    }

    /// Own direct messages that may have come further, behind one: all that are not delivered, and of the others the
    /// oldest of each chat.
    fn unsettled(&self, after: Option<MessageId>) -> Vec<Unsettled> {
        let begin = after.and_then(|id| self.by_id.get(&id)).map_or(0, |index| index + 1);
        let mut seen = BTreeSet::new();
        let mut page = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let ChatId::Direct(peer) = &row.message.chat else { continue };
            let Some(outgoing) = self.outgoing(row.message.id).filter(|outgoing| is_unread(outgoing)) else { continue };
            let is_asked = outgoing.delivered_at.is_none() || seen.insert(peer);
            if is_asked && index >= begin {
                page.push(Unsettled { id: row.message.id, peer: peer.clone() });
            }
        }
        page.truncate(MAX_LOOKUP_IDS);
        page
    }

    /// Own messages of a chat that are not read, behind one.
    fn unread(&self, after: MessageId) -> Vec<Unsettled> {
        let Some(&begin) = self.by_id.get(&after) else { return Vec::new() };
        let ChatId::Direct(peer) = &self.rows[begin].message.chat else { return Vec::new() };
        let behind = self.rows[begin + 1..].iter().filter(|row| row.message.chat == self.rows[begin].message.chat);
        let unread = behind.filter(|row| self.outgoing(row.message.id).is_some_and(is_unread));
        unread.map(|row| Unsettled { id: row.message.id, peer: peer.clone() }).take(MAX_LOOKUP_IDS).collect()
    }

    fn page(&self, chat: ChatId, place: Place, limit: usize) -> HistoryPage {
        let rows: Vec<&Message> = self.chat(&chat).collect();
        let split = |row: RowId| rows.partition_point(|message| message.row < row);
        let (from, to) = match place {
            Place::End => (rows.len().saturating_sub(limit), rows.len()),
            Place::Before(row) => (split(row).saturating_sub(limit), split(row)),
            Place::After(row) => {
                let begin = rows.partition_point(|message| message.row <= row);
                (begin, (begin + limit).min(rows.len()))
            }
            Place::Around(row) => {
                let begin = split(row).saturating_sub(limit / 2);
                (begin, (begin + limit).min(rows.len()))
            }
        };
        let messages = rows[from..to].iter().map(|row| (*row).clone()).collect();
        HistoryPage { chat, messages, more_before: from > 0, more_after: to < rows.len() }
    }

    /// The messages of a chat, oldest first.
    pub(crate) fn chat(&self, chat: &ChatId) -> impl DoubleEndedIterator<Item = &Message> {
        self.rows.iter().filter(move |row| row.message.chat == *chat)
    }

    /// The last message that arrived in a chat, up to a row.
    pub(crate) fn last_arrived(&self, chat: &ChatId, row: RowId) -> Option<MessageId> {
        let arrived = |message: &&Message| matches!(message.message.direction, Direction::Incoming { .. });
        self.chat(chat).filter(arrived).rfind(|message| message.row <= row).map(|message| message.message.id)
    }

    pub(crate) fn get(&self, id: MessageId) -> Option<&Message> {
        self.by_id.get(&id).map(|&index| &self.rows[index])
    }

    pub(crate) fn rows(&self) -> &[Message] {
        &self.rows
    }

    pub(crate) fn outbox(&self) -> &[MessageId] {
        &self.outbox
    }

    pub(crate) fn unread_in(&self, chat: &ChatId) -> usize {
        let read_to = self.read_to.get(chat).copied().unwrap_or_default();
        let arrived = |row: &&Message| matches!(row.message.direction, Direction::Incoming { .. });
        self.chat(chat).filter(|row| row.row > read_to).filter(arrived).count()
    }

    /// The chats as a client that starts reads them.
    pub(crate) fn summaries(&self) -> Vec<ChatSummary> {
        let mut chats: Vec<ChatId> = self.rows.iter().map(|row| row.message.chat.clone()).collect();
        chats.sort();
        chats.dedup();
        let summary = |chat: ChatId| {
            let last = self.chat(&chat).next_back().cloned();
            let unread = u32::try_from(self.unread_in(&chat)).unwrap_or(u32::MAX);
            let read_to = self.read_to.get(&chat).copied().unwrap_or_default();
            ChatSummary { chat, last, unread, read_to, draft: String::new(), mute: Mute::No }
        };
        chats.into_iter().map(summary).collect()
    }
}

/// Whether the server took a message that is not known to be read.
fn is_unread(outgoing: &Outgoing) -> bool {
    outgoing.accepted_at.is_some() && outgoing.read_at.is_none()
}
