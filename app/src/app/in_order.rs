//! Keys and clicks take effect in the order in which they were made, however many of them one frame brings.
//!
//! A frame hands the widgets all that was typed since the last one, and each widget picks out what it knows. Of a word, an
//! Enter and another word in one frame, the Enter is taken before the first word, and the other word goes where the
//! first one went; two presses of an arrow are taken as one. That is how keys go astray on a busy computer. So a frame
//! gets a run of letters, or one other key, or what the pointer did, and the rest waits for the frames behind it. What is
//! typed behind a key or a click that may move the keyboard waits until the keyboard rests.

use std::collections::VecDeque;

use eframe::egui::{Context, Event, Id, ImeEvent, Key, Modifiers, Plugin, RawInput, TouchPhase, Ui, ViewportIdMap};

/// Events that wait for one window; more than a person makes in a minute. Beyond it everything is handed over at once.
const MOST_WAITING: usize = 4_096;

/// Passes without a key during which the keyboard stays where it is before it counts as resting: a dialog takes it in
/// the second pass behind the key that opens it.
const RESTS_AFTER: u8 = 2;

/// Passes after which letters are handed over even if the keyboard does not come to rest.
const MOST_PASSES: u8 = 10;

/// Hands each frame of each window its share of what was typed and clicked.
#[derive(Debug, Default)]
pub struct InOrder {
    windows: ViewportIdMap<Window>,
}

impl InOrder {
    /// Lets a context take its input in order.
    pub fn install(ctx: &Context) {
        ctx.add_plugin(Self::default());
    }

    /// Whether something typed or clicked waits for a later frame.
    #[must_use]
    pub fn is_waiting(ctx: &Context) -> bool {
        let waits = |order: &mut Self| order.windows.values().any(|window| !window.waiting.is_empty());
        ctx.with_plugin(waits).unwrap_or(false)
    }
}

impl Plugin for InOrder {
    fn debug_name(&self) -> &'static str {
        "input in order"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let window = self.windows.entry(input.viewport_id).or_default();
        window.take(std::mem::take(&mut input.events));
        input.events = window.next_batch();
        if !window.waiting.is_empty() {
            ctx.request_repaint_of(input.viewport_id);
        }
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let focused = ui.memory(eframe::egui::Memory::focused);
        let writes = ui.ctx().text_edit_focused();
        if let Some(window) = self.windows.get_mut(&ui.ctx().viewport_id()) {
            window.drawn(focused, writes);
        }
    }
}

/// What kind of event it is, as far as order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Writes, or moves within what is written.
    Letters,
    /// Moves by one among rows, or scrolls.
    Step,
    /// May do anything, and move the keyboard.
    Command,
    /// A button of the pointer, or what a screen reader asks for.
    Click,
    /// Shift, Ctrl or Alt, which go with the keys behind them.
    Modifiers,
    /// Goes with whatever is beside it.
    Other,
}

/// What waits for one window.
#[derive(Debug)]
struct Window {
    waiting: VecDeque<Event>,
    rest: Rest,
    /// What had the keyboard at the end of the last pass, and whether one writes there.
    focused: Option<Id>,
    writes: bool,
}

/// Whether the keyboard rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Rests,
    /// Since so many passes nothing was handed over; the keyboard has not moved in so many of them.
    Moves {
        passes: u8,
        still: u8,
    },
}

impl Default for Window {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), rest: Rest::Rests, focused: None, writes: false }
    }
}

impl Window {
    /// Puts new events behind those that wait. A key that is held repeats itself: what waits of it is enough.
    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            if !self.repeats(&event) {
                self.waiting.push_back(event);
            }
        }
    }

    /// Whether the event is a press of a key whose last press waits, with no release between.
    fn repeats(&self, event: &Event) -> bool {
        let Event::Key { key: new, pressed: true, .. } = event else { return false };
        if matches!(self.kind(event), Kind::Letters) {
            return false;
        }
        let is_of_key = |waiting: &&Event| matches!(waiting, Event::Key { key, .. } if key == new);
        let last = self.waiting.iter().rev().find(is_of_key);
        matches!(last, Some(Event::Key { pressed: true, .. }))
    }

    /// The share of the next frame.
    fn next_batch(&mut self) -> Vec<Event> {
        if self.waiting.len() > MOST_WAITING {
            return self.waiting.drain(..).collect();
        }
        let mut batch = Vec::new();
        let mut holds = Kind::Other;
        let mut composed = false;
        while let Some(event) = self.waiting.front() {
            let kind = self.kind(event);
            // The Enter that ends a composition belongs to it, and must not be taken for one that sends.
            let ends_composition = composed && is_enter(event);
            if !ends_composition && !self.fits(holds, kind) {
                break;
            }
            composed |= matches!(event, Event::Ime(ImeEvent::Commit(_) | ImeEvent::Preedit { .. }));
            if !matches!(kind, Kind::Other | Kind::Modifiers) && !ends_composition {
                holds = kind;
            }
            batch.extend(self.waiting.pop_front());
        }
        if matches!(holds, Kind::Command | Kind::Click) {
            self.rest = Rest::Moves { passes: 0, still: 0 };
        }
        batch
    }

    /// Whether an event may go into a batch that holds this.
    fn fits(&self, holds: Kind, kind: Kind) -> bool {
        match (kind, holds) {
            (Kind::Other, _)
            | (Kind::Click, Kind::Other | Kind::Click)
            | (Kind::Modifiers, Kind::Other | Kind::Letters) => true,
            (Kind::Letters, Kind::Other | Kind::Letters) | (Kind::Step | Kind::Command, Kind::Other) => {
                self.rest == Rest::Rests
            }
            (Kind::Letters | Kind::Step | Kind::Command | Kind::Click | Kind::Modifiers, _) => false,
        }
    }

    /// A pass has ended.
    fn drawn(&mut self, focused: Option<Id>, writes: bool) {
        let stays = self.focused == focused;
        (self.focused, self.writes) = (focused, writes);
        let Rest::Moves { passes, still } = self.rest else { return };
        // The pass of the key itself counts as none.
        let still = if stays && passes > 0 { still + 1 } else { 0 };
        let passes = passes + 1;
        let rests = still >= RESTS_AFTER || passes > MOST_PASSES;
        self.rest = if rests { Rest::Rests } else { Rest::Moves { passes, still } };
    }

    fn kind(&self, event: &Event) -> Kind {
        if let Event::Key { key, pressed: true, modifiers, .. } = event {
            key_kind(*key, *modifiers, self.writes)
        } else if matches!(
            event,
            Event::Text(_) | Event::Paste(_) | Event::PasteImage(_) | Event::Copy | Event::Cut | Event::Ime(_)
        ) {
            Kind::Letters
        } else if matches!(
            event,
            Event::PointerButton { .. }
                | Event::MiddleClickPaste { .. }
                | Event::AccessKitActionRequest(_)
                | Event::Touch { phase: TouchPhase::Start | TouchPhase::End, .. }
        ) {
            Kind::Click
        } else if matches!(event, Event::ModifiersChanged(_)) {
            Kind::Modifiers
        } else {
            Kind::Other
        }
    }
}

const fn is_enter(event: &Event) -> bool {
    matches!(event, Event::Key { key: Key::Enter, pressed: true, .. })
}

fn key_kind(key: Key, modifiers: Modifiers, writes: bool) -> Kind {
    // AltGr is both on Windows, and writes.
    let commands = (modifiers.command || modifiers.ctrl) != modifiers.alt;
    let edits = !modifiers.alt && matches!(key, Key::Backspace | Key::Delete | Key::ArrowLeft | Key::ArrowRight);
    let steps = [Key::ArrowUp, Key::ArrowDown, Key::PageUp, Key::PageDown, Key::Home, Key::End];
    // A blank presses the button that has the keyboard.
    let decides = matches!(key, Key::Enter | Key::Tab | Key::Escape) || (key == Key::Space && !writes);
    if edits {
        Kind::Letters
    } else if commands || decides || is_function_key(key) {
        Kind::Command
    } else if steps.contains(&key) {
        Kind::Step
    } else {
        Kind::Letters
    }
}

fn is_function_key(key: Key) -> bool {
    key.name().strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use eframe::egui::{PointerButton, Pos2};

    use super::*;

    fn press(key: Key) -> [Event; 2] {
        [true, false].map(|pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        })
    }

    fn text(words: &str) -> Event {
        Event::Text(words.to_owned())
    }

    fn click() -> [Event; 2] {
        [true, false].map(|pressed| Event::PointerButton {
            pos: Pos2::ZERO,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        })
    }

    /// What each frame gets that gets something, with the keyboard at one place all the time.
    fn frames(events: impl IntoIterator<Item = Event>) -> Vec<Vec<Event>> {
        let mut window = Window::default();
        window.take(events.into_iter().collect());
        let mut frames = Vec::new();
        for _ in 0..100 {
            frames.push(window.next_batch());
            window.drawn(Some(Id::unique("field")), true);
        }
        assert!(window.waiting.is_empty());
        frames.retain(|frame| !frame.is_empty());
        frames
    }

    #[test]
    fn letters_of_a_word_share_a_frame_and_an_enter_has_its_own() {
        let [enter, released] = press(Key::Enter);
        let typed = [text("a"), text("b"), enter.clone(), released.clone(), text("c")];
        let expected = [vec![text("a"), text("b")], vec![enter, released], vec![text("c")]];
        assert_eq!(frames(typed), expected);
    }

    #[test]
    fn two_presses_of_an_arrow_are_two_frames() {
        let down = press(Key::ArrowDown);
        let typed = down.iter().chain(&down).cloned();
        assert_eq!(frames(typed), [down.to_vec(), down.to_vec()]);
    }

    #[test]
    fn a_key_that_is_held_does_not_pile_up() {
        let [down, released] = press(Key::PageDown);
        let held = std::iter::repeat_n(down.clone(), 50).chain([released.clone()]);
        assert_eq!(frames(held), [vec![down, released]]);
    }

    #[test]
    fn what_is_typed_behind_a_click_waits_for_the_keyboard() {
        let [down, up] = click();
        let mut window = Window::default();
        window.take(vec![text("a"), down.clone(), up.clone(), text("b")]);
        assert_eq!(window.next_batch(), [text("a")]);
        window.drawn(Some(Id::unique("one")), true);
        assert_eq!(window.next_batch(), [down, up]);
        window.drawn(Some(Id::unique("one")), true);
        for _ in 0..3 {
            assert_eq!(window.next_batch(), []);
            window.drawn(Some(Id::unique("two")), true);
        }
        assert_eq!(window.next_batch(), [text("b")]);
    }

    #[test]
    fn the_enter_that_ends_a_composition_stays_with_it() {
        let commit = Event::Ime(ImeEvent::Commit("日".to_owned()));
        let [enter, released] = press(Key::Enter);
        let typed = [commit.clone(), enter.clone(), released.clone()];
        assert_eq!(frames(typed), [vec![commit, enter, released]]);
    }

    #[test]
    fn a_keyboard_that_never_rests_holds_up_nobody() {
        let [tab, released] = press(Key::Tab);
        let mut window = Window::default();
        window.take(vec![tab, released, text("a")]);
        let mut passes = 0;
        while !window.waiting.is_empty() {
            window.next_batch();
            window.drawn(Some(Id::unique(passes)), true);
            passes += 1;
        }
        assert_eq!(passes, usize::from(MOST_PASSES) + 2);
    }

    #[test]
    fn a_blank_writes_where_one_writes_and_presses_a_button_elsewhere() {
        assert_eq!(key_kind(Key::Space, Modifiers::NONE, true), Kind::Letters);
        assert_eq!(key_kind(Key::Space, Modifiers::NONE, false), Kind::Command);
        assert_eq!(key_kind(Key::F, Modifiers::NONE, true), Kind::Letters);
        assert_eq!(key_kind(Key::F6, Modifiers::NONE, true), Kind::Command);
        assert_eq!(key_kind(Key::K, Modifiers::COMMAND, true), Kind::Command);
        assert_eq!(key_kind(Key::Q, Modifiers { alt: true, ..Modifiers::COMMAND }, true), Kind::Letters);
    }

    #[test]
    fn a_window_at_rest_gets_what_is_typed_at_once() {
        let ctx = Context::default();
        InOrder::install(&ctx);
        let input = RawInput { events: vec![text("a")], ..RawInput::default() };
        let mut seen = Vec::new();
        ctx.run_ui(input, |ui| seen = ui.input(|input| input.events.clone())).textures_delta.clear();
        assert_eq!(seen, [text("a")]);
        assert!(!InOrder::is_waiting(&ctx));
    }
}
