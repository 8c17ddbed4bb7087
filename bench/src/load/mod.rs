//! A load generator for message servers on this machine: one line of JSON for each result.
//!
//! One thread, on purpose: `taskset` puts it on a core of its own.

mod conn;
mod fan;
mod idle;
mod offline;
mod pairs;
mod rate;
mod register;
mod saturate;
mod timer;

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::task::{LocalSet, spawn_local};

pub(crate) use self::conn::Conn;
pub(crate) use self::register::make_accounts;
use crate::error::{Error, Result};
use crate::protocol::{Protocol, Role, Session};
use crate::span::print;
use crate::tls;

/// How long a login may take, on a server that has ten thousand at once.
const LOGIN_DEADLINE: Duration = Duration::from_mins(1);

/// What to measure, and how.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// What the server speaks
    protocol: Protocol,
    #[command(subcommand)]
    scenario: Scenario,
    /// Where the server listens on 127.0.0.1 [default: as in peers.sh]
    #[arg(long, global = true)]
    port: Option<u16>,
    /// Processes of the server, with commas between them: their CPU time and memory are measured
    #[arg(long, global = true, value_delimiter = ',')]
    pid: Vec<u32>,
    /// What the server is called in the output [default: the protocol]
    #[arg(long, global = true)]
    label: Option<String>,
    /// Speak TLS; without meaning for whoelse, which always does
    #[arg(long, global = true)]
    tls: bool,
    /// Logins at the same time
    #[arg(long, global = true, default_value_t = 32)]
    conc: usize,
}

/// What is measured.
#[derive(Debug, Subcommand)]
enum Scenario {
    /// Makes accounts (whoelse, xmpp)
    Register(register::Plan),
    /// Logs in more and more connections and reads the server's memory
    Idle(idle::Plan),
    /// Pairs that always have so many messages under way: what the server can do
    Sat(saturate::Plan),
    /// Pairs that send at a given rate, whatever the server does: latency
    Rate(rate::Plan),
    /// Broadcasts: one at a time, then several under way
    Fan(fan::Plan),
    /// Messages for those who are away, then their logins
    Offline(offline::Plan),
}

/// What all scenarios share.
pub(crate) struct Context {
    protocol: Protocol,
    address: SocketAddr,
    tls: Option<Arc<rustls::ClientConfig>>,
    pids: Vec<u32>,
    label: String,
    logins: usize,
    start: Instant,
}

impl Context {
    /// A context for the whoelse server at this address.
    ///
    /// # Errors
    /// [`Error::Tls`].
    pub(crate) fn for_whoelse(address: SocketAddr, pid: u32, logins: usize) -> Result<Rc<Self>> {
        let protocol = Protocol::Whoelse;
        let tls = Some(tls::client(protocol.alpn())?);
        let label = "whoelse".to_owned();
        Ok(Rc::new(Self { protocol, address, tls, pids: vec![pid], label, logins, start: Instant::now() }))
    }

    /// Nanoseconds since the generator began.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn say(&self, scenario: &str, parts: &[Value]) {
        let head = json!({ "server": self.label, "tls": self.tls.is_some(), "scenario": scenario });
        print(&[&[head], parts].concat());
    }

    /// Logs a user in.
    ///
    /// # Errors
    /// [`Error::Connection`] with the server's reason, or that it took too long.
    pub(crate) async fn open(&self, id: u32, role: Role) -> Result<Rc<Conn>> {
        self.open_with(id, self.protocol.session(id, role)).await
    }

    async fn open_with(&self, id: u32, session: Box<dyn Session>) -> Result<Rc<Conn>> {
        let open = Conn::open(self.address, self.tls.clone(), id, session);
        match tokio::time::timeout(LOGIN_DEADLINE, open).await {
            Ok(result) => result,
            Err(_elapsed) => Err(Error::Connection { id, cause: "the login took too long".into() }),
        }
    }

    /// Logs users in, several at a time. Gives the connections in the order of the users.
    ///
    /// # Errors
    /// The first of [`Context::open`].
    pub(crate) async fn open_many(
        self: &Rc<Self>,
        ids: impl Iterator<Item = u32>,
        role: Role,
    ) -> Result<Vec<Rc<Conn>>> {
        let ids: Rc<[u32]> = ids.collect();
        let next = Rc::new(Cell::new(0));
        let worker = |_| {
            let (context, ids, next) = (Rc::clone(self), Rc::clone(&ids), Rc::clone(&next));
            spawn_local(async move {
                let mut opened = Vec::new();
                while let Some(&id) = ids.get(next.replace(next.get() + 1)) {
                    opened.push(context.open(id, role).await?);
                }
                Ok::<_, Error>(opened)
            })
        };
        let workers: Vec<_> = (0..self.logins).map(worker).collect();
        let mut conns = Vec::with_capacity(ids.len());
        for worker in workers {
            conns.append(&mut worker.await??);
        }
        conns.sort_by_key(|conn| conn.id);
        Ok(conns)
    }
}

/// Runs what was asked for.
///
/// # Errors
/// Whatever stops the measurement.
pub(crate) fn run(load: Load) -> Result<()> {
    let tls = if load.tls || load.protocol.alpn().is_some() { Some(tls::client(load.protocol.alpn())?) } else { None };
    let port = load.port.unwrap_or_else(|| load.protocol.port());
    let context = Rc::new(Context {
        protocol: load.protocol,
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        tls,
        pids: load.pid,
        label: load.label.unwrap_or_else(|| format!("{:?}", load.protocol).to_lowercase()),
        logins: load.conc,
        start: Instant::now(),
    });
    on_one_thread(async move {
        match load.scenario {
            Scenario::Register(plan) => register::run(&context, &plan).await,
            Scenario::Idle(plan) => idle::run(&context, &plan).await,
            Scenario::Sat(plan) => saturate::run(&context, &plan).await,
            Scenario::Rate(plan) => rate::run(&context, &plan).await,
            Scenario::Fan(plan) => fan::run(&context, &plan).await,
            Scenario::Offline(plan) => offline::run(&context, &plan).await,
        }
    })
}

/// Runs a measurement on this thread, with as many open files as the system allows.
///
/// # Errors
/// Those of the measurement.
pub(crate) fn on_one_thread(measure: impl Future<Output = Result<()>>) -> Result<()> {
    use crate::error::Doing;
    rlimit::increase_nofile_limit(u64::MAX).doing("raising the limit of open files")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().doing("starting a runtime")?;
    LocalSet::new().block_on(&runtime, measure)
}

/// How many of these connections are of no more use; says why of the first ones.
fn count_dead(conns: &[Rc<Conn>]) -> usize {
    const TOLD: usize = 2;
    let ended: Vec<_> = conns.iter().filter_map(|conn| Some((conn.id, conn.end()?))).collect();
    for (id, why) in ended.iter().take(TOLD) {
        eprintln!("connection {id}: {why}");
    }
    ended.len()
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
