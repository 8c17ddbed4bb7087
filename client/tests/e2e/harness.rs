//! The real programs, driven line by line. Waits are for lines, never for time alone.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a line may take on a busy machine before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The accounts of every test, as a file of accounts has them.
const ACCOUNTS: &str = "hans falcon\nyoda wise@!@1wise\nleia rebellion\nluke force\n";

/// A server that is not started yet: its folder with the accounts.
pub(crate) struct Site {
    folder: TempDir,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// Where its relay listens, if it has one.
    pub(crate) relay: Option<SocketAddr>,
    pub(crate) fingerprint: String,
}

/// How a server is started.
#[allow(clippy::struct_field_names, reason = "the unit is part of the name")]
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// Seconds for which a name is locked.
    pub(crate) lock_s: u64,
    /// Seconds without activity after which a session ends; 0 is never.
    pub(crate) timeout_s: u64,
    /// Seconds for which a question for a private session is open.
    pub(crate) question_s: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lock_s: 60, timeout_s: 0, question_s: 60 }
    }
}

/// The server's program beside this one's; built where it is missing.
fn server_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_whoelse-cli")).parent().unwrap();
        let program = folder.join(format!("whoelse-server{}", std::env::consts::EXE_SUFFIX));
        if !program.exists() {
            let profile = match folder.file_name().and_then(|name| name.to_str()) {
                Some("debug") | None => "dev",
                Some(profile) => profile,
            };
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let built = Command::new(cargo).args(["build", "-p", "whoelse-server", "--profile", profile]).status();
            assert!(built.unwrap().success(), "building the server");
        }
        program
    })
}

impl Site {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("credentials.txt"), ACCOUNTS).unwrap();
        Self { folder }
    }

    /// Starts the server on a free port.
    pub(crate) fn serve(&self, rules: Rules) -> Server {
        self.serve_on(0, rules)
    }

    /// Starts the server on a port.
    pub(crate) fn serve_on(&self, port: u16, rules: Rules) -> Server {
        self.serve_with(port, rules, &[])
    }

    /// Starts the server with a relay, which listens there.
    pub(crate) fn serve_with_relay(&self, rules: Rules, relay: &str) -> Server {
        self.serve_with(0, rules, &[&format!("--relay={relay}")])
    }

    /// Starts the server with further arguments.
    pub(crate) fn serve_with(&self, port: u16, rules: Rules, more: &[&str]) -> Server {
        let log = fs::File::options().append(true).create(true).open(self.folder.path().join("server.log")).unwrap();
        let mut child = Command::new(server_program())
            .args([port.to_string(), rules.lock_s.to_string(), rules.timeout_s.to_string()])
            .args(["--question", &rules.question_s.to_string(), "--bind", "127.0.0.1", "--credentials"])
            .arg(self.folder.path().join("credentials.txt"))
            .arg("--data-dir")
            .arg(self.server_folder())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut words = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut value = |key: &str| {
            let line = words.find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("the server tells no {key}"));
            line[key.len()..].trim().to_owned()
        };
        let address = value("listening on");
        let has_relay = more.iter().any(|arg| arg.starts_with("--relay"));
        let relay = has_relay.then(|| value("relay on").parse().unwrap());
        let fingerprint = value("fingerprint");
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        thread::spawn(move || words.count());
        Server { child, port, relay, fingerprint }
    }

    /// What servers have logged so far.
    pub(crate) fn server_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap()
    }

    /// What an order of the administrator prints.
    pub(crate) fn order(&self, words: &str) -> String {
        let mut order = Command::new(server_program());
        order.args(words.split_whitespace()).arg("--data-dir").arg(self.server_folder());
        order.arg("--credentials").arg(self.folder.path().join("credentials.txt"));
        let output = order.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Where the server keeps its files.
    pub(crate) fn server_folder(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// What the server's files hold.
    pub(crate) fn server_files(&self) -> Vec<Vec<u8>> {
        let files = fs::read_dir(self.server_folder()).unwrap();
        files.filter_map(|file| fs::read(file.unwrap().path()).ok()).collect()
    }

    /// The profile of a user.
    pub(crate) fn profile(&self, user: &str) -> PathBuf {
        self.folder.path().join("profiles").join(user)
    }

    /// A client that logs in with the account's password and is welcomed.
    pub(crate) fn login(&self, server: &Server, user: &str) -> Client {
        let mut client = self.start(server, user, password(user), &[]);
        client.expect(json!({"event": "login", "ok": true}));
        client
    }

    /// A client with any password and further arguments.
    pub(crate) fn start(&self, server: &Server, user: &str, password: &str, args: &[&str]) -> Client {
        let key = ["--trust-fingerprint", server.fingerprint.as_str()];
        let mut client = Client::spawn(&self.profile(user), server.port, &["--user", user, "--json"], &[&key, args]);
        client.line(password);
        client
    }

    /// A client of a user on another computer: with a profile of its own.
    pub(crate) fn start_elsewhere(&self, server: &Server, user: &str) -> Client {
        let key = ["--trust-fingerprint", server.fingerprint.as_str()];
        let profile = self.folder.path().join("elsewhere").join(user);
        let mut client = Client::spawn(&profile, server.port, &["--user", user, "--json"], &[&key]);
        client.line(password(user));
        client
    }

    /// As [`Self::start`], with words for people in place of JSON.
    pub(crate) fn start_plain(&self, server: &Server, user: &str) -> Client {
        let key = ["--trust-fingerprint", server.fingerprint.as_str()];
        let mut client = Client::spawn(&self.profile(user), server.port, &["--user", user], &[&key]);
        client.line(password(user));
        client
    }

    /// As [`Self::start`], without any word of the server's key.
    pub(crate) fn start_unknowing(&self, port: u16, user: &str, args: &[&str]) -> Client {
        let mut client = Client::spawn(&self.profile(user), port, &["--user", user, "--json"], &[args]);
        client.line(password(user));
        client
    }

    /// The program for a user whose session the profile keeps, to be started at a terminal.
    pub(crate) fn at_terminal(&self, server: &Server, user: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoelse-cli"));
        command.args(["127.0.0.1", &server.port.to_string(), "--user", user, "--data-dir"]).arg(self.profile(user));
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        command
    }

    /// Messages in the outbox of a user's profile.
    pub(crate) fn outbox(&self, user: &str) -> i64 {
        let mut count = 0;
        let Ok(servers) = fs::read_dir(self.profile(user).join("history")) else { return 0 };
        for file in servers.flat_map(|server| fs::read_dir(server.unwrap().path()).unwrap()) {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "sqlite") {
                let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
                let database = rusqlite::Connection::open_with_flags(path, flags).unwrap();
                let sql = "SELECT count(*) FROM messages WHERE direction = 'out' AND accepted_at IS NULL";
                count += database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0);
            }
        }
        count
    }
}

/// An account's password.
pub(crate) fn password(user: &str) -> &'static str {
    ACCOUNTS.lines().find_map(|line| line.strip_prefix(user)?.strip_prefix(' ')).unwrap_or("none")
}

impl Server {
    /// Kills it without a chance to write anything more.
    pub(crate) fn kill(mut self) -> u16 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.port
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> u16 {
        signal(self.child.id(), Signal::SIGTERM);
        assert!(self.child.wait().unwrap().success());
        self.port
    }

    /// Makes it stand still.
    pub(crate) fn freeze(&self) {
        freeze(&self.child);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal(self.child.id(), Signal::SIGCONT);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Sends a signal.
pub(crate) fn signal(process: u32, what: Signal) {
    kill(pid(process), what).unwrap();
}

/// Makes a program stand still, all its threads: the signal alone lets some of them go on for a moment.
fn freeze(child: &Child) {
    signal(child.id(), Signal::SIGSTOP);
    let stopped = waitpid(pid(child.id()), Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(pid(child.id()), Signal::SIGSTOP));
}

fn pid(process: u32) -> Pid {
    Pid::from_raw(process.try_into().unwrap())
}

/// A running client.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Client {
    fn spawn(profile: &Path, port: u16, args: &[&str], more: &[&[&str]]) -> Self {
        Self::spawn_at(profile, &format!("127.0.0.1:{port}"), args, &more.concat())
    }

    /// A client of the server that is named by this address or invitation.
    pub(crate) fn spawn_at(profile: &Path, address: &str, args: &[&str], more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoelse-cli"));
        command.args([address, "--password-stdin"]).args(args).args(more);
        command.arg("--data-dir").arg(profile).env("TZ", "UTC");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (to_test, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| to_test.send(line)));
        let input = child.stdin.take();
        Self { child, input, lines }
    }

    /// Types a line.
    pub(crate) fn line(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        // A client that ended has refused the login; what it printed tells.
        let _ = input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush());
    }

    /// Its next line of output.
    pub(crate) fn next_line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("nothing more is printed"),
            Err(RecvTimeoutError::Disconnected) => panic!("the client ended"),
        }
    }

    /// Its next event, whole.
    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_line()).unwrap()
    }

    /// Its next event is this one, apart from ids and times.
    pub(crate) fn expect(&mut self, expected: Value) {
        let mut event = self.next();
        for volatile in ["id", "sent_at", "text"] {
            if expected.get(volatile).is_none() {
                event.as_object_mut().unwrap().remove(volatile);
            }
        }
        assert_eq!(event, expected);
    }

    /// Its next events are these, in any order: they have different causes.
    pub(crate) fn expect_all(&mut self, mut expected: Vec<Value>) {
        while !expected.is_empty() {
            let mut event = self.next();
            for volatile in ["id", "sent_at"] {
                event.as_object_mut().unwrap().remove(volatile);
            }
            let place = expected.iter().position(|one| *one == event);
            expected.remove(place.unwrap_or_else(|| panic!("{event} is none of {expected:?}")));
        }
    }

    /// Its next event of this kind; others that come before are passed over.
    pub(crate) fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next();
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Asks a user for a private session, again and again while their program has just come and takes no part yet.
    pub(crate) fn start_private(&mut self, with: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.line(&format!("startprivate {with}"));
            let answer = loop {
                let event = self.next();
                if event["command"] == "startprivate" {
                    break event;
                }
            };
            if answer["event"] == "ok" {
                return;
            }
            assert!(answer["code"] == "no_device" && Instant::now() < deadline, "{answer}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types a command and expects its answer.
    pub(crate) fn ask(&mut self, command: &str, answer: Value) {
        self.line(command);
        self.expect(answer);
    }

    /// Types a command and expects that it is refused.
    pub(crate) fn refused(&mut self, command: &str, code: &str) {
        let name = command.split(' ').next().unwrap();
        self.line(command);
        // Who comes and goes meanwhile is told whenever it is so.
        let event = std::iter::repeat_with(|| self.next()).find(|event| event["event"] != "presence").unwrap();
        let told = json!({"event": event["event"], "command": event["command"], "code": event["code"]});
        assert_eq!(told, json!({"event": "error", "command": name, "code": code}), "{event}");
    }

    /// Types a message and waits until it is on the recipient's disk.
    pub(crate) fn deliver(&mut self, to: &str, text: &str) {
        self.line(&format!("message {to} {text}"));
        self.expect(json!({"event": "sent", "to": to, "state": "accepted"}));
        self.expect(json!({"event": "sent", "to": to, "state": "delivered"}));
    }

    /// Types a message and waits until the server has it; the recipient is not there.
    pub(crate) fn leave(&mut self, to: &str, text: &str) {
        self.ask(&format!("message {to} {text}"), json!({"event": "sent", "to": to, "state": "accepted"}));
    }

    /// Ends the input, and checks what is printed until the program ends with this status.
    pub(crate) fn finish(mut self, last: &[Value], status: i32) {
        self.input = None;
        for event in last {
            self.expect(event.clone());
        }
        self.ends(status);
    }

    /// Ends the input, and waits for the end whatever is printed.
    pub(crate) fn logout_whatever_comes(mut self) {
        self.input = None;
        while self.lines.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().unwrap();
    }

    /// Ends the input of a session that all commands of succeeded.
    pub(crate) fn logout(self) {
        self.finish(&[json!({"event": "session_end", "reason": "logout"})], 0);
    }

    /// The program prints nothing more and ends with this status.
    pub(crate) fn ends(mut self, status: i32) {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => panic!("one more line: {line}"),
            Err(RecvTimeoutError::Timeout) => panic!("the client does not end"),
            Err(RecvTimeoutError::Disconnected) => {}
        }
        assert_eq!(self.child.wait().unwrap().code(), Some(status));
    }

    /// Kills it without a chance to write anything more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Makes it stand still.
    pub(crate) fn freeze(&self) {
        freeze(&self.child);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal(self.child.id(), Signal::SIGCONT);
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, what: Signal) {
        signal(self.child.id(), what);
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether the program has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Asks again and again until it is so: for what no line tells.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A message as its recipient prints it.
pub(crate) fn message(from: &str, text: &str) -> Value {
    json!({"event": "message", "from": from, "text": text, "stored": false})
}

/// A message that waited for its recipient.
pub(crate) fn stored(from: &str, text: &str) -> Value {
    json!({"event": "message", "from": from, "text": text, "stored": true})
}

/// Somebody came or went.
pub(crate) fn presence(user: &str, reason: &str) -> Value {
    json!({"event": "presence", "user": user, "online": reason == "login", "reason": reason})
}
