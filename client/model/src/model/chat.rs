//! One conversation: what the list shows of it, and what its tab shows.

use whoelse_proto::{MessageId, Text, Timestamp};

use super::happenings::{Happening, Happenings, Incident};
use super::timeline::{PAGE_ROWS, Timeline};
use super::unsaved::{Unsaved, Unsent};
use crate::event::{ChatSummary, HistoryPage};
use crate::message::{ChatId, Direction, Message, NewMessage, Outgoing, RowId};
use crate::mute::Mute;
use crate::request::{Place, Request};

/// Messages of one chat that are shown although they are not on disk. More are the disk's to explain.
const MAX_UNSAVED: usize = 100;

/// Milliseconds between two notifications of one chat: a burst is one interruption.
const NOTIFY_PAUSE_MS: u64 = 1_000;

/// Milliseconds after which a draft that is being typed goes to disk again: what a crash may cost.
const DRAFT_PAUSE_MS: u64 = 2_000;

/// The draft on disk, and when it went there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kept {
    draft: String,
    at: Timestamp,
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Chat {
    id: ChatId,
    last: Option<Message>,
    unread: u32,
    read_to: RowId,
    draft: String,
    kept: Kept,
    mute: Mute,
    notified: Option<Timestamp>,
    reply_to: Option<MessageId>,
    unsaved: Vec<Unsaved>,
    timeline: Timeline,
    happenings: Happenings,
    /// The page that is being read.
    loading: Option<Place>,
    /// The page to be read in place of that one.
    wanted: Option<Place>,
    new_behind: Option<RowId>,
    jump: Option<RowId>,
    /// When it was opened last, counted in openings.
    pub(super) opened: u64,
    pub(super) revision: u64,
}

impl Chat {
    pub(super) fn new(id: ChatId) -> Self {
        let timeline = match id {
            ChatId::Everyone | ChatId::Direct(_) => Timeline::default(),
            ChatId::Private(_) => Timeline::only_copy(),
        };
        Self {
            id,
            last: None,
            unread: 0,
            read_to: RowId::default(),
            draft: String::new(),
            kept: Kept::default(),
            mute: Mute::No,
            notified: None,
            reply_to: None,
            unsaved: Vec::new(),
            timeline,
            happenings: Happenings::default(),
            loading: None,
            wanted: None,
            new_behind: None,
            jump: None,
            opened: 0,
            revision: 0,
        }
    }

    /// Which.
    #[must_use]
    pub const fn id(&self) -> &ChatId {
        &self.id
    }

    /// Its newest message.
    #[must_use]
    pub const fn last(&self) -> Option<&Message> {
        self.last.as_ref()
    }

    /// Messages that arrived behind the last one read.
    #[must_use]
    pub const fn unread(&self) -> u32 {
        self.unread
    }

    /// What stands in its composer.
    #[must_use]
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// Until when it does not notify.
    #[must_use]
    pub const fn mute(&self) -> Mute {
        self.mute
    }

    /// The message that the next one written answers.
    #[must_use]
    pub const fn reply_to(&self) -> Option<MessageId> {
        self.reply_to
    }

    /// Messages that are not on this computer's disk, in the order written. They stand behind the timeline.
    #[must_use]
    pub fn unsaved(&self) -> &[Unsaved] {
        &self.unsaved
    }

    /// What is loaded of it.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What happened in it besides messages, oldest first.
    #[must_use]
    pub fn happenings(&self) -> impl DoubleEndedIterator<Item = &Happening> {
        self.happenings.iter()
    }

    /// The row behind which the line "new messages" stands.
    #[must_use]
    pub const fn new_behind(&self) -> Option<RowId> {
        self.new_behind
    }

    /// The row to bring into view; the view answers with [`super::Action::Jumped`] once it is there.
    #[must_use]
    pub fn jump(&self) -> Option<RowId> {
        self.jump.filter(|&row| self.timeline.position(row).is_some())
    }

    /// Grows with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn last_row(&self) -> RowId {
        self.last.as_ref().map_or(RowId::default(), |message| message.row)
    }

    /// Takes in what the history has. What was heard since it was read stays.
    pub(super) fn summary(&mut self, summary: ChatSummary) {
        if summary.last.as_ref().is_some_and(|last| last.row >= self.last_row()) {
            self.last = summary.last;
        }
        self.unread = summary.unread;
        self.read_to = self.read_to.max(summary.read_to);
        self.mute = summary.mute;
        if self.draft == self.kept.draft {
            self.draft.clone_from(&summary.draft);
        }
        self.kept.draft = summary.draft;
    }

    /// Takes in a message that is new to the history.
    pub(super) fn add(&mut self, message: Message) {
        self.forget_unsaved(message.message.id);
        if matches!(message.message.direction, Direction::Incoming { .. }) {
            self.unread = self.unread.saturating_add(1);
        }
        self.timeline.append(message.clone());
        if message.row > self.last_row() {
            self.last = Some(message);
        }
    }

    /// A message arrives in the open chat while nobody looks: the first of them begins what is new.
    pub(super) fn arrives_unseen(&mut self) {
        if self.unread == 0 {
            self.new_behind = Some(self.last_row());
        }
    }

    /// An own message has come further.
    pub(super) fn progress(&mut self, id: MessageId, outgoing: &Outgoing) {
        if let Some(unsaved) = self.unsaved.iter_mut().find(|unsaved| unsaved.id == id) {
            unsaved.failure = outgoing.refused.map(Unsent::Refused);
        }
        self.timeline.progress(id, outgoing);
        if let Some(last) = self.last.as_mut().filter(|last| last.message.id == id) {
            last.message.direction = Direction::Outgoing(outgoing.clone());
        }
    }

    /// An own message is gone. Asks what is the newest, if that is not loaded.
    pub(super) fn deleted(&mut self, id: MessageId) -> Option<Request> {
        self.timeline.remove(id);
        if self.last.as_ref().is_none_or(|last| last.message.id != id) {
            return None;
        }
        self.last = self.timeline.newest().cloned();
        if self.last.is_some() || self.timeline.is_loaded() { None } else { self.load(Place::End) }
    }

    /// The history forgot its messages; what is left is read anew.
    pub(super) fn cleared(&mut self) -> Option<Request> {
        self.last = None;
        self.unread = 0;
        self.new_behind = None;
        self.jump = None;
        let was_loaded = self.timeline.is_loaded();
        self.timeline.forget();
        self.happenings.forget();
        if was_loaded { self.load(Place::End) } else { None }
    }

    /// An own message could not be put on disk.
    pub(super) fn save_failed(&mut self, id: MessageId, cause: &str) {
        if let Some(unsaved) = self.unsaved.iter_mut().find(|unsaved| unsaved.id == id) {
            unsaved.failure = Some(Unsent::Disk(cause.to_owned()));
        }
    }

    /// Whether a message that arrived is worth a notification; of a burst, the first is.
    pub(super) fn may_notify(&mut self, now: Timestamp) -> bool {
        let due = self.notified.is_none_or(|last| now >= last.plus_millis(NOTIFY_PAUSE_MS));
        if due {
            self.notified = Some(now);
        }
        due && !self.mute.is_on(now)
    }

    /// Takes in a page, and asks for another if that one is wanted by now.
    pub(super) fn page(&mut self, page: HistoryPage) -> Option<Request> {
        let place = self.loading.take()?;
        if let Some(wanted) = self.wanted.take() {
            return self.load(wanted);
        }
        if let Some(newest) = page.messages.last().filter(|newest| !page.more_after && newest.row > self.last_row()) {
            self.last = Some(newest.clone());
        }
        self.timeline.put_page(place, page, self.last_row());
        let wanted = self.jump.filter(|_| self.timeline.is_only_copy() && self.jump().is_none());
        wanted.and_then(|row| self.load_towards(row))
    }

    /// Called when the user switches to this chat. Asks for what is not loaded, around the first unread message.
    pub(super) fn open(&mut self) -> Option<Request> {
        self.new_behind = (self.unread > 0).then_some(self.read_to);
        if self.unread > 0 && !self.timeline.reaches(self.read_to) {
            // The first unread message was pushed out by those behind it.
            self.timeline.unload();
        }
        if self.timeline.is_loaded() || self.loading.is_some() {
            return None;
        }
        if usize::try_from(self.unread).is_ok_and(|unread| unread < PAGE_ROWS) {
            return self.load(Place::End);
        }
        self.timeline.read_above();
        self.load(Place::Around(self.read_to))
    }

    /// What is new was not known when the chat was opened, and is by now.
    pub(super) fn learn_new(&mut self) -> Option<Request> {
        if self.unread == 0 || self.timeline.is_loaded() {
            return None;
        }
        self.new_behind = Some(self.read_to);
        if usize::try_from(self.unread).is_ok_and(|unread| unread < PAGE_ROWS) {
            return None;
        }
        self.timeline.read_above();
        self.load(Place::Around(self.read_to))
    }

    /// The chat's tab is closed.
    pub(super) fn close(&mut self) {
        self.timeline.unload();
        self.wanted = None;
        self.new_behind = None;
        self.jump = None;
    }

    /// Forgets what is loaded, to be read again when it is gone to.
    pub(super) fn unload(&mut self) {
        self.timeline.unload();
    }

    pub(super) fn set_draft(&mut self, draft: String, now: Timestamp) -> Option<Request> {
        self.draft = draft;
        if now >= self.kept.at.plus_millis(DRAFT_PAUSE_MS) { self.keep_draft(now) } else { None }
    }

    /// Puts the draft on disk, if it is not there yet. That of a private message never goes there.
    pub(super) fn keep_draft(&mut self, now: Timestamp) -> Option<Request> {
        if self.kept.draft == self.draft || matches!(self.id, ChatId::Private(_)) {
            return None;
        }
        self.kept = Kept { draft: self.draft.clone(), at: now };
        Some(Request::KeepDraft { chat: self.id.clone(), draft: self.draft.clone() })
    }

    pub(super) const fn reply(&mut self, to: Option<MessageId>) {
        self.reply_to = to;
    }

    /// A message is written: the composer is empty, and the end of the chat is what is read.
    pub(super) fn write(&mut self, id: MessageId, text: Text, now: Timestamp) -> Vec<Request> {
        let reply_to = self.reply_to.take();
        self.draft.clear();
        let mut requests: Vec<Request> = self.keep_draft(now).into_iter().collect();
        requests.push(self.save(id, text, reply_to));
        requests.extend(self.latest());
        requests
    }

    /// A message without a place in the history is tried again. One that was refused is written anew, and then taken
    /// back: it stands where the recipient sees it.
    pub(super) fn retry(&mut self, id: MessageId, again: MessageId) -> Vec<Request> {
        if let Some(unsaved) = self.take_failed(id) {
            return vec![self.save(id, unsaved.text, unsaved.reply_to)];
        }
        match self.refused(id) {
            Some(refused) => {
                let mut requests = vec![self.save(again, refused.text, refused.reply_to)];
                requests.extend(self.delete(id));
                requests
            }
            None => vec![Request::Resend { id }],
        }
    }

    /// A message is taken back; one without a place in the history is just let go.
    pub(super) fn delete(&mut self, id: MessageId) -> Vec<Request> {
        if self.take_failed(id).is_some() {
            return Vec::new();
        }
        // Of what may stand here alone, the history says nothing.
        let is_gone = self.timeline.is_only_copy() && self.refused(id).is_some();
        let reads = if is_gone { self.deleted(id) } else { None };
        std::iter::once(Request::Delete { id }).chain(reads).collect()
    }

    /// A message of the timeline that was refused.
    fn refused(&self, id: MessageId) -> Option<NewMessage> {
        let message = &self.timeline.find(id)?.message.message;
        message.is_refused().then(|| message.clone())
    }

    /// The chat was seen up to a row. Seen in the middle, with unread messages above that are not loaded, it says
    /// nothing of those.
    pub(super) fn seen(&mut self, row: RowId) -> Option<Request> {
        let at_end = row >= self.last_row();
        if !at_end && !self.timeline.reaches(self.read_to) {
            return None;
        }
        if at_end {
            self.timeline.read_end();
        }
        if row <= self.read_to && !(at_end && self.unread > 0) {
            return None;
        }
        let newly = self.timeline.count_arrived(self.read_to, row);
        self.unread = if at_end { 0 } else { self.unread.saturating_sub(newly) };
        self.read_to = self.read_to.max(row);
        Some(Request::MarkRead { chat: self.id.clone(), row })
    }

    pub(super) const fn forget_new(&mut self) {
        self.new_behind = None;
    }

    pub(super) fn load_older(&mut self) -> Option<Request> {
        self.timeline.read_above();
        let first = self.timeline.first_row().filter(|_| self.timeline.has_older() && self.loading.is_none())?;
        self.load(Place::Before(first))
    }

    pub(super) fn load_newer(&mut self) -> Option<Request> {
        let last = self.timeline.last_row().filter(|_| self.timeline.has_newer() && self.loading.is_none())?;
        self.load(Place::After(last))
    }

    /// Brings a row into view, reading around it if it is not loaded.
    pub(super) fn jump_to(&mut self, row: RowId) -> Option<Request> {
        self.jump = Some(row);
        self.timeline.read_above();
        if self.timeline.position(row).is_some() { None } else { self.load_towards(row) }
    }

    /// Reads the history around a row; what stands nowhere else is kept, and the history read up to the row.
    fn load_towards(&mut self, row: RowId) -> Option<Request> {
        if !self.timeline.is_only_copy() {
            return self.load(Place::Around(row));
        }
        match self.timeline.first_row() {
            None => self.load(Place::End),
            Some(first) if row < first && self.timeline.has_older() => self.load(Place::Before(first)),
            Some(_) => None,
        }
    }

    /// Something happened that is no message. What awaits the user's word counts as not read.
    pub(super) fn happened(&mut self, what: Incident, now: Timestamp) {
        if what.asks_for_attention() {
            self.unread = self.unread.saturating_add(1);
        }
        self.happenings.add(what, self.last_row(), now);
    }

    /// The session is over, and so is the look at it: what stands nowhere else is let go.
    pub(super) fn forget(&mut self) {
        self.close();
        self.timeline.forget();
        self.happenings.forget();
        self.last = None;
        self.unread = 0;
        self.draft.clear();
    }

    pub(super) const fn jumped(&mut self) {
        self.jump = None;
    }

    /// Goes to the first message.
    pub(super) fn earliest(&mut self) -> Option<Request> {
        self.jump = None;
        self.timeline.read_above();
        if self.timeline.has_older() { self.load_towards(RowId::default()) } else { None }
    }

    /// Goes to the newest message.
    pub(super) fn latest(&mut self) -> Option<Request> {
        self.jump = None;
        self.timeline.read_end();
        if self.timeline.has_newer() { self.load(Place::End) } else { None }
    }

    pub(super) fn set_mute(&mut self, mute: Mute) -> Request {
        self.mute = mute;
        Request::Mute { chat: self.id.clone(), mute }
    }

    /// Asks for a page, in place of the one being read if there is one.
    fn load(&mut self, place: Place) -> Option<Request> {
        if self.loading.is_some() {
            self.wanted = Some(place);
            return None;
        }
        self.loading = Some(place);
        Some(Request::LoadHistory { chat: self.id.clone(), place, limit: PAGE_ROWS })
    }

    fn save(&mut self, id: MessageId, text: Text, reply_to: Option<MessageId>) -> Request {
        self.unsaved.push(Unsaved { id, text: text.clone(), reply_to, failure: None });
        if self.unsaved.len() > MAX_UNSAVED {
            self.unsaved.remove(0);
        }
        Request::Write { id, chat: self.id.clone(), text, reply_to }
    }

    fn take_failed(&mut self, id: MessageId) -> Option<Unsaved> {
        let index = self.unsaved.iter().position(|unsaved| unsaved.id == id && unsaved.failure.is_some())?;
        Some(self.unsaved.remove(index))
    }

    fn forget_unsaved(&mut self, id: MessageId) {
        self.unsaved.retain(|unsaved| unsaved.id != id);
    }
}
