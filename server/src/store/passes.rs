//! The passes of known devices, and the wrong passwords since the last login.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result, params};
use whoelse_hub::{AccountSnapshot, PassHash, Stored};
use whoelse_proto::{MissedTries, Timestamp, UserName};

use super::sessions;
use super::value::{get_name, get_time, time};

/// A device with this pass logged in.
pub(super) fn keep(
    db: &Connection,
    name: &UserName,
    pass: PassHash,
    at: Timestamp,
    instead_of: Option<PassHash>,
) -> Result<Stored> {
    db.prepare_cached(
        "INSERT INTO pass (name, hash, used_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name, hash) DO UPDATE SET used_at = excluded.used_at",
    )?
    .execute(params![name.as_str(), pass.as_bytes(), time(at)])?;
    if let Some(forgotten) = instead_of {
        db.prepare_cached("DELETE FROM pass WHERE name = ?1 AND hash = ?2")?
            .execute(params![name.as_str(), forgotten.as_bytes()])?;
    }
    Ok(Stored::Done)
}

/// The passes of all devices but this are void.
pub(super) fn keep_alone(db: &Connection, name: &UserName, device: Option<PassHash>) -> Result<Stored> {
    let kept = device.as_ref().map(PassHash::as_bytes);
    db.prepare_cached("DELETE FROM pass WHERE name = ?1 AND hash IS NOT ?2")?.execute(params![name.as_str(), kept])?;
    Ok(Stored::Done)
}

/// The token and the passes of a name are void.
pub(super) fn revoke(db: &Connection, name: &UserName) -> Result<Stored> {
    db.prepare_cached("DELETE FROM pass WHERE name = ?1")?.execute([name.as_str()])?;
    sessions::revoke_token(db, name)
}

/// Wrong passwords for a name since its last login.
pub(super) fn note_missed(db: &Connection, name: &UserName, missed: Option<MissedTries>) -> Result<Stored> {
    match missed {
        Some(MissedTries { count, last }) => db
            .prepare_cached(
                "INSERT INTO missed (name, tries, last) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET tries = excluded.tries, last = excluded.last",
            )?
            .execute(params![name.as_str(), count, time(last)])?,
        None => db.prepare_cached("DELETE FROM missed WHERE name = ?1")?.execute([name.as_str()])?,
    };
    Ok(Stored::Done)
}

/// Fills in what is remembered of accounts.
pub(super) fn load(db: &Connection, accounts: &mut BTreeMap<UserName, AccountSnapshot>) -> Result<()> {
    let mut passes = db.prepare("SELECT name, hash, used_at FROM pass")?;
    let mut rows = passes.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            account.passes.insert(PassHash::from_bytes(row.get(1)?), get_time(row, 2)?);
        }
    }
    let mut missed = db.prepare("SELECT name, tries, last FROM missed")?;
    let mut rows = missed.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(account) = accounts.get_mut(&get_name(row, 0)?) {
            account.missed = Some(MissedTries { count: row.get(1)?, last: get_time(row, 2)? });
        }
    }
    Ok(())
}
