//! What can be asked of the history, and what comes of it.

use whoelse_model::{
    AskId, ChatId, ChatSummary, DiskFault, DiskOp, DiskResult, DiskTicket, HistoryPage, LineId, Message, Mute,
    NewMessage, Place, Recall, Retention, RowId, SearchFor,
};
use whoelse_proto::{MessageId, Text, UserName};

/// Something to do. Jobs are done in the order they are given, and their results come in that order, but for
/// searches.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// What the link asks.
    Op {
        /// Comes back with the result.
        ticket: DiskTicket,
        /// On whose behalf.
        line: Option<LineId>,
        /// What.
        op: DiskOp,
    },
    /// Give a message of a private session its row; keep the message itself if it is to be kept.
    Private {
        /// Which.
        message: NewMessage,
        /// Whether it is.
        retention: Retention,
    },
    /// A private message came through.
    PrivateDelivered {
        /// Which.
        id: MessageId,
    },
    /// Read a page.
    Page {
        /// Of which chat.
        chat: ChatId,
        /// Where.
        place: Place,
        /// At most this many messages.
        limit: usize,
    },
    /// Read the next messages, to be written elsewhere.
    Export {
        /// Of which chat.
        chat: ChatId,
        /// Behind this row.
        after: RowId,
    },
    /// Search.
    Search {
        /// What for.
        what: SearchFor,
        /// At most this many messages.
        limit: usize,
    },
    /// Read messages back.
    Recall {
        /// Comes back with them.
        ask: AskId,
        /// Which.
        what: Recall,
        /// At most this many.
        limit: usize,
    },
    /// Find where a message was written that is to be answered.
    Reply {
        /// The answer's id.
        id: MessageId,
        /// Which.
        to: MessageId,
        /// The answer.
        text: Text,
    },
    /// Everything in a chat up to a row was seen.
    MarkRead {
        /// Where.
        chat: ChatId,
        /// The last row seen.
        row: RowId,
    },
    /// Keep what is being written.
    KeepDraft {
        /// Where.
        chat: ChatId,
        /// The words.
        draft: String,
    },
    /// Whether a chat notifies.
    Mute {
        /// Which.
        chat: ChatId,
        /// Until when not.
        mute: Mute,
    },
    /// Forget messages; those in the outbox stay until they are through.
    Clear {
        /// Of one chat, or all.
        chat: Option<ChatId>,
    },
    /// Whether to keep messages from here on.
    Retain(Retention),
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Of what the link asked.
    Op {
        /// Which.
        ticket: DiskTicket,
        /// What.
        result: Result<DiskResult, DiskFault>,
    },
    /// A private message has its row, or none.
    Private {
        /// Which.
        id: MessageId,
        /// The message, or why it has no row.
        result: Result<Message, DiskFault>,
    },
    /// A page.
    Page(HistoryPage),
    /// Messages to be written elsewhere.
    Exported(HistoryPage),
    /// What was found.
    Found {
        /// What was searched for.
        what: SearchFor,
        /// Newest first.
        hits: Vec<Message>,
    },
    /// Messages that were read back.
    Recalled {
        /// Which ask.
        ask: AskId,
        /// The messages.
        messages: Vec<Message>,
    },
    /// Where the message that is to be answered was written; `None` if it is not here.
    Reply {
        /// The answer's id.
        id: MessageId,
        /// Which.
        to: MessageId,
        /// The answer.
        text: Text,
        /// Where.
        chat: Option<ChatId>,
    },
    /// A marker moved, and this is the last message of the peer that was seen.
    Seen {
        /// Who wrote it.
        peer: UserName,
        /// Which.
        up_to: MessageId,
    },
    /// Messages are forgotten.
    Cleared {
        /// Of which chat.
        chat: Option<ChatId>,
        /// The chats as they are.
        chats: Vec<ChatSummary>,
    },
    /// It is done, and there is nothing to tell.
    Nothing,
    /// It could not be done; nothing of it is there.
    Failed(DiskFault),
}

impl Job {
    /// Whether it changes the database.
    pub(crate) const fn writes(&self) -> bool {
        match self {
            Self::Op { op: DiskOp::LoadOpen | DiskOp::LoadUnsettled { .. } | DiskOp::LoadUnread { .. }, .. }
            | Self::Page { .. }
            | Self::Export { .. }
            | Self::Recall { .. }
            | Self::Reply { .. }
            | Self::Search { .. } => false,
            Self::Op { .. }
            | Self::Private { .. }
            | Self::PrivateDelivered { .. }
            | Self::MarkRead { .. }
            | Self::KeepDraft { .. }
            | Self::Mute { .. }
            | Self::Clear { .. }
            | Self::Retain(_) => true,
        }
    }

    /// Whether words leave the database by it.
    pub(crate) const fn takes_words_away(&self, retention: Retention) -> bool {
        match self {
            Self::Clear { .. } | Self::Op { op: DiskOp::Remove { .. }, .. } => true,
            // Where nothing is kept, what is done with goes.
            Self::Op { op: DiskOp::Step { .. } | DiskOp::MarkShown { .. } | DiskOp::Refuse { .. }, .. } => {
                matches!(retention, Retention::OutboxOnly)
            }
            Self::Op { .. }
            | Self::Private { .. }
            | Self::PrivateDelivered { .. }
            | Self::Page { .. }
            | Self::Export { .. }
            | Self::Search { .. }
            | Self::Recall { .. }
            | Self::Reply { .. }
            | Self::MarkRead { .. }
            | Self::KeepDraft { .. }
            | Self::Mute { .. }
            | Self::Retain(_) => false,
        }
    }

    /// The line on whose behalf it is done.
    pub(crate) const fn line(&self) -> Option<LineId> {
        match self {
            Self::Op { line, .. } => *line,
            Self::Private { .. }
            | Self::PrivateDelivered { .. }
            | Self::Page { .. }
            | Self::Export { .. }
            | Self::Search { .. }
            | Self::Recall { .. }
            | Self::Reply { .. }
            | Self::MarkRead { .. }
            | Self::KeepDraft { .. }
            | Self::Mute { .. }
            | Self::Clear { .. }
            | Self::Retain(_) => None,
        }
    }

    /// What to tell when it could not be done.
    pub(crate) fn failed(&self, fault: DiskFault) -> Done {
        match self {
            Self::Op { ticket, .. } => Done::Op { ticket: *ticket, result: Err(fault) },
            Self::Private { message, .. } => Done::Private { id: message.id, result: Err(fault) },
            Self::PrivateDelivered { .. }
            | Self::Page { .. }
            | Self::Export { .. }
            | Self::Search { .. }
            | Self::Recall { .. }
            | Self::Reply { .. }
            | Self::MarkRead { .. }
            | Self::KeepDraft { .. }
            | Self::Mute { .. }
            | Self::Clear { .. }
            | Self::Retain(_) => Done::Failed(fault),
        }
    }
}
