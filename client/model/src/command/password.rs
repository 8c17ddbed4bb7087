//! `passwd OLD NEW`.

use whoelse_proto::Password;

use super::list::CommandSpec;
use super::parse::{CommandLine, ParseError, one_word};

/// Whether a line is the command that changes the password, whatever stands behind it. A window and a terminal ask for the
/// passwords in fields that hide them; behind the command they could be read on the screen.
#[must_use]
pub fn is_passwd(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    word.strip_prefix('/').unwrap_or(word).eq_ignore_ascii_case("passwd")
}

pub(super) fn parse(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let rest = rest.trim_start();
    let (old, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let old = password(command, one_word(command, old, "OLD")?)?;
    let new = password(command, one_word(command, rest, "NEW")?)?;
    Ok(CommandLine::Passwd { old, new })
}

fn password(command: &'static CommandSpec, word: &str) -> Result<Password, ParseError> {
    Password::new(word).map_err(|cause| ParseError::Password { command, cause })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn the_command_is_known_with_and_without_passwords_behind_it() {
        for line in ["passwd", " /passwd", "PASSWD falcon wise", "/passwd falcon"] {
            assert!(is_passwd(line), "{line}");
        }
        for line in ["", "passwds", "message yoda passwd", "//passwd"] {
            assert!(!is_passwd(line), "{line}");
        }
    }

    #[test]
    fn the_old_and_the_new_password_are_two_words() {
        let password = |raw| Password::new(raw).unwrap();
        let passwd = CommandLine::Passwd { old: password("falcon"), new: password("f@lcon,2") };
        assert_eq!(parse("passwd falcon  f@lcon,2 "), Ok(passwd));
        for wrong in ["passwd", "passwd falcon", "passwd a b c", "passwd f\u{e4}lcon b"] {
            let error = parse(wrong).unwrap_err();
            assert!(!error.to_string().contains("falcon"), "{error}");
        }
    }
}
