//! A line of the settings: words left, a control right.

use eframe::egui::{Align, Align2, Layout, Rect, Sense, Ui, UiBuilder, Vec2, pos2};

use crate::kit::{hairline_below, label_at, switch};
use crate::theme::{ink, palette, space, style};

/// Height of a line without an explanation, and with one.
const ROW: f32 = 48.0;
const EXPLAINED: f32 = 57.0;

/// Draws a line; `control` adds what stands at the right, from right to left.
pub(super) fn row(ui: &mut Ui, name: &str, explanation: &str, control: impl FnOnce(&mut Ui)) {
    let colours = palette(ui);
    let height = if explanation.is_empty() { ROW } else { EXPLAINED };
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    hairline_below(ui.painter(), rect, colours.line);
    let layout = Layout::right_to_left(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout).id_salt(name));
    child.spacing_mut().item_spacing.x = space::X3;
    control(&mut child);
    let room = (child.min_rect().left() - space::X4 - rect.left()).max(60.0);
    words(ui, rect, name, explanation, room);
}

fn words(ui: &mut Ui, rect: Rect, name: &str, explanation: &str, room: f32) {
    let colours = palette(ui);
    let format = ink(style::LABEL, colours.text);
    if explanation.is_empty() {
        label_at(ui, Align2::LEFT_CENTER, rect.left_center(), format, name, room);
        return;
    }
    let y = rect.center().y;
    label_at(ui, Align2::LEFT_CENTER, pos2(rect.left(), y - 9.0), format, name, room);
    let format = ink(style::META, colours.text_2);
    label_at(ui, Align2::LEFT_CENTER, pos2(rect.left(), y + 9.0), format, explanation, room);
}

/// A line with a switch; whether it was changed.
pub(super) fn switch_row(ui: &mut Ui, name: &str, explanation: &str, on: &mut bool) -> bool {
    let mut changed = false;
    row(ui, name, explanation, |ui| changed = switch(ui, on, name));
    changed
}
