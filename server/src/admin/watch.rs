//! How a running server notices what the administrator did: a thread that looks at the file of accounts and at the
//! orders in the database, twice a second or when told to, and tells the hub.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc::Sender;
use whoelse_hub::Command;
use whoelse_proto::UserName;

use super::orders::{self, Kind};
use crate::accounts::{Accounts, Changes, FileStamp, When};
use crate::store::{self, StoreError};

/// How often to look: within a second an order is heard. One look costs some microseconds.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long one look waits for the database: where the disk is full the store has it for itself, and changes of the
/// accounts are to be heard of all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Words to the thread that may wait: whoever has more to say says the same again.
const NUDGES: usize = 4;

/// A word to the thread between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nudge {
    /// Read the file of accounts, whatever it looks like.
    Reread,
    /// End.
    Stop,
}

/// The running thread; it ends when this and everything made by [`AdminWatch::rereader`] is dropped, or is told to.
#[derive(Debug)]
pub struct AdminWatch {
    nudges: mpsc::SyncSender<Nudge>,
    thread: JoinHandle<()>,
}

/// Has the file of accounts read again.
#[derive(Clone, Debug)]
pub struct Rereader(mpsc::SyncSender<Nudge>);

impl Rereader {
    /// Reads the file in a moment; the log says what came of it.
    pub fn reread(&self) {
        // Where the queue is full the same waits already; a thread that is gone reads nothing.
        let _ = self.0.try_send(Nudge::Reread);
    }
}

impl AdminWatch {
    /// Starts to look. What was changed goes to `orders` as [`Command::AccountsChanged`], [`Command::Unlock`] and
    /// [`Command::Kick`]. Orders left for an earlier server are dropped: its locks and sessions went with it.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be opened.
    pub fn start(accounts: Arc<Accounts>, database: &Path, orders: Sender<Command>) -> Result<Self, StoreError> {
        let db = store::attach(database)?;
        db.busy_timeout(PATIENCE).map_err(|source| StoreError::Database { path: database.to_path_buf(), source })?;
        if let Err(error) = orders::take(&db) {
            tracing::warn!("orders of the administrator cannot be read: {error}");
        }
        let (nudges, inbox) = mpsc::sync_channel(NUDGES);
        let watcher = Watcher { accounts, db, orders, noted: None, other_password: Vec::new(), fault: None };
        let thread = std::thread::Builder::new()
            .name("admin-watch".to_owned())
            .spawn(move || watcher.run(&inbox))
            .map_err(|source| StoreError::Unwritable { path: database.to_path_buf(), source })?;
        Ok(Self { nudges, thread })
    }

    /// What has the file of accounts read again.
    #[must_use]
    pub fn rereader(&self) -> Rereader {
        Rereader(self.nudges.clone())
    }

    /// Ends the thread and waits for it. Whoever takes the orders must go on taking them, or be gone.
    pub fn stop(self) {
        // A thread that is gone need not be told.
        let _ = self.nudges.send(Nudge::Stop);
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
    fn run(mut self, inbox: &mpsc::Receiver<Nudge>) {
        let mut listens = Ok(());
        while listens.is_ok() {
            listens = match inbox.recv_timeout(INTERVAL) {
                Err(RecvTimeoutError::Timeout) => self.look(When::Settled),
                Ok(Nudge::Reread) => self.reread(),
                Ok(Nudge::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            };
        }
        // What was registered in the last moment is noted too, or the next start would void every token.
        let _ = self.look(When::Settled);
    }

    /// The administrator asked for it and is told.
    fn reread(&mut self) -> Result<(), Gone> {
        tracing::warn!("the accounts are read again, for a signal asked for it");
        self.look(When::Now)
    }

    fn look(&mut self, when: When) -> Result<(), Gone> {
        let changes = self.reload(when);
        let asked = self.note_file().and_then(|()| orders::take(&self.db));
        let asked = self.report(asked).unwrap_or_default();
        if let Some(changes) = changes {
            self.tell_changes(changes)?;
        }
        self.obey(asked)
    }

    fn reload(&mut self, when: When) -> Option<Changes> {
        let changes = self.accounts.reload(when).unwrap_or_else(|error| {
            tracing::warn!("the accounts stay as they were: {error}");
            None
        })?;
        self.other_password.extend(changes.changed.iter().chain(&changes.removed).cloned());
        for doubt in self.accounts.doubts(&changes) {
            tracing::warn!("{doubt}");
        }
        Some(changes)
    }

    fn tell_changes(&self, Changes { added, removed, changed }: Changes) -> Result<(), Gone> {
        tracing::info!(added = added.len(), removed = removed.len(), changed = changed.len(), "accounts changed");
        self.send(Command::AccountsChanged { added, removed, changed })
    }

    fn obey(&mut self, asked: Vec<(Kind, UserName)>) -> Result<(), Gone> {
        let mut removed = Vec::new();
        for (kind, name) in asked {
            match kind {
                Kind::Unlock => self.send(Command::Unlock { name })?,
                Kind::Kick => self.send(Command::Kick { name })?,
                Kind::Remove => removed.push(name),
            }
        }
        if removed.is_empty() { Ok(()) } else { self.remove(&removed) }
    }

    /// Takes accounts out of the file, then out of the hub, which has the store forget them.
    fn remove(&mut self, names: &[UserName]) -> Result<(), Gone> {
        if let Err(error) = self.accounts.remove_all(names) {
            tracing::warn!("accounts cannot be removed: {error}");
            return Ok(());
        }
        let changes = self.reload(When::Now);
        let noted = self.note_file();
        self.report(noted);
        changes.map_or(Ok(()), |changes| self.tell_changes(changes))
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

        admin::remove(&paths, &[name("yoda")]).unwrap();
        assert_eq!(
            heard.blocking_recv(),
            Some(Command::AccountsChanged { added: vec![], removed: vec![name("yoda")], changed: vec![] })
        );
        assert_eq!(place.text(), "hans falcon\n");
        assert_eq!(admin::unlock(&paths, &name("hans")).unwrap(), ServerState::Running);
        assert_eq!(heard.blocking_recv(), Some(Command::Unlock { name: name("hans") }));
        assert_eq!(admin::kick(&paths, &name("hans")).unwrap(), ServerState::Running);
        assert_eq!(heard.blocking_recv(), Some(Command::Kick { name: name("hans") }));

        watch.stop();
        assert_eq!(heard.blocking_recv(), None, "each order once");
    }

    #[test]
    fn the_file_is_read_again_at_once_when_asked_for() {
        let place = Place::new("hans falcon\n");
        let paths = place.paths();
        crate::data_dir::make_folder(&paths.data_dir).unwrap();
        let _store = SqliteStore::open(&paths.database()).unwrap();
        let (orders, mut heard) = channel(1);
        let watch = AdminWatch::start(Arc::new(place.open()), &paths.database(), orders).unwrap();
        place.write("hans falcon\nyoda wise\n");
        watch.rereader().reread();
        let added = Command::AccountsChanged { added: vec![name("yoda")], removed: vec![], changed: vec![] };
        assert_eq!(heard.blocking_recv(), Some(added));
        watch.stop();
    }

    #[test]
    fn an_order_for_an_earlier_server_is_dropped() {
        let place = Place::new("hans falcon\n");
        let paths = place.paths();
        let running = DataDir::open(paths.clone()).unwrap();
        let _store = SqliteStore::open(&paths.database()).unwrap();
        store::attach(&paths.database())
            .unwrap()
            .execute("INSERT INTO admin_order (kind, name) VALUES ('unlock', 'hans')", [])
            .unwrap();
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
