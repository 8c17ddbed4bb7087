//! What stops a measurement.

use std::io;
use std::path::PathBuf;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or a socket.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// TLS could not be set up.
    #[error("setting up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A certificate could not be made.
    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// SQLite.
    #[error("measuring SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A connection closed, or was refused, before it was of use.
    #[error("connection {id}: {cause}")]
    Connection {
        /// Which.
        id: u32,
        /// What was wrong; may be the server's words.
        cause: String,
    },
    /// The server that is to be measured did not start, or did not stop.
    #[error("the server at {path}: {cause}", path = path.display())]
    Server {
        /// Its program.
        path: PathBuf,
        /// What was wrong.
        cause: String,
    },
    /// A message did not fare as it must.
    #[error("{rule}\n  {trace}")]
    Broken {
        /// Which, and what is wrong.
        rule: String,
        /// What happened to it.
        trace: String,
    },
    /// A task of the measurement ended by a panic.
    #[error("a task of the measurement broke: {0}")]
    Task(#[from] tokio::task::JoinError),
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Puts what was being done in front of a failure of the system.
pub(crate) trait Doing<T> {
    /// `what` in the form "reading x".
    fn doing(self, what: &'static str) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &'static str) -> Result<T> {
        self.map_err(|source| Error::Io { what, source })
    }
}
