//! Noticing that the file was changed by someone else, and taking over what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use whoelse_proto::{Password, UserName};

use super::file::{self, LastLine, Parsed, Secret, Shape};
use super::losses::{InForce, Loss};
use super::record::SealedPassword;
use super::stamp::{FileStamp, Stamp, Successor};
use super::{Account, Accounts, AccountsError, read, turn};
use crate::data_dir::Paths;

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

/// What is known of the file.
#[derive(Debug)]
pub(super) struct FileWatch {
    seen: Sighting,
    /// What was last read.
    content: Option<(blake3::Hash, Standing)>,
    /// The file whose passwords are in force.
    in_force: Option<FileStamp>,
    /// That the file in force was made by this process, until somebody asks.
    successor: Option<Successor>,
    /// Accounts of which the other kind of password in the file was compared with the one in force, and the hash
    /// of the file at that time.
    compared: (Option<blake3::Hash>, BTreeMap<UserName, SamePassword>),
    /// What was last logged of a change that failed: anyone may try again and again.
    fault: Option<String>,
    /// The file in force, as something can be added to it without reading it.
    tail: Option<Tail>,
    /// How the file in force ended.
    last_line: Option<LastLine>,
    /// Accounts that are to be removed: the file may lose these.
    leaving: BTreeSet<UserName>,
}

/// The file in force from outside, and what it takes to add to it.
#[derive(Debug)]
struct Tail {
    stamp: Stamp,
    shape: Shape,
    /// Of all its bytes.
    hasher: blake3::Hasher,
}

impl Tail {
    fn of(content: &[u8], shape: Shape, stamp: Stamp) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(content);
        Self { stamp, shape, hasher }
    }
}

/// When a file that looks changed is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once it has been left alone for a moment.
    Settled,
    /// At once: the administrator says that it is whole.
    Now,
}

/// What became of the content that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    InForce,
    Broken,
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

impl FileWatch {
    /// The file was read as it stood, and looked the same before and after if there is a stamp. It is read again
    /// once it has settled.
    pub(super) fn of(content: &[u8], shape: Shape, stamp: Option<Stamp>) -> Self {
        Self {
            seen: Sighting::Unknown,
            content: Some((blake3::hash(content), Standing::InForce)),
            in_force: stamp.as_ref().and_then(Stamp::for_later),
            successor: None,
            compared: (None, BTreeMap::new()),
            fault: None,
            tail: stamp.map(|stamp| Tail::of(content, shape, stamp)),
            last_line: Some(shape.last_line),
            leaving: BTreeSet::new(),
        }
    }

    /// The shape of the file, if it is the one in force and was not touched.
    pub(super) fn shape_in_force(&self, paths: &Paths) -> Option<Shape> {
        let is_in_force = self.content.is_some_and(|(_, standing)| standing == Standing::InForce);
        let tail = self.tail.as_ref().filter(|_| is_in_force)?;
        Stamp::of(&paths.credentials).is_ok_and(|stamp| stamp == tail.stamp).then_some(tail.shape)
    }

    /// These accounts are about to be taken out of the file.
    pub(super) fn expect_to_leave(&mut self, names: &[UserName]) {
        self.leaving.extend(names.iter().cloned());
    }

    /// This process added these bytes to the file, which was the one in force if its shape is known. Where it was, the
    /// file is in force at once; else it is read again, for what others had changed in it before.
    pub(super) fn appended(&mut self, known: Option<Shape>, bytes: &[u8], stamp: Option<Stamp>) {
        self.seen = Sighting::Unknown;
        let tail = self.tail.take().filter(|tail| Some(tail.shape) == known && tail.shape.bytes == tail.shape.finished);
        let later = stamp.as_ref().and_then(Stamp::for_later);
        match (tail, stamp, self.in_force, later) {
            (Some(mut tail), Some(stamp), Some(of), Some(is)) => {
                tail.hasher.update(bytes);
                self.content = Some((tail.hasher.finalize(), Standing::InForce));
                self.in_force = Some(is);
                self.successor = Some(Successor { of: self.successor.map_or(of, |earlier| earlier.of), is });
                let shape = tail.shape.with(bytes);
                self.last_line = Some(shape.last_line);
                self.tail = Some(Tail { stamp, shape, hasher: tail.hasher });
            }
            _ => self.content = None,
        }
    }

    /// Logs why a change failed, unless that was logged last.
    pub(super) fn report_fault(&mut self, what: &str, error: Option<&AccountsError>) {
        let fault = error.map(ToString::to_string);
        if let Some(fault) = fault.as_ref().filter(|_| fault != self.fault) {
            tracing::warn!("{what}: {fault}");
        }
        self.fault = fault;
    }

    /// The stamp of the file if it may be read and was not yet.
    fn look(&mut self, paths: &Paths, when: When) -> Result<Option<Stamp>, AccountsError> {
        let path = &paths.credentials;
        let stamp = match Stamp::of(path) {
            Ok(stamp) => stamp,
            Err(_) if self.seen == Sighting::Failed => return Ok(None),
            Err(error) => {
                self.seen = Sighting::Failed;
                return Err(AccountsError::io("read", path)(error));
            }
        };
        let is_seen = matches!(&self.seen, Sighting::Stamp(seen) if *seen == stamp);
        let is_due = match when {
            When::Settled => !is_seen && turn::is_whole(&stamp, paths),
            When::Now => true,
        };
        Ok(is_due.then_some(stamp))
    }

    /// The file with this stamp was read, and had what it had before.
    fn saw_the_same(&mut self, stamp: Stamp, standing: Standing) {
        if standing == Standing::InForce {
            self.in_force = stamp.for_later();
            if let Some(tail) = &mut self.tail {
                tail.stamp = stamp.clone();
            }
        }
        self.seen = Sighting::Stamp(stamp);
    }

    /// This content is in force from here on.
    fn hold(&mut self, content: &[u8], shape: Shape, stamp: &Stamp) {
        self.tail = Some(Tail::of(content, shape, stamp.clone()));
        self.last_line = Some(shape.last_line);
        self.leaving.clear();
    }

    /// The file with this stamp was read. What was compared for it is used up.
    fn saw(&mut self, stamp: Stamp, content: Option<(blake3::Hash, Standing)>) -> BTreeMap<UserName, SamePassword> {
        if let Some((_, Standing::InForce)) = content {
            self.in_force = stamp.for_later();
        }
        self.seen = Sighting::Stamp(stamp);
        self.content = content;
        std::mem::take(&mut self.compared).1
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
        self.reload(When::Settled)
    }

    /// The same, at a time of the caller's choice.
    ///
    /// # Errors
    /// As of [`Accounts::reload_if_changed`].
    pub fn reload(&self, when: When) -> Result<Option<Changes>, AccountsError> {
        loop {
            match self.reload_step(when)? {
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

    fn reload_step(&self, when: When) -> Result<Step, AccountsError> {
        let path = &self.paths.credentials;
        let mut watch = self.watch();
        let Some(stamp) = watch.look(&self.paths, when)? else { return Ok(Step::Done(None)) };
        let content = match read(path) {
            Ok(content) => content,
            Err(error) => {
                watch.saw(stamp, None);
                return Err(error);
            }
        };
        let digest = blake3::hash(&content);
        if let Some((_, standing)) = watch.content.filter(|(known, _)| *known == digest) {
            watch.saw_the_same(stamp, standing);
            return Ok(Step::Done(None));
        }
        let parsed = file::parse(&content, self.key.id(), path);
        let parsed = match parsed.and_then(|parsed| self.refuse_loss(&watch, &parsed).map(|()| parsed)) {
            Ok(parsed) => parsed,
            Err(error) => {
                watch.saw(stamp, Some((digest, Standing::Broken)));
                return Err(error);
            }
        };
        if watch.compared.0 != Some(digest) {
            watch.compared = (Some(digest), BTreeMap::new());
        }
        let comparisons = self.comparisons(&parsed.accounts, &watch.compared.1);
        if !comparisons.is_empty() {
            return Ok(Step::Compare(comparisons));
        }
        watch.hold(&content, parsed.shape, &stamp);
        let compared = watch.saw(stamp, Some((digest, Standing::InForce)));
        let changes = self.take_over(parsed.accounts, &compared);
        Ok(Step::Done(Some(changes).filter(|changes| !changes.is_empty())))
    }

    /// Refuses a file that was emptied or cut short.
    pub(super) fn refuse_loss(&self, watch: &FileWatch, parsed: &Parsed) -> Result<(), AccountsError> {
        let accounts = self.all();
        let secrets = accounts.iter().map(|(name, account)| (name, &account.secret)).collect();
        let in_force = InForce { secrets, last_line: watch.last_line, leaving: &watch.leaving };
        let path = self.paths.credentials.clone();
        match in_force.loss(parsed) {
            None => Ok(()),
            Some(Loss::Emptied { known }) => Err(AccountsError::Emptied { path, known }),
            Some(Loss::Cut { lost, known }) => Err(AccountsError::Cut { path, lost, known }),
        }
    }

    /// What this process made of the file since the last call, to be noted before anybody is told of it.
    pub fn take_successor(&self) -> Option<Successor> {
        self.watch().successor.take()
    }

    /// What the file looked like whose passwords are in force; `None` if that is not known.
    #[must_use]
    pub fn file_stamp(&self) -> Option<FileStamp> {
        self.watch().in_force
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Place, logs_in, name};
    use super::*;

    #[test]
    fn what_was_compared_for_one_content_of_the_file_says_nothing_of_the_next() {
        let place = Place::new("hans falcon\n");
        let accounts = place.open();
        place.open().seal().unwrap();
        let Step::Compare(comparisons) = accounts.reload_step(When::Now).unwrap() else { panic!("nothing to compare") };
        let compared = comparisons.iter().map(|comparison| accounts.compare(comparison)).collect::<Vec<_>>();
        assert_eq!(compared, [(name("hans"), SamePassword::Yes)]);
        accounts.watch().compared.1.extend(compared);
        // Meanwhile somebody gives hans another password, sealed too.
        place.open().set_password(&name("hans"), &Password::new("other").unwrap()).unwrap();
        let changed = Changes { changed: vec![name("hans")], ..Changes::default() };
        assert_eq!(accounts.reload(When::Now).unwrap(), Some(changed));
        assert!(logs_in(&accounts, "hans", "other"));
    }
}
