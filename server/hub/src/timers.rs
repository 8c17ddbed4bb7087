//! When the hub wants to be woken, and why.

use std::collections::BTreeSet;

use whoelse_proto::{Timestamp, UserName};

/// Why the hub wakes. A timer may come for something that has passed; whoever handles it looks again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Send the gathered changes of presence.
    Presence,
    /// Tell the store that the server runs.
    Heartbeat,
    /// Let the store forget what is old.
    Forget,
    /// Look after a session's inactivity.
    Inactivity(UserName),
    /// Look whether a lost line came back.
    Grace(UserName),
    /// Look whether an old line gave a sign of life.
    SignOfLife(UserName),
    /// Look whether the first has asked the second in vain.
    Question(UserName, UserName),
}

/// Timers in the order of their time.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeSet<(Timestamp, Timer)>);

impl Timers {
    pub(crate) fn set(&mut self, at: Timestamp, timer: Timer) {
        self.0.insert((at, timer));
    }

    /// Takes the next timer whose time has come.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<Timer> {
        if self.0.first()?.0 > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|(at, _)| *at)
    }
}
