//! A running server, for its binary, for tests, and for a desktop app that hosts one.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::{CancellationToken, DropGuard};
use whoelse_hub::{Hub, Snapshot};
use whoelse_proto::limits::MEMORY_DAYS;
use whoelse_proto::{Fingerprint, Invitation, InviteSecret, NewAccounts, ProtocolFault, ServerFrame, UserName};

use super::admission::{Admission, Limits};
use super::clock::Clock;
use super::conn::Door;
use super::driver::{self, Driver, Input};
use super::encode::encode;
use super::listener;
use super::relay::{OpenRelay, OpenedRelay};
use super::tls::{Identity, IdentityError};
use crate::accounts::{Accounts, AccountsError, MissingFile, odd_names};
use crate::admin::{self, AdminError, AdminWatch, Rereader, Running, Terms};
use crate::data_dir::{DataDir, DataDirError, Paths};
use crate::store::{FateOfMissing, Met, SqliteStore, Store, StoreError, StoreThread, Tokens};
use crate::{Config, Listen};

/// Open files to count with where the system does not say: the smallest usual limit.
const FILES_IF_UNKNOWN: u64 = 256;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The data folder.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The certificate.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The address.
    #[error("cannot listen on {listen}: {}", whoelse_plain::listen(source))]
    Listen {
        /// Which.
        listen: Listen,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no thread.
    #[error("the system gives the server no thread: {}; end other programs", whoelse_plain::systems_words(.0))]
    Thread(std::io::Error),
}

/// A running server. Dropped, it stops in the background; [`Server::stop`] waits for that.
#[derive(Debug)]
pub struct Server {
    addresses: Vec<SocketAddr>,
    relay: Option<SocketAddr>,
    fingerprint: Fingerprint,
    paths: Paths,
    rereader: Rereader,
    stopping: DropGuard,
    /// Done once everything is down.
    finished: JoinHandle<()>,
}

impl Server {
    /// Opens what the server keeps, and listens. To be called in a tokio runtime with time and network.
    ///
    /// Raises the limit of open files of the process as far as the system lets it.
    ///
    /// # Errors
    /// [`ServerError`]; then nothing runs and no file is held.
    pub async fn start(config: Config) -> Result<Self, ServerError> {
        Self::open(config, None).await
    }

    /// The same with a relay for private sessions, which listens there.
    ///
    /// # Errors
    /// [`ServerError`]; then nothing runs and no file is held.
    #[cfg(feature = "relay")]
    pub async fn start_with_relay(config: Config, listen: Listen) -> Result<Self, ServerError> {
        Self::open(config, Some(crate::relay::opener(listen))).await
    }

    async fn open(config: Config, relay: Option<OpenRelay>) -> Result<Self, ServerError> {
        let (kept, config) = spawn_blocking(move || Kept::open(&config, relay).map(|kept| (kept, config)))
            .await
            .map_err(|error| ServerError::Thread(error.into()))??;
        let listen = |source| ServerError::Listen { listen: config.listen, source };
        let listener = listener::bind(config.listen).map_err(listen)?;
        let addresses = vec![listener.local_addr().map_err(listen)?];
        let (fingerprint, paths) = (kept.identity.fingerprint, kept.folder.paths().clone());
        let relay = kept.relay.as_ref().map(|relay| relay.address);
        let stopping = CancellationToken::new();
        note_running(kept.folder.paths(), addresses.first(), config.registration);
        let (finished, rereader) = kept.serve(config, listener, &stopping)?;
        Ok(Self { addresses, relay, fingerprint, paths, rereader, stopping: stopping.drop_guard(), finished })
    }

    /// Reads the file of accounts again in a moment, whatever it looks like; the log says what came of it.
    pub fn reread_accounts(&self) {
        self.rereader.reread();
    }

    /// Where it listens; an unspecified address stands for every address of the machine.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where its relay listens, if it has one.
    #[must_use]
    pub const fn relay_address(&self) -> Option<SocketAddr> {
        self.relay
    }

    /// What its clients pin.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// What invites to this server where it is known as `host`.
    #[must_use]
    pub fn invitation(&self, host: &str) -> Invitation {
        let port = self.addresses.first().map_or(whoelse_proto::DEFAULT_PORT, SocketAddr::port);
        Invitation { fingerprint: Some(self.fingerprint), ..Invitation::at(host.to_owned(), port) }
    }

    /// Gives out an invitation: its secret, to be added to [`Server::invitation`].
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn invite(&self, terms: Terms) -> Result<InviteSecret, AdminError> {
        let paths = self.paths.clone();
        let given = spawn_blocking(move || admin::invite(&paths, terms)).await;
        given.map_err(|error| AdminError::NotInvited(error.to_string()))?
    }

    /// Where its data lies.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.paths.data_dir
    }

    /// Stops: every client is told, what was accepted is durable, and port and data folder are free once this
    /// returns.
    pub async fn stop(self) {
        let Self { stopping, mut finished, .. } = self;
        drop(stopping);
        wait_for_end(&mut finished).await;
    }

    /// Waits until the server is down without having been told to stop: it broke, and the log says how.
    pub async fn broken(&mut self) {
        wait_for_end(&mut self.finished).await;
    }
}

/// What a server keeps, opened.
struct Kept {
    folder: DataDir,
    identity: Identity,
    accounts: Accounts,
    store: SqliteStore,
    snapshot: Snapshot,
    relay: Option<OpenedRelay>,
    /// How many files the process may have open.
    files: u64,
}

impl Kept {
    /// Opens everything; blocks.
    fn open(config: &Config, relay: Option<OpenRelay>) -> Result<Self, ServerError> {
        let paths = Paths { data_dir: config.data_dir.clone(), credentials: config.credentials.clone() };
        let folder = DataDir::open(paths.clone())?;
        let identity = Identity::load_or_make(&paths)?;
        let accounts = Accounts::open(
            &paths,
            match config.registration {
                NewAccounts::Anyone | NewAccounts::Invited => MissingFile::Create,
                NewAccounts::Nobody => MissingFile::Refuse,
            },
        )?;
        accounts.tidy();
        warn_of_plain(accounts.plain_count(), &paths.credentials);
        let names = accounts.names();
        for odd in odd_names(&names) {
            tracing::warn!("{}: {odd}", paths.credentials.display());
        }
        let mut store = SqliteStore::open(&paths.database())?.leaving_free(config.keep_free);
        meet_accounts(&mut store, &names, &paths.credentials)?;
        if store.check_tokens(accounts.file_stamp())? == Tokens::Voided {
            tracing::warn!("the accounts were changed while no server ran: everyone logs in again with a password");
        }
        store.note_accounts_path(&paths.credentials).unwrap_or_else(|error| tracing::warn!("{error}"));
        let snapshot = store.load(&names)?;
        let files = open_files();
        let relay = relay.map(|open| open(&paths, files)).transpose()?;
        Ok(Self { folder, identity, accounts, store, snapshot, relay, files })
    }

    /// Starts every thread and task. Gives the one that ends once all others have.
    fn serve(
        self,
        config: Config,
        listener: TcpListener,
        stopping: &CancellationToken,
    ) -> Result<(JoinHandle<()>, Rereader), ServerError> {
        let accounts = Arc::new(self.accounts);
        let (ends, queues) = driver::queues();
        let (store, jobs) =
            StoreThread::start(self.store, Arc::clone(&accounts), ends.results).map_err(ServerError::Thread)?;
        let watch = AdminWatch::start(Arc::clone(&accounts), &self.folder.paths().database(), ends.admin)?;
        let rereader = watch.rereader();
        let mut clock = Clock::start();
        let Config { lock, timeout, registration, question, limits: shares, .. } = config;
        let rules = whoelse_hub::Config { lock, timeout, registration, question, limits: shares };
        let (mut hub, first) = Hub::new(rules, self.snapshot, clock.now());
        let files = self.relay.as_ref().map_or(0, |relay| relay.files);
        let guests = self.relay.as_ref().map(|relay| Arc::clone(&relay.guests));
        let relaying = self.relay.map(|relay| {
            hub.name_relay(relay.named);
            tokio::spawn((relay.run)(stopping.clone()))
        });
        let driving = tokio::spawn(Driver::new(hub, clock, queues, jobs).with_relay(guests).run(first));
        let door = Arc::new(Door {
            tls: self.identity.tls.into(),
            accounts,
            admission: Admission::new(
                limits(self.files.saturating_sub(files)),
                encode(&ServerFrame::Fault(ProtocolFault::Full {})),
            ),
            driver: ends.inputs.clone(),
            title: config.title,
            registration,
            hashing: Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)),
        });
        let listening = tokio::spawn(listener::run(listener, door, stopping.clone()));
        let parts = Parts { driving, listening, relaying, inputs: ends.inputs, store, watch, folder: self.folder };
        Ok((tokio::spawn(parts.run(stopping.clone())), rereader))
    }
}

/// Tells orders where the server listens. They ask where that is where it is not to be read.
fn note_running(paths: &Paths, address: Option<&SocketAddr>, registration: NewAccounts) {
    let Some(address) = address.copied() else { return };
    if let Err(error) = admin::note_running(paths, Running { address, registration }) {
        tracing::info!("{} cannot be written: {}", paths.server_address().display(), whoelse_plain::file(&error));
    }
}

/// Meets the accounts of the file. Refuses a file without any where there were some: the first to register a name would
/// have it, and what was sent to it would be gone.
fn meet_accounts(store: &mut SqliteStore, names: &BTreeSet<UserName>, path: &Path) -> Result<(), ServerError> {
    let known = if names.is_empty() { store.count_accounts()? } else { 0 };
    if known > 0 {
        return Err(AccountsError::Emptied { path: path.to_path_buf(), known }.into());
    }
    match store.meet_accounts(names, admin::now()) {
        Ok(met) => warn_of_missing(&met, path),
        // A disk that is full or read-only delivers what it holds.
        Err(error) => tracing::warn!("the accounts cannot be noted: {error}"),
    }
    Ok(())
}

/// Names in a warning.
const MAX_NAMES: usize = 10;

/// Somebody may have lost lines of the file.
fn warn_of_missing(Met { missing, fate }: &Met, path: &Path) {
    if missing.is_empty() {
        return;
    }
    let (count, path) = (missing.len(), path.display());
    let names: Vec<_> = missing.iter().take(MAX_NAMES).map(UserName::as_str).collect();
    let more = if count > MAX_NAMES { ", …" } else { "" };
    let becomes = match fate {
        FateOfMissing::Gone => {
            format!("what waits for them is deleted when such a line comes back, or after {MEMORY_DAYS} days")
        }
        FateOfMissing::InDoubt => format!(
            "these are half of all or more: if that is a mistake, put the file back from a backup within {MEMORY_DAYS} days, and they have \
             all that was theirs; until then nobody takes these names"
        ),
    };
    tracing::warn!("{path} has no line any more for {count} accounts: {}{more}; {becomes}", names.join(", "));
}

/// Anyone who can read the file can read these.
fn warn_of_plain(count: usize, path: &Path) {
    if count > 0 {
        let path = path.display();
        tracing::warn!("plain passwords in {path}: {count}; `whoelse-server seal` makes them unreadable");
    }
}

/// How many files the process may have open, once the limit is as high as the system lets it.
fn open_files() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!("the system does not say how many files may be open: {}", whoelse_plain::systems_words(&error));
        FILES_IF_UNKNOWN
    })
}

/// How many connections the process can hold.
fn limits(files: u64) -> Limits {
    let limits = Limits::for_files(files);
    tracing::debug!(files, ?limits, "places for connections");
    limits
}

/// What runs, and what must outlast it.
struct Parts {
    driving: JoinHandle<()>,
    listening: JoinHandle<()>,
    relaying: Option<JoinHandle<()>>,
    inputs: Sender<Input>,
    store: StoreThread,
    watch: AdminWatch,
    folder: DataDir,
}

impl Parts {
    /// Waits for the end and brings everything down in its order: no new connections, the hub's last words, the
    /// store, the data folder.
    async fn run(mut self, stopping: CancellationToken) {
        tokio::select! {
            () = stopping.cancelled() => {
                // A driver that is gone has nothing to stop.
                self.inputs.send(Input::Stop).await.unwrap_or_default();
                wait_for("the driver", self.driving).await;
            }
            () = wait_for("the driver", &mut self.driving) => stopping.cancel(),
        }
        drop(self.inputs);
        wait_for("the listener", self.listening).await;
        if let Some(relaying) = self.relaying {
            wait_for("the relay", relaying).await;
        }
        let (store, watch, folder) = (self.store, self.watch, self.folder);
        let close = spawn_blocking(move || {
            watch.stop();
            store.join();
            // A file that stays says where a server was, and is asked for only while one runs.
            let _ = std::fs::remove_file(folder.paths().server_address());
            drop(folder);
        });
        wait_for("the store", close).await;
    }
}

/// Waits until everything is down; not twice, for a task tells of its end once.
async fn wait_for_end(finished: &mut JoinHandle<()>) {
    if !finished.is_finished() {
        wait_for("the server", finished).await;
    }
}

/// Waits for a task; one that broke down is reported.
async fn wait_for(what: &str, task: impl Future<Output = Result<(), tokio::task::JoinError>>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "{what} broke down");
    }
}
