//! The conversation with the server, pure: what to send, what to put on disk, what to tell.
//!
//! The shell makes the connection and logs in; from the welcome on, [`Link`] decides. It holds no socket and no file,
//! and it refuses to know when a lost line is tried again.
//!
//! | promise | how |
//! | --- | --- |
//! | what was written is sent, in order | the outbox is rows on disk; a line begins by reading them, oldest first |
//! | nothing is shown twice | the history holds each id once; only a row that is new is told |
//! | nothing is lost | a place is acknowledged when it and all before it are on disk, or shown ([`Delivery`]) |
//! | a server that lies does no harm | every list has a bound; what cannot be true ends the line |

mod answers;
mod disk;
mod incoming;
mod line;
mod machine;
mod markers;
mod outbox;
mod outgoing;
mod roster;
mod settling;
mod showing;
#[cfg(test)]
mod tests;

pub use line::LineId;
pub use machine::Link;

use whoelse_proto::{
    ClientFrame, MessageId, MessageState, PrivateNews, Refusal, Seconds, Seq, ServerFrame, SessionKind, Timestamp,
    UserName,
};

use crate::event::Event;
use crate::message::{ChatId, Delivery, Message, NewMessage};
use crate::request::{Ask, AskId};

/// Messages of the outbox that are held in memory at once; the others wait on disk until these are through.
pub const OUTBOX_WINDOW: usize = 1024;

/// The number of a disk operation; its result carries the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiskTicket(u64);

impl DiskTicket {
    /// Ticket number `n`.
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

/// What reaches the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkInput {
    /// The shell logged in on a new line.
    Welcomed {
        /// As whom.
        name: UserName,
        /// Begun or taken up again.
        session: SessionKind,
        /// The inactivity timeout.
        timeout: Seconds,
        /// The server's clock.
        now: Timestamp,
        /// When the session began.
        since: Timestamp,
    },
    /// A frame behind the welcome, pings included: the link answers them.
    Frame(ServerFrame),
    /// The line is gone. Needless, and harmless, behind a [`LinkOutput::Close`] or [`LinkOutput::Abandon`].
    LineLost,
    /// The user wrote a message.
    Write(NewMessage),
    /// The user wants a refused message sent again.
    Resend {
        /// Which.
        id: MessageId,
    },
    /// The user takes a message back.
    Delete {
        /// Which.
        id: MessageId,
    },
    /// The user asks the server.
    Ask {
        /// Comes back with the answer.
        ask: AskId,
        /// What.
        what: Ask,
    },
    /// The user has seen a chat up to a message of the peer.
    MarkRead {
        /// Who wrote it.
        peer: UserName,
        /// Which.
        up_to: MessageId,
    },
    /// Whoever reads has these messages, which were told.
    Shown {
        /// Which.
        ids: Vec<MessageId>,
    },
    /// The user wants to be here: a wish to sign out that was not fulfilled is forgotten.
    SignIn,
    /// The user signs out; what is written goes first. The wish stands until the session ends.
    SignOut,
    /// The disk did, or could not do, what a ticket asked. Comes in the order of the tickets.
    Disk {
        /// Which.
        ticket: DiskTicket,
        /// What came of it.
        result: Result<DiskResult, DiskFault>,
    },
}

/// What the link asks of its shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOutput {
    /// Put a frame on the line.
    Transmit(ClientFrame),
    /// Do something on disk. Operations are done in the order they are asked.
    Disk {
        /// Comes back with the result.
        ticket: DiskTicket,
        /// On whose behalf. Once an operation of a line faults, those behind it of the same line fault too, or a later
        /// message could take an earlier one's place; the link abandons the line, and the next begins anew.
        line: Option<LineId>,
        /// What.
        op: DiskOp,
    },
    /// Hand the server's news of private sessions to whoever keeps them.
    Private(PrivateNews),
    /// Tell the model.
    Tell(Event),
    /// Close the line: the session is over.
    Close,
    /// Close the line and, after a while, try again: the server, or the disk of this computer, did what cannot be
    /// gone on with.
    Abandon {
        /// What, for people.
        cause: String,
    },
}

/// Something on the client's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskOp {
    /// Put an own message into the history; it is the outbox's row too until it is accepted or refused.
    /// Result: [`DiskResult::Put`].
    PutOutgoing(NewMessage),
    /// Put an arrived message into the history, unless it is there already, and remember `seq` as the highest place
    /// taken. Result: [`DiskResult::Put`], [`DiskResult::Unshown`] or [`DiskResult::Duplicate`].
    PutIncoming {
        /// The message.
        message: NewMessage,
        /// Its place in the inbox on the server.
        seq: Seq,
        /// Whether it is there as shown, or not yet.
        delivery: Delivery,
    },
    /// Messages were shown. Result: [`DiskResult::Shown`].
    MarkShown {
        /// Which.
        ids: Vec<MessageId>,
    },
    /// An own message has come to a state. Result: [`DiskResult::Stepped`], of those that were not there yet.
    Step {
        /// Which; with [`MessageState::Read`] every own message to `peer` up to the last of these.
        ids: Vec<MessageId>,
        /// To whom; `None` is a broadcast, or where these ids alone are meant.
        peer: Option<UserName>,
        /// The state.
        state: MessageState,
        /// When.
        at: Timestamp,
        /// Of an accepted broadcast: somebody did not get it.
        skipped: bool,
    },
    /// An own message was refused; it leaves the outbox and stays in the history. Result: [`DiskResult::Stepped`].
    Refuse {
        /// Which.
        id: MessageId,
        /// Why.
        refusal: Refusal,
    },
    /// Accepted messages went with the account that they waited for. Result: [`DiskResult::Stepped`], of those that had
    /// not arrived.
    Lose {
        /// Which.
        ids: Vec<MessageId>,
    },
    /// A refused message goes back into the outbox. Result: [`DiskResult::Restored`].
    Restore {
        /// Which.
        id: MessageId,
    },
    /// A message that the server does not have leaves history and outbox. Result: [`DiskResult::Removed`].
    Remove {
        /// Which.
        id: MessageId,
    },
    /// Read the outbox, the oldest [`OUTBOX_WINDOW`] in the order written (one restored counts as written then), the first
    /// page of [`Self::LoadUnsettled`], and the oldest [`OUTBOX_WINDOW`] messages that arrived and were not shown.
    /// Result: [`DiskResult::Open`].
    LoadOpen,
    /// Read own direct messages accepted in the last 30 days, behind one of them in the order of the history: all that
    /// are not delivered, and of those delivered and not read the oldest of each chat; at most
    /// [`whoelse_proto::limits::MAX_LOOKUP_IDS`]. Result: [`DiskResult::Unsettled`].
    LoadUnsettled {
        /// Behind which.
        after: MessageId,
    },
    /// Read own messages accepted in the last 30 days and not read, of the same chat behind one that was read; at most
    /// [`whoelse_proto::limits::MAX_LOOKUP_IDS`]. Result: [`DiskResult::Unsettled`].
    LoadUnread {
        /// Behind which.
        after: MessageId,
    },
}

/// What came of a disk operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskResult {
    /// The message is in the history.
    Put(Message),
    /// The message was there before, and was not shown.
    Unshown(Message),
    /// The message was there before.
    Duplicate,
    /// It is noted that these were shown.
    Shown(Vec<MessageId>),
    /// Own messages with their steps as they are.
    Stepped(Vec<(ChatId, MessageId, crate::message::Outgoing)>),
    /// The message is in the outbox again; `None` if there is no such refused message.
    Restored(Option<Message>),
    /// The message is gone; `None` if it was not there or the server has it.
    Removed(Option<(ChatId, MessageId)>),
    /// What is open.
    Open {
        /// Written and not accepted, oldest first.
        outbox: Vec<Message>,
        /// Accepted or delivered, not read: the first page, oldest first.
        unread: Vec<Unsettled>,
        /// Arrived and not shown, oldest first.
        unshown: Vec<Message>,
    },
    /// Own messages that may have come further, oldest first.
    Unsettled(Vec<Unsettled>),
}

/// An own message that may have come further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Which.
    pub id: MessageId,
    /// To whom.
    pub peer: UserName,
}

/// The disk could not do it; nothing of it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFault {
    /// What was wrong, for people.
    pub cause: String,
}
