//! Signing in: what the person does on the first screen, and which page answers what the server said.

use eframe::egui::{Context, Rect, Ui};
use whoelse_client::now;
use whoelse_model::{Action, Credential, HistoryRemedy, Parting, Phase, SignIn as Request, TakeOver};
use whoelse_proto::{Fingerprint, Invitation, LoginRefusal, NewAccounts, Password, Timestamp, UserName};
use zeroize::Zeroize as _;

use super::first_screen::{FirstScreen, Shows, address, written};
use super::{App, bars, cards, words, wrong};
use crate::platform::settings;
use crate::view::sign_in::{self as view, CanBeginAnew, CanRegister, KnownServer, Page, SignInAction, Wrong};

/// Digits of a fingerprint in a group, and of one that is only begun.
const GROUP: usize = 4;
const BEGUN_GROUPS: usize = 4;

impl App {
    /// Draws the first screen, and does what the person does in it.
    pub(super) fn show_sign_in(&mut self, ui: &mut Ui, rect: Rect) {
        let page = self.page(ui.ctx());
        let news = self.news();
        // Nothing jumps while an attempt is made, and after a wrong password.
        if !news.is_empty() || !matches!(page, Page::Connecting | Page::WrongPassword { .. }) {
            self.first.state.news = news;
        }
        self.first.turn_to(page);
        self.first.form.wrong = self.wrong();
        let before = self.first.typed_words();
        let actions = view::show(ui, rect, &self.first.state, &mut self.first.form);
        if self.first.typed_words() != before {
            self.first.trouble.clear();
        }
        self.first.choose_by_address();
        for action in actions {
            self.on_first_screen(ui.ctx(), action);
        }
    }

    /// The servers that the profile knows, read anew.
    pub(super) fn list_servers(&mut self) {
        let now = now();
        let known = self.profile.known_servers();
        self.first.addresses = known.iter().map(|known| (known.host.clone(), known.port)).collect();
        self.first.state.servers = known
            .iter()
            .map(|known| {
                let server = Invitation::at(known.host.clone(), known.port);
                let address = written(&server);
                let title = if known.title.is_empty() { known.host.clone() } else { known.title.clone() };
                let detail = known.name.as_ref().map_or_else(|| address.clone(), |name| format!("{name} · {address}"));
                let pinned = self.clock.short(known.pinned_at, now);
                KnownServer { title, detail, address, pinned, here: self.hosts(known.fingerprint) }
            })
            .collect();
        self.first.choose_by_address();
    }

    fn on_first_screen(&mut self, ctx: &Context, action: SignInAction) {
        match action {
            SignInAction::Choose(choice) => self.choose_server(choice),
            SignInAction::Forget(index) => self.forget_server(index),
            SignInAction::SignIn => self.try_to_sign_in(Account::Existing),
            SignInAction::CreateAccount => self.try_to_sign_in(Account::New),
            SignInAction::ShowCreate => self.first.show(Shows::Create),
            SignInAction::Back => self.first.show(Shows::Form),
            SignInAction::Cancel | SignInAction::DoNotConnect => {
                self.first.show(Shows::Form);
                self.engine.act(Action::Cancel);
            }
            SignInAction::Trust => self.engine.act(Action::Trust),
            SignInAction::TakeOver => self.take_session_over(),
            SignInAction::TrustNewKey => self.trust_new_key(),
            SignInAction::BeginAnew => self.begin_history_anew(),
            SignInAction::ShowHost => self.first.show(Shows::Host),
            SignInAction::StartHost => self.start_host(),
            SignInAction::StopHost => self.ask_to_stop_host(),
            SignInAction::Copy(text) => self.copy(ctx, text),
        }
    }

    fn choose_server(&mut self, choice: Option<usize>) {
        self.first.show(Shows::Form);
        let form = &mut self.first.form;
        form.password.zeroize();
        form.server.clear();
        let known = choice.and_then(|index| Some((self.first.addresses.get(index)?, index)));
        if let Some(((host, port), index)) = known {
            form.server = written(&Invitation::at(host.clone(), *port));
            let name = self.profile.known_servers().get(index).and_then(|known| known.name.clone());
            form.name = name.map_or_else(String::new, |name| name.as_str().to_owned());
        }
        self.first.state.chosen = choice;
        self.find_password(choice);
    }

    /// Looks for the password of the last name on a known server.
    fn find_password(&mut self, choice: Option<usize>) {
        let known = self.profile.known_servers();
        let Some(known) = choice.and_then(|index| known.get(index)) else { return };
        if let Some(name) = known.name.clone() {
            self.desktop.find_password(settings::Account { server: known.fingerprint, name });
        }
    }

    fn forget_server(&mut self, index: usize) {
        let Some((host, port)) = self.first.addresses.get(index).cloned() else { return };
        if let Err(error) = self.profile.forget_server(&host, port) {
            self.first.trouble = format!("{}.", cards::sentence(&error.to_string()));
        }
        self.first.form.server.clear();
        self.list_servers();
    }

    fn try_to_sign_in(&mut self, account: Account) {
        match self.typed(account) {
            Ok(attempt) => self.sign_in(attempt),
            Err(trouble) => {
                self.first.trouble = trouble;
                if self.first.shows != Shows::Create {
                    self.first.show(Shows::Outcome);
                }
            }
        }
    }

    /// Signs in; the password leaves the form.
    pub(super) fn sign_in(&mut self, attempt: Request) {
        self.first.form.again.zeroize();
        self.first.show(Shows::Outcome);
        self.first.last = Some(attempt.clone());
        self.engine.act(Action::SignIn(attempt));
    }

    /// What is typed, checked.
    fn typed(&self, account: Account) -> Result<Request, String> {
        let form = &self.first.form;
        let server = address(&form.server)?;
        let name = UserName::new(&form.name).map_err(|error| error.to_string())?;
        let password = Password::new(&form.password).map_err(|error| error.to_string())?;
        let credential = match account {
            Account::Existing => Credential::Password(password),
            Account::New => Credential::NewAccount(password),
        };
        Ok(Request::new(server, name, credential))
    }

    /// The key that the server shows takes the place of the pinned one.
    fn trust_new_key(&mut self) {
        let Phase::ServerKeyChanged { shown, .. } = *self.model().session().phase() else { return };
        let Some(mut attempt) = self.first.last.clone() else { return };
        attempt.server.fingerprint = None;
        attempt.trusted = Some(shown);
        self.sign_in(attempt);
    }

    /// The session elsewhere ends, and one begins here.
    fn take_session_over(&mut self) {
        let Some(attempt) = self.first.last.clone() else { return };
        self.sign_in(Request { take_over: TakeOver::Yes, ..attempt });
    }

    /// The damaged history makes room for a new one, with the attempt that met it.
    fn begin_history_anew(&mut self) {
        if let Some(attempt) = self.first.last.clone() {
            self.engine.act(Action::BeginHistoryAnew(attempt));
        }
    }

    /// What is wrong with the name and the password that stand in the form, or with the name as the server said.
    fn wrong(&self) -> Wrong {
        let FirstScreen { form, last, .. } = &self.first;
        let of = |typed: &str, wrong: Option<String>| wrong.filter(|_| !typed.is_empty()).unwrap_or_default();
        let taken = || {
            let phase = self.model().session().phase();
            let Phase::SignedOut(Parting::Refused { refusal, .. }) = phase else { return None };
            let is_still_typed = last.as_ref().is_some_and(|last| last.name.as_str() == form.name);
            let is_taken = matches!(refusal, LoginRefusal::NameTaken { .. });
            (is_taken && is_still_typed).then(|| words::login_refused(refusal, &form.name))
        };
        let name = UserName::new(&form.name).err().map(wrong::name).or_else(taken);
        let password = Password::new(&form.password).err().map(wrong::password);
        Wrong { name: of(&form.name, name), password: of(&form.password, password) }
    }

    /// The page for where the connection stands.
    fn page(&self, ctx: &Context) -> Page {
        match self.first.shows {
            Shows::Form => Page::Form,
            Shows::Create => Page::CreateAccount { trouble: self.first.trouble.clone() },
            Shows::Host => Page::Host(self.hosting_page()),
            Shows::Outcome if !self.first.trouble.is_empty() => {
                Page::Refused { what: "Check what you typed".to_owned(), meaning: self.first.trouble.clone() }
            }
            Shows::Outcome => self.outcome(ctx),
        }
    }

    fn outcome(&self, ctx: &Context) -> Page {
        let now = now();
        match self.model().session().phase() {
            Phase::Connecting => Page::Connecting,
            Phase::UnknownServer { shown } => Page::Trust { fingerprint: groups(shown) },
            Phase::ServerKeyChanged { pinned, pinned_at, shown } => Page::KeyChanged {
                pinned: begun(pinned),
                pinned_on: self.clock.short(*pinned_at, now),
                shown: begun(shown),
            },
            Phase::SignedOut(Parting::Refused { refusal, until }) => self.refused(ctx, refusal, *until, now),
            Phase::SignedOut(Parting::Failed { cause }) => {
                let server = self.model().session().server();
                let host = server.map_or_else(String::new, |server| server.address.host.clone());
                Page::NotReached { host, cause: sentence(cause) }
            }
            Phase::SignedOut(Parting::HistoryUnusable(trouble)) => Page::HistoryUnusable {
                what: "The history of this account cannot be opened".to_owned(),
                meaning: words::history_unusable(trouble),
                anew: match trouble.remedy {
                    HistoryRemedy::SetAside => CanBeginAnew::Yes,
                    HistoryRemedy::Wait => CanBeginAnew::No,
                },
            },
            Phase::SignedOut(Parting::NotYet | Parting::Cancelled | Parting::Ended(_))
            | Phase::Online
            | Phase::Reconnecting { .. }
            | Phase::SigningOut => Page::Form,
        }
    }

    fn refused(&self, ctx: &Context, refusal: &LoginRefusal, until: Option<Timestamp>, now: Timestamp) -> Page {
        match refusal {
            LoginRefusal::WrongPassword { tries_left } => {
                Page::WrongPassword { tries_left: u32::from(*tries_left), pause: None }
            }
            LoginRefusal::Locked { .. } => match until.map(|until| bars::counted(ctx, until, now)) {
                Some(left) if left > 0 => Page::Locked { left },
                Some(_) | None => Page::Form,
            },
            LoginRefusal::AlreadyOnline {} => Page::AlreadyOnline,
            LoginRefusal::UnknownUser { looks_like } => Page::UnknownName {
                registration: self.can_register(),
                like: looks_like.as_ref().map(ToString::to_string),
            },
            LoginRefusal::RegistrationClosed { invite: Some(_), .. } => {
                Page::CreateAccount { trouble: words::login_refused(refusal, &self.first.form.name) }
            }
            // The name says so at its field.
            LoginRefusal::NameTaken { .. } => Page::CreateAccount { trouble: String::new() },
            LoginRefusal::TokenInvalid {} => Page::Form,
            LoginRefusal::RegistrationClosed { retry_after: Some(_), invite: None } => Page::Refused {
                what: "The account was not created".to_owned(),
                meaning: words::login_refused(refusal, &self.first.form.name),
            },
            LoginRefusal::RegistrationClosed { retry_after: None, invite: None } => Page::Refused {
                what: "Registration is closed".to_owned(),
                meaning: "Ask whoever runs the server for a name and a password.".to_owned(),
            },
            LoginRefusal::Storage {} => Page::Refused {
                what: "The server’s disk is full".to_owned(),
                meaning: "Nobody can sign in until there is room.".to_owned(),
            },
        }
    }

    fn can_register(&self) -> CanRegister {
        let registration = self.model().session().server().and_then(|server| server.registration);
        let attempt = self.first.last.as_ref();
        let had = attempt.is_some_and(|of| self.profile.had_account(&of.server.host, of.server.port, &of.name));
        let is_invited = attempt.is_some_and(|of| of.server.secret.is_some());
        match registration {
            Some(NewAccounts::Invited) if !is_invited => CanRegister::WithInvitation,
            Some(NewAccounts::Anyone | NewAccounts::Invited) if had => CanRegister::Again,
            Some(NewAccounts::Anyone | NewAccounts::Invited) => CanRegister::Yes,
            Some(NewAccounts::Nobody) | None => CanRegister::No,
        }
    }

    /// Why the person is here and not among the chats.
    fn news(&self) -> String {
        let timeout = self.timeout;
        match self.model().session().phase() {
            Phase::SignedOut(Parting::Ended(reason)) => words::ended(*reason, timeout),
            Phase::SignedOut(Parting::Refused { refusal: LoginRefusal::TokenInvalid {}, .. }) => {
                words::login_refused(&LoginRefusal::TokenInvalid {}, &self.first.form.name)
            }
            Phase::SignedOut(
                Parting::NotYet
                | Parting::Cancelled
                | Parting::Refused { .. }
                | Parting::Failed { .. }
                | Parting::HistoryUnusable(_),
            )
            | Phase::Connecting
            | Phase::UnknownServer { .. }
            | Phase::ServerKeyChanged { .. }
            | Phase::Online
            | Phase::Reconnecting { .. }
            | Phase::SigningOut => String::new(),
        }
    }
}

/// Whether the account is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Account {
    Existing,
    New,
}

/// The digits of a fingerprint in groups.
fn groups(fingerprint: &Fingerprint) -> Vec<String> {
    let digits: Vec<char> = fingerprint.to_string().chars().collect();
    digits.chunks(GROUP).map(|group| group.iter().collect()).collect()
}

/// Enough of a fingerprint to tell it from another.
fn begun(fingerprint: &Fingerprint) -> String {
    let groups: Vec<String> = groups(fingerprint).into_iter().take(BEGUN_GROUPS).collect();
    format!("{} …", groups.join(" "))
}

/// A cause as a whole sentence.
fn sentence(cause: &str) -> String {
    format!("{}.", cards::sentence(cause.trim_end_matches('.')))
}
