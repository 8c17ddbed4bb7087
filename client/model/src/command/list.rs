//! The list of commands.

use std::fmt::Write as _;

/// Which command; what icons, shortcuts and actions hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    /// Write to one user.
    Message,
    /// Write to everyone online.
    Broadcast,
    /// Who is online.
    Whoelse,
    /// Who was online in the last seconds.
    Whoelsesince,
    /// Block a user.
    Block,
    /// Unblock a user.
    Unblock,
    /// Who is blocked.
    Blocked,
    /// Count as active.
    Stay,
    /// The commands.
    Help,
    /// End the session.
    Logout,
}

/// When a command can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnabledWhen {
    /// At any time.
    Always,
    /// From the login to the end of the session, a lost line included: what it does waits for the line.
    SignedIn,
    /// While there is a line: it needs an answer from the server.
    Online,
}

/// What stands behind a command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Nothing.
    Nothing,
    /// A user's name.
    User,
    /// A user's name, one space, and a text to the end.
    UserAndText,
    /// A text to the end.
    Text,
    /// A number of seconds.
    Seconds,
    /// A command's name, or nothing.
    MaybeCommand,
}

/// A command as people read it.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// Which.
    pub kind: CommandKind,
    /// The word that gives it.
    pub name: &'static str,
    /// What stands behind the name; optional parts in brackets, empty for nothing.
    pub arguments: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// All there is to know, a few sentences.
    pub help: &'static str,
    /// When it can be given.
    pub enabled: EnabledWhen,
    pub(super) pattern: Pattern,
}

impl CommandSpec {
    /// The command of this name, in any case of letters.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
    }

    /// Name and arguments: `message USER TEXT`.
    #[must_use]
    pub fn usage(&self) -> String {
        if self.arguments.is_empty() { self.name.to_owned() } else { format!("{} {}", self.name, self.arguments) }
    }
}

/// Every command there is, in the order of the help.
pub static COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        kind: CommandKind::Message,
        name: "message",
        arguments: "USER TEXT",
        summary: "write to one user",
        help: "Sends TEXT to USER through the server; it is kept there until USER is online. TEXT is everything \
               behind the one space after the name, as written. Without a line it waits on this computer. \
               Refused if USER has no account, is yourself or has blocked you.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::UserAndText,
    },
    CommandSpec {
        kind: CommandKind::Broadcast,
        name: "broadcast",
        arguments: "TEXT",
        summary: "write to everyone online",
        help: "Sends TEXT to every user who is online and has not blocked you. It is not kept for anyone offline. \
               You are told if somebody online does not get it.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Whoelse,
        name: "whoelse",
        arguments: "",
        summary: "list who else is online",
        help: "Lists the users who are online, without yourself and without those who have blocked you.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Whoelsesince,
        name: "whoelsesince",
        arguments: "SECONDS",
        summary: "list who was online in the last SECONDS",
        help: "Lists the users with a session in the last SECONDS, with their sessions. The server remembers 30 \
               days; more than that lists everyone it knows.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Seconds,
    },
    CommandSpec {
        kind: CommandKind::Block,
        name: "block",
        arguments: "USER",
        summary: "stop a user from reaching and seeing you",
        help: "USER can no longer write to you, reach you in a broadcast or see whether you are online, and is not \
               told. You can still write to USER and see USER. It lasts until you unblock.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Unblock,
        name: "unblock",
        arguments: "USER",
        summary: "undo a block",
        help: "USER can reach and see you again, from this moment on. Refused if USER is not blocked.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Blocked,
        name: "blocked",
        arguments: "",
        summary: "list whom you have blocked",
        help: "Lists the users you have blocked.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Stay,
        name: "stay",
        arguments: "",
        summary: "stay signed in",
        help: "Counts as activity and does nothing else: the time to the end of the session by inactivity begins \
               anew.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Help,
        name: "help",
        arguments: "[COMMAND]",
        summary: "explain the commands",
        help: "Lists the commands, or explains one of them.",
        enabled: EnabledWhen::Always,
        pattern: Pattern::MaybeCommand,
    },
    CommandSpec {
        kind: CommandKind::Logout,
        name: "logout",
        arguments: "",
        summary: "end the session",
        help: "Waits until the server has everything that you wrote, then ends the session. Others see that you \
               logged out.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Nothing,
    },
];

/// What `help` says: every command in a line, or one in full.
#[must_use]
pub fn help_text(about: Option<&CommandSpec>) -> String {
    if let Some(spec) = about {
        return format!("{}\n{}", spec.usage(), spec.help);
    }
    let width = COMMANDS.iter().map(|spec| spec.usage().len()).max().unwrap_or(0);
    let mut text = String::new();
    for (i, spec) in COMMANDS.iter().enumerate() {
        let line_break = if i == 0 { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{line_break}{:width$}  {}", spec.usage(), spec.summary);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_once_and_can_be_found() {
        for spec in COMMANDS {
            assert_eq!(CommandSpec::find(spec.name).map(|found| found.kind), Some(spec.kind));
            assert_eq!(COMMANDS.iter().filter(|other| other.kind == spec.kind).count(), 1, "{}", spec.name);
        }
    }

    #[test]
    fn help_names_every_command_with_its_arguments() {
        let text = help_text(None);
        assert_eq!(text.lines().count(), COMMANDS.len());
        assert!(text.contains("whoelsesince SECONDS  list who was online in the last SECONDS"), "{text}");
        assert_eq!(text.lines().next(), Some("message USER TEXT     write to one user"));
    }

    #[test]
    fn help_about_one_command_gives_usage_and_explanation() {
        let text = help_text(CommandSpec::find("block"));
        assert!(text.starts_with("block USER\nUSER can no longer"), "{text}");
    }
}
