//! The runtime against a server that says what each test wants said.

mod addresses;
mod lines;
mod signing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::join;
use tokio::sync::Notify;
use tokio::time::timeout;
use whoelse_model::{ChatId, Credential, Event, Request, SignIn};
use whoelse_proto::{
    Answer, ClientFrame, Command, Fingerprint, Invitation, MessageId, Outcome, Password, RequestId, ServerFrame,
    SessionEnd, SessionKind, Text, UserName,
};

use super::Runtime;
use crate::profile::{Location, Profile};
use crate::testing::{FakeLine, FakeServer, THERE, deaf_address};

/// How long an event may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A user with a profile and a running client.
struct User {
    folder: TempDir,
    runtime: Option<Runtime>,
    woken: Arc<Notify>,
    events: VecDeque<Event>,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (runtime, woken) = start(&folder);
        Self { folder, runtime: Some(runtime), woken, events: VecDeque::new() }
    }

    /// Ends the client and starts another on the same profile.
    async fn restart(&mut self) {
        self.stop().await;
        let (runtime, woken) = start(&self.folder);
        self.runtime = Some(runtime);
        self.woken = woken;
    }

    async fn stop(&mut self) {
        let runtime = self.runtime.take();
        tokio::task::spawn_blocking(|| drop(runtime)).await.unwrap();
        self.events.clear();
    }

    fn ask(&self, request: Request) {
        self.runtime.as_ref().unwrap().send(request).unwrap();
    }

    fn sign_in(&self, server: &FakeServer, pin: Option<Fingerprint>, credential: Credential) {
        let (host, port) = (server.address.ip().to_string(), server.address.port());
        let server = Invitation { fingerprint: pin, ..Invitation::at(host, port) };
        self.ask(Request::SignIn(SignIn::new(server, name("yoda"), credential)));
    }

    fn write(&self, n: u8) {
        let (chat, text) = (ChatId::Direct(name("hans")), Text::new("words").unwrap());
        self.ask(Request::Write { id: id(n), chat, text, reply_to: None });
    }

    async fn event(&mut self) -> Event {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            self.events.extend(self.runtime.as_mut().unwrap().drain());
            if self.events.is_empty() {
                timeout(PATIENCE, self.woken.notified()).await.expect("nothing happens");
            }
        }
    }

    /// Events up to the first that fits; answers with that one.
    async fn until(&mut self, fits: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.event().await;
            if fits(&event) {
                return event;
            }
        }
    }

    async fn welcomed(&mut self) {
        self.until(|event| matches!(event, Event::Welcomed(_))).await;
    }
}

fn start(folder: &TempDir) -> (Runtime, Arc<Notify>) {
    let woken = Arc::new(Notify::new());
    let wakes = Arc::clone(&woken);
    let profile = Profile::open(&Location::Folder(folder.path().join("profile"))).unwrap();
    (Runtime::start(profile, move || wakes.notify_one()).unwrap(), woken)
}

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

fn password() -> Credential {
    Credential::Password(Password::new("wise@!@1wise").unwrap())
}

/// A user who is in, with the server's end of the line.
async fn signed_in(server: &FakeServer) -> (User, FakeLine) {
    let mut user = User::new();
    user.sign_in(server, Some(server.fingerprint), password());
    let (line, ()) = join!(let_in(server, 1), user.welcomed());
    (user, line)
}

/// Lets yoda in on the next connection with a password, with a token of these bytes.
async fn let_in(server: &FakeServer, token: u8) -> FakeLine {
    let record = server.record("yoda", "wise@!@1wise");
    let mut line = server.greet().await;
    assert!(line.check(record).await, "the password is proved");
    line.welcome("yoda", SessionKind::New, token).await;
    line
}

/// Lets yoda take the session up again on the next connection; answers with the first byte of the token shown.
async fn let_resume(server: &FakeServer, token: u8) -> (FakeLine, u8) {
    let mut line = server.greet().await;
    let Some(ClientFrame::Resume { token: shown, .. }) = line.receive().await else { panic!("no token is shown") };
    line.welcome("yoda", SessionKind::Resumed, token).await;
    (line, shown.expose()[0])
}

/// The next request that is not a look-up.
async fn request(line: &mut FakeLine) -> (RequestId, Command) {
    loop {
        match line.receive().await {
            Some(ClientFrame::Request { command: Command::Lookup(_), id }) => {
                reply(line, id, Answer::States(vec![])).await;
            }
            Some(ClientFrame::Request { id, command }) => return (id, command),
            Some(_) => {}
            None => panic!("the line ended"),
        }
    }
}

async fn reply(line: &mut FakeLine, id: RequestId, answer: Answer) {
    line.send(ServerFrame::Reply { id, more: false, outcome: Outcome::Ok(answer) }).await;
}

/// Takes the next message; answers with its id.
async fn accept(line: &mut FakeLine) -> MessageId {
    let (request, command) = request(line).await;
    let Command::Send { id, .. } = command else { panic!("{command:?}") };
    reply(line, request, Answer::Accepted { at: THERE, skipped: false }).await;
    id
}

/// Ends the session as the client asks.
async fn end_session(line: &mut FakeLine) {
    let (request, command) = request(line).await;
    assert_eq!(command, Command::Logout {});
    reply(line, request, Answer::Done {}).await;
    line.send(ServerFrame::SessionEnded { reason: SessionEnd::Logout }).await;
}
