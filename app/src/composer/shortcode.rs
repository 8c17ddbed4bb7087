//! Shortcodes that become emoji as they are closed, and become themselves again with the next Backspace.

use eframe::egui::{Key, Modifiers, Ui};

use super::complete::closed_shortcode;
use super::{Composer, ComposerState, Shortcodes};

/// A shortcode that became its emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The text since then: any other change makes it final.
    text: String,
    /// Where the emoji begins and ends, in bytes.
    start: usize,
    end: usize,
    /// What was typed.
    typed: String,
}

/// Puts the emoji in place of the shortcode that was closed before the cursor.
pub(super) fn replace(composer: &mut Composer, state: &ComposerState<'_>, cursor: Option<usize>) {
    let Some(cursor) = cursor.filter(|_| state.shortcodes == Shortcodes::BecomeEmoji) else { return };
    let Some((start, emoji)) = closed_shortcode(&composer.text, cursor) else { return };
    let typed = composer.text.get(start..cursor).unwrap_or_default().to_owned();
    composer.replace(start, cursor, emoji);
    let text = composer.text.clone();
    composer.replaced = Some(Replaced { text, start, end: start + emoji.len(), typed });
}

/// Takes the Backspace that wants the shortcode back; whether there was one.
pub(super) fn undo(ui: &Ui, composer: &mut Composer, cursor: Option<usize>) -> bool {
    let Some(replaced) = composer.replaced.take_if(|replaced| replaced.text == composer.text) else {
        composer.replaced = None;
        return false;
    };
    let at_emoji = cursor == Some(replaced.end);
    if at_emoji && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Backspace)) {
        composer.replace(replaced.start, replaced.end, &replaced.typed);
        return true;
    }
    composer.replaced = Some(replaced);
    false
}
