//! Choosing a message with keys, and what keys do with the one that is chosen.

use eframe::egui::{Event, EventFilter, Key as KeyName, Modifiers, Popup, Response, Ui};

use super::entry::{EntryKind, Key, TimelineAction};
use super::list::{Timeline, Wanted};
use super::menu::{may_delete, may_retry, shown};
use super::scroll::Placed;

impl Timeline {
    /// Chooses the last message, and takes the keyboard in the next frame.
    pub fn choose_last(&mut self) {
        self.chosen = self.rows.iter().rev().find(|row| is_message(&row.entry.kind)).map(|row| row.entry.key);
        if self.chosen.is_some() {
            self.wanted = Wanted::Messages;
        }
    }

    /// Whether a tool of the chosen message has the keyboard.
    fn is_in_tools(&self, ui: &Ui) -> bool {
        ui.memory(eframe::egui::Memory::focused).is_some_and(|id| self.tools.contains(&id))
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
    if timeline.chosen.is_some() && timeline.wanted == Wanted::Messages {
        timeline.wanted = Wanted::Nothing;
        ground.request_focus();
        return timeline.chosen.map(|key| timeline.rows.partition_point(|row| row.entry.key < key));
    }
    if !ground.has_focus() {
        // The message stays chosen while its tools or its menu have the keyboard.
        if !timeline.is_in_tools(ui) && !Popup::is_any_open(ui.ctx()) {
            timeline.chosen = None;
        }
        return None;
    }
    let filter = EventFilter { vertical_arrows: true, tab: timeline.chosen.is_some(), ..EventFilter::default() };
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
    if take(KeyName::Tab) {
        timeline.wanted = Wanted::Tools;
    }
    if take(KeyName::Menu) || ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, KeyName::F10)) {
        timeline.wanted = Wanted::Menu;
    }
    let Some((entry, written)) = timeline.written(key) else {
        // What can be done with a file stands in its menu.
        if take(KeyName::Enter) {
            timeline.wanted = Wanted::Menu;
        }
        return;
    };
    if letter(ui, "r") || take(KeyName::Enter) {
        actions.push(TimelineAction::Reply(key));
        timeline.chosen = None;
    } else if may_retry(&written) && letter(ui, "t") {
        actions.push(TimelineAction::Retry(key));
        timeline.chosen = None;
    } else if may_delete(&written) && take(KeyName::Delete) {
        actions.push(TimelineAction::Delete(key));
        timeline.chosen = None;
    }
    let (copies, shift) =
        ui.input(|input| (input.events.iter().any(|event| matches!(event, Event::Copy)), input.modifiers.shift));
    if copies && timeline.selection.is_none() {
        // With Shift, without the marks of its forms.
        ui.ctx().copy_text(if shift { shown(&entry.text) } else { entry.text.clone() });
    }
}

/// Whether a letter was typed, which is then written nowhere.
fn letter(ui: &Ui, letter: &str) -> bool {
    ui.input_mut(|input| {
        let count = input.events.len();
        input.events.retain(|event| !matches!(event, Event::Text(text) if text.eq_ignore_ascii_case(letter)));
        input.events.len() < count
    })
}
