//! How keys are written: as on the caps of the keyboard before the user.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

/// Keys that are shown by their sign.
const SIGNS: [(Key, &str); 6] = [
    (Key::ArrowDown, "↓"),
    (Key::ArrowUp, "↑"),
    (Key::Comma, ","),
    (Key::Slash, "/"),
    (Key::Plus, "+"),
    (Key::Minus, "-"),
];

/// What the keys beside the letters are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caps {
    /// On most keyboards.
    Words,
    /// On those of Apple, where a key of its own gives commands.
    Apple,
}

impl Caps {
    /// Of this system.
    const fn here() -> Self {
        if cfg!(target_os = "macos") { Self::Apple } else { Self::Words }
    }

    const fn command(self) -> &'static str {
        match self {
            Self::Words => "Ctrl",
            Self::Apple => "⌘",
        }
    }

    const fn control(self) -> &'static str {
        match self {
            Self::Words => "Ctrl",
            Self::Apple => "⌃",
        }
    }

    const fn alt(self) -> &'static str {
        match self {
            Self::Words => "Alt",
            Self::Apple => "⌥",
        }
    }

    const fn shift(self) -> &'static str {
        match self {
            Self::Words => "Shift",
            Self::Apple => "⇧",
        }
    }

    fn text(self, keys: KeyboardShortcut) -> String {
        let Modifiers { alt, ctrl, shift, command, .. } = keys.modifiers;
        let held =
            [(command, self.command()), (ctrl && !command, self.control()), (alt, self.alt()), (shift, self.shift())];
        let mut parts: Vec<&str> = held.into_iter().filter_map(|(is_held, cap)| is_held.then_some(cap)).collect();
        let sign = SIGNS.iter().find(|(key, _)| *key == keys.logical_key);
        parts.push(sign.map_or_else(|| keys.logical_key.name(), |(_, sign)| sign));
        parts.join(" ")
    }

    fn translated(self, words: &str) -> String {
        words.replace("Ctrl", self.command()).replace("Shift", self.shift()).replace("Alt", self.alt())
    }
}

/// The keys as caps show them: "Ctrl Shift F".
#[must_use]
pub fn keys_text(keys: &KeyboardShortcut) -> String {
    Caps::here().text(*keys)
}

/// Words about keys, written for keyboards with *Ctrl*, for the keyboard of this system.
#[must_use]
pub fn on_caps(words: &str) -> String {
    Caps::here().translated(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

    fn both(modifiers: Modifiers, key: Key) -> (String, String) {
        let keys = KeyboardShortcut::new(modifiers, key);
        (Caps::Words.text(keys), Caps::Apple.text(keys))
    }

    fn pair(words: &str, apple: &str) -> (String, String) {
        (words.to_owned(), apple.to_owned())
    }

    #[test]
    fn keys_are_written_as_on_the_caps_of_either_keyboard() {
        assert_eq!(both(COMMAND_SHIFT, Key::F), pair("Ctrl Shift F", "⌘ ⇧ F"));
        assert_eq!(both(Modifiers::ALT.plus(Modifiers::SHIFT), Key::ArrowDown), pair("Alt Shift ↓", "⌥ ⇧ ↓"));
        assert_eq!(both(Modifiers::CTRL, Key::Tab), pair("Ctrl Tab", "⌃ Tab"));
    }

    #[test]
    fn words_about_keys_name_the_key_that_gives_commands_there() {
        let words = "Ctrl+Enter sends, Enter makes a new line.";
        assert_eq!(Caps::Words.translated(words), words);
        assert_eq!(Caps::Apple.translated(words), "⌘+Enter sends, Enter makes a new line.");
    }
}
