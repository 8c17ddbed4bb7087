//! What the hub asks of its shell. The shell performs and decides nothing.

use core::net::IpAddr;
use std::sync::Arc;

use whoelse_proto::{
    Content, DeviceKey, MessageId, MessageState, PresenceChange, PrivateNews, Seq, ServerFrame, Target, Timestamp,
    UserName,
};

use crate::command::{ConnId, Record};
use crate::guard::Failure;
use crate::store::{StoreOp, Ticket};

/// An order to the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put one frame, encoded once, into the outbox of each of these connections.
    Send {
        /// Which; at least one.
        to: Vec<ConnId>,
        /// What.
        frame: ServerFrame,
    },
    /// Answer the connection's OPAQUE request with the record of this account.
    Challenge {
        /// Which.
        conn: ConnId,
        /// Whose record.
        name: UserName,
    },
    /// A password for this account was not proved: for the log.
    LoginFailed {
        /// Whose account.
        name: UserName,
        /// Whence the try came.
        from: IpAddr,
        /// What it led to.
        failure: Failure,
    },
    /// Somebody showed an invitation that the server did not give out: for the log.
    UnknownInvite {
        /// Whence the try came.
        from: IpAddr,
    },
    /// Answer the connection's OPAQUE registration request.
    RegisterChallenge {
        /// Which.
        conn: ConnId,
        /// The new name.
        name: UserName,
    },
    /// The connection is logged in: the limits of after the login hold.
    Admit {
        /// Which.
        conn: ConnId,
        /// As whom, for the log.
        name: UserName,
    },
    /// Read nothing further from the connection for a time: it sends faster than its share.
    Hold {
        /// Which.
        conn: ConnId,
        /// For how long, in milliseconds.
        millis: u64,
    },
    /// Tell by [`crate::Command::Room`], once, when little waits in the connection's outbox: a page of a list follows.
    AskForRoom {
        /// Which.
        conn: ConnId,
    },
    /// Close the connection once its outbox is written. The hub has forgotten it.
    Close {
        /// Which.
        conn: ConnId,
    },
    /// Make something durable, or look it up. Operations are done in the order they are asked.
    Store {
        /// Comes back with the result.
        ticket: Ticket,
        /// What.
        op: StoreOp,
    },
    /// Add an account to the file of accounts, whole or not at all.
    CreateAccount {
        /// Comes back with [`crate::Stored::Done`] or a fault.
        ticket: Ticket,
        /// The name.
        name: UserName,
        /// The record.
        record: Record,
    },
    /// Put another record in the place of an account's in the file of accounts.
    ReplaceRecord {
        /// Comes back with [`crate::Stored::Done`] or a fault.
        ticket: Ticket,
        /// The name.
        name: UserName,
        /// The record.
        record: Record,
    },
    /// Put on the bus for the processes that hold these users' sessions.
    Route {
        /// Whom; at least one.
        to: Vec<UserName>,
        /// What.
        what: Routed,
    },
    /// Let a device use the relay. Each is let in as often as it is shut out.
    OpenRelay {
        /// Its key.
        device: DeviceKey,
    },
    /// A session in which the device was published is over, or has another device.
    ShutRelay {
        /// Its key.
        device: DeviceKey,
    },
    /// Put on the bus for every process.
    Announce {
        /// What.
        what: Announcement,
    },
}

/// Something for named users, wherever their sessions are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// A message that is in the user's inbox.
    Message {
        /// Its place.
        seq: Seq,
        /// The message.
        message: Arc<Message>,
    },
    /// Own messages of the user have come further.
    Progress {
        /// How far.
        state: MessageState,
        /// Whom they were written to.
        peer: UserName,
        /// Which.
        ids: Vec<MessageId>,
        /// When.
        at: Timestamp,
    },
    /// Own messages of the user waited for an account that was removed.
    Lost {
        /// Whom they were written to.
        peer: UserName,
        /// Which.
        ids: Vec<MessageId>,
        /// When.
        at: Timestamp,
    },
    /// What became of private sessions.
    Private(Box<PrivateNews>),
    /// Whether `name` may be seen by the user has changed.
    Visibility {
        /// Whose presence.
        name: UserName,
    },
}

/// Something for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// A user came or went.
    Presence(PresenceChange),
    /// There is a new account.
    Joined(UserName),
}

/// A message as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender's name for it.
    pub id: MessageId,
    /// Who wrote it.
    pub from: UserName,
    /// Whom it was written to.
    pub to: Target,
    /// What it holds.
    pub content: Content,
    /// When the server took it.
    pub at: Timestamp,
}
