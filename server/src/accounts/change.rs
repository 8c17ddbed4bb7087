//! Changing the file: accounts that clients make, and those that the administrator adds, removes and seals.
//!
//! Every change reads the file again under a lock that all who change it take, so that nobody's line is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use whoelse_hub::StoreFault;
use whoelse_proto::{Password, UserName};
use zeroize::Zeroizing;

use super::file::{self, Content, Parsed, Secret, Shape};
use super::record::SealedPassword;
use super::reload::FileWatch;
use super::turn::Turn;
use super::{Account, Accounts, AccountsError, MAX_FILE_BYTES, read, sealed_word};

/// An account that a client wants: its name, and its record ([`Accounts::new_record`]).
pub type NewAccount<'a> = (&'a UserName, &'a [u8]);

impl Accounts {
    /// Adds an account to the file, sealed, whole or not at all.
    ///
    /// # Errors
    /// [`StoreFault::Exists`], or [`StoreFault::Unavailable`] if the file cannot be changed as it stands or the
    /// record is malformed.
    pub fn create(&self, name: &UserName, record: &[u8]) -> Result<(), StoreFault> {
        self.create_all(&[(name, record)]).pop().unwrap_or(Err(StoreFault::Unavailable))
    }

    /// Adds accounts to the file in one change. The results are in the order of the accounts, each as of
    /// [`Accounts::create`].
    pub fn create_all(&self, new: &[NewAccount<'_>]) -> Vec<Result<(), StoreFault>> {
        let results = self.append(new);
        self.watch().report_fault("no account can be made", results.as_ref().err());
        results.unwrap_or_else(|_| new.iter().map(|_| Err(StoreFault::Unavailable)).collect())
    }

    fn append(&self, new: &[NewAccount<'_>]) -> Result<Vec<Result<(), StoreFault>>, AccountsError> {
        let mut watch = self.watch();
        let turn = Turn::take(&self.paths)?;
        // The file in force need not be read again: what it holds is known.
        let known = watch.shape_in_force(&self.paths);
        let (shape, there) = match known {
            Some(shape) => (shape, BTreeMap::new()),
            None => self.read_unless_lossy(&watch).map(|parsed| (parsed.shape, parsed.accounts))?,
        };
        let mut made: BTreeMap<UserName, SealedPassword> = BTreeMap::new();
        let mut results = Vec::with_capacity(new.len());
        for (name, record) in new.iter().copied() {
            let exists = there.contains_key(name) || made.contains_key(name) || self.get(name).is_some();
            results.push(match SealedPassword::from_record_bytes(record) {
                _ if exists => Err(StoreFault::Exists),
                None => Err(StoreFault::Unavailable),
                Some(sealed) => {
                    made.insert(name.clone(), sealed);
                    Ok(())
                }
            });
        }
        if made.is_empty() {
            return Ok(results);
        }
        let words: Vec<_> = made.iter().map(|(name, sealed)| (name.clone(), sealed.to_word(self.key.id()))).collect();
        let bytes = self.lines_to_append(shape, &words)?;
        let stamp = turn.append(shape, &bytes)?;
        watch.appended(known, &bytes, stamp);
        let accounts = made.into_iter().map(|(name, sealed)| (name, Arc::new(Account::new(Secret::Sealed(sealed)))));
        self.all_mut().extend(accounts);
        Ok(results)
    }

    /// The lines to add, unless the file would become larger than it may be.
    fn lines_to_append(&self, shape: Shape, words: &[(UserName, String)]) -> Result<Content, AccountsError> {
        let bytes = file::appended(shape, words);
        if shape.with(&bytes).bytes > MAX_FILE_BYTES {
            return Err(AccountsError::Oversized { path: self.paths.credentials.clone(), limit: MAX_FILE_BYTES });
        }
        Ok(bytes)
    }

    /// What the file holds, unless it was emptied or cut short.
    fn read_unless_lossy(&self, watch: &FileWatch) -> Result<Parsed, AccountsError> {
        let (_, parsed) = self.read_accounts()?;
        self.refuse_loss(watch, &parsed)?;
        Ok(parsed)
    }

    /// Adds an account with a password to the file, sealed.
    ///
    /// # Errors
    /// [`AccountsError::Exists`], or why the file cannot be read or changed.
    pub fn add(&self, name: &UserName, password: &Password) -> Result<(), AccountsError> {
        let word = sealed_word(&self.key, name, password)?;
        let turn = Turn::take(&self.paths)?;
        let (_, Parsed { accounts, shape, .. }) = self.read_accounts()?;
        if accounts.contains_key(name) {
            return Err(AccountsError::Exists(name.clone()));
        }
        let bytes = self.lines_to_append(shape, &[(name.clone(), word)])?;
        turn.append(shape, &bytes).map(|_| ())
    }

    /// Gives an account another password, sealed.
    ///
    /// # Errors
    /// [`AccountsError::Unknown`], or why the file cannot be read or changed.
    pub fn set_password(&self, name: &UserName, password: &Password) -> Result<(), AccountsError> {
        let word = sealed_word(&self.key, name, password)?;
        self.change(|content, there| {
            if !there.contains_key(name) {
                return Err(AccountsError::Unknown(name.clone()));
            }
            Ok(Some(file::with_words(content, &BTreeMap::from([(name.clone(), word)]))))
        })
    }

    /// Gives an account the record of another password, which a client made ([`Accounts::new_record`]). The one who
    /// looks whether the file was changed finds nothing new in it.
    ///
    /// # Errors
    /// [`StoreFault`]; the log says why.
    pub fn replace(&self, name: &UserName, record: &[u8]) -> Result<(), StoreFault> {
        let sealed = SealedPassword::from_record_bytes(record).ok_or(StoreFault::Unavailable)?;
        let mut watch = self.watch();
        let words = BTreeMap::from([(name.clone(), sealed.to_word(self.key.id()))]);
        let written = self.change(|content, there| {
            if !there.contains_key(name) {
                return Err(AccountsError::Unknown(name.clone()));
            }
            Ok(Some(file::with_words(content, &words)))
        });
        watch.report_fault("no password is changed", written.as_ref().err());
        written.map_err(|_| StoreFault::Unavailable)?;
        self.all_mut().insert(name.clone(), Arc::new(Account::new(Secret::Sealed(sealed))));
        Ok(())
    }

    /// Takes accounts out of the file, those that are in it; the file may be empty afterwards.
    ///
    /// # Errors
    /// Why the file cannot be read or changed.
    pub fn remove_all(&self, names: &[UserName]) -> Result<(), AccountsError> {
        self.watch().expect_to_leave(names);
        self.change(|content, there| {
            let leaving: BTreeSet<&str> = names.iter().map(UserName::as_str).collect();
            let is_there = leaving.iter().any(|name| there.contains_key(*name));
            Ok(is_there.then(|| file::without(content, &leaving)))
        })
    }

    /// Seals every plain password in the file. Returns how many there were.
    ///
    /// # Errors
    /// Why the file cannot be read or changed.
    pub fn seal(&self) -> Result<usize, AccountsError> {
        let mut sealed: BTreeMap<UserName, (Password, String)> = BTreeMap::new();
        loop {
            for (name, password) in self.unsealed(&sealed)? {
                let word = sealed_word(&self.key, &name, &password)?;
                sealed.insert(name, (password, word));
            }
            if let Some(count) = self.write_sealed(&sealed)? {
                return Ok(count);
            }
        }
    }

    /// The plain passwords in the file that are not sealed yet.
    fn unsealed(
        &self,
        sealed: &BTreeMap<UserName, (Password, String)>,
    ) -> Result<Vec<(UserName, Password)>, AccountsError> {
        let (_, there) = self.read_accounts()?;
        Ok(plain(there.accounts).filter(|(name, password)| !is_sealed(sealed, name, password)).collect())
    }

    /// Writes the sealed passwords if they are all that the file has; `None` if it has others by this time.
    fn write_sealed(&self, sealed: &BTreeMap<UserName, (Password, String)>) -> Result<Option<usize>, AccountsError> {
        let mut count = None;
        self.change(|content, there| {
            let plain: BTreeMap<UserName, Password> = plain(there).collect();
            if !plain.iter().all(|(name, password)| is_sealed(sealed, name, password)) {
                return Ok(None);
            }
            count = Some(plain.len());
            let words = sealed.iter().filter(|(name, _)| plain.contains_key(*name));
            let words = words.map(|(name, (_, word))| (name.clone(), word.clone())).collect();
            Ok((!plain.is_empty()).then(|| file::with_words(content, &words)))
        })?;
        Ok(count)
    }

    /// Lets `edit` make the new content of the file, or leave it as it is.
    fn change<E>(&self, edit: E) -> Result<(), AccountsError>
    where
        E: FnOnce(&[u8], BTreeMap<UserName, Secret>) -> Result<Option<Content>, AccountsError>,
    {
        let turn = Turn::take(&self.paths)?;
        let (content, there) = self.read_accounts()?;
        edit(&content, there.accounts)?.map_or(Ok(()), |content| turn.write(&content).map(|_| ()))
    }

    /// The file as far as it was finished, and what it holds.
    fn read_accounts(&self) -> Result<(Content, Parsed), AccountsError> {
        let content = read(&self.paths.credentials)?;
        let parsed = file::parse(&content, self.key.id(), &self.paths.credentials)?;
        let finished = Zeroizing::new(file::finished(&content).to_vec());
        Ok((finished, parsed))
    }
}

fn plain(accounts: BTreeMap<UserName, Secret>) -> impl Iterator<Item = (UserName, Password)> {
    accounts.into_iter().filter_map(|(name, secret)| match secret {
        Secret::Plain(password) => Some((name, password)),
        Secret::Sealed(_) => None,
    })
}

fn is_sealed(sealed: &BTreeMap<UserName, (Password, String)>, name: &UserName, password: &Password) -> bool {
    sealed.get(name).is_some_and(|(of, _)| of == password)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Place, name};
    use super::*;

    #[test]
    fn a_file_grows_up_to_its_limit_and_no_further() {
        let place = Place::new("hans falcon\n");
        let accounts = place.open();
        let (_, parsed) = accounts.read_accounts().unwrap();
        let words = [(name("new"), "word".to_owned())];
        let lines = |left: u64| {
            let mut shape = parsed.shape;
            shape.finished = MAX_FILE_BYTES - left;
            accounts.lines_to_append(shape, &words)
        };
        assert_eq!(lines(9).unwrap().as_slice(), b"new word\n");
        for left in [8, 0] {
            assert!(matches!(lines(left), Err(AccountsError::Oversized { .. })), "{left}");
        }
    }
}
