//! Files on their way from those who share them.

use std::sync::Arc;

use eframe::egui::text::TextWrapping;
use eframe::egui::{Align, Align2, Galley, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::{Download, FilesAction, SharedFiles, SourceRow, chunks};
use crate::kit::{
    Avatar, ProgressTone, elided, file_head, fill, galley, icon, label, label_at, progress_bar, put, rule, space as gap,
};
use crate::theme::{Format, icon as icon_size, ink, numbers, palette, radius, region, space, stroke, style};

/// Room within a card.
const PAD: f32 = 12.0;
/// Height of icon, name and facts.
const HEAD: f32 = 42.0;
/// Height of a bar with the room above.
const BAR: f32 = 6.0;
/// Height of somebody who gives.
const SOURCE: f32 = 32.0;

/// Draws them from the cursor down.
pub(super) fn show(ui: &mut Ui, state: &SharedFiles, actions: &mut Vec<FilesAction>) {
    section(ui, "Downloads", &state.speed);
    if state.downloads.is_empty() {
        label(ui, ink(style::SMALL, palette(ui).text_2), "Nothing yet.");
        gap(ui, space::X5);
    }
    for download in &state.downloads {
        card(ui, download, actions);
        gap(ui, space::X4);
    }
    if state.takes_drops {
        section(ui, "Drop to share", "");
        drop_zone(ui);
    }
    if !state.private.is_empty() {
        gap(ui, space::X5);
        section(ui, "In private sessions", "");
    }
    for download in &state.private {
        card(ui, download, actions);
        gap(ui, space::X4);
    }
}

fn section(ui: &mut Ui, name: &str, right: &str) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), region::SECTION_ROW - 6.0), Sense::hover());
    let format = ink(style::SECTION, colours.text_2);
    label_at(ui, Align2::LEFT_CENTER, rect.left_center(), format, name, rect.width());
    let right = galley(ui.painter(), numbers(style::META, colours.text_2), right);
    put(ui.painter(), Align2::RIGHT_CENTER, rect.right_center(), right);
    gap(ui, space::X3);
}

fn height(download: &Download) -> f32 {
    let bar = if download.card.progress.is_some() { BAR + space::X4 } else { 0.0 };
    let map = if download.chunks.is_empty() { 0.0 } else { space::X3 + chunks::HEIGHT + chunks::LETTER };
    let sources = if download.sources.is_empty() { 0.0 } else { space::X4 + download.sources.len() as f32 * SOURCE };
    2.0 * PAD + HEAD + bar + map + sources
}

fn card(ui: &mut Ui, download: &Download, actions: &mut Vec<FilesAction>) {
    let colours = palette(ui);
    let size = Vec2::new(ui.available_width(), height(download));
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    fill(ui.painter(), rect, radius::CARD, colours.bg_raised);
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.line);
    let inner = rect.shrink(PAD);
    let head = Rect::from_min_size(inner.min, Vec2::new(inner.width(), HEAD));
    let builder = UiBuilder::new().max_rect(inner).id_salt(("download", download.id.get()));
    let mut child = ui.new_child(builder);
    if let Some(action) = file_head(&mut child, head, &download.card) {
        actions.push(FilesAction::Card(download.id, action));
    }
    let mut y = head.bottom();
    if let Some(progress) = &download.card.progress {
        let bar = Rect::from_min_size(pos2(inner.left(), y + space::X4), Vec2::new(inner.width(), BAR));
        progress_bar(child.painter(), colours, bar, progress.part, progress.tone);
        let response = child.interact(bar, child.scope_id().with("bar"), Sense::hover());
        let words = format!("{}: {}, {}", download.card.name, progress.percent, progress.amount);
        response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &words));
        y = bar.bottom();
    }
    if !download.chunks.is_empty() {
        let place = Rect::from_min_max(pos2(inner.left(), y + space::X3), inner.max);
        let mut map = child.new_child(UiBuilder::new().max_rect(place).id_salt("map"));
        chunks::arriving(&mut map, &download.card.name, &download.chunks);
        y = place.top() + chunks::HEIGHT + chunks::LETTER;
    }
    if !download.sources.is_empty() {
        y += space::X3;
        child.painter().hline(inner.x_range(), y, Stroke::new(stroke::HAIRLINE, colours.line));
        y += space::X2;
        for source in &download.sources {
            let place = Rect::from_min_size(pos2(inner.left(), y), Vec2::new(inner.width(), SOURCE));
            self::source(&child, place, source);
            y += SOURCE;
        }
    }
}

/// Where the words and the bar of a source begin and end, from the left of its row.
const SOURCE_WORDS: f32 = 108.0;
const SOURCE_BAR: f32 = 184.0;
/// Room for its speed at the right.
const SOURCE_SPEED: f32 = 76.0;

fn source(ui: &Ui, rect: Rect, source: &SourceRow) {
    let colours = palette(ui);
    let y = rect.center().y;
    Avatar::new(&source.name).diameter(20.0).paint(ui, pos2(rect.left() + 10.0, y));
    let left = rect.left() + 28.0;
    let name = elided(ui.painter(), ink(style::LABEL, colours.text), &source.name, SOURCE_WORDS - 36.0);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, y), name);
    let mut at = rect.left() + SOURCE_WORDS;
    if source.part.is_none() {
        let centre = pos2(at + icon_size::SMALL / 2.0, y);
        icon(ui.painter(), Icon::TriangleAlert, centre, icon_size::SMALL, colours.warn);
        at += icon_size::SMALL + 6.0;
    }
    let room = if source.part.is_some() { SOURCE_BAR - SOURCE_WORDS } else { rect.right() - at };
    let words = elided(ui.painter(), numbers(style::META, colours.text_2), &source.words, room);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(at, y), words);
    if let Some(part) = source.part {
        let speed = galley(ui.painter(), numbers(style::META, colours.text_2), &source.speed);
        put(ui.painter(), Align2::RIGHT_CENTER, pos2(rect.right(), y), speed);
        let from = pos2(rect.left() + SOURCE_BAR, y - BAR / 2.0);
        let width = rect.right() - SOURCE_SPEED - from.x;
        let bar = Rect::from_min_size(from, Vec2::new(width.max(0.0), BAR));
        progress_bar(ui.painter(), colours, bar, part, ProgressTone::Shared);
    }
    let response = ui.interact(rect, ui.scope_id().with(("source", &source.name)), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{}: {} {}", source.name, source.words, source.speed))
    });
    if source.part.is_none() {
        crate::kit::tip(response, &source.words);
    }
}

/// Height of the place where files can be dropped.
const ZONE: f32 = 118.0;
/// The dashes of its edge, and the gaps between them.
const DASH: f32 = 4.0;

fn drop_zone(ui: &mut Ui) {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ZONE), Sense::hover());
    dashed(ui, rect);
    icon(ui.painter(), Icon::FileUp, pos2(rect.center().x, rect.top() + 26.0), 20.0, colours.text_2);
    let strong = "Drop files here to share them.";
    let text = "They stay on this computer until someone downloads them.";
    let room = rect.width() - 2.0 * PAD;
    let words = wrapped_centred(ui, ink(style::LABEL, colours.text), strong, room);
    let below = words.size().y;
    ui.painter().galley(pos2(rect.center().x, rect.top() + 44.0), words, colours.text);
    let words = wrapped_centred(ui, ink(style::META, colours.text_2), text, room);
    ui.painter().galley(pos2(rect.center().x, rect.top() + 46.0 + below), words, colours.text_2);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{strong} {text}")));
}

/// Words in as many lines as they need, each in the middle.
fn wrapped_centred(ui: &Ui, format: Format, text: &str, room: f32) -> Arc<Galley> {
    let mut job = format.job(text, TextWrapping::wrap_at_width(room.max(0.0)));
    job.halign = Align::Center;
    ui.painter().layout_job(job)
}

/// Draws an edge of dashes.
fn dashed(ui: &Ui, rect: Rect) {
    let rect = rect.shrink(0.5);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    let edge = Stroke::new(stroke::HAIRLINE, palette(ui).line_field);
    ui.painter().extend(eframe::egui::Shape::dashed_line(&corners, edge, DASH, DASH));
}
