//! The messenger on the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    whoelse_client::cli::main()
}
