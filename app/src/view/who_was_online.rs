//! Who had a session in a span of time: a table with a small bar for each.

use eframe::egui::{
    Align, Align2, CursorIcon, Layout, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use crate::kit::{
    Avatar, Button, ButtonKind, Field, FieldState, Presence, elided, entered, fill, focus_ring, galley, hairline_below,
    icon, label_at, presence_dot, put, segmented, told_at,
};
use crate::theme::{
    Palette, icon as icon_size, ink, numbers, palette, radius, region, side_padding, space, stroke, style,
};
use crate::view::main_view::{Center, WAY_BACK, way_back};

/// The panel as it is shown.
#[derive(Clone, Debug)]
pub struct WhoWasOnline {
    /// The chosen span.
    pub span: Span,
    /// What stands in the field of a span of one's own: "90 min".
    pub typed: String,
    /// Whether that is no span.
    pub wrong: bool,
    /// The rows in their order, or why there are none.
    pub rows: Result<Vec<PastUser>, String>,
    /// An answer is awaited.
    pub waiting: bool,
    /// Which column they are sorted by, and how.
    pub sort: (Column, Order),
    /// Times above the bars: where, from 0 to 1, and their words.
    pub ticks: Vec<(f32, String)>,
}

/// A span to look back on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// At this moment.
    Now,
    /// 15 minutes.
    QuarterHour,
    /// An hour.
    Hour,
    /// 8 hours.
    WorkDay,
    /// A day.
    Day,
    /// A week.
    Week,
    /// All that the server remembers.
    All,
    /// As long as is typed.
    Typed,
}

impl Span {
    const CHOICES: [(Self, &'static str); 7] = [
        (Self::Now, "Now"),
        (Self::QuarterHour, "15 min"),
        (Self::Hour, "1 h"),
        (Self::WorkDay, "8 h"),
        (Self::Day, "24 h"),
        (Self::Week, "7 days"),
        (Self::All, "All"),
    ];
}

/// A user with their sessions in the span.
#[derive(Clone, Debug)]
pub struct PastUser {
    /// The name.
    pub name: String,
    /// Whether they are online.
    pub online: bool,
    /// When they were first seen in the span.
    pub first: String,
    /// When they were last seen.
    pub last: String,
    /// How long they were online, in all.
    pub total: String,
    /// The sessions.
    pub sessions: Vec<PastSession>,
}

/// A session.
#[derive(Clone, Debug)]
pub struct PastSession {
    /// Where it begins in the span, from 0 to 1.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
    /// "Wed 14:46 to 17:58".
    pub words: String,
    /// "3 h 12 min, signed out".
    pub detail: String,
    /// It is open.
    pub open: bool,
}

/// A column that rows can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Name,
    /// Online or not.
    Now,
    /// First seen.
    First,
    /// Last seen.
    Last,
    /// Online for.
    Total,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// What the user asked of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoAction {
    /// In one column: back to the list.
    Back,
    /// Look back this far.
    Choose(Span),
    /// What stands in the field of a span of one's own.
    Type(String),
    /// Look back as far as is typed.
    Ask,
    /// Sort by a column, or turn its order.
    Sort(Column),
    /// Write the rows to a file.
    Export,
    /// Open the chat with somebody.
    Open(String),
}

/// From the left edge to each column, where there is room for all.
const NOW: f32 = 158.0;
const FIRST: f32 = 250.0;
const LAST: f32 = 358.0;
const BAR: f32 = 466.0;
/// Room for a moment, and for the total at the right.
const MOMENT: f32 = 104.0;
const TOTAL: f32 = 106.0;
const BAR_GAP: f32 = 14.0;
/// A bar is at least this long.
const BAR_LEAST: f32 = 80.0;
/// A name has at least this room, with its disc.
const NAME_LEAST: f32 = 112.0;

/// Where the columns lie in a width: the name, when somebody was seen last and for how long are always there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Columns {
    name: f32,
    now: Option<f32>,
    first: Option<f32>,
    last: f32,
    bar: Option<(f32, f32)>,
    total: f32,
}

impl Columns {
    fn of(width: f32) -> Self {
        let bar = |from: f32| {
            let (from, to) = (from + BAR_GAP / 2.0, width - TOTAL - BAR_GAP);
            (to - from >= BAR_LEAST).then_some((from, to))
        };
        if let Some(bar) = bar(BAR) {
            let (now, first) = (Some(NOW), Some(FIRST));
            return Self { name: NOW - 12.0, now, first, last: LAST, bar: Some(bar), total: TOTAL };
        }
        let total = if width < 400.0 { 76.0 } else { TOTAL };
        let name = (width - MOMENT - total).clamp(NAME_LEAST.min(width / 3.0), NOW - 12.0);
        Self { name, now: None, first: None, last: name + 12.0, bar: bar(name + 12.0 + MOMENT), total }
    }
}

const BAR_HEIGHT: f32 = 10.0;
const BAR_LINE: f32 = 2.0;
const HEADER: f32 = 32.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, center: Center, state: &WhoWasOnline) -> Vec<WhoAction> {
    let Center { rect, narrow } = center;
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_chat);
    let (top, below) = rect.split_top_bottom_at_y(rect.top() + region::HEAD_ROW);
    if narrow && way_back(ui, top).clicked() {
        actions.push(WhoAction::Back);
    }
    let title = if narrow { top.with_min_x(top.left() + WAY_BACK) } else { top };
    hairline_below(ui.painter(), top, colours.line);
    head(ui, title, state, &mut actions);
    let pad = side_padding(rect.width());
    let inner = below.shrink2(Vec2::new(pad, 0.0));
    let (choice, table) = inner.split_top_bottom_at_y(inner.top() + 64.0);
    choose(ui, choice, state, &mut actions);
    match &state.rows {
        Err(why) => {
            told_at(ui, Align2::LEFT_TOP, table.min, ink(style::SMALL, colours.danger), why, table.width());
        }
        Ok(rows) if rows.is_empty() => {
            let words = if state.waiting { "Asking the server" } else { "Nobody else was online in this time." };
            told_at(ui, Align2::LEFT_TOP, table.min, ink(style::SMALL, colours.text_2), words, table.width());
        }
        Ok(rows) => draw_table(ui, table, state, rows, &mut actions),
    }
    actions
}

fn head(ui: &mut Ui, rect: Rect, state: &WhoWasOnline, actions: &mut Vec<WhoAction>) {
    let colours = palette(ui);
    let left = rect.left() + side_padding(rect.width());
    let centre = pos2(left + 10.0, rect.center().y);
    icon(ui.painter(), Icon::History, centre, 20.0, colours.text_2);
    let place = rect.shrink2(Vec2::new(side_padding(rect.width()), 0.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
    let ready = state.rows.as_ref().is_ok_and(|rows| !rows.is_empty());
    let button = Button::new(ButtonKind::Outline, "Export CSV").icon(Icon::Download).enabled(ready);
    if child.add(button).clicked() {
        actions.push(WhoAction::Export);
    }
    let at = pos2(left + 28.0, rect.center().y);
    let room = child.min_rect().left() - space::X4 - at.x;
    label_at(ui, Align2::LEFT_CENTER, at, ink(style::HEADING, colours.text), "Who was online", room);
}

fn choose(ui: &mut Ui, rect: Rect, state: &WhoWasOnline, actions: &mut Vec<WhoAction>) {
    let colours = palette(ui);
    let layout = Layout::left_to_right(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    let row = &mut child;
    row.spacing_mut().item_spacing.x = space::X4;
    if rect.width() > 560.0 {
        crate::kit::label(row, ink(style::SMALL, colours.text_2), "Since");
    }
    let choices: Vec<(Option<Icon>, &str)> = Span::CHOICES.iter().map(|&(_, words)| (None, words)).collect();
    let chosen = Span::CHOICES.iter().position(|&(span, _)| span == state.span).unwrap_or(usize::MAX);
    if let Some(picked) = segmented(row, "Since", &choices, chosen)
        && let Some(&(span, _)) = Span::CHOICES.get(picked)
    {
        actions.push(WhoAction::Choose(span));
    }
    if rect.width() > 520.0 {
        typed_span(row, state, actions);
    }
    if let (Ok(rows), true) = (&state.rows, rect.width() > 760.0) {
        let online = rows.iter().filter(|row| row.online).count();
        let people = if rows.len() == 1 { "person" } else { "people" };
        let words = format!("{} {people}, {online} online now", rows.len());
        let at = pos2(rect.right(), rect.center().y);
        label_at(ui, Align2::RIGHT_CENTER, at, numbers(style::SMALL, colours.text_2), &words, rect.width());
    }
}

fn typed_span(ui: &mut Ui, state: &WhoWasOnline, actions: &mut Vec<WhoAction>) {
    let mut text = state.typed.clone();
    let standing = if state.wrong { FieldState::Error } else { FieldState::Normal };
    let field = Field::new("Time span").hint("90 min, 2 h, 3 d").width(130.0).height(32.0).state(standing);
    let response = field.show(ui, &mut text);
    if response.changed() {
        actions.push(WhoAction::Type(text));
    }
    if entered(&response) {
        actions.push(WhoAction::Ask);
    }
}

fn draw_table(ui: &mut Ui, rect: Rect, state: &WhoWasOnline, rows: &[PastUser], actions: &mut Vec<WhoAction>) {
    let colours = palette(ui);
    let (header, body) = rect.split_top_bottom_at_y(rect.top() + HEADER);
    headers(ui, header, state, actions);
    let foot = 44.0;
    let list = Rect::from_min_max(body.min, pos2(body.right(), body.bottom() - foot));
    let mut child = ui.new_child(UiBuilder::new().max_rect(list.expand2(Vec2::new(space::X4, 0.0))));
    let height = region::TABLE_ROW + stroke::HAIRLINE;
    let mut end = list.top();
    ScrollArea::vertical().id_salt("who was online").auto_shrink([false, false]).show_rows(
        &mut child,
        height,
        rows.len(),
        |ui, range| {
            for user in rows.get(range).unwrap_or_default() {
                let size = Vec2::new(ui.available_width(), height);
                let (outer, response) = ui.allocate_exact_size(size, Sense::click());
                let place = outer.shrink2(Vec2::new(space::X4, 0.0));
                end = end.max(place.bottom());
                row(ui, outer, place, user, state, &response);
                if response.clicked() {
                    actions.push(WhoAction::Open(user.name.clone()));
                }
            }
        },
    );
    if Columns::of(rect.width()).bar.is_some() {
        let place = pos2(rect.left(), end.min(list.bottom()) + 4.0);
        legend(ui, colours, Rect::from_min_size(place, Vec2::new(rect.width(), 32.0)));
    }
}

fn headers(ui: &mut Ui, rect: Rect, state: &WhoWasOnline, actions: &mut Vec<WhoAction>) {
    let colours = palette(ui);
    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - stroke::HAIRLINE), rect.max);
    fill(ui.painter(), line, 0.0, colours.line_field);
    let columns = Columns::of(rect.width());
    let shown = [
        (Column::Name, "Name", Some(0.0)),
        (Column::Now, "Now", columns.now),
        (Column::First, "First seen", columns.first),
        (Column::Last, "Last seen", Some(columns.last)),
    ];
    for (column, words, x) in shown {
        let Some(x) = x else { continue };
        let at = pos2(rect.left() + x, rect.center().y);
        if header(ui, Align2::LEFT_CENTER, at, column, words, state) {
            actions.push(WhoAction::Sort(column));
        }
    }
    if header(ui, Align2::RIGHT_CENTER, pos2(rect.right(), rect.center().y), Column::Total, "Online for", state) {
        actions.push(WhoAction::Sort(Column::Total));
    }
    let Some((from, to)) = columns.bar else { return };
    let (from, to) = (rect.left() + from, rect.left() + to);
    let mut free_from = f32::NEG_INFINITY;
    for (part, words) in &state.ticks {
        let words = galley(ui.painter(), numbers(style::META, colours.text_3), words);
        let centre = pos2(from + part * (to - from), rect.center().y);
        // A time that would run into the one before it is left out; its line stays.
        if centre.x - words.size().x / 2.0 > free_from {
            free_from = put(ui.painter(), Align2::CENTER_CENTER, centre, words).right() + space::X3;
        }
    }
}

fn header(ui: &Ui, align: Align2, at: eframe::egui::Pos2, column: Column, words: &str, state: &WhoWasOnline) -> bool {
    let colours = palette(ui);
    let sorted = state.sort.0 == column;
    let tone = if sorted { colours.text } else { colours.text_2 };
    let text = galley(ui.painter(), ink(style::SECTION, tone), words);
    let width = text.size().x + if sorted { icon_size::SMALL + 4.0 } else { 0.0 };
    let rect = align.anchor_size(at, Vec2::new(width, HEADER));
    let response = ui.interact(rect, ui.scope_id().with(("column", words)), Sense::click());
    let text = put(ui.painter(), Align2::LEFT_CENTER, rect.left_center(), text);
    if sorted {
        let glyph = if state.sort.1 == Order::Descending { Icon::ChevronDown } else { Icon::ChevronUp };
        let centre = text.right_center() + Vec2::new(4.0 + icon_size::SMALL / 2.0, 0.0);
        icon(ui.painter(), glyph, centre, icon_size::SMALL, tone);
    }
    focus_ring(ui, &response, rect, radius::CHIP, crate::kit::Ring::Inside);
    response.widget_info(|| WidgetInfo::selected(Role::ColumnHeader, true, sorted, format!("Sort by {words}")));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

fn row(ui: &Ui, outer: Rect, rect: Rect, user: &PastUser, state: &WhoWasOnline, response: &Response) {
    let colours = palette(ui);
    if response.hovered() {
        fill(ui.painter(), outer, radius::FIELD, colours.hover_chat);
    }
    hairline_below(ui.painter(), rect, colours.line);
    let y = rect.center().y;
    let disc = pos2(rect.left() + 14.0, y);
    Avatar::new(&user.name).diameter(28.0).paint(ui, disc);
    let columns = Columns::of(rect.width());
    let name = elided(ui.painter(), ink(style::STRONG, colours.text), &user.name, columns.name - 38.0);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(rect.left() + 38.0, y), name);
    let presence = if user.online { Presence::Online } else { Presence::Offline };
    let cell = |x: f32, words: &str, room: f32, tone| {
        let words = elided(ui.painter(), numbers(style::SMALL, tone), words, room);
        put(ui.painter(), Align2::LEFT_CENTER, pos2(rect.left() + x, y), words);
    };
    if let Some(x) = columns.now {
        presence_dot(ui.painter(), colours, pos2(rect.left() + x + 4.5, y), 9.0, presence);
        cell(x + 15.0, presence.word(), MOMENT - 27.0, colours.text_2);
    }
    if let Some(x) = columns.first {
        cell(x, &user.first, MOMENT - 4.0, colours.text_2);
    }
    let last_room = columns.bar.map_or(rect.width() - columns.total, |(from, _)| from) - columns.last - 4.0;
    cell(columns.last, &user.last, last_room.min(MOMENT), if user.online { colours.text } else { colours.text_2 });
    let total = elided(ui.painter(), numbers(style::SMALL, colours.text_2), &user.total, columns.total - 4.0);
    put(ui.painter(), Align2::RIGHT_CENTER, pos2(rect.right(), y), total);
    if let Some((from, to)) = columns.bar {
        bars(ui, colours, rect, (rect.left() + from, rect.left() + to), user, state);
    }
    focus_ring(ui, response, outer, radius::FIELD, crate::kit::Ring::Inside);
    response.widget_info(|| {
        let words = format!(
            "{}, {}, first seen {}, last seen {}, online for {}",
            user.name,
            presence.word(),
            user.first,
            user.last,
            user.total
        );
        WidgetInfo::labeled(Role::Row, true, words)
    });
}

fn bars(ui: &Ui, colours: &Palette, rect: Rect, (from, to): (f32, f32), user: &PastUser, state: &WhoWasOnline) {
    let painter = ui.painter();
    let y = rect.center().y;
    let x = |part: f32| from + part.clamp(0.0, 1.0) * (to - from);
    for (part, _) in &state.ticks {
        painter.vline(x(*part), rect.y_range(), (stroke::HAIRLINE, colours.line));
    }
    let base = Rect::from_min_max(pos2(from, y - BAR_LINE / 2.0), pos2(to, y + BAR_LINE / 2.0));
    fill(painter, base, BAR_LINE / 2.0, colours.line);
    for (index, session) in user.sessions.iter().enumerate() {
        let left = x(session.from);
        let right = x(session.to).max(left + 3.0);
        let bar = Rect::from_min_max(pos2(left, y - BAR_HEIGHT / 2.0), pos2(right, y + BAR_HEIGHT / 2.0));
        fill(painter, bar, 3.0, colours.accent_fill);
        if session.open {
            painter.circle_filled(pos2(right, y), 7.0, colours.bg_chat);
            presence_dot(painter, colours, pos2(right, y), region::PRESENCE, Presence::Online);
        }
        let id = ui.scope_id().with(("session", &user.name, index));
        let target = ui.interact(bar.expand2(Vec2::new(3.0, 8.0)), id, Sense::hover());
        target.on_hover_ui(|ui| {
            let words = format!("{}, {}", user.name, session.words);
            crate::kit::label(ui, ink(style::LABEL, colours.text), &words);
            crate::kit::label(ui, ink(style::META, colours.text_2), &session.detail);
        });
    }
}

fn legend(ui: &mut Ui, colours: &Palette, rect: Rect) {
    let y = rect.center().y;
    let format = ink(style::META, colours.text_2);
    let swatch = Rect::from_min_size(pos2(rect.left(), y - 5.0), Vec2::new(18.0, BAR_HEIGHT));
    fill(ui.painter(), swatch, 3.0, colours.accent_fill);
    let at = pos2(swatch.right() + 6.0, y);
    let words = label_at(ui, Align2::LEFT_CENTER, at, format, "Session", rect.width());
    let dot = pos2(words.right() + 21.0, y);
    presence_dot(ui.painter(), colours, dot, region::PRESENCE, Presence::Online);
    let at = pos2(dot.x + 11.0, y);
    let words = label_at(ui, Align2::LEFT_CENTER, at, format, "Open now", rect.width());
    let room = rect.right() - words.right() - space::X5;
    let text = "The server remembers 30 days. Times are local.";
    label_at(ui, Align2::RIGHT_CENTER, pos2(rect.right(), y), ink(style::META, colours.text_3), text, room);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_person_are_there_at_any_width() {
        for width in [300.0, 336.0, 500.0, 600.0, 700.0, 1200.0] {
            let columns = Columns::of(width);
            assert!(columns.last + 60.0 <= width - columns.total, "{width}: {columns:?}");
            assert!(columns.bar.is_none_or(|(from, to)| from >= columns.last + MOMENT && to < width), "{width}");
        }
        assert!(Columns::of(500.0).bar.is_some() && Columns::of(300.0).bar.is_none());
    }
}
