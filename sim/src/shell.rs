//! What a client's shell does: logs in, carries frames, runs the disk, tells the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngExt;
use whoelse_hub::ConnId;
use whoelse_model::{
    Action, Ask, ChatId, Contact, Direction, Effect, Event, Input, LinkInput, LinkOutput, NewMessage, Outgoing,
    Request, RowId,
};
use whoelse_proto::{ClientFrame, Command, Envelope, LoginRefusal, ServerFrame, SessionEnd, Target, Timestamp};

use crate::client::{Asked, Client, Conn};
use crate::disk::{Job, JobDone};
use crate::net::{Payload, Side};
use crate::plant::Plant;
use crate::world::{Happening, World};

/// Milliseconds until a client that could not connect tries again, at most.
const MAX_BACK_OFF_MS: u64 = 3_000;

impl World {
    /// The person at a client does something.
    pub(crate) fn act(&mut self, c: usize, action: Action) {
        self.log(|| format!("client {c}: {action:?}"));
        let effects = self.clients[c].model.handle(Input::Action(action), self.now);
        self.obey(c, effects);
        self.run_link(c);
    }

    fn tell(&mut self, c: usize, event: Event) {
        self.log(|| format!("client {c} hears {event:?}"));
        self.hear(c, &event);
        let effects = self.clients[c].model.handle(Input::Event(event), self.now);
        self.obey(c, effects);
    }

    fn obey(&mut self, c: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Request(request) => self.request(c, request),
                Effect::Notify(notification) => {
                    let author = notification.author;
                    let blocked = self.clients[c].model.contacts().get(&author).is_some_and(Contact::is_blocked);
                    self.oracle.expect(!blocked, || format!("client {c} is notified of blocked {author}"));
                }
                Effect::ShowHelp(_)
                | Effect::ShowWhoElse
                | Effect::PasswordChanged
                | Effect::NotifyAsked { .. }
                | Effect::NotifyOffered { .. } => {}
            }
        }
    }

    fn request(&mut self, c: usize, request: Request) {
        match request {
            Request::SignIn(_) => {
                self.clients[c].wants_in = true;
                self.clients[c].inputs.push_back(LinkInput::SignIn);
                self.connect(c);
            }
            Request::Write { id, chat, text, reply_to } => {
                self.oracle.wrote(c, id, &chat, self.clients[c].process);
                let author = self.clients[c].name.clone();
                let direction = Direction::Outgoing(Outgoing::default());
                let message = NewMessage { id, chat, author, text, reply_to, at: self.now, direction };
                self.clients[c].inputs.push_back(LinkInput::Write(message));
            }
            Request::Resend { id } => {
                self.oracle.retried(c, id);
                self.clients[c].retrying.insert(id);
                self.clients[c].inputs.push_back(LinkInput::Resend { id });
            }
            Request::Delete { id } => self.clients[c].inputs.push_back(LinkInput::Delete { id }),
            Request::Ask { ask, what } => {
                let asked = match &what {
                    Ask::Block(name) => Asked::Block(name.clone()),
                    Ask::Unblock(name) => Asked::Unblock(name.clone()),
                    Ask::Whoelse
                    | Ask::Whoelsesince(_)
                    | Ask::Blocked
                    | Ask::Stay
                    | Ask::Private(_)
                    | Ask::Files(_) => Asked::Other,
                };
                self.oracle.asks(&self.clients[c].name, &asked, self.now);
                self.clients[c].asked.insert(ask, asked);
                self.clients[c].inputs.push_back(LinkInput::Ask { ask, what });
            }
            Request::MarkRead { chat, row } => self.mark_read(c, chat, row),
            Request::LoadHistory { chat, place, limit } => self.disk_job(c, Job::Load { chat, place, limit }),
            Request::SignOut => self.sign_out(c),
            Request::RetryNow => self.connect(c),
            Request::Trust { .. }
            | Request::CountAsDelivered(_)
            | Request::Shown { .. }
            | Request::KeepTrying
            | Request::ChangePassword { .. }
            | Request::Recall { .. }
            | Request::Reply { .. }
            | Request::Cancel
            | Request::SetHistoryAside
            | Request::Search { .. }
            | Request::KeepDraft { .. }
            | Request::Mute { .. }
            | Request::ClearHistory { .. }
            | Request::Retain(_)
            | Request::RetainPrivate(_)
            | Request::TellRead(_)
            | Request::ShowAddress(_)
            | Request::Repin { .. }
            | Request::Verify { .. }
            | Request::Files { .. }
            | Request::Export { .. } => {}
        }
    }

    fn mark_read(&mut self, c: usize, chat: ChatId, row: RowId) {
        let last = self.clients[c].disk.history.last_arrived(&chat, row);
        if let (ChatId::Direct(peer), Some(up_to)) = (&chat, last) {
            self.clients[c].inputs.push_back(LinkInput::MarkRead { peer: peer.clone(), up_to });
        }
        self.disk_job(c, Job::ReadTo { chat, row });
    }

    fn sign_out(&mut self, c: usize) {
        self.clients[c].wants_in = false;
        if self.clients[c].is_online() {
            self.clients[c].inputs.push_back(LinkInput::SignOut);
        } else {
            self.drop_conn(c);
            self.tell(c, Event::SessionEnded(SessionEnd::Logout));
        }
    }

    /// Gives the link what waits for it, one input after the other.
    pub(crate) fn run_link(&mut self, c: usize) {
        while let Some(input) = self.clients[c].inputs.pop_front() {
            let outputs = self.clients[c].link.handle(input, self.now);
            for output in outputs {
                self.output(c, output);
            }
        }
    }

    fn output(&mut self, c: usize, output: LinkOutput) {
        match output {
            LinkOutput::Transmit(frame) => self.transmit(c, frame),
            LinkOutput::Disk { ticket, line, op } => self.disk_job(c, Job::Link { ticket, line, op }),
            // What the server says to whom is what is looked at.
            LinkOutput::Private(_) => {}
            LinkOutput::Tell(event) => self.tell(c, event),
            LinkOutput::Close => {
                self.clients[c].wants_in = false;
                self.drop_conn(c);
            }
            LinkOutput::Abandon { cause } => {
                self.counts.abandoned += 1;
                self.drop_conn(c);
                self.try_again_or_part(c, &cause);
            }
        }
    }

    /// Clients whose line is whole: the server has a session of theirs.
    pub(crate) fn certainly_online(&self) -> BTreeMap<usize, ConnId> {
        let online = |(c, client): (usize, &Client)| match client.conn {
            Conn::Online(conn) if self.is_whole(conn) && self.oracle.has_session(conn) => Some((c, conn)),
            Conn::Online(_) | Conn::Idle | Conn::Retry | Conn::LoggingIn(_) => None,
        };
        self.clients.iter().enumerate().filter_map(online).collect()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not counted")]
    fn transmit(&mut self, c: usize, frame: ClientFrame) {
        let Conn::Online(conn) = self.clients[c].conn else { return };
        if let ClientFrame::Request { id, command } = &frame {
            let name = self.clients[c].name.clone();
            self.oracle.client_asks(&name, conn, *id, command, self.now);
            match command {
                Command::Lookup(_) => self.counts.look_ups += 1,
                Command::Send { id, to: Target::Everyone {}, .. } => {
                    let hearers = self.certainly_online();
                    self.oracle.broadcast_sent(*id, hearers);
                }
                _ => {}
            }
        }
        self.put(conn, Side::Server, Payload::Up(frame));
    }

    /// Tries to connect, unless there is a line or nobody wants one.
    pub(crate) fn connect(&mut self, c: usize) {
        let client = &self.clients[c];
        if !client.runs || !client.wants_in || client.conn.id().is_some() {
            return;
        }
        self.clients[c].attempts += 1;
        if self.server.hub.is_none() {
            self.retry(c, "nobody answers");
            return;
        }
        let conn = self.open_line(c);
        self.clients[c].conn = Conn::LoggingIn(conn);
        let first = match self.clients[c].token.clone() {
            Some(token) => ClientFrame::Resume { name: self.clients[c].name.clone(), token },
            None => self.login_start(c),
        };
        self.put(conn, Side::Server, Payload::Up(first));
    }

    fn login_start(&self, c: usize) -> ClientFrame {
        ClientFrame::LoginStart { name: self.clients[c].name.clone(), credential_request: Vec::new(), pass: None }
    }

    fn retry(&mut self, c: usize, cause: &str) {
        let limit = (100 << self.clients[c].attempts.min(5)).min(MAX_BACK_OFF_MS);
        let delay = self.rng.random_range(50..=limit);
        self.retry_in(c, delay, cause);
    }

    fn retry_in(&mut self, c: usize, delay: u64, cause: &str) {
        self.clients[c].conn = Conn::Retry;
        self.later(delay, Happening::Retry { client: c, process: self.clients[c].process });
        let retry_at = self.now.plus_millis(delay);
        self.tell(c, Event::LineLost { cause: cause.to_owned(), retry_at });
    }

    /// Closes what line there is.
    pub(crate) fn drop_conn(&mut self, c: usize) {
        if let Some(conn) = self.clients[c].conn.id() {
            self.close_from_client(conn);
        }
        self.clients[c].conn = Conn::Idle;
    }

    /// A client finds out that a line of its is gone.
    pub(crate) fn client_loses(&mut self, c: usize, conn: ConnId) {
        if self.clients[c].conn.id() != Some(conn) {
            return;
        }
        if self.clients[c].is_online() {
            self.clients[c].inputs.push_back(LinkInput::LineLost);
            self.run_link(c);
        }
        self.clients[c].conn = Conn::Idle;
        self.try_again_or_part(c, "the line is lost");
        self.run_link(c);
    }

    /// Without a line, one who wants to sign out has signed out.
    fn try_again_or_part(&mut self, c: usize, cause: &str) {
        if self.clients[c].wants_in {
            self.retry(c, cause);
        } else {
            self.tell(c, Event::SessionEnded(SessionEnd::Logout));
        }
    }

    pub(crate) fn client_reads(&mut self, c: usize, conn: ConnId, frame: &Arc<ServerFrame>) {
        if self.ghosts.contains(&conn) {
            self.ghost_reads(c, conn, frame);
            return;
        }
        match self.clients[c].conn {
            Conn::Online(open) if open == conn => {
                self.ack_too_early(conn, frame);
                self.clients[c].inputs.push_back(LinkInput::Frame(ServerFrame::clone(frame)));
                self.run_link(c);
            }
            Conn::LoggingIn(open) if open == conn => self.log_in(c, conn, frame),
            Conn::Idle | Conn::Retry | Conn::Online(_) | Conn::LoggingIn(_) => {}
        }
    }

    /// The planted bug of an acknowledgement ahead of the disk.
    fn ack_too_early(&mut self, conn: ConnId, frame: &ServerFrame) {
        if self.options.plant == Some(Plant::ClientAcksBeforeDisk)
            && let ServerFrame::Deliver(Envelope { seq, .. }) = frame
        {
            self.put(conn, Side::Server, Payload::Up(ClientFrame::Ack { up_to: *seq }));
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a login knows three frames")]
    fn log_in(&mut self, c: usize, conn: ConnId, frame: &ServerFrame) {
        match frame {
            ServerFrame::LoginChallenge { .. } => {
                let proof = if self.types_wrongly(c) {
                    ClientFrame::LoginGiveUp {}
                } else {
                    ClientFrame::LoginFinish {
                        credential_finalization: Vec::new(),
                        take_over: false,
                        new_password: None,
                    }
                };
                self.put(conn, Side::Server, Payload::Up(proof));
            }
            ServerFrame::LoginRefused(refusal) => self.login_refused(c, conn, refusal),
            ServerFrame::Welcome { name, session, token, timeout, now, since, .. } => {
                self.clients[c].conn = Conn::Online(conn);
                self.clients[c].token = Some(token.clone());
                self.clients[c].attempts = 0;
                self.counts.welcomes += 1;
                let (name, session, timeout) = (name.clone(), *session, *timeout);
                let (now, since): (Timestamp, Timestamp) = (*now, *since);
                self.clients[c].inputs.push_back(LinkInput::Welcomed { name, session, timeout, now, since });
                self.run_link(c);
                self.publish(c);
            }
            _ => {}
        }
    }

    /// Whether the person does not remember the password, perhaps several times in a row.
    fn types_wrongly(&mut self, c: usize) -> bool {
        if self.clients[c].wrong_passwords == 0 && !self.is_healed && self.rng.random_bool(0.15) {
            self.clients[c].wrong_passwords = self.rng.random_range(1..=3);
        }
        let is_wrong = self.clients[c].wrong_passwords > 0;
        self.clients[c].wrong_passwords = self.clients[c].wrong_passwords.saturating_sub(1);
        is_wrong
    }

    fn login_refused(&mut self, c: usize, conn: ConnId, refusal: &LoginRefusal) {
        let delay = match refusal {
            LoginRefusal::TokenInvalid {} | LoginRefusal::WrongPassword { .. } => {
                self.clients[c].token = None;
                let again = self.login_start(c);
                self.put(conn, Side::Server, Payload::Up(again));
                return;
            }
            LoginRefusal::Locked { retry_after } => {
                self.counts.locks += 1;
                retry_after.get() * 1000
            }
            LoginRefusal::AlreadyOnline {} => 3_000,
            LoginRefusal::UnknownUser { .. }
            | LoginRefusal::NameTaken { .. }
            | LoginRefusal::RegistrationClosed { .. }
            | LoginRefusal::Storage {} => {
                self.oracle.fail(format!("client {c} may not log in: {refusal:?}"));
                return;
            }
        };
        self.drop_conn(c);
        self.retry_in(c, delay, "the server refuses");
        self.run_link(c);
    }

    pub(crate) fn disk_job(&mut self, c: usize, job: Job) {
        self.clients[c].disk.jobs.push_back(job);
        if !self.clients[c].disk.commit_is_due {
            self.clients[c].disk.commit_is_due = true;
            let delay = if self.rng.random_bool(0.05) { 300 } else { self.rng.random_range(0..10) };
            self.later(delay, Happening::ClientCommit { client: c, process: self.clients[c].process });
        }
    }

    /// The disk commits what waits; the results are on their way when the process may crash.
    pub(crate) fn client_commit(&mut self, c: usize, process: u64) {
        if process == self.clients[c].process {
            self.clients[c].disk.commit_is_due = false;
            self.clients[c].disk.commit(self.options.plant, &mut self.rng);
            let delay = self.rng.random_range(0..3);
            self.later(delay, Happening::ClientResults { client: c, process });
        }
    }

    pub(crate) fn client_results(&mut self, c: usize, process: u64) {
        if process != self.clients[c].process {
            return;
        }
        while let Some(done) = self.clients[c].disk.done.pop_front() {
            match done {
                JobDone::Link { ticket, result } => {
                    self.clients[c].inputs.push_back(LinkInput::Disk { ticket, result });
                }
                JobDone::Page(page) => self.tell(c, Event::History(page)),
                JobDone::Read => {}
            }
            self.run_link(c);
        }
    }

    pub(crate) fn client_retries(&mut self, c: usize, process: u64) {
        if process == self.clients[c].process && self.clients[c].conn == Conn::Retry {
            self.connect(c);
            if self.clients[c].conn.id().is_some() {
                self.tell(c, Event::Connecting);
            }
            self.run_link(c);
        }
    }
}
