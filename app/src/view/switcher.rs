//! The quick switcher: a few letters go to a person, a chat or a command.

use std::ops::Range;

use eframe::egui::{
    Align2, Color32, Context, CursorIcon, FontSelection, Id, Key, Modifiers, Rect, Response, Role, Sense, Ui,
    UiBuilder, Vec2, WidgetInfo, pos2, text::LayoutJob,
};
use lucide_icons::Icon;

use crate::kit::{
    Avatar, Dialog, PillTone, Presence, choosable, dialog, elided, elided_job, fill, galley, hairline_below, icon,
    key_cap, pill, pill_width, put, say_at_once, say_chosen,
};
use crate::theme::{icon as icon_size, ink, palette, radius, region, space, style};

/// The switcher as it is shown.
#[derive(Clone, Debug)]
pub struct Switcher {
    /// What is typed.
    pub query: String,
    /// Rows under their heads, best first.
    pub groups: Vec<SwitcherGroup>,
    /// Which row is chosen, counted over all groups.
    pub chosen: usize,
}

/// Rows under a head.
#[derive(Clone, Debug)]
pub struct SwitcherGroup {
    /// "Chats and people".
    pub name: String,
    /// Its rows.
    pub rows: Vec<SwitcherRow>,
}

/// A row.
#[derive(Clone, Debug)]
pub struct SwitcherRow {
    /// Before the words.
    pub sign: Sign,
    /// The words.
    pub words: String,
    /// The bytes of the words that were typed.
    pub hits: Vec<Range<usize>>,
    /// Behind the words.
    pub detail: String,
    /// Keys at the right; may be empty.
    pub keys: String,
    /// Messages not read.
    pub unread: u32,
    /// Whether it leads to a private session.
    pub private: bool,
}

/// What stands before a row.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// The disc of the user that the words name.
    User(Presence),
    /// An icon.
    Icon(Icon),
}

/// What the user did in the switcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitcherAction {
    /// What is typed.
    Type(String),
    /// Choose the row with this number.
    Choose(usize),
    /// Go where the row with this number leads.
    Pick(usize),
    /// Put it away.
    Close,
}

const TOP: f32 = 96.0;
const INPUT: f32 = 52.0;
const HEAD: f32 = 34.0;
const ROW: f32 = 44.0;
const FOOT: f32 = 36.0;
/// Rows shown at once.
const MOST_ROWS: usize = 8;

/// Draws the switcher.
#[must_use]
pub fn show(ctx: &Context, state: &Switcher) -> Vec<SwitcherAction> {
    let mut actions = Vec::new();
    keys(ctx, state, &mut actions);
    let shape = Dialog { name: "Go to", size: Vec2::new(region::SWITCHER_WIDTH, 0.0), top: Some(TOP) };
    let close = dialog(ctx, shape, |ui| {
        input(ui, state, &mut actions);
        let mut number = 0;
        for group in &state.groups {
            if number >= MOST_ROWS || group.rows.is_empty() {
                continue;
            }
            let _ = head(ui, &group.name);
            for row in group.rows.iter().take(MOST_ROWS - number) {
                self::row(ui, row, number, state.chosen, &mut actions);
                number += 1;
            }
        }
        if number == 0 {
            let nothing = head(ui, "Nothing found");
            say_at_once(ui.ctx(), nothing.id);
        }
        let chosen = state.groups.iter().flat_map(|group| &group.rows).nth(state.chosen.min(number.saturating_sub(1)));
        say_chosen(ui, "switcher", chosen.map(SwitcherRow::spoken));
        crate::kit::space(ui, space::X3);
        foot(ui);
    });
    if close {
        actions.push(SwitcherAction::Close);
    }
    actions
}

impl SwitcherRow {
    /// What a screen reader says of it.
    fn spoken(&self) -> String {
        if self.detail.is_empty() { self.words.clone() } else { format!("{}, {}", self.words, self.detail) }
    }
}

/// How many rows there are to choose from.
fn shown(state: &Switcher) -> usize {
    state.groups.iter().map(|group| group.rows.len()).sum::<usize>().min(MOST_ROWS)
}

fn keys(ctx: &Context, state: &Switcher, actions: &mut Vec<SwitcherAction>) {
    let count = shown(state);
    let take = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if count > 0 && take(Key::ArrowDown) {
        actions.push(SwitcherAction::Choose((state.chosen + 1) % count));
    }
    if count > 0 && take(Key::ArrowUp) {
        actions.push(SwitcherAction::Choose((state.chosen + count - 1) % count));
    }
    if count > 0 && take(Key::Enter) {
        actions.push(SwitcherAction::Pick(state.chosen.min(count - 1)));
    }
    if take(Key::Escape) {
        actions.push(SwitcherAction::Close);
    }
}

fn input(ui: &mut Ui, state: &Switcher, actions: &mut Vec<SwitcherAction>) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), INPUT), Sense::hover());
    hairline_below(ui.painter(), rect, colours.line);
    let centre = rect.left_center() + Vec2::new(29.0, 0.0);
    icon(ui.painter(), Icon::Search, centre, icon_size::LARGE, colours.text_2);
    key_cap(ui, rect.right_center() - Vec2::new(20.0, 0.0), "Esc");
    let line = Rect::from_center_size(
        pos2(rect.center().x - 4.0, rect.center().y),
        Vec2::new(rect.width() - 110.0, style::HEADING.line),
    );
    let id = Id::unique("switcher field");
    let mut text = state.query.clone();
    if text.is_empty() {
        let hint = ink(style::BODY, colours.text_3);
        let words = elided(ui.painter(), hint, "Go to a person, chat or command", line.width());
        put(ui.painter(), Align2::LEFT_CENTER, line.left_center(), words);
    }
    let edit = eframe::egui::TextEdit::singleline(&mut text)
        .id(id)
        .frame(eframe::egui::Frame::NONE)
        .margin(eframe::egui::Margin::ZERO)
        .font(FontSelection::FontId(eframe::egui::FontId::proportional(style::HEADING.size)))
        .text_color(colours.text)
        // Enter that finds nothing must not cost the next letter.
        .return_key(None)
        .desired_width(line.width());
    let mut child = ui.new_child(UiBuilder::new().max_rect(line));
    let response = child.add(edit).accessible_name("Go to a person, chat or command");
    if !response.has_focus() {
        response.request_focus();
    }
    if response.changed() {
        actions.push(SwitcherAction::Type(text));
    }
}

fn head(ui: &mut Ui, words: &str) -> Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEAD), Sense::hover());
    let text = galley(ui.painter(), ink(style::SECTION, colours.text_2), words);
    put(ui.painter(), Align2::LEFT_CENTER, rect.left_center() + Vec2::new(20.0, 3.0), text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response
}

fn row(ui: &mut Ui, row: &SwitcherRow, number: usize, chosen: usize, actions: &mut Vec<SwitcherAction>) {
    let colours = palette(ui);
    let (outer, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let rect = outer.shrink2(Vec2::new(8.0, 0.0));
    let is_chosen = number == chosen;
    let surface = match (is_chosen, response.hovered()) {
        (true, _) => colours.selected,
        (false, true) => colours.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    fill(ui.painter(), rect, radius::FIELD, surface);
    let behind = if surface == Color32::TRANSPARENT { colours.bg_popup } else { surface };
    let centre = rect.left_center() + Vec2::new(26.0, 0.0);
    match row.sign {
        Sign::User(presence) => Avatar::new(&row.words).diameter(28.0).presence(presence, behind).paint(ui, centre),
        Sign::Icon(glyph) => {
            let tone = if row.private { colours.private } else { colours.text_2 };
            icon(ui.painter(), glyph, centre, icon_size::LARGE, tone);
        }
    }
    let left = rect.left() + 52.0;
    let mut right = rect.right() - space::X4;
    let keys = if is_chosen && row.keys.is_empty() { "Enter" } else { &row.keys };
    if row.unread > 0 {
        let tone = if row.private { PillTone::Private } else { PillTone::Server };
        pill(ui, pos2(right, rect.center().y), row.unread, tone);
        right -= pill_width(ui, row.unread) + space::X3;
    } else if !keys.is_empty() {
        right = key_cap(ui, pos2(right, rect.center().y), keys).left() - space::X3;
    }
    let letters = if row.private { colours.private } else { colours.text };
    let words = elided_job(ui.painter(), job(row, letters, colours.accent), right - left);
    let words = put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y), words);
    let at = words.right() + space::X4;
    let detail = elided(ui.painter(), ink(style::SMALL, colours.text_2), &row.detail, (right - at).max(0.0));
    put(ui.painter(), Align2::LEFT_CENTER, pos2(at, rect.center().y), detail);
    choosable(&response, || WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, row.spoken()));
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        actions.push(SwitcherAction::Pick(number));
    }
}

/// The words with what was typed in the colour of the accent.
fn job(row: &SwitcherRow, plain: Color32, hit: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    let mut end = 0;
    let mut append = |from: usize, to: usize, colour| {
        let words = row.words.get(from..to).unwrap_or_default();
        if !words.is_empty() {
            job.append(words, 0.0, ink(style::LABEL, colour).text_format());
        }
    };
    for range in &row.hits {
        append(end, range.start, plain);
        append(range.start, range.end, hit);
        end = range.end;
    }
    append(end, row.words.len(), plain);
    job
}

fn foot(ui: &mut Ui) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), FOOT), Sense::hover());
    let line = Rect::from_min_size(rect.min, Vec2::new(rect.width(), 1.0));
    fill(ui.painter(), line, 0.0, colours.line);
    let y = rect.center().y;
    let mut x = rect.left() + 20.0;
    for (caps, words) in [("↑ ↓", "move"), ("Enter", "open")] {
        let width = galley(ui.painter(), ink(style::TINY, colours.text_2), caps).size().x + 12.0;
        let cap = key_cap(ui, pos2(x + width, y), caps);
        let text = galley(ui.painter(), ink(style::META, colours.text_2), words);
        let text = put(ui.painter(), Align2::LEFT_CENTER, pos2(cap.right() + space::X3, y), text);
        x = text.right() + space::X5;
    }
    let text = galley(ui.painter(), ink(style::META, colours.text_2), "/ for commands");
    if x + text.size().x <= rect.right() - 20.0 {
        put(ui.painter(), Align2::RIGHT_CENTER, pos2(rect.right() - 20.0, y), text);
    }
}
