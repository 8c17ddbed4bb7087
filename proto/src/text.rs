//! The text of a message as a checked type.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::limits::MAX_TEXT_BYTES;

/// What a user wrote: UTF-8, not only white space, at most [`MAX_TEXT_BYTES`]; kept as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Box<str>")]
pub struct Text(Box<str>);

/// Why a string is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("a message has at least one visible character")]
    Empty,
    /// More than [`MAX_TEXT_BYTES`].
    #[error("a message has at most {MAX_TEXT_BYTES} bytes; longer is a file")]
    TooLong,
}

impl Text {
    /// Checks a text.
    ///
    /// # Errors
    /// [`TextError`] if it is blank or too long.
    pub fn new(raw: &str) -> Result<Self, TextError> {
        Self::check(raw)?;
        Ok(Self(raw.into()))
    }

    fn check(raw: &str) -> Result<(), TextError> {
        if raw.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if raw.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooLong);
        }
        Ok(())
    }

    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Box<str>> for Text {
    type Error = TextError;
    fn try_from(raw: Box<str>) -> Result<Self, TextError> {
        Self::check(&raw)?;
        Ok(Self(raw))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_as_written() {
        assert_eq!(Text::new("  two\n lines ").unwrap().as_str(), "  two\n lines ");
    }

    #[test]
    fn blank_and_oversized_texts_are_refused() {
        assert_eq!(Text::new(" \n\t\u{3000}"), Err(TextError::Empty));
        assert!(Text::new(&"x".repeat(MAX_TEXT_BYTES)).is_ok());
        assert_eq!(Text::new(&"x".repeat(MAX_TEXT_BYTES + 1)), Err(TextError::TooLong));
    }
}
