//! The text of a message as a checked type.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::limits::MAX_TEXT_BYTES;
use crate::sight::is_blank;

/// What a user wrote: UTF-8, not blank, at most [`MAX_TEXT_BYTES`]; kept as written.
///
/// What is written anew is checked by what is seen of it ([`Self::new`]). A text that an earlier version took is read
/// from a disk or the wire as it is, though it may show nothing ([`Self::taken`], and deserialization).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Box<str>")]
pub struct Text(Box<str>);

/// Why a string is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing of it is seen.
    #[error("a message has at least one visible character")]
    Empty,
    /// More than [`MAX_TEXT_BYTES`].
    #[error("a message has at most {MAX_TEXT_BYTES} bytes; longer is a file")]
    TooLong,
}

impl Text {
    /// Checks a text that is being written.
    ///
    /// # Errors
    /// [`TextError`] if nothing of it is seen or it is too long.
    pub fn new(raw: &str) -> Result<Self, TextError> {
        let text = Self::taken(raw)?;
        if text.is_blank() { Err(TextError::Empty) } else { Ok(text) }
    }

    /// A text that was taken before, by whatever version: one of invisible characters alone is read.
    ///
    /// # Errors
    /// [`TextError`] if it is nothing but white space, or too long.
    pub fn taken(raw: &str) -> Result<Self, TextError> {
        Self::check(raw)?;
        Ok(Self(raw.into()))
    }

    /// Whether nothing of it is seen.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.chars().all(is_blank)
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

    #[test]
    fn a_text_of_which_nothing_is_seen_is_not_written_anew_but_read_where_it_is() {
        for raw in ["\u{200B}\u{200B}", "\u{2800}", "\u{3164} \u{FE0F}", "\u{E0041}\u{E007F}", "\u{202E}\n\u{2066}"] {
            assert_eq!(Text::new(raw), Err(TextError::Empty), "{raw:?}");
            let taken = Text::taken(raw).unwrap();
            assert!(taken.is_blank() && taken.as_str() == raw);
            assert_eq!(Text::try_from(Box::from(raw)), Ok(taken));
        }
        for raw in ["\u{200B}x", "👩\u{200D}🚀", "\u{2764}\u{FE0F}"] {
            assert!(!Text::new(raw).unwrap().is_blank(), "{raw:?}");
        }
    }
}
