//! What a server is told at its start.

use std::net::SocketAddr;
use std::path::PathBuf;

use whoelse_hub::Limits;
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{Agent, DEFAULT_PORT, NewAccounts, Seconds};

/// Seconds for which a name is locked after too many wrong passwords, if nothing else is asked for.
pub const DEFAULT_LOCK_S: u64 = 60;

/// Seconds without a valid action after which a session ends, if nothing else is asked for.
pub const DEFAULT_TIMEOUT_S: u64 = 1800;

/// Where a relay listens if no other port is asked for: beside the server.
pub const DEFAULT_RELAY_PORT: u16 = DEFAULT_PORT + 1;

/// The settings of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where it listens.
    pub listen: Listen,
    /// The folder that holds everything it keeps, apart from the accounts; made if it is missing.
    pub data_dir: PathBuf,
    /// The file of accounts.
    pub credentials: PathBuf,
    /// How long a name is locked after too many wrong passwords.
    pub lock: Seconds,
    /// How long a session lives without a valid action; 0 is for ever.
    pub timeout: Seconds,
    /// Who may make an account.
    pub registration: NewAccounts,
    /// What it is called in its clients' windows.
    pub title: Agent,
    /// How long a question for a private session is open: [`PRIVATE_REQUEST_S`] but in tests.
    pub question: Seconds,
    /// The bounds of fair shares.
    pub limits: Limits,
    /// Bytes of the disk that are left to others: with less free than that no message is taken.
    pub keep_free: u64,
}

/// Where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On every address of the machine, IPv6 and IPv4; port 0 takes a free one.
    Everywhere {
        /// The port.
        port: u16,
    },
    /// On one address.
    At(SocketAddr),
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everywhere { port } => write!(f, "port {port}"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl Config {
    /// The defaults of `docs/OPERATING.md`, with its files at these places.
    #[must_use]
    pub fn new(data_dir: PathBuf, credentials: PathBuf) -> Self {
        Self {
            listen: Listen::Everywhere { port: DEFAULT_PORT },
            data_dir,
            credentials,
            lock: Seconds::new(DEFAULT_LOCK_S),
            timeout: Seconds::new(DEFAULT_TIMEOUT_S),
            registration: NewAccounts::Anyone,
            title: Agent::new("Whoelse"),
            question: Seconds::new(PRIVATE_REQUEST_S),
            limits: Limits::DEFAULT,
            keep_free: 0,
        }
    }
}
