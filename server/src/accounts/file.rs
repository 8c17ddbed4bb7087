//! `credentials.txt` as bytes: reading its lines, and changing some without touching the others.
//!
//! One account a line: a name, one space, a password, plain or sealed (`docs/BEHAVIOUR.md`, Accounts). Lines end
//! with LF or CRLF; the last one may end with neither. Empty lines mean nothing and stay where they are. There
//! are no comments: every character that could begin one may stand in a name.

use std::collections::BTreeMap;
use std::path::Path;

use whoelse_proto::{Password, UserName};
use zeroize::Zeroizing;

use super::key::KeyId;
use super::record::{SEALED, SealedPassword};
use super::{AccountsError, LineFault};

/// The content of the file; wiped from memory with the plain passwords in it.
pub(super) type Content = Zeroizing<Vec<u8>>;

/// What some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A password as the file has it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Secret {
    /// Readable.
    Plain(Password),
    /// Not readable.
    Sealed(SealedPassword),
}

/// Reads every account.
///
/// # Errors
/// [`AccountsError::Line`] with the first wrong line.
pub(super) fn parse(content: &[u8], key: KeyId, path: &Path) -> Result<BTreeMap<UserName, Secret>, AccountsError> {
    let mut accounts = BTreeMap::new();
    let mut lines_of: BTreeMap<UserName, usize> = BTreeMap::new();
    for (index, line) in lines(content).enumerate().filter(|(_, line)| !line.text.is_empty()) {
        let number = index + 1;
        let wrong = |fault| AccountsError::Line { path: path.to_path_buf(), line: number, fault };
        let (name, secret) = parse_line(line.text, key).map_err(wrong)?;
        if let Some(&first) = lines_of.get(&name) {
            return Err(wrong(LineFault::Duplicate { first }));
        }
        lines_of.insert(name.clone(), number);
        accounts.insert(name, secret);
    }
    Ok(accounts)
}

/// Reads one line that is not empty.
fn parse_line(line: &[u8], key: KeyId) -> Result<(UserName, Secret), LineFault> {
    // What is no UTF-8 becomes a character that may stand in neither.
    let line = String::from_utf8_lossy(line);
    let (name, secret) = line.split_once(' ').ok_or(LineFault::NoSecret)?;
    let name = UserName::new(name)?;
    let secret = if secret.starts_with(SEALED) {
        Secret::Sealed(SealedPassword::from_word(secret, key)?)
    } else {
        Secret::Plain(Password::new(secret)?)
    };
    Ok((name, secret))
}

/// A line with what ends it.
struct Line<'a> {
    /// Without its end.
    text: &'a [u8],
    /// `\n`, `\r\n`, or nothing at the end of the file.
    end: &'a [u8],
    /// Both, and a byte-order mark in front of the first.
    whole: &'a [u8],
}

impl Line<'_> {
    fn is_of(&self, name: &UserName) -> bool {
        self.text.strip_prefix(name.as_str().as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
    }
}

fn lines(content: &[u8]) -> impl Iterator<Item = Line<'_>> {
    content.split_inclusive(|&byte| byte == b'\n').enumerate().map(|(index, whole)| {
        let unmarked = if index == 0 { whole.strip_prefix(BYTE_ORDER_MARK).unwrap_or(whole) } else { whole };
        let text = unmarked.strip_suffix(b"\n").unwrap_or(unmarked);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Line { text, end: unmarked.get(text.len()..).unwrap_or_default(), whole }
    })
}

/// The file with further accounts at its end.
pub(super) fn with_appended(content: &[u8], new: &[(&UserName, String)]) -> Content {
    let end: &[u8] = if content.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let added: usize = new.iter().map(|(name, word)| name.as_str().len() + word.len() + 3).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(content.len() + end.len() + added));
    out.extend_from_slice(content);
    if !content.is_empty() && !content.ends_with(b"\n") {
        out.extend_from_slice(end);
    }
    for (name, word) in new {
        push_line(&mut out, name, word, end);
    }
    out
}

/// The file without an account.
pub(super) fn without(content: &[u8], name: &UserName) -> Content {
    let mut out = Zeroizing::new(Vec::with_capacity(content.len()));
    for line in lines(content).filter(|line| !line.is_of(name)) {
        out.extend_from_slice(line.whole);
    }
    out
}

/// The file with other words for the passwords of these accounts.
pub(super) fn with_words(content: &[u8], words: &BTreeMap<UserName, String>) -> Content {
    let mut out = Zeroizing::new(Vec::with_capacity(content.len()));
    for line in lines(content) {
        let name = line.text.split(|&byte| byte == b' ').next().and_then(|name| std::str::from_utf8(name).ok());
        match name.and_then(|name| words.get_key_value(name)) {
            Some((name, word)) => push_line(&mut out, name, word, line.end),
            None => out.extend_from_slice(line.whole),
        }
    }
    out
}

fn push_line(out: &mut Content, name: &UserName, word: &str, end: &[u8]) {
    for part in [name.as_str().as_bytes(), b" ", word.as_bytes(), end] {
        out.extend_from_slice(part);
    }
}
