//! The quick switcher: people, chats and commands that fit what is typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::ops::Range;

use eframe::egui::Context;
use lucide_icons::Icon;
use whoelse_model::command::COMMANDS;
use whoelse_model::{Chat, ChatId, Contact, Model, PrivateStage, folded};

use super::applies::Applies;
use super::{App, people, words};
use crate::caps::keys_text;
use crate::command::{Spec, VERBS, Verb};
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
    Command(Verb, Applies),
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
        let (chats, commands) = match query.trim() {
            "" => (recent(self.model()), self.offered("")),
            // As in a message, a slash means a command.
            typed if typed.starts_with('/') => (Vec::new(), self.offered(typed.trim_start_matches('/'))),
            typed => (chats(self.model(), typed), self.offered(typed)),
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
            Some(Goal::Command(verb, applies)) => self.run_in(ctx, verb, &applies),
            None => {}
        }
    }

    /// The commands that fit, those that apply to what is shown first; of nothing typed, those that people look for there.
    fn offered(&self, query: &str) -> Vec<Found> {
        let query = Query::new(query);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut found: Vec<(u8, Found)> = Vec::new();
        for entry in VERBS.iter().filter(|entry| is_offered(entry, &query)) {
            let Some(applies) = self.applies(entry) else { continue };
            if query.typed.is_empty() && applies != Applies::Here {
                continue;
            }
            let words = self.command_words(entry, &applies);
            let rank = applies.rank();
            found.extend(fit_command(entry, words, applies, &query, &mut matcher).map(|found| (rank, found)));
        }
        found.sort_by_key(|(rank, found)| {
            (std::cmp::Reverse(found.score / BEGINNING), *rank, std::cmp::Reverse(found.score))
        });
        found.into_iter().map(|(_, found)| found).collect()
    }
}

/// What is typed, as it is searched for.
struct Query {
    typed: String,
    pattern: Pattern,
}

impl Query {
    fn new(typed: &str) -> Self {
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        Self { typed: folded(typed.trim()), pattern }
    }

    /// How well words fit, and where. Words that begin like the query come before those in which a word does, and these
    /// before those with its letters somewhere.
    fn fit(&self, words: &str, matcher: &mut Matcher) -> Option<(u32, Vec<Range<usize>>)> {
        let (score, hits) = fit(words, &self.pattern, matcher)?;
        let words = folded(words);
        let begins = if self.typed.is_empty() {
            0
        } else if words.starts_with(&self.typed) {
            2
        } else {
            u32::from(words.split_whitespace().any(|word| word.starts_with(&self.typed)))
        };
        Some((score.min(BEGINNING - 1) + begins * BEGINNING, hits))
    }
}

/// What a beginning counts; no score of letters that are spread comes near it.
const BEGINNING: u32 = 100_000;

/// Whether a command makes sense in the palette, which is itself one. Steps from here to there are given by keys; they are
/// offered to whoever types their words.
const fn is_offered(entry: &Spec, query: &Query) -> bool {
    let is_seldom = entry.verb.is_step() && query.typed.is_empty();
    !is_seldom && !matches!(entry.verb, Verb::Switcher)
}

fn fit_command(entry: &Spec, words: String, applies: Applies, query: &Query, matcher: &mut Matcher) -> Option<Found> {
    let slash = COMMANDS.iter().find(|command| Some(command.kind) == entry.slash).map_or("", |command| command.name);
    let (score, hits) = if let Some(fitting) = query.fit(&words, matcher) {
        fitting
    } else {
        // What else it is looked for as: one of these words, or its name behind a slash.
        let also = entry.also.split_whitespace().chain([slash]);
        let best = also.filter_map(|word| query.fit(word, matcher)).map(|(score, _)| score).max();
        (best.or_else(|| Some(query.fit(entry.also, matcher)?.0))? / 2, Vec::new())
    };
    let row = SwitcherRow {
        sign: Sign::Icon(entry.icon),
        words,
        hits,
        detail: applies.reason().to_owned(),
        keys: entry.keys.as_ref().map_or_else(String::new, keys_text),
        unread: 0,
        private: false,
    };
    Some(Found { score, row, goal: Goal::Command(entry.verb, applies) })
}

/// People who are online, then the chats with the newest messages.
fn recent(model: &Model) -> Vec<Found> {
    let online = model.contacts().iter().filter(|contact| contact.is_online() && !contact.is_blocked());
    let online = online.map(|contact| ChatId::Direct(contact.name().clone()));
    let chats = model.chats().iter().map(|chat| chat.id().clone()).filter(|chat| is_there(model, chat));
    let mut all: Vec<ChatId> = Vec::new();
    for chat in online.chain(chats) {
        if all.len() < MOST_RECENT && !all.contains(&chat) {
            all.push(chat);
        }
    }
    all.into_iter()
        .map(|chat| Found { score: 0, row: chat_row(model, &chat, Vec::new()), goal: Goal::Chat(chat) })
        .collect()
}

/// Whether a chat leads somewhere: a private one does while there is a session, or a question.
fn is_there(model: &Model, chat: &ChatId) -> bool {
    match chat {
        ChatId::Everyone | ChatId::Direct(_) => true,
        ChatId::Private(name) => !matches!(model.privates().get(name), Some(PrivateStage::Over { .. }) | None),
    }
}

/// The people, and everyone, that fit.
fn chats(model: &Model, query: &str) -> Vec<Found> {
    let query = Query::new(query);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let people = model.contacts().iter().map(|contact| ChatId::Direct(contact.name().clone()));
    let privates = model.privates().iter().map(|(name, _)| ChatId::Private(name.clone()));
    let mut found: Vec<Found> = std::iter::once(ChatId::Everyone)
        .chain(people)
        .chain(privates.filter(|chat| is_there(model, chat)))
        .filter_map(|chat| {
            let (score, hits) = query.fit(words::chat_name(&chat), &mut matcher)?;
            Some(Found { score, row: chat_row(model, &chat, hits), goal: Goal::Chat(chat) })
        })
        .collect();
    // Of those that fit equally well, who is online comes first.
    let is_online = |goal: &Goal| match goal {
        Goal::Chat(chat) => people::contact(model, chat).is_some_and(Contact::is_online),
        Goal::Command(..) => false,
    };
    found.sort_by_key(|found| std::cmp::Reverse((found.score / BEGINNING, is_online(&found.goal), found.score)));
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
    fn words_that_begin_like_the_query_come_first() {
        let (query, mut matcher) = (Query::new("sign"), Matcher::new(Config::DEFAULT));
        let mut score = |words: &str| query.fit(words, &mut matcher).unwrap().0;
        let scores = ["Sign out", "Stay signed in", "Reassigned"].map(&mut score);
        assert!(scores[0] > scores[1] && scores[1] > scores[2], "{scores:?}");
    }

    #[test]
    fn a_command_is_found_by_other_words_for_it_and_by_its_name_behind_a_slash() {
        let finds = |typed: &str, verb| {
            let entry = Spec::of(verb).unwrap();
            let mut matcher = Matcher::new(Config::DEFAULT);
            fit_command(entry, entry.words.to_owned(), Applies::Here, &Query::new(typed), &mut matcher).is_some()
        };
        for typed in ["keyboard", "shortcut", "keys", "help"] {
            assert!(finds(typed, Verb::Keys), "{typed}");
        }
        assert!(finds("logout", Verb::SignOut));
        assert!(finds("startprivate", Verb::StartPrivate));
    }

    #[test]
    fn what_does_not_fit_is_not_found() {
        let pattern = Pattern::parse("xyz", CaseMatching::Ignore, Normalization::Smart);
        assert_eq!(fit("Settings", &pattern, &mut Matcher::new(Config::DEFAULT)), None);
    }
}
