//! What the runtime tells the model and the command line: past tense, each true when told.

use whoelse_proto::{
    Agent, Answer, DeviceKey, Fingerprint, LoginRefusal, MessageId, MissedTries, NewAccounts, PresenceChange, Refusal,
    RosterEntry, Seconds, SessionEnd, SessionKind, Timestamp, UserName,
};

use crate::message::{ChatId, Message, Outgoing, RowId};
use crate::mute::Mute;
use crate::peers::{Closing, PrivateSession, Route};
use crate::request::AskId;
use crate::search::SearchFor;
use crate::transfer::{FileAnswer, FileFault, Share, Transfer};

/// Why a history cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryTrouble {
    /// Its file.
    pub path: String,
    /// What is wrong with it, for people.
    pub cause: String,
    /// What helps.
    pub remedy: HistoryRemedy,
}

/// What helps where a history cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryRemedy {
    /// It is damaged for good: moved away, it makes room for a new one.
    SetAside,
    /// The disk is full or fails, or another program holds the file: that passes, and nothing is to be moved.
    Wait,
}

impl std::fmt::Display for HistoryTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, cause, remedy } = self;
        write!(f, "the history {path} cannot be opened: {cause}")?;
        match remedy {
            HistoryRemedy::SetAside => f.write_str("; move it away to begin a new one"),
            HistoryRemedy::Wait => Ok(()),
        }
    }
}

/// News for whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The line is being made.
    Connecting,
    /// A server that this profile has not seen showed this key; nothing was sent. [`crate::Request::Trust`] goes on.
    UnknownServer {
        /// What it showed.
        shown: Fingerprint,
    },
    /// A server showed another key than the pinned one. Nothing was sent, and nothing will be.
    ServerKeyChanged {
        /// The pin.
        pinned: Fingerprint,
        /// When it was pinned.
        pinned_at: Timestamp,
        /// What it showed.
        shown: Fingerprint,
    },
    /// The server said hello.
    Greeted {
        /// What it is called; may be empty.
        title: Agent,
        /// Whether it makes accounts.
        registration: NewAccounts,
        /// Its key.
        fingerprint: Fingerprint,
    },
    /// The server did not let the user in.
    LoginRefused(LoginRefusal),
    /// Somebody gave wrong passwords for the user's name since the last login. Told before the welcome.
    WrongPasswords(MissedTries),
    /// The user is in.
    Welcomed(Welcome),
    /// The line is lost, or could not be made; it will be tried again.
    LineLost {
        /// What was wrong, for people.
        cause: String,
        /// When it will be tried again.
        retry_at: Timestamp,
    },
    /// The line could not be made and will not be tried again by itself.
    ConnectFailed {
        /// What was wrong, for people.
        cause: String,
    },
    /// The history of the account cannot be opened, and without it nobody is signed in. [`crate::Request::SetHistoryAside`]
    /// begins a new one.
    HistoryUnusable(HistoryTrouble),
    /// The session is over; there will be no further attempt.
    SessionEnded(SessionEnd),
    /// Users with their presence; says nothing of when or why.
    Roster {
        /// Who.
        users: Vec<RosterEntry>,
        /// Whether this is the whole list: a user that it does not name has no account any more.
        complete: bool,
    },
    /// Users came and went.
    Presence(Vec<PresenceChange>),
    /// A message written here is on this computer's disk.
    Saved(Message),
    /// A message could not be put on this computer's disk; it is not sent.
    SaveFailed {
        /// Which.
        id: MessageId,
        /// What was wrong, for people.
        cause: String,
    },
    /// An own message has come further, or was refused.
    Progressed {
        /// Where.
        chat: ChatId,
        /// Which.
        id: MessageId,
        /// Its steps.
        outgoing: Outgoing,
    },
    /// A message arrived and is on this computer's disk. Told once for each.
    Received(Message),
    /// An own message was taken back before it was sent.
    Deleted {
        /// Where.
        chat: ChatId,
        /// Which.
        id: MessageId,
    },
    /// An ask was answered.
    Answered {
        /// Which.
        ask: AskId,
        /// The whole answer, of one reply or more.
        result: Result<Answer, Refusal>,
    },
    /// An ask was not answered: the line was lost, or there is none. What it asked may or may not have been done.
    Unanswered {
        /// Which.
        ask: AskId,
    },
    /// The password is another, or is not.
    PasswordAnswered {
        /// Which ask.
        ask: AskId,
        /// What came of it.
        result: Result<(), PasswordFault>,
    },
    /// The session ends without a valid action in this time.
    InactivityWarning {
        /// What is left.
        remaining: Seconds,
    },
    /// A page of a chat's history.
    History(HistoryPage),
    /// Messages to be written elsewhere.
    Exported(HistoryPage),
    /// What a search found.
    Found {
        /// What was searched for.
        what: SearchFor,
        /// Newest first.
        hits: Vec<Message>,
    },
    /// Messages that were to be read back.
    Recalled {
        /// Which ask.
        ask: AskId,
        /// The messages, in the order that was asked for.
        messages: Vec<Message>,
    },
    /// The message that was to be answered is not here; the answer is not sent.
    NoSuchMessage {
        /// The answer.
        id: MessageId,
    },
    /// The chats of this profile, as the history has them.
    Chats(Vec<ChatSummary>),
    /// The messages of one chat, or all, are forgotten, but for the outbox's.
    Cleared {
        /// Which chat.
        chat: Option<ChatId>,
    },
    /// A user asks for a private session.
    PrivateAsked {
        /// Who.
        by: UserName,
        /// Until when the question is open.
        until: Timestamp,
    },
    /// A private session is open.
    PrivateOpened(PrivateSession),
    /// The link of a private session died; the two devices look for each other again.
    PrivateInterrupted {
        /// With whom.
        peer: UserName,
    },
    /// They have found each other, and the session goes on.
    PrivateResumed {
        /// With whom.
        peer: UserName,
        /// How it goes.
        route: Route,
    },
    /// A private session goes another way.
    PrivateRerouted {
        /// With whom.
        peer: UserName,
        /// How it goes.
        route: Route,
    },
    /// A question or a private session is over.
    PrivateEnded {
        /// With whom.
        peer: UserName,
        /// Why.
        why: Closing,
    },
    /// The server did what no honest server does; nothing was sent.
    IntroductionRefused {
        /// Whom it was about.
        peer: UserName,
        /// What was wrong, for people.
        cause: String,
    },
    /// A contact has another key than the pinned one; nothing was sent. [`crate::Request::Repin`] takes it.
    DeviceChanged {
        /// Whose.
        peer: UserName,
        /// The pin.
        pinned: DeviceKey,
        /// When it was pinned.
        pinned_at: Timestamp,
        /// What the server gives for it.
        shown: DeviceKey,
    },
    /// The user compared the code of a contact's key.
    Verified {
        /// Whose.
        peer: UserName,
        /// The key.
        device: DeviceKey,
    },
    /// A transfer has begun, or come further.
    Transferred(Transfer),
    /// All that this user shares.
    Shares(Vec<Share>),
    /// An order about files was done, or not.
    FilesAnswered {
        /// Which.
        ask: AskId,
        /// What came of it.
        result: Result<FileAnswer, FileFault>,
    },
    /// The disk of this computer refuses something; shown once per cause.
    DiskTrouble {
        /// What was wrong, for people.
        cause: String,
    },
}

/// Why the password stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// The server refused: most often the old password was wrong.
    Refused(LoginRefusal),
    /// The server does not know how.
    Unsupported,
    /// The server was not reached, or the line broke.
    Failed {
        /// What was wrong, for people.
        cause: String,
    },
}

/// The beginning of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// As whom.
    pub name: UserName,
    /// Begun or taken up again.
    pub session: SessionKind,
    /// The session ends after this time without a valid action; 0 is never.
    pub timeout: Seconds,
    /// When the session began, by the server's clock.
    pub since: Timestamp,
    /// The server's clock at this moment.
    pub now: Timestamp,
}

/// Messages of one chat in the order of the history, without gaps between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// Which chat.
    pub chat: ChatId,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub more_before: bool,
    /// Whether there are newer ones.
    pub more_after: bool,
}

/// A chat as the list shows it before it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSummary {
    /// Which.
    pub chat: ChatId,
    /// Its newest message.
    pub last: Option<Message>,
    /// Messages behind the last one read.
    pub unread: u32,
    /// The last one read.
    pub read_to: RowId,
    /// What was being written.
    pub draft: String,
    /// Until when it does not notify.
    pub mute: Mute,
}
