//! Invitations: given out by the administrator, counted down by accounts that are made.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Result, params};
use whoelse_hub::{InviteHash, Stored};
use whoelse_proto::{InviteFault, Timestamp, UserName};

use super::value::{get_name, get_time, integer, time};

/// An invitation as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// By which it is named.
    pub number: u64,
    /// For how many accounts it is.
    pub uses: u32,
    /// How many were made by it.
    pub used: u32,
    /// From when on it is good for nothing.
    pub ends_at: Timestamp,
}

/// Whether an account may be made by an invitation.
pub(super) fn find(db: &Connection, invite: InviteHash, at: Timestamp) -> Result<Stored> {
    let fault = look_up(db, invite, at)?.err();
    Ok(Stored::Invite { fault })
}

/// The number of an invitation, or what is wrong with it.
fn look_up(db: &Connection, invite: InviteHash, at: Timestamp) -> Result<std::result::Result<i64, InviteFault>> {
    let found = db
        .prepare_cached("SELECT number, ends_at, used < uses FROM invite WHERE hash = ?1")?
        .query_row([invite.as_bytes()], |row| Ok((row.get(0)?, get_time(row, 1)?, row.get::<_, bool>(2)?)))
        .optional()?;
    Ok(match found {
        None => Err(InviteFault::Unknown),
        Some((_, ends_at, _)) if ends_at <= at => Err(InviteFault::Expired),
        Some((_, _, false)) => Err(InviteFault::UsedUp),
        Some((number, _, true)) => Ok(number),
    })
}

/// Takes one of the accounts that an invitation is for.
pub(super) fn claim(db: &Connection, invite: InviteHash, name: &UserName, at: Timestamp) -> Result<Stored> {
    let number = match look_up(db, invite, at)? {
        Ok(number) => number,
        Err(fault) => return Ok(Stored::Invite { fault: Some(fault) }),
    };
    db.prepare_cached("UPDATE invite SET used = used + 1 WHERE number = ?1")?.execute([number])?;
    db.prepare_cached("INSERT INTO invite_claim (name, number) VALUES (?1, ?2)")?
        .execute(params![name.as_str(), number])?;
    Ok(Stored::Invite { fault: None })
}

/// The account was not made.
pub(super) fn give_back(db: &Connection, name: &UserName) -> Result<Stored> {
    db.prepare_cached(
        "UPDATE invite SET used = used - 1 WHERE number = (SELECT number FROM invite_claim WHERE name = ?1)",
    )?
    .execute([name.as_str()])?;
    settle(db, name)?;
    Ok(Stored::Done)
}

/// The account was made.
pub(super) fn settle(db: &Connection, name: &UserName) -> Result<()> {
    db.prepare_cached("DELETE FROM invite_claim WHERE name = ?1")?.execute([name.as_str()]).map(|_| ())
}

/// At a start: a claim that a killed server left is used if its account is there, else given back.
pub(super) fn settle_all(db: &Connection, accounts: &BTreeSet<UserName>) -> Result<()> {
    let mut find = db.prepare("SELECT name FROM invite_claim")?;
    let names = find.query_map([], |row| get_name(row, 0))?.collect::<Result<Vec<_>>>()?;
    for name in names {
        if accounts.contains(&name) {
            settle(db, &name)?;
        } else {
            give_back(db, &name)?;
        }
    }
    Ok(())
}

/// Forgets invitations whose time was over before.
pub(super) fn forget(db: &Connection, before: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM invite WHERE ends_at < ?1")?.execute([time(before)]).map(|_| ())
}

/// Gives out an invitation. Gives its number.
pub(crate) fn give(db: &Connection, invite: InviteHash, uses: u32, now: Timestamp, ends_at: Timestamp) -> Result<u64> {
    let mut insert = db.prepare("INSERT INTO invite (hash, uses, made_at, ends_at) VALUES (?1, ?2, ?3, ?4)")?;
    let number = insert.insert(params![invite.as_bytes(), uses, time(now), time(ends_at)])?;
    Ok(number.cast_unsigned())
}

/// How many invitations there are.
pub(crate) fn count(db: &Connection) -> Result<u64> {
    let count: i64 = db.query_row("SELECT count(*) FROM invite", [], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// Every invitation, oldest first.
pub(crate) fn list(db: &Connection) -> Result<Vec<Invite>> {
    let mut find = db.prepare("SELECT number, uses, used, ends_at FROM invite ORDER BY number")?;
    let invite = |row: &rusqlite::Row<'_>| {
        let number: i64 = row.get(0)?;
        Ok(Invite { number: number.cast_unsigned(), uses: row.get(1)?, used: row.get(2)?, ends_at: get_time(row, 3)? })
    };
    find.query_map([], invite)?.collect()
}

/// Takes an invitation back. Returns whether there was one of this number.
pub(crate) fn revoke(db: &Connection, number: u64) -> Result<bool> {
    Ok(db.execute("DELETE FROM invite WHERE number = ?1", [integer(number)])? > 0)
}
