//! What the hub knows of a connection, and the order of its answers.

use core::net::IpAddr;
use std::collections::VecDeque;

use whoelse_proto::{Outcome, RequestId, UserName};

use crate::paging::{List, Paging};

use crate::command::{ConnId, Pass, PassHash, Token};
use crate::guard::Trier;

/// Where a connection stands.
#[derive(Debug)]
pub(crate) enum Conn {
    /// It waits for a challenge until another try for the name is over.
    Queued(Attempt),
    /// It was given a challenge.
    LoggingIn(Attempt),
    /// It proved the password and waits for the old line's sign of life.
    Waiting(UserName),
    /// It proved the password and is about to change it; from the device with this pass, if it is known.
    Changing(UserName, Option<PassHash>),
    /// It carries a session.
    Online(Online),
}

/// A try to log in.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) name: UserName,
    pub(crate) trier: Trier,
    pub(crate) from: IpAddr,
}

/// A connection that proved the password, and what its session would begin with.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    pub(crate) conn: ConnId,
    pub(crate) token: Token,
    /// For a device that the account does not know.
    pub(crate) pass: Option<Pass>,
    pub(crate) trier: Trier,
}

/// A connection that carries a session.
#[derive(Debug)]
pub(crate) struct Online {
    pub(crate) name: UserName,
    pub(crate) answers: Answers,
    pub(crate) stay: Stay,
    pub(crate) paging: Paging,
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
pub(crate) struct Answers(VecDeque<(RequestId, Reply)>);

/// What there is of an answer.
#[derive(Debug)]
enum Reply {
    /// Nothing yet.
    Waiting,
    /// All of it.
    Outcome(Outcome),
    /// The user's private sessions and questions, as they are when the answer is sent: news of them does not wait for
    /// its turn, and an older state behind it would take it back.
    Standing,
    /// A list, as far as it was not sent.
    List(List),
    /// A list whose next step is being made, here or in the store.
    Stepping,
}

/// What is next to be sent.
#[derive(Debug)]
pub(crate) enum Front {
    /// Nothing, until something else comes.
    Waiting,
    /// A whole answer, which is taken out.
    Outcome(RequestId, Outcome),
    /// How the user's private sessions and questions stand now; the request is taken out.
    Standing(RequestId),
    /// A list, to be taken by [`Answers::take_list`].
    List(RequestId),
}

impl Answers {
    /// A request came.
    pub(crate) fn open(&mut self, id: RequestId) {
        self.0.push_back((id, Reply::Waiting));
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// A request is answered.
    pub(crate) fn answer(&mut self, id: RequestId, outcome: Outcome) {
        self.fill(id, Reply::Outcome(outcome));
    }

    /// A request is answered by how the user's private sessions and questions stand.
    pub(crate) fn answer_standing(&mut self, id: RequestId) {
        self.fill(id, Reply::Standing);
    }

    /// A request is answered by a list.
    pub(crate) fn begin(&mut self, id: RequestId, list: List) {
        self.fill(id, Reply::List(list));
    }

    fn fill(&mut self, id: RequestId, reply: Reply) {
        let is_open = |(open, held): &&mut (RequestId, Reply)| *open == id && matches!(held, Reply::Waiting);
        if let Some(entry) = self.0.iter_mut().find(is_open) {
            entry.1 = reply;
        }
    }

    /// What is next. A whole answer is taken out.
    pub(crate) fn take_front(&mut self) -> Front {
        match self.0.pop_front() {
            Some((id, Reply::Outcome(outcome))) => Front::Outcome(id, outcome),
            Some((id, Reply::Standing)) => Front::Standing(id),
            Some((id, list @ Reply::List(_))) => {
                self.0.push_front((id, list));
                Front::List(id)
            }
            Some(entry @ (_, Reply::Waiting | Reply::Stepping)) => {
                self.0.push_front(entry);
                Front::Waiting
            }
            None => Front::Waiting,
        }
    }

    /// Takes the list in front for its next step; [`Answers::set_front`] puts back what is left.
    pub(crate) fn take_list(&mut self) -> Option<List> {
        let (_, reply) = self.0.front_mut()?;
        match std::mem::replace(reply, Reply::Stepping) {
            Reply::List(list) => Some(list),
            other @ (Reply::Waiting | Reply::Outcome(_) | Reply::Standing | Reply::Stepping) => {
                *reply = other;
                None
            }
        }
    }

    /// What is left of the list in front; nothing takes it out.
    pub(crate) fn set_front(&mut self, rest: Option<List>) {
        match (rest, self.0.front_mut()) {
            (Some(rest), Some(front)) => front.1 = Reply::List(rest),
            (None, Some(_)) => _ = self.0.pop_front(),
            (_, None) => {}
        }
    }

    /// Whether the list in front is that of a request and its next step is being made.
    pub(crate) fn is_stepping(&self, id: RequestId) -> bool {
        matches!(self.0.front(), Some((front, Reply::Stepping)) if *front == id)
    }
}
