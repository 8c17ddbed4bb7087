//! Room on the disk that is kept for what must always be possible: to take out what was delivered, and to start.
//!
//! It is a file beside the database. When the disk is full a part of it is given back to the system, and SQLite, who
//! asks at once, gets it; when there is room again, it is filled up.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::found::beside;

/// The largest reserve: twice what a write-ahead log grows to.
const LARGEST: u64 = 8 * 1024 * 1024;

/// The smallest: a few transactions.
const SMALLEST: u64 = 64 * 1024;

/// The part of a small disk that is reserved.
const PART_OF_DISK: u64 = 16;

/// Parts in which it is given back: what another program takes first is lost.
const STEPS: u64 = 4;

/// Bytes written at a time.
const BLOCK: usize = 8 * 1024;

/// Whether room was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It was.
    Given,
    /// There was none left.
    Nothing,
}

/// The reserve of one database.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    /// Bytes that it should have.
    wanted: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// All of it is there.
    Whole,
    /// Some of it was given back, or there was no room to make it.
    Short,
    /// The system lets no file be made here.
    Impossible,
}

impl Reserve {
    /// The reserve of a database, as it is on the disk.
    #[must_use]
    pub fn of(database: &Path) -> Self {
        let path = beside(database, "-reserve");
        let folder = database.parent().unwrap_or(database);
        let wanted = fs4::total_space(folder).map_or(LARGEST, |total| total / PART_OF_DISK).clamp(SMALLEST, LARGEST);
        let mut reserve = Self { path, wanted, state: State::Short };
        if reserve.held() >= wanted {
            reserve.state = State::Whole;
        }
        reserve
    }

    /// Whether there is a file: a database was here before.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Bytes that the write-ahead log may have, so that the reserve holds two of it.
    #[must_use]
    pub fn log_bytes(&self) -> u64 {
        self.wanted / 2
    }

    /// Whether it is all there; where none can be made, none is missed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self.state {
            State::Whole | State::Impossible => true,
            State::Short => false,
        }
    }

    fn held(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Fills it up if it is short and there is room for it, and as much again.
    pub fn refill(&mut self) {
        if self.state != State::Short {
            return;
        }
        let folder = self.path.parent().unwrap_or(&self.path);
        let missing = self.wanted.saturating_sub(self.held());
        if available(folder) < missing.saturating_add(self.wanted) {
            return;
        }
        self.state = match self.fill() {
            Ok(()) => State::Whole,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => State::Short,
            Err(error) => {
                tracing::debug!(%error, "no room can be reserved in {}", self.path.display());
                State::Impossible
            }
        };
    }

    fn fill(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        let mut noise = Noise(self.wanted);
        let mut block = [0; BLOCK];
        let mut missing = self.wanted.saturating_sub(file.metadata()?.len());
        while missing > 0 {
            noise.fill(&mut block);
            let count = usize::try_from(missing).unwrap_or(BLOCK).min(BLOCK);
            file.write_all(block.get(..count).unwrap_or_default())?;
            missing -= count as u64;
        }
        file.sync_all()
    }

    /// Gives a part of it back to the system.
    pub fn release(&mut self) -> Release {
        let held = self.held();
        if held == 0 || self.state == State::Impossible {
            return Release::Nothing;
        }
        self.state = State::Short;
        let left = held.saturating_sub(self.wanted.div_ceil(STEPS));
        match OpenOptions::new().write(true).open(&self.path).and_then(|file: File| file.set_len(left)) {
            Ok(()) => Release::Given,
            Err(error) => {
                tracing::debug!(%error, "the reserve {} cannot be given back", self.path.display());
                Release::Nothing
            }
        }
    }
}

/// Bytes that the disk of a folder has left for this user; where the system does not say, there is room.
#[must_use]
pub fn available(folder: &Path) -> u64 {
    fs4::available_space(folder).unwrap_or(u64::MAX)
}

/// Bytes that no file system stores in less room.
struct Noise(u64);

impl Noise {
    fn fill(&mut self, block: &mut [u8]) {
        for bytes in block.as_chunks_mut::<8>().0 {
            // Marsaglia, "Xorshift RNGs" (2003).
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            *bytes = self.0.to_le_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_is_given_back_in_parts_and_filled_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.sqlite");
        let mut reserve = Reserve::of(&database);
        assert!(!reserve.is_whole() && !reserve.is_there());
        reserve.refill();
        assert!(reserve.is_whole() && reserve.is_there());
        let size = fs::metadata(folder.path().join("a.sqlite-reserve")).unwrap().len();
        assert_eq!(size, reserve.wanted);
        assert!(Reserve::of(&database).is_whole(), "the next start finds it");

        let given = (0..99).take_while(|_| reserve.release() == Release::Given).count();
        assert_eq!(given as u64, STEPS);
        assert!(!reserve.is_whole());
        reserve.refill();
        assert!(reserve.is_whole());
    }

    #[test]
    fn where_no_file_can_be_made_none_is_missed() {
        let mut reserve = Reserve::of(Path::new("/dev/null/a.sqlite"));
        reserve.refill();
        assert!(reserve.is_whole());
        assert_eq!(reserve.release(), Release::Nothing);
    }
}
