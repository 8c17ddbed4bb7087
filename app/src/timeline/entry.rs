//! What the timeline shows, as plain values.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use lucide_icons::Icon;

use crate::kit::{CardAction, FileCard};

/// The place of an entry: grows downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u64);

/// One row of the timeline. A changed entry is a new `Arc`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place.
    pub key: Key,
    /// What it is.
    pub kind: EntryKind,
    /// The words.
    pub text: String,
    /// When, by the local clock.
    pub at: DateTime,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// Somebody wrote it.
    Message(Written),
    /// Something happened.
    Notice(Notice),
}

/// How a line about something that happened looks.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    /// Before its words.
    pub icon: Icon,
    /// Which way the words below it go, if it is about that.
    pub route: Route,
}

/// Who wrote a message, in answer to what, and how far it came.
#[derive(Clone, Debug)]
pub struct Written {
    /// Who.
    pub author: Arc<str>,
    /// Whether that is the user.
    pub own: bool,
    /// The message it answers.
    pub quote: Option<Quote>,
    /// How far an own message came.
    pub mark: Option<Mark>,
    /// Each step an own message has done, with its time in words.
    pub steps: Vec<(Mark, String)>,
    /// What went wrong.
    pub trouble: Option<Trouble>,
    /// The file that it is, in place of words.
    pub card: Option<Box<FileCard>>,
}

/// The message that is answered.
#[derive(Clone, Debug)]
pub struct Quote {
    /// Where it is.
    pub key: Option<Key>,
    /// Who wrote it.
    pub author: Arc<str>,
    /// Its words.
    pub text: String,
}

/// How far an own message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// On this computer's disk.
    Saved,
    /// On its way from device to device: no disk and no server holds it.
    OnItsWay,
    /// On the server's disk.
    Accepted,
    /// On the recipient's device.
    Delivered,
    /// Seen.
    Read,
    /// Not sent.
    Failed,
}

impl Mark {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Saved => "Saved here",
            Self::OnItsWay => "On its way to their device",
            Self::Accepted => "The server has it",
            Self::Delivered => "On their device",
            Self::Read => "Read",
            Self::Failed => "Not sent",
        }
    }
}

/// What went wrong with a message, and what can be done.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What happened and what it means.
    pub text: String,
    /// Whether sending it again may help.
    pub retry: Retry,
    /// Whether it failed; otherwise it is a remark.
    pub failed: bool,
}

/// Whether sending again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It may.
    Possible,
    /// It may not.
    Useless,
}

/// The look of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Look {
    /// For work in many chats.
    #[default]
    Compact,
    /// For talks between two.
    Bubbles,
}

/// Which way the words go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Route {
    /// Through the server.
    #[default]
    Server,
    /// Straight to the other device.
    Private,
}

/// How many take part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Company {
    /// The user and one other.
    #[default]
    Two,
    /// More.
    Many,
}

/// What a timeline shows in one frame.
#[derive(Clone, Copy, Debug)]
pub struct Feed<'a> {
    /// The chat's name, as a screen reader says it.
    pub name: &'a str,
    /// The entries there are, oldest first.
    pub entries: &'a [Arc<Entry>],
    /// Changes with the entries.
    pub revision: u64,
    /// The local day.
    pub today: Date,
    /// The first entry that was new when the chat was opened.
    pub new_from: Option<Key>,
    /// Whether there are older ones.
    pub more_before: bool,
    /// Whether there are newer ones.
    pub more_after: bool,
    /// Messages that were not read, those that are not among the entries too.
    pub unread: u32,
    /// How messages look.
    pub look: Look,
    /// Which way they go.
    pub route: Route,
    /// How many take part.
    pub company: Company,
    /// Words to mark; may be empty.
    pub query: &'a str,
}

/// What the user asked of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimelineAction {
    /// Answer a message.
    Reply(Key),
    /// Send it again.
    Retry(Key),
    /// Take it away.
    Delete(Key),
    /// Open a link.
    Open(String),
    /// Show an entry that is not among these.
    Show(Key),
    /// Read older entries from history.
    LoadBefore,
    /// Read newer entries from history.
    LoadAfter,
    /// Go to the first, which is not among these.
    ShowFirst,
    /// Go to the newest, which is not among these.
    ShowLatest,
    /// Do something with a file.
    File(Key, CardAction),
    /// The entries up to this one were on the screen.
    Seen(Key),
}
