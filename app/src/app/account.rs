//! The account that is signed in, and what the settings keep of it.

use whoelse_client::KnownServer;
use whoelse_model::{AddressPolicy, Credential, Phase, Receipts, Request, Retention, SignIn};
use whoelse_proto::{Invitation, UserName};

use super::App;
use crate::platform::settings::{Account, Settings};

impl App {
    /// Whose tabs these are.
    pub(super) fn account(&self) -> Option<Account> {
        let session = self.model().session();
        let server = session.server()?;
        let known = || {
            let at = |known: &KnownServer| known.host == server.address.host && known.port == server.address.port;
            self.profile.known_servers().into_iter().find(at).map(|known| known.fingerprint)
        };
        let fingerprint = server.fingerprint.or_else(known)?;
        Some(Account { server: fingerprint, name: session.name()?.clone() })
    }

    /// Notes the tabs; a session that is not there has none.
    pub(super) fn keep_tabs(&mut self) {
        if let Some(account) = self.account() {
            self.settings.set_tabs(self.tabs.kept(account));
            self.keep_settings();
        }
    }

    /// Tells the history whether messages stay on this computer.
    pub(super) fn retain(&mut self) {
        let wanted = if self.settings.keep_history { Retention::Keep } else { Retention::OutboxOnly };
        self.engine.ask(Request::Retain(wanted));
        let wanted = if self.settings.keep_private { Retention::Keep } else { Retention::OutboxOnly };
        self.engine.ask(Request::RetainPrivate(wanted));
    }

    /// Tells the runtime whether authors learn what was read.
    pub(super) fn tell_read(&mut self) {
        let receipts = if self.settings.send_receipts { Receipts::Sent } else { Receipts::Withheld };
        self.engine.ask(Request::TellRead(receipts));
    }

    /// Tells the runtime whom this computer's address may be shown.
    pub(super) fn show_address(&mut self) {
        let hides = self.settings.never_show_address;
        let policy = if hides { AddressPolicy::ToNobody } else { AddressPolicy::ToPeers };
        self.engine.ask(Request::ShowAddress(policy));
    }

    /// What the person chose about what is kept and shown applies, if it is another than before.
    pub(super) fn keep_as_chosen(&mut self, before: &Settings) {
        let kept = |settings: &Settings| (settings.keep_history, settings.keep_private);
        if kept(&self.settings) != kept(before) {
            self.retain();
        }
        if self.settings.send_receipts != before.send_receipts {
            self.tell_read();
            // What others have read is not shown either: every mark is made anew.
            self.chats.values_mut().for_each(super::open_chat::OpenChat::forget_entries);
        }
        if self.settings.never_show_address != before.never_show_address {
            self.show_address();
        }
    }

    /// Signs in with the session that the profile kept, if there is one.
    pub(super) fn resume(&mut self) {
        let kept = |known: &KnownServer| {
            let name: UserName = known.name.clone()?;
            let keeps = self.profile.keeps_token(&known.host, known.port, &name);
            let server = Invitation::at(known.host.clone(), known.port);
            keeps.then_some(SignIn::new(server, name, Credential::KeptToken))
        };
        let Some(attempt) = self.profile.known_servers().iter().find_map(kept) else { return };
        self.resuming = true;
        self.first.resume(attempt.clone());
        self.engine.act(whoelse_model::Action::SignIn(attempt));
    }

    /// Follows the session from signed out to signed in and back.
    pub(super) fn follow_session(&mut self) {
        let is_in = self.is_main_shown();
        if let Some(timeout) = self.model().session().timeout() {
            self.timeout = Some(timeout);
        }
        if matches!(self.model().session().phase(), Phase::SignedOut(_)) {
            self.resuming = false;
        }
        if self.model().session().is_online() && self.first.has_attempt() {
            self.keep_password();
            self.first.welcomed();
        }
        if is_in == self.was_in {
            return;
        }
        self.was_in = is_in;
        if is_in {
            self.retain();
            self.restore_tabs();
        } else {
            self.overlay = None;
            self.dismiss_toast();
            self.list_servers();
        }
    }
}
