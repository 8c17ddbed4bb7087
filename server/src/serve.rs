//! Serving: says where, and stops cleanly when told to.

use std::io::{self, Write};

use tokio::runtime::Runtime;
use whoelse_server::{Config, Listen, Server};

use crate::Failure;

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn serve(config: Config, relay: Option<Listen>) -> Result<(), Failure> {
    Runtime::new()?.block_on(async {
        let mut signals = Signals::listen()?;
        let mut server = match relay {
            #[cfg(feature = "relay")]
            Some(listen) => Server::start_with_relay(config, listen).await?,
            _ => Server::start(config).await?,
        };
        announce(&server)?;
        tokio::select! {
            () = signals.next() => {}
            () = server.broken() => return Err("the server broke down".into()),
        }
        tracing::info!("stopping");
        tokio::select! {
            () = server.stop() => Ok(()),
            () = signals.next() => Err("stopped at once; what was accepted is kept".into()),
        }
    })
}

/// Says what clients need to know.
fn announce(server: &Server) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "whoelse-server {}", env!("CARGO_PKG_VERSION"))?;
    for address in server.addresses() {
        writeln!(out, "listening on  {address}")?;
    }
    if let Some(address) = server.relay_address() {
        writeln!(out, "relay on      {address}")?;
    }
    writeln!(out, "fingerprint   {}", server.fingerprint())?;
    writeln!(out, "data folder   {}", server.data_dir().display())?;
    Ok(out.flush()?)
}

/// The signals that mean: stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

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

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.interrupt_group.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
