//! The messenger on the command line: commands line by line, on a terminal or from a program.
//!
//! It holds a [`crate::Runtime`] and shows what it tells; it knows no socket and no disk.

mod above;
mod args;
mod editor;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod human;
mod inputs;
mod json;
mod news;
mod order;
mod outcome;
mod people;
mod reader;
mod safe;
mod screen;
mod session;
mod sign_in;
mod table;
mod talk;
mod terminal;
mod times;

use std::io::IsTerminal as _;
use std::process::ExitCode;

#[cfg(any(test, fuzzing))]
pub use self::fuzzing::json_input as fuzz_json_input;

use self::args::{Args, Start};
use self::outcome::Status;
use self::session::Session;
use self::sign_in::ask_name;
use crate::profile::{Location, Profile, ProfileName};

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    log_to_stderr();
    let status = match args.start() {
        Ok(start) => run(start),
        Err(error) => {
            eprintln!("whoelse-cli: {error}");
            Status::Usage
        }
    };
    status.into()
}

/// Opens the profile and talks until the end.
fn run(start: Start) -> Status {
    let name = match start.user.clone().map_or_else(ask_name, Ok) {
        Ok(name) => name,
        Err(status) => return status,
    };
    // People who share a computer share no profile.
    let own = || Location::Named(ProfileName::of_user(&name));
    match Profile::open(&start.location.clone().unwrap_or_else(own))
        .and_then(|profile| Session::open(start, name, profile))
    {
        Ok(session) => session.run(),
        Err(error) => {
            eprintln!("whoelse-cli: {error}");
            Status::Usage
        }
    }
}

/// Prints help, or what is wrong with the command line. A reader that went away takes nothing from the exit status.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// What the log shows, in the notation of `tracing_subscriber::EnvFilter`.
const LOG: &str = "WHOELSE_LOG";

/// What it shows if nothing else is asked for. iroh takes it for an error if a peer that is gone is not waited for.
const QUIET: &str = "error,iroh::socket=off";

/// Logs what `WHOELSE_LOG` asks for, else errors alone: they would disturb the conversation.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env(LOG).unwrap_or_else(|_| QUIET.into());
    let is_shown = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_shown).init();
}
