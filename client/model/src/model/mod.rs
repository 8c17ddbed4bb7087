//! What the user can see, and what becomes of it with every event and action.
//!
//! Views read it through accessors and change nothing; lists and chats carry a revision that grows with every change,
//! so that a view lays out again what has changed and nothing else. It knows no pixel and no disk.

mod action;
mod asks;
mod chat;
mod chats;
mod contacts;
mod does;
mod happenings;
mod hears;
mod notices;
mod private;
mod runs;
mod session;
#[cfg(test)]
mod tests;
mod timeline;
mod transfers;
mod unsaved;

pub use action::{Action, Effect, Input, Look, Notification};
pub use asks::{WhoElse, WhoElseAnswer};
pub use chat::Chat;
pub use chats::Chats;
pub use contacts::{Contact, Contacts, Section};
pub use happenings::{Happening, Incident};
pub use notices::{Notice, NoticeId, NoticeKind, Notices};
pub use private::{DeviceChange, PrivateStage, Privates};
pub use session::{Parting, Phase, Server, Session};
pub use timeline::{Entry, MAX_ROWS, PAGE_ROWS, Timeline};
pub use transfers::{TransferView, Transfers};
pub use unsaved::{Unsaved, Unsent};

use whoelse_proto::Timestamp;

use crate::command::EnabledWhen;
use crate::message::{ChatId, Message};
use crate::search::SearchFor;
use asks::Asks;

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What for.
    pub what: SearchFor,
    /// Newest first; `None` while it is awaited.
    pub hits: Option<Vec<Message>>,
}

/// What the user can see.
#[derive(Clone, Debug, Default)]
pub struct Model {
    session: Session,
    contacts: Contacts,
    chats: Chats,
    asks: Asks,
    notices: Notices,
    search: Option<Search>,
    privates: Privates,
    transfers: Transfers,
    open: Option<ChatId>,
    look: Look,
    revision: u64,
}

impl Model {
    /// A model of nobody: signed out, nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what happened and says what to do, in this order.
    pub fn handle(&mut self, input: Input, now: Timestamp) -> Vec<Effect> {
        self.revision += 1;
        let mut out = Vec::new();
        match input {
            Input::Event(event) => self.hear(event, now, &mut out),
            Input::Action(action) => self.act(action, now, &mut out),
        }
        out
    }

    /// The user's own state.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Everybody else.
    #[must_use]
    pub const fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// The chats.
    #[must_use]
    pub const fn chats(&self) -> &Chats {
        &self.chats
    }

    /// The chat that is open.
    #[must_use]
    pub const fn open_chat(&self) -> Option<&ChatId> {
        self.open.as_ref()
    }

    /// The table of who is, or was, online, once it was asked for.
    #[must_use]
    pub const fn who_else(&self) -> Option<&WhoElse> {
        self.asks.table.as_ref()
    }

    /// The search under way.
    #[must_use]
    pub const fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Private sessions and questions.
    #[must_use]
    pub const fn privates(&self) -> &Privates {
        &self.privates
    }

    /// Files on their way and files shared.
    #[must_use]
    pub const fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// Lines for the person.
    #[must_use]
    pub const fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Whether a command can be given.
    #[must_use]
    pub fn is_enabled(&self, when: EnabledWhen) -> bool {
        match when {
            EnabledWhen::Always => true,
            EnabledWhen::SignedIn => self.session.is_signed_in(),
            EnabledWhen::Online => self.session.is_online(),
        }
    }

    /// Grows with every input.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the person sees a chat at this moment.
    fn is_visible(&self, chat: &ChatId) -> bool {
        self.look == Look::Here && self.open.as_ref() == Some(chat)
    }
}
