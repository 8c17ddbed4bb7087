//! Messages and chats as rows, and back.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use whoelse_model::command::refusal_code;
use whoelse_model::{ChatId, Direction, Message, NewMessage, Outgoing, Retention, RowId};
use whoelse_proto::{MessageId, Refusal, Text, Timestamp, UserName};

use super::folding;

/// The columns that [`read_message`] reads, of messages `m` with their chats `c`.
pub(super) const MESSAGE_COLUMNS: &str = "m.row, m.id, c.kind, c.peer, m.author, m.text, m.reply_to, m.at, \
     m.direction, m.stored, m.accepted_at, m.delivered_at, m.read_at, m.refused, m.skipped";

/// In the column of refusals: the account that the message waited for was removed. An earlier version of this program
/// reads a message that was refused.
pub(super) const LOST: &str = "lost";

/// A message with its chat, for queries.
pub(super) const MESSAGES_WITH_CHATS: &str = "messages m JOIN chats c ON c.id = m.chat";

/// The whole number in which SQLite keeps a row.
pub(super) fn row_number(row: RowId) -> i64 {
    i64::try_from(row.get()).unwrap_or(i64::MAX)
}

/// The whole number in which SQLite keeps a moment.
pub(super) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.millis()).unwrap_or(i64::MAX)
}

/// A limit as SQLite takes it.
pub(super) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A chat's kind and peer.
pub(super) fn chat_key(chat: &ChatId) -> (&'static str, &str) {
    match chat {
        ChatId::Everyone => ("everyone", ""),
        ChatId::Direct(peer) => ("direct", peer.as_str()),
        ChatId::Private(peer) => ("private", peer.as_str()),
    }
}

/// The number of a chat, if it has a row.
pub(super) fn find_chat(connection: &Connection, chat: &ChatId) -> rusqlite::Result<Option<i64>> {
    let mut query = connection.prepare_cached("SELECT id FROM chats WHERE kind = ? AND peer = ?")?;
    query.query_row(chat_key(chat), |row| row.get(0)).optional()
}

/// The number of a chat, which gets a row if it has none.
pub(super) fn chat_number(connection: &Connection, chat: &ChatId) -> rusqlite::Result<i64> {
    if let Some(number) = find_chat(connection, chat)? {
        return Ok(number);
    }
    let mut insert = connection.prepare_cached("INSERT INTO chats (kind, peer) VALUES (?, ?)")?;
    insert.insert(chat_key(chat))
}

/// Puts a message in as the newest. One that is not to stay is not searched for either: the indexes give words back
/// only in their own time.
pub(super) fn insert_message(
    connection: &Connection,
    message: &NewMessage,
    retention: Retention,
) -> rusqlite::Result<RowId> {
    let chat = chat_number(connection, &message.chat)?;
    let (direction, stored, outgoing) = match &message.direction {
        Direction::Incoming { stored } => ("in", *stored, Outgoing::default()),
        Direction::Outgoing(outgoing) => ("out", false, outgoing.clone()),
    };
    let mut insert = connection.prepare_cached(
        "INSERT INTO messages (id, chat, author, text, reply_to, at, direction, stored, accepted_at, delivered_at, \
         read_at, refused, skipped, indexed, folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let row = insert.insert(params![
        message.id.as_bytes(),
        chat,
        message.author.as_str(),
        message.text.as_str(),
        message.reply_to.map(|id| *id.as_bytes()),
        millis(message.at),
        direction,
        stored,
        outgoing.accepted_at.map(millis),
        outgoing.delivered_at.map(millis),
        outgoing.read_at.map(millis),
        outgoing.refused.map(refusal_code).or(outgoing.lost.then_some(LOST)),
        outgoing.skipped,
        retention == Retention::Keep,
        folding::beside(message.text.as_str()),
    ])?;
    Ok(RowId::new(row.cast_unsigned()))
}

/// Reads [`MESSAGE_COLUMNS`].
pub(super) fn read_message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let text = row.get_ref(5)?.as_str()?;
    let text = Text::taken(text).map_err(|e| damaged(5, e))?;
    let direction = match row.get_ref(8)?.as_str()? {
        "in" => Direction::Incoming { stored: row.get(9)? },
        _ => Direction::Outgoing(read_outgoing(row, 10)?),
    };
    let message = NewMessage {
        id: MessageId::from_bytes(row.get(1)?),
        chat: read_chat(row, 2)?,
        author: read_name(row, 4)?,
        text,
        reply_to: row.get::<_, Option<[u8; 16]>>(6)?.map(MessageId::from_bytes),
        at: read_time(row.get(7)?),
        direction,
    };
    Ok(Message { row: read_row(row.get(0)?), message })
}

/// Reads `accepted_at, delivered_at, read_at, refused, skipped` from column `first` on.
pub(super) fn read_outgoing(row: &Row<'_>, first: usize) -> rusqlite::Result<Outgoing> {
    let refused: Option<String> = row.get(first + 3)?;
    let lost = refused.as_deref() == Some(LOST);
    let time = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(first + at)?.map(read_time));
    Ok(Outgoing {
        accepted_at: time(0)?,
        delivered_at: time(1)?,
        read_at: time(2)?,
        refused: refused.filter(|_| !lost).map(|code| read_refusal(&code)),
        lost,
        skipped: row.get(first + 4)?,
    })
}

/// Reads `kind, peer` from column `first` on.
pub(super) fn read_chat(row: &Row<'_>, first: usize) -> rusqlite::Result<ChatId> {
    match row.get_ref(first)?.as_str()? {
        "everyone" => Ok(ChatId::Everyone),
        "direct" => Ok(ChatId::Direct(read_name(row, first + 1)?)),
        _ => Ok(ChatId::Private(read_name(row, first + 1)?)),
    }
}

/// A row's number.
pub(super) fn read_row(row: i64) -> RowId {
    RowId::new(row.cast_unsigned())
}

fn read_time(at: i64) -> Timestamp {
    Timestamp::from_millis(at.cast_unsigned())
}

pub(super) fn read_name(row: &Row<'_>, column: usize) -> rusqlite::Result<UserName> {
    UserName::new(row.get_ref(column)?.as_str()?).map_err(|e| damaged(column, e))
}

/// A refusal by its word; one of a later version reads as invalid.
fn read_refusal(code: &str) -> Refusal {
    const ALL: [Refusal; 18] = [
        Refusal::UnknownUser,
        Refusal::Yourself,
        Refusal::Blocked,
        Refusal::NotBlocked,
        Refusal::TooLong,
        Refusal::Invalid,
        Refusal::Storage,
        Refusal::Unsupported,
        Refusal::DuplicateId,
        Refusal::Offline,
        Refusal::NoDevice,
        Refusal::NoRelay,
        Refusal::SessionOpen,
        Refusal::RequestPending,
        Refusal::NoRequest,
        Refusal::NoSession,
        Refusal::NoFile,
        Refusal::Full,
    ];
    ALL.into_iter().find(|refusal| refusal_code(*refusal) == code).unwrap_or(Refusal::Invalid)
}

/// A column holds what this program never wrote.
fn damaged(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
