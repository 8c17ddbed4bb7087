//! The user's own state: signed in or not, and why not.

use whoelse_proto::{
    Agent, Fingerprint, Invitation, LoginRefusal, NewAccounts, Seconds, SessionEnd, Timestamp, UserName,
};

use crate::event::{HistoryTrouble, Welcome};

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not signed in, and not about to be.
    SignedOut(Parting),
    /// The line is being made, or the login is under way.
    Connecting,
    /// The server showed a key that this profile has not seen; it waits for a word.
    UnknownServer {
        /// What it showed.
        shown: Fingerprint,
    },
    /// The server showed another key than the pinned one; nothing was sent.
    ServerKeyChanged {
        /// The pin.
        pinned: Fingerprint,
        /// When it was pinned.
        pinned_at: Timestamp,
        /// What it showed.
        shown: Fingerprint,
    },
    /// Signed in, with a line.
    Online,
    /// Without a line; what is shown is as old as `since`.
    Reconnecting {
        /// What was wrong, for people.
        cause: String,
        /// Since when.
        since: Timestamp,
        /// When it will be tried again; `None` while it is being tried.
        retry_at: Option<Timestamp>,
    },
    /// Signing out: what was written goes first.
    SigningOut,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parting {
    /// There was none.
    NotYet,
    /// The person gave up the attempt.
    Cancelled,
    /// The server did not let the user in.
    Refused {
        /// Why.
        refusal: LoginRefusal,
        /// Of a lock: when a try will be heard again.
        until: Option<Timestamp>,
    },
    /// The line could not be made.
    Failed {
        /// What was wrong, for people.
        cause: String,
    },
    /// The history of the account cannot be opened.
    HistoryUnusable(HistoryTrouble),
    /// The session ended.
    Ended(SessionEnd),
}

/// The server, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where, perhaps with the key that an invitation named.
    pub address: Invitation,
    /// What it calls itself; empty before it said hello, and for one without a title.
    pub title: Agent,
    /// Who may make an account; `None` before it said hello.
    pub registration: Option<NewAccounts>,
    /// Its key, once it was shown and trusted.
    pub fingerprint: Option<Fingerprint>,
}

/// The user's own state.
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) phase: Phase,
    pub(super) server: Option<Server>,
    pub(super) me: Option<UserName>,
    pub(super) welcome: Option<Welcome>,
    pub(super) deadline: Option<Timestamp>,
}

impl Default for Session {
    fn default() -> Self {
        let phase = Phase::SignedOut(Parting::NotYet);
        Self { phase, server: None, me: None, welcome: None, deadline: None }
    }
}

impl Session {
    /// Where the connection stands.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The server of the session or of the attempt.
    #[must_use]
    pub const fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The user's name, from the attempt to sign in on.
    #[must_use]
    pub const fn name(&self) -> Option<&UserName> {
        self.me.as_ref()
    }

    /// When the session began, by the server's clock.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.welcome.as_ref().map(|welcome| welcome.since)
    }

    /// After which time without an action the server ends the session; `None` is never.
    #[must_use]
    pub fn timeout(&self) -> Option<Seconds> {
        self.welcome.as_ref().map(|welcome| welcome.timeout).filter(|timeout| timeout.get() > 0)
    }

    /// When the session ends unless the person acts; `None` while that is far away.
    #[must_use]
    pub const fn inactivity_deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// Whether there is a session, a lost line included.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        match self.phase {
            Phase::Online | Phase::Reconnecting { .. } | Phase::SigningOut => self.me.is_some(),
            Phase::SignedOut(_) | Phase::Connecting | Phase::UnknownServer { .. } | Phase::ServerKeyChanged { .. } => {
                false
            }
        }
    }

    /// Whether the server can be asked.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    pub(super) fn part(&mut self, why: Parting) {
        self.phase = Phase::SignedOut(why);
        self.welcome = None;
        self.deadline = None;
    }

    /// The line is being made, again or for the first time.
    pub(super) fn connecting(&mut self) {
        match &mut self.phase {
            Phase::Reconnecting { retry_at, .. } => *retry_at = None,
            Phase::SigningOut => {}
            Phase::SignedOut(_)
            | Phase::Connecting
            | Phase::UnknownServer { .. }
            | Phase::ServerKeyChanged { .. }
            | Phase::Online => self.phase = Phase::Connecting,
        }
    }

    pub(super) fn line_lost(&mut self, cause: String, retry_at: Timestamp, now: Timestamp) {
        let since = match self.phase {
            Phase::Reconnecting { since, .. } => since,
            Phase::SignedOut(_)
            | Phase::Connecting
            | Phase::UnknownServer { .. }
            | Phase::ServerKeyChanged { .. }
            | Phase::Online
            | Phase::SigningOut => now,
        };
        // The session may end meanwhile, or be taken up again with all its time.
        self.deadline = None;
        self.phase = Phase::Reconnecting { cause, since, retry_at: Some(retry_at) };
    }
}
