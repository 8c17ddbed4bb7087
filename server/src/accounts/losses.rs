//! Telling a file that was emptied or cut short from one that the administrator changed: an editor on a full disk, a
//! slipped `>`, half a copy. Such a file puts nobody out while the server runs; a start takes it, and warns.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::UserName;

use super::file::{LastLine, Parsed, Secret};

/// Accounts that one change by hand must at least take away, and half of all, to count as a loss.
const MANY: usize = 3;

/// Whether so many of the known accounts are missing that nobody can have meant it.
pub(crate) const fn is_loss(lost: usize, known: usize) -> bool {
    lost >= MANY && lost.saturating_mul(2) >= known
}

/// What a file lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Every account.
    Emptied {
        /// How many there were.
        known: usize,
    },
    /// Its end.
    Cut {
        /// Accounts that are gone.
        lost: usize,
        /// How many there were.
        known: usize,
    },
}

/// What the accounts in force are compared with.
pub(super) struct InForce<'a> {
    /// Their passwords.
    pub(super) secrets: BTreeMap<&'a UserName, &'a Secret>,
    /// How their file ended, if that is known.
    pub(super) last_line: Option<LastLine>,
    /// Those that are to be removed.
    pub(super) leaving: &'a BTreeSet<UserName>,
}

impl InForce<'_> {
    /// What a file that was changed by hand lost.
    pub(super) fn loss(&self, new: &Parsed) -> Option<Loss> {
        let known = self.secrets.len();
        let is_lost = |name: &UserName| !new.accounts.contains_key(name) && !self.leaving.contains(name);
        let lost = self.secrets.keys().filter(|name| is_lost(name)).count();
        let cut = Some(Loss::Cut { lost, known });
        if new.accounts.is_empty() {
            return (lost > 0).then_some(Loss::Emptied { known });
        }
        if is_loss(lost, known) {
            return cut;
        }
        let others: BTreeSet<&UserName> = new
            .accounts
            .iter()
            .filter(|(name, secret)| self.secrets.get(name) != Some(secret))
            .map(|(n, _)| n)
            .collect();
        if others.is_empty() {
            return None;
        }
        let ends_the_file = |name: &UserName| others.len() == 1 && new.last.as_ref() == Some(name);
        cut.filter(|_| others.iter().all(|name| ends_the_file(name) && self.is_cut(name, new)))
    }

    /// Whether the last line, which has no end, holds the beginning of the password in force.
    fn is_cut(&self, last: &UserName, new: &Parsed) -> bool {
        let is_open = new.shape.last_line == LastLine::Open && self.last_line == Some(LastLine::Ended);
        match (self.secrets.get(last), new.accounts.get(last)) {
            (Some(Secret::Plain(whole)), Some(Secret::Plain(part))) => {
                is_open && whole.expose().starts_with(part.expose())
            }
            (Some(Secret::Sealed(_)), Some(Secret::Plain(part))) => is_open && super::record::is_beginning(part),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::parse;
    use super::super::key::{KeyId, ServerKey};
    use super::super::testing::Place;
    use super::*;

    fn parsed(content: &str) -> Parsed {
        parse(content.as_bytes(), KeyId::parse("0011223344556677").unwrap(), Path::new("f")).ok().unwrap()
    }

    fn loss(before: &str, after: &str) -> Option<Loss> {
        loss_but(before, after, &BTreeSet::new())
    }

    fn loss_but(before: &str, after: &str, leaving: &BTreeSet<UserName>) -> Option<Loss> {
        let before = parsed(before);
        let in_force =
            InForce { secrets: before.accounts.iter().collect(), last_line: Some(before.shape.last_line), leaving };
        in_force.loss(&parsed(after))
    }

    const FIVE: &str = "hans falcon\nyoda wise\nleia blasterpistol\nluke lightsaber\nchewy wookiee\n";

    #[test]
    fn a_file_without_any_account_was_emptied() {
        assert_eq!(loss(FIVE, ""), Some(Loss::Emptied { known: 5 }));
        assert_eq!(loss("hans falcon\n", "\n"), Some(Loss::Emptied { known: 1 }));
        assert_eq!(loss("", ""), None);
        let leaving = BTreeSet::from([UserName::new("hans").unwrap()]);
        assert_eq!(loss_but("hans falcon\n", "", &leaving), None);
    }

    #[test]
    fn a_file_that_ends_within_a_line_was_cut_short() {
        for at in [FIVE.len() - 3, 20, 30] {
            let loss = loss(FIVE, &FIVE[..at]);
            assert!(matches!(loss, Some(Loss::Cut { known: 5, .. })), "{at}: {loss:?}");
        }
    }

    #[test]
    fn a_file_that_ends_within_the_mark_of_a_sealed_password_was_cut_short() {
        let place = Place::new("hans falcon\nyoda wise\n");
        place.open().seal().unwrap();
        let key = ServerKey::open(&place.paths().opaque_key()).unwrap();
        let parsed = |content: &str| parse(content.as_bytes(), key.id(), Path::new("f")).ok().unwrap();
        let sealed = place.text();
        let before = parsed(&sealed);
        let secrets = before.accounts.iter().collect();
        let in_force = InForce { secrets, last_line: Some(before.shape.last_line), leaving: &BTreeSet::new() };
        let (first, second) = sealed.trim_end().split_once('\n').unwrap();
        for kept in ["$", "$op", "$opaque"] {
            let after = format!("{first}\n{}{kept}", &second[..5]);
            assert_eq!(in_force.loss(&parsed(&after)), Some(Loss::Cut { lost: 0, known: 2 }), "{after}");
        }
        for changed in ["op", "other"] {
            assert_eq!(in_force.loss(&parsed(&format!("{first}\nyoda {changed}"))), None, "{changed}");
        }
    }

    #[test]
    fn a_file_that_lost_half_of_its_lines_was_cut_short() {
        assert_eq!(loss(FIVE, "hans falcon\nyoda wise\n"), Some(Loss::Cut { lost: 3, known: 5 }));
    }

    #[test]
    fn a_file_that_lost_half_of_its_lines_was_cut_short_whatever_else_stands_in_it() {
        for (after, lost) in
            [("new people\n", 5), ("hans falcon\nyoda wise\nnew people\n", 3), ("hans other\nyoda wise\n", 3)]
        {
            assert_eq!(loss(FIVE, after), Some(Loss::Cut { lost, known: 5 }), "{after}");
        }
    }

    #[test]
    fn what_an_administrator_does_is_no_loss() {
        for after in [
            "hans falcon\nyoda wise\nleia blasterpistol\nluke lightsaber\n",
            "hans falcon\nyoda wise\nleia blasterpistol\nluke lightsaber\nchewy wookiee",
            "hans falcon\nyoda wise\nleia blasterpistol\nluke lightsaber\nchewy wook\n",
            "hans other\nyoda wise\nluke lightsaber\nnew people\n",
        ] {
            assert_eq!(loss(FIVE, after), None, "{after}");
        }
        let leaving = ["leia", "luke", "chewy"].map(|name| UserName::new(name).unwrap()).into();
        assert_eq!(loss_but(FIVE, "hans falcon\nyoda wise\n", &leaving), None, "by order");
        assert_eq!(loss("hans falcon\nyoda wise\n", "hans falcon\n"), None);
        assert_eq!(loss("hans falcon\nyoda wise", "hans falcon\nyoda wi"), None, "there was no end before either");
    }
}
