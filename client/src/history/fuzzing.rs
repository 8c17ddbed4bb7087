//! A history whose rows hold anything (`crate::fuzzing`): the file may be damaged, or another program's.

use std::cell::RefCell;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use whoelse_model::{ChatId, Place, Recall};

use super::{chats, database, outgoing, pages, recall, settling};

/// Columns of a message that are drawn.
const COLUMNS: usize = 14;

const PUT: &str = "INSERT INTO messages (id, author, text, reply_to, at, direction, stored, accepted_at, delivered_at, \
     read_at, refused, skipped, turn, row, chat, indexed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1)";

thread_local! {
    static HISTORY: RefCell<Option<Connection>> = RefCell::new(database::in_memory());
}

/// A row is read, or is told to be damaged.
pub fn history_rows(bytes: &[u8]) {
    HISTORY.with_borrow_mut(|history| {
        let Some(connection) = history else { unreachable!("a database in memory can be made") };
        let Ok(transaction) = connection.transaction() else { unreachable!("none is under way") };
        let (peer, columns) = draw(bytes);
        // What the table itself refuses cannot be in it.
        let put = transaction
            .prepare_cached("INSERT INTO chats (id, kind, peer, draft) VALUES (1, ?, ?, ?)")
            .and_then(|mut put| put.execute(params_from_iter(peer)))
            .and_then(|_| transaction.prepare_cached(PUT)?.execute(params_from_iter(columns)));
        if put.is_ok() {
            read(&transaction);
        }
    });
}

/// Reads everything in every way.
fn read(connection: &Connection) {
    let now = crate::now();
    let summaries = chats::summaries(connection);
    let chat = summaries.ok().and_then(|chats| chats.first().map(|summary| summary.chat.clone()));
    let page = pages::page(connection, &chat.unwrap_or(ChatId::Everyone), Place::End, 10);
    if let Ok(page) = page {
        assert!(page.messages.len() <= 1);
    }
    let latest = recall::messages(connection, &Recall::Latest { with: None, before: None }, 10);
    let found = recall::messages(connection, &Recall::Search { words: "a".to_owned() }, 10);
    if let (Ok(latest), Ok(found)) = (latest, found) {
        assert!(found.len() <= latest.len(), "what is found can be read");
        let ids = latest.iter().map(|message| message.message.id);
        ids.for_each(|id| drop(settling::unread_after(connection, id, now)));
    }
    // Each may find the row damaged.
    let _ = outgoing::load_open(connection, now);
    let _ = settling::page(connection, 0, now);
}

/// The columns of a chat and of its one message, out of bytes: a kind, a length and so many bytes for each.
fn draw(bytes: &[u8]) -> (Vec<Value>, Vec<Value>) {
    let mut rest = bytes;
    let chat = (0..3).map(|_| value(&mut rest)).collect();
    (chat, (0..COLUMNS).map(|_| value(&mut rest)).collect())
}

fn value(rest: &mut &[u8]) -> Value {
    let Some(([kind, length], behind)) = rest.split_first_chunk::<2>() else { return Value::Null };
    let (bytes, behind) = behind.split_at(usize::from(*length).min(behind.len()));
    *rest = behind;
    match kind % 4 {
        0 => Value::Null,
        1 => Value::Integer(bytes.iter().fold(0, |number: i64, byte| number << 8 | i64::from(*byte))),
        2 => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        _ => Value::Blob(bytes.to_vec()),
    }
}
