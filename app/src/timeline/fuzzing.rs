//! A message with any content: a target of `fuzz/`, and of a test with its corpus.

use super::links::{BARE_SCHEME, MAX_LINK_BYTES, SCHEMES};
use super::markdown::{Block, parse};

/// Every sign of the text is in what is copied, in its order, and a link leads where its words say.
pub(crate) fn markdown(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut rest = text;
    for block in parse(text) {
        let spans = match block {
            Block::Code { text, raw } => {
                assert!(raw.contains(&text), "{text:?} is not in {raw:?}");
                rest = behind(rest, &raw);
                continue;
            }
            Block::Paragraph(spans) => spans,
        };
        for span in spans {
            assert!(span.raw.contains(&span.text), "{:?} is not in {:?}", span.text, span.raw);
            rest = behind(rest, &span.raw);
            let Some(link) = span.link else { continue };
            assert!(link == span.text || link.strip_prefix(BARE_SCHEME) == Some(span.text.as_str()), "{link}");
            assert!(SCHEMES.iter().any(|scheme| link.starts_with(scheme)), "{link}");
            assert!(link.len() <= MAX_LINK_BYTES + BARE_SCHEME.len() && !link.contains(char::is_whitespace));
        }
    }
}

fn behind<'a>(text: &'a str, shown: &str) -> &'a str {
    let found = text.split_once(shown);
    assert!(found.is_some(), "{shown:?} is not in {text:?}");
    found.map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    include!("../../../fuzz/corpus.rs");

    #[test]
    fn every_text_of_the_corpus_is_read_without_harm() {
        play("markdown", markdown);
    }
}
