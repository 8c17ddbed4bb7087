//! The dialogue of the sign-in: name, password, the server's key, a new account.

use std::io::{ErrorKind, Write as _};
use std::time::Instant;

use whoelse_model::{Credential, Delivery, Event, Request, SignIn, TakeOver};
use whoelse_proto::{Fingerprint, LoginRefusal, MissedTries, NewAccounts, Password, UserName};
use zeroize::Zeroizing;

use super::args::{AccountIs, Output, PasswordFrom, UnknownKey};
use super::human::sentence;
use super::inputs::{Line, read_line};
use super::news::{Failure, News};
use super::outcome::Status;
use super::session::{Session, Waited};

/// How an attempt to sign in ended, where it is not the end of the program.
enum Attempted {
    /// The user is in; wrong passwords since the last login are told.
    In(Option<MissedTries>),
    /// The server refused.
    Refused(LoginRefusal, NewAccounts),
}

impl Session {
    /// Signs in, asking what is not known where there is a terminal. Answers with the user's name.
    pub(super) fn sign_in(&mut self) -> Result<UserName, Status> {
        let name = self.me.clone();
        let mut next = Next { credential: self.first_credential(&name)?, take_over: self.start.take_over };
        if self.start.output != Output::Terminal {
            self.interrupts.are_inputs();
        }
        self.ask(Request::ShowAddress(self.start.policy));
        self.ask(Request::CountAsDelivered(Delivery::WhenShown));
        if self.start.output != Output::Terminal {
            self.ask(Request::KeepTrying);
        }
        loop {
            let (server, credential) = (self.start.server.clone(), next.credential.clone());
            let (trusted, take_over) = (self.start.trusted, next.take_over);
            self.ask(Request::SignIn(SignIn { trusted, take_over, ..SignIn::new(server, name.clone(), credential) }));
            match self.attempt()? {
                Attempted::In(missed) => {
                    self.say(&News::LoggedIn { name: name.clone(), missed });
                    return Ok(name);
                }
                Attempted::Refused(refusal, registration) => {
                    next = self.next_attempt(&name, next, &refusal, registration)?;
                }
            }
        }
    }

    /// Waits for the outcome of an attempt.
    fn attempt(&mut self) -> Result<Attempted, Status> {
        let mut registration = NewAccounts::Nobody;
        let give_up_at = (self.start.output != Output::Terminal).then(|| Instant::now() + self.start.first_patience);
        let mut last_cause: Option<String> = None;
        let mut missed = None;
        loop {
            // An attempt has bounds of its own; the patience ends what follows the first that failed.
            let patient = give_up_at.filter(|_| last_cause.is_some());
            let at_most = patient.map(|at| at.saturating_duration_since(Instant::now()));
            match self.wait(at_most) {
                Waited::Event(Event::Greeted { registration: offered, .. }) => registration = offered,
                Waited::Event(Event::UnknownServer { shown }) => self.decide_on(shown)?,
                Waited::Event(Event::WrongPasswords(tries)) => missed = Some(tries),
                Waited::Event(Event::Welcomed(_)) => return Ok(Attempted::In(missed)),
                Waited::Event(Event::LoginRefused(refusal)) => return Ok(Attempted::Refused(refusal, registration)),
                Waited::Event(event) => {
                    if let Event::LineLost { cause, .. } = &event {
                        // Each cause is told once, and the last one at the end.
                        let is_last = give_up_at.is_some_and(|at| at <= Instant::now());
                        let is_known = last_cause.as_ref() == Some(cause);
                        last_cause = Some(cause.clone());
                        if is_last || is_known {
                            continue;
                        }
                    }
                    self.attempt_event(event)?;
                }
                Waited::Line(_) => {}
                Waited::Interrupt | Waited::HangUp => return Err(Status::ConnectionLost),
                Waited::TimeOver => {
                    let cause = last_cause.as_deref().unwrap_or("the server cannot be reached");
                    self.say(&News::Failed(Failure::connect(cause)));
                    return Err(Status::ConnectionLost);
                }
            }
        }
    }

    /// What else may happen during an attempt.
    fn attempt_event(&mut self, event: Event) -> Result<(), Status> {
        match event {
            Event::ServerKeyChanged { pinned, shown, .. } => {
                self.say(&News::Failed(Failure::key_changed(pinned, shown)));
                Err(Status::LoginRefused)
            }
            Event::ConnectFailed { cause } => {
                self.say(&News::Failed(Failure::connect(&cause)));
                Err(Status::ConnectionLost)
            }
            Event::HistoryUnusable(trouble) => {
                self.say(&News::Failed(Failure::history(&trouble)));
                Err(Status::Usage)
            }
            Event::LineLost { cause, .. } => {
                self.say(&News::NotConnected { cause });
                Ok(())
            }
            Event::DiskTrouble { cause } => {
                self.say(&News::Failed(Failure::disk(cause)));
                Ok(())
            }
            Event::Connecting
            | Event::UnknownServer { .. }
            | Event::Greeted { .. }
            | Event::LoginRefused(_)
            | Event::WrongPasswords(_)
            | Event::Welcomed(_)
            | Event::SessionEnded(_)
            | Event::Roster { .. }
            | Event::Presence(_)
            | Event::Saved(_)
            | Event::SaveFailed { .. }
            | Event::Progressed { .. }
            | Event::Received(_)
            | Event::Deleted { .. }
            | Event::Answered { .. }
            | Event::Unanswered { .. }
            | Event::PasswordAnswered { .. }
            | Event::InactivityWarning { .. }
            | Event::History(_)
            | Event::Exported(_)
            | Event::Recalled { .. }
            | Event::NoSuchMessage { .. }
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
            | Event::Cleared { .. } => Ok(()),
        }
    }

    /// Decides whether to trust an unknown key.
    fn decide_on(&mut self, shown: Fingerprint) -> Result<(), Status> {
        match (self.start.unknown_key, self.start.output) {
            (UnknownKey::Trust, _) => {}
            (UnknownKey::Ask, Output::Terminal) => {
                if !ask_to_trust(shown)? {
                    println!("You are not connected. Nothing was sent to this server.");
                    return Err(Status::LoginRefused);
                }
            }
            (UnknownKey::Ask, Output::Plain | Output::Json) => {
                self.say(&News::Failed(Failure::unknown_server(shown)));
                return Err(Status::LoginRefused);
            }
        }
        self.ask(Request::Trust { fingerprint: shown });
        Ok(())
    }

    /// With what to try first.
    fn first_credential(&mut self, name: &UserName) -> Result<Credential, Status> {
        let server = &self.start.server;
        match (self.start.password, self.start.account) {
            (PasswordFrom::Stdin, account) => {
                let Line::Text(line) = read_line(&mut std::io::stdin().lock()) else {
                    return usage("standard input has no password in its first line");
                };
                let line = Zeroizing::new(line);
                let password = Password::new(&line).or_else(|error| usage(&error.to_string()))?;
                Ok(match account {
                    AccountIs::There => Credential::Password(password),
                    AccountIs::ToBeMade => Credential::NewAccount(password),
                })
            }
            (PasswordFrom::Prompt, AccountIs::ToBeMade) => ask_new_password().map(Credential::NewAccount),
            (PasswordFrom::Prompt, AccountIs::There) if self.profile.keeps_token(&server.host, server.port, name) => {
                Ok(Credential::KeptToken)
            }
            (PasswordFrom::Prompt, AccountIs::There) => ask_password("Password: ").map(Credential::Password),
        }
    }

    /// With what to try next, if a person can be asked.
    fn next_attempt(
        &mut self,
        name: &UserName,
        tried: Next,
        refusal: &LoginRefusal,
        registration: NewAccounts,
    ) -> Result<Next, Status> {
        let take_over = self.start.take_over;
        let with = |credential| Next { credential, take_over };
        if tried.credential == Credential::KeptToken && *refusal == (LoginRefusal::TokenInvalid {}) {
            return ask_password("Password: ").map(Credential::Password).map(with);
        }
        self.say(&News::LoginRefused(refusal.clone()));
        if self.start.output != Output::Terminal {
            return Err(Status::LoginRefused);
        }
        match refusal {
            LoginRefusal::WrongPassword { tries_left } if *tries_left > 0 => {
                ask_password("Password: ").map(Credential::Password).map(with)
            }
            LoginRefusal::AlreadyOnline {} if matches!(tried.credential, Credential::Password(_)) => {
                if !says_yes("End it there and sign in here? [yes/no] ")? {
                    return Err(Status::LoginRefused);
                }
                Ok(Next { take_over: TakeOver::Yes, ..tried })
            }
            LoginRefusal::UnknownUser { looks_like: None } if self.may_register(registration) => {
                let server = &self.start.server;
                if self.profile.had_account(&server.host, server.port, name) {
                    println!(
                        "You had an account {name} on this server before. If nobody has removed it, ask whoever runs"
                    );
                    println!("the server before you give a password here.");
                }
                if !says_yes(&format!("Create the account {name}? [yes/no] "))? {
                    return Err(Status::LoginRefused);
                }
                let password = match &tried.credential {
                    Credential::Password(typed) => repeated(typed.clone())?,
                    Credential::NewAccount(_) | Credential::KeptToken => ask_new_password()?,
                };
                Ok(with(Credential::NewAccount(password)))
            }
            LoginRefusal::UnknownUser { looks_like: None } if registration == NewAccounts::Invited => {
                println!(
                    "New accounts need an invitation here: ask for one, then start with --register --invite INVITATION."
                );
                Err(Status::LoginRefused)
            }
            LoginRefusal::WrongPassword { .. }
            | LoginRefusal::UnknownUser { .. }
            | LoginRefusal::Locked { .. }
            | LoginRefusal::AlreadyOnline {}
            | LoginRefusal::NameTaken { .. }
            | LoginRefusal::RegistrationClosed { .. }
            | LoginRefusal::TokenInvalid {}
            | LoginRefusal::Storage {} => Err(Status::LoginRefused),
        }
    }
}

impl Session {
    /// Whether an account can be made with what is at hand.
    fn may_register(&self, registration: NewAccounts) -> bool {
        match registration {
            NewAccounts::Anyone => true,
            NewAccounts::Invited => self.start.server.secret.is_some(),
            NewAccounts::Nobody => false,
        }
    }
}

/// What to try next.
struct Next {
    credential: Credential,
    take_over: TakeOver,
}

/// Asks a person for a decision.
fn says_yes(question: &str) -> Result<bool, Status> {
    loop {
        match ask(question)?.trim().to_ascii_lowercase().as_str() {
            "yes" | "y" => return Ok(true),
            "no" | "n" => return Ok(false),
            _ => println!("Type yes or no."),
        }
    }
}

/// Says what is wrong with how the program was called.
fn usage<T>(text: &str) -> Result<T, Status> {
    eprintln!("whoelse-cli: {text}");
    Err(Status::Usage)
}

/// Asks a person whether a key is the server's.
fn ask_to_trust(shown: Fingerprint) -> Result<bool, Status> {
    println!("This server is not known yet. Its key has the fingerprint");
    for line in shown.grouped().lines() {
        println!("    {line}");
    }
    println!("The administrator can tell whether that is right: the server prints it when it starts.");
    says_yes("Trust this key? [yes/no] ")
}

/// Asks a person who they are.
pub(super) fn ask_name() -> Result<UserName, Status> {
    loop {
        match UserName::new(ask("Name: ")?.trim()) {
            Ok(name) => return Ok(name),
            Err(error) => println!("{}", sentence(&error.to_string())),
        }
    }
}

/// Asks a person for a line.
fn ask(question: &str) -> Result<String, Status> {
    print!("{question}");
    if std::io::stdout().flush().is_err() {
        return Err(Status::Usage);
    }
    match read_line(&mut std::io::stdin().lock()) {
        Line::Text(line) => Ok(line),
        Line::TooLong | Line::NotText => Ok(String::new()),
        Line::End | Line::Interrupted => Err(Status::Usage),
    }
}

/// Asks for a password without echo.
fn ask_password(question: &str) -> Result<Password, Status> {
    loop {
        let typed = match rpassword::prompt_password(question).map(Zeroizing::new) {
            Ok(typed) => typed,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(Status::Interrupted),
            // Ctrl-D: the person leaves.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                println!();
                return Err(Status::Usage);
            }
            Err(_) => return usage("there is no terminal to ask for the password at; use --password-stdin"),
        };
        match Password::new(&typed) {
            Ok(password) => return Ok(password),
            Err(error) => println!("{}", sentence(&error.to_string())),
        }
    }
}

/// Asks for a new password, twice.
fn ask_new_password() -> Result<Password, Status> {
    repeated(ask_password("New password: ")?)
}

/// Asks for a password that was typed once again; for both where the two differ.
fn repeated(mut password: Password) -> Result<Password, Status> {
    while password != ask_password("Repeat the password: ")? {
        println!("The two passwords differ. Choose a password again.");
        password = ask_password("New password: ")?;
    }
    Ok(password)
}
