//! Choosing a message with keys, and what keys do with the one that is chosen.

use eframe::egui::{Context, Event, EventFilter, Id, Key as KeyName, Modifiers, Response, Ui};

use super::entry::{EntryKind, Key, TimelineAction};
use super::hover::{copy, may_delete};
use super::list::Timeline;
use super::scroll::Placed;

/// The messages have the keyboard in the next frame, with the last one chosen.
#[derive(Clone, Copy, Default)]
struct Wanted;

fn wanted() -> Id {
    Id::unique("choose the last message")
}

impl Timeline {
    /// Chooses the last message, and takes the keyboard in the next frame.
    pub fn choose_last(&mut self, ctx: &Context) {
        self.chosen = self.rows.iter().rev().find(|row| is_message(&row.entry.kind)).map(|row| row.entry.key);
        if self.chosen.is_some() {
            ctx.data_mut(|data| data.insert_temp(wanted(), Wanted));
        }
    }

    /// The message next to the chosen one; of none, the lowest that is on the screen.
    fn step(&self, placed: &Placed, towards: Towards) -> Option<usize> {
        let is_message = |row: &usize| self.rows.get(*row).is_some_and(|row| is_message(&row.entry.kind));
        let chosen = self.chosen.map(|key| self.rows.partition_point(|row| row.entry.key < key));
        match (chosen, towards) {
            (None, _) => placed.iter().rev().map(|&(row, _)| row).find(is_message),
            (Some(row), Towards::Newer) => (row + 1..self.rows.len()).find(is_message),
            (Some(row), Towards::Older) => (0..row).rev().find(is_message),
        }
    }
}

/// Which way a step goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Towards {
    Older,
    Newer,
}

const fn is_message(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::Message(_))
}

/// Takes the keys that choose a message and do something with it; the row that was chosen in this frame.
pub(super) fn keys(
    ui: &Ui,
    timeline: &mut Timeline,
    ground: &Response,
    placed: &Placed,
    actions: &mut Vec<TimelineAction>,
) -> Option<usize> {
    if timeline.chosen.is_some() && ui.data(|data| data.get_temp::<Wanted>(wanted())).is_some() {
        ui.data_mut(|data| data.remove::<Wanted>(wanted()));
        ground.request_focus();
        return timeline.chosen.map(|key| timeline.rows.partition_point(|row| row.entry.key < key));
    }
    if !ground.has_focus() {
        timeline.chosen = None;
        return None;
    }
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(ground.id, filter));
    let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let up = take(KeyName::ArrowUp);
    if up || take(KeyName::ArrowDown) {
        let row = timeline.step(placed, if up { Towards::Older } else { Towards::Newer })?;
        timeline.chosen = timeline.rows.get(row).map(|row| row.entry.key);
        return Some(row);
    }
    if let Some(key) = timeline.chosen {
        with_chosen(ui, timeline, key, actions);
    }
    None
}

fn with_chosen(ui: &Ui, timeline: &mut Timeline, key: Key, actions: &mut Vec<TimelineAction>) {
    let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    // Its letter must not be written into the answer.
    let letter = ui.input_mut(|input| {
        let count = input.events.len();
        input.events.retain(|event| !matches!(event, Event::Text(text) if text == "r" || text == "R"));
        input.events.len() < count
    });
    if take(KeyName::Enter) || letter {
        actions.push(TimelineAction::Reply(key));
        timeline.chosen = None;
    } else if take(KeyName::Delete) && may_delete(timeline, key) {
        actions.push(TimelineAction::Delete(key));
        timeline.chosen = None;
    }
    let copies = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    if copies && timeline.selection.is_none() {
        copy(ui, timeline, key);
    }
}
