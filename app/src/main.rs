//! The desktop app.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

use whoelse::args::Args;
use whoelse::{app, start};

fn main() -> ExitCode {
    start::run(&args(), app::open)
}

#[cfg(not(windows))]
fn args() -> Args {
    Args::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// There is no console to print help, or what is wrong with the command line, on.
#[cfg(windows)]
fn args() -> Args {
    Args::read(std::env::args_os()).unwrap_or_else(|error| {
        start::complain(&error.to_string());
        std::process::exit(error.exit_code())
    })
}
