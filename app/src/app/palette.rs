//! The quick switcher: people, chats and commands that fit what is typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::ops::Range;

use eframe::egui::Context;
use lucide_icons::Icon;
use whoelse_model::{Chat, ChatId, Contact, Model};

use super::{App, people, words};
use crate::command::{Spec, VERBS, Verb, keys_text};
use crate::view::switcher::{self, Sign, Switcher, SwitcherAction, SwitcherGroup, SwitcherRow};

/// Rows of a group; the view shows no more in all.
const MOST_ROWS: usize = 8;
/// Rows of people where nothing is typed, so that commands are seen too.
const MOST_RECENT: usize = 5;

/// The switcher while it is open.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    state: Switcher,
    /// Where each row leads.
    goals: Vec<Goal>,
}

/// Where a row leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    Chat(ChatId),
    Command(Verb),
}

/// A row with how well it fits.
struct Found {
    score: u32,
    row: SwitcherRow,
    goal: Goal,
}

impl App {
    /// Opens the switcher.
    pub(super) fn open_palette(&mut self) {
        self.palette = Some(self.palette_for(String::new()));
    }

    fn palette_for(&self, query: String) -> Palette {
        let (chats, commands) = if query.trim().is_empty() {
            (recent(self.model()), self.offered(""))
        } else {
            (chats(self.model(), &query), self.offered(&query))
        };
        let mut goals = Vec::new();
        let groups = [("Chats and people", chats), ("Commands", commands)].map(|(name, found)| {
            let rows = found.into_iter().take(MOST_ROWS).map(|found| {
                goals.push(found.goal);
                found.row
            });
            SwitcherGroup { name: name.to_owned(), rows: rows.collect() }
        });
        Palette { state: Switcher { query, groups: groups.into(), chosen: 0 }, goals }
    }

    /// Draws the switcher, if it is open, and does what the person does in it.
    pub(super) fn show_palette(&mut self, ctx: &Context) {
        let Some(palette) = &mut self.palette else { return };
        for action in switcher::show(ctx, &palette.state) {
            match action {
                SwitcherAction::Type(query) => self.palette = Some(self.palette_for(query)),
                SwitcherAction::Choose(row) => {
                    if let Some(palette) = &mut self.palette {
                        palette.state.chosen = row;
                    }
                }
                SwitcherAction::Pick(row) => self.pick(ctx, row),
                SwitcherAction::Close => self.palette = None,
            }
        }
    }

    fn pick(&mut self, ctx: &Context, row: usize) {
        let goal = self.palette.take().and_then(|palette| palette.goals.get(row).cloned());
        match goal {
            Some(Goal::Chat(chat)) => self.open_chat(&chat),
            Some(Goal::Command(id)) => self.run(ctx, id),
            None => {}
        }
    }

    /// The commands that can be given and fit.
    fn offered(&self, query: &str) -> Vec<Found> {
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let offered = VERBS.iter().filter(|entry| is_offered(entry) && self.is_enabled(entry));
        let mut found: Vec<Found> = offered.filter_map(|entry| fit_command(entry, &pattern, &mut matcher)).collect();
        found.sort_by_key(|found| std::cmp::Reverse(found.score));
        found
    }
}

/// Whether a command makes sense in the palette, which is itself one.
const fn is_offered(entry: &Spec) -> bool {
    !matches!(entry.verb, Verb::Switcher)
}

fn fit_command(entry: &Spec, pattern: &Pattern, matcher: &mut Matcher) -> Option<Found> {
    let (score, hits) = match fit(entry.words, pattern, matcher) {
        Some(fitting) => fitting,
        None => (fit(entry.also, pattern, matcher)?.0 / 2, Vec::new()),
    };
    let row = SwitcherRow {
        sign: Sign::Icon(entry.icon),
        words: entry.words.to_owned(),
        hits,
        detail: String::new(),
        keys: entry.keys.as_ref().map_or_else(String::new, keys_text),
        unread: 0,
        private: false,
    };
    Some(Found { score, row, goal: Goal::Command(entry.verb) })
}

/// The chats with the newest messages.
fn recent(model: &Model) -> Vec<Found> {
    let chats = model.chats().iter().map(|chat| chat.id().clone()).take(MOST_RECENT);
    chats.map(|chat| Found { score: 0, row: chat_row(model, &chat, Vec::new()), goal: Goal::Chat(chat) }).collect()
}

/// The people, and everyone, that fit.
fn chats(model: &Model, query: &str) -> Vec<Found> {
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let people = model.contacts().iter().map(|contact| ChatId::Direct(contact.name().clone()));
    let privates = model.privates().iter().map(|(name, _)| ChatId::Private(name.clone()));
    let mut found: Vec<Found> = std::iter::once(ChatId::Everyone)
        .chain(people)
        .chain(privates)
        .filter_map(|chat| {
            let (score, hits) = fit(words::chat_name(&chat), &pattern, &mut matcher)?;
            Some(Found { score, row: chat_row(model, &chat, hits), goal: Goal::Chat(chat) })
        })
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

fn chat_row(model: &Model, chat: &ChatId, hits: Vec<Range<usize>>) -> SwitcherRow {
    let contact = people::contact(model, chat);
    let line = model.session().is_online();
    let sign = match contact {
        _ if matches!(chat, ChatId::Private(_)) => Sign::Icon(Icon::Lock),
        Some(contact) => Sign::User(people::presence(contact, line)),
        None => Sign::Icon(Icon::Megaphone),
    };
    let known = model.chats().get(chat);
    let detail = match contact {
        _ if let ChatId::Private(name) = chat => people::private_words(model, name).to_owned(),
        Some(contact) if contact.is_blocked() => "Blocked".to_owned(),
        Some(contact) => state_words(contact).to_owned(),
        None => people::how_many(model),
    };
    let unread = known.map_or(0, Chat::unread);
    let private = matches!(chat, ChatId::Private(_));
    SwitcherRow { sign, words: words::chat_name(chat).to_owned(), hits, detail, keys: String::new(), unread, private }
}

fn state_words(contact: &Contact) -> &'static str {
    if contact.is_online() { "Online" } else { "Offline" }
}

/// How well words fit a pattern, and where.
fn fit(words: &str, pattern: &Pattern, matcher: &mut Matcher) -> Option<(u32, Vec<Range<usize>>)> {
    let mut buffer = Vec::new();
    let mut at = Vec::new();
    let score = pattern.indices(Utf32Str::new(words, &mut buffer), matcher, &mut at)?;
    at.sort_unstable();
    at.dedup();
    let mut letters = words.char_indices().enumerate();
    let mut hits: Vec<Range<usize>> = Vec::new();
    for index in at {
        let Some((_, (byte, letter))) = letters.find(|(place, _)| u32::try_from(*place) == Ok(index)) else { break };
        let end = byte + letter.len_utf8();
        match hits.last_mut() {
            Some(last) if last.end == byte => last.end = end,
            Some(_) | None => hits.push(byte..end),
        }
    }
    Some((score, hits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_were_typed_are_marked_in_runs() {
        let pattern = Pattern::parse("wwo", CaseMatching::Ignore, Normalization::Smart);
        let (_, hits) = fit("Who was online", &pattern, &mut Matcher::new(Config::DEFAULT)).unwrap();
        let marked: String = hits.iter().map(|hit| &"Who was online"[hit.clone()]).collect();
        assert_eq!(marked.to_lowercase(), "wwo");
    }

    #[test]
    fn what_does_not_fit_is_not_found() {
        let pattern = Pattern::parse("xyz", CaseMatching::Ignore, Normalization::Smart);
        assert_eq!(fit("Settings", &pattern, &mut Matcher::new(Config::DEFAULT)), None);
    }
}
