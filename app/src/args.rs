//! The command line of the app.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, Error};
use whoelse_client::{Location, ProfileName};
use whoelse_proto::{DEFAULT_PORT, Invitation};

/// Chat on your own network.
///
/// Opens the window. HOST or an invitation fills in the sign-in. If a window of this profile is open already, that one
/// comes to the front.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "whoelse", version, after_help = AFTER_HELP)]
pub struct Args {
    /// Server to sign in to: a host, host:port, [IPv6]:port or an invitation
    #[arg(value_name = "HOST", value_parser = server)]
    host: Option<Invitation>,

    /// Port of the server [default: 3331]
    #[arg(value_name = "PORT", requires = "host", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// Keep settings, keys and history under this name, so that several users or windows do not share them
    #[arg(long, value_name = "NAME", default_value = "default", hide_default_value = true)]
    profile: ProfileName,

    /// Keep settings, keys and history in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "profile")]
    data_dir: Option<PathBuf>,

    /// Open two windows that chat with each other on a server of their own; nothing is kept
    #[arg(long, conflicts_with_all = ["host", "profile", "data_dir", "demo_window"])]
    demo: bool,

    /// End with the program that started it
    #[arg(long, hide = true, requires = "data_dir")]
    demo_window: bool,

    /// Log more to standard error; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Below the list of options.
const AFTER_HELP: &str = "\
Examples:
  whoelse                             open the window
  whoelse echo-base                   sign in to echo-base, port 3331
  whoelse whoelse://10.4.0.12:3331#…  use an invitation
  whoelse --profile yoda              a second user on this computer
  whoelse --demo                      try it without a server

Exit status: 0 closed, 1 failed (standard error says why), 2 wrong arguments";

/// What to do, as the command line asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Open a window.
    Window(WindowStart),
    /// Show two windows that chat.
    Demo,
}

/// How to open a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowStart {
    /// Where the profile lies.
    pub location: Location,
    /// The server to sign in at.
    pub server: Option<Invitation>,
    /// When it ends.
    pub life: Life,
}

/// When a window ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// When the user closes it.
    Own,
    /// Also when standard input ends: with whoever started it.
    Parents,
}

/// How much is told on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Warnings.
    Quiet,
    /// What this program does.
    Verbose,
    /// What its libraries do, too.
    All,
}

/// Options that people know from other programs, and what stands in their place here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("--port", "the port stands behind the server: whoelse echo-base 3331"),
    ("--host", "the server is the first argument: whoelse echo-base"),
    ("--server", "the server is the first argument: whoelse echo-base; a server of your own is started in the window"),
    ("--user", "the name is typed in the window; --profile NAME keeps users of one computer apart"),
    ("--password", "the password is typed in the window"),
    ("--invite", "the invitation is the first argument, or is pasted in the window"),
];

/// An error with a hint, where an option is one of another program.
fn hinted(mut error: Error) -> Error {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return error };
    let word = given.split('=').next().unwrap_or_default();
    if let Some((_, hint)) = ELSEWHERE.iter().find(|(option, _)| *option == word) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*hint).into()]));
    }
    error
}

impl Args {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it, or the help that was asked for.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        Self::try_parse_from(words).map_err(hinted)
    }

    /// What to do.
    #[must_use]
    pub fn start(&self) -> Start {
        if self.demo {
            return Start::Demo;
        }
        let location = match &self.data_dir {
            Some(folder) => Location::Folder(folder.clone()),
            None => Location::Named(self.profile.clone()),
        };
        let mut server = self.host.clone();
        if let (Some(server), Some(port)) = (&mut server, self.port) {
            server.port = port;
        }
        let life = if self.demo_window { Life::Parents } else { Life::Own };
        Start::Window(WindowStart { location, server, life })
    }

    /// How much to tell.
    #[must_use]
    pub const fn verbosity(&self) -> Verbosity {
        match self.verbose {
            0 => Verbosity::Quiet,
            1 => Verbosity::Verbose,
            2.. => Verbosity::All,
        }
    }
}

impl Verbosity {
    /// The filter of the log, in the notation of [`tracing_subscriber::filter::Targets`].
    #[must_use]
    pub const fn filter(self) -> &'static str {
        match self {
            // The window system's libraries warn of what nobody can mend, and the accessibility tree where nobody reads it.
            Self::Quiet => "warn,accesskit_unix=error,egui_system_font_provider=error,winit=error,zbus=error",
            Self::Verbose => "warn,whoelse=debug,whoelse_client=debug,whoelse_model=debug,whoelse_server=info",
            Self::All => "debug",
        }
    }
}

/// Reads a host or an invitation.
fn server(raw: &str) -> Result<Invitation, String> {
    Invitation::named(raw).map_err(|error| {
        if raw.contains("://") {
            return error.to_string();
        }
        format!("a server is a host, host:port or an invitation; the usual port is {DEFAULT_PORT}")
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;
    use whoelse_proto::Fingerprint;

    use super::*;

    fn parsed(words: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from(std::iter::once("whoelse").chain(words.iter().copied()))
    }

    fn window(words: &[&str]) -> WindowStart {
        match parsed(words).unwrap().start() {
            Start::Window(window) => window,
            Start::Demo => panic!("a demonstration"),
        }
    }

    fn address(words: &[&str]) -> (String, u16, Option<Fingerprint>) {
        let server = window(words).server.unwrap();
        (server.host, server.port, server.fingerprint)
    }

    #[test]
    fn the_definition_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn without_words_it_opens_the_usual_profile() {
        let location = Location::Named(ProfileName::default());
        assert_eq!(window(&[]), WindowStart { location, server: None, life: Life::Own });
    }

    #[test]
    fn host_and_port_prefill_the_sign_in() {
        assert_eq!(address(&["echo-base"]), ("echo-base".into(), DEFAULT_PORT, None));
        assert_eq!(address(&["echo-base", "4000"]), ("echo-base".into(), 4000, None));
        assert_eq!(address(&["echo-base:4001"]), ("echo-base".into(), 4001, None));
        assert_eq!(address(&["::1", "4000"]), ("::1".into(), 4000, None));
    }

    #[test]
    fn an_invitation_brings_its_pin() {
        let pin = Fingerprint::of_public_key(b"key");
        let invitation = format!("whoelse://10.4.0.12:4000#{pin}");
        assert_eq!(address(&[&invitation]), ("10.4.0.12".into(), 4000, Some(pin)));
    }

    #[test]
    fn a_profile_is_named_or_lies_in_a_folder() {
        let named = window(&["--profile", "yoda"]).location;
        assert_eq!(named, Location::Named(ProfileName::new("yoda").unwrap()));
        assert_eq!(window(&["--data-dir", "x/y"]).location, Location::Folder("x/y".into()));
    }

    #[test]
    fn a_window_of_the_demonstration_ends_with_it() {
        assert_eq!(window(&["--data-dir", "x", "--demo-window"]).life, Life::Parents);
        assert_eq!(parsed(&["--demo"]).unwrap().start(), Start::Demo);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for words in [
            &["http://echo-base"][..],
            &["whoelse://host#abc"],
            &["a b"],
            &["host", "0"],
            &["host", "65536"],
            &["host", "port"],
            &["host", "1", "2"],
            &["--profile", "../x"],
            &["--profile", "a", "--data-dir", "b"],
            &["--demo", "host"],
            &["--demo-window"],
            &["--nonsense"],
        ] {
            let error = parsed(words).unwrap_err();
            assert!(!matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion), "{words:?}");
        }
    }

    #[test]
    fn an_option_of_other_programs_says_what_stands_in_its_place() {
        for (word, hint) in
            [("--port=4000", "behind the server"), ("--user", "--profile"), ("--server", "first argument")]
        {
            let error = Args::read(["whoelse", word].map(OsString::from)).unwrap_err().to_string();
            assert!(error.contains(hint) && !error.contains("similar"), "{error}");
        }
    }

    #[test]
    fn the_help_names_what_a_user_may_say_and_nothing_else() {
        let help = Args::command().render_help().to_string();
        for word in ["[HOST]", "[PORT]", "--profile", "--data-dir", "--demo", "--help", "--verbose", "invitation"] {
            assert!(help.contains(word), "{word} is missing in {help}");
        }
        assert!(!help.contains("--demo-window"));
    }

    #[test]
    fn more_v_tell_more() {
        let verbosity = |words: &[&str]| parsed(words).unwrap().verbosity();
        assert_eq!(verbosity(&[]), Verbosity::Quiet);
        assert_eq!(verbosity(&["-v"]), Verbosity::Verbose);
        assert_eq!(verbosity(&["-vvv"]), Verbosity::All);
    }
}
