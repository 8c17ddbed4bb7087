//! The server's binary: reads the command line, does an order of the administrator or serves.

mod args;
mod order;
mod serve;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use args::Arguments;

/// What went wrong, in one line for a person.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    log_to_stderr(if arguments.verbose { LevelFilter::DEBUG } else { LevelFilter::WARN });
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("whoelse-server: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let paths = arguments.places.paths()?;
    if let Some(order) = arguments.order {
        return order::perform(&order, &paths, arguments.places.folder());
    }
    let serve = &arguments.serve;
    serve::serve(serve.config(paths), serve.relay(), serve.sample_accounts())
}

/// Prints help or what is wrong with the command line. A reader that went away takes nothing from the exit status.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The relay's library warns of every device whose line broke, which is none of the administrator's business.
const QUIET: &str = "iroh_relay=error";

/// Logs from `level` on, or what `RUST_LOG` asks for.
fn log_to_stderr(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let filter = match QUIET.parse() {
        Ok(quiet) if level <= LevelFilter::WARN => filter.add_directive(quiet),
        Ok(_) | Err(_) => filter,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).with_target(level > LevelFilter::WARN).init();
}
