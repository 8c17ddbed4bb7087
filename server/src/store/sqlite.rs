//! The store in SQLite: opening the database, and transactions. `migrations/` has the tables.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use whoelse_hub::{Snapshot, StoreFault, StoreOp, Stored, Ticket};
use whoelse_proto::{Seq, UserName};

use super::{Outcome, Store, StoreError, Tokens, messages, people, sessions, stamp};
use crate::accounts::{FileStamp, Successor};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Marks a file as a database of this program ("WHOE").
const APPLICATION_ID: i32 = 0x5748_4F45;

/// How long to wait for another process, an administrator's most likely, to end its transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The file is there; every connection stays with one thread.
const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Statements kept prepared: all of them.
const CACHED_STATEMENTS: usize = 64;

/// Bytes to which the write-ahead log is cut back after a burst.
const WAL_BYTES: u32 = 16 * 1024 * 1024;

/// The store in an SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    db: Connection,
    health: Health,
}

/// How long nothing may have failed before the database counts as well again. On a disk that is nearly full a small
/// write succeeds between two large ones that do not, and the log is not to tell of each.
const CALM: Duration = Duration::from_secs(10);

/// Whether the database does what it is asked: trouble is logged when it begins and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Good,
    Failing { last: Instant },
}

impl SqliteStore {
    /// Opens the database, makes it if it is missing, brings it to this version, and ends the sessions that a
    /// killed server left open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let db = connect(path)?;
        let failed = |source| StoreError::Database { path: path.to_path_buf(), source };
        sessions::close_abandoned(&db).map_err(failed)?;
        Ok(Self { db, health: Health::Good })
    }

    /// Voids every token if the file of accounts was changed while no server ran: whoever has another password since
    /// then must not resume with an old token.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn check_tokens(&mut self, stamp: Option<FileStamp>) -> Result<Tokens, StoreError> {
        stamp::check(&self.db, stamp).map_err(|source| StoreError::Database { path: self.path(), source })
    }

    fn path(&self) -> PathBuf {
        self.db.path().map(PathBuf::from).unwrap_or_default()
    }

    /// For tests that take the database its room.
    #[cfg(test)]
    pub(super) const fn connection(&self) -> &Connection {
        &self.db
    }

    /// Does operations in one transaction.
    fn perform_together(&mut self, batch: &[(Ticket, StoreOp)]) -> rusqlite::Result<Vec<Outcome>> {
        if batch.iter().all(|(_, op)| reads_only(op)) {
            return batch.iter().map(|(ticket, op)| Ok((*ticket, Ok(perform(&self.db, op)?)))).collect();
        }
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for (ticket, op) in batch {
            outcomes.push((*ticket, Ok(perform(&transaction, op)?)));
        }
        transaction.commit()?;
        Ok(outcomes)
    }

    /// Does each operation in a transaction of its own.
    fn perform_apart(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for one in batch {
            outcomes.extend(self.perform_together(std::slice::from_ref(one)).unwrap_or_else(|error| {
                self.note_fault(&error);
                vec![(one.0, Err(StoreFault::Unavailable))]
            }));
        }
        outcomes
    }

    fn note_fault(&mut self, error: &rusqlite::Error) {
        if self.health == Health::Good {
            tracing::error!("the database fails, what it cannot do is refused: {error}");
        }
        self.health = Health::Failing { last: Instant::now() };
    }

    fn note_success(&mut self) {
        if let Health::Failing { last } = self.health
            && last.elapsed() >= CALM
        {
            tracing::warn!("the database works again");
            self.health = Health::Good;
        }
    }
}

impl Store for SqliteStore {
    fn load(&mut self, names: &BTreeSet<UserName>) -> Result<Snapshot, StoreError> {
        people::load(&self.db, names).map_err(|source| StoreError::Database { path: self.path(), source })
    }

    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome> {
        match self.perform_together(batch) {
            Ok(outcomes) => {
                if batch.iter().any(|(_, op)| !reads_only(op)) {
                    self.note_success();
                }
                outcomes
            }
            Err(_) => self.perform_apart(batch),
        }
    }

    fn follow_accounts_file(&mut self, successor: Successor) {
        if let Err(error) = stamp::follow(&self.db, successor) {
            tracing::warn!("the file of accounts is not noted: {error}");
        }
    }
}

/// Whether an operation leaves everything as it is, and can be done where nothing can be written.
const fn reads_only(op: &StoreOp) -> bool {
    match op {
        StoreOp::LoadInbox { .. } | StoreOp::Lookup { .. } | StoreOp::SessionsSince { .. } => true,
        StoreOp::Accept { .. }
        | StoreOp::Acknowledge { .. }
        | StoreOp::MarkRead { .. }
        | StoreOp::OpenSession { .. }
        | StoreOp::CloseSession { .. }
        | StoreOp::RevokeToken { .. }
        | StoreOp::Block { .. }
        | StoreOp::Unblock { .. }
        | StoreOp::Heartbeat { .. }
        | StoreOp::Forget { .. } => false,
    }
}

fn perform(db: &Connection, op: &StoreOp) -> rusqlite::Result<Stored> {
    match op {
        StoreOp::Accept { message, recipients } => messages::accept(db, message, recipients),
        StoreOp::Acknowledge { name, up_to } => messages::acknowledge(db, name, *up_to),
        StoreOp::LoadInbox { name, after, limit } => messages::load_inbox(db, name, *after, *limit),
        StoreOp::MarkRead { reader, peer, up_to } => messages::mark_read(db, reader, peer, *up_to),
        StoreOp::Lookup { sender, ids, hidden } => messages::lookup(db, sender, ids, hidden),
        StoreOp::OpenSession { name, since, token } => sessions::open(db, name, *since, *token),
        StoreOp::CloseSession { name, since, at, token } => sessions::close(db, name, *since, *at, *token),
        StoreOp::RevokeToken { name } => sessions::revoke_token(db, name),
        StoreOp::SessionsSince { from } => sessions::since(db, *from),
        StoreOp::Block { name, whom } => people::block(db, name, whom),
        StoreOp::Unblock { name, whom } => people::unblock(db, name, whom),
        StoreOp::Heartbeat { at } => sessions::heartbeat(db, *at),
        StoreOp::Forget { before } => forget(db, *before),
    }
}

fn forget(db: &Connection, before: whoelse_proto::Timestamp) -> rusqlite::Result<Stored> {
    messages::forget(db, before)?;
    sessions::forget(db, before)?;
    Ok(Stored::Done)
}

/// Opens the database and brings it to this version.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    make_private(path)?;
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign(path.to_path_buf()),
        _ => StoreError::Database { path: path.to_path_buf(), source },
    };
    let mut db = Connection::open_with_flags(path, FLAGS).map_err(failed)?;
    if claim(&db).map_err(failed)? == Owner::Foreign {
        return Err(StoreError::Foreign(path.to_path_buf()));
    }
    configure(&db).map_err(failed)?;
    embedded::migrations::runner()
        .run(&mut db)
        .map_err(|source| StoreError::Version { path: path.to_path_buf(), source: Box::new(source) })?;
    Ok(db)
}

/// Opens the database as it is, beside the store.
///
/// # Errors
/// [`StoreError::Database`], also where there is none.
pub(crate) fn attach(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::Database { path: path.to_path_buf(), source };
    let db = Connection::open_with_flags(path, FLAGS).map_err(failed)?;
    db.busy_timeout(BUSY_TIMEOUT).and_then(|()| db.pragma_update(None, "secure_delete", "on")).map_err(failed)?;
    Ok(db)
}

/// Forgets what waits for an account, its blocks, marks, sessions and token. Other people's blocks stay.
///
/// # Errors
/// [`StoreError::Database`].
pub(crate) fn forget_account(path: &Path, name: &UserName) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    let mut db = attach(path)?;
    let forget = |db: &mut Connection| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        messages::acknowledge(&transaction, name, Seq::new(u64::MAX))?;
        people::forget(&transaction, name)?;
        transaction.commit()
    };
    forget(&mut db).map_err(|source| StoreError::Database { path: path.to_path_buf(), source })
}

/// Makes the file, so that it is its owner's alone: SQLite gives the files beside it the same rights.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|source| StoreError::Unwritable { path: path.to_path_buf(), source })
}

/// Whose database a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Ours,
    Foreign,
}

/// Marks an empty database as ours before anything else is done to it: a process that is killed at its first start
/// leaves one that the next start knows. Does nothing to the database of another program.
fn claim(db: &Connection) -> rusqlite::Result<Owner> {
    let id: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(Owner::Ours);
    }
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != 0 || tables != 0 {
        return Ok(Owner::Foreign);
    }
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(Owner::Ours)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "secure_delete", "on")?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    Ok(())
}
