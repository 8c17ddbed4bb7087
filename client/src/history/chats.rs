//! The list of chats: drafts, mutes, read markers, and what is cleared.

use rusqlite::{Connection, Row, params};
use whoelse_model::{ChatId, ChatSummary, Message, Mute, Retention, RowId};
use whoelse_proto::Timestamp;

use super::job::Done;
use super::outgoing::last_arrived;
use super::rows::{
    MESSAGE_COLUMNS, MESSAGES_WITH_CHATS, chat_number, find_chat, millis, read_chat, read_message, read_row, row_number,
};

/// A chat without its newest message.
struct Head {
    number: i64,
    summary: ChatSummary,
}

/// All chats, the one with the newest message first.
pub(super) fn summaries(connection: &Connection) -> rusqlite::Result<Vec<ChatSummary>> {
    let mut query = connection.prepare_cached(
        "SELECT id, kind, peer, draft, muted, read_to, (SELECT count(*) FROM messages m \
         WHERE m.chat = chats.id AND m.direction = 'in' AND m.row > chats.read_to) FROM chats",
    )?;
    let heads: Vec<Head> = query.query_map([], read_head)?.collect::<Result<_, _>>()?;
    let mut summaries = Vec::with_capacity(heads.len());
    for Head { number, summary } in heads {
        summaries.push(ChatSummary { last: newest(connection, number)?, ..summary });
    }
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.last.as_ref().map(|message| message.row)));
    Ok(summaries)
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<Head> {
    let summary = ChatSummary {
        chat: read_chat(row, 1)?,
        last: None,
        unread: row.get(6)?,
        read_to: read_row(row.get(5)?),
        draft: row.get(3)?,
        mute: read_mute(row.get(4)?),
    };
    Ok(Head { number: row.get(0)?, summary })
}

/// The newest message of a chat.
fn newest(connection: &Connection, chat: i64) -> rusqlite::Result<Option<Message>> {
    let sql =
        format!("SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.chat = ? ORDER BY m.row DESC LIMIT 1");
    connection.prepare_cached(&sql)?.query_map([chat], read_message)?.next().transpose()
}

/// Moves a read marker, never back. Of a direct chat, answers with the last message seen.
pub(super) fn mark_read(connection: &Connection, chat: &ChatId, row: RowId) -> rusqlite::Result<Done> {
    let number = chat_number(connection, chat)?;
    let mut find = connection.prepare_cached("SELECT read_to FROM chats WHERE id = ?")?;
    let before: i64 = find.query_row([number], |row| row.get(0))?;
    if row_number(row) <= before {
        return Ok(Done::Nothing);
    }
    let mut update = connection.prepare_cached("UPDATE chats SET read_to = ? WHERE id = ?")?;
    update.execute(params![row_number(row), number])?;
    match (chat, last_arrived(connection, number, row)?) {
        (ChatId::Direct(peer), Some((last, up_to))) if last > before => Ok(Done::Seen { peer: peer.clone(), up_to }),
        (ChatId::Everyone | ChatId::Direct(_) | ChatId::Private(_), _) => Ok(Done::Nothing),
    }
}

/// Keeps what is being written.
pub(super) fn keep_draft(connection: &Connection, chat: &ChatId, draft: &str) -> rusqlite::Result<Done> {
    let number = chat_number(connection, chat)?;
    connection.prepare_cached("UPDATE chats SET draft = ? WHERE id = ?")?.execute(params![draft, number])?;
    Ok(Done::Nothing)
}

/// Sets until when a chat does not notify.
pub(super) fn mute(connection: &Connection, chat: &ChatId, mute: Mute) -> rusqlite::Result<Done> {
    let number = chat_number(connection, chat)?;
    let mut update = connection.prepare_cached("UPDATE chats SET muted = ? WHERE id = ?")?;
    update.execute(params![mute_value(mute), number])?;
    Ok(Done::Nothing)
}

/// In the column `muted`: a chat that notifies.
const AUDIBLE: i64 = 0;

/// In the column `muted`: a chat that does not notify. A larger value is the millisecond at which it does again.
const MUTED: i64 = 1;

/// What the column `muted` holds.
fn mute_value(mute: Mute) -> i64 {
    match mute {
        Mute::No => AUDIBLE,
        Mute::Until(end) => millis(end).max(MUTED + 1),
        Mute::Always => MUTED,
    }
}

fn read_mute(value: i64) -> Mute {
    match u64::try_from(value) {
        Ok(0) => Mute::No,
        Ok(millis) if value > MUTED => Mute::Until(Timestamp::from_millis(millis)),
        Ok(_) | Err(_) => Mute::Always,
    }
}

/// What may be cleared: everything but the outbox.
const CLEARABLE: &str = "NOT (direction = 'out' AND accepted_at IS NULL AND refused IS NULL)";

/// Forgets the messages of one chat, or all; remembers the ids of those that arrived.
pub(super) fn clear(connection: &Connection, chat: Option<&ChatId>) -> rusqlite::Result<Done> {
    let number = match chat {
        None => None,
        Some(chat) => match find_chat(connection, chat)? {
            Some(number) => Some(number),
            None => return cleared(connection, Some(chat)),
        },
    };
    let of_chat = "(?1 IS NULL OR chat = ?1)";
    // Of many messages the words leave the indexes together: one after the other would take minutes.
    connection.execute_batch(
        "INSERT INTO words (words, rank) VALUES ('secure-delete', 0);
         INSERT INTO trigrams (trigrams, rank) VALUES ('secure-delete', 0);",
    )?;
    connection.execute(
        &format!("INSERT OR IGNORE INTO forgotten (id) SELECT id FROM messages WHERE direction = 'in' AND {of_chat}"),
        [number],
    )?;
    connection.execute(&format!("DELETE FROM messages WHERE {CLEARABLE} AND {of_chat}"), [number])?;
    // Only now do the words leave the indexes.
    connection.execute_batch(
        "INSERT INTO words (words) VALUES ('optimize'); INSERT INTO trigrams (trigrams) VALUES ('optimize');
         INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
         INSERT INTO trigrams (trigrams, rank) VALUES ('secure-delete', 1);",
    )?;
    cleared(connection, chat)
}

fn cleared(connection: &Connection, chat: Option<&ChatId>) -> rusqlite::Result<Done> {
    Ok(Done::Cleared { chat: chat.cloned(), chats: summaries(connection)? })
}

/// Sets whether messages are kept from here on.
pub(super) fn retain(connection: &Connection, retention: Retention) -> rusqlite::Result<Done> {
    let value = match retention {
        Retention::Keep => "keep",
        Retention::OutboxOnly => "outbox-only",
    };
    let sql = "INSERT INTO settings (name, value) VALUES ('retention', ?1) ON CONFLICT DO UPDATE SET value = ?1";
    connection.execute(sql, [value])?;
    Ok(Done::Nothing)
}
