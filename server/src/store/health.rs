//! Whether the database does what it is asked: trouble is logged when it begins and when it ends.

use std::path::Path;
use std::time::{Duration, Instant};

use whoelse_sqlite::Fate;

/// How long nothing may have failed before the database counts as well again. On a disk that is nearly full a small
/// write succeeds between two large ones that do not, and the log is not to tell of each.
const CALM: Duration = Duration::from_secs(10);

/// What went wrong.
#[derive(Debug)]
pub(super) enum Trouble<'a> {
    /// SQLite says so.
    Sqlite(&'a rusqlite::Error),
    /// The disk has room for what must always be possible and for nothing more.
    NoRoom,
    /// The files are not those that were opened.
    Moved(&'a Fate),
}

/// Kinds of trouble of which the log tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Failing,
    Damaged,
    NoRoom,
    Moved,
}

/// The health of a database.
#[derive(Debug, Default)]
pub(super) struct Health {
    failing: Option<(Kind, Instant)>,
    /// Damage is told once: it does not go by itself.
    damage_told: bool,
}

impl Health {
    /// Notes trouble and logs it if it is new. Whether it is.
    pub(super) fn note(&mut self, trouble: &Trouble<'_>, path: &Path) -> bool {
        let kind = trouble.kind();
        let told = if kind == Kind::Damaged {
            std::mem::replace(&mut self.damage_told, true)
        } else {
            self.failing.replace((kind, Instant::now())).is_some_and(|(before, _)| before == kind)
        };
        if !told {
            trouble.log(path);
        }
        !told
    }

    /// Notes that everything was done.
    pub(super) fn note_success(&mut self) {
        if self.failing.is_some_and(|(_, last)| last.elapsed() >= CALM) {
            tracing::warn!("the database works again");
            self.failing = None;
        }
    }
}

impl Trouble<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(error) if whoelse_sqlite::is_damage(error) => Kind::Damaged,
            Self::Sqlite(_) => Kind::Failing,
            Self::NoRoom => Kind::NoRoom,
            Self::Moved(_) => Kind::Moved,
        }
    }

    fn log(&self, path: &Path) {
        let path = path.display();
        match self {
            Self::Sqlite(error) if whoelse_sqlite::is_damage(error) => tracing::error!(
                "{path} is damaged, what is lost of it is told to those who ask for it: {error}; stop the server and \
                 bring back a backup, or save what there is with `sqlite3 {path} .recover`",
            ),
            Self::Sqlite(error) => tracing::error!("the database fails, what it cannot do is refused: {error}"),
            Self::NoRoom => tracing::error!(
                "the disk of {path} is full, or has less free than --reserve-mb leaves: what is stored is delivered, new \
                 messages are refused until there is room",
            ),
            Self::Moved(fate) => {
                let remedy = "everything new is refused, for it would be lost; stop the server, put the file back and \
                              start it again";
                match fate {
                    Fate::Whole => {}
                    Fate::Removed(file) => {
                        tracing::error!("{} was removed while the server runs: {remedy}", file.display());
                    }
                    Fate::Replaced(file) => {
                        tracing::error!("{} was replaced while the server runs: {remedy}", file.display());
                    }
                    Fate::Emptied(file) => {
                        tracing::error!("{} was emptied while the server runs: {remedy}", file.display());
                    }
                }
            }
        }
    }
}
