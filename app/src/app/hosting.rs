//! The server on this computer, as the views show it.

use whoelse_client::KnownServer;
use whoelse_model::{Action, Phase};
use whoelse_proto::{Agent, Fingerprint, Invitation, NewAccounts};
use whoelse_server::admin::Terms;

use super::App;
use super::first_screen::FirstScreen;
use super::overlay::Overlay;
use crate::platform::host::{State, Wanted};
use crate::platform::settings::{self, Hosting};
use crate::view::LostTo;
use crate::view::sign_in::{Entry, Focus, HasAccount, Hosting as HostingPage, Reach};

impl App {
    /// The page of the server on this computer.
    pub(super) fn hosting_page(&self) -> HostingPage {
        match self.host.state() {
            State::Running(hosting) => {
                let invitation = hosting.invitation();
                let address = invitation.address().to_string().trim_start_matches("whoelse://").to_owned();
                let entry = match hosting.terms {
                    Some(Terms { uses, days }) => Entry::Invited { accounts: uses, days },
                    None => Entry::Anyone,
                };
                let has_account =
                    |known: &KnownServer| known.fingerprint == hosting.fingerprint && known.name.is_some();
                let account = self.profile.known_servers().iter().any(has_account);
                let account = if account { HasAccount::Yes } else { HasAccount::No };
                let reach = shown_reach(hosting.reach);
                HostingPage::Running { invitation: invitation.to_string(), address, reach, entry, account }
            }
            State::Failed { cause } => HostingPage::Stopped { trouble: whole(&cause) },
            State::Stopped => HostingPage::Stopped { trouble: self.first.trouble().to_owned() },
            State::Starting => HostingPage::Busy { doing: "Starting the server" },
            State::Stopping => HostingPage::Busy { doing: "Stopping the server" },
        }
    }

    /// What others join the server with at which the person is signed in, if that runs here.
    pub(super) fn hosted_invitation(&self) -> Option<String> {
        let pinned = self.model().session().server()?.fingerprint?;
        match self.host.state() {
            State::Running(hosting) if hosting.fingerprint == pinned => Some(hosting.invitation().to_string()),
            State::Running(_) | State::Failed { .. } | State::Stopped | State::Starting | State::Stopping => None,
        }
    }

    /// Whether a server with this key runs here.
    pub(super) fn hosts(&self, key: Fingerprint) -> bool {
        matches!(self.host.state(), State::Running(hosting) if hosting.fingerprint == key)
    }

    /// Starts the server as the form says.
    pub(super) fn start_host(&mut self) {
        let form = &self.first.form;
        match form.port.trim().parse() {
            Ok(port) => {
                let reach = kept_reach(form.reach);
                self.settings.hosting = Hosting { port, open: form.open, reach, ..self.settings.hosting };
                self.first.refuse(String::new());
                self.host.start(wanted(self.settings.hosting));
            }
            Err(_) => self.first.refuse("A port is a number from 1 to 65535. Type 0 to use any free one.".to_owned()),
        }
    }

    /// Starts the server again if it was running when the app ended. Returns whether it does.
    pub(super) fn start_host_again(&mut self) -> bool {
        let kept = self.settings.hosting;
        self.first.form.port = kept.port.to_string();
        self.first.form.open = kept.open;
        self.first.form.reach = shown_reach(kept.reach);
        if kept.running {
            self.host.start(wanted(kept));
        }
        kept.running
    }

    /// Starts the server as it ran last.
    pub(super) fn start_host_as_kept(&self) {
        self.host.start(wanted(self.settings.hosting));
    }

    /// What is not there when the line is lost.
    pub(super) fn lost_to(&self) -> LostTo {
        let is_stopped = matches!(self.host.state(), State::Stopped | State::Failed { .. });
        if is_stopped && self.is_signed_in_here() { LostTo::StoppedHere } else { LostTo::Server }
    }

    /// Whether the person is signed in at the server that runs on this computer, or ran here last.
    fn is_signed_in_here(&self) -> bool {
        let pinned = self.model().session().server().and_then(|server| server.fingerprint);
        pinned.is_some() && pinned == self.host.key()
    }

    /// Asks before the server stops: everybody who is signed in at it is cut off.
    pub(super) fn ask_to_stop_host(&mut self) {
        self.overlay = Some(Overlay::StopHost);
    }

    /// Stops the server. Whoever is signed in at it is told like everybody else.
    pub(super) fn stop_host(&mut self) {
        self.settings.hosting.running = false;
        self.keep_settings();
        self.host.stop();
    }

    /// Whether a server runs here.
    pub(super) fn is_hosting(&self) -> bool {
        matches!(self.host.state(), State::Running(_) | State::Starting)
    }

    /// Once the server runs, its port is kept and the form is filled in with it; a session that waited for it is
    /// taken up.
    pub(super) fn follow_host(&mut self) {
        let state = self.host.state();
        if state == self.host_state {
            return;
        }
        if let State::Running(hosting) = &state {
            self.settings.hosting.port = hosting.port;
            self.settings.hosting.running = true;
            self.keep_settings();
            let known = self.profile.known_servers();
            let fits = |known: &&KnownServer| Some(known.fingerprint) == hosting.own.fingerprint;
            prefill(&mut self.first, &hosting.own, known.iter().find(fits));
            if self.is_signed_in_here() && matches!(self.model().session().phase(), Phase::Reconnecting { .. }) {
                self.engine.act(Action::RetryNow);
            }
        }
        // The page on which it was started says why itself.
        if let State::Failed { cause } = &state
            && (self.is_main_shown() || !self.first.shows_host())
        {
            self.tell(format!("The server on this computer could not start. {}", whole(cause)));
        }
        let settled = matches!(state, State::Running(_) | State::Failed { .. });
        if settled && std::mem::take(&mut self.waits_for_host) == WaitsForHost::Yes {
            self.resume();
        }
        self.host_state = state;
    }
}

/// Whether the session that the profile keeps is taken up once the server on this computer runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WaitsForHost {
    #[default]
    No,
    Yes,
}

/// A cause as a sentence.
fn whole(cause: &str) -> String {
    format!("{}.", super::cards::sentence(cause.trim_end_matches('.')))
}

fn wanted(kept: Hosting) -> Wanted {
    let registration = if kept.open { NewAccounts::Anyone } else { NewAccounts::Invited };
    Wanted { port: kept.port, registration, reach: kept.reach, title: computer() }
}

const fn kept_reach(chosen: Reach) -> settings::Reach {
    match chosen {
        Reach::Network => settings::Reach::Network,
        Reach::ThisComputer => settings::Reach::ThisComputer,
    }
}

const fn shown_reach(kept: settings::Reach) -> Reach {
    match kept {
        settings::Reach::Network => Reach::Network,
        settings::Reach::ThisComputer => Reach::ThisComputer,
    }
}

/// What the server is called by those who join it: as this computer is.
fn computer() -> Agent {
    Agent::new(&gethostname::gethostname().to_string_lossy())
}

/// Writes the server on this computer into the form: one that is known as it is known, with the name used there.
fn prefill(first: &mut FirstScreen, server: &Invitation, known: Option<&KnownServer>) {
    let Some(known) = known else { return first.prefill(server) };
    let same = known.host.eq_ignore_ascii_case(&server.host) && known.port == server.port;
    // At the address at which its key is pinned, the address is enough.
    let fingerprint = server.fingerprint.filter(|_| !same);
    first.prefill(&Invitation { fingerprint, ..server.address() });
    if let Some(name) = known.name.as_ref().filter(|_| first.form.name.is_empty()) {
        name.as_str().clone_into(&mut first.form.name);
    }
    first.form.focus = Focus::Wanted;
}

#[cfg(test)]
mod tests {
    use whoelse_proto::{Timestamp, UserName};

    use super::*;

    #[test]
    fn the_server_on_this_computer_comes_back_with_the_name_that_was_used_there() {
        let key = Fingerprint::from_bytes([7; 32]);
        let own = Invitation { fingerprint: Some(key), ..Invitation::named("127.0.0.1:3331").unwrap() };
        let known = KnownServer {
            host: "127.0.0.1".to_owned(),
            port: 3331,
            fingerprint: key,
            pinned_at: Timestamp::from_millis(0),
            last_used: None,
            name: Some(UserName::new("anna").unwrap()),
            title: String::new(),
        };
        let mut first = FirstScreen::new("default".to_owned());
        prefill(&mut first, &own, Some(&known));
        assert_eq!((first.form.server.as_str(), first.form.name.as_str()), ("127.0.0.1:3331", "anna"));

        let elsewhere = KnownServer { host: "vm".to_owned(), ..known };
        prefill(&mut first, &own, Some(&elsewhere));
        assert_eq!(first.form.server, own.to_string(), "its key is pinned at another address");
    }
}
