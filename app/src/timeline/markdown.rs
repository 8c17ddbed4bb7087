//! The subset of Markdown that messages may hold: bold, italic, code, code blocks and links. Everything else is text.
//!
//! The marks of a line are paired by the common rules (<https://spec.commonmark.org>, by the crate `pulldown-cmark`). A pair
//! counts if people write it: it stands apart from the words around it, and words of programs, such as `__init__.py`,
//! `**/*.rs` and `_build_`, keep their signs. Every sign that marks nothing is shown.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::links;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Words, in as many lines as they need.
    Paragraph(Vec<Span>),
    /// Code between fences.
    Code {
        /// As it is shown.
        text: String,
        /// As it was written, with its fences.
        raw: String,
    },
}

/// Words in one form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Their form.
    pub form: Form,
    /// What a click opens.
    pub link: Option<String>,
    /// The words as they were written, with the marks that begin before them and those that end behind them.
    pub raw: String,
}

/// How words are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    #[default]
    Plain,
    /// Between `**`.
    Bold,
    /// Between `*` or `_`.
    Italic,
    /// Bold and italic.
    BoldItalic,
    /// Between backticks.
    Code,
}

const FENCE: &str = "```";

/// Reads a message.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((before, fenced)) = rest.split_once(FENCE) {
        let Some((code, after)) = fenced.split_once(FENCE) else { break };
        push_paragraph(&mut blocks, before);
        blocks.push(Block::Code { text: strip_language(code).to_owned(), raw: format!("{FENCE}{code}{FENCE}") });
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    push_paragraph(&mut blocks, rest);
    blocks
}

/// The word behind the opening fence names a language; it is not part of the code.
fn strip_language(code: &str) -> &str {
    let body = match code.split_once('\n') {
        Some((first, body)) if first.chars().all(|c| c.is_alphanumeric() || "+-#".contains(c)) => body,
        Some(_) | None => code,
    };
    body.strip_suffix('\n').unwrap_or(body)
}

fn push_paragraph(blocks: &mut Vec<Block>, text: &str) {
    let text = text.trim_matches('\n');
    if !text.is_empty() {
        blocks.push(Block::Paragraph(spans(text)));
    }
}

/// What ends a line for whoever pairs the marks.
const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// Marks pair within a line.
fn spans(text: &str) -> Vec<Span> {
    let mut line = Line::default();
    for ended in text.split_inclusive(LINE_ENDS) {
        let words = ended.strip_suffix(LINE_ENDS).unwrap_or(ended);
        line.read(words);
        line.push(ended.get(words.len()..).unwrap_or_default(), Form::Plain);
    }
    line.spans
}

/// Stands before a line, so that no line begins a heading, a list or a quote.
const LEAD: char = '\u{E0FD}';
/// Stands for an address while marks are paired: a letter to whoever pairs them.
const PLACE: char = '\u{E0FE}';

/// A text with a letter in place of each address.
struct Masked {
    text: String,
    /// What each [`PLACE`] stands for: a link, or itself.
    links: Vec<Option<(String, String)>>,
}

fn masked(words: &str) -> Masked {
    let mut masked = Masked { text: LEAD.to_string(), links: Vec::new() };
    let mut at = 0;
    for found in links::find(words) {
        masked.push(words.get(at..found.range.start).unwrap_or_default());
        let shown = words.get(found.range.clone()).unwrap_or_default().to_owned();
        masked.text.push(PLACE);
        masked.links.push(Some((shown, found.target)));
        at = found.range.end;
    }
    masked.push(words.get(at..).unwrap_or_default());
    masked
}

impl Masked {
    fn push(&mut self, words: &str) {
        self.links.extend(words.matches(PLACE).map(|_| None));
        self.text.push_str(words);
    }
}

/// The spans of a paragraph in the making.
#[derive(Default)]
struct Line {
    spans: Vec<Span>,
    /// Marks that were read and go before the next span's words as they were written.
    opened: String,
}

impl Line {
    /// Reads a line.
    fn read(&mut self, words: &str) {
        let Masked { text, links } = masked(words);
        let mut links = links.into_iter();
        let mut at = LEAD.len_utf8();
        let mut forms: Vec<(Form, Range<usize>)> = Vec::new();
        for (event, range) in Parser::new_ext(&text, Options::empty()).into_offset_iter() {
            match event {
                Event::Start(tag @ (Tag::Emphasis | Tag::Strong)) => {
                    self.put(&text, at..range.start, &forms, &mut links);
                    at = at.max(range.start);
                    let (form, length) = if tag == Tag::Strong { (Form::Bold, 2) } else { (Form::Italic, 1) };
                    if is_meant(&text, &range, length) {
                        forms.push((form, range.clone()));
                        self.opened.push_str(text.get(range.start..range.start + length).unwrap_or_default());
                        at = range.start + length;
                    }
                }
                Event::End(TagEnd::Emphasis | TagEnd::Strong) => {
                    let Some((form, _)) = forms.last().filter(|(_, meant)| *meant == range).cloned() else { continue };
                    let length = if form == Form::Bold { 2 } else { 1 };
                    let inner_end = range.end - length;
                    self.put(&text, at..inner_end, &forms, &mut links);
                    forms.pop();
                    self.close(text.get(inner_end..range.end).unwrap_or_default());
                    at = range.end;
                }
                Event::Code(code) => {
                    self.put(&text, at..range.start, &forms, &mut links);
                    self.code(&code, text.get(range.clone()).unwrap_or_default(), &mut links);
                    at = range.end;
                }
                Event::Start(_)
                | Event::End(_)
                | Event::Text(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::FootnoteReference(_)
                | Event::SoftBreak
                | Event::HardBreak
                | Event::Rule
                | Event::TaskListMarker(_) => {}
            }
        }
        self.put(&text, at..text.len(), &forms, &mut links);
    }

    /// Puts a part of the masked text down as it was written.
    fn put(
        &mut self,
        text: &str,
        range: Range<usize>,
        forms: &[(Form, Range<usize>)],
        links: &mut impl Iterator<Item = Option<(String, String)>>,
    ) {
        let form = combined(forms);
        let words = text.get(range).unwrap_or_default();
        let mut pieces = words.split(PLACE);
        self.push(pieces.next().unwrap_or_default(), form);
        for piece in pieces {
            match links.next().flatten() {
                Some((shown, target)) => {
                    let raw = format!("{}{shown}", std::mem::take(&mut self.opened));
                    self.spans.push(Span { text: shown, form, link: Some(target), raw });
                }
                None => self.push(PLACE.encode_utf8(&mut [0; 4]), form),
            }
            self.push(piece, form);
        }
    }

    fn push(&mut self, words: &str, form: Form) {
        if words.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last)
                if self.opened.is_empty()
                    && last.form == form
                    && last.link.is_none()
                    && last.raw.ends_with(&last.text) =>
            {
                last.text.push_str(words);
                last.raw.push_str(words);
            }
            Some(_) | None => {
                let raw = format!("{}{words}", std::mem::take(&mut self.opened));
                self.spans.push(Span { text: words.to_owned(), form, link: None, raw });
            }
        }
    }

    /// Marks that end belong to the words before them.
    fn close(&mut self, marks: &str) {
        if let Some(last) = self.spans.last_mut() {
            last.raw.push_str(marks);
        }
    }

    fn code(&mut self, code: &str, raw: &str, links: &mut impl Iterator<Item = Option<(String, String)>>) {
        let places = raw.matches(PLACE).count();
        let shown: Vec<String> =
            links.take(places).map(|link| link.map_or_else(|| PLACE.to_string(), |(shown, _)| shown)).collect();
        let fill = |masked: &str| {
            let mut shown = shown.iter();
            let mut pieces = masked.split(PLACE);
            let first = pieces.next().unwrap_or_default().to_owned();
            pieces.fold(first, |text, piece| text + shown.next().map_or("", String::as_str) + piece)
        };
        let raw = format!("{}{}", std::mem::take(&mut self.opened), fill(raw));
        self.spans.push(Span { text: fill(code), form: Form::Code, link: None, raw });
    }
}

fn combined(forms: &[(Form, Range<usize>)]) -> Form {
    let has = |wanted| forms.iter().any(|(form, _)| *form == wanted);
    match (has(Form::Bold), has(Form::Italic)) {
        (true, true) => Form::BoldItalic,
        (true, false) => Form::Bold,
        (false, true) => Form::Italic,
        (false, false) => Form::Plain,
    }
}

/// Signs before which emphasis may begin, besides blanks.
const BEFORE: &str = "([{\"'“‘«*_:;,!?>|-–—…";
/// Signs behind which emphasis may end, besides blanks.
const BEHIND: &str = ")]}\"'”’»*_:;,.!?<|-–—…";
/// Signs with which emphasised words may begin, besides letters.
const FIRST: &str = "([{\"'“‘«*_`@#+$€£¿¡<";

/// Whether somebody meant a pair of marks: apart from the words around it, and around words, not a pattern of names.
fn is_meant(text: &str, range: &Range<usize>, length: usize) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let behind = text.get(range.end..).and_then(|text| text.chars().next());
    let inner = text.get(range.start + length..range.end - length).unwrap_or_default();
    let is_apart = |c: Option<char>, signs: &str| {
        c.is_none_or(|c| {
            c == LEAD
                || c.is_whitespace()
                || signs.contains(c)
                || is_unspaced(c)
                || !c.is_alphanumeric() && !c.is_ascii()
        })
    };
    let begins_well = inner.chars().next().is_some_and(|c| !c.is_ascii_punctuation() || FIRST.contains(c));
    // `_build_` and `__init__` are names; several words between underscores are not.
    let is_name =
        text.get(range.start..).is_some_and(|text| text.starts_with('_')) && !inner.contains(char::is_whitespace);
    is_apart(before, BEFORE) && is_apart(behind, BEHIND) && begins_well && !is_name
}

/// Whether a letter is of a script that does not part words with spaces, or that is written close to other words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x2E80..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x2_0000..=0x3_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formed(text: &str, form: Form) -> (String, Form) {
        (text.to_owned(), form)
    }

    fn plain(text: &str) -> (String, Form) {
        formed(text, Form::Plain)
    }

    fn read(text: &str) -> Vec<(String, Form)> {
        spans(text).into_iter().map(|span| (span.text, span.form)).collect()
    }

    #[test]
    fn marks_become_forms() {
        assert_eq!(
            read("a **b c** *d* _e f_ `f*g*` ***x y***."),
            [
                plain("a "),
                formed("b c", Form::Bold),
                plain(" "),
                formed("d", Form::Italic),
                plain(" "),
                formed("e f", Form::Italic),
                plain(" "),
                formed("f*g*", Form::Code),
                plain(" "),
                formed("x y", Form::BoldItalic),
                plain("."),
            ]
        );
        assert_eq!(read("**重要**です"), [formed("重要", Form::Bold), plain("です")]);
        assert_eq!(
            read("(*so*), **no:** 🙂"),
            [plain("("), formed("so", Form::Italic), plain("), "), formed("no:", Form::Bold), plain(" 🙂")]
        );
    }

    #[test]
    fn words_of_programs_keep_their_signs() {
        for text in [
            "snake_case_name",
            "2*3*4",
            "a * b * c",
            "**",
            "`",
            "x** y**",
            "*a\nb*",
            "5 * 3",
            "rm -rf _build_",
            "see __init__.py and **/*.rs and __main__ end",
            "src/**/*.rs and lib/**/*.rs",
            "*.rs and *.toml*",
            "char **argv, int *p, *q",
            "C:\\temp\\*.* and \\*x\\* &amp; <b>hi</b> &copy;",
            "# no heading",
            "> no quote",
            "- no list\n1. nor this\n* or this",
            "    no block\n\ttab",
            "a\n===\n---",
            "[a](b) ![c](d) [e]: f",
            "| a | b |\n|---|---|",
            "~~gone~~ <https:> $x_1$ $y_2$",
            "trailing blanks  \nand more\\\nend",
            "\u{E0FD} \u{E0FE} signs",
            "a\r# no heading\r\n- no list\r`no\rcode`",
        ] {
            assert_eq!(read(text), [plain(text)], "{text}");
        }
    }

    #[test]
    fn addresses_keep_their_signs_and_never_pair_with_words() {
        let text = "see __init__.py and **/*.rs and https://en.wikipedia.org/wiki/Foo_(bar) end";
        let spans = spans(text);
        assert_eq!(spans.iter().map(|span| span.text.as_str()).collect::<String>(), text);
        let links: Vec<_> = spans.iter().filter_map(|span| span.link.as_deref()).collect();
        assert_eq!(links, ["https://en.wikipedia.org/wiki/Foo_(bar)"]);
        let bold = super::spans("**see https://a.b/c_d_e**");
        assert!(bold.iter().all(|span| span.form == Form::Bold));
        assert_eq!(bold.last().and_then(|span| span.link.as_deref()), Some("https://a.b/c_d_e"));
        let code = super::spans("`curl https://a.b` \u{E0FE} https://c.d");
        assert_eq!(
            code.first().map(|span| (span.text.as_str(), span.link.as_deref())),
            Some(("curl https://a.b", None))
        );
        assert_eq!(code.last().and_then(|span| span.link.as_deref()), Some("https://c.d"));
    }

    #[test]
    fn what_was_written_is_known_of_every_text() {
        for text in ["a **b *c d* e** `f` g", "**https://a.b** x", "***x y*** _two words_\n`z` **/*.rs", "``a`b`` c"] {
            let raw: String = spans(text).into_iter().map(|span| span.raw).collect();
            assert_eq!(raw, text);
        }
    }

    #[test]
    fn a_fence_makes_a_block_without_its_language() {
        let blocks = parse("see\n```rust\nfn a() {}\n```\nend");
        let [Block::Paragraph(see), Block::Code { text, raw }, Block::Paragraph(end)] = blocks.as_slice() else {
            panic!("{blocks:?}")
        };
        assert_eq!((see[0].text.as_str(), text.as_str(), end[0].text.as_str()), ("see", "fn a() {}", "end"));
        assert_eq!(raw, "```rust\nfn a() {}\n```");
        assert_eq!(read("``` open"), [plain("``` open")]);
    }
}
