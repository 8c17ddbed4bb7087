//! Own messages that may have come further than is known here, in pages.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use whoelse_model::{DiskResult, Unsettled};
use whoelse_proto::limits::{MAX_LOOKUP_IDS, MEMORY_DAYS};
use whoelse_proto::{MessageId, Seconds, Timestamp};

use super::rows::{count, millis, read_name};

/// Seconds for which the server remembers what became of a message.
const MEMORY: Seconds = Seconds::new(MEMORY_DAYS * 24 * 60 * 60);

/// The page of all chats behind a row: what is not delivered, and of what is not read the oldest of each chat.
pub(super) fn page(connection: &Connection, after: i64, now: Timestamp) -> rusqlite::Result<Vec<Unsettled>> {
    let mut query = connection.prepare_cached(
        "SELECT m.id, c.peer, m.row FROM messages m JOIN chats c ON c.id = m.chat \
         WHERE m.direction = 'out' AND m.accepted_at IS NOT NULL AND m.delivered_at IS NULL AND m.read_at IS NULL \
         AND m.refused IS NULL AND c.kind = 'direct' AND m.accepted_at >= ?1 AND m.row > ?2 \
         UNION ALL \
         SELECT m.id, c.peer, m.row FROM chats c JOIN messages m ON m.row = (SELECT min(o.row) FROM messages o \
         WHERE o.chat = c.id AND o.direction = 'out' AND o.accepted_at IS NOT NULL AND o.read_at IS NULL \
         AND o.delivered_at IS NOT NULL AND o.accepted_at >= ?1) \
         WHERE c.kind = 'direct' AND m.row > ?2 \
         ORDER BY 3 LIMIT ?3",
    )?;
    let values = params![millis(now.minus(MEMORY)), after, count(MAX_LOOKUP_IDS)];
    query.query_map(values, read_unsettled)?.collect()
}

/// The page of all chats behind a message.
pub(super) fn page_after(connection: &Connection, after: MessageId, now: Timestamp) -> rusqlite::Result<DiskResult> {
    let page = match place_of(connection, after)? {
        Some((row, _)) => page(connection, row, now)?,
        None => Vec::new(),
    };
    Ok(DiskResult::Unsettled(page))
}

/// What is not read of a chat behind one of its messages.
pub(super) fn unread_after(connection: &Connection, after: MessageId, now: Timestamp) -> rusqlite::Result<DiskResult> {
    let Some((row, chat)) = place_of(connection, after)? else { return Ok(DiskResult::Unsettled(Vec::new())) };
    let mut query = connection.prepare_cached(
        "SELECT m.id, c.peer FROM messages m JOIN chats c ON c.id = m.chat WHERE m.chat = ? AND m.row > ? \
         AND m.direction = 'out' AND m.accepted_at IS NOT NULL AND m.read_at IS NULL AND m.accepted_at >= ? \
         ORDER BY m.row LIMIT ?",
    )?;
    let values = params![chat, row, millis(now.minus(MEMORY)), count(MAX_LOOKUP_IDS)];
    let page = query.query_map(values, read_unsettled)?.collect::<Result<_, _>>()?;
    Ok(DiskResult::Unsettled(page))
}

/// The row and the chat of a message.
fn place_of(connection: &Connection, id: MessageId) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut query = connection.prepare_cached("SELECT row, chat FROM messages WHERE id = ?")?;
    query.query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn read_unsettled(row: &Row<'_>) -> rusqlite::Result<Unsettled> {
    Ok(Unsettled { id: MessageId::from_bytes(row.get(0)?), peer: read_name(row, 1)? })
}
