//! What a word in a composer can go on as: slash commands, and the names of people.

use whoelse_model::Contacts;
use whoelse_model::command::complete;

use crate::composer::{Offer, Offers};

/// Names offered for a word at once.
const MOST_NAMES: usize = 8;

/// Completes commands behind a slash, and names elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameOffers<'a>(pub(super) &'a Contacts);

impl Offers for NameOffers<'_> {
    fn offers(&self, line: &str, cursor: usize) -> Vec<Offer> {
        if line.trim_start().starts_with('/') && !line.trim_start().starts_with("//") {
            return self.commands(line, cursor);
        }
        self.names(line, cursor)
    }
}

impl NameOffers<'_> {
    fn commands(self, line: &str, cursor: usize) -> Vec<Offer> {
        let found = complete(line, cursor, self.0.names());
        let offer = |found: whoelse_model::command::Completion| Offer {
            start: found.start,
            shown: found.text.trim_end().to_owned(),
            text: found.text,
            detail: found.detail.to_owned(),
        };
        found.into_iter().map(offer).collect()
    }

    /// The names that begin with the word before the cursor, in any case of letters.
    fn names(self, line: &str, cursor: usize) -> Vec<Offer> {
        let Some(typed) = line.get(..cursor) else { return Vec::new() };
        let start =
            typed.rfind(char::is_whitespace).map_or(0, |at| at + typed[at..].chars().next().map_or(1, char::len_utf8));
        let Some(word) = typed.get(start..).filter(|word| !word.is_empty()) else { return Vec::new() };
        let fits = |name: &str| name.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let names = self.0.names().map(whoelse_proto::UserName::as_str).filter(|name| fits(name));
        let offer = |name: &str| Offer { start, text: name.to_owned(), shown: name.to_owned(), detail: String::new() };
        names.take(MOST_NAMES).map(offer).collect()
    }
}
