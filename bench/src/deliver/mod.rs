//! Checks delivery with the real programs under blows: kills, stops, bad connections, readers that stall.
//!
//! One seed draws the messages and the blows, so the same ones are played again; what the scheduler does differs. A full
//! disk and clocks that jump need rights that this program does not ask for: tests of the server with disks and clocks of
//! their own hold these.

mod oracle;
mod pace;
mod plan;
mod plant;
mod program;
mod proxy;
mod stage;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use tempfile::TempDir;

use self::oracle::Violation;
use self::plan::Plan;
use self::plant::{Plant, Planted};
use self::program::Site;
use self::stage::Stage;
use crate::error::{Doing, Error, Result};
use crate::server::beside_this;
use crate::span::{print, round};

/// What to play.
#[derive(Debug, Args)]
pub(crate) struct Deliver {
    /// Plays these messages and blows again [default: drawn]
    #[arg(long)]
    seed: Option<u64>,
    /// How many messages are typed
    #[arg(long, default_value_t = 4000)]
    messages: usize,
    /// How often the server is killed, and how often a client is
    #[arg(long, default_value_t = 10)]
    kills: usize,
    /// A fault to put in on purpose: the checker must find it
    #[arg(long)]
    plant: Option<Plant>,
    /// The folder of whoelse-server and whoelse-cli [default: this program's]
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// Why a run did not end well.
enum Failure {
    Broken(Violation),
    Unable(Error),
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Self::Broken(violation)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Unable(error)
    }
}

/// Plays one run and prints its figures.
///
/// # Errors
/// If the programs do not start, or a message broke a rule.
pub(crate) fn run(deliver: &Deliver) -> Result<()> {
    let seed = match deliver.seed {
        Some(seed) => seed,
        None => rand_core::RngCore::next_u64(&mut rand_core::OsRng),
    };
    eprintln!("seed {seed}");
    eprintln!("SKIPPED: full disks and clocks that jump; tests of the server hold them");
    let folder = TempDir::new().doing("making a folder")?;
    let programs = match &deliver.programs {
        Some(programs) => programs.clone(),
        None => beside_this("")?,
    };
    let site = Site {
        server: programs.join("whoelse-server"),
        cli: programs.join("whoelse-cli"),
        folder: folder.path().to_owned(),
    };
    let plan = Plan::draw(seed, deliver.messages, deliver.kills);
    let start = Instant::now();
    let mut stage = Stage::set(site, Planted::new(deliver.plant))?;
    let outcome = stage.play(&plan);
    let (counts, blows) = (stage.oracle.counts(), stage.blows);
    print(&[json!({
        "measure": "deliver",
        "seed": seed,
        "typed": counts.typed,
        "accepted": counts.accepted,
        "shown": counts.shown,
        "shown_again": counts.shown_again,
        "delivered": counts.delivered,
        "refused": blows.refused,
        "server_kills": blows.server_kills,
        "client_kills": blows.client_kills,
        "other_blows": blows.others,
        "ends_unasked": blows.ends,
        "waited_s": round(blows.waited.as_secs_f64(), 1),
        "restarting_s": round(blows.restarting.as_secs_f64(), 1),
        "s": round(start.elapsed().as_secs_f64(), 1),
    })]);
    match outcome {
        Ok(()) => Ok(()),
        Err(Failure::Unable(error)) => Err(error),
        Err(Failure::Broken(Violation { rule, trace })) => Err(Error::Broken { rule, trace: trace.join("\n  ") }),
    }
}
