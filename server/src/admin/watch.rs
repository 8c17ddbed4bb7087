//! How a running server notices what the administrator did: a thread that looks at the file of accounts and at the
//! orders in the database, twice a second, and tells the hub.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc::Sender;
use whoelse_hub::Command;

use super::unlock;
use crate::accounts::{Accounts, Changes};
use crate::store::{self, StoreError};

/// How often to look: within a second an order is heard. One look costs some microseconds.
const INTERVAL: Duration = Duration::from_millis(500);

/// The running thread; it ends when this is dropped.
#[derive(Debug)]
pub struct AdminWatch {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl AdminWatch {
    /// Starts to look. What was changed goes to `orders` as [`Command::AccountsChanged`] and [`Command::Unlock`].
    /// Orders left for an earlier server are dropped: its locks went with it.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be opened.
    pub fn start(accounts: Arc<Accounts>, database: &Path, orders: Sender<Command>) -> Result<Self, StoreError> {
        let db = store::attach(database)?;
        unlock::take(&db).map_err(|source| StoreError::Database { path: database.to_path_buf(), source })?;
        let (stop, stopped) = mpsc::channel();
        let watcher = Watcher { accounts, db, orders, fault: None };
        let thread = std::thread::Builder::new()
            .name("admin-watch".to_owned())
            .spawn(move || watcher.run(&stopped))
            .map_err(|source| StoreError::Unwritable { path: database.to_path_buf(), source })?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread and waits for it. Whoever takes the orders must go on taking them, or be gone.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread that watches the accounts broke down");
        }
    }
}

/// Nobody takes the orders any more.
struct Gone;

struct Watcher {
    accounts: Arc<Accounts>,
    db: Connection,
    orders: Sender<Command>,
    /// What was reported last, so that it is reported once.
    fault: Option<String>,
}

impl Watcher {
    fn run(mut self, stopped: &mpsc::Receiver<()>) {
        while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            if self.look().is_err() {
                return;
            }
        }
    }

    fn look(&mut self) -> Result<(), Gone> {
        match self.accounts.reload_if_changed() {
            Ok(None) => {}
            Ok(Some(Changes { added, removed, changed })) => {
                tracing::info!(
                    added = added.len(),
                    removed = removed.len(),
                    changed = changed.len(),
                    "accounts changed"
                );
                self.send(Command::AccountsChanged { added, removed, changed })?;
            }
            Err(error) => tracing::warn!("the accounts stay as they were: {error}"),
        }
        match unlock::take(&self.db) {
            Ok(names) => {
                self.fault = None;
                names.into_iter().try_for_each(|name| self.send(Command::Unlock { name }))
            }
            Err(error) => {
                self.report(error.to_string());
                Ok(())
            }
        }
    }

    fn send(&self, order: Command) -> Result<(), Gone> {
        self.orders.blocking_send(order).map_err(|_| Gone)
    }

    fn report(&mut self, fault: String) {
        if self.fault.as_ref() != Some(&fault) {
            tracing::warn!("orders to lift a lock cannot be read: {fault}");
            self.fault = Some(fault);
        }
    }
}
