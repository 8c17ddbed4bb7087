//! How the program ends.

use std::process::ExitCode;

/// The exit status (`docs/BEHAVIOUR.md`, Output for programs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// All commands succeeded.
    Succeeded,
    /// The command line, or the profile, is of no use.
    Usage,
    /// The server did not let the user in, or is not the one it should be.
    LoginRefused,
    /// A command was refused.
    CommandRefused,
    /// The line could not be made, or not be made again.
    ConnectionLost,
    /// Standard output cannot be written.
    OutputLost,
    /// Ctrl-C at a question before the session.
    Interrupted,
}

/// The exit status of a program that Ctrl-C ended, by the custom of shells.
pub(super) const INTERRUPTED: u8 = 130;

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Succeeded => 0,
            Status::Usage => 2,
            Status::LoginRefused => 3,
            Status::CommandRefused => 4,
            Status::ConnectionLost => 5,
            Status::OutputLost => 6,
            Status::Interrupted => INTERRUPTED,
        })
    }
}
