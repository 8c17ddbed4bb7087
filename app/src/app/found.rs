//! The search of people, messages and commands in the list.

use eframe::egui::Context;
use whoelse_client::now;
use whoelse_model::{Action, ChatId, RowId, SearchFor, folded};

use super::applies::Applies;
use super::finding::Listed;
use super::query::Reader;
use super::screen::is_one_column;
use super::{App, people};
use crate::caps::keys_text;
use crate::command::{Spec, VERBS, Verb};
use crate::view::{Found, FoundAction, FoundCommand, Panel, search_id};

/// People shown before the others are asked for.
const FEW_PEOPLE: usize = 6;
/// People shown at most; whoever looks for another types more of the name.
const MOST_PEOPLE: usize = 200;
/// Messages shown; the panel of all chats has the others.
const FEW_MESSAGES: usize = 8;
/// Commands shown.
const MOST_COMMANDS: usize = 5;

/// The search while something is typed.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundState {
    /// The messages.
    listed: Listed,
    /// Which row is chosen.
    chosen: usize,
    /// How many people are shown.
    people: PeopleShown,
    /// Where each row leads.
    goals: Vec<Goal>,
    /// Whether the field takes the keyboard in the next frame.
    wanted: SearchWanted,
}

impl FoundState {
    /// Its field takes the keyboard in the next frame.
    pub(super) const fn want_keyboard(&mut self) {
        self.wanted = SearchWanted::Yes;
    }
}

/// How many people are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PeopleShown {
    #[default]
    Few,
    All,
}

/// Where a row leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    Chat(ChatId),
    MorePeople,
    Message(ChatId, RowId),
    AllMessages,
    Command(Verb, Applies),
}

/// Whether the search takes the keyboard in the next frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum SearchWanted {
    #[default]
    No,
    Yes,
}

impl App {
    /// Gives the keyboard to the search, once somebody is in. A window of one column shows the list for it.
    pub(super) fn give_search_keyboard(&mut self, ctx: &Context) {
        if !self.is_main_shown() || std::mem::take(&mut self.found.wanted) == SearchWanted::No {
            return;
        }
        if is_one_column(ctx) && self.tabs.shown().is_some() {
            self.leave_tab();
        }
        ctx.memory_mut(|memory| memory.request_focus(search_id()));
    }

    /// What is typed into a field of a search, read.
    pub(super) fn read_search(&self, typed: &str, chat: Option<ChatId>) -> SearchFor {
        let (model, clock) = (self.model(), &self.clock);
        Reader { clock, now: now(), contacts: model.contacts(), me: model.session().name() }.read(typed, chat)
    }

    /// Does what the person does in the search of the list.
    pub(super) fn in_search(&mut self, ctx: &Context, action: FoundAction) {
        match action {
            FoundAction::Type(text) => self.search_list(text),
            FoundAction::Choose(row) => self.found.chosen = row,
            FoundAction::Pick(row) => self.pick_found(ctx, row),
            FoundAction::Clear => self.clear_search(),
            FoundAction::Leave => {
                ctx.memory_mut(eframe::egui::Memory::stop_text_input);
                if let Some(open) = self.tabs.shown_chat().and_then(|chat| self.chats.get_mut(chat)) {
                    open.composer.focus();
                }
            }
        }
    }

    fn search_list(&mut self, text: String) {
        self.list.search = text;
        let what = self.read_search(&self.list.search, None);
        self.found = FoundState { listed: Listed::of(what.clone()), ..FoundState::default() };
        self.engine.act(Action::Search(what));
    }

    /// Empties the search of the list. Whether there was one.
    pub(super) fn end_search(&mut self) -> bool {
        let was = !self.list.search.is_empty();
        self.clear_search();
        was
    }

    fn clear_search(&mut self) {
        self.list.search.clear();
        self.found = FoundState::default();
    }

    fn pick_found(&mut self, ctx: &Context, row: usize) {
        match self.found.goals.get(row).cloned() {
            None => {}
            Some(Goal::Chat(chat)) => {
                self.clear_search();
                self.open_chat(&chat);
            }
            Some(Goal::MorePeople) => self.found.people = PeopleShown::All,
            // What was found stays, for the next message among it.
            Some(Goal::Message(chat, row)) => self.jump(&chat, row),
            Some(Goal::AllMessages) => {
                let typed = self.list.search.clone();
                self.find_all(typed);
                self.open_panel(Panel::Search);
            }
            // What does not apply says why, and what was found stays.
            Some(Goal::Command(verb, applies @ Applies::NotYet(_))) => self.run_in(ctx, verb, &applies),
            Some(Goal::Command(verb, applies)) => {
                self.clear_search();
                self.run_in(ctx, verb, &applies);
            }
        }
    }

    /// What the list shows while something is searched for.
    pub(super) fn found(&mut self) -> Option<Found> {
        if self.list.search.trim().is_empty() {
            return None;
        }
        if let Some(action) = self.found.listed.sync(self.engine.model(), &self.clock) {
            self.engine.act(action);
        }
        let words = self.found.listed.what().words.clone();
        let most = if self.found.people == PeopleShown::All { MOST_PEOPLE } else { FEW_PEOPLE };
        let (people, more_people) = people::found(self.engine.model(), &self.clock, now(), &self.list, (&words, most));
        let mut goals: Vec<Goal> = people.iter().map(|item| Goal::Chat(item.chat.clone())).collect();
        let more_people = if most == MOST_PEOPLE { 0 } else { more_people };
        goals.extend((more_people > 0).then_some(Goal::MorePeople));
        let listed = &self.found.listed;
        let messages = listed.hits().map(|hits| hits.iter().take(FEW_MESSAGES).cloned().collect::<Vec<_>>());
        let places = listed.places().iter().take(FEW_MESSAGES);
        goals.extend(places.map(|(chat, row)| Goal::Message(chat.clone(), *row)));
        let all_messages = listed.places().len();
        goals.extend((all_messages > FEW_MESSAGES).then_some(Goal::AllMessages));
        let commands = self.commands_that_fit(&words);
        let shown = commands.iter().map(|(spec, applies)| self.found_command(spec, applies)).collect();
        goals.extend(commands.into_iter().map(|(spec, applies)| Goal::Command(spec.verb, applies)));
        let chosen = self.found.chosen.min(goals.len().saturating_sub(1));
        self.found.goals = goals;
        Some(Found { words, people, more_people, messages, all_messages, commands: shown, chosen })
    }

    /// The commands that have all the words, those that apply to what is shown first.
    fn commands_that_fit(&self, words: &str) -> Vec<(&'static Spec, Applies)> {
        let words: Vec<String> = words.split_whitespace().map(folded).collect();
        let fits = |spec: &&Spec| {
            let text = folded(&format!("{} {}", spec.words, spec.also));
            !words.is_empty() && words.iter().all(|word| text.contains(word))
        };
        let fitting = VERBS.iter().filter(fits).filter_map(|spec| Some((spec, self.applies(spec)?)));
        let mut commands: Vec<_> = fitting.collect();
        commands.sort_by_key(|(_, applies)| applies.rank());
        commands.truncate(MOST_COMMANDS);
        commands
    }

    fn found_command(&self, spec: &Spec, applies: &Applies) -> FoundCommand {
        FoundCommand {
            words: self.command_words(spec, applies),
            icon: spec.icon,
            keys: spec.keys.as_ref().map_or_else(String::new, keys_text),
            missing: applies.reason().to_owned(),
        }
    }
}
