//! Commands of a program as JSON objects, one a line: texts of several lines, and a name for each answer.
//!
//! `{"command":"message","to":"yoda","text":"a\\nb","ref":"1"}` is `message yoda …` with a text that no line could hold.
//! Fields are those of the command and no others; what is wrong is told, and the next line is read as if nothing was.

use serde_json::{Map, Value};
use whoelse_model::command::{CommandKind, CommandLine, CommandSpec, parse};
use whoelse_proto::{Text, TextError, UserName};

use super::news::Failure;

/// Bytes of the name that a program gives an answer.
const MAX_REFERENCE_BYTES: usize = 256;

/// A command as a program gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// What its answer is to be called.
    pub(super) reference: Option<String>,
    /// The command, or what is wrong with it.
    pub(super) command: Result<CommandLine, Failure>,
}

/// Whether a line is meant as an object: no command begins with a brace.
pub(super) fn is_object(line: &str) -> bool {
    line.trim_start().starts_with('{')
}

impl Order {
    /// Reads a line.
    pub(super) fn read(line: &str) -> Self {
        match serde_json::from_str(line) {
            Ok(Value::Object(mut fields)) => {
                let reference = fields.remove("ref");
                let name = fields.remove("command");
                Self::of(reference, name, fields)
            }
            Ok(_) => Self { reference: None, command: Err(invalid("", "this line is no JSON object")) },
            Err(error) => {
                Self { reference: None, command: Err(invalid("", &format!("this line is no JSON object: {error}"))) }
            }
        }
    }

    fn of(reference: Option<Value>, name: Option<Value>, fields: Map<String, Value>) -> Self {
        let reference = match reference {
            None => None,
            Some(Value::String(reference)) if reference.len() <= MAX_REFERENCE_BYTES => Some(reference),
            Some(_) => {
                let text = format!("ref is a string of at most {MAX_REFERENCE_BYTES} bytes");
                return Self { reference: None, command: Err(invalid("", &text)) };
            }
        };
        let command = match name {
            Some(Value::String(name)) => match CommandSpec::find(&name) {
                Some(spec) => command(spec, fields),
                None => parse(&name).map_err(|error| invalid("", &error.to_string())),
            },
            Some(_) => Err(invalid("", "command is a string")),
            None => Err(invalid("", "command is missing")),
        };
        Self { reference, command }
    }
}

/// The fields of a command in the order of its arguments; a question mark is behind those that may be left out.
const fn fields_of(kind: CommandKind) -> &'static [&'static str] {
    match kind {
        CommandKind::Message | CommandKind::Private => &["to", "text"],
        CommandKind::Broadcast => &["text"],
        CommandKind::Reply => &["id", "text"],
        CommandKind::History => &["user?", "count?", "before?"],
        CommandKind::Search => &["words"],
        CommandKind::Whoelsesince => &["seconds"],
        CommandKind::Block
        | CommandKind::Unblock
        | CommandKind::StartPrivate
        | CommandKind::Accept
        | CommandKind::Decline
        | CommandKind::StopPrivate
        | CommandKind::Verify
        | CommandKind::TrustDevice => &["user"],
        CommandKind::SendFile => &["user", "path"],
        CommandKind::TakeFile
        | CommandKind::RefuseFile
        | CommandKind::PauseFile
        | CommandKind::ResumeFile
        | CommandKind::CancelFile => &["number"],
        CommandKind::Register => &["path"],
        CommandKind::Unregister | CommandKind::SearchFile => &["name"],
        CommandKind::Download => &["name", "root?"],
        CommandKind::SearchChunk => &["name", "chunks"],
        CommandKind::Shared => &["name?"],
        CommandKind::Passwd => &["old", "new"],
        CommandKind::Help => &["about?"],
        CommandKind::Whoelse | CommandKind::Blocked | CommandKind::Stay | CommandKind::Logout => &[],
    }
}

/// Whether a field is a number; all others are strings.
fn is_number(field: &str) -> bool {
    matches!(field, "seconds" | "number" | "count")
}

/// Whether the value of a field goes to the end of the line.
fn is_to_the_end(field: &str) -> bool {
    matches!(field, "text" | "words" | "path" | "name")
}

fn command(spec: &'static CommandSpec, mut fields: Map<String, Value>) -> Result<CommandLine, Failure> {
    let wrong = |text: &str| invalid(spec.name, text);
    let mut values: Vec<(&str, String)> = Vec::new();
    for field in fields_of(spec.kind) {
        let (name, may_lack) = field.strip_suffix('?').map_or((*field, false), |name| (name, true));
        match fields.remove(name) {
            None | Some(Value::Null) if may_lack => {}
            None => return Err(wrong(&format!("{name} is missing"))),
            Some(Value::Number(number)) if is_number(name) && number.is_u64() => {
                values.push((name, number.to_string()));
            }
            Some(Value::String(value)) if !is_number(name) => {
                if !is_to_the_end(name) && (value.is_empty() || value.contains(char::is_whitespace)) {
                    return Err(wrong(&format!("{name} is one word")));
                }
                values.push((name, value));
            }
            Some(_) if is_number(name) => return Err(wrong(&format!("{name} is a whole number, 0 or more"))),
            Some(_) => return Err(wrong(&format!("{name} is a string"))),
        }
    }
    if let Some(unknown) = fields.keys().next() {
        let unknown: String = unknown.chars().take(40).collect();
        return Err(wrong(&format!("{} has no field {unknown}", spec.name)));
    }
    if let Some(line) = with_text(spec, &values) {
        return line;
    }
    let word =
        |(name, value): &(&str, String)| if *name == "before" { format!("before {value}") } else { value.clone() };
    let arguments: Vec<String> = values.iter().map(word).collect();
    let line = format!("{} {}", spec.name, arguments.join(" "));
    parse(&line).map_err(|error| Failure { command: spec.name.to_owned(), code: error.code(), text: error.to_string() })
}

/// A command whose text is taken as it is, line ends included; `None` for another.
fn with_text(spec: &CommandSpec, values: &[(&str, String)]) -> Option<Result<CommandLine, Failure>> {
    let value = |of: &str| values.iter().find(|(name, _)| *name == of).map(|(_, value)| value.as_str());
    let text = match Text::new(value("text")?) {
        Ok(text) => text,
        Err(cause) => {
            let code = if cause == TextError::TooLong { "too_long" } else { "invalid" };
            return Some(Err(Failure { command: spec.name.to_owned(), code, text: cause.to_string() }));
        }
    };
    if spec.kind == CommandKind::Broadcast {
        return Some(Ok(CommandLine::Broadcast { text }));
    }
    if let Some(id) = value("id") {
        let line = parse(&format!("reply {id} x")).map_err(|error| invalid(spec.name, &error.to_string()));
        return Some(line.map(|line| {
            if let CommandLine::Reply { to, .. } = line { CommandLine::Reply { to, text } } else { line }
        }));
    }
    let to = match UserName::new(value("to")?) {
        Ok(to) => to,
        Err(cause) => return Some(Err(invalid(spec.name, &cause.to_string()))),
    };
    let is_private = spec.kind == CommandKind::Private;
    Some(Ok(if is_private { CommandLine::Private { to, text } } else { CommandLine::Message { to, text } }))
}

fn invalid(command: &str, text: &str) -> Failure {
    Failure { command: command.to_owned(), code: "invalid", text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use whoelse_model::command::COMMANDS;

    use super::*;

    fn read(value: &Value) -> Result<CommandLine, Failure> {
        Order::read(&value.to_string()).command
    }

    fn code(line: &str) -> &'static str {
        Order::read(line).command.unwrap_err().code
    }

    #[test]
    fn a_text_of_several_lines_goes_as_it_is() {
        let order = Order::read(r#"{"command":"message","to":"yoda","text":"a\nb\n","ref":"r1"}"#);
        let (to, text) = (UserName::new("yoda").unwrap(), Text::new("a\nb\n").unwrap());
        assert_eq!(order.command, Ok(CommandLine::Message { to: to.clone(), text: text.clone() }));
        assert_eq!(order.reference.as_deref(), Some("r1"));
        let private = read(&json!({"command": "private", "to": "yoda", "text": "a\nb\n"}));
        assert_eq!(private, Ok(CommandLine::Private { to, text: text.clone() }));
        assert_eq!(read(&json!({"command": "broadcast", "text": "a\nb\n"})), Ok(CommandLine::Broadcast { text }));
    }

    #[test]
    fn every_command_can_be_given_as_an_object() {
        let id = "01010101-0101-0101-0101-010101010101";
        let values = json!({
                "to": "yoda", "user": "yoda", "text": "hi", "id": id, "count": 7, "before": id, "words": "the plans",
        "seconds": 200, "path": "/tmp/the plans.pdf", "number": 3, "name": "the plans.pdf", "chunks": "1,4,7-9",
        "about": "block", "root": "ab".repeat(32), "old": "falcon", "new": "wise",
            });
        for spec in COMMANDS {
            let mut object = json!({"command": spec.name});
            for field in fields_of(spec.kind) {
                let name = field.trim_end_matches('?');
                object[name] = values[name].clone();
            }
            assert_eq!(read(&object).map(|line| line.kind()), Ok(spec.kind), "{object}");
        }
        assert_eq!(read(&json!({"command": "history"})), parse("history").map_err(|_| unreachable!()));
    }

    #[test]
    fn what_is_wrong_is_told_as_invalid() {
        for line in [
            "{",
            "{}",
            "{]",
            r#"{"command":1}"#,
            r#"{"command":"dance"}"#,
            r#"{"command":"message","to":"yoda"}"#,
            r#"{"command":"message","to":"yoda","text":7}"#,
            r#"{"command":"message","to":["yoda"],"text":"x"}"#,
            r#"{"command":"message","to":"yoda x","text":"x"}"#,
            r#"{"command":"message","to":"yoda","text":"x","y":1}"#,
            r#"{"command":"message","to":"yoda","text":" \u200b"}"#,
            r#"{"command":"whoelsesince","seconds":-1}"#,
            r#"{"command":"whoelsesince","seconds":"5"}"#,
            r#"{"command":"whoelse","ref":5}"#,
            r#"{"command":"block","user":""}"#,
            r#"{"command":"reply","id":"x","text":"y"}"#,
            r#"{"command":"message","to":"yoda","text":"x"} trailing"#,
        ] {
            assert_eq!(code(line), "invalid", "{line}");
        }
        let long = json!({"command": "broadcast", "text": "x".repeat(17 * 1024)});
        assert_eq!(read(&long).unwrap_err().code, "too_long");
        assert_eq!(Order::read(r#"{"command":"dance","ref":"a"}"#).reference.as_deref(), Some("a"));
    }

    proptest! {
        #[test]
        fn no_line_does_harm(line in r"\{.*") {
            let _ = Order::read(&line);
        }
    }
}
