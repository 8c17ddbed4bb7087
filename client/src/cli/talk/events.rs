//! From events to news.

use whoelse_model::command::CommandKind;
use whoelse_model::{AskId, ChatId, Event, Message, Outgoing, OutgoingState, PasswordFault, Request, Welcome};
use whoelse_proto::{Answer, MessageId, Refusal, SessionEnd, SessionKind, Timestamp};

use super::super::news::{Back, End, Failure, News, Recipient, Sent, SentState};
use super::super::outcome::Status;
use super::{Commander, Do, LineIs, REST_MS, Stage, Talk, answer};

/// Messages of which it is remembered that they were said to be delivered: those that may be read in that moment.
const MOST_DELIVERED: usize = 256;

impl Talk {
    /// Says what an event means, and notes what it changes.
    pub(super) fn event(&mut self, event: Event, now: Timestamp, out: &mut Vec<Do>) {
        match event {
            Event::WrongPasswords(missed) => out.push(Do::Say(News::WrongPasswords(missed))),
            Event::Welcomed(welcome) => self.welcomed(&welcome, out),
            Event::LineLost { cause, retry_at } => self.line_lost(cause, retry_at, now, out),
            Event::SessionEnded(reason) => self.session_ended(reason, now, out),
            Event::LoginRefused(refusal) => {
                out.push(Do::Say(News::LoginRefused(refusal)));
                self.over(Status::LoginRefused, out);
            }
            Event::ServerKeyChanged { pinned, shown, .. } => {
                out.push(Do::Say(News::Failed(Failure::key_changed(pinned, shown))));
                self.over(Status::LoginRefused, out);
            }
            Event::ConnectFailed { cause } => {
                out.push(Do::Say(News::Failed(Failure::connect(&cause))));
                self.over(Status::ConnectionLost, out);
            }
            Event::HistoryUnusable(trouble) => {
                out.push(Do::Say(News::Failed(Failure::history(&trouble))));
                self.over(Status::Usage, out);
            }
            Event::Roster { users, complete } => self.people.roster(users, complete),
            Event::Presence(changes) => {
                for change in changes {
                    self.people.changed(&change);
                    out.push(Do::Say(News::Presence(change)));
                }
            }
            Event::Saved(message) => self.saved(&message, out),
            Event::SaveFailed { id, cause } => self.save_failed(id, cause, out),
            Event::Progressed { chat, id, outgoing } => self.progressed(&chat, id, &outgoing, out),
            Event::Received(message) => self.received(message, out),
            Event::Answered { ask, result } => self.answered(ask, result, out),
            Event::Unanswered { ask } => self.unanswered(ask, out),
            Event::PasswordAnswered { ask, result } => self.password_answered(ask, result, out),
            Event::InactivityWarning { remaining } => out.push(Do::Say(News::InactivityWarning(remaining))),
            Event::DiskTrouble { cause } => out.push(Do::Say(News::Failed(Failure::disk(cause)))),
            Event::PrivateAsked { .. }
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
            | Event::FilesAnswered { .. } => self.private_event(event, out),
            Event::Recalled { ask, messages } => self.recalled(ask, messages, out),
            Event::NoSuchMessage { id } => self.no_such_message(id, out),
            // The sign-in is over before the talk begins; the rest was not asked for.
            Event::Connecting
            | Event::UnknownServer { .. }
            | Event::Greeted { .. }
            | Event::Deleted { .. }
            | Event::History(_)
            | Event::Exported(_)
            | Event::Found { .. }
            | Event::Chats(_)
            | Event::Cleared { .. } => {}
        }
    }

    fn welcomed(&mut self, welcome: &Welcome, out: &mut Vec<Do>) {
        let LineIs::Down { told, .. } = self.line else { return };
        self.line = LineIs::Up;
        let back = match (welcome.session, told) {
            (_, Some(_)) => Back::Next,
            (SessionKind::New, None) => Back::Anew,
            (SessionKind::Resumed, None) => Back::Unnoticed,
        };
        out.push(Do::Say(News::LineBack(back)));
    }

    fn line_lost(&mut self, cause: String, retry_at: Timestamp, now: Timestamp, out: &mut Vec<Do>) {
        let is_new = self.line == LineIs::Up;
        if is_new {
            self.line = LineIs::Down { since: now, told: None };
        }
        // The first short waits are said once, the long ones each time.
        if is_new || retry_at.seconds_since(now).get() >= LONG_WAIT_S {
            out.push(Do::Say(News::LineLost { cause, retry_at, now }));
        }
    }

    fn session_ended(&mut self, reason: SessionEnd, now: Timestamp, out: &mut Vec<Do>) {
        out.push(Do::Say(News::SessionEnd(End::Told(reason))));
        match reason {
            // The runtime goes on trying.
            SessionEnd::ServerStop | SessionEnd::TooSlow => {
                self.line = LineIs::Down { since: now, told: Some(End::Told(reason)) };
            }
            SessionEnd::Logout | SessionEnd::Timeout => {
                let undone = !self.messages.is_empty() || self.held.is_some();
                let status = if undone { Status::ConnectionLost } else { self.status };
                if self.stage == Stage::LoggingOut {
                    self.status = status;
                    self.stage = Stage::Resting { until: now.plus_millis(REST_MS) };
                } else {
                    self.over(status, out);
                }
            }
            SessionEnd::Replaced | SessionEnd::Revoked => self.over(Status::ConnectionLost, out),
        }
    }

    /// The session is over for good. A person who did not ask for that is left to read why.
    fn over(&mut self, status: Status, out: &mut Vec<Do>) {
        match (self.commander, self.stage) {
            (Commander::Person, Stage::Open) => {
                self.stage = Stage::Over(status);
                out.push(Do::Say(News::PressEnter));
            }
            (Commander::Person | Commander::Program, _) => out.push(Do::Finish(status)),
        }
    }

    fn saved(&self, message: &Message, out: &mut Vec<Do>) {
        if self.line != LineIs::Up {
            self.say_sent(message.message.id, &message.message.chat, SentState::Saved, out);
        }
    }

    fn save_failed(&mut self, id: MessageId, cause: String, out: &mut Vec<Do>) {
        let awaited = self.messages.remove(&id);
        let kind = awaited.as_ref().map_or(CommandKind::Message, |awaited| awaited.kind);
        self.fail();
        let reference = awaited.and_then(|awaited| awaited.reference);
        out.push(answer(reference, News::Failed(Failure::not_saved(kind, cause))));
    }

    fn no_such_message(&mut self, id: MessageId, out: &mut Vec<Do>) {
        let Some(awaited) = self.messages.remove(&id) else { return };
        self.fail();
        out.push(answer(awaited.reference, News::Failed(Failure::no_such_message(awaited.kind))));
    }

    fn recalled(&mut self, ask: AskId, messages: Vec<Message>, out: &mut Vec<Do>) {
        let (Some(awaited), Some(what)) = (self.asks.remove(&ask), self.recalled.remove(&ask)) else { return };
        out.push(answer(awaited.reference, News::Recalled { what, messages }));
    }

    fn progressed(&mut self, chat: &ChatId, id: MessageId, outgoing: &Outgoing, out: &mut Vec<Do>) {
        let awaited = self.messages.contains_key(&id);
        match outgoing.state() {
            // Back in the outbox.
            OutgoingState::Saved => {}
            OutgoingState::Refused(refusal) => self.message_refused(chat, id, refusal, out),
            OutgoingState::Accepted => self.accepted(chat, id, outgoing, out),
            OutgoingState::Lost => {
                if awaited {
                    self.accepted(chat, id, outgoing, out);
                }
                self.say_sent(id, chat, SentState::Lost, out);
            }
            state @ (OutgoingState::Delivered | OutgoingState::Read) => {
                if awaited {
                    self.accepted(chat, id, outgoing, out);
                }
                // Read at the moment of the delivery: that is the first that is heard of either.
                let is_first = state == OutgoingState::Delivered || outgoing.delivered_at == outgoing.read_at;
                if (awaited || is_first) && !self.delivered.contains(&id) {
                    if self.delivered.len() >= MOST_DELIVERED {
                        self.delivered.pop_front();
                    }
                    self.delivered.push_back(id);
                    self.say_sent(id, chat, SentState::Delivered, out);
                }
            }
        }
    }

    fn accepted(&mut self, chat: &ChatId, id: MessageId, outgoing: &Outgoing, out: &mut Vec<Do>) {
        let reference = self.messages.remove(&id).and_then(|awaited| awaited.reference);
        out.push(answer(reference, News::Sent(self.sent(id, chat, SentState::Accepted))));
        if outgoing.skipped {
            out.push(Do::Say(News::Skipped));
        }
    }

    fn message_refused(&mut self, chat: &ChatId, id: MessageId, refusal: Refusal, out: &mut Vec<Do>) {
        let awaited = self.messages.remove(&id);
        self.fail();
        let (kind, about) = match chat {
            ChatId::Everyone => (CommandKind::Broadcast, None),
            ChatId::Direct(name) => (CommandKind::Message, Some(name)),
            ChatId::Private(name) => (CommandKind::Private, Some(name)),
        };
        let kind = awaited.as_ref().map_or(kind, |awaited| awaited.kind);
        let reference = awaited.and_then(|awaited| awaited.reference);
        out.push(answer(reference, News::Failed(Failure::refused(kind, refusal, about))));
    }

    fn say_sent(&self, id: MessageId, chat: &ChatId, state: SentState, out: &mut Vec<Do>) {
        out.push(Do::Say(News::Sent(self.sent(id, chat, state))));
    }

    fn sent(&self, id: MessageId, chat: &ChatId, state: SentState) -> Sent {
        let recipient = match chat {
            ChatId::Everyone => Recipient::Online,
            ChatId::Direct(name) | ChatId::Private(name) => self.people.is_there(name),
        };
        Sent { id, chat: chat.clone(), state, recipient }
    }

    /// What a person sees is read.
    fn received(&self, message: Message, out: &mut Vec<Do>) {
        let mut then = vec![Request::Shown { ids: vec![message.message.id] }];
        if self.commander == Commander::Person {
            then.push(Request::MarkRead { chat: message.message.chat.clone(), row: message.row });
        }
        out.push(Do::Show { message, then });
    }

    fn answered(&mut self, ask: AskId, result: Result<Answer, Refusal>, out: &mut Vec<Do>) {
        let Some(awaited) = self.asks.remove(&ask) else { return };
        let news = match result {
            Ok(Answer::Users(users)) if awaited.kind == CommandKind::Whoelsesince => News::Whoelsesince(users),
            Ok(Answer::Users(users)) => News::Whoelse(users),
            Ok(Answer::Names(names)) => News::Blocked(names),
            Ok(Answer::Found(found)) => News::Files(found),
            Ok(
                Answer::Done {}
                | Answer::Accepted { .. }
                | Answer::States(_)
                | Answer::Standing(_)
                | Answer::Registered { .. },
            ) => News::Done { kind: awaited.kind, about: awaited.about },
            Err(refusal) => {
                self.fail();
                News::Failed(Failure::refused(awaited.kind, refusal, awaited.about.as_ref()))
            }
        };
        out.push(answer(awaited.reference, news));
    }

    fn password_answered(&mut self, ask: AskId, result: Result<(), PasswordFault>, out: &mut Vec<Do>) {
        let Some(awaited) = self.asks.remove(&ask) else { return };
        let news = match result {
            Ok(()) => News::Done { kind: awaited.kind, about: None },
            Err(fault) => {
                self.fail();
                News::Failed(Failure::password_kept(&fault))
            }
        };
        out.push(answer(awaited.reference, news));
    }

    fn unanswered(&mut self, ask: AskId, out: &mut Vec<Do>) {
        let Some(awaited) = self.asks.remove(&ask) else { return };
        self.fail();
        self.recalled.remove(&ask);
        out.push(answer(awaited.reference, News::Failed(Failure::unanswered(awaited.kind))));
    }
}

/// A wait of which a person is told each time, in seconds.
const LONG_WAIT_S: u64 = 8;
