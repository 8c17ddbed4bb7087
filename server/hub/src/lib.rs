//! Everything the server decides: logins, presence, messages, blocks, introductions, shared files. Commands in, effects out.
//!
//! Pure: no socket, file, clock, randomness or runtime. Time and random bytes are arguments. The hub knows
//! no password and no wire bytes; it refuses to wait. What it decides by is `docs/BEHAVIOUR.md`.
//!
//! `handle` only dispatches. The rooms: `login` lets people in, `register` makes accounts, `session` ends what they began, `presence` says
//! who is here, `mail` takes messages to inboxes and on to clients, `blocks` keeps people apart, `private` brings two
//! together, `files` knows who holds what.

mod account;
mod admin;
mod blocks;
mod command;
mod conn;
mod effect;
mod fair;
mod files;
mod guard;
mod login;
mod lost;
mod mail;
pub mod memory;
mod names;
mod origin;
mod paging;
mod password;
mod pending;
mod presence;
mod private;
mod register;
mod request;
mod search;
mod session;
mod store;
mod timers;

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::limits::MEMORY_DAYS;
use whoelse_proto::{NewAccounts, Relay, Seconds, ServerFrame, Timestamp, UserName};

pub use command::{Command, ConnId, Fresh, InviteHash, Pass, PassHash, Record, TakeOver, Token, TokenHash};
pub use effect::{Announcement, Effect, Message, Routed};
pub use fair::{Limits, Load};
pub use guard::Failure;
pub use origin::Origin;
pub use store::{
    AccountSnapshot, Lost, MAX_EARLIER, Sessions, Snapshot, StoreFault, StoreOp, Stored, Ticket, TokenFate,
};

use account::Account;
use conn::Conn;
use fair::Registrations;
use files::Index;
use names::Names;
use origin::OriginFailures;
use pending::Pending;
use presence::Notices;
use register::Applicant;
use timers::{Timer, Timers};

/// What the administrator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long three wrong passwords lock a name; 0 never does.
    pub lock: Seconds,
    /// How long a session lasts without a valid action; 0 is for ever.
    pub timeout: Seconds,
    /// Who may make an account.
    pub registration: NewAccounts,
    /// How long a question for a private session is open.
    pub question: Seconds,
    /// The bounds of fair shares.
    pub limits: Limits,
}

/// Accounts a server holds: what the memory of a small machine bears.
pub const MAX_ACCOUNTS: usize = 200_000;

/// Seconds between two signs in the store that the server runs: how far off the end of a session may be after a crash.
const HEARTBEAT: Seconds = Seconds::new(60);

/// Seconds between two rounds of forgetting.
const FORGET_EVERY: Seconds = Seconds::new(60 * 60);

/// How long session times and what became of messages are remembered.
const MEMORY: Seconds = Seconds::new(MEMORY_DAYS * 24 * 60 * 60);

/// The sole owner of all that the server knows.
#[derive(Debug)]
pub struct Hub {
    config: Config,
    now: Timestamp,
    accounts: BTreeMap<UserName, Account>,
    names: Names,
    /// Accounts that the administrator made and the store could not make room for yet.
    late: BTreeSet<UserName>,
    conns: BTreeMap<ConnId, Conn>,
    failures: OriginFailures,
    /// How many accounts have a session.
    online: usize,
    notices: Notices,
    timers: Timers,
    index: Index,
    registrations: Registrations,
    /// The relay that is named to devices.
    relay: Option<Relay>,
    /// The number of the last introduction.
    last_introduction: u64,
    pending: BTreeMap<Ticket, Pending>,
    last_ticket: u64,
    effects: Vec<Effect>,
}

impl Hub {
    /// A hub with what the store holds, and the first effects.
    #[must_use]
    pub fn new(config: Config, snapshot: Snapshot, now: Timestamp) -> (Self, Vec<Effect>) {
        let Snapshot { accounts, in_doubt } = snapshot;
        let accounts = accounts.into_iter().map(|(name, account)| (name, account.known_by(now).into())).collect();
        let mut hub = Self {
            config,
            now,
            accounts,
            names: Names::default(),
            late: BTreeSet::new(),
            conns: BTreeMap::new(),
            failures: OriginFailures::default(),
            online: 0,
            notices: Notices::default(),
            timers: Timers::default(),
            index: Index::default(),
            registrations: Registrations::default(),
            relay: None,
            last_introduction: 0,
            pending: BTreeMap::new(),
            last_ticket: 0,
            effects: Vec::new(),
        };
        hub.index_names(&in_doubt);
        hub.index_blocks();
        hub.heartbeat();
        hub.forget();
        let effects = std::mem::take(&mut hub.effects);
        (hub, effects)
    }

    /// From here on devices are told of this relay, and let into it.
    pub fn name_relay(&mut self, relay: Relay) {
        self.relay = Some(relay);
    }

    /// Takes one command and gives the effects, in the order in which they are to be performed.
    ///
    /// A `now` before the last one counts as the last one.
    pub fn handle(&mut self, command: Command, now: Timestamp) -> Vec<Effect> {
        self.now = self.now.max(now);
        match command {
            Command::OpenLogin { conn, name, pass, from } => self.open_login(conn, name, pass, from),
            Command::ProveLogin { conn, fresh, take_over } => self.prove_login(conn, fresh, take_over),
            Command::ProveChange { conn } => self.prove_change(conn),
            Command::FailLogin { conn } => self.fail_login(conn),
            Command::Resume { conn, name, shown } => self.resume(conn, &name, shown),
            Command::OpenRegistration { conn, name, invite, from } => self.open_registration(conn, name, invite, from),
            Command::CompleteRegistration { conn, name, record, invite, from } => {
                self.complete_registration(conn, Applicant { name, record, invite }, from);
            }
            Command::Request { conn, id, command } => self.request(conn, id, command),
            Command::Acknowledge { conn, up_to } => self.acknowledge(conn, up_to),
            Command::Heard { conn } => self.heard(conn),
            Command::Room { conn } => self.has_room(conn),
            Command::Disconnected { conn } | Command::Overflowed { conn } => self.disconnected(conn),
            Command::Stored { ticket, result } => self.stored(ticket, result),
            Command::Routed { to, what } => self.routed(&to, what),
            Command::Announced { what } => self.announced(what),
            Command::AccountsChanged { added, removed, changed } => self.accounts_changed(added, &removed, &changed),
            Command::Unlock { name } => self.unlock(&name),
            Command::Kick { name } => self.kick(&name),
            Command::Wake => self.wake(),
            Command::Stop => self.stop(),
        }
        std::mem::take(&mut self.effects)
    }

    /// When [`Command::Wake`] is due.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    fn wake(&mut self) {
        while let Some(timer) = self.timers.due(self.now) {
            match timer {
                Timer::Presence => self.flush_presence(),
                Timer::Heartbeat => self.heartbeat(),
                Timer::Forget => self.forget(),
                Timer::Inactivity(name) => self.look_after_inactivity(&name),
                Timer::Grace(name) => self.look_after_grace(&name),
                Timer::SignOfLife(name) => self.look_after_sign_of_life(&name),
                Timer::Question(asker, of) => self.look_after_question(&asker, &of),
            }
        }
    }

    fn heartbeat(&mut self) {
        self.ask_store(StoreOp::Heartbeat { at: self.now }, Pending::Nothing);
        self.timers.set(self.now.plus(HEARTBEAT), Timer::Heartbeat);
        self.ask_store_again();
        self.welcome_late();
    }

    fn forget(&mut self) {
        self.ask_store(StoreOp::Forget { before: self.now.minus(MEMORY) }, Pending::Nothing);
        self.timers.set(self.now.plus(FORGET_EVERY), Timer::Forget);
    }

    fn send(&mut self, conn: ConnId, frame: ServerFrame) {
        self.effects.push(Effect::Send { to: vec![conn], frame });
    }

    fn next_ticket(&mut self, pending: Pending) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket::new(self.last_ticket);
        if pending != Pending::Nothing {
            self.pending.insert(ticket, pending);
        }
        ticket
    }

    fn ask_store(&mut self, op: StoreOp, pending: Pending) {
        let ticket = self.next_ticket(pending);
        self.effects.push(Effect::Store { ticket, op });
    }
}
