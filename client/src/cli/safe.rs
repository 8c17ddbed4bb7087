//! Foreign text made harmless: what would command the terminal or reorder the line is shown as a sign.

use std::fmt::Write as _;

/// Columns of a tab.
const TAB: &str = "    ";

/// What stands in front of the second and further lines of a text, so that none looks like a line of its own.
const INDENT: &str = "  ";

/// Foreign text in lines, the first as it is, the others indented.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\n' => {
                out.push('\n');
                out.push_str(INDENT);
            }
            '\t' => out.push_str(TAB),
            c => push(c, &mut out),
        }
    }
    out
}

/// Foreign text in one line.
pub(super) fn line(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    raw.chars().for_each(|c| push(c, &mut out));
    out
}

/// A character, or the sign for it.
fn push(c: char, out: &mut String) {
    match u32::from(c) {
        // The control pictures of Unicode: ␀ to ␟, and ␡.
        code @ 0x00..=0x1F => out.extend(char::from_u32(0x2400 + code)),
        0x7F => out.push('\u{2421}'),
        code if c.is_control() || is_invisible(code) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "<U+{code:04X}>");
        }
        _ => out.push(c),
    }
}

/// Whether a character reorders text, or is not seen at all: marks and overrides of direction (UAX #9), line and
/// paragraph separators, characters without width other than the joiners that scripts and emoji need, tags.
const fn is_invisible(code: u32) -> bool {
    matches!(code,
        0x00AD | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F
        | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_and_bells_are_shown() {
        assert_eq!(text("\u{1b}[2J\u{7}\u{9b}31m"), "␛[2J␇<U+009B>31m");
        assert_eq!(line("a\r\nb"), "a␍␊b");
    }

    #[test]
    fn overrides_of_direction_and_invisible_characters_are_shown() {
        assert_eq!(text("\u{202e}txt.exe"), "<U+202E>txt.exe");
        assert_eq!(text("a\u{200b}b\u{2066}c"), "a<U+200B>b<U+2066>c");
        assert_eq!(text("\u{e0041}"), "<U+E0041>");
    }

    #[test]
    fn further_lines_are_indented_so_that_none_speaks_for_somebody_else() {
        assert_eq!(text("hi\nvader: give up"), "hi\n  vader: give up");
        assert_eq!(text("a\tb"), "a    b");
    }

    #[test]
    fn words_of_every_script_and_emoji_stay_as_they_are() {
        for raw in ["Grüße", "你好", "مرحبا", "👩\u{200d}🚀", "e\u{301}"] {
            assert_eq!(text(raw), raw);
        }
    }

    proptest! {
        #[test]
        fn no_text_reaches_the_terminal_with_a_control_character(raw in any::<String>()) {
            prop_assert!(text(&raw).chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(line(&raw).chars().all(|c| !c.is_control()));
        }
    }
}
