//! Messages that arrive, each kept once, and whether whoever reads has them.

use rusqlite::{Connection, OptionalExtension as _};
use whoelse_model::{Delivery, DiskResult, Message, NewMessage, OUTBOX_WINDOW, Retention};
use whoelse_proto::MessageId;

use super::rows::{MESSAGE_COLUMNS, MESSAGES_WITH_CHATS, count, insert_message, read_message};

/// Puts an arrived message in, unless it is, or was, there.
pub(super) fn put(
    connection: &Connection,
    message: &NewMessage,
    delivery: Delivery,
    retention: Retention,
) -> rusqlite::Result<DiskResult> {
    if let Some(there) = find(connection, message.id)? {
        return Ok(match (there, delivery) {
            (There::Unshown(message), Delivery::WhenShown) => DiskResult::Unshown(message),
            (There::Unshown(message), Delivery::OnDisk) => {
                mark(connection, message.message.id, retention)?;
                DiskResult::Duplicate
            }
            (There::Shown, _) => DiskResult::Duplicate,
        });
    }
    let row = insert_message(connection, message, retention)?;
    match (delivery, retention) {
        (Delivery::WhenShown, _) => {
            let unshown = "UPDATE messages SET shown = 0 WHERE row = ?";
            connection.prepare_cached(unshown)?.execute([super::rows::row_number(row)])?;
        }
        (Delivery::OnDisk, Retention::OutboxOnly) => forget(connection, message.id)?,
        (Delivery::OnDisk, Retention::Keep) => {}
    }
    Ok(DiskResult::Put(Message { row, message: message.clone() }))
}

/// Notes that messages were shown.
pub(super) fn mark_shown(
    connection: &Connection,
    ids: &[MessageId],
    retention: Retention,
) -> rusqlite::Result<DiskResult> {
    for id in ids {
        mark(connection, *id, retention)?;
    }
    Ok(DiskResult::Shown(ids.to_vec()))
}

/// The oldest messages that were not shown.
pub(super) fn unshown(connection: &Connection) -> rusqlite::Result<Vec<Message>> {
    let sql = format!("SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.shown = 0 ORDER BY m.row LIMIT ?");
    connection.prepare_cached(&sql)?.query_map([count(OUTBOX_WINDOW)], read_message)?.collect()
}

/// A message that is, or was, there.
enum There {
    Unshown(Message),
    Shown,
}

fn find(connection: &Connection, id: MessageId) -> rusqlite::Result<Option<There>> {
    let mut shown = connection.prepare_cached("SELECT shown FROM messages WHERE id = ?")?;
    match shown.query_row([id.as_bytes()], |row| row.get(0)).optional()? {
        Some(true) => Ok(Some(There::Shown)),
        Some(false) => {
            let sql = format!("SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.id = ?");
            connection.prepare_cached(&sql)?.query_row([id.as_bytes()], read_message).map(|m| Some(There::Unshown(m)))
        }
        None => {
            let mut forgotten = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM forgotten WHERE id = ?)")?;
            let is_forgotten: bool = forgotten.query_row([id.as_bytes()], |row| row.get(0))?;
            Ok(is_forgotten.then_some(There::Shown))
        }
    }
}

fn mark(connection: &Connection, id: MessageId, retention: Retention) -> rusqlite::Result<()> {
    let marked = connection
        .prepare_cached("UPDATE messages SET shown = 1 WHERE id = ? AND shown = 0")?
        .execute([id.as_bytes()])?;
    if marked > 0 && retention == Retention::OutboxOnly { forget(connection, id) } else { Ok(()) }
}

/// The row has its number, which is never given again; the words do not stay.
fn forget(connection: &Connection, id: MessageId) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT OR IGNORE INTO forgotten (id) VALUES (?)")?.execute([id.as_bytes()])?;
    connection.prepare_cached("DELETE FROM messages WHERE id = ?")?.execute([id.as_bytes()]).map(drop)
}
