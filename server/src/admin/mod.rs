//! What the administrator does beside the running server: with the accounts, the locks and the certificate.
//!
//! The running server notices ([`AdminWatch`]). Prints nothing and asks nothing: that is the binary's part.

mod unlock;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use whoelse_proto::{Fingerprint, Password, UserName};

pub use watch::AdminWatch;

use crate::accounts::{Accounts, AccountsError, MissingFile, SecretKind};
use crate::data_dir::{DataDirError, Paths, ServerState, server_state};
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
    /// There is no certificate, or none that can be read.
    #[error("no key of a certificate at {}: {reason}; the server makes it at its first start", path.display())]
    Certificate {
        /// Where its key should be.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Seals the plain passwords in the file of accounts. Returns how many there were.
///
/// # Errors
/// [`AdminError::Accounts`].
pub fn seal(paths: &Paths) -> Result<usize, AdminError> {
    Ok(Accounts::open(paths, MissingFile::Refuse)?.seal()?)
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
    Ok(Accounts::open(paths, MissingFile::Create)?.add(name, password)?)
}

/// Removes an account and what waits for it, so that a later account of this name finds nothing of it. Whom others
/// have blocked stays blocked.
///
/// # Errors
/// [`AdminError::Accounts`] or [`AdminError::Store`].
pub fn remove(paths: &Paths, name: &UserName) -> Result<(), AdminError> {
    Accounts::open(paths, MissingFile::Refuse)?.remove(name)?;
    store::forget_account(&paths.database(), name)?;
    Ok(())
}

/// Lifts the lock that wrong passwords put on a name. The running server does so within a second; where none
/// runs there is no lock.
///
/// # Errors
/// [`AdminError::DataDir`] or [`AdminError::Store`].
pub fn unlock(paths: &Paths, name: &UserName) -> Result<ServerState, AdminError> {
    let state = server_state(paths)?;
    if state == ServerState::Running {
        unlock::request(&paths.database(), name)?;
    }
    Ok(state)
}

/// The fingerprint of the server's key, for people to compare.
///
/// # Errors
/// [`AdminError::Certificate`].
pub fn fingerprint(paths: &Paths) -> Result<Fingerprint, AdminError> {
    let path = paths.tls_key();
    let unreadable = |reason: String| AdminError::Certificate { path: path.clone(), reason };
    let pem = fs::read_to_string(&path)
        .map(zeroize::Zeroizing::new)
        .map_err(|error: io::Error| unreadable(error.to_string()))?;
    let key = rcgen::KeyPair::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
    Ok(Fingerprint::of_public_key(&rcgen::PublicKeyData::subject_public_key_info(&key)))
}
