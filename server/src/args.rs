//! The command line: `whoelse-server [PORT] [BLOCK_DURATION] [TIMEOUT]`, and orders for the administrator.

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

use crate::serve::SampleAccounts;

/// The server of Whoelse, the messenger for a team's own network.
#[derive(Debug, Parser)]
#[command(name = "whoelse-server", version, subcommand_value_name = "ORDER", subcommand_help_heading = "Orders")]
#[command(
    override_usage = "whoelse-server [OPTIONS] [PORT] [BLOCK_DURATION] [TIMEOUT]\n       whoelse-server [OPTIONS] <ORDER>"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(flatten)]
    pub(crate) places: Places,
    /// Log what happens, not warnings alone
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) order: Option<Order>,
}

/// Bytes in a MiB.
const MIB: u64 = 1024 * 1024;

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// TCP port to listen on; 0 takes a free one
    #[arg(default_value_t = DEFAULT_PORT)]
    port: u16,
    /// Seconds for which a name is locked after three wrong passwords in a row
    #[arg(default_value_t = DEFAULT_LOCK_S)]
    block_duration: u64,
    /// Seconds without a command after which a session ends; 0 is never
    #[arg(default_value_t = DEFAULT_TIMEOUT_S)]
    timeout: u64,
    /// Who may make an account
    #[arg(long, value_enum, default_value_t = Registering::Open)]
    registration: Registering,
    /// What the server is called in its clients' windows
    #[arg(long, value_name = "NAME", default_value = "Whoelse")]
    title: String,
    /// Listen on this address alone [default: all addresses, IPv6 and IPv4]
    #[arg(long, value_name = "ADDR")]
    bind: Option<IpAddr>,
    /// Run a relay for private sessions, on this port, or address and port [default: 3332]
    #[cfg(feature = "relay")]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    relay: Option<RelayAddress>,
    /// KiB of messages a second that one user may send in the long run. 0 slows nobody down
    #[arg(long, value_name = "KIB", default_value_t = Limits::DEFAULT.send_kib_per_second)]
    send_rate: u32,
    /// Accounts that may be made from one address in an hour. 0 is any number
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.accounts_per_hour)]
    accounts_per_hour: u32,
    /// Accounts that may be made at once from all addresses together; then one a second
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.accounts_at_once)]
    accounts_at_once: u32,
    /// Messages that may wait for one user
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.inbox_messages)]
    inbox_messages: u32,
    /// MiB of text that may wait for one user
    #[arg(long, value_name = "MIB", default_value_t = Limits::DEFAULT.inbox_bytes / MIB)]
    inbox_mb: u64,
    /// MiB of the disk that are left free: with less than that no message is taken, and what waits is delivered
    #[arg(long, value_name = "MIB", default_value_t = 0)]
    reserve_mb: u64,
    /// Let everyone on the network in with the published passwords of the sample accounts; without it a server that has
    /// such accounts listens on this computer alone
    #[arg(long)]
    sample_accounts: bool,
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
    /// The file of accounts
    #[arg(long, value_name = "PATH", default_value = "credentials.txt", global = true)]
    credentials: PathBuf,
    /// The folder with the keys and the messages [default: the user's folder for application data]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
}

/// Days after which an account without a login counts as not wanted, if nothing else is asked for: longer than a
/// holiday.
const PRUNE_DAYS: u32 = 90;

/// [`NewAccounts`] as a word of the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Registering {
    /// Anyone may
    Open,
    /// Who has an invitation with a secret (`whoelse-server invite --uses 1`)
    Invite,
    /// The administrator alone
    Closed,
}

/// Something for the administrator, beside the running server.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Seal the plain passwords in the file of accounts
    Seal,
    /// See and change the accounts; a running server notices
    #[command(subcommand, subcommand_value_name = "ORDER")]
    User(UserOrder),
    /// Print the fingerprint of the server's key
    Fingerprint,
    /// Print an invitation: the server's address with its fingerprint, and with a secret by which accounts are made
    #[command(args_conflicts_with_subcommands = true)]
    Invite(Invite),
}

/// An invitation, or what there is of them.
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// The name or address under which clients reach this machine [default: its address in the network]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// The port [default: that of the running server, or 3331]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// With a secret, by which so many accounts may be made [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_USES)))]
    pub(crate) uses: Option<u32>,
    /// With a secret, which is good for so many days [default: 7]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)))]
    pub(crate) days: Option<u32>,
    #[command(subcommand)]
    pub(crate) order: Option<InviteOrder>,
}

/// Something about invitations that were given out.
#[derive(Debug, Subcommand)]
pub(crate) enum InviteOrder {
    /// Print every invitation with a secret: its number, how many accounts were made by it, how long it is good
    List,
    /// Take an invitation back
    Revoke {
        /// Its number in the list
        number: u64,
    },
}

/// Something about accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserOrder {
    /// Print every account
    List,
    /// Add an account; asks for its password, or reads it from standard input
    Add {
        /// The name
        name: UserName,
    },
    /// Give an account a new password; asks for it, or reads it from standard input
    Passwd {
        /// The name
        name: UserName,
    },
    /// Remove an account and the messages that wait for it
    Remove {
        /// The name
        name: UserName,
    },
    /// Remove accounts in which nobody has ever logged in
    Prune {
        /// Only accounts that are at least this old
        #[arg(long, value_name = "DAYS", default_value_t = PRUNE_DAYS)]
        days: u32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// End the session of a name
    Kick {
        /// The name
        name: UserName,
    },
    /// Lift the lock that wrong passwords put on a name
    Unlock {
        /// The name
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
        let matches = command.try_get_matches_from_mut(words)?;
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
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::read(std::iter::once("whoelse-server").chain(line.split_whitespace()).map(OsString::from))
    }

    fn config(line: &str) -> Config {
        let arguments = parse(line).unwrap();
        assert!(arguments.order.is_none());
        arguments.serve.config(arguments.places.paths().unwrap())
    }

    #[test]
    fn without_arguments_the_defaults_hold() {
        let config = config("--data-dir data");
        assert_eq!(config, Config::new(absolute("data").unwrap(), "credentials.txt".into()));
    }

    #[test]
    fn the_positional_arguments_are_port_lock_and_timeout() {
        let config = config("3500 20 90 --data-dir data");
        assert_eq!(config.listen, Listen::Everywhere { port: 3500 });
        assert_eq!((config.lock, config.timeout), (Seconds::new(20), Seconds::new(90)));
    }

    #[test]
    fn the_bounds_of_new_accounts_are_set_each_by_its_option() {
        let limits = config("--data-dir data --accounts-at-once 3 --accounts-per-hour 5").limits;
        assert_eq!((limits.accounts_at_once, limits.accounts_per_hour), (3, 5));
    }

    #[test]
    fn what_is_to_stay_free_of_the_disk_is_told_in_mebibytes() {
        assert_eq!(config("--data-dir data").keep_free, 0);
        assert_eq!(config("--data-dir data --reserve-mb 512").keep_free, 512 * MIB);
    }

    #[test]
    fn options_stand_before_or_behind_the_positional_arguments() {
        let line = "--bind ::1 --title Base 0 --registration closed 5 --credentials a --data-dir b";
        let config = config(line);
        assert_eq!(config.listen, Listen::At("[::1]:0".parse().unwrap()));
        assert_eq!(config.registration, NewAccounts::Nobody);
        assert_eq!(config.title, Agent::new("Base"));
        assert_eq!((config.credentials, config.data_dir), ("a".into(), absolute("b").unwrap()));
        assert_eq!(config.lock, Seconds::new(5));
    }

    #[test]
    fn orders_take_the_places_before_and_behind() {
        for line in ["--data-dir b user --credentials a add yoda", "user add yoda --data-dir b --credentials a"] {
            let arguments = parse(line).unwrap();
            let paths = arguments.places.paths().unwrap();
            assert_eq!(paths, Paths { data_dir: absolute("b").unwrap(), credentials: "a".into() }, "{line}");
            let Some(Order::User(UserOrder::Add { name })) = arguments.order else { panic!("{line}") };
            assert_eq!(name.as_str(), "yoda");
        }
    }

    #[cfg(feature = "relay")]
    #[test]
    fn a_relay_runs_if_it_is_asked_for_beside_the_server_or_where_it_is_told() {
        let relay = |line: &str| parse(line).unwrap().serve.relay();
        let at = |address: &str| Some(Listen::At(address.parse().unwrap()));
        assert_eq!(relay("3500"), None);
        assert_eq!(relay("--relay 3500"), Some(Listen::Everywhere { port: DEFAULT_RELAY_PORT }));
        assert_eq!(relay("3500 --relay=4000"), Some(Listen::Everywhere { port: 4000 }));
        assert_eq!(relay("--bind ::1 --relay=4000"), at("[::1]:4000"));
        assert_eq!(relay("--bind ::1 --relay=10.0.0.1:4000"), at("10.0.0.1:4000"));
        assert_eq!(parse("--relay=x").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn what_is_neither_a_number_nor_an_order_is_a_usage_error() {
        for line in ["65536", "-1", "3331 1.5", "3331 60 -1", "1 2 3 4", "x", "user", "user add", "--registration no"] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(parse("user add yo\u{e9}da").unwrap_err().kind(), ErrorKind::ValueValidation);
    }

    #[test]
    fn an_order_refuses_the_arguments_of_the_server() {
        for line in ["3331 user list", "--title x seal", "seal 3331", "fingerprint --bind ::1"] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
