//! Plays a plan with the real programs, and gives the oracle what they print.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Failure;
use super::oracle::{Oracle, Run, Shown, User, Violation};
use super::pace::Pace;
use super::plan::{Blow, Line, Plan, USERS};
use super::plant::Planted;
use super::program::{Client, Printed, Server, Site};
use super::proxy::{Proxy, Weather};
use crate::error::Result;

/// Lines typed between two looks at what came.
const BATCH: usize = 8;

/// The longest look: it sets the pace where readers keep up.
const LOOK: Duration = Duration::from_millis(4);

/// How long typing waits for readers at once.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// How long nothing may come at the end before it counts as all.
const QUIET: Duration = Duration::from_secs(4);

/// How long the end may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What happened beside messages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blows {
    pub(super) server_kills: u64,
    pub(super) client_kills: u64,
    pub(super) others: u64,
    pub(super) refused: u64,
    /// Ends of a client that nobody asked for.
    pub(super) ends: u64,
    /// How long typing waited for readers.
    pub(super) waited: Duration,
    /// How long typing waited for programs to end and to start.
    pub(super) restarting: Duration,
}

pub(super) struct Stage {
    site: Site,
    server: Option<Server>,
    port: u16,
    clients: Vec<Client>,
    proxies: Vec<Proxy>,
    printed: Receiver<Printed>,
    printed_to: Sender<Printed>,
    /// What stands still, and until when; `None` is the server.
    frozen: Vec<(Instant, Option<User>)>,
    planted: Planted,
    pace: Pace,
    pub(super) oracle: Oracle,
    pub(super) blows: Blows,
}

impl Stage {
    pub(super) fn set(site: Site, planted: Planted) -> Result<Self> {
        site.prepare(USERS)?;
        let server = site.serve(0)?;
        let port = server.port;
        let (printed_to, printed) = channel();
        let proxies = (0..USERS).map(|_| Proxy::start(port)).collect::<Result<Vec<_>>>()?;
        let start = |(user, proxy): (User, &Proxy)| site.start(user, 1, proxy.port, &printed_to);
        let clients = proxies.iter().enumerate().map(start).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            site,
            server: Some(server),
            port,
            clients,
            proxies,
            printed,
            printed_to,
            frozen: Vec::new(),
            planted,
            pace: Pace::default(),
            oracle: Oracle::default(),
            blows: Blows::default(),
        })
    }

    /// Plays everything, waits until it is quiet, and lets the oracle judge.
    pub(super) fn play(&mut self, plan: &Plan) -> std::result::Result<(), Failure> {
        let mut blows = plan.blows.iter().peekable();
        for (batch, lines) in plan.lines.chunks(BATCH).enumerate() {
            for line in lines {
                self.type_line(line);
            }
            while let Some((_, blow)) = blows.next_if(|(at, _)| *at < (batch + 1) * BATCH) {
                self.strike(*blow)?;
            }
            self.look(LOOK)?;
            self.revive()?;
            self.wait_for_readers()?;
        }
        self.calm()
    }

    /// Lets readers come after, where typing ran far ahead of them.
    fn wait_for_readers(&mut self) -> std::result::Result<(), Violation> {
        let start = Instant::now();
        while !self.pace.allows(self.oracle.awaited()) && start.elapsed() < MAX_WAIT {
            self.look(LOOK)?;
        }
        self.pace.go_on(self.oracle.awaited());
        self.blows.waited += start.elapsed();
        Ok(())
    }

    fn type_line(&mut self, line: &Line) {
        self.oracle.typed(line.from, line.to, line.number, line.text.clone());
        if let Some(client) = self.clients.get(line.from) {
            client.say(&format!("message user{} {}", line.to, line.text));
        }
    }

    fn strike(&mut self, blow: Blow) -> Result<()> {
        match blow {
            Blow::KillServer => {
                self.blows.server_kills += 1;
                self.restart_server(Server::kill)
            }
            Blow::RestartServer => {
                self.blows.others += 1;
                self.thaw_due(Instant::now() + PATIENCE);
                self.restart_server(Server::stop)
            }
            Blow::FreezeServer(pause) => {
                self.blows.others += 1;
                self.server.iter().for_each(Server::freeze);
                self.frozen.push((Instant::now() + Duration::from_millis(pause), None));
                Ok(())
            }
            Blow::KillClient(user) => {
                self.blows.client_kills += 1;
                self.restart_client(user, Client::kill)
            }
            Blow::KillReader(user) => {
                self.blows.client_kills += 1;
                self.restart_client(user, Client::kill_reader)
            }
            Blow::RestartClient(user) => {
                self.blows.others += 1;
                self.thaw_due(Instant::now() + PATIENCE);
                self.restart_client(user, Client::finish)
            }
            Blow::FreezeClient(user, pause) => {
                self.blows.others += 1;
                self.clients.get(user).into_iter().for_each(Client::freeze);
                self.frozen.push((Instant::now() + Duration::from_millis(pause), Some(user)));
                Ok(())
            }
            Blow::StallReader(user) => {
                self.clients.get(user).into_iter().for_each(Client::stall_reader);
                Ok(())
            }
            Blow::Turn(user, weather) => {
                self.blows.others += 1;
                self.proxies.get(user).into_iter().for_each(|proxy| proxy.turn(weather));
                Ok(())
            }
        }
    }

    fn restart_server(&mut self, end: impl FnOnce(Server)) -> Result<()> {
        let start = Instant::now();
        if let Some(server) = self.server.take() {
            end(server);
        }
        self.server = Some(self.site.serve(self.port)?);
        self.blows.restarting += start.elapsed();
        Ok(())
    }

    fn restart_client(&mut self, user: User, end: impl FnOnce(Client)) -> Result<()> {
        let Some(port) = self.proxies.get(user).map(|proxy| proxy.port) else { return Ok(()) };
        let Some(slot) = self.clients.get(user) else { return Ok(()) };
        let run = slot.run + 1;
        let start = Instant::now();
        // The old program ends before the new one starts: a profile is one program's.
        end(self.clients.remove(user));
        let client = self.site.start(user, run, port, &self.printed_to)?;
        self.clients.insert(user, client);
        self.blows.restarting += start.elapsed();
        Ok(())
    }

    /// Lets go on what stood still until `now`.
    fn thaw_due(&mut self, now: Instant) {
        for (until, who) in std::mem::take(&mut self.frozen) {
            if until > now {
                self.frozen.push((until, who));
            } else if let Some(user) = who {
                self.clients.get(user).into_iter().for_each(Client::thaw);
            } else {
                self.server.iter().for_each(Server::thaw);
            }
        }
    }

    /// Starts clients again that ended by themselves.
    fn revive(&mut self) -> Result<()> {
        for user in 0..USERS {
            if self.clients.get_mut(user).is_some_and(Client::has_ended) {
                self.blows.ends += 1;
                self.restart_client(user, Client::kill)?;
            }
        }
        Ok(())
    }

    /// Takes what is printed for a while; whether there was anything.
    fn look(&mut self, span: Duration) -> std::result::Result<Heard, Violation> {
        let deadline = Instant::now() + span;
        let mut heard = Heard::Nothing;
        loop {
            self.thaw_due(Instant::now());
            let left = deadline.saturating_duration_since(Instant::now());
            match self.printed.recv_timeout(left) {
                Ok(printed) => {
                    heard = Heard::Something;
                    self.hear(&printed)?;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(heard),
            }
        }
    }

    fn hear(&mut self, printed: &Printed) -> std::result::Result<(), Violation> {
        let Ok(event) = serde_json::from_str(&printed.line) else {
            return Err(Violation {
                rule: format!("user{} printed no JSON", printed.by),
                trace: vec![printed.line.clone()],
            });
        };
        for (by, event) in self.planted.pass(printed.by, event) {
            self.judge(by, printed.run, &event)?;
        }
        Ok(())
    }

    fn judge(&mut self, by: User, run: Run, event: &Value) -> std::result::Result<(), Violation> {
        let field = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let user =
            |name: &str| field(name).strip_prefix("user").and_then(|number| number.parse().ok()).unwrap_or(USERS);
        match field("event") {
            "message" => self.oracle.shown(Shown {
                id: field("id").to_owned(),
                by,
                run,
                from: user("from"),
                text: field("text").to_owned(),
            }),
            "sent" if field("state") == "delivered" => {
                let readers = self.clients.get(user("to")).map_or(0, |client| client.run);
                self.oracle.delivered(field("id"), by, user("to"), readers)
            }
            "sent" => self.oracle.accepted(field("id"), by, user("to")),
            "error" => {
                self.blows.refused += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Stops all blows, and waits until nothing more comes.
    fn calm(&mut self) -> std::result::Result<(), Failure> {
        self.thaw_due(Instant::now() + PATIENCE);
        self.proxies.iter().for_each(|proxy| proxy.turn(Weather::Fair));
        for user in 0..USERS {
            // A last start: what a stalled reader left is printed again.
            self.restart_client(user, Client::kill)?;
        }
        let deadline = Instant::now() + PATIENCE;
        let mut quiet = Instant::now();
        while Instant::now() < deadline && (quiet.elapsed() < QUIET || self.oracle.awaited() > 0) {
            if self.look(LOOK)? == Heard::Something {
                quiet = Instant::now();
            }
            self.revive()?;
            // Nothing moves any more: what is missing then does not come.
            if quiet.elapsed() > QUIET * 5 {
                break;
            }
        }
        Ok(self.oracle.finish()?)
    }
}

/// Whether a look heard anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Nothing,
    Something,
}
