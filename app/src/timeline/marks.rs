//! The marks of a line that come in pairs, and which pairs somebody meant.

use std::ops::Range;

use pulldown_cmark::{Tag, TagEnd};

/// Stands before a line, so that no line begins a heading, a list or a quote.
/// The blank lets a mark at its beginning open a pair before any sign.
pub(super) const LEAD: &str = "\u{E0FD} ";

/// A pair of marks that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Bold,
    Italic,
    Struck,
}

impl Mark {
    /// What begins with a tag.
    pub(super) fn begun(tag: &Tag<'_>) -> Option<Self> {
        let tags = [(Tag::Strong, Self::Bold), (Tag::Emphasis, Self::Italic), (Tag::Strikethrough, Self::Struck)];
        tags.into_iter().find_map(|(known, mark)| (known == *tag).then_some(mark))
    }

    /// Whether a tag ends it.
    pub(super) fn is_ended_by(self, tag: TagEnd) -> bool {
        let end = match self {
            Self::Bold => TagEnd::Strong,
            Self::Italic => TagEnd::Emphasis,
            Self::Struck => TagEnd::Strikethrough,
        };
        tag == end
    }

    /// Bytes of each of the two marks.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Bold | Self::Struck => 2,
            Self::Italic => 1,
        }
    }
}

/// Signs before which emphasis may begin, besides blanks.
const BEFORE: &str = "([{\"'“‘«*_~:;,!?>|-–—…";
/// Signs behind which emphasis may end, besides blanks.
const BEHIND: &str = ")]}\"'”’»*_~:;,.!?<|-–—…";
/// Signs with which emphasised words may begin, besides letters.
const FIRST: &str = "([{\"'“‘«*_~`@#+$€£¿¡<";

/// Whether somebody meant a pair of marks: apart from the words around it, and around words, not a pattern of names.
pub(super) fn is_meant(text: &str, range: &Range<usize>, mark: Mark) -> bool {
    let length = mark.length();
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let behind = text.get(range.end..).and_then(|text| text.chars().next());
    let inner = text.get(range.start + length..range.end - length).unwrap_or_default();
    let is_apart = |c: Option<char>, signs: &str| {
        c.is_none_or(|c| {
            c.is_whitespace() || signs.contains(c) || is_unspaced(c) || !c.is_alphanumeric() && !c.is_ascii()
        })
    };
    let begins_well = inner.chars().next().is_some_and(|c| !c.is_ascii_punctuation() || FIRST.contains(c));
    // `_build_` and `__init__` are names; several words between underscores are not.
    let is_name =
        text.get(range.start..).is_some_and(|text| text.starts_with('_')) && !inner.contains(char::is_whitespace);
    // A single `~` stands for "about", and before the name of a folder.
    let is_whole = mark != Mark::Struck || text.get(range.clone()).is_some_and(|text| text.starts_with("~~"));
    is_whole && is_apart(before, BEFORE) && is_apart(behind, BEHIND) && begins_well && !is_name
}

/// Whether a letter is of a script that does not part words with spaces, or that is written close to other words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x2E80..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x2_0000..=0x3_FFFF)
}
