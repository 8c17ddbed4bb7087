//! The store in SQLite: transactions, and what becomes of them on a disk that fails. `migrations/` has the tables.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};
use whoelse_hub::{Snapshot, StoreFault, StoreOp, Stored, Ticket};
use whoelse_proto::{Timestamp, UserName};
use whoelse_sqlite::{Access, Fate, Opened, Release, Reserve, Watched, log_of};

use super::connect::{connect, look_over};
use super::health::{Health, Trouble};
use super::room::{Room, fits};
use super::traces::Traces;
use super::{
    Met, Outcome, Store, StoreError, Tokens, accounts, invites, messages, passes, people, sessions, space, stamp,
};
use crate::accounts::{FileStamp, Successor};

/// Looks, about one a second, after which a database that could not be had in full is opened anew.
const REOPEN_AFTER: u32 = 5;

/// The store in an SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    db: Connection,
    access: Access,
    watched: Watched,
    reserve: Reserve,
    health: Health,
    /// What a killed server left open and could not be written as ended yet.
    abandoned: sessions::Abandoned,
    tokens: Tokens,
    traces: Traces,
    /// Bytes of the disk that are left to others.
    keep_free: u64,
    /// Looks since the database was opened.
    looks: u32,
}

impl SqliteStore {
    /// Opens the database, makes it if it is missing, brings it to this version, and ends the sessions that a
    /// killed server left open. Where nothing can be written, what is stored can be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut reserve = Reserve::of(path);
        let Opened { mut db, access } = connect(path, &mut reserve)?;
        look_over(&mut db, path);
        let failed = |source| StoreError::Database { path: path.to_path_buf(), source };
        let abandoned = sessions::Abandoned::find(&db).map_err(failed)?;
        let mut store = Self {
            path: path.to_path_buf(),
            watched: Watched::note(path),
            db,
            access,
            reserve,
            health: Health::default(),
            abandoned,
            tokens: Tokens::Kept,
            traces: Traces::of_earlier_run(),
            keep_free: 0,
            looks: 0,
        };
        store.end_abandoned();
        if store.access.is_lasting() {
            space::enable(&store.db, path);
        }
        store.reserve.refill();
        Ok(store)
    }

    /// The same; with less of the disk free than this no message is taken.
    #[must_use]
    pub fn leaving_free(self, bytes: u64) -> Self {
        Self { keep_free: bytes, ..self }
    }

    /// Voids every token if the file of accounts was changed while no server ran: whoever has another password since
    /// then must not resume with an old token.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn check_tokens(&mut self, stamp: Option<FileStamp>) -> Result<Tokens, StoreError> {
        let tokens = self.with_room(|db| stamp::check(db, stamp)).or_else(|error| {
            tracing::warn!("tokens are void, for the database cannot note the file of accounts: {error}");
            stamp::compare(&self.db, stamp)
        });
        self.tokens = tokens.map_err(|source| self.failed(source))?;
        Ok(self.tokens)
    }

    /// How many accounts had a line in the file of accounts when they were last seen.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn count_accounts(&self) -> Result<usize, StoreError> {
        accounts::count(&self.db).map_err(|source| self.failed(source))
    }

    /// Meets the accounts of the file at a start, before anything of them is loaded: who comes back after a start
    /// without a line finds nothing of what was there before.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn meet_accounts(&mut self, names: &BTreeSet<UserName>, now: Timestamp) -> Result<Met, StoreError> {
        accounts::meet(&mut self.db, names, now).map_err(|source| self.failed(source))
    }

    /// Notes which file of accounts the data folder goes with.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn note_accounts_path(&self, credentials: &Path) -> Result<(), StoreError> {
        stamp::note_path(&self.db, credentials).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Database { path: self.path.clone(), source }
    }

    /// For tests that limit or watch the database.
    #[cfg(test)]
    pub(super) const fn connection(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// How the database is open, for tests.
    #[cfg(test)]
    pub(super) const fn access(&self) -> &Access {
        &self.access
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
    fn perform_apart(&mut self, batch: &[(Ticket, StoreOp)], room: Room) -> Vec<Outcome> {
        batch.iter().map(|(ticket, op)| (*ticket, self.perform_one(op, room))).collect()
    }

    fn perform_one(&mut self, op: &StoreOp, room: Room) -> Result<Stored, StoreFault> {
        let done = match (op, room) {
            (StoreOp::Accept { message, .. }, Room::Short) => match messages::find_taken(&self.db, message) {
                Ok(Some(known)) => return Ok(known),
                Ok(None) => {
                    self.health.note(&Trouble::NoRoom, &self.path);
                    return Err(StoreFault::Unavailable);
                }
                Err(error) => Err(error),
            },
            (StoreOp::Accept { .. }, Room::Enough) => alone(&mut self.db, op),
            _ if reads_only(op) => perform(&self.db, op),
            _ => self.with_room(|db| alone(db, op)),
        };
        done.map_err(|error| {
            self.health.note(&Trouble::Sqlite(&error), &self.path);
            StoreFault::Unavailable
        })
    }

    /// Does what makes room, or needs next to none. Where the disk has none at all, what is in the log is moved to the
    /// database so that the log begins again, and then the reserve is given up part by part.
    fn with_room<T>(&mut self, work: impl Fn(&mut Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut result = work(&mut self.db);
        let mut is_first = true;
        while result.as_ref().is_err_and(whoelse_sqlite::is_full) {
            if !is_first && self.reserve.release() == Release::Nothing {
                break;
            }
            is_first = false;
            if let Err(error) = self.db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())) {
                tracing::debug!(%error, "the log cannot be moved to the database");
            }
            result = work(&mut self.db);
        }
        result
    }

    fn end_abandoned(&mut self) {
        let abandoned = self.abandoned;
        match self.with_room(|db| abandoned.end(db)) {
            Ok(()) => self.abandoned = sessions::Abandoned::default(),
            Err(error) => tracing::debug!(%error, "sessions of an earlier run are not ended yet"),
        }
    }

    /// Whether the files are still those that were opened. Where they are not, whatever is written is lost.
    fn is_in_place(&mut self) -> bool {
        let fate = self.watched.look();
        if *fate == Fate::Whole {
            return true;
        }
        if self.health.note(&Trouble::Moved(fate), &self.path) && fate.is_of(&log_of(&self.path)) {
            // The log alone is gone: the database can have what was in it.
            if let Err(error) = self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                tracing::debug!(%error, "the log cannot be moved to the database");
            }
        }
        false
    }

    /// Opens the database anew, where it was not to be had in full.
    fn reopen(&mut self) -> Result<(), StoreError> {
        // Two connections to one file, each of which believes that it is alone, must not be.
        self.db = Connection::open_in_memory().map_err(|source| self.failed(source))?;
        let Opened { db, access } = connect(&self.path, &mut self.reserve)?;
        self.db = db;
        self.access = access;
        self.watched = Watched::note(&self.path);
        Ok(())
    }
}

impl Store for SqliteStore {
    fn load(&mut self, names: &BTreeSet<UserName>) -> Result<Snapshot, StoreError> {
        let mut snapshot = people::load(&self.db, names).map_err(|source| self.failed(source))?;
        if self.tokens == Tokens::Voided {
            snapshot.accounts.values_mut().for_each(|account| account.token = None);
        }
        Ok(snapshot)
    }

    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome> {
        let writes = batch.iter().any(|(_, op)| !reads_only(op));
        if writes && !self.is_in_place() {
            return batch.iter().map(|(ticket, op)| (*ticket, read(&self.db, op))).collect();
        }
        let room = fits(batch, &self.db, &self.path, &mut self.reserve, self.keep_free);
        let together = match room {
            Room::Enough => self.perform_together(batch).ok(),
            Room::Short => None,
        };
        let is_well = together.is_some();
        let mut outcomes = together.unwrap_or_else(|| self.perform_apart(batch, room));
        for (_, op) in batch {
            self.traces.note(op);
        }
        if writes && !self.is_in_place() {
            let lost = |op: &StoreOp| !reads_only(op);
            let lost = outcomes.iter_mut().zip(batch).filter(|(_, (_, op))| lost(op));
            lost.for_each(|((_, result), _)| *result = Err(StoreFault::Unavailable));
        } else if writes && is_well {
            self.health.note_success();
        }
        outcomes
    }

    fn follow_accounts_file(&mut self, successor: Successor) {
        if let Err(error) = self.with_room(|db| stamp::follow(db, successor)) {
            tracing::warn!("the file of accounts is not noted: {error}");
        }
    }

    fn tend(&mut self) {
        self.looks = self.looks.saturating_add(1);
        if !self.access.is_lasting() && self.looks.is_multiple_of(REOPEN_AFTER) {
            match self.reopen() {
                Ok(()) if self.access.is_lasting() => tracing::warn!("{} can be written again", self.path.display()),
                Ok(()) => {}
                Err(error) => tracing::error!("{error}"),
            }
        }
        if self.access.is_lasting() && self.is_in_place() {
            if let Err(error) = space::give_back(&self.db, &self.path) {
                tracing::debug!(%error, "no space is given back");
            }
            self.traces.look(&self.db);
            self.reserve.refill();
            if self.abandoned != sessions::Abandoned::default() {
                self.end_abandoned();
            }
        }
    }
}

/// Does one operation in a transaction of its own.
fn alone(db: &mut Connection, op: &StoreOp) -> rusqlite::Result<Stored> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored = perform(&transaction, op)?;
    transaction.commit()?;
    Ok(stored)
}

/// Does an operation if it only reads.
fn read(db: &Connection, op: &StoreOp) -> Result<Stored, StoreFault> {
    let stored = if reads_only(op) { perform(db, op).ok() } else { None };
    stored.ok_or(StoreFault::Unavailable)
}

/// Whether an operation leaves everything as it is, and can be done where nothing can be written.
const fn reads_only(op: &StoreOp) -> bool {
    match op {
        StoreOp::LoadInbox { .. }
        | StoreOp::Lookup { .. }
        | StoreOp::SessionsOf { .. }
        | StoreOp::FindInvite { .. } => true,
        StoreOp::Accept { .. }
        | StoreOp::Acknowledge { .. }
        | StoreOp::MarkRead { .. }
        | StoreOp::OpenSession { .. }
        | StoreOp::CloseSession { .. }
        | StoreOp::KeepPass { .. }
        | StoreOp::KeepPassAlone { .. }
        | StoreOp::NoteMissed { .. }
        | StoreOp::RevokeToken { .. }
        | StoreOp::RevokeSecrets { .. }
        | StoreOp::Block { .. }
        | StoreOp::Unblock { .. }
        | StoreOp::ClaimInvite { .. }
        | StoreOp::ReturnInvite { .. }
        | StoreOp::BeginAccount { .. }
        | StoreOp::RecallAccount { .. }
        | StoreOp::ForgetAccount { .. }
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
        StoreOp::KeepPass { name, pass, at, instead_of } => passes::keep(db, name, *pass, *at, *instead_of),
        StoreOp::KeepPassAlone { name, device } => passes::keep_alone(db, name, *device),
        StoreOp::NoteMissed { name, missed } => passes::note_missed(db, name, *missed),
        StoreOp::RevokeToken { name } => sessions::revoke_token(db, name),
        StoreOp::RevokeSecrets { name } => passes::revoke(db, name),
        StoreOp::SessionsOf { names, from } => sessions::of(db, names, *from),
        StoreOp::Block { name, whom } => people::block(db, name, whom),
        StoreOp::Unblock { name, whom } => people::unblock(db, name, whom),
        StoreOp::FindInvite { invite, at } => invites::find(db, *invite, *at),
        StoreOp::ClaimInvite { invite, name, at } => invites::claim(db, *invite, name, *at),
        StoreOp::ReturnInvite { name } => invites::give_back(db, name),
        StoreOp::BeginAccount { name, at } => accounts::begin(db, name, *at),
        StoreOp::RecallAccount { name } => accounts::recall(db, name),
        StoreOp::ForgetAccount { name } => Ok(Stored::Forgotten { lost: accounts::forget(db, name)? }),
        StoreOp::Heartbeat { at } => sessions::heartbeat(db, *at),
        StoreOp::Forget { before } => forget(db, *before),
    }
}

fn forget(db: &Connection, before: Timestamp) -> rusqlite::Result<Stored> {
    messages::forget(db, before)?;
    sessions::forget(db, before)?;
    invites::forget(db, before)?;
    Ok(Stored::Forgotten { lost: accounts::forget_gone(db, before)? })
}
