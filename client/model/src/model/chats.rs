//! All chats, in the order of their newest messages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{MessageId, Timestamp};

use super::chat::Chat;
use crate::message::{ChatId, RowId};
use crate::request::Request;

/// Chats whose timelines stay in memory; of the others the one not looked at for longest is read again when opened.
const MAX_LOADED_CHATS: usize = 16;

/// All chats. The one with everyone is always there.
#[derive(Clone, Debug)]
pub struct Chats {
    by_id: BTreeMap<ChatId, Chat>,
    order: BTreeSet<(Reverse<RowId>, ChatId)>,
    opens: u64,
    revision: u64,
}

impl Default for Chats {
    fn default() -> Self {
        let mut chats = Self { by_id: BTreeMap::new(), order: BTreeSet::new(), opens: 0, revision: 0 };
        chats.change(&ChatId::Everyone, |_| ());
        chats
    }
}

impl Chats {
    /// All, the one with the newest message first.
    pub fn iter(&self) -> impl Iterator<Item = &Chat> {
        self.order.iter().filter_map(|(_, id)| self.by_id.get(id))
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &ChatId) -> Option<&Chat> {
        self.by_id.get(id)
    }

    /// Messages not read in all of them.
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.by_id.values().map(Chat::unread).fold(0, u32::saturating_add)
    }

    /// Grows with every change to any of them.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Changes a chat, perhaps a new one, and puts it into its place.
    pub(super) fn change<T>(&mut self, id: &ChatId, change: impl FnOnce(&mut Chat) -> T) -> T {
        self.revision += 1;
        let chat = self.by_id.entry(id.clone()).or_insert_with(|| Chat::new(id.clone()));
        let before = (Reverse(chat.last_row()), id.clone());
        chat.revision += 1;
        let result = change(chat);
        let place = (Reverse(chat.last_row()), id.clone());
        if place != before {
            self.order.remove(&before);
        }
        self.order.insert(place);
        result
    }

    /// Changes a chat, if there is one.
    pub(super) fn change_known<T>(&mut self, id: &ChatId, change: impl FnOnce(&mut Chat) -> Option<T>) -> Option<T> {
        if self.by_id.contains_key(id) { self.change(id, change) } else { None }
    }

    /// A chat is opened or gone to.
    pub(super) fn open(&mut self, id: &ChatId) -> Option<Request> {
        self.opens += 1;
        let opens = self.opens;
        let request = self.change(id, |chat| {
            chat.opened = opens;
            chat.open()
        });
        self.unload_beyond(MAX_LOADED_CHATS);
        request
    }

    /// The history forgot the messages of one chat, or all.
    pub(super) fn cleared(&mut self, id: Option<&ChatId>) -> Vec<Request> {
        let ids: Vec<ChatId> = self.by_id.keys().filter(|known| id.is_none_or(|id| id == *known)).cloned().collect();
        ids.iter().filter_map(|id| self.change(id, Chat::cleared)).collect()
    }

    /// The chat of a message that is not on disk.
    pub(super) fn with_unsaved(&self, message: MessageId) -> Option<ChatId> {
        let of = |chat: &&Chat| chat.unsaved().iter().any(|unsaved| unsaved.id == message);
        self.by_id.values().find(of).map(|chat| chat.id().clone())
    }

    /// Puts every draft on disk that is not there yet.
    pub(super) fn keep_drafts(&mut self, now: Timestamp) -> Vec<Request> {
        self.by_id.values_mut().filter_map(|chat| chat.keep_draft(now)).collect()
    }

    fn unload_beyond(&mut self, limit: usize) {
        let loaded = self.by_id.values().filter(|chat| chat.timeline().is_loaded());
        let mut loaded: Vec<(u64, ChatId)> = loaded.map(|chat| (chat.opened, chat.id().clone())).collect();
        loaded.sort();
        for (_, id) in loaded.iter().rev().skip(limit) {
            self.change(id, Chat::unload);
        }
    }
}
