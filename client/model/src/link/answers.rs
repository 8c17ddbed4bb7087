//! What the user asks of the server, and the answers.

use whoelse_proto::{
    Answer, Command, FilesCommand, FoundFile, KnownState, Outcome, PrivateCommand, RequestId, Seen, Timestamp,
};

use super::LinkOutput;
use super::line::{Broken, Farewell, Open};
use super::machine::Link;
use crate::event::Event;
use crate::request::{Ask, AskId};

/// Asks sent ahead of the server's answers, well under [`whoelse_proto::limits::MAX_OPEN_REQUESTS`].
const MAX_ASKS_IN_FLIGHT: usize = 32;

/// Asks that wait for their turn: a script's worth. More are not answered.
const MAX_ASKS_WAITING: usize = 4096;

/// Users, sessions and names in unfinished answers: ten thousand users with a hundred sessions each, under 100 MB.
const MAX_GATHERED: usize = 2_000_000;

/// An ask with the parts of its answer so far.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) ask: AskId,
    expected: Expected,
    parts: Option<Answer>,
    /// How much of the bound of unfinished answers the parts take.
    weight: usize,
}

/// The shape that an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Done,
    Users,
    Names,
    Standing,
    Registered,
    Found,
}

impl Ask {
    const fn expected(&self) -> Expected {
        match self {
            Self::Whoelse | Self::Whoelsesince(_) => Expected::Users,
            Self::Blocked => Expected::Names,
            Self::Private(PrivateCommand::Publish { .. }) => Expected::Standing,
            Self::Files(FilesCommand::Register { .. }) => Expected::Registered,
            Self::Files(FilesCommand::Search { .. }) => Expected::Found,
            Self::Block(_) | Self::Unblock(_) | Self::Stay | Self::Private(_) | Self::Files(_) => Expected::Done,
        }
    }

    fn into_command(self) -> Command {
        match self {
            Self::Whoelse => Command::Whoelse {},
            Self::Whoelsesince(seconds) => Command::Whoelsesince { seconds },
            Self::Block(name) => Command::Block { name },
            Self::Unblock(name) => Command::Unblock { name },
            Self::Blocked => Command::Blocked {},
            Self::Stay => Command::Stay {},
            Self::Private(command) => Command::Private(command),
            Self::Files(command) => Command::Files(command),
        }
    }
}

impl Link {
    pub(super) fn ask(&mut self, ask: AskId, what: Ask, out: &mut Vec<LinkOutput>) {
        match &mut self.line {
            Some(line) if line.farewell == Farewell::Unsaid && line.asks.len() < MAX_ASKS_WAITING => {
                line.asks.push_back((ask, what));
            }
            Some(_) | None => out.push(LinkOutput::Tell(Event::Unanswered { ask })),
        }
    }

    /// Sends asks, as far as the server may be ahead.
    pub(super) fn ask_waiting(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        if line.asks.is_empty() {
            return;
        }
        while line.requests.count(|open| matches!(open, Open::Ask(_))) < MAX_ASKS_IN_FLIGHT {
            let Some((ask, what)) = line.asks.pop_front() else { return };
            let gathering = Gathering { ask, expected: what.expected(), parts: None, weight: 0 };
            line.requests.open(Open::Ask(gathering), what.into_command(), out);
        }
    }

    pub(super) fn reply(
        &mut self,
        id: RequestId,
        more: bool,
        outcome: Outcome,
        now: Timestamp,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let open = line.requests.take(id).ok_or(Broken("the server answers what was not asked"))?;
        match open {
            Open::Ask(gathering) if more => self.gather(id, gathering, outcome),
            Open::Ask(gathering) => self.answered(gathering, outcome, out),
            Open::Check => self.check_answered(id, more, outcome, out),
            Open::Lookup => self.lookup_answered(id, more, outcome, now, out),
            Open::Send { .. } | Open::MarkRead { .. } | Open::Logout if more => {
                Err(Broken("the server answers in parts what has none"))
            }
            Open::Send { id, to } => self.send_answered(id, to, &outcome, now, out),
            Open::MarkRead { peer, up_to } => self.marker_answered(peer, up_to, &outcome),
            Open::Logout => match outcome {
                Outcome::Ok(_) => Ok(()),
                Outcome::Refused(_) => Err(Broken("the server does not end the session")),
            },
        }
    }

    /// Keeps a part of an answer that goes on.
    fn gather(&mut self, id: RequestId, mut gathering: Gathering, outcome: Outcome) -> Result<(), Broken> {
        let Outcome::Ok(part) = outcome else { return Err(Broken("the server refuses in the midst of an answer")) };
        let Some(line) = &mut self.line else { return Ok(()) };
        let weight = weight(&part);
        gathering.weight += weight;
        line.gathered += weight;
        if line.gathered > MAX_GATHERED {
            return Err(Broken("the server's answer has no end"));
        }
        gathering.parts = Some(merged(gathering.parts.take(), part, gathering.expected)?);
        line.requests.keep(id, Open::Ask(gathering));
        Ok(())
    }

    /// Tells a whole answer.
    fn answered(&mut self, gathering: Gathering, outcome: Outcome, out: &mut Vec<LinkOutput>) -> Result<(), Broken> {
        let Gathering { ask, expected, parts, weight } = gathering;
        if let Some(line) = &mut self.line {
            line.gathered -= weight;
        }
        let result = match outcome {
            Outcome::Ok(last) => Ok(merged(parts, last, expected)?),
            Outcome::Refused(refusal) => Err(refusal),
        };
        out.push(LinkOutput::Tell(Event::Answered { ask, result }));
        Ok(())
    }
}

/// Entries in a part of an answer.
fn weight(answer: &Answer) -> usize {
    match answer {
        Answer::Done {} | Answer::Accepted { .. } | Answer::Registered { .. } => 1,
        Answer::Standing(standing) => standing.open.len() + standing.asking.len() + standing.asked.len(),
        Answer::Found(found) => found.iter().map(|found| 1 + found.holders.len()).sum(),
        Answer::Users(users) => users.iter().map(|seen| 1 + seen.sessions.len()).sum(),
        Answer::Names(names) => names.len(),
        Answer::States(states) => states.len(),
    }
}

/// One answer of the parts before and the next one.
fn merged(parts: Option<Answer>, next: Answer, expected: Expected) -> Result<Answer, Broken> {
    match (expected, parts, next) {
        (Expected::Done, None, Answer::Done {}) => Ok(Answer::Done {}),
        (Expected::Users, None, Answer::Users(users)) => Ok(Answer::Users(users)),
        (Expected::Users, Some(Answer::Users(mut users)), Answer::Users(next)) => {
            add_users(&mut users, next);
            Ok(Answer::Users(users))
        }
        (Expected::Names, None, Answer::Names(names)) => Ok(Answer::Names(names)),
        (Expected::Names, Some(Answer::Names(mut names)), Answer::Names(mut next)) => {
            names.append(&mut next);
            Ok(Answer::Names(names))
        }
        (Expected::Standing, None, answer @ Answer::Standing(_))
        | (Expected::Registered, None, answer @ Answer::Registered { .. })
        | (Expected::Found, None, answer @ Answer::Found(_)) => Ok(answer),
        (Expected::Found, Some(Answer::Found(mut found)), Answer::Found(next)) => {
            add_found(&mut found, next);
            Ok(Answer::Found(found))
        }
        (
            Expected::Done
            | Expected::Users
            | Expected::Names
            | Expected::Standing
            | Expected::Registered
            | Expected::Found,
            _,
            _,
        ) => Err(Broken("the server answers an ask with something else")),
    }
}

/// Adds a part of a list of users; one whose sessions did not fit the part before begins it.
fn add_users(users: &mut Vec<Seen>, next: Vec<Seen>) {
    for mut seen in next {
        match users.last_mut() {
            Some(last) if last.name == seen.name => last.sessions.append(&mut seen.sessions),
            Some(_) | None => users.push(seen),
        }
    }
}

/// Adds a part of a list of files; one whose holders did not fit the part before begins it.
fn add_found(found: &mut Vec<FoundFile>, next: Vec<FoundFile>) {
    for mut file in next {
        match found.last_mut() {
            Some(last) if last.file == file.file => last.holders.append(&mut file.holders),
            Some(_) | None => found.push(file),
        }
    }
}

/// The states that a look-up found; `None` if it was refused.
pub(super) fn states(outcome: Outcome) -> Result<Option<Vec<KnownState>>, Broken> {
    match outcome {
        Outcome::Ok(Answer::States(states)) => Ok(Some(states)),
        Outcome::Refused(_) => Ok(None),
        Outcome::Ok(
            Answer::Done {}
            | Answer::Accepted { .. }
            | Answer::Users(_)
            | Answer::Names(_)
            | Answer::Standing(_)
            | Answer::Registered { .. }
            | Answer::Found(_),
        ) => Err(Broken("the server answered a look-up with something else")),
    }
}
