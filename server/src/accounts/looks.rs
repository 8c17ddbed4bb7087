//! What is odd about the names of accounts that an administrator wrote: they are warned of, not refused.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{Skeleton, UserName, unfit};

/// Oddities that are told one by one.
const MAX_TOLD: usize = 10;

/// What is odd about names, in sentences without an end, at most `MAX_TOLD` and one for the rest.
#[must_use]
pub fn odd_names(names: &BTreeSet<UserName>) -> Vec<String> {
    let mut alike: BTreeMap<Skeleton, Vec<&str>> = BTreeMap::new();
    let mut odd = Vec::new();
    for name in names {
        alike.entry(Skeleton::of(name)).or_default().push(name.as_str());
        odd.extend(unfit(name).map(|why| format!("{name}: {why}")));
    }
    let alike = alike.into_values().filter(|names| names.len() > 1);
    odd.extend(alike.map(|names| format!("these names look alike: {}", names.join(", "))));
    let more = odd.len().saturating_sub(MAX_TOLD);
    odd.truncate(MAX_TOLD);
    odd.extend((more > 0).then(|| format!("{more} more names are odd in such a way")));
    odd
}

/// What is odd about one of the names.
#[must_use]
pub fn oddity(name: &UserName, others: &BTreeSet<UserName>) -> Option<String> {
    let look = Skeleton::of(name);
    let like = others.iter().find(|other| *other != name && Skeleton::of(other) == look);
    let like = like.map(|like| format!("{name} looks like {like}"));
    like.or_else(|| unfit(name).map(|why| format!("{name}: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &[&str]) -> BTreeSet<UserName> {
        raw.iter().map(|raw| UserName::new(raw).unwrap()).collect()
    }

    #[test]
    fn names_that_look_alike_and_words_of_the_program_are_odd() {
        let odd = odd_names(&names(&["hans", "yoda", "Yoda", "admin", "hans(private)"]));
        assert_eq!(
            odd,
            [
                "admin: the program uses this word itself",
                "hans(private): it reads like a line of the program",
                "these names look alike: Yoda, yoda",
            ]
        );
        assert!(odd_names(&names(&["hans", "r2d2", "c3p0", "obiwan"])).is_empty());
        let all = names(&["yoda", "Yoda"]);
        assert_eq!(oddity(&UserName::new("Yoda").unwrap(), &all).unwrap(), "Yoda looks like yoda");
    }

    #[test]
    fn many_oddities_are_counted() {
        let many: Vec<String> = (0..25).map(|n| format!("x:{n}")).collect();
        let odd = odd_names(&names(&many.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!((odd.len(), odd.last().unwrap().as_str()), (11, "15 more names are odd in such a way"));
    }
}
