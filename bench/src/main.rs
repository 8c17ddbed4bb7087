//! Measures the server, and what others do on the same machine. Linux alone: it reads `/proc`.
//!
//! `docs/BENCHMARKS.md` says how, and what came out.

#[cfg(unix)]
mod attack;
#[cfg(unix)]
mod deliver;
#[cfg(unix)]
mod error;
#[cfg(unix)]
mod load;
#[cfg(unix)]
mod procfs;
#[cfg(unix)]
mod protocol;
#[cfg(unix)]
mod relay;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod span;
#[cfg(unix)]
mod store_probe;
#[cfg(unix)]
mod tls;

use std::process::ExitCode;

#[cfg(unix)]
use clap::Parser;

/// Measures the server of Whoelse, and what others do on the same machine.
#[cfg(unix)]
#[derive(Debug, Parser)]
#[command(name = "whoelse-bench", version)]
enum Arguments {
    /// Starts the server: CPU time for a login, memory for a session
    Server(server::Costs),
    /// Starts the server and plays attacks against it: what they gain, and what they cost others
    Attack(attack::Attack),
    /// Checks that messages arrive, with the real programs under blows
    Deliver(deliver::Deliver),
    /// Loads a server that runs already
    Load(load::Load),
    /// Passes frames on and does nothing else: the baseline
    Relay(relay::Relay),
    /// What durable rows cost on a disk, and a password's hash on a processor
    Store(store_probe::Probe),
}

#[cfg(unix)]
fn main() -> ExitCode {
    let result = match Arguments::parse() {
        Arguments::Server(costs) => server::run(&costs),
        Arguments::Attack(attack) => attack::run(attack),
        Arguments::Deliver(deliver) => deliver::run(&deliver),
        Arguments::Load(load) => load::run(load),
        Arguments::Relay(relay) => relay::run(&relay),
        Arguments::Store(probe) => store_probe::run(&probe),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whoelse-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("whoelse-bench: Linux alone: it reads /proc");
    ExitCode::FAILURE
}
