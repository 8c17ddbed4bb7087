//! The driver with a real hub, a store that can be held up, and connections that are outboxes alone.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::mpsc;

use tempfile::TempDir;
use tokio::task::JoinHandle;
use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{AccountSnapshot, Snapshot, StoreOp, Token, TokenHash};
use whoelse_proto::codec::FrameReader;
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::{Answer, MessageId, NewAccounts, Outcome, Refusal, RequestId, ResumeToken, Seconds, UserName};

use super::*;
use crate::accounts::{Accounts, MissingFile};
use crate::data_dir::Paths;
use crate::net::outbox::{Mark, OUTBOX_BYTES, Taken};
use crate::store::{Outcome as StoreOutcome, Store, StoreError, StoreThread};

/// A store in memory that begins to work once it is told to, or breaks down when nobody can tell it any more.
struct HeldStore {
    memory: MemoryStore,
    go: mpsc::Receiver<()>,
}

impl Store for HeldStore {
    fn load(&mut self, _names: &BTreeSet<UserName>) -> Result<Snapshot, StoreError> {
        Ok(self.memory.start())
    }

    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<StoreOutcome> {
        self.go.recv().unwrap();
        batch.iter().map(|(ticket, op)| (*ticket, Ok(self.memory.perform(op.clone())))).collect()
    }
}

/// A running driver whose store waits.
struct Running {
    inputs: Sender<Input>,
    go: mpsc::Sender<()>,
    driving: JoinHandle<()>,
    users: usize,
    _store: StoreThread,
    _folder: TempDir,
}

fn name(n: usize) -> UserName {
    UserName::new(&format!("user{n}")).unwrap()
}

fn conn(n: usize) -> ConnId {
    ConnId::new(u64::try_from(n).unwrap())
}

fn hash() -> TokenHash {
    TokenHash::from_bytes([7; 32])
}

impl Running {
    /// With so many users, each of whom may resume.
    fn start(users: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths { data_dir: folder.path().join("data"), credentials: folder.path().join("credentials.txt") };
        let accounts = Arc::new(Accounts::open(&paths, MissingFile::Create).unwrap());
        let (go, wait) = mpsc::channel();
        let (ends, queues) = queues();
        let store = HeldStore { memory: MemoryStore::new((0..users).map(name)), go: wait };
        let (thread, jobs) = StoreThread::start(store, accounts, ends.results).unwrap();
        let mut clock = Clock::start();
        let account = AccountSnapshot { token: Some((hash(), clock.now())), ..AccountSnapshot::default() };
        let accounts = (0..users).map(|n| (name(n), account.clone())).collect();
        let snapshot = Snapshot { accounts, ..Snapshot::default() };
        let (lock, timeout) = (Seconds::new(60), Seconds::new(0));
        let config = whoelse_hub::Config {
            lock,
            timeout,
            registration: NewAccounts::Nobody,
            question: lock,
            limits: whoelse_hub::Limits::DEFAULT,
        };
        let (hub, first) = Hub::new(config, snapshot, clock.now());
        let driving = tokio::spawn(Driver::new(hub, clock, queues, jobs).run(first));
        Self { inputs: ends.inputs, go, driving, users, _store: thread, _folder: folder }
    }

    /// Logs everybody in.
    async fn log_in(&self) -> Vec<Arc<Outbox>> {
        self.log_in_first(self.users).await
    }

    /// Logs some of them in.
    async fn log_in_first(&self, count: usize) -> Vec<Arc<Outbox>> {
        let mut outboxes = Vec::new();
        for n in 0..count {
            let outbox = Arc::new(Outbox::default());
            outboxes.push(Arc::clone(&outbox));
            self.inputs.send(Input::Attach { conn: conn(n), outbox }).await.unwrap();
            let shown = Token { token: ResumeToken::from_bytes([0; 32]), hash: hash() };
            self.tell(Command::Resume { conn: conn(n), name: name(n), shown }).await;
        }
        outboxes
    }

    async fn tell(&self, command: Command) {
        self.inputs.send(Input::Hub(command)).await.unwrap();
    }

    /// Something that the store has to do.
    async fn ask(&self, n: usize, id: u32) {
        let command = whoelse_proto::Command::MarkRead { peer: name(0), up_to: MessageId::from_bytes([1; 16]) };
        self.tell(Command::Request { conn: conn(n), id: RequestId::new(id), command }).await;
    }

    /// Lets the store do whatever is asked from here on.
    fn release(&self) {
        let more_than_there_is_to_do = 100_000;
        // A store that is through is gone before it has taken them all.
        (0..more_than_there_is_to_do).all(|_| self.go.send(()).is_ok());
    }
}

/// Takes frames out until one is as wanted, or until the close.
async fn read_to(outbox: &Outbox, is_wanted: impl Fn(&ServerFrame) -> bool) -> Vec<ServerFrame> {
    let mut reader = FrameReader::new(MAX_FRAME);
    let mut frames = Vec::new();
    loop {
        let mut bytes = Vec::new();
        let taken = poll_fn(|cx| outbox.poll_take(cx, &mut bytes)).await;
        reader.feed(&bytes);
        while let Some(frame) = reader.next_frame().unwrap() {
            frames.push(frame);
        }
        if taken == Taken::Order(Order::Close) || frames.last().is_some_and(&is_wanted) {
            return frames;
        }
    }
}

fn answers(frames: &[ServerFrame]) -> Vec<(RequestId, Outcome)> {
    let mut found = Vec::new();
    for frame in frames {
        if let ServerFrame::Reply { id, outcome, .. } = frame {
            found.push((*id, outcome.clone()));
        }
    }
    found
}

fn is_answer(id: u32) -> impl Fn(&ServerFrame) -> bool {
    move |frame| matches!(frame, ServerFrame::Reply { id: answered, .. } if answered.get() == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_held_up_holds_everyone_up_and_then_everything_is_done() {
    const USERS: usize = 50;
    const EACH: u32 = 250;
    let running = Arc::new(Running::start(USERS));
    let outboxes = running.log_in().await;
    let asker = Arc::clone(&running);
    let asking = tokio::spawn(async move {
        for id in 0..EACH {
            for n in 0..USERS {
                asker.ask(n, id).await;
            }
        }
    });
    while running.inputs.capacity() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(!asking.is_finished(), "the queues hold everything: the test asks too little");

    running.release();

    asking.await.unwrap();
    let done = Outcome::Ok(Answer::Done {});
    let expected: Vec<_> = (0..EACH).map(|id| (RequestId::new(id), done.clone())).collect();
    for outbox in outboxes {
        assert_eq!(answers(&read_to(&outbox, is_answer(EACH - 1)).await), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_breaks_down_refuses_and_does_not_hold_anyone_up() {
    let mut running = Running::start(1);
    let outbox = running.log_in().await.remove(0);
    (running.go, _) = mpsc::channel();
    running.ask(0, 1).await;
    running.ask(0, 2).await;
    let refused = Outcome::Refused(Refusal::Storage);
    let expected = [(RequestId::new(1), refused.clone()), (RequestId::new(2), refused)];
    assert_eq!(answers(&read_to(&outbox, is_answer(2)).await), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_keep_up_is_closed_and_others_are_served() {
    let running = Running::start(2);
    running.release();
    let outboxes = running.log_in().await;
    while outboxes[0].send(vec![0; OUTBOX_BYTES / 100].into(), Mark::Plain).is_ok() {}

    // Large enough for what little room is left.
    for id in 0..200 {
        let command = whoelse_proto::Command::Whoelsesince { seconds: Seconds::new(9) };
        running.tell(Command::Request { conn: conn(0), id: RequestId::new(id), command }).await;
    }
    poll_fn(|cx| outboxes[0].poll_finished(cx)).await;

    let told = read_to(&outboxes[0], |_| false).await;
    assert_eq!(told, [ServerFrame::SessionEnded { reason: SessionEnd::TooSlow }]);
    running.ask(1, 1).await;
    assert_eq!(answers(&read_to(&outboxes[1], is_answer(1)).await).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_what_came_before_tells_everyone_and_waits_for_the_store() {
    let running = Running::start(3);
    let outboxes = running.log_in().await;
    let entering = Arc::new(Outbox::default());
    running.inputs.send(Input::Attach { conn: conn(9), outbox: Arc::clone(&entering) }).await.unwrap();
    running.inputs.send(Input::Stop).await.unwrap();
    for outbox in &outboxes {
        let told = read_to(outbox, |_| false).await;
        assert_eq!(told.last(), Some(&ServerFrame::SessionEnded { reason: SessionEnd::ServerStop }));
    }
    assert_eq!(read_to(&entering, |_| false).await, []);
    assert!(!running.driving.is_finished(), "the store has not closed the sessions yet");

    running.release();
    running.driving.await.unwrap();
    assert!(running.inputs.is_closed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roster_of_two_hundred_thousand_reaches_who_reads_slowly_and_others_are_served() {
    const USERS: usize = 200_000;
    let running = Running::start(USERS);
    running.release();
    let outboxes = running.log_in_first(2).await;
    let mut reader = FrameReader::new(MAX_FRAME);
    let (mut listed, mut writes, mut is_whole) = (0, 0, false);
    while !is_whole {
        let mut bytes = Vec::new();
        match poll_fn(|cx| outboxes[0].poll_take(cx, &mut bytes)).await {
            Taken::Frames { room: Room::There, .. } => running.tell(Command::Room { conn: conn(0) }).await,
            Taken::Frames { room: Room::Not, .. } | Taken::Order(Order::Admit(_)) => {}
            Taken::Order(order) => panic!("{order:?}"),
        }
        reader.feed(&bytes);
        while let Some(frame) = reader.next_frame().unwrap() {
            if let ServerFrame::Roster { users, more } = frame {
                listed += users.len();
                is_whole |= !more;
            }
        }
        // Meanwhile the other one asks and is answered.
        writes += 1;
        if writes % 50 == 1 {
            running.ask(1, writes).await;
            read_to(&outboxes[1], is_answer(writes)).await;
        }
    }
    assert_eq!(listed, USERS - 1);
    assert!(writes > 200, "{writes} writes: it came at once");
}
