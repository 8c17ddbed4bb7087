//! Serving: says where, reads the accounts again and stops cleanly when told to.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::sleep;
use whoelse_proto::NewAccounts;
use whoelse_server::accounts::published_passwords;
use whoelse_server::data_dir::Paths;
use whoelse_server::{Config, Listen, Server};

use crate::Failure;

/// How often to look whether the address to listen on is there.
const ADDRESS_GLANCE: Duration = Duration::from_secs(1);

/// Who may come in with the published passwords of the sample accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleAccounts {
    /// Programs on this computer.
    ForThisComputer,
    /// Everyone on the network.
    ForEveryone,
}

/// Serves until told to stop.
pub(crate) fn serve(config: Config, relay: Option<Listen>, sample: SampleAccounts) -> Result<(), Failure> {
    let (config, relay) = keep_samples_here(config, relay, sample)?;
    let runtime = Runtime::new().map_err(|error| refused_by_system(&error))?;
    runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|error| refused_by_system(&error))?;
        tokio::select! {
            () = wait_for_address(config.listen) => {}
            () = signals.stop() => return Ok(()),
        }
        let registration = config.registration;
        let mut server = match relay {
            #[cfg(feature = "relay")]
            Some(listen) => Server::start_with_relay(config, listen).await?,
            _ => Server::start(config).await?,
        };
        announce(&server, registration)
            .map_err(|error| format!("cannot write the output: {}", whoelse_plain::file(&error)))?;
        loop {
            tokio::select! {
                told = signals.next() => match told {
                    Told::Stop => break,
                    Told::Reread => server.reread_accounts(),
                },
                () = server.broken() => return Err("the server broke down; its log says why".into()),
            }
        }
        tracing::info!("stopping");
        tokio::select! {
            () = server.stop() => Ok(()),
            () = signals.stop() => Err("stopped at once; what was accepted is kept".into()),
        }
    })
}

/// The system gives no threads, or no signals.
fn refused_by_system(error: &io::Error) -> Failure {
    format!("the system does not let the server start: {}", whoelse_plain::systems_words(error)).into()
}

/// Keeps a server with published passwords on this computer, unless it is to be for everyone.
fn keep_samples_here(
    mut config: Config,
    relay: Option<Listen>,
    sample: SampleAccounts,
) -> Result<(Config, Option<Listen>), Failure> {
    let paths = Paths { data_dir: config.data_dir.clone(), credentials: config.credentials.clone() };
    let published = published_passwords(&paths);
    if published.is_empty() || sample == SampleAccounts::ForEveryone {
        return Ok((config, relay));
    }
    let names = published.iter().map(whoelse_proto::UserName::as_str).collect::<Vec<_>>().join(", ");
    let path = config.credentials.display();
    let why = format!("accounts in {path} have passwords that are published with the program: {names}");
    let remedy = "change them (`whoelse-server user passwd NAME`), or let everyone in with --sample-accounts";
    if [Some(config.listen), relay].into_iter().flatten().any(is_elsewhere) {
        return Err(format!("{why}; {remedy}, or listen on this computer alone").into());
    }
    if let Listen::Everywhere { .. } = config.listen {
        tracing::warn!("LISTENING ON THIS COMPUTER ALONE (127.0.0.1): {why}; {remedy}");
    }
    config.listen = here(config.listen);
    Ok((config, relay.map(here)))
}

/// Whether one address is asked for that others reach.
const fn is_elsewhere(listen: Listen) -> bool {
    match listen {
        Listen::At(address) => !address.ip().is_loopback(),
        Listen::Everywhere { .. } => false,
    }
}

/// The same port on this computer alone.
const fn here(listen: Listen) -> Listen {
    match listen {
        Listen::Everywhere { port } => Listen::At(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        Listen::At(_) => listen,
    }
}

/// Waits until the address to listen on is one of this computer's: at boot the network may come later.
async fn wait_for_address(listen: Listen) {
    let Listen::At(address) = listen else { return };
    if !is_absent(address.ip()) {
        return;
    }
    tracing::warn!("{} is no address of this computer yet; listening as soon as it is", address.ip());
    while is_absent(address.ip()) {
        sleep(ADDRESS_GLANCE).await;
    }
    tracing::warn!("{} is there", address.ip());
}

/// Whether this computer does not have the address. Anything else that is wrong with it the start itself says.
fn is_absent(ip: IpAddr) -> bool {
    TcpListener::bind((ip, 0)).is_err_and(|error| error.kind() == io::ErrorKind::AddrNotAvailable)
}

/// Says what clients need to know.
fn announce(server: &Server, registration: NewAccounts) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "whoelse-server {}", env!("CARGO_PKG_VERSION"))?;
    for address in server.addresses() {
        writeln!(out, "listening on  {address}")?;
    }
    if let Some(address) = server.relay_address() {
        writeln!(out, "relay on      {address}")?;
    }
    writeln!(out, "fingerprint   {}", server.fingerprint())?;
    let folder = server.data_dir().display();
    if registration == NewAccounts::Invited {
        writeln!(out, "accounts      by invitation; this prints one: whoelse-server invite --data-dir {folder}")?;
    }
    writeln!(out, "data folder   {folder}")?;
    out.flush()
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// To end.
    Stop,
    /// To read the accounts again.
    Reread,
}

impl Signals {
    /// Waits for a signal to stop; one to read again changes nothing here.
    async fn stop(&mut self) {
        while self.next().await == Told::Reread {}
    }
}

/// Whether this process has a terminal.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Terminal {
    There,
    None,
}

#[cfg(unix)]
impl Terminal {
    /// A terminal that was closed counts as none.
    fn look() -> Self {
        use std::io::IsTerminal as _;
        let is_there = io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal();
        if is_there { Self::There } else { Self::None }
    }
}

/// What a hang-up asks for. It comes when the terminal that the server was started in is closed, which ends it; else
/// from an administrator or a service manager, who mean: read again.
#[cfg(unix)]
fn hung_up(at_start: Terminal, is: Terminal) -> Told {
    if at_start == Terminal::There && is == Terminal::None { Told::Stop } else { Told::Reread }
}

/// The signals that are heard.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    terminal: Terminal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            terminal: Terminal::look(),
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.terminate.recv() => Told::Stop,
            _ = self.hang_up.recv() => hung_up(self.terminal, Terminal::look()),
        }
    }
}

/// The signals that are heard: a key, the end of the console, of the user's session, of the system.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    /// What a supervisor can send.
    interrupt_group: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    log_off: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        Ok(Self {
            interrupt: ctrl_c()?,
            interrupt_group: ctrl_break()?,
            close: ctrl_close()?,
            log_off: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.interrupt_group.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shutdown.recv() => {}
        }
        Told::Stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &std::path::Path, credentials: &str, listen: &str) -> Config {
        let path = folder.join("credentials.txt");
        std::fs::write(&path, credentials).unwrap();
        let mut config = Config::new(folder.join("data"), path);
        config.listen = listen.parse().map_or(Listen::Everywhere { port: 3331 }, Listen::At);
        config
    }

    #[cfg(unix)]
    #[test]
    fn a_hang_up_stops_a_server_whose_terminal_is_closed_and_has_any_other_read_the_accounts_again() {
        assert_eq!(hung_up(Terminal::There, Terminal::None), Told::Stop);
        assert_eq!(hung_up(Terminal::There, Terminal::There), Told::Reread);
        assert_eq!(hung_up(Terminal::None, Terminal::None), Told::Reread);
    }

    #[test]
    fn published_passwords_stay_on_this_computer_unless_they_are_for_everyone() {
        let folder = tempfile::tempdir().unwrap();
        let listen = |credentials: &str, listen: &str, sample| {
            keep_samples_here(config(folder.path(), credentials, listen), None, sample).map(|(config, _)| config.listen)
        };
        let here = Listen::At("127.0.0.1:3331".parse().unwrap());
        let everywhere = Listen::Everywhere { port: 3331 };
        let own = "hans hunter2\n";
        let sample = "hans falcon\n";
        assert_eq!(listen(sample, "", SampleAccounts::ForThisComputer).unwrap(), here);
        assert_eq!(
            listen(sample, "[::1]:5", SampleAccounts::ForThisComputer).unwrap(),
            Listen::At("[::1]:5".parse().unwrap())
        );
        assert_eq!(listen(sample, "", SampleAccounts::ForEveryone).unwrap(), everywhere);
        assert_eq!(listen(own, "", SampleAccounts::ForThisComputer).unwrap(), everywhere);
        let refused = listen(sample, "192.0.2.1:5", SampleAccounts::ForThisComputer).unwrap_err().to_string();
        assert!(refused.contains("hans") && refused.contains("--sample-accounts"), "{refused}");
        assert!(listen(own, "192.0.2.1:5", SampleAccounts::ForThisComputer).is_ok());
    }

    #[test]
    fn an_address_of_another_computer_is_absent_and_one_of_this_is_not() {
        assert!(is_absent("192.0.2.1".parse().unwrap()));
        assert!(!is_absent(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }
}
