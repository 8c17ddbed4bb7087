//! One run: the clock, what happens next, and the loop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{Command, Config, ConnId, Limits};
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{NewAccounts, Seconds, Timestamp, UserName};

use crate::client::Client;
use crate::net::{Lines, Side};
use crate::oracle::shares::{ACCOUNTS, INBOX};
use crate::oracle::{Oracle, Violation};
use crate::plant::Plant;
use crate::server::Server;
use crate::strangers;

/// When every run begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Milliseconds for which things break.
const CHAOS_MS: u64 = 40_000;

/// How long three wrong passwords lock a name.
const LOCK: Seconds = Seconds::new(3);

/// Accounts that nobody logs in to, in a run that has them: three frames of the roster.
const MANY: u32 = 1_600;

/// One run in so many has them.
const MANY_ONE_IN: u32 = 24;

/// The users; a run has the first few.
const NAMES: [&str; 6] = ["hans", "yoda", "vader", "leia", "luke", "chewy"];

/// How a run is played.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// A bug put in on purpose.
    pub plant: Option<Plant>,
    /// How many of the last steps before a violation are shown. The run is the same either way.
    pub tail: usize,
}

/// What happened in a run, to show that runs are worth something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Counts {
    pub steps: u64,
    pub written: u64,
    pub welcomes: u32,
    pub lines_lost: u32,
    pub abandoned: u32,
    pub server_crashes: u32,
    pub server_stops: u32,
    pub client_crashes: u32,
    pub refused: u32,
    pub blocked: u32,
    pub skipped: u32,
    pub retried: u32,
    pub look_ups: u32,
    pub locks: u32,
    pub timeouts: u32,
    pub second_logins_refused: u32,
    pub taken_over: u32,
    pub full: u32,
    pub pages: u32,
    pub questions: u32,
    pub introductions: u32,
    pub files_found: u32,
    pub accounts_made: u32,
    pub accounts_refused: u32,
}

impl Counts {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.written += other.written;
        self.welcomes += other.welcomes;
        self.lines_lost += other.lines_lost;
        self.abandoned += other.abandoned;
        self.server_crashes += other.server_crashes;
        self.server_stops += other.server_stops;
        self.client_crashes += other.client_crashes;
        self.refused += other.refused;
        self.blocked += other.blocked;
        self.skipped += other.skipped;
        self.retried += other.retried;
        self.look_ups += other.look_ups;
        self.locks += other.locks;
        self.timeouts += other.timeouts;
        self.second_logins_refused += other.second_logins_refused;
        self.taken_over += other.taken_over;
        self.full += other.full;
        self.pages += other.pages;
        self.questions += other.questions;
        self.introductions += other.introductions;
        self.files_found += other.files_found;
        self.accounts_made += other.accounts_made;
        self.accounts_refused += other.accounts_refused;
    }
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    Person { client: usize },
    Fault,
    Arrive { conn: ConnId, at: Side },
    NoticeEnd { conn: ConnId, at: Side },
    Cut { conn: ConnId },
    Wake { process: u64 },
    ServerCommit { process: u64 },
    ServerResults { process: u64 },
    ServerDiskWorks,
    Room { conn: ConnId },
    StartServer,
    ClientCommit { client: usize, process: u64 },
    ClientResults { client: usize, process: u64 },
    ClientDiskWorks { client: usize },
    StartClient { client: usize },
    Retry { client: usize, process: u64 },
    Heal,
    Tend,
}

/// How far the end of a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finale {
    /// Everything is to come to rest, by then; it has been at rest for so many looks.
    Resting { until: Timestamp, looks: u32 },
    /// Everybody asked who else is online.
    Asking { until: Timestamp },
    /// Some signed out; the others do nothing.
    Parting { until: Timestamp },
    /// Nobody does anything until the sessions have ended.
    Idling { until: Timestamp },
    /// It is over.
    Over,
}

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) rng: SmallRng,
    pub(crate) now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    asked: u64,
    pub(crate) names: Vec<UserName>,
    pub(crate) timeout: Seconds,
    pub(crate) server: Server,
    pub(crate) clients: Vec<Client>,
    pub(crate) lines: Lines,
    pub(crate) last_conn: u64,
    /// Asks that no model made.
    pub(crate) direct_asks: u64,
    pub(crate) strangers: u32,
    /// Lines on which somebody else logs in with a client's name.
    pub(crate) ghosts: BTreeSet<ConnId>,
    pub(crate) oracle: Oracle,
    pub(crate) counts: Counts,
    pub(crate) is_healed: bool,
    pub(crate) finale: Finale,
    is_logged: bool,
    tail: VecDeque<String>,
}

/// Plays one run.
///
/// # Errors
/// The first [`Violation`] of what is promised, with the last steps before it.
pub fn run(seed: u64, options: Options) -> Result<Counts, Box<Violation>> {
    let mut world = World::new(seed, options);
    world.play();
    if !world.oracle.has_failed() {
        return Ok(world.counts);
    }
    // Writing steps down takes most of the time; it is done for the runs that are worth it.
    let mut world = World::new(seed, options);
    world.is_logged = true;
    world.play();
    let (at, tail) = (world.now, Vec::from(world.tail));
    let what = world.oracle.into_fault().unwrap_or_else(|| "it did not happen again".to_owned());
    Err(Box::new(Violation { seed, plant: options.plant, at, what, tail }))
}

impl World {
    fn new(seed: u64, options: Options) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let users = rng.random_range(2..=NAMES.len());
        let names: Vec<UserName> = NAMES.iter().take(users).map(|raw| UserName::new(raw).expect("a name")).collect();
        let timeout = Seconds::new([0, 6, 20][rng.random_range(0..3)]);
        // In one run of many the roster takes several frames, and the users stand on different ones.
        let many = if rng.random_ratio(1, MANY_ONE_IN) { MANY } else { 0 };
        let server = Server::new(MemoryStore::new(names.iter().cloned().chain(strangers::silent(many))));
        Self {
            options,
            rng,
            now: BEGIN,
            queue: BTreeMap::new(),
            asked: 0,
            timeout,
            server,
            clients: names.iter().cloned().map(Client::new).collect(),
            oracle: Oracle::new(&names),
            names,
            lines: Lines::new(),
            last_conn: 0,
            direct_asks: 0,
            strangers: 0,
            ghosts: BTreeSet::new(),
            counts: Counts::default(),
            is_healed: false,
            finale: Finale::Over,
            is_logged: false,
            tail: VecDeque::new(),
        }
    }

    pub(crate) fn hub_config(&self) -> Config {
        let is_endless = self.options.plant == Some(Plant::NobodyTimesOut);
        let timeout = if is_endless { Seconds::default() } else { self.timeout };
        let question = Seconds::new(PRIVATE_REQUEST_S);
        let (accounts_per_hour, inbox_messages) = match self.options.plant {
            Some(Plant::AnybodyMakesAccounts) => (0, INBOX),
            Some(Plant::InboxesHaveNoBound) => (ACCOUNTS, u32::MAX),
            Some(_) | None => (ACCOUNTS, INBOX),
        };
        let limits = Limits { accounts_per_hour, inbox_messages, ..Limits::DEFAULT };
        Config { lock: LOCK, timeout, registration: NewAccounts::Anyone, question, limits }
    }

    pub(crate) fn later(&mut self, delay: u64, what: Happening) {
        self.later_at(self.now.plus_millis(delay), what);
    }

    pub(crate) fn later_at(&mut self, at: Timestamp, what: Happening) {
        self.asked += 1;
        self.queue.insert((at, self.asked), what);
    }

    pub(crate) fn log(&mut self, line: impl FnOnce() -> String) {
        if self.is_logged {
            let at = self.now.millis() - BEGIN.millis();
            self.tail.push_back(format!("{at:>7} {}", line()));
            if self.tail.len() > self.options.tail {
                self.tail.pop_front();
            }
        }
    }

    fn play(&mut self) {
        self.start_server();
        for client in 0..self.clients.len() {
            let delay = self.rng.random_range(0..500);
            self.later(delay, Happening::Person { client });
        }
        self.later(1_000, Happening::Fault);
        self.later(CHAOS_MS, Happening::Heal);
        while let Some(((at, _), what)) = self.queue.pop_first() {
            self.now = at;
            self.counts.steps += 1;
            self.happen(what);
            if self.oracle.has_failed() || (self.is_healed && self.finale == Finale::Over) {
                return;
            }
        }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Person { client } => self.person(client),
            Happening::Fault => self.fault(),
            Happening::Arrive { conn, at } => self.arrive(conn, at),
            Happening::NoticeEnd { conn, at } => self.notice_end(conn, at),
            Happening::Cut { conn } => self.cut(conn),
            Happening::Wake { process } => self.wake(process),
            Happening::ServerCommit { process } => self.server_commit(process),
            Happening::ServerResults { process } => self.server_results(process),
            Happening::ServerDiskWorks => self.server.disk_is_full = false,
            Happening::Room { conn } => self.command(Command::Room { conn }),
            Happening::StartServer => self.start_server(),
            Happening::ClientCommit { client, process } => self.client_commit(client, process),
            Happening::ClientResults { client, process } => self.client_results(client, process),
            Happening::ClientDiskWorks { client } => self.clients[client].disk.fails = false,
            Happening::StartClient { client } => self.start_client(client),
            Happening::Retry { client, process } => self.client_retries(client, process),
            Happening::Heal => self.heal(),
            Happening::Tend => self.tend(),
        }
    }
}
