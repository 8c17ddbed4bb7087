//! Looking a database over, within a time.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

/// Steps of SQLite's machine between two looks at the clock: some microseconds.
const STEPS: std::ffi::c_int = 1000;

/// What came of looking a database over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Nothing is wrong with it.
    Whole,
    /// Something is wrong: the first thing that was found.
    Damaged(String),
    /// Nothing was found within the time; there is more of it.
    Unfinished,
}

/// Looks a database over (`PRAGMA quick_check`) for at most this time: half a gigabyte a second where the file is in
/// memory, what the disk gives where it is not.
///
/// # Errors
/// What SQLite says, apart from damage.
pub fn check(db: &mut Connection, at_most: Duration) -> rusqlite::Result<Checked> {
    let began = Instant::now();
    db.progress_handler(STEPS, Some(move || began.elapsed() >= at_most))?;
    let said = db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    db.progress_handler(0, None::<fn() -> bool>)?;
    match said {
        Ok(said) if said == "ok" => Ok(Checked::Whole),
        Ok(said) => Ok(Checked::Damaged(said.lines().last().unwrap_or_default().to_owned())),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Ok(Checked::Unfinished),
            Some(ErrorCode::DatabaseCorrupt) => Ok(Checked::Damaged(error.to_string())),
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &std::path::Path) -> Connection {
        let db = Connection::open(path).unwrap();
        db.execute_batch(
            "CREATE TABLE t (n PRIMARY KEY, filler);
             WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
             INSERT INTO t SELECT n, hex(randomblob(50)) FROM c",
        )
        .unwrap();
        db
    }

    #[test]
    fn damage_is_found_and_a_whole_database_is_said_to_be_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let mut db = filled(&path);
        assert_eq!(check(&mut db, Duration::from_mins(1)).unwrap(), Checked::Whole);
        drop(db);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0xAB);
        std::fs::write(&path, bytes).unwrap();
        let checked = check(&mut Connection::open(&path).unwrap(), Duration::from_mins(1)).unwrap();
        assert!(matches!(checked, Checked::Damaged(_)), "{checked:?}");
    }

    #[test]
    fn a_check_ends_in_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = filled(&folder.path().join("a.sqlite"));
        for at_most in [Duration::ZERO, Duration::from_nanos(1)] {
            assert_eq!(check(&mut db, at_most).unwrap(), Checked::Unfinished);
        }
        let counted = db.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0));
        assert_eq!(counted, Ok(20_000), "nothing else is held to that time");
    }
}
