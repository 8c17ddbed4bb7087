//! What logins and idle sessions cost a server: `cargo run --release -p whoelse-server --example sessions -- [SESSIONS]`.
//!
//! Runs the server as a process of its own and reads its memory and processor time from `/proc`. Sessions are begun
//! with tokens put into its database, so that the clients' Argon2 does not take the machine for minutes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a tool"
)]

#[path = "../tests/net/client.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod client;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use client::{Client, PASSWORD, Pin, config, name};
use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, JoinSet};
use whoelse_hub::{StoreOp, Ticket, TokenFate, TokenHash};
use whoelse_proto::{ClientFrame, ResumeToken, ServerFrame, Timestamp};
use whoelse_server::Server;
use whoelse_server::store::{SqliteStore, Store};

/// Clients that come in at the same time.
const AT_ONCE: usize = 32;

/// Logins with a password.
const LOGINS: usize = 200;

/// Accounts that log in with a password, one after the other.
const LOGIN_NAMES: usize = 10;

/// Milliseconds of a tick in `/proc/PID/stat`: `USER_HZ` is 100 on every Linux.
const TICK_MS: f64 = 10.0;

/// How long to look at sessions that do nothing.
const IDLE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve(Path::new(&arguments[2])).await,
        sessions => Box::pin(measure(sessions.map_or(2_000, |count| count.parse().unwrap()))).await,
    }
}

/// Serves until standard input ends.
async fn serve(folder: &Path) {
    let server = Server::start(config(folder)).await.unwrap();
    println!("{} {}", server.addresses()[0], server.fingerprint());
    std::io::stdout().flush().unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().lines().count()).await.unwrap();
    server.stop().await;
}

struct Process {
    child: Child,
    pin: Pin,
}

impl Process {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("serve").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (address, fingerprint) = line.trim().split_once(' ').unwrap();
        let (address, fingerprint) = (address.parse().unwrap(), fingerprint.parse().unwrap());
        Self { child, pin: Pin { address, fingerprint } }
    }

    /// Resident memory in KiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processor time in milliseconds.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
        fields.map(|ticks| ticks.parse::<f64>().unwrap() * TICK_MS).sum()
    }

    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

fn user(n: usize) -> String {
    format!("user{n:05}")
}

fn token(n: usize) -> ResumeToken {
    ResumeToken::from_bytes(Sha256::digest(n.to_le_bytes()).into())
}

/// Puts a token for every user into the database.
fn plant_tokens(folder: &Path, sessions: usize) {
    let mut store = SqliteStore::open(&folder.join("data/whoelse.sqlite")).unwrap();
    let wall = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let at = Timestamp::from_millis(u64::try_from(wall).unwrap());
    for n in 0..sessions {
        let hash = TokenHash::from_bytes(Sha256::digest(token(n).expose()).into());
        let kept = TokenFate::Kept { active_at: at };
        let ops = [
            StoreOp::OpenSession { name: name(&user(n)), since: at, token: hash },
            StoreOp::CloseSession { name: name(&user(n)), since: at, at, token: kept },
        ];
        store.perform(&ops.map(|op| (Ticket::new(1), op)));
    }
}

async fn measure(sessions: usize) {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..sessions.max(LOGIN_NAMES)).map(|n| format!("{} {PASSWORD}\n", user(n))).collect();
    std::fs::write(folder.path().join("credentials.txt"), lines.concat()).unwrap();
    let process = Process::start(folder.path());
    measure_logins(&process).await;
    process.stop();
    plant_tokens(folder.path(), sessions);
    let process = Process::start(folder.path());
    let mut reading = resume(&process, 0..1).await;
    let (memory, cpu) = (process.memory(), process.cpu());
    println!("{sessions} accounts, no session: {memory:.0} KiB");
    reading.extend(resume(&process, 1..sessions).await);
    let each = |figure: f64| figure / sessions as f64;
    println!("session taken up: {:.2} ms of processor time each", each(process.cpu() - cpu));
    println!("session: {:.1} KiB each", each(process.memory() - memory));

    let cpu = process.cpu();
    tokio::time::sleep(IDLE).await;
    println!("idle for {} s: {:.0} ms of processor time in all", IDLE.as_secs(), process.cpu() - cpu);
    println!("session: {:.1} KiB each", each(process.memory() - memory));
    println!("clients that went away: {}", reading.iter().filter(|task| task.is_finished()).count());
    process.stop();
}

/// Logs in over and over with passwords, the records of which the server has made before.
async fn measure_logins(process: &Process) {
    let log_in = |n: usize| async move {
        let mut client = process.pin.greeted().await;
        client.login(&user(n % LOGIN_NAMES), PASSWORD).await.unwrap();
        client.request(whoelse_proto::Command::Logout {}).await.unwrap();
    };
    for n in 0..LOGIN_NAMES {
        log_in(n).await;
    }
    let cpu = process.cpu();
    for n in 0..LOGINS {
        log_in(n).await;
    }
    println!("login: {:.2} ms of processor time each", (process.cpu() - cpu) / LOGINS as f64);
}

/// Takes up the sessions of these users, and goes on reading.
async fn resume(process: &Process, users: std::ops::Range<usize>) -> Vec<JoinHandle<()>> {
    let mut reading = Vec::new();
    let mut tasks = JoinSet::new();
    for n in users {
        let pin = process.pin;
        tasks.spawn(async move {
            let mut client = pin.greeted().await;
            client.resume(&user(n), &token(n)).await.unwrap();
            client.skip_roster().await;
            client
        });
        if tasks.len() >= AT_ONCE {
            reading.push(tokio::spawn(read_on(tasks.join_next().await.unwrap().unwrap())));
        }
    }
    reading.extend(tasks.join_all().await.into_iter().map(|client| tokio::spawn(read_on(client))));
    reading
}

/// Answers pings until the server closes.
async fn read_on(mut client: Client) {
    while let Some(frame) = client.next().await {
        if frame == (ServerFrame::Ping {}) {
            client.send(&ClientFrame::Pong {}).await;
        }
    }
}
