//! Whatever is asked, in whatever order: one session a name, nothing reaches one who may not have it, nothing comes
//! twice, and a reader who is too slow disturbs nobody else.

use std::collections::BTreeMap;

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
}

impl Onlooker {
    fn check(&mut self, house: &House, told: &Told) -> Result<(), TestCaseError> {
        let conn = told.conn;
        match &told.frame {
            ServerFrame::Welcome { name, .. } => {
                prop_assert!(!self.online.values().any(|other| other == name), "two sessions of {name}");
                self.online.insert(conn, name.clone());
            }
            ServerFrame::SessionEnded { .. } => _ = self.online.remove(&conn),
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
        let told: Vec<_> = self.house.frames[before..].iter().map(|told| told.conn).collect();
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
