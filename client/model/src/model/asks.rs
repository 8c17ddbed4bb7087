//! Asks of the server under way, and the table of who was online.

use std::collections::BTreeMap;

use whoelse_proto::{Answer, Refusal, Seconds, Seen, Timestamp, UserName};

use crate::command::CommandKind;
use crate::request::{Ask, AskId, Request};

/// Asks under way. A person cannot give more; what is beyond is not asked.
const MAX_ASKS: usize = 256;

/// What an ask is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// The table of who is, or was, online.
    Table,
    /// Block a user.
    Block(UserName),
    /// Unblock a user.
    Unblock(UserName),
    /// Whom the user has blocked, for the list of contacts.
    Blocked,
    /// Whom the user has blocked, to be shown.
    ShowBlocked,
    /// Stay signed in.
    Stay,
    /// Change the password.
    Password,
    /// Ask a user for a private session.
    StartPrivate(UserName),
    /// Agree to one.
    AcceptPrivate(UserName),
    /// Turn one down.
    DeclinePrivate(UserName),
    /// End one.
    StopPrivate(UserName),
    /// Who shares a file.
    SearchFile,
    /// Something about files that is done on this computer.
    Files,
}

impl Matter {
    /// The command and the user that a notice names.
    pub(super) fn words(&self) -> (CommandKind, Option<UserName>) {
        match self {
            Self::Table => (CommandKind::Whoelsesince, None),
            Self::Block(name) => (CommandKind::Block, Some(name.clone())),
            Self::Unblock(name) => (CommandKind::Unblock, Some(name.clone())),
            Self::Blocked | Self::ShowBlocked => (CommandKind::Blocked, None),
            Self::Stay => (CommandKind::Stay, None),
            Self::Password => (CommandKind::Passwd, None),
            Self::StartPrivate(name) => (CommandKind::StartPrivate, Some(name.clone())),
            Self::AcceptPrivate(name) => (CommandKind::Accept, Some(name.clone())),
            Self::DeclinePrivate(name) => (CommandKind::Decline, Some(name.clone())),
            Self::StopPrivate(name) => (CommandKind::StopPrivate, Some(name.clone())),
            Self::SearchFile => (CommandKind::SearchFile, None),
            Self::Files => (CommandKind::Register, None),
        }
    }
}

/// Who is, or was, online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoElse {
    /// In how many seconds; `None` is the moment of asking.
    pub since: Option<Seconds>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The answer.
    pub answer: WhoElseAnswer,
}

/// The answer to who is, or was, online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoElseAnswer {
    /// It is awaited.
    Waiting,
    /// These; without the user and without those who have blocked the user.
    Users(Vec<Seen>),
    /// The server refused.
    Refused(Refusal),
    /// There was no line, or it was lost.
    NoAnswer,
}

/// The asks under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Asks {
    last: u64,
    open: BTreeMap<AskId, Matter>,
    /// The latest ask for the table; earlier ones count no more.
    table_ask: AskId,
    pub(super) table: Option<WhoElse>,
    /// Whether the list of contacts shows whom the user has blocked.
    pub(super) blocks_are_known: bool,
}

impl Asks {
    /// Asks; `None` if too much is asked already.
    pub(super) fn ask(&mut self, matter: Matter, what: Ask) -> Option<Request> {
        self.note(matter).map(|ask| Request::Ask { ask, what })
    }

    /// Notes that something is asked; `None` if too much is asked already.
    pub(super) fn note(&mut self, matter: Matter) -> Option<AskId> {
        if self.open.len() >= MAX_ASKS {
            return None;
        }
        self.last += 1;
        let ask = AskId::new(self.last);
        self.open.insert(ask, matter);
        Some(ask)
    }

    /// Asks for the table.
    pub(super) fn ask_table(&mut self, since: Option<Seconds>, now: Timestamp) -> Option<Request> {
        let request = self.ask(Matter::Table, since.map_or(Ask::Whoelse, Ask::Whoelsesince))?;
        self.table_ask = AskId::new(self.last);
        self.table = Some(WhoElse { since, asked_at: now, answer: WhoElseAnswer::Waiting });
        Some(request)
    }

    /// What an ask that is answered, or will not be, was about.
    pub(super) fn take(&mut self, ask: AskId) -> Option<Matter> {
        self.open.remove(&ask)
    }

    /// The table is answered.
    pub(super) fn fill_table(&mut self, ask: AskId, answer: WhoElseAnswer) {
        if let Some(table) = self.table.as_mut().filter(|_| ask == self.table_ask) {
            table.answer = answer;
        }
    }
}

/// The users of an answer that lists users.
pub(super) fn users(result: Result<Answer, Refusal>) -> WhoElseAnswer {
    match result {
        Ok(Answer::Users(users)) => WhoElseAnswer::Users(users),
        Ok(
            Answer::Done {}
            | Answer::Accepted { .. }
            | Answer::Names(_)
            | Answer::States(_)
            | Answer::Standing(_)
            | Answer::Registered { .. }
            | Answer::Found(_),
        ) => WhoElseAnswer::NoAnswer,
        Err(refusal) => WhoElseAnswer::Refused(refusal),
    }
}
