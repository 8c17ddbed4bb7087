//! Orders to lift a lock, on their way through the database to the running server.

use std::path::Path;

use rusqlite::{Connection, Result};
use whoelse_proto::UserName;

use crate::store::{self, StoreError};

/// Leaves an order for the running server.
pub(super) fn request(database: &Path, name: &UserName) -> std::result::Result<(), StoreError> {
    let db = store::attach(database)?;
    db.execute("INSERT INTO unlock_request (name) VALUES (?1) ON CONFLICT DO NOTHING", [name.as_str()])
        .map(|_| ())
        .map_err(|source| StoreError::Database { path: database.to_path_buf(), source })
}

/// Takes every order out. An order that cannot be taken out is not returned: it would lift every later lock too.
pub(super) fn take(db: &Connection) -> Result<Vec<UserName>> {
    let waiting: bool =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM unlock_request)")?.query_row([], |row| row.get(0))?;
    if !waiting {
        return Ok(Vec::new());
    }
    let mut take = db.prepare_cached("DELETE FROM unlock_request RETURNING name")?;
    let names = take.query_map([], |row| row.get::<_, String>(0))?;
    let names = names.collect::<Result<Vec<_>>>()?;
    Ok(names.iter().filter_map(|name| UserName::new(name).ok()).collect())
}
