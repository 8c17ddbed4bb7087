//! What people do, by chance, and what they see of it.

use rand::RngExt;
use whoelse_model::{Action, ChatId, Credential, Direction, Event, Outgoing, OutgoingState, Phase, SignIn};
use whoelse_proto::{Invitation, MessageId, Password, Refusal, Seconds, Text, UserName};

use crate::client::Asked;
use crate::world::{Happening, World};

impl World {
    /// A person does something, and will do something else.
    pub(crate) fn person(&mut self, c: usize) {
        if self.is_healed {
            return;
        }
        let delay = if self.rng.random_bool(0.03) { 8_000 } else { self.rng.random_range(10..1_200) };
        self.later(delay, Happening::Person { client: c });
        if !self.clients[c].runs {
            return;
        }
        if matches!(self.clients[c].model.session().phase(), Phase::SignedOut(_)) {
            if self.rng.random_bool(0.5) {
                self.sign_in(c);
            }
            return;
        }
        if self.rng.random_bool(0.1) {
            self.burst(c);
        }
        if self.rng.random_bool(0.3) {
            let peer = self.somebody(c);
            self.meddle(c, peer);
        }
        if self.rng.random_bool(0.01) {
            let peer = self.somebody(c);
            self.ring(c, &peer);
        }
        let action = self.choose(c);
        self.act(c, action);
    }

    /// Several messages to one user in one breath.
    pub(crate) fn burst(&mut self, c: usize) {
        let chat = ChatId::Direct(self.somebody(c));
        for _ in 0..self.rng.random_range(2..8) {
            let action = self.write(chat.clone());
            self.act(c, action);
        }
    }

    pub(crate) fn sign_in(&mut self, c: usize) {
        let server = Invitation::at("echo-base".to_owned(), 3331);
        let password = Password::new("falcon").expect("a password");
        let credential = Credential::Password(password);
        self.act(c, Action::SignIn(SignIn::new(server, self.clients[c].name.clone(), credential)));
    }

    fn choose(&mut self, c: usize) -> Action {
        let chat = self.some_chat(c);
        let name = self.somebody(c);
        match self.rng.random_range(0..100) {
            0..45 => self.write(ChatId::Direct(name)),
            45..55 => self.write(ChatId::Everyone),
            55..61 => Action::Block { name },
            61..68 => Action::Unblock { name },
            68..71 => Action::WhoElse { since: None },
            71..73 => Action::WhoElse { since: Some(Seconds::new(self.rng.random_range(0..100))) },
            73..78 => Action::Open { chat },
            78..85 => self.see(c, chat),
            85..91 => self.retry_refused(c).unwrap_or(Action::Stay),
            91..93 => self.take_back(c).unwrap_or(Action::Stay),
            93..95 => Action::LoadOlder { chat },
            95..96 => Action::LoadNewer { chat },
            96..97 => Action::Latest { chat },
            97..99 => Action::Stay,
            _ => Action::SignOut,
        }
    }

    fn somebody(&mut self, c: usize) -> UserName {
        let other = self.rng.random_range(1..self.names.len());
        self.names[(c + other) % self.names.len()].clone()
    }

    fn some_chat(&mut self, c: usize) -> ChatId {
        if self.rng.random_bool(0.2) { ChatId::Everyone } else { ChatId::Direct(self.somebody(c)) }
    }

    pub(crate) fn write(&mut self, chat: ChatId) -> Action {
        let id = MessageId::new(self.now, self.rng.random());
        self.counts.written += 1;
        let text = Text::new(&format!("words {}", self.counts.written)).expect("a text");
        Action::Write { id, chat, text }
    }

    /// Opens a chat and reads it to its end.
    fn see(&mut self, c: usize, chat: ChatId) -> Action {
        self.act(c, Action::Open { chat: chat.clone() });
        let last = self.clients[c].model.chats().get(&chat).and_then(|chat| chat.last()).map(|last| last.row);
        match last {
            Some(row) => Action::Seen { chat, row },
            None => Action::Stay,
        }
    }

    fn own(&mut self, c: usize, state: impl Fn(OutgoingState) -> bool) -> Option<(ChatId, MessageId)> {
        let client = &self.clients[c];
        let of = |direction: &Direction| match direction {
            Direction::Outgoing(outgoing) => state(outgoing.state()),
            Direction::Incoming { .. } => false,
        };
        let own = client.disk.history.rows().iter().filter(|row| of(&row.message.direction));
        let own: Vec<_> = own.map(|row| (row.message.chat.clone(), row.message.id)).collect();
        let own: Vec<_> = own.into_iter().filter(|(_, id)| !client.retrying.contains(id)).collect();
        if own.is_empty() { None } else { Some(own[self.rng.random_range(0..own.len())].clone()) }
    }

    fn retry_refused(&mut self, c: usize) -> Option<Action> {
        let (chat, id) = self.own(c, |state| matches!(state, OutgoingState::Refused(_)))?;
        self.counts.retried += 1;
        let again = MessageId::new(self.now, self.rng.random());
        Some(Action::Retry { chat, id, again })
    }

    fn take_back(&mut self, c: usize) -> Option<Action> {
        let (chat, id) = self.own(c, |state| matches!(state, OutgoingState::Refused(_) | OutgoingState::Saved))?;
        self.oracle.delete_asked(id);
        Some(Action::Delete { chat, id })
    }

    /// What a client hears, as the oracle notes it.
    pub(crate) fn hear(&mut self, c: usize, event: &Event) {
        let now = self.now;
        let name = self.clients[c].name.clone();
        match event {
            Event::Received(message) => self.oracle.received(c, &name, message),
            Event::Progressed { id, outgoing, .. } => {
                self.clients[c].retrying.remove(id);
                self.count_outcome(outgoing);
                let hearers = self.certainly_online();
                self.oracle.progressed(*id, outgoing, &hearers);
            }
            Event::Saved(message) => self.oracle.saved(message.message.id),
            Event::Deleted { id, .. } => self.oracle.deleted(*id, self.clients[c].process),
            Event::Answered { ask, result } => {
                let asked = self.clients[c].asked.remove(ask).unwrap_or(Asked::Other);
                self.oracle.answered(&name, &asked, result, now);
            }
            Event::Unanswered { ask } => {
                let asked = self.clients[c].asked.remove(ask).unwrap_or(Asked::Other);
                self.oracle.unanswered(&name, &asked);
            }
            Event::SessionEnded(reason) => {
                self.clients[c].ended = Some(*reason);
                self.counts.timeouts += u32::from(*reason == whoelse_proto::SessionEnd::Timeout);
            }
            Event::LineLost { .. } => self.counts.lines_lost += 1,
            Event::Connecting
            | Event::UnknownServer { .. }
            | Event::ServerKeyChanged { .. }
            | Event::Greeted { .. }
            | Event::LoginRefused(_)
            | Event::WrongPasswords(_)
            | Event::Welcomed(_)
            | Event::ConnectFailed { .. }
            | Event::HistoryUnusable(_)
            | Event::Roster { .. }
            | Event::Presence(_)
            | Event::SaveFailed { .. }
            | Event::PasswordAnswered { .. }
            | Event::InactivityWarning { .. }
            | Event::History(_)
            | Event::Found { .. }
            | Event::PrivateAsked { .. }
            | Event::PrivateOpened(_)
            | Event::PrivateInterrupted { .. }
            | Event::PrivateResumed { .. }
            | Event::PrivateRerouted { .. }
            | Event::PrivateEnded { .. }
            | Event::IntroductionRefused { .. }
            | Event::DeviceChanged { .. }
            | Event::Verified { .. }
            | Event::Transferred(_)
            | Event::Shares(_)
            | Event::FilesAnswered { .. }
            | Event::Chats(_)
            | Event::Cleared { .. }
            | Event::Exported(_)
            | Event::Recalled { .. }
            | Event::NoSuchMessage { .. }
            | Event::DiskTrouble { .. } => {}
        }
    }

    fn count_outcome(&mut self, outgoing: &Outgoing) {
        match outgoing.state() {
            OutgoingState::Refused(Refusal::Blocked) => self.counts.blocked += 1,
            OutgoingState::Refused(Refusal::Full) => self.counts.full += 1,
            OutgoingState::Refused(_) => self.counts.refused += 1,
            OutgoingState::Saved
            | OutgoingState::Accepted
            | OutgoingState::Delivered
            | OutgoingState::Read
            | OutgoingState::Lost => {}
        }
        self.counts.skipped += u32::from(outgoing.skipped);
    }
}
