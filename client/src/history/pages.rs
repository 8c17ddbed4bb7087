//! Pages of a chat's history.

use rusqlite::{Connection, params};
use whoelse_model::{ChatId, HistoryPage, Message, Place};

use super::rows::{MESSAGE_COLUMNS, MESSAGES_WITH_CHATS, count, find_chat, read_message, row_number};

/// Messages in a page: a few screens.
const MAX_PAGE: usize = 1000;

/// Which way to read from a row.
#[derive(Clone, Copy)]
enum Towards {
    /// To older messages.
    Older,
    /// To newer ones.
    Newer,
}

/// Reads a page.
pub(super) fn page(
    connection: &Connection,
    chat: &ChatId,
    place: Place,
    limit: usize,
) -> rusqlite::Result<HistoryPage> {
    let limit = limit.clamp(1, MAX_PAGE);
    let empty = HistoryPage { chat: chat.clone(), messages: Vec::new(), more_before: false, more_after: false };
    let Some(number) = find_chat(connection, chat)? else { return Ok(empty) };
    let reader = Reader { connection, chat: number };
    match place {
        Place::End => reader.older(i64::MAX, limit, empty),
        Place::Before(row) => reader.older(row_number(row), limit, empty),
        Place::After(row) => reader.newer(row_number(row), limit, empty),
        Place::Around(row) => {
            // The row itself belongs to the older half.
            let older = reader.older(row_number(row).saturating_add(1), limit.div_ceil(2), empty.clone())?;
            let newer = reader.newer(row_number(row), limit - limit.div_ceil(2), empty)?;
            let messages = [older.messages, newer.messages].concat();
            Ok(HistoryPage { messages, more_after: newer.more_after, ..older })
        }
    }
}

/// Reads messages of one chat.
struct Reader<'a> {
    connection: &'a Connection,
    chat: i64,
}

impl Reader<'_> {
    /// The newest messages before a row.
    fn older(&self, row: i64, limit: usize, page: HistoryPage) -> rusqlite::Result<HistoryPage> {
        let (mut messages, more_before) = self.read(Towards::Older, row, limit)?;
        messages.reverse();
        let more_after = self.has_any(Towards::Newer, row.saturating_sub(1))?;
        Ok(HistoryPage { messages, more_before, more_after, ..page })
    }

    /// The oldest messages behind a row.
    fn newer(&self, row: i64, limit: usize, page: HistoryPage) -> rusqlite::Result<HistoryPage> {
        let (messages, more_after) = self.read(Towards::Newer, row, limit)?;
        let more_before = self.has_any(Towards::Older, row.saturating_add(1))?;
        Ok(HistoryPage { messages, more_before, more_after, ..page })
    }

    /// At most `limit` messages on one side of a row, nearest first, and whether there are more.
    fn read(&self, towards: Towards, row: i64, limit: usize) -> rusqlite::Result<(Vec<Message>, bool)> {
        let (sign, order) = match towards {
            Towards::Older => ("<", "DESC"),
            Towards::Newer => (">", "ASC"),
        };
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM {MESSAGES_WITH_CHATS} WHERE m.chat = ? AND m.row {sign} ? \
             ORDER BY m.row {order} LIMIT ?"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(params![self.chat, row, count(limit + 1)], read_message)?;
        let mut messages: Vec<Message> = rows.collect::<Result<_, _>>()?;
        let more = messages.len() > limit;
        messages.truncate(limit);
        Ok((messages, more))
    }

    /// Whether there is a message on one side of a row.
    fn has_any(&self, towards: Towards, row: i64) -> rusqlite::Result<bool> {
        let sign = match towards {
            Towards::Older => "<",
            Towards::Newer => ">",
        };
        let sql = format!("SELECT EXISTS (SELECT 1 FROM messages WHERE chat = ? AND row {sign} ?)");
        self.connection.prepare_cached(&sql)?.query_row(params![self.chat, row], |row| row.get(0))
    }
}
