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
use whoelse_proto::UserName;

use super::unlock;
use crate::accounts::{Accounts, Changes, FileStamp};
use crate::store::{self, StoreError};

/// How often to look: within a second an order is heard. One look costs some microseconds.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long one look waits for the database: where the disk is full the store has it for itself, and changes of the
/// accounts are to be heard of all the same.
const PATIENCE: Duration = Duration::from_secs(1);

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
        db.busy_timeout(PATIENCE).map_err(|source| StoreError::Database { path: database.to_path_buf(), source })?;
        if let Err(error) = unlock::take(&db) {
            tracing::warn!("orders of the administrator cannot be read: {error}");
        }
        let (stop, stopped) = mpsc::channel();
        let watcher = Watcher { accounts, db, orders, noted: None, other_password: Vec::new(), fault: None };
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
    /// The file of accounts that the database knows to be in force.
    noted: Option<FileStamp>,
    /// Who has another password since then.
    other_password: Vec<UserName>,
    /// What was reported last, so that it is reported once.
    fault: Option<String>,
}

impl Watcher {
    fn run(mut self, stopped: &mpsc::Receiver<()>) {
        let mut listens = Ok(());
        while listens.is_ok() && stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            listens = self.look();
        }
        // What was registered in the last moment is noted too, or the next start would void every token.
        let _ = self.look();
    }

    fn look(&mut self) -> Result<(), Gone> {
        let changes = self.accounts.reload_if_changed().unwrap_or_else(|error| {
            tracing::warn!("the accounts stay as they were: {error}");
            None
        });
        if let Some(changes) = &changes {
            self.other_password.extend(changes.changed.iter().chain(&changes.removed).cloned());
        }
        let unlocked = self.note_file().and_then(|()| unlock::take(&self.db));
        let unlocked = self.report(unlocked).unwrap_or_default();
        if let Some(Changes { added, removed, changed }) = changes {
            tracing::info!(added = added.len(), removed = removed.len(), changed = changed.len(), "accounts changed");
            self.send(Command::AccountsChanged { added, removed, changed })?;
        }
        unlocked.into_iter().try_for_each(|name| self.send(Command::Unlock { name }))
    }

    /// Notes the file in force in the database, if it is another one.
    fn note_file(&mut self) -> rusqlite::Result<()> {
        let in_force = self.accounts.file_stamp();
        if let Some(stamp) = in_force.filter(|_| in_force != self.noted) {
            store::note_accounts_file(&mut self.db, stamp, &self.other_password)?;
            self.other_password.clear();
            self.noted = in_force;
        }
        Ok(())
    }

    fn send(&self, order: Command) -> Result<(), Gone> {
        self.orders.blocking_send(order).map_err(|_| Gone)
    }

    /// Logs a fault of the database, unless it is the one that was logged last.
    fn report<T>(&mut self, result: rusqlite::Result<T>) -> Option<T> {
        match result {
            Ok(value) => {
                self.fault = None;
                Some(value)
            }
            Err(error) => {
                let fault = error.to_string();
                if self.fault.as_ref() != Some(&fault) {
                    tracing::warn!("orders of the administrator cannot be read: {fault}");
                }
                self.fault = Some(fault);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::accounts::testing::{Place, name};
    use crate::admin;
    use crate::data_dir::{DataDir, ServerState};
    use crate::store::SqliteStore;

    #[test]
    fn the_hub_is_told_of_changed_accounts_and_of_orders_to_unlock() {
        let place = Place::new("hans falcon\nyoda wise\n");
        let paths = place.paths();
        let _running = DataDir::open(paths.clone()).unwrap();
        let _store = SqliteStore::open(&paths.database()).unwrap();
        let (orders, mut heard) = channel(1);
        let watch = AdminWatch::start(Arc::new(place.open()), &paths.database(), orders).unwrap();

        admin::remove(&paths, &name("yoda")).unwrap();
        assert_eq!(
            heard.blocking_recv(),
            Some(Command::AccountsChanged { added: vec![], removed: vec![name("yoda")], changed: vec![] })
        );
        assert_eq!(admin::unlock(&paths, &name("hans")).unwrap(), ServerState::Running);
        assert_eq!(heard.blocking_recv(), Some(Command::Unlock { name: name("hans") }));

        watch.stop();
        assert_eq!(heard.blocking_recv(), None, "each order once");
    }

    #[test]
    fn an_order_for_an_earlier_server_is_dropped() {
        let place = Place::new("hans falcon\n");
        let paths = place.paths();
        let running = DataDir::open(paths.clone()).unwrap();
        let _store = SqliteStore::open(&paths.database()).unwrap();
        admin::unlock(&paths, &name("hans")).unwrap();
        drop(running);
        assert_eq!(admin::unlock(&paths, &name("hans")).unwrap(), ServerState::Stopped);

        let (orders, mut heard) = channel(1);
        AdminWatch::start(Arc::new(place.open()), &paths.database(), orders).unwrap().stop();

        assert_eq!(heard.blocking_recv(), None);
    }

    #[test]
    fn a_watch_ends_although_nobody_hears_it() {
        let place = Place::new("hans falcon\n");
        let paths = place.paths();
        crate::data_dir::make_folder(&paths.data_dir).unwrap();
        let _store = SqliteStore::open(&paths.database()).unwrap();
        let (orders, heard) = channel(1);
        let watch = AdminWatch::start(Arc::new(place.open()), &paths.database(), orders).unwrap();
        drop(heard);
        place.write("yoda wise\n");
        place.age(9);
        watch.stop();
    }
}
