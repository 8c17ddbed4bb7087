//! What reaches the hub: from connections, from the store, from the bus and from the clock.

use core::net::IpAddr;

use whoelse_proto as proto;
use whoelse_proto::{DevicePass, RequestId, ResumeToken, Seq, UserName};

use crate::effect::{Announcement, Routed};
use crate::store::{StoreFault, Stored, Ticket};

/// A connection of this process, numbered by its shell and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(u64);

impl ConnId {
    /// Connection number `n`.
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

/// Makes the type of a hash under which a secret is kept.
macro_rules! hash_of_secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 32]);

        impl $name {
            /// From its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }
    };
}

hash_of_secret! {
    /// The hash under which a resume token is kept (SHA-256 of its 32 bytes).
    TokenHash
}

/// A resume token with its hash: drawn by the shell for a session that may begin, or shown by a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// For the client.
    pub token: ResumeToken,
    /// For the store.
    pub hash: TokenHash,
}

hash_of_secret! {
    /// The hash under which the pass of a device is kept (SHA-256 of its 32 bytes).
    PassHash
}

/// The pass of a device with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// For the client.
    pub pass: DevicePass,
    /// For the store.
    pub hash: PassHash,
}

/// Secrets drawn by the shell for a session that may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// For taking the session up again.
    pub token: Token,
    /// For a device that is not known yet.
    pub pass: Pass,
}

hash_of_secret! {
    /// The hash under which the secret of an invitation is kept (SHA-256 of its 16 bytes).
    InviteHash
}

/// What a client wants where the name is online on another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    /// To be refused.
    No,
    /// To end the other session.
    Yes,
}

/// What the shell keeps of a new password; opaque to the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record(pub Vec<u8>);

/// An order to the hub, or news for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A connection wants a challenge for a name.
    OpenLogin {
        /// Which.
        conn: ConnId,
        /// Whose account.
        name: UserName,
        /// The pass that the client showed.
        pass: Option<PassHash>,
        /// Whence the connection comes.
        from: IpAddr,
    },
    /// The connection proved the password of its open login.
    ProveLogin {
        /// Which.
        conn: ConnId,
        /// For the session to come.
        fresh: Fresh,
        /// Whether it ends a session that is online elsewhere.
        take_over: TakeOver,
    },
    /// The connection proved the password of its open login, to change it.
    ProveChange {
        /// Which.
        conn: ConnId,
    },
    /// The connection's open login ended without a proof.
    FailLogin {
        /// Which.
        conn: ConnId,
    },
    /// A connection wants to take up a session.
    Resume {
        /// Which.
        conn: ConnId,
        /// Whose session.
        name: UserName,
        /// The token that the client showed. It stays good: a client that loses its line before the welcome
        /// reaches it has no other.
        shown: Token,
    },
    /// A connection wants to make an account.
    OpenRegistration {
        /// Which.
        conn: ConnId,
        /// The new name.
        name: UserName,
        /// The invitation that the client showed.
        invite: Option<InviteHash>,
        /// The address from which the client comes.
        from: IpAddr,
    },
    /// The connection completed the account.
    CompleteRegistration {
        /// Which.
        conn: ConnId,
        /// The new name.
        name: UserName,
        /// What becomes of what the client uploaded.
        record: Record,
        /// The invitation that the client showed.
        invite: Option<InviteHash>,
        /// The address from which the client comes.
        from: IpAddr,
    },
    /// A logged-in client asks for something.
    Request {
        /// Which.
        conn: ConnId,
        /// The client's number for it.
        id: RequestId,
        /// What.
        command: proto::Command,
    },
    /// A logged-in client has everything up to a place on its disk.
    Acknowledge {
        /// Which.
        conn: ConnId,
        /// The place.
        up_to: Seq,
    },
    /// A client answered a ping.
    Heard {
        /// Which.
        conn: ConnId,
    },
    /// A connection has room for the next page of a list: the answer to [`crate::Effect::AskForRoom`].
    Room {
        /// Which.
        conn: ConnId,
    },
    /// A connection is gone, whatever the reason.
    Disconnected {
        /// Which.
        conn: ConnId,
    },
    /// A connection's outbox was full and its shell closed it.
    Overflowed {
        /// Which.
        conn: ConnId,
    },
    /// The store did, or could not do, what a ticket asked. Comes in the order of the tickets.
    Stored {
        /// Which.
        ticket: Ticket,
        /// What came of it.
        result: Result<Stored, StoreFault>,
    },
    /// From the bus: something for users whose sessions are held here, or were.
    Routed {
        /// Whom.
        to: Vec<UserName>,
        /// What.
        what: Routed,
    },
    /// From the bus: something for everybody.
    Announced {
        /// What.
        what: Announcement,
    },
    /// The administrator changed the accounts.
    AccountsChanged {
        /// Names that may log in from here on.
        added: Vec<UserName>,
        /// Names that may not any more.
        removed: Vec<UserName>,
        /// Names with another password: their tokens are void.
        changed: Vec<UserName>,
    },
    /// The administrator lifts a lock.
    Unlock {
        /// Whose.
        name: UserName,
    },
    /// The administrator ends a session.
    Kick {
        /// Whose.
        name: UserName,
    },
    /// The time of [`crate::Hub::next_wake`] has come.
    Wake,
    /// The server stops: ends every session, keeps every token.
    Stop,
}
