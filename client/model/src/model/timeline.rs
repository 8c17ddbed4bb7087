//! The loaded part of a chat: one run of its history without gaps.

use std::collections::{BTreeMap, VecDeque};

use whoelse_proto::MessageId;

use crate::event::HistoryPage;
use crate::message::{Direction, Message, Outgoing, RowId};
use crate::request::Place;
use crate::search::SearchFor;

/// Rows of one chat in memory. More are paged in from the history while scrolling.
pub const MAX_ROWS: usize = 5_000;

/// Rows asked of the history at a time: several screens, a few milliseconds of reading.
pub const PAGE_ROWS: usize = 200;

/// A loaded message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The message.
    pub message: Message,
    /// The timeline's revision at its last change: what a view's layout of it hangs on.
    pub changed: u64,
}

/// Whether arriving messages may push out the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reading {
    /// The newest are read.
    #[default]
    End,
    /// Something further up is read and must stay.
    Above,
}

/// Whether anything was read from the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Loaded {
    #[default]
    No,
    Yes,
}

/// Where the messages are besides here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Copies {
    /// In the history: what is let go can be read again.
    #[default]
    History,
    /// Perhaps nowhere, as with words of a private session: nothing is let go but the oldest of too many.
    Nowhere,
}

/// The loaded part of a chat, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: VecDeque<Entry>,
    rows: BTreeMap<MessageId, RowId>,
    copies: Copies,
    loaded: Loaded,
    reading: Reading,
    more_before: bool,
    more_after: bool,
    revision: u64,
}

impl Timeline {
    /// A timeline of messages that may stand nowhere else.
    pub(super) fn only_copy() -> Self {
        Self { copies: Copies::Nowhere, ..Self::default() }
    }

    /// Whether the messages may stand nowhere else.
    pub(super) fn is_only_copy(&self) -> bool {
        self.copies == Copies::Nowhere
    }

    /// Grows with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The entry at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// How many entries are loaded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is loaded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it has been read from the history; before, it is empty for want of an answer.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.loaded == Loaded::Yes
    }

    /// Whether the history has older messages.
    #[must_use]
    pub const fn has_older(&self) -> bool {
        self.more_before
    }

    /// Whether the history has newer messages.
    #[must_use]
    pub const fn has_newer(&self) -> bool {
        self.more_after
    }

    /// The index of a row.
    #[must_use]
    pub fn position(&self, row: RowId) -> Option<usize> {
        self.entries.binary_search_by_key(&row, |entry| entry.message.row).ok()
    }

    /// The entry of a message, if loaded.
    #[must_use]
    pub fn find(&self, id: MessageId) -> Option<&Entry> {
        self.position(*self.rows.get(&id)?).and_then(|index| self.get(index))
    }

    /// The loaded messages that fit a search.
    pub(super) fn search(&self, what: &SearchFor) -> Vec<Message> {
        self.entries.iter().map(|entry| &entry.message).filter(|message| what.fits(message)).cloned().collect()
    }

    /// Whether everything behind a row is loaded, as far as what is loaded goes; so it is of nothing.
    pub(super) fn reaches(&self, row: RowId) -> bool {
        !self.more_before || self.first_row().is_none_or(|first| first <= row)
    }

    pub(super) fn first_row(&self) -> Option<RowId> {
        self.entries.front().map(|entry| entry.message.row)
    }

    pub(super) fn last_row(&self) -> Option<RowId> {
        self.entries.back().map(|entry| entry.message.row)
    }

    /// How many arrived messages stand behind `after`, up to and with `to`.
    pub(super) fn count_arrived(&self, after: RowId, to: RowId) -> u32 {
        let begin = self.entries.partition_point(|entry| entry.message.row <= after);
        let span = self.entries.iter().skip(begin).take_while(|entry| entry.message.row <= to);
        let arrived = span.filter(|entry| matches!(entry.message.message.direction, Direction::Incoming { .. }));
        u32::try_from(arrived.count()).unwrap_or(u32::MAX)
    }

    /// Something above the end is read.
    pub(super) const fn read_above(&mut self) {
        self.reading = Reading::Above;
    }

    /// The newest messages are read.
    pub(super) const fn read_end(&mut self) {
        self.reading = Reading::End;
    }

    /// The newest message, if it is loaded.
    pub(super) fn newest(&self) -> Option<&Message> {
        self.entries.back().map(|entry| &entry.message).filter(|_| !self.more_after)
    }

    /// Lets go of what can be read again.
    pub(super) fn unload(&mut self) {
        match self.copies {
            Copies::History => self.forget(),
            Copies::Nowhere => {}
        }
    }

    /// Forgets what is loaded.
    pub(super) fn forget(&mut self) {
        *self = Self { revision: self.revision + 1, copies: self.copies, ..Self::default() };
    }

    /// Takes in a page that was asked for at `place`. `last` is the newest row of the chat that was heard of.
    pub(super) fn put_page(&mut self, place: Place, page: HistoryPage, last: RowId) {
        self.revision += 1;
        match place {
            Place::End | Place::Around(_) if self.is_only_copy() => self.merge(page),
            Place::End | Place::Around(_) => self.replace(page),
            Place::Before(row) if self.first_row() == Some(row) => self.prepend(page),
            Place::After(row) if self.last_row() == Some(row) => self.extend(page),
            // What is loaded has changed since; the next scroll asks anew.
            Place::Before(_) | Place::After(_) => return,
        }
        // A message may have come between the reading of the page and its arrival here.
        self.more_after |= !self.is_only_copy() && self.last_row().is_some_and(|loaded| loaded < last);
    }

    fn replace(&mut self, page: HistoryPage) {
        self.entries.clear();
        self.rows.clear();
        self.loaded = Loaded::Yes;
        self.more_before = page.more_before;
        self.more_after = page.more_after;
        self.push_all(page.messages);
    }

    /// Takes in the newest page of the history among what stands here alone.
    fn merge(&mut self, page: HistoryPage) {
        self.loaded = Loaded::Yes;
        self.more_before = page.more_before;
        let mut all: BTreeMap<RowId, Message> =
            page.messages.into_iter().map(|message| (message.row, message)).collect();
        all.extend(self.entries.drain(..).map(|entry| (entry.message.row, entry.message)));
        self.rows.clear();
        self.push_all(all.into_values().collect());
        self.drop_oldest();
    }

    fn prepend(&mut self, mut page: HistoryPage) {
        if self.is_only_copy() {
            let room = MAX_ROWS.saturating_sub(self.entries.len());
            page.more_before &= page.messages.len() <= room;
            page.messages.drain(..page.messages.len().saturating_sub(room));
        }
        self.more_before = page.more_before;
        for message in page.messages.into_iter().rev() {
            if self.first_row().is_none_or(|first| message.row < first) {
                self.rows.insert(message.message.id, message.row);
                self.entries.push_front(Entry { message, changed: self.revision });
            }
        }
        while self.entries.len() > MAX_ROWS {
            self.more_after = true;
            self.drop_entry(VecDeque::pop_back);
        }
    }

    fn extend(&mut self, page: HistoryPage) {
        self.more_after = page.more_after;
        self.push_all(page.messages);
        self.drop_oldest();
    }

    /// Takes in a message that is new to the history, if it follows what is loaded.
    pub(super) fn append(&mut self, message: Message) {
        let follows = (self.is_loaded() || self.is_only_copy()) && !self.more_after;
        if !follows || self.last_row().is_some_and(|last| message.row <= last) {
            return;
        }
        self.revision += 1;
        if self.entries.len() >= MAX_ROWS && self.reading == Reading::Above && !self.is_only_copy() {
            self.more_after = true;
            return;
        }
        self.push_all(vec![message]);
        self.drop_oldest();
    }

    fn push_all(&mut self, messages: Vec<Message>) {
        for message in messages {
            if self.last_row().is_none_or(|last| message.row > last) {
                self.rows.insert(message.message.id, message.row);
                self.entries.push_back(Entry { message, changed: self.revision });
            }
        }
    }

    fn drop_oldest(&mut self) {
        while self.entries.len() > MAX_ROWS {
            self.more_before = true;
            self.drop_entry(VecDeque::pop_front);
        }
    }

    fn drop_entry(&mut self, pop: impl FnOnce(&mut VecDeque<Entry>) -> Option<Entry>) {
        if let Some(entry) = pop(&mut self.entries) {
            self.rows.remove(&entry.message.message.id);
        }
    }

    /// An own message has come further.
    pub(super) fn progress(&mut self, id: MessageId, outgoing: &Outgoing) {
        let index = self.rows.get(&id).and_then(|&row| self.position(row));
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            self.revision += 1;
            entry.message.message.direction = Direction::Outgoing(outgoing.clone());
            entry.changed = self.revision;
        }
    }

    /// A message is gone.
    pub(super) fn remove(&mut self, id: MessageId) {
        let Some(row) = self.rows.remove(&id) else { return };
        self.revision += 1;
        if let Some(index) = self.position(row) {
            self.entries.remove(index);
        }
    }
}
