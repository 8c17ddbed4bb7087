//! What the administrator asks of the running server, on its way through the database.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Result, params};
use whoelse_proto::UserName;

use crate::store::{self, StoreError};

/// How long the running server may take: it looks twice a second, and its disk may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look whether it is done.
const GLANCE: Duration = Duration::from_millis(50);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Lift the lock of a name.
    Unlock,
    /// End a session.
    Kick,
    /// Remove an account.
    Remove,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Unlock, Self::Kick, Self::Remove];

    const fn word(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Kick => "kick",
            Self::Remove => "remove",
        }
    }
}

/// Whether the server did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It did.
    Done,
    /// Not in time.
    None,
}

/// Leaves orders for the running server and waits until it has taken them; accounts that are to be removed, until they
/// are forgotten.
pub(super) fn ask(database: &Path, kind: Kind, names: &[UserName]) -> std::result::Result<Answer, StoreError> {
    let failed = |source| StoreError::Database { path: database.to_path_buf(), source };
    let mut db = store::attach(database)?;
    leave(&mut db, kind, names).map_err(failed)?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if is_done(&db, kind, names).map_err(failed)? {
            return Ok(Answer::Done);
        }
        sleep(GLANCE);
    }
    // Nobody is to find it later on who asks for nothing.
    take_back(&db, kind, names).map_err(failed)?;
    Ok(Answer::None)
}

fn leave(db: &mut Connection, kind: Kind, names: &[UserName]) -> Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for name in names {
        transaction
            .prepare_cached("INSERT INTO admin_order (kind, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![kind.word(), name.as_str()])?;
    }
    transaction.commit()
}

fn is_done(db: &Connection, kind: Kind, names: &[UserName]) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM admin_order WHERE kind = ?1)";
    if db.prepare_cached(sql)?.query_row([kind.word()], |row| row.get(0))? {
        return Ok(false);
    }
    Ok(kind != Kind::Remove || store::accounts::remembered(db, names)? == 0)
}

fn take_back(db: &Connection, kind: Kind, names: &[UserName]) -> Result<()> {
    let mut take = db.prepare("DELETE FROM admin_order WHERE kind = ?1 AND name = ?2")?;
    names.iter().try_for_each(|name| take.execute(params![kind.word(), name.as_str()]).map(|_| ()))
}

/// Takes every order out. An order that cannot be taken out is not returned: it would be done again and again.
pub(super) fn take(db: &Connection) -> Result<Vec<(Kind, UserName)>> {
    let waiting: bool =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM admin_order)")?.query_row([], |row| row.get(0))?;
    if !waiting {
        return Ok(Vec::new());
    }
    let mut take = db.prepare_cached("DELETE FROM admin_order RETURNING kind, name")?;
    let rows = take.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let order = |(word, name): &(String, String)| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        Some((kind, UserName::new(name).ok()?))
    };
    Ok(rows.iter().filter_map(order).collect())
}
