//! What is offered while a word is typed: commands, names, and emoji by their `:shortcode:`.

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Where the replaced part of the text begins, in bytes; it ends at the cursor.
    pub start: usize,
    /// What stands there then.
    pub text: String,
    /// What the list shows.
    pub shown: String,
    /// What it is, in a few words.
    pub detail: String,
}

/// Letters of a shortcode that must be typed before emoji are offered.
const SHORTCODE_LEAST: usize = 2;
/// Emoji offered at once.
const MOST_EMOJI: usize = 8;

/// The emoji whose shortcodes begin with the word before `cursor` (in bytes), if that begins with a colon.
pub(super) fn emoji_offers(text: &str, cursor: usize) -> Vec<Offer> {
    let Some((start, word)) = shortcode(text, cursor) else { return Vec::new() };
    if word.chars().count() < SHORTCODE_LEAST {
        return Vec::new();
    }
    let rank = |code: &str| (code != word, !code.starts_with(word));
    let mut found: Vec<((bool, bool), Offer)> = Vec::new();
    for emoji in emojis::iter() {
        let fitting = emoji.shortcodes().filter(|code| code.contains(word));
        let Some(code) = fitting.min_by_key(|code| rank(code)) else { continue };
        let offer = Offer {
            start,
            text: emoji.as_str().to_owned(),
            shown: format!("{}  :{code}:", emoji.as_str()),
            detail: String::new(),
        };
        found.push((rank(code), offer));
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, offer)| offer).take(MOST_EMOJI).collect()
}

/// The shortcode that is complete with the colon just before `cursor`, and its emoji.
pub(super) fn closed_shortcode(text: &str, cursor: usize) -> Option<(usize, &'static str)> {
    let before = text.get(..cursor)?.strip_suffix(':')?;
    let (start, word) = shortcode(before, before.len())?;
    let emoji = emojis::get_by_shortcode(word)?;
    Some((start, emoji.as_str()))
}

/// The word behind a colon that ends at `cursor`, and where the colon stands; none in code.
fn shortcode(text: &str, cursor: usize) -> Option<(usize, &str)> {
    let before = text.get(..cursor).filter(|before| !is_in_code(before))?;
    let start = before.rfind(':')?;
    let word = before.get(start + 1..)?;
    let opens = before.get(..start)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != ':');
    let fits = word.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c));
    (opens && fits).then_some((start, word))
}

/// Whether code was begun and not ended: between fences, or between backticks in a line.
fn is_in_code(before: &str) -> bool {
    const FENCE: &str = "```";
    let line = before.rsplit('\n').next().unwrap_or_default();
    before.matches(FENCE).count() % 2 == 1 || line.replace(FENCE, "").matches('`').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emoji_of_that_very_name_comes_first() {
        for (typed, emoji) in [(":heart", "❤️"), (":smile", "😄"), (":fire", "🔥"), (":x", "❌")] {
            let offers = emoji_offers(&format!("{typed} "), typed.len());
            let first = offers.first().map(|offer| offer.text.as_str());
            assert_eq!(first, (typed.len() > 2).then_some(emoji), "{typed}");
        }
    }

    #[test]
    fn code_stays_as_it_is_typed() {
        for text in ["`a :tada:", "```\nx: :on:", "see `:x:"] {
            assert_eq!(closed_shortcode(text, text.len()), None, "{text}");
        }
        assert!(closed_shortcode("`a` :tada:", 10).is_some());
        assert!(closed_shortcode("```\na\n```\n:tada:", 16).is_some());
    }

    #[test]
    fn emoji_are_offered_behind_a_colon() {
        let offers = emoji_offers("good :thumbsu", 13);
        assert_eq!(offers.first().map(|offer| (offer.start, offer.text.as_str())), Some((5, "👍")));
        assert_eq!(offers.len(), 1);
    }

    #[test]
    fn times_and_addresses_offer_nothing() {
        for text in ["at 10:30", "https://a", "a:bc", ":", ":a", "::ab"] {
            assert_eq!(emoji_offers(text, text.len()), [], "{text}");
        }
    }

    #[test]
    fn a_closed_shortcode_is_its_emoji() {
        assert_eq!(closed_shortcode("ok :tada:", 9), Some((3, "🎉")));
        assert_eq!(closed_shortcode("ok :nothing_like_it:", 20), None);
        assert_eq!(closed_shortcode("10:30:", 6), None);
    }
}
