//! What the model and the command line ask of the runtime: imperative, each answered by events.

use whoelse_proto::{
    DeviceKey, FilesCommand, Fingerprint, Invitation, MessageId, Password, PrivateCommand, Seconds, Text, UserName,
};

use crate::message::{ChatId, Delivery, RowId};
use crate::mute::Mute;
use crate::search::SearchFor;
use crate::transfer::FileOrder;

/// An ask of the server, numbered by whoever asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(u64);

impl AskId {
    /// Ask number `n`.
    #[must_use]
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// An order to the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Connect and log in. Any session there is ends its line first.
    SignIn(SignIn),
    /// The unknown key is the server's: pin it and go on.
    Trust {
        /// What was shown.
        fingerprint: Fingerprint,
    },
    /// Give up the connection attempt or the waiting for a lost line.
    Cancel,
    /// Do not wait for the time of the next attempt.
    RetryNow,
    /// Move the history that could not be opened away, so that the next sign-in begins a new one.
    SetHistoryAside,
    /// Put a message on disk, then send it.
    Write {
        /// Drawn by the shell.
        id: MessageId,
        /// Where it goes: everyone, a user, or a private session, which it never leaves.
        chat: ChatId,
        /// The words.
        text: Text,
        /// The message that it answers.
        reply_to: Option<MessageId>,
    },
    /// Send a refused message again, with the same id.
    Resend {
        /// Which.
        id: MessageId,
    },
    /// Take a message back that the server does not have.
    Delete {
        /// Which.
        id: MessageId,
    },
    /// Ask the server.
    Ask {
        /// Comes back with the answer.
        ask: AskId,
        /// What.
        what: Ask,
    },
    /// Everything in the chat up to this row was seen.
    MarkRead {
        /// Where.
        chat: ChatId,
        /// The last row seen.
        row: RowId,
    },
    /// When arrived messages count as delivered, from the next sign-in on. Without a word: once they are on disk.
    CountAsDelivered(Delivery),
    /// These messages were shown to whoever reads ([`Delivery::WhenShown`]).
    Shown {
        /// Which.
        ids: Vec<MessageId>,
    },
    /// Read messages back; answered with [`crate::Event::Recalled`].
    Recall {
        /// Comes back with the answer.
        ask: AskId,
        /// Which.
        what: Recall,
        /// At most this many.
        limit: usize,
    },
    /// Answer a message where it was written; the new one is [`Self::Write`] of that chat. Where there is no such
    /// message: [`crate::Event::NoSuchMessage`].
    Reply {
        /// The new message's id, drawn by the shell.
        id: MessageId,
        /// Which.
        to: MessageId,
        /// The words.
        text: Text,
    },
    /// From here on, try a first connection that fails again, as one that was lost, until [`Request::Cancel`].
    KeepTrying,
    /// Read a page of a chat's history.
    LoadHistory {
        /// Which chat.
        chat: ChatId,
        /// Where.
        place: Place,
        /// At most this many messages.
        limit: usize,
    },
    /// Read the next messages of a chat's history, oldest first, to be written elsewhere.
    Export {
        /// Which chat.
        chat: ChatId,
        /// Behind this row.
        after: RowId,
    },
    /// Search the history.
    Search {
        /// What for.
        what: SearchFor,
        /// At most this many.
        limit: usize,
    },
    /// Keep what is being written.
    KeepDraft {
        /// Where.
        chat: ChatId,
        /// The words; empty forgets it.
        draft: String,
    },
    /// Whether a chat notifies.
    Mute {
        /// Which.
        chat: ChatId,
        /// Until when not.
        mute: Mute,
    },
    /// Forget messages of one chat, or all; those in the outbox stay.
    ClearHistory {
        /// Which chat.
        chat: Option<ChatId>,
    },
    /// Whether messages stay on this computer from here on.
    Retain(Retention),
    /// Do something about files.
    Files {
        /// Comes back with the answer.
        ask: AskId,
        /// What.
        order: FileOrder,
    },
    /// Take another key for a contact's: the user knows that the device is another.
    Repin {
        /// Whose.
        peer: UserName,
        /// The key that was shown.
        device: DeviceKey,
    },
    /// The user compared the code with a contact.
    Verify {
        /// With whom.
        peer: UserName,
        /// The key for which it holds.
        device: DeviceKey,
    },
    /// Whether private messages stay on this computer from here on. Without a word they do not.
    RetainPrivate(Retention),
    /// Whether authors learn from here on that their messages were read. Without a word they do.
    TellRead(Receipts),
    /// Who learns the addresses of this device from here on. Without a word peers do. A change ends open private sessions.
    ShowAddress(AddressPolicy),
    /// Give the account another password; answered with [`crate::Event::PasswordAnswered`].
    ChangePassword {
        /// Comes back with the answer.
        ask: AskId,
        /// Proves that it is the user.
        old: Password,
        /// From here on.
        new: Password,
    },
    /// Log out and close the line once everything written is accepted or refused, or the line is lost.
    SignOut,
}

/// Whether messages stay on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retention {
    /// They do.
    #[default]
    Keep,
    /// Only what the outbox needs, as long as it does; and the ids of what arrived, so that nothing is shown twice.
    OutboxOnly,
}

/// Whether authors learn that their messages were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Receipts {
    /// They do.
    #[default]
    Sent,
    /// They do not.
    Withheld,
}

/// Who learns under which addresses this device may be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Those it is introduced to: links go the shortest way.
    #[default]
    ToPeers,
    /// Nobody: links go through the server's relay, and there are none without one.
    ToNobody,
}

/// How to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The server, perhaps with the key that it must show.
    pub server: Invitation,
    /// As whom.
    pub name: UserName,
    /// With what.
    pub credential: Credential,
    /// The key that the user decided to trust, whatever is pinned and whatever an invitation says.
    pub trusted: Option<Fingerprint>,
    /// What becomes of a session of this name elsewhere.
    pub take_over: TakeOver,
}

impl SignIn {
    /// A sign-in that trusts the pinned key and leaves a session elsewhere alone.
    #[must_use]
    pub const fn new(server: Invitation, name: UserName, credential: Credential) -> Self {
        Self { server, name, credential, trusted: None, take_over: TakeOver::No }
    }
}

/// What becomes of a session of the same name on another device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TakeOver {
    /// It stays, and the sign-in is refused.
    #[default]
    No,
    /// It ends.
    Yes,
}

/// With what a user proves who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The account's password.
    Password(Password),
    /// Make the account, then log in.
    NewAccount(Password),
    /// The token that the profile keeps from the last session.
    KeptToken,
}

/// What the server can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Who is online.
    Whoelse,
    /// Who was online in the last seconds.
    Whoelsesince(Seconds),
    /// Block a user.
    Block(UserName),
    /// Unblock a user.
    Unblock(UserName),
    /// Who is blocked.
    Blocked,
    /// Count as active.
    Stay,
    /// Something about private sessions.
    Private(PrivateCommand),
    /// Something about shared files.
    Files(FilesCommand),
}

/// Which messages are read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recall {
    /// The newest, oldest first.
    Latest {
        /// With whom; `None` is every chat.
        with: Option<UserName>,
        /// Before which.
        before: Option<MessageId>,
    },
    /// Those in which all these words occur, newest first.
    Search {
        /// The words.
        words: String,
    },
}

/// Where a page of history lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The newest messages.
    End,
    /// Those before a row.
    Before(RowId),
    /// Those behind a row.
    After(RowId),
    /// Those around a row, which is among them.
    Around(RowId),
}
