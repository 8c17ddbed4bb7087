//! Short lines for the person: what was refused, what the disk does not take.

use std::collections::VecDeque;

use whoelse_proto::{FileName, MissedTries, Refusal, Timestamp, UserName};

use crate::command::CommandKind;
use crate::event::PasswordFault;

/// Notices that wait to be read; the oldest give way.
const MAX_NOTICES: usize = 20;

/// Causes of disk trouble that were told, so as not to tell them again.
const MAX_CAUSES: usize = 20;

/// The number of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeId(u64);

/// A line for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// To dismiss it.
    pub id: NoticeId,
    /// Since when it stands there.
    pub at: Timestamp,
    /// What it says.
    pub kind: NoticeKind,
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The server did what was asked.
    Done {
        /// What.
        command: CommandKind,
        /// To whom.
        user: Option<UserName>,
    },
    /// Whom the user has blocked.
    Blocked {
        /// By name.
        users: Vec<UserName>,
    },
    /// The server did not do what was asked.
    Refused {
        /// What.
        command: CommandKind,
        /// To whom.
        user: Option<UserName>,
        /// Why.
        refusal: Refusal,
    },
    /// The line was lost before the answer; it may or may not have been done.
    Unanswered {
        /// What.
        command: CommandKind,
        /// To whom.
        user: Option<UserName>,
    },
    /// A contact has another key than before; nothing is sent until the user decides.
    DeviceChanged {
        /// Whose.
        user: UserName,
    },
    /// The server did what no honest server does; nothing was sent.
    IntroductionRefused {
        /// Whom it was about.
        user: UserName,
        /// What was wrong.
        cause: String,
    },
    /// A file is shared.
    Registered {
        /// Which.
        name: FileName,
        /// Whether somebody else shares it too.
        known: bool,
    },
    /// An order about files was not done.
    FilesRefused {
        /// Why.
        cause: String,
    },
    /// Somebody gave wrong passwords for the user's name since the last login.
    WrongPasswords(MissedTries),
    /// The password was not changed.
    PasswordKept(PasswordFault),
    /// The disk of this computer refuses something.
    DiskTrouble {
        /// What was wrong.
        cause: String,
    },
}

/// The notices that were not dismissed, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    last: u64,
    waiting: VecDeque<Notice>,
    causes: VecDeque<String>,
}

impl Notices {
    /// All, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Notice> + ExactSizeIterator {
        self.waiting.iter()
    }

    pub(super) fn add(&mut self, kind: NoticeKind, now: Timestamp) {
        self.last += 1;
        self.waiting.push_back(Notice { id: NoticeId(self.last), at: now, kind });
        if self.waiting.len() > MAX_NOTICES {
            self.waiting.pop_front();
        }
    }

    /// Tells each cause once.
    pub(super) fn add_trouble(&mut self, cause: String, now: Timestamp) {
        if self.causes.contains(&cause) {
            return;
        }
        self.causes.push_back(cause.clone());
        if self.causes.len() > MAX_CAUSES {
            self.causes.pop_front();
        }
        self.add(NoticeKind::DiskTrouble { cause }, now);
    }

    pub(super) fn dismiss(&mut self, id: NoticeId) {
        self.waiting.retain(|notice| notice.id != id);
    }
}
