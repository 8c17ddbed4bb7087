//! Messages read back for a command line or a program.

use rusqlite::{Connection, OptionalExtension as _, params};
use whoelse_model::{ChatId, Message, Recall, SearchFor};
use whoelse_proto::{MessageId, UserName};

use super::rows::{MESSAGE_COLUMNS, MESSAGES_WITH_CHATS, count, read_chat, read_message};
use super::search;

/// The messages that are asked for.
pub(super) fn messages(connection: &Connection, what: &Recall, limit: usize) -> rusqlite::Result<Vec<Message>> {
    match what {
        Recall::Latest { with, before } => latest(connection, with.as_ref(), *before, limit),
        Recall::Search { words } => search::search(connection, &SearchFor::words(words, None), limit),
    }
}

/// The newest messages, oldest first; with a user those through the server and private ones.
fn latest(
    connection: &Connection,
    with: Option<&UserName>,
    before: Option<MessageId>,
    limit: usize,
) -> rusqlite::Result<Vec<Message>> {
    let end = match before {
        None => Some(i64::MAX),
        Some(id) => connection
            .prepare_cached("SELECT row FROM messages WHERE id = ?")?
            .query_row([id.as_bytes()], |row| row.get(0))
            .optional()?,
    };
    let Some(end) = end else { return Ok(Vec::new()) };
    let of_user = if with.is_some() {
        "m.chat IN (SELECT id FROM chats WHERE peer = ?3 AND kind <> 'everyone')"
    } else {
        "?3 IS NULL"
    };
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.row < ?1 AND {of_user} ORDER BY m.row DESC LIMIT ?2"
    );
    let values = params![end, count(limit), with.map(UserName::as_str)];
    let mut messages: Vec<Message> =
        connection.prepare_cached(&sql)?.query_map(values, read_message)?.collect::<Result<_, _>>()?;
    messages.reverse();
    Ok(messages)
}

/// Where a message was written.
pub(super) fn chat_of(connection: &Connection, id: MessageId) -> rusqlite::Result<Option<ChatId>> {
    let sql = "SELECT c.kind, c.peer FROM messages m JOIN chats c ON c.id = m.chat WHERE m.id = ?";
    connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| read_chat(row, 0)).optional()
}
