//! People without an account who make some, by chance many at once; and accounts that nobody uses.

use std::net::{IpAddr, Ipv4Addr};

use rand::RngExt;
use whoelse_hub::{Command, ConnId, Record};
use whoelse_proto::UserName;

use crate::world::World;

/// Addresses that they come from.
const HOSTS: u8 = 2;

/// Accounts without a user, spread over the alphabet so that the users stand between them.
pub(crate) fn silent(count: u32) -> impl Iterator<Item = UserName> {
    let letters = (b'a'..=b'z').map(char::from).cycle();
    (0..count).zip(letters).map(|(n, letter)| UserName::new(&format!("{letter}{n}")).expect("a name"))
}

impl World {
    /// Some strangers make accounts, one behind the other, from one address.
    pub(crate) fn strangers_come(&mut self) {
        if self.server.hub.is_none() {
            return;
        }
        let from = IpAddr::V4(Ipv4Addr::new(10, 0, 1, self.rng.random_range(1..=HOSTS)));
        for _ in 0..self.rng.random_range(1..8) {
            self.last_conn += 1;
            self.strangers += 1;
            let conn = ConnId::new(self.last_conn);
            let name = UserName::new(&format!("new{}", self.strangers)).expect("a name");
            self.command(Command::OpenRegistration { conn, name: name.clone(), invite: None, from });
            let before = self.counts.accounts_refused;
            self.command(Command::CompleteRegistration { conn, name, record: Record(Vec::new()), invite: None, from });
            if self.counts.accounts_refused == before {
                self.oracle.account_made(from);
            }
        }
    }
}
