//! What a server says.

use serde::{Deserialize, Serialize};

use super::{
    Agent, Envelope, Feature, FoundFile, LoginRefusal, MessageState, MissedTries, PrivateNews, Registration, Standing,
    VersionRange,
};
use crate::{DevicePass, MessageId, RequestId, ResumeToken, Seconds, Timestamp, UserName};

/// A frame from server to client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    /// Answers the client's hello.
    Hello {
        /// The version that both will speak.
        version: u16,
        /// Program and version, for people.
        agent: Agent,
        /// What the server is called.
        title: Agent,
        /// Whether a client may make an account.
        registration: Registration,
        /// Optional parts that the server understands.
        #[serde(default, deserialize_with = "super::features")]
        features: Vec<Feature>,
    },
    /// OPAQUE's KE2.
    LoginChallenge {
        /// The serialized credential response.
        #[serde(with = "serde_bytes")]
        credential_response: Vec<u8>,
    },
    /// The server's part of a registration.
    RegisterChallenge {
        /// The serialized registration response.
        #[serde(with = "serde_bytes")]
        registration_response: Vec<u8>,
    },
    /// The account exists; the client logs in next.
    Registered {},
    /// A login, registration or resumption did not succeed; the client may try again on this connection.
    LoginRefused(LoginRefusal),
    /// The client is logged in.
    Welcome {
        /// As whom.
        name: UserName,
        /// Begun or taken up again.
        session: SessionKind,
        /// For [`super::ClientFrame::Resume`]; replaces every earlier one.
        token: ResumeToken,
        /// The session ends after this time without a valid action; 0 is never.
        timeout: Seconds,
        /// The server's clock.
        now: Timestamp,
        /// When this session began.
        since: Timestamp,
        /// To be shown at the next login with a password; replaces an earlier one. Left out where the device showed
        /// one that is good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pass: Option<DevicePass>,
        /// Wrong passwords for this name since the last login, if there were any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missed: Option<MissedTries>,
    },
    /// Users and whether they are online. Follows the welcome in one or more frames and comes again for
    /// those who appear or whose visibility changes; says nothing of when or why.
    Roster {
        /// Some of the users.
        users: Vec<RosterEntry>,
        /// Whether more of the same list follow.
        #[serde(default)]
        more: bool,
    },
    /// Who came and went, in order.
    Presence {
        /// One or more changes.
        changes: Vec<PresenceChange>,
    },
    /// A message for this client; to be acknowledged once it is on disk.
    Deliver(Envelope),
    /// Own messages have come further.
    Progress {
        /// How far.
        state: MessageState,
        /// To whom.
        peer: UserName,
        /// Delivered: these. Read: every message to `peer` up to the last of these.
        ids: Vec<MessageId>,
        /// When.
        at: Timestamp,
        /// They waited for an account that was removed, and never arrive: the state stays at accepted.
        #[serde(default, skip_serializing_if = "is_false")]
        lost: bool,
    },
    /// Private sessions, for a client that has published its device on this line.
    Private(PrivateNews),
    /// Something is wrong with the server that the client's user should know; for a client that names
    /// [`Feature::NOTICES`].
    Notice(Notice),
    /// Answers a request.
    Reply {
        /// Which.
        id: RequestId,
        /// Whether a further reply with this id continues the list.
        #[serde(default)]
        more: bool,
        /// The answer or the refusal.
        outcome: Outcome,
    },
    /// The session ends without a valid action within this time.
    InactivityWarning {
        /// What is left.
        remaining: Seconds,
    },
    /// The session is over; the connection closes.
    SessionEnded {
        /// Why.
        reason: SessionEnd,
    },
    /// The connection closes over a fault of the client.
    Fault(ProtocolFault),
    /// Asks for a pong.
    Ping {},
    /// Answers a ping.
    Pong {},
}

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Messages that wait for the user cannot be read. Those behind them come.
    InboxDamaged {
        /// How many; 0 where that cannot be told, and none behind them comes.
        messages: u32,
    },
}

/// Whether a welcome begins a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// Begun: others see a login.
    New,
    /// Taken up within the grace: others saw nothing.
    Resumed,
}

/// Where a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Has a session.
    Online {
        /// Since.
        since: Timestamp,
    },
    /// Has none.
    Offline {
        /// The end of the last session, if it is remembered and may be seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    },
}

/// A user in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// Who.
    pub name: UserName,
    /// Whether here.
    pub presence: Presence,
}

/// A user came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceChange {
    /// Who.
    pub name: UserName,
    /// How. [`PresenceReason::Login`] is the only one that makes online.
    pub reason: PresenceReason,
    /// When.
    pub at: Timestamp,
}

/// How a user came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceReason {
    /// Began a session.
    Login,
    /// Ended it.
    Logout,
    /// Did nothing for too long.
    Timeout,
    /// Lost the line and did not come back within the grace.
    Lost,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// The client asked.
    Logout,
    /// No valid action in time.
    Timeout,
    /// The server stops.
    ServerStop,
    /// Another connection took the session's place.
    Replaced,
    /// The administrator removed the account or changed its password.
    Revoked,
    /// The client read too slowly; what is stored waits for it.
    TooSlow,
}

/// A fault in what the client sent. The connection closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolFault {
    /// No common version.
    Version {
        /// What the server speaks.
        supported: VersionRange,
    },
    /// The frame is over the limit of its phase.
    Oversized {
        /// Bytes.
        limit: u32,
    },
    /// The bytes are no frame of this protocol.
    Malformed {},
    /// The frame may not come here.
    OutOfOrder {},
    /// The login did not end in time.
    LoginDeadline {},
    /// The server has all the connections it takes.
    Full {},
}

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Ok(Answer),
    /// It was not, and nothing changed.
    Refused(Refusal),
}

/// What a request that was done answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing more to say.
    Done {},
    /// The message is on the server's disk.
    Accepted {
        /// When the server took it.
        at: Timestamp,
        /// Of a broadcast: whether someone online does not get it.
        #[serde(default)]
        skipped: bool,
    },
    /// Users with their presence. A user whose spans do not fit one frame comes again in the next.
    Users(Vec<Seen>),
    /// Names.
    Names(Vec<UserName>),
    /// Messages with their state. One that the server does not know (any more) is left out.
    States(Vec<KnownState>),
    /// What there is of private sessions.
    Standing(Standing),
    /// The index has the chunks.
    Registered {
        /// Whether another user holds chunks of this file.
        known: bool,
    },
    /// Files with their holders. One whose holders do not fit one frame comes again in the next.
    Found(Vec<FoundFile>),
}

/// The state of an own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownState {
    /// Which.
    pub id: MessageId,
    /// How far it has come.
    pub state: MessageState,
    /// It waited for an account that was removed, and never arrives.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lost: bool,
}

impl KnownState {
    /// Of a message that has arrived, or will.
    #[must_use]
    pub const fn new(id: MessageId, state: MessageState) -> Self {
        Self { id, state, lost: false }
    }

    /// Of a message that never arrives.
    #[must_use]
    pub const fn lost(id: MessageId) -> Self {
        Self { id, state: MessageState::Accepted, lost: true }
    }
}

/// A user in the answer to `whoelse` or `whoelsesince`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub name: UserName,
    /// Whether here.
    pub presence: Presence,
    /// The sessions in the span, oldest first; empty for `whoelse`.
    #[serde(default)]
    pub sessions: Vec<Span>,
    /// Sessions in the span before those, which are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub earlier: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// From the start to the end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The login.
    pub from: Timestamp,
    /// Its end; open sessions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// Why a request was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No account has this name.
    UnknownUser,
    /// One cannot do this to oneself.
    Yourself,
    /// The user named has blocked the one who asks.
    Blocked,
    /// The user named is not blocked.
    NotBlocked,
    /// A list in the request is over its limit.
    TooLong,
    /// The arguments make no sense.
    Invalid,
    /// The server cannot write to its disk; nothing was taken.
    Storage,
    /// This version does not do it.
    Unsupported,
    /// The id of the message stands for another one.
    DuplicateId,
    /// The user named is not online.
    Offline,
    /// The program of the user named, or of the one who asks, takes no part in private sessions.
    NoDevice,
    /// The device of the user named, or of the one who asks, shows no address, and the server has no relay.
    NoRelay,
    /// There is a session with the user named.
    SessionOpen,
    /// The user named has been asked already.
    RequestPending,
    /// There is no question of the user named.
    NoRequest,
    /// There is no session with the user named.
    NoSession,
    /// The index has no such file of this user.
    NoFile,
    /// The server holds as much of it as it can.
    Full,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
