//! Who may make an account, and why somebody is not let in.

use serde::{Deserialize, Serialize};

use super::Feature;
use crate::{Seconds, UserName};

/// Whether a server lets clients make accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anyone may.
    Open,
    /// The administrator alone does.
    Closed,
}

/// Who may make an account at a server: [`Registration`] with what the features add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewAccounts {
    /// Anyone.
    Anyone,
    /// Who shows the secret of an invitation. A client of an earlier version reads that nobody may.
    Invited,
    /// The administrator alone.
    Nobody,
}

impl NewAccounts {
    /// As a hello tells it.
    #[must_use]
    pub fn told(registration: Registration, features: &[Feature]) -> Self {
        match registration {
            Registration::Open => Self::Anyone,
            Registration::Closed if features.contains(&Feature::invite()) => Self::Invited,
            Registration::Closed => Self::Nobody,
        }
    }

    /// What a hello says beside the features.
    #[must_use]
    pub const fn registration(self) -> Registration {
        match self {
            Self::Anyone => Registration::Open,
            Self::Invited | Self::Nobody => Registration::Closed,
        }
    }
}

/// Why there is no login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginRefusal {
    /// The password is not the account's.
    WrongPassword {
        /// Further tries before the lock.
        tries_left: u8,
    },
    /// Too many wrong passwords in a row, or too many unfinished logins of this name.
    Locked {
        /// When a try will be heard again.
        retry_after: Seconds,
    },
    /// The name has a session with a line that answers.
    AlreadyOnline {},
    /// There is no such account.
    UnknownUser {
        /// An account whose name looks like it; told where anyone may register, who is told which names are taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        looks_like: Option<UserName>,
    },
    /// The name is not to be had.
    NameTaken {
        /// The account that it looks like, if it is not taken itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        looks_like: Option<UserName>,
        /// The program keeps such names for itself ([`crate::unfit`]).
        #[serde(default, skip_serializing_if = "is_false")]
        reserved: bool,
    },
    /// The server makes no accounts, or has made as many as it makes in a while.
    RegistrationClosed {
        /// When it makes accounts again; left out if it makes none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<Seconds>,
        /// What is wrong with the invitation, where the server makes accounts by invitation alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invite: Option<InviteFault>,
    },
    /// The token is not, or not any more, good for a session.
    TokenInvalid {},
    /// The server cannot write to its disk.
    Storage {},
}

impl LoginRefusal {
    /// No account is made, for a fault of the invitation.
    #[must_use]
    pub const fn invite(fault: InviteFault) -> Self {
        Self::RegistrationClosed { retry_after: None, invite: Some(fault) }
    }

    /// The server makes no accounts.
    #[must_use]
    pub const fn closed() -> Self {
        Self::RegistrationClosed { retry_after: None, invite: None }
    }

    /// The server makes no accounts for this time.
    #[must_use]
    pub const fn closed_for(wait: Seconds) -> Self {
        Self::RegistrationClosed { retry_after: Some(wait), invite: None }
    }
}

/// Why an invitation lets nobody make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteFault {
    /// None was shown.
    Needed,
    /// The server did not give it out, or took it back.
    Unknown,
    /// Its time is over.
    Expired,
    /// As many accounts as it is for were made by it.
    UsedUp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
