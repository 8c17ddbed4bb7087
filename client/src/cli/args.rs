//! The command line's arguments.

mod hints;

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

/// Chat on your own network, from a shell or a program.
///
/// At a terminal it asks for what it needs; type `help` once you are logged in. A program writes one command a line to
/// standard input; at its end everything is sent, then the session ends.
#[derive(Debug, Parser)]
#[command(name = "whoelse-cli", version, after_help = AFTER_HELP)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Args {
    /// Server to log in to: a host, `host:port`, `[IPv6]:port` or an invitation
    #[arg(default_value = "localhost")]
    host: String,
    /// Port of the server, unless HOST names it [default: 3331]
    port: Option<u16>,
    /// Log in as this user [default: ask]
    #[arg(long, value_name = "NAME", help_heading = LOGIN)]
    user: Option<UserName>,
    /// Read the password from the first line of standard input
    #[arg(long, help_heading = LOGIN)]
    password_stdin: bool,
    /// Create the account, then log in
    #[arg(long, help_heading = LOGIN)]
    register: bool,
    /// Invitation for a new account, unless HOST is one: the whole string, or its secret
    #[arg(long, value_name = "INVITATION", value_parser = invite_secret, help_heading = LOGIN)]
    invite: Option<InviteSecret>,
    /// If this user is logged in elsewhere, end that session
    #[arg(long, help_heading = LOGIN)]
    take_over: bool,
    /// Connect only to a server with this fingerprint
    #[arg(long, value_name = "HEX", conflicts_with = "trust_first", help_heading = SERVER_KEY)]
    trust_fingerprint: Option<Fingerprint>,
    /// Trust an unknown server without asking. Whoever is between you and it at the first contact is trusted too: for
    /// tests and for a network of your own
    #[arg(long, help_heading = SERVER_KEY)]
    trust_first: bool,
    /// Keep keys, history and unsent messages under this name [default: the user's name]
    #[arg(long, value_name = "NAME", conflicts_with = "data_dir", help_heading = STORAGE)]
    profile: Option<ProfileName>,
    /// Keep keys, history and unsent messages in this folder
    #[arg(long, value_name = "DIR", help_heading = STORAGE)]
    data_dir: Option<PathBuf>,
    /// Accept every request for a private session
    #[arg(long, help_heading = PRIVATE)]
    accept_private: bool,
    /// Accept every file that is offered, and save files to this folder
    #[arg(long, value_name = "DIR", help_heading = PRIVATE)]
    accept_files: Option<PathBuf>,
    /// Hide this computer's address from other users: private sessions go through the server's relay, or fail
    #[arg(long, help_heading = PRIVATE)]
    never_show_address: bool,
    /// Print one JSON object a line
    #[arg(long, help_heading = PROGRAMS)]
    json: bool,
    /// Give up after so many seconds without a connection [default: 20 for the first, 60 for a lost one]
    #[arg(long, value_name = "SECONDS", help_heading = PROGRAMS)]
    give_up_after: Option<u64>,
}

/// The headings of the list of options.
const LOGIN: &str = "Login";
const SERVER_KEY: &str = "Key of the server";
const STORAGE: &str = "Files";
const PRIVATE: &str = "Private sessions";
const PROGRAMS: &str = "For programs";

/// Below the list of options.
const AFTER_HELP: &str = "\
Examples:
  whoelse-cli                                 log in to a server on this computer
  whoelse-cli echo-base --user hans           log in as hans at echo-base, port 3331
  whoelse-cli --register whoelse://echo-base:3331#3abe…
                                              create an account with an invitation
  printf 'wise\\nmessage hans Done\\n' | whoelse-cli --user yoda --password-stdin
                                              send a message from a script

Exit status:
  0  every command succeeded
  2  wrong arguments, or the profile cannot be used
  3  the server refused the login, or its key is not trusted
  4  a command was refused
  5  no connection, or it was lost
  6  standard output cannot be written";

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
        Self::try_parse_from(args).map_err(hints::hinted)
    }

    /// Puts the arguments together.
    ///
    /// # Errors
    /// What does not fit together, for people.
    pub(super) fn start(self) -> Result<Start, String> {
        let output = self.output();
        let location =
            self.data_dir.clone().map(Location::Folder).or_else(|| self.profile.clone().map(Location::Named));
        let server = self.server()?;
        if output != Output::Terminal && self.user.is_none() {
            return Err("name the user with --user, for there is no terminal to ask at".to_owned());
        }
        Ok(Start {
            server,
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
                return hints::no_server(&self.host);
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
    fn what_is_taken_for_an_argument_says_what_stands_in_its_place() {
        assert!(start(&["hans@hoth"]).unwrap_err().contains("whoelse-cli hoth --user hans"));
        for (args, hint) in [
            (&["--password", "falcon"][..], "--password-stdin"),
            (&["--port", "4000"], "stands behind the server"),
            (&["--server=hoth"], "the first argument"),
            (&["-u", "hans"], "--user"),
        ] {
            let told = start(args).unwrap_err();
            assert!(told.contains(hint) && !told.contains("similar"), "{told}");
        }
    }

    #[test]
    fn the_help_names_every_exit_status() {
        let help = start(&["--help"]).unwrap_err();
        for status in ["  0  ", "  2  ", "  3  ", "  4  ", "  5  ", "  6  "] {
            assert!(help.contains(status), "{help}");
        }
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
