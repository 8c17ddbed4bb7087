//! Text that a screen reader reads too.

use std::sync::Arc;

use eframe::egui::accesskit::Live;
use eframe::egui::{Align2, Context, CursorIcon, Galley, Id, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use super::paint::{Ring, elided, focus_ring, galley, put, wrapped};
use crate::theme::{Format, palette, radius, stroke, style};

/// One line of text at the cursor, elided at the width there is; in full on hover.
pub fn label(ui: &mut Ui, format: Format, text: &str) -> Response {
    let laid_out = elided(ui.painter(), format, text, ui.available_width());
    let cut = laid_out.elided;
    let response = spoken(ui, laid_out, text);
    if cut { super::tip(response, text) } else { response }
}

/// Text at the cursor in as many lines as it needs.
pub fn paragraph(ui: &mut Ui, format: Format, text: &str) -> Response {
    let laid_out = wrapped(ui.painter(), format, text, ui.available_width());
    spoken(ui, laid_out, text)
}

fn spoken(ui: &mut Ui, laid_out: Arc<Galley>, text: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(laid_out.size(), Sense::hover());
    put(ui.painter(), Align2::LEFT_TOP, rect.min, laid_out);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// One line of text with its `align` corner at `at`, no wider than `width`, in full on hover; where it came to
/// lie.
pub fn label_at(ui: &mut Ui, align: Align2, at: Pos2, format: Format, text: &str, width: f32) -> Rect {
    let laid_out = elided(ui.painter(), format, text, width);
    let cut = laid_out.elided;
    let rect = put(ui.painter(), align, at, laid_out);
    let id = ui.next_auto_id();
    ui.skip_ahead_auto_ids(1);
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if cut {
        super::tip(response, text);
    }
    rect
}

/// Words for a screen reader alone, which it says as soon as they are others; politely, behind what it is saying.
pub fn announce(ui: &Ui, id: Id, words: &str) {
    let place = Rect::from_min_size(ui.max_rect().min, Vec2::ZERO);
    let response = ui.interact(place, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, words));
    say_at_once(ui.ctx(), id);
}

/// A screen reader says the words of a widget as soon as they are others.
pub fn say_at_once(ctx: &Context, id: Id) {
    ctx.accesskit_node_builder(id, |node| node.set_live(Live::Polite));
}

/// Words that can be clicked.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    let colours = palette(ui);
    let words = galley(ui.painter(), crate::theme::ink(style::LABEL, colours.accent), text);
    let (rect, response) = ui.allocate_exact_size(words.size(), Sense::click());
    put(ui.painter(), Align2::LEFT_TOP, rect.min, words);
    if response.hovered() {
        let y = rect.bottom() - stroke::HAIRLINE;
        ui.painter().hline(rect.x_range(), y, (stroke::HAIRLINE, colours.accent));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, text));
    focus_ring(ui, &response, rect, radius::CHIP, Ring::Outside);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Leaves room.
pub fn space(ui: &mut Ui, room: f32) {
    ui.allocate_space(if ui.layout().is_horizontal() { Vec2::new(room, 0.0) } else { Vec2::new(0.0, room) });
}
