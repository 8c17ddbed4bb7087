//! From the command line to an open window, and back to an exit status.
//!
//! It opens what only one window of a profile may have, and knows nothing of what the window shows.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use whoelse_client::Profile;
use whoelse_proto::Invitation;

use crate::args::{Args, Life, Start, WindowStart};
use crate::platform::display::{self, Opened};
use crate::platform::settings::{Loaded, Settings};
use crate::platform::{Error, Result, demo, single};

/// What a window begins with.
#[derive(Debug)]
pub struct Beginning {
    /// Its profile, held by this program.
    pub profile: Profile,
    /// What the user likes, and what to tell of it.
    pub settings: Loaded,
    /// The server to sign in at.
    pub server: Option<Invitation>,
    /// When the window ends.
    pub life: Life,
    /// To be marked as soon as the window runs.
    pub opened: Opened,
}

/// Does what the command line asks. `open` shows the window until it closes.
pub fn run(args: &Args, open: impl FnOnce(Beginning) -> eframe::Result) -> ExitCode {
    log(args.verbosity().filter());
    let done = match args.start() {
        Start::Demo => demo::run(),
        Start::Window(start) => window(start, open),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Says why there is no window, or help: on standard error.
#[cfg(not(windows))]
pub fn complain(words: &str) {
    eprintln!("whoelse: {words}");
}

/// Says why there is no window, or help: in a box of the system, as a program with a window has no console here.
#[cfg(windows)]
pub fn complain(words: &str) {
    rfd::MessageDialog::new().set_title("Whoelse").set_description(words).show();
}

/// Opens the window, or brings the one of this profile to the front.
fn window(start: WindowStart, open: impl FnOnce(Beginning) -> eframe::Result) -> Result<()> {
    display::check()?;
    let profile = match Profile::open(&start.location) {
        Err(whoelse_client::Error::ProfileInUse { folder, holder }) => {
            return single::knock(&folder, start.server.as_ref(), holder.as_ref());
        }
        other => other.map_err(Error::Client)?,
    };
    let settings = Settings::load(profile.folder());
    display::run(|opened| open(Beginning { profile, settings, server: start.server, life: start.life, opened }))
}

/// Tells on standard error; `RUST_LOG` decides where it is set.
fn log(filter: &str) {
    let asked: Option<Targets> = std::env::var("RUST_LOG").ok().and_then(|asked| asked.parse().ok());
    let filter = asked.or_else(|| filter.parse().ok()).unwrap_or_default();
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .compact();
    // Set already in a program that embeds the app, as a test does.
    let _ = tracing_subscriber::registry().with(log).with(filter).try_init();
}
