//! The subset of Markdown that messages may hold: bold, italic, struck through, code, code blocks and links. Everything else is text.
//!
//! The marks of a line are paired by the common rules (<https://spec.commonmark.org>, by the crate `pulldown-cmark`). A pair
//! counts if people write it: it stands apart from the words around it, and words of programs, such as `__init__.py`,
//! `**/*.rs` and `_build_`, keep their signs. Every sign that marks nothing is shown.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser};

use super::links;
use super::marks::{LEAD, Mark, is_meant};

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
    /// Whether a line goes through them.
    pub strike: Strike,
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

/// Whether a line goes through words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strike {
    /// As they are.
    #[default]
    None,
    /// Between `~~`.
    Through,
}

/// How words are set, in all.
type Set = (Form, Strike);

const AS_THEY_ARE: Set = (Form::Plain, Strike::None);

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
        line.push(ended.get(words.len()..).unwrap_or_default(), AS_THEY_ARE);
    }
    line.spans
}

/// Stands for an address while marks are paired: a letter to whoever pairs them.
const PLACE: char = '\u{E0FE}';

/// A text with a letter in place of each address.
struct Masked {
    text: String,
    /// What each [`PLACE`] stands for: a link, or itself.
    links: Vec<Option<(String, String)>>,
}

fn masked(words: &str) -> Masked {
    let mut masked = Masked { text: LEAD.to_owned(), links: Vec::new() };
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
        let mut at = LEAD.len();
        let mut marks: Vec<(Mark, Range<usize>)> = Vec::new();
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    let Some(mark) = Mark::begun(&tag) else { continue };
                    self.put(&text, at..range.start, &marks, &mut links);
                    at = at.max(range.start);
                    if is_meant(&text, &range, mark) {
                        let inner = range.start + mark.length();
                        marks.push((mark, range.clone()));
                        self.opened.push_str(text.get(range.start..inner).unwrap_or_default());
                        at = inner;
                    }
                }
                Event::End(tag) => {
                    let ended = marks.last().filter(|(mark, meant)| mark.is_ended_by(tag) && *meant == range);
                    let Some((mark, _)) = ended.cloned() else { continue };
                    let inner_end = range.end - mark.length();
                    self.put(&text, at..inner_end, &marks, &mut links);
                    marks.pop();
                    self.close(text.get(inner_end..range.end).unwrap_or_default());
                    at = range.end;
                }
                Event::Code(code) => {
                    self.put(&text, at..range.start, &marks, &mut links);
                    self.code(&code, text.get(range.clone()).unwrap_or_default(), combined(&marks).1, &mut links);
                    at = range.end;
                }
                Event::Text(_)
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
        self.put(&text, at..text.len(), &marks, &mut links);
    }

    /// Puts a part of the masked text down as it was written.
    fn put(
        &mut self,
        text: &str,
        range: Range<usize>,
        marks: &[(Mark, Range<usize>)],
        links: &mut impl Iterator<Item = Option<(String, String)>>,
    ) {
        let set = combined(marks);
        let words = text.get(range).unwrap_or_default();
        let mut pieces = words.split(PLACE);
        self.push(pieces.next().unwrap_or_default(), set);
        for piece in pieces {
            match links.next().flatten() {
                Some((shown, target)) => {
                    let raw = format!("{}{shown}", std::mem::take(&mut self.opened));
                    let (form, strike) = set;
                    self.spans.push(Span { text: shown, form, strike, link: Some(target), raw });
                }
                None => self.push(PLACE.encode_utf8(&mut [0; 4]), set),
            }
            self.push(piece, set);
        }
    }

    fn push(&mut self, words: &str, (form, strike): Set) {
        if words.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last)
                if self.opened.is_empty()
                    && (last.form, last.strike) == (form, strike)
                    && last.link.is_none()
                    && last.raw.ends_with(&last.text) =>
            {
                last.text.push_str(words);
                last.raw.push_str(words);
            }
            Some(_) | None => {
                let raw = format!("{}{words}", std::mem::take(&mut self.opened));
                self.spans.push(Span { text: words.to_owned(), form, strike, link: None, raw });
            }
        }
    }

    /// Marks that end belong to the words before them.
    fn close(&mut self, marks: &str) {
        if let Some(last) = self.spans.last_mut() {
            last.raw.push_str(marks);
        }
    }

    fn code(
        &mut self,
        code: &str,
        raw: &str,
        strike: Strike,
        links: &mut impl Iterator<Item = Option<(String, String)>>,
    ) {
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
        self.spans.push(Span { text: fill(code), form: Form::Code, strike, link: None, raw });
    }
}

fn combined(marks: &[(Mark, Range<usize>)]) -> Set {
    let has = |wanted| marks.iter().any(|(mark, _)| *mark == wanted);
    let form = match (has(Mark::Bold), has(Mark::Italic)) {
        (true, true) => Form::BoldItalic,
        (true, false) => Form::Bold,
        (false, true) => Form::Italic,
        (false, false) => Form::Plain,
    };
    (form, if has(Mark::Struck) { Strike::Through } else { Strike::None })
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
        assert_eq!(read("**(a)** b"), [formed("(a)", Form::Bold), plain(" b")]);
        assert_eq!(read("**重要**です"), [formed("重要", Form::Bold), plain("です")]);
        assert_eq!(
            read("(*so*), **no:** 🙂"),
            [plain("("), formed("so", Form::Italic), plain("), "), formed("no:", Form::Bold), plain(" 🙂")]
        );
    }

    #[test]
    fn words_between_two_tildes_are_struck_through_in_any_form() {
        let struck = |text: &str| -> Vec<(String, Form, Strike)> {
            spans(text).into_iter().map(|span| (span.text, span.form, span.strike)).collect()
        };
        let piece = |text: &str, form, strike| (text.to_owned(), form, strike);
        assert_eq!(
            struck("now ~~by **ten** or `a b`~~, noon"),
            [
                piece("now ", Form::Plain, Strike::None),
                piece("by ", Form::Plain, Strike::Through),
                piece("ten", Form::Bold, Strike::Through),
                piece(" or ", Form::Plain, Strike::Through),
                piece("a b", Form::Code, Strike::Through),
                piece(", noon", Form::Plain, Strike::None),
            ]
        );
        assert_eq!(struck("**~~a~~**"), [piece("a", Form::Bold, Strike::Through)]);
        assert_eq!(struck("~~*a*~~"), [piece("a", Form::Italic, Strike::Through)]);
        let link = spans("~~see https://a.b/~c/d~~");
        assert!(link.iter().all(|span| span.strike == Strike::Through), "{link:?}");
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
            "<https:> $x_1$ $y_2$",
            "~5 or ~6~ of ~/src~ and a~b~c",
            "a~~b~~c ~~ d ~~",
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
        for text in [
            "a **b *c d* e** `f` g",
            "**https://a.b** x",
            "***x y*** _two words_\n`z` **/*.rs",
            "``a`b`` c",
            "~~a **b**~~ c",
        ] {
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
