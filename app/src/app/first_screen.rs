//! The first screen: what is typed there, and which page stands there.

use std::mem::{Discriminant, discriminant};

use whoelse_model::SignIn as Request;
use whoelse_proto::{DEFAULT_PORT, Invitation};
use zeroize::Zeroize as _;

use crate::kit::Reveal;
use crate::view::sign_in::{self as view, Hosting, Page, SignInForm};

/// The first screen.
#[derive(Debug)]
pub(super) struct FirstScreen {
    pub(super) form: SignInForm,
    pub(super) state: view::SignIn,
    /// Host and port of each known server.
    pub(super) addresses: Vec<(String, u16)>,
    pub(super) shows: Shows,
    /// What is wrong with what was typed.
    pub(super) trouble: String,
    /// The last attempt, to be made again.
    pub(super) last: Option<Request>,
    /// Whose password was mistyped here, and how often: the server counts these too.
    mistyped: (String, u32),
}

/// Which page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shows {
    /// Name and password.
    #[default]
    Form,
    /// What became of the attempt.
    Outcome,
    /// A new account.
    Create,
    /// This computer as the server.
    Host,
}

impl FirstScreen {
    pub(super) fn new(profile: String) -> Self {
        let form = SignInForm {
            keep: true,
            open: true,
            port: DEFAULT_PORT.to_string(),
            focus: view::Focus::Wanted,
            ..SignInForm::default()
        };
        let state = view::SignIn {
            servers: Vec::new(),
            chosen: None,
            page: Page::Form,
            news: String::new(),
            profile,
            keyring: view::Keyring::Present,
            invitation: String::new(),
        };
        Self {
            form,
            state,
            addresses: Vec::new(),
            shows: Shows::Form,
            trouble: String::new(),
            last: None,
            mistyped: Default::default(),
        }
    }

    /// Writes an address or an invitation into the form.
    pub(super) fn prefill(&mut self, server: &Invitation) {
        self.form.server = written(server);
        self.choose_by_address();
    }

    /// The attempt that is under way, or was.
    pub(super) const fn last(&self) -> Option<&Request> {
        self.last.as_ref()
    }

    /// Whether an attempt is under way, or was the last thing done.
    pub(super) const fn has_attempt(&self) -> bool {
        self.last.is_some()
    }

    /// The attempt led in: it is not made again.
    pub(super) fn forget_password(&mut self) {
        self.last = None;
    }

    /// An attempt begins without the form, with the session that the profile keeps.
    pub(super) fn resume(&mut self, attempt: Request) {
        self.form.server = written(&attempt.server);
        attempt.name.as_str().clone_into(&mut self.form.name);
        self.last = Some(attempt);
        self.shows = Shows::Outcome;
        self.choose_by_address();
    }

    /// The server in the form is one of the known ones, or another.
    pub(super) fn choose_by_address(&mut self) {
        let typed = address(&self.form.server).ok();
        let at = |server: &Invitation| {
            let fits = |(host, port): &(String, u16)| host.eq_ignore_ascii_case(&server.host) && *port == server.port;
            self.addresses.iter().position(fits)
        };
        self.state.chosen = typed.as_ref().and_then(at);
        let new = typed.filter(|_| self.state.chosen.is_none());
        self.state.invitation = new.as_ref().map_or_else(String::new, invited);
    }

    /// What is wrong with what was typed; empty if nothing is.
    pub(super) fn trouble(&self) -> &str {
        &self.trouble
    }

    /// Whether the page of the server on this computer is shown.
    pub(super) const fn shows_host(&self) -> bool {
        matches!(self.shows, Shows::Host)
    }

    /// Says what is wrong with what was typed; nothing, if it is empty.
    pub(super) fn refuse(&mut self, trouble: String) {
        self.trouble = trouble;
    }

    /// Shows a page. One of another kind hides the password, drops a wrong one and gives the keyboard away.
    pub(super) fn turn_to(&mut self, page: Page) {
        if kind(&page) != kind(&self.state.page) {
            self.form.reveal = Reveal::Hidden;
            self.form.focus = view::Focus::Wanted;
            if matches!(page, Page::WrongPassword { .. }) {
                self.form.password.zeroize();
                self.note_mistyped();
            }
        }
        self.state.page = page;
    }

    fn note_mistyped(&mut self) {
        let name = &self.form.name;
        let count = if self.mistyped.0 == *name { self.mistyped.1 } else { 0 };
        self.mistyped = (name.clone(), count.saturating_add(1));
    }

    /// Whether all of so many wrong passwords for a name were typed here.
    pub(super) fn has_mistyped_all(&self, name: &str, count: u32) -> bool {
        self.mistyped.0 == name && count <= self.mistyped.1
    }

    /// Name and server, as typed: what is wrong with them is wrong until they change.
    pub(super) fn typed_words(&self) -> (String, String) {
        (self.form.server.clone(), self.form.name.clone())
    }

    pub(super) fn show(&mut self, shows: Shows) {
        self.trouble.clear();
        self.shows = shows;
    }

    /// The person is in: what was secret goes, and the form stands there for the next time.
    pub(super) fn welcomed(&mut self) {
        self.form.password.zeroize();
        self.form.again.zeroize();
        if let Ok(server) = address(&self.form.server) {
            // Its key is pinned by now, and a secret did what it is for: the address is enough.
            self.form.server = written(&server.address());
        }
        self.show(Shows::Form);
    }
}

/// A server as a person writes it: an invitation with a key or a secret, else host and port.
pub(super) fn written(server: &Invitation) -> String {
    let whole = server.to_string();
    if server.fingerprint.is_some() || server.secret.is_some() {
        whole
    } else {
        whole.trim_start_matches("whoelse://").to_owned()
    }
}

/// What an invitation is for; empty of an address.
fn invited(server: &Invitation) -> String {
    let of = written(&server.address());
    match (&server.secret, &server.fingerprint) {
        (Some(_), _) => format!("An invitation to {of}: it lets you create an account there."),
        (None, Some(_)) => format!("An invitation to {of}. If you are new there, create an account."),
        (None, None) => String::new(),
    }
}

/// An address or an invitation, as typed.
pub(super) fn address(typed: &str) -> Result<Invitation, String> {
    Invitation::named(typed).map_err(|error| error.to_string())
}

/// What a page shows, whatever its words.
fn kind(page: &Page) -> (Discriminant<Page>, Option<Discriminant<Hosting>>) {
    let hosting = if let Page::Host(hosting) = page { Some(discriminant(hosting)) } else { None };
    (discriminant(page), hosting)
}
