//! Whether a write-ahead log holds all that it once held.
//!
//! SQLite reads a log up to the first entry that does not fit and silently leaves the rest. What the rest says, and what
//! the index beside the log says of its length, tells that there was more. After <https://sqlite.org/walformat.html>.
//!
//! Opens the files: only to be called while no connection to the database is open in this process, for to close a file
//! gives up the locks that SQLite holds on it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use crate::found::{beside, log_of};

/// The first word of a log whose checksums are made of little-endian words; with the last bit set, of big-endian ones.
const MAGIC: u32 = 0x377f_0682;

/// Bytes of the header.
const HEADER: usize = 32;

/// Bytes of the header that its checksum covers.
const HEADER_SUMMED: usize = 24;

/// Bytes before each page.
const FRAME_HEADER: usize = 24;

/// Bytes of a frame's header that its checksum covers.
const FRAME_SUMMED: usize = 8;

/// The largest page of SQLite.
const MAX_PAGE: usize = 65_536;

/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;

/// Bytes of one of the two equal headers of the index.
const INDEX_HEADER: usize = 48;

/// A log of which not everything can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogDamage {
    /// Pages that will be read.
    pub readable: u32,
    /// Pages that were written, as far as can be told.
    pub written: u32,
}

/// Looks whether the log of a database is shorter than it was, or damaged within. `None` where all is well or there is
/// no log.
///
/// # Errors
/// What the system says.
pub fn inspect_log(path: &Path) -> io::Result<Option<LogDamage>> {
    let file = match File::open(log_of(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut log = BufReader::with_capacity(READ_BYTES, file);
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(None);
    }
    let Some(shape) = Shape::of(&header) else {
        return Ok(Some(LogDamage { readable: 0, written: index_of(path, None).unwrap_or(1).max(1) }));
    };
    let (readable, seen) = read_frames(&mut log, &shape)?;
    let written = seen.max(index_of(path, Some(&shape.salt)).unwrap_or_default());
    Ok((readable < written).then_some(LogDamage { readable, written }))
}

/// What the header says of the frames.
struct Shape {
    page: usize,
    salt: [u8; 8],
    sum: Sum,
}

impl Shape {
    /// Reads a header; `None` if it is none.
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let magic = word(header, 0)?;
        let order = match magic ^ MAGIC {
            0 => Order::Little,
            1 => Order::Big,
            _ => return None,
        };
        let page = usize::try_from(word(header, 8)?).ok()?;
        let salt = header.get(16..24)?.try_into().ok()?;
        let mut sum = Sum { first: 0, second: 0, order };
        sum.add(header.get(..HEADER_SUMMED)?);
        let fits = page.is_power_of_two() && (512..=MAX_PAGE).contains(&page);
        (fits && sum.is(word(header, 24)?, word(header, 28)?)).then_some(Self { page, salt, sum })
    }
}

/// The last frame of the last change that can be read, and of the last one that was written.
fn read_frames(log: &mut impl io::Read, shape: &Shape) -> io::Result<(u32, u32)> {
    let (mut readable, mut written) = (0, 0);
    let mut sum = Some(shape.sum);
    let mut frame = vec![0; FRAME_HEADER + shape.page];
    let mut number = 0;
    while fill(log, &mut frame)? {
        number += 1;
        // Another salt: what is left of an earlier log in the same file.
        if frame.get(8..16) != Some(&shape.salt) {
            sum = None;
            continue;
        }
        let ends_change = word(&frame, 4).is_some_and(|pages| pages > 0);
        sum = sum.and_then(|sum| sum.follow(&frame));
        if ends_change {
            written = number;
        }
        if ends_change && sum.is_some() {
            readable = number;
        }
    }
    Ok((readable, written))
}

/// The byte order of a checksum's words.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// The running checksum of a log.
#[derive(Clone, Copy)]
struct Sum {
    first: u32,
    second: u32,
    order: Order,
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.as_chunks::<8>().0 {
            let pair = u64::from_be_bytes(*pair);
            let [first, second] = [pair >> 32, pair & u64::from(u32::MAX)].map(|word| {
                let word = u32::try_from(word).unwrap_or_default();
                match self.order {
                    Order::Little => word.swap_bytes(),
                    Order::Big => word,
                }
            });
            self.first = self.first.wrapping_add(first).wrapping_add(self.second);
            self.second = self.second.wrapping_add(second).wrapping_add(self.first);
        }
    }

    fn is(self, first: u32, second: u32) -> bool {
        (self.first, self.second) == (first, second)
    }

    /// The checksum behind a frame, if that is what the frame says.
    fn follow(mut self, frame: &[u8]) -> Option<Self> {
        self.add(frame.get(..FRAME_SUMMED)?);
        self.add(frame.get(FRAME_HEADER..)?);
        self.is(word(frame, 16)?, word(frame, 20)?).then_some(self)
    }
}

/// The big-endian word at a place.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// How many frames the index beside the log counts, if it is whole and of the log with this salt, or of any.
fn index_of(path: &Path, salt: Option<&[u8; 8]>) -> Option<u32> {
    let mut index = [0; 2 * INDEX_HEADER];
    File::open(beside(path, "-shm")).ok()?.read_exact(&mut index).ok()?;
    let (first, second) = index.split_at(INDEX_HEADER);
    let is_whole = first == second && first.get(12) == Some(&1);
    let is_of_log = salt.is_none_or(|salt| first.get(32..40) == Some(salt));
    let count = first.get(16..20)?.try_into().ok().map(u32::from_ne_bytes)?;
    (is_whole && is_of_log).then_some(count)
}

/// Fills a buffer; `false` if there was not enough.
fn fill(from: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes of a log that hold changes; for messages to people.
#[must_use]
pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(log_of(path)).map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// The files of a database as a killed process leaves them, with this many changes in the log.
    struct Left {
        folder: tempfile::TempDir,
    }

    impl Left {
        fn with_changes(count: u32) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("open.sqlite");
            let db = Connection::open(&path).unwrap();
            db.execute_batch("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n)").unwrap();
            for n in 1..count {
                db.execute("INSERT INTO t VALUES (?1)", [n]).unwrap();
            }
            let left = Self { folder };
            for ending in ["", "-wal", "-shm"] {
                fs::copy(beside(&path, ending), beside(&left.path(), ending)).unwrap();
            }
            drop(db);
            left
        }

        fn path(&self) -> std::path::PathBuf {
            self.folder.path().join("left.sqlite")
        }

        fn change_log(&self, change: impl FnOnce(&mut Vec<u8>)) {
            let log = log_of(&self.path());
            let mut bytes = fs::read(&log).unwrap();
            change(&mut bytes);
            fs::write(log, bytes).unwrap();
        }

        fn rows(&self) -> u32 {
            let db = Connection::open(self.path()).unwrap();
            db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap_or_default()
        }
    }

    #[test]
    fn a_log_as_a_killed_process_leaves_it_is_whole() {
        let left = Left::with_changes(50);
        assert_eq!(inspect_log(&left.path()).unwrap(), None);
        assert_eq!(left.rows(), 49);
        assert_eq!(inspect_log(&left.path()).unwrap(), None, "no log at all");
    }

    #[test]
    fn a_changed_byte_in_the_midst_is_seen_where_sqlite_says_nothing() {
        let left = Left::with_changes(50);
        left.change_log(|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        let damage = inspect_log(&left.path()).unwrap().unwrap();
        assert!(damage.readable > 0 && damage.readable < damage.written, "{damage:?}");
        assert!(left.rows() < 49);
    }

    #[test]
    fn a_log_that_was_cut_is_seen_by_the_index_beside_it() {
        let left = Left::with_changes(50);
        left.change_log(|bytes| bytes.truncate(bytes.len() / 2));
        let damage = inspect_log(&left.path()).unwrap().unwrap();
        assert!(damage.readable < damage.written, "{damage:?}");
        fs::remove_file(beside(&left.path(), "-shm")).unwrap();
        assert_eq!(inspect_log(&left.path()).unwrap(), None, "without the index nothing tells of it");
    }

    #[test]
    fn a_log_without_its_header_is_seen() {
        let left = Left::with_changes(9);
        left.change_log(|bytes| bytes[..4].fill(7));
        assert_eq!(inspect_log(&left.path()).unwrap().unwrap().readable, 0);
    }

    #[test]
    fn a_change_that_was_not_completed_is_no_damage() {
        let left = Left::with_changes(9);
        left.change_log(|bytes| {
            // The last frame again, with the mark of a completed change taken off: a change cut off while written.
            let frame = bytes[bytes.len() - 4096 - FRAME_HEADER..].to_vec();
            bytes.extend(frame);
            let mark = bytes.len() - 4096 - FRAME_HEADER + 4;
            bytes[mark..mark + 4].fill(0);
        });
        assert_eq!(inspect_log(&left.path()).unwrap(), None);
    }

    #[test]
    fn what_is_left_of_an_earlier_log_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("open.sqlite");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n)").unwrap();
        for n in 0..40 {
            db.execute("INSERT INTO t VALUES (?1)", [n]).unwrap();
        }
        db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        db.execute("INSERT INTO t VALUES (99)", []).unwrap();
        let other = folder.path().join("left.sqlite");
        for ending in ["", "-wal", "-shm"] {
            fs::copy(beside(&path, ending), beside(&other, ending)).unwrap();
        }
        assert!(length(&other) > 20 * 4096);
        assert_eq!(inspect_log(&other).unwrap(), None);
    }
}
