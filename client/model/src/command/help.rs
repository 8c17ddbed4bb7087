//! The commands in words, for whoever asks.

use std::fmt::Write as _;

use super::list::{COMMANDS, CommandKind, CommandSpec};

/// What `help` says: every command in a line, under the heading of its group; or one in full.
#[must_use]
pub fn help_text(about: Option<&CommandSpec>) -> String {
    if let Some(spec) = about {
        return format!("{}\n{}", spec.usage(), spec.help);
    }
    let width = COMMANDS.iter().map(|spec| spec.usage().len()).max().unwrap_or(0);
    let mut text = String::new();
    for spec in COMMANDS {
        // Writing to a string cannot fail.
        if let Some(heading) = begins_group(spec.kind) {
            let _ = writeln!(text, "{heading}");
        }
        let _ = writeln!(text, "  {:width$}  {}", spec.usage(), spec.summary);
    }
    text.push_str("`help COMMAND` explains one of them.");
    text
}

/// The heading above the first command of a group.
const fn begins_group(kind: CommandKind) -> Option<&'static str> {
    match kind {
        CommandKind::Message => Some("Messages"),
        CommandKind::Whoelse => Some("People"),
        CommandKind::StartPrivate => Some("Private sessions"),
        CommandKind::SendFile => Some("Files"),
        CommandKind::History => Some("Earlier messages"),
        CommandKind::Passwd => Some("Your account and session"),
        CommandKind::Broadcast
        | CommandKind::Whoelsesince
        | CommandKind::Block
        | CommandKind::Unblock
        | CommandKind::Blocked
        | CommandKind::Accept
        | CommandKind::Decline
        | CommandKind::Private
        | CommandKind::StopPrivate
        | CommandKind::Verify
        | CommandKind::TrustDevice
        | CommandKind::TakeFile
        | CommandKind::RefuseFile
        | CommandKind::PauseFile
        | CommandKind::ResumeFile
        | CommandKind::CancelFile
        | CommandKind::Register
        | CommandKind::Unregister
        | CommandKind::SearchFile
        | CommandKind::SearchChunk
        | CommandKind::Shared
        | CommandKind::Download
        | CommandKind::Search
        | CommandKind::Reply
        | CommandKind::Stay
        | CommandKind::Help
        | CommandKind::Logout => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command_with_its_arguments_under_the_heading_of_its_group() {
        let text = help_text(None);
        for spec in COMMANDS {
            assert!(text.contains(&format!("\n  {} ", spec.usage())), "{}", spec.name);
        }
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Messages");
        assert_eq!(lines[1], "  message USER TEXT                   write to one user");
        assert_eq!(lines.iter().filter(|line| line.starts_with("  ")).count(), COMMANDS.len());
        assert!(text.contains("whoelsesince SECONDS                list who was online in the last SECONDS"), "{text}");
    }

    #[test]
    fn help_about_one_command_gives_usage_and_explanation() {
        let text = help_text(CommandSpec::find("block"));
        assert!(text.starts_with("block USER\nUSER can no longer"), "{text}");
    }
}
