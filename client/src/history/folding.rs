//! Texts of an earlier version, folded for the search once.

use rusqlite::{Connection, params};
use whoelse_model::folded;

/// Messages read at a time: some megabytes of text at their longest.
const PAGE: i64 = 500;

/// A text as it stands beside the one that was written; none of one that is found as it is.
pub(super) fn beside(text: &str) -> Option<String> {
    (!text.is_ascii()).then(|| folded(text))
}

/// Folds what an earlier version wrote. Where the disk does not let it, such messages are found as they were before,
/// and the next start tries again.
pub(super) fn fold_earlier(connection: &mut Connection) {
    if let Err(error) = try_fold(connection) {
        tracing::warn!("messages of an earlier version are not all found without accents: {error}");
    }
}

fn try_fold(connection: &mut Connection) -> rusqlite::Result<()> {
    let is_done = "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'folded')";
    if connection.query_row(is_done, [], |row| row.get(0))? {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    let mut after = 0;
    loop {
        let page = read(&transaction, after)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (row, text) in &page {
            fold(&transaction, *row, text)?;
        }
    }
    transaction.execute("INSERT INTO settings (name, value) VALUES ('folded', 'yes')", [])?;
    transaction.commit()
}

/// The next messages that are not plain ASCII.
fn read(connection: &Connection, after: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    let sql = "SELECT row, text FROM messages WHERE row > ?1 AND indexed AND folded IS NULL \
               AND text GLOB '*[^' || char(1) || '-' || char(127) || ']*' ORDER BY row LIMIT ?2";
    connection.prepare_cached(sql)?.query_map([after, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Puts the folded words of a message in place of those written.
fn fold(connection: &Connection, row: i64, text: &str) -> rusqlite::Result<()> {
    let folded = folded(text);
    for index in ["words", "trigrams"] {
        let forget = format!("INSERT INTO {index} ({index}, rowid, text) VALUES ('delete', ?1, ?2)");
        connection.prepare_cached(&forget)?.execute(params![row, text])?;
        let put = format!("INSERT INTO {index} (rowid, text) VALUES (?1, ?2)");
        connection.prepare_cached(&put)?.execute(params![row, folded])?;
    }
    connection.prepare_cached("UPDATE messages SET folded = ?2 WHERE row = ?1")?.execute(params![row, folded])?;
    Ok(())
}
