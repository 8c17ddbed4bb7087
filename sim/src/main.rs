//! Plays many runs, one after the other on each core, and shows the first that goes wrong.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use clap::Parser;
use whoelse_sim::{Counts, Options, Plant, Violation, run};

/// Plays runs of many clients, one hub, a lossy network and disks that crash.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many runs.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// A bug to put in on purpose: the checks must find it.
    #[arg(long)]
    plant: Option<Plant>,
    /// How many of the last steps before a violation are shown.
    #[arg(long, default_value_t = 100)]
    tail: usize,
}

/// What came of all runs so far.
#[derive(Default)]
struct Sum {
    counts: Counts,
    violation: Option<Box<Violation>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let sum = play(&arguments);
    println!("{:#?}", sum.counts);
    match sum.violation {
        None => {
            println!("{} runs, every promise kept", arguments.seeds);
            ExitCode::SUCCESS
        }
        Some(violation) => {
            println!("{violation}");
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: &Arguments) -> Sum {
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from.saturating_add(arguments.seeds);
    let sum = Mutex::new(Sum::default());
    let options = Options { plant: arguments.plant, tail: arguments.tail };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let outcome = run(seed, options);
                    let Ok(mut sum) = sum.lock() else { return };
                    match outcome {
                        Ok(counts) => sum.counts.add(&counts),
                        Err(violation) => {
                            next.store(end, Ordering::Relaxed);
                            sum.violation.get_or_insert(violation);
                            return;
                        }
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap_or_default()
}
