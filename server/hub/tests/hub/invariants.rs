//! Whatever is asked, in whatever order: one session a name, nothing reaches one who may not have it, nothing comes
//! twice, and a reader who is too slow disturbs nobody else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use whoelse_hub::{Command, ConnId};
use whoelse_proto as proto;
use whoelse_proto::{Answer, MessageId, Outcome, Presence, Seq, ServerFrame, Target, UserName};

use crate::house::{Disk, House, Told, name, token};

const NAMES: [&str; 4] = ["hans", "leia", "luke", "yoda"];

/// What somebody does. Users and connections by number, taken modulo how many there are.
#[derive(Clone, Debug)]
enum Step {
    Login(usize),
    Fail(usize),
    Resume(usize),
    Cut(usize),
    Overflow(usize),
    Message(usize, usize),
    Again(usize),
    Broadcast(usize),
    Block(usize, usize),
    Unblock(usize, usize),
    Whoelse(usize),
    Since(usize),
    Acknowledge(usize),
    Publish(usize, bool),
    Start(usize, usize),
    Accept(usize, usize),
    Decline(usize, usize),
    Stop(usize, usize),
    Register(usize),
    Search(usize),
    Fetch(usize, usize),
    Stay(usize),
    Heard(usize),
    Logout(usize),
    Pass(u64),
    Disk(bool),
    Hold,
    Commit,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..8_usize;
    prop_oneof![
        4 => one.clone().prop_map(Step::Login),
        1 => one.clone().prop_map(Step::Fail),
        2 => one.clone().prop_map(Step::Resume),
        1 => one.clone().prop_map(Step::Cut),
        1 => one.clone().prop_map(Step::Overflow),
        6 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Message(a, b)),
        2 => one.clone().prop_map(Step::Again),
        3 => one.clone().prop_map(Step::Broadcast),
        2 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Block(a, b)),
        2 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Unblock(a, b)),
        1 => one.clone().prop_map(Step::Whoelse),
        1 => one.clone().prop_map(Step::Since),
        4 => one.clone().prop_map(Step::Acknowledge),
        5 => (one.clone(), prop::bool::weighted(0.1)).prop_map(|(a, other)| Step::Publish(a, other)),
        5 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Start(a, b)),
        4 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Accept(a, b)),
        1 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Decline(a, b)),
        2 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Stop(a, b)),
        2 => one.clone().prop_map(Step::Register),
        1 => one.clone().prop_map(Step::Search),
        2 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Fetch(a, b)),
        1 => one.clone().prop_map(Step::Stay),
        1 => one.clone().prop_map(Step::Heard),
        1 => one.prop_map(Step::Logout),
        2 => (0..2000_u64).prop_map(Step::Pass),
        1 => any::<bool>().prop_map(Step::Disk),
        1 => Just(Step::Hold),
        2 => Just(Step::Commit),
        1 => Just(Step::Crash),
    ]
}

/// What an onlooker who sees every frame knows.
#[derive(Default)]
struct Onlooker {
    /// Whose session a connection carries.
    online: BTreeMap<ConnId, UserName>,
    /// Tokens by name: the number of the connection they were made on.
    tokens: BTreeMap<UserName, u64>,
    /// Places seen on a connection.
    seen: BTreeMap<ConnId, Seq>,
    devices: Devices,
}

impl Onlooker {
    fn check(&mut self, house: &House, told: &Told) -> Result<(), TestCaseError> {
        let conn = told.conn;
        match &told.frame {
            ServerFrame::Welcome { name, .. } => {
                prop_assert!(!self.online.values().any(|other| other == name), "two sessions of {name}");
                self.online.insert(conn, name.clone());
                self.devices.forget(name);
            }
            ServerFrame::SessionEnded { .. } => _ = self.online.remove(&conn),
            ServerFrame::Private(news) => {
                let reader = self.reader(conn)?.clone();
                self.devices.check(&reader, news, told)?;
            }
            ServerFrame::Reply { outcome: Outcome::Ok(Answer::Found(found)), .. } if !told.held => {
                for holder in found.iter().flat_map(|found| &found.holders) {
                    self.check_visible(told, &holder.name)?;
                }
            }
            ServerFrame::Deliver(envelope) => self.check_delivery(told, envelope, house)?,
            ServerFrame::Presence { changes } => {
                for change in changes {
                    self.check_visible(told, &change.name)?;
                }
            }
            ServerFrame::Roster { users, .. } => {
                for user in users.iter().filter(|user| user.presence != (Presence::Offline { last_seen: None })) {
                    self.check_visible(told, &user.name)?;
                }
            }
            ServerFrame::Reply { outcome: Outcome::Ok(Answer::Users(users)), .. } if !told.held => {
                for user in users {
                    self.check_visible(told, &user.name)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn reader(&self, conn: ConnId) -> Result<&UserName, TestCaseError> {
        self.online.get(&conn).ok_or_else(|| TestCaseError::fail(format!("{conn:?} has no session")))
    }

    fn check_visible(&self, told: &Told, whom: &UserName) -> Result<(), TestCaseError> {
        let reader = self.reader(told.conn)?;
        prop_assert!(whom != reader, "{reader} is told of themselves");
        prop_assert!(!told.blocks.contains(&(whom.clone(), reader.clone())), "{reader} sees {whom}");
        Ok(())
    }

    fn check_delivery(&mut self, told: &Told, envelope: &proto::Envelope, house: &House) -> Result<(), TestCaseError> {
        let reader = self.reader(told.conn)?.clone();
        let pair = (reader.clone(), envelope.from.clone());
        let blocks = house.taken_under.get(&envelope.id);
        prop_assert!(
            blocks.is_some_and(|blocks| !blocks.contains(&pair)),
            "{reader} gets a message of {}",
            envelope.from
        );
        prop_assert!(reader != envelope.from);
        if let Target::User(to) = &envelope.to {
            prop_assert_eq!(to, &reader);
        }
        let last = self.seen.insert(told.conn, envelope.seq).unwrap_or_default();
        prop_assert!(envelope.seq > last, "{:?} twice or out of order", envelope.seq);
        let done = told.taken_out.get(&reader).copied().unwrap_or_default();
        prop_assert!(envelope.seq > done, "{:?} again after its acknowledgement", envelope.seq);
        Ok(())
    }
}

/// What an onlooker knows of private sessions.
#[derive(Default)]
struct Devices {
    /// The key that each published last.
    keys: BTreeMap<UserName, u8>,
    /// Who has asked, or agreed to, whom, ever.
    agreed: BTreeSet<(UserName, UserName)>,
    /// Who has asked to fetch from whom, ever.
    fetched: BTreeSet<(UserName, UserName)>,
    /// Who has registered the file, ever.
    shared: BTreeSet<UserName>,
    /// The sessions of which a user was told, with their numbers.
    open: BTreeMap<(UserName, UserName), u64>,
    /// Whose introductions a number stands for, in alphabetical order.
    numbers: BTreeMap<u64, BTreeSet<UserName>>,
}

impl Devices {
    /// What a user knew of sessions is void: a new line, or another key.
    fn forget(&mut self, name: &UserName) {
        self.open.retain(|(reader, _), _| reader != name);
    }

    fn check(&mut self, reader: &UserName, news: &proto::PrivateNews, told: &Told) -> Result<(), TestCaseError> {
        match news {
            proto::PrivateNews::Asked { by, .. } => {
                prop_assert!(self.agreed.contains(&(by.clone(), reader.clone())), "{by} did not ask {reader}");
            }
            proto::PrivateNews::Ended { peer, .. } => _ = self.open.remove(&(reader.clone(), peer.clone())),
            proto::PrivateNews::Introduced(introduction) => self.check_introduction(reader, introduction, told)?,
        }
        Ok(())
    }

    /// Nobody gets a key or an address without the right to it.
    fn check_introduction(
        &mut self,
        reader: &UserName,
        introduction: &proto::Introduction,
        told: &Told,
    ) -> Result<(), TestCaseError> {
        let peer = &introduction.peer;
        let (ours, theirs) = ((reader.clone(), peer.clone()), (peer.clone(), reader.clone()));
        prop_assert_eq!(self.keys.get(peer), Some(&introduction.device.as_bytes()[0]), "another key of {}", peer);
        let pair = BTreeSet::from([reader.clone(), peer.clone()]);
        prop_assert_eq!(self.numbers.entry(introduction.number).or_insert_with(|| pair.clone()), &pair);
        match introduction.purpose {
            proto::Purpose::Session {} => {
                prop_assert!(self.agreed.contains(&ours) && self.agreed.contains(&theirs), "{reader} and {peer}");
                let before = self.open.insert(ours, introduction.number);
                prop_assert!(before.is_none_or(|n| n == introduction.number), "two sessions of {reader} and {peer}");
            }
            proto::Purpose::Fetch { .. } => {
                prop_assert!(self.fetched.contains(&ours) && self.shared.contains(peer));
                prop_assert!(!told.blocks.contains(&theirs), "{reader} fetches from {peer}");
            }
            proto::Purpose::Serve { .. } => {
                prop_assert!(self.fetched.contains(&theirs) && self.shared.contains(reader));
                prop_assert!(!told.blocks.contains(&ours), "{reader} serves {peer}");
            }
        }
        Ok(())
    }
}

/// The one file that is shared.
fn file() -> proto::SharedFile {
    let (name, root) = (proto::FileName::new("plans").unwrap(), proto::FileRoot::from_bytes([1; 32]));
    proto::SharedFile { name, size: proto::FileSize::try_from(70_000).unwrap(), root }
}

struct Run {
    house: House,
    onlooker: Onlooker,
    request: u32,
    messages: Vec<(UserName, MessageId, Target)>,
}

impl Run {
    fn new() -> Self {
        Self { house: House::new(&NAMES), onlooker: Onlooker::default(), request: 0, messages: Vec::new() }
    }

    fn conn(&self, n: usize) -> Option<(ConnId, UserName)> {
        let count = self.onlooker.online.len();
        if count == 0 { None } else { self.onlooker.online.iter().nth(n % count).map(|(c, n)| (*c, n.clone())) }
    }

    fn ask(&mut self, conn: ConnId, command: proto::Command) {
        self.request += 1;
        let id = proto::RequestId::new(self.request);
        self.house.give(Command::Request { conn, id, command });
    }

    fn send(&mut self, conn: ConnId, id: MessageId, to: Target) {
        let content = proto::Content::Text { text: proto::Text::new("x").unwrap(), reply_to: None };
        self.ask(conn, proto::Command::Send { id, to, content });
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Login(n) => self.login(NAMES[n % NAMES.len()]),
            Step::Fail(n) => {
                let conn = self.house.connect("guesser");
                self.house.fail_on(conn, NAMES[n % NAMES.len()]);
            }
            Step::Resume(n) => self.resume(NAMES[n % NAMES.len()]),
            Step::Cut(n) => self.with(n, |run, conn, _| {
                run.onlooker.online.remove(&conn);
                run.house.cut(conn);
            }),
            Step::Overflow(n) => self.with(n, |run, conn, who| run.overflow(conn, &who)),
            Step::Message(n, to) => self.with(n, |run, conn, who| {
                run.write(conn, who, Target::User(name(NAMES[to % NAMES.len()])));
            }),
            Step::Again(n) => self.with(n, |run, conn, who| {
                let last = run.messages.iter().rev().find(|(from, ..)| *from == who).cloned();
                if let Some((_, id, to)) = last {
                    run.send(conn, id, to);
                }
            }),
            Step::Broadcast(n) => self.with(n, |run, conn, who| run.write(conn, who, Target::Everyone {})),
            Step::Block(n, whom) => self.with(n, |run, conn, _| {
                run.ask(conn, proto::Command::Block { name: name(NAMES[whom % NAMES.len()]) });
            }),
            Step::Unblock(n, whom) => self.with(n, |run, conn, _| {
                run.ask(conn, proto::Command::Unblock { name: name(NAMES[whom % NAMES.len()]) });
            }),
            Step::Whoelse(n) => self.with(n, |run, conn, _| run.ask(conn, proto::Command::Whoelse {})),
            Step::Since(n) => self.with(n, |run, conn, _| {
                run.ask(conn, proto::Command::Whoelsesince { seconds: proto::Seconds::new(1000) });
            }),
            Step::Acknowledge(n) => self.with(n, |run, conn, _| run.house.acknowledge(conn)),
            Step::Publish(n, other) => self.with(n, |run, conn, who| run.publish(conn, &who, other)),
            Step::Start(n, whom) => self.private(n, whom, |name| proto::PrivateCommand::Start { name }),
            Step::Accept(n, whom) => self.private(n, whom, |name| proto::PrivateCommand::Accept { name }),
            Step::Decline(n, whom) => self.private(n, whom, |name| proto::PrivateCommand::Decline { name }),
            Step::Stop(n, whom) => self.private(n, whom, |name| proto::PrivateCommand::Stop { name }),
            Step::Register(n) => self.with(n, |run, conn, who| {
                run.onlooker.devices.shared.insert(who);
                let chunks = proto::Chunks::NONE.with(1);
                run.ask(conn, proto::Command::Files(proto::FilesCommand::Register { file: file(), chunks }));
            }),
            Step::Search(n) => self.with(n, |run, conn, _| {
                let search =
                    proto::FilesCommand::Search { name: file().name, any_of: None, names: proto::Naming::Whole };
                run.ask(conn, proto::Command::Files(search));
            }),
            Step::Fetch(n, whom) => self.with(n, |run, conn, who| {
                let holder = name(NAMES[whom % NAMES.len()]);
                run.onlooker.devices.fetched.insert((who, holder.clone()));
                run.ask(conn, proto::Command::Files(proto::FilesCommand::Fetch { root: file().root, holder }));
            }),
            Step::Stay(n) => self.with(n, |run, conn, _| run.ask(conn, proto::Command::Stay {})),
            Step::Heard(n) => self.with(n, |run, conn, _| run.house.give(Command::Heard { conn })),
            Step::Logout(n) => self.with(n, |run, conn, _| run.ask(conn, proto::Command::Logout {})),
            Step::Pass(seconds) => self.house.pass(seconds),
            Step::Disk(true) => self.house.disk = Disk::Works,
            Step::Disk(false) => self.house.disk = Disk::Full,
            Step::Hold => self.house.hold_store(),
            Step::Commit => self.house.commit(),
            Step::Crash => {
                self.house.forget_held();
                self.onlooker.online.clear();
                self.house.crash();
            }
        }
    }

    fn publish(&mut self, conn: ConnId, who: &UserName, other: bool) {
        let key =
            u8::try_from(NAMES.iter().position(|name| *name == who.as_str()).unwrap()).unwrap() * 2 + u8::from(other);
        if self.onlooker.devices.keys.insert(who.clone(), key) != Some(key) {
            self.onlooker.devices.forget(who);
        }
        self.house.publish(conn, key, u16::from(key) + 1);
    }

    fn private(&mut self, n: usize, whom: usize, command: impl FnOnce(UserName) -> proto::PrivateCommand) {
        self.with(n, |run, conn, who| {
            let peer = name(NAMES[whom % NAMES.len()]);
            let command = command(peer.clone());
            match command {
                proto::PrivateCommand::Start { .. } | proto::PrivateCommand::Accept { .. } => {
                    run.onlooker.devices.agreed.insert((who, peer));
                }
                _ => _ = run.onlooker.devices.open.remove(&(who, peer)),
            }
            run.ask(conn, proto::Command::Private(command));
        });
    }

    fn login(&mut self, who: &str) {
        let conn = self.house.login(who);
        self.onlooker.tokens.insert(name(who), conn.get());
    }

    fn resume(&mut self, who: &str) {
        let conn = self.house.connect("resumed");
        let shown = token(self.onlooker.tokens.get(who).copied().unwrap_or_default());
        self.house.give(Command::Resume { conn, name: name(who), shown });
    }

    fn overflow(&mut self, conn: ConnId, who: &UserName) {
        let others: Vec<_> = self.onlooker.online.keys().copied().filter(|other| *other != conn).collect();
        self.onlooker.online.remove(&conn);
        let before = self.house.frames.len();
        self.house.give(Command::Overflowed { conn });
        // Where somebody waited for the line's sign of life, the session ends, and private sessions with it.
        let is_end = |told: &&Told| !matches!(told.frame, ServerFrame::Private(proto::PrivateNews::Ended { .. }));
        let told: Vec<_> = self.house.frames[before..].iter().filter(is_end).map(|told| told.conn).collect();
        assert!(!others.iter().any(|other| told.contains(other)), "{who}'s overflow reached others");
    }

    fn write(&mut self, conn: ConnId, who: UserName, to: Target) {
        let id = self.house.next_id();
        self.messages.push((who, id, to.clone()));
        self.send(conn, id, to);
    }

    fn with(&mut self, n: usize, act: impl FnOnce(&mut Self, ConnId, UserName)) {
        if let Some((conn, who)) = self.conn(n) {
            act(self, conn, who);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_rules_hold_whatever_is_asked(steps in prop::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
            for told in std::mem::take(&mut run.house.frames) {
                run.onlooker.check(&run.house, &told)?;
            }
            run.house.news();
        }
    }
}
