//! The sign of the app: a speech bubble with one who is here and one who is not.

use eframe::egui::{Pos2, Rect, Shape, Stroke, Ui, Vec2};

use super::paint::fill;
use crate::theme::LIGHT;

/// The sign is drawn on a grid of this size.
const GRID: f32 = 256.0;

/// Paints the sign around `centre`.
pub fn logo(ui: &Ui, centre: Pos2, size: f32) {
    let unit = size / GRID;
    let corner = centre - Vec2::splat(size / 2.0);
    let at = |x: f32, y: f32| corner + Vec2::new(x, y) * unit;
    let painter = ui.painter();
    let (ground, bubble) = (LIGHT.accent_fill, LIGHT.bg_chat);
    fill(painter, Rect::from_min_max(at(8.0, 8.0), at(248.0, 248.0)), 56.0 * unit, ground);
    fill(painter, Rect::from_min_max(at(48.0, 60.0), at(208.0, 184.0)), 40.0 * unit, bubble);
    let tail = vec![at(84.0, 150.0), at(128.0, 184.0), at(94.5, 213.0), at(88.0, 214.0), at(84.5, 209.0)];
    painter.add(Shape::convex_polygon(tail, bubble, Stroke::NONE));
    painter.circle_filled(at(98.0, 122.0), 23.0 * unit, ground);
    painter.circle_stroke(at(159.0, 122.0), 18.0 * unit, Stroke::new(10.0 * unit, ground));
}
