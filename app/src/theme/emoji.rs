//! Emoji within words: they are set in the system's font of emoji, so that ❤️, ⚠️ and 1️⃣ have their colours.
//!
//! A font of words may have ❤ as a letter. Whether the letter or the picture is meant is told by the variation selector
//! behind it ([UTS 51](https://www.unicode.org/reports/tr51/#Emoji_Variation_Sequences)), which egui does not read.

use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::{FontId, TextFormat, epaint::text::FontsView, text::LayoutJob};
use unicode_segmentation::UnicodeSegmentation as _;

use super::text::Face;

/// An emoji that no font of words has: whatever font is found for it has the others too.
const PROBE: char = '🧩';

/// Whether the system has a font of emoji. Without one, emoji are set in the font of words.
static HAS_FONT: AtomicBool = AtomicBool::new(false);

/// Looks for the system's font of emoji.
pub(super) fn look_up(fonts: &mut FontsView<'_>, size: f32) {
    let has = fonts.has_glyph(&FontId::new(size, Face::Emoji.family()), PROBE);
    HAS_FONT.store(has, Ordering::Relaxed);
}

/// Appends words to a job, their emoji in the font of emoji.
pub fn append(job: &mut LayoutJob, text: &str, leading_space: f32, format: &TextFormat) {
    let mut leading_space = leading_space;
    if text.is_ascii() || !HAS_FONT.load(Ordering::Relaxed) {
        job.append(text, leading_space, format.clone());
        return;
    }
    for (part, kind) in parts(text) {
        let format = match kind {
            Kind::Words => format.clone(),
            Kind::Emoji => {
                let font_id = FontId::new(format.font_id.size, Face::Emoji.family());
                TextFormat { font_id, italics: false, ..format.clone() }
            }
        };
        job.append(part, std::mem::take(&mut leading_space), format);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Words,
    Emoji,
}

/// The text in parts of one kind.
fn parts(text: &str) -> Vec<(&str, Kind)> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut before = None;
    for (at, sign) in text.grapheme_indices(true) {
        let kind = if is_emoji(sign) { Kind::Emoji } else { Kind::Words };
        if before.is_some_and(|before| before != kind) {
            parts.extend(text.get(begin..at).zip(before));
            begin = at;
        }
        before = Some(kind);
    }
    parts.extend(text.get(begin..).zip(before));
    parts
}

/// Turns a sign into its picture.
const AS_PICTURE: char = '\u{FE0F}';
/// Puts a sign into a key.
const KEYCAP: char = '\u{20E3}';

/// Whether a sign is meant as a picture: by itself, or by the selector behind it.
fn is_emoji(sign: &str) -> bool {
    !sign.is_ascii()
        && (sign.contains([AS_PICTURE, KEYCAP]) || emojis::get(sign).is_some_and(|emoji| emoji.as_str() == sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_from_letters() {
        for sign in ["❤️", "⚠️", "1️⃣", "#️⃣", "👍", "⚡", "✅", "🏳️‍🌈", "👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️‍🔥"]
        {
            assert!(is_emoji(sign), "{sign}");
        }
        for sign in ["❤", "1", "a", "ä", "©", "™", "→", "明", "e\u{301}"] {
            assert!(!is_emoji(sign), "{sign}");
        }
    }

    #[test]
    fn a_text_is_cut_where_the_kind_changes() {
        use Kind::{Emoji, Words};
        assert_eq!(parts("I ❤️👍 it"), [("I ", Words), ("❤️👍", Emoji), (" it", Words)]);
        assert_eq!(parts("1️⃣ one"), [("1️⃣", Emoji), (" one", Words)]);
        assert_eq!(parts("words"), [("words", Words)]);
        assert_eq!(parts(""), []);
    }
}
