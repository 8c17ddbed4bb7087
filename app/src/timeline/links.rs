//! Links in a text, found before any mark is read: an address keeps its signs.

use std::ops::Range;

/// A link where it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes that it takes.
    pub(super) range: Range<usize>,
    /// What it opens.
    pub(super) target: String,
}

/// Bytes of an address; what is longer is text. Bounds what a text costs that looks like one address behind the other.
pub(super) const MAX_LINK_BYTES: usize = 2048;

pub(super) const SCHEMES: [&str; 3] = ["https://", "http://", "whoelse://"];
/// Put before a bare host name. A team's own network often has no certificates.
pub(super) const BARE_SCHEME: &str = "http://";
/// Signs that end an address wherever they stand.
const ENDS: &str = "<>\"'`";
/// Signs at the end of an address that belong to the sentence around it.
const SENTENCE: &str = ".,;:!?*_~";
/// Brackets that belong to an address if both are in it.
const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The links of a text, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut before = None;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.chars().next() else { break };
        let opens = before.is_none_or(|c: char| !c.is_alphanumeric());
        let begins = opens && next.is_alphanumeric();
        if let Some((length, target)) = begins.then(|| link(rest)).flatten() {
            found.push(Found { range: at..at + length, target });
            at += length;
            before = text.get(..at).and_then(|text| text.chars().next_back());
        } else {
            at += next.len_utf8();
            before = Some(next);
        }
    }
    found
}

/// The link that a text begins with: its length and what it opens.
fn link(rest: &str) -> Option<(usize, String)> {
    let mut signs = rest.char_indices().take_while(|(at, _)| *at <= MAX_LINK_BYTES);
    let end = match signs.find(|(_, c)| c.is_whitespace() || ENDS.contains(*c)) {
        Some((end, _)) => end,
        None if rest.len() <= MAX_LINK_BYTES => rest.len(),
        None => return None,
    };
    let token = without_sentence(rest.get(..end)?);
    let target = if let Some(scheme) = SCHEMES.iter().find(|scheme| token.starts_with(**scheme)) {
        (token.len() > scheme.len()).then(|| token.to_owned())?
    } else {
        is_bare_host(token).then(|| format!("{BARE_SCHEME}{token}"))?
    };
    Some((token.len(), target))
}

/// An address without what belongs to the sentence behind it: closing brackets stay if they were opened in it.
fn without_sentence(mut token: &str) -> &str {
    loop {
        let Some(last) = token.chars().next_back() else { return token };
        let is_unbalanced = BRACKETS
            .iter()
            .any(|&(open, close)| last == close && token.matches(close).count() > token.matches(open).count());
        if !is_unbalanced && !SENTENCE.contains(last) {
            return token;
        }
        token = token.get(..token.len() - last.len_utf8()).unwrap_or_default();
    }
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

    fn targets(text: &str) -> Vec<String> {
        find(text).into_iter().map(|found| found.target).collect()
    }

    #[test]
    fn links_end_before_punctuation() {
        let text = "to https://a.b/c?d=1, and wiki.echo-base.lan/load-tests.";
        assert_eq!(targets(text), ["https://a.b/c?d=1", "http://wiki.echo-base.lan/load-tests"]);
    }

    #[test]
    fn brackets_that_were_opened_in_an_address_belong_to_it() {
        for (text, target) in [
            ("https://en.wikipedia.org/wiki/Foo_(bar) end", "https://en.wikipedia.org/wiki/Foo_(bar)"),
            ("(see https://en.wikipedia.org/wiki/Foo_(bar)).", "https://en.wikipedia.org/wiki/Foo_(bar)"),
            ("(https://a.b/c)", "https://a.b/c"),
            ("[https://a.b/c[1]]", "https://a.b/c[1]"),
            ("**https://a.b/__init__.py**", "https://a.b/__init__.py"),
        ] {
            assert_eq!(targets(text), [target], "{text}");
        }
    }

    #[test]
    fn a_word_that_is_longer_than_an_address_is_text() {
        let address = |length: usize| format!("https://{}", "a".repeat(length - 8));
        assert_eq!(targets(&address(MAX_LINK_BYTES)), [address(MAX_LINK_BYTES)]);
        assert_eq!(find(&address(MAX_LINK_BYTES + 1)), []);
    }

    #[test]
    fn a_long_text_of_brackets_or_of_half_addresses_is_read_at_once() {
        for sign in [")", "a)", "a.", "](", "a.b)"] {
            assert_eq!(find(&sign.repeat(16 * 1024 / sign.len())), [], "{sign}");
        }
    }

    #[test]
    fn ordinary_words_are_no_links() {
        for text in ["and/or", "1.5/2", "e.g. this", "file.txt", "https://", "javascript:alert(1)", "a..b/c"] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
