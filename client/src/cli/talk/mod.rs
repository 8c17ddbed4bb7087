//! The talk on the command line, pure: lines and events in, requests and news out.
//!
//! From a program, commands are done in order: a message goes out behind the one before it, anything else once all
//! before it is answered. At a terminal, each goes out as it is typed.

mod events;
mod lines;
mod private;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use whoelse_model::command::CommandKind;
use whoelse_model::{Ask, AskId, Event, Message, Recall, Request, TransferId};
use whoelse_proto::{DeviceKey, MessageId, Timestamp, UserName};

pub(super) use private::{Accepts, Consent};

use super::inputs::Line;
use super::news::{End, News};
use super::outcome::Status;
use super::people::People;

/// Messages of a program that go out ahead of the answers: fills a slow line, and bounds what is remembered.
const MAX_AHEAD: usize = 128;

/// Milliseconds for which lines behind the command that ended the session are read: those of a script are there.
const REST_MS: u64 = 250;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Do {
    /// Say something.
    Say(News),
    /// Show a message, and ask for something once whoever reads has it.
    Show {
        /// Which.
        message: Message,
        /// What.
        then: Vec<Request>,
    },
    /// Ask the runtime.
    Ask(Request),
    /// End the program.
    Finish(Status),
}

/// Who gives commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commander {
    /// A person at a terminal.
    Person,
    /// A program or a file.
    Program,
}

/// A command that awaits its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Awaited {
    kind: CommandKind,
    about: Option<UserName>,
    /// What a program called it.
    reference: Option<String>,
}

/// An answer to a command, under the name that a program gave it.
fn answer(reference: Option<String>, news: News) -> Do {
    Do::Say(match reference {
        Some(reference) => News::Answer { reference, news: Box::new(news) },
        None => news,
    })
}

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineIs {
    Up,
    Down {
        /// Since when.
        since: Timestamp,
        /// Whether the end of the session was told.
        told: Option<End>,
    },
}

/// Where the talk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Commands are taken.
    Open,
    /// There are no more commands; what was given is waited for.
    InputEnded,
    /// The session is being ended.
    Leaving,
    /// The session is being ended by a command; what stands behind it is told as not done.
    LoggingOut,
    /// The session is over; lines behind the command that ended it may still be on their way.
    Resting {
        /// How long they are waited for.
        until: Timestamp,
    },
    /// The session is over, and a person is to read why.
    Over(Status),
}

/// The talk.
#[derive(Debug)]
pub(super) struct Talk {
    me: UserName,
    commander: Commander,
    patience: Duration,
    draw: fn() -> MessageId,
    people: People,
    messages: BTreeMap<MessageId, Awaited>,
    /// Messages that were said to be delivered of late: being read a moment later is no further delivery.
    delivered: VecDeque<MessageId>,
    asks: BTreeMap<AskId, Awaited>,
    accepts: Accepts,
    /// The keys of those with whom there is a private session.
    sessions: BTreeMap<UserName, DeviceKey>,
    /// The new keys of contacts, which nobody has taken yet.
    changed: BTreeMap<UserName, DeviceKey>,
    /// Files that flow.
    transfers: BTreeSet<TransferId>,
    last_ask: u64,
    /// What is read back, by the ask.
    recalled: BTreeMap<AskId, Recall>,
    /// What a program called the command that is being done.
    reference: Option<String>,
    /// The line that waits for its turn.
    held: Option<Line>,
    line: LineIs,
    stage: Stage,
    status: Status,
}

impl Talk {
    /// The talk of a user who is signed in. `draw` names messages.
    pub(super) fn new(me: UserName, commander: Commander, patience: Duration, draw: fn() -> MessageId) -> Self {
        Self {
            me,
            commander,
            patience,
            draw,
            people: People::default(),
            messages: BTreeMap::new(),
            delivered: VecDeque::new(),
            asks: BTreeMap::new(),
            accepts: Accepts::default(),
            sessions: BTreeMap::new(),
            changed: BTreeMap::new(),
            transfers: BTreeSet::new(),
            last_ask: 0,
            recalled: BTreeMap::new(),
            reference: None,
            held: None,
            line: LineIs::Up,
            stage: Stage::Open,
            status: Status::Succeeded,
        }
    }

    /// Whether the next line can be taken.
    pub(super) fn wants_line(&self) -> bool {
        match self.stage {
            Stage::Open | Stage::LoggingOut => self.held.is_none(),
            Stage::Over(_) | Stage::Resting { .. } => true,
            Stage::InputEnded | Stage::Leaving => false,
        }
    }

    /// A talk that answers some questions with yes.
    pub(super) fn accepting(self, accepts: Accepts) -> Self {
        Self { accepts, ..self }
    }

    /// When a lost line is given up; a person does that. Or when lines behind the end are.
    pub(super) fn gives_up_at(&self) -> Option<Timestamp> {
        if let Stage::Resting { until } = self.stage {
            return Some(until);
        }
        match (self.commander, self.line) {
            (Commander::Program, LineIs::Down { since, .. }) => {
                let patience = u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX);
                Some(since.plus_millis(patience))
            }
            (Commander::Program, LineIs::Up) | (Commander::Person, _) => None,
        }
    }

    /// Everybody whom the server has named.
    pub(super) fn names(&self) -> Vec<UserName> {
        self.people.names()
    }

    /// Takes a line, which is done when its turn comes.
    pub(super) fn take_line(&mut self, line: Line) -> Vec<Do> {
        match self.stage {
            Stage::Over(status) => return vec![Do::Finish(status)],
            Stage::LoggingOut | Stage::Resting { .. } => return self.line_behind_logout(&line),
            Stage::Open | Stage::InputEnded | Stage::Leaving => {}
        }
        self.held = Some(line);
        let mut out = Vec::new();
        self.proceed(&mut out);
        out
    }

    /// Takes what the runtime tells.
    pub(super) fn take_event(&mut self, event: Event, now: Timestamp) -> Vec<Do> {
        let mut out = Vec::new();
        self.event(event, now, &mut out);
        self.proceed(&mut out);
        out
    }

    /// The user wants to leave: once in order, twice at once.
    pub(super) fn interrupt(&mut self) -> Vec<Do> {
        match self.stage {
            Stage::Open | Stage::InputEnded => {
                self.held = None;
                self.stage = Stage::Leaving;
                vec![Do::Ask(Request::SignOut)]
            }
            Stage::Leaving | Stage::LoggingOut => vec![Do::Finish(Status::ConnectionLost)],
            Stage::Resting { .. } => vec![Do::Finish(self.status)],
            Stage::Over(status) => vec![Do::Finish(status)],
        }
    }

    /// The terminal was closed: nobody is there, and the session ends in order.
    pub(super) fn hang_up(&mut self) -> Vec<Do> {
        match self.stage {
            // A closed terminal ends the lines, too.
            Stage::Leaving | Stage::LoggingOut => Vec::new(),
            Stage::Open | Stage::InputEnded | Stage::Resting { .. } | Stage::Over(_) => self.interrupt(),
        }
    }

    /// The lost line is given up.
    pub(super) fn give_up(&mut self) -> Vec<Do> {
        if let Stage::Resting { .. } = self.stage {
            return vec![Do::Finish(self.status)];
        }
        let told = matches!(self.line, LineIs::Down { told: Some(_), .. });
        let end = (!told).then_some(Do::Say(News::SessionEnd(End::Lost)));
        end.into_iter().chain([Do::Finish(Status::ConnectionLost)]).collect()
    }

    /// A command that is being done, until it is answered.
    fn awaited(&self, kind: CommandKind, about: Option<UserName>) -> Awaited {
        Awaited { kind, about, reference: self.reference.clone() }
    }

    /// A command was not done.
    fn fail(&mut self) {
        self.status = Status::CommandRefused;
    }
}
