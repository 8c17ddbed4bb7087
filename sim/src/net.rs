//! Lines between clients and server: frames arrive late, in order, or not at all.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::RngExt;
use whoelse_hub::{Command, ConnId};
use whoelse_proto::{ClientFrame, ServerFrame, Timestamp};

use crate::plant::Plant;
use crate::world::{Happening, World};

/// One of the two ends of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Client,
    Server,
}

/// What travels.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Up(ClientFrame),
    Down(Arc<ServerFrame>),
    /// The other end has closed.
    End,
}

/// One direction of a line.
#[derive(Debug, Default)]
struct Pipe {
    queue: VecDeque<Payload>,
    /// When the last of the queue arrives: none overtakes another.
    last: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) client: usize,
    up: Pipe,
    down: Pipe,
    is_cut: bool,
}

/// Frames that may wait for a client; more and the server gives the line up.
const MAX_OUTBOX: usize = 2_000;

impl World {
    pub(crate) fn open_line(&mut self, client: usize) -> ConnId {
        self.last_conn += 1;
        let conn = ConnId::new(self.last_conn);
        let line = Line { client, up: Pipe::default(), down: Pipe::default(), is_cut: false };
        self.lines.insert(conn, line);
        conn
    }

    /// Puts something on a line towards one of its ends.
    pub(crate) fn put(&mut self, conn: ConnId, to: Side, payload: Payload) {
        let delay = if self.rng.random_bool(0.02) { 300 } else { self.rng.random_range(1..40) };
        let at = self.now.plus_millis(delay);
        let swaps = self.options.plant == Some(Plant::LineSwapsMessages) && self.rng.random_bool(0.05);
        let Some(line) = self.lines.get_mut(&conn).filter(|line| !line.is_cut) else { return };
        let pipe = if to == Side::Server { &mut line.up } else { &mut line.down };
        let at = at.max(pipe.last);
        pipe.last = at;
        pipe.queue.push_back(payload);
        let waiting = pipe.queue.len();
        if swaps && to == Side::Server && waiting >= 2 && pipe.queue.iter().rev().take(2).all(is_send) {
            pipe.queue.swap(waiting - 1, waiting - 2);
        }
        self.later_at(at, Happening::Arrive { conn, at: to });
        if to == Side::Client && waiting > MAX_OUTBOX {
            self.oracle.line_gone(conn);
            self.cut(conn);
            self.command(Command::Overflowed { conn });
        }
    }

    pub(crate) fn arrive(&mut self, conn: ConnId, at: Side) {
        let Some(line) = self.lines.get_mut(&conn).filter(|line| !line.is_cut) else { return };
        let pipe = if at == Side::Server { &mut line.up } else { &mut line.down };
        let client = line.client;
        let Some(payload) = pipe.queue.pop_front() else { return };
        self.log(|| format!("{conn:?} -> {at:?}: {payload:?}"));
        match payload {
            Payload::Up(frame) => self.server_reads(conn, frame),
            Payload::Down(frame) => self.client_reads(client, conn, &frame),
            Payload::End => self.notice_end(conn, at),
        }
    }

    /// The line carries nothing more; each end finds out in its own time.
    pub(crate) fn cut(&mut self, conn: ConnId) {
        let Some(line) = self.lines.get_mut(&conn).filter(|line| !line.is_cut) else { return };
        line.is_cut = true;
        line.up.queue.clear();
        line.down.queue.clear();
        for at in [Side::Client, Side::Server] {
            let delay = if self.rng.random_bool(0.7) {
                self.rng.random_range(0..500)
            } else {
                self.rng.random_range(0..25_000)
            };
            self.later(delay, Happening::NoticeEnd { conn, at });
        }
    }

    /// An end of the line finds out that there is nothing behind it.
    pub(crate) fn notice_end(&mut self, conn: ConnId, at: Side) {
        match at {
            Side::Client => {
                if let Some(client) = self.lines.get(&conn).map(|line| line.client) {
                    self.client_loses(client, conn);
                }
            }
            Side::Server => {
                self.oracle.line_gone(conn);
                self.command(Command::Disconnected { conn });
            }
        }
    }

    /// A client closes its end: what it wrote before still arrives, unless its system is in a hurry.
    pub(crate) fn close_from_client(&mut self, conn: ConnId) {
        if self.rng.random_bool(0.5) {
            self.put(conn, Side::Server, Payload::End);
        } else {
            self.cut(conn);
        }
    }

    /// Every line breaks: the server's process is gone.
    pub(crate) fn cut_all(&mut self) {
        let open: Vec<ConnId> = self.open_lines();
        for conn in open {
            self.cut(conn);
        }
    }

    /// Whether what is put on a line arrives.
    pub(crate) fn is_whole(&self, conn: ConnId) -> bool {
        self.lines.get(&conn).is_some_and(|line| !line.is_cut)
    }

    pub(crate) fn open_lines(&self) -> Vec<ConnId> {
        self.lines.iter().filter(|(_, line)| !line.is_cut).map(|(conn, _)| *conn).collect()
    }
}

pub(crate) type Lines = BTreeMap<ConnId, Line>;

fn is_send(payload: &Payload) -> bool {
    let Payload::Up(ClientFrame::Request { command, .. }) = payload else { return false };
    matches!(command, whoelse_proto::Command::Send { .. })
}
