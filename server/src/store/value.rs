//! Our types as values of SQLite, and back.

use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use whoelse_hub::{Message, TokenHash};
use whoelse_proto::{Content, GroupId, MessageId, Seq, Target, Text, Timestamp, UserName};

/// SQLite counts to 2^63 - 1; what lies beyond is as good as the end.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn time(at: Timestamp) -> i64 {
    integer(at.millis())
}

/// What a column holds does not fit our type: someone else wrote it.
fn unfit(column: usize, kind: Type, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(column, kind, Box::new(error))
}

pub(super) fn get_name(row: &Row<'_>, column: usize) -> Result<UserName> {
    let name: Box<str> = row.get(column)?;
    UserName::new(&name).map_err(|error| unfit(column, Type::Text, error))
}

pub(super) fn get_time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    let millis: i64 = row.get(column)?;
    u64::try_from(millis).map(Timestamp::from_millis).map_err(|error| unfit(column, Type::Integer, error))
}

pub(super) fn get_seq(row: &Row<'_>, column: usize) -> Result<Seq> {
    let seq: i64 = row.get(column)?;
    u64::try_from(seq).map(Seq::new).map_err(|error| unfit(column, Type::Integer, error))
}

pub(super) fn get_id(row: &Row<'_>, column: usize) -> Result<MessageId> {
    row.get(column).map(MessageId::from_bytes)
}

pub(super) fn get_hash(row: &Row<'_>, column: usize) -> Result<TokenHash> {
    row.get(column).map(TokenHash::from_bytes)
}

/// Why a row is no message.
#[derive(Debug, thiserror::Error)]
#[error("a message that an inbox holds has lost its content")]
struct NoContent;

/// The columns of a message's content: one for its kind, one for words, one for the message that it is about.
pub(super) struct ContentColumns<'a> {
    pub(super) kind: &'static str,
    pub(super) body: &'a str,
    pub(super) about: Option<&'a MessageId>,
}

impl<'a> ContentColumns<'a> {
    pub(super) fn of(content: &'a Content) -> Self {
        match content {
            Content::Text { text, reply_to } => Self { kind: "text", body: text.as_str(), about: reply_to.as_ref() },
            Content::Edit { of, text } => Self { kind: "edit", body: text.as_str(), about: Some(of) },
            Content::Reaction { to, emoji } => Self { kind: "reaction", body: emoji, about: Some(to) },
        }
    }
}

/// Reads `seq, id, sender, recipient, group_id, kind, body, about, taken_at`.
pub(super) fn get_message(row: &Row<'_>) -> Result<(Seq, Message)> {
    let to = match (row.get_ref(3)?, row.get::<_, Option<[u8; 16]>>(4)?) {
        (rusqlite::types::ValueRef::Null, Some(group)) => Target::Group(GroupId::from_bytes(group)),
        (rusqlite::types::ValueRef::Null, None) => Target::Everyone {},
        _ => Target::User(get_name(row, 3)?),
    };
    let message =
        Message { id: get_id(row, 1)?, from: get_name(row, 2)?, to, content: get_content(row)?, at: get_time(row, 8)? };
    Ok((get_seq(row, 0)?, message))
}

/// Reads `kind, body, about` from column 5 on.
fn get_content(row: &Row<'_>) -> Result<Content> {
    let kind: Option<Box<str>> = row.get(5)?;
    let body: Box<str> = row.get::<_, Option<_>>(6)?.unwrap_or_default();
    let about = row.get::<_, Option<[u8; 16]>>(7)?.map(MessageId::from_bytes);
    let text = || Text::taken(&body).map_err(|error| unfit(6, Type::Text, error));
    match (kind.as_deref(), about) {
        (Some("text"), reply_to) => Ok(Content::Text { text: text()?, reply_to }),
        (Some("edit"), Some(of)) => Ok(Content::Edit { of, text: text()? }),
        (Some("reaction"), Some(to)) => Ok(Content::Reaction { to, emoji: body.into() }),
        _ => Err(unfit(5, Type::Text, NoContent)),
    }
}
