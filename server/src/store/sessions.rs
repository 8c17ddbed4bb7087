//! Sessions and the tokens with which they are taken up.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result, Row, TransactionBehavior, params};
use whoelse_hub::{Stored, TokenFate, TokenHash};
use whoelse_proto::{Span, Timestamp, UserName};

use super::value::{get_name, get_time, time};

/// Begins a session.
pub(super) fn open(db: &Connection, name: &UserName, since: Timestamp, token: TokenHash) -> Result<Stored> {
    db.prepare_cached(
        "INSERT INTO session (name, since, until) VALUES (?1, ?2, NULL)
         ON CONFLICT (name, since) DO UPDATE SET until = NULL",
    )?
    .execute(params![name.as_str(), time(since)])?;
    db.prepare_cached(
        "INSERT INTO token (name, hash, active_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, active_at = excluded.active_at",
    )?
    .execute(params![name.as_str(), token.as_bytes(), time(since)])?;
    Ok(Stored::Done)
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

/// The sessions that were open at a time or later.
pub(super) fn since(db: &Connection, from: Timestamp) -> Result<Stored> {
    // With an ORDER BY SQLite walks through every session.
    let mut find = db.prepare_cached(
        "SELECT name, since, until FROM session WHERE until >= ?1
         UNION ALL SELECT name, since, until FROM session WHERE until IS NULL",
    )?;
    let mut sessions: BTreeMap<UserName, Vec<Span>> = BTreeMap::new();
    let mut rows = find.query([time(from)])?;
    while let Some(row) = rows.next()? {
        sessions.entry(get_name(row, 0)?).or_default().push(get_span(row)?);
    }
    for spans in sessions.values_mut() {
        spans.sort_unstable_by_key(|span| span.from);
    }
    Ok(Stored::Sessions { sessions })
}

fn get_span(row: &Row<'_>) -> Result<Span> {
    let to = if row.get_ref(2)? == rusqlite::types::ValueRef::Null { None } else { Some(get_time(row, 2)?) };
    Ok(Span { from: get_time(row, 1)?, to })
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
