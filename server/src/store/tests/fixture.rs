//! Short words for the tests of the store.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use whoelse_hub::{Message, Snapshot, StoreFault, StoreOp, Stored, Ticket, TokenHash};
use whoelse_proto::{Content, MessageId, Seq, Target, Text, Timestamp, UserName};

use super::super::{SqliteStore, Store};

/// Where a store lies; opened again, it has what it had.
pub(super) trait Place {
    fn open(&self) -> Box<dyn Store>;
}

/// A folder with a database, gone at the end of the test.
pub(super) struct SqlitePlace {
    folder: tempfile::TempDir,
}

impl SqlitePlace {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("whoelse.sqlite")
    }

    pub(super) fn open_sqlite(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    /// A look at the tables beside the store.
    pub(super) fn look<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.look_at(sql, 0)
    }

    /// The same at another column.
    pub(super) fn look_at<T: rusqlite::types::FromSql>(&self, sql: &str, column: usize) -> T {
        rusqlite::Connection::open(self.path()).unwrap().query_row(sql, [], |row| row.get(column)).unwrap()
    }
}

impl Place for SqlitePlace {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.open_sqlite())
    }
}

pub(super) fn name(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

pub(super) fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

pub(super) fn token(n: u8) -> TokenHash {
    TokenHash::from_bytes([n; 32])
}

pub(super) fn words(text: &str) -> Content {
    Content::Text { text: Text::new(text).unwrap(), reply_to: None }
}

/// Message `n` from one user to another, taken at second `n`.
pub(super) fn message(n: u8, from: &str, to: &str) -> Message {
    let to = Target::User(name(to));
    Message { id: id(n), from: name(from), to, content: words(&format!("message {n}")), at: at(n.into()) }
}

pub(super) fn broadcast(n: u8, from: &str) -> Message {
    Message { to: Target::Everyone {}, ..message(n, from, "nobody") }
}

pub(super) fn accept(message: &Message, recipients: &[&str]) -> StoreOp {
    StoreOp::Accept { message: Arc::new(message.clone()), recipients: recipients.iter().map(|raw| name(raw)).collect() }
}

/// Takes message `n` into the inbox of its recipient.
pub(super) fn direct(n: u8, from: &str, to: &str) -> StoreOp {
    accept(&message(n, from, to), &[to])
}

pub(super) fn acknowledge(of: &str, up_to: Seq) -> StoreOp {
    StoreOp::Acknowledge { name: name(of), up_to }
}

pub(super) fn lookup(of: &str, ids: &[MessageId]) -> StoreOp {
    StoreOp::Lookup { sender: name(of), ids: ids.to_vec(), hidden: BTreeSet::new() }
}

/// Does one operation.
pub(super) fn perform(store: &mut dyn Store, op: StoreOp) -> Result<Stored, StoreFault> {
    let mut outcomes = store.perform(&[(Ticket::new(7), op)]);
    assert_eq!(outcomes.len(), 1);
    let (ticket, result) = outcomes.remove(0);
    assert_eq!(ticket, Ticket::new(7));
    result
}

/// Does operations together, with tickets from 1 on.
pub(super) fn perform_all(store: &mut dyn Store, ops: Vec<StoreOp>) -> Vec<Result<Stored, StoreFault>> {
    let batch: Vec<_> = ops.into_iter().zip(1..).map(|(op, n)| (Ticket::new(n), op)).collect();
    let outcomes = store.perform(&batch);
    let tickets: Vec<_> = outcomes.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!(tickets, batch.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>());
    outcomes.into_iter().map(|(_, result)| result).collect()
}

/// The place of a message that is taken.
pub(super) fn taken(store: &mut dyn Store, op: StoreOp) -> Seq {
    match perform(store, op) {
        Ok(Stored::Accepted { seq }) => seq,
        other => panic!("{other:?}"),
    }
}

/// The whole inbox.
pub(super) fn inbox(store: &mut dyn Store, of: &str) -> Vec<(Seq, Message)> {
    let op = StoreOp::LoadInbox { name: name(of), after: Seq::new(0), limit: 10_000 };
    match perform(store, op) {
        Ok(Stored::Page { messages, more: false, .. }) => messages,
        other => panic!("{other:?}"),
    }
}

pub(super) fn load(store: &mut dyn Store, names: &[&str]) -> Snapshot {
    store.load(&names.iter().map(|raw| name(raw)).collect::<BTreeSet<_>>()).unwrap()
}
