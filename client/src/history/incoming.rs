//! Messages that arrive, each kept once.

use rusqlite::Connection;
use whoelse_model::{DiskResult, Message, NewMessage, Retention};

use super::outgoing::is_there;
use super::rows::insert_message;

/// Puts an arrived message in, unless it is, or was, there.
pub(super) fn put(connection: &Connection, message: &NewMessage, retention: Retention) -> rusqlite::Result<DiskResult> {
    let id = message.id.as_bytes();
    let mut forgotten = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM forgotten WHERE id = ?)")?;
    if is_there(connection, message.id)? || forgotten.query_row([id], |row| row.get(0))? {
        return Ok(DiskResult::Duplicate);
    }
    let row = insert_message(connection, message, retention)?;
    if retention == Retention::OutboxOnly {
        // The row has its number, which is never given again; the words do not stay.
        connection.prepare_cached("INSERT INTO forgotten (id) VALUES (?)")?.execute([id])?;
        connection.prepare_cached("DELETE FROM messages WHERE id = ?")?.execute([id])?;
    }
    Ok(DiskResult::Put(Message { row, message: message.clone() }))
}
