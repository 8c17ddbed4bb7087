//! Noticing that the file was changed by someone else, and taking over what it says.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use whoelse_proto::{Password, UserName};

use super::file::{self, Secret};
use super::record::SealedPassword;
use super::{Account, Accounts, AccountsError, read};

/// How long a file must have been left alone before it is read: an editor may be half-way through writing it, and
/// two changes within one tick of the file system's clock look like one.
const SETTLE: Duration = Duration::from_millis(300);

/// What a change of the file meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Names that may log in from here on.
    pub added: Vec<UserName>,
    /// Names that may not any more.
    pub removed: Vec<UserName>,
    /// Names with another password. One that was only sealed is none of these.
    pub changed: Vec<UserName>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What the file looked like when it was last looked at.
#[derive(Debug)]
pub(super) struct FileWatch {
    seen: Sighting,
    /// The hash of what was last read.
    digest: Option<blake3::Hash>,
    /// Accounts of which the other kind of password in the file was compared with the one in force, and the hash
    /// of the file at that time.
    compared: (Option<blake3::Hash>, BTreeMap<UserName, SamePassword>),
}

/// The outcome of opening a record with a plain password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SamePassword {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Sighting {
    /// Read it, whatever it looks like.
    Unknown,
    /// The system did not let us look, and that was reported.
    Failed,
    /// It looked like this.
    Stamp(Stamp),
}

/// What tells a changed file from an unchanged one without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    identity: Identity,
}

/// Device, inode, and time of the inode's last change in seconds and nanoseconds.
#[cfg(unix)]
type Identity = (u64, u64, i64, i64);
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}

impl Stamp {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity: identity(&metadata) })
    }

    /// Whether the file may still be being written. A time in the future says nothing.
    fn is_fresh(&self) -> bool {
        let age = self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age < SETTLE)
    }
}

impl FileWatch {
    /// The file was read as it stood and may have been changed in the same moment.
    pub(super) fn of(content: &[u8]) -> Self {
        Self { seen: Sighting::Unknown, digest: Some(blake3::hash(content)), compared: (None, BTreeMap::new()) }
    }

    /// The file was changed by this process.
    pub(super) fn forget(&mut self) {
        self.seen = Sighting::Unknown;
        self.digest = None;
    }
}

/// A plain password and a record to be compared with it.
struct Comparison {
    name: UserName,
    password: Password,
    sealed: SealedPassword,
}

/// How far a reload came.
enum Step {
    /// To the end.
    Done(Option<Changes>),
    /// These must be compared first, with no lock held.
    Compare(Vec<Comparison>),
}

impl Accounts {
    /// Takes over what the file says if it was changed and has been left alone for a moment. Costs a look at the
    /// file's dates while it was not.
    ///
    /// # Errors
    /// [`AccountsError`] if the file cannot be read or has a wrong line: the accounts stay as they were, and it is
    /// reported once.
    pub fn reload_if_changed(&self) -> Result<Option<Changes>, AccountsError> {
        loop {
            match self.reload_step()? {
                Step::Done(changes) => return Ok(changes),
                Step::Compare(comparisons) => {
                    let compared = comparisons.iter().map(|comparison| self.compare(comparison)).collect::<Vec<_>>();
                    self.watch().compared.1.extend(compared);
                }
            }
        }
    }

    fn compare(&self, Comparison { name, password, sealed }: &Comparison) -> (UserName, SamePassword) {
        let same = if sealed.opens_with(&self.key, name, password) { SamePassword::Yes } else { SamePassword::No };
        (name.clone(), same)
    }

    fn reload_step(&self) -> Result<Step, AccountsError> {
        let path = &self.paths.credentials;
        let mut watch = self.watch();
        let stamp = match Stamp::of(path) {
            Ok(stamp) => stamp,
            Err(_) if watch.seen == Sighting::Failed => return Ok(Step::Done(None)),
            Err(error) => {
                watch.seen = Sighting::Failed;
                return Err(AccountsError::io("reading", path)(error));
            }
        };
        if stamp.is_fresh() || watch.seen == Sighting::Stamp(stamp.clone()) {
            return Ok(Step::Done(None));
        }
        let content = read(path);
        let digest = content.as_ref().ok().map(|content| blake3::hash(content));
        if digest.is_some() && watch.digest == digest {
            watch.seen = Sighting::Stamp(stamp);
            return Ok(Step::Done(None));
        }
        let parsed = content.and_then(|content| file::parse(&content, self.key.id(), path));
        if watch.compared.0 != digest {
            watch.compared = (digest, BTreeMap::new());
        }
        if let Ok(secrets) = &parsed {
            let comparisons = self.comparisons(secrets, &watch.compared.1);
            if !comparisons.is_empty() {
                return Ok(Step::Compare(comparisons));
            }
        }
        watch.seen = Sighting::Stamp(stamp);
        watch.digest = digest;
        let (_, compared) = std::mem::take(&mut watch.compared);
        let changes = self.take_over(parsed?, &compared);
        Ok(Step::Done(Some(changes).filter(|changes| !changes.is_empty())))
    }

    /// The passwords that are plain on one side and sealed on the other and were not compared.
    fn comparisons(
        &self,
        secrets: &BTreeMap<UserName, Secret>,
        compared: &BTreeMap<UserName, SamePassword>,
    ) -> Vec<Comparison> {
        let accounts = self.all();
        let pairs = secrets.iter().filter(|(name, _)| !compared.contains_key(*name));
        let pairs = pairs.filter_map(|(name, secret)| Some((name, &accounts.get(name)?.secret, secret)));
        pairs
            .filter_map(|(name, old, new)| match (old, new) {
                (Secret::Plain(password), Secret::Sealed(sealed))
                | (Secret::Sealed(sealed), Secret::Plain(password)) => {
                    Some(Comparison { name: name.clone(), password: password.clone(), sealed: sealed.clone() })
                }
                (Secret::Plain(_), Secret::Plain(_)) | (Secret::Sealed(_), Secret::Sealed(_)) => None,
            })
            .collect()
    }

    /// Puts other accounts in force.
    fn take_over(&self, secrets: BTreeMap<UserName, Secret>, compared: &BTreeMap<UserName, SamePassword>) -> Changes {
        let mut changes = Changes::default();
        let mut accounts = self.all_mut();
        let mut old = std::mem::take(&mut *accounts);
        for (name, secret) in secrets {
            let account = match old.remove(&name) {
                Some(account) if account.secret == secret => account,
                Some(_) => {
                    if compared.get(&name) != Some(&SamePassword::Yes) {
                        changes.changed.push(name.clone());
                    }
                    Arc::new(Account::new(secret))
                }
                None => {
                    changes.added.push(name.clone());
                    Arc::new(Account::new(secret))
                }
            };
            accounts.insert(name, account);
        }
        changes.removed.extend(old.into_keys());
        changes
    }
}
