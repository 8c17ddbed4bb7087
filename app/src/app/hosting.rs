//! The server on this computer, as the views show it.

use whoelse_proto::{Agent, DEFAULT_PORT, Fingerprint, Invitation};

use super::App;
use crate::platform::host::{State, Wanted};
use crate::view::sign_in::Hosting;

impl App {
    /// The page of the server on this computer.
    pub(super) fn hosting_page(&self) -> Hosting {
        match self.host.state() {
            State::Running(hosting) => {
                let invitation = hosting.invitations.first().unwrap_or(&hosting.own);
                let address = Invitation { fingerprint: None, ..invitation.clone() }.to_string();
                let address = address.trim_start_matches("whoelse://").to_owned();
                Hosting::Running { invitation: invitation.to_string(), address }
            }
            State::Failed { cause } => Hosting::Stopped { trouble: cause },
            State::Stopped | State::Starting | State::Stopping => Hosting::Stopped { trouble: String::new() },
        }
    }

    /// Whether a server with this key runs here.
    pub(super) fn hosts(&self, key: Fingerprint) -> bool {
        matches!(self.host.state(), State::Running(hosting) if hosting.fingerprint == key)
    }

    /// Starts the server.
    pub(super) fn start_host(&mut self) {
        let port = self.first.form.port.trim().parse().unwrap_or(DEFAULT_PORT);
        self.host.start(Wanted { port, title: Agent::new("This computer") });
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
