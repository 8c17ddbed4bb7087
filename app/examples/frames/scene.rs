//! A timeline without a window.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::accesskit::TreeUpdate;
use eframe::egui::{self, Context, Event, MouseWheelUnit, Pos2, RawInput, Rect, Vec2};
use jiff::civil::{Date, date};
use whoelse::theme;
use whoelse::timeline::{Company, Entry, EntryKind, Feed, Key, Look, Mark, Route, Timeline, Written, show};

use crate::clock::measured;

const DAY: Date = date(2026, 11, 20);
const SIZE: Vec2 = Vec2::new(992.0, 620.0);
/// Messages that the model keeps of a chat at once.
const WINDOW: usize = 5_000;
/// Frames after which nothing is new to egui: fonts, layouts, glides.
const SETTLES: usize = 30;
const FRAME_S: f64 = 1.0 / 60.0;

/// A timeline with its messages.
pub(crate) struct Scene {
    ctx: Context,
    timeline: Timeline,
    entries: Vec<Arc<Entry>>,
    revision: u64,
    time: f64,
    events: Vec<Event>,
    tree: Option<TreeUpdate>,
}

impl Scene {
    /// One with messages of these numbers.
    pub(crate) fn of(numbers: Range<u64>) -> Self {
        let ctx = Context::default();
        theme::install_fonts(&ctx);
        theme::apply(&ctx, theme::TextSize::Normal, 1.0, theme::Motion::Reduced);
        let entries = numbers.map(entry).collect();
        let events = vec![Event::PointerMoved(Pos2::new(400.0, 300.0))];
        Self { ctx, timeline: Timeline::opened_at(None), entries, revision: 1, time: 0.0, events, tree: None }
    }

    /// The same, telling what stands where.
    pub(crate) fn read_aloud(self) -> Self {
        self.ctx.enable_accesskit();
        self
    }

    /// Draws until nothing changes by itself.
    pub(crate) fn settle(&mut self) {
        for _ in 0..SETTLES {
            self.frame();
        }
    }

    /// Draws a frame; the milliseconds of it.
    pub(crate) fn frame(&mut self) -> f64 {
        self.time += FRAME_S;
        let rect = Rect::from_min_size(Pos2::ZERO, SIZE);
        let events = std::mem::take(&mut self.events);
        let input = RawInput { screen_rect: Some(rect), time: Some(self.time), events, ..RawInput::default() };
        let Self { ctx, timeline, entries, revision, tree, .. } = self;
        measured(|| {
            let output = ctx.run_ui(input, |ui| {
                let feed = feed(entries, *revision);
                show(ui, rect, timeline, &feed);
            });
            std::hint::black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
            *tree = output.platform_output.accesskit_update;
        })
    }

    /// Turns the wheel towards older messages.
    pub(crate) fn scroll(&mut self, points: f32) {
        self.events.push(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: Vec2::new(0.0, points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: egui::Modifiers::NONE,
        });
    }

    /// Goes to a message.
    pub(crate) fn jump(&mut self, number: u64) {
        self.timeline.go_to(Key(number));
    }

    /// Puts messages behind the last one, and lets the oldest go as the model does.
    pub(crate) fn arrive(&mut self, numbers: Range<u64>) {
        self.entries.extend(numbers.map(entry));
        let surplus = self.entries.len().saturating_sub(WINDOW);
        self.entries.drain(..surplus);
        self.revision += 1;
    }

    /// Puts messages before the first one.
    pub(crate) fn put_above(&mut self, numbers: Range<u64>) {
        self.entries.splice(0..0, numbers.map(entry));
        self.revision += 1;
    }

    /// Where a message stands, from the top, in the last frame; `None` if it is not on the screen.
    pub(crate) fn place(&self, number: u64) -> Option<f32> {
        let words = format!("number {number} ");
        let nodes = &self.tree.as_ref()?.nodes;
        let (_, node) = nodes.iter().find(|(_, node)| node.label().is_some_and(|label| label.contains(&words)))?;
        #[allow(clippy::cast_possible_truncation, reason = "a place on a screen")]
        node.bounds().map(|bounds| bounds.y1 as f32)
    }
}

fn feed(entries: &[Arc<Entry>], revision: u64) -> Feed<'_> {
    Feed {
        name: "yoda",
        entries,
        revision,
        today: DAY,
        new_from: None,
        more_before: false,
        more_after: false,
        unread: 0,
        look: Look::Compact,
        route: Route::Server,
        company: Company::Two,
        query: "",
    }
}

/// A message: some short, some of several lines, some own, a day every few hundred.
fn entry(number: u64) -> Arc<Entry> {
    let own = number.is_multiple_of(5);
    let repeat = usize::try_from(number % 11).unwrap_or(0) * 3;
    let text = format!("number {number} {}", "and **some** more words ".repeat(repeat));
    let written = Written {
        author: if own { "hans" } else { "yoda" }.into(),
        own,
        quote: None,
        mark: own.then_some(Mark::Delivered),
        steps: Vec::new(),
        trouble: None,
        card: None,
    };
    let minutes = i64::try_from(number).unwrap_or_default() * 4;
    let at = date(2025, 1, 1).at(0, 0, 0, 0).saturating_add(jiff::Span::new().minutes(minutes));
    Arc::new(Entry { key: Key(number), kind: EntryKind::Message(written), text, at })
}
