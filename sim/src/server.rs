//! The server's shell: performs the hub's effects, keeps a disk that commits in batches, crashes and comes back.

use std::collections::VecDeque;
use std::sync::Arc;

use rand::RngExt;
use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{
    Command, ConnId, Effect, Fresh, Hub, Pass, PassHash, StoreFault, StoreOp, Stored, TakeOver, Ticket, Token,
    TokenHash,
};
use whoelse_proto::{
    self as proto, Addresses, Answer, ClientFrame, DevicePass, FilesCommand, Introduction, LoginRefusal, Outcome,
    PrivateNews, Purpose, ResumeToken, ServerFrame, SessionKind, Timestamp, UserName,
};

use crate::net::{Payload, Side};
use crate::peers::device_of;
use crate::plant::Plant;
use crate::world::{Happening, World};

/// Whence every connection comes: nobody runs out of wrong passwords, for there are few clients.
const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

/// What the hub asked of the disk.
type Job = (Ticket, StoreOp);

/// What came of it.
type JobResult = (Ticket, Result<Stored, StoreFault>);

#[derive(Debug, Default)]
pub(crate) struct Server {
    /// `None` while the process is gone.
    pub(crate) hub: Option<Hub>,
    /// What is committed.
    pub(crate) store: MemoryStore,
    /// What was committed before that.
    before: Option<MemoryStore>,
    jobs: VecDeque<Job>,
    results: VecDeque<JobResult>,
    pub(crate) disk_is_full: bool,
    commit_is_due: bool,
    /// Counts processes: what was meant for an earlier one is for nobody.
    pub(crate) process: u64,
    wake_at: Option<Timestamp>,
    /// Frames of who came and went, for the plant that loses some.
    presence_frames: u64,
}

impl Server {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self { store, ..Self::default() }
    }
}

impl World {
    pub(crate) fn start_server(&mut self) {
        let snapshot = self.server.store.start();
        let (hub, effects) = Hub::new(self.hub_config(), snapshot, self.now);
        self.log(|| "server starts".to_owned());
        self.server.process += 1;
        self.server.hub = Some(hub);
        self.server.jobs.clear();
        self.server.results.clear();
        self.server.commit_is_due = false;
        self.server.wake_at = None;
        self.perform(effects);
    }

    /// The process is gone, and what was not committed with it.
    pub(crate) fn crash_server(&mut self) {
        if self.server.hub.take().is_none() {
            return;
        }
        self.log(|| "server crashes".to_owned());
        self.counts.server_crashes += 1;
        if self.options.plant == Some(Plant::ServerForgetsCommit)
            && let Some(before) = self.server.before.take()
        {
            self.server.store = before;
        }
        self.down();
    }

    /// The server is told to stop: it says so to everybody, writes, and goes.
    pub(crate) fn stop_server(&mut self) {
        if self.server.hub.is_none() {
            return;
        }
        self.log(|| "server stops".to_owned());
        self.counts.server_stops += 1;
        self.command(Command::Stop);
        while !self.server.jobs.is_empty() {
            self.commit();
        }
        for conn in self.open_lines() {
            self.put(conn, Side::Client, Payload::End);
        }
        self.server.hub = None;
        self.oracle.server_gone();
        self.server.process += 1;
        let delay = self.rng.random_range(100..2_000);
        self.later(delay, Happening::StartServer);
    }

    fn down(&mut self) {
        self.oracle.server_gone();
        self.server.process += 1;
        self.cut_all();
        let delay = self.rng.random_range(100..3_000);
        self.later(delay, Happening::StartServer);
    }

    /// Gives the hub a command and performs what it answers, to the end.
    pub(crate) fn command(&mut self, command: Command) {
        let Some(hub) = &mut self.server.hub else { return };
        let effects = hub.handle(command, self.now);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut queue: VecDeque<Effect> = effects.into();
        while let Some(effect) = queue.pop_front() {
            let command = match effect {
                Effect::Send { to, frame } => {
                    self.send(&to, frame);
                    continue;
                }
                Effect::Challenge { conn, .. } => {
                    let challenge = ServerFrame::LoginChallenge { credential_response: Vec::new() };
                    self.put(conn, Side::Client, Payload::Down(Arc::new(challenge)));
                    continue;
                }
                Effect::Close { conn } => {
                    self.oracle.line_gone(conn);
                    self.put(conn, Side::Client, Payload::End);
                    continue;
                }
                Effect::Store { ticket, op } => {
                    self.server.jobs.push_back((ticket, op));
                    self.commit_soon();
                    continue;
                }
                Effect::Admit { .. }
                | Effect::Hold { .. }
                | Effect::LoginFailed { .. }
                | Effect::UnknownInvite { .. }
                | Effect::RegisterChallenge { .. }
                | Effect::ReplaceRecord { .. }
                | Effect::OpenRelay { .. }
                | Effect::ShutRelay { .. } => continue,
                Effect::CreateAccount { ticket, name, .. } => {
                    self.create_account(ticket, name);
                    continue;
                }
                Effect::AskForRoom { conn } => {
                    self.counts.pages += 1;
                    let delay = self.rng.random_range(0..30);
                    self.later(delay, Happening::Room { conn });
                    continue;
                }
                Effect::Route { to, what } => Command::Routed { to, what },
                Effect::Announce { what } => Command::Announced { what },
            };
            if let Some(hub) = &mut self.server.hub {
                queue.extend(hub.handle(command, self.now));
            }
        }
        self.wake_later();
    }

    fn send(&mut self, to: &[ConnId], frame: ServerFrame) {
        let Some(frame) = self.planted(to, frame) else { return };
        self.count(&frame);
        let frame = Arc::new(frame);
        for conn in to {
            self.oracle.server_says(*conn, &frame, self.now);
            self.put(*conn, Side::Client, Payload::Down(Arc::clone(&frame)));
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not counted")]
    fn count(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Private(PrivateNews::Asked { .. }) => self.counts.questions += 1,
            ServerFrame::Private(PrivateNews::Introduced(_)) => self.counts.introductions += 1,
            ServerFrame::Reply { outcome: Outcome::Ok(Answer::Found(files)), .. } if !files.is_empty() => {
                self.counts.files_found += 1;
            }
            ServerFrame::Registered {} => self.counts.accounts_made += 1,
            ServerFrame::LoginRefused(LoginRefusal::RegistrationClosed { .. }) => self.counts.accounts_refused += 1,
            _ => {}
        }
    }

    /// The frame as a server with the planted bug would send it.
    fn planted(&mut self, to: &[ConnId], frame: ServerFrame) -> Option<ServerFrame> {
        if self.options.plant == Some(Plant::PresenceIsLost) && matches!(frame, ServerFrame::Presence { .. }) {
            self.server.presence_frames += 1;
            return (!self.server.presence_frames.is_multiple_of(3)).then_some(frame);
        }
        if self.options.plant == Some(Plant::ServerKnowsNoMessages)
            && let ServerFrame::Reply { id, more, outcome: Outcome::Ok(Answer::States(_)) } = frame
        {
            return Some(ServerFrame::Reply { id, more, outcome: Outcome::Ok(Answer::States(Vec::new())) });
        }
        if self.options.plant == Some(Plant::SecondLoginIsLetIn)
            && let ServerFrame::LoginRefused(LoginRefusal::AlreadyOnline {}) = frame
            && let Some(line) = to.first().and_then(|conn| self.lines.get(conn))
        {
            return Some(ServerFrame::Welcome {
                name: self.names[line.client].clone(),
                session: SessionKind::New,
                token: ResumeToken::from_bytes([0; 32]),
                timeout: self.timeout,
                now: self.now,
                since: self.now,
                pass: None,
                missed: None,
            });
        }
        self.planted_among_peers(frame)
    }

    /// The same, of pages, questions and files.
    fn planted_among_peers(&self, frame: ServerFrame) -> Option<ServerFrame> {
        let is_page = matches!(frame, ServerFrame::Roster { more: true, .. });
        if self.options.plant == Some(Plant::PageIsLost) && is_page {
            return None;
        }
        if self.options.plant == Some(Plant::AskingIsEnough)
            && let ServerFrame::Private(PrivateNews::Asked { by, .. }) = &frame
            && let Some(user) = self.names.iter().position(|name| name == by)
        {
            let (device, addresses) = (device_of(user), Addresses::default());
            let (peer, purpose) = (by.clone(), Purpose::Session {});
            let told = Introduction { peer, purpose, number: 1, device, addresses };
            return Some(ServerFrame::Private(PrivateNews::Introduced(told)));
        }
        Some(frame)
    }

    pub(crate) fn server_reads(&mut self, conn: ConnId, frame: ClientFrame) {
        let command = match frame {
            ClientFrame::LoginStart { name, pass, .. } => {
                let pass = pass.map(|pass| PassHash::from_bytes(*pass.expose()));
                Command::OpenLogin { conn, name, pass, from: HERE }
            }
            ClientFrame::LoginFinish { take_over, .. } => {
                let take_over = if take_over { TakeOver::Yes } else { TakeOver::No };
                Command::ProveLogin { conn, fresh: self.fresh(), take_over }
            }
            ClientFrame::LoginGiveUp {} => Command::FailLogin { conn },
            ClientFrame::Resume { name, token } => Command::Resume { conn, name, shown: hashed(token) },
            ClientFrame::Request { id, command: proto::Command::Block { .. } }
                if self.options.plant == Some(Plant::ServerIgnoresBlocks) =>
            {
                let outcome = Outcome::Ok(Answer::Done {});
                let reply = ServerFrame::Reply { id, more: false, outcome };
                self.put(conn, Side::Client, Payload::Down(Arc::new(reply)));
                return;
            }
            ClientFrame::Request { id, command: proto::Command::Files(FilesCommand::Unregister { .. }) }
                if self.options.plant == Some(Plant::FilesStayListed) =>
            {
                let reply = ServerFrame::Reply { id, more: false, outcome: Outcome::Ok(Answer::Done {}) };
                self.put(conn, Side::Client, Payload::Down(Arc::new(reply)));
                return;
            }
            ClientFrame::Request { command: proto::Command::Logout {}, .. }
                if self.options.plant == Some(Plant::LogoutIsIgnored) =>
            {
                return;
            }
            ClientFrame::Request { id, command } => Command::Request { conn, id, command },
            ClientFrame::Ack { up_to } => Command::Acknowledge { conn, up_to },
            ClientFrame::Pong {} => Command::Heard { conn },
            ClientFrame::Ping {}
            | ClientFrame::Hello { .. }
            | ClientFrame::RegisterStart { .. }
            | ClientFrame::RegisterFinish { .. } => return,
        };
        self.command(command);
    }

    fn fresh(&mut self) -> Fresh {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.rng.random::<u64>().to_be_bytes());
        let pass = Pass { pass: DevicePass::from_bytes(bytes), hash: PassHash::from_bytes(bytes) };
        Fresh { token: hashed(ResumeToken::from_bytes(bytes)), pass }
    }

    fn commit_soon(&mut self) {
        if !self.server.commit_is_due {
            self.server.commit_is_due = true;
            let delay = if self.rng.random_bool(0.05) { 200 } else { self.rng.random_range(0..12) };
            self.later(delay, Happening::ServerCommit { process: self.server.process });
        }
    }

    /// The disk commits some of what waits, in order; the results are on their way when the process may crash.
    pub(crate) fn server_commit(&mut self, process: u64) {
        if process != self.server.process || self.server.hub.is_none() {
            return;
        }
        self.server.commit_is_due = false;
        self.commit();
        if !self.server.jobs.is_empty() {
            self.commit_soon();
        }
        let delay = self.rng.random_range(0..4);
        self.later(delay, Happening::ServerResults { process });
    }

    fn commit(&mut self) {
        if self.options.plant == Some(Plant::ServerForgetsCommit) {
            self.server.before = Some(self.server.store.clone());
        }
        let count = self.rng.random_range(1..=self.server.jobs.len().max(1));
        let due: Vec<Job> = self.server.jobs.drain(..count.min(self.server.jobs.len())).collect();
        for (ticket, op) in due {
            let is_full = self.server.disk_is_full && self.server.store.needs_room(&op);
            let asked = op.clone();
            let result = if is_full { Err(StoreFault::Unavailable) } else { Ok(self.server.store.perform(op)) };
            self.oracle.committed(&asked, &result);
            self.look_at_inboxes(&asked, &result);
            self.server.results.push_back((ticket, result));
        }
    }

    /// What waits for those who got a message.
    fn look_at_inboxes(&mut self, op: &StoreOp, result: &Result<Stored, StoreFault>) {
        if let (StoreOp::Accept { message, recipients }, Ok(Stored::Accepted { .. })) = (op, result) {
            for name in recipients {
                let waiting = self.server.store.waiting(name);
                self.oracle.waits(name, &waiting, &message.from);
            }
        }
    }

    /// An account is in the file at once; the hub hears of it later, or never.
    fn create_account(&mut self, ticket: Ticket, name: UserName) {
        let result = self.server.store.create_account(name);
        self.server.results.push_back((ticket, result));
        let delay = self.rng.random_range(0..20);
        self.later(delay, Happening::ServerResults { process: self.server.process });
    }

    pub(crate) fn server_results(&mut self, process: u64) {
        if process != self.server.process {
            return;
        }
        while let Some((ticket, result)) = self.server.results.pop_front() {
            self.command(Command::Stored { ticket, result });
        }
    }

    fn wake_later(&mut self) {
        let Some(at) = self.server.hub.as_ref().and_then(Hub::next_wake) else { return };
        if self.server.wake_at.is_none_or(|known| at < known || known <= self.now) {
            self.server.wake_at = Some(at);
            self.later_at(at.max(self.now), Happening::Wake { process: self.server.process });
        }
    }

    pub(crate) fn wake(&mut self, process: u64) {
        let due = self.server.hub.as_ref().and_then(Hub::next_wake).is_some_and(|at| at <= self.now);
        if process == self.server.process {
            if due {
                self.command(Command::Wake);
            } else {
                self.wake_later();
            }
        }
    }
}

fn hashed(token: ResumeToken) -> Token {
    let hash = TokenHash::from_bytes(*token.expose());
    Token { token, hash }
}
