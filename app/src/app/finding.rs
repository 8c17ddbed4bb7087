//! Search in the open chat and in all chats.

use eframe::egui::{Rect, Ui};
use whoelse_client::now;
use whoelse_model::{Action, ChatId, Message, Search};

use super::entries::first_line;
use super::{App, words};
use crate::view::search::{self, AllSearch, ChatSearch, Hit, SearchAction};

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
    pub(super) focus_all: bool,
    /// Hits of the panel, made of this search.
    made: Option<(Search, Vec<Hit>)>,
}

/// The bar in a chat.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) chat: ChatId,
    state: ChatSearch,
    /// It takes the keyboard in the next frame.
    focus: bool,
    /// Its first hit is not shown yet.
    fresh: bool,
}

impl Finding {
    /// The words that are marked in a chat.
    pub(super) fn query(&self, chat: Option<&ChatId>) -> &str {
        self.bar_in(chat).map_or("", |bar| bar.state.query.trim())
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
        let state = ChatSearch { query: String::new(), hits: None, shown: 0 };
        self.finding.bar = Some(Bar { chat, state, focus: true, fresh: false });
    }

    /// The bar goes. Whether there was one.
    pub(super) fn end_finding(&mut self) -> bool {
        let was = self.finding.bar.take().is_some();
        if was {
            self.engine.act(Action::Search { query: String::new(), chat: None });
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
        let hits = self.engine.model().search().filter(|search| search.chat.as_ref() == Some(&bar.chat));
        bar.state.hits = hits.and_then(|search| search.hits.as_ref()).map(Vec::len);
        let show_first = bar.fresh && bar.state.hits.is_some();
        bar.fresh &= !show_first;
        let focus = std::mem::take(&mut bar.focus);
        let top = rect.top() + crate::theme::region::HEAD_ROW;
        let place = Rect::from_min_max(
            eframe::egui::pos2(rect.left(), top),
            eframe::egui::pos2(rect.right(), top + search::BAR),
        );
        let actions = search::bar(ui, place, &bar.state, focus);
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
                bar.state.query.clone_from(&query);
                bar.state.shown = 0;
                bar.fresh = true;
                let chat = Some(bar.chat.clone());
                self.engine.act(Action::Search { query, chat });
            }
            SearchAction::Older => self.step_hit(1),
            SearchAction::Newer => self.step_hit(-1),
            SearchAction::Show(index) => self.show_hit(index),
            SearchAction::Close => {
                self.end_finding();
            }
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

    /// Draws the panel of all chats.
    pub(super) fn show_find_all(&mut self, ui: &mut Ui, rect: Rect) {
        self.sync_hits();
        let hits = self.finding.made.as_ref().map(|(_, hits)| hits.clone());
        let state = AllSearch { query: self.finding.all.clone(), hits };
        let focus = std::mem::take(&mut self.finding.focus_all);
        for action in search::panel(ui, rect, &state, focus) {
            match action {
                SearchAction::Type(query) => {
                    self.finding.all.clone_from(&query);
                    self.finding.made = None;
                    self.engine.act(Action::Search { query, chat: None });
                }
                SearchAction::Show(index) => self.go_to_hit(index),
                SearchAction::Older | SearchAction::Newer | SearchAction::Close => {}
            }
        }
    }

    fn go_to_hit(&mut self, index: usize) {
        let Some((Search { hits: Some(hits), .. }, _)) = &self.finding.made else { return };
        let Some(hit) = hits.get(index) else { return };
        let (chat, row) = (hit.message.chat.clone(), hit.row);
        self.jump(&chat, row);
    }

    fn sync_hits(&mut self) {
        let Some(search) = self.engine.model().search() else { return };
        let is_made = self.finding.made.as_ref().is_some_and(|(made, _)| made == search);
        if is_made || search.chat.is_some() || search.query != self.finding.all {
            return;
        }
        let Some(found) = &search.hits else { return };
        let hits = found.iter().map(|message| self.hit(message)).collect();
        self.finding.made = Some((search.clone(), hits));
    }

    fn hit(&self, message: &Message) -> Hit {
        let new = &message.message;
        let own = Some(&new.author) == self.model().session().name();
        Hit {
            chat: words::chat_name(&new.chat).to_owned(),
            everyone: new.chat == ChatId::Everyone,
            author: if own { "You".to_owned() } else { new.author.as_str().to_owned() },
            text: first_line(new.text.as_str()).chars().take(HIT_CHARS).collect(),
            time: self.clock.short(new.at, now()),
        }
    }
}
