//! Where the rows lie: upwards and downwards from the anchor, so that a corrected height above moves nothing.

use std::collections::VecDeque;

use eframe::egui::{Painter, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::body::Setting;
use super::heights::points;
use super::list::{Anchor, Timeline};
use crate::kit::fill;
use crate::theme::{SCROLL_BAR, motion, palette, space};

/// Room above the first row and below the last.
const PAD_TOP: f32 = 8.0;
const PAD_BELOW: f32 = 10.0;
/// The handle of the scroll bar is at least this high.
const HANDLE_LEAST: f32 = 32.0;
/// One press of Page Up or Page Down leaves this much in sight.
const PAGE_KEPT: f32 = 48.0;

/// Rows on the screen with their upper edges, from the top of the timeline.
pub(super) type Placed = VecDeque<(usize, f32)>;

impl Timeline {
    /// Moves the content by `delta` points downwards.
    pub(super) fn scroll_by(&mut self, delta: f32, height: f32) {
        if delta == 0.0 {
            return;
        }
        self.glide = None;
        let (row, offset) = match self.anchor {
            Anchor::Row { row, offset } => (row, offset),
            Anchor::End if delta < 0.0 => return,
            Anchor::End => {
                let last = self.rows.len().saturating_sub(1);
                (last, height - PAD_BELOW - self.heights.get(last))
            }
        };
        self.anchor = Anchor::Row { row, offset: offset + delta };
    }

    /// Moves by a page.
    pub(super) fn scroll_page(&mut self, direction: f32, height: f32) {
        self.scroll_by(direction * (height - PAGE_KEPT).max(PAGE_KEPT), height);
    }

    /// Scrolls as little as shows a row whole, or its upper edge if it is higher than the view.
    pub(super) fn bring_into_view(&mut self, painter: &Painter, setting: &Setting<'_>, row: usize, height: f32) {
        let tall = self.measure(painter, setting, row);
        let shown_from = match self.anchor {
            Anchor::Row { row: first, offset } => points(self.heights.above(row) - self.heights.above(first)) + offset,
            Anchor::End => height - PAD_BELOW - points(self.heights.total() - self.heights.above(row)),
        };
        if shown_from < PAD_TOP {
            self.anchor = Anchor::Row { row, offset: PAD_TOP };
        } else if shown_from + tall > height - PAD_BELOW {
            self.anchor = Anchor::Row { row, offset: (height - PAD_BELOW - tall).max(PAD_TOP) };
        }
    }

    /// Shows the first row there is.
    pub(super) fn scroll_to_top(&mut self) {
        self.anchor = Anchor::Row { row: 0, offset: PAD_TOP };
    }

    /// Places the rows for a height and takes up a new anchor.
    pub(super) fn place(&mut self, painter: &Painter, setting: &Setting<'_>, height: f32, now: f64) -> Placed {
        let count = self.rows.len();
        let mut placed = Placed::new();
        if count == 0 {
            self.at_end = true;
            return placed;
        }
        let (mut first, mut top) = match self.anchor {
            Anchor::Row { row, offset } => (row.min(count - 1), offset),
            Anchor::End => (count - 1, self.end_offset(painter, setting, height, now)),
        };
        while top > PAD_TOP && first > 0 {
            first -= 1;
            top -= self.measure(painter, setting, first);
        }
        let mut y = top.min(PAD_TOP);
        let mut row = first;
        while row < count && (y < height || placed.is_empty()) {
            placed.push_back((row, y));
            y += self.measure(painter, setting, row);
            row += 1;
        }
        if row == count && y < height - PAD_BELOW && self.glide.is_none() {
            let room = height - PAD_BELOW - y;
            self.pull_down(painter, setting, room, &mut placed);
            y += room;
        }
        self.at_end = row == count && y <= height - PAD_BELOW + 1.0;
        self.settle(painter, setting, &placed);
        placed
    }

    fn end_offset(&mut self, painter: &Painter, setting: &Setting<'_>, height: f32, now: f64) -> f32 {
        let last = self.rows.len() - 1;
        let glided = self.glide.map_or(0.0, |glide| {
            let part = points(now - glide.since) * 1000.0 / motion::SCROLL_MS;
            let left = (1.0 - part).clamp(0.0, 1.0);
            glide.distance * left * left
        });
        if glided <= 0.5 {
            self.glide = None;
        }
        height - PAD_BELOW - self.measure(painter, setting, last) + glided
    }

    /// Moves the rows down by the room below the last one, and fills up from above.
    fn pull_down(&mut self, painter: &Painter, setting: &Setting<'_>, room: f32, placed: &mut Placed) {
        for (_, y) in placed.iter_mut() {
            *y += room;
        }
        while let Some(&(first, top)) = placed.front() {
            if top <= PAD_TOP || first == 0 {
                break;
            }
            let height = self.measure(painter, setting, first - 1);
            placed.push_front((first - 1, top - height));
        }
    }

    /// The first row that is on the screen becomes the anchor, or the end if it is in sight.
    fn settle(&mut self, painter: &Painter, setting: &Setting<'_>, placed: &Placed) {
        if self.glide.is_some() {
            return;
        }
        if self.at_end {
            self.anchor = Anchor::End;
            return;
        }
        for &(row, offset) in placed {
            if offset + self.measure(painter, setting, row) > 0.0 {
                self.anchor = Anchor::Row { row, offset };
                return;
            }
        }
    }

    /// Draws the scroll bar and follows the pointer that drags it.
    pub(super) fn scroll_bar(&mut self, ui: &Ui, rect: Rect, placed: &Placed) {
        let total = points(self.heights.total()) + PAD_TOP + PAD_BELOW;
        if total <= rect.height() {
            return;
        }
        let Some(&(first, offset)) = placed.front() else { return };
        let above = points(self.heights.above(first)) - offset;
        let long = (rect.height() * rect.height() / total).max(HANDLE_LEAST).min(rect.height());
        let room = rect.height() - long;
        let most = (total - rect.height()).max(1.0);
        let track = Rect::from_min_max(rect.right_top() - Vec2::new(2.0 * SCROLL_BAR, 0.0), rect.max);
        // By pointer alone: keys scroll from anywhere, and Tab passes it by.
        let response = ui.interact(track, ui.scope_id().with("scroll bar"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll bar of the messages"));
        let colours = palette(ui);
        let top = rect.top() + room * (above / most).clamp(0.0, 1.0);
        let handle = Rect::from_min_size(
            eframe::egui::pos2(rect.right() - SCROLL_BAR - space::X1, top),
            Vec2::new(SCROLL_BAR, long),
        );
        let active = response.hovered() || response.dragged();
        let colour = if active { colours.text_3 } else { colours.line_field.gamma_multiply(RESTING) };
        fill(ui.painter(), handle.shrink2(Vec2::new(0.0, space::X1)), SCROLL_BAR / 2.0, colour);
        if let Some(pointer) = response.interact_pointer_pos() {
            let part = ((pointer.y - rect.top() - long / 2.0) / room.max(1.0)).clamp(0.0, 1.0);
            let (row, into) = self.heights.at(f64::from(part * most));
            self.glide = None;
            self.anchor = if part >= 1.0 { Anchor::End } else { Anchor::Row { row, offset: PAD_TOP - points(into) } };
        }
    }
}

/// A resting handle is this strong.
const RESTING: f32 = 0.6;
