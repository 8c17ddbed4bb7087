//! One connection from its welcome to its end, and the requests open on it.

use std::collections::{BTreeMap, VecDeque};

use whoelse_proto::{ClientFrame, Command, MessageId, RequestId, UserName};

use super::LinkOutput;
use super::answers::Gathering;
use super::incoming::Inbox;
use super::outbox::Outbox;
use super::roster::Roster;
use super::settling::Settling;
use crate::request::{Ask, AskId};

/// The number of a line; a later line has a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(u64);

impl LineId {
    /// Line number `n`.
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

/// The server did what no server does; the line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

/// A request that awaits its answer.
#[derive(Debug)]
pub(super) enum Open {
    /// A message.
    Send {
        /// Which.
        id: MessageId,
        /// To whom; `None` is a broadcast.
        to: Option<UserName>,
    },
    /// An ask of the user.
    Ask(Gathering),
    /// A read marker.
    MarkRead {
        /// Who wrote it.
        peer: UserName,
        /// Which.
        up_to: MessageId,
    },
    /// Which rows of the outbox the server has.
    Check,
    /// A look-up of own messages.
    Lookup,
    /// The end of the session.
    Logout,
}

/// The requests that await their answers.
#[derive(Debug, Default)]
pub(super) struct Requests {
    last: RequestId,
    open: BTreeMap<RequestId, Open>,
}

impl Requests {
    /// Sends a request.
    pub(super) fn open(&mut self, what: Open, command: Command, out: &mut Vec<LinkOutput>) {
        self.last = self.last.next();
        self.open.insert(self.last, what);
        out.push(LinkOutput::Transmit(ClientFrame::Request { id: self.last, command }));
    }

    /// Takes an answered request out.
    pub(super) fn take(&mut self, id: RequestId) -> Option<Open> {
        self.open.remove(&id)
    }

    /// Puts a request back whose answer goes on.
    pub(super) fn keep(&mut self, id: RequestId, what: Open) {
        self.open.insert(id, what);
    }

    /// How many are of a kind.
    pub(super) fn count(&self, kind: impl Fn(&Open) -> bool) -> usize {
        self.open.values().filter(|what| kind(what)).count()
    }

    /// All, in the order they were sent.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    /// Whether none is open.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// All, in the order they were sent.
    pub(super) fn into_open(self) -> impl Iterator<Item = Open> {
        self.open.into_values()
    }
}

/// Whether the session is being ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// No.
    Unsaid,
    /// The server was asked to.
    Said,
}

/// A connection on which the user is logged in.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: LineId,
    pub(super) requests: Requests,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    pub(super) roster: Roster,
    pub(super) settling: Settling,
    pub(super) asks: VecDeque<(AskId, Ask)>,
    /// Entries of unfinished answers, of all open asks together.
    pub(super) gathered: usize,
    pub(super) farewell: Farewell,
}

impl Line {
    pub(super) fn new(id: LineId) -> Self {
        Self {
            id,
            requests: Requests::default(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            roster: Roster::default(),
            settling: Settling::default(),
            asks: VecDeque::new(),
            gathered: 0,
            farewell: Farewell::Unsaid,
        }
    }
}
