//! The real programs: a server, and two users in a private session.
#![allow(clippy::indexing_slicing, reason = "a field that is not there reads as null")]

use std::fs;
use std::io::{Error, Result, Write as _};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::{Running, lines};

/// A server with two accounts, and both of them signed in.
pub(super) struct Programs {
    sender: User,
    recipient: User,
    _server: Running,
    folder: TempDir,
}

/// What a transfer came to.
pub(super) struct Sent {
    pub(super) mib_per_s: f64,
    pub(super) sender_kib: u64,
    pub(super) recipient_kib: u64,
}

struct User {
    running: Running,
    input: ChildStdin,
    lines: Box<dyn Iterator<Item = String>>,
}

impl User {
    fn start(client: &Path, port: &str, fingerprint: &str, folder: &Path, name: &str) -> Result<Self> {
        let mut child = Command::new(client)
            .args(["127.0.0.1", port, "--user", name, "--password-stdin", "--json", "--trust-fingerprint", fingerprint])
            .arg("--accept-private")
            .arg("--data-dir")
            .arg(folder.join(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or_else(|| Error::other("no input"))?;
        let (running, lines) = lines(child)?;
        let mut user = Self { running, input, lines: Box::new(lines) };
        user.line("secret")?;
        user.until(|event| event["event"] == "login")?;
        Ok(user)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.input, "{line}")?;
        self.input.flush()
    }

    /// Its next event that fits.
    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        for line in self.lines.by_ref() {
            let event: Value = serde_json::from_str(&line)?;
            if fits(&event) {
                return Ok(event);
            }
            if event["state"] == "failed" {
                return Err(Error::other(line));
            }
        }
        Err(Error::other("a client ended"))
    }

    /// KiB that were resident at most.
    fn peak(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.0.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.and_then(|kib| kib.trim().parse().ok()).ok_or_else(|| Error::other("no VmHWM"))
    }
}

impl Programs {
    pub(super) fn start(server: &Path, client: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("credentials.txt"), "sender secret\nrecipient secret\n")?;
        let child = Command::new(server)
            .args(["0", "60", "0", "--bind", "127.0.0.1", "--credentials"])
            .arg(folder.path().join("credentials.txt"))
            .arg("--data-dir")
            .arg(folder.path().join("server"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (running, mut said) = lines(child)?;
        let mut value = |key: &str| said.find_map(|line| line.strip_prefix(key).map(|value| value.trim().to_owned()));
        let address = value("listening on").ok_or_else(|| Error::other("the server does not listen"))?;
        let fingerprint = value("fingerprint").ok_or_else(|| Error::other("the server has no fingerprint"))?;
        let port = address.rsplit(':').next().unwrap_or_default();
        let user = |name| User::start(client, port, &fingerprint, folder.path(), name);
        let (recipient, sender) = (user("recipient")?, user("sender")?);
        Ok(Self { sender, recipient, _server: running, folder })
    }

    /// Sends a file of so many MiB, measured from the moment when it is taken until it is whole, verified and named.
    pub(super) fn send(mut self, mib: u64) -> Result<Sent> {
        let path = self.folder.path().join("file");
        write(&path, mib)?;
        loop {
            self.sender.line("startprivate recipient")?;
            let answer = self.sender.until(|event| event["command"] == "startprivate")?;
            // A program that has just come takes no part yet.
            if answer["code"] != "no_device" {
                break;
            }
        }
        self.sender.until(|event| event["event"] == "private_open")?;
        self.sender.line(&format!("sendfile recipient {}", path.display()))?;
        let offer = self.recipient.until(|event| event["event"] == "file_offer")?;
        let begin = Instant::now();
        self.recipient.line(&format!("takefile {}", offer["id"]))?;
        self.recipient.until(|event| event["state"] == "done")?;
        let mib_per_s = mib as f64 / begin.elapsed().as_secs_f64();
        self.sender.until(|event| event["state"] == "done")?;
        Ok(Sent { mib_per_s, sender_kib: self.sender.peak()?, recipient_kib: self.recipient.peak()? })
    }
}

/// A file that is alike nowhere.
fn write(path: &Path, mib: u64) -> Result<()> {
    let mut file = fs::File::create(path)?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block = Vec::with_capacity(1 << 20);
    for _ in 0..mib {
        block.clear();
        while block.len() < 1 << 20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            block.extend((state >> 8).to_le_bytes());
        }
        file.write_all(&block)?;
    }
    file.sync_all()
}
