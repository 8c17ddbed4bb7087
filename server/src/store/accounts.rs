//! Which accounts were met, and forgetting one so that nothing of it is left for the next of its name.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, TransactionBehavior, params};
use whoelse_hub::{Lost, Stored};
use whoelse_proto::{Timestamp, UserName};

use super::value::{get_name, time};
use super::{invites, messages, people};
use crate::accounts::is_loss;

/// What a start found: how the accounts of the file go with those that were met before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Accounts that had a line at the last start and have none.
    pub missing: Vec<UserName>,
    /// What becomes of them.
    pub fate: FateOfMissing,
}

/// What becomes of accounts whose lines are missing at a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FateOfMissing {
    /// They were taken out: whoever has such a name next finds nothing of what was there before.
    #[default]
    Gone,
    /// They are half of all: the file may have been cut short, and what comes back at a start is theirs again.
    InDoubt,
}

/// How many accounts have, as far as is known, a line in the file of accounts.
pub(crate) fn count(db: &Connection) -> Result<usize> {
    let count: i64 = db.query_row("SELECT count(*) FROM account WHERE gone IS NULL", [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The accounts that have, as far as is known, a line in the file of accounts.
pub(crate) fn known(db: &Connection) -> Result<BTreeSet<UserName>> {
    let mut find = db.prepare("SELECT name FROM account WHERE gone IS NULL")?;
    find.query_map([], |row| get_name(row, 0))?.collect()
}

/// Meets the accounts of the file at a start. One that is back after a start without it is another one: what was left
/// of the earlier is forgotten. One that was missing together with half of all is the same: `gone` is negative then.
pub(super) fn meet(db: &mut Connection, names: &BTreeSet<UserName>, now: Timestamp) -> Result<Met> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut met = Met::default();
    let mut known = BTreeSet::new();
    let (mut back, mut kept) = (Vec::new(), Vec::new());
    {
        let mut find = transaction.prepare("SELECT name, gone FROM account")?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            let (name, gone) = (get_name(row, 0)?, row.get::<_, Option<i64>>(1)?);
            match (names.contains(&name), gone) {
                (true, Some(since)) if since < 0 => kept.push(name),
                (true, Some(_)) => back.push(name),
                (true, None) => _ = known.insert(name),
                (false, Some(_)) => {}
                (false, None) => met.missing.push(name),
            }
        }
    }
    if is_loss(met.missing.len(), met.missing.len() + known.len()) {
        met.fate = FateOfMissing::InDoubt;
    }
    for name in &back {
        forget(&transaction, name)?;
        begin(&transaction, name, now)?;
    }
    for name in &kept {
        transaction.execute("UPDATE account SET gone = NULL WHERE name = ?1", [name.as_str()])?;
    }
    let gone = match met.fate {
        FateOfMissing::Gone => time(now),
        FateOfMissing::InDoubt => time(now).saturating_neg(),
    };
    for name in &met.missing {
        transaction.execute("UPDATE account SET gone = ?2 WHERE name = ?1", params![name.as_str(), gone])?;
    }
    for name in names.iter().filter(|name| !known.contains(*name)) {
        transaction.execute(
            "INSERT INTO account (name, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![name.as_str(), time(now)],
        )?;
    }
    invites::settle_all(&transaction, names)?;
    transaction.commit()?;
    Ok(met)
}

/// Notes a new account.
pub(super) fn begin(db: &Connection, name: &UserName, at: Timestamp) -> Result<Stored> {
    db.prepare_cached(
        "INSERT INTO account (name, since, first_seq)
         SELECT ?1, ?2, ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)
         WHERE true
         ON CONFLICT DO UPDATE SET since = excluded.since, first_seq = excluded.first_seq, gone = NULL",
    )?
    .execute(params![name.as_str(), time(at)])?;
    invites::settle(db, name)?;
    Ok(Stored::Done)
}

/// The line of an account in doubt is back.
pub(super) fn recall(db: &Connection, name: &UserName) -> Result<Stored> {
    db.prepare_cached("UPDATE account SET gone = NULL WHERE name = ?1")?.execute([name.as_str()])?;
    db.prepare_cached("DELETE FROM token WHERE name = ?1")?.execute([name.as_str()])?;
    let mut known = people::load(db, &BTreeSet::from([name.clone()]))?;
    Ok(Stored::Recalled { account: Box::new(known.accounts.remove(name).unwrap_or_default()) })
}

/// The accounts whose lines were missing at a start together with half of all.
pub(super) fn in_doubt(db: &Connection) -> Result<BTreeSet<UserName>> {
    db.prepare("SELECT name FROM account WHERE gone < 0")?.query_map([], |row| get_name(row, 0))?.collect()
}

/// Notes a login.
pub(super) fn logged_in(db: &Connection, name: &UserName, at: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO account (name, since, logged_in) VALUES (?1, ?2, ?2)
         ON CONFLICT DO UPDATE SET logged_in = excluded.logged_in",
    )?
    .execute(params![name.as_str(), time(at)])?;
    Ok(())
}

/// Forgets an account, its inbox, and the blocks by it and of it.
pub(super) fn forget(db: &Connection, name: &UserName) -> Result<Vec<Lost>> {
    let lost = messages::lose(db, name)?;
    for sql in [
        "DELETE FROM block WHERE name = ?1 OR whom = ?1",
        "DELETE FROM read_mark WHERE reader = ?1",
        "DELETE FROM session WHERE name = ?1",
        "DELETE FROM token WHERE name = ?1",
        "DELETE FROM pass WHERE name = ?1",
        "DELETE FROM missed WHERE name = ?1",
        "DELETE FROM account WHERE name = ?1",
    ] {
        db.prepare_cached(sql)?.execute([name.as_str()])?;
    }
    Ok(lost)
}

/// Forgets accounts whose line was missing at a start before.
pub(super) fn forget_gone(db: &Connection, before: Timestamp) -> Result<Vec<Lost>> {
    let mut find = db.prepare_cached("SELECT name FROM account WHERE abs(gone) < ?1")?;
    let names = find.query_map([time(before)], |row| get_name(row, 0))?.collect::<Result<Vec<_>>>()?;
    let mut lost = Vec::new();
    for name in names {
        lost.extend(forget(db, &name)?);
    }
    Ok(lost)
}

/// The accounts that were met before and in which nobody has logged in yet.
pub(crate) fn never_used(db: &Connection, before: Timestamp) -> Result<Vec<UserName>> {
    let sql = "SELECT name FROM account WHERE logged_in IS NULL AND gone IS NULL AND since < ?1 ORDER BY name";
    db.prepare(sql)?.query_map([time(before)], |row| get_name(row, 0))?.collect()
}

/// Those of the names that are not forgotten yet.
pub(crate) fn remembered(db: &Connection, names: &[UserName]) -> Result<usize> {
    let mut find = db.prepare("SELECT EXISTS (SELECT 1 FROM account WHERE name = ?1)")?;
    let mut count = 0;
    for name in names {
        count += usize::from(find.query_row([name.as_str()], |row| row.get::<_, bool>(0))?);
    }
    Ok(count)
}
