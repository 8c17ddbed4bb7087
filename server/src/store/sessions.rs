//! Sessions and the tokens with which they are taken up.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result, Row, TransactionBehavior, params};
use whoelse_hub::{MAX_EARLIER, Sessions, Stored, TokenFate, TokenHash};
use whoelse_proto::limits::MAX_SPANS_PER_USER;
use whoelse_proto::{Span, Timestamp, UserName};

use super::accounts;
use super::value::{get_time, time};

/// Begins a session.
pub(super) fn open(db: &Connection, name: &UserName, since: Timestamp, token: TokenHash) -> Result<Stored> {
    db.prepare_cached(
        "INSERT INTO session (name, since, until) VALUES (?1, ?2, NULL)
         ON CONFLICT (name, since) DO UPDATE SET until = NULL",
    )?
    .execute(params![name.as_str(), time(since)])?;
    keep_token(db, name, token, since)?;
    accounts::logged_in(db, name, since)?;
    Ok(Stored::Done)
}

/// Keeps a token in place of any earlier one of the name.
pub(super) fn keep_token(db: &Connection, name: &UserName, token: TokenHash, active_at: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO token (name, hash, active_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, active_at = excluded.active_at",
    )?
    .execute(params![name.as_str(), token.as_bytes(), time(active_at)])?;
    Ok(())
}

/// Ends a session.
pub(super) fn close(
    db: &Connection,
    name: &UserName,
    since: Timestamp,
    at: Timestamp,
    token: TokenFate,
) -> Result<Stored> {
    db.prepare_cached(
        "INSERT INTO session (name, since, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (name, since) DO UPDATE SET until = excluded.until",
    )?
    .execute(params![name.as_str(), time(since), time(at)])?;
    match token {
        TokenFate::Revoked => revoke_token(db, name),
        TokenFate::Kept { active_at } => {
            db.prepare_cached("UPDATE token SET active_at = ?2 WHERE name = ?1")?
                .execute(params![name.as_str(), time(active_at)])?;
            Ok(Stored::Done)
        }
    }
}

/// Voids the token of a name.
pub(super) fn revoke_token(db: &Connection, name: &UserName) -> Result<Stored> {
    db.prepare_cached("DELETE FROM token WHERE name = ?1")?.execute([name.as_str()])?;
    Ok(Stored::Done)
}

/// The sessions of some names that were open at a time or later.
///
/// Sessions of a name follow each other, so that those of the span are its newest: each name costs a seek and what is
/// given, however many sessions there are.
pub(super) fn of(db: &Connection, names: &[UserName], from: Timestamp) -> Result<Stored> {
    let mut newest =
        db.prepare_cached("SELECT since, until FROM session WHERE name = ?1 ORDER BY since DESC LIMIT ?2")?;
    let most = MAX_SPANS_PER_USER + MAX_EARLIER as usize;
    let mut sessions = BTreeMap::new();
    for name in names {
        let mut rows = newest.query(params![name.as_str(), i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut found = Sessions::default();
        while let Some(row) = rows.next()? {
            let span = get_span(row)?;
            if span.to.is_some_and(|to| to < from) {
                break;
            }
            if found.spans.len() < MAX_SPANS_PER_USER {
                found.spans.push(span);
            } else {
                found.earlier += 1;
            }
        }
        if !found.spans.is_empty() {
            found.spans.reverse();
            sessions.insert(name.clone(), found);
        }
    }
    Ok(Stored::Sessions { sessions })
}

fn get_span(row: &Row<'_>) -> Result<Span> {
    let to = if row.get_ref(1)? == rusqlite::types::ValueRef::Null { None } else { Some(get_time(row, 1)?) };
    Ok(Span { from: get_time(row, 0)?, to })
}

/// Notes that the server runs.
pub(super) fn heartbeat(db: &Connection, at: Timestamp) -> Result<Stored> {
    db.prepare_cached("INSERT INTO heartbeat VALUES (1, ?1) ON CONFLICT DO UPDATE SET at = excluded.at")?
        .execute([time(at)])?;
    Ok(Stored::Done)
}

/// Sessions that a killed server left open: those that had begun until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Abandoned {
    last_began: Option<i64>,
}

impl Abandoned {
    /// Looks for them, before any session of this run begins.
    pub(super) fn find(db: &Connection) -> Result<Self> {
        let find = "SELECT max(since) FROM session WHERE until IS NULL";
        Ok(Self { last_began: db.query_row(find, [], |row| row.get(0))? })
    }

    /// Ends them, at the server's last sign of life. Until then those users were there and not timed out, so that their
    /// inactivity counts from there as well.
    pub(super) fn end(self, db: &mut Connection) -> Result<()> {
        let Some(last_began) = self.last_began else { return Ok(()) };
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE token SET active_at = max(active_at, ifnull((SELECT at FROM heartbeat), 0))
             WHERE name IN (SELECT name FROM session WHERE until IS NULL AND since <= ?1)",
            [last_began],
        )?;
        transaction.execute(
            "UPDATE session SET until = max(since, ifnull((SELECT at FROM heartbeat), 0))
             WHERE until IS NULL AND since <= ?1",
            [last_began],
        )?;
        transaction.commit()
    }
}

/// Forgets sessions that ended before.
pub(super) fn forget(db: &Connection, before: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM session WHERE until < ?1")?.execute([time(before)])?;
    Ok(())
}
