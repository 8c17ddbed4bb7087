//! Commands about private sessions.

use whoelse_proto::FileName;

use super::list::CommandSpec;
use super::parse::{CommandLine, ParseError, text, user};
use crate::command::files::chunks;

/// `USER TEXT`, or `USER download NAME CHUNK`.
pub(super) fn parse(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let rest = rest.trim_start();
    let (name, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let to = user(command, name)?;
    if let Some((name, chunk)) = download(words) {
        return Ok(CommandLine::PrivateDownload { from: to, name, chunk });
    }
    Ok(CommandLine::Private { to, text: text(command, words)? })
}

/// The name and the number of `download NAME CHUNK`; anything else is text.
fn download(words: &str) -> Option<(FileName, u8)> {
    let (name, chunk) = words.trim().strip_prefix("download ")?.trim().rsplit_once(char::is_whitespace)?;
    let mut chunks = chunks(chunk)?.iter();
    let chunk = chunks.next().filter(|_| chunks.next().is_none())?;
    FileName::new(name.trim()).ok().map(|name| (name, chunk))
}

#[cfg(test)]
mod tests {
    use whoelse_proto::{Text, UserName};

    use crate::command::{CommandLine, parse};

    #[test]
    fn private_words_are_text_unless_they_ask_for_a_chunk() {
        let yoda = || UserName::new("yoda").unwrap();
        let text = |raw: &str| Ok(CommandLine::Private { to: yoda(), text: Text::new(raw).unwrap() });
        assert_eq!(parse("private yoda Hey Dude"), text("Hey Dude"));
        assert_eq!(parse("private yoda download it all"), text("download it all"));
        assert_eq!(parse("private yoda download 7"), text("download 7"));
        assert_eq!(parse("private yoda download plans 11"), text("download plans 11"));
        let name = whoelse_proto::FileName::new("the plans.pdf").unwrap();
        let download = CommandLine::PrivateDownload { from: yoda(), name, chunk: 7 };
        assert_eq!(parse("private yoda download the plans.pdf 7"), Ok(download));
        assert!(parse("private yoda").is_err());
        assert_eq!(parse("startprivate yoda"), Ok(CommandLine::StartPrivate(yoda())));
        assert_eq!(parse("stopprivate yoda "), Ok(CommandLine::StopPrivate(yoda())));
    }
}
