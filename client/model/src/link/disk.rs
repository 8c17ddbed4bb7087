//! Disk operations under way.

use std::collections::BTreeMap;

use whoelse_proto::{MessageId, Seq};

use super::line::LineId;
use super::outbox::LookUp;
use super::{DiskOp, DiskTicket, LinkOutput};

/// What a disk operation was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To keep a message written here.
    Save(MessageId),
    /// To keep what became of a message that left the outbox.
    Settle(LineId, MessageId),
    /// To put a refused message back into the outbox.
    Restore(MessageId),
    /// To take a message back.
    Remove(MessageId),
    /// To read the outbox for a line.
    Load(LineId, LookUp),
    /// To keep an arrived message.
    Keep(LineId, Seq),
    /// To note that messages were shown.
    Note(Option<LineId>),
    /// To read own messages that may have come further.
    Unsettled(LineId),
    /// To keep how far own messages have come.
    Progress(LineId),
}

/// On whose account an operation is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// The user's, or an answer to what the user did.
    User,
    /// The server's.
    Server,
}

impl Purpose {
    /// The line that cannot go on without it; what the user asked for is up to the user.
    pub(super) const fn line(self) -> Option<LineId> {
        match self {
            Self::Settle(line, _)
            | Self::Load(line, _)
            | Self::Keep(line, _)
            | Self::Progress(line)
            | Self::Unsettled(line) => Some(line),
            Self::Note(line) => line,
            Self::Save(_) | Self::Restore(_) | Self::Remove(_) => None,
        }
    }

    const fn cause(self) -> Cause {
        match self {
            Self::Save(_)
            | Self::Settle(..)
            | Self::Restore(_)
            | Self::Remove(_)
            | Self::Load(..)
            | Self::Note(_)
            | Self::Unsettled(_) => Cause::User,
            Self::Keep(..) | Self::Progress(_) => Cause::Server,
        }
    }
}

/// The operations whose results are awaited.
#[derive(Debug, Default)]
pub(super) struct Disk {
    last: u64,
    awaited: BTreeMap<DiskTicket, Purpose>,
    for_user: usize,
    for_server: usize,
}

impl Disk {
    /// Asks for an operation.
    pub(super) fn ask(&mut self, purpose: Purpose, op: DiskOp, out: &mut Vec<LinkOutput>) {
        self.last += 1;
        let ticket = DiskTicket::new(self.last);
        self.awaited.insert(ticket, purpose);
        *self.count(purpose) += 1;
        out.push(LinkOutput::Disk { ticket, line: purpose.line(), op });
    }

    /// What the operation was for, once; `None` for a ticket that is not awaited.
    pub(super) fn answered(&mut self, ticket: DiskTicket) -> Option<Purpose> {
        let purpose = self.awaited.remove(&ticket)?;
        *self.count(purpose) -= 1;
        Some(purpose)
    }

    /// Operations under way on the user's account.
    pub(super) const fn waiting_for_user(&self) -> usize {
        self.for_user
    }

    /// Operations under way on the server's account.
    pub(super) const fn waiting_for_server(&self) -> usize {
        self.for_server
    }

    const fn count(&mut self, purpose: Purpose) -> &mut usize {
        match purpose.cause() {
            Cause::User => &mut self.for_user,
            Cause::Server => &mut self.for_server,
        }
    }
}
