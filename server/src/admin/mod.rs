//! What the administrator does beside the running server: with the accounts, the locks and the certificate.
//!
//! The running server notices ([`AdminWatch`]). Prints nothing and asks nothing: that is the binary's part.

mod invites;
mod orders;
mod watch;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use whoelse_proto::{Fingerprint, NewAccounts, Password, Seconds, Timestamp, UserName};

pub use invites::{MAX_DAYS, MAX_INVITES, MAX_USES, Terms, invite, list_invites, revoke_invite};
pub use watch::{AdminWatch, Rereader};

use orders::{Answer, Kind};

use crate::accounts::{Accounts, AccountsError, MissingFile, SecretKind, is_loss};
use crate::data_dir::{DataDirError, Paths, ServerState, make_folder, server_state};
use crate::net::{Identity, IdentityError};
use crate::store::{self, StoreError};

/// Why an order of the administrator was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The data folder.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The certificate.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The running server does not do it.
    #[error("the server that runs on {} does not take the order; its log says why", .0.display())]
    Unheard(PathBuf),
    /// There is no invitation of this number.
    #[error("there is no invitation number {0}; `whoelse-server invite list` prints all")]
    NoSuchInvite(u64),
    /// More invitations would be more than anybody looks after.
    #[error("there are {MAX_INVITES} invitations already; take some back with `whoelse-server invite revoke NUMBER`")]
    TooManyInvites,
    /// The system gives no randomness, or no thread.
    #[error("no invitation can be made: {0}")]
    NotInvited(String),
    /// The data folder is not the one that goes with the file of accounts.
    #[error("{}", foreign(data_dir, credentials))]
    Foreign {
        /// The folder.
        data_dir: PathBuf,
        /// The file.
        credentials: PathBuf,
    },
}

/// What to do where the data folder was not named.
fn foreign(data_dir: &Path, credentials: &Path) -> String {
    let (data_dir, credentials) = (data_dir.display(), credentials.display());
    format!(
        "no server has used {credentials} with the data folder {data_dir}, whose key it would get; name the folder of its server with --data-dir DIR (the server prints it when it starts)"
    )
}

/// Whether the administrator named the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderIs {
    /// With `--data-dir`.
    Named,
    /// It is the user's folder for application data.
    Default,
}

/// Refuses a data folder that was not named and whose key is not that of the file of accounts: a password sealed with
/// it makes a file that the server of the accounts cannot read.
///
/// # Errors
/// [`AdminError::Foreign`], or why the file cannot be read.
pub fn check_folder(paths: &Paths, folder: FolderIs) -> Result<(), AdminError> {
    let foreign = || AdminError::Foreign { data_dir: paths.data_dir.clone(), credentials: paths.credentials.clone() };
    if folder == FolderIs::Named || !paths.credentials.exists() {
        return Ok(());
    }
    if !paths.opaque_key().exists() {
        let is_empty = std::fs::metadata(&paths.credentials).is_ok_and(|file| file.len() == 0);
        return if is_empty { Ok(()) } else { Err(foreign()) };
    }
    let kinds = list(paths)?;
    let is_sealed_here = kinds.values().any(|kind| *kind == SecretKind::Sealed);
    if kinds.is_empty() || is_sealed_here || store::knows_accounts_file(&paths.database(), &paths.credentials)? {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// Seals the plain passwords in the file of accounts. Returns how many there were.
///
/// # Errors
/// [`AdminError::Accounts`].
pub fn seal(paths: &Paths) -> Result<usize, AdminError> {
    let accounts = Accounts::open(paths, MissingFile::Refuse)?;
    refuse_lossy(paths, &accounts)?;
    Ok(accounts.seal()?)
}

/// Every account with how its password is kept.
///
/// # Errors
/// [`AdminError::Accounts`].
pub fn list(paths: &Paths) -> Result<BTreeMap<UserName, SecretKind>, AdminError> {
    Ok(Accounts::open(paths, MissingFile::Refuse)?.kinds())
}

/// Adds an account, sealed; makes the file if it is missing.
///
/// # Errors
/// [`AdminError::Accounts`].
pub fn add(paths: &Paths, name: &UserName, password: &Password) -> Result<(), AdminError> {
    let accounts = Accounts::open(paths, MissingFile::Create)?;
    refuse_lossy(paths, &accounts)?;
    Ok(accounts.add(name, password)?)
}

/// A file that was emptied or cut short by mistake: what is written to it would make it look wanted.
fn refuse_lossy(paths: &Paths, accounts: &Accounts) -> Result<(), AdminError> {
    let (there, known) = (accounts.names(), store::known_accounts(&paths.database())?);
    let (path, lost, known) = (paths.credentials.clone(), known.difference(&there).count(), known.len());
    if there.is_empty() && lost > 0 {
        Err(AccountsError::Emptied { path, known }.into())
    } else if is_loss(lost, known) {
        Err(AccountsError::Cut { path, lost, known }.into())
    } else {
        Ok(())
    }
}

/// Gives an account another password, sealed. What waits for it and its blocks stay; its tokens are void.
///
/// # Errors
/// [`AdminError::Accounts`].
pub fn set_password(paths: &Paths, name: &UserName, password: &Password) -> Result<(), AdminError> {
    let accounts = Accounts::open(paths, MissingFile::Refuse)?;
    refuse_lossy(paths, &accounts)?;
    Ok(accounts.set_password(name, password)?)
}

/// Removes accounts with what waits for them, their sessions, and the blocks by them and of them: later accounts of
/// these names find nothing. A running server does it itself, so that nothing comes in between.
///
/// # Errors
/// [`AdminError::Accounts`], [`AdminError::Store`], or [`AdminError::Unheard`].
pub fn remove(paths: &Paths, names: &[UserName]) -> Result<(), AdminError> {
    let accounts = Accounts::open(paths, MissingFile::Refuse)?;
    let there = accounts.names();
    if let Some(name) = names.iter().find(|name| !there.contains(*name)) {
        return Err(AccountsError::Unknown(name.clone()).into());
    }
    match server_state(paths)? {
        ServerState::Running => ask(paths, Kind::Remove, names),
        ServerState::Stopped => {
            accounts.remove_all(names)?;
            Ok(store::forget_accounts(&paths.database(), names)?)
        }
    }
}

/// Accounts in which nobody has logged in and which were there before this time already.
///
/// # Errors
/// [`AdminError::Store`] or [`AdminError::Accounts`].
pub fn never_used(paths: &Paths, before: Timestamp) -> Result<Vec<UserName>, AdminError> {
    let there = list(paths)?;
    let mut names = store::never_used(&paths.database(), before)?;
    names.retain(|name| there.contains_key(name));
    Ok(names)
}

/// The time by the system's clock.
#[must_use]
pub fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

/// The time so many days ago.
#[must_use]
pub fn days_ago(days: u32) -> Timestamp {
    now().minus(Seconds::new(u64::from(days) * 24 * 60 * 60))
}

/// Ends a session in the running server; where none runs there is none.
///
/// # Errors
/// [`AdminError::Accounts`] also where the name has no account, [`AdminError::DataDir`], [`AdminError::Store`] or
/// [`AdminError::Unheard`].
pub fn kick(paths: &Paths, name: &UserName) -> Result<ServerState, AdminError> {
    ask_if_running(paths, Kind::Kick, name)
}

fn ask_if_running(paths: &Paths, kind: Kind, name: &UserName) -> Result<ServerState, AdminError> {
    if !list(paths)?.contains_key(name) {
        return Err(AccountsError::Unknown(name.clone()).into());
    }
    let state = server_state(paths)?;
    if state == ServerState::Running {
        ask(paths, kind, std::slice::from_ref(name))?;
    }
    Ok(state)
}

fn ask(paths: &Paths, kind: Kind, names: &[UserName]) -> Result<(), AdminError> {
    match orders::ask(&paths.database(), kind, names)? {
        Answer::Done => Ok(()),
        Answer::None => Err(AdminError::Unheard(paths.data_dir.clone())),
    }
}

/// Lifts the lock that wrong passwords put on a name. The running server does so within a second; where none
/// runs there is no lock.
///
/// # Errors
/// As of [`kick`].
pub fn unlock(paths: &Paths, name: &UserName) -> Result<ServerState, AdminError> {
    ask_if_running(paths, Kind::Unlock, name)
}

/// What a running server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who may make an account.
    pub registration: NewAccounts,
}

/// What [`Running`] is to orders, in a file: the address, and behind it the word of `--registration`.
pub(crate) fn note_running(paths: &Paths, running: Running) -> std::io::Result<()> {
    let word = match running.registration {
        NewAccounts::Anyone => "open",
        NewAccounts::Invited => "invite",
        NewAccounts::Nobody => "closed",
    };
    std::fs::write(paths.server_address(), format!("{}\n{word}\n", running.address))
}

/// What the running server says of itself; `None` if none runs, or does not say.
///
/// # Errors
/// [`AdminError::DataDir`].
pub fn running(paths: &Paths) -> Result<Option<Running>, AdminError> {
    if server_state(paths)? == ServerState::Stopped {
        return Ok(None);
    }
    let said = std::fs::read_to_string(paths.server_address()).unwrap_or_default();
    let mut lines = said.lines();
    let Some(address) = lines.next().and_then(|line| line.trim().parse().ok()) else { return Ok(None) };
    let registration = match lines.next() {
        Some("invite") => NewAccounts::Invited,
        Some("closed") => NewAccounts::Nobody,
        // Of an earlier version, which could not tell.
        Some(_) | None => NewAccounts::Anyone,
    };
    Ok(Some(Running { address, registration }))
}

/// The fingerprint of the server's key, for people to compare. Before the server's first start the key is made.
///
/// # Errors
/// [`AdminError::DataDir`] or [`AdminError::Identity`].
pub fn fingerprint(paths: &Paths) -> Result<Fingerprint, AdminError> {
    make_folder(&paths.data_dir)?;
    Ok(Identity::load_or_make(paths)?.fingerprint)
}
