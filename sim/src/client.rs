//! A client: the real link and model, and the state of the shell around them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whoelse_hub::ConnId;
use whoelse_model::{AskId, Link, LinkInput, Model};
use whoelse_proto::{FileRoot, MessageId, ResumeToken, SessionEnd, UserName};

use crate::disk::Disk;

/// Where a client's connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conn {
    /// None, and none is tried.
    Idle,
    /// None; it will be tried again.
    Retry,
    /// The login is under way.
    LoggingIn(ConnId),
    /// The user is in.
    Online(ConnId),
}

impl Conn {
    pub(crate) fn id(self) -> Option<ConnId> {
        match self {
            Self::LoggingIn(conn) | Self::Online(conn) => Some(conn),
            Self::Idle | Self::Retry => None,
        }
    }
}

/// What a client asked of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Block(UserName),
    Unblock(UserName),
    Unregister(FileRoot),
    Other,
}

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) name: UserName,
    pub(crate) link: Link,
    pub(crate) model: Model,
    pub(crate) disk: Disk,
    pub(crate) conn: Conn,
    /// Whether the process runs.
    pub(crate) runs: bool,
    /// Whether the person wants to be signed in.
    pub(crate) wants_in: bool,
    /// Kept by the profile.
    pub(crate) token: Option<ResumeToken>,
    /// Counts processes: what was meant for an earlier one is for nobody.
    pub(crate) process: u64,
    /// Inputs of the link that wait until the outputs of the one before are done.
    pub(crate) inputs: VecDeque<LinkInput>,
    /// Attempts since the last welcome.
    pub(crate) attempts: u32,
    /// How the last session ended.
    pub(crate) ended: Option<SessionEnd>,
    /// Wrong passwords that the person is about to type.
    pub(crate) wrong_passwords: u32,
    pub(crate) asked: BTreeMap<AskId, Asked>,
    /// Refused messages that the person wants sent again, not yet confirmed.
    pub(crate) retrying: BTreeSet<MessageId>,
}

impl Client {
    pub(crate) fn new(name: UserName) -> Self {
        Self {
            link: Link::new(name.clone()),
            name,
            model: Model::new(),
            disk: Disk::default(),
            conn: Conn::Idle,
            runs: true,
            wants_in: false,
            token: None,
            process: 0,
            inputs: VecDeque::new(),
            attempts: 0,
            ended: None,
            wrong_passwords: 0,
            asked: BTreeMap::new(),
            retrying: BTreeSet::new(),
        }
    }

    pub(crate) fn is_online(&self) -> bool {
        matches!(self.conn, Conn::Online(_))
    }

    /// The process is gone; disk and token stay.
    pub(crate) fn crash(&mut self) {
        self.link = Link::new(self.name.clone());
        self.model = Model::new();
        self.conn = Conn::Idle;
        self.runs = false;
        self.process += 1;
        self.inputs.clear();
        self.asked.clear();
        self.retrying.clear();
    }
}
