//! The desktop app.

use std::process::ExitCode;

use clap::Parser as _;
use whoelse::args::Args;
use whoelse::{app, start};

fn main() -> ExitCode {
    start::run(&Args::parse(), app::open)
}
