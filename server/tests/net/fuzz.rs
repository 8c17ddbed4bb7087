//! A hundred thousand frames that nobody sane would send, while two users talk.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::task::JoinSet;
use whoelse_proto::codec::encode;
use whoelse_proto::limits::{MAX_FRAME, MAX_FRAME_BEFORE_LOGIN};
use whoelse_proto::{
    Agent, ClientFrame, Command, Content, Feature, GroupId, Lookup, MessageId, RequestId, ResumeToken, Seconds, Seq,
    ServerFrame, Target, Text, UserName, VersionRange,
};

use crate::client::{Client, NAMES, PASSWORD, Pin, assert_chat, credentials, name};

/// Frames in all, half of them before a login, half after.
const FRAMES: usize = 100_000;

/// Clients at the same time before a login, and as many logged in.
const CLIENTS: usize = 3;

/// One frame in so many is damaged; the others are whole and make little sense.
const DAMAGED_ONE_IN: u64 = 8;

/// MiB by which the server may grow: a few outboxes, and what the allocator keeps.
const MAX_GROWTH_MIB: usize = 24;

/// Every frame of the protocol's golden file, of either side.
fn golden() -> Vec<Vec<u8>> {
    let file = include_str!("../../../proto/tests/golden/messages.txt");
    let is_hex = |line: &str| line.len() > 8 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let frames = file.lines().map(str::trim).filter(|line| is_hex(line));
    frames.map(|line| data_encoding::HEXLOWER.decode(line.as_bytes()).unwrap()).collect()
}

/// `SplitMix64` (Steele, Lea, Flood 2014): the same frames at every run.
struct Dice {
    state: u64,
    golden: Vec<Vec<u8>>,
}

impl Dice {
    fn new(seed: u64) -> Self {
        Self { state: seed, golden: golden() }
    }

    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn blob(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.byte()).collect()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// A number, small or huge.
    fn number(&mut self) -> u64 {
        let bits = self.below(64);
        self.roll() >> bits
    }

    /// Never one of those who talk: what is written to `nobody` is heard by nobody.
    fn user(&mut self) -> UserName {
        self.pick(&["vader", "leia", "luke", "nobody", "0", "~!@#$%^&*_-+=|\\(){}[]:;\"'<>,.?/`"]).parse().unwrap()
    }

    fn text(&mut self) -> Text {
        let words = ["a", "\u{202e}right to left", "\u{1f680}", "x\u{0}y", "line\nline"];
        let times = 1 + self.below(40);
        Text::new(&self.pick(&words).repeat(times)).unwrap()
    }

    fn id(&mut self) -> MessageId {
        MessageId::from_bytes(self.bytes())
    }

    fn content(&mut self) -> Content {
        match self.below(6) {
            0 => Content::Edit { of: self.id(), text: self.text() },
            1 => Content::Reaction { to: self.id(), emoji: "\u{1f44d}".repeat(self.below(9)) },
            _ => Content::Text { text: self.text(), reply_to: (self.below(2) == 0).then(|| self.id()) },
        }
    }

    fn target(&mut self) -> Target {
        match self.below(4) {
            0 => Target::Everyone {},
            1 => Target::Group(GroupId::from_bytes(self.bytes())),
            _ => Target::User(self.user()),
        }
    }

    fn command(&mut self) -> Command {
        match self.below(10) {
            0 => Command::Send { id: self.id(), to: self.target(), content: self.content() },
            1 => Command::Send { id: MessageId::from_bytes([1; 16]), to: self.target(), content: self.content() },
            2 => Command::Whoelse {},
            3 => Command::Whoelsesince { seconds: Seconds::new(self.number()) },
            4 => Command::Block { name: self.user() },
            5 => Command::Unblock { name: self.user() },
            6 => Command::Blocked {},
            7 => Command::MarkRead { peer: self.user(), up_to: self.id() },
            8 => Command::Lookup(Lookup { ids: (0..self.below(400)).map(|_| self.id()).collect() }),
            _ => Command::Stay {},
        }
    }

    fn hello(&mut self) -> ClientFrame {
        ClientFrame::Hello {
            versions: VersionRange { min: self.pick(&[0, 1, 1, 1, 2]), max: self.pick(&[0, 1, 1, 9, u16::MAX]) },
            agent: Agent::new(&"agent".repeat(self.below(20))),
            features: vec![Feature::new("edit"); self.below(40)],
        }
    }

    /// Of every kind one, each with whatever it may hold.
    fn frame(&mut self) -> ClientFrame {
        match self.below(11) {
            0 => self.hello(),
            1 => ClientFrame::LoginStart { name: self.user(), credential_request: self.blob(200), pass: None },
            2 => ClientFrame::LoginFinish {
                credential_finalization: self.blob(100),
                take_over: false,
                new_password: None,
            },
            3 => ClientFrame::LoginGiveUp {},
            4 => ClientFrame::RegisterStart { name: self.user(), registration_request: self.blob(64), invite: None },
            5 => ClientFrame::RegisterFinish { registration_upload: self.blob(300) },
            6 => ClientFrame::Resume { name: self.user(), token: ResumeToken::from_bytes(self.bytes()) },
            7 => ClientFrame::Request { id: self.request(), command: self.command() },
            8 => ClientFrame::Ack { up_to: Seq::new(self.number()) },
            9 => ClientFrame::Ping {},
            _ => ClientFrame::Pong {},
        }
    }

    fn request(&mut self) -> RequestId {
        RequestId::new(u32::try_from(self.below(5)).unwrap())
    }

    /// A frame that a client may send before its login.
    fn entering(&mut self) -> ClientFrame {
        match self.below(4) {
            0 => ClientFrame::Ping {},
            1 => ClientFrame::LoginStart { name: name("nobody"), credential_request: self.blob(200), pass: None },
            _ => ClientFrame::Resume { name: self.user(), token: ResumeToken::from_bytes(self.bytes()) },
        }
    }

    /// A frame that a client may send after its login.
    fn talking(&mut self) -> ClientFrame {
        match self.below(10) {
            0 => ClientFrame::Ack { up_to: Seq::new(self.number()) },
            1 => ClientFrame::Pong {},
            _ => ClientFrame::Request { id: self.request(), command: self.command() },
        }
    }

    /// Damages a body.
    fn damage(&mut self, body: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(body.len());
            match self.below(7) {
                0 => body.truncate(at),
                1 => body.insert(at, self.byte()),
                2 => body.extend_from_slice(&self.blob(40)),
                3 => drop(body.splice(at.., vec![self.pick(&[0x91, 0x81, 0xc7]); 1000])),
                4 => drop(body.splice(at..at, [self.pick(&[0xdb, 0xdd, 0xdf, 0xc6, 0xc9]), 0xff, 0xff, 0xff, 0xff])),
                _ => {
                    if let Some(byte) = body.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
    }

    /// Bytes of a frame. Its length fits its body, or is over the limit.
    fn bytes_of(&mut self, frame: &ClientFrame, limit: usize) -> Vec<u8> {
        let mut body = encode(frame, MAX_FRAME).unwrap().split_off(4);
        let mut length = body.len();
        if self.roll().is_multiple_of(DAMAGED_ONE_IN) {
            if self.below(2) == 0 {
                let which = self.below(self.golden.len());
                body = self.golden[which][4..].to_vec();
            }
            self.damage(&mut body);
            let is_oversized = self.below(20) == 0;
            length = if is_oversized { limit + 1 + self.below(1 << 24) } else { body.len() };
        }
        [&u32::try_from(length).unwrap().to_be_bytes(), body.as_slice()].concat()
    }
}

/// Whether the connection still stands: the server answers a ping behind all that was sent.
async fn stands(client: &mut Client) -> bool {
    if client.send_bytes(&encode(&ClientFrame::Ping {}, MAX_FRAME).unwrap()).await.is_err() {
        return false;
    }
    while let Some(frame) = client.next().await {
        if frame == (ServerFrame::Pong {}) {
            return true;
        }
    }
    false
}

/// Sends frames to a connection until it is closed over one, or until there were enough.
async fn send_until_closed(
    client: &mut Client,
    dice: &mut Dice,
    sent: &AtomicUsize,
    mut frame: impl FnMut(&mut Dice) -> Vec<u8>,
) {
    while sent.fetch_add(1, Ordering::Relaxed) < FRAMES / 2 {
        let bytes = frame(dice);
        if client.send_bytes(&bytes).await.is_err() || !stands(client).await {
            return;
        }
    }
}

/// Sends before the login.
async fn enter(server: Pin, mut dice: Dice, sent: Arc<AtomicUsize>) {
    while sent.load(Ordering::Relaxed) < FRAMES / 2 {
        let mut client = server.connect().await;
        if dice.below(8) > 0 {
            client.hello().await;
        }
        let frame = |dice: &mut Dice| {
            let frame = if dice.below(6) == 0 { dice.frame() } else { dice.entering() };
            dice.bytes_of(&frame, MAX_FRAME_BEFORE_LOGIN)
        };
        send_until_closed(&mut client, &mut dice, &sent, frame).await;
    }
}

/// Sends after the login, and takes the session up again whenever the connection is closed.
async fn talk(server: Pin, user: &str, mut dice: Dice, sent: Arc<AtomicUsize>) {
    let mut client = server.greeted().await;
    let mut token = client.login(user, PASSWORD).await.unwrap().token;
    while sent.load(Ordering::Relaxed) < FRAMES / 2 {
        let frame = |dice: &mut Dice| {
            let frame = if dice.below(50) == 0 { dice.frame() } else { dice.talking() };
            dice.bytes_of(&frame, MAX_FRAME)
        };
        send_until_closed(&mut client, &mut dice, &sent, frame).await;
        drop(client);
        client = server.greeted().await;
        // A frame may by chance have ended the session.
        if client.resume(user, &token).await.is_err() {
            token = client.login(user, PASSWORD).await.unwrap().token;
        }
    }
}

/// The server's binary, for a fault in it to be seen as one.
struct Process {
    child: Child,
    folder: TempDir,
    out: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start() -> (Self, Pin) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("credentials.txt"), credentials()).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_whoelse-server"));
        command.current_dir(folder.path()).args(["0", "--bind", "127.0.0.1", "--data-dir", "data", "--send-rate", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).env_remove("RUST_LOG").spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = |start: &str| {
            let line = out.find_map(|line| line.unwrap().strip_prefix(start).map(str::to_owned));
            line.unwrap().trim().to_owned()
        };
        let address = said("listening on").parse().unwrap();
        let fingerprint = said("fingerprint").parse().unwrap();
        (Self { child, folder, out }, Pin { address, fingerprint })
    }

    /// MiB of private memory; nothing where the system does not say.
    fn memory_mib(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
        line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib / 1024)
    }

    /// Ends it, still running till here, and gives what it logged.
    fn end(mut self) -> String {
        assert_eq!(self.child.try_wait().unwrap(), None, "the server is gone");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        drop(self.out);
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_mad_frames_break_nothing_and_reach_nobody() {
    let (process, server) = Process::start();
    for user in NAMES {
        server.logged_in(user).await.request(Command::Logout {}).await.unwrap();
    }
    let mut hans = server.logged_in("hans").await;
    let mut yoda = server.logged_in("yoda").await;
    for mad in ["vader", "leia", "luke"] {
        hans.request(Command::Block { name: name(mad) }).await.unwrap();
        yoda.request(Command::Block { name: name(mad) }).await.unwrap();
    }
    let before = process.memory_mib();

    let (entering, talking) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut mad = JoinSet::new();
    for (seed, user) in (1..).zip(["vader", "leia", "luke"]).take(CLIENTS) {
        mad.spawn(enter(server, Dice::new(seed), Arc::clone(&entering)));
        mad.spawn(talk(server, user, Dice::new(1000 + seed), Arc::clone(&talking)));
    }
    while !mad.is_empty() {
        assert_chat(&mut hans, &mut yoda, "yoda", "sane").await;
        while let Some(done) = mad.try_join_next() {
            done.unwrap();
        }
    }

    assert!(entering.load(Ordering::Relaxed) >= FRAMES / 2 && talking.load(Ordering::Relaxed) >= FRAMES / 2);
    assert_chat(&mut yoda, &mut hans, "hans", "still sane").await;
    server.logged_in("vader").await;
    if let (Some(before), Some(after)) = (before, process.memory_mib()) {
        assert!(after < before + MAX_GROWTH_MIB, "grew from {before} to {after} MiB");
    }
    let log = process.end();
    assert!(!log.contains("panicked") && !log.contains("broke down"), "{log}");
}
