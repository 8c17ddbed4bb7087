//! What the server costs: CPU time for a login, memory for a session. Starts it, with folders of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_local;

use crate::error::{Doing, Error, Result};
use crate::load::{Conn, Context, make_accounts, on_one_thread};
use crate::procfs::memory;
use crate::protocol::Role;
use crate::span::{Span, print, round, whole};

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Costs {
    /// The server's program [default: whoelse-server beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Logins over which the CPU time is measured; 0 leaves that out
    #[arg(long, default_value_t = 2000)]
    logins: u32,
    /// Sessions over which the memory is measured; 0 leaves that out
    #[arg(long, default_value_t = 2000)]
    sessions: u32,
}

/// Users who log in and out again and again.
const WORKERS: u32 = 8;

/// What is measured is not slowed down: nobody makes thousands of accounts otherwise.
const NO_LIMITS: &[&str] = &["--accounts-per-hour", "0", "--accounts-at-once", "1000000", "--send-rate", "0"];

/// How long the server is left alone before its memory is read.
const SETTLE: Duration = Duration::from_secs(5);

/// A server that runs.
pub(crate) struct Running {
    child: Child,
    /// Kept open: a server that cannot print might stop.
    _out: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    program: PathBuf,
}

impl Running {
    /// Starts a server whose data lies in `folder`, on a free port, with these words behind its own, and with so many
    /// open files.
    pub(crate) fn start(program: &Path, folder: &Path, files: Option<u32>, words: &[&str]) -> Result<Self> {
        let failed = |cause: String| Error::Server { path: program.to_owned(), cause };
        let mut command = match files {
            None => Command::new(program),
            // The limit of this program is left alone: another thread may open files meanwhile.
            Some(files) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]).arg(program);
                shell
            }
        };
        let mut child = command
            .args(["0", "60", "0", "--bind", "127.0.0.1", "--registration", "open"])
            .arg("--credentials")
            .arg(folder.join("credentials.txt"))
            .arg("--data-dir")
            .arg(folder.join("data"))
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let out = child.stdout.take().ok_or_else(|| failed("it has no output".into()))?;
        let mut out = BufReader::new(out);
        let address = read_address(&mut out).ok_or_else(|| failed("it did not say where it listens".into()))?;
        Ok(Self { child, _out: out, address, program: program.to_owned() })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as an administrator would.
    fn stop(mut self) -> Result<()> {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).map_err(std::io::Error::from).doing("stopping the server")?;
        }
        let status = self.child.wait().doing("waiting for the server")?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Server { path: self.program.clone(), cause: format!("it ended with {status}") })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of no effect on one that has stopped.
        let _stopped = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The first address on this machine in what the server prints.
fn read_address(out: &mut impl BufRead) -> Option<SocketAddr> {
    let mut line = String::new();
    while out.read_line(&mut line).ok()? > 0 {
        let words = line.split(|c: char| c.is_whitespace() || c == '#' || c == '/').map(|word| word.trim_matches(','));
        if let Some(address) =
            words.filter_map(|word| word.parse().ok()).find(|address: &SocketAddr| address.port() > 0)
        {
            return Some(address);
        }
        line.clear();
    }
    None
}

/// A program beside this one.
pub(crate) fn beside_this(program: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe().doing("looking for the programs")?.with_file_name(program))
}

/// Measures what was asked for.
///
/// # Errors
/// If the server does not start, or refuses somebody.
pub(crate) fn run(costs: &Costs) -> Result<()> {
    let program = match &costs.server {
        Some(program) => program.clone(),
        None => beside_this("whoelse-server")?,
    };
    on_one_thread(async move {
        if costs.logins > 0 {
            logins(&program, costs.logins).await?;
        }
        if costs.sessions > 0 {
            sessions(&program, costs.sessions).await?;
        }
        Ok(())
    })
}

fn context(server: &Running) -> Result<Rc<Context>> {
    Context::for_whoelse(server.address, server.child.id(), WORKERS as usize)
}

/// CPU time of the server for a login and the logout behind it.
async fn logins(program: &Path, count: u32) -> Result<()> {
    let folder = TempDir::new().doing("making a folder")?;
    let server = Running::start(program, folder.path(), None, NO_LIMITS)?;
    let context = context(&server)?;
    make_accounts(&context, WORKERS).await?;
    let rounds = (count / WORKERS).max(1);
    log_in_and_out(&context, rounds.div_ceil(10)).await?;
    let span = Span::start(&[server.child.id()]);
    log_in_and_out(&context, rounds).await?;
    let (used, count) = (span.end(), f64::from(rounds * WORKERS));
    let fields = json!({
        "measure": "login",
        "accounts": WORKERS,
        "logins": whole(count),
        "server_cpu_ms_per_login": round(used.server.sum() * 1000.0 / count, 3),
        "logins_per_s": whole(count / used.seconds),
    });
    print(&[fields, used.fields()]);
    server.stop()
}

/// Every worker's user logs in and out so many times.
async fn log_in_and_out(context: &Rc<Context>, rounds: u32) -> Result<()> {
    let worker = |id| {
        let context = Rc::clone(context);
        spawn_local(async move {
            for _ in 0..rounds {
                log_out(&context.open(id, Role::User).await?).await;
            }
            Ok::<_, Error>(())
        })
    };
    let workers: Vec<_> = (0..WORKERS).map(worker).collect();
    for worker in workers {
        worker.await??;
    }
    Ok(())
}

/// Says goodbye and waits until the server has closed.
async fn log_out(conn: &Rc<Conn>) {
    conn.send(|session, out| session.leave(out));
    while conn.end().is_none() {
        conn.change().await;
    }
}

/// Memory of the server for a session that does nothing.
async fn sessions(program: &Path, count: u32) -> Result<()> {
    let folder = TempDir::new().doing("making a folder")?;
    let server = Running::start(program, folder.path(), None, NO_LIMITS)?;
    make_accounts(&context(&server)?, count).await?;
    server.stop()?;
    // Another process: what making the accounts left behind is not to be counted as what holding them needs.
    let server = Running::start(program, folder.path(), None, NO_LIMITS)?;
    let (context, pid) = (context(&server)?, server.child.id());
    log_out(&context.open(0, Role::User).await?).await;
    let before = memory(&[pid]);
    let span = Span::start(&[pid]);
    let conns = context.open_many(0..count, Role::User).await?;
    let used = span.end();
    tokio::time::sleep(SETTLE).await;
    let after = memory(&[pid]);
    let idle = Span::start(&[pid]);
    tokio::time::sleep(SETTLE).await;
    let idle = idle.end();
    let ended = conns.iter().filter(|conn| conn.end().is_some()).count();
    let fields = json!({
        "measure": "session",
        "sessions": count,
        "ended": ended,
        "rss_before_kib": before.rss,
        "rss_kib": after.rss,
        "rss_kib_per_session": round(after.rss.saturating_sub(before.rss) as f64 / f64::from(count), 2),
        "logins_per_s": whole(f64::from(count) / used.seconds),
        "server_cpu_ms_per_login": round(used.server.sum() * 1000.0 / f64::from(count), 3),
        "idle_cores": round(idle.server.sum() / idle.seconds, 4),
    });
    print(&[fields, used.fields()]);
    drop(conns);
    server.stop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_the_server_prints() {
        let mut out = "Whoelse listens\non 127.0.0.1:4711, and so on\n".as_bytes();
        assert_eq!(read_address(&mut out), Some("127.0.0.1:4711".parse().unwrap()));
        let mut out = "whoelse://127.0.0.1:4711#abc\n".as_bytes();
        assert_eq!(read_address(&mut out), Some("127.0.0.1:4711".parse().unwrap()));
        assert_eq!(read_address(&mut "nothing\n".as_bytes()), None);
    }
}
