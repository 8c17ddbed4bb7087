//! What the hub holds of an account and of its session.

use std::collections::{BTreeSet, VecDeque};

use whoelse_proto::limits::MAX_UNACKNOWLEDGED;
use whoelse_proto::{Seq, Timestamp, UserName};

use crate::command::{ConnId, PassHash, TokenHash};
use crate::conn::Newcomer;
use crate::fair::{Shares, Waiting};
use crate::guard::Guard;
use crate::private::Private;
use crate::store::AccountSnapshot;

/// An account of the file of accounts.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Whom it has blocked.
    pub(crate) blocked: BTreeSet<UserName>,
    /// Who has blocked it.
    pub(crate) blocked_by: BTreeSet<UserName>,
    /// The end of its last session.
    pub(crate) last_seen: Option<Timestamp>,
    /// What a client may show to take up the session, or to begin one without a password.
    pub(crate) token: Option<KeptToken>,
    /// There is one while the user is online.
    pub(crate) session: Option<Session>,
    /// Wrong passwords, open logins and known devices.
    pub(crate) guard: Guard,
    /// What it has used of its fair shares.
    pub(crate) shares: Shares,
    /// What waits in its inbox.
    pub(crate) waiting: Waiting,
}

/// A token that is good for a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptToken {
    pub(crate) hash: TokenHash,
    /// The last valid action; while a session is open, the session knows better.
    pub(crate) active_at: Timestamp,
}

impl From<AccountSnapshot> for Account {
    fn from(snapshot: AccountSnapshot) -> Self {
        let token = snapshot.token.map(|(hash, active_at)| KeptToken { hash, active_at });
        let (waiting, guard) = (Waiting::of(snapshot.waiting), Guard::new(snapshot.passes, snapshot.missed));
        Self { blocked: snapshot.blocked, last_seen: snapshot.last_seen, token, waiting, guard, ..Self::default() }
    }
}

/// The time between a login and its end.
#[derive(Debug)]
pub(crate) struct Session {
    /// The login.
    pub(crate) since: Timestamp,
    /// The last valid action.
    pub(crate) active_at: Timestamp,
    /// Whether the warning of inactivity was given since.
    pub(crate) warned: Warned,
    pub(crate) line: Line,
    pub(crate) delivery: Delivery,
    /// Changes of presence up to this number are in the roster that the client has.
    pub(crate) roster_mark: u64,
    /// What stands between the user and others.
    pub(crate) private: Private,
    /// Connections with the right password that wait for the old line's sign of life.
    pub(crate) challengers: Vec<Newcomer>,
    /// The pass of the device on which it began, if it began with a password.
    pub(crate) device: Option<PassHash>,
}

/// Whether a client knows that its session is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Warned {
    /// It does not.
    No,
    /// It does.
    Yes,
}

/// Whether a session has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// On this connection.
    Up(ConnId),
    /// Since then; others see the user as online until the grace is over.
    Lost(Timestamp),
}

impl Line {
    pub(crate) fn conn(self) -> Option<ConnId> {
        match self {
            Self::Up(conn) => Some(conn),
            Self::Lost(_) => None,
        }
    }
}

/// Bytes of text sent to one client ahead of its acknowledgement: what a client that stopped reading may cost.
const MAX_UNACKNOWLEDGED_BYTES: usize = 512 * 1024;

/// Messages read from an inbox at a time: at most half a MiB of text.
pub(crate) const INBOX_PAGE: usize = 32;

/// How the inbox flows to the client: never further ahead of its acknowledgements than a window.
#[derive(Debug)]
pub(crate) struct Delivery {
    flow: Flow,
    /// Sent and not acknowledged, with the bytes of text.
    in_flight: VecDeque<(Seq, usize)>,
    bytes: usize,
    sent_to: Seq,
    /// Acknowledged, while the store could not write it.
    unwritten: Option<Seq>,
    /// Whether it is news that a page cannot be read.
    failed: IsNews,
}

/// Whether the client is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsNews {
    Yes,
    No,
}

/// Where the next message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// A page is being read; what is new will be on it or behind it.
    Loading,
    /// The window is full; the next page is read when it has room.
    Behind,
    /// The client has everything; what is new is sent at once.
    Live,
}

impl Delivery {
    /// A client that has nothing yet; the first page is being read.
    pub(crate) fn loading() -> Self {
        let sent_to = Seq::default();
        Self {
            flow: Flow::Loading,
            in_flight: VecDeque::new(),
            bytes: 0,
            sent_to,
            unwritten: None,
            failed: IsNews::Yes,
        }
    }

    /// The highest place sent.
    pub(crate) fn sent_to(&self) -> Seq {
        self.sent_to
    }

    fn has_room(&self) -> bool {
        self.in_flight.len() < MAX_UNACKNOWLEDGED && self.bytes < MAX_UNACKNOWLEDGED_BYTES
    }

    fn send(&mut self, seq: Seq, size: usize) {
        self.in_flight.push_back((seq, size));
        self.bytes += size;
        self.sent_to = seq;
    }

    /// Whether a message that was just stored goes to the client at once.
    pub(crate) fn offer(&mut self, seq: Seq, size: usize) -> Offer {
        if self.flow != Flow::Live || seq <= self.sent_to {
            return Offer::Wait;
        }
        if !self.has_room() {
            self.flow = Flow::Behind;
            return Offer::Wait;
        }
        self.send(seq, size);
        Offer::Send
    }

    /// Takes what a page holds beyond what was sent, as `(place, size)`.
    pub(crate) fn load(&mut self, page: impl Iterator<Item = (Seq, usize)>, more: More) {
        for (seq, size) in page {
            self.send(seq, size);
        }
        self.flow = match more {
            More::Yes => Flow::Behind,
            More::No => Flow::Live,
        };
    }

    /// Messages up to a place cannot be read: the next page begins behind them.
    pub(crate) fn pass_over(&mut self, seq: Seq) {
        self.sent_to = self.sent_to.max(seq);
    }

    /// The page could not be read: it is asked for again with the next acknowledgement or message. Gives whether that is
    /// news on this line.
    pub(crate) fn load_failed(&mut self) -> IsNews {
        self.flow = Flow::Behind;
        std::mem::replace(&mut self.failed, IsNews::No)
    }

    /// The store could not write an acknowledgement.
    pub(crate) fn not_written(&mut self, up_to: Seq) {
        self.unwritten = self.unwritten.max(Some(up_to));
    }

    /// The place up to which the store is to be asked again.
    pub(crate) fn take_unwritten(&mut self) -> Option<Seq> {
        self.unwritten.take()
    }

    /// Takes an acknowledgement. Gives the place up to which it holds, if it is news.
    pub(crate) fn acknowledge(&mut self, up_to: Seq) -> Option<Seq> {
        let mut last = None;
        while let Some(&(seq, size)) = self.in_flight.front().filter(|(seq, _)| *seq <= up_to) {
            self.in_flight.pop_front();
            self.bytes -= size;
            last = Some(seq);
        }
        last
    }

    /// Whether the next page is to be read; if so, it counts as being read.
    pub(crate) fn wants_page(&mut self) -> bool {
        let wants = self.flow == Flow::Behind
            && self.in_flight.len() <= MAX_UNACKNOWLEDGED / 2
            && self.bytes <= MAX_UNACKNOWLEDGED_BYTES / 2;
        if wants {
            self.flow = Flow::Loading;
        }
        wants
    }
}

/// What becomes of a message for an online user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It is sent.
    Send,
    /// It stays in the inbox until a page brings it.
    Wait,
}

/// Whether there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    /// There is.
    Yes,
    /// There is not.
    No,
}
