//! User names and passwords as checked types.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::limits::{MAX_NAME_BYTES, MAX_PASSWORD_BYTES};

/// A user's name: 1 to [`MAX_NAME_BYTES`] visible ASCII characters, case-sensitive.
///
/// ASCII alone, so that no two names look alike (`docs/decisions/0001-ascii-names.md`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Box<str>")]
pub struct UserName(Box<str>);

/// Why a string is no user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No character at all.
    #[error("a name has at least one character")]
    Empty,
    /// More than [`MAX_NAME_BYTES`].
    #[error("a name has at most {MAX_NAME_BYTES} characters")]
    TooLong,
    /// A space, a control character or anything outside ASCII.
    #[error("a name holds letters from a to z, digits and signs such as . - _, and no spaces")]
    Character,
}

/// Whether `c` may stand in a name or a password (`docs/BEHAVIOUR.md`, Accounts).
fn is_allowed(c: u8) -> bool {
    c.is_ascii_graphic()
}

impl UserName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`NameError`] if it is empty, too long or holds another character than visible ASCII.
    pub fn new(raw: &str) -> Result<Self, NameError> {
        Self::check(raw)?;
        Ok(Self(raw.into()))
    }

    fn check(raw: &str) -> Result<(), NameError> {
        if raw.is_empty() {
            return Err(NameError::Empty);
        }
        if raw.len() > MAX_NAME_BYTES {
            return Err(NameError::TooLong);
        }
        if !raw.bytes().all(is_allowed) {
            return Err(NameError::Character);
        }
        Ok(())
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Box<str>> for UserName {
    type Error = NameError;
    fn try_from(raw: Box<str>) -> Result<Self, NameError> {
        Self::check(&raw)?;
        Ok(Self(raw))
    }
}

impl Serialize for UserName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl std::str::FromStr for UserName {
    type Err = NameError;
    fn from_str(raw: &str) -> Result<Self, NameError> {
        Self::new(raw)
    }
}

impl Borrow<str> for UserName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A password: 1 to [`MAX_PASSWORD_BYTES`] visible ASCII characters. Never printed, never on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(zeroize::Zeroizing<Box<str>>);

/// Why a string is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// No character at all.
    #[error("a password has at least one character")]
    Empty,
    /// More than [`MAX_PASSWORD_BYTES`].
    #[error("a password has at most {MAX_PASSWORD_BYTES} characters")]
    TooLong,
    /// A space, a control character or anything outside ASCII.
    #[error("a password holds letters from a to z, digits and signs, and no spaces")]
    Character,
}

impl Password {
    /// Checks a password.
    ///
    /// # Errors
    /// [`PasswordError`] if it is empty, too long or holds another character than visible ASCII.
    pub fn new(raw: &str) -> Result<Self, PasswordError> {
        if raw.is_empty() {
            return Err(PasswordError::Empty);
        }
        if raw.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordError::TooLong);
        }
        if !raw.bytes().all(is_allowed) {
            return Err(PasswordError::Character);
        }
        Ok(Self(zeroize::Zeroizing::new(raw.into())))
    }

    /// The password itself, for the login alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_visible_ascii_character_may_stand_in_a_name_and_a_password() {
        let all: String = (0x21..=0x7e_u8).map(char::from).collect();
        for part in all.as_bytes().chunks(MAX_NAME_BYTES) {
            let part = std::str::from_utf8(part).unwrap();
            assert_eq!(UserName::new(part).unwrap().as_str(), part);
        }
        assert_eq!(Password::new(&all).unwrap().expose(), all);
    }

    #[test]
    fn a_name_is_found_among_names_by_its_letters() {
        let names = std::collections::BTreeSet::from([UserName::new("hans").unwrap()]);
        assert!(names.contains("hans") && !names.contains("yoda"));
    }

    #[test]
    fn spaces_controls_and_letters_outside_ascii_are_refused() {
        for raw in ["han s", "hans\n", "h\u{0}", "h\u{e4}ns", "\u{202e}snah", "\u{7f}"] {
            assert_eq!(UserName::new(raw), Err(NameError::Character), "{raw:?}");
            assert_eq!(Password::new(raw).unwrap_err(), PasswordError::Character, "{raw:?}");
        }
    }

    #[test]
    fn the_longest_name_is_taken_and_one_more_is_refused() {
        assert!(UserName::new(&"x".repeat(MAX_NAME_BYTES)).is_ok());
        assert_eq!(UserName::new(&"x".repeat(MAX_NAME_BYTES + 1)), Err(NameError::TooLong));
        assert_eq!(UserName::new(""), Err(NameError::Empty));
    }

    #[test]
    fn a_password_is_not_printed() {
        let password = Password::new("falcon").unwrap();
        assert!(!format!("{password:?}").contains("falcon"));
    }
}
