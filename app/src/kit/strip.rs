//! Words across the whole width with buttons: beside the words where there is room, else below them. The words wrap, so
//! that none is cut.

use eframe::egui::epaint::RectShape;
use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Align2, Color32, Pos2, Rect, Response, Role, Sense, Shape, StrokeKind, Ui, Vec2, WidgetInfo};

use super::at_end::{AtEnd, EndButton, at_end};
use super::button::Button;
use super::paint::{hairline_below, put};
use crate::theme::{Palette, control, ink, palette, space, style};

/// Narrower than this, the buttons stand below the words.
const STACKED: f32 = 620.0;

/// What is the matter, in strong letters, and in small ones what it means, if anything is to be said of that.
pub fn strong_and_small(colours: &Palette, strong: &str, small: &str) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.append(strong, 0.0, ink(style::LABEL.weight(600.0), colours.text).text_format());
    if !small.is_empty() {
        job.append(" ", 0.0, ink(style::SMALL, colours.text_2).text_format());
        job.append(small, 0.0, ink(style::SMALL, colours.text_2).text_format());
    }
    job
}

/// A strip in the making.
#[derive(Debug)]
pub struct Strip<'a> {
    /// The words.
    pub words: LayoutJob,
    /// What a screen reader says.
    pub spoken: &'a str,
    /// As what.
    pub role: Role,
    /// Room at the left, for an icon.
    pub left: f32,
    /// Least height, that of one line.
    pub height: f32,
    /// Its ground.
    pub surface: Color32,
}

/// A strip as it lies.
#[derive(Debug)]
pub struct Lies {
    /// All of it.
    pub rect: Rect,
    /// The middle of its first line.
    pub first_line: f32,
    /// Its response.
    pub response: Response,
    /// The index of the button that was clicked.
    pub clicked: Option<usize>,
}

impl Strip<'_> {
    /// Draws it at the cursor, with buttons that are given from left to right.
    pub fn show<'b>(self, ui: &mut Ui, buttons: impl IntoIterator<Item = Button<'b>>) -> Lies {
        let (from, width) = (ui.available_rect_before_wrap().min, ui.available_width());
        let ground = ui.painter().add(Shape::Noop);
        let left = from.x + self.left;
        let right = from.x + width - space::X4;
        let (bottom, row) = if width < STACKED {
            let words = self.lay_out(ui, from, left, right);
            let place = Rect::from_min_max(
                Pos2::new(left, words.bottom() + space::X3),
                Pos2::new(right, words.bottom() + space::X3 + control::BUTTON_SMALL),
            );
            let row = row(ui, place, buttons);
            (if row.responses.is_empty() { words.bottom() } else { place.bottom() + space::X3 }, row)
        } else {
            let place = Rect::from_min_max(Pos2::new(left, from.y), Pos2::new(right, from.y + self.height));
            let row = row(ui, place, buttons);
            (self.lay_out(ui, from, left, row.rect.left() - space::X4).bottom(), row)
        };
        // Of one line the room above and below is that of the least height; of more, it is less.
        let height = (bottom - from.y).max(self.height).ceil();
        let rect = Rect::from_min_size(from, Vec2::new(width, height));
        ui.painter().set(ground, RectShape::new(rect, 0.0, self.surface, (0.0, self.surface), StrokeKind::Inside));
        hairline_below(ui.painter(), rect, palette(ui).line);
        let response = ui.allocate_rect(rect, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(self.role, true, self.spoken));
        Lies { rect, first_line: from.y + self.height / 2.0, response, clicked: row.clicked() }
    }

    /// Draws the words; where they lie, with the room around them.
    fn lay_out(&self, ui: &Ui, from: Pos2, left: f32, right: f32) -> Rect {
        let mut job = self.words.clone();
        job.wrap = TextWrapping::wrap_at_width((right - left).max(0.0));
        let words = ui.painter().layout_job(job);
        let line = words.rows.first().map_or(0.0, |row| row.height());
        let pad = (self.height - line) / 2.0;
        let more = words.rows.len() > 1;
        let above = if more { pad.min(space::X4) } else { pad };
        let lies = put(ui.painter(), Align2::LEFT_TOP, Pos2::new(left, from.y + above), words);
        lies.expand2(Vec2::new(0.0, above))
    }
}

fn row<'b>(ui: &mut Ui, place: Rect, buttons: impl IntoIterator<Item = Button<'b>>) -> AtEnd {
    at_end(ui, place, ("buttons", space::X3), buttons.into_iter().map(EndButton::from))
}
