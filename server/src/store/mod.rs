//! What must survive: messages until they are acknowledged, session times, tokens, blocks.
//!
//! [`Store`] does what [`whoelse_hub::StoreOp`] asks, [`SqliteStore`] in SQLite; [`StoreThread`] feeds it from a
//! queue. Decides nothing, and knows nothing of passwords and connections.

pub(crate) mod accounts;
mod connect;
mod health;
pub(crate) mod invites;
mod messages;
mod passes;
mod people;
mod room;
mod sessions;
mod space;
mod sqlite;
mod stamp;
#[cfg(test)]
mod tests;
mod thread;
mod traces;
mod value;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use whoelse_hub::{Snapshot, StoreFault, StoreOp, Stored, Ticket};
use whoelse_proto::UserName;

use crate::accounts::Successor;

pub use accounts::{FateOfMissing, Met};
pub(crate) use connect::{attach, change, forget_accounts, known_accounts, knows_accounts_file, look, never_used};
pub use invites::Invite;
pub use sqlite::SqliteStore;
pub use stamp::Tokens;
pub(crate) use stamp::note as note_accounts_file;
pub use thread::{Job, StoreQueue, StoreThread};

/// What came of an operation, with its ticket.
pub type Outcome = (Ticket, Result<Stored, StoreFault>);

/// A place where things survive. Calls block until they are durable.
pub trait Store {
    /// What is remembered of these accounts.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn load(&mut self, names: &BTreeSet<UserName>) -> Result<Snapshot, StoreError>;

    /// Does operations in their order and makes them durable together. An operation that cannot be done takes no
    /// other with it. The results are in the order of the operations.
    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome>;

    /// The server made another file of accounts of the one it knew. A store that forgets it voids every token at the
    /// next start.
    fn follow_accounts_file(&mut self, _: Successor) {}

    /// Called about once a second, whether there is something to do or not: looks whether what it lies on has changed.
    fn tend(&mut self) {}
}

/// What SQLite says of a database, in words for people.
fn said(error: &rusqlite::Error) -> String {
    let words = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full; make room on it",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "this user may not write it; change the owner or the rights of the file and its folder"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk fails; look at the system's log",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds it; close that one and try again"
        }
        _ => return error.to_string(),
    };
    words.to_owned()
}

/// Why the store cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file of the database cannot be made or written.
    #[error("the database {} cannot be used: {}", path.display(), whoelse_plain::file(source))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is a database of another program.
    #[error("{} is not a database of whoelse-server", .0.display())]
    Foreign(PathBuf),
    /// The file of the database was emptied.
    #[error("the database {} is empty, though it was not: put a backup in its place, or remove it to begin anew", .0.display())]
    Emptied(PathBuf),
    /// There is a log, and no database that it belongs to.
    #[error(
        "{} holds what was taken last, but its database {} is missing or empty: put the database back, or move the log \
         away to begin anew",
        log.display(), path.display()
    )]
    LogAlone {
        /// The database.
        path: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// The file does not hold what it should.
    #[error("the database {} is damaged ({cause}): put a backup in its place, or move it away to begin anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The tables are of another version.
    #[error("the database {} cannot be brought to this version: {source}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<refinery::Error>,
    },
    /// The database does not answer.
    #[error("the database {} cannot be used: {}", path.display(), said(source))]
    Database {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
}
