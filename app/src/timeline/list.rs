//! The state of a timeline that is its own: where it is scrolled, what is selected, what is laid out.

use eframe::egui::{Id, Painter};

use super::body::Setting;
use super::cache::Cache;
use super::entry::{EntryKind, Feed, Key};
use super::heights::{Heights, points};
use super::news::News;
use super::rows::{Row, append, unchanged};
use super::select::Selection;
use crate::theme::{Motion, motion, region, style};

/// A timeline as it is looked at. One for each open chat.
#[derive(Default)]
pub struct Timeline {
    pub(super) rows: Vec<Row>,
    pub(super) heights: Heights,
    pub(super) cache: Cache,
    pub(super) anchor: Anchor,
    pub(super) selection: Option<Selection>,
    /// The selection that the system was told.
    pub(super) settled: Option<Selection>,
    pub(super) highlight: Option<Highlight>,
    pub(super) glide: Option<Glide>,
    pub(super) jump: Option<Jump>,
    /// The message under the pointer when its menu was opened.
    pub(super) menu: Option<Key>,
    /// The link that was under the pointer then.
    pub(super) pointed: Option<String>,
    /// What a screen reader is told.
    pub(super) news: News,
    /// How the keyboard came to the messages.
    pub(super) reached_by: Reached,
    /// The message that was chosen with keys.
    pub(super) chosen: Option<Key>,
    /// What the keyboard goes to in this frame.
    pub(super) wanted: Wanted,
    /// The tools of the chosen message, as they were drawn last.
    pub(super) tools: Vec<Id>,
    /// The last entry that was on the screen.
    pub(super) seen: Option<Key>,
    /// The last row is wholly on the screen.
    pub(super) at_end: bool,
    /// Revisions for which more was asked for, so that it is asked for once.
    pub(super) asked: [Option<u64>; 2],
    synced: Option<(u64, Option<Key>)>,
}

/// What keeps its place on the screen while everything else may change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Anchor {
    /// The end of the last row is at the lower edge.
    #[default]
    End,
    /// The upper edge of a row is this far from that of the timeline.
    Row {
        /// Which.
        row: usize,
        /// Points downwards.
        offset: f32,
    },
}

/// How the keyboard came to the messages: a ring shows where it is only to whoever uses keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reached {
    #[default]
    Key,
    Pointer,
}

/// What the keyboard goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing else.
    #[default]
    Nothing,
    /// The messages.
    Messages,
    /// The tools of the chosen message.
    Tools,
    /// The menu of the chosen message.
    Menu,
}

/// A message that was jumped to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Highlight {
    pub(super) key: Key,
    pub(super) since: f64,
}

/// The way to the end, as it is glided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glide {
    pub(super) since: f64,
    pub(super) distance: f32,
}

/// Where to go once the rows are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    /// To an entry, which is shown as found.
    To(Key),
    /// To an entry, which stands in the upper part.
    Below(Key),
    /// To the first entry there is, once the history has no older one.
    First,
    /// To the end.
    End,
}

/// How long a found message stays marked, and how long the mark fades, in seconds.
pub(super) const HIGHLIGHT_S: f64 = 4.0;
pub(super) const FADE_S: f64 = motion::HIGHLIGHT_MS as f64 / 1000.0;

impl Timeline {
    /// Opens a chat at its first new entry, or at its end.
    #[must_use]
    pub fn opened_at(new_from: Option<Key>) -> Self {
        Self { jump: Some(new_from.map_or(Jump::End, Jump::Below)), ..Self::default() }
    }

    /// Shows an entry, marked for a moment, as soon as it is among the rows.
    pub fn go_to(&mut self, key: Key) {
        self.jump = Some(Jump::To(key));
    }

    /// Shows the first entry of all.
    pub(super) fn go_to_first(&mut self) {
        self.glide = None;
        self.jump = Some(Jump::First);
    }

    /// Shows the end.
    pub fn go_to_end(&mut self) {
        self.jump = Some(Jump::End);
    }

    /// Keeps an entry on the screen while others arrive below it.
    pub fn hold(&mut self, key: Key) {
        if self.jump.is_none() {
            self.jump = Some(Jump::Below(key));
        }
    }

    /// Lets go of the selected words. Whether there were any.
    pub fn drop_selection(&mut self) -> bool {
        self.selection.take().is_some()
    }

    /// What is on the screen counts as seen anew.
    pub const fn forget_seen(&mut self) {
        self.seen = None;
    }

    /// Whether the end is on the screen.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Whether words are selected.
    #[must_use]
    pub const fn has_selection(&self) -> bool {
        self.selection.is_some()
    }

    /// Entries of others below what was seen.
    #[must_use]
    pub fn unseen(&self) -> usize {
        let Some(seen) = self.seen else { return 0 };
        let newer = self.rows.iter().rev().take_while(|row| row.entry.key > seen);
        newer.filter(|row| matches!(&row.entry.kind, EntryKind::Message(written) if !written.own)).count()
    }

    /// Takes the entries over, keeping the heights that are known and the row that is anchored.
    pub(super) fn sync(&mut self, feed: &Feed<'_>, width: f32) {
        if self.synced == Some((feed.revision, feed.new_from)) {
            return;
        }
        let anchored = match self.anchor {
            Anchor::End => None,
            Anchor::Row { row, offset } => self.rows.get(row).map(|row| (row.entry.key, offset)),
        };
        let same =
            if self.synced.is_some_and(|(_, new)| new == feed.new_from) { unchanged(&self.rows, feed) } else { 0 };
        let old = self.rows.split_off(same);
        let old: Vec<(Key, f32)> =
            old.iter().enumerate().map(|(index, row)| (row.entry.key, self.heights.get(same + index))).collect();
        self.heights.truncate(same);
        append(&mut self.rows, feed);
        self.carry(&old, same, width);
        if let Some((key, offset)) = anchored {
            let row = self.rows.partition_point(|row| row.entry.key < key);
            self.anchor = Anchor::Row { row: row.min(self.rows.len().saturating_sub(1)), offset };
        }
        self.synced = Some((feed.revision, feed.new_from));
    }

    /// Gives each row from this one on its known height, or a guess; both lists go by key.
    fn carry(&mut self, old: &[(Key, f32)], from: usize, width: f32) {
        let mut old = old.iter().peekable();
        for row in self.rows.iter().skip(from) {
            while old.next_if(|(known, _)| *known < row.entry.key).is_some() {}
            let known = old.next_if(|(known, _)| *known == row.entry.key);
            self.heights.push(known.map_or_else(|| guess(row, width), |(_, height)| *height));
        }
    }

    /// Lays a row out and corrects its height.
    pub(super) fn measure(&mut self, painter: &Painter, setting: &Setting<'_>, row: usize) -> f32 {
        let Some(place) = self.rows.get(row) else { return 0.0 };
        let height = self.cache.body(painter, setting, place).height;
        if (self.heights.get(row) - height).abs() > f32::EPSILON {
            self.heights.set(row, height);
        }
        height
    }

    /// Resolves a wish to be elsewhere.
    pub(super) fn resolve_jump(&mut self, feed: &Feed<'_>, height: f32, now: f64, motion: Motion) -> Option<Key> {
        match self.jump.take()? {
            Jump::First if feed.more_before => self.jump = Some(Jump::First),
            Jump::First => self.scroll_to_top(),
            Jump::End => self.start_glide(height, now, motion),
            Jump::To(key) => match self.rows.binary_search_by_key(&key, |row| row.entry.key) {
                Ok(row) => {
                    self.anchor = Anchor::Row { row, offset: height * FOUND_AT };
                    self.highlight = Some(Highlight { key, since: now });
                }
                Err(_) => return Some(key),
            },
            Jump::Below(key) => {
                let row = self.rows.partition_point(|row| row.entry.key < key);
                self.anchor =
                    if row < self.rows.len() { Anchor::Row { row, offset: height * NEW_AT } } else { Anchor::End };
            }
        }
        None
    }

    fn start_glide(&mut self, height: f32, now: f64, motion: Motion) {
        let from = match self.anchor {
            Anchor::End => return,
            Anchor::Row { row, offset } => self.heights.above(row) - f64::from(offset),
        };
        self.anchor = Anchor::End;
        if motion == Motion::Full {
            let distance = (self.heights.total() - f64::from(height) - from).clamp(0.0, f64::from(height));
            self.glide = Some(Glide { since: now, distance: points(distance) });
        }
    }
}

/// A found message stands at this part of the height.
const FOUND_AT: f32 = 0.33;
/// The first new message stands at this part of the height.
const NEW_AT: f32 = 0.4;
/// Mean width of a letter in a message.
const LETTER: f32 = 7.0;

/// The height of a row before it is laid out.
fn guess(row: &Row, width: f32) -> f32 {
    let per_line = ((width - region::GUTTER - region::META_COLUMN).clamp(LETTER, region::TEXT_MAX) / LETTER).max(1.0);
    let lines: f32 = row.entry.text.lines().map(|line| (line.len() as f32 / per_line).ceil().max(1.0)).sum();
    let day = if row.place.day.is_some() { region::DAY_ROW } else { 0.0 };
    let head = if row.place.head { region::GROUP_GAP + style::STRONG.line } else { region::FOLLOW_GAP };
    day + head + lines.max(1.0) * style::BODY.line
}
