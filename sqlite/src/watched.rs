//! Whether the files of an open database are still those that were opened.
//!
//! Looks at names alone and opens nothing: to close a file gives up the locks that SQLite holds on it.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::found::log_of;

/// Bytes below which a file is no database: SQLite's smallest page.
const SMALLEST: u64 = 512;

/// What became of an open database's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are those that were opened.
    Whole,
    /// One is not there any more.
    Removed(PathBuf),
    /// Another file has its name.
    Replaced(PathBuf),
    /// Somebody cut it down to nothing.
    Emptied(PathBuf),
}

impl Fate {
    /// Whether it is the fate of this file.
    #[must_use]
    pub fn is_of(&self, file: &Path) -> bool {
        match self {
            Self::Whole => false,
            Self::Removed(of) | Self::Replaced(of) | Self::Emptied(of) => of == file,
        }
    }
}

/// The files of an open database, as they were when it was opened.
#[derive(Debug)]
pub struct Watched {
    fate: Fate,
    path: PathBuf,
    database: Option<Id>,
    log: Option<Id>,
}

impl Watched {
    /// Notes the files of a database that is open.
    #[must_use]
    pub fn note(path: &Path) -> Self {
        let id = |path: &Path| fs::metadata(path).ok().map(|metadata| Id::of(&metadata));
        Self { fate: Fate::Whole, path: path.to_owned(), database: id(path), log: id(&log_of(path)) }
    }

    /// Looks what became of them. What is lost does not come back: SQLite may put a part of it there again.
    pub fn look(&mut self) -> &Fate {
        if self.fate == Fate::Whole {
            self.fate = self.fate_by_name();
        }
        &self.fate
    }

    fn fate_by_name(&self) -> Fate {
        let database = self.database.map_or(Fate::Whole, |id| fate(&self.path, id, SMALLEST));
        if database != Fate::Whole {
            return database;
        }
        // A log is emptied by whoever has moved its changes to the database.
        self.log.map_or(Fate::Whole, |id| fate(&log_of(&self.path), id, 0))
    }
}

fn fate(path: &Path, id: Id, smallest: u64) -> Fate {
    match fs::metadata(path) {
        Ok(metadata) if Id::of(&metadata) != id => Fate::Replaced(path.to_owned()),
        Ok(metadata) if metadata.len() < smallest => Fate::Emptied(path.to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Fate::Removed(path.to_owned()),
        // Whoever may not look knows nothing.
        Ok(_) | Err(_) => Fate::Whole,
    }
}

/// Which file a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id(u64, u64);

impl Id {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(metadata.dev(), metadata.ino())
    }

    /// An open file can be neither removed nor replaced here.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self(0, 0)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_removed_replaced_or_emptied_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let page = [1; 512];
        let put = || {
            fs::write(&path, page).unwrap();
            fs::write(log_of(&path), b"log").unwrap();
            Watched::note(&path)
        };
        let mut watched = put();
        assert_eq!(*watched.look(), Fate::Whole);
        fs::write(log_of(&path), b"").unwrap();
        assert_eq!(*watched.look(), Fate::Whole);
        fs::rename(log_of(&path), folder.path().join("kept")).unwrap();
        assert_eq!(*watched.look(), Fate::Removed(log_of(&path)));
        assert!(watched.look().is_of(&log_of(&path)) && !watched.look().is_of(&path));
        let mut watched = put();
        fs::write(&path, b"").unwrap();
        assert_eq!(*watched.look(), Fate::Emptied(path.clone()));
        fs::write(&path, page).unwrap();
        assert_eq!(*watched.look(), Fate::Emptied(path.clone()), "what was in it does not come back");
        let mut watched = put();
        fs::rename(&path, folder.path().join("old")).unwrap();
        fs::write(&path, page).unwrap();
        assert_eq!(*watched.look(), Fate::Replaced(path.clone()));
        let mut watched = put();
        fs::remove_file(&path).unwrap();
        assert_eq!(*watched.look(), Fate::Removed(path));
    }
}
