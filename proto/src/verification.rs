//! What two people compare to know that nobody sits between them (`docs/PROTOCOL.md`, section 14).
//!
//! The digits come from both names and keys alone: they are the same in every session, and to find other keys with
//! equal digits is out of reach. The emoji take in a random number of each side, of which one is committed to before
//! the other is known: so few signs are safe, since nobody can search for keys that fit.

use sha2::{Digest, Sha512};

use crate::{DeviceKey, UserName};

/// Signs in the short code: 42 bits.
pub const EMOJI: usize = 7;

/// Groups of five digits in the long code: 199 bits.
pub const DIGIT_GROUPS: usize = 12;

/// One end of a private session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End<'a> {
    /// Whose device.
    pub name: &'a UserName,
    /// Its key.
    pub device: DeviceKey,
    /// The random number that this end drew for the session.
    pub nonce: [u8; 32],
}

/// An emoji of the short code, with its name for those who do not see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// The sign.
    pub sign: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// The codes that both ends see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Places in [`TABLE`].
    signs: [u8; EMOJI],
    /// For these two devices, in every session: twelve groups of five.
    pub digits: String,
}

impl Verification {
    /// The codes of two ends, whichever comes first.
    #[must_use]
    pub fn of(one: End<'_>, other: End<'_>) -> Self {
        let in_order = |end: &End<'_>| (end.name.clone(), end.device);
        let ends = if in_order(&one) <= in_order(&other) { [one, other] } else { [other, one] };
        let mut digits = Sha512::new_with_prefix(b"whoelse digits v1");
        let mut emoji = Sha512::new_with_prefix(b"whoelse emoji v1");
        for end in ends {
            let name = end.name.as_str().as_bytes();
            let length = [u8::try_from(name.len()).unwrap_or(u8::MAX)];
            for hash in [&mut digits, &mut emoji] {
                hash.update(length);
                hash.update(name);
                hash.update(end.device.as_bytes());
            }
            emoji.update(end.nonce);
        }
        Self { signs: signs(&emoji.finalize()), digits: groups(&digits.finalize()) }
    }

    /// For this session: read aloud and compare.
    #[must_use]
    pub fn emoji(&self) -> [Emoji; EMOJI] {
        self.signs.map(|place| {
            let (sign, name) = TABLE.get(usize::from(place)).copied().unwrap_or_default();
            Emoji { sign, name }
        })
    }
}

/// What binds an end to its random number before it shows it: the SHA-512 of the number.
#[must_use]
pub fn commitment(random: &[u8; 32]) -> Vec<u8> {
    Sha512::digest(random).to_vec()
}

/// The first [`EMOJI`] bytes, of each the lower six bits.
fn signs(hash: &[u8]) -> [u8; EMOJI] {
    std::array::from_fn(|n| hash.get(n).copied().unwrap_or_default() % 64)
}

/// [`DIGIT_GROUPS`] times five bytes as a big-endian number, of it the last five decimal digits.
fn groups(hash: &[u8]) -> String {
    let group = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 100_000;
    let groups: Vec<_> = hash.chunks(5).take(DIGIT_GROUPS).map(|bytes| format!("{:05}", group(bytes))).collect();
    groups.join(" ")
}

/// The signs of the short code: those of Matrix (`m.sas.v1`), chosen to be told apart and named in any language.
pub const TABLE: [(&str, &str); 64] = [
    ("🐶", "dog"),
    ("🐱", "cat"),
    ("🦁", "lion"),
    ("🐎", "horse"),
    ("🦄", "unicorn"),
    ("🐷", "pig"),
    ("🐘", "elephant"),
    ("🐰", "rabbit"),
    ("🐼", "panda"),
    ("🐓", "rooster"),
    ("🐧", "penguin"),
    ("🐢", "turtle"),
    ("🐟", "fish"),
    ("🐙", "octopus"),
    ("🦋", "butterfly"),
    ("🌷", "flower"),
    ("🌳", "tree"),
    ("🌵", "cactus"),
    ("🍄", "mushroom"),
    ("🌏", "globe"),
    ("🌙", "moon"),
    ("☁️", "cloud"),
    ("🔥", "fire"),
    ("🍌", "banana"),
    ("🍎", "apple"),
    ("🍓", "strawberry"),
    ("🌽", "corn"),
    ("🍕", "pizza"),
    ("🎂", "cake"),
    ("❤️", "heart"),
    ("😀", "smiley"),
    ("🤖", "robot"),
    ("🎩", "hat"),
    ("👓", "glasses"),
    ("🔧", "spanner"),
    ("🎅", "santa"),
    ("👍", "thumbs up"),
    ("☂️", "umbrella"),
    ("⌛", "hourglass"),
    ("⏰", "clock"),
    ("🎁", "gift"),
    ("💡", "light bulb"),
    ("📕", "book"),
    ("✏️", "pencil"),
    ("📎", "paperclip"),
    ("✂️", "scissors"),
    ("🔒", "lock"),
    ("🔑", "key"),
    ("🔨", "hammer"),
    ("☎️", "telephone"),
    ("🏁", "flag"),
    ("🚂", "train"),
    ("🚲", "bicycle"),
    ("✈️", "aeroplane"),
    ("🚀", "rocket"),
    ("🏆", "trophy"),
    ("⚽", "ball"),
    ("🎸", "guitar"),
    ("🎺", "trumpet"),
    ("🔔", "bell"),
    ("⚓", "anchor"),
    ("🎧", "headphones"),
    ("📁", "folder"),
    ("📌", "pin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn end(name: &UserName, key: u8, nonce: u8) -> End<'_> {
        End { name, device: DeviceKey::from_bytes([key; 32]), nonce: [nonce; 32] }
    }

    fn names(code: &Verification) -> [&'static str; EMOJI] {
        code.emoji().map(|emoji| emoji.name)
    }

    #[test]
    fn both_ends_see_the_codes_of_the_document() {
        let (hans, yoda) = (name("hans"), name("yoda"));
        let code = Verification::of(end(&hans, 0x11, 0x33), end(&yoda, 0x22, 0x44));
        assert_eq!(code, Verification::of(end(&yoda, 0x22, 0x44), end(&hans, 0x11, 0x33)));
        let document = include_str!("../../docs/PROTOCOL.md");
        assert!(document.contains(&code.digits), "{}", code.digits);
        assert!(document.contains(&names(&code).join(", ")), "{}", names(&code).join(", "));
    }

    #[test]
    fn every_part_of_either_end_changes_the_codes() {
        let (hans, yoda, leia) = (name("hans"), name("yoda"), name("leia"));
        let code = Verification::of(end(&hans, 1, 3), end(&yoda, 2, 4));
        for other in [end(&leia, 2, 4), end(&yoda, 9, 4)] {
            let changed = Verification::of(end(&hans, 1, 3), other);
            assert_ne!(changed.digits, code.digits);
            assert_ne!(changed.emoji(), code.emoji());
        }
        let next = Verification::of(end(&hans, 1, 3), end(&yoda, 2, 9));
        assert_eq!(next.digits, code.digits, "the digits are those of the devices");
        assert_ne!(next.emoji(), code.emoji(), "the emoji are those of the session");
    }

    #[test]
    fn a_commitment_is_the_sha_512_of_the_random_number() {
        let digits = data_encoding::HEXLOWER.encode(&commitment(&[7; 32]));
        assert_eq!(
            digits,
            "2fad39fefd7fa3e200a9c626eef599e61a2d055c48a8288a4e7e4c4bca3928f8\
             9c7d6db3506d65dbac7c052aaee4857425210c9bc54030c826e54055983452a5"
        );
    }

    #[test]
    fn names_that_run_into_each_other_are_told_apart() {
        let names = [name("ab"), name("c"), name("a"), name("bc")];
        let one = Verification::of(end(&names[0], 1, 3), end(&names[1], 1, 3));
        let other = Verification::of(end(&names[2], 1, 3), end(&names[3], 1, 3));
        assert_ne!(one.digits, other.digits);
    }

    #[test]
    fn no_two_signs_are_alike() {
        let distinct = |of: fn(&(&'static str, &'static str)) -> &'static str| {
            TABLE.iter().map(of).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!((distinct(|entry| entry.0), distinct(|entry| entry.1)), (64, 64));
    }
}
