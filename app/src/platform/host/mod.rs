//! "Host on this computer": the server inside the app, on a thread of its own, with its data in the profile.
//!
//! The view sees a [`State`] and asks by [`Host::start`] and [`Host::stop`].

mod addresses;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, Receiver, Sender};
use whoelse_client::files;
use whoelse_proto::{Agent, DEFAULT_PORT, Fingerprint, Invitation, InviteSecret, NewAccounts};
use whoelse_server::admin::Terms;
use whoelse_server::{Config, Listen, Server, ServerError};

use super::Wake;
use super::error::{Error, Result};
use super::settings::Reach;

/// Orders that wait: each fits one state alone, so there are never more.
const ORDERS: usize = 4;

/// Threads of the server: a team's messages need one, a login beside them another.
const WORKERS: usize = 2;

/// For what an invitation is that a server in the app hands out at its start: a team that joins within the month.
const TERMS: Terms = Terms { uses: 50, days: 30 };

/// What a server in the app is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The port. Invitations name it, so no other is taken in its place.
    pub port: u16,
    /// Who may make an account.
    pub registration: NewAccounts,
    /// Who reaches it.
    pub reach: Reach,
    /// What the server is called in its clients' windows.
    pub title: Agent,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            port: DEFAULT_PORT,
            registration: NewAccounts::Anyone,
            reach: Reach::Network,
            title: Agent::new("Whoelse"),
        }
    }
}

/// How things stand with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none.
    Stopped,
    /// It opens its files and its port.
    Starting,
    /// It runs.
    Running(Hosting),
    /// It tells its clients and closes its files.
    Stopping,
    /// It did not start, or broke.
    Failed {
        /// What was wrong, for people.
        cause: String,
    },
}

/// A running server, as others reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosting {
    /// Where it listens.
    pub port: u16,
    /// Who reaches it there.
    pub reach: Reach,
    /// What others compare before they trust it.
    pub fingerprint: Fingerprint,
    /// For this very computer.
    pub own: Invitation,
    /// To copy and send, the likeliest to work first; at least one.
    pub invitations: Vec<Invitation>,
    /// For what their secret is, where accounts are made by invitation.
    pub terms: Option<Terms>,
}

impl Hosting {
    /// The invitation to copy and send.
    #[must_use]
    pub fn invitation(&self) -> &Invitation {
        self.invitations.first().unwrap_or(&self.own)
    }
}

/// What the view asks.
enum Order {
    Start(Wanted),
    Stop,
}

/// The host. Dropped, it stops the server and returns when everything is on disk.
#[derive(Debug)]
pub struct Host {
    shared: Arc<Shared>,
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and the view both see.
struct Shared {
    state: Mutex<State>,
    /// What the server that ran last showed its clients.
    key: Mutex<Option<Fingerprint>>,
    wake: Wake,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&*self.guard()).finish()
    }
}

impl Host {
    /// A host of this profile that runs nothing. `wake` is called at every change of [`Host::state`].
    #[must_use]
    pub fn new(profile: &Path, wake: Wake) -> Self {
        let shared = Arc::new(Shared { state: Mutex::new(State::Stopped), key: Mutex::new(None), wake });
        let (orders, to_do) = mpsc::channel(ORDERS);
        let (folder, told) = (profile.join("server"), Arc::clone(&shared));
        let work = move || work(&folder, to_do, &told);
        let thread = thread::Builder::new().name("host".to_owned()).spawn(work);
        let thread = thread.map_err(|error| shared.set(failed(&Error::Thread(error)))).ok();
        Self { shared, orders: Some(orders), thread }
    }

    /// How things stand.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.guard().clone()
    }

    /// The key of the server that runs here, or ran here last while the app is open.
    #[must_use]
    pub fn key(&self) -> Option<Fingerprint> {
        *self.shared.key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the server if none runs.
    pub fn start(&self, wanted: Wanted) {
        if self.shared.replace(State::Starting, |state| matches!(state, State::Stopped | State::Failed { .. })) {
            self.order(Order::Start(wanted));
        }
    }

    /// Stops the server if it runs.
    pub fn stop(&self) {
        if self.shared.replace(State::Stopping, |state| matches!(state, State::Running(_))) {
            self.order(Order::Stop);
        }
    }

    fn order(&self, order: Order) {
        if self.orders.as_ref().is_none_or(|orders| orders.try_send(order).is_err()) {
            self.shared.set(State::Failed { cause: "the server's thread is gone".to_owned() });
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the host's thread panicked");
        }
    }
}

impl Shared {
    /// The state, which is whole after every change.
    fn guard(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        if let State::Running(hosting) = &state {
            *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(hosting.fingerprint);
        }
        *self.guard() = state;
        (self.wake)();
    }

    /// Changes the state if the present one allows it.
    fn replace(&self, state: State, allows: impl FnOnce(&State) -> bool) -> bool {
        let mut present = self.guard();
        let is_allowed = allows(&present);
        if is_allowed {
            *present = state;
            drop(present);
            (self.wake)();
        }
        is_allowed
    }
}

fn failed(error: &Error) -> State {
    State::Failed { cause: error.to_string() }
}

/// A runtime for a server.
pub(super) fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(WORKERS).thread_name("server").enable_all().build().map_err(Error::Thread)
}

/// Carries orders out until the host is gone.
fn work(folder: &Path, to_do: Receiver<Order>, shared: &Shared) {
    match runtime() {
        Ok(runtime) => runtime.block_on(run(folder.to_owned(), to_do, shared)),
        Err(error) => shared.set(failed(&error)),
    }
}

async fn run(folder: PathBuf, mut to_do: Receiver<Order>, shared: &Shared) {
    let mut running: Option<Server> = None;
    loop {
        let order = match &mut running {
            Some(server) => tokio::select! {
                order = to_do.recv() => order,
                () = server.broken() => {
                    running = None;
                    shared.set(State::Failed { cause: "the server broke; its log says how".to_owned() });
                    continue;
                }
            },
            None => to_do.recv().await,
        };
        match order {
            Some(Order::Start(wanted @ Wanted { reach, .. })) => match start(&folder, wanted).await {
                Ok((server, secret)) => {
                    shared.set(State::Running(hosting(&server, reach, secret.as_ref())));
                    running = Some(server);
                }
                Err(error) => shared.set(failed(&error)),
            },
            Some(Order::Stop) => {
                stop(running.take()).await;
                shared.set(State::Stopped);
            }
            None => return stop(running.take()).await,
        }
    }
}

async fn stop(running: Option<Server>) {
    if let Some(server) = running {
        server.stop().await;
    }
}

/// Starts the server at the wanted port.
async fn start(folder: &Path, wanted: Wanted) -> Result<(Server, Option<InviteSecret>)> {
    files::make_folder(folder)?;
    let mut config = Config::new(folder.join("data"), folder.join("credentials.txt"));
    config.title = wanted.title;
    config.registration = wanted.registration;
    config.listen = match wanted.reach {
        Reach::Network => Listen::Everywhere { port: wanted.port },
        Reach::ThisComputer => Listen::At(SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port))),
    };
    match Server::start(config).await {
        Err(ServerError::Listen { source, .. }) if source.kind() == ErrorKind::AddrInUse => {
            Err(Error::PortTaken(wanted.port))
        }
        Err(error) => Err(error.into()),
        Ok(server) if wanted.registration == NewAccounts::Invited => {
            let secret = server.invite(TERMS).await?;
            Ok((server, Some(secret)))
        }
        Ok(server) => Ok((server, None)),
    }
}

/// What there is to tell of a running server.
fn hosting(server: &Server, reach: Reach, secret: Option<&InviteSecret>) -> Hosting {
    let invitation = |host: &str| Invitation { secret: secret.cloned(), ..server.invitation(host) };
    let own = invitation("127.0.0.1");
    let hosts = match reach {
        Reach::Network => addresses::of_this_computer(),
        Reach::ThisComputer => vec![IpAddr::from(Ipv4Addr::LOCALHOST)],
    };
    Hosting {
        port: own.port,
        reach,
        fingerprint: server.fingerprint(),
        invitations: hosts.iter().map(|host: &IpAddr| invitation(&host.to_string())).collect(),
        own,
        terms: secret.is_some().then_some(TERMS),
    }
}

#[cfg(test)]
mod tests;
