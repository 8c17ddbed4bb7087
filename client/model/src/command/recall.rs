//! Commands that read messages back, and the one that answers a message.

use whoelse_proto::{MessageId, UserName};

use super::list::CommandSpec;
use super::parse::{CommandLine, ParseError, text};

/// Messages that are read back where nobody says how many: a screen.
pub const RECALLED: usize = 20;

/// Messages that are read back at most: a program asks for those before.
pub const MAX_RECALLED: usize = 500;

/// `[USER] [COUNT] [before ID]`. A number is a count; a user whose name is a number is named with the count behind it.
pub(super) fn history(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let wrong = || ParseError::Message { command };
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let mut before = None;
    if let [.., word, id] = words.as_slice()
        && word.eq_ignore_ascii_case("before")
    {
        before = Some(message_id(id).ok_or_else(wrong)?);
        words.truncate(words.len() - 2);
    }
    let (with, count) = match words.as_slice() {
        [] => (None, None),
        [one] if is_count(one) => (None, Some(*one)),
        [user] => (Some(*user), None),
        [user, count] => (Some(*user), Some(*count)),
        [..] => return Err(ParseError::Excess { command }),
    };
    let with = with.map(UserName::new).transpose().map_err(|cause| ParseError::Name { command, cause })?;
    let count = match count {
        None => RECALLED,
        Some(digits) if is_count(digits) => digits.parse().unwrap_or(MAX_RECALLED).min(MAX_RECALLED),
        Some(_) => return Err(wrong()),
    };
    if count == 0 { Err(wrong()) } else { Ok(CommandLine::History { with, count, before }) }
}

/// `WORDS`.
pub(super) fn search(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let words = rest.trim_start();
    if words.trim().is_empty() {
        return Err(ParseError::Missing { command, what: "WORDS" });
    }
    Ok(CommandLine::Search { words: words.to_owned() })
}

/// `ID TEXT`.
pub(super) fn reply(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let rest = rest.trim_start();
    let (id, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if id.is_empty() {
        return Err(ParseError::Missing { command, what: "ID" });
    }
    let to = message_id(id).ok_or(ParseError::Message { command })?;
    Ok(CommandLine::Reply { to, text: text(command, words)? })
}

fn is_count(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// An id as it is shown: 32 hexadecimal digits, perhaps with hyphens between them.
fn message_id(word: &str) -> Option<MessageId> {
    let digits: Vec<u8> = word.bytes().filter(|byte| *byte != b'-').collect();
    let digits: &[u8; 32] = digits.as_slice().try_into().ok()?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        let [high, low] = *pair;
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(MessageId::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use whoelse_proto::Text;

    use super::*;
    use crate::command::parse;

    const ID: &str = "01010101-0101-0101-0101-010101010101";

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    #[test]
    fn history_takes_a_user_a_count_and_a_message_each_or_none() {
        let id = MessageId::from_bytes([1; 16]);
        let history =
            |with: Option<&str>, count, before| Ok(CommandLine::History { with: with.map(name), count, before });
        assert_eq!(parse("history"), history(None, RECALLED, None));
        assert_eq!(parse("history 5"), history(None, 5, None));
        assert_eq!(parse("history yoda"), history(Some("yoda"), RECALLED, None));
        assert_eq!(parse("history yoda 9999"), history(Some("yoda"), MAX_RECALLED, None));
        assert_eq!(parse("history 7 7"), history(Some("7"), 7, None));
        assert_eq!(parse(&format!("history yoda 3 before {ID}")), history(Some("yoda"), 3, Some(id)));
        assert_eq!(parse(&format!("history before {}", ID.replace('-', ""))), history(None, RECALLED, Some(id)));
        for wrong in ["history 0", "history yoda x", "history before x", "history a 1 b", "history h\u{e4}ns"] {
            assert_eq!(parse(wrong).unwrap_err().code(), "invalid", "{wrong}");
        }
    }

    #[test]
    fn words_and_answers_go_to_the_end_of_the_line() {
        let words = CommandLine::Search { words: "the plans ".to_owned() };
        assert_eq!(parse("search  the plans "), Ok(words));
        let reply = CommandLine::Reply { to: MessageId::from_bytes([1; 16]), text: Text::new(" yes, I do").unwrap() };
        assert_eq!(parse(&format!("reply {ID}  yes, I do")), Ok(reply));
        for wrong in ["search", "reply", "reply x hi", &format!("reply {ID}")] {
            assert_eq!(parse(wrong).unwrap_err().code(), "invalid", "{wrong}");
        }
    }
}
