//! Space that delivered messages leave behind is given back to the disk, a little at a time.

use std::path::Path;

use rusqlite::{Connection, Result};

/// Pages given back in one look, about one a second: 8 MiB, which holds the store up for some hundredths of a second.
const PAGES_PER_LOOK: u32 = 2_048;

/// Free pages that stay: the next messages need them anyway.
const PAGES_KEPT: u32 = 64;

/// Bytes on the disk for each page given back at a time: what is moved lies in the log until it is in the file.
const ROOM_A_PAGE: u64 = 16 * 4096;

/// Bytes of a database that is rebuilt at the start so that it can give space back; for a larger one that is the
/// administrator's to do.
const MOST_REBUILT: u64 = 1024 * 1024 * 1024;

/// What SQLite calls a database that gives space back when it is asked to.
const INCREMENTAL: u32 = 2;

/// Before the first table: the database will be able to give space back.
pub(super) fn prepare(db: &Connection) -> Result<()> {
    db.pragma_update(None, "auto_vacuum", INCREMENTAL)
}

/// Rebuilds a database of an earlier version, once, so that it can give space back.
pub(super) fn enable(db: &Connection, path: &Path) {
    match try_enable(db, path) {
        Ok(Enabled::Yes) => {}
        Ok(Enabled::TooLarge) => tracing::warn!(
            "{} does not give back the space of delivered messages; to change that, stop the server and run \
             `sqlite3 {} 'PRAGMA auto_vacuum = 2; VACUUM'`, with as much room on the disk as the file has",
            path.display(),
            path.display()
        ),
        Err(error) => tracing::warn!("{} cannot be made to give space back yet: {error}", path.display()),
    }
}

enum Enabled {
    Yes,
    TooLarge,
}

fn try_enable(db: &Connection, path: &Path) -> Result<Enabled> {
    if db.query_row("PRAGMA auto_vacuum", [], |row| row.get::<_, u32>(0))? == INCREMENTAL {
        return Ok(Enabled::Yes);
    }
    let bytes = path.metadata().map_or(u64::MAX, |file| file.len());
    let free = path.parent().and_then(|folder| fs4::available_space(folder).ok()).unwrap_or_default();
    if bytes > MOST_REBUILT || free / 3 < bytes {
        return Ok(Enabled::TooLarge);
    }
    prepare(db)?;
    db.execute_batch("VACUUM")?;
    Ok(Enabled::Yes)
}

/// Gives back some of the pages that hold nothing. On a disk that is nearly full it goes in small steps: what is moved
/// takes room in the log first.
pub(super) fn give_back(db: &Connection, path: &Path) -> Result<()> {
    let free: u32 = db.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    let room = whoelse_sqlite::available(path.parent().unwrap_or(path)) / ROOM_A_PAGE;
    let affordable = u32::try_from(room).unwrap_or(u32::MAX);
    let pages = free.saturating_sub(PAGES_KEPT).min(PAGES_PER_LOOK).min(affordable);
    if pages > 0 {
        // Each step of the statement gives back one page.
        let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        drop(steps);
        // The file shrinks once the log is moved to it; until then the pages would be neither in it nor on the disk.
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}
