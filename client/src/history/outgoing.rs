//! Own messages: the outbox, and how far each has come.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};
use whoelse_model::command::refusal_code;
use whoelse_model::{ChatId, DiskResult, Message, NewMessage, OUTBOX_WINDOW, Outgoing, Retention, RowId};
use whoelse_proto::{MessageId, MessageState, Refusal, Timestamp, UserName};

use super::rows::{
    LOST, MESSAGE_COLUMNS, MESSAGES_WITH_CHATS, count, find_chat, insert_message, millis, read_chat, read_message,
    read_outgoing,
};
use super::{incoming, settling};

/// What a step needs to know.
pub(super) struct Step<'a> {
    pub(super) ids: &'a [MessageId],
    pub(super) peer: Option<&'a UserName>,
    pub(super) state: MessageState,
    pub(super) at: Timestamp,
    pub(super) skipped: bool,
}

/// A message with its steps.
type Stepped = (ChatId, MessageId, Outgoing);

/// Puts a message written here into history and outbox.
pub(super) fn put(connection: &Connection, message: &NewMessage, retention: Retention) -> rusqlite::Result<DiskResult> {
    if is_there(connection, message.id)? {
        return Ok(DiskResult::Duplicate);
    }
    let row = insert_message(connection, message, retention)?;
    Ok(DiskResult::Put(Message { row, message: message.clone() }))
}

/// Whether the history holds a message of this id.
pub(super) fn is_there(connection: &Connection, id: MessageId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?)")?
        .query_row([id.as_bytes()], |row| row.get(0))
}

/// Notes that messages came to a state; answers with those that were not there yet.
pub(super) fn step(connection: &Connection, step: &Step<'_>, retention: Retention) -> rusqlite::Result<DiskResult> {
    let mut stepped = Vec::new();
    for id in step.ids {
        stepped.extend(step_one(connection, *id, step)?);
    }
    if step.state == MessageState::Read {
        stepped.extend(step_earlier(connection, step)?);
    }
    if retention == Retention::OutboxOnly {
        for (_, id, _) in &stepped {
            remove_row(connection, *id)?;
        }
    }
    Ok(DiskResult::Stepped(stepped))
}

/// Sets the times of a step and of those before it, where they have none.
const SET_STEP: &str = "accepted_at = coalesce(accepted_at, ?1), \
     delivered_at = CASE WHEN ?2 >= 1 THEN coalesce(delivered_at, ?1) ELSE delivered_at END, \
     read_at = CASE WHEN ?2 >= 2 THEN coalesce(read_at, ?1) ELSE read_at END, refused = NULL";

/// Where a message has not come to the step.
const NOT_THERE: &str = "direction = 'out' AND CASE ?2 WHEN 0 THEN accepted_at WHEN 1 THEN delivered_at \
     ELSE read_at END IS NULL";

/// What a changed message is answered with.
const RETURN_STEPPED: &str = "RETURNING id, (SELECT kind FROM chats WHERE chats.id = chat), \
     (SELECT peer FROM chats WHERE chats.id = chat), accepted_at, delivered_at, read_at, refused, skipped";

/// A state's place among the steps.
const fn rank(state: MessageState) -> u8 {
    match state {
        MessageState::Accepted => 0,
        MessageState::Delivered => 1,
        MessageState::Read => 2,
    }
}

/// Takes one message to the state.
fn step_one(connection: &Connection, id: MessageId, step: &Step<'_>) -> rusqlite::Result<Option<Stepped>> {
    let mut update = connection.prepare_cached(&format!(
        "UPDATE messages SET {SET_STEP}, skipped = skipped OR ?3 WHERE id = ?4 AND {NOT_THERE} {RETURN_STEPPED}"
    ))?;
    let values = params![millis(step.at), rank(step.state), step.skipped, id.as_bytes()];
    update.query_row(values, read_stepped).optional()
}

/// Who has read a message has read those before it.
fn step_earlier(connection: &Connection, step: &Step<'_>) -> rusqlite::Result<Vec<Stepped>> {
    let Some(peer) = step.peer else { return Ok(Vec::new()) };
    let Some(chat) = find_chat(connection, &ChatId::Direct(peer.clone()))? else { return Ok(Vec::new()) };
    let Some(last) = last_row_of(connection, step.ids)? else { return Ok(Vec::new()) };
    let mut update = connection.prepare_cached(&format!(
        "UPDATE messages SET {SET_STEP} WHERE chat = ?3 AND row < ?4 AND accepted_at IS NOT NULL AND {NOT_THERE} \
         {RETURN_STEPPED}"
    ))?;
    update.query_map(params![millis(step.at), rank(step.state), chat, last], read_stepped)?.collect()
}

/// The last row among own messages.
fn last_row_of(connection: &Connection, ids: &[MessageId]) -> rusqlite::Result<Option<i64>> {
    let places = vec!["?"; ids.len()].join(",");
    let sql = format!("SELECT max(row) FROM messages WHERE direction = 'out' AND id IN ({places})");
    let values = ids.iter().map(|id| Value::Blob(id.as_bytes().to_vec()));
    connection.query_row(&sql, params_from_iter(values), |row| row.get(0))
}

/// Notes that a message was refused.
pub(super) fn refuse(
    connection: &Connection,
    id: MessageId,
    refusal: Refusal,
    retention: Retention,
) -> rusqlite::Result<DiskResult> {
    let mut update = connection.prepare_cached(&format!(
        "UPDATE messages SET refused = ?1 WHERE id = ?2 AND direction = 'out' AND accepted_at IS NULL \
         AND refused IS NULL {RETURN_STEPPED}"
    ))?;
    let stepped = update.query_row(params![refusal_code(refusal), id.as_bytes()], read_stepped).optional()?;
    if retention == Retention::OutboxOnly && stepped.is_some() {
        remove_row(connection, id)?;
    }
    Ok(DiskResult::Stepped(stepped.into_iter().collect()))
}

/// Notes that messages went with the account that they waited for. One that is not kept is not told of.
pub(super) fn lose(connection: &Connection, ids: &[MessageId]) -> rusqlite::Result<DiskResult> {
    let mut update = connection.prepare_cached(&format!(
        "UPDATE messages SET refused = '{LOST}' WHERE id = ?1 AND direction = 'out' AND accepted_at IS NOT NULL \
         AND delivered_at IS NULL AND refused IS NULL {RETURN_STEPPED}"
    ))?;
    let mut stepped = Vec::new();
    for id in ids {
        stepped.extend(update.query_row([id.as_bytes()], read_stepped).optional()?);
    }
    Ok(DiskResult::Stepped(stepped))
}

/// Puts a refused message back into the outbox, behind those that wait there.
pub(super) fn restore(connection: &Connection, id: MessageId) -> rusqlite::Result<DiskResult> {
    // The next row's number, which no row gets then.
    let mut next =
        connection.prepare_cached("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'messages' RETURNING seq")?;
    let turn: Option<i64> = next.query_row([], |row| row.get(0)).optional()?;
    let mut update = connection.prepare_cached(
        "UPDATE messages SET refused = NULL, turn = ? WHERE id = ? AND direction = 'out' AND refused NOTNULL \
         AND accepted_at IS NULL",
    )?;
    if update.execute(params![turn, id.as_bytes()])? == 0 {
        return Ok(DiskResult::Restored(None));
    }
    let sql = format!("SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.id = ?");
    let message = connection.prepare_cached(&sql)?.query_row([id.as_bytes()], read_message)?;
    Ok(DiskResult::Restored(Some(message)))
}

/// Takes out a message that the server does not have, or has no more.
pub(super) fn remove(connection: &Connection, id: MessageId) -> rusqlite::Result<DiskResult> {
    let mut find = connection.prepare_cached(&format!(
        "SELECT c.kind, c.peer FROM messages m JOIN chats c ON c.id = m.chat \
         WHERE m.id = ? AND m.direction = 'out' AND (m.accepted_at IS NULL OR m.refused = '{LOST}')"
    ))?;
    let chat = find.query_row([id.as_bytes()], |row| read_chat(row, 0)).optional()?;
    if chat.is_some() {
        remove_row(connection, id)?;
    }
    Ok(DiskResult::Removed(chat.map(|chat| (chat, id))))
}

/// Reads what is open: the oldest of the outbox, the first page of what may have come further, what was not shown.
pub(super) fn load_open(connection: &Connection, now: Timestamp) -> rusqlite::Result<DiskResult> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} \
         WHERE m.direction = 'out' AND m.accepted_at IS NULL AND m.refused IS NULL AND c.kind <> 'private' \
         ORDER BY coalesce(m.turn, m.row) LIMIT ?"
    );
    let outbox =
        connection.prepare_cached(&sql)?.query_map([count(OUTBOX_WINDOW)], read_message)?.collect::<Result<_, _>>()?;
    let (unread, unshown) = (settling::page(connection, 0, now)?, incoming::unshown(connection)?);
    Ok(DiskResult::Open { outbox, unread, unshown })
}

/// Deletes a message.
fn remove_row(connection: &Connection, id: MessageId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM messages WHERE id = ?")?.execute([id.as_bytes()]).map(drop)
}

/// Reads [`RETURN_STEPPED`].
fn read_stepped(row: &Row<'_>) -> rusqlite::Result<Stepped> {
    Ok((read_chat(row, 1)?, MessageId::from_bytes(row.get(0)?), read_outgoing(row, 3)?))
}

/// The last message of the peer at or before a row.
pub(super) fn last_arrived(
    connection: &Connection,
    chat: i64,
    row: RowId,
) -> rusqlite::Result<Option<(i64, MessageId)>> {
    let mut query = connection.prepare_cached(
        "SELECT row, id FROM messages WHERE chat = ? AND direction = 'in' AND row <= ? ORDER BY row DESC LIMIT 1",
    )?;
    let values = (chat, super::rows::row_number(row));
    query.query_row(values, |row| Ok((row.get(0)?, MessageId::from_bytes(row.get(1)?)))).optional()
}
