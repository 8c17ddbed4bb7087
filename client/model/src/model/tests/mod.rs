//! What is seen after each event and action, and what is asked for.

mod asks;
mod bursts;
mod chats;
mod contacts;
mod happenings;
mod private;
mod session;
mod timeline;

use whoelse_proto::{
    Invitation, MessageId, Password, Presence, RosterEntry, Seconds, SessionKind, Text, Timestamp, UserName,
};

use super::{Action, Effect, Input, Model};
use crate::event::{ChatSummary, Event, HistoryPage, Welcome};
use crate::message::{ChatId, Direction, Message, NewMessage, Outgoing, RowId};
use crate::mute::Mute;
use crate::request::{AskId, Credential, Place, Request, SignIn};

/// The moment of every input but where a test says otherwise.
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn text(raw: &str) -> Text {
    Text::new(raw).unwrap()
}

fn direct(peer: &str) -> ChatId {
    ChatId::Direct(name(peer))
}

fn id(n: u64) -> MessageId {
    MessageId::from_bytes(u128::from(n).to_be_bytes())
}

fn row(n: u64) -> RowId {
    RowId::new(n)
}

/// Row `n` of the history: from `author`.
fn arrived(n: u64, chat: ChatId, author: &str) -> Message {
    let direction = Direction::Incoming { stored: false };
    message(n, chat, author, direction)
}

/// Row `n` of the history: written by hans.
fn own(n: u64, chat: ChatId) -> Message {
    message(n, chat, "hans", Direction::Outgoing(Outgoing::default()))
}

fn message(n: u64, chat: ChatId, author: &str, direction: Direction) -> Message {
    let text = text(&format!("words {n}"));
    let message = NewMessage { id: id(n), chat, author: name(author), text, reply_to: None, at: NOW, direction };
    Message { row: row(n), message }
}

fn sign_in(user: &str, host: &str) -> SignIn {
    let server = Invitation::at(host.into(), 3331);
    SignIn::new(server, name(user), Credential::Password(Password::new("falcon").unwrap()))
}

fn welcome(session: SessionKind) -> Event {
    Event::Welcomed(Welcome { name: name("hans"), session, timeout: Seconds::new(1800), since: NOW, now: NOW })
}

fn online(user: &str) -> RosterEntry {
    RosterEntry { name: name(user), presence: Presence::Online { since: NOW } }
}

fn offline(user: &str) -> RosterEntry {
    RosterEntry { name: name(user), presence: Presence::Offline { last_seen: None } }
}

fn load(chat: ChatId, place: Place) -> Effect {
    Effect::Request(Request::LoadHistory { chat, place, limit: super::PAGE_ROWS })
}

/// Rows `from..=to` of yoda's chat, all of them yoda's.
fn page(from: u64, to: u64, more_before: bool, more_after: bool) -> Event {
    let messages = (from..=to).map(|n| arrived(n, direct("yoda"), "yoda")).collect();
    Event::History(HistoryPage { chat: direct("yoda"), messages, more_before, more_after })
}

fn summary(chat: ChatId, last: Option<Message>, unread: u32, read_to: u64) -> ChatSummary {
    ChatSummary { chat, last, unread, read_to: row(read_to), draft: String::new(), mute: Mute::No }
}

/// A model with a few words for what a test does to it.
#[derive(Default)]
struct Bench(Model);

impl Bench {
    /// Hans is in, with yoda and leia online and luke offline.
    fn online() -> Self {
        let mut bench = Self::default();
        bench.act(Action::SignIn(sign_in("hans", "echo-base")));
        bench.hear(welcome(SessionKind::New));
        bench.hear(Event::Roster { users: vec![online("yoda"), online("leia"), offline("luke")], complete: true });
        bench
    }

    /// Yoda's chat is open with these rows, all there are.
    fn reading(from: u64, to: u64) -> Self {
        let mut bench = Self::online();
        bench.act(Action::Open { chat: direct("yoda") });
        bench.hear(page(from, to, false, false));
        bench
    }

    fn hear(&mut self, event: Event) -> Vec<Effect> {
        self.0.handle(Input::Event(event), NOW)
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        self.act_at(action, NOW)
    }

    fn act_at(&mut self, action: Action, now: Timestamp) -> Vec<Effect> {
        self.0.handle(Input::Action(action), now)
    }

    fn names(&self) -> Vec<&str> {
        self.0.contacts().iter().map(|contact| contact.name().as_str()).collect()
    }

    fn rows(&self) -> Vec<u64> {
        self.yoda().timeline().iter().map(|entry| entry.message.row.get()).collect()
    }

    fn yoda(&self) -> &super::Chat {
        self.0.chats().get(&direct("yoda")).unwrap()
    }
}

#[test]
fn a_model_of_nobody_shows_the_chat_with_everyone() {
    let model = Model::new();

    let chats: Vec<&ChatId> = model.chats().iter().map(super::Chat::id).collect();
    assert_eq!(chats, [&ChatId::Everyone]);
    assert_eq!(model.contacts().iter().count(), 0);
}

#[test]
fn the_revision_grows_with_every_input() {
    let mut bench = Bench::default();
    let before = bench.0.revision();

    bench.hear(Event::Connecting);

    assert!(bench.0.revision() > before);
}

/// Of an ask, whichever it is.
fn ask(n: u64, what: crate::request::Ask) -> Effect {
    Effect::Request(Request::Ask { ask: AskId::new(n), what })
}
