//! How fast a file goes from one program to the other in a private session on this computer, beside plain streams of
//! iroh in the same run, and how much memory both programs take for it. Linux alone: it reads `/proc`.
//!
//! `cargo run --release -p whoelse-client --example transfer` builds the programs, starts a server and two users with
//! folders of their own, and prints a line for each round. It ends with failure beyond a limit. `docs/BENCHMARKS.md` has
//! the figures.

mod plain;
mod programs;

use std::io::{BufRead as _, BufReader, Error, Result};
use std::path::PathBuf;
use std::process::{Child, Command};

use clap::Parser;
use programs::Programs;

/// A transfer is to reach this share of plain streams.
const LEAST_RATIO: f64 = 0.5;

/// KiB that each program may have had resident.
const MOST_KIB: u64 = 64 * 1024;

#[derive(Debug, Parser)]
struct Arguments {
    /// MiB to send
    #[arg(long, default_value_t = 1024)]
    mib: u64,
    /// How often; the middle one counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The server's program [default: built from here]
    #[arg(long)]
    server: Option<PathBuf>,
    /// The client's program [default: built from here]
    #[arg(long)]
    client: Option<PathBuf>,
    /// Give bytes to another of these: `give`
    #[arg(hide = true)]
    role: Option<String>,
}

/// What one round came to.
struct Round {
    /// MiB a second on plain streams.
    plain: f64,
    /// MiB a second of a file.
    file: f64,
    /// KiB that the sender had resident at most.
    sender_kib: u64,
    /// KiB that the recipient had resident at most.
    recipient_kib: u64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.file / self.plain
    }
}

/// A process that ends with this one.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This program.
fn own() -> Result<PathBuf> {
    std::env::current_exe()
}

/// What a program prints, line by line.
fn lines(mut child: Child) -> Result<(Running, impl Iterator<Item = String>)> {
    let out = child.stdout.take().ok_or_else(|| Error::other("no output"))?;
    Ok((Running(child), BufReader::new(out).lines().map_while(std::result::Result::ok)))
}

/// A program beside this one's folder, built as this one was.
fn built(package: &str, name: &str) -> Result<PathBuf> {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--profile", profile, "-p", package, "--bin", name]).status()?;
    let folder = own()?.parent().and_then(|examples| examples.parent()).map(|folder| folder.join(name));
    folder.filter(|_| status.success()).ok_or_else(|| Error::other(format!("{name} could not be built")))
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.role.is_some() {
        return plain::give();
    }
    let server = arguments.server.map_or_else(|| built("whoelse-server", "whoelse-server"), Ok)?;
    let client = arguments.client.map_or_else(|| built("whoelse-client", "whoelse-cli"), Ok)?;
    let mut rounds = Vec::new();
    for _ in 0..arguments.rounds.max(1) {
        let plain = plain::measure(arguments.mib)?;
        let sent = Programs::start(&server, &client)?.send(arguments.mib)?;
        let round =
            Round { plain, file: sent.mib_per_s, sender_kib: sent.sender_kib, recipient_kib: sent.recipient_kib };
        let text = serde_json::json!({
            "plain_mib_per_s": round.plain.round(),
            "file_mib_per_s": round.file.round(),
            "ratio": (round.ratio() * 100.0).round() / 100.0,
            "sender_peak_mib": round.sender_kib / 1024,
            "recipient_peak_mib": round.recipient_kib / 1024,
        });
        println!("{text}");
        rounds.push(round);
    }
    rounds.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let ratio = rounds.get(rounds.len() / 2).map_or(0.0, Round::ratio);
    let most = rounds.iter().map(|round| round.sender_kib.max(round.recipient_kib)).max().unwrap_or_default();
    if ratio < LEAST_RATIO || most > MOST_KIB {
        return Err(Error::other(format!(
            "ratio {ratio:.2} (at least {LEAST_RATIO}), {most} KiB (at most {MOST_KIB})"
        )));
    }
    Ok(())
}
