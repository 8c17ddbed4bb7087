//! What each action changes and asks for.

use whoelse_proto::{Agent, Invitation, MessageId, Seconds, Timestamp};

use super::action::{Action, Effect, Look};
use super::asks::Matter;
use super::chat::Chat;
use super::session::{Parting, Phase, Server};
use super::{Model, Search};
use crate::command::CommandLine;
use crate::message::{ChatId, RowId};
use crate::request::{Ask, Request, SignIn};
use crate::search::SearchFor;

/// Messages that a search lists; whoever looks for more says more.
const MAX_HITS: usize = 200;

impl Model {
    pub(super) fn act(&mut self, action: Action, now: Timestamp, out: &mut Vec<Effect>) {
        match action {
            Action::SignIn(sign_in) => self.sign_in(sign_in, out),
            Action::Trust => self.trust(out),
            Action::Cancel => self.cancel(out),
            Action::RetryNow => request([Request::RetryNow], out),
            Action::BeginHistoryAnew(sign_in) => {
                request([Request::SetHistoryAside], out);
                self.sign_in(sign_in, out);
            }
            Action::SignOut => self.sign_out(now, out),
            Action::Stay => request(self.asks.ask(Matter::Stay, Ask::Stay), out),
            Action::ChangePassword { old, new } => {
                let ask = self.asks.note(Matter::Password);
                request(ask.map(|ask| Request::ChangePassword { ask, old, new }), out);
            }
            Action::Open { chat } => self.open(&chat, now, out),
            Action::Close { chat } => self.close(&chat, now, out),
            Action::Look(look) => self.look_at(look, now, out),
            Action::Draft { chat, draft } => {
                request(self.chats.change(&chat, |chat| chat.set_draft(draft, now)), out);
            }
            Action::KeepDrafts => request(self.chats.keep_drafts(now), out),
            Action::Reply { chat, to } => self.chats.change(&chat, |chat| chat.reply(to)),
            Action::Write { id, chat, text } => {
                request(self.chats.change(&chat, |chat| chat.write(id, text, now)), out);
            }
            Action::Retry { chat, id, again } => request(self.chats.change(&chat, |chat| chat.retry(id, again)), out),
            Action::Delete { chat, id } => request(self.chats.change(&chat, |chat| chat.delete(id)), out),
            Action::Seen { chat, row } => request(self.chats.change(&chat, |chat| chat.seen(row)), out),
            Action::ForgetNew { chat } => self.chats.change(&chat, Chat::forget_new),
            Action::LoadOlder { chat } => request(self.chats.change(&chat, Chat::load_older), out),
            Action::LoadNewer { chat } => request(self.chats.change(&chat, Chat::load_newer), out),
            Action::Jump { chat, row } => self.jump(&chat, row, now, out),
            Action::Jumped { chat } => self.chats.change(&chat, Chat::jumped),
            Action::Earliest { chat } => request(self.chats.change(&chat, Chat::earliest), out),
            Action::Latest { chat } => request(self.chats.change(&chat, Chat::latest), out),
            Action::Block { name } => request(self.asks.ask(Matter::Block(name.clone()), Ask::Block(name)), out),
            Action::Unblock { name } => request(self.asks.ask(Matter::Unblock(name.clone()), Ask::Unblock(name)), out),
            Action::Mute { chat, mute } => request([self.chats.change(&chat, |chat| chat.set_mute(mute))], out),
            Action::WhoElse { since } => request(self.asks.ask_table(since, now), out),
            Action::Search(what) => self.begin_search(what, out),
            Action::Dismiss { notice } => self.notices.dismiss(notice),
            Action::Private(command) => self.private(command, now, out),
            Action::Verify { peer } => self.verify(peer, out),
            Action::TrustDevice { peer } => self.trust_device(peer, out),
            Action::Files(order) => self.order(order, out),
            Action::SearchFiles(search) => {
                self.transfers.search_begun();
                request(self.asks.ask(Matter::SearchFile, search.into_ask()), out);
            }
            Action::Run { line, id } => self.run(line, id, now, out),
        }
    }

    /// Signs in. Another user, or another server, is another history: nothing of the one before stays on screen.
    fn sign_in(&mut self, sign_in: SignIn, out: &mut Vec<Effect>) {
        let address = |server: &Server| (server.address.host.clone(), server.address.port);
        let before = (self.session.me.clone(), self.session.server.as_ref().map(address));
        let next = (Some(sign_in.name.clone()), Some((sign_in.server.host.clone(), sign_in.server.port)));
        if before != next {
            if before.0.is_some() {
                *self = Self { look: self.look, revision: self.revision, ..Self::default() };
            }
            // The secret of an invitation is for the sign-in alone.
            let address = Invitation { secret: None, ..sign_in.server.clone() };
            self.session.server =
                Some(Server { address, title: Agent::default(), registration: None, fingerprint: None });
        }
        self.session.me = Some(sign_in.name.clone());
        self.session.phase = Phase::Connecting;
        request([Request::SignIn(sign_in)], out);
    }

    fn trust(&mut self, out: &mut Vec<Effect>) {
        if let Phase::UnknownServer { shown } = self.session.phase {
            self.session.phase = Phase::Connecting;
            request([Request::Trust { fingerprint: shown }], out);
        }
    }

    fn cancel(&mut self, out: &mut Vec<Effect>) {
        self.session.part(Parting::Cancelled);
        request([Request::Cancel], out);
    }

    fn sign_out(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        request(self.chats.keep_drafts(now), out);
        self.session.phase = Phase::SigningOut;
        request([Request::SignOut], out);
    }

    fn open(&mut self, chat: &ChatId, now: Timestamp, out: &mut Vec<Effect>) {
        if self.go_to(chat, now, out) {
            request(self.chats.open(chat), out);
        }
    }

    fn jump(&mut self, chat: &ChatId, row: RowId, now: Timestamp, out: &mut Vec<Effect>) {
        self.go_to(chat, now, out);
        request(self.chats.change(chat, |chat| chat.jump_to(row)), out);
    }

    /// Leaves the open chat for another: its line above new messages has done its work. Says whether it is another.
    fn go_to(&mut self, chat: &ChatId, now: Timestamp, out: &mut Vec<Effect>) -> bool {
        let left = self.open.replace(chat.clone());
        if left.as_ref() == Some(chat) {
            return false;
        }
        if let Some(left) = left {
            self.chats.change(&left, Chat::forget_new);
        }
        request(self.chats.keep_drafts(now), out);
        true
    }

    fn close(&mut self, chat: &ChatId, now: Timestamp, out: &mut Vec<Effect>) {
        request(self.chats.keep_drafts(now), out);
        self.chats.change(chat, Chat::close);
        self.close_private(chat);
        self.open.take_if(|open| open == chat);
    }

    fn look_at(&mut self, look: Look, now: Timestamp, out: &mut Vec<Effect>) {
        self.look = look;
        if look == Look::Away {
            request(self.chats.keep_drafts(now), out);
        }
    }

    fn begin_search(&mut self, what: SearchFor, out: &mut Vec<Effect>) {
        if what.is_blank() {
            self.search = None;
            return;
        }
        self.search = Some(Search { what: what.clone(), hits: None });
        request([Request::Search { what, limit: MAX_HITS }], out);
    }

    /// Runs a command as the control would that does the same, and shows where its outcome is seen.
    fn run(&mut self, line: CommandLine, id: MessageId, now: Timestamp, out: &mut Vec<Effect>) {
        match line {
            CommandLine::Message { to, text } => {
                let chat = ChatId::Direct(to);
                self.act(Action::Open { chat: chat.clone() }, now, out);
                self.act(Action::Write { id, chat, text }, now, out);
            }
            CommandLine::Broadcast { text } => {
                let chat = ChatId::Everyone;
                self.act(Action::Open { chat: chat.clone() }, now, out);
                self.act(Action::Write { id, chat, text }, now, out);
            }
            CommandLine::Whoelse => self.run_who_else(None, now, out),
            CommandLine::Whoelsesince(since) => self.run_who_else(Some(since), now, out),
            CommandLine::Block(name) => self.act(Action::Block { name }, now, out),
            CommandLine::Unblock(name) => self.act(Action::Unblock { name }, now, out),
            CommandLine::Blocked => request(self.asks.ask(Matter::ShowBlocked, Ask::Blocked), out),
            CommandLine::StartPrivate(_)
            | CommandLine::Accept(_)
            | CommandLine::Decline(_)
            | CommandLine::Private { .. }
            | CommandLine::StopPrivate(_)
            | CommandLine::Verify(_)
            | CommandLine::TrustDevice(_) => self.run_private(line, id, now, out),
            CommandLine::PrivateDownload { .. }
            | CommandLine::SendFile { .. }
            | CommandLine::TakeFile(_)
            | CommandLine::RefuseFile(_)
            | CommandLine::PauseFile(_)
            | CommandLine::ResumeFile(_)
            | CommandLine::CancelFile(_)
            | CommandLine::Register(_)
            | CommandLine::Unregister(_)
            | CommandLine::SearchFile(_)
            | CommandLine::SearchChunk(..)
            | CommandLine::Shared(_)
            | CommandLine::Download { .. } => {
                if let Some(action) = line.into_file_action() {
                    self.act(action, now, out);
                }
            }
            CommandLine::History { with, .. } => {
                let chat = with.map_or(ChatId::Everyone, ChatId::Direct);
                self.act(Action::Open { chat }, now, out);
            }
            CommandLine::Search { words } => self.begin_search(SearchFor::words(words, None), out),
            CommandLine::Reply { to, text } => out.push(Effect::Request(Request::Reply { id, to, text })),
            CommandLine::Stay => self.act(Action::Stay, now, out),
            CommandLine::Passwd { old, new } => self.act(Action::ChangePassword { old, new }, now, out),
            CommandLine::Help(about) => out.push(Effect::ShowHelp(about)),
            CommandLine::Logout => self.act(Action::SignOut, now, out),
        }
    }

    fn run_who_else(&mut self, since: Option<Seconds>, now: Timestamp, out: &mut Vec<Effect>) {
        self.act(Action::WhoElse { since }, now, out);
        out.push(Effect::ShowWhoElse);
    }
}

fn request(requests: impl IntoIterator<Item = Request>, out: &mut Vec<Effect>) {
    out.extend(requests.into_iter().map(Effect::Request));
}
