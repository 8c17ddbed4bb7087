//! What must survive, as the hub asks for it. `whoelse-server` keeps it in SQLite; the simulator in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use whoelse_proto::{InviteFault, KnownState, MessageId, MissedTries, Seq, Span, Timestamp, UserName};

use crate::command::{InviteHash, PassHash, TokenHash};
use crate::effect::Message;
use crate::fair::Load;

/// The number of a store operation; its result carries the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
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

/// Something to make durable or to look up. Each is done whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreOp {
    /// Take a message and put it into these inboxes. The message gets the next [`Seq`], the same in each inbox.
    /// A message with this id that `message.from` sent before is not taken again, and a full disk does not hinder
    /// finding that out. Result: [`Stored::Accepted`],
    /// [`Stored::Known`] or [`Stored::Foreign`].
    Accept {
        /// The message.
        message: Arc<Message>,
        /// Whose inboxes; may be empty (a broadcast that nobody hears is taken all the same).
        recipients: Vec<UserName>,
    },
    /// Take everything up to a place out of an inbox. What no inbox holds any more loses its content at once; that it
    /// was taken and how far it came is remembered for [`whoelse_proto::limits::MEMORY_DAYS`].
    /// Result: [`Stored::Acknowledged`].
    Acknowledge {
        /// Whose inbox.
        name: UserName,
        /// The place.
        up_to: Seq,
    },
    /// Read on in an inbox. Result: [`Stored::Page`].
    LoadInbox {
        /// Whose.
        name: UserName,
        /// Behind this place.
        after: Seq,
        /// At most this many.
        limit: usize,
    },
    /// Mark the messages from `peer` to `reader` (not broadcasts) up to this one as read.
    /// Result: [`Stored::Read`].
    MarkRead {
        /// Who has seen them.
        reader: UserName,
        /// Who wrote them.
        peer: UserName,
        /// The latest one seen.
        up_to: MessageId,
    },
    /// How far messages of `sender` have come. Result: [`Stored::States`], without those it does not know.
    Lookup {
        /// Whose.
        sender: UserName,
        /// Which.
        ids: Vec<MessageId>,
        /// Recipients who hide from the sender: a message to one of them counts as accepted, however far it came.
        hidden: BTreeSet<UserName>,
    },
    /// A session begins, with its token. Result: [`Stored::Done`].
    OpenSession {
        /// Whose.
        name: UserName,
        /// The login. With the name it names the session.
        since: Timestamp,
        /// Its token; replaces any earlier one of the name.
        token: TokenHash,
    },
    /// A session is over. Result: [`Stored::Done`].
    CloseSession {
        /// Whose.
        name: UserName,
        /// Its login.
        since: Timestamp,
        /// Its end.
        at: Timestamp,
        /// What becomes of its token.
        token: TokenFate,
    },
    /// A device that is known to an account logged in. Result: [`Stored::Done`].
    KeepPass {
        /// Whose.
        name: UserName,
        /// Its pass.
        pass: PassHash,
        /// When.
        at: Timestamp,
        /// The device that is forgotten for it.
        instead_of: Option<PassHash>,
    },
    /// The user changed the password: the passes of all devices but this are void. Result: [`Stored::Done`].
    KeepPassAlone {
        /// Whose.
        name: UserName,
        /// The pass of the device that stays known, if there is one.
        device: Option<PassHash>,
    },
    /// Wrong passwords for a name since its last login; none if they were told. Result: [`Stored::Done`].
    NoteMissed {
        /// Whose.
        name: UserName,
        /// How many and when.
        missed: Option<MissedTries>,
    },
    /// The token of this name is void. Result: [`Stored::Done`].
    RevokeToken {
        /// Whose.
        name: UserName,
    },
    /// The token and the passes of this name are void: the password is another. Result: [`Stored::Done`].
    RevokeSecrets {
        /// Whose.
        name: UserName,
    },
    /// The sessions of these names that were open at `from` or later. Result: [`Stored::Sessions`].
    SessionsOf {
        /// Whose; a bounded number.
        names: Vec<UserName>,
        /// Where the span begins.
        from: Timestamp,
    },
    /// `name` blocks `whom`. Result: [`Stored::Done`].
    Block {
        /// Who blocks.
        name: UserName,
        /// Whom.
        whom: UserName,
    },
    /// `name` unblocks `whom`. Result: [`Stored::Done`].
    Unblock {
        /// Who.
        name: UserName,
        /// Whom.
        whom: UserName,
    },
    /// Whether an account may be made by an invitation. Result: [`Stored::Invite`].
    FindInvite {
        /// By what it is kept.
        invite: InviteHash,
        /// When.
        at: Timestamp,
    },
    /// Take one of the accounts that an invitation is for, for this name. Until [`StoreOp::BeginAccount`] of the name it
    /// can be given back; a start of the server gives it back if the name has no account. Result: [`Stored::Invite`].
    ClaimInvite {
        /// By what it is kept.
        invite: InviteHash,
        /// Whose account is about to be made.
        name: UserName,
        /// When.
        at: Timestamp,
    },
    /// The account was not made: give back what was taken of an invitation for it, if anything was. Result:
    /// [`Stored::Done`].
    ReturnInvite {
        /// Whose account was about to be made.
        name: UserName,
    },
    /// There is a new account. What was taken of an invitation for it is used. Result: [`Stored::Done`].
    BeginAccount {
        /// Whose.
        name: UserName,
        /// When.
        at: Timestamp,
    },
    /// The line of an account in doubt ([`Snapshot::in_doubt`]) is back: what is remembered of it is its own again. Its
    /// tokens are void. Result: [`Stored::Recalled`].
    RecallAccount {
        /// Whose.
        name: UserName,
    },
    /// An account is no more, or one of its name is about to be made: nothing of it is left for the next one. Its
    /// inbox is emptied, and what waited there counts as accepted ever after; its sessions, token, marks, and the
    /// blocks by it and of it are gone. What it wrote to others stays. Result: [`Stored::Forgotten`].
    ForgetAccount {
        /// Whose.
        name: UserName,
    },
    /// The server runs: if it is killed, sessions then open count as ended here. Result: [`Stored::Done`].
    Heartbeat {
        /// When.
        at: Timestamp,
    },
    /// Forget sessions that ended before, invitations whose time was over before, and messages taken before that no inbox
    /// holds. Accounts without a line for so long are forgotten too. Result: [`Stored::Forgotten`].
    Forget {
        /// Before when.
        before: Timestamp,
    },
}

/// Messages of one sender that waited for an account that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Who wrote them.
    pub sender: UserName,
    /// Whose account it was.
    pub peer: UserName,
    /// Which, in the order they were taken.
    pub ids: Vec<MessageId>,
}

/// What becomes of the token of a session that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFate {
    /// Logout, timeout: void.
    Revoked,
    /// Lost line, server stop: may begin a session later. Holds the last valid action, from which the inactivity
    /// timeout still counts.
    Kept {
        /// The last valid action.
        active_at: Timestamp,
    },
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is durable.
    Done,
    /// The message is durable.
    Accepted {
        /// Its place in every inbox.
        seq: Seq,
    },
    /// The same sender's message with this id was taken before.
    Known {
        /// When.
        at: Timestamp,
    },
    /// The id stands for another sender's message.
    Foreign,
    /// The messages that left the inbox, by sender; broadcasts left out.
    Acknowledged {
        /// In the order they were taken.
        delivered: BTreeMap<UserName, Vec<MessageId>>,
        /// What all of them weighed, by sender; broadcasts too.
        released: BTreeMap<UserName, Load>,
    },
    /// Messages of an inbox, in order.
    Page {
        /// At most as many as asked for.
        messages: Vec<(Seq, Message)>,
        /// Places among them of messages that cannot be read, however often.
        damaged: Vec<Seq>,
        /// Whether there are more behind them.
        more: bool,
    },
    /// The last of the messages that were marked read and were not before; `None` if there was none.
    Read {
        /// Which.
        last: Option<MessageId>,
    },
    /// Accounts are forgotten, and with them what waited for them; broadcasts left out.
    Forgotten {
        /// By whom and to whom it was written.
        lost: Vec<Lost>,
    },
    /// What is remembered of an account whose line is back.
    Recalled {
        /// All of it but the token.
        account: Box<AccountSnapshot>,
    },
    /// How far messages have come.
    States {
        /// Those known.
        states: Vec<KnownState>,
    },
    /// What is wrong with an invitation; `None` if an account may be, or was, taken of it.
    Invite {
        /// What.
        fault: Option<InviteFault>,
    },
    /// Sessions by name.
    Sessions {
        /// The names that had one.
        sessions: BTreeMap<UserName, Sessions>,
    },
}

/// The store could not do it; nothing of the operation is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// The disk is full or cannot be written.
    Unavailable,
    /// Of an account: there is one of this name.
    Exists,
}

/// What the store holds when the hub begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Every account of the file of accounts; what the store remembers of others is left out.
    pub accounts: BTreeMap<UserName, AccountSnapshot>,
    /// Accounts whose lines were missing at a start together with half of all: nobody takes their names, and what is theirs
    /// waits for their lines.
    pub in_doubt: BTreeSet<UserName>,
}

/// What is remembered of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountSnapshot {
    /// The end of its last session, if remembered.
    pub last_seen: Option<Timestamp>,
    /// Whom it has blocked; may name accounts that are no more.
    pub blocked: BTreeSet<UserName>,
    /// Its token, and the last valid action of the session it belongs to; where a crash ended that session, the last
    /// heartbeat.
    pub token: Option<(TokenHash, Timestamp)>,
    /// What waits in its inbox, by sender.
    pub waiting: BTreeMap<UserName, Load>,
    /// The passes of known devices, with their last use.
    pub passes: BTreeMap<PassHash, Timestamp>,
    /// Wrong passwords since the last login.
    pub missed: Option<MissedTries>,
}

/// The sessions of a name that overlap a span of time, as the store has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// The newest [`whoelse_proto::limits::MAX_SPANS_PER_USER`], oldest first; an open one has no end.
    pub spans: Vec<Span>,
    /// How many more there are before them, counted up to [`MAX_EARLIER`].
    pub earlier: u32,
}

/// How far sessions before the newest [`whoelse_proto::limits::MAX_SPANS_PER_USER`] are counted: whoever has more was busy enough.
pub const MAX_EARLIER: u32 = 1_000;

impl AccountSnapshot {
    /// The same with no time that lies ahead: a clock that was wrong noted it, and it would be ahead for as long.
    pub(crate) fn known_by(self, now: Timestamp) -> Self {
        Self {
            last_seen: self.last_seen.map(|at| at.min(now)),
            token: self.token.map(|(hash, active_at)| (hash, active_at.min(now))),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_clock_that_was_ahead_noted_counts_as_of_today() {
        let at = Timestamp::from_millis;
        let hash = TokenHash::from_bytes([7; 32]);
        let ahead = AccountSnapshot { last_seen: Some(at(900)), token: Some((hash, at(800))), ..Default::default() };
        let known = ahead.known_by(at(500));
        assert_eq!((known.last_seen, known.token), (Some(at(500)), Some((hash, at(500)))));
        let before = known.clone().known_by(at(600));
        assert_eq!(before, known);
    }
}
