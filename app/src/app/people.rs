//! The list of people as the view shows it, made anew only when something in it has changed.

use std::collections::BTreeSet;

use whoelse_model::{Chat, ChatId, Contact, Direction, Message, Model, Phase, PrivateStage, Receipts, Section, folded};
use whoelse_proto::{Timestamp, UserName};

use super::clock::Clock;
use super::entries::{first_line, mark};
use super::words;
use crate::kit::Presence;
use crate::view::{ContactItem, ContactSection, Contacts, ItemBadge, ItemWay, Panel, SectionKind, Server};

/// Characters of a message that a row can show at its widest.
const PREVIEW_CHARS: usize = 80;

/// What of the list is the window's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListState {
    /// What the profile calls the server; may be empty.
    pub(super) server: String,
    /// What is searched for.
    pub(super) search: String,
    /// Which sections are folded.
    pub(super) folded: BTreeSet<SectionKind>,
    /// The chat that is shown and had something new: it stays among those until another is shown.
    pub(super) lingers: Option<ChatId>,
    /// The chat that is shown.
    pub(super) shown: Option<ChatId>,
    /// The panel that is shown.
    pub(super) panel: Option<Panel>,
    /// Whether what was written is left out.
    pub(super) hide_previews: bool,
    /// Whether what others have read is left out.
    pub(super) hide_read: bool,
    /// What stands behind "do not disturb", while that is on.
    pub(super) undisturbed: Option<String>,
}

/// What the list was made of, and when it is to be made anew by itself.
#[derive(Clone, Debug)]
pub(super) struct Made {
    of: Sources,
    /// When the first mute ends.
    pub(super) until: Option<Timestamp>,
}

impl Made {
    /// A list that is made at this moment.
    pub(super) fn of(model: &Model, clock: &Clock, now: Timestamp, state: &ListState) -> Self {
        let until = model.chats().iter().filter_map(|chat| chat.mute().end(now)).min();
        Self { of: Sources::of(model, clock, now, state), until }
    }

    /// Whether the list would be the same at this moment.
    pub(super) fn holds(&self, model: &Model, clock: &Clock, now: Timestamp, state: &ListState) -> bool {
        self.until.is_none_or(|until| now < until) && self.of == Sources::of(model, clock, now, state)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Sources {
    contacts: u64,
    chats: u64,
    privates: u64,
    day: jiff::civil::Date,
    phase: Phase,
    state: ListState,
}

impl Sources {
    fn of(model: &Model, clock: &Clock, now: Timestamp, state: &ListState) -> Self {
        Self {
            contacts: model.contacts().revision(),
            chats: model.chats().revision(),
            privates: model.privates().revision(),
            day: clock.day(now),
            phase: model.session().phase().clone(),
            state: state.clone(),
        }
    }
}

/// Makes the list.
pub(super) fn contacts(model: &Model, clock: &Clock, now: Timestamp, state: &ListState) -> Contacts {
    let maker = Maker { model, clock, now, state };
    let online = model.session().is_online();
    let server = model.session().server();
    let title = server.map(|server| server.title.as_str()).filter(|title| !title.is_empty());
    let known = Some(state.server.as_str()).filter(|known| !known.is_empty());
    let name = title.or(known).or(server.map(|server| server.address.host.as_str())).unwrap_or_default();
    Contacts {
        server: Server { name: name.to_owned(), online },
        search: state.search.clone(),
        everyone: maker.everyone(),
        sections: maker.sections(),
        me: model.session().name().map_or(String::new(), ToString::to_string),
        my_word: my_words(model.session().phase(), state.undisturbed.as_deref()),
        panel: state.panel,
        found: None,
    }
}

/// People whose names have the words, at most this many, and how many more there are; Everyone is one of them.
pub(super) fn found(
    model: &Model,
    clock: &Clock,
    now: Timestamp,
    state: &ListState,
    (words, most): (&str, usize),
) -> (Vec<ContactItem>, usize) {
    let maker = Maker { model, clock, now, state };
    let words: Vec<String> = words.split_whitespace().map(folded).collect();
    if words.is_empty() {
        return (Vec::new(), 0);
    }
    let fits = |name: &str| {
        let name = folded(name);
        words.iter().all(|word| name.contains(word))
    };
    let everyone = fits(words::chat_name(&ChatId::Everyone)).then(|| maker.everyone());
    let mut contacts = model.contacts().iter().filter(|contact| fits(contact.name().as_str()));
    let room = most.saturating_sub(usize::from(everyone.is_some()));
    let people = contacts.by_ref().take(room).map(|contact| maker.item(contact)).collect::<Vec<_>>();
    (everyone.into_iter().chain(people).collect(), contacts.count())
}

/// The user's own state, in a word.
const fn my_word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Online => "Online",
        Phase::Reconnecting { .. } => "Offline, reconnecting",
        Phase::SigningOut => "Signing out",
        Phase::SignedOut(_) | Phase::Connecting | Phase::UnknownServer { .. } | Phase::ServerKeyChanged { .. } => {
            "Signed out"
        }
    }
}

/// The user's own state, and that no notification is shown.
fn my_words(phase: &Phase, undisturbed: Option<&str>) -> String {
    match (undisturbed, my_word(phase)) {
        (None, word) => word.to_owned(),
        // The dot beside it says that the user is online.
        (Some(until), _) if *phase == Phase::Online => format!("Quiet{until}"),
        (Some(until), word) => format!("{word}, quiet{until}"),
    }
}

struct Maker<'a> {
    model: &'a Model,
    clock: &'a Clock,
    now: Timestamp,
    state: &'a ListState,
}

impl Maker<'_> {
    /// What was not read comes first, whoever is here and however long ago it was written.
    fn sections(&self) -> Vec<ContactSection> {
        let unread: Vec<&Contact> = self.unread();
        let names: BTreeSet<&UserName> = unread.iter().map(|contact| contact.name()).collect();
        let new: Vec<ContactItem> = unread.into_iter().map(|contact| self.item(contact)).collect();
        let of = |section| {
            let contacts = self.model.contacts().section(section).filter(|contact| !names.contains(contact.name()));
            contacts.map(|contact| self.item(contact)).collect()
        };
        let (online, offline): (Vec<ContactItem>, Vec<ContactItem>) = (of(Section::Online), of(Section::Offline));
        let nobody = if self.model.contacts().count(Section::Online) == 0 { "Nobody else is here" } else { "" };
        let mut sections = Vec::new();
        if !new.is_empty() {
            let is_unread =
                |item: &ContactItem| matches!(item.badge, ItemBadge::Unread(_) | ItemBadge::UnreadPrivate(_));
            // The open chat stays in its place until another is opened, and is not called unread.
            let name = if new.iter().any(is_unread) { "Unread" } else { "Just read" };
            sections.push(self.section(SectionKind::Unread, name.to_owned(), new, ""));
        }
        // A section without anybody is not there, unless it says that nobody is.
        if !online.is_empty() || !nobody.is_empty() {
            sections.push(self.section(SectionKind::Online, self.online_words(), online, nobody));
        }
        if !offline.is_empty() {
            sections.push(self.section(SectionKind::Offline, "Offline".to_owned(), offline, ""));
        }
        sections
    }

    fn section(&self, kind: SectionKind, name: String, items: Vec<ContactItem>, empty: &str) -> ContactSection {
        ContactSection { kind, name, open: !self.state.folded.contains(&kind), items, empty: empty.to_owned() }
    }

    /// Contacts with something that was not read, the newest first. The open chat stays where it was when it was opened.
    fn unread(&self) -> Vec<&Contact> {
        let lingers = |chat: &ChatId| self.state.lingers.as_ref() == Some(chat);
        let with = |chat: &ChatId| match chat {
            ChatId::Direct(name) | ChatId::Private(name) => Some(name.clone()),
            ChatId::Everyone => None,
        };
        let open = self.state.shown.as_ref().and_then(with);
        let chats = self
            .model
            .chats()
            .iter()
            .filter(|chat| lingers(chat.id()) || chat.unread() > 0 && (open.is_none() || with(chat.id()) != open));
        let mut unread: Vec<&Contact> = Vec::new();
        for chat in chats {
            let (ChatId::Direct(name) | ChatId::Private(name)) = chat.id() else { continue };
            let contact = self.model.contacts().get(name).filter(|contact| !contact.is_blocked());
            if let Some(contact) = contact.filter(|contact| unread.iter().all(|known| known.name() != contact.name())) {
                unread.push(contact);
            }
        }
        unread
    }

    /// While the line is lost, presence is as old as the line.
    fn online_words(&self) -> String {
        match self.model.session().phase() {
            Phase::Reconnecting { since, .. } => format!("Online at {}", self.clock.since(*since, self.now)),
            Phase::SignedOut(_)
            | Phase::Connecting
            | Phase::UnknownServer { .. }
            | Phase::ServerKeyChanged { .. }
            | Phase::Online
            | Phase::SigningOut => "Online".to_owned(),
        }
    }

    fn everyone(&self) -> ContactItem {
        let item = self.row(ChatId::Everyone, "Everyone", None);
        let text = if item.text.is_empty() { "To everyone online".to_owned() } else { item.text };
        ContactItem { text, ..item }
    }

    fn item(&self, contact: &Contact) -> ContactItem {
        let presence = presence(contact, self.model.session().is_online());
        let item = self.row(ChatId::Direct(contact.name().clone()), contact.name().as_str(), Some(presence));
        let item = if item.text.is_empty() {
            ContactItem { text: standing(Some(contact), self.clock, self.now), ..item }
        } else {
            item
        };
        if contact.is_blocked() {
            let text = "Blocked".to_owned();
            return ContactItem { blocked: true, lead: String::new(), text, badge: ItemBadge::None, ..item };
        }
        self.with_private(item, contact.name())
    }

    /// The row of somebody with whom there is a private session, or who asks for one: it says so, and opens its tab.
    fn with_private(&self, item: ContactItem, name: &UserName) -> ContactItem {
        let private = ChatId::Private(name.clone());
        let shown = self.state.shown.as_ref() == Some(&private);
        let unread = |chat: &ChatId| self.model.chats().get(chat).map_or(0, Chat::unread);
        let is_over = matches!(self.model.privates().get(name), Some(PrivateStage::Over { .. }) | None);
        if is_over && !shown {
            return item;
        }
        let text = private_words(self.model, name);
        let in_session = self.model.privates().open(name).is_some();
        let unread_direct = unread(&item.chat);
        let unread_private = unread(&private);
        // What waits through the server is not hidden behind the session; a question is, for its minute.
        let asks = matches!(self.model.privates().get(name), Some(PrivateStage::Asked { .. }));
        if unread_direct > 0 && unread_private == 0 && !shown && !asks {
            return ContactItem { in_session, ..item };
        }
        let selected = shown || item.selected;
        // Once the session is over, a click leads back to the chat through the server.
        let chat = if in_session && !item.selected { private } else { item.chat };
        let badge = match (unread_private, unread_direct) {
            (0, 0) => ItemBadge::None,
            (0, direct) => ItemBadge::Unread(direct),
            (private, _) => ItemBadge::UnreadPrivate(private),
        };
        let way = ItemWay::Private;
        let muted = self.model.chats().get(&chat).and_then(|known| muted(known, self.clock, self.now));
        ContactItem {
            muted,
            chat,
            lead: String::new(),
            text: text.to_owned(),
            badge,
            selected,
            way,
            in_session,
            ..item
        }
    }

    fn row(&self, chat: ChatId, name: &str, presence: Option<Presence>) -> ContactItem {
        let receipts = if self.state.hide_read { Receipts::Withheld } else { Receipts::Sent };
        let known = self.model.chats().get(&chat);
        let last = known.and_then(Chat::last);
        let shown = known.filter(|_| !self.state.hide_previews);
        let (lead, text) = shown.map_or_else(Default::default, |known| preview(known, last));
        ContactItem {
            name: name.to_owned(),
            presence,
            lead,
            text,
            time: last.map_or(String::new(), |last| self.clock.short(last.message.at, self.now)),
            badge: known.map_or(ItemBadge::None, |known| badge(known, last, receipts)),
            selected: self.state.shown.as_ref() == Some(&chat),
            blocked: false,
            muted: known.and_then(|known| muted(known, self.clock, self.now)),
            way: ItemWay::Server,
            in_session: false,
            chat,
        }
    }
}

/// That a chat is muted, with the end of that: "Muted until 17:30".
pub(super) fn muted(chat: &Chat, clock: &Clock, now: Timestamp) -> Option<String> {
    super::quiet::until(clock, chat.mute(), now).map(|until| format!("Muted{until}"))
}

/// Where the private session with somebody stands, in words.
pub(super) fn private_words(model: &Model, name: &UserName) -> &'static str {
    match model.privates().get(name) {
        Some(PrivateStage::Open(_)) => "Private session open",
        Some(PrivateStage::Asked { .. }) => "Asks for a private session",
        Some(PrivateStage::Asking { .. }) => "Asked for a private session",
        Some(PrivateStage::Linking) => "Connecting the devices",
        Some(PrivateStage::Over { .. }) | None => "Private session over",
    }
}

/// How a contact's presence is drawn: its shape stays while the line is lost, its colour goes.
pub(super) const fn presence(contact: &Contact, line: bool) -> Presence {
    match (contact.is_online(), line) {
        (true, true) => Presence::Online,
        (true, false) => Presence::WasOnline,
        (false, true) => Presence::Offline,
        (false, false) => Presence::WasOffline,
    }
}

fn preview(chat: &Chat, last: Option<&Message>) -> (String, String) {
    if !chat.draft().trim().is_empty() {
        return ("Draft: ".to_owned(), shortened(chat.draft()));
    }
    let Some(last) = last else { return Default::default() };
    let lead = match (&last.message.direction, chat.id()) {
        (Direction::Outgoing(_), _) => "You: ".to_owned(),
        (Direction::Incoming { .. }, ChatId::Everyone) => format!("{}: ", last.message.author),
        (Direction::Incoming { .. }, ChatId::Direct(_) | ChatId::Private(_)) => String::new(),
    };
    (lead, shortened(last.message.text.as_str()))
}

fn shortened(text: &str) -> String {
    first_line(text).chars().take(PREVIEW_CHARS).collect()
}

fn badge(chat: &Chat, last: Option<&Message>, receipts: Receipts) -> ItemBadge {
    if chat.unread() > 0 {
        return ItemBadge::Unread(chat.unread());
    }
    match last.map(|last| &last.message.direction) {
        Some(Direction::Outgoing(outgoing)) => ItemBadge::Mark(mark(chat.id(), outgoing, receipts)),
        Some(Direction::Incoming { .. }) | None => ItemBadge::None,
    }
}

/// What stands beside a name in a head: "Online since 08:52", "Last seen 3 Nov", "Offline".
pub(super) fn standing(contact: Option<&Contact>, clock: &Clock, now: Timestamp) -> String {
    use whoelse_proto::Presence::{Offline, Online};
    match contact {
        None => "No account on this server".to_owned(),
        Some(contact) if contact.is_gone() => "No account on this server any more".to_owned(),
        Some(contact) => match contact.presence() {
            Online { since } => format!("Online since {}", clock.since(since, now)),
            Offline { last_seen: Some(at) } => format!("Last seen {}", clock.since(at, now)),
            Offline { last_seen: None } => "Offline".to_owned(),
        },
    }
}

/// How many are online, in words.
pub(super) fn how_many(model: &Model) -> String {
    match model.contacts().count(Section::Online) {
        0 => "Nobody else online".to_owned(),
        1 => "1 person online".to_owned(),
        many => format!("{many} people online"),
    }
}

/// The name by which a chat is filed: that of its contact, or everyone's.
pub(super) fn contact<'a>(model: &'a Model, chat: &ChatId) -> Option<&'a Contact> {
    match chat {
        ChatId::Everyone => None,
        ChatId::Direct(name) | ChatId::Private(name) => model.contacts().get(name),
    }
}
