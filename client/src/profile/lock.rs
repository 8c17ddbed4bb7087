//! One program at a time has a profile: the lock, and who holds it.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;

use super::files;
use crate::error::{Error, Result};

/// Beside the lock, which nobody else may read on every system: the holder's computer and process.
const HOLDER_FILE: &str = "lock.holder";

/// Who has a profile open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The computer's name.
    host: String,
    /// The process's number there.
    process: u32,
}

impl Holder {
    /// This program.
    fn this() -> Self {
        Self { host: this_computer(), process: std::process::id() }
    }

    /// From what it wrote; `None` where that is something else.
    fn read(folder: &Path) -> Option<Self> {
        let written = fs::read_to_string(folder.join(HOLDER_FILE)).ok()?;
        let (host, process) = written.trim_end().split_once('\n')?;
        let is_name = !host.is_empty() && !host.chars().any(char::is_control);
        Some(Self { host: host.to_owned(), process: process.parse().ok()? }).filter(|_| is_name)
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        let mut file = files::owner_only().truncate(true).open(folder.join(HOLDER_FILE))?;
        file.write_all(format!("{}\n{}\n", self.host, self.process).as_bytes())
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, process } = self;
        if *host == this_computer() {
            write!(f, "process {process} on this computer")
        } else {
            write!(f, "process {process} on the computer {host}")
        }
    }
}

fn this_computer() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// Takes the profile's lock, and says beside it who has it.
pub(super) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = files::owner_only().truncate(false).open(&path).map_err(Error::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => {
            if let Err(error) = Holder::this().write(folder) {
                tracing::debug!(%error, "who has the profile is not noted");
            }
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            Err(Error::ProfileInUse { folder: folder.to_owned(), holder: Holder::read(folder) })
        }
        Err(TryLockError::Error(error)) => Err(Error::file("lock", &path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_is_open_says_by_which_process_on_which_computer() {
        let folder = tempfile::tempdir().unwrap();
        let _held = lock(folder.path()).unwrap();
        let told = lock(folder.path()).unwrap_err().to_string();
        assert!(told.contains(&format!("process {} on this computer", std::process::id())), "{told}");

        Holder { host: "echo-base".to_owned(), process: 7 }.write(folder.path()).unwrap();
        let told = lock(folder.path()).unwrap_err().to_string();
        assert!(told.contains("process 7 on the computer echo-base"), "{told}");

        for other in ["", "echo-base", "echo\u{1b}base\n7\n", "echo-base\nseven\n"] {
            fs::write(folder.path().join(HOLDER_FILE), other).unwrap();
            let told = lock(folder.path()).unwrap_err().to_string();
            assert!(told.contains("here or on another computer"), "{other:?}: {told}");
        }
    }
}
