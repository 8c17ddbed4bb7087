//! Bounds that hold whatever happens: on what waits for one user, and on new accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use whoelse_proto::UserName;

/// Messages that may wait for one user, in every run; half of them from one sender.
pub(crate) const INBOX: u32 = 60;

/// Accounts that may be made from one address in an hour: no run lasts long enough for another share.
pub(crate) const ACCOUNTS: u32 = 5;

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// Accounts from each address, since the server started.
    made: BTreeMap<IpAddr, u32>,
    /// Whose inbox was at some time so full that a broadcast may have left it out.
    crowded: BTreeSet<UserName>,
}

impl Shares {
    pub(super) fn server_gone(&mut self) {
        self.made.clear();
    }

    /// An account is made.
    pub(super) fn made(&mut self, from: IpAddr) -> Result<(), String> {
        let made = self.made.entry(from).or_default();
        *made += 1;
        if *made > ACCOUNTS { Err(format!("{made} accounts are made from {from}")) } else { Ok(()) }
    }

    /// So many messages wait for a user, so many of them from the sender of the last.
    pub(super) fn waits(&mut self, name: &UserName, all: u32, of_sender: u32) -> Result<(), String> {
        if of_sender > INBOX / 4 || all > INBOX / 2 {
            self.crowded.insert(name.clone());
        }
        if all > INBOX || of_sender > INBOX / 2 {
            return Err(format!("{all} messages wait for {name}, {of_sender} of one sender"));
        }
        Ok(())
    }

    pub(super) fn was_crowded(&self, name: &UserName) -> bool {
        self.crowded.contains(name)
    }
}
