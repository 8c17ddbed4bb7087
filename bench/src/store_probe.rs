//! What it costs on a disk to make rows durable, and on a processor to hash a password.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use clap::Args;
use rusqlite::{Connection, params};
use serde_json::json;

use crate::error::{Doing, Result};
use crate::procfs::cpu;
use crate::span::{print, quantile, round, whole};

/// Where to measure.
#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// A folder on the disk in question; what is put there is removed again
    dir: PathBuf,
    /// Seconds for each figure
    #[arg(long, default_value_t = 2)]
    secs: u64,
}

/// Bytes of a row, and of a write.
const ROW: [u8; 160] = [b'x'; 160];
const PAGE: [u8; 4096] = [7; 4096];

/// Bytes of a file that is written over.
const OLD_FILE: usize = 64 << 20;

/// Rows of a transaction.
const BATCHES: [i64; 4] = [1, 10, 100, 1000];

/// Repeats `work`, which makes `rows` rows durable, and prints what it took.
fn measure(what: &str, rows: i64, probe: &Probe, mut work: impl FnMut() -> Result<()>) -> Result<()> {
    let own = [std::process::id()];
    let (since, before, mut times) = (Instant::now(), cpu(&own), Vec::new());
    while since.elapsed() < Duration::from_secs(probe.secs) {
        let start = Instant::now();
        work()?;
        times.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    let (seconds, used) = (since.elapsed().as_secs_f64(), (cpu(&own) - before).sum());
    let all_rows = times.len() as f64 * rows as f64;
    times.sort_unstable();
    let millis = |share| quantile(&times, share).map(|nanos| round(nanos as f64 / 1e6, 3));
    print(&[json!({
        "what": what,
        "rows_per_transaction": rows,
        "transactions_per_s": whole(times.len() as f64 / seconds),
        "rows_per_s": whole(all_rows / seconds),
        "p50_ms": millis(0.5),
        "p99_ms": millis(0.99),
        "max_ms": millis(1.0),
        "cpu_us_per_row": round(used / all_rows * 1e6, 2),
    })]);
    Ok(())
}

/// Measures everything.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn run(probe: &Probe) -> Result<()> {
    std::fs::create_dir_all(&probe.dir).doing("making the folder")?;
    let dir = tempfile::tempdir_in(&probe.dir).doing("making a folder")?;
    plain_files(probe, dir.path())?;
    for (synchronous, batches) in [("FULL", &BATCHES[..]), ("NORMAL", &[1, 100])] {
        for &rows in batches {
            sqlite(probe, dir.path(), synchronous, rows)?;
        }
    }
    hashing(probe)
}

fn plain_files(probe: &Probe, dir: &Path) -> Result<()> {
    let path = dir.join("file");
    let mut file = File::create(&path).doing("making a file")?;
    measure("append 4 KiB, fsync", 1, probe, || {
        file.write_all(&PAGE).and_then(|()| file.sync_all()).doing("appending")
    })?;
    measure("append 4 KiB, fdatasync", 1, probe, || {
        file.write_all(&PAGE).and_then(|()| file.sync_data()).doing("appending")
    })?;
    for rows in BATCHES {
        let batch = ROW.repeat(usize::try_from(rows).unwrap_or_default());
        measure("append rows, fdatasync", rows, probe, || {
            file.write_all(&batch).and_then(|()| file.sync_data()).doing("appending")
        })?;
    }
    std::fs::write(&path, vec![1; OLD_FILE]).doing("making a file")?;
    let mut file = OpenOptions::new().write(true).open(&path).doing("opening a file")?;
    file.sync_all().doing("making a file")?;
    let places = (0..OLD_FILE as u64).step_by(PAGE.len()).cycle();
    let mut places = places.map(SeekFrom::Start);
    measure("write over 4 KiB, fdatasync", 1, probe, || {
        file.seek(places.next().unwrap_or(SeekFrom::Start(0))).doing("seeking")?;
        file.write_all(&PAGE).and_then(|()| file.sync_data()).doing("writing")
    })
}

fn sqlite(probe: &Probe, dir: &Path, synchronous: &str, rows: i64) -> Result<()> {
    let db = Connection::open(dir.join(format!("{synchronous}-{rows}.db")))?;
    db.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
         CREATE TABLE m (id INTEGER PRIMARY KEY, dst INTEGER NOT NULL, src INTEGER NOT NULL, body BLOB NOT NULL);
         CREATE INDEX m_dst ON m (dst, id);"
    ))?;
    let mut n = 0_i64;
    measure(&format!("SQLite, WAL, synchronous {synchronous}: insert"), rows, probe, || {
        db.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..rows {
            n += 1;
            let mut insert = db.prepare_cached("INSERT INTO m (dst, src, body) VALUES (?1, ?2, ?3)")?;
            insert.execute(params![n * 7919 % 10_000, n % 977, &ROW[..]])?;
        }
        Ok(db.execute_batch("COMMIT")?)
    })?;
    let mut deleted = 0;
    measure(&format!("SQLite, WAL, synchronous {synchronous}: delete"), rows, probe, || {
        db.execute("DELETE FROM m WHERE id > ?1 AND id <= ?2", params![deleted, deleted + rows])?;
        deleted += rows;
        Ok(())
    })
}

fn hashing(probe: &Probe) -> Result<()> {
    for (memory, passes) in [(Params::DEFAULT_M_COST, Params::DEFAULT_T_COST), (12_288, 3), (7168, 5)] {
        let Ok(params) = Params::new(memory, passes, 1, None) else { continue };
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = [0; 64];
        measure(&format!("Argon2id, {memory} KiB, {passes} passes"), 1, probe, || {
            // The parameters are valid and the salt is long enough.
            let _done = argon.hash_password_into(b"password", b"saltsaltsaltsalt", &mut out);
            Ok(())
        })?;
    }
    Ok(())
}
