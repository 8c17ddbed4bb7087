//! Completing a line while it is typed.

use whoelse_proto::UserName;

use super::list::{COMMANDS, CommandSpec, Pattern};

/// The most completions offered at once; more are no help.
const MAX_COMPLETIONS: usize = 50;

/// One way to go on with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the replaced part of the line begins, in bytes; it ends at the cursor.
    pub start: usize,
    /// What stands there then, with the space behind it if more must follow.
    pub text: String,
    /// What it is, in a few words; empty for a user.
    pub detail: &'static str,
}

/// How the word at `cursor` (in bytes) can go on: as a command, or as one of the names given.
///
/// A name counts in any case of letters; the order of `names` is kept.
pub fn complete<'a>(line: &str, cursor: usize, names: impl IntoIterator<Item = &'a UserName>) -> Vec<Completion> {
    let Some(typed) = line.get(..cursor) else { return Vec::new() };
    let blank = typed.len() - typed.trim_start().len();
    let slash = usize::from(typed.trim_start().starts_with('/'));
    let begin = blank + slash;
    let command_line = typed.get(begin..).unwrap_or_default();
    let Some((word, rest)) = command_line.split_once(char::is_whitespace) else {
        return commands(command_line, begin);
    };
    let argument = rest.trim_start();
    if argument.contains(char::is_whitespace) {
        return Vec::new();
    }
    let start = typed.len() - argument.len();
    match CommandSpec::find(word).map(|spec| spec.pattern) {
        Some(Pattern::MaybeCommand) => commands(argument, start),
        Some(pattern) if pattern.begins_with_user() => users(argument, start, pattern, names),
        Some(_) | None => Vec::new(),
    }
}

fn commands(prefix: &str, start: usize) -> Vec<Completion> {
    let fits = |spec: &&CommandSpec| begins_with(spec.name, prefix);
    let completion = |spec: &CommandSpec| Completion {
        start,
        text: if spec.pattern == Pattern::Nothing { spec.name.to_owned() } else { format!("{} ", spec.name) },
        detail: spec.summary,
    };
    COMMANDS.iter().filter(fits).map(completion).collect()
}

fn users<'a>(
    prefix: &str,
    start: usize,
    pattern: Pattern,
    names: impl IntoIterator<Item = &'a UserName>,
) -> Vec<Completion> {
    let space = if matches!(pattern, Pattern::UserAndText | Pattern::MaybeUser) { " " } else { "" };
    let completion = |name: &UserName| Completion { start, text: format!("{name}{space}"), detail: "" };
    let fitting = names.into_iter().filter(|name| begins_with(name.as_str(), prefix));
    fitting.take(MAX_COMPLETIONS).map(completion).collect()
}

fn begins_with(word: &str, prefix: &str) -> bool {
    word.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        let names = ["yoda", "Yara", "luke"].map(|raw| UserName::new(raw).unwrap());
        complete(line, line.len(), &names).into_iter().map(|completion| completion.text).collect()
    }

    #[test]
    fn the_first_word_is_completed_to_commands() {
        assert_eq!(texts("who"), ["whoelse", "whoelsesince "]);
        assert_eq!(texts("me"), ["message "]);
        let whole = |name: &str| texts(name).into_iter().find(|text| text.trim_end() == name).unwrap();
        assert_eq!(texts(""), COMMANDS.iter().map(|spec| whole(spec.name)).collect::<Vec<_>>());
    }

    #[test]
    fn a_slash_in_front_stays() {
        let found = complete("/bl", 3, &[]);
        assert_eq!(
            found.iter().map(|c| (c.start, c.text.as_str())).collect::<Vec<_>>(),
            [(1, "block "), (1, "blocked")]
        );
    }

    #[test]
    fn names_are_completed_where_a_command_takes_one() {
        assert_eq!(texts("message y"), ["yoda ", "Yara "]);
        assert_eq!(texts("block L"), ["luke"]);
        assert_eq!(texts("whoelse y"), Vec::<String>::new());
        assert_eq!(texts("broadcast y"), Vec::<String>::new());
    }

    #[test]
    fn help_is_completed_to_commands() {
        assert_eq!(texts("help un"), ["unblock ", "unregister "]);
    }

    #[test]
    fn the_text_of_a_message_is_not_completed() {
        assert_eq!(texts("message yoda y"), Vec::<String>::new());
    }

    #[test]
    fn only_what_stands_before_the_cursor_counts() {
        let found = complete("who are you", 3, &[]);
        assert_eq!(found.len(), 2);
        assert_eq!(complete("\u{e4}", 1, &[]), [], "a cursor inside a character completes nothing");
        assert_eq!(complete("who", 9, &[]), [], "nor does one behind the end");
    }
}
