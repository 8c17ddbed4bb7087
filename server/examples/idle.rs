//! What idle sessions cost a server: `cargo run --example idle -- [SESSIONS]`.
//!
//! Starts a server as a process of its own, makes accounts, starts it afresh, logs all of them in, and reads the
//! server's memory and processor time from `/proc`.

#[path = "../tests/net/client.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod client;

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use client::{Client, PASSWORD, config};
use whoelse_proto::Fingerprint;
use whoelse_server::Server;

/// Clients that log in at the same time.
const AT_ONCE: usize = 16;

/// Clock ticks a second in `/proc/PID/stat` (`USER_HZ`, 100 on every Linux).
const TICK_MS: f64 = 10.0;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve(Path::new(&arguments[2])).await,
        sessions => measure(sessions.map_or(2_000, |count| count.parse().expect("a number of sessions"))).await,
    }
}

/// Serves until standard input ends.
async fn serve(folder: &Path) {
    let server = Server::start(config(folder)).await.expect("a server");
    println!("{} {}", server.addresses()[0], server.fingerprint());
    std::io::stdout().flush().expect("an open standard output");
    tokio::task::spawn_blocking(|| std::io::stdin().lines().count()).await.expect("an open standard input");
    server.stop().await;
}

struct Process {
    child: Child,
    address: SocketAddr,
    fingerprint: Fingerprint,
}

impl Process {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a program"))
            .arg("serve")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let (address, fingerprint) = line.trim().split_once(' ').expect("an address and a fingerprint");
        let (address, fingerprint) = (address.parse().expect("an address"), fingerprint.parse().expect("a pin"));
        Self { child, address, fingerprint }
    }

    async fn greeted(&self) -> Client {
        let mut client = Client::connect(self.address, self.fingerprint).await;
        client.hello().await;
        client
    }

    /// Private memory in KiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("the memory");
        line.split_whitespace().nth(1).and_then(|figure| figure.parse().ok()).expect("a figure")
    }

    /// Processor time in milliseconds.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a stat");
        let fields = stat.rsplit(") ").next().expect("fields").split(' ').skip(11).take(2);
        fields.map(|ticks| ticks.parse::<f64>().expect("ticks") * TICK_MS).sum()
    }

    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("an exit status");
    }
}

async fn measure(sessions: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("credentials.txt"), "").expect("a file");
    let names: Vec<String> = (0..sessions).map(|n| format!("user{n:05}")).collect();

    let process = Process::start(folder.path());
    for names in names.chunks(AT_ONCE) {
        let register = |name: String, mut client: Client| async move {
            client.register(&name, PASSWORD).await.expect("an account");
        };
        let mut tasks = tokio::task::JoinSet::new();
        for name in names {
            tasks.spawn(register(name.clone(), process.greeted().await));
        }
        tasks.join_all().await;
    }
    process.stop();

    let process = Process::start(folder.path());
    let (memory, cpu) = (process.memory(), process.cpu());
    println!("with no session: {memory:.0} KiB");
    let mut clients = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let log_in = |name: String, mut client: Client| async move {
            client.login(&name, PASSWORD).await.expect("a login");
            client.skip_roster().await;
            client
        };
        let mut tasks = tokio::task::JoinSet::new();
        for name in names {
            tasks.spawn(log_in(name.clone(), process.greeted().await));
        }
        clients.extend(tasks.join_all().await);
    }
    let each = |figure: f64| figure / sessions as f64;
    println!("login: {:.2} ms of processor time each", each(process.cpu() - cpu));
    println!("session: {:.1} KiB each", each(process.memory() - memory));
    let cpu = process.cpu();
    let reading: Vec<_> =
        clients.into_iter().map(|mut client| tokio::spawn(async move { client.fault().await })).collect();
    tokio::time::sleep(Duration::from_secs(8)).await;
    println!("read to the end: {:.1} KiB each, {:.0} ms", each(process.memory() - memory), process.cpu() - cpu);
    process.stop();
    drop(reading);
}
