//! What the administrator does beside the running server: with the accounts, the locks and the certificate.
//!
//! The running server notices ([`AdminWatch`]). Prints nothing and asks nothing: that is the binary's part.

mod unlock;
mod watch;

use std::collections::BTreeMap;

use whoelse_proto::{Fingerprint, Password, UserName};

pub use watch::AdminWatch;

use crate::accounts::{Accounts, AccountsError, MissingFile, SecretKind};
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
/// [`AdminError::Accounts`] also where the name has no account, [`AdminError::DataDir`] or [`AdminError::Store`].
pub fn unlock(paths: &Paths, name: &UserName) -> Result<ServerState, AdminError> {
    if !list(paths)?.contains_key(name) {
        return Err(AccountsError::Unknown(name.clone()).into());
    }
    let state = server_state(paths)?;
    if state == ServerState::Running {
        unlock::request(&paths.database(), name)?;
    }
    Ok(state)
}

/// The fingerprint of the server's key, for people to compare. Before the server's first start the key is made.
///
/// # Errors
/// [`AdminError::DataDir`] or [`AdminError::Identity`].
pub fn fingerprint(paths: &Paths) -> Result<Fingerprint, AdminError> {
    make_folder(&paths.data_dir)?;
    Ok(Identity::load_or_make(paths)?.fingerprint)
}
