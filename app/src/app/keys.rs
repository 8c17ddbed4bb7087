//! Which commands the keys of a frame give.

use eframe::egui::{Context, Key, Modifiers};

use super::command::{COMMAND_ENTRIES, CommandEntry, CommandId, Shortcut};

/// What the keys give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A command.
    Command(CommandId),
    /// The tab with this index.
    Tab(usize),
}

const DIGITS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// Takes the keys of commands out of the input, before any widget sees them. Esc is left to the widgets: whoever
/// has something to cancel comes first.
pub(super) fn taken(ctx: &Context, is_enabled: impl Fn(&CommandEntry) -> bool) -> Vec<Given> {
    if !ctx.input(|input| input.events.iter().any(|event| matches!(event, eframe::egui::Event::Key { .. }))) {
        return Vec::new();
    }
    let mut given = Vec::new();
    let enabled = || COMMAND_ENTRIES.iter().filter(|entry| is_enabled(entry));
    ctx.input_mut(|input| {
        let mut bound: Vec<_> = enabled()
            .filter(|entry| entry.id != CommandId::Cancel)
            .filter_map(|entry| match entry.shortcut? {
                Shortcut::Key(shortcut) => Some((shortcut, entry.id)),
                Shortcut::Digit(_) => None,
            })
            .collect();
        // A shortcut with fewer modifiers would take the one with more.
        bound.sort_by_key(|(shortcut, _)| std::cmp::Reverse(weight(shortcut.modifiers)));
        for (shortcut, id) in bound {
            if input.consume_shortcut(&shortcut) {
                given.push(Given::Command(id));
            }
        }
        if enabled().any(|entry| matches!(entry.shortcut, Some(Shortcut::Digit(_)))) {
            let pressed = DIGITS.iter().position(|&digit| input.consume_key(Modifiers::COMMAND, digit));
            given.extend(pressed.map(Given::Tab));
        }
    });
    given
}

/// How many modifiers are held.
fn weight(modifiers: Modifiers) -> u8 {
    [modifiers.command, modifiers.ctrl, modifiers.alt, modifiers.shift].into_iter().map(u8::from).sum()
}
