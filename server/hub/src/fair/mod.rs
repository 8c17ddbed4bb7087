//! Fair shares: how fast one user, one address and everybody together may go, and how much may wait for whom.
//!
//! Whoever goes too fast with what a program sends by itself is slowed down: the connection is not read for a while,
//! and nothing is lost. Whoever goes too fast with what reaches other people is refused.

mod bucket;
mod limits;
mod registrations;
mod waiting;

pub(crate) use limits::LONGEST_HOLD_MS;
pub use limits::Limits;
pub use waiting::Load;

pub(crate) use registrations::Registrations;
pub(crate) use waiting::{Room, Waiting};

use std::collections::BTreeMap;

use whoelse_proto::{Command, FilesCommand, PrivateCommand, Seconds, Timestamp, UserName};

use crate::mail::content_bytes;
use bucket::Bucket;
use limits::{FETCHES, LOGINS, MESSAGE_BYTES, PASSWORDS, PUBLISHES, QUESTIONS, QUESTIONS_TO_PEER, WALKS};

/// What one user has used of each rate. It outlasts the session, so that signing in again gives no new share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares {
    sends: Bucket,
    walks: Bucket,
    publishes: Bucket,
    questions: Bucket,
    /// The same for each peer who was asked of late: another device or another login begins no new share.
    questions_to: BTreeMap<UserName, Bucket>,
    fetches: Bucket,
    passwords: Bucket,
    logins: Bucket,
}

impl Shares {
    /// Counts a request that is served late when too many come. Returns the milliseconds for which the connection is
    /// not to be read.
    pub(crate) fn slow_down(&mut self, command: &Command, limits: &Limits, now: Timestamp) -> u64 {
        let Some(sends) = limits.sends() else { return 0 };
        match command {
            Command::Send { content, .. } => {
                let bytes = content_bytes(content) as u64 + MESSAGE_BYTES;
                self.sends.overdraw(bytes, sends, now)
            }
            Command::Whoelse {}
            | Command::Whoelsesince { .. }
            | Command::Blocked {}
            | Command::Lookup(_)
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::MarkRead { .. }
            | Command::Stay {}
            | Command::Private(
                PrivateCommand::Start { .. }
                | PrivateCommand::Accept { .. }
                | PrivateCommand::Decline { .. }
                | PrivateCommand::Stop { .. },
            )
            | Command::Files(
                FilesCommand::Search { .. }
                | FilesCommand::Register { .. }
                | FilesCommand::Unregister { .. }
                | FilesCommand::Fetch { .. },
            ) => self.walks.overdraw(1, WALKS, now),
            Command::Private(PrivateCommand::Publish { .. }) => self.publishes.overdraw(1, PUBLISHES, now),
            Command::Logout {} => 0,
        }
    }

    /// Whether the user may put a question for a private session to a peer: not too many in all, and not again and
    /// again to the same.
    pub(crate) fn may_ask(&mut self, peer: &UserName, now: Timestamp) -> bool {
        self.questions_to.retain(|_, bucket| !bucket.is_full(now));
        let mut to_peer = self.questions_to.get(peer).copied().unwrap_or_default();
        if to_peer.take(QUESTIONS_TO_PEER, now).is_err() || self.questions.take(QUESTIONS, now).is_err() {
            return false;
        }
        self.questions_to.insert(peer.clone(), to_peer);
        true
    }

    /// Counts a change of the password.
    ///
    /// # Errors
    /// How long to wait; nothing is counted.
    pub(crate) fn change_password(&mut self, now: Timestamp) -> Result<(), Seconds> {
        self.passwords.take(PASSWORDS, now).map_err(seconds)
    }

    /// Counts a login. Returns the milliseconds for which its connection is not to be read.
    pub(crate) fn log_in(&mut self, now: Timestamp) -> u64 {
        self.logins.overdraw(1, LOGINS, now)
    }

    /// Whether the user logs in so often that no login ends the session of another.
    pub(crate) fn logs_in_too_often(&self, now: Timestamp) -> bool {
        self.logins.is_overdrawn(LOGINS, now)
    }

    /// Whether the user may be introduced to another holder of a file.
    pub(crate) fn may_fetch(&mut self, now: Timestamp) -> bool {
        self.fetches.take(FETCHES, now).is_ok()
    }
}

/// A wait as it is told: whole seconds, never too few.
fn seconds(millis: u64) -> Seconds {
    Seconds::new(millis.div_ceil(1_000))
}
