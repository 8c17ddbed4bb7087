//! The commands that a person can give: one list for the command line, slash commands, palette and help.
//!
//! It knows words, not what becomes of them: [`parse()`] checks a line into a [`CommandLine`], and whoever asked
//! turns that into requests.

mod complete;
mod compose;
mod files;
mod full;
mod help;
mod list;
mod parse;
mod password;
mod private;
mod recall;

pub use complete::{Completion, complete};
pub use compose::{Composed, compose};
pub use files::chunks;
pub use full::full;
pub use help::help_text;
pub use list::{COMMANDS, CommandKind, CommandSpec, EnabledWhen};
pub use parse::{CommandLine, ParseError, parse};
pub use password::is_passwd;
pub use recall::{MAX_RECALLED, RECALLED};

use whoelse_proto::Refusal;

/// The word that stands for a refusal in the output for programs (`docs/BEHAVIOUR.md`, Output for programs).
#[must_use]
pub const fn refusal_code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownUser => "unknown_user",
        Refusal::Yourself => "self",
        Refusal::Blocked => "blocked",
        Refusal::NotBlocked => "not_blocked",
        Refusal::TooLong => "too_long",
        Refusal::Invalid => "invalid",
        Refusal::Storage => "storage",
        Refusal::Unsupported => "unsupported",
        Refusal::DuplicateId => "duplicate_id",
        Refusal::Offline => "offline",
        Refusal::NoDevice => "no_device",
        Refusal::NoRelay => "no_relay",
        Refusal::SessionOpen => "session_open",
        Refusal::RequestPending => "request_pending",
        Refusal::NoRequest => "no_request",
        Refusal::NoSession => "no_session",
        Refusal::NoFile => "no_file",
        Refusal::Full => "full",
    }
}
