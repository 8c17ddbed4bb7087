//! The one list of what can be done: words, icon and keys. Menus, the switcher, the list of keys and the keyboard
//! itself all read it.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};
use lucide_icons::Icon;
use whoelse_model::command::{CommandKind, EnabledWhen};

use crate::caps::keys_text;

/// Something that can be done from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The quick switcher.
    Switcher,
    /// Search in the open chat.
    SearchChat,
    /// Search in all chats.
    SearchAll,
    /// The list of keys.
    Keys,
    /// The settings.
    Settings,
    /// Change the own password.
    ChangePassword,
    /// Write to everyone.
    Everyone,
    /// Who was online.
    WhoWasOnline,
    /// Files shared with everybody.
    SharedFiles,
    /// The tab at the right.
    NextTab,
    /// The tab at the left.
    PreviousTab,
    /// The chat below in the list.
    NextChat,
    /// The chat above.
    PreviousChat,
    /// The next chat with something new.
    NextUnread,
    /// The previous chat with something new.
    PreviousUnread,
    /// Choose a message with keys.
    ChooseMessage,
    /// Close the open tab.
    CloseTab,
    /// Open the tab again that was closed last.
    ReopenTab,
    /// Open the chat in its own window.
    PopOut,
    /// Write the open chat to a file.
    Export,
    /// No notifications of the chat, for some time.
    Mute,
    /// Notifications of the chat again.
    Unmute,
    /// No notifications at all, for some time.
    DoNotDisturb,
    /// Notifications again.
    EndDoNotDisturb,
    /// Where files go that are fetched.
    DownloadFolder,
    /// Block the user of the chat, or undo it.
    ToggleBlock,
    /// Ask the user of the chat for a private session, or go to it.
    StartPrivate,
    /// Accept the private session that somebody asks for.
    AcceptPrivate,
    /// Decline it.
    DeclinePrivate,
    /// End the private session of the chat.
    EndPrivate,
    /// Send a file to the user of the chat.
    SendFile,
    /// Who is blocked.
    Blocked,
    /// The next region of the window.
    NextRegion,
    /// The previous region of the window.
    PreviousRegion,
    /// As the system is, dark or light.
    SystemTheme,
    /// Dark.
    DarkTheme,
    /// Light.
    LightTheme,
    /// The server on this computer.
    Hosting,
    /// Larger type and rows.
    LargerText,
    /// Smaller type and rows.
    SmallerText,
    /// Type and rows of the normal size.
    NormalText,
    /// Try the lost line at once.
    RetryLine,
    /// Count as active.
    Stay,
    /// Sign out.
    SignOut,
    /// End the app.
    Quit,
}

impl Verb {
    /// Whether it is a step to what is beside, which is made by a key and not looked for by name.
    #[must_use]
    pub const fn is_step(self) -> bool {
        matches!(
            self,
            Self::NextTab
                | Self::PreviousTab
                | Self::NextChat
                | Self::PreviousChat
                | Self::NextUnread
                | Self::PreviousUnread
                | Self::NextRegion
                | Self::PreviousRegion
                | Self::ChooseMessage
                | Self::CloseTab
                | Self::ReopenTab
        )
    }
}

/// Where something stands in the list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Going somewhere.
    Go,
    /// The open chat.
    Chat,
    /// While writing.
    Write,
    /// The app.
    App,
}

impl Group {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Go => "Going places",
            Self::Chat => "In a chat",
            Self::Write => "While writing",
            Self::App => "The app",
        }
    }
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
    /// A chat with one user is shown, through the server or private.
    WithPerson,
    /// A private session is shown, and open.
    InSession,
    /// A chat is shown that notifies.
    Audible,
    /// A chat is shown that is muted.
    Muted,
    /// Notifications are shown.
    Disturbed,
    /// No notification is shown.
    Undisturbed,
    /// Somebody asks for a private session.
    Asked,
    /// The line is lost.
    LineLost,
}

/// A verb with all there is to say of it.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which.
    pub verb: Verb,
    /// What it does.
    pub words: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// Its keys.
    pub keys: Option<KeyboardShortcut>,
    /// Its place in the list of keys.
    pub group: Group,
    /// What else it may be looked for as.
    pub also: &'static str,
    /// When it can be done.
    pub when: When,
    /// The slash command that does the same.
    pub slash: Option<CommandKind>,
}

impl Spec {
    /// Of a verb.
    #[must_use]
    pub fn of(verb: Verb) -> Option<&'static Self> {
        VERBS.iter().find(|spec| spec.verb == verb)
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    const fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    const fn slash(self, slash: CommandKind) -> Self {
        Self { slash: Some(slash), ..self }
    }
}

/// Ctrl, and on macOS the key that gives commands there, ⌘.
const CTRL: Modifiers = Modifiers::COMMAND;
/// Ctrl on every system. macOS keeps ⌘ Tab to itself.
const REAL_CTRL: Modifiers = Modifiers::CTRL;
const REAL_CTRL_SHIFT: Modifiers = Modifiers::CTRL.plus(Modifiers::SHIFT);
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const ALT_SHIFT: Modifiers = Modifiers::ALT.plus(Modifiers::SHIFT);
const ALWAYS: When = When::Session(EnabledWhen::Always);
const ONLINE: When = When::Session(EnabledWhen::Online);

const fn spec(verb: Verb, words: &'static str, icon: Icon, keys: Option<(Modifiers, Key)>, group: Group) -> Spec {
    let keys = match keys {
        Some((modifiers, key)) => Some(KeyboardShortcut::new(modifiers, key)),
        None => None,
    };
    Spec { verb, words, icon, keys, group, also: "", when: When::Session(EnabledWhen::SignedIn), slash: None }
}

/// Everything, in the order of the list of keys. Of two with the same key, the one with more modifiers comes first.
pub static VERBS: &[Spec] = &[
    spec(Verb::Switcher, "Go to a person, chat or command", Icon::Compass, Some((CTRL, Key::K)), Group::Go),
    spec(Verb::PreviousTab, "Previous tab", Icon::ArrowLeft, Some((REAL_CTRL_SHIFT, Key::Tab)), Group::Go),
    spec(Verb::NextTab, "Next tab", Icon::ArrowRight, Some((REAL_CTRL, Key::Tab)), Group::Go),
    spec(Verb::NextUnread, "Next chat with something new", Icon::BellDot, Some((ALT_SHIFT, Key::ArrowDown)), Group::Go),
    spec(
        Verb::PreviousUnread,
        "Previous chat with something new",
        Icon::BellDot,
        Some((ALT_SHIFT, Key::ArrowUp)),
        Group::Go,
    ),
    spec(Verb::NextChat, "Next chat in the list", Icon::ArrowDown, Some((ALT, Key::ArrowDown)), Group::Go),
    spec(Verb::PreviousChat, "Previous chat in the list", Icon::ArrowUp, Some((ALT, Key::ArrowUp)), Group::Go),
    spec(Verb::PreviousRegion, "Previous part of the window", Icon::PanelsTopLeft, Some((SHIFT, Key::F6)), Group::Go),
    spec(Verb::NextRegion, "Next part of the window", Icon::PanelsTopLeft, Some((Modifiers::NONE, Key::F6)), Group::Go),
    spec(Verb::SearchAll, "Search all messages", Icon::Search, Some((CTRL_SHIFT, Key::F)), Group::Go)
        .also("find history"),
    spec(Verb::Everyone, "Write to everyone", Icon::Megaphone, Some((CTRL_SHIFT, Key::E)), Group::Go)
        .also("broadcast all group room")
        .slash(CommandKind::Broadcast),
    spec(Verb::WhoWasOnline, "Who was online", Icon::History, Some((CTRL_SHIFT, Key::O)), Group::Go)
        .also("whoelse whoelsesince sessions last seen presence")
        .slash(CommandKind::Whoelsesince),
    spec(Verb::SharedFiles, "Shared files", Icon::FolderSync, Some((CTRL_SHIFT, Key::D)), Group::Go)
        .also("register search download upload share")
        .slash(CommandKind::SearchFile),
    spec(Verb::SearchChat, "Search in this chat", Icon::Search, Some((CTRL, Key::F)), Group::Chat)
        .also("find")
        .when(When::InChat),
    spec(Verb::ChooseMessage, "Choose a message", Icon::MessageSquareReply, Some((CTRL, Key::ArrowUp)), Group::Chat)
        .also("reply answer copy select delete")
        .when(When::InChat),
    spec(Verb::CloseTab, "Close the tab", Icon::X, Some((CTRL, Key::W)), Group::Chat),
    spec(Verb::ReopenTab, "Reopen the closed tab", Icon::Undo2, Some((CTRL_SHIFT, Key::T)), Group::Chat),
    spec(Verb::PopOut, "Open in its own window", Icon::AppWindow, Some((CTRL_SHIFT, Key::N)), Group::Chat)
        .also("pop out")
        .when(When::InChat),
    spec(Verb::Export, "Export the chat…", Icon::Download, None, Group::Chat)
        .also("save text json backup history")
        .when(When::InChat),
    spec(Verb::Mute, "Mute this chat…", Icon::BellOff, None, Group::Chat)
        .also("notifications silence snooze bell sound")
        .when(When::Audible),
    spec(Verb::Unmute, "Unmute this chat", Icon::Bell, None, Group::Chat)
        .also("notifications bell sound")
        .when(When::Muted),
    spec(Verb::ToggleBlock, "Block or unblock this person", Icon::Ban, None, Group::Chat)
        .also("ban ignore")
        .when(When::WithUser)
        .slash(CommandKind::Block),
    spec(Verb::StartPrivate, "Private session with this person", Icon::Lock, Some((CTRL_SHIFT, Key::P)), Group::Chat)
        .also("start direct encrypted secret")
        .when(When::WithUser)
        .slash(CommandKind::StartPrivate),
    spec(
        Verb::AcceptPrivate,
        "Accept the private session that somebody asks for",
        Icon::LockKeyhole,
        Some((CTRL_SHIFT, Key::Y)),
        Group::Chat,
    )
    .also("yes agree answer")
    .when(When::Asked),
    spec(Verb::DeclinePrivate, "Decline the private session that somebody asks for", Icon::X, None, Group::Chat)
        .also("no refuse reject answer")
        .when(When::Asked),
    spec(Verb::EndPrivate, "End the private session", Icon::LockOpen, None, Group::Chat)
        .also("stop close")
        .when(When::InSession)
        .slash(CommandKind::StopPrivate),
    spec(Verb::SendFile, "Send a file to this person", Icon::Paperclip, Some((CTRL_SHIFT, Key::A)), Group::Chat)
        .also("attach upload picture photo image document")
        .when(When::WithPerson)
        .slash(CommandKind::SendFile),
    spec(Verb::Blocked, "Blocked people", Icon::UserX, None, Group::App)
        .also("unblock banned ignored")
        .when(ONLINE)
        .slash(CommandKind::Blocked),
    spec(Verb::ChangePassword, "Change your password", Icon::KeyRound, None, Group::App)
        .also("passwd")
        .when(ONLINE)
        .slash(CommandKind::Passwd),
    spec(Verb::DoNotDisturb, "Do not disturb…", Icon::BellOff, None, Group::App)
        .also("dnd mute all notifications silence snooze quiet")
        .when(When::Disturbed),
    spec(Verb::EndDoNotDisturb, "Turn off do not disturb", Icon::Bell, None, Group::App)
        .also("dnd unmute notifications disturb")
        .when(When::Undisturbed),
    spec(Verb::DownloadFolder, "Choose the download folder…", Icon::FolderDown, None, Group::App)
        .also("files save where directory"),
    spec(Verb::Settings, "Settings", Icon::Settings, Some((CTRL, Key::Comma)), Group::App)
        .also("preferences options configure")
        .when(ALWAYS),
    spec(Verb::SystemTheme, "Theme: as the system", Icon::SunMoon, None, Group::App)
        .also("colours colors dark light appearance")
        .when(ALWAYS),
    spec(Verb::DarkTheme, "Theme: dark", Icon::Moon, None, Group::App)
        .also("colours colors night appearance")
        .when(ALWAYS),
    spec(Verb::LightTheme, "Theme: light", Icon::Sun, None, Group::App)
        .also("colours colors day appearance")
        .when(ALWAYS),
    spec(Verb::Hosting, "Server on this computer", Icon::MonitorUp, None, Group::App)
        .also("host invite invitation start stop network address"),
    spec(Verb::LargerText, "Larger text", Icon::AArrowUp, Some((CTRL, Key::Plus)), Group::App)
        .also("zoom font size bigger scale percent 115 130")
        .when(ALWAYS),
    spec(Verb::SmallerText, "Smaller text", Icon::AArrowDown, Some((CTRL, Key::Minus)), Group::App)
        .also("zoom font size scale percent 90")
        .when(ALWAYS),
    spec(Verb::NormalText, "Normal text size", Icon::ALargeSmall, Some((CTRL, Key::Num0)), Group::App)
        .also("zoom reset 100")
        .when(ALWAYS),
    spec(Verb::Keys, "All keys", Icon::Keyboard, Some((CTRL, Key::Slash)), Group::App)
        .also("help keyboard shortcuts commands hotkeys")
        .when(ALWAYS)
        .slash(CommandKind::Help),
    spec(Verb::RetryLine, "Reconnect at once", Icon::RotateCw, None, Group::App)
        .also("connect retry")
        .when(When::LineLost),
    spec(Verb::Stay, "Stay signed in", Icon::ClockAlert, None, Group::App)
        .also("active timeout")
        .when(ONLINE)
        .slash(CommandKind::Stay),
    spec(Verb::SignOut, "Sign out", Icon::LogOut, None, Group::App)
        .also("log out logout leave")
        .slash(CommandKind::Logout),
    spec(Verb::Quit, "Quit", Icon::Power, Some((CTRL, Key::Q)), Group::App).also("exit close").when(ALWAYS),
];

/// Keys that belong to a field or a list and are told in the list of keys only.
pub const FIXED_KEYS: [(&str, &str, Group); 20] = [
    ("Ctrl 1 … 9", "The tab with this number", Group::Go),
    ("Esc", "Cancel, then jump to the latest message", Group::Chat),
    ("Page Up / Page Down", "Scroll the messages", Group::Chat),
    ("Home / End", "First and last message, with the keyboard in the messages", Group::Chat),
    ("↑ / ↓", "The message above or below the chosen one", Group::Chat),
    ("Enter / R", "Reply to the chosen message", Group::Chat),
    ("Delete", "Delete the chosen message, if it was not sent", Group::Chat),
    ("T", "Send the chosen message again, if it was not sent", Group::Chat),
    ("Ctrl C", "Copy the selected words, or the chosen message", Group::Chat),
    ("Ctrl Shift C", "Copy the chosen message without its marks", Group::Chat),
    ("Enter", "Send the message", Group::Write),
    ("Shift Enter", "New line", Group::Write),
    ("Tab", "Complete a name or a command", Group::Write),
    ("/", "A command", Group::Write),
    (":smile:", "An emoji by its name", Group::Write),
    ("**bold** *italic* ~~struck~~ `code`", "Forms of words", Group::Write),
    ("↑", "Choose the last message, in an empty message box", Group::Write),
    ("Menu / Shift F10", "What can be done with the chosen message", Group::Chat),
    ("F1", "All keys", Group::App),
    ("Ctrl N / Ctrl T", "Go to a person, chat or command", Group::Go),
];

/// The keys of a verb as caps show them; empty if it has none.
#[must_use]
pub fn keys_of(verb: Verb) -> String {
    Spec::of(verb).and_then(|spec| spec.keys.as_ref()).map_or_else(String::new, keys_text)
}

/// The verbs that can be done and whose keys were pressed; takes them out of the input.
#[must_use]
pub fn pressed(ctx: &Context, is_enabled: impl Fn(&Spec) -> bool) -> Vec<Verb> {
    let mut verbs = Vec::new();
    let enabled: Vec<&Spec> = VERBS.iter().filter(|spec| spec.keys.is_some() && is_enabled(spec)).collect();
    ctx.input_mut(|input| {
        for spec in enabled {
            if spec.keys.is_some_and(|keys| input.consume_shortcut(&keys)) {
                verbs.push(spec.verb);
            }
        }
    });
    verbs
}

/// The tab whose number was pressed with Ctrl, from 0.
#[must_use]
pub fn pressed_tab(ctx: &Context) -> Option<usize> {
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    ctx.input_mut(|input| DIGITS.iter().position(|&key| input.consume_key(CTRL, key)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_verbs_have_the_same_keys() {
        let keys: Vec<String> = VERBS.iter().filter_map(|spec| spec.keys.as_ref().map(keys_text)).collect();
        let different: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(different.len(), keys.len(), "{keys:?}");
    }

    #[test]
    fn tabs_are_changed_with_ctrl_whatever_key_gives_commands() {
        let held = Modifiers { ctrl: true, ..Modifiers::NONE };
        for (verb, held) in [(Verb::NextTab, held), (Verb::PreviousTab, held.plus(Modifiers::SHIFT))] {
            let keys = Spec::of(verb).unwrap().keys.unwrap();
            for held in [held, Modifiers { command: true, ..held }] {
                assert!(held.matches_logically(keys.modifiers), "{verb:?} with {held:?}");
            }
        }
    }
}
