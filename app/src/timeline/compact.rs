//! Messages as lines: disc, name and words left, all times and marks in one column at the right.

use std::sync::Arc;

use super::body::{Body, Piece, Setting, lead};
use super::day::clock;
use super::entry::{Entry, EntryKind, Notice, Quote, Route, Trouble, Written};
use super::markdown::{Block, parse};
use super::rows::Row;
use super::select::CODE_PAD;
use super::text::{code_block, paragraph};
use crate::kit::{card_size, elided, galley, wrapped};
use crate::theme::{Format, control, icon, ink, numbers, region, space, style};
use eframe::egui::{Painter, Pos2, Rect, Vec2, pos2};

/// Room between a block of code and the lines around it.
const CODE_MARGIN: f32 = 5.0;
/// Room for the button that copies it.
pub(super) const CODE_COPY: f32 = 40.0;
/// A block of code is at least this wide, so that its button stands apart.
const CODE_LEAST: f32 = 420.0;
/// From the right edge of the column to that of the time: the mark and a gap.
pub(super) const MARK_ROOM: f32 = 22.0;
/// From the bar of a quote to its words.
pub(super) const QUOTE_PAD: f32 = 10.0;
/// The height of a quote.
pub(super) const QUOTE: f32 = style::META.line + style::SMALL.line;

/// Lays out a row.
pub(super) fn lay_out(painter: &Painter, setting: &Setting<'_>, row: &Row) -> Body {
    match &row.entry.kind {
        EntryKind::Message(written) => message(painter, setting, row, written),
        EntryKind::Notice(kind) => notice(painter, setting, row, *kind),
    }
}

/// A line in the middle about something that happened.
pub(super) fn notice(painter: &Painter, setting: &Setting<'_>, row: &Row, kind: Notice) -> Body {
    let mut pieces = Vec::new();
    let top = lead(painter, setting, row.place, &mut pieces);
    if kind.route == Route::Private {
        return across(painter, setting, row, kind, (top, pieces));
    }
    let room = setting.right() - setting.pad() - 2.0 * (icon::SMALL + space::X3);
    let words = wrapped(painter, ink(style::SMALL, setting.colours.text_3), &row.entry.text, room);
    let middle = f32::midpoint(setting.pad(), setting.right());
    let width = words.size().x + icon::SMALL + space::X3;
    let height = words.size().y.max(style::BODY.line);
    let left = middle - width / 2.0;
    pieces.push(Piece::Icon { centre: pos2(left + icon::SMALL / 2.0, top + style::SMALL.line / 2.0), icon: kind.icon });
    pieces.push(Piece::Plain { at: pos2(left + icon::SMALL + space::X3, top), words });
    let message = Rect::from_min_size(pos2(setting.pad(), top), Vec2::new(setting.right() - setting.pad(), height));
    Body { height: top + height, message, pieces }
}

/// A line across the timeline from which on words go another way.
fn across(
    painter: &Painter,
    setting: &Setting<'_>,
    row: &Row,
    kind: Notice,
    (top, mut pieces): (f32, Vec<Piece>),
) -> Body {
    let room = setting.right() - setting.pad() - 2.0 * ACROSS_LEAST;
    let words = wrapped(painter, ink(style::SECTION, setting.colours.private), &row.entry.text, room);
    let height = ACROSS.max(words.size().y + space::X3);
    pieces.push(Piece::Across { y: top + height / 2.0, icon: kind.icon, words });
    let size = Vec2::new(setting.right() - setting.pad(), height);
    let message = Rect::from_min_size(pos2(setting.pad(), top), size);
    Body { height: top + height, message, pieces }
}

/// Height of a line across the timeline.
const ACROSS: f32 = 28.0;
/// The line left and right of its words is at least this long, with the icon.
const ACROSS_LEAST: f32 = 36.0;

fn message(painter: &Painter, setting: &Setting<'_>, row: &Row, written: &Written) -> Body {
    let mut pieces = Vec::new();
    let top = lead(painter, setting, row.place, &mut pieces);
    let left = setting.pad() + region::GUTTER;
    let width = (setting.right() - region::META_COLUMN - left).min(region::TEXT_MAX);
    let mut y = top;
    if row.place.head {
        let disc = pos2(setting.pad() + region::AVATAR / 2.0, top + region::AVATAR / 2.0);
        pieces.push(Piece::Avatar { centre: disc, name: Arc::clone(&written.author) });
        pieces.push(Piece::Plain { at: pos2(left, y), words: name(painter, setting, written, width) });
        y += style::STRONG.line;
    }
    let line = if row.place.head { style::STRONG.line } else { style::BODY.line };
    push_meta(painter, setting, row, written, pos2(setting.right(), top + line / 2.0), &mut pieces);
    if let Some(quote) = &written.quote {
        pieces.push(quote_piece(painter, setting, quote, Rect::from_min_size(pos2(left, y), Vec2::new(width, QUOTE))));
        y += QUOTE + space::X2;
    }
    match &written.card {
        Some(card) => {
            let gap = if row.place.head { space::X2 } else { space::X3 };
            let rect = Rect::from_min_size(pos2(left, y + gap), card_size(card, width));
            pieces.push(Piece::Card { rect });
            y = rect.bottom() + space::X2;
        }
        None => y = push_blocks(painter, setting, &row.entry.text, pos2(left, y), width, &mut pieces),
    }
    if let Some(trouble) = &written.trouble {
        y = push_trouble(painter, setting, trouble, pos2(left, y), setting.right() - left, &mut pieces);
    }
    let least = if row.place.head && !row.place.goes_on { top + region::AVATAR } else { y };
    let y = y.max(least);
    let message = Rect::from_min_max(pos2(setting.pad(), top), pos2(setting.right(), y));
    Body { height: y, message, pieces }
}

/// The author's name; the user's own is "You" in the colour of the route.
pub(super) fn name(
    painter: &Painter,
    setting: &Setting<'_>,
    written: &Written,
    width: f32,
) -> Arc<eframe::egui::Galley> {
    let (words, colour) =
        if written.own { ("You", setting.accent()) } else { (written.author.as_ref(), setting.colours.text) };
    elided(painter, ink(style::STRONG, colour), words, width)
}

fn push_meta(
    painter: &Painter,
    setting: &Setting<'_>,
    row: &Row,
    written: &Written,
    right: Pos2,
    pieces: &mut Vec<Piece>,
) {
    let words = time(painter, numbers(style::META, setting.colours.text_3), &row.entry);
    let at = right - Vec2::new(MARK_ROOM, 0.0);
    pieces.push(Piece::Time { at, words, always: row.place.timed });
    if let Some(mark) = written.mark {
        pieces.push(Piece::Mark { centre: right - Vec2::new(icon::BASE / 2.0, 0.0), mark });
    }
}

/// The time of an entry.
pub(super) fn time(painter: &Painter, format: Format, entry: &Entry) -> Arc<eframe::egui::Galley> {
    galley(painter, format, &clock(entry.at))
}

/// The message that is answered, in a box.
pub(super) fn quote_piece(painter: &Painter, setting: &Setting<'_>, quote: &Quote, rect: Rect) -> Piece {
    let room = rect.width() - QUOTE_PAD;
    let author = ink(style::META.weight(600.0), setting.colours.text);
    let first_line = quote.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Piece::Quote {
        rect,
        author: elided(painter, author, &quote.author, room),
        text: elided(painter, ink(style::SMALL, setting.colours.text_2), first_line, room),
        key: quote.key,
        spoken: format!("In answer to {}: {first_line}", quote.author),
    }
}

/// Lays out the words of a message; where they end.
pub(super) fn push_blocks(
    painter: &Painter,
    setting: &Setting<'_>,
    text: &str,
    at: Pos2,
    width: f32,
    pieces: &mut Vec<Piece>,
) -> f32 {
    let mut y = at.y;
    for (block, content) in parse(text).into_iter().enumerate() {
        match content {
            Block::Paragraph(spans) => {
                let words = paragraph(painter, &spans, width, setting.ink());
                let height = words.galley.size().y;
                pieces.push(Piece::Words { at: pos2(at.x, y), words, block });
                y += height;
            }
            Block::Code { text, .. } => {
                let words = code_block(painter, &text, setting.ink());
                let content = words.size() + 2.0 * CODE_PAD;
                let least = CODE_LEAST.min(width);
                let size = Vec2::new((content.x + CODE_COPY).clamp(least, width.max(least)), content.y);
                y += CODE_MARGIN;
                pieces.push(Piece::Code { rect: Rect::from_min_size(pos2(at.x, y), size), words, text, block });
                y += size.y + CODE_MARGIN;
            }
        }
    }
    y
}

/// Lays out what went wrong; where it ends.
pub(super) fn push_trouble(
    painter: &Painter,
    setting: &Setting<'_>,
    trouble: &Trouble,
    at: Pos2,
    width: f32,
    pieces: &mut Vec<Piece>,
) -> f32 {
    let colour = if trouble.failed { setting.colours.danger } else { setting.colours.text_3 };
    let room = if trouble.failed { (width - TROUBLE_BUTTONS).max(TROUBLE_LEAST) } else { width };
    let words = wrapped(painter, ink(style::SMALL, colour), &trouble.text, room);
    let height = words.size().y.max(if trouble.failed { control::BUTTON_SMALL } else { 0.0 });
    let rect = Rect::from_min_size(at + Vec2::new(0.0, TROUBLE_GAP), Vec2::new(width, height));
    let retry = trouble.failed.then_some(trouble.retry);
    pieces.push(Piece::Trouble { rect, words, retry, text: trouble.text.clone() });
    rect.bottom() + TROUBLE_GAP
}

/// How wide what went wrong is with its buttons, in a room.
pub(super) fn trouble_width(painter: &Painter, trouble: &Trouble, room: f32) -> f32 {
    let words = galley(painter, ink(style::SMALL, eframe::egui::Color32::PLACEHOLDER), &trouble.text).size().x;
    let buttons = if trouble.failed { TROUBLE_BUTTONS } else { 0.0 };
    (words + buttons + 1.0).min(room)
}

/// Room for "Retry" and "Delete" beside the reason.
const TROUBLE_BUTTONS: f32 = 210.0;
/// The reason has at least this room.
const TROUBLE_LEAST: f32 = 160.0;
/// Above and below the reason.
const TROUBLE_GAP: f32 = 2.0;
