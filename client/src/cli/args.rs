//! The command line's arguments.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use whoelse_model::{AddressPolicy, TakeOver};
use whoelse_proto::{Fingerprint, Invitation, InvitationError, InviteSecret, InviteSecretError, UserName};

use super::talk::{Accepts, Consent};
use crate::profile::{Location, ProfileName};

/// How long a lost line is tried again by default, in seconds: a server that is restarted is back well within it.
const PATIENCE_S: u64 = 60;

/// How long a first connection is tried by default, in seconds: a network that comes up, and not a name misspelt.
const FIRST_PATIENCE_S: u64 = 20;

/// Messages for a team's own network, on the command line.
///
/// On a terminal, type `help`. From a program, one command a line on standard input; at its end everything is sent
/// before the session ends. Exit status: 0 all commands succeeded, 2 usage, 3 login refused, 4 a command was refused,
/// 5 connection lost, 6 standard output cannot be written.
#[derive(Debug, Parser)]
#[command(name = "whoelse-cli", version)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Args {
    /// The server: `host`, `host:port`, `[IPv6]:port`, or an invitation: `whoelse://host:port#fingerprint,invite=secret`
    #[arg(default_value = "localhost")]
    host: String,
    /// The server's port, where HOST names none; 3331 by default
    port: Option<u16>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Log in as this user
    #[arg(long, value_name = "NAME")]
    user: Option<UserName>,
    /// The first line of standard input is the password
    #[arg(long)]
    password_stdin: bool,
    /// Make the account, then log in
    #[arg(long)]
    register: bool,
    /// The invitation by which the account is made, where HOST is none: the whole string, or its secret alone
    #[arg(long, value_name = "INVITATION", value_parser = invite_secret)]
    invite: Option<InviteSecret>,
    /// Keep keys, history and outbox apart under this name [default: the user's name]
    #[arg(long, value_name = "NAME", conflicts_with = "data_dir")]
    profile: Option<ProfileName>,
    /// Keep keys, history and outbox in this folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The server must have this key
    #[arg(long, value_name = "HEX", conflicts_with = "trust_first")]
    trust_fingerprint: Option<Fingerprint>,
    /// End a session of this name that is online elsewhere
    #[arg(long)]
    take_over: bool,
    /// Trust whatever key an unknown server shows the first time, unseen: whoever sits between then is trusted. For tests
    /// and networks of your own; else give --trust-fingerprint or an invitation
    #[arg(long)]
    trust_first: bool,
    /// Agree to every private session that somebody asks for
    #[arg(long)]
    accept_private: bool,
    /// Take every file that is offered, into this folder
    #[arg(long, value_name = "DIR")]
    accept_files: Option<PathBuf>,
    /// Let nobody learn this computer's address: private sessions go through the server's relay, or not at all
    #[arg(long)]
    never_show_address: bool,
    /// From a program: give a connection up that cannot be made, or was lost, after this time [default: 20 for the first,
    /// 60 for one that was lost]
    #[arg(long, value_name = "SECONDS")]
    give_up_after: Option<u64>,
}

/// The secret of an invitation, given alone or within the invitation.
fn invite_secret(raw: &str) -> Result<InviteSecret, String> {
    if !raw.contains("://") {
        return raw.parse().map_err(|error: InviteSecretError| error.to_string());
    }
    let invitation: Invitation = raw.parse().map_err(|error: InvitationError| error.to_string())?;
    invitation.secret.ok_or_else(|| "this invitation carries no secret; ask for one that does".to_owned())
}

/// What the arguments come to.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) server: Invitation,
    /// The key that the user says to trust, whatever is pinned.
    pub(super) trusted: Option<Fingerprint>,
    pub(super) take_over: TakeOver,
    pub(super) user: Option<UserName>,
    /// Where the profile lies; `None` is the user's own.
    pub(super) location: Option<Location>,
    pub(super) password: PasswordFrom,
    pub(super) account: AccountIs,
    pub(super) unknown_key: UnknownKey,
    pub(super) output: Output,
    /// How long a line that was lost is tried again.
    pub(super) patience: Duration,
    /// How long a first line is tried.
    pub(super) first_patience: Duration,
    pub(super) accepts: Accepts,
    pub(super) policy: AddressPolicy,
}

/// Where the password comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PasswordFrom {
    /// The first line of standard input.
    Stdin,
    /// A prompt on the terminal, if the profile keeps no session.
    Prompt,
}

/// Whether there is an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountIs {
    /// There is.
    There,
    /// It is to be made.
    ToBeMade,
}

/// What to do about an unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnknownKey {
    /// Ask where there is a terminal, else refuse.
    Ask,
    /// Trust it.
    Trust,
}

/// For whom to write, and whence commands come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// For a person at a terminal, with a line editor.
    Terminal,
    /// For people, commands from a file or pipe.
    Plain,
    /// For a program.
    Json,
}

impl Args {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for.
    pub(super) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(args)
    }

    /// Puts the arguments together.
    ///
    /// # Errors
    /// What does not fit together, for people.
    pub(super) fn start(self) -> Result<Start, String> {
        let output = self.output();
        let location =
            self.data_dir.clone().map(Location::Folder).or_else(|| self.profile.clone().map(Location::Named));
        if output != Output::Terminal && self.user.is_none() {
            return Err("name the user with --user, for there is no terminal to ask at".to_owned());
        }
        Ok(Start {
            server: self.server()?,
            trusted: self.trust_fingerprint,
            take_over: if self.take_over { TakeOver::Yes } else { TakeOver::No },
            user: self.user,
            location,
            password: if self.password_stdin { PasswordFrom::Stdin } else { PasswordFrom::Prompt },
            account: if self.register { AccountIs::ToBeMade } else { AccountIs::There },
            unknown_key: if self.trust_first { UnknownKey::Trust } else { UnknownKey::Ask },
            output,
            patience: Duration::from_secs(self.give_up_after.unwrap_or(PATIENCE_S)),
            first_patience: Duration::from_secs(self.give_up_after.unwrap_or(FIRST_PATIENCE_S)),
            policy: if self.never_show_address { AddressPolicy::ToNobody } else { AddressPolicy::ToPeers },
            accepts: Accepts {
                private: if self.accept_private { Consent::Given } else { Consent::Asked },
                files: self.accept_files,
            },
        })
    }

    /// The server with the key that it must have, if one is named.
    fn server(&self) -> Result<Invitation, String> {
        let mut server = Invitation::named(&self.host).map_err(|error| {
            if error == InvitationError::Host && !self.host.contains("://") {
                return format!("{:?} is no server: a host, host:port, [IPv6]:port or an invitation", self.host);
            }
            error.to_string()
        })?;
        if let Some(port) = self.port {
            if Invitation::names_port(&self.host) && port != server.port {
                return Err(format!("{} names port {}, and {port} is given behind it", self.host, server.port));
            }
            server.port = port;
        }
        if let Some(secret) = &self.invite {
            if server.secret.as_ref().is_some_and(|invited| invited != secret) {
                return Err("the address and --invite carry different invitations".to_owned());
            }
            server.secret = Some(secret.clone());
        }
        if let Some(named) = self.trust_fingerprint
            && server.fingerprint.is_some_and(|invited| invited != named)
        {
            return Err("the invitation and --trust-fingerprint name different keys".to_owned());
        }
        Ok(server)
    }

    fn output(&self) -> Output {
        if self.json {
            Output::Json
        } else if !self.password_stdin && std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            Output::Terminal
        } else {
            Output::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(args: &[&str]) -> Result<Start, String> {
        let args = ["whoelse-cli", "--user", "yoda"].iter().chain(args).map(OsString::from);
        Args::read(args).map_err(|error| error.to_string())?.start()
    }

    #[test]
    fn host_and_port_have_defaults() {
        let server = start(&[]).unwrap().server;
        assert_eq!((server.host.as_str(), server.port, server.fingerprint), ("localhost", 3331, None));
        let server = start(&["echo-base", "4000"]).unwrap().server;
        assert_eq!((server.host.as_str(), server.port), ("echo-base", 4000));
    }

    #[test]
    fn an_address_may_hold_the_port_in_every_form_that_the_window_takes() {
        let at = |args: &[&str]| start(args).map(|start| (start.server.host, start.server.port));
        let is = |host: &str, port| Ok((host.to_owned(), port));
        assert_eq!(at(&["127.0.0.1:4501"]), is("127.0.0.1", 4501));
        assert_eq!(at(&["[::1]:4501"]), is("::1", 4501));
        assert_eq!(at(&["[::1]", "4501"]), is("::1", 4501));
        assert_eq!(at(&["::1", "4501"]), is("::1", 4501));
        assert_eq!(at(&["hoth:12", "12"]), is("hoth", 12));
        assert!(at(&["hoth:12", "13"]).unwrap_err().contains("12"));
        assert!(at(&["a b"]).unwrap_err().contains("is no server"));
    }

    #[test]
    fn an_invitation_names_host_port_and_key() {
        let key = Fingerprint::from_bytes([7; 32]);
        let server = start(&[&format!("whoelse://hoth:12#{key}")]).unwrap().server;
        assert_eq!((server.host.as_str(), server.port, server.fingerprint), ("hoth", 12, Some(key)));
        assert!(start(&["whoelse://hoth#x"]).is_err());
        let other = Fingerprint::from_bytes([8; 32]).to_string();
        assert!(start(&[&format!("whoelse://hoth:12#{key}"), "--trust-fingerprint", &other]).is_err());
    }

    #[test]
    fn the_secret_of_an_invitation_comes_with_the_address_or_beside_it() {
        let secret = InviteSecret::from_bytes([0x5e; 16]);
        let (digits, whole) = (secret.digits(), format!("whoelse://hoth:12#invite={}", secret.digits()));
        let given = |args: &[&str]| start(args).map(|start| (start.server.host, start.server.secret));
        let hoth = Ok(("hoth".to_owned(), Some(secret)));
        assert_eq!(given(&[&whole]), hoth);
        assert_eq!(given(&["hoth", "--invite", &digits]), hoth);
        assert_eq!(given(&["hoth", "--invite", &whole]), hoth);
        assert_eq!(given(&[&whole, "--invite", &digits]), hoth);
        assert!(given(&[&whole, "--invite", &"0".repeat(32)]).unwrap_err().contains("different invitations"));
        assert!(given(&["hoth", "--invite", "whoelse://hoth:12"]).unwrap_err().contains("carries no secret"));
        assert!(given(&["hoth", "--invite", "5e"]).unwrap_err().contains("32 hexadecimal digits"));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        assert!(start(&["--profile", "a", "--data-dir", "b"]).is_err());
        assert!(start(&["--trust-first", "--trust-fingerprint", &"0".repeat(64)]).is_err());
        assert!(start(&["--profile", "../x"]).is_err());
        assert!(start(&["host", "99999"]).is_err());
    }

    #[test]
    fn without_a_terminal_the_user_must_be_named() {
        let args = Args::read(["whoelse-cli", "--json"].map(OsString::from)).unwrap();
        assert!(args.start().unwrap_err().contains("--user"));
    }
}
