//! What an administrator is told of lines that came into the file while the server runs.

use std::collections::BTreeSet;

use whoelse_proto::UserName;

use super::file::Secret;
use super::looks::oddity;
use super::sample::is_published;
use super::{Accounts, Changes};

/// Names that are looked at one by one: more come from a program, and the next start tells of them together.
const MAX_LOOKED_AT: usize = 20;

impl Accounts {
    /// What is odd about the accounts that came or have another password, in sentences without an end.
    #[must_use]
    pub fn doubts(&self, changes: &Changes) -> Vec<String> {
        let names: BTreeSet<UserName> = if changes.added.is_empty() { BTreeSet::new() } else { self.names() };
        let mut doubts: Vec<String> =
            changes.added.iter().take(MAX_LOOKED_AT).filter_map(|name| oddity(name, &names)).collect();
        let published: Vec<&str> = changes
            .added
            .iter()
            .chain(&changes.changed)
            .filter(|name| self.has_published_password(name))
            .map(UserName::as_str)
            .collect();
        if !published.is_empty() {
            let remedy =
                "whoever reaches the server can sign in with them: change them (`whoelse-server user passwd NAME`)";
            doubts.push(format!(
                "these accounts have passwords that are published with the program: {}; {remedy}",
                published.join(", ")
            ));
        }
        doubts
    }

    /// Whether an account has, readable, the password that is published for it. To open a sealed one costs an Argon2 each:
    /// a start does it.
    fn has_published_password(&self, name: &UserName) -> bool {
        self.get(name).is_some_and(|account| match &account.secret {
            Secret::Plain(password) => is_published(name.as_str(), password.expose()),
            Secret::Sealed(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::accounts::testing::Place;

    #[test]
    fn lines_that_came_while_the_server_runs_are_doubted_as_at_a_start() {
        let place = Place::new("anna one\n");
        let accounts = place.open();
        let doubts = |file: &str, age| {
            place.write(file);
            place.age(age);
            accounts.doubts(&accounts.reload_if_changed().unwrap().unwrap_or_default())
        };
        assert_eq!(doubts("anna one\nbert two\n", 9), Vec::<String>::new());
        assert_eq!(doubts("anna one\nbert two\nAnna x\n", 8), ["Anna looks like anna"]);
        let told = doubts("anna one\nbert two\nAnna x\nhans falcon\nyoda other\n", 7);
        assert!(matches!(&*told, [one] if one.contains("published with the program: hans;")), "{told:?}");
        let told = doubts("anna one\nbert two\nAnna x\nhans falcon\nyoda wise\n", 6);
        assert!(matches!(&*told, [one] if one.contains("published with the program: yoda;")), "{told:?}");
    }
}
