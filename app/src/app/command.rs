//! The one list of what can be done from anywhere: it feeds menus, the palette, the keys and the list of keys. The
//! slash commands of `whoelse-model` stand in it by their [`CommandKind`].

use eframe::egui::{Key, KeyboardShortcut, Modifiers};
use lucide_icons::Icon;
use whoelse_model::command::{CommandKind, EnabledWhen};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandId {
    /// Go to a person, chat or command.
    Switcher,
    /// Write to everyone.
    Everyone,
    /// Search in the open chat.
    SearchChat,
    /// Search in all chats.
    SearchAll,
    /// Who was online.
    WhoWasOnline,
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// The tab with a number.
    NumberedTab,
    /// The next chat in the list.
    NextChat,
    /// The previous chat in the list.
    PreviousChat,
    /// The next chat with unread messages.
    NextUnread,
    /// The previous chat with unread messages.
    PreviousUnread,
    /// Close the tab.
    CloseTab,
    /// Show the chat in a window of its own.
    PopOut,
    /// Write the chat to a file.
    ExportChat,
    /// No notifications of the chat, or again.
    ToggleMute,
    /// Block the person of the chat, or undo it.
    ToggleBlock,
    /// Who is blocked.
    Blocked,
    /// The next part of the window.
    NextRegion,
    /// The previous part of the window.
    PreviousRegion,
    /// Cancel, then go to the newest message.
    Cancel,
    /// Show the settings.
    Settings,
    /// Dark, light, or as the system.
    NextTheme,
    /// Larger type and rows.
    LargerText,
    /// Smaller type and rows.
    SmallerText,
    /// The keys.
    Keys,
    /// Try the lost line at once.
    RetryLine,
    /// Count as active.
    Stay,
    /// End the session.
    SignOut,
    /// End the program.
    Quit,
}

/// When something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// As for a slash command.
    Session(EnabledWhen),
    /// A chat is shown.
    InChat,
    /// A chat with one user is shown.
    WithUser,
    /// The line is lost.
    LineLost,
}

/// By which keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// One key with its modifiers.
    Key(KeyboardShortcut),
    /// A digit from 1 to 9 with modifiers.
    Digit(Modifiers),
}

/// Something that can be done.
#[derive(Clone, Copy, Debug)]
pub struct CommandEntry {
    /// What.
    pub id: CommandId,
    /// In words.
    pub name: &'static str,
    /// What else it may be looked for as.
    pub also: &'static str,
    /// Its sign.
    pub icon: Icon,
    /// Its keys.
    pub shortcut: Option<Shortcut>,
    /// When it can be done.
    pub when: When,
    /// The slash command that does the same.
    pub slash: Option<CommandKind>,
}

const ALWAYS: When = When::Session(EnabledWhen::Always);
const SIGNED_IN: When = When::Session(EnabledWhen::SignedIn);
const ONLINE: When = When::Session(EnabledWhen::Online);

const fn entry(id: CommandId, name: &'static str, icon: Icon, when: When) -> CommandEntry {
    CommandEntry { id, name, also: "", icon, shortcut: None, when, slash: None }
}

impl CommandEntry {
    const fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    const fn key(self, modifiers: Modifiers, key: Key) -> Self {
        Self { shortcut: Some(Shortcut::Key(KeyboardShortcut::new(modifiers, key))), ..self }
    }

    const fn digit(self, modifiers: Modifiers) -> Self {
        Self { shortcut: Some(Shortcut::Digit(modifiers)), ..self }
    }

    const fn slash(self, slash: CommandKind) -> Self {
        Self { slash: Some(slash), ..self }
    }

    /// Its keys in words: "Ctrl Shift F".
    #[must_use]
    pub fn keys(&self) -> String {
        match self.shortcut {
            None => String::new(),
            Some(Shortcut::Key(shortcut)) => key_words(shortcut.modifiers, key_name(shortcut.logical_key)),
            Some(Shortcut::Digit(modifiers)) => key_words(modifiers, "1…9"),
        }
    }
}

fn key_words(modifiers: Modifiers, key: &str) -> String {
    let parts = [(modifiers.command, "Ctrl"), (modifiers.alt, "Alt"), (modifiers.shift, "Shift")];
    let held = parts.into_iter().filter(|(held, _)| *held).map(|(_, word)| word);
    held.chain([key]).collect::<Vec<_>>().join(" ")
}

fn key_name(key: Key) -> &'static str {
    match key {
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        Key::Escape => "Esc",
        Key::Slash => "/",
        Key::Comma => ",",
        Key::Plus => "+",
        Key::Minus => "-",
        other => other.name(),
    }
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const ALT: Modifiers = Modifiers::ALT;
const ALT_SHIFT: Modifiers = Modifiers::ALT.plus(Modifiers::SHIFT);
const NONE: Modifiers = Modifiers::NONE;

/// All of it, in the order in which the palette shows it.
pub static COMMAND_ENTRIES: &[CommandEntry] = &[
    entry(CommandId::Switcher, "Go to a person, chat or command", Icon::Search, SIGNED_IN).key(COMMAND, Key::K),
    entry(CommandId::Everyone, "Message everyone online", Icon::Megaphone, SIGNED_IN)
        .also("broadcast")
        .slash(CommandKind::Broadcast),
    entry(CommandId::WhoWasOnline, "Who was online", Icon::History, SIGNED_IN)
        .also("whoelse whoelsesince sessions")
        .key(COMMAND_SHIFT, Key::O)
        .slash(CommandKind::Whoelsesince),
    entry(CommandId::SearchChat, "Search in this chat", Icon::TextSearch, When::InChat)
        .also("find")
        .key(COMMAND, Key::F),
    entry(CommandId::SearchAll, "Search in all chats", Icon::FileSearch, SIGNED_IN)
        .also("find history")
        .key(COMMAND_SHIFT, Key::F),
    entry(CommandId::NextTab, "Next tab", Icon::ArrowRight, SIGNED_IN).key(Modifiers::CTRL, Key::Tab),
    entry(CommandId::PreviousTab, "Previous tab", Icon::ArrowLeft, SIGNED_IN)
        .key(Modifiers::CTRL.plus(Modifiers::SHIFT), Key::Tab),
    entry(CommandId::NumberedTab, "Go to a tab by its number", Icon::Hash, SIGNED_IN).digit(COMMAND),
    entry(CommandId::NextChat, "Next chat in the list", Icon::ArrowDown, SIGNED_IN).key(ALT, Key::ArrowDown),
    entry(CommandId::PreviousChat, "Previous chat in the list", Icon::ArrowUp, SIGNED_IN).key(ALT, Key::ArrowUp),
    entry(CommandId::NextUnread, "Next unread chat", Icon::ArrowDownToDot, SIGNED_IN).key(ALT_SHIFT, Key::ArrowDown),
    entry(CommandId::PreviousUnread, "Previous unread chat", Icon::ArrowUpFromDot, SIGNED_IN)
        .key(ALT_SHIFT, Key::ArrowUp),
    entry(CommandId::CloseTab, "Close this tab", Icon::X, SIGNED_IN).key(COMMAND, Key::W),
    entry(CommandId::PopOut, "Open this chat in its own window", Icon::AppWindow, When::InChat).also("pop out"),
    entry(CommandId::ExportChat, "Export this chat", Icon::Download, When::InChat).also("save text json"),
    entry(CommandId::ToggleMute, "Mute or unmute this chat", Icon::BellOff, When::InChat).also("notifications"),
    entry(CommandId::ToggleBlock, "Block or unblock this person", Icon::Ban, When::WithUser)
        .slash(CommandKind::Block),
    entry(CommandId::Blocked, "Blocked people", Icon::UserX, ONLINE).slash(CommandKind::Blocked),
    entry(CommandId::NextRegion, "Next part of the window", Icon::PanelRight, SIGNED_IN).key(NONE, Key::F6),
    entry(CommandId::PreviousRegion, "Previous part of the window", Icon::PanelLeft, SIGNED_IN)
        .key(Modifiers::SHIFT, Key::F6),
    entry(CommandId::Cancel, "Cancel, then go to the newest message", Icon::ArrowDownToLine, ALWAYS)
        .key(NONE, Key::Escape),
    entry(CommandId::Settings, "Settings", Icon::Settings, ALWAYS).also("preferences").key(COMMAND, Key::Comma),
    entry(CommandId::NextTheme, "Change the theme: dark, light, system", Icon::SunMoon, ALWAYS).also("colours"),
    entry(CommandId::LargerText, "Larger text", Icon::AArrowUp, ALWAYS).also("zoom").key(COMMAND, Key::Plus),
    entry(CommandId::SmallerText, "Smaller text", Icon::AArrowDown, ALWAYS).also("zoom").key(COMMAND, Key::Minus),
    entry(CommandId::Keys, "Keys and commands", Icon::Keyboard, ALWAYS)
        .also("help shortcuts")
        .key(COMMAND, Key::Slash)
        .slash(CommandKind::Help),
    entry(CommandId::RetryLine, "Reconnect at once", Icon::RotateCw, When::LineLost),
    entry(CommandId::Stay, "Stay signed in", Icon::ClockAlert, ONLINE).slash(CommandKind::Stay),
    entry(CommandId::SignOut, "Sign out", Icon::LogOut, SIGNED_IN).also("logout").slash(CommandKind::Logout),
    entry(CommandId::Quit, "Quit", Icon::Power, ALWAYS).also("exit").key(COMMAND, Key::Q),
];

/// A command by its id.
#[must_use]
pub fn command(id: CommandId) -> Option<&'static CommandEntry> {
    COMMAND_ENTRIES.iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_is_listed_once_with_keys_of_its_own() {
        let ids: BTreeSet<CommandId> = COMMAND_ENTRIES.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), COMMAND_ENTRIES.len());
        let keys: Vec<String> = COMMAND_ENTRIES.iter().map(CommandEntry::keys).filter(|keys| !keys.is_empty()).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn keys_are_said_in_one_order() {
        let keys = |id| command(id).unwrap().keys();
        assert_eq!(keys(CommandId::Switcher), "Ctrl K");
        assert_eq!(keys(CommandId::PreviousTab), "Ctrl Shift Tab");
        assert_eq!(keys(CommandId::NextUnread), "Alt Shift ↓");
        assert_eq!(keys(CommandId::NumberedTab), "Ctrl 1…9");
        assert_eq!(keys(CommandId::Everyone), "");
    }
}
