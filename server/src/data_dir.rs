//! The data folder: where it lies, what its files are called, and that one server at a time uses it.
//!
//! Knows nothing of what the files hold.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Where a server keeps its things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The data folder.
    pub data_dir: PathBuf,
    /// The file of accounts.
    pub credentials: PathBuf,
}

impl Paths {
    /// The server's OPAQUE key.
    #[must_use]
    pub fn opaque_key(&self) -> PathBuf {
        self.data_dir.join("opaque.key")
    }

    /// The private key of the server's certificate.
    #[must_use]
    pub fn tls_key(&self) -> PathBuf {
        self.data_dir.join("tls.key")
    }

    /// The server's certificate.
    #[must_use]
    pub fn tls_certificate(&self) -> PathBuf {
        self.data_dir.join("tls.crt")
    }

    /// The private key of the relay's certificate.
    #[must_use]
    pub fn relay_key(&self) -> PathBuf {
        self.data_dir.join("relay.key")
    }

    /// The relay's certificate.
    #[must_use]
    pub fn relay_certificate(&self) -> PathBuf {
        self.data_dir.join("relay.crt")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("whoelse.sqlite")
    }

    /// Where the running server listens.
    pub(crate) fn server_address(&self) -> PathBuf {
        self.data_dir.join("server.address")
    }

    /// Locked by the running server.
    fn server_lock(&self) -> PathBuf {
        self.data_dir.join("server.lock")
    }

    /// Locked by whoever changes the file of accounts.
    pub(crate) fn accounts_lock(&self) -> PathBuf {
        self.data_dir.join("accounts.lock")
    }
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The system names no home folder to put it in.
    #[error("no data folder: the system names no home folder; choose one with --data-dir DIR")]
    NoHome,
    /// Another server has it.
    #[error("the data folder {} is in use by another whoelse-server; choose another with --data-dir DIR", .0.display())]
    InUse(PathBuf),
    /// It cannot be made or written.
    #[error(
        "the data folder {} cannot be used: {}; --data-dir DIR names another folder",
        folder.display(),
        whoelse_plain::file(source)
    )]
    Unwritable {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The data folder of this user on this system.
///
/// # Errors
/// [`DataDirError::NoHome`].
pub fn default_data_dir() -> Result<PathBuf, DataDirError> {
    let dirs = directories::ProjectDirs::from("", "", "whoelse-server").ok_or(DataDirError::NoHome)?;
    Ok(lasting(dirs.data_local_dir(), dirs.data_dir()).to_path_buf())
}

/// Data that belong to this computer stay on it: a profile that roams is copied at every log-on. What lies in a roaming
/// one already is used there.
fn lasting<'a>(local: &'a Path, roaming: &'a Path) -> &'a Path {
    if !local.exists() && roaming.exists() { roaming } else { local }
}

/// The data folder, held by this server until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    paths: Paths,
    /// The lock goes with the file, also when the process is killed.
    _lock: File,
}

impl DataDir {
    /// Makes the folder if it is missing and takes it for this server alone.
    ///
    /// A folder that is made is its owner's alone. One that is there keeps its rights, for it may hold other
    /// things as well; the files in it that hold secrets are the owner's alone in any case.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] or [`DataDirError::Unwritable`].
    pub fn open(paths: Paths) -> Result<Self, DataDirError> {
        make_folder(&paths.data_dir)?;
        let lock = open_lock(&paths.server_lock()).map_err(|source| unwritable(&paths.data_dir, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { paths, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(paths.data_dir)),
            Err(TryLockError::Error(source)) => Err(unwritable(&paths.data_dir, source)),
        }
    }

    /// Where things lie.
    #[must_use]
    pub const fn paths(&self) -> &Paths {
        &self.paths
    }
}

/// Whether a server runs on a data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It does.
    Running,
    /// None does.
    Stopped,
}

/// Looks whether a server runs on the data folder. A server that starts in this very moment may be refused.
///
/// # Errors
/// [`DataDirError::Unwritable`].
pub fn server_state(paths: &Paths) -> Result<ServerState, DataDirError> {
    if !paths.server_lock().exists() {
        return Ok(ServerState::Stopped);
    }
    match DataDir::open(paths.clone()) {
        Ok(_) => Ok(ServerState::Stopped),
        Err(DataDirError::InUse(_)) => Ok(ServerState::Running),
        Err(error @ (DataDirError::NoHome | DataDirError::Unwritable { .. })) => Err(error),
    }
}

/// Makes the folder, with rights for the owner alone, and those above it.
///
/// # Errors
/// [`DataDirError::Unwritable`].
pub(crate) fn make_folder(folder: &Path) -> Result<(), DataDirError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| unwritable(folder, source))
}

/// Opens a file that is locked. One that is there and cannot be written can be locked all the same: a server starts on
/// files that are read-only.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).or_else(|error| File::open(path).map_err(|_| error))
}

fn unwritable(folder: &Path, source: io::Error) -> DataDirError {
    DataDirError::Unwritable { folder: folder.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(folder: &Path) -> Paths {
        Paths { data_dir: folder.join("data"), credentials: folder.join("credentials.txt") }
    }

    #[test]
    fn data_stay_on_this_computer_unless_they_are_in_a_profile_that_roams_already() {
        let folder = tempfile::tempdir().unwrap();
        let (local, roaming) = (folder.path().join("local"), folder.path().join("roaming"));
        assert_eq!(lasting(&local, &roaming), local);
        fs::create_dir(&roaming).unwrap();
        assert_eq!(lasting(&local, &roaming), roaming, "what is there is found");
        fs::create_dir(&local).unwrap();
        assert_eq!(lasting(&local, &roaming), local);
    }

    #[test]
    fn a_second_server_on_the_same_folder_is_told_which() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let first = DataDir::open(paths.clone()).unwrap();

        let second = DataDir::open(paths.clone()).unwrap_err();

        assert!(matches!(&second, DataDirError::InUse(folder) if *folder == paths.data_dir));
        assert!(second.to_string().contains(&paths.data_dir.display().to_string()));
        assert_eq!(server_state(&paths).unwrap(), ServerState::Running);
        drop(first);
        assert_eq!(server_state(&paths).unwrap(), ServerState::Stopped);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_made_is_its_owners_alone_and_one_that_is_there_keeps_its_rights() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let own = paths(folder.path());
        drop(DataDir::open(own.clone()).unwrap());
        assert_eq!(mode(&own.data_dir), 0o700);
        assert_eq!(mode(&own.server_lock()), 0o600);

        fs::set_permissions(&own.data_dir, fs::Permissions::from_mode(0o755)).unwrap();
        drop(DataDir::open(own.clone()).unwrap());
        assert_eq!(mode(&own.data_dir), 0o755);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("data"), b"a file").unwrap();
        let error = DataDir::open(paths(folder.path())).unwrap_err();
        assert!(matches!(error, DataDirError::Unwritable { .. }));
        assert!(error.to_string().contains("data"), "{error}");
    }
}
