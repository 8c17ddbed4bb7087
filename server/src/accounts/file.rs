//! `credentials.txt` as bytes: reading its lines, and changing some without touching the others.
//!
//! One account a line: a name, one space, a password, plain or sealed (`docs/BEHAVIOUR.md`, Accounts). Lines end
//! with LF or CRLF; the last one may end with neither. Empty lines mean nothing and stay where they are. There
//! are no comments: every character that could begin one may stand in a name.

use std::collections::{BTreeMap, BTreeSet};
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

/// What a file holds.
pub(super) struct Parsed {
    /// Every account.
    pub(super) accounts: BTreeMap<UserName, Secret>,
    /// The one of the last line.
    pub(super) last: Option<UserName>,
    /// Where it ends, and how.
    pub(super) shape: Shape,
}

/// Where a file ends, and how: what is needed to add lines to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its length.
    pub(super) bytes: u64,
    /// The length without an account at its end that was never finished.
    pub(super) finished: u64,
    /// What ends its lines.
    line_end: LineEnd,
    /// Whether the last line has an end.
    pub(super) last_line: LastLine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    Lf,
    CrLf,
}

impl LineEnd {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// Whether the last line of a file has an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// It has, or there is no line.
    Ended,
    /// It has none.
    Open,
}

impl Shape {
    fn of(content: &[u8], finished: &[u8]) -> Self {
        let line_end = if finished.ends_with(b"\r\n") { LineEnd::CrLf } else { LineEnd::Lf };
        let is_ended = finished.is_empty() || finished.ends_with(b"\n");
        let last_line = if is_ended { LastLine::Ended } else { LastLine::Open };
        Self { bytes: content.len() as u64, finished: finished.len() as u64, line_end, last_line }
    }

    /// After these bytes of [`appended`] were added.
    pub(super) fn with(self, appended: &[u8]) -> Self {
        let bytes = self.finished.saturating_add(appended.len() as u64);
        Self { bytes, finished: bytes, last_line: LastLine::Ended, ..self }
    }
}

/// The file without an account at its end that was never finished ([`crate::whole_file::append`]): what begins with a
/// NUL at the beginning of a line and goes on as lines do, or as a disk leaves what was not written. Anything else with a
/// NUL is another file.
pub(super) fn finished(content: &[u8]) -> &[u8] {
    let Some(at) = content.iter().position(|byte| *byte == 0) else { return content };
    let (before, rest) = content.split_at(at);
    let begins_a_line = before.is_empty() || before.ends_with(b"\n");
    let is_text = rest.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n' | b' '..=b'~'));
    if begins_a_line && is_text { before } else { content }
}

/// Reads every account.
///
/// # Errors
/// [`AccountsError::Line`] with the first wrong line.
pub(super) fn parse(content: &[u8], key: KeyId, path: &Path) -> Result<Parsed, AccountsError> {
    let finished = finished(content);
    let mut accounts = BTreeMap::new();
    let mut lines_of: BTreeMap<UserName, usize> = BTreeMap::new();
    let mut last = None;
    for (index, line) in lines(finished).enumerate().filter(|(_, line)| !line.text.is_empty()) {
        let number = index + 1;
        let wrong = |fault| AccountsError::Line { path: path.to_path_buf(), line: number, fault };
        let (name, secret) = parse_line(line.text, key).map_err(wrong)?;
        if let Some(&first) = lines_of.get(&name) {
            return Err(wrong(LineFault::Duplicate { first }));
        }
        lines_of.insert(name.clone(), number);
        last = Some(name.clone());
        accounts.insert(name, secret);
    }
    Ok(Parsed { accounts, last, shape: Shape::of(content, finished) })
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
    /// Its first word.
    fn name(&self) -> Option<&str> {
        self.text.split(|&byte| byte == b' ').next().and_then(|name| std::str::from_utf8(name).ok())
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

/// The lines of further accounts, as they are to be added to a file of this shape.
pub(super) fn appended(shape: Shape, new: &[(UserName, String)]) -> Content {
    let end = shape.line_end.bytes();
    let added: usize = new.iter().map(|(name, word)| name.as_str().len() + word.len() + end.len() + 1).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(end.len() + added));
    if shape.last_line == LastLine::Open {
        out.extend_from_slice(end);
    }
    for (name, word) in new {
        push_line(&mut out, name, word, end);
    }
    out
}

/// The file without these accounts.
pub(super) fn without(content: &[u8], names: &BTreeSet<&str>) -> Content {
    let mut out = Zeroizing::new(Vec::with_capacity(content.len()));
    for line in lines(content).filter(|line| line.name().is_none_or(|name| !names.contains(name))) {
        out.extend_from_slice(line.whole);
    }
    out
}

/// The file with other words for the passwords of these accounts.
pub(super) fn with_words(content: &[u8], words: &BTreeMap<UserName, String>) -> Content {
    let mut out = Zeroizing::new(Vec::with_capacity(content.len()));
    for line in lines(content) {
        match line.name().and_then(|name| words.get_key_value(name)) {
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
