//! Plays attacks against a server that it starts, and measures what they cost those who only talk.
//!
//! An attack that gains what it is after ends the program with failure. Everything stays on this machine: addresses of
//! 127.0.0.0/8 stand for hosts.
#![allow(clippy::wildcard_enum_match_arm, reason = "an attacker waits for one frame of many, and for what comes of it")]

mod accounts;
mod client;
mod cost;
mod crowd;
mod files;
mod floods;
mod mail;
mod places;
mod relay;
mod sharer;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use self::client::{Client, Door};
use self::verdict::{Tried, Verdict};
use crate::error::{Doing, Error, Result};
use crate::load::on_one_thread;
use crate::server::{Running, beside_this};
use crate::tls;

/// What to play.
#[derive(Debug, Args)]
pub(crate) struct Attack {
    /// The server's program [default: whoelse-server beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Plays only what has this in its name
    #[arg(long, default_value = "")]
    only: String,
    /// Seconds for which each flood lasts; 0 leaves the floods out
    #[arg(long, default_value_t = 15)]
    flood_s: u64,
}

impl Attack {
    /// The program of this name in the server's folder.
    fn beside_server(&self, program: &str) -> Result<PathBuf> {
        match &self.server {
            Some(server) if program == "whoelse-server" => Ok(server.clone()),
            Some(server) => Ok(server.with_file_name(program)),
            None => beside_this(program),
        }
    }
}

/// A server of its own for each attack: none is weakened by another.
struct Site {
    server: Running,
    door: Door,
    /// Removed behind the server.
    _folder: TempDir,
}

impl Site {
    /// Starts a server with its own settings and these words behind them.
    fn start(attack: &Attack, words: &[&str]) -> Result<Self> {
        Self::start_with_files(attack, None, words)
    }

    /// The same, with so many open files.
    fn start_with_files(attack: &Attack, files: Option<u32>, words: &[&str]) -> Result<Self> {
        let program = attack.beside_server("whoelse-server")?;
        let folder = TempDir::new().doing("making a folder")?;
        let server = Running::start(&program, folder.path(), files, words)?;
        let door = Door { address: server.address, tls: tls::client(Some(whoelse_proto::ALPN))? };
        Ok(Self { server, door, _folder: folder })
    }

    /// A user of a new account, logged in from a host.
    async fn user(&self, host: u8, name: &str) -> Result<Client> {
        Client::newcomer(&self.door, client::host(host), &client::name(name)?).await
    }
}

/// Plays what was asked for.
///
/// # Errors
/// If an attack succeeds, or the server does not do what it does for everybody.
pub(crate) fn run(attack: Attack) -> Result<()> {
    let attack = Arc::new(attack);
    on_one_thread(async move {
        let mut verdicts = rules(&attack).await?;
        if attack.flood_s > 0 && "cost".contains(&attack.only) {
            verdicts.extend(cost::measure(&attack, Duration::from_secs(attack.flood_s)).await?);
        }
        let broken: Vec<_> = verdicts.iter().filter(|tried| tried.verdict.succeeded()).collect();
        match broken.first() {
            None => Ok(()),
            Some(first) => Err(Error::Broken {
                rule: format!("{} of {} attacks succeeded", broken.len(), verdicts.len()),
                trace: first.to_string(),
            }),
        }
    })
}

/// Each attack on what the server promises; told as it ends.
async fn rules(attack: &Attack) -> Result<Vec<Tried>> {
    let mut all = Vec::new();
    let mut note = |name: &'static str, what: &'static str, verdict: Result<Verdict>| {
        let tried = Tried { name, what, verdict: verdict? };
        println!("{tried}");
        all.push(tried);
        Ok::<_, Error>(())
    };
    macro_rules! play {
        ($name:literal, $tried:literal, $attack:expr) => {
            if $name.contains(&attack.only) {
                note($name, $tried, $attack.await)?;
            }
        };
    }
    play!("accounts", "300 accounts from one address", accounts::flood(attack));
    play!("accounts-hosts", "600 accounts from 30 addresses", accounts::flood_from_hosts(attack));
    play!("early", "guesses for a name that has no account yet", accounts::evaluate_early(attack));
    play!("names", "accounts that look like another's or the program's", accounts::take_names(attack));
    play!("lock", "30 wrong passwords to keep a name out", accounts::lock_out(attack));
    play!("inbox", "16 KiB texts of one user to one who is away", mail::fill_inbox(attack));
    play!("inbox-many", "16 KiB texts of 12 users to one who is away", mail::fill_inbox_together(attack));
    play!("questions", "a question asked and taken back, 300 times", mail::ring(attack));
    play!("sends", "16 KiB texts to everyone as fast as they go", mail::shout(attack));
    play!("presence", "a broadcast repeated to see who blocked it", mail::probe_presence(attack));
    play!("spans", "200 logins to swell whoelsesince", accounts::swell(attack));
    play!("index", "register to see whether a blocker holds a file", files::probe_index(attack));
    play!("holders", "fetch to see whether a blocker is online", files::probe_holder(attack));
    play!("search", "150 contents of one name to hide another", files::crowd_search(attack));
    play!("sessions", "all places for sessions from one address", places::fill_sessions(attack));
    play!("entering", "1,000 half-open sockets, 128 places", places::fill_entrance(attack));
    play!("relay", "silent sockets of 4 addresses at the relay's door", relay::fill_relay(attack));
    play!("sharer", "16 addresses of another host named as one's own", sharer::aim_sharer(attack));
    Ok(all)
}
