//! Texts compared as people read them: without regard to case, accents, width and the way a letter is composed.
//!
//! Compatibility forms are taken apart ([UAX 15](https://www.unicode.org/reports/tr15/), NFKD), accents go, what is left
//! is composed again and lower case. Marks that make another letter, such as kana with a voice mark, vowels of Thai and
//! of the scripts of India, stay.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// Combining classes of accents: points of Hebrew, Arabic and Syriac, and marks above, below and across letters
/// ([UAX 44](https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values)).
const ACCENTS: [std::ops::RangeInclusive<u8>; 4] = [1..=1, 10..=36, 200..=224, 226..=240];

/// Vowels and final consonants of Hangul, which are part of the syllable before them.
const HANGUL_TAIL: std::ops::RangeInclusive<char> = '\u{1160}'..='\u{11FF}';

fn is_accent(c: char) -> bool {
    let class = canonical_combining_class(c);
    ACCENTS.iter().any(|classes| classes.contains(&class))
}

/// Letters that no table takes apart and every keyboard without them writes otherwise.
const fn spelt(c: char) -> Option<&'static str> {
    match c {
        'ß' | 'ẞ' => Some("ss"),
        'ø' | 'Ø' => Some("o"),
        'ł' | 'Ł' => Some("l"),
        'đ' | 'Đ' => Some("d"),
        'ı' => Some("i"),
        'æ' | 'Æ' => Some("ae"),
        'œ' | 'Œ' => Some("oe"),
        _ => None,
    }
}

/// A text as it is compared.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_accent(*c)) {
        match spelt(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.extend(c.to_lowercase().filter(|c| !is_accent(*c))),
        }
    }
    plain.nfc().collect()
}

/// Whether a character begins anew, and is no part of the one before it.
fn begins(c: char) -> bool {
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0 && !HANGUL_TAIL.contains(&first)
}

/// The bytes of `text` that read as `word`, which is [`folded`].
#[must_use]
pub fn find_folded(text: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() {
        return None;
    }
    let (mut whole, mut pieces) = (String::new(), Vec::new());
    for piece in letters(text) {
        let from = whole.len();
        whole.push_str(&folded(text.get(piece.clone()).unwrap_or_default()));
        pieces.push((from, piece));
    }
    let start = whole.find(word)?;
    let end = start + word.len();
    let first = pieces.partition_point(|(from, _)| *from <= start).checked_sub(1)?;
    let last = pieces.partition_point(|(from, _)| *from < end).checked_sub(1)?;
    // A letter that reads as nothing lies before what follows it.
    Some(pieces.get(first)?.1.start..pieces.get(last)?.1.end)
}

/// The letters of a text, each with the marks that belong to it.
fn letters(text: &str) -> Vec<Range<usize>> {
    let mut letters: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match letters.last_mut() {
            Some(last) if !c.is_ascii() && !begins(c) => last.end = end,
            Some(_) | None => letters.push(at..end),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_width_and_composition_do_not_count() {
        for (one, other) in [
            ("JÜRGEN", "jurgen"),
            ("Ju\u{308}rgen", "jürgen"),
            ("Café", "CAFE"),
            ("Straße", "STRASSE"),
            ("ＡＢＣ１２", "abc12"),
            ("ｶﾞｽ", "ガス"),
            ("\u{1112}\u{1161}\u{11AB}글", "한글"),
            ("Ωμέγα", "ωμεγα"),
            ("İstanbul", "istanbul"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("Łódź", "lodz"),
            ("ﬁle", "file"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
    }

    #[test]
    fn marks_that_make_another_letter_count() {
        for (one, other) in [("か", "が"), ("กา", "กี"), ("कि", "के")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_word_is_found_with_all_its_marks_where_it_stands() {
        let find = |text: &'static str, word: &str| find_folded(text, &folded(word)).map(|at| &text[at]);
        assert_eq!(find("see Ju\u{308}rgen now", "jurgen"), Some("Ju\u{308}rgen"));
        assert_eq!(find("of ＡＢＣ", "bc"), Some("ＢＣ"));
        assert_eq!(find("Straße", "strasse"), Some("Straße"));
        assert_eq!(find("明日の", "日の"), Some("日の"));
        assert_eq!(find("ｶﾞｽ", "ガ"), Some("ｶﾞ"));
        assert_eq!(find("abc", "abcd"), None);
        assert_eq!(find("abc", ""), None);
    }
}
