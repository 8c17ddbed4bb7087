//! A row of choices of which one holds.

use eframe::egui::{Align2, Color32, CornerRadius, CursorIcon, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::button::{Button, ButtonKind};
use super::menu::{menu_item, menu_of};
use super::paint::{Ring, fill, focus_ring, galley, icon, put, rule};
use crate::theme::{control, icon as icon_size, ink, palette, radius, space, stroke, style};

/// Draws the choices, each an icon and its words; the index of the one that was picked.
pub fn segmented(ui: &mut Ui, name: &str, choices: &[(Option<Icon>, &str)], selected: usize) -> Option<usize> {
    let colours = palette(ui);
    let width_of = |ui: &Ui, glyph: Option<Icon>, text: &str| {
        let words = galley(ui.painter(), ink(style::LABEL.weight(600.0), Color32::PLACEHOLDER), text);
        let icon_room = if glyph.is_some() { icon_size::BASE + 6.0 } else { 0.0 };
        (words.size().x + icon_room + 2.0 * space::X4).round()
    };
    let widths: Vec<f32> = choices.iter().map(|&(glyph, text)| width_of(ui, glyph, text)).collect();
    let size = Vec2::new(widths.iter().sum(), control::SEGMENTED);
    if size.x > ui.available_width() {
        return as_menu(ui, name, choices, selected);
    }
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    fill(ui.painter(), whole, radius::FIELD, colours.bg_field);
    let mut picked = None;
    let mut left = whole.left();
    for (index, (&(glyph, text), &width)) in choices.iter().zip(&widths).enumerate() {
        let rect = Rect::from_min_size(eframe::egui::pos2(left, whole.top()), Vec2::new(width, whole.height()));
        let response = ui.interact(rect, ui.scope_id().with(("segment", name, index)), Sense::click());
        let is_selected = index == selected;
        let surface = match (is_selected, response.hovered()) {
            (true, _) => colours.selected,
            (false, true) => colours.hover,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, corners(index, choices.len()), surface);
        if index > 0 {
            ui.painter().vline(rect.left(), rect.y_range(), (stroke::HAIRLINE, colours.line));
        }
        let (format, letters) =
            if is_selected { (style::LABEL.weight(600.0), colours.accent) } else { (style::LABEL, colours.text_2) };
        let words = galley(ui.painter(), ink(format, letters), text);
        let icon_room = if glyph.is_some() { icon_size::BASE + 6.0 } else { 0.0 };
        let start = rect.center().x - f32::midpoint(words.size().x, icon_room);
        if let Some(glyph) = glyph {
            let centre = eframe::egui::pos2(start + icon_size::BASE / 2.0, rect.center().y);
            icon(ui.painter(), glyph, centre, icon_size::BASE, letters);
        }
        put(ui.painter(), Align2::LEFT_CENTER, eframe::egui::pos2(start + icon_room, rect.center().y), words);
        focus_ring(ui, &response, rect, radius::CONTROL, Ring::Inside);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_selected, format!("{name}: {text}")));
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            picked = Some(index);
        }
        left += width;
    }
    rule(ui.painter(), whole, radius::FIELD, stroke::HAIRLINE, colours.line_field);
    picked
}

/// The choices in a menu, where there is no room for a row of them.
fn as_menu(ui: &mut Ui, name: &str, choices: &[(Option<Icon>, &str)], selected: usize) -> Option<usize> {
    let colours = palette(ui);
    let (glyph, words) = choices.get(selected).copied().unwrap_or((None, name));
    let button = ui.add(Button::new(ButtonKind::Outline, words).icon(glyph.unwrap_or(Icon::ChevronDown)));
    let mut picked = None;
    menu_of(&button, MENU, |ui| {
        for (index, &(glyph, words)) in choices.iter().enumerate() {
            let tone = if index == selected { colours.accent } else { colours.text };
            if menu_item(ui, glyph, words, "", tone).clicked() {
                picked = Some(index);
            }
        }
    });
    picked
}

/// Width of the menu.
const MENU: f32 = 180.0;

fn corners(index: usize, count: usize) -> CornerRadius {
    let round = CornerRadius::from(radius::FIELD);
    let mut corners = CornerRadius::ZERO;
    if index == 0 {
        corners.nw = round.nw;
        corners.sw = round.sw;
    }
    if index + 1 == count {
        corners.ne = round.ne;
        corners.se = round.se;
    }
    corners
}
