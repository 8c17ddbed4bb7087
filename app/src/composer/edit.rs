//! The text of a composer: sending, line breaks, the cursor.

use eframe::egui::{
    Event, EventFilter, Frame, Id, ImeEvent, Key, KeyboardShortcut, Margin, Modifiers, Popup, Rect, Response,
    TextBuffer, TextEdit, Ui, UiBuilder,
    text::{CCursor, CCursorRange, TextWrapping},
};

use super::{Composer, ComposerState, SendKey};
use crate::theme::{ink, palette, style};

/// What came of the keys of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) send: bool,
    pub(super) escape: bool,
    pub(super) recall: bool,
}

/// What Tab does in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// Goes to the next control.
    LeadsOn,
    /// Completes the word.
    Completes,
    /// Makes room at the left, in code.
    Indents,
}

/// What opens and closes a block of code.
const FENCE: &str = "```";

/// Whether a place in the text lies in a block of code that is not closed before it.
pub(super) fn is_in_code(text: &str, cursor: usize) -> bool {
    let before = text.get(..cursor).unwrap_or(text);
    before.lines().filter(|line| line.trim_start().starts_with(FENCE)).count() % 2 == 1
}

/// Takes the key that sends out of the events, unless an input method is at work.
pub(super) fn take_keys(ui: &Ui, composer: &mut Composer, state: &ComposerState<'_>) -> Keys {
    if !ui.memory(|memory| memory.has_focus(state.id)) {
        return Keys::default();
    }
    let was_composing = composer.composing;
    let mut committed = false;
    ui.input(|input| {
        for event in &input.events {
            if let Event::Ime(ImeEvent::Preedit { text, .. }) = event {
                composer.composing = !text.is_empty();
            } else if let Event::Ime(ImeEvent::Commit(_)) = event {
                composer.composing = false;
                committed = true;
            }
        }
    });
    if was_composing || composer.composing || committed {
        ui.input_mut(|input| input.events.retain(|event| !is_enter(event, |_| true)));
        return Keys::default();
    }
    let sends = |modifiers: &Modifiers| match state.send_key {
        SendKey::Enter => !modifiers.shift && !modifiers.alt,
        SendKey::CtrlEnter => modifiers.command,
    };
    let empty = composer.text.is_empty();
    ui.input_mut(|input| {
        let send = input.events.iter().any(|event| is_enter(event, sends));
        input.events.retain(|event| !is_enter(event, sends));
        let recall = empty && input.key_pressed(Key::ArrowUp) && input.modifiers.is_none();
        Keys { send, escape: input.key_pressed(Key::Escape), recall }
    })
}

fn is_enter(event: &Event, fits: impl Fn(&Modifiers) -> bool) -> bool {
    matches!(event, Event::Key { key: Key::Enter, pressed: true, modifiers, .. } if fits(modifiers))
}

/// Gives the keyboard to the composer when somebody types, no text field has it and nothing lies above the chat.
pub(super) fn catch_typing(ui: &Ui, composer: &mut Composer, id: Id) {
    if !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
        return;
    }
    // A blank presses the button that has the keyboard; letters mean nothing to a button.
    let nothing_focused = ui.memory(|memory| memory.focused().is_none());
    let means_text = |text: &str| nothing_focused || !text.trim().is_empty();
    let typed = |event: &Event| {
        matches!(event, Event::Text(text) if means_text(text)) || matches!(event, Event::Paste(_) | Event::Ime(_))
    };
    let typing = !ui.ctx().text_edit_focused() && ui.input(|input| input.events.iter().any(typed));
    if Popup::is_any_open(ui.ctx()) {
        if !typing {
            return;
        }
        // Whoever types wants to write: what has popped up goes.
        Popup::close_all(ui.ctx());
    }
    if typing || std::mem::take(&mut composer.wants_focus) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

/// How high the text is at a width, in points.
pub(super) fn text_height(ui: &Ui, text: &str, width: f32) -> f32 {
    layout(ui, text, width).size().y.max(style::BODY.line)
}

fn layout(ui: &Ui, text: &str, width: f32) -> std::sync::Arc<eframe::egui::Galley> {
    let mut job = ink(style::BODY, palette(ui).text).job(text, TextWrapping::wrap_at_width(width));
    job.keep_trailing_whitespace = true;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Draws the text; its response, and where the cursor is, in bytes.
pub(super) fn text(
    ui: &mut Ui,
    composer: &mut Composer,
    state: &ComposerState<'_>,
    rect: Rect,
    tab: Tab,
) -> (Response, Option<usize>) {
    if tab == Tab::Completes && ui.memory(|memory| memory.has_focus(state.id)) {
        // What Tab has completed, or could not, is no indentation.
        ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));
    }
    if let Some(cursor) = composer.cursor.take() {
        let mut edit = TextEdit::load_state(ui.ctx(), state.id).unwrap_or_default();
        edit.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(cursor))));
        TextEdit::store_state(ui.ctx(), state.id, edit);
    }
    let return_key = match state.send_key {
        SendKey::Enter => KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter),
        SendKey::CtrlEnter => KeyboardShortcut::new(Modifiers::NONE, Key::Enter),
    };
    let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| layout(ui, text.as_str(), width);
    let edit = TextEdit::multiline(&mut composer.text)
        .id(state.id)
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(rect.width())
        .desired_rows(1)
        .return_key(return_key)
        .event_filter(EventFilter {
            tab: tab != Tab::LeadsOn,
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: true,
        })
        .layouter(&mut layouter);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(child.clip_rect().intersect(rect));
    let scroll = eframe::egui::ScrollArea::vertical().id_salt("composer").auto_shrink([false, false]);
    let output = scroll.show(&mut child, |ui| edit.show(ui)).inner;
    let cursor = output.cursor_range.map(|range| byte_at(&composer.text, range.primary.index.0));
    (output.response.response.accessible_name(state.placeholder), cursor)
}

/// The byte at which a character begins.
pub(super) fn byte_at(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
}

impl Composer {
    /// Puts `new` in place of the bytes from `start` to `end`, with the cursor behind it.
    pub(super) fn replace(&mut self, start: usize, end: usize, new: &str) {
        if !self.text.is_char_boundary(start) || !self.text.is_char_boundary(end) || start > end {
            return;
        }
        self.text.replace_range(start..end, new);
        let before = self.text.get(..start + new.len()).unwrap_or_default();
        self.cursor = Some(before.chars().count());
        self.wants_focus = true;
    }

    /// Puts `new` at the cursor.
    pub(super) fn insert(&mut self, cursor: Option<usize>, new: &str) {
        let at = cursor.unwrap_or(self.text.len()).min(self.text.len());
        self.replace(at, at, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_open_from_its_fence_to_the_next_one() {
        let text = "see\n```rust\nlet a = 1;\n```\ndone";
        let at = |words: &str| text.find(words).unwrap();
        assert!(!is_in_code(text, at("see")));
        assert!(is_in_code(text, at("let")));
        assert!(!is_in_code(text, at("done")));
    }
}
