//! How hubs speak to each other. One process is its own bus: what is put on comes back in order.

use std::collections::VecDeque;

use whoelse_hub::{Announcement, Command, Routed};
use whoelse_proto::UserName;

/// Where [`whoelse_hub::Effect::Route`] and [`whoelse_hub::Effect::Announce`] go. A server of many processes gets a
/// variant of its own; the hub does not see the difference.
#[derive(Debug)]
pub(super) enum Bus {
    /// The only process: holds what was put on and not yet taken off.
    InProcess(VecDeque<Command>),
}

impl Bus {
    /// A bus within this process.
    pub(super) const fn in_process() -> Self {
        Self::InProcess(VecDeque::new())
    }

    /// Something for users, wherever their sessions are held.
    pub(super) fn route(&mut self, to: Vec<UserName>, what: Routed) {
        match self {
            Self::InProcess(queue) => queue.push_back(Command::Routed { to, what }),
        }
    }

    /// Something for every process.
    pub(super) fn announce(&mut self, what: Announcement) {
        match self {
            Self::InProcess(queue) => queue.push_back(Command::Announced { what }),
        }
    }

    /// What came for this process, oldest first.
    pub(super) fn take(&mut self) -> Option<Command> {
        match self {
            Self::InProcess(queue) => queue.pop_front(),
        }
    }
}
