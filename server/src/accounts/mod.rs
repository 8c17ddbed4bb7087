//! The accounts: `credentials.txt`, and the OPAQUE records behind the names in it.
//!
//! The file is the authority. Plain passwords in it become records in memory at their first use, so that no login
//! ever brings a password to the server. Knows nothing of sessions, connections or locks after wrong passwords.

mod change;
mod doubts;
mod error;
mod file;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod key;
mod login;
mod looks;
mod losses;
mod record;
mod reload;
mod salt;
mod sample;
mod sealers;
mod stamp;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use whoelse_proto::{Password, UserName};
use zeroize::Zeroizing;

pub use change::NewAccount;
pub use error::{AccountsError, LineFault};
#[cfg(any(test, fuzzing))]
pub use fuzzing::credentials as fuzz_credentials;
pub use key::KeyId;
pub use login::{LoginFault, OpenProof, Pace, WrongProof};
pub use looks::{odd_names, oddity};
pub(crate) use losses::is_loss;
pub use reload::{Changes, When};
pub use salt::Salt;
pub use sample::published_passwords;
pub use stamp::{FileStamp, Successor};

use crate::data_dir::{self, Paths};
use crate::whole_file;
use file::{Content, Secret};
use key::ServerKey;
use record::SealedPassword;
use reload::FileWatch;
use sealers::Sealers;
use stamp::Stamp;
use turn::Turn;

/// Bytes of the file of accounts: room for as many sealed ones as a server holds. More is another file, given by mistake.
const MAX_FILE_BYTES: u64 = 128 * 1024 * 1024;

/// What to do where there is no file of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingFile {
    /// Make an empty one: clients may register.
    Create,
    /// Stop: nobody could ever log in.
    Refuse,
}

/// How the file holds a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// Readable.
    Plain,
    /// As a record from which it cannot be read.
    Sealed,
}

/// Every account, for logins from any thread.
pub struct Accounts {
    paths: Paths,
    key: Arc<ServerKey>,
    sealers: Sealers,
    /// Held for look-ups only, never while a password is hashed.
    by_name: RwLock<BTreeMap<UserName, Arc<Account>>>,
    /// Held by whoever reads or changes the file, and always taken before `by_name`.
    watch: Mutex<FileWatch>,
}

/// One account.
struct Account {
    secret: Secret,
    /// The record of a plain password once someone has logged in with it; `None` inside if it could not be made.
    sealed: OnceLock<Option<SealedPassword>>,
}

impl Account {
    const fn new(secret: Secret) -> Self {
        Self { secret, sealed: OnceLock::new() }
    }

    /// The record to log in against. Of a plain password it is made once, with Argon2, while others wait who log
    /// in to the same account and nobody else.
    fn sealed(&self, sealers: &Sealers, name: &UserName) -> Option<&SealedPassword> {
        match &self.secret {
            Secret::Sealed(sealed) => Some(sealed),
            Secret::Plain(password) => self.sealed.get_or_init(|| sealers.seal(name, password)).as_ref(),
        }
    }

    const fn kind(&self) -> SecretKind {
        match self.secret {
            Secret::Plain(_) => SecretKind::Plain,
            Secret::Sealed(_) => SecretKind::Sealed,
        }
    }
}

impl Accounts {
    /// Reads the accounts, and makes the server's key at the first time.
    ///
    /// # Errors
    /// [`AccountsError`]: no file, a wrong line in it, a damaged key, or what the system says.
    pub fn open(paths: &Paths, missing: MissingFile) -> Result<Self, AccountsError> {
        data_dir::make_folder(&paths.data_dir)?;
        let key = Arc::new(ServerKey::open(&paths.opaque_key())?);
        if missing == MissingFile::Create {
            create_missing(&paths.credentials)?;
        }
        let before = Stamp::of(&paths.credentials).ok();
        let content = read(&paths.credentials)?;
        let stamp = before.filter(|before| Stamp::of(&paths.credentials).is_ok_and(|after| after == *before));
        let parsed = file::parse(&content, key.id(), &paths.credentials)?;
        let shape = parsed.shape;
        let accounts =
            parsed.accounts.into_iter().map(|(name, secret)| (name, Arc::new(Account::new(secret)))).collect();
        Ok(Self {
            paths: paths.clone(),
            sealers: Sealers::new(&key),
            key,
            by_name: RwLock::new(accounts),
            watch: Mutex::new(FileWatch::of(&content, shape, stamp)),
        })
    }

    /// Puts right what a killed process left: copies beside the file, and an account at its end that was never
    /// finished. What cannot be put right is warned of, and stays as it is.
    pub fn tidy(&self) {
        let path = &self.paths.credentials;
        if let Err(error) = self.try_tidy() {
            tracing::warn!("what a killed process left at {} stays there: {error}", path.display());
        }
    }

    fn try_tidy(&self) -> Result<(), AccountsError> {
        let path = &self.paths.credentials;
        let _turn = Turn::take(&self.paths)?;
        whole_file::remove_leftovers(path);
        whole_file::remove_leftovers(&self.paths.opaque_key());
        let content = read(path)?;
        let finished = file::finished(&content).len();
        if finished == content.len() {
            return Ok(());
        }
        whole_file::cut(path, finished as u64).map_err(AccountsError::io("write", path))?;
        tracing::warn!("{}: an account at its end was never finished and is gone", path.display());
        Ok(())
    }

    /// Who may log in.
    #[must_use]
    pub fn names(&self) -> BTreeSet<UserName> {
        self.all().keys().cloned().collect()
    }

    /// How many passwords stand readable in the file.
    #[must_use]
    pub fn plain_count(&self) -> usize {
        self.all().values().filter(|account| account.kind() == SecretKind::Plain).count()
    }

    /// Every account with how its password is kept.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<UserName, SecretKind> {
        self.all().iter().map(|(name, account)| (name.clone(), account.kind())).collect()
    }

    fn all(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<UserName, Arc<Account>>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn all_mut(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<UserName, Arc<Account>>> {
        self.by_name.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, name: &UserName) -> Option<Arc<Account>> {
        self.all().get(name).cloned()
    }

    fn watch(&self) -> MutexGuard<'_, FileWatch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").field("paths", &self.paths).field("key", &self.key).finish_non_exhaustive()
    }
}

/// The content of the file.
fn read(path: &Path) -> Result<Content, AccountsError> {
    read_up_to(path, MAX_FILE_BYTES)
}

/// The content of the file, unless it has more bytes than these.
fn read_up_to(path: &Path, limit: u64) -> Result<Content, AccountsError> {
    let missing = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            AccountsError::Missing(path.to_path_buf())
        } else {
            AccountsError::io("read", path)(error)
        }
    };
    // Before it is opened: to open a pipe waits for whoever writes into it.
    let data = fs::metadata(path).map_err(missing)?;
    if !data.is_file() {
        return Err(AccountsError::NoFile(path.to_path_buf()));
    }
    if data.len() > limit {
        return Err(AccountsError::Oversized { path: path.to_path_buf(), limit });
    }
    fs::read(path).map(Zeroizing::new).map_err(missing)
}

/// Makes an empty file where there is none.
fn create_missing(path: &Path) -> Result<(), AccountsError> {
    if path.exists() {
        return Ok(());
    }
    match whole_file::create(path, b"") {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(AccountsError::io("make", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A plain password as the words of a line.
fn sealed_word(key: &ServerKey, name: &UserName, password: &Password) -> Result<String, AccountsError> {
    let sealed = SealedPassword::seal(key, name, password).map_err(|_| AccountsError::Record(name.clone()))?;
    Ok(sealed.to_word(key.id()))
}
