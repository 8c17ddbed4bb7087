//! The server on this computer, as the views show it.

use whoelse_proto::{Agent, Fingerprint, Invitation, Registration};

use super::App;
use crate::platform::host::{State, Wanted};
use crate::view::sign_in::Hosting;

impl App {
    /// The page of the server on this computer.
    pub(super) fn hosting_page(&self) -> Hosting {
        match self.host.state() {
            State::Running(hosting) => {
                let invitation = hosting.invitation();
                let address = Invitation { fingerprint: None, ..invitation.clone() }.to_string();
                let address = address.trim_start_matches("whoelse://").to_owned();
                Hosting::Running { invitation: invitation.to_string(), address }
            }
            State::Failed { cause } => Hosting::Stopped { trouble: cause },
            State::Stopped => Hosting::Stopped { trouble: self.first.trouble().to_owned() },
            State::Starting => Hosting::Busy { doing: "Starting the server" },
            State::Stopping => Hosting::Busy { doing: "Stopping the server" },
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

    /// Starts the server.
    pub(super) fn start_host(&mut self) {
        let form = &self.first.form;
        let registration = if form.open { Registration::Open } else { Registration::Closed };
        match form.port.trim().parse() {
            Ok(port) => {
                self.first.refuse(String::new());
                self.host.start(Wanted { port, registration, title: computer() });
            }
            Err(_) => self.first.refuse("A port is a number from 0 to 65535; 0 takes a free one.".to_owned()),
        }
    }

    /// Stops the server. Whoever is signed in at it is told like everybody else.
    pub(super) fn stop_host(&mut self) {
        self.host.stop();
    }

    /// Once the server runs, the form is filled in with it.
    pub(super) fn follow_host(&mut self) {
        let state = self.host.state();
        if state == self.host_state {
            return;
        }
        if let State::Running(hosting) = &state {
            self.first.prefill(&hosting.own);
        }
        self.host_state = state;
    }
}

/// What the server is called by those who join it: as this computer is.
fn computer() -> Agent {
    Agent::new(&gethostname::gethostname().to_string_lossy())
}
