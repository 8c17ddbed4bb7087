//! Whom the server knows, and who is there: for completion and for telling when a message will arrive.

use std::collections::BTreeMap;

use whoelse_proto::{Presence, PresenceChange, PresenceReason, RosterEntry, UserName};

use super::news::Recipient;

/// Everybody whom the server has named.
#[derive(Clone, Debug, Default)]
pub(super) struct People(BTreeMap<UserName, Recipient>);

impl People {
    /// Takes in a roster.
    pub(super) fn roster(&mut self, users: Vec<RosterEntry>, complete: bool) {
        if complete {
            self.0.clear();
        }
        self.0.extend(users.into_iter().map(|entry| match entry.presence {
            Presence::Online { .. } => (entry.name, Recipient::Online),
            Presence::Offline { .. } => (entry.name, Recipient::Offline),
        }));
    }

    /// Takes in that somebody came or went.
    pub(super) fn changed(&mut self, change: &PresenceChange) {
        let is_there = match change.reason {
            PresenceReason::Login => Recipient::Online,
            PresenceReason::Logout | PresenceReason::Timeout | PresenceReason::Lost => Recipient::Offline,
        };
        self.0.insert(change.name.clone(), is_there);
    }

    /// Whether somebody is there.
    pub(super) fn is_there(&self, name: &UserName) -> Recipient {
        self.0.get(name).copied().unwrap_or(Recipient::Offline)
    }

    /// All names.
    pub(super) fn names(&self) -> Vec<UserName> {
        self.0.keys().cloned().collect()
    }
}
