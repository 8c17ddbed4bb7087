//! Blocks, and what is remembered of each account.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, params};
use whoelse_hub::{AccountSnapshot, Load, Snapshot, Stored};
use whoelse_proto::UserName;

use super::value::{get_hash, get_name, get_time};

/// `name` blocks `whom`.
pub(super) fn block(db: &Connection, name: &UserName, whom: &UserName) -> Result<Stored> {
    db.prepare_cached("INSERT INTO block (name, whom) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![name.as_str(), whom.as_str()])?;
    Ok(Stored::Done)
}

/// `name` unblocks `whom`.
pub(super) fn unblock(db: &Connection, name: &UserName, whom: &UserName) -> Result<Stored> {
    db.prepare_cached("DELETE FROM block WHERE name = ?1 AND whom = ?2")?
        .execute(params![name.as_str(), whom.as_str()])?;
    Ok(Stored::Done)
}

/// What is remembered of these accounts.
pub(super) fn load(db: &Connection, names: &BTreeSet<UserName>) -> Result<Snapshot> {
    let mut accounts: std::collections::BTreeMap<_, _> =
        names.iter().map(|name| (name.clone(), AccountSnapshot::default())).collect();
    let mut last_seen = db.prepare("SELECT name, max(until) FROM session WHERE until IS NOT NULL GROUP BY name")?;
    let mut rows = last_seen.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            account.last_seen = Some(get_time(row, 1)?);
        }
    }
    let mut blocks = db.prepare("SELECT name, whom FROM block")?;
    let mut rows = blocks.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            account.blocked.insert(get_name(row, 1)?);
        }
    }
    let mut tokens = db.prepare("SELECT name, hash, active_at FROM token")?;
    let mut rows = tokens.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            account.token = Some((get_hash(row, 1)?, get_time(row, 2)?));
        }
    }
    let mut waiting = db.prepare(
        "SELECT inbox.recipient, sender, count(*), ifnull(sum(octet_length(body)), 0) FROM inbox JOIN message USING (seq)
         GROUP BY inbox.recipient, sender",
    )?;
    let mut rows = waiting.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            let bytes: i64 = row.get(3)?;
            let load = Load { messages: row.get(2)?, bytes: bytes.cast_unsigned() };
            account.waiting.insert(get_name(row, 1)?, load);
        }
    }
    super::passes::load(db, &mut accounts)?;
    Ok(Snapshot { accounts, in_doubt: super::accounts::in_doubt(db)? })
}
