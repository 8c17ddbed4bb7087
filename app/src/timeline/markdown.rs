//! The subset of Markdown that messages may hold: bold, italic, code, code blocks and links. Everything else is text.

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Words, in as many lines as they need.
    Paragraph(Vec<Span>),
    /// Code between fences, as written.
    Code(String),
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
        blocks.push(Block::Code(strip_language(code).to_owned()));
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

fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        if let Some((span, taken)) = marked(rest, before) {
            push_plain(&mut spans, text.get(plain_from..at).unwrap_or_default());
            spans.push(span);
            at += taken;
            plain_from = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    push_plain(&mut spans, text.get(plain_from..).unwrap_or_default());
    spans
}

fn push_plain(spans: &mut Vec<Span>, text: &str) {
    if !text.is_empty() {
        spans.push(Span { text: text.to_owned(), ..Span::default() });
    }
}

/// The span that begins here, and how many bytes it takes.
fn marked(rest: &str, before: Option<char>) -> Option<(Span, usize)> {
    let opens = before.is_none_or(|c| !c.is_alphanumeric());
    match rest.chars().next()? {
        '`' => between(rest, "`", Form::Code, |_| true),
        '*' if rest.starts_with("**") => between(rest, "**", Form::Bold, is_emphasis),
        '*' if opens => between(rest, "*", Form::Italic, is_emphasis),
        '_' if opens => between(rest, "_", Form::Italic, is_emphasis),
        c if opens && c.is_alphanumeric() => link(rest),
        _ => None,
    }
}

fn between(rest: &str, mark: &str, form: Form, fits: impl Fn(&str) -> bool) -> Option<(Span, usize)> {
    let body = rest.strip_prefix(mark)?;
    let (inner, after) = body.split_once(mark)?;
    let closes = form == Form::Code || after.chars().next().is_none_or(|c| !c.is_alphanumeric());
    if inner.is_empty() || inner.contains('\n') || !closes || !fits(inner) {
        return None;
    }
    Some((Span { text: inner.to_owned(), form, link: None }, inner.len() + 2 * mark.len()))
}

fn is_emphasis(inner: &str) -> bool {
    !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace) && !inner.starts_with('*')
}

const SCHEMES: [&str; 3] = ["https://", "http://", "whoelse://"];
/// Put before a bare host name. A team's own network often has no certificates.
const BARE_SCHEME: &str = "http://";

fn link(rest: &str) -> Option<(Span, usize)> {
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`".contains(c)).unwrap_or(rest.len());
    let token = rest.get(..end)?.trim_end_matches(|c: char| ".,;:!?)]}*_".contains(c));
    let target = if let Some(scheme) = SCHEMES.iter().find(|scheme| token.starts_with(**scheme)) {
        (token.len() > scheme.len()).then(|| token.to_owned())?
    } else {
        is_bare_host(token).then(|| format!("{BARE_SCHEME}{token}"))?
    };
    Some((Span { text: token.to_owned(), form: Form::Plain, link: Some(target) }, token.len()))
}

/// A host with a dot and a path, such as `wiki.base.lan/tests`, or one that begins with `www.`.
fn is_bare_host(token: &str) -> bool {
    let (host, path) = token.split_once('/').unwrap_or((token, ""));
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let valid = host.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !label.starts_with('-')
    });
    let top = host.rsplit('.').next().unwrap_or_default();
    let named = host.contains('.') && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic());
    valid && named && (!path.is_empty() || host.starts_with("www."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span { text: text.to_owned(), ..Span::default() }
    }

    fn formed(text: &str, form: Form) -> Span {
        Span { text: text.to_owned(), form, link: None }
    }

    #[test]
    fn marks_become_forms() {
        let spans = spans("a **b c** *d* _e_ `f*g*`.");
        assert_eq!(
            spans,
            [
                plain("a "),
                formed("b c", Form::Bold),
                plain(" "),
                formed("d", Form::Italic),
                plain(" "),
                formed("e", Form::Italic),
                plain(" "),
                formed("f*g*", Form::Code),
                plain("."),
            ]
        );
    }

    #[test]
    fn marks_within_words_and_sums_stay_text() {
        for text in ["snake_case_name", "2*3*4", "a * b * c", "**", "`", "x** y**", "*a\nb*", "5 * 3"] {
            assert_eq!(spans(text), [plain(text)], "{text}");
        }
    }

    #[test]
    fn a_fence_makes_a_block_without_its_language() {
        let blocks = parse("see\n```rust\nfn a() {}\n```\nend");
        assert_eq!(
            blocks,
            [
                Block::Paragraph(vec![plain("see")]),
                Block::Code("fn a() {}".to_owned()),
                Block::Paragraph(vec![plain("end")]),
            ]
        );
        assert_eq!(parse("``` open"), [Block::Paragraph(vec![plain("``` open")])]);
    }

    #[test]
    fn links_end_before_punctuation() {
        let found = spans("to https://a.b/c?d=1, and wiki.echo-base.lan/load-tests.");
        let links: Vec<&str> = found.iter().filter_map(|span| span.link.as_deref()).collect();
        assert_eq!(links, ["https://a.b/c?d=1", "http://wiki.echo-base.lan/load-tests"]);
    }

    #[test]
    fn ordinary_words_are_no_links() {
        for text in ["and/or", "1.5/2", "e.g. this", "file.txt", "https://", "javascript:alert(1)", "a..b/c"] {
            assert!(spans(text).iter().all(|span| span.link.is_none()), "{text}");
        }
    }
}
