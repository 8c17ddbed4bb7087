//! Messages of private sessions: each has its row among all others, and stays on disk only where the user wants that.

use rusqlite::Connection;
use whoelse_model::{Direction, Message, NewMessage, Outgoing, Retention, RowId};
use whoelse_proto::{MessageId, Refusal, Timestamp};

use super::job::Done;
use super::rows::{insert_message, millis};

/// Gives a message its row.
pub(super) fn put(connection: &Connection, message: &NewMessage, retention: Retention) -> rusqlite::Result<Done> {
    let row = match retention {
        Retention::Keep => insert_message(connection, &as_kept(message), retention)?,
        Retention::OutboxOnly => next_row(connection)?,
    };
    Ok(Done::Private { id: message.id, result: Ok(Message { row, message: message.clone() }) })
}

/// An own message counts as not sent until it is confirmed: nothing sends it later.
fn as_kept(message: &NewMessage) -> NewMessage {
    let direction = match &message.direction {
        Direction::Outgoing(_) => {
            Direction::Outgoing(Outgoing { refused: Some(Refusal::NoSession), ..Outgoing::default() })
        }
        incoming @ Direction::Incoming { .. } => incoming.clone(),
    };
    NewMessage { direction, ..message.clone() }
}

/// The number of a row that nothing is written into: not a word touches the disk.
fn next_row(connection: &Connection) -> rusqlite::Result<RowId> {
    let next = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'messages' RETURNING seq";
    let mut next = connection.prepare_cached(next)?;
    let mut rows = next.query([])?;
    let row: Option<i64> = match rows.next()? {
        Some(row) => Some(row.get(0)?),
        None => None,
    };
    drop(rows);
    if row.is_none() {
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', 1)", [])?;
    }
    Ok(RowId::new(row.unwrap_or(1).unsigned_abs()))
}

/// A private message came through.
pub(super) fn delivered(connection: &Connection, id: MessageId, now: Timestamp) -> rusqlite::Result<Done> {
    let step = "UPDATE messages SET accepted_at = ?2, delivered_at = ?2, refused = NULL WHERE id = ?1";
    connection.prepare_cached(step)?.execute((id.as_bytes(), millis(now)))?;
    Ok(Done::Nothing)
}
