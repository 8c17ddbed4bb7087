//! Foreign text made harmless: what would command the terminal or reorder the line is shown as a sign.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;
use whoelse_proto::{is_invisible, is_joining};

/// Columns of a tab.
const TAB: &str = "    ";

/// What stands in front of the second and further lines of a text, so that none looks like a line of its own.
const INDENT: &str = "  ";

/// Marks over one character that are shown: more than any script piles up. The others would run over the neighbours.
const MAX_MARKS: usize = 6;

/// Foreign text in lines, the first as it is, the others indented. [`wrap`] keeps them so at any width.
pub(super) fn text(raw: &str) -> String {
    let mut shown = Shown::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\n' => {
                shown.put('\n');
                INDENT.chars().for_each(|c| shown.put(c));
            }
            '\t' => TAB.chars().for_each(|c| shown.put(c)),
            c => shown.push(c),
        }
    }
    shown.finish()
}

/// Foreign text in one line.
pub(super) fn line(raw: &str) -> String {
    let mut shown = Shown::with_capacity(raw.len());
    raw.chars().for_each(|c| shown.push(c));
    shown.finish()
}

/// Text as it is shown, with the marks that pile up over its last character counted.
struct Shown {
    out: String,
    /// Characters without width since the last one with a width.
    marks: usize,
}

impl Shown {
    fn with_capacity(bytes: usize) -> Self {
        Self { out: String::with_capacity(bytes), marks: 0 }
    }

    /// Adds a foreign character, or the sign for it.
    fn push(&mut self, c: char) {
        match u32::from(c) {
            // The control pictures of Unicode: ␀ to ␟, and ␡.
            code @ 0x00..=0x1F => char::from_u32(0x2400 + code).into_iter().for_each(|sign| self.put(sign)),
            0x7F => self.put('\u{2421}'),
            code if c.is_control() || (is_invisible(c) && !is_joining(c)) => {
                format!("<U+{code:04X}>").chars().for_each(|sign| self.put(sign));
            }
            _ if c.width() == Some(0) => {
                self.marks += 1;
                if self.marks <= MAX_MARKS {
                    self.out.push(c);
                }
            }
            _ => self.put(c),
        }
    }

    /// Adds a character that takes room.
    fn put(&mut self, c: char) {
        self.tell_marks();
        self.out.push(c);
    }

    /// Says how many marks were left out.
    fn tell_marks(&mut self) {
        let left_out = self.marks.saturating_sub(MAX_MARKS);
        self.marks = 0;
        if left_out > 0 {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "<+{left_out}>");
        }
    }

    fn finish(mut self) -> String {
        self.tell_marks();
        self.out
    }
}

/// Lines broken so that each fits a terminal of this many columns: what goes on in the next row is indented, at any
/// width, so that no text stands in a row as if it were a line of its own. The sequences that set colours take no room.
pub(super) fn wrap(lines: &str, columns: usize) -> String {
    // The last column stays free: in some terminals a sign there begins the next row.
    let room = columns.saturating_sub(1).max(INDENT.len() + 2);
    let mut rows = Rows { out: String::with_capacity(lines.len()), room, column: 0, space: None };
    let mut chars = lines.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => rows.end(),
            '\u{1b}' => {
                rows.out.push(c);
                for c in chars.by_ref() {
                    rows.out.push(c);
                    if c.is_ascii_alphabetic() {
                        break;
                    }
                }
            }
            c => rows.put(c),
        }
    }
    rows.out
}

/// The rows of a terminal as they fill.
struct Rows {
    out: String,
    room: usize,
    /// Columns taken in this row.
    column: usize,
    /// Where the last space of this row ends, in bytes and columns: the row is best broken there.
    space: Option<(usize, usize)>,
}

impl Rows {
    fn put(&mut self, c: char) {
        let width = columns_of(c);
        if width > 0 && self.column + width > self.room {
            self.next_row();
        }
        self.out.push(c);
        self.column += width;
        if c == ' ' && self.column > INDENT.len() {
            self.space = Some((self.out.len(), self.column));
        }
    }

    /// Breaks the row at its last space, or where it is full.
    fn next_row(&mut self) {
        let (at, column) = match self.space.take() {
            // A word that fills most of a row is broken itself.
            Some((at, column)) if column * 2 > self.room => (at, column),
            Some(_) | None => (self.out.len(), self.column),
        };
        self.out.insert_str(at, INDENT);
        self.out.insert(at, '\n');
        self.column = INDENT.len() + (self.column - column);
    }

    fn end(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.space = None;
    }
}

/// The most columns that any terminal gives a character: some draw every pictograph two columns wide, and those that a
/// selector (U+FE0F) makes one.
fn columns_of(c: char) -> usize {
    match c {
        '\u{FE0F}' => 1,
        '\u{1F000}'..='\u{1FAFF}' => 2,
        c => c.width().unwrap_or(0),
    }
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

    #[test]
    fn what_is_blank_is_shown_as_a_sign() {
        assert_eq!(text("\u{2800}\u{3164}\u{e0041}"), "<U+2800><U+3164><U+E0041>");
        assert_eq!(text("a\u{2028}b\u{2029}c\u{85}d"), "a<U+2028>b<U+2029>c<U+0085>d");
    }

    #[test]
    fn marks_that_pile_up_are_counted_in_place_of_being_shown() {
        let few = format!("e{}", "\u{301}".repeat(MAX_MARKS));
        assert_eq!(text(&few), few);
        assert_eq!(text(&format!("a{}b", "\u{301}".repeat(500))), format!("a{}<+494>b", "\u{301}".repeat(6)));
        assert_eq!(line(&"\u{200d}".repeat(10)), format!("{}<+4>", "\u{200d}".repeat(6)));
    }

    #[test]
    fn a_text_padded_to_the_width_does_not_go_on_as_a_line_of_its_own() {
        let padded = format!("vader: {}yoda: vader is right", " ".repeat(20 - 7));
        for columns in [8, 19, 20, 21, 40] {
            let rows = wrap(&padded, columns);
            for row in rows.split('\n').skip(1) {
                assert!(row.starts_with(INDENT), "{columns}: {rows:?}");
            }
        }
        assert_eq!(wrap("vader: one two three", 12), "vader: one \n  two three");
        assert_eq!(wrap("short", 80), "short");
    }

    #[test]
    fn rows_are_counted_by_what_a_terminal_shows() {
        assert_eq!(wrap("你好你好", 7), "你好你\n  好");
        assert_eq!(wrap("❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}", 5), "❤\u{fe0f}❤\u{fe0f}\n  ❤\u{fe0f}");
        assert_eq!(wrap("e\u{301}e\u{301}e\u{301}e\u{301}e", 5), "e\u{301}e\u{301}e\u{301}e\u{301}\n  e");
        assert_eq!(wrap("\u{1b}[1myoda\u{1b}[0m: hi", 10), "\u{1b}[1myoda\u{1b}[0m: hi");
        assert_eq!(wrap("a\n  b\nc", 10), "a\n  b\nc");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_the_terminal_and_no_text_begins_one(raw in any::<String>(), columns in 6_usize..60) {
            let rows = wrap(&format!("yoda: {}", text(&raw)), columns);
            for (n, row) in rows.split('\n').enumerate() {
                prop_assert!(n == 0 || row.starts_with(INDENT), "{rows:?}");
                let width: usize = row.chars().map(columns_of).sum();
                prop_assert!(width <= columns, "{width} of {columns}: {row:?}");
            }
        }

        #[test]
        fn no_text_reaches_the_terminal_with_a_control_character(raw in any::<String>()) {
            prop_assert!(text(&raw).chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(line(&raw).chars().all(|c| !c.is_control()));
        }
    }
}
