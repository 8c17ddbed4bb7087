//! Taking turns at changing the file: who holds the lock changes it alone, and says which file it left.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::AccountsError;
use super::file::Shape;
use super::stamp::Stamp;
use crate::data_dir::{Paths, open_lock};
use crate::whole_file;

/// How long to wait for an editor that is writing the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often to look whether it is done.
const GLANCE: Duration = Duration::from_millis(50);

/// The right to change the file; goes with the value. Must not be held while passwords are hashed, for the
/// running server waits for it.
pub(super) struct Turn<'a> {
    paths: &'a Paths,
    lock: File,
}

impl<'a> Turn<'a> {
    /// Waits for everyone else who has a turn, and for an editor that has none and is half-way through the file: a
    /// change on top of half a file would lose the other half.
    ///
    /// # Errors
    /// [`AccountsError::Busy`] if the file does not come to rest, or what the system says.
    pub(super) fn take(paths: &'a Paths) -> Result<Self, AccountsError> {
        let path = paths.accounts_lock();
        let lock = open_lock(&path).map_err(AccountsError::io("lock", &path))?;
        lock.lock().map_err(AccountsError::io("lock", &path))?;
        let start = Instant::now();
        while Stamp::of(&paths.credentials).is_ok_and(|stamp| !is_whole(&stamp, paths)) {
            if start.elapsed() > PATIENCE {
                return Err(AccountsError::Busy(paths.credentials.clone()));
            }
            sleep(GLANCE);
        }
        Ok(Self { paths, lock })
    }

    /// Gives the file other content, and leaves word that it is whole.
    ///
    /// # Errors
    /// What the system says; the file is then as it was.
    pub(super) fn write(mut self, content: &[u8]) -> Result<Option<Stamp>, AccountsError> {
        let path = &self.paths.credentials;
        whole_file::replace(path, content).map_err(AccountsError::io("write", path))?;
        let stamp = Stamp::of(path).ok();
        if let Some(stamp) = &stamp {
            // Without the word the others wait until the file has come to rest.
            let _ = self.leave_word(stamp);
        }
        Ok(stamp)
    }

    /// Adds bytes to the file, all of them or none, and leaves word that it is whole.
    ///
    /// # Errors
    /// What the system says; the file then has no further account.
    pub(super) fn append(mut self, shape: Shape, bytes: &[u8]) -> Result<Option<Stamp>, AccountsError> {
        let path = &self.paths.credentials;
        whole_file::append(path, shape.bytes, shape.finished, bytes).map_err(AccountsError::io("write", path))?;
        let after = shape.with(bytes).bytes;
        let stamp = Stamp::of(path).ok().filter(|stamp| stamp.bytes() == after);
        if let Some(stamp) = &stamp {
            let _ = self.leave_word(stamp);
        }
        Ok(stamp)
    }

    fn leave_word(&mut self, stamp: &Stamp) -> std::io::Result<()> {
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        self.lock.write_all(stamp.word().as_bytes())
    }
}

/// Whether nobody is half-way through writing the file that looks like this.
pub(super) fn is_whole(stamp: &Stamp, paths: &Paths) -> bool {
    !stamp.is_fresh() || fs::read_to_string(paths.accounts_lock()).is_ok_and(|word| word == stamp.word())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Place;
    use super::*;

    #[test]
    fn whoever_writes_the_file_leaves_word_that_it_is_whole() {
        let place = Place::new("hans falcon\n");
        place.age(9);
        let accounts = place.open();
        let paths = place.paths();
        let word = || fs::read_to_string(paths.accounts_lock()).unwrap();
        Turn::take(&paths).unwrap().write(b"a longer name\n").unwrap();
        assert_eq!(word(), Stamp::of(&paths.credentials).unwrap().word());
        drop(accounts);
        place.write("an editor's\n");
        assert_ne!(word(), Stamp::of(&paths.credentials).unwrap().word());
    }
}
