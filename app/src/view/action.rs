//! What the user can ask for, wherever it is asked.

use whoelse_model::ChatId;
use whoelse_proto::UserName;

use crate::composer::ComposerAction;
use crate::timeline::TimelineAction;

use super::contacts::SectionKind;
use super::found::FoundAction;
use super::private::PrivateVerb;
use super::settings::Section;
use super::shared_files::FilesAction;

/// Something the user asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a chat in a tab, and show it.
    OpenChat(ChatId),
    /// Show the tab with this index.
    ShowTab(usize),
    /// Close the tab with this index.
    CloseTab(usize),
    /// Close all tabs but the one with this index.
    CloseOtherTabs(usize),
    /// Let the tab with this index stay.
    KeepTab(usize),
    /// Show the chat of the tab with this index in a window of its own.
    PopOutTab(usize),
    /// Open the tab that was closed last.
    ReopenTab,
    /// Make the list this wide.
    ResizeList(f32),
    /// Put a tab where another is.
    MoveTab(usize, usize),
    /// Show a panel in a tab.
    OpenPanel(Panel),
    /// Show the quick switcher.
    OpenSwitcher,
    /// Show the settings.
    OpenSettings,
    /// Show a section of the settings.
    OpenSection(Section),
    /// Show the list of keys.
    OpenKeys,
    /// In one column: back to the list.
    Back,
    /// Something in the search of people, messages and commands.
    Search(FoundAction),
    /// Fold or unfold a section of the contacts.
    FoldSection(SectionKind),
    /// Something with a contact.
    Contact(ContactVerb, ChatId),
    /// Something with a private session.
    Private(PrivateVerb, UserName),
    /// Something in the panel of shared files.
    Files(FilesAction),
    /// Search in the open chat.
    SearchChat,
    /// Write the open chat to a file.
    ExportChat,
    /// Show the open chat in a window of its own.
    PopOut,
    /// Something in the timeline.
    Timeline(TimelineAction),
    /// Something in the composer.
    Composer(ComposerAction),
    /// The person has read of wrong passwords for their name.
    DismissWrongPasswords,
    /// Try the lost line at once.
    RetryLine,
    /// Start the server on this computer as it ran last.
    StartHost,
    /// Count as active.
    Stay,
    /// End the session.
    SignOut,
    /// Ask whether to sign out.
    AskToSignOut,
    /// Copy words.
    Copy(String),
}

/// What can be done with a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactVerb {
    /// Block the user.
    Block,
    /// Unblock the user.
    Unblock,
    /// No notifications of the chat, for a time that is asked for.
    Mute,
    /// Notifications of the chat.
    Unmute,
    /// Take every message as read.
    MarkRead,
    /// Copy the user's name.
    CopyName,
}

/// What a tab can show besides a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    /// Who was online.
    WhoWasOnline,
    /// Search in all chats.
    Search,
    /// Files shared with everybody.
    SharedFiles,
}
