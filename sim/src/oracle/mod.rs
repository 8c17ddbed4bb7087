//! Looks on and says what is wrong. It knows what was promised, and nothing of how it is kept.

mod blocks;
mod messages;
mod peers;
mod sessions;
pub(crate) mod shares;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use clap::ValueEnum as _;
use whoelse_hub::{ConnId, Load};
use whoelse_proto::{
    Answer, Command, Outcome, Presence, PrivateNews, Purpose, Refusal, RequestId, ServerFrame, SessionKind, Timestamp,
    UserName,
};

use crate::client::Asked;
use crate::plant::Plant;
use blocks::Blocks;
use messages::Messages;
use peers::Peers;
use sessions::Sessions;
use shares::Shares;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Of which run.
    pub seed: u64,
    /// The bug that was put in on purpose.
    pub plant: Option<Plant>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
    /// The last steps before it.
    pub tail: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.tail {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "seed {}: {}", self.seed, self.what)?;
        write!(f, "play it again: cargo run -p whoelse-sim -- --from {} --seeds 1", self.seed)?;
        match self.plant.and_then(|plant| plant.to_possible_value()) {
            Some(plant) => write!(f, " --plant {}", plant.get_name()),
            None => Ok(()),
        }
    }
}

pub(crate) struct Oracle {
    fault: Option<String>,
    pub(crate) messages: Messages,
    blocks: Blocks,
    sessions: Sessions,
    peers: Peers,
    shares: Shares,
}

impl Oracle {
    pub(crate) fn new(names: &[UserName]) -> Self {
        Self {
            fault: None,
            messages: Messages::new(names.to_vec()),
            blocks: Blocks::default(),
            sessions: Sessions::default(),
            peers: Peers::default(),
            shares: Shares::default(),
        }
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.fault.get_or_insert(what);
    }

    pub(crate) fn expect(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.fail(what());
        }
    }

    pub(crate) const fn has_failed(&self) -> bool {
        self.fault.is_some()
    }

    pub(crate) fn into_fault(self) -> Option<String> {
        self.fault
    }

    fn check(&mut self, checked: Result<(), String>) {
        if let Err(what) = checked {
            self.fail(what);
        }
    }

    /// The server puts a frame on a line.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others tell nothing of anybody")]
    pub(crate) fn server_says(&mut self, conn: ConnId, frame: &ServerFrame, now: Timestamp) {
        let checked = self.sessions.said(conn, frame);
        self.check(checked);
        let Some(reader) = self.sessions.reader(conn).cloned() else { return };
        match frame {
            ServerFrame::Welcome { session: SessionKind::New, .. } => self.peers.began(&reader, now),
            ServerFrame::Private(news) => self.private_news(&reader, news, now),
            ServerFrame::Reply { id, outcome: Outcome::Ok(Answer::Found(files)), .. } => {
                let asked_at = self.sessions.asked_at(conn, *id).unwrap_or(now);
                for holder in files.iter().flat_map(|file| &file.holders) {
                    self.check_may_see(&reader, &holder.name, asked_at);
                }
                let checked = self.peers.found(files, asked_at);
                self.check(checked);
            }
            ServerFrame::Presence { changes } => {
                for change in changes {
                    self.check_may_see(&reader, &change.name, now);
                }
            }
            ServerFrame::Roster { users, .. } => {
                for user in users.iter().filter(|user| user.presence != (Presence::Offline { last_seen: None })) {
                    self.check_may_see(&reader, &user.name, now);
                }
            }
            ServerFrame::Reply { id, outcome: Outcome::Ok(Answer::Users(users)), .. } => {
                // The answer may have been made at any time since the question.
                let asked_at = self.sessions.asked_at(conn, *id);
                for seen in users {
                    self.check_may_see(&reader, &seen.name, asked_at.unwrap_or(now));
                }
            }
            _ => {}
        }
    }

    /// A user hears of a question or of another's device.
    fn private_news(&mut self, reader: &UserName, news: &PrivateNews, now: Timestamp) {
        let checked = match news {
            PrivateNews::Asked { by, .. } => {
                let blocked = self.blocks.certain_before(reader, by, now);
                self.expect(!blocked, || format!("{reader} is rung by {by}, whom {reader} has blocked"));
                self.peers.rang(by, reader, now)
            }
            PrivateNews::Introduced(told) => {
                let hidden = match told.purpose {
                    // A session that is open when a block is set stays open.
                    Purpose::Session {} => false,
                    Purpose::Fetch { .. } => self.blocks.certain_before(&told.peer, reader, now),
                    Purpose::Serve { .. } => self.blocks.certain_before(reader, &told.peer, now),
                };
                self.expect(!hidden, || format!("{reader} and {} are brought together over a block", told.peer));
                self.peers.introduced(reader, told)
            }
            PrivateNews::Ended { .. } => Ok(()),
        };
        self.check(checked);
    }

    fn check_may_see(&mut self, reader: &UserName, whom: &UserName, when: Timestamp) {
        let hidden = self.blocks.certain_before(whom, reader, when);
        self.expect(!hidden, || format!("{reader} is told of {whom}, who has blocked {reader}"));
    }

    pub(crate) fn line_gone(&mut self, conn: ConnId) {
        self.sessions.gone(conn);
    }

    /// Whether the server, as far as it says, has a session on a line.
    pub(crate) fn has_session(&self, conn: ConnId) -> bool {
        self.sessions.reader(conn).is_some()
    }

    pub(crate) fn server_gone(&mut self) {
        self.sessions = Sessions::default();
        self.peers.server_gone();
        self.shares.server_gone();
    }

    /// A client puts a request on its line.
    pub(crate) fn client_asks(&mut self, name: &UserName, conn: ConnId, id: RequestId, what: &Command, now: Timestamp) {
        self.sessions.asks(conn, id, now);
        self.peers.asks(name, what);
    }

    /// An account is made.
    pub(crate) fn account_made(&mut self, from: IpAddr) {
        let checked = self.shares.made(from);
        self.check(checked);
    }

    /// What waits for a user, behind a message of a sender.
    pub(crate) fn waits(&mut self, name: &UserName, waiting: &BTreeMap<UserName, Load>, sender: &UserName) {
        let all = waiting.values().map(|load| load.messages).sum();
        let of_sender = waiting.get(sender).map_or(0, |load| load.messages);
        let checked = self.shares.waits(name, all, of_sender);
        self.check(checked);
    }

    /// A person asks.
    pub(crate) fn asks(&mut self, name: &UserName, asked: &Asked, now: Timestamp) {
        match asked {
            Asked::Unblock(whom) => self.blocks.unblock_asked(name, whom, now),
            Asked::Block(_) | Asked::Unregister(_) | Asked::Other => {}
        }
    }

    pub(crate) fn answered(
        &mut self,
        name: &UserName,
        asked: &Asked,
        result: &Result<Answer, Refusal>,
        now: Timestamp,
    ) {
        match asked {
            Asked::Block(whom) if result.is_ok() => self.blocks.block_done(name, whom, now),
            Asked::Unblock(whom) => self.blocks.unblock_over(name, whom),
            Asked::Unregister(root) if result.is_ok() => self.peers.unregistered(name, *root, now),
            Asked::Block(_) | Asked::Unregister(_) | Asked::Other => {}
        }
    }

    pub(crate) fn unanswered(&mut self, name: &UserName, asked: &Asked) {
        match asked {
            Asked::Unblock(whom) => self.blocks.unblock_over(name, whom),
            Asked::Block(_) | Asked::Unregister(_) | Asked::Other => {}
        }
    }

    /// In the end: who has blocked whom.
    pub(crate) fn note_blocks(&mut self, blocks: &BTreeSet<(UserName, UserName)>) {
        self.messages.blocks.clone_from(blocks);
    }
}
