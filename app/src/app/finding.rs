//! Search in the open chat and in all chats.

use eframe::egui::{Rect, Ui};
use whoelse_client::now;
use whoelse_model::{Action, ChatId, Message, Model, RowId, SearchFor};

use super::clock::Clock;
use super::entries::first_line;
use super::{App, query, words};
use crate::kit::Take;
use crate::view::Center;
use crate::view::search::{self, AllSearch, ChatSearch, Hit, SearchAction, When};

/// Characters of a message in the list of what was found.
const HIT_CHARS: usize = 240;

/// The search that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Finding {
    /// The bar in a chat.
    pub(super) bar: Option<Bar>,
    /// What is typed in the panel of all chats.
    pub(super) all: String,
    /// The panel takes the keyboard in the next frame.
    pub(super) take: Take,
    /// Hits of the panel.
    listed: Listed,
    /// Which of them is chosen.
    chosen: usize,
}

/// The messages that a search in all chats found.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    what: SearchFor,
    hits: Option<Vec<Hit>>,
    /// Where each of them stands.
    places: Vec<(ChatId, RowId)>,
}

impl Listed {
    /// Nothing yet of a search that was begun; of a blank one, nothing is all there is.
    pub(super) fn of(what: SearchFor) -> Self {
        let hits = what.is_blank().then(Vec::new);
        Self { what, hits, places: Vec::new() }
    }

    /// What was searched for.
    pub(super) const fn what(&self) -> &SearchFor {
        &self.what
    }

    /// What was found, newest first; `None` while it is awaited.
    pub(super) fn hits(&self) -> Option<&[Hit]> {
        self.hits.as_deref()
    }

    /// Where what was found stands.
    pub(super) fn places(&self) -> &[(ChatId, RowId)] {
        &self.places
    }

    /// Takes in what the model found. Asks again if another search came in between, and is over.
    pub(super) fn sync(&mut self, model: &Model, clock: &Clock) -> Option<Action> {
        if self.hits.is_some() {
            return None;
        }
        match model.search() {
            Some(search) if search.what == self.what => {
                let found = search.hits.as_ref()?;
                self.places = found.iter().map(|hit| (hit.message.chat.clone(), hit.row)).collect();
                self.hits = Some(found.iter().map(|message| hit(model, clock, message)).collect());
                None
            }
            Some(search) if search.hits.is_none() => None,
            Some(_) | None => Some(Action::Search(self.what.clone())),
        }
    }
}

fn hit(model: &Model, clock: &Clock, message: &Message) -> Hit {
    let new = &message.message;
    let own = Some(&new.author) == model.session().name();
    Hit {
        chat: words::chat_name(&new.chat).to_owned(),
        everyone: new.chat == ChatId::Everyone,
        author: if own { "You".to_owned() } else { new.author.as_str().to_owned() },
        text: first_line(new.text.as_str()).chars().take(HIT_CHARS).collect(),
        time: clock.short(new.at, now()),
    }
}

/// The bar in a chat.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) chat: ChatId,
    state: ChatSearch,
    /// What is typed, read.
    what: SearchFor,
    /// It takes the keyboard in the next frame.
    take: Take,
    /// Its first hit is not shown yet.
    fresh: bool,
}

impl Finding {
    /// The words that are marked in a chat.
    pub(super) fn query(&self, chat: Option<&ChatId>) -> &str {
        self.bar_in(chat).map_or("", |bar| bar.what.words.trim())
    }

    /// Whether the bar is open in a chat.
    pub(super) fn is_open_in(&self, chat: Option<&ChatId>) -> bool {
        self.bar_in(chat).is_some()
    }

    fn bar_in(&self, chat: Option<&ChatId>) -> Option<&Bar> {
        self.bar.as_ref().filter(|bar| Some(&bar.chat) == chat)
    }
}

impl App {
    /// Opens the bar in the chat that is shown.
    pub(super) fn find_in_chat(&mut self) {
        let Some(chat) = self.tabs.shown_chat().cloned() else { return };
        if let Some(bar) = self.finding.bar.as_mut().filter(|bar| bar.chat == chat) {
            bar.take = Take::Keyboard;
            return;
        }
        let state = ChatSearch { query: String::new(), hits: None, shown: 0 };
        self.finding.bar = Some(Bar { chat, state, what: SearchFor::default(), take: Take::Keyboard, fresh: false });
    }

    /// The bar goes. Whether there was one.
    pub(super) fn end_finding(&mut self) -> bool {
        let was = self.finding.bar.take().is_some();
        if was {
            self.engine.act(Action::Search(SearchFor::default()));
            // What is typed next is a message.
            if let Some(open) = self.tabs.shown_chat().and_then(|chat| self.chats.get_mut(chat)) {
                open.composer.focus();
            }
        }
        was
    }

    /// Draws the bar below the head of the chat that is shown over `rect`.
    pub(super) fn show_finding(&mut self, ui: &mut Ui, rect: Rect) {
        let shown = self.tabs.shown_chat();
        if self.finding.bar.as_ref().is_some_and(|bar| Some(&bar.chat) != shown) {
            self.end_finding();
        }
        let Some(bar) = &mut self.finding.bar else { return };
        let hits = self.engine.model().search().filter(|search| search.what == bar.what);
        bar.state.hits = hits.and_then(|search| search.hits.as_ref()).map(Vec::len);
        let show_first = bar.fresh && bar.state.hits.is_some();
        bar.fresh &= !show_first;
        let take = std::mem::take(&mut bar.take);
        let top = rect.top() + crate::theme::region::HEAD_ROW;
        let place = Rect::from_min_max(
            eframe::egui::pos2(rect.left(), top),
            eframe::egui::pos2(rect.right(), top + search::BAR),
        );
        let actions = search::bar(ui, place, &bar.state, take);
        if show_first {
            self.show_hit(0);
        }
        for action in actions {
            self.in_bar(action);
        }
    }

    fn in_bar(&mut self, action: SearchAction) {
        let Some(bar) = &mut self.finding.bar else { return };
        match action {
            SearchAction::Type(query) => {
                let chat = bar.chat.clone();
                let what = self.read_search(&query, Some(chat));
                if let Some(bar) = &mut self.finding.bar {
                    bar.state = ChatSearch { query, hits: None, shown: 0 };
                    bar.what = what.clone();
                    bar.fresh = true;
                }
                self.engine.act(Action::Search(what));
            }
            SearchAction::Older => self.step_hit(1),
            SearchAction::Newer => self.step_hit(-1),
            SearchAction::Show(index) => self.show_hit(index),
            SearchAction::Close => {
                self.end_finding();
            }
            SearchAction::Choose(_) | SearchAction::From(_) | SearchAction::When(_) => {}
        }
    }

    fn step_hit(&mut self, by: isize) {
        let Some(bar) = &self.finding.bar else { return };
        let Some(count) = bar.state.hits.filter(|count| *count > 0) else { return };
        let next = if by > 0 { (bar.state.shown + 1) % count } else { (bar.state.shown + count - 1) % count };
        self.show_hit(next);
    }

    /// Brings a hit of the bar into view.
    fn show_hit(&mut self, index: usize) {
        let hits = self.engine.model().search().and_then(|search| search.hits.as_ref());
        let Some(row) = hits.and_then(|hits| hits.get(index)).map(|hit| hit.row) else { return };
        if let Some(bar) = &mut self.finding.bar {
            bar.state.shown = index;
            let chat = bar.chat.clone();
            self.jump(&chat, row);
        }
    }

    /// Searches all chats, as if it were typed into the panel.
    pub(super) fn find_all(&mut self, typed: String) {
        let what = self.read_search(&typed, None);
        self.finding.all = typed;
        self.finding.listed = Listed::of(what.clone());
        self.finding.chosen = 0;
        self.engine.act(Action::Search(what));
    }

    /// Draws the panel of all chats.
    pub(super) fn show_find_all(&mut self, ui: &mut Ui, center: Center) {
        if let Some(action) = self.finding.listed.sync(self.engine.model(), &self.clock) {
            self.engine.act(action);
        }
        let state = self.panel_state();
        let take = std::mem::take(&mut self.finding.take);
        for action in search::panel(ui, center, &state, take) {
            match action {
                SearchAction::Type(query) => self.find_all(query),
                SearchAction::Choose(index) => self.finding.chosen = index,
                SearchAction::Show(index) => self.go_to_hit(index),
                SearchAction::From(name) => {
                    let filter = name.map(|name| format!("from:{}", if name == ME { "me" } else { &name }));
                    self.find_all(query::with_filter(&self.finding.all, &["from"], filter));
                }
                SearchAction::When(when) => {
                    let filter = query::time_filter(when, self.clock.day(now()));
                    self.find_all(query::with_filter(&self.finding.all, &query::TIMES, filter));
                }
                SearchAction::Close => self.leave_tab(),
                SearchAction::Older | SearchAction::Newer => {}
            }
        }
    }

    fn panel_state(&self) -> AllSearch {
        let what = &self.finding.listed.what;
        let model = self.model();
        let people = model.chats().iter().filter_map(|chat| match chat.id() {
            ChatId::Direct(name) => Some(name.as_str().to_owned()),
            ChatId::Everyone | ChatId::Private(_) => None,
        });
        let from = what
            .author
            .as_ref()
            .map(|name| if Some(name) == model.session().name() { ME.to_owned() } else { name.as_str().to_owned() });
        let today = self.clock.day(now());
        let is_chosen =
            |when: &When| query::time_filter(*when, today).is_some_and(|filter| self.finding.all.contains(&filter));
        let when = match When::ALL.into_iter().find(is_chosen) {
            Some(when) => when.words(),
            None if what.since.is_some() || what.until.is_some() => "Custom time",
            None => When::Any.words(),
        };
        AllSearch {
            query: self.finding.all.clone(),
            words: what.words.clone(),
            hits: self.finding.listed.hits.clone(),
            chosen: self.finding.chosen,
            from,
            people: std::iter::once(ME.to_owned()).chain(people).take(MOST_OFFERED).collect(),
            when: when.to_owned(),
        }
    }

    fn go_to_hit(&mut self, index: usize) {
        if let Some((chat, row)) = self.finding.listed.places.get(index).cloned() {
            self.finding.chosen = index;
            self.jump(&chat, row);
        }
    }
}

/// The user, as the menu of persons says it.
const ME: &str = "me";
/// Persons that the menu offers; another is typed.
const MOST_OFFERED: usize = 12;
