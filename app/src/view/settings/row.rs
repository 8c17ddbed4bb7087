//! A line of the settings: words left, a control right.

use eframe::egui::{Align, Align2, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};

use crate::kit::{elided, galley, hairline_below, put, switch, wrapped};
use crate::theme::{ink, palette, space, style};

/// Height of a line without an explanation.
const ROW: f32 = 48.0;

/// Draws a line; `control` adds what stands at the right, from right to left, in `reserved` points or, of 0, in what
/// the words leave.
fn line(ui: &mut Ui, name: &str, explanation: &str, reserved: f32, control: impl FnOnce(&mut Ui)) {
    let colours = palette(ui);
    let width = ui.available_width();
    let name = galley(ui.painter(), ink(style::LABEL, colours.text), name);
    let left_for_words = if reserved > 0.0 { width - reserved } else { width * WORDS };
    let room = (left_for_words - space::X4).max(LEAST);
    let words = wrapped(ui.painter(), ink(style::META, colours.text_2), explanation, room);
    let explained = if explanation.is_empty() { 0.0 } else { words.size().y };
    let name = if name.size().x > room && reserved > 0.0 {
        elided(ui.painter(), ink(style::LABEL, colours.text), name.text(), room)
    } else {
        name
    };
    let height = (ROW - style::LABEL.line + name.size().y + explained).max(ROW).round();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    hairline_below(ui.painter(), rect, colours.line);
    let top = rect.center().y - f32::midpoint(name.size().y, explained);
    let spoken = name.text().to_owned();
    let used = if explanation.is_empty() { name.size().x } else { room };
    let place = put(ui.painter(), Align2::LEFT_TOP, pos2(rect.left(), top), name);
    if !explanation.is_empty() {
        put(ui.painter(), Align2::LEFT_TOP, place.left_bottom(), words);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{spoken}. {explanation}")));
    let right = Rect::from_min_max(pos2((rect.left() + used + space::X4).min(rect.right()), rect.top()), rect.max);
    let layout = Layout::right_to_left(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(right).layout(layout).id_salt(spoken));
    child.spacing_mut().item_spacing.x = space::X3;
    control(&mut child);
}

/// The words take at most this part of the width, beside a control of unknown width.
const WORDS: f32 = 0.6;
/// They have at least this room.
const LEAST: f32 = 60.0;
/// Room for a switch.
const SWITCH: f32 = 34.0;

/// Draws a line; `control` adds what stands at the right, from right to left.
pub(super) fn row(ui: &mut Ui, name: &str, explanation: &str, control: impl FnOnce(&mut Ui)) {
    line(ui, name, explanation, 0.0, control);
}

/// A line with a switch; whether it was changed.
pub(super) fn switch_row(ui: &mut Ui, name: &str, explanation: &str, on: &mut bool) -> bool {
    let mut changed = false;
    line(ui, name, explanation, SWITCH, |ui| changed = switch(ui, on, name));
    changed
}
