//! A profile: the folder that keeps one user's keys, pins, tokens and history on this computer.
//!
//! It knows no network and no message. One program at a time has it open.

mod device;
pub mod files;
mod lock;
mod passes;
mod recall;
mod servers;
mod tokens;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use whoelse_model::Pins;
use whoelse_proto::{DevicePass, Fingerprint, ResumeToken, Timestamp, UserName};

pub(crate) use device::DeviceSecret;
use device::KnownDevices;
pub use lock::Holder;
use passes::KeptPasses;
pub(crate) use recall::{MAX_LINES, Recall};
pub use servers::KnownServer;
use servers::KnownServers;
pub(crate) use servers::Login;
use tokens::KeptTokens;

use crate::error::{Error, Result};
use crate::peer::Places;

/// Bytes of a profile's name: a folder of this name fits every file system.
const MAX_PROFILE_NAME_BYTES: usize = 80;

/// The name of a profile, fit to be a folder's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

impl ProfileName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`Error::ProfileName`].
    pub fn new(raw: &str) -> Result<Self> {
        let is_first = raw.starts_with(|c: char| c.is_ascii_alphanumeric());
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !is_first || raw.len() > MAX_PROFILE_NAME_BYTES || !raw.chars().all(is_allowed) || raw.ends_with('.') {
            return Err(Error::ProfileName);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The profile that is a user's own where none is named: each name has another, also on file systems that do not
    /// tell `A` from `a`.
    #[must_use]
    pub fn of_user(name: &UserName) -> Self {
        let raw = name.as_str();
        if raw.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            Self(raw.to_owned())
        } else {
            Self(format!("x-{}", HEXLOWER.encode(raw.as_bytes())))
        }
    }
}

impl Default for ProfileName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl std::str::FromStr for ProfileName {
    type Err = Error;
    fn from_str(raw: &str) -> Result<Self> {
        Self::new(raw)
    }
}

/// Where a profile lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the system's folder for this user's data, under this name.
    Named(ProfileName),
    /// In this very folder.
    Folder(PathBuf),
}

impl Location {
    /// The profile's folder.
    ///
    /// # Errors
    /// [`Error::NoDataFolder`].
    pub fn folder(&self) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.clone()),
            Self::Named(name) => {
                let dirs = directories::ProjectDirs::from("", "", "Whoelse").ok_or(Error::NoDataFolder)?;
                Ok(dirs.data_local_dir().join("profiles").join(&name.0))
            }
        }
    }
}

/// An open profile. Clones are handles of the same; it is closed with the last of them.
#[derive(Clone)]
pub struct Profile(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    servers: Mutex<KnownServers>,
    tokens: Mutex<KeptTokens>,
    passes: Mutex<KeptPasses>,
    devices: Mutex<KnownDevices>,
    /// Locked as long as the profile is open; the system lets go even of a killed program's.
    _lock: File,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Profile").field(&self.0.folder).finish()
    }
}

impl Profile {
    /// Opens a profile, made new where there is none.
    ///
    /// # Errors
    /// [`Error::ProfileInUse`] if a program has it open; [`Error::Damaged`] or [`Error::File`] if its files cannot
    /// be read or written.
    pub fn open(location: &Location) -> Result<Self> {
        let folder = location.folder()?;
        files::make_folder(&folder)?;
        let lock = lock::lock(&folder)?;
        let servers = Mutex::new(files::read(&folder.join(SERVERS_FILE))?);
        let tokens = Mutex::new(files::read(&folder.join(TOKENS_FILE))?);
        let passes = Mutex::new(files::read(&folder.join(PASSES_FILE))?);
        let devices = Mutex::new(files::read(&folder.join(DEVICES_FILE))?);
        Recall::of(&folder).clean();
        Ok(Self(Arc::new(Inner { folder, servers, tokens, passes, devices, _lock: lock })))
    }

    /// Its folder, where the window and the command line may keep their own settings.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The lines of the command line that are kept.
    pub(crate) fn recall(&self) -> Recall {
        Recall::of(&self.0.folder)
    }

    /// The servers it knows, the one used last first.
    #[must_use]
    pub fn known_servers(&self) -> Vec<KnownServer> {
        guard(&self.0.servers).all().to_vec()
    }

    /// Whether it keeps a token for this name at this address.
    #[must_use]
    pub fn keeps_token(&self, host: &str, port: u16, name: &UserName) -> bool {
        self.known_server(host, port).is_some_and(|known| self.token(known.fingerprint, name).is_some())
    }

    /// Forgets a server and the pin of its key.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn forget_server(&self, host: &str, port: u16) -> Result<()> {
        self.change_servers(|servers| servers.forget(host, port))
    }

    /// The server known at an address.
    pub(crate) fn known_server(&self, host: &str, port: u16) -> Option<KnownServer> {
        guard(&self.0.servers).at(host, port).cloned()
    }

    /// Pins the key of the server at an address.
    pub(crate) fn pin(&self, host: &str, port: u16, fingerprint: Fingerprint, now: Timestamp) -> Result<()> {
        self.change_servers(|servers| servers.pin(host, port, fingerprint, now))
    }

    /// Notes a login at an address.
    pub(crate) fn note_login(&self, host: &str, port: u16, login: Login) -> Result<()> {
        self.change_servers(|servers| servers.used(host, port, login))
    }

    /// The token for a name on a server.
    pub(crate) fn token(&self, server: Fingerprint, name: &UserName) -> Option<ResumeToken> {
        guard(&self.0.tokens).get(server, name)
    }

    /// Keeps a token in place of any earlier one.
    pub(crate) fn keep_token(&self, server: Fingerprint, name: &UserName, token: &ResumeToken) -> Result<()> {
        let mut tokens = guard(&self.0.tokens);
        tokens.keep(server, name, token);
        files::replace(&self.0.folder.join(TOKENS_FILE), &*tokens)
    }

    /// Forgets a token.
    pub(crate) fn forget_token(&self, server: Fingerprint, name: &UserName) -> Result<()> {
        let mut tokens = guard(&self.0.tokens);
        if tokens.forget(server, name) { files::replace(&self.0.folder.join(TOKENS_FILE), &*tokens) } else { Ok(()) }
    }

    /// The pass by which a server knows this device as one of a name.
    pub(crate) fn pass(&self, server: Fingerprint, name: &UserName) -> Option<DevicePass> {
        guard(&self.0.passes).get(server, name)
    }

    /// Keeps a pass in place of any earlier one.
    pub(crate) fn keep_pass(&self, server: Fingerprint, name: &UserName, pass: &DevicePass) -> Result<()> {
        let mut passes = guard(&self.0.passes);
        passes.keep(server, name, pass);
        files::replace(&self.0.folder.join(PASSES_FILE), &*passes)
    }

    /// Whether this profile has had an account of this name at an address, as far as it remembers.
    #[must_use]
    pub fn had_account(&self, host: &str, port: u16, name: &UserName) -> bool {
        self.known_server(host, port).is_some_and(|known| {
            let history = self.0.folder.join("history").join(known.fingerprint.to_string());
            let file = history.join(HEXLOWER.encode(name.as_str().as_bytes())).with_extension("sqlite");
            known.name.as_ref() == Some(name) || file.exists()
        })
    }

    /// The key by which this device is known to others.
    pub(crate) fn device_secret(&self) -> Result<DeviceSecret> {
        device::secret(&self.0.folder.join(DEVICE_FILE))
    }

    /// The keys of contacts' devices on a server.
    pub(crate) fn pins(&self, server: Fingerprint) -> Pins {
        guard(&self.0.devices).pins(server)
    }

    /// Keeps the keys of contacts' devices on a server.
    pub(crate) fn keep_pins(&self, server: Fingerprint, pins: &Pins) -> Result<()> {
        let mut devices = guard(&self.0.devices);
        devices.keep(server, pins);
        files::replace(&self.0.folder.join(DEVICES_FILE), &*devices)
    }

    /// The file of an account's history, in a folder that is there.
    pub(crate) fn history_file(&self, server: Fingerprint, name: &UserName) -> Result<PathBuf> {
        let folder = self.0.folder.join("history").join(server.to_string());
        files::make_folder(&folder)?;
        Ok(folder.join(HEXLOWER.encode(name.as_str().as_bytes())).with_extension("sqlite"))
    }

    /// Where the files of an account lie.
    pub(crate) fn file_places(&self, server: Fingerprint, name: &UserName) -> Places {
        let account = HEXLOWER.encode(name.as_str().as_bytes());
        let notes = self.0.folder.join("files").join(server.to_string()).join(account).with_extension("json");
        Places { downloads: self.0.folder.join("downloads"), notes }
    }

    /// Changes the list of servers, in memory and on disk.
    fn change_servers(&self, change: impl FnOnce(&mut KnownServers)) -> Result<()> {
        let mut servers = guard(&self.0.servers);
        change(&mut servers);
        files::replace(&self.0.folder.join(SERVERS_FILE), &*servers)
    }
}

/// The file with the known servers and their pins.
const SERVERS_FILE: &str = "servers.json";

/// The file with this device's own key.
const DEVICE_FILE: &str = "device.json";

/// The file with the keys of contacts' devices.
const DEVICES_FILE: &str = "devices.json";

/// The file with the passes.
const PASSES_FILE: &str = "passes.json";

/// The file with the tokens.
const TOKENS_FILE: &str = "tokens.json";

/// Makes a file that only its owner may read, where there is none.
///
/// # Errors
/// [`Error::File`].
pub(crate) fn make_owner_only(path: &Path) -> Result<()> {
    files::owner_only().truncate(false).open(path).map(drop).map_err(Error::file("open", path))
}

/// A lock that a panic elsewhere does not spoil: what it guards is changed whole.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_has_an_own_profile_whose_name_is_a_folders() {
        let own = |raw: &str| ProfileName::of_user(&UserName::new(raw).unwrap()).0;
        assert_eq!(own("hans"), "hans");
        for raw in ["Hans", "x-68616e73", "../hans", "con.", &"~".repeat(32)] {
            let name = own(raw);
            assert!(ProfileName::new(&name).is_ok(), "{name}");
            assert_ne!(name.to_lowercase(), own("hans"));
        }
        assert_ne!(own("Hans"), own("hAns"));
    }

    fn yoda() -> UserName {
        UserName::new("yoda").unwrap()
    }

    #[test]
    fn a_second_start_on_the_same_profile_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Folder(folder.path().to_owned());
        let first = Profile::open(&location).unwrap();
        assert!(matches!(Profile::open(&location), Err(Error::ProfileInUse { .. })));
        drop(first);
        assert!(Profile::open(&location).is_ok());
    }

    #[test]
    fn pins_and_tokens_are_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Folder(folder.path().join("new"));
        let (key, now) = (Fingerprint::from_bytes([7; 32]), Timestamp::from_millis(9));
        let profile = Profile::open(&location).unwrap();
        profile.pin("Hoth", 3331, key, now).unwrap();
        profile.keep_token(key, &yoda(), &ResumeToken::from_bytes([3; 32])).unwrap();
        drop(profile);

        let profile = Profile::open(&location).unwrap();
        let known = profile.known_server("hoth", 3331).unwrap();
        assert_eq!((known.fingerprint, known.pinned_at), (key, now));
        assert!(profile.keeps_token("hoth", 3331, &yoda()));
        profile.forget_token(key, &yoda()).unwrap();
        assert!(!profile.keeps_token("hoth", 3331, &yoda()));
        profile.forget_server("hoth", 3331).unwrap();
        assert_eq!(profile.known_servers(), []);
    }

    #[test]
    fn an_account_that_the_profile_had_at_an_address_is_known_whatever_key_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(&Location::Folder(folder.path().to_owned())).unwrap();
        let (key, other, now) =
            (Fingerprint::from_bytes([7; 32]), Fingerprint::from_bytes([8; 32]), Timestamp::from_millis(9));
        let luke = UserName::new("luke").unwrap();
        let had = |name: &UserName| profile.had_account("hoth", 3331, name);
        profile.pin("hoth", 3331, key, now).unwrap();
        assert!(!had(&yoda()));
        profile.note_login("hoth", 3331, Login { at: now, name: yoda(), title: String::new() }).unwrap();
        std::fs::write(profile.history_file(key, &luke).unwrap(), b"").unwrap();
        assert!(had(&yoda()) && had(&luke), "by the last login, or by a history");
        profile.pin("hoth", 3331, other, now).unwrap();
        assert!(had(&yoda()), "a server with another key may ask for the password of an account to be made");
    }

    #[cfg(unix)]
    #[test]
    fn everything_in_a_profile_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(&Location::Folder(folder.path().join("p"))).unwrap();
        profile.keep_token(Fingerprint::from_bytes([7; 32]), &yoda(), &ResumeToken::from_bytes([3; 32])).unwrap();
        let rights = |name: &str| std::fs::metadata(profile.folder().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((rights(""), rights("tokens.json"), rights("lock")), (0o700, 0o600, 0o600));
    }

    #[test]
    fn names_that_differ_in_case_or_hold_signs_of_paths_have_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(&Location::Folder(folder.path().to_owned())).unwrap();
        let key = Fingerprint::from_bytes([7; 32]);
        let file = |name: &str| profile.history_file(key, &UserName::new(name).unwrap()).unwrap();
        let parent = file("yoda").parent().unwrap().to_owned();
        for name in ["Yoda", "../yoda", "yoda/x", "C:\\yoda", "nul"] {
            assert_ne!(file(name).to_string_lossy().to_lowercase(), file("yoda").to_string_lossy());
            assert_eq!(file(name).parent().unwrap(), parent);
        }
    }

    #[test]
    fn a_profiles_name_is_fit_to_be_a_folders() {
        assert!(ProfileName::new("work-2.b_c").is_ok());
        for raw in ["", ".", "..", "a/b", "a\\b", "-a", "a b", "é", "a.", &"x".repeat(MAX_PROFILE_NAME_BYTES + 1)] {
            assert!(matches!(ProfileName::new(raw), Err(Error::ProfileName)), "{raw:?}");
        }
    }
}
