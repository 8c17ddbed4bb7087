//! Small round and square tags: counts, chips, key caps.

use eframe::egui::{Align2, Color32, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::paint::{fill, galley, icon, put, rule};
use crate::theme::{control, icon as icon_size, ink, numbers, palette, radius, space, stroke, style};

/// Which way the counted messages came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PillTone {
    /// Through the server.
    Server,
    /// Straight from the other device.
    Private,
    /// In a muted chat.
    Quiet,
}

/// Counts above this are shown as "99+", so that a pill keeps its width.
const MOST: u32 = 99;

fn count_text(count: u32) -> String {
    if count > MOST { format!("{MOST}+") } else { count.to_string() }
}

/// How wide the pill of a count is.
#[must_use]
pub fn pill_width(ui: &Ui, count: u32) -> f32 {
    let words = galley(ui.painter(), numbers(style::TINY.weight(600.0), Color32::PLACEHOLDER), &count_text(count));
    (words.size().x + 2.0 * PILL_PADDING).max(control::PILL).round()
}

/// Room left and right of a count.
const PILL_PADDING: f32 = 5.5;

/// Paints a count with its right centre at `at`.
pub fn pill(ui: &Ui, at: Pos2, count: u32, tone: PillTone) -> Rect {
    let colours = palette(ui);
    let (surface, letters) = match tone {
        PillTone::Server => (colours.accent_fill, colours.on_accent),
        PillTone::Private => (colours.private_fill, colours.on_private),
        PillTone::Quiet => (colours.press, colours.text_2),
    };
    let size = Vec2::new(pill_width(ui, count), control::PILL);
    let rect = Align2::RIGHT_CENTER.anchor_size(at, size);
    fill(ui.painter(), rect, control::PILL / 2.0, surface);
    let words = galley(ui.painter(), numbers(style::TINY.weight(600.0), letters), &count_text(count));
    put(ui.painter(), Align2::CENTER_CENTER, rect.center(), words);
    rect
}

/// What a chip says by its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipTone {
    /// A fact.
    Plain,
    /// The direct way.
    Private,
}

/// A fact in a small box.
#[derive(Clone, Copy, Debug)]
pub struct Chip<'a> {
    /// Before the words.
    pub icon: Option<Icon>,
    /// The words.
    pub text: &'a str,
    /// Its colours.
    pub tone: ChipTone,
}

/// Draws a chip at the cursor.
pub fn chip(ui: &mut Ui, chip: Chip<'_>) -> Response {
    let colours = palette(ui);
    let (surface, edge, letters) = match chip.tone {
        ChipTone::Plain => (colours.bg_raised, Color32::TRANSPARENT, colours.text_2),
        ChipTone::Private => (Color32::TRANSPARENT, colours.private, colours.private),
    };
    let words = galley(ui.painter(), ink(style::META.weight(500.0), letters), chip.text);
    let icon_room = if chip.icon.is_some() { icon_size::SMALL + space::X2 } else { 0.0 };
    let padding = space::X3 - 1.0;
    let size = Vec2::new((words.size().x + icon_room + 2.0 * padding).round(), control::CHIP);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter();
    fill(painter, rect, radius::CHIP, surface);
    rule(painter, rect, radius::CHIP, stroke::HAIRLINE, edge);
    if let Some(glyph) = chip.icon {
        let centre = rect.left_center() + Vec2::new(padding + icon_size::SMALL / 2.0, 0.0);
        icon(painter, glyph, centre, icon_size::SMALL, letters);
    }
    put(painter, Align2::LEFT_CENTER, rect.left_center() + Vec2::new(padding + icon_room, 0.0), words);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, chip.text));
    response
}

/// Height of a key cap in points.
const CAP: f32 = 18.0;

/// Paints the cap of a key, or of several pressed together, with its right centre at `at`.
pub fn key_cap(ui: &Ui, at: Pos2, keys: &str) -> Rect {
    let colours = palette(ui);
    let words = galley(ui.painter(), ink(style::TINY, colours.text_2), keys);
    let size = Vec2::new((words.size().x + 2.0 * (space::X3 - 2.0)).round(), CAP);
    let rect = Align2::RIGHT_CENTER.anchor_size(at, size);
    fill(ui.painter(), rect, radius::CHIP, colours.press);
    put(ui.painter(), Align2::CENTER_CENTER, rect.center(), words);
    rect
}

/// Draws key caps at the cursor, at least `width` wide.
pub fn key_caps(ui: &mut Ui, keys: &str, width: f32) {
    let colours = palette(ui);
    let words = galley(ui.painter(), ink(style::TINY, colours.text_2), keys);
    let size = Vec2::new((words.size().x + 2.0 * space::X3).max(width).round(), CAP);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    fill(ui.painter(), rect, radius::CHIP, colours.press);
    put(ui.painter(), Align2::CENTER_CENTER, rect.center(), words);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, keys));
}
