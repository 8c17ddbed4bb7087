//! What is typed into a search, read: words, and filters such as `from:yoda` and `after:2026-11-01`.

use jiff::ToSpan as _;
use jiff::civil::Date;
use whoelse_model::{ChatId, Contacts, SearchFor, folded};
use whoelse_proto::{Timestamp, UserName};

use super::clock::Clock;
use crate::view::search::When;

/// What a search is read with.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) clock: &'a Clock,
    pub(super) now: Timestamp,
    pub(super) contacts: &'a Contacts,
    /// The user's name.
    pub(super) me: Option<&'a UserName>,
}

impl Reader<'_> {
    /// Reads a search; in a chat, if the field is that of a chat. What is no filter is a word.
    pub(super) fn read(&self, typed: &str, chat: Option<ChatId>) -> SearchFor {
        let mut what = SearchFor { chat, ..SearchFor::default() };
        for word in typed.split_whitespace() {
            if !self.take(word, &mut what) {
                what.words.push_str(word);
                what.words.push(' ');
            }
        }
        // The last word may go on; behind a blank it is whole.
        if !typed.ends_with(char::is_whitespace) {
            what.words.pop();
        }
        what
    }

    /// Takes a word as a filter; false if it is none.
    fn take(&self, word: &str, what: &mut SearchFor) -> bool {
        let Some((key, value)) = word.split_once(':') else { return false };
        match (key.to_ascii_lowercase().as_str(), self.day(value)) {
            ("from", _) => what.author = self.person(value).or(what.author.take()),
            ("in", _) => what.chat = self.chat(value).or(what.chat.take()),
            ("after" | "since", Some(day)) => what.since = Some(self.clock.start_of(day)),
            ("before", Some(day)) => what.until = Some(self.clock.start_of(day)),
            ("on", Some(day)) => {
                what.since = Some(self.clock.start_of(day));
                what.until = day.tomorrow().ok().map(|next| self.clock.start_of(next));
            }
            _ => return false,
        }
        match key.to_ascii_lowercase().as_str() {
            "from" => what.author.is_some(),
            "in" => what.chat.is_some(),
            _ => true,
        }
    }

    fn chat(&self, value: &str) -> Option<ChatId> {
        if value.eq_ignore_ascii_case("everyone") {
            return Some(ChatId::Everyone);
        }
        self.person(value).map(ChatId::Direct)
    }

    /// A name as it is written, or else in any case.
    fn person(&self, value: &str) -> Option<UserName> {
        if value.eq_ignore_ascii_case("me") {
            return self.me.cloned();
        }
        let name = UserName::new(value).ok()?;
        if self.contacts.get(&name).is_some() || self.me == Some(&name) {
            return Some(name);
        }
        let wanted = folded(value);
        let alike = self.contacts.names().chain(self.me).find(|name| folded(name.as_str()) == wanted);
        Some(alike.cloned().unwrap_or(name))
    }

    fn day(&self, value: &str) -> Option<Date> {
        let today = self.clock.day(self.now);
        match value.to_ascii_lowercase().as_str() {
            "today" => Some(today),
            "yesterday" => today.yesterday().ok(),
            other => other.parse().ok(),
        }
    }
}

/// A search with another filter of a kind, or without one: what the menus of the panel type.
pub(super) fn with_filter(typed: &str, keys: &[&str], filter: Option<String>) -> String {
    let is_other = |word: &&str| {
        let key = word.split_once(':').map(|(key, _)| key.to_ascii_lowercase());
        !key.is_some_and(|key| keys.contains(&key.as_str()))
    };
    let words: Vec<String> = typed.split_whitespace().filter(is_other).map(str::to_owned).chain(filter).collect();
    let mut text = words.join(" ");
    if !text.is_empty() {
        text.push(' ');
    }
    text
}

/// The filters of a time.
pub(super) const TIMES: [&str; 4] = ["after", "since", "before", "on"];

/// The filter that a choice of time types.
pub(super) fn time_filter(when: When, today: Date) -> Option<String> {
    let back = |days: i32| today.checked_sub(days.days()).unwrap_or(today);
    match when {
        When::Any => None,
        When::Today => Some("on:today".to_owned()),
        When::Yesterday => Some("on:yesterday".to_owned()),
        When::Week => Some(format!("after:{}", back(7))),
        When::Month => Some(format!("after:{}", back(30))),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1000;
    /// 4 October 2024, 10:00 in UTC.
    const NOW: Timestamp = Timestamp::from_millis(20_000 * DAY + DAY / 24 * 10);

    fn read(typed: &str) -> SearchFor {
        let (clock, contacts) = (Clock::of(TimeZone::UTC), Contacts::default());
        let me = UserName::new("hans").unwrap();
        Reader { clock: &clock, now: NOW, contacts: &contacts, me: Some(&me) }.read(typed, None)
    }

    const fn day(n: u64) -> Timestamp {
        Timestamp::from_millis(n * DAY)
    }

    #[test]
    fn filters_are_told_from_words() {
        let what = read("load from:yoda test after:2024-10-01 before:2024-10-03");
        assert_eq!(what.words, "load test");
        assert_eq!(what.author, UserName::new("yoda").ok());
        assert_eq!((what.since, what.until), (Some(day(19_997)), Some(day(19_999))));
        let what = read("FROM:me on:yesterday in:Everyone");
        assert_eq!((what.words.as_str(), what.author), ("", UserName::new("hans").ok()));
        assert_eq!((what.since, what.until, what.chat), (Some(day(19_999)), Some(day(20_000)), Some(ChatId::Everyone)));
    }

    #[test]
    fn what_is_no_filter_is_a_word() {
        for typed in ["http://a.b", "on:monday", "after:", "10:30", "to:yoda", "from:"] {
            assert_eq!(read(typed).words, typed);
        }
        assert_eq!(read("base ").words, "base ");
    }

    #[test]
    fn a_menu_puts_its_filter_in_place_of_the_last_one() {
        let typed = with_filter("load after:2024-10-01 test", &TIMES, time_filter(When::Today, NOW_DAY));
        assert_eq!(typed, "load test on:today ");
        assert_eq!(with_filter(&typed, &TIMES, None), "load test ");
        assert_eq!(time_filter(When::Week, NOW_DAY).as_deref(), Some("after:2024-09-27"));
    }

    const NOW_DAY: Date = jiff::civil::date(2024, 10, 4);
}
