//! What a name looks like: which names people take for each other, and which nobody may take.
//!
//! Names are ASCII ([`UserName`]), so that of the confusables of UTS 39 a short table is left. The rule is for accounts
//! that are made while a server runs; the file of accounts may hold any name.

use crate::UserName;

/// What a name looks like. Two names with the same skeleton are taken for each other: `Yoda`, `y0da` and `yoda.`.
///
/// Letters count without case; `i`, `l`, `1` and `|` are one sign, `o` and `0` another, `rn` is `m`, `vv` is `w` (UTS 39,
/// section 4, and its table of confusables). Punctuation does not count, but for that between two digits: `1.12` is not
/// `11.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skeleton(Box<str>);

/// Words that the program says of itself and of everybody, as skeletons have them.
const RESERVED: [&str; 24] = [
    "admin",
    "administrator",
    "all",
    "direct",
    "error",
    "everybody",
    "everyone",
    "here",
    "me",
    "moderator",
    "nobody",
    "notice",
    "operator",
    "private",
    "refused",
    "room",
    "server",
    "somebody",
    "system",
    "warning",
    "whoelse",
    "whoelsecli",
    "whoelseserver",
    "you",
];

/// Characters that the lines of a client are made of: `yoda(private): hi`, `[12:00] yoda: hi`, `hans> `.
const OF_LINES: &str = "()[]<>:;,\"'`";

/// What a name may not begin with: a room, a mention and a command do.
const OF_WORDS: [char; 3] = ['#', '@', '/'];

/// Why a name is not given to a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is, or looks like, a word that the program uses.
    #[error("the program uses this word itself")]
    Reserved,
    /// It holds what the program's own lines are made of, or nothing but punctuation.
    #[error("it reads like a line of the program")]
    Marks,
}

impl Skeleton {
    /// The skeleton of a name.
    #[must_use]
    pub fn of(name: &UserName) -> Self {
        let bytes = name.as_str().as_bytes();
        let is_digit = |index: Option<usize>| index.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        let mut signs = String::with_capacity(bytes.len());
        for (at, byte) in bytes.iter().enumerate() {
            match byte.to_ascii_lowercase() {
                b'i' | b'l' | b'1' | b'|' => signs.push('l'),
                b'0' => signs.push('o'),
                letter if letter.is_ascii_alphanumeric() => signs.push(char::from(letter)),
                _ if is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) => signs.push('.'),
                _ => {}
            }
        }
        Self(signs.replace("rn", "m").replace("vv", "w").into())
    }

    fn of_word(word: &str) -> Option<Self> {
        UserName::new(word).ok().map(|word| Self::of(&word))
    }
}

/// Why a new account may not have this name, whoever else has one.
#[must_use]
pub fn unfit(name: &UserName) -> Option<Unfit> {
    let (raw, skeleton) = (name.as_str(), Skeleton::of(name));
    if skeleton.0.is_empty() || raw.contains(|c| OF_LINES.contains(c)) || raw.starts_with(OF_WORDS) {
        Some(Unfit::Marks)
    } else if RESERVED.iter().any(|word| Skeleton::of_word(word).as_ref() == Some(&skeleton)) {
        Some(Unfit::Reserved)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn look_alike(one: &str, other: &str) -> bool {
        Skeleton::of(&name(one)) == Skeleton::of(&name(other))
    }

    #[test]
    fn names_that_people_take_for_each_other_have_one_skeleton() {
        for like in ["Yoda", "YODA", "yoda.", ".yoda", "y0da", "yo-da", "y_o_d_a", "yoda!", "~yoda~"] {
            assert!(look_alike("yoda", like), "{like}");
        }
        for (one, other) in [("luke", "1uke"), ("luke", "Iuke"), ("luke", "|uke"), ("max", "rnax"), ("wedge", "vvedge")]
            .into_iter()
            .chain([("r2", "r2."), ("r2", "r-2"), ("user1", "user_1")])
        {
            assert!(look_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_differ_to_the_eye_have_skeletons_of_their_own() {
        for (one, other) in
            [("yoda", "yodo"), ("hans", "hansel"), ("r2d2", "c3p0"), ("user1", "user2"), ("user1.12", "user11.2")]
        {
            assert!(!look_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn words_of_the_program_and_what_looks_like_them_are_reserved() {
        for word in
            RESERVED.into_iter().chain(["You", "Everyone", "SERVER", "adm1n", "a11", "r00m", "who-else", "system."])
        {
            assert_eq!(unfit(&name(word)), Some(Unfit::Reserved), "{word}");
        }
    }

    #[test]
    fn what_the_lines_of_a_client_are_made_of_stands_in_no_new_name() {
        for raw in
            ["yoda(private)", "yoda:", "[12:00]", "yoda>", "a,b", "\"yoda\"", "#room", "@yoda", "/help", "...", "-"]
        {
            assert_eq!(unfit(&name(raw)), Some(Unfit::Marks), "{raw}");
        }
    }

    #[test]
    fn ordinary_names_are_free() {
        for raw in ["yoda", "r2d2", "obi-wan", "leia.organa", "x", "anna_b", "youri", "adminka", "b@se", "c3p0~"] {
            assert_eq!(unfit(&name(raw)), None, "{raw}");
        }
    }
}
