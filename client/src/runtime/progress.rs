//! How far the line is: none, attempted, waited for, up.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};
use whoelse_model::ChatSummary;
use whoelse_proto::{Fingerprint, ServerFrame};

use super::conversation::Owner;
use crate::error::{Error, Result};
use crate::history::History;
use crate::link::{Admitted, Attempt, Ended, Interest, Line, LineNews, attempt};
use crate::sleep::{Computer, LOOK_EVERY, SleepWatch};
use crate::way::{Way, WayWatch};

/// How far the line is.
pub(super) enum Progress {
    /// There is none, and none is wanted.
    Idle,
    /// It is attempted. Dropped, the attempt ends.
    Attempting(JoinSet<Result<Ended>>),
    /// The user is asked whether to trust this key.
    Asking {
        /// What the server showed.
        shown: Fingerprint,
    },
    /// The history is being opened.
    Opening(Opening),
    /// It is tried again later.
    Waiting {
        /// When.
        until: Instant,
        /// Whoever wakes up does not wait on.
        sleep: SleepWatch,
        /// Whoever comes into another network does not either.
        way: WayWatch,
    },
    /// There is one.
    Up {
        /// The line.
        line: Line,
        /// Since when.
        since: Instant,
    },
}

/// A history that is being opened.
pub(super) struct Opening {
    /// Whose.
    pub(super) owner: Owner,
    /// The work.
    pub(super) task: JoinHandle<Result<(History, Vec<ChatSummary>)>>,
    /// What it is opened for.
    pub(super) then: Then,
}

/// What follows when a history is open.
pub(super) enum Then {
    /// The line is attempted.
    Attempt,
    /// The user is welcomed on the line that there is.
    Welcome(Box<Admitted>),
}

/// A history that is open, or cannot be.
pub(super) struct Opened {
    /// Whose.
    pub(super) owner: Owner,
    /// The history with its chats.
    pub(super) history: Result<(History, Vec<ChatSummary>)>,
    /// What follows.
    pub(super) then: Then,
}

/// What happened to the line.
pub(super) enum News {
    /// The attempt ended.
    Attempted(Result<Ended>),
    /// The history was opened, or not.
    Opened(Box<Opened>),
    /// The time of the next attempt has come.
    RetryDue,
    /// A frame came, or the line ended.
    Frame(Result<ServerFrame>),
    /// There is room on the line.
    Room,
}

impl Progress {
    /// Begins an attempt.
    pub(super) fn attempting(what: Attempt) -> Self {
        let mut task = JoinSet::new();
        task.spawn(attempt(what));
        Self::Attempting(task)
    }

    /// Waits for the next attempt at this server.
    pub(super) fn waiting(wait: Duration, host: &str, port: u16) -> Self {
        let (sleep, way) = (SleepWatch::start(), WayWatch::to_host(host, port));
        Self::Waiting { until: Instant::now() + wait, sleep, way }
    }

    /// The line, if there is one.
    pub(super) const fn line(&self) -> Option<&Line> {
        match self {
            Self::Up { line, .. } => Some(line),
            Self::Idle | Self::Attempting(_) | Self::Asking { .. } | Self::Opening(_) | Self::Waiting { .. } => None,
        }
    }

    /// Whether a history is being opened: a request would not find it yet.
    pub(super) const fn is_opening(&self) -> bool {
        matches!(self, Self::Opening(_))
    }

    /// What was, in whose place there is none and none wanted.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Idle)
    }

    /// Waits for news. Given up, none is lost.
    pub(super) async fn next(&mut self, interest: Interest) -> News {
        match self {
            Self::Idle | Self::Asking { .. } => std::future::pending().await,
            Self::Attempting(task) => {
                let ended = task.join_next().await;
                *self = Self::Idle;
                News::Attempted(ended.unwrap_or(Ok(Err(Error::Closed))).unwrap_or_else(|error| Err(died(error))))
            }
            Self::Opening(opening) => {
                let history = (&mut opening.task).await.unwrap_or_else(|error| Err(died(error)));
                let (owner, then) = (opening.owner.clone(), std::mem::replace(&mut opening.then, Then::Attempt));
                *self = Self::Idle;
                News::Opened(Box::new(Opened { owner, history, then }))
            }
            Self::Waiting { until, sleep, way } => {
                wait(*until, sleep, way).await;
                *self = Self::Idle;
                News::RetryDue
            }
            Self::Up { line, .. } => match line.next(interest).await {
                LineNews::Frame(frame) => News::Frame(frame),
                LineNews::Room => News::Room,
            },
        }
    }
}

/// Waits until then, or until this computer wakes up from sleep or is in another network.
async fn wait(until: Instant, sleep: &mut SleepWatch, way: &mut WayWatch) {
    while Instant::now() < until {
        let due = until.min(Instant::now() + LOOK_EVERY);
        sleep_until(due).await;
        if sleep.look(Instant::now().saturating_duration_since(due)) == Computer::Slept || way.look() == Way::Other {
            return;
        }
    }
}

/// A task that panicked: its fault, told like any other.
pub(super) fn died(error: JoinError) -> Error {
    Error::Thread(std::io::Error::other(error))
}
