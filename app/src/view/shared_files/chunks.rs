//! The chunks of a file as a row of boxes.

use eframe::egui::{Align2, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::Cell;
use crate::kit::{fill, galley, put, rule};
use crate::theme::{ink, numbers, palette, radius, space, stroke, style};

/// Height of a box.
pub(super) const HEIGHT: f32 = 22.0;
/// Width of a box in the results.
const NARROW: f32 = 26.0;
/// Height of the bar at the foot of a chunk that is arriving.
const FOOT: f32 = 4.0;
/// The letter of the giver below a box.
pub(super) const LETTER: f32 = 16.0;

/// The width of a row of boxes of those who hold a file.
pub(super) const fn held_width(count: usize) -> f32 {
    count as f32 * (NARROW + space::X1 + 1.0)
}

/// Draws which chunks somebody has: filled ones are there, outlined ones are not.
pub(super) fn held(ui: &Ui, at: Pos2, chunks: &[bool]) {
    for (index, &there) in chunks.iter().enumerate() {
        let left = at.x + index as f32 * (NARROW + space::X1 + 1.0);
        let rect = Rect::from_min_size(Pos2::new(left, at.y), Vec2::new(NARROW, HEIGHT));
        one(ui, rect, index + 1, if there { 1.0 } else { 0.0 });
    }
}

/// Draws the chunks of a file on its way over the whole width, with who gave each.
pub(super) fn arriving(ui: &mut Ui, name: &str, cells: &[Cell]) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT + LETTER), Sense::hover());
    let gap = space::X1 + 1.0;
    let most = 10.0;
    let each = ((width - (most - 1.0) * gap) / most).floor();
    let colours = palette(ui);
    for (index, cell) in cells.iter().enumerate() {
        let left = rect.left() + index as f32 * (each + gap);
        let place = Rect::from_min_size(Pos2::new(left, rect.top()), Vec2::new(each, HEIGHT));
        one(ui, place, index + 1, cell.part);
        let letter = galley(ui.painter(), ink(style::TINY, colours.text_2), &cell.giver);
        let below = Pos2::new(place.center().x, place.bottom() + LETTER / 2.0 + 1.0);
        put(ui.painter(), Align2::CENTER_CENTER, below, letter);
    }
    let there = cells.iter().filter(|cell| cell.part >= 1.0).count();
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{name}: {there} of {} chunks are here", cells.len()))
    });
}

fn one(ui: &Ui, rect: Rect, number: usize, part: f32) {
    let colours = palette(ui);
    let painter = ui.painter();
    let letters = if part >= 1.0 {
        fill(painter, rect, radius::CHIP, colours.accent_fill);
        colours.on_accent
    } else if part > 0.0 {
        fill(painter, rect, radius::CHIP, colours.bg_field);
        rule(painter, rect, radius::CHIP, stroke::HAIRLINE, colours.accent);
        let inner = rect.shrink(stroke::HAIRLINE);
        let foot = Rect::from_min_max(Pos2::new(inner.left(), inner.bottom() - FOOT), inner.max);
        let foot = Rect::from_min_size(foot.min, Vec2::new(foot.width() * part, FOOT));
        fill(painter, foot, 0.0, colours.accent_fill);
        colours.text
    } else {
        rule(painter, rect, radius::CHIP, stroke::HAIRLINE, colours.line_field);
        colours.text_3
    };
    let words = galley(painter, numbers(style::TINY, letters), &number.to_string());
    put(painter, Align2::CENTER_CENTER, rect.center(), words);
}
