//! Selecting words across messages, and the text that is copied.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{Galley, Pos2, Vec2};

use super::body::{Body, Piece};
use super::day::clock;
use super::entry::{Entry, EntryKind, Key};
use super::list::Timeline;
use super::markdown::{Block, Span, parse};
use super::rows::Row;

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    pub(super) key: Key,
    pub(super) block: usize,
    pub(super) character: usize,
}

/// From where the pointer was pressed to where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Selection {
    /// Its ends in reading order.
    fn ordered(self) -> (Point, Point) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// The characters of a block that it covers.
    pub(super) fn within(self, key: Key, block: usize) -> Option<Range<usize>> {
        let (start, end) = self.ordered();
        let here = (key, block);
        if here < (start.key, start.block) || here > (end.key, end.block) {
            return None;
        }
        let from = if here == (start.key, start.block) { start.character } else { 0 };
        let to = if here == (end.key, end.block) { end.character } else { usize::MAX };
        (from < to).then_some(from..to)
    }
}

/// The place nearest to the pointer in a row, `at` being relative to its upper left corner. `moved` says how far a block of
/// code is moved to the left.
pub(super) fn nearest(body: &Body, key: Key, at: Vec2, moved: impl Fn(usize) -> f32) -> Option<Point> {
    let texts = body.pieces.iter().filter_map(|piece| match piece {
        Piece::Words { at, words, block } => Some((*at, &words.galley, *block)),
        Piece::Code { rect, words, block, .. } => {
            Some((rect.min + CODE_PAD - Vec2::new(moved(*block), 0.0), words, *block))
        }
        Piece::Day { .. }
        | Piece::NewLine { .. }
        | Piece::Surface { .. }
        | Piece::Avatar { .. }
        | Piece::Plain { .. }
        | Piece::Quote { .. }
        | Piece::Time { .. }
        | Piece::Mark { .. }
        | Piece::Trouble { .. }
        | Piece::Card { .. }
        | Piece::Across { .. }
        | Piece::Icon { .. } => None,
    });
    let distance = |(top, galley, _): &(Pos2, &Arc<Galley>, usize)| {
        let (from, to) = (top.y, top.y + galley.size().y);
        if at.y < from { from - at.y } else { (at.y - to).max(0.0) }
    };
    let (top, galley, block) = texts.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    let cursor = galley.cursor_from_pos(at - top.to_vec2());
    Some(Point { key, block, character: cursor.index.0 })
}

/// Room within a block of code.
pub(super) const CODE_PAD: Vec2 = Vec2::new(12.0, 8.0);

impl Timeline {
    /// Selects the word around a place.
    pub(super) fn select_word(&mut self, point: Point) {
        let Ok(row) = self.rows.binary_search_by_key(&point.key, |row| row.entry.key) else { return };
        let Some(text) = self.rows.get(row).and_then(|row| shown(&row.entry).nth(point.block)) else { return };
        let characters: Vec<char> = text.chars().collect();
        let is_word = |c: &&char| c.is_alphanumeric() || **c == '_';
        let (before, after) = characters.split_at(point.character.min(characters.len()));
        let from = point.character.saturating_sub(before.iter().rev().take_while(is_word).count());
        let to = point.character + after.iter().take_while(is_word).count();
        self.selection = (from < to)
            .then_some(Selection { from: Point { character: from, ..point }, to: Point { character: to, ..point } });
    }

    /// Selects the whole message around a place.
    pub(super) fn select_message(&mut self, point: Point) {
        let start = Point { block: 0, character: 0, ..point };
        let end = Point { block: usize::MAX, character: usize::MAX, ..point };
        self.selection = Some(Selection { from: start, to: end });
    }

    /// Selects every message that is loaded.
    pub(super) fn select_all(&mut self) {
        let ends = self.rows.first().zip(self.rows.last());
        self.selection = ends.map(|(first, last)| Selection {
            from: Point { key: first.entry.key, block: 0, character: 0 },
            to: Point { key: last.entry.key, block: usize::MAX, character: usize::MAX },
        });
    }

    /// The selected words; of several messages with their times and authors.
    pub(super) fn selected_text(&self) -> Option<String> {
        let selection = self.selection?;
        let (start, end) = selection.ordered();
        let first = self.rows.partition_point(|row| row.entry.key < start.key);
        let rows = self.rows.iter().skip(first).take_while(|row| row.entry.key <= end.key);
        let parts: Vec<(&Row, String)> =
            rows.map(|row| (row, part(&row.entry, selection))).filter(|(_, text)| !text.is_empty()).collect();
        match parts.as_slice() {
            [] => None,
            [(_, text)] => Some(text.clone()),
            several => Some(several.iter().map(|(row, text)| line(&row.entry, text)).collect::<Vec<_>>().join("\n")),
        }
    }
}

fn line(entry: &Entry, text: &str) -> String {
    match &entry.kind {
        EntryKind::Message(written) => format!("[{}] {}: {text}", clock(entry.at), written.author),
        EntryKind::Notice(_) => format!("[{}] {text}", clock(entry.at)),
    }
}

/// The selected words of one message.
fn part(entry: &Entry, selection: Selection) -> String {
    if matches!(entry.kind, EntryKind::Notice(_)) {
        return String::new();
    }
    let parts = parse(&entry.text).into_iter().enumerate().filter_map(|(block, content)| {
        let range = selection.within(entry.key, block)?;
        Some(match content {
            Block::Code { text, .. } => cut(&text, range),
            Block::Paragraph(spans) => written(&spans, range),
        })
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// The selected words of a paragraph as they were written, with their marks. Words within one form come without.
fn written(spans: &[Span], range: Range<usize>) -> String {
    let mut from = 0;
    let mut parts = Vec::new();
    for span in spans {
        let to = from + span.text.chars().count();
        if range.start < to && range.end > from {
            let whole = range.start <= from && range.end >= to;
            let words = cut(&span.text, range.start.saturating_sub(from)..range.end - from);
            parts.push((words, whole.then_some(&span.raw)));
        }
        from = to;
    }
    match parts.as_slice() {
        [(words, _)] => words.clone(),
        several => several.iter().map(|(words, raw)| raw.map_or(words.as_str(), String::as_str)).collect(),
    }
}

fn cut(text: &str, range: Range<usize>) -> String {
    text.chars().skip(range.start).take(range.end.saturating_sub(range.start)).collect()
}

/// The words of each block of a message, as they are shown.
fn shown(entry: &Entry) -> impl Iterator<Item = String> + use<> {
    parse(&entry.text).into_iter().map(|block| match block {
        Block::Paragraph(spans) => spans.into_iter().map(|span| span.text).collect(),
        Block::Code { text, .. } => text,
    })
}
