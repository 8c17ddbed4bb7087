//! Search in the messages of one chat, and of all.

use eframe::egui::{
    Align2, CursorIcon, Id, Key, Modifiers, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
    pos2, text::LayoutJob,
};
use lucide_icons::Icon;

use crate::kit::{
    Avatar, Button, ButtonKind, Field, IconButton, Ring, Take, choosable, elided, elided_job, fill, focus_ring, galley,
    hairline_below, icon, label_at, menu_item, menu_of, put, say_chosen, told,
};
use crate::theme::{icon as icon_size, ink, numbers, palette, radius, region, side_padding, space, style};
use crate::view::main_view::{Center, WAY_BACK, way_back};

/// The bar under the head of a chat.
#[derive(Clone, Debug)]
pub struct ChatSearch {
    /// What is typed.
    pub query: String,
    /// How many messages have it; `None` while it is not known.
    pub hits: Option<usize>,
    /// Which of them is shown, from 0.
    pub shown: usize,
}

/// The panel of all chats.
#[derive(Clone, Debug)]
pub struct AllSearch {
    /// What is typed.
    pub query: String,
    /// The words in it, which are marked.
    pub words: String,
    /// What was found, newest first; `None` while it is not known.
    pub hits: Option<Vec<Hit>>,
    /// Which of them is chosen, from 0.
    pub chosen: usize,
    /// Whose messages are wanted, as a menu says it; `None` is anybody's.
    pub from: Option<String>,
    /// Whom the menu offers.
    pub people: Vec<String>,
    /// From which time messages are wanted, as a menu says it.
    pub when: String,
}

/// A time that a menu offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// No matter.
    Any,
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
}

impl When {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Any, Self::Today, Self::Yesterday, Self::Week, Self::Month];

    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "Any time",
            Self::Today => "Today",
            Self::Yesterday => "Yesterday",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
        }
    }
}

/// A message that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The chat's name.
    pub chat: String,
    /// Whether that is the chat of everyone.
    pub everyone: bool,
    /// Who wrote it.
    pub author: String,
    /// Its words.
    pub text: String,
    /// When, as shown.
    pub time: String,
}

/// What the user did in a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchAction {
    /// What is typed.
    Type(String),
    /// The next older hit.
    Older,
    /// The next newer hit.
    Newer,
    /// Choose the hit with this number.
    Choose(usize),
    /// Show the hit with this number in its chat.
    Show(usize),
    /// Messages of this person alone; `None` is of anybody.
    From(Option<String>),
    /// Messages of this time alone.
    When(When),
    /// Put it away.
    Close,
}

/// Height of the bar.
pub const BAR: f32 = 44.0;

/// Draws the bar over `rect`; it may take the keyboard.
pub fn bar(ui: &mut Ui, rect: Rect, state: &ChatSearch, take: Take) -> Vec<SearchAction> {
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_chat);
    hairline_below(ui.painter(), rect, colours.line);
    let pad = side_padding(rect.width());
    let last = rect.right() - pad - 16.0;
    let right = last - 3.0 * 34.0;
    let count = match state.hits {
        _ if state.query.trim().is_empty() => String::new(),
        None => "Searching".to_owned(),
        Some(0) => "Nothing found".to_owned(),
        Some(hits) => format!("{} of {hits}", state.shown + 1),
    };
    let at = pos2(right, rect.center().y);
    let count = label_at(ui, Align2::RIGHT_CENTER, at, numbers(style::META, colours.text_2), &count, 120.0);
    // The field keeps its width while the count grows.
    let reserved = if rect.width() < region::ONE_COLUMN_BELOW { 56.0 } else { 90.0 };
    let left = rect.left() + pad;
    let place = Rect::from_min_max(
        pos2(left, rect.top() + 5.0),
        pos2(count.left().min(right - reserved) - space::X4, rect.bottom()),
    );
    let mut child = ui.new_child(UiBuilder::new().max_rect(place));
    let id = Id::unique("search in chat");
    let mut text = state.query.clone();
    let field = Field::new("Search in this chat").hint("Search in this chat").icon(Icon::Search).height(34.0).id(id);
    let response = field.take(take).show(&mut child, &mut text);
    if response.changed() {
        actions.push(SearchAction::Type(text));
    }
    // Behind the field: Tab goes from left to right.
    let buttons = [
        (Icon::ChevronUp, "Older", SearchAction::Older, 2.0),
        (Icon::ChevronDown, "Newer", SearchAction::Newer, 1.0),
        (Icon::X, "Close search", SearchAction::Close, 0.0),
    ];
    for (glyph, name, action, from_last) in buttons {
        if IconButton::new(glyph, name).at(ui, pos2(last - from_last * 34.0, rect.center().y)).clicked() {
            actions.push(action);
        }
    }
    if response.has_focus() || response.lost_focus() {
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        if pressed(Key::Enter) {
            let back = ui.input(|input| input.modifiers.shift);
            actions.push(if back { SearchAction::Newer } else { SearchAction::Older });
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            actions.push(SearchAction::Close);
        }
    }
    actions
}

/// Draws the panel; its field may take the keyboard.
pub fn panel(ui: &mut Ui, center: Center, state: &AllSearch, take: Take) -> Vec<SearchAction> {
    let Center { rect, narrow } = center;
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_chat);
    let (top, below) = rect.split_top_bottom_at_y(rect.top() + region::HEAD_ROW);
    hairline_below(ui.painter(), top, colours.line);
    let pad = side_padding(rect.width());
    if narrow && way_back(ui, top).clicked() {
        actions.push(SearchAction::Close);
    }
    let left = top.left() + pad + if narrow { WAY_BACK } else { 0.0 };
    icon(ui.painter(), Icon::Search, pos2(left + 10.0, top.center().y), 20.0, colours.text_2);
    let at = pos2(left + 28.0, top.center().y);
    let title = ink(style::HEADING, colours.text);
    label_at(ui, Align2::LEFT_CENTER, at, title, "Search all messages", top.right() - pad - at.x);
    let inner = below.shrink2(Vec2::new(pad, space::X4));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    let ui = &mut child;
    field(ui, state, take, &mut actions);
    crate::kit::space(ui, space::X3);
    filters(ui, state, &mut actions);
    crate::kit::space(ui, space::X3);
    let words = match &state.hits {
        _ if state.query.trim().is_empty() => HELP.to_owned(),
        None => "Searching".to_owned(),
        Some(hits) if hits.is_empty() => "Nothing found on this computer.".to_owned(),
        Some(hits) if hits.len() == 1 => "1 message".to_owned(),
        Some(hits) => format!("{} messages", hits.len()),
    };
    told(ui, ink(style::META, colours.text_2), &words);
    crate::kit::space(ui, space::X3);
    let hits = state.hits.as_deref().unwrap_or_default();
    say_chosen(ui, "search", hits.get(state.chosen).map(Hit::spoken));
    let moved = actions.iter().any(|action| matches!(action, SearchAction::Choose(_)));
    ScrollArea::vertical().id_salt("hits").auto_shrink([false, false]).show_rows(ui, HIT, hits.len(), |ui, range| {
        if moved {
            let top = ui.max_rect().top() + (state.chosen as f32 - range.start as f32) * HIT;
            ui.scroll_to_rect(Rect::from_min_size(pos2(ui.max_rect().left(), top), Vec2::splat(HIT)), None);
        }
        for index in range {
            if let Some(found) = hits.get(index)
                && hit(ui, found, &state.words, state.chosen == index).clicked()
            {
                actions.push(SearchAction::Show(index));
            }
        }
    });
    actions
}

/// What can be typed.
const HELP: &str = "Finds messages with all of these words. Add from:yoda, in:everyone, after:2026-11-01 or on:today.";

/// Draws the field, and takes the keys that move among the hits.
fn field(ui: &mut Ui, state: &AllSearch, take: Take, actions: &mut Vec<SearchAction>) {
    let id = Id::unique("search all messages");
    let count = state.hits.as_ref().map_or(0, Vec::len);
    if count > 0 && ui.memory(|memory| memory.has_focus(id)) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let chosen = state.chosen.min(count - 1);
        if pressed(Key::ArrowDown) {
            actions.push(SearchAction::Choose((chosen + 1).min(count - 1)));
        }
        if pressed(Key::ArrowUp) {
            actions.push(SearchAction::Choose(chosen.saturating_sub(1)));
        }
        if pressed(Key::Enter) {
            actions.push(SearchAction::Show(chosen));
        }
    }
    let mut text = state.query.clone();
    let field = Field::new("Search all messages").hint("Words in any chat").icon(Icon::Search).id(id);
    let response = field.take(take).show(ui, &mut text);
    if response.changed() {
        actions.push(SearchAction::Type(text));
    }
}

/// Width of the menus of filters.
const MENU: f32 = 220.0;

/// The filters by person and time, each a menu.
fn filters(ui: &mut Ui, state: &AllSearch, actions: &mut Vec<SearchAction>) {
    let colours = palette(ui);
    ui.horizontal(|ui| {
        let from = state.from.as_ref().map_or_else(|| "From anybody".to_owned(), |from| format!("From {from}"));
        let button = ui.add(Button::new(ButtonKind::Outline, &from).icon(Icon::User).small());
        menu_of(&button, MENU, |ui| {
            if menu_item(ui, None, "Anybody", "", colours.text).clicked() {
                actions.push(SearchAction::From(None));
            }
            for name in &state.people {
                if menu_item(ui, None, name, "", colours.text).clicked() {
                    actions.push(SearchAction::From(Some(name.clone())));
                }
            }
        });
        crate::kit::space(ui, space::X3);
        let button = ui.add(Button::new(ButtonKind::Outline, &state.when).icon(Icon::CalendarDays).small());
        menu_of(&button, MENU, |ui| {
            for when in When::ALL {
                if menu_item(ui, None, when.words(), "", colours.text).clicked() {
                    actions.push(SearchAction::When(when));
                }
            }
        });
    });
}

impl Hit {
    /// What a screen reader says of it.
    pub(super) fn spoken(&self) -> String {
        format!("{}, {}, {}: {}", self.chat, self.time, self.author, self.text)
    }
}

/// Height of a found message.
pub(super) const HIT: f32 = 56.0;

/// Draws a found message over the whole width.
pub(super) fn hit(ui: &mut Ui, hit: &Hit, query: &str, chosen: bool) -> Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HIT), Sense::click());
    match (chosen, response.hovered()) {
        (true, _) => fill(ui.painter(), rect, radius::FIELD, colours.selected),
        (false, true) => fill(ui.painter(), rect, radius::FIELD, colours.hover_chat),
        (false, false) => {}
    }
    let disc = rect.left_center() + Vec2::new(8.0 + 16.0, 0.0);
    if hit.everyone {
        ui.painter().circle_filled(disc, 16.0, colours.accent_soft);
        icon(ui.painter(), Icon::Megaphone, disc, icon_size::BASE, colours.accent);
    } else {
        Avatar::new(&hit.chat).diameter(32.0).paint(ui, disc);
    }
    let left = disc.x + 16.0 + space::X4;
    let time = galley(ui.painter(), numbers(style::META, colours.text_3), &hit.time);
    let time = put(ui.painter(), Align2::RIGHT_CENTER, pos2(rect.right() - 8.0, rect.center().y - 10.0), time);
    let name = elided(ui.painter(), ink(style::STRONG, colours.text), &hit.chat, time.left() - space::X3 - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - 10.0), name);
    let mut job = LayoutJob::default();
    job.append(&format!("{}: ", hit.author), 0.0, ink(style::SMALL, colours.text_3).text_format());
    crate::timeline::append_marked(
        &mut job,
        &around(&hit.text, query),
        query,
        ink(style::SMALL, colours.text_2),
        colours,
    );
    let words = elided_job(ui.painter(), job, rect.right() - 8.0 - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y + 10.0), words);
    focus_ring(ui, &response, rect, radius::FIELD, Ring::Inside);
    choosable(&response, || WidgetInfo::selected(Role::ListBoxOption, true, chosen, hit.spoken()));
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Characters shown before the first hit.
const BEFORE: usize = 24;

/// The words on one line, from shortly before the first hit.
fn around(text: &str, query: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let Some(hit) = crate::timeline::find_hit(&line, query) else { return line };
    let before = line.get(..hit).map_or(0, |before| before.chars().count());
    if before <= BEFORE {
        return line;
    }
    let below: String = line.chars().skip(before - BEFORE).collect();
    format!("…{below}")
}
