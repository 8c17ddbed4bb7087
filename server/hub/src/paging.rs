//! Lists of any length, sent to a connection one page at a time.
//!
//! A list is a cursor, never a copy: the next page is made from what the hub holds once the connection has room for it
//! ([`Effect::AskForRoom`], answered by [`crate::Command::Room`]). One step looks at a bounded number of accounts, so
//! that no list holds up anybody else. Of one connection the roster runs first, then its requests in their order.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use whoelse_proto::limits::{MAX_FRAME, MAX_NAME_BYTES, MEMORY_DAYS};
use whoelse_proto::{Answer, Outcome, RosterEntry, Seconds, Seen, ServerFrame, Span, Timestamp, UserName};

use crate::Hub;
use crate::account::Account;
use crate::command::ConnId;
use crate::conn::{Conn, Front};
use crate::effect::Effect;
use crate::pending::{Asked, Pending};
use crate::presence::roster_entry;
use crate::search::Search;
use crate::store::{Sessions, StoreFault, StoreOp, Stored};

/// Bytes of a list in one frame: a frame with room for what is around the list.
pub(crate) const PAGE_BYTES: usize = MAX_FRAME - 1024;

/// Accounts looked at in one step: some hundred microseconds of work.
const ACCOUNTS_PER_STEP: usize = 4_096;

/// Names whose sessions are read from the store at a time: with all the spans of each, a few frames.
const NAMES_PER_READ: usize = 64;

/// Bytes that an entry of the roster takes at most: the names of the fields, the presence, the name.
const ENTRY_BYTES: usize = 96;

/// Bytes that a user in a list takes at most, spans left out: the names of the fields, the presence, the name.
const SEEN_BYTES: usize = 80 + MAX_NAME_BYTES;

/// Bytes that a name in a list takes at most.
const NAME_BYTES: usize = 2 + MAX_NAME_BYTES;

/// Entries of an answer from which on it is long: 256 shorter ones fit an outbox many times over.
const LONG: usize = 8;

/// Bytes that a span takes at most.
const SPAN_BYTES: usize = 32;

/// What a connection is sent in pages, and whether it has room for the next one.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    roster: Roster,
    room: Room,
}

/// How far the roster behind the welcome has come.
#[derive(Clone, Debug, Default)]
enum Roster {
    /// It goes on behind this name; `None` is the beginning.
    Running { after: Option<UserName> },
    /// The client has it.
    #[default]
    Whole,
}

/// Whether a connection has room for a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Room {
    #[default]
    There,
    /// The shell was asked to tell when there is.
    Asked,
}

impl Paging {
    /// Of a connection that is sent the roster from its beginning.
    pub(crate) fn with_roster() -> Self {
        Self { roster: Roster::Running { after: None }, room: Room::There }
    }

    /// Whether pages of the roster are still to come. Until then every roster frame says so.
    pub(crate) fn has_more_roster(&self) -> bool {
        matches!(self.roster, Roster::Running { .. })
    }
}

/// The answer to a request that has no bound, as far as it was not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Who is online, behind this name.
    Online { after: Option<UserName> },
    /// Who had a session in the last seconds, behind this name.
    Since { seconds: Seconds, after: Option<UserName> },
    /// Whom the reader has blocked, behind this name.
    Blocked { after: Option<UserName> },
    /// Who holds files of a name.
    Found(Search),
    /// One frame that is long: many of them wait for room as pages do.
    Long(Answer),
}

/// One step of a list.
pub(crate) enum Step {
    /// A page, and what is left; nothing if it was the last.
    Page(Answer, Option<List>),
    /// Nothing was found among the accounts looked at; the list goes on.
    Onward(List),
    /// The store is asked; the rest waits for it.
    Read(StoreOp, Option<List>),
}

impl Hub {
    /// The connection has room for the next page.
    pub(crate) fn has_room(&mut self, conn: ConnId) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&conn) {
            online.paging.room = Room::There;
            self.send_pages(conn);
        }
    }

    /// Sends what the connection has room for: answers that are complete, then a page of the roster or of the list that
    /// is next.
    pub(crate) fn send_pages(&mut self, conn: ConnId) {
        self.send_what_fits(conn);
        self.leave_if_answered(conn);
    }

    fn send_what_fits(&mut self, conn: ConnId) {
        loop {
            let Some(Conn::Online(online)) = self.conns.get_mut(&conn) else { return };
            let (front, name) = (online.answers.take_front(), online.name.clone());
            let list = match front {
                Front::Outcome(id, outcome) => {
                    self.send(conn, ServerFrame::Reply { id, more: false, outcome });
                    continue;
                }
                Front::Standing(id) => {
                    let outcome = Outcome::Ok(Answer::Standing(self.standing(&name)));
                    self.send(conn, ServerFrame::Reply { id, more: false, outcome });
                    continue;
                }
                Front::List(id) => Some(id),
                Front::Waiting => None,
            };
            if online.paging.room == Room::Asked {
                return;
            }
            if let Roster::Running { after } = online.paging.roster.clone() {
                self.send_roster_page(conn, &name, after.as_ref());
                continue;
            }
            let Some(id) = list else { return };
            let Some(list) = online.answers.take_list() else { return };
            match self.step(&name, list) {
                Step::Page(answer, rest) => self.send_page(Asked { conn, id }, answer, rest),
                Step::Onward(rest) => {
                    self.set_front(conn, Some(rest));
                    self.ask_for_room(conn);
                }
                Step::Read(op, rest) => {
                    self.ask_store(op, Pending::Sessions { asked: Asked { conn, id }, name, rest });
                }
            }
        }
    }

    fn send_page(&mut self, asked: Asked, answer: Answer, rest: Option<List>) {
        let more = rest.is_some();
        let is_long = more || is_long(&answer);
        self.send(asked.conn, ServerFrame::Reply { id: asked.id, more, outcome: Outcome::Ok(answer) });
        self.set_front(asked.conn, rest);
        if is_long {
            self.ask_for_room(asked.conn);
        }
    }

    /// What is left of the list that is being sent; nothing if it is whole.
    fn set_front(&mut self, conn: ConnId, rest: Option<List>) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&conn) {
            online.answers.set_front(rest);
        }
    }

    fn ask_for_room(&mut self, conn: ConnId) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&conn) {
            online.paging.room = Room::Asked;
            self.effects.push(Effect::AskForRoom { conn });
        }
    }

    fn send_roster_page(&mut self, conn: ConnId, reader: &UserName, after: Option<&UserName>) {
        let Some(account) = self.accounts.get(reader) else { return };
        let mut users: Vec<RosterEntry> = Vec::new();
        let mut last = None;
        for (name, other) in behind(&self.accounts, after).filter(|(name, _)| *name != reader) {
            if (users.len() + 1) * ENTRY_BYTES > PAGE_BYTES {
                last = users.last().map(|entry| entry.name.clone());
                break;
            }
            users.push(roster_entry(name, other, account));
        }
        let more = last.is_some();
        self.send(conn, ServerFrame::Roster { users, more });
        if let Some(Conn::Online(online)) = self.conns.get_mut(&conn) {
            online.paging.roster = if more { Roster::Running { after: last } } else { Roster::Whole };
        }
        if more {
            self.ask_for_room(conn);
        }
    }

    fn step(&self, reader: &UserName, list: List) -> Step {
        match list {
            List::Online { after } => self.step_online(reader, after.as_ref()),
            List::Since { seconds, after } => self.step_since(reader, seconds, after.as_ref()),
            List::Blocked { after } => self.step_blocked(reader, after.as_ref()),
            List::Found(search) => self.step_found(reader, search),
            List::Long(answer) => Step::Page(answer, None),
        }
    }

    fn step_blocked(&self, reader: &UserName, after: Option<&UserName>) -> Step {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let blocked = self.accounts.get(reader).map(|account| &account.blocked);
        let mut left = blocked.into_iter().flat_map(|names| names.range::<UserName, _>((from, Bound::Unbounded)));
        let names: Vec<UserName> = left.by_ref().take(PAGE_BYTES / NAME_BYTES).cloned().collect();
        let rest = names.last().filter(|_| left.next().is_some()).cloned();
        Step::Page(Answer::Names(names), rest.map(|after| List::Blocked { after: Some(after) }))
    }

    fn step_online(&self, reader: &UserName, after: Option<&UserName>) -> Step {
        let is_wanted = |account: &Account| account.session.is_some();
        let most = PAGE_BYTES / SEEN_BYTES;
        let (names, rest) = self.look_through(reader, after, most, is_wanted);
        if names.is_empty()
            && let Some(after) = rest
        {
            return Step::Onward(List::Online { after: Some(after) });
        }
        let seen = |name: UserName| {
            let presence = self.accounts.get(&name)?.presence();
            Some(Seen { name, presence, sessions: Vec::new(), earlier: 0 })
        };
        let users = names.into_iter().filter_map(seen).collect();
        Step::Page(Answer::Users(users), rest.map(|after| List::Online { after: Some(after) }))
    }

    fn step_since(&self, reader: &UserName, seconds: Seconds, after: Option<&UserName>) -> Step {
        let from = self.span_begin(seconds);
        let is_wanted = |account: &Account| account.session.is_some() || account.last_seen.is_some_and(|at| at >= from);
        let (names, rest) = self.look_through(reader, after, NAMES_PER_READ, is_wanted);
        let rest = rest.map(|after| List::Since { seconds, after: Some(after) });
        match (names.is_empty(), rest) {
            (true, Some(rest)) => Step::Onward(rest),
            (true, None) => Step::Page(Answer::Users(Vec::new()), None),
            (false, rest) => Step::Read(StoreOp::SessionsOf { names, from }, rest),
        }
    }

    /// Names behind `after` that the reader may see and that are wanted: at most `most`, from a bounded number of
    /// accounts. With the name behind which to go on, if there is more to look at.
    fn look_through(
        &self,
        reader: &UserName,
        after: Option<&UserName>,
        most: usize,
        is_wanted: impl Fn(&Account) -> bool,
    ) -> (Vec<UserName>, Option<UserName>) {
        let hidden = self.accounts.get(reader).map(|account| &account.blocked_by);
        let is_seen = |name: &UserName| name != reader && !hidden.is_some_and(|hidden| hidden.contains(name));
        let mut names = Vec::new();
        let mut accounts = behind(&self.accounts, after).enumerate().peekable();
        while let Some((n, (name, account))) = accounts.next() {
            if is_seen(name) && is_wanted(account) {
                names.push(name.clone());
            }
            if (names.len() >= most || n + 1 >= ACCOUNTS_PER_STEP) && accounts.peek().is_some() {
                return (names, Some(name.clone()));
            }
        }
        (names, None)
    }

    fn span_begin(&self, seconds: Seconds) -> Timestamp {
        self.now.minus(seconds.min(Seconds::new(MEMORY_DAYS * 24 * 60 * 60)))
    }

    /// The store has read the sessions of some names: they go out, and the list goes on behind them.
    pub(crate) fn sessions_stored(
        &mut self,
        asked: Asked,
        reader: &UserName,
        rest: Option<List>,
        result: Result<Stored, StoreFault>,
    ) {
        let Some(Conn::Online(online)) = self.conns.get_mut(&asked.conn) else { return };
        if !online.answers.is_stepping(asked.id) {
            return;
        }
        let Ok(Stored::Sessions { sessions }) = result else {
            let refused = Outcome::Refused(whoelse_proto::Refusal::Storage);
            self.send(asked.conn, ServerFrame::Reply { id: asked.id, more: false, outcome: refused });
            self.set_front(asked.conn, None);
            self.send_pages(asked.conn);
            return;
        };
        let users = self.seen_users(reader, sessions);
        let mut parts: VecDeque<Answer> = in_parts(users, |seen| SEEN_BYTES + seen.sessions.len() * SPAN_BYTES)
            .into_iter()
            .map(Answer::Users)
            .collect();
        let last = parts.pop_back().unwrap_or(Answer::Users(Vec::new()));
        for part in parts {
            let outcome = Outcome::Ok(part);
            self.send(asked.conn, ServerFrame::Reply { id: asked.id, more: true, outcome });
        }
        self.send_page(asked, last, rest);
        self.send_pages(asked.conn);
    }

    fn seen_users(&self, reader: &UserName, sessions: BTreeMap<UserName, Sessions>) -> Vec<Seen> {
        let hidden = self.accounts.get(reader).map(|account| &account.blocked_by);
        let mut users = Vec::new();
        for (name, Sessions { mut spans, earlier }) in sessions {
            let Some(account) = self.accounts.get(&name) else { continue };
            if hidden.is_some_and(|hidden| hidden.contains(&name)) {
                continue;
            }
            correct_open_session(account, &mut spans);
            if !spans.is_empty() {
                users.push(Seen { name, presence: account.presence(), sessions: spans, earlier });
            }
        }
        users
    }
}

/// Whether what follows an answer waits for room again: a client may ask for many and read none.
fn is_long(answer: &Answer) -> bool {
    match answer {
        Answer::Users(users) => users.len() >= LONG,
        Answer::Names(names) => names.len() >= LONG,
        Answer::States(states) => states.len() >= LONG,
        Answer::Found(found) => found.iter().map(|found| found.holders.len()).sum::<usize>() >= LONG,
        Answer::Done {} | Answer::Accepted { .. } | Answer::Standing(_) | Answer::Registered { .. } => false,
    }
}

/// Which session is open the hub knows better than a store that could not write.
fn correct_open_session(account: &Account, spans: &mut Vec<Span>) {
    let open = account.session.as_ref().map(|session| session.since);
    for span in spans.iter_mut().filter(|span| span.to.is_none() && Some(span.from) != open) {
        span.to = account.last_seen;
    }
    if let Some(from) = open
        && !spans.iter().any(|span| span.from == from)
    {
        spans.push(Span { from, to: None });
    }
}

/// The accounts behind a name, in order.
fn behind<'a>(
    accounts: &'a BTreeMap<UserName, Account>,
    after: Option<&UserName>,
) -> impl Iterator<Item = (&'a UserName, &'a Account)> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    accounts.range::<UserName, _>((from, Bound::Unbounded))
}

/// Cuts a list into parts of at most [`PAGE_BYTES`]; at least one part, perhaps empty.
pub(crate) fn in_parts<T>(list: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut bytes = 0;
    for item in list {
        let more = size(&item);
        if bytes + more > PAGE_BYTES && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += more;
        part.push(item);
    }
    parts.push(part);
    parts
}
