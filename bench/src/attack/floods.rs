//! Floods: what an attacker sends while others talk.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::sleep;
use whoelse_proto::{Command, PrivateCommand, Seconds, UserName};

use super::accounts::{blinded, valid_upload};
use super::client::{Client, Door, dial, failed, host, name};
use super::crowd::{TALKERS, talker};
use crate::error::{Doing, Error, Result};
use crate::load::on_one_thread;

/// By how much the attacker's thread yields to the server and to those who talk: it stands for another computer.
const NICE: i32 = 10;

/// The attacker's one address.
const HOST: u8 = 66;

/// Accounts of the attacker for each flood that needs some.
const ACCOUNTS: u8 = 10;

/// Connections on which accounts are asked for.
const ASKERS: usize = 64;

/// Sockets that say nothing.
const SOCKETS: usize = 5_000;

/// Requests that one who does not read leaves unanswered: as many as a server holds open.
const UNREAD: usize = 250;

/// What floods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flood {
    /// New accounts on many connections.
    Registrations,
    /// Questions for private sessions to everybody who talks.
    Questions,
    /// Logins and logouts, each told to everybody.
    Sessions,
    /// Requests for long answers that nobody reads.
    SlowReaders,
    /// Sockets on which nothing is said.
    HalfOpen,
}

impl Flood {
    pub(super) const ALL: [Self; 5] =
        [Self::Registrations, Self::Questions, Self::Sessions, Self::SlowReaders, Self::HalfOpen];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Registrations => "cost-accounts",
            Self::Questions => "cost-questions",
            Self::Sessions => "cost-sessions",
            Self::SlowReaders => "cost-readers",
            Self::HalfOpen => "cost-sockets",
        }
    }

    pub(super) const fn tried(self) -> &'static str {
        match self {
            Self::Registrations => "accounts asked for on 64 connections",
            Self::Questions => "questions to all who talk, from 10 accounts",
            Self::Sessions => "logins and logouts of 10 accounts",
            Self::SlowReaders => "2,500 answers that 10 accounts do not read",
            Self::HalfOpen => "5,000 half-open sockets, opened again when closed",
        }
    }

    /// Begins on a thread of its own.
    pub(super) fn start(self, door: &Door) -> Running {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let attacker = Attacker { door: door.clone(), stop: Arc::clone(&stop), count: Arc::clone(&count) };
        let thread = std::thread::spawn(move || {
            rustix::process::nice(NICE).map_err(std::io::Error::from).doing("yielding to others")?;
            on_one_thread(async move { attacker.run(self).await })
        });
        Running { stop, count, thread }
    }
}

/// Makes the accounts that the floods use.
pub(super) async fn prepare(door: &Door) -> Result<()> {
    for number in 0..ACCOUNTS {
        let user = attacker(number)?;
        let mut client = Client::enter(door, host(HOST)).await?;
        client.register(&user).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
    }
    Ok(())
}

fn attacker(number: u8) -> Result<UserName> {
    name(&format!("attacker{number}"))
}

/// A flood under way.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<Result<()>>,
}

impl Running {
    /// Ends it; gives how much was sent.
    pub(super) fn stop(self) -> Result<u64> {
        self.stop.store(true, Ordering::SeqCst);
        let ended = self.thread.join().unwrap_or_else(|_| Err(failed("the attacker's thread broke")));
        ended.map(|()| self.count.load(Ordering::SeqCst))
    }
}

#[derive(Clone)]
struct Attacker {
    door: Door,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
}

impl Attacker {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::SeqCst)
    }

    fn did(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    async fn run(self, flood: Flood) -> Result<()> {
        match flood {
            Flood::Registrations => self.each(ASKERS, Self::register).await,
            Flood::Questions => self.each(usize::from(ACCOUNTS), Self::ask).await,
            Flood::Sessions => self.each(usize::from(ACCOUNTS), Self::come_and_go).await,
            Flood::SlowReaders => self.each(usize::from(ACCOUNTS), Self::read_nothing).await,
            Flood::HalfOpen => self.hold_sockets().await,
        }
    }

    /// So many at once, each again when the server closed its connection.
    async fn each<F: Future<Output = Result<()>> + 'static>(
        self,
        many: usize,
        play: impl Fn(Rc<Self>, usize) -> F + Copy + 'static,
    ) -> Result<()> {
        let own = Rc::new(self);
        let tasks: Vec<_> = (0..many)
            .map(|number| {
                let own = Rc::clone(&own);
                spawn_local(async move {
                    while own.goes_on() {
                        if play(Rc::clone(&own), number).await.is_err() {
                            // The server has had enough of this connection; it is one more thing to be borne.
                            sleep(Duration::from_millis(20)).await;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await?;
        }
        Ok(())
    }

    async fn register(self: Rc<Self>, number: usize) -> Result<()> {
        let mut client = Client::enter(&self.door, host(HOST)).await?;
        let mut round = 0;
        while self.goes_on() {
            round += 1;
            let user = name(&format!("f{number}-{round}-{}", self.count.load(Ordering::SeqCst)))?;
            if client.challenge(&user, blinded()).await?.is_ok() {
                // Refused or not: what counts is what it costs.
                let _outcome = client.upload(valid_upload()).await?;
            }
            self.did();
        }
        Ok(())
    }

    async fn enter(&self, number: usize) -> Result<Client> {
        let number = u8::try_from(number).map_err(failed)?;
        let mut client = Client::enter(&self.door, host(HOST)).await?;
        client.log_in(&attacker(number)?).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
        client.publish(number).await?;
        Ok(client)
    }

    async fn ask(self: Rc<Self>, number: usize) -> Result<()> {
        let mut client = self.enter(number).await?;
        while self.goes_on() {
            for peer in 0..TALKERS {
                let peer = talker(peer)?;
                let start = PrivateCommand::Start { name: peer.clone() };
                for command in [start, PrivateCommand::Stop { name: peer }] {
                    let _answer = client.ask(Command::Private(command)).await?;
                    self.did();
                }
            }
        }
        client.leave().await
    }

    async fn come_and_go(self: Rc<Self>, number: usize) -> Result<()> {
        let client = self.enter(number).await?;
        self.did();
        client.leave().await
    }

    async fn read_nothing(self: Rc<Self>, number: usize) -> Result<()> {
        let mut client = self.enter(number).await?;
        for _ in 0..UNREAD {
            client.post(Command::Whoelsesince { seconds: Seconds::new(u64::MAX) }).await?;
            self.did();
        }
        while self.goes_on() {
            sleep(Duration::from_millis(100)).await;
        }
        client.cut();
        Ok(())
    }

    async fn hold_sockets(self) -> Result<()> {
        let mut held = std::collections::VecDeque::new();
        while self.goes_on() {
            match dial(&self.door, host(HOST)).await {
                Ok(socket) => held.push_back(socket),
                // All ports or places are taken: the oldest makes room.
                Err(_) => drop(held.pop_front()),
            }
            self.did();
            if held.len() > SOCKETS {
                held.pop_front();
                sleep(Duration::from_millis(1)).await;
            }
        }
        Ok::<_, Error>(())
    }
}
