//! Tokens go with passwords: where the file of accounts was changed while no server ran, nobody can say whose
//! password is another one, and every token and every pass is void.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Result};
use whoelse_proto::UserName;

use crate::accounts::{FileStamp, Successor};

/// Whether the tokens are those of the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// They may be resumed with.
    Kept,
    /// They went with other passwords and are void.
    Voided,
}

/// Whether the file is the one that was noted last. Changes nothing.
pub(super) fn compare(db: &Connection, stamp: Option<FileStamp>) -> Result<Tokens> {
    let noted = db
        .query_row("SELECT bytes, modified FROM accounts_file", [], |row| {
            Ok(FileStamp { bytes: row.get(0)?, modified: row.get(1)? })
        })
        .optional()?;
    Ok(if stamp.is_some() && noted == stamp { Tokens::Kept } else { Tokens::Voided })
}

/// Voids every token unless the file is the one that was noted last.
pub(super) fn check(db: &Connection, stamp: Option<FileStamp>) -> Result<Tokens> {
    if compare(db, stamp)? == Tokens::Kept {
        return Ok(Tokens::Kept);
    }
    let voided = db.execute("DELETE FROM token", [])?;
    db.execute("DELETE FROM pass", [])?;
    if let Some(stamp) = stamp {
        write(db, stamp)?;
    }
    Ok(if voided > 0 { Tokens::Voided } else { Tokens::Kept })
}

/// Notes the file, and voids the tokens of those who have another password in it, both or neither.
pub(crate) fn note(db: &mut Connection, stamp: FileStamp, other_password: &[UserName]) -> Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for name in other_password {
        super::passes::revoke(&transaction, name)?;
    }
    write(&transaction, stamp)?;
    transaction.commit()
}

fn write(db: &Connection, stamp: FileStamp) -> Result<()> {
    db.execute(
        "INSERT INTO accounts_file (only, bytes, modified) VALUES (1, ?1, ?2)
         ON CONFLICT DO UPDATE SET bytes = excluded.bytes, modified = excluded.modified",
        [stamp.bytes, stamp.modified],
    )?;
    Ok(())
}

/// Notes what the server made of the file by itself. Where another file is noted, somebody else's change is still to
/// be heard of, and nothing happens.
pub(super) fn follow(db: &Connection, Successor { of, is }: Successor) -> Result<()> {
    db.execute(
        "UPDATE accounts_file SET bytes = ?1, modified = ?2 WHERE bytes = ?3 AND modified = ?4",
        [is.bytes, is.modified, of.bytes, of.modified],
    )?;
    Ok(())
}

/// Notes the file by its place. Without a note of the file itself there is nothing to add this to.
pub(super) fn note_path(db: &Connection, credentials: &Path) -> Result<()> {
    db.execute("UPDATE accounts_file SET path = ?1 WHERE path IS NOT ?1", [whole(credentials)])?;
    Ok(())
}

/// Whether the file is the noted one.
pub(super) fn is_path(db: &Connection, credentials: &Path) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM accounts_file WHERE path = ?1)";
    db.query_row(sql, [whole(credentials)], |row| row.get(0))
}

/// A path as it is compared: whole, and without links.
fn whole(path: &Path) -> String {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}
