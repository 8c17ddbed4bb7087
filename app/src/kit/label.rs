//! Text that a screen reader reads too.

use std::sync::Arc;

use eframe::egui::accesskit::{Live, Toggled};
use eframe::egui::{
    Align2, Context, CursorIcon, Galley, Id, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, accesskit_root_id,
};

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
    placed(ui, align, at, format, text, width).0
}

/// One line of text as of [`label_at`] that a screen reader says as it comes up, and whenever it changes.
pub fn told_at(ui: &mut Ui, align: Align2, at: Pos2, format: Format, text: &str, width: f32) -> Rect {
    let (rect, id) = placed(ui, align, at, format, text, width);
    say_at_once(ui.ctx(), id);
    rect
}

fn placed(ui: &mut Ui, align: Align2, at: Pos2, format: Format, text: &str, width: f32) -> (Rect, Id) {
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
    (rect, id)
}

/// How long something lasts, for words that a screen reader says anew whenever they change: they change once a minute.
#[must_use]
pub fn minutes_at_most(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "at most a minute".to_owned(),
        minutes => format!("at most {minutes} minutes"),
    }
}

/// A paragraph that a screen reader says as it comes up, and whenever it changes.
pub fn told(ui: &mut Ui, format: Format, text: &str) -> Response {
    let response = paragraph(ui, format, text);
    say_at_once(ui.ctx(), response.id);
    response
}

/// Names the window for a screen reader: egui tells it of the window and not of its title.
pub fn name_window(ctx: &Context, title: &str) {
    ctx.accesskit_node_builder(accesskit_root_id(), |window| window.set_label(title));
}

/// Words for a screen reader alone, which it says as soon as they are others; politely, behind what it is saying.
pub fn announce(ui: &Ui, id: Id, words: &str) {
    let place = Rect::from_min_size(ui.max_rect().min, Vec2::ZERO);
    let response = ui.interact(place, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, words));
    say_at_once(ui.ctx(), id);
}

/// Says of a row or a tab what it is, and whether it is the one that is chosen: egui tells of that as of a switch that is on.
pub fn choosable(response: &Response, info: impl Fn() -> WidgetInfo) {
    response.widget_info(info);
    response.ctx.accesskit_node_builder(response.id, |node| {
        let is_chosen = node.toggled() == Some(Toggled::True);
        node.clear_toggled();
        node.set_selected(is_chosen);
    });
}

/// Tells a screen reader which row of a list is chosen, while the keyboard stays in the field above it; nothing for none.
pub fn say_chosen(ui: &Ui, list: &str, row: Option<String>) {
    let words = row.map_or_else(String::new, |row| format!("{row}, chosen"));
    announce(ui, Id::unique(("chosen", list)), &words);
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
