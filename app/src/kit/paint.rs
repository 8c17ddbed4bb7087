//! Painting on snapped pixels: fills, hairlines, icons, text laid out once.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, CornerRadius, Galley, Id, Painter, Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2,
    emath::GuiRounding as _,
    epaint::Shadow,
    text::{LayoutJob, TextWrapping},
};
use lucide_icons::Icon;

use crate::theme::{Format, icon_format, palette, stroke};

/// On which side of an edge the focus ring lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Around a control, with a gap.
    Outside,
    /// Within a row or tab.
    Inside,
}

/// One line of text.
#[must_use]
pub fn galley(painter: &Painter, format: Format, text: &str) -> Arc<Galley> {
    painter.layout_job(format.job(text, TextWrapping::no_max_width()))
}

/// One line of text that ends in "…" where it is too long.
#[must_use]
pub fn elided(painter: &Painter, format: Format, text: &str, width: f32) -> Arc<Galley> {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    painter.layout_job(format.job(one_line, TextWrapping::truncate_at_width(width.max(0.0))))
}

/// A line of several formats that ends in "…" where it is too long.
#[must_use]
pub fn elided_job(painter: &Painter, mut job: LayoutJob, width: f32) -> Arc<Galley> {
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    painter.layout_job(job)
}

/// Text in as many lines as it needs.
#[must_use]
pub fn wrapped(painter: &Painter, format: Format, text: &str, width: f32) -> Arc<Galley> {
    painter.layout_job(format.job(text, TextWrapping::wrap_at_width(width.max(1.0))))
}

/// Paints laid out text with its `align` corner at `at`; where it came to lie.
pub fn put(painter: &Painter, align: Align2, at: Pos2, galley: Arc<Galley>) -> Rect {
    let rect = align.anchor_size(at, galley.size());
    let pos = rect.min.round_to_pixels(painter.pixels_per_point());
    painter.galley(pos, galley, Color32::PLACEHOLDER);
    rect
}

/// Paints an icon in a box of `size` around `centre`.
pub fn icon(painter: &Painter, glyph: Icon, centre: Pos2, size: f32, colour: Color32) {
    let mut buffer = [0; 4];
    let text = char::from(glyph).encode_utf8(&mut buffer);
    put(painter, Align2::CENTER_CENTER, centre, galley(painter, icon_format(size, colour), text));
}

/// Fills a rectangle with round corners.
pub fn fill(painter: &Painter, rect: Rect, radius: f32, colour: Color32) {
    painter.rect_filled(rect, CornerRadius::from(radius), colour);
}

/// Draws the edge of a rectangle inside it.
pub fn rule(painter: &Painter, rect: Rect, radius: f32, width: f32, colour: Color32) {
    painter.rect_stroke(rect, CornerRadius::from(radius), Stroke::new(width, colour), StrokeKind::Inside);
}

/// A floating surface: shadow, fill and hairline.
pub fn shadowed(painter: &Painter, rect: Rect, radius: f32, shadow: Shadow, surface: Color32, edge: Color32) {
    painter.add(shadow.as_shape(rect, CornerRadius::from(radius)));
    fill(painter, rect, radius, surface);
    rule(painter, rect, radius, stroke::HAIRLINE, edge);
}

/// A hairline along the lower edge of `rect`, inside it.
pub fn hairline_below(painter: &Painter, rect: Rect, colour: Color32) {
    let line = Rect::from_min_max(Pos2::new(rect.left(), rect.bottom() - stroke::HAIRLINE), rect.max);
    painter.rect_filled(line.round_to_pixels(painter.pixels_per_point()), CornerRadius::ZERO, colour);
}

/// A hairline along the right edge of `rect`, inside it.
pub fn hairline_right(painter: &Painter, rect: Rect, colour: Color32) {
    let line = Rect::from_min_max(Pos2::new(rect.right() - stroke::HAIRLINE, rect.top()), rect.max);
    painter.rect_filled(line.round_to_pixels(painter.pixels_per_point()), CornerRadius::ZERO, colour);
}

/// Scrolls a control into view once the keyboard has come to it.
pub(super) fn bring_into_view(ui: &Ui, response: &Response) {
    let last = Id::unique("control that was brought into view");
    if response.has_focus() && ui.data(|data| data.get_temp(last)) != Some(response.id) {
        ui.data_mut(|data| data.insert_temp(last, response.id));
        response.scroll_to_me(None);
    }
}

/// The ring that shows where the keyboard is, if it is at `response`, which comes into view.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: f32, ring: Ring) {
    bring_into_view(ui, response);
    if !response.has_focus() {
        return;
    }
    let (rect, radius) = match ring {
        Ring::Inside => (rect, radius),
        Ring::Outside => {
            let out = stroke::FOCUS_GAP + stroke::FOCUS;
            (rect.expand2(Vec2::splat(out)), radius + out)
        }
    };
    rule(ui.painter(), rect, radius, stroke::FOCUS, palette(ui).accent);
}
