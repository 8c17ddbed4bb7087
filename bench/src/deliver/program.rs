//! The real programs as processes, and the readers of what they print.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::oracle::{Run, User};
use crate::error::{Doing, Error, Result};

/// What a reader takes at once: little, so that one that stalls leaves much in the pipe.
const READ_BYTES: usize = 4096;

/// How long a program may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Seconds for which a client tries to reach a server that is away; longer than any run of blows.
const GIVE_UP_AFTER_S: &str = "600";

/// One line that a client printed.
pub(super) struct Printed {
    pub(super) by: User,
    pub(super) run: Run,
    pub(super) line: String,
}

/// What a reader does.
const READS: u8 = 0;
/// Waits, with its end of the pipe open.
const STALLS: u8 = 1;
/// Ends, and leaves what is in the pipe.
const DIES: u8 = 2;

/// Where everything is.
pub(super) struct Site {
    pub(super) server: PathBuf,
    pub(super) cli: PathBuf,
    pub(super) folder: PathBuf,
}

impl Site {
    /// Writes the accounts.
    pub(super) fn prepare(&self, users: usize) -> Result<()> {
        let lines: Vec<String> = (0..users).map(|user| format!("user{user} password-{user}\n")).collect();
        let accounts = lines.concat();
        fs::write(self.folder.join("credentials.txt"), accounts).doing("writing the accounts")
    }

    fn failed(program: &Path, cause: &dyn std::fmt::Display) -> Error {
        Error::Server { path: program.to_owned(), cause: cause.to_string() }
    }

    /// Starts the server on a port; 0 for a free one.
    pub(super) fn serve(&self, port: u16) -> Result<Server> {
        let mut child = Command::new(&self.server)
            .args([&port.to_string(), "60", "0", "--bind", "127.0.0.1", "--credentials"])
            .arg(self.folder.join("credentials.txt"))
            .arg("--data-dir")
            .arg(self.folder.join("server"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Self::failed(&self.server, &error))?;
        let out = child.stdout.take().ok_or_else(|| Self::failed(&self.server, &"it has no output"))?;
        let mut server = Server { process: Process { child }, port };
        let mut lines = BufReader::new(out).lines().map_while(std::result::Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on")?.trim().rsplit(':').next()?.parse().ok());
        server.port = address.ok_or_else(|| Self::failed(&self.server, &"it did not say where it listens"))?;
        thread::spawn(move || lines.count());
        Ok(server)
    }

    /// Starts the client of a user, which reaches the server at a port.
    pub(super) fn start(&self, user: User, run: Run, port: u16, to: &Sender<Printed>) -> Result<Client> {
        let mut child = Command::new(&self.cli)
            .args(["127.0.0.1", &port.to_string(), "--user", &format!("user{user}"), "--json", "--trust-first"])
            .args(["--password-stdin", "--give-up-after", GIVE_UP_AFTER_S, "--data-dir"])
            .arg(self.folder.join(format!("profile{user}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Self::failed(&self.cli, &error))?;
        let out = child.stdout.take().ok_or_else(|| Self::failed(&self.cli, &"it has no output"))?;
        let stdin = child.stdin.take().ok_or_else(|| Self::failed(&self.cli, &"it has no input"))?;
        let (input, lines) = channel();
        thread::spawn(move || write(stdin, &lines));
        let orders = Arc::new(AtomicU8::new(READS));
        let reader = {
            let (orders, to) = (Arc::clone(&orders), to.clone());
            thread::spawn(move || read(out, &orders, |line| to.send(Printed { by: user, run, line }).is_ok()))
        };
        let client = Client { process: Process { child }, input: Some(input), orders, reader: Some(reader), run };
        client.say(&format!("password-{user}"));
        Ok(client)
    }
}

/// Types lines until there are no more or the program ends. A program whose output nobody reads takes none for a while:
/// that holds up this thread, and not the run.
fn write(mut to: ChildStdin, lines: &Receiver<String>) {
    for line in lines {
        if to.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads lines until the program's output ends or the reader dies. What one read took is always passed on.
fn read(mut out: ChildStdout, orders: &AtomicU8, mut pass: impl FnMut(String) -> bool) {
    let (mut chunk, mut open) = ([0; READ_BYTES], Vec::new());
    loop {
        match orders.load(Ordering::SeqCst) {
            READS => {}
            STALLS => {
                thread::sleep(Duration::from_millis(2));
                continue;
            }
            _ => return,
        }
        let Ok(count @ 1..) = out.read(&mut chunk) else { return };
        for &byte in chunk.iter().take(count) {
            if byte != b'\n' {
                open.push(byte);
            } else if !pass(String::from_utf8_lossy(&std::mem::take(&mut open)).into_owned()) {
                return;
            }
        }
    }
}

struct Process {
    child: Child,
}

impl Process {
    fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // One that ended by itself needs none.
            let _ended = kill_process(pid, signal);
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    fn kill(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }

    /// Waits for an end that was asked for; kills a program that does not come to it.
    fn wait(&mut self) {
        let deadline = Instant::now() + STOP_WITHIN;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        self.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A running server.
pub(super) struct Server {
    process: Process,
    pub(super) port: u16,
}

impl Server {
    pub(super) fn kill(mut self) {
        self.process.kill();
    }

    pub(super) fn stop(mut self) {
        self.process.signal(Signal::TERM);
        self.process.wait();
    }

    pub(super) fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    pub(super) fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }
}

/// A running client with its reader.
pub(super) struct Client {
    process: Process,
    input: Option<Sender<String>>,
    orders: Arc<AtomicU8>,
    reader: Option<JoinHandle<()>>,
    pub(super) run: Run,
}

impl Client {
    /// Types a line. One that ended does not hear it, and its author's text is not accepted then.
    pub(super) fn say(&self, line: &str) {
        if let Some(input) = &self.input {
            let _ended = input.send(format!("{line}\n"));
        }
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.process.has_ended()
    }

    pub(super) fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    pub(super) fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }

    pub(super) fn stall_reader(&self) {
        self.orders.store(STALLS, Ordering::SeqCst);
    }

    /// Kills the program; all that it wrote is read before this returns.
    pub(super) fn kill(mut self) {
        self.process.kill();
        self.orders.store(READS, Ordering::SeqCst);
        self.join();
    }

    /// Kills the reader with what it did not read, and the program.
    pub(super) fn kill_reader(mut self) {
        self.orders.store(DIES, Ordering::SeqCst);
        self.process.kill();
        self.join();
    }

    /// Ends the input, and waits for the end of the program.
    pub(super) fn finish(mut self) {
        self.input = None;
        self.orders.store(READS, Ordering::SeqCst);
        self.process.wait();
        self.join();
    }

    fn join(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _panicked = reader.join();
        }
    }
}
