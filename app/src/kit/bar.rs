//! Bars across the window, and notes in a form.

use eframe::egui::{Align2, Color32, Pos2, Role, Sense, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::button::Button;
use super::paint::{fill, galley, icon, put, wrapped};
use super::strip::{Strip, strong_and_small};
use crate::theme::{Palette, icon as icon_size, ink, palette, radius, region, space, style};

/// What a bar or a note is about, by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarTone {
    /// Something is in the way, and passes.
    Warn,
    /// A question.
    Accent,
    /// Something failed.
    Danger,
}

impl BarTone {
    const fn colours(self, palette: &Palette) -> (Color32, Color32) {
        match self {
            Self::Warn => (palette.warn_soft, palette.warn),
            Self::Accent => (palette.accent_soft, palette.accent),
            Self::Danger => (palette.danger_soft, palette.danger),
        }
    }
}

/// A bar over the whole width.
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// What it is about.
    pub tone: BarTone,
    /// At the left.
    pub icon: Icon,
    /// What happened.
    pub strong: &'a str,
    /// What it means.
    pub text: &'a str,
}

impl Bar<'_> {
    /// Draws it with buttons, given from left to right; the index of the one that was clicked.
    pub fn show<'b>(self, ui: &mut Ui, buttons: impl IntoIterator<Item = Button<'b>>) -> Option<usize> {
        let spoken = format!("{} {}", self.strong, self.text);
        self.show_that_says(ui, spoken.trim(), buttons)
    }

    /// Draws it with other words for a screen reader, which says them anew whenever they change: without the seconds of a
    /// countdown.
    pub fn show_that_says<'b>(
        self,
        ui: &mut Ui,
        spoken: &str,
        buttons: impl IntoIterator<Item = Button<'b>>,
    ) -> Option<usize> {
        let colours = palette(ui);
        let (surface, mark) = self.tone.colours(colours);
        let words = strong_and_small(colours, self.strong, self.text);
        let strip = Strip { words, spoken, role: Role::Status, left: space::X8, height: region::BAR, surface };
        let lies = strip.show(ui, buttons);
        let centre = Pos2::new(lies.rect.left() + 20.0 + icon_size::LARGE / 2.0, lies.first_line);
        icon(ui.painter(), self.icon, centre, icon_size::LARGE, mark);
        super::say_at_once(ui.ctx(), lies.response.id);
        lies.clicked
    }
}

/// A note in a form: what happened and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// What it is about.
    pub tone: BarTone,
    /// At the left.
    pub icon: Icon,
    /// What happened.
    pub strong: &'a str,
    /// What it means.
    pub text: &'a str,
    /// A countdown at the right; may be empty.
    pub countdown: &'a str,
}

/// Draws a note over the whole width.
pub fn note(ui: &mut Ui, note: Note<'_>) {
    let spoken = spoken(&note);
    note_that_says(ui, note, &spoken);
}

/// Draws a note with other words for a screen reader, which says them anew whenever they change: without the seconds of a
/// countdown.
pub fn note_that_says(ui: &mut Ui, note: Note<'_>, spoken: &str) {
    let colours = palette(ui);
    let (surface, mark) = note.tone.colours(colours);
    let width = ui.available_width();
    let left = space::X4 + 20.0 + space::X4 - 2.0;
    let count = galley(ui.painter(), crate::theme::numbers(style::TITLE, mark), note.countdown);
    let room = width - left - space::X4 - if note.countdown.is_empty() { 0.0 } else { count.size().x + space::X5 };
    let strong = wrapped(ui.painter(), ink(style::LABEL.weight(600.0), colours.text), note.strong, room);
    let text = wrapped(ui.painter(), ink(style::SMALL, colours.text_2), note.text, room);
    let meaning = if note.text.is_empty() { 0.0 } else { text.size().y };
    let height = strong.size().y + meaning + 2.0 * (space::X3 + 2.0);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    fill(ui.painter(), rect, radius::FIELD, surface);
    let at = rect.min + Vec2::new(left, space::X3 + 2.0);
    let first_line = at.y + style::LABEL.line / 2.0;
    let icon_y = if note.countdown.is_empty() { first_line } else { rect.center().y };
    icon(ui.painter(), note.icon, Pos2::new(rect.left() + space::X4 + 10.0, icon_y), 20.0, mark);
    let strong = put(ui.painter(), Align2::LEFT_TOP, at, strong);
    put(ui.painter(), Align2::LEFT_TOP, strong.left_bottom(), text);
    put(ui.painter(), Align2::RIGHT_CENTER, rect.right_center() - Vec2::new(space::X4, 0.0), count);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, spoken));
    super::say_at_once(ui.ctx(), response.id);
}

/// What a screen reader says of a note: sentences, each with one full stop.
fn spoken(note: &Note<'_>) -> String {
    let strong = note.strong.trim_end_matches('.');
    if note.text.is_empty() { format!("{strong}.") } else { format!("{strong}. {}", note.text) }
}
