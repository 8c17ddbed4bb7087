//! What the hub knows of a connection, and the order of its answers.

use std::collections::VecDeque;

use whoelse_proto::{RequestId, ServerFrame, UserName};

/// Where a connection stands.
#[derive(Debug)]
pub(crate) enum Conn {
    /// It was given a challenge.
    LoggingIn(UserName),
    /// It proved the password and waits for the old line's sign of life.
    Waiting(UserName),
    /// It carries a session.
    Online(Online),
}

/// A connection that carries a session.
#[derive(Debug)]
pub(crate) struct Online {
    pub(crate) name: UserName,
    pub(crate) answers: Answers,
    pub(crate) stay: Stay,
}

/// Whether a client wants to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// It does.
    On,
    /// It logs out as soon as everything it asked before is answered.
    Leaving,
}

/// Requests of one connection in the order they came; answers go out in the same order.
#[derive(Debug, Default)]
pub(crate) struct Answers(VecDeque<(RequestId, Vec<ServerFrame>)>);

impl Answers {
    /// A request came.
    pub(crate) fn open(&mut self, id: RequestId) {
        self.0.push_back((id, Vec::new()));
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// A request is answered. Gives the frames that may go out: none while an earlier request waits.
    pub(crate) fn answer(&mut self, id: RequestId, frames: Vec<ServerFrame>) -> Vec<ServerFrame> {
        if let Some(entry) = self.0.iter_mut().find(|(open, held)| *open == id && held.is_empty()) {
            entry.1 = frames;
        }
        let mut ready = Vec::new();
        while let Some((_, frames)) = self.0.front_mut().filter(|(_, frames)| !frames.is_empty()) {
            ready.append(frames);
            self.0.pop_front();
        }
        ready
    }
}
