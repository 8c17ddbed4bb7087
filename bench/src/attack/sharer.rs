//! An attack through somebody who shares a file: packets to addresses that the attacker names.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command as Program, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use whoelse_proto::limits::MAX_ADDRESSES;
use whoelse_proto::{
    Addresses, Answer, Command, DeviceKey, FileName, FileRoot, FilesCommand, Naming, Outcome, PeerAddress,
    PrivateCommand, ServerFrame,
};

use super::client::{Client, failed, host, name};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::{Doing, Result};

/// Requests to fetch the file.
const FETCHES: u32 = 128;

/// The host whose addresses the attacker names as its own.
const TARGET: u8 = 9;

/// Bytes of the shared file.
const FILE_BYTES: usize = 3 << 20;

/// How long a program may take to say what is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A command line client, whose events are read.
struct Person {
    child: Child,
    input: ChildStdin,
    events: UnboundedReceiver<Value>,
}

impl Person {
    /// Starts the client and makes the account.
    fn start(attack: &Attack, site: &Site, folder: &Path, user: &str) -> Result<Self> {
        let mut child = Program::new(attack.beside_server("whoelse-cli")?)
            .args(["127.0.0.1", &site.door.address.port().to_string(), "--user", user, "--register", "--json"])
            .args(["--trust-first", "--password-stdin", "--data-dir"])
            .arg(folder.join(user))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .doing("starting the client")?;
        let (Some(input), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("a client without input or output"));
        };
        let (to, events) = unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(std::result::Result::ok) {
                // Nobody reads on once the attack is over.
                let _gone = serde_json::from_str(&line).map(|event| to.send(event));
            }
        });
        let mut person = Self { child, input, events };
        person.says("password")?;
        Ok(person)
    }

    fn says(&mut self, line: &str) -> Result<()> {
        writeln!(self.input, "{line}").doing("writing to the client")
    }

    /// Waits for an event of which something is picked.
    async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Result<Value> {
        let picked = async {
            loop {
                let event = self.events.recv().await.ok_or_else(|| failed("the client ended"))?;
                if is_it(&event) {
                    return Ok(event);
                }
            }
        };
        timeout(PATIENCE, picked).await.map_err(failed)?
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // Of no effect on one that has ended.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Names sixteen addresses of another host and asks for a shared file again and again; then somebody else fetches it.
pub(super) async fn aim_sharer(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let folder = tempfile::tempdir().doing("making a folder")?;
    let path: PathBuf = folder.path().join("plans.pdf");
    std::fs::write(&path, vec![7; FILE_BYTES]).doing("writing a file")?;
    let mut sharer = Person::start(attack, &site, folder.path(), "sharer")?;
    sharer.says(&format!("register {}", path.display()))?;
    sharer.until(|event| word(event, "event") == "ok" && word(event, "command") == "register").await?;

    let targets = targets()?;
    let mut attacker = site.user(66, "attacker").await?;
    let addresses = targets.iter().map(|socket| Ok(PeerAddress::Direct(socket.local_addr()?)));
    let addresses = Addresses::new(addresses.collect::<std::io::Result<Vec<_>>>().doing("asking for an address")?);
    let publish = PrivateCommand::Publish { device: DeviceKey::from_bytes([66; 32]), addresses };
    attacker.ask(Command::Private(publish)).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
    let root = root_of(&mut attacker, "plans.pdf").await?;
    let mut introduced = 0;
    for _ in 0..FETCHES {
        let fetch = FilesCommand::Fetch { root, holder: name("sharer")? };
        introduced += u32::from(attacker.ask(Command::Files(fetch)).await?.is_ok());
    }

    let mut seeker = Person::start(attack, &site, folder.path(), "seeker")?;
    seeker.says("download plans.pdf")?;
    let ended = seeker.until(|event| {
        word(event, "event") == "error"
            || word(event, "event") == "transfer" && ["done", "failed"].contains(&word(event, "state"))
    });
    let is_served = word(&ended.await?, "state") == "done";
    let packets = targets.iter().map(received).sum::<usize>();
    let figure = format!(
        "{introduced} of {FETCHES} requests passed on, {packets} packets to the host that was named; another is served: \
         {is_served}"
    );
    Ok(Verdict::bounded_if(Holds::from(packets == 0 && is_served), figure))
}

/// A word of an event; empty where there is none.
fn word<'event>(event: &'event Value, key: &str) -> &'event str {
    event.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Sockets of the host that asked for nothing.
fn targets() -> Result<Vec<UdpSocket>> {
    let bind = |_| {
        let socket = UdpSocket::bind((host(TARGET), 0))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    (0..MAX_ADDRESSES).map(bind).collect::<std::io::Result<_>>().doing("opening sockets")
}

/// Packets that wait at a socket.
fn received(socket: &UdpSocket) -> usize {
    let mut packet = [0; 2048];
    std::iter::from_fn(|| socket.recv(&mut packet).ok()).count()
}

async fn root_of(client: &mut Client, title: &str) -> Result<FileRoot> {
    let title = FileName::new(title).map_err(failed)?;
    let asked =
        client.post(Command::Files(FilesCommand::Search { name: title, any_of: None, names: Naming::Whole })).await?;
    client
        .hear_that(|frame| match frame {
            ServerFrame::Reply { id, outcome: Outcome::Ok(Answer::Found(files)), .. } if id == asked => {
                files.first().map(|found| found.file.root)
            }
            _ => None,
        })
        .await
}
