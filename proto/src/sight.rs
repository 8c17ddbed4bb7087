//! Which characters show nothing by themselves: one table for everything that is shown, written or opened.

/// Whether a character shows nothing by itself, or turns the characters around it about: marks and overrides of
/// direction (UAX #9), separators of lines and paragraphs, fillers that are as blank as a space, tags, joiners,
/// selectors of variants. White space and control characters are not among them.
///
/// The characters of `Default_Ignorable_Code_Point` in `DerivedCoreProperties.txt` (Unicode 16), the other characters
/// of format that draw nothing, and the blank letters that only look empty: Braille, Hangul and Khitan fillers.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    is_joining(c)
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{13430}'..='\u{1343F}' | '\u{16FE4}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether an invisible character is one that scripts and emoji need between or behind visible ones: joiners and
/// selectors of variants. Beside visible characters it stays as it is.
#[must_use]
pub const fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// Whether nothing is seen where a character stands: white space, control characters, invisible ones.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_show_nothing_are_blank() {
        let invisible = [
            '\u{AD}',
            '\u{34F}',
            '\u{115F}',
            '\u{17B4}',
            '\u{180B}',
            '\u{180E}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{200E}',
            '\u{2028}',
            '\u{2029}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{206A}',
            '\u{2800}',
            '\u{3164}',
            '\u{FE0F}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFF9}',
            '\u{1D173}',
            '\u{E0041}',
            '\u{E0100}',
        ];
        for c in invisible {
            assert!(is_invisible(c) && is_blank(c), "U+{:04X}", u32::from(c));
        }
        for c in [' ', '\t', '\n', '\u{A0}', '\u{3000}', '\u{85}', '\u{1B}', '\0'] {
            assert!(is_blank(c) && !is_invisible(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn letters_marks_and_emoji_are_seen() {
        for c in ['a', 'ß', '你', 'ع', 'क', '\u{301}', '👩', '⠁', '한', '\u{FFFD}', '\u{FFFC}'] {
            assert!(!is_blank(c), "U+{:04X}", u32::from(c));
        }
    }
}
