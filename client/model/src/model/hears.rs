//! What each event changes.

use std::collections::BTreeMap;

use whoelse_proto::{Answer, LoginRefusal, MessageId, Refusal, SessionKind, Timestamp};

use super::action::{Effect, Look, Notification};
use super::asks::{Matter, WhoElseAnswer, users};
use super::notices::NoticeKind;
use super::private::DeviceChange;
use super::session::{Parting, Phase};
use super::{Chat, Contact, Model};
use crate::event::{ChatSummary, Event, HistoryPage, PasswordFault, Welcome};
use crate::message::{ChatId, Message, Outgoing, OutgoingState, RowId};
use crate::request::{Ask, AskId};
use crate::search::SearchFor;

impl Model {
    pub(super) fn hear(&mut self, event: Event, now: Timestamp, out: &mut Vec<Effect>) {
        match event {
            Event::Connecting => self.session.connecting(),
            Event::UnknownServer { shown } => self.session.phase = Phase::UnknownServer { shown },
            Event::ServerKeyChanged { pinned, pinned_at, shown } => {
                self.session.phase = Phase::ServerKeyChanged { pinned, pinned_at, shown };
            }
            Event::Greeted { title, registration, fingerprint } => {
                if let Some(server) = &mut self.session.server {
                    server.title = title;
                    server.registration = Some(registration);
                    server.fingerprint = Some(fingerprint);
                }
            }
            Event::LoginRefused(refusal) => self.login_refused(refusal, now),
            Event::WrongPasswords(missed) => self.notices.add(NoticeKind::WrongPasswords(missed), now),
            Event::Welcomed(welcome) => self.welcomed(welcome, out),
            Event::LineLost { cause, retry_at } => self.session.line_lost(cause, retry_at, now),
            Event::ConnectFailed { cause } => self.session.part(Parting::Failed { cause }),
            Event::HistoryUnusable(trouble) => self.session.part(Parting::HistoryUnusable(trouble)),
            Event::SessionEnded(reason) => self.session.part(Parting::Ended(reason)),
            Event::Roster { users, complete } => self.contacts.roster(users, complete),
            Event::Presence(changes) => self.contacts.presence(changes),
            Event::Saved(message) => self.add(message),
            Event::SaveFailed { id, cause } => self.save_failed(id, &cause),
            Event::Progressed { chat, id, outgoing } => self.progressed(&chat, id, &outgoing),
            Event::Received(message) => self.received(message, now, out),
            Event::Deleted { chat, id } => self.deleted(&chat, id, out),
            Event::Answered { ask, result } => self.answered(ask, result, now),
            Event::Unanswered { ask } => self.unanswered(ask, now),
            Event::PasswordAnswered { ask, result } => self.password_answered(ask, result, now, out),
            Event::InactivityWarning { remaining } => self.session.deadline = Some(now.plus(remaining)),
            Event::History(page) => self.history(page, out),
            // Whoever asked for them takes them.
            Event::Exported(_) | Event::Recalled { .. } => {}
            Event::NoSuchMessage { id } => self.save_failed(id, "the message it answers is not here"),
            Event::Found { what, hits } => self.found(&what, hits),
            Event::Chats(chats) => self.summaries(chats, out),
            Event::Cleared { chat } => out.extend(self.chats.cleared(chat.as_ref()).into_iter().map(Effect::Request)),
            Event::DiskTrouble { cause } => self.notices.add_trouble(cause, now),
            Event::PrivateAsked { by, until } => self.private_asked(by, until, out),
            Event::PrivateOpened(session) => self.private_opened(session, now),
            Event::PrivateInterrupted { peer } => self.private_interrupted(peer),
            Event::PrivateResumed { peer, route } => self.private_resumed(&peer, route),
            Event::PrivateRerouted { peer, route } => self.private_rerouted(&peer, route),
            Event::PrivateEnded { peer, why } => self.private_ended(peer, why, now),
            Event::IntroductionRefused { peer: user, cause } => {
                self.notices.add(NoticeKind::IntroductionRefused { user, cause }, now);
            }
            Event::DeviceChanged { peer, pinned, pinned_at, shown } => {
                self.device_changed(peer, DeviceChange { pinned, pinned_at, shown }, now);
            }
            Event::Verified { peer, device } => self.verified(&peer, device),
            Event::Transferred(transfer) => self.transferred(transfer, now, out),
            Event::Shares(shares) => self.transfers.share(shares),
            Event::FilesAnswered { ask, result } => self.files_answered(ask, result, now),
        }
    }

    fn login_refused(&mut self, refusal: LoginRefusal, now: Timestamp) {
        let until = match &refusal {
            LoginRefusal::Locked { retry_after } => Some(now.plus(*retry_after)),
            LoginRefusal::WrongPassword { .. }
            | LoginRefusal::AlreadyOnline {}
            | LoginRefusal::UnknownUser { .. }
            | LoginRefusal::NameTaken { .. }
            | LoginRefusal::RegistrationClosed { .. }
            | LoginRefusal::TokenInvalid {}
            | LoginRefusal::Storage {} => None,
        };
        self.session.part(Parting::Refused { refusal, until });
    }

    fn welcomed(&mut self, welcome: Welcome, out: &mut Vec<Effect>) {
        // The server alone knows the blocks. To ask counts as an action, so that a session taken up again asks only if
        // the line was lost before a block was answered.
        if welcome.session == SessionKind::New || !self.asks.blocks_are_known {
            out.extend(self.asks.ask(Matter::Blocked, Ask::Blocked).map(Effect::Request));
        }
        self.session.phase = Phase::Online;
        self.session.me = Some(welcome.name.clone());
        self.session.welcome = Some(welcome);
        self.session.deadline = None;
    }

    /// A message is new to the history.
    fn add(&mut self, message: Message) {
        let chat = message.message.chat.clone();
        self.chats.change(&chat, |chat| chat.add(message));
        self.place_contact(&chat);
    }

    /// Puts the contact of a direct chat where its newest message belongs.
    fn place_contact(&mut self, chat: &ChatId) {
        let row = self.chats.get(chat).map_or(RowId::default(), Chat::last_row);
        match chat {
            ChatId::Direct(name) => self.contacts.wrote(name, row),
            ChatId::Everyone | ChatId::Private(_) => {}
        }
    }

    fn received(&mut self, message: Message, now: Timestamp, out: &mut Vec<Effect>) {
        let chat = message.message.chat.clone();
        let (author, text) = (message.message.author.clone(), message.message.text.clone());
        if self.open.as_ref() == Some(&chat) && self.look == Look::Away {
            self.chats.change(&chat, Chat::arrives_unseen);
        }
        self.add(message);
        let blocked = self.contacts.get(&author).is_some_and(Contact::is_blocked);
        if !blocked && !self.is_visible(&chat) && self.chats.change(&chat, |chat| chat.may_notify(now)) {
            out.push(Effect::Notify(Notification { chat, author, text }));
        }
    }

    fn save_failed(&mut self, id: MessageId, cause: &str) {
        if let Some(chat) = self.chats.with_unsaved(id) {
            self.chats.change(&chat, |chat| chat.save_failed(id, cause));
        }
    }

    fn progressed(&mut self, chat: &ChatId, id: MessageId, outgoing: &Outgoing) {
        match outgoing.state() {
            OutgoingState::Accepted | OutgoingState::Refused(_) => self.session.deadline = None,
            OutgoingState::Saved | OutgoingState::Delivered | OutgoingState::Read | OutgoingState::Lost => {}
        }
        self.chats.change(chat, |chat| chat.progress(id, outgoing));
    }

    fn deleted(&mut self, chat: &ChatId, id: MessageId, out: &mut Vec<Effect>) {
        let request = self.chats.change_known(chat, |chat| chat.deleted(id));
        self.place_contact(chat);
        out.extend(request.map(Effect::Request));
    }

    fn answered(&mut self, ask: AskId, result: Result<Answer, Refusal>, now: Timestamp) {
        let Some(matter) = self.asks.take(ask) else { return };
        // Done or refused, it was an action.
        self.session.deadline = None;
        let (command, user) = matter.words();
        let notice = match (&matter, &result) {
            (Matter::Table, _) => {
                self.asks.fill_table(ask, users(result));
                return;
            }
            (Matter::Blocked, Ok(Answer::Names(names))) => {
                self.asks.blocks_are_known = true;
                self.contacts.blocked(names);
                return;
            }
            (Matter::ShowBlocked, Ok(Answer::Names(names))) => {
                self.contacts.blocked(names);
                NoticeKind::Blocked { users: names.clone() }
            }
            (Matter::Block(name), Ok(_)) => {
                self.contacts.block(name);
                NoticeKind::Done { command, user }
            }
            (Matter::Unblock(name), Ok(_)) => {
                self.contacts.unblock(name);
                NoticeKind::Done { command, user }
            }
            (Matter::SearchFile, Ok(Answer::Found(found))) => {
                self.transfers.find(found.clone());
                return;
            }
            (
                Matter::Blocked
                | Matter::ShowBlocked
                | Matter::Stay
                | Matter::Password
                | Matter::StartPrivate(_)
                | Matter::AcceptPrivate(_)
                | Matter::DeclinePrivate(_)
                | Matter::StopPrivate(_)
                | Matter::SearchFile
                | Matter::Files,
                Ok(_),
            ) => return,
            (Matter::StartPrivate(name) | Matter::AcceptPrivate(name), Err(refusal)) => {
                self.private_refused(&name.clone());
                NoticeKind::Refused { command, user, refusal: *refusal }
            }
            (Matter::SearchFile, Err(refusal)) => {
                self.transfers.search_over();
                NoticeKind::Refused { command, user, refusal: *refusal }
            }
            (_, Err(refusal)) => NoticeKind::Refused { command, user, refusal: *refusal },
        };
        self.notices.add(notice, now);
    }

    fn password_answered(
        &mut self,
        ask: AskId,
        result: Result<(), PasswordFault>,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let Some(matter) = self.asks.take(ask) else { return };
        let (command, user) = matter.words();
        let notice = match result {
            Ok(()) => {
                out.push(Effect::PasswordChanged);
                NoticeKind::Done { command, user }
            }
            Err(fault) => NoticeKind::PasswordKept(fault),
        };
        self.notices.add(notice, now);
    }

    fn unanswered(&mut self, ask: AskId, now: Timestamp) {
        match self.asks.take(ask) {
            Some(Matter::Table) => self.asks.fill_table(ask, WhoElseAnswer::NoAnswer),
            // Asked again with the next welcome.
            Some(Matter::Blocked) => self.asks.blocks_are_known = false,
            None => {}
            Some(
                matter @ (Matter::Block(_)
                | Matter::Unblock(_)
                | Matter::ShowBlocked
                | Matter::Stay
                | Matter::Password
                | Matter::StartPrivate(_)
                | Matter::AcceptPrivate(_)
                | Matter::DeclinePrivate(_)
                | Matter::StopPrivate(_)
                | Matter::SearchFile
                | Matter::Files),
            ) => {
                if matter == Matter::SearchFile {
                    self.transfers.search_over();
                }
                self.asks.blocks_are_known &= !matches!(matter, Matter::Block(_) | Matter::Unblock(_));
                let (command, user) = matter.words();
                self.notices.add(NoticeKind::Unanswered { command, user }, now);
            }
        }
    }

    fn history(&mut self, page: HistoryPage, out: &mut Vec<Effect>) {
        let chat = page.chat.clone();
        let request = self.chats.change_known(&chat, |chat| chat.page(page));
        self.place_contact(&chat);
        out.extend(request.map(Effect::Request));
    }

    /// What the history has; words of a private session may stand here alone.
    fn found(&mut self, what: &SearchFor, hits: Vec<Message>) {
        let Some(search) = self.search.as_mut().filter(|search| search.what == *what) else { return };
        let here = what.chat.as_ref().filter(|chat| matches!(chat, ChatId::Private(_)));
        let here = here.and_then(|chat| self.chats.get(chat)).map(|chat| chat.timeline().search(what));
        let mut all: BTreeMap<RowId, Message> = hits.into_iter().map(|hit| (hit.row, hit)).collect();
        all.extend(here.into_iter().flatten().map(|hit| (hit.row, hit)));
        search.hits = Some(all.into_values().rev().collect());
    }

    /// What the history has of each chat. One that is open already, as after a restart, learns here what is new in it.
    fn summaries(&mut self, chats: Vec<ChatSummary>, out: &mut Vec<Effect>) {
        for summary in chats {
            let chat = summary.chat.clone();
            let is_open = self.open.as_ref() == Some(&chat);
            let request = self.chats.change(&chat, |chat| {
                chat.summary(summary);
                if is_open { chat.learn_new() } else { None }
            });
            self.place_contact(&chat);
            out.extend(request.map(Effect::Request));
        }
    }
}
