//! The search in the list: one field, and what it finds among people, messages and commands.

use eframe::egui::{
    Align2, Color32, CursorIcon, Id, Key, Modifiers, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2,
    WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::action::Action;
use super::contacts::{ContactItem, Contacts, contact_menu, contact_row};
use super::search::{HIT, Hit, hit};
use crate::kit::{
    Field, IconButton, choosable, elided, fill, galley, icon, key_cap, label_at, put, say_chosen, told_at,
};
use crate::theme::{control, icon as icon_size, ink, numbers, palette, radius, region, space, style};

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The words that are marked in messages.
    pub words: String,
    /// People and Everyone, whose names fit.
    pub people: Vec<ContactItem>,
    /// People who are left out.
    pub more_people: usize,
    /// The newest messages that fit; `None` while they are searched for.
    pub messages: Option<Vec<Hit>>,
    /// How many messages fit.
    pub all_messages: usize,
    /// Commands that fit.
    pub commands: Vec<FoundCommand>,
    /// Which row is chosen, counted over all that can be picked.
    pub chosen: usize,
}

/// A command that was found.
#[derive(Clone, Debug)]
pub struct FoundCommand {
    /// What it does.
    pub words: String,
    /// Its icon.
    pub icon: Icon,
    /// Its keys; may be empty.
    pub keys: String,
    /// Why it cannot be given; empty if it can.
    pub missing: String,
}

/// What the user did in the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundAction {
    /// What stands in the field.
    Type(String),
    /// Choose the row with this number.
    Choose(usize),
    /// Go where the row with this number leads.
    Pick(usize),
    /// Empty the field.
    Clear,
    /// Give the keyboard back to the chat.
    Leave,
}

impl Found {
    /// How many rows can be picked.
    fn count(&self) -> usize {
        let messages = self.messages.as_ref().map_or(0, Vec::len);
        let rest = usize::from(self.more_people > 0) + usize::from(self.has_more_messages());
        self.people.len() + messages + self.commands.len() + rest
    }

    fn has_more_messages(&self) -> bool {
        self.all_messages > self.messages.as_ref().map_or(0, Vec::len)
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        if !self.people.is_empty() {
            lines.push(Line::Head("People", self.people.len() + self.more_people));
            lines.extend(self.people.iter().map(Line::Person));
        }
        if self.more_people > 0 {
            lines.push(Line::More(format!("Show {} more", self.more_people)));
        }
        match &self.messages {
            None => lines.push(Line::Words("Searching messages")),
            Some(messages) if messages.is_empty() => {}
            Some(messages) => {
                lines.push(Line::Head("Messages", self.all_messages));
                lines.extend(messages.iter().map(Line::Message));
            }
        }
        if self.has_more_messages() {
            lines.push(Line::More(format!("All {} messages", self.all_messages)));
        }
        if !self.commands.is_empty() {
            lines.push(Line::Head("Commands", self.commands.len()));
            lines.extend(self.commands.iter().map(Line::Command));
        }
        if lines.is_empty() {
            lines.push(Line::Words("Nothing found"));
        }
        lines
    }
}

/// What the search field is called.
pub const SEARCH_FIELD: &str = "Search people and messages";

/// The id of the search field.
#[must_use]
pub fn search_id() -> Id {
    Id::unique("search people and messages")
}

/// Height of the search field.
const SEARCH: f32 = 34.0;
/// Room for the cross that empties it.
const CROSS: f32 = 26.0;

/// Draws the field, and takes the keys that move among what was found.
pub(super) fn search_row(ui: &mut Ui, rect: Rect, state: &Contacts, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    let inner = Rect::from_center_size(rect.center(), Vec2::new(rect.width() - 2.0 * space::X4, SEARCH));
    let (id, mut text) = (search_id(), state.search.clone());
    let focused = ui.memory(|memory| memory.has_focus(id));
    if let Some(found) = state.found.as_ref().filter(|_| focused) {
        keys(ui, found, actions);
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    let field = Field::new(SEARCH_FIELD)
        .hint(SEARCH_FIELD)
        .icon(Icon::Search)
        .height(SEARCH)
        .surface(colours.bg_chat, colours.line)
        .room(if text.is_empty() { 0.0 } else { CROSS })
        .id(id);
    let response = field.show(&mut child, &mut text);
    if response.changed() {
        actions.push(Action::Search(FoundAction::Type(text)));
    }
    let reached = response.has_focus() || response.lost_focus();
    if reached && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        if state.search.is_empty() {
            actions.push(Action::Search(FoundAction::Leave));
        } else {
            actions.push(Action::Search(FoundAction::Clear));
            response.request_focus();
        }
    }
    let cross = inner.right_center() - Vec2::new(control::MIN_TARGET / 2.0 + space::X2, 0.0);
    let button = IconButton::new(Icon::X, "Clear search").size(control::MIN_TARGET).icon_size(icon_size::SMALL);
    if !state.search.is_empty() && button.at(&mut child, cross).clicked() {
        actions.push(Action::Search(FoundAction::Clear));
        response.request_focus();
    }
}

fn keys(ui: &Ui, found: &Found, actions: &mut Vec<Action>) {
    let count = found.count();
    if count == 0 {
        return;
    }
    let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let chosen = found.chosen.min(count - 1);
    let mut push = |action| actions.push(Action::Search(action));
    if take(Key::ArrowDown) {
        push(FoundAction::Choose((chosen + 1) % count));
    }
    if take(Key::ArrowUp) {
        push(FoundAction::Choose((chosen + count - 1) % count));
    }
    if take(Key::Enter) {
        push(FoundAction::Pick(chosen));
    }
}

/// What stands in the list while something is searched for.
enum Line<'a> {
    Head(&'static str, usize),
    Person(&'a ContactItem),
    Message(&'a Hit),
    Command(&'a FoundCommand),
    More(String),
    Words(&'static str),
}

impl Line<'_> {
    const fn height(&self) -> f32 {
        match self {
            Self::Head(..) | Self::Words(_) => region::SECTION_ROW,
            Self::Person(_) => region::CONTACT_ROW,
            Self::Message(_) => HIT,
            Self::Command(_) | Self::More(_) => ROW,
        }
    }

    /// What a screen reader says of it while it is chosen.
    fn spoken(&self) -> String {
        match self {
            Self::Head(name, _) => (*name).to_owned(),
            Self::Person(item) => item.name.clone(),
            Self::Message(hit) => hit.spoken(),
            Self::Command(command) => command.words.clone(),
            Self::More(words) => words.clone(),
            Self::Words(words) => (*words).to_owned(),
        }
    }

    const fn can_be_picked(&self) -> bool {
        match self {
            Self::Head(..) | Self::Words(_) => false,
            Self::Person(_) | Self::Message(_) | Self::Command(_) | Self::More(_) => true,
        }
    }
}

/// Height of a command.
const ROW: f32 = 40.0;
/// From the middle of a row to that of each of its two lines.
const LINE: f32 = 9.0;
/// Room left and right of the rows.
const INSET: f32 = 8.0;

/// Draws what was found over `rect`.
pub(super) fn rows(ui: &mut Ui, rect: Rect, found: &Found, actions: &mut Vec<Action>) {
    let lines = found.lines();
    let total: f32 = lines.iter().map(Line::height).sum();
    let memory = ui.scope_id().with("chosen before");
    let before = ui.data(|data| data.get_temp::<usize>(memory));
    ui.data_mut(|data| data.insert_temp(memory, found.chosen));
    let mut rows = lines.iter().filter(|line| line.can_be_picked());
    let chosen = rows.nth(found.chosen.min(found.count().saturating_sub(1)));
    say_chosen(ui, "found", chosen.map(Line::spoken));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    ScrollArea::vertical().id_salt("found").auto_shrink([false, false]).show_viewport(&mut child, |ui, view| {
        let origin = ui.max_rect().min;
        ui.allocate_rect(Rect::from_min_size(origin, Vec2::new(rect.width(), total + space::X3)), Sense::hover());
        let (mut y, mut number) = (0.0, 0);
        for (index, line) in lines.iter().enumerate() {
            let height = line.height();
            let at = origin + Vec2::new(INSET, y);
            let place = Rect::from_min_size(at, Vec2::new(rect.width() - 2.0 * INSET - 1.0, height));
            let chosen = line.can_be_picked() && number == found.chosen;
            if chosen && before.is_some_and(|before| before != found.chosen) {
                ui.scroll_to_rect(place, None);
            }
            if y + height >= view.top() && y <= view.bottom() {
                let mut row = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("found", index)));
                let response = draw(&mut row, place, line, (chosen, &found.words), actions);
                if response.is_some_and(|response| response.clicked()) {
                    actions.push(Action::Search(FoundAction::Pick(number)));
                }
            }
            number += usize::from(line.can_be_picked());
            y += height;
        }
    });
}

fn draw(
    ui: &mut Ui,
    place: Rect,
    line: &Line<'_>,
    (chosen, query): (bool, &str),
    actions: &mut Vec<Action>,
) -> Option<Response> {
    let colours = palette(ui);
    match line {
        Line::Head(name, count) => {
            let at = place.left_center() + Vec2::new(INSET, 0.0);
            let name = label_at(ui, Align2::LEFT_CENTER, at, ink(style::SECTION, colours.text_3), name, place.width());
            let count = galley(ui.painter(), numbers(style::META.weight(500.0), colours.text_3), &count.to_string());
            put(ui.painter(), Align2::LEFT_CENTER, name.right_center() + Vec2::new(space::X3, 0.0), count);
            None
        }
        Line::Words(words) => {
            let at = place.left_center() + Vec2::new(INSET, 0.0);
            told_at(ui, Align2::LEFT_CENTER, at, ink(style::SMALL, colours.text_3), words, place.width() - INSET);
            None
        }
        Line::Person(item) => {
            let item = ContactItem { selected: chosen, ..(*item).clone() };
            let response = contact_row(ui, &item);
            response.context_menu(|ui| contact_menu(ui, &item, actions));
            Some(response)
        }
        Line::Message(found) => Some(hit(ui, found, query, chosen)),
        Line::Command(command) => Some(command_row(ui, command, chosen)),
        Line::More(words) => Some(simple(ui, None, (words, ""), "", chosen)),
    }
}

/// A command; below one that cannot be given stands why.
fn command_row(ui: &mut Ui, command: &FoundCommand, chosen: bool) -> Response {
    let keys = if command.missing.is_empty() { command.keys.as_str() } else { "" };
    simple(ui, Some(command.icon), (&command.words, &command.missing), keys, chosen)
}

/// A row with an icon, words, what stands below them, and keys.
fn simple(ui: &mut Ui, glyph: Option<Icon>, (words, below): (&str, &str), keys: &str, chosen: bool) -> Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let surface = match (chosen, response.hovered()) {
        (true, _) => colours.selected,
        (false, true) => colours.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    fill(ui.painter(), rect, radius::FIELD, surface);
    if let Some(glyph) = glyph {
        let centre = rect.left_center() + Vec2::new(INSET + region::AVATAR / 2.0, 0.0);
        icon(ui.painter(), glyph, centre, icon_size::LARGE, colours.text_2);
    }
    let mut right = rect.right() - INSET;
    if !keys.is_empty() {
        right = key_cap(ui, pos2(right, rect.center().y), keys).left() - space::X3;
    }
    let left = rect.left() + INSET + region::AVATAR + space::X4;
    let (tone, raised) = match (glyph, below) {
        (None, _) => (colours.accent, 0.0),
        (Some(_), "") => (colours.text, 0.0),
        (Some(_), _) => (colours.text_3, LINE),
    };
    let text = elided(ui.painter(), ink(style::LABEL, tone), words, right - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - raised), text);
    let text = elided(ui.painter(), ink(style::META, colours.text_3), below, right - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y + LINE), text);
    choosable(&response, || {
        let words = if below.is_empty() { words.to_owned() } else { format!("{words}, {below}") };
        WidgetInfo::selected(Role::ListBoxOption, true, chosen, words)
    });
    response.on_hover_cursor(CursorIcon::PointingHand)
}
