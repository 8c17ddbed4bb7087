//! The command line: `whoelse-server [PORT] [BLOCK_DURATION] [TIMEOUT]`, and orders for the administrator.

mod hints;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::{PathBuf, absolute};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{Agent, DEFAULT_PORT, NewAccounts, Seconds, UserName};
#[cfg(feature = "relay")]
use whoelse_server::DEFAULT_RELAY_PORT;
use whoelse_server::admin::{FolderIs, MAX_DAYS, MAX_USES};
use whoelse_server::data_dir::{DataDirError, Paths, default_data_dir};
use whoelse_server::{Config, DEFAULT_LOCK_S, DEFAULT_TIMEOUT_S, Limits, Listen};

use self::hints::{port, seconds};
use crate::serve::SampleAccounts;

/// Chat server for your own network.
///
/// Without an order it serves until Ctrl-C. Orders work beside the running server, which notices within a second.
#[derive(Debug, Parser)]
#[command(name = "whoelse-server", version, subcommand_value_name = "ORDER", subcommand_help_heading = "Orders")]
#[command(after_help = AFTER_HELP)]
#[command(
    override_usage = "whoelse-server [OPTIONS] [PORT] [BLOCK_DURATION] [TIMEOUT]\n       whoelse-server [OPTIONS] <ORDER>"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(flatten)]
    pub(crate) places: Places,
    /// Log everything that happens, not only warnings
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) order: Option<Order>,
}

/// Below the list of options.
const AFTER_HELP: &str = "\
Examples:
  whoelse-server                       serve on port 3331, accounts in credentials.txt
  whoelse-server 4000 60 0             serve on port 4000, sessions never time out
  whoelse-server user add hans         add an account; asks for its password
  whoelse-server invite --uses 5       print an invitation for five accounts

Exit status: 0 done or stopped, 1 failed (standard error says why), 2 wrong arguments";

/// The headings of the list of options.
const ACCOUNTS: &str = "Accounts";
const NETWORK: &str = "Network";
const FILES: &str = "Files";
const LIMITS: &str = "Limits";

/// Bytes in a MiB.
const MIB: u64 = 1024 * 1024;

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// TCP port to listen on; 0 chooses a free one
    #[arg(default_value_t = DEFAULT_PORT, value_parser = port)]
    port: u16,
    /// Seconds for which three wrong passwords in a row lock a name
    #[arg(default_value_t = DEFAULT_LOCK_S, value_parser = seconds)]
    block_duration: u64,
    /// Seconds without activity after which a session ends; 0 for never
    #[arg(default_value_t = DEFAULT_TIMEOUT_S, value_parser = seconds)]
    timeout: u64,
    /// Who may create an account
    #[arg(long, value_enum, default_value_t = Registering::Open, help_heading = ACCOUNTS)]
    registration: Registering,
    /// Accept the published passwords of the sample accounts from the network; without this, a server that has such
    /// accounts listens on 127.0.0.1 only
    #[arg(long, help_heading = ACCOUNTS)]
    sample_accounts: bool,
    /// Name of the server, as clients show it
    #[arg(long, value_name = "NAME", default_value = "Whoelse", help_heading = NETWORK)]
    title: String,
    /// Listen on this address only [default: all addresses, IPv6 and IPv4]
    #[arg(long, value_name = "ADDR", help_heading = NETWORK)]
    bind: Option<IpAddr>,
    /// Run a relay for private sessions, on port 3332, on PORT or on ADDR:PORT
    #[cfg(feature = "relay")]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, require_equals = true, default_missing_value = "", help_heading = NETWORK)]
    relay: Option<RelayAddress>,
    /// Message text that one user may send, in KiB a second; 0 for no limit
    #[arg(long, value_name = "KIB", default_value_t = Limits::DEFAULT.send_kib_per_second, help_heading = LIMITS)]
    send_rate: u32,
    /// New accounts an hour from one address; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.accounts_per_hour, help_heading = LIMITS)]
    accounts_per_hour: u32,
    /// New accounts at once from all addresses together; after that, one a second
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.accounts_at_once, help_heading = LIMITS)]
    accounts_at_once: u32,
    /// Messages that may wait for one user
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.inbox_messages, help_heading = LIMITS)]
    inbox_messages: u32,
    /// Message text that may wait for one user, in MiB
    #[arg(long, value_name = "MIB", default_value_t = Limits::DEFAULT.inbox_bytes / MIB, help_heading = LIMITS)]
    inbox_mb: u64,
    /// Disk space to leave free, in MiB; with less, new messages are refused and waiting ones still delivered
    #[arg(long, value_name = "MIB", default_value_t = 0, help_heading = LIMITS)]
    reserve_mb: u64,
    /// Seconds for which a question for a private session is open; others than the protocol's are for tests
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = PRIVATE_REQUEST_S)]
    question: u64,
}

/// Nothing, `PORT`, or `ADDRESS:PORT`.
#[cfg(feature = "relay")]
#[derive(Clone, Copy, Debug)]
enum RelayAddress {
    Port(u16),
    At(SocketAddr),
}

#[cfg(feature = "relay")]
impl std::str::FromStr for RelayAddress {
    type Err = &'static str;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        if raw.is_empty() {
            return Ok(Self::Port(DEFAULT_RELAY_PORT));
        }
        let port = || raw.parse().map(Self::Port);
        port().or_else(|_| raw.parse().map(Self::At)).map_err(|_| "neither a port nor an address with a port")
    }
}

/// Where things lie.
#[derive(Debug, Args)]
pub(crate) struct Places {
    /// File of accounts
    #[arg(long, value_name = "PATH", default_value = "credentials.txt", global = true, help_heading = FILES)]
    credentials: PathBuf,
    /// Folder for keys and messages [default: the user's folder for application data]
    #[arg(long, value_name = "DIR", global = true, help_heading = FILES)]
    data_dir: Option<PathBuf>,
}

/// Days after which an account without a login counts as not wanted, if nothing else is asked for: longer than a
/// holiday.
const PRUNE_DAYS: u32 = 90;

/// [`NewAccounts`] as a word of the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Registering {
    /// Anyone
    Open,
    /// Anyone with an invitation from `whoelse-server invite`
    Invite,
    /// Only the administrator
    Closed,
}

/// Something for the administrator, beside the running server.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Replace plain passwords in the file of accounts by records from which they cannot be read
    Seal,
    /// List and change accounts
    #[command(subcommand, subcommand_value_name = "ORDER")]
    User(UserOrder),
    /// Print the fingerprint of the server's key
    Fingerprint,
    /// Print, list and revoke invitations: address, fingerprint and perhaps a secret for a new account
    #[command(args_conflicts_with_subcommands = true)]
    Invite(Invite),
}

/// An invitation, or what there is of them.
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// Name or address under which clients reach this server [default: its address in the network]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// Port [default: that of the running server, or 3331]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Include a secret that is good for N accounts [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_USES)))]
    pub(crate) uses: Option<u32>,
    /// Include a secret that is good for so many days [default: 7]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)))]
    pub(crate) days: Option<u32>,
    #[command(subcommand)]
    pub(crate) order: Option<InviteOrder>,
}

/// Something about invitations that were given out.
#[derive(Debug, Subcommand)]
pub(crate) enum InviteOrder {
    /// List invitations with a secret: number, accounts created, time left
    List,
    /// Revoke an invitation
    Revoke {
        /// Number in the list
        number: u64,
    },
}

/// Something about accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserOrder {
    /// List all accounts
    List,
    /// Add an account; asks for its password, or reads it from standard input
    Add {
        /// Name of the account
        name: UserName,
    },
    /// Set a new password; asks for it, or reads it from standard input
    Passwd {
        /// Name of the account
        name: UserName,
    },
    /// Remove an account and the messages that wait for it
    Remove {
        /// Name of the account
        name: UserName,
    },
    /// Remove accounts to which nobody has ever logged in
    Prune {
        /// Only accounts that are at least so many days old
        #[arg(long, value_name = "DAYS", default_value_t = PRUNE_DAYS)]
        days: u32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// End the session of a user, who may log in again
    Kick {
        /// Name of the account
        name: UserName,
    },
    /// Lift the lock that wrong passwords put on a name
    Unlock {
        /// Name of the account
        name: UserName,
    },
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Errors
    /// [`clap::Error`], also for help and version, which are to be printed all the same.
    pub(crate) fn read(words: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(words).map_err(hints::hinted)?;
        if let Some(message) = conflict(&command, &matches) {
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// What is wrong if an order was given together with an argument of the server. clap's own setting for this also
/// refuses the options that both take where they stand before an order.
fn conflict(command: &clap::Command, matches: &clap::ArgMatches) -> Option<String> {
    let order = matches.subcommand_name()?;
    let serve = Serve::augment_args(clap::Command::new(""));
    let serves = |arg: &clap::Arg| serve.get_arguments().any(|other| other.get_id() == arg.get_id());
    let is_given = |arg: &clap::Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let arg = command.get_arguments().find(|arg| serves(arg) && is_given(arg))?;
    Some(format!("{arg} cannot be used with the order {order}"))
}

impl Places {
    /// Whether the data folder was named.
    pub(crate) const fn folder(&self) -> FolderIs {
        if self.data_dir.is_some() { FolderIs::Named } else { FolderIs::Default }
    }

    /// The places, the default ones where none is named.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub(crate) fn paths(&self) -> Result<Paths, DataDirError> {
        let data_dir = self.data_dir.clone().map_or_else(default_data_dir, Ok)?;
        // A message that names the folder is read where nobody knows what "." was.
        let data_dir =
            absolute(&data_dir).map_err(|source| DataDirError::Unwritable { folder: data_dir.clone(), source })?;
        Ok(Paths { data_dir, credentials: self.credentials.clone() })
    }
}

impl Serve {
    /// Whether the network may come in with published passwords.
    pub(crate) const fn sample_accounts(&self) -> SampleAccounts {
        if self.sample_accounts { SampleAccounts::ForEveryone } else { SampleAccounts::ForThisComputer }
    }

    /// Where the relay listens, if one is to run.
    #[cfg(not(feature = "relay"))]
    #[expect(clippy::unused_self, reason = "the same as with a relay")]
    pub(crate) const fn relay(&self) -> Option<Listen> {
        None
    }

    /// Where the relay listens, if one is to run.
    #[cfg(feature = "relay")]
    pub(crate) fn relay(&self) -> Option<Listen> {
        Some(match (self.relay?, self.bind) {
            (RelayAddress::At(address), _) => Listen::At(address),
            (RelayAddress::Port(port), Some(address)) => Listen::At(SocketAddr::new(address, port)),
            (RelayAddress::Port(port), None) => Listen::Everywhere { port },
        })
    }

    /// The settings of the server.
    pub(crate) fn config(&self, paths: Paths) -> Config {
        Config {
            listen: match self.bind {
                Some(address) => Listen::At(SocketAddr::new(address, self.port)),
                None => Listen::Everywhere { port: self.port },
            },
            data_dir: paths.data_dir,
            credentials: paths.credentials,
            lock: Seconds::new(self.block_duration),
            timeout: Seconds::new(self.timeout),
            registration: match self.registration {
                Registering::Open => NewAccounts::Anyone,
                Registering::Invite => NewAccounts::Invited,
                Registering::Closed => NewAccounts::Nobody,
            },
            title: Agent::new(&self.title),
            question: Seconds::new(self.question),
            limits: Limits {
                send_kib_per_second: self.send_rate,
                accounts_per_hour: self.accounts_per_hour,
                accounts_at_once: self.accounts_at_once,
                inbox_messages: self.inbox_messages,
                inbox_bytes: self.inbox_mb.saturating_mul(MIB),
            },
            keep_free: self.reserve_mb.saturating_mul(MIB),
        }
    }
}

#[cfg(test)]
mod tests;
