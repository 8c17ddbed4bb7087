//! What is on or off: checkbox, switch and the cards of a choice.

use eframe::egui::{Align2, CursorIcon, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::paint::{Ring, elided, fill, focus_ring, galley, icon, put, rule, wrapped};
use crate::theme::{control, ink, palette, radius, space, stroke, style};

/// A box with a tick and words beside it; says whether it was changed.
pub fn checkbox(ui: &mut Ui, checked: &mut bool, text: &str) -> bool {
    let colours = palette(ui);
    let words = wrapped(
        ui.painter(),
        ink(style::SMALL, colours.text),
        text,
        ui.available_width() - control::CHECKBOX - space::X3,
    );
    let size = Vec2::new(control::CHECKBOX + space::X3 + words.size().x, words.size().y.max(control::MIN_TARGET));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *checked = !*checked;
    }
    let square = Rect::from_center_size(
        rect.left_center() + Vec2::new(control::CHECKBOX / 2.0, 0.0),
        Vec2::splat(control::CHECKBOX),
    );
    let painter = ui.painter();
    if *checked {
        fill(painter, square, radius::CHIP, colours.accent_fill);
        icon(painter, Icon::Check, square.center(), control::CHECKBOX - 4.0, colours.on_accent);
    } else {
        fill(painter, square, radius::CHIP, colours.bg_field);
        let edge = if response.hovered() { colours.text_3 } else { colours.line_field };
        rule(painter, square, radius::CHIP, stroke::HAIRLINE, edge);
    }
    put(painter, Align2::LEFT_CENTER, square.right_center() + Vec2::new(space::X3, 0.0), words);
    focus_ring(ui, &response, square, radius::CHIP, Ring::Outside);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, *checked, text));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// The knob keeps this distance to the edge of a switch.
const KNOB_GAP: f32 = 3.0;

/// A switch called `name`; says whether it was changed.
pub fn switch(ui: &mut Ui, on: &mut bool, name: &str) -> bool {
    let colours = palette(ui);
    let size = Vec2::from(control::SWITCH);
    let (target, response) = ui.allocate_exact_size(size.max(Vec2::splat(control::MIN_TARGET)), Sense::click());
    if response.clicked() {
        *on = !*on;
    }
    let rect = Rect::from_center_size(target.center(), size);
    let round = size.y / 2.0;
    let painter = ui.painter();
    let knob = round - KNOB_GAP;
    if *on {
        fill(painter, rect, round, colours.accent_fill);
        painter.circle_filled(rect.right_center() - Vec2::new(round, 0.0), knob, colours.on_accent);
    } else {
        fill(painter, rect, round, colours.bg_field);
        rule(painter, rect, round, stroke::HAIRLINE, colours.line_field);
        painter.circle_filled(rect.left_center() + Vec2::new(round, 0.0), knob - 1.0, colours.text_3);
    }
    focus_ring(ui, &response, rect, round, Ring::Outside);
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, *on, name));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// Height of the words under the picture of a card.
const CARD_FOOT: f32 = 39.0;
/// Radius of the round mark of a choice.
const MARK: f32 = 8.0;

/// One card of a choice: a picture painted by `picture`, a round mark, a name and an explanation.
pub fn radio_card(
    ui: &mut Ui,
    size: Vec2,
    selected: bool,
    (name, explanation): (&str, &str),
    picture: impl FnOnce(&Ui, Rect),
) -> Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (width, edge) = if selected { (stroke::FOCUS, colours.accent) } else { (stroke::HAIRLINE, colours.line_field) };
    fill(ui.painter(), rect, radius::CARD, colours.bg_popup);
    rule(ui.painter(), rect, radius::CARD, width, edge);
    let frame = Rect::from_min_max(rect.min, rect.max - Vec2::new(0.0, CARD_FOOT)).shrink2(Vec2::new(4.0, 0.0));
    let frame = Rect::from_min_max(frame.min + Vec2::new(0.0, 4.0), frame.max);
    fill(ui.painter(), frame, radius::CONTROL, colours.bg_chat);
    picture(ui, frame);
    let mark = rect.left_bottom() + Vec2::new(space::X4 + MARK, -CARD_FOOT / 2.0);
    if selected {
        ui.painter().circle_filled(mark, MARK, colours.accent_fill);
        ui.painter().circle_filled(mark, 3.0, colours.on_accent);
    } else {
        ui.painter().circle_stroke(mark, MARK - 0.5, (stroke::HAIRLINE, colours.line_field));
    }
    let left = mark + Vec2::new(MARK + space::X3, 0.0);
    let words = galley(ui.painter(), ink(style::LABEL, colours.text), name);
    let words = put(ui.painter(), Align2::LEFT_CENTER, left, words);
    let at = words.right_center() + Vec2::new(space::X3, 0.0);
    let room = rect.right() - space::X4 - at.x;
    put(
        ui.painter(),
        Align2::LEFT_CENTER,
        at,
        elided(ui.painter(), ink(style::META, colours.text_2), explanation, room),
    );
    focus_ring(ui, &response, rect, radius::CARD, Ring::Outside);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, name));
    response.on_hover_cursor(CursorIcon::PointingHand)
}
