//! What a person wrote in a composer: a command, or a text that happens to begin with a slash.

use super::list::CommandSpec;
use super::parse::{CommandLine, ParseError, parse};
use super::password::is_passwd;

/// What a line of a composer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed<'a> {
    /// A command behind a slash.
    Command(CommandLine),
    /// The command that changes the password: both passwords are asked for where nobody reads them.
    Passwd,
    /// A text, as it is sent.
    Text(&'a str),
}

/// Tells a command from a text.
///
/// A slash followed by the name of a command is that command; two slashes followed by one send it as a text with one
/// slash. Every other text goes out as it stands: a path, `// TODO`, `/shrug`.
///
/// # Errors
/// The command has a fault, or the word is nearly a command's name: a mistyped `/blok yoda` is not shown to others.
pub fn compose(written: &str) -> Result<Composed<'_>, ParseError> {
    let Some(line) = written.strip_prefix('/') else { return Ok(Composed::Text(written)) };
    if let Some(escaped) = line.strip_prefix('/') {
        return Ok(Composed::Text(if is_command(escaped) { line } else { written }));
    }
    if is_command(line) && is_passwd(line) {
        return Ok(Composed::Passwd);
    }
    if is_command(line) {
        return parse(line).map(Composed::Command);
    }
    match parse(line) {
        Err(error @ ParseError::Unknown { nearest: Some(_), .. }) if is_one_word_of_letters(line) => Err(error),
        Ok(_) | Err(_) => Ok(Composed::Text(written)),
    }
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().filter(|_| !line.starts_with(char::is_whitespace)).unwrap_or_default()
}

fn is_command(line: &str) -> bool {
    CommandSpec::find(first_word(line)).is_some()
}

fn is_one_word_of_letters(line: &str) -> bool {
    first_word(line).chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_comments_and_other_words_behind_a_slash_are_texts() {
        for text in
            ["/etc/hosts is wrong", "// TODO fix", "//server/share", "/shrug", "/", "/ 2", "/ block yoda", "plain"]
        {
            assert_eq!(compose(text), Ok(Composed::Text(text)));
        }
    }

    #[test]
    fn a_known_word_behind_a_slash_is_a_command_and_behind_two_a_text() {
        assert_eq!(compose("/whoelse"), Ok(Composed::Command(CommandLine::Whoelse)));
        assert_eq!(compose("//whoelse is a command"), Ok(Composed::Text("/whoelse is a command")));
        assert!(matches!(compose("/block"), Err(ParseError::Missing { .. })));
    }

    #[test]
    fn a_mistyped_command_is_not_sent_to_others() {
        let error = compose("/blok yoda").unwrap_err();
        assert_eq!(error.to_string(), "no command blok; did you mean block?");
    }
}
