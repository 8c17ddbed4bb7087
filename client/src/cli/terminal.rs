//! The terminal's mode: as the program found it, so it leaves it, whatever it was doing.

/// The mode that the program found.
#[derive(Clone, Debug)]
pub(super) struct TerminalMode {
    #[cfg(unix)]
    found: Option<nix::sys::termios::Termios>,
}

#[cfg(unix)]
impl TerminalMode {
    /// Looks at standard input; where that is no terminal there is nothing to restore.
    pub(super) fn found() -> Self {
        Self { found: nix::sys::termios::tcgetattr(std::io::stdin()).ok() }
    }

    /// Restores it: echo, whole lines, signals from keys, and pasting without brackets.
    pub(super) fn restore(&self) {
        use nix::sys::termios::{SetArg, tcsetattr};
        if let Some(found) = &self.found {
            if let Err(error) = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, found) {
                tracing::debug!(%error, "the terminal's mode is not restored");
            }
            print!("\x1b[?2004l");
        }
    }
}

#[cfg(not(unix))]
impl TerminalMode {
    /// The console has no mode that outlives the program.
    pub(super) fn found() -> Self {
        Self {}
    }

    /// Nothing is to be done.
    pub(super) fn restore(&self) {}
}
