//! The commands in words, for whoever asks.

use std::fmt::Write as _;

use super::list::{COMMANDS, CommandSpec};

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
    fn help_names_every_command_with_its_arguments() {
        let text = help_text(None);
        assert_eq!(text.lines().count(), COMMANDS.len());
        assert!(text.contains("whoelsesince SECONDS                list who was online in the last SECONDS"), "{text}");
        assert_eq!(text.lines().next(), Some("message USER TEXT                   write to one user"));
    }

    #[test]
    fn help_about_one_command_gives_usage_and_explanation() {
        let text = help_text(CommandSpec::find("block"));
        assert!(text.starts_with("block USER\nUSER can no longer"), "{text}");
    }
}
