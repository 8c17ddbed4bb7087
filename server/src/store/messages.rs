//! Messages: taken, delivered, read, forgotten.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use whoelse_hub::{Load, Lost, Message, Stored};
use whoelse_proto::{GroupId, KnownState, MessageId, MessageState, Seq, Target, Timestamp, UserName};

use super::value::{ContentColumns, get_id, get_message, get_name, get_seq, get_time, integer, time};

/// Takes a message into inboxes.
pub(super) fn accept(db: &Connection, message: &Message, recipients: &[UserName]) -> Result<Stored> {
    if let Some(known) = find_taken(db, message)? {
        return Ok(known);
    }
    let recipients: BTreeSet<&UserName> = recipients.iter().collect();
    let seq = insert(db, message, recipients.len())?;
    let mut into_inbox = db.prepare_cached("INSERT INTO inbox (recipient, seq) VALUES (?1, ?2)")?;
    for recipient in recipients {
        into_inbox.execute(params![recipient.as_str(), seq])?;
    }
    Ok(Stored::Accepted { seq: Seq::new(seq.cast_unsigned()) })
}

/// What is known of the message's id.
pub(super) fn find_taken(db: &Connection, message: &Message) -> Result<Option<Stored>> {
    db.prepare_cached("SELECT sender, taken_at FROM message WHERE id = ?1")?
        .query_row([message.id.as_bytes()], |row| {
            let is_senders = get_name(row, 0)? == message.from;
            Ok(if is_senders { Stored::Known { at: get_time(row, 1)? } } else { Stored::Foreign })
        })
        .optional()
}

/// Adds the row of a message and returns its place. What nobody will read is not kept.
fn insert(db: &Connection, message: &Message, holders: usize) -> Result<i64> {
    let content = ContentColumns::of(&message.content);
    let content = (holders > 0).then_some(content);
    let (recipient, group) = match &message.to {
        Target::User(name) => (Some(name.as_str()), None),
        Target::Everyone {} => (None, None),
        Target::Group(group) => (None, Some(GroupId::as_bytes(group))),
    };
    db.prepare_cached(
        "INSERT INTO message (id, sender, recipient, group_id, kind, body, about, taken_at, holders)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .insert(params![
        message.id.as_bytes(),
        message.from.as_str(),
        recipient,
        group,
        content.as_ref().map(|content| content.kind),
        content.as_ref().map(|content| content.body),
        content.as_ref().and_then(|content| content.about).map(MessageId::as_bytes),
        time(message.at),
        integer(holders as u64),
    ])
}

/// What leaves an inbox.
#[derive(Default)]
struct Leaving {
    places: Vec<i64>,
    delivered: BTreeMap<UserName, Vec<MessageId>>,
    released: BTreeMap<UserName, Load>,
}

impl Leaving {
    /// Reads [`LEAVING`].
    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let place = row.get(0)?;
        if row.get(5)? {
            self.places.push(place);
            return Ok(());
        }
        let (sender, id, load) = (get_name(row, 2)?, get_id(row, 1)?, get_load(row, 4)?);
        let is_broadcast: bool = row.get(3)?;
        self.places.push(place);
        let own = self.released.entry(sender.clone()).or_default();
        *own = own.plus(load);
        if !is_broadcast {
            self.delivered.entry(sender).or_default().push(id);
        }
        Ok(())
    }

    /// Everything up to a place of an inbox.
    fn whole(db: &Connection, name: &UserName, up_to: i64) -> Result<Self> {
        let mut find = db.prepare_cached(&format!(
            "SELECT {LEAVING} FROM inbox JOIN message USING (seq)
             WHERE inbox.recipient = ?1 AND seq <= ?2 ORDER BY seq"
        ))?;
        let (mut leaving, mut rows) = (Self::default(), find.query(params![name.as_str(), up_to])?);
        while let Some(row) = rows.next()? {
            leaving.take(row)?;
        }
        Ok(leaving)
    }

    /// The same, message after message, so that one that is damaged takes no other with it.
    fn singly(db: &Connection, name: &UserName, up_to: i64) -> Result<Self> {
        let mut places = db.prepare_cached("SELECT seq FROM inbox WHERE recipient = ?1 AND seq <= ?2 ORDER BY seq")?;
        let places =
            places.query_map(params![name.as_str(), up_to], |row| row.get(0))?.collect::<Result<Vec<i64>>>()?;
        let mut find = db.prepare_cached(&format!("SELECT {LEAVING} FROM message WHERE seq = ?1"))?;
        let mut leaving = Self::default();
        for place in places {
            pass_over_damage(find.query_row([place], |row| leaving.take(row)))?;
        }
        Ok(leaving)
    }
}

/// The columns that [`Leaving::take`] reads; the last says that the content is gone.
const LEAVING: &str = "seq, id, sender, message.recipient IS NULL, octet_length(body), kind IS NULL";

/// Empties an inbox up to a place, and what no inbox holds any more of its content. What is damaged leaves the inbox too,
/// and nobody is told that it was delivered.
pub(super) fn acknowledge(db: &Connection, name: &UserName, up_to: Seq) -> Result<Stored> {
    let up_to = integer(up_to.get());
    let Leaving { places, delivered, released } = match Leaving::whole(db, name, up_to) {
        Err(error) if is_damaged(&error) => Leaving::singly(db, name, up_to),
        result => result,
    }?;
    let mut release = db.prepare_cached(
        "UPDATE message SET holders = holders - 1,
            kind = CASE holders WHEN 1 THEN NULL ELSE kind END,
            body = CASE holders WHEN 1 THEN NULL ELSE body END,
            about = CASE holders WHEN 1 THEN NULL ELSE about END
         WHERE seq = ?1",
    )?;
    for seq in places {
        pass_over_damage(release.execute([seq]).map(drop))?;
    }
    db.prepare_cached("DELETE FROM inbox WHERE recipient = ?1 AND seq <= ?2")?
        .execute(params![name.as_str(), up_to])?;
    Ok(Stored::Acknowledged { delivered, released })
}

/// The weight of one message, by the bytes of its body.
fn get_load(row: &Row<'_>, column: usize) -> Result<Load> {
    let bytes: Option<i64> = row.get(column)?;
    Ok(Load { messages: 1, bytes: bytes.unwrap_or_default().cast_unsigned() })
}

/// Empties the inbox of an account that is no more. What waited there did not arrive and never will; broadcasts left out.
pub(super) fn lose(db: &Connection, name: &UserName) -> Result<Vec<Lost>> {
    db.prepare_cached(
        "UPDATE message SET lost = 1
         WHERE recipient = ?1 AND seq IN (SELECT seq FROM inbox WHERE inbox.recipient = ?1)",
    )?
    .execute([name.as_str()])?;
    let Stored::Acknowledged { delivered, .. } = acknowledge(db, name, Seq::new(u64::MAX))? else {
        return Ok(Vec::new());
    };
    Ok(delivered.into_iter().map(|(sender, ids)| Lost { sender, peer: name.clone(), ids }).collect())
}

/// The columns of a message that [`get_message`] reads.
const MESSAGE: &str = "seq, id, sender, message.recipient, group_id, kind, body, about, taken_at";

/// Reads on in an inbox. What is damaged there is passed over.
pub(super) fn load_inbox(db: &Connection, name: &UserName, after: Seq, limit: usize) -> Result<Stored> {
    match load_whole(db, name, after, limit) {
        Err(error) if is_damaged(&error) => load_singly(db, name, after, limit),
        result => result,
    }
}

fn load_whole(db: &Connection, name: &UserName, after: Seq, limit: usize) -> Result<Stored> {
    let mut page = db.prepare_cached(&format!(
        "SELECT {MESSAGE} FROM inbox JOIN message USING (seq)
         WHERE inbox.recipient = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
    ))?;
    let one_more = integer(limit as u64).saturating_add(1);
    let rows = page.query_map(params![name.as_str(), integer(after.get()), one_more], get_message)?;
    let mut messages = rows.collect::<Result<Vec<_>>>()?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    Ok(Stored::Page { messages, damaged: Vec::new(), more })
}

/// Reads message after message, so that one that is damaged takes no other with it.
fn load_singly(db: &Connection, name: &UserName, after: Seq, limit: usize) -> Result<Stored> {
    let mut places =
        db.prepare_cached("SELECT seq FROM inbox WHERE recipient = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")?;
    let one_more = integer(limit as u64).saturating_add(1);
    let rows = places.query_map(params![name.as_str(), integer(after.get()), one_more], |row| get_seq(row, 0))?;
    let mut places = rows.collect::<Result<Vec<_>>>()?;
    let more = places.len() > limit;
    places.truncate(limit);
    let mut find = db.prepare_cached(&format!("SELECT {MESSAGE} FROM message WHERE seq = ?1"))?;
    let (mut messages, mut damaged) = (Vec::new(), Vec::new());
    for seq in places {
        match find.query_row([integer(seq.get())], get_message) {
            Ok(message) => messages.push(message),
            Err(error) if is_damaged(&error) => damaged.push(seq),
            Err(error) => return Err(error),
        }
    }
    Ok(Stored::Page { messages, damaged, more })
}

/// What came of a message, where one that is damaged is passed over.
fn pass_over_damage(result: Result<()>) -> Result<()> {
    result.or_else(|error| if is_damaged(&error) { Ok(()) } else { Err(error) })
}

/// Whether something can never be read: the database is damaged there, or holds what this program does not write.
fn is_damaged(error: &rusqlite::Error) -> bool {
    let is_odd = matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::QueryReturnedNoRows
    );
    is_odd || whoelse_sqlite::is_damage(error)
}

/// Moves the mark up to which `reader` has seen the messages of `peer`.
pub(super) fn mark_read(db: &Connection, reader: &UserName, peer: &UserName, up_to: MessageId) -> Result<Stored> {
    let moved = db
        .prepare_cached(
            "INSERT INTO read_mark (reader, peer, up_to)
             SELECT recipient, sender, seq FROM message WHERE id = ?1 AND sender = ?2 AND recipient = ?3
                AND seq > ifnull((SELECT first_seq FROM account WHERE name = ?3), 0)
             ON CONFLICT (reader, peer) DO UPDATE SET up_to = excluded.up_to WHERE up_to < excluded.up_to",
        )?
        .execute(params![up_to.as_bytes(), peer.as_str(), reader.as_str()])?;
    Ok(Stored::Read { last: (moved > 0).then_some(up_to) })
}

/// How far messages have come. What `hidden` people did with one is not told.
pub(super) fn lookup(
    db: &Connection,
    sender: &UserName,
    ids: &[MessageId],
    hidden: &BTreeSet<UserName>,
) -> Result<Stored> {
    let mut find = db.prepare_cached(
        "SELECT recipient, holders = 0, message.seq <= up_to AND message.seq > ifnull(first_seq, 0), lost
         FROM message LEFT JOIN read_mark ON reader = recipient AND peer = sender LEFT JOIN account ON name = recipient
         WHERE id = ?1 AND sender = ?2",
    )?;
    let mut states = Vec::with_capacity(ids.len());
    for &id in ids {
        let state =
            find.query_row(params![id.as_bytes(), sender.as_str()], |row| get_state(row, id, hidden)).optional()?;
        states.extend(state);
    }
    Ok(Stored::States { states })
}

/// How far one message has come; a broadcast is accepted and never more.
fn get_state(row: &Row<'_>, id: MessageId, hidden: &BTreeSet<UserName>) -> Result<KnownState> {
    let recipient: Option<Box<str>> = row.get(0)?;
    let is_lost: bool = row.get(3)?;
    if is_lost {
        return Ok(KnownState::lost(id));
    }
    if recipient.is_none_or(|recipient| hidden.contains(&*recipient)) {
        return Ok(KnownState::new(id, MessageState::Accepted));
    }
    let (is_delivered, is_read): (bool, Option<bool>) = (row.get(1)?, row.get(2)?);
    let state = match (is_delivered, is_read) {
        (_, Some(true)) => MessageState::Read,
        (true, Some(false) | None) => MessageState::Delivered,
        (false, Some(false) | None) => MessageState::Accepted,
    };
    Ok(KnownState::new(id, state))
}

/// Forgets messages taken before, unless an inbox holds them.
pub(super) fn forget(db: &Connection, before: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM message WHERE holders = 0 AND taken_at < ?1")?.execute([time(before)])?;
    Ok(())
}
