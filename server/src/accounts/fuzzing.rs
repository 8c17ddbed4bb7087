//! A file of accounts with any content (`crate::fuzzing`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use whoelse_proto::{Password, UserName};

use super::file::{self, Parsed, Secret, parse};
use super::key::KeyId;
use super::record::SEALED;

/// The key of the records that are read; another's are refused.
const KEY: &str = "0123456789abcdef";

/// A file that is read can be changed, and reads as changed; one that is not is refused in words without its content.
///
/// # Panics
/// If not.
pub fn credentials(content: &[u8]) {
    let Some(key) = KeyId::parse(KEY) else { unreachable!("the key has sixteen digits") };
    let read = |content: &[u8]| parse(content, key, Path::new("credentials.txt"));
    let Parsed { accounts, shape, .. } = match read(content) {
        Ok(parsed) => parsed,
        Err(error) => {
            let said = error.to_string();
            assert!(!said.contains(|c: char| c.is_control()) && said.len() < MAX_SAID, "{said:?}");
            return;
        }
    };
    holds(&accounts, key);
    // What every change begins with.
    let content = file::finished(content);
    let is = |content: &[u8], expected: &BTreeMap<UserName, Secret>| {
        let again = read(content);
        assert!(again.is_ok_and(|again| again.accounts == *expected), "the changed file reads otherwise");
    };
    if let (Ok(name), Ok(password)) = (UserName::new("newcomer"), Password::new("secret"))
        && !accounts.contains_key("newcomer")
    {
        let mut grown = accounts.clone();
        grown.insert(name.clone(), Secret::Plain(password));
        let added = file::appended(shape, &[(name, "secret".to_owned())]);
        is(&[content, &added].concat(), &grown);
    }
    if let Some((first, _)) = accounts.first_key_value() {
        let mut fewer = accounts.clone();
        fewer.remove(first);
        is(&file::without(content, &BTreeSet::from([first.as_str()])), &fewer);
        let words = BTreeMap::from([(first.clone(), "another".to_owned())]);
        let Ok(another) = Password::new("another") else { unreachable!("it is a password") };
        let mut changed = accounts.clone();
        changed.insert(first.clone(), Secret::Plain(another));
        is(&file::with_words(content, &words), &changed);
    }
}

/// Bytes of an error about one line, with its path and both keys.
const MAX_SAID: usize = 400;

/// Every sealed password is written as it was read; no plain one begins like a sealed one.
fn holds(accounts: &BTreeMap<UserName, Secret>, key: KeyId) {
    for secret in accounts.values() {
        match secret {
            Secret::Plain(password) => assert!(!password.expose().starts_with(SEALED)),
            Secret::Sealed(sealed) => {
                let again = super::record::SealedPassword::from_word(&sealed.to_word(key), key);
                assert!(again.is_ok_and(|again| again == *sealed), "a record reads otherwise");
            }
        }
    }
}
