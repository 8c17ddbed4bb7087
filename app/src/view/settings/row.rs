//! A line of the settings: words left, a control right.

use eframe::egui::{Align, Align2, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};

use crate::kit::{hairline_below, put, switch, wrapped};
use crate::theme::{control, ink, palette, space, style};

/// Height of a line without an explanation.
const ROW: f32 = 48.0;

/// Draws a line; `add` adds what stands at the right, from right to left, in `reserved` points or, of 0, in what
/// the words leave.
fn line(ui: &mut Ui, name: &str, explanation: &str, reserved: f32, add: impl FnOnce(&mut Ui)) {
    let colours = palette(ui);
    let width = ui.available_width();
    let stands_below = reserved == 0.0 && width < STACKED;
    let left_for_words = match reserved {
        _ if stands_below => width + space::X4,
        0.0 => width * WORDS,
        reserved => width - reserved,
    };
    let room = (left_for_words - space::X4).max(LEAST);
    let spoken = format!("{name}. {explanation}");
    let words = wrapped(ui.painter(), ink(style::META, colours.text_2), explanation, room);
    let explained = if explanation.is_empty() { 0.0 } else { words.size().y };
    let title = wrapped(ui.painter(), ink(style::LABEL, colours.text), name, room);
    let used = if explanation.is_empty() { title.size().x } else { room };
    let text = title.size().y + explained;
    let below = if stands_below { control::BUTTON + space::X3 } else { 0.0 };
    let height = (ROW - style::LABEL.line + text + below).max(ROW).round();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    hairline_below(ui.painter(), rect, colours.line);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let top = rect.center().y - f32::midpoint(text, below);
    let place = put(ui.painter(), Align2::LEFT_TOP, pos2(rect.left(), top), title);
    if !explanation.is_empty() {
        put(ui.painter(), Align2::LEFT_TOP, place.left_bottom(), words);
    }
    let (beside, layout) = if stands_below {
        let from = pos2(rect.left(), top + text + space::X3);
        let size = Vec2::new(width, control::BUTTON);
        (Rect::from_min_size(from, size), Layout::left_to_right(Align::Center))
    } else {
        let from = pos2((rect.left() + used + space::X4).min(rect.right()), rect.top());
        (Rect::from_min_max(from, rect.max), Layout::right_to_left(Align::Center))
    };
    let mut child = ui.new_child(UiBuilder::new().max_rect(beside).layout(layout).id_salt(name));
    child.spacing_mut().item_spacing.x = space::X3;
    add(&mut child);
}

/// Narrower than this, a control of unknown width stands below the words.
const STACKED: f32 = 300.0;
/// The words take at most this part of the width, beside a control of unknown width.
const WORDS: f32 = 0.6;
/// They have at least this room.
const LEAST: f32 = 60.0;
/// Room for a switch.
const SWITCH: f32 = 34.0;

/// Draws a line; `add` adds what stands at the right, from right to left.
pub(super) fn row(ui: &mut Ui, name: &str, explanation: &str, add: impl FnOnce(&mut Ui)) {
    line(ui, name, explanation, 0.0, add);
}

/// A line with a switch; whether it was changed.
pub(super) fn switch_row(ui: &mut Ui, name: &str, explanation: &str, on: &mut bool) -> bool {
    let mut changed = false;
    line(ui, name, explanation, SWITCH, |ui| changed = switch(ui, on, name));
    changed
}
