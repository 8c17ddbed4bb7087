//! What the names of the accounts look like, and which accounts are being made.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{Skeleton, UserName};

/// The names that are taken, by what they look like.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_look: BTreeMap<Skeleton, BTreeSet<UserName>>,
    /// Accounts that are being made: two who register at once do not get names that look alike.
    arriving: BTreeSet<UserName>,
    /// Accounts whose lines are missing and may come back.
    in_doubt: BTreeSet<UserName>,
}

impl Names {
    /// There is an account of this name, or one is being made no more.
    pub(crate) fn arrived(&mut self, name: &UserName) {
        self.arriving.remove(name);
        self.in_doubt.remove(name);
        self.insert(name);
    }

    /// The line of this account is missing, and may come back.
    pub(crate) fn doubt(&mut self, name: &UserName) {
        self.in_doubt.insert(name.clone());
        self.insert(name);
    }

    /// Whether the line of this account is missing, and may come back.
    pub(crate) fn is_in_doubt(&self, name: &UserName) -> bool {
        self.in_doubt.contains(name)
    }

    /// An account of this name is being made.
    pub(crate) fn arrives(&mut self, name: &UserName) {
        self.arriving.insert(name.clone());
        self.insert(name);
    }

    /// The account was not made.
    pub(crate) fn stays_away(&mut self, name: &UserName) {
        if self.arriving.remove(name) {
            self.remove(name);
        }
    }

    /// Whether an account of this name is being made.
    pub(crate) fn is_arriving(&self, name: &UserName) -> bool {
        self.arriving.contains(name)
    }

    /// The account is no more.
    pub(crate) fn remove(&mut self, name: &UserName) {
        let look = Skeleton::of(name);
        if let Some(names) = self.by_look.get_mut(&look) {
            names.remove(name);
            if names.is_empty() {
                self.by_look.remove(&look);
            }
        }
    }

    /// Another name that looks like this one.
    pub(crate) fn like(&self, name: &UserName) -> Option<&UserName> {
        self.by_look.get(&Skeleton::of(name))?.iter().find(|other| *other != name)
    }

    fn insert(&mut self, name: &UserName) {
        self.by_look.entry(Skeleton::of(name)).or_default().insert(name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    #[test]
    fn a_name_is_like_another_one_and_not_like_itself() {
        let mut names = Names::default();
        names.arrived(&name("yoda"));
        assert_eq!(names.like(&name("Yoda")), Some(&name("yoda")));
        assert_eq!(names.like(&name("yoda")), None);
        names.arrived(&name("Yoda"));
        names.remove(&name("yoda"));
        assert_eq!(names.like(&name("y0da")), Some(&name("Yoda")));
        names.remove(&name("Yoda"));
        assert_eq!(names.like(&name("y0da")), None);
    }

    #[test]
    fn a_name_whose_account_is_being_made_counts_until_it_is_not_made() {
        let mut names = Names::default();
        names.arrives(&name("yoda"));
        assert!(names.is_arriving(&name("yoda")));
        assert_eq!(names.like(&name("Yoda")), Some(&name("yoda")));
        names.stays_away(&name("yoda"));
        assert_eq!(names.like(&name("Yoda")), None);

        names.arrives(&name("yoda"));
        names.arrived(&name("yoda"));
        names.stays_away(&name("yoda"));
        assert_eq!(names.like(&name("Yoda")), Some(&name("yoda")), "made is made");
    }
}
