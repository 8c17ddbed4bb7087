//! Invitations in memory, as the store keeps them.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{InviteFault, Timestamp, UserName};

use crate::command::InviteHash;

/// One invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Invite {
    /// How many accounts may still be made by it.
    left: u32,
    ends_at: Timestamp,
}

/// Every invitation, and what is taken of them for accounts that are being made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Invites {
    given: BTreeMap<InviteHash, Invite>,
    claims: BTreeMap<UserName, InviteHash>,
}

impl Invites {
    pub(super) fn give(&mut self, invite: InviteHash, uses: u32, ends_at: Timestamp) {
        self.given.insert(invite, Invite { left: uses, ends_at });
    }

    pub(super) fn find(&self, invite: InviteHash, at: Timestamp) -> Option<InviteFault> {
        match self.given.get(&invite) {
            None => Some(InviteFault::Unknown),
            Some(given) if given.ends_at <= at => Some(InviteFault::Expired),
            Some(given) if given.left == 0 => Some(InviteFault::UsedUp),
            Some(_) => None,
        }
    }

    pub(super) fn claim(&mut self, invite: InviteHash, name: UserName, at: Timestamp) -> Option<InviteFault> {
        let fault = self.find(invite, at);
        if fault.is_none()
            && let Some(given) = self.given.get_mut(&invite)
        {
            given.left -= 1;
            self.claims.insert(name, invite);
        }
        fault
    }

    pub(super) fn give_back(&mut self, name: &UserName) {
        if let Some(given) = self.claims.remove(name).and_then(|invite| self.given.get_mut(&invite)) {
            given.left += 1;
        }
    }

    pub(super) fn settle(&mut self, name: &UserName) {
        self.claims.remove(name);
    }

    /// What a start does with claims that a killed server left: whoever has an account used theirs.
    pub(super) fn settle_all(&mut self, accounts: &BTreeSet<UserName>) {
        let left: Vec<UserName> = self.claims.keys().filter(|name| !accounts.contains(*name)).cloned().collect();
        for name in &left {
            self.give_back(name);
        }
        self.claims.clear();
    }

    pub(super) fn forget(&mut self, before: Timestamp) {
        self.given.retain(|_, given| given.ends_at >= before);
    }
}
