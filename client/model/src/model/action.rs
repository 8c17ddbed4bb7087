//! What goes into the model and what it asks for.

use whoelse_proto::{FileName, MessageId, Password, PrivateCommand, Seconds, Text, UserName};

use super::notices::NoticeId;
use crate::command::{CommandLine, CommandSpec};
use crate::event::Event;
use crate::message::{ChatId, RowId};
use crate::mute::Mute;
use crate::request::{Request, SignIn};
use crate::search::{FileSearch, SearchFor};
use crate::transfer::FileOrder;

/// What the model takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The runtime tells.
    Event(Event),
    /// The person at the screen does.
    Action(Action),
}

/// Something that a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sign in.
    SignIn(SignIn),
    /// The unknown server that is shown is the right one.
    Trust,
    /// Give up signing in, or the waiting for a lost line.
    Cancel,
    /// Do not wait for the time of the next attempt.
    RetryNow,
    /// Move the damaged history away and sign in again.
    BeginHistoryAnew(SignIn),
    /// Sign out.
    SignOut,
    /// Stay signed in.
    Stay,
    /// Give the account another password.
    ChangePassword {
        /// Proves that it is the user.
        old: Password,
        /// From here on.
        new: Password,
    },
    /// Open a chat, or go to it.
    Open {
        /// Which.
        chat: ChatId,
    },
    /// Close a chat's tab.
    Close {
        /// Which.
        chat: ChatId,
    },
    /// The window is, or is not, what the person looks at.
    Look(Look),
    /// What stands in the composer has changed.
    Draft {
        /// Of which chat.
        chat: ChatId,
        /// All of it.
        draft: String,
    },
    /// Put drafts on disk that are not there yet: for a pause in typing and for the end of the program.
    KeepDrafts,
    /// Answer a message with the next one written, or not.
    Reply {
        /// Where.
        chat: ChatId,
        /// Which message; `None` takes it back.
        to: Option<MessageId>,
    },
    /// Write a message; empties the composer.
    Write {
        /// The new message's id, drawn by the shell.
        id: MessageId,
        /// Where.
        chat: ChatId,
        /// The words.
        text: Text,
    },
    /// Send a refused message again, or one that could not be put on disk. A refused one is written anew: it stands at
    /// the end, as at the recipient.
    Retry {
        /// Where.
        chat: ChatId,
        /// Which.
        id: MessageId,
        /// Its id from here on, drawn by the shell.
        again: MessageId,
    },
    /// Take a message back that the server does not have.
    Delete {
        /// Where.
        chat: ChatId,
        /// Which.
        id: MessageId,
    },
    /// The chat was seen up to here.
    Seen {
        /// Which chat.
        chat: ChatId,
        /// The last row on screen.
        row: RowId,
    },
    /// The line above what was new when the chat was opened is to go.
    ForgetNew {
        /// Which chat.
        chat: ChatId,
    },
    /// The oldest loaded messages are near.
    LoadOlder {
        /// Which chat.
        chat: ChatId,
    },
    /// The newest loaded messages are near, and there are newer ones.
    LoadNewer {
        /// Which chat.
        chat: ChatId,
    },
    /// Go to a message, perhaps one that is not loaded; opens its chat.
    Jump {
        /// Which chat.
        chat: ChatId,
        /// Which row.
        row: RowId,
    },
    /// The view shows the row of the last jump.
    Jumped {
        /// Which chat.
        chat: ChatId,
    },
    /// Go to the first message.
    Earliest {
        /// Which chat.
        chat: ChatId,
    },
    /// Go to the newest message.
    Latest {
        /// Which chat.
        chat: ChatId,
    },
    /// Block a user.
    Block {
        /// Whom.
        name: UserName,
    },
    /// Unblock a user.
    Unblock {
        /// Whom.
        name: UserName,
    },
    /// Keep back the notifications of a chat, or show them again.
    Mute {
        /// Which.
        chat: ChatId,
        /// Until when.
        mute: Mute,
    },
    /// Who is, or was, online.
    WhoElse {
        /// In the last seconds; `None` is now.
        since: Option<Seconds>,
    },
    /// Search the history; a blank search ends the one under way.
    Search(SearchFor),
    /// A notice was read.
    Dismiss {
        /// Which.
        notice: NoticeId,
    },
    /// Something about private sessions.
    Private(PrivateCommand),
    /// The code of an open session was compared.
    Verify {
        /// With whom.
        peer: UserName,
    },
    /// The new key of a contact is right.
    TrustDevice {
        /// Whose.
        peer: UserName,
    },
    /// Something about files.
    Files(FileOrder),
    /// Who shares which files.
    SearchFiles(FileSearch),
    /// Run a command of the composer or the palette.
    Run {
        /// What.
        line: CommandLine,
        /// The id of the message, should it be one; drawn by the shell.
        id: MessageId,
    },
}

/// Whether the person looks at the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Yes.
    #[default]
    Here,
    /// It is hidden, or another window has the focus.
    Away,
}

/// What the model asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Of the runtime.
    Request(Request),
    /// Of the desktop: tell the person who does not look.
    Notify(Notification),
    /// Of the desktop: tell the person who asks for a private session.
    NotifyAsked {
        /// Who.
        by: UserName,
    },
    /// Of the desktop: tell the person who does not look of a file that is offered.
    NotifyOffered {
        /// By whom.
        by: UserName,
        /// What it is called.
        name: FileName,
    },
    /// Of the desktop: the password is another; one that is kept is not good any more.
    PasswordChanged,
    /// Of the window: show the commands, or one of them.
    ShowHelp(Option<&'static CommandSpec>),
    /// Of the window: show the table of who is, or was, online.
    ShowWhoElse,
}

/// What a desktop notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where the message belongs; a click opens it.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserName,
    /// The words.
    pub text: Text,
}
