//! What breaks, by chance.

use std::sync::Arc;

use rand::RngExt;
use whoelse_hub::ConnId;
use whoelse_model::Event;
use whoelse_proto::{ClientFrame, Command, RequestId, ServerFrame};

use crate::net::{Payload, Side};
use crate::world::{Happening, World};

impl World {
    /// Something breaks, and something else will.
    pub(crate) fn fault(&mut self) {
        if self.is_healed {
            return;
        }
        let delay = self.rng.random_range(50..2_000);
        self.later(delay, Happening::Fault);
        let c = self.rng.random_range(0..self.clients.len());
        match self.rng.random_range(0..100) {
            0..43 => self.cut_one(),
            43..52 => self.crash_server(),
            52..55 => self.stop_server(),
            55..70 => self.fill_server_disk(),
            70..82 => self.crash_client(c),
            82..90 => self.fail_client_disk(c),
            90..93 => self.stumble(c),
            93..95 => self.strangers_come(),
            _ => self.second_login(c),
        }
    }

    fn cut_one(&mut self) {
        let open = self.open_lines();
        if !open.is_empty() {
            let conn = open[self.rng.random_range(0..open.len())];
            self.log(|| format!("{conn:?} is cut"));
            self.cut(conn);
        }
    }

    fn fill_server_disk(&mut self) {
        self.log(|| "the server's disk is full".to_owned());
        self.server.disk_is_full = true;
        let delay = if self.rng.random_bool(0.5) { 20 } else { self.rng.random_range(100..1_500) };
        self.later(delay, Happening::ServerDiskWorks);
    }

    /// The disk of the server is full for a moment while much is sent, and the line goes before the answers come:
    /// some messages are refused, those behind them are taken, and the sender hears of neither.
    fn stumble(&mut self, c: usize) {
        let Some(conn) = self.clients[c].conn.id().filter(|_| self.clients[c].is_online()) else { return };
        self.log(|| format!("client {c} stumbles"));
        self.server.disk_is_full = true;
        self.burst(c);
        let (works, cut) = (self.rng.random_range(10..60), self.rng.random_range(40..120));
        self.later(works, Happening::ServerDiskWorks);
        self.later(cut, Happening::Cut { conn });
    }

    fn fail_client_disk(&mut self, c: usize) {
        self.log(|| format!("the disk of client {c} fails"));
        self.clients[c].disk.fails = true;
        let delay = self.rng.random_range(50..800);
        self.later(delay, Happening::ClientDiskWorks { client: c });
    }

    fn crash_client(&mut self, c: usize) {
        if !self.clients[c].runs {
            return;
        }
        self.log(|| format!("client {c} crashes"));
        self.counts.client_crashes += 1;
        if let Some(conn) = self.clients[c].conn.id() {
            self.cut(conn);
        }
        let name = self.clients[c].name.clone();
        for (_, asked) in std::mem::take(&mut self.clients[c].asked) {
            self.oracle.unanswered(&name, &asked);
        }
        self.oracle.client_crashed(c);
        self.clients[c].crash();
        self.clients[c].disk.crash(self.options.plant);
        let delay = self.rng.random_range(50..4_000);
        self.later(delay, Happening::StartClient { client: c });
    }

    pub(crate) fn start_client(&mut self, c: usize) {
        if self.clients[c].runs {
            return;
        }
        self.log(|| format!("client {c} starts"));
        self.clients[c].runs = true;
        let summaries = self.clients[c].disk.history.summaries();
        let chats = whoelse_model::Input::Event(Event::Chats(summaries));
        self.clients[c].model.handle(chats, self.now);
        if self.clients[c].wants_in {
            self.sign_in(c);
        }
    }

    /// Somebody logs in with a client's name and password from elsewhere.
    fn second_login(&mut self, c: usize) {
        if self.server.hub.is_none() {
            return;
        }
        let conn = self.open_line(c);
        self.ghosts.insert(conn);
        let start =
            ClientFrame::LoginStart { name: self.clients[c].name.clone(), credential_request: Vec::new(), pass: None };
        self.put(conn, Side::Server, Payload::Up(start));
    }

    /// The other one logs out as soon as it is in.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest does not interest it")]
    pub(crate) fn ghost_reads(&mut self, c: usize, conn: ConnId, frame: &Arc<ServerFrame>) {
        match &**frame {
            ServerFrame::LoginChallenge { .. } => {
                let finish = ClientFrame::LoginFinish {
                    credential_finalization: Vec::new(),
                    take_over: false,
                    new_password: None,
                };
                self.put(conn, Side::Server, Payload::Up(finish));
            }
            ServerFrame::LoginRefused(_) => {
                self.counts.second_logins_refused += 1;
                self.cut(conn);
            }
            ServerFrame::Welcome { .. } => {
                self.counts.taken_over += 1;
                self.log(|| format!("client {c} is taken over"));
                let logout = ClientFrame::Request { id: RequestId::new(1), command: Command::Logout {} };
                self.put(conn, Side::Server, Payload::Up(logout));
            }
            _ => {}
        }
    }
}
