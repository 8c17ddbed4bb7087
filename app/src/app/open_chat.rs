//! A chat that is open: what its view keeps of its own, and the view drawn from the model.

use eframe::egui::{Id, Rect, Ui};
use lucide_icons::Icon;
use whoelse_model::{Chat, ChatId, Direction, Look as Looks, Model, RowId, Section};
use whoelse_proto::UserName;
use whoelse_proto::limits::MAX_TEXT_BYTES;

use super::entries::{Entries, Scope, key};
use super::offers::NameOffers;
use super::{people, words};
use crate::composer::{Composer, ComposerState, Hint, SendKey, Shortcodes};
use crate::platform::settings::Account;
use crate::timeline::{Company, EntryKind, Feed, Key, Look, Route, Timeline, TimelineAction};
use crate::view::{self, Action, ChatParts, ContactItem, Head, HeadRoute, NothingYet, Standing};

/// A chat that is open in a tab or in a window of its own.
#[derive(Default)]
pub(super) struct OpenChat {
    pub(super) timeline: Timeline,
    pub(super) composer: Composer,
    entries: Entries,
    /// The draft on which model and composer last agreed.
    draft: String,
    /// Where the view began; before the history is read, there is no place.
    placed: Placed,
    new_from: Option<Key>,
}

/// Whether the view of a chat has taken its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Placed {
    /// It goes to what is new, or to the end, once something is loaded.
    #[default]
    No,
    /// It is where the person put it.
    Yes,
}

/// What an open chat is drawn with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) model: &'a Model,
    pub(super) scope: Scope<'a>,
    pub(super) look: Look,
    pub(super) send_key: SendKey,
    pub(super) shortcodes: Shortcodes,
    pub(super) take_from: &'a [Account],
    pub(super) recent_emoji: &'a [String],
    /// Words that are searched for in this chat; may be empty.
    pub(super) query: &'a str,
    /// Height of the bar below the head, if there is one.
    pub(super) bar: f32,
    pub(super) narrow: bool,
}

impl OpenChat {
    /// The chat is gone to: what is new is brought into view, unless something further up is read.
    pub(super) fn arrive(&mut self) {
        if self.timeline.is_at_end() {
            self.placed = Placed::No;
        }
        self.composer.focus();
    }

    /// The composer does not take the keyboard when it is drawn.
    pub(super) const fn rest(&mut self) {
        self.composer.rest();
    }

    /// Every entry is made anew.
    pub(super) fn forget_entries(&mut self) {
        self.entries = Entries::default();
    }

    /// What is written, after the person changed it.
    pub(super) fn take_draft(&mut self) -> String {
        self.draft = self.composer.text().to_owned();
        self.draft.clone()
    }

    /// Writes `text` into the composer, as the person would.
    pub(super) fn put_back(&mut self, text: &str) {
        self.composer.set_text(text);
        self.composer.focus();
    }

    /// The id of the text field of a chat's composer.
    pub(super) fn composer_id(chat: &ChatId) -> Id {
        Id::unique(("composer", words::chat_name(chat), matches!(chat, ChatId::Private(_))))
    }

    /// Takes in what has changed in the model.
    fn sync(&mut self, chat: &Chat, scope: Scope<'_>, looks: Looks) {
        self.entries.sync(chat, scope);
        if chat.draft() != self.draft && self.composer.text() == self.draft {
            self.composer.set_text(chat.draft());
        }
        if chat.draft() != self.draft {
            chat.draft().clone_into(&mut self.draft);
        }
        self.new_from = chat.new_behind().and_then(|row| first_new(chat, row));
        if self.placed == Placed::No && chat.timeline().is_loaded() {
            self.timeline = Timeline::opened_at(self.new_from);
            self.placed = Placed::Yes;
        }
        // What arrives unseen may scroll the rest away, but not the first of it: it would count as read.
        if looks == Looks::Away
            && chat.unread() > 0
            && self.timeline.is_at_end()
            && let Some(first) = self.new_from
        {
            self.timeline.hold(first);
        }
    }

    /// Goes to a row that the model has loaded for it. Whether it did.
    pub(super) fn jump(&mut self, row: RowId) {
        self.placed = Placed::Yes;
        self.timeline.go_to(key(row));
    }

    /// Draws the chat over `rect`.
    pub(super) fn show(&mut self, ui: &mut Ui, rect: Rect, chat: &Chat, with: Surroundings<'_>) -> Vec<Action> {
        let looks = if ui.input(|input| input.focused) { Looks::Here } else { Looks::Away };
        self.sync(chat, with.scope, looks);
        let id = chat.id();
        let reply = self.reply(chat);
        let private = match id {
            ChatId::Private(peer) => {
                let mut view = super::private::view(ui.ctx(), with.model, peer, with.take_from, with.scope.now);
                view.head.muted = people::muted(chat, with.scope.clock, with.scope.now);
                Some(view)
            }
            ChatId::Everyone | ChatId::Direct(_) => None,
        };
        let key_changed = key_changed(id, with.model);
        let head = head(id, with);
        let item = item(chat, with);
        let placeholder = words::placeholder(id);
        let (hint, hint_icon, warns) = hint(id, with.model);
        let offers = NameOffers(with.model.contacts());
        let name = words::chat_name(id);
        let feed = Feed {
            name,
            entries: self.entries.list(),
            revision: self.entries.revision(),
            today: with.scope.clock.day(with.scope.now),
            new_from: self.new_from,
            more_before: chat.timeline().has_older(),
            more_after: chat.timeline().has_newer(),
            unread: chat.unread(),
            look: with.look,
            route: route(id),
            company: if *id == ChatId::Everyone { Company::Many } else { Company::Two },
            query: with.query,
        };
        let nothing_yet = self.nothing_yet(chat);
        let composer = ComposerState {
            id: Self::composer_id(id),
            placeholder: &placeholder,
            route: route(id),
            attach: *id != ChatId::Everyone,
            hint: Hint { icon: hint_icon, text: &hint, warns },
            blocked: item.blocked.then_some(name),
            reply: reply.as_ref().map(|(author, text)| (author.as_str(), text.as_str())),
            send_key: with.send_key,
            shortcodes: with.shortcodes,
            recent: with.recent_emoji,
            limit: MAX_TEXT_BYTES,
            offers: &offers,
        };
        let state = view::Chat {
            head: &head,
            item: &item,
            feed,
            composer,
            private: private.as_ref(),
            key_changed,
            nothing_yet,
            taken: with.bar,
        };
        let mut parts = ChatParts { timeline: &mut self.timeline, composer: &mut self.composer };
        let mut actions = view::show_chat(ui, rect, &state, &mut parts, with.narrow);
        let at_end = self.timeline.is_at_end() && !chat.timeline().has_newer();
        if at_end && chat.unread() > 0 && ui.input(|input| input.focused) {
            // The view tells of rows alone; behind them may stand messages that are not on disk, and files.
            let last = chat.last().map_or(RowId::default(), |last| last.row);
            actions.push(Action::Timeline(TimelineAction::Seen(key(last))));
        }
        actions
    }

    /// What the chat says while nothing was written in it.
    fn nothing_yet(&self, chat: &Chat) -> Option<NothingYet> {
        let is_empty = chat.timeline().is_loaded() && self.entries.list().is_empty();
        if is_empty { words::nothing_yet(chat.id()) } else { None }
    }

    /// The author and words of the message that the next one answers.
    fn reply(&self, chat: &Chat) -> Option<(String, String)> {
        let id = chat.reply_to()?;
        let row = chat.timeline().find(id).map(|entry| key(entry.message.row));
        let index = row.and_then(|row| self.entries.list().binary_search_by_key(&row, |entry| entry.key).ok());
        let Some(entry) = index.and_then(|index| self.entries.list().get(index)) else {
            return Some((words::chat_name(chat.id()).to_owned(), "An earlier message".to_owned()));
        };
        let author = match &entry.kind {
            EntryKind::Message(written) if written.own => "yourself".to_owned(),
            EntryKind::Message(written) => written.author.as_ref().to_owned(),
            EntryKind::Notice(_) => return None,
        };
        Some((author, super::entries::first_line(&entry.text)))
    }
}

/// With whom the chat is, if the key of their device has changed.
fn key_changed<'a>(chat: &'a ChatId, model: &Model) -> Option<&'a UserName> {
    match chat {
        ChatId::Private(name) | ChatId::Direct(name) => model.privates().device_change(name).map(|_| name),
        ChatId::Everyone => None,
    }
}

/// The first message that arrived behind a row.
fn first_new(chat: &Chat, behind: RowId) -> Option<Key> {
    let arrived = |entry: &&whoelse_model::Entry| {
        entry.message.row > behind && matches!(entry.message.message.direction, Direction::Incoming { .. })
    };
    chat.timeline().iter().find(arrived).map(|entry| key(entry.message.row))
}

const fn route(chat: &ChatId) -> Route {
    match chat {
        ChatId::Everyone | ChatId::Direct(_) => Route::Server,
        ChatId::Private(_) => Route::Private,
    }
}

fn head(chat: &ChatId, with: Surroundings<'_>) -> Head {
    let model = with.model;
    let contact = people::contact(model, chat);
    let standing = match (chat, contact) {
        (ChatId::Everyone, _) => Standing::Many(people::how_many(model)),
        (ChatId::Direct(_) | ChatId::Private(_), contact) => {
            let line = model.session().is_online();
            let absent = if line { crate::kit::Presence::Offline } else { crate::kit::Presence::WasOffline };
            let presence = contact.map_or(absent, |contact| people::presence(contact, line));
            Standing::One(presence, people::standing(contact, with.scope.clock, with.scope.now))
        }
    };
    let route = match contact {
        _ if *chat == ChatId::Everyone => HeadRoute::Everyone,
        Some(contact) if contact.is_blocked() => HeadRoute::Blocked,
        Some(_) | None => HeadRoute::Server,
    };
    let here = model.chats().get(chat).map_or(0, Chat::unread);
    let unread_elsewhere = model.chats().unread().saturating_sub(here);
    let muted = model.chats().get(chat).and_then(|known| people::muted(known, with.scope.clock, with.scope.now));
    Head { name: words::chat_name(chat).to_owned(), standing, route, muted, unread_elsewhere }
}

/// What the menu of a chat's head is about.
fn item(chat: &Chat, with: Surroundings<'_>) -> ContactItem {
    let model = with.model;
    let contact = people::contact(model, chat.id());
    ContactItem {
        chat: chat.id().clone(),
        name: words::chat_name(chat.id()).to_owned(),
        presence: None,
        lead: String::new(),
        text: String::new(),
        time: String::new(),
        badge: view::ItemBadge::None,
        selected: true,
        blocked: contact.is_some_and(whoelse_model::Contact::is_blocked),
        muted: people::muted(chat, with.scope.clock, with.scope.now),
        way: view::ItemWay::Server,
        in_session: contact.is_some_and(|contact| model.privates().open(contact.name()).is_some()),
    }
}

/// What stands below the composer, with its icon, and whether it warns.
fn hint(chat: &ChatId, model: &Model) -> (String, Icon, bool) {
    let waiting = !model.session().is_online();
    match chat {
        _ if waiting => (words::OFFLINE.to_owned(), Icon::WifiOff, true),
        ChatId::Everyone if model.contacts().count(Section::Online) == 0 => {
            (words::NOBODY_ONLINE.to_owned(), Icon::Megaphone, true)
        }
        ChatId::Everyone => (words::route(chat), Icon::Megaphone, false),
        ChatId::Direct(_) if people::contact(model, chat).is_none_or(whoelse_model::Contact::is_gone) => {
            (words::NO_ACCOUNT.to_owned(), Icon::UserX, true)
        }
        ChatId::Direct(_) => (words::route(chat), Icon::Server, false),
        ChatId::Private(_) => (words::route(chat), Icon::ArrowLeftRight, false),
    }
}
