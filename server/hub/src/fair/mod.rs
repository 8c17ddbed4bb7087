//! Fair shares: how fast one user, one address and everybody together may go, and how much may wait for whom.
//!
//! Whoever goes too fast with what a program sends by itself is slowed down: the connection is not read for a while,
//! and nothing is lost. Whoever goes too fast with what reaches other people is refused.

mod bucket;
mod limits;
mod registrations;
mod waiting;

pub use limits::Limits;
pub(crate) use limits::{LONGEST_HOLD_MS, QUESTIONS_TO_PEER};
pub use waiting::Load;

pub(crate) use bucket::Bucket;
pub(crate) use registrations::Registrations;
pub(crate) use waiting::{Room, Waiting};

use whoelse_proto::{Command, FilesCommand, PrivateCommand, Timestamp};

use crate::mail::content_bytes;
use limits::{FETCHES, MESSAGE_BYTES, PUBLISHES, QUESTIONS, WALKS};

/// What one user has used of each rate. It outlasts the session, so that signing in again gives no new share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shares {
    sends: Bucket,
    walks: Bucket,
    publishes: Bucket,
    questions: Bucket,
    fetches: Bucket,
}

impl Shares {
    /// Counts a request that is served late when too many come. Returns the milliseconds for which the connection is
    /// not to be read.
    pub(crate) fn slow_down(&mut self, command: &Command, limits: &Limits, now: Timestamp) -> u64 {
        match command {
            Command::Send { content, .. } => {
                let bytes = content_bytes(content) as u64 + MESSAGE_BYTES;
                limits.sends().map_or(0, |rate| self.sends.overdraw(bytes, rate, now))
            }
            Command::Whoelse {}
            | Command::Whoelsesince { .. }
            | Command::Blocked {}
            | Command::Lookup(_)
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::MarkRead { .. }
            | Command::Files(
                FilesCommand::Search { .. } | FilesCommand::Register { .. } | FilesCommand::Unregister { .. },
            ) => self.walks.overdraw(1, WALKS, now),
            Command::Private(PrivateCommand::Publish { .. }) => self.publishes.overdraw(1, PUBLISHES, now),
            Command::Private(_)
            | Command::Files(FilesCommand::Fetch { .. })
            | Command::Stay {}
            | Command::Logout {} => 0,
        }
    }

    /// Whether the user may put another question for a private session.
    pub(crate) fn may_ask(&mut self, now: Timestamp) -> bool {
        self.questions.take(QUESTIONS, now).is_ok()
    }

    /// Whether the user may be introduced to another holder of a file.
    pub(crate) fn may_fetch(&mut self, now: Timestamp) -> bool {
        self.fetches.take(FETCHES, now).is_ok()
    }
}
