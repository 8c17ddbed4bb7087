//! Commands about files.

use std::path::PathBuf;

use whoelse_proto::{Chunks, FileName};

use super::list::CommandSpec;
use super::parse::{CommandLine, ParseError, one_word, user};
use crate::transfer::TransferId;

/// `USER PATH`.
pub(super) fn send(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let rest = rest.trim_start();
    let (name, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Ok(CommandLine::SendFile { to: user(command, name)?, path: path(command, words)? })
}

/// `NAME CHUNKS`.
pub(super) fn search_chunk(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let (words, numbers) = rest.trim().rsplit_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name(command, words)?;
    Ok(CommandLine::SearchChunk(name, chunks(numbers).ok_or(ParseError::Chunks { command })?))
}

/// `[PART]`.
pub(super) fn shared(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let part = if rest.trim().is_empty() { None } else { Some(name(command, rest)?) };
    Ok(CommandLine::Shared(part))
}

/// `NAME [ROOT]`.
pub(super) fn download(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let named =
        rest.trim().rsplit_once(char::is_whitespace).and_then(|(words, last)| Some((words, last.parse().ok()?)));
    let (words, root) = named.map_or((rest, None), |(words, root)| (words, Some(root)));
    Ok(CommandLine::Download { name: name(command, words)?, root })
}

pub(super) fn path(command: &'static CommandSpec, rest: &str) -> Result<PathBuf, ParseError> {
    let path = rest.trim();
    if path.is_empty() { Err(ParseError::Missing { command, what: "PATH" }) } else { Ok(PathBuf::from(path)) }
}

pub(super) fn name(command: &'static CommandSpec, rest: &str) -> Result<FileName, ParseError> {
    let name = rest.trim();
    if name.is_empty() {
        return Err(ParseError::Missing { command, what: "NAME" });
    }
    FileName::new(name).map_err(|cause| ParseError::FileName { command, cause })
}

pub(super) fn number(command: &'static CommandSpec, rest: &str) -> Result<TransferId, ParseError> {
    let digits = one_word(command, rest, "NUMBER")?;
    digits.parse().map(TransferId::new).map_err(|_| ParseError::Number { command })
}

/// `1,4,7-9` as a set; `None` if it is not one.
#[must_use]
pub fn chunks(list: &str) -> Option<Chunks> {
    let one = |digits: &str| digits.parse().ok().filter(|chunk| Chunks::one(*chunk).is_ok());
    let mut chunks = Chunks::NONE;
    for part in list.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (u8, u8) = (one(from)?, one(to)?);
        if from > to {
            return None;
        }
        chunks = (from..=to).fold(chunks, Chunks::with);
    }
    Some(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    #[test]
    fn chunks_are_numbers_and_runs() {
        let numbers = |list: &str| chunks(list).map(|chunks| chunks.iter().collect::<Vec<_>>());
        assert_eq!(numbers("1,4,7-9"), Some(vec![1, 4, 7, 8, 9]));
        assert_eq!(numbers("10"), Some(vec![10]));
        for wrong in ["", "0", "11", "3-1", "1,,2", "1-", "a", "-1", "1 2"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_and_paths_go_to_the_end_of_the_line() {
        let name = |raw: &str| FileName::new(raw).unwrap();
        assert_eq!(parse("searchFile the plans.pdf "), Ok(CommandLine::SearchFile(name("the plans.pdf"))));
        let searched = CommandLine::SearchChunk(name("the plans.pdf"), chunks("1-3").unwrap());
        assert_eq!(parse("searchchunk the plans.pdf 1-3"), Ok(searched));
        assert!(matches!(parse("searchChunk plans x"), Err(ParseError::Chunks { .. })));
        assert_eq!(parse("shared"), Ok(CommandLine::Shared(None)));
        assert_eq!(parse("shared the plans "), Ok(CommandLine::Shared(Some(name("the plans")))));
        assert!(matches!(parse("shared a/b"), Err(ParseError::FileName { .. })));
        assert_eq!(parse("register /tmp/the plans.pdf"), Ok(CommandLine::Register("/tmp/the plans.pdf".into())));
        let root = whoelse_proto::FileRoot::from_bytes([0xAB; 32]);
        let download = |root| CommandLine::Download { name: name("the plans.pdf"), root };
        assert_eq!(parse("download the plans.pdf"), Ok(download(None)));
        assert_eq!(parse(&format!("download the plans.pdf {root} ")), Ok(download(Some(root))));
        assert!(matches!(parse("download a/b"), Err(ParseError::FileName { .. })));
        assert!(matches!(parse("takefile x"), Err(ParseError::Number { .. })));
    }
}
