//! Messages as bubbles: others' left, one's own right, time and mark within.

use std::sync::Arc;

use eframe::egui::{CornerRadius, Painter, Rect, Vec2, pos2};

use super::body::{Body, Piece, Setting, lead};
use super::compact::{MARK_ROOM, QUOTE, name, notice, push_blocks, push_trouble, quote_piece, time, trouble_width};
use super::entry::{Company, EntryKind, Written};
use super::rows::Row;
use crate::kit::{FileCard, card_size};
use crate::theme::{TextStyle, icon, numbers, radius, region, space, style};

/// Room within a bubble.
const PAD: Vec2 = Vec2::new(12.0, 7.0);
const PAD_BELOW: f32 = 8.0;
/// Between the words and the time beside them.
const TIME_GAP: f32 = 10.0;
/// Times in bubbles.
const TIME: TextStyle = TextStyle { weight: 400.0, ..style::TINY };

/// Lays out a row.
pub(super) fn lay_out(painter: &Painter, setting: &Setting<'_>, row: &Row) -> Body {
    match &row.entry.kind {
        EntryKind::Message(written) => message(painter, setting, row, written),
        EntryKind::Notice(kind) => notice(painter, setting, row, *kind),
    }
}

fn message(painter: &Painter, setting: &Setting<'_>, row: &Row, written: &Written) -> Body {
    if let Some(card) = &written.card {
        return file(painter, setting, row, written, card);
    }
    let mut pieces = Vec::new();
    let top = lead(painter, setting, row.place, &mut pieces);
    let shows_author = setting.company == Company::Many && !written.own;
    let left = setting.pad() + if shows_author { region::GUTTER } else { 0.0 };
    let widest = ((setting.right() - left) * region::BUBBLE_MAX).min(region::TEXT_MAX + 2.0 * PAD.x);
    let mut content = Vec::new();
    let mut y = top + PAD.y;
    let mut width: f32 = 0.0;
    let inner = widest - 2.0 * PAD.x;
    if shows_author && row.place.head {
        let words = name(painter, setting, written, inner);
        width = width.max(words.size().x);
        content.push(Piece::Plain { at: pos2(0.0, y), words });
        y += style::STRONG.line;
    }
    if let Some(quote) = &written.quote {
        let rect = Rect::from_min_size(pos2(0.0, y), Vec2::new(inner, QUOTE));
        let piece = quote_piece(painter, setting, quote, rect);
        if let Piece::Quote { author, text, .. } = &piece {
            width = width.max(author.size().x.max(text.size().x) + 2.0 * space::X4);
        }
        content.push(piece);
        y += QUOTE + space::X2;
    }
    y = push_blocks(painter, setting, &row.entry.text, pos2(0.0, y), inner, &mut content);
    let words = time(painter, numbers(TIME, setting.colours.text_3), &row.entry);
    let meta = words.size().x + if written.mark.is_some() { MARK_ROOM } else { 0.0 };
    let (last, text_width) = extent(&content);
    width = width.max(text_width);
    if last + TIME_GAP + meta <= inner {
        width = width.max(last + TIME_GAP + meta);
    } else {
        width = width.max(meta);
        y += TIME.line;
    }
    let bottom = y + PAD_BELOW;
    let size = Vec2::new(width.min(inner) + 2.0 * PAD.x, bottom - top);
    let x = if written.own { setting.right() - size.x } else { left };
    let bubble = Rect::from_min_size(pos2(x, top), size);
    pieces.push(Piece::Surface { rect: bubble, corners: corners(row, written), own: written.own });
    shift(&mut content, x + PAD.x);
    pieces.append(&mut content);
    let meta_at = pos2(bubble.right() - PAD.x, y - style::BODY.line / 2.0 + 2.0);
    let time_right = meta_at.x - if written.mark.is_some() { MARK_ROOM - 4.0 } else { 0.0 };
    pieces.push(Piece::Time { at: pos2(time_right, meta_at.y), words, always: true });
    if let Some(mark) = written.mark {
        pieces.push(Piece::Mark { centre: meta_at - Vec2::new(icon::BASE / 2.0 - 1.0, 0.0), mark });
    }
    if shows_author && !row.place.goes_on {
        let disc = pos2(setting.pad() + region::AVATAR / 2.0, bottom - region::AVATAR / 2.0);
        pieces.push(Piece::Avatar { centre: disc, name: Arc::clone(&written.author) });
    }
    let mut end = bottom;
    if let Some(trouble) = &written.trouble {
        let room = setting.right() - setting.pad();
        let from = if written.own { setting.right() - trouble_width(painter, trouble, room) } else { setting.pad() };
        end = push_trouble(painter, setting, trouble, pos2(from, end), setting.right() - from, &mut pieces);
    }
    let message = Rect::from_min_max(pos2(setting.pad(), top), pos2(setting.right(), end));
    Body { height: end, message, pieces }
}

/// A file is a box of its own: others' left, one's own right, the time below.
fn file(painter: &Painter, setting: &Setting<'_>, row: &Row, written: &Written, card: &FileCard) -> Body {
    let mut pieces = Vec::new();
    let top = lead(painter, setting, row.place, &mut pieces);
    let size = card_size(card, setting.right() - setting.pad());
    let x = if written.own { setting.right() - size.x } else { setting.pad() };
    let rect = Rect::from_min_size(pos2(x, top), size);
    pieces.push(Piece::Card { rect });
    let words = time(painter, numbers(TIME, setting.colours.text_3), &row.entry);
    let y = rect.bottom() + space::X1 + TIME.line / 2.0;
    let mark_room = if written.mark.is_some() { MARK_ROOM - 4.0 } else { 0.0 };
    pieces.push(Piece::Time { at: pos2(rect.right() - mark_room, y), words, always: true });
    if let Some(mark) = written.mark {
        pieces.push(Piece::Mark { centre: pos2(rect.right() - icon::BASE / 2.0 + 1.0, y), mark });
    }
    let end = y + TIME.line / 2.0;
    let message = Rect::from_min_max(pos2(setting.pad(), top), pos2(setting.right(), end));
    Body { height: end, message, pieces }
}

/// How wide the last line of the words is, and the widest.
fn extent(content: &[Piece]) -> (f32, f32) {
    let mut last = f32::INFINITY;
    let mut widest: f32 = 0.0;
    for piece in content {
        match piece {
            Piece::Words { words, .. } => {
                widest = widest.max(words.galley.size().x);
                last = words.galley.rows.last().map_or(0.0, |row| row.row.size.x);
            }
            Piece::Code { rect, .. } => {
                widest = widest.max(rect.width());
                last = f32::INFINITY;
            }
            Piece::Quote { .. }
            | Piece::Plain { .. }
            | Piece::Day { .. }
            | Piece::NewLine { .. }
            | Piece::Surface { .. }
            | Piece::Avatar { .. }
            | Piece::Time { .. }
            | Piece::Mark { .. }
            | Piece::Trouble { .. }
            | Piece::Card { .. }
            | Piece::Across { .. }
            | Piece::Icon { .. } => {}
        }
    }
    (last, widest)
}

fn shift(content: &mut [Piece], by: f32) {
    for piece in content {
        match piece {
            Piece::Words { at, .. } | Piece::Plain { at, .. } => at.x += by,
            Piece::Code { rect, .. } | Piece::Quote { rect, .. } => *rect = rect.translate(Vec2::new(by, 0.0)),
            Piece::Day { .. }
            | Piece::NewLine { .. }
            | Piece::Surface { .. }
            | Piece::Avatar { .. }
            | Piece::Time { .. }
            | Piece::Mark { .. }
            | Piece::Trouble { .. }
            | Piece::Card { .. }
            | Piece::Across { .. }
            | Piece::Icon { .. } => {}
        }
    }
}

/// Round, but not where the group goes on.
fn corners(row: &Row, written: &Written) -> CornerRadius {
    let mut corners = CornerRadius::from(radius::BUBBLE);
    let small = CornerRadius::from(radius::CHIP);
    let (above, below) = (!row.place.head, row.place.goes_on);
    if written.own {
        corners.ne = if above { small.ne } else { corners.ne };
        corners.se = if below { small.se } else { corners.se };
    } else {
        corners.nw = if above { small.nw } else { corners.nw };
        corners.sw = if below { small.sw } else { corners.sw };
    }
    corners
}
