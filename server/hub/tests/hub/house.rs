//! A hub with a store in memory, whose every effect is performed at once and told in words.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{Command, Config, ConnId, Effect, Hub, Limits, Record, StoreFault, StoreOp, Stored, TakeOver};
use whoelse_proto as proto;
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{
    Answer, Content, Envelope, MessageId, NewAccounts, Outcome, Presence, RequestId, Seconds, ServerFrame, Target,
    Text, Timestamp, UserName,
};

use crate::login_commands::login_refusal;
pub(crate) use crate::login_commands::{HERE, fresh, open_login, prove_login, token};

/// Whether the store can write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    Works,
    Full,
}

/// Who has blocked whom.
pub(crate) type Blocks = BTreeSet<(UserName, UserName)>;

/// A frame, and the blocks that held when the hub decided to send it.
pub(crate) struct Told {
    pub(crate) conn: ConnId,
    pub(crate) frame: ServerFrame,
    pub(crate) blocks: Rc<Blocks>,
    /// Up to where each inbox was emptied at that moment.
    pub(crate) taken_out: Rc<BTreeMap<UserName, proto::Seq>>,
    /// Whether it may have been decided earlier, and waited for an answer before it.
    pub(crate) held: bool,
}

pub(crate) struct House {
    pub(crate) hub: Hub,
    pub(crate) store: MemoryStore,
    pub(crate) disk: Disk,
    pub(crate) now: Timestamp,
    config: Config,
    conns: BTreeMap<ConnId, String>,
    news: Vec<String>,
    /// What everybody was told since the last look, as frames.
    pub(crate) frames: Vec<Told>,
    next_conn: u64,
    next_request: u32,
    next_message: u64,
    /// Store results that wait for `commit`, while it is held up.
    held: Option<VecDeque<Effect>>,
    /// Whether `commit` is under way.
    commits: bool,
    /// The blocks that the hub knows of.
    blocks: Rc<Blocks>,
    /// The blocks that held when the hub took a message.
    pub(crate) taken_under: BTreeMap<MessageId, Rc<Blocks>>,
    /// Up to where each inbox was emptied.
    taken_out: Rc<BTreeMap<UserName, proto::Seq>>,
    /// The highest place delivered on each connection.
    delivered: BTreeMap<ConnId, proto::Seq>,
}

pub(crate) const CONFIG: Config = Config {
    lock: Seconds::new(60),
    timeout: Seconds::new(1800),
    registration: NewAccounts::Anyone,
    question: Seconds::new(PRIVATE_REQUEST_S),
    limits: Limits::DEFAULT,
};

pub(crate) fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

impl House {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::with(CONFIG, names)
    }

    pub(crate) fn with(config: Config, names: &[&str]) -> Self {
        let mut store = MemoryStore::new(names.iter().map(|raw| name(raw)));
        let now = Timestamp::from_millis(1_000_000_000_000);
        let (hub, effects) = Hub::new(config, store.start(), now);
        let mut house = Self {
            hub,
            store,
            disk: Disk::Works,
            now,
            config,
            conns: BTreeMap::new(),
            news: Vec::new(),
            frames: Vec::new(),
            next_conn: 0,
            next_request: 0,
            next_message: 0,
            held: None,
            commits: false,
            blocks: Rc::default(),
            taken_under: BTreeMap::new(),
            taken_out: Rc::default(),
            delivered: BTreeMap::new(),
        };
        house.settle(effects);
        house
    }

    /// Everyone named logs in; what they hear of it is dropped. Connections in the same order.
    pub(crate) fn with_online<const N: usize>(names: [&str; N]) -> (Self, [ConnId; N]) {
        let mut house = Self::new(&names);
        let conns = names.map(|name| house.login(name));
        house.pass(1);
        house.news();
        (house, conns)
    }

    /// The process is killed and started again: what the store holds is all there is.
    pub(crate) fn crash(&mut self) {
        let (hub, effects) = Hub::new(self.config, self.store.start(), self.now);
        self.hub = hub;
        self.conns.clear();
        self.blocks = Rc::new(self.store.blocks().clone());
        self.settle(effects);
    }

    pub(crate) fn connect(&mut self, label: &str) -> ConnId {
        self.next_conn += 1;
        let conn = ConnId::new(self.next_conn);
        self.conns.insert(conn, label.to_owned());
        conn
    }

    pub(crate) fn give(&mut self, command: Command) {
        let effects = self.hub.handle(command, self.now);
        self.settle(effects);
    }

    pub(crate) fn login(&mut self, who: &str) -> ConnId {
        let conn = self.connect(who);
        self.log_in_on(conn, who);
        conn
    }

    pub(crate) fn log_in_on(&mut self, conn: ConnId, who: &str) {
        self.open_login(conn, who, None);
        self.prove(conn, TakeOver::No);
    }

    pub(crate) fn fail_on(&mut self, conn: ConnId, who: &str) {
        self.open_login(conn, who, None);
        self.give(Command::FailLogin { conn });
    }

    /// Asks for a challenge, with the pass that was given to the connection of this number.
    pub(crate) fn open_login(&mut self, conn: ConnId, who: &str, pass: Option<u64>) {
        let pass = pass.map(|n| fresh(n).pass.hash);
        self.give(Command::OpenLogin { conn, name: name(who), pass, from: HERE });
    }

    pub(crate) fn prove(&mut self, conn: ConnId, take_over: TakeOver) {
        self.give(Command::ProveLogin { conn, fresh: fresh(conn.get()), take_over });
    }

    pub(crate) fn register(&mut self, who: &str) -> ConnId {
        let conn = self.connect(who);
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.give(Command::OpenRegistration { conn, name: name(who), invite: None, from });
        self.give(Command::CompleteRegistration { conn, name: name(who), record: Record(vec![1]), invite: None, from });
        conn
    }

    pub(crate) fn ask(&mut self, conn: ConnId, command: proto::Command) {
        self.next_request += 1;
        self.give(Command::Request { conn, id: RequestId::new(self.next_request), command });
    }

    pub(crate) fn next_id(&mut self) -> MessageId {
        self.next_message += 1;
        MessageId::new(Timestamp::from_millis(self.next_message), [0; 10])
    }

    pub(crate) fn message(&mut self, conn: ConnId, to: &str, text: &str) -> MessageId {
        let id = self.next_id();
        self.send(conn, id, Target::User(name(to)), text);
        id
    }

    pub(crate) fn broadcast(&mut self, conn: ConnId, text: &str) {
        let id = self.next_id();
        self.send(conn, id, Target::Everyone {}, text);
    }

    pub(crate) fn send(&mut self, conn: ConnId, id: MessageId, to: Target, text: &str) {
        let content = Content::Text { text: Text::new(text).unwrap(), reply_to: None };
        self.ask(conn, proto::Command::Send { id, to, content });
    }

    pub(crate) fn block(&mut self, conn: ConnId, whom: &str) {
        self.ask(conn, proto::Command::Block { name: name(whom) });
    }

    pub(crate) fn unblock(&mut self, conn: ConnId, whom: &str) {
        self.ask(conn, proto::Command::Unblock { name: name(whom) });
    }

    /// Publishes a device by the number of its key and of its address.
    pub(crate) fn publish(&mut self, conn: ConnId, key: u8, port: u16) {
        let device = proto::DeviceKey::from_bytes([key; 32]);
        let at = std::net::SocketAddr::from(([192, 0, 2, 1], port));
        let addresses = proto::Addresses::new([proto::PeerAddress::Direct(at)]);
        self.ask(conn, proto::Command::Private(proto::PrivateCommand::Publish { device, addresses }));
    }

    /// Acknowledges all that was delivered on the connection.
    pub(crate) fn acknowledge(&mut self, conn: ConnId) {
        let up_to = self.delivered.get(&conn).copied().unwrap_or_default();
        self.give(Command::Acknowledge { conn, up_to });
    }

    pub(crate) fn cut(&mut self, conn: ConnId) {
        self.conns.remove(&conn);
        self.give(Command::Disconnected { conn });
    }

    /// Seconds go by; the hub is woken when it asked for it.
    pub(crate) fn pass(&mut self, seconds: u64) {
        let until = self.now.plus(Seconds::new(seconds));
        while let Some(at) = self.hub.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.give(Command::Wake);
        }
        self.now = until;
    }

    /// What everybody was told since the last call, in words: `who: what`.
    pub(crate) fn news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// What one was told since the last call; the rest is dropped.
    pub(crate) fn news_of(&mut self, who: &str) -> Vec<String> {
        let prefix = format!("{who}: ");
        self.news().iter().filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned)).collect()
    }

    /// From here on store operations wait for `commit`.
    pub(crate) fn hold_store(&mut self) {
        self.held.get_or_insert_default();
    }

    /// The store does what waits.
    pub(crate) fn commit(&mut self) {
        self.commits = true;
        for effect in self.held.take().unwrap_or_default() {
            self.settle(vec![effect]);
        }
        self.commits = false;
    }

    /// What waits for the store is lost with the process.
    pub(crate) fn forget_held(&mut self) {
        for effect in self.held.take().unwrap_or_default() {
            if let Effect::Store { op, .. } = effect
                && self.store.needs_room(&op)
                && let StoreOp::Accept { message, .. } = op
            {
                self.taken_under.remove(&message.id);
            }
        }
    }

    fn settle(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::new();
        self.decided(&mut queue, effects);
        while let Some((effect, blocks)) = queue.pop_front() {
            let command = match effect {
                Effect::Send { to, frame } => {
                    self.told(&to, &frame, &blocks);
                    continue;
                }
                Effect::Challenge { .. }
                | Effect::RegisterChallenge { .. }
                | Effect::LoginFailed { .. }
                | Effect::UnknownInvite { .. }
                | Effect::Admit { .. }
                | Effect::Hold { .. } => continue,
                Effect::OpenRelay { device } => {
                    self.news.push(format!("relay: opens to key {}", device.as_bytes()[0]));
                    continue;
                }
                Effect::ShutRelay { device } => {
                    self.news.push(format!("relay: shuts out key {}", device.as_bytes()[0]));
                    continue;
                }
                Effect::Close { conn } => {
                    if let Some(who) = self.conns.remove(&conn) {
                        self.news.push(format!("{who}: closed"));
                    }
                    continue;
                }
                Effect::Store { .. } | Effect::CreateAccount { .. } | Effect::ReplaceRecord { .. }
                    if self.held.is_some() =>
                {
                    self.held.as_mut().unwrap().push_back(effect);
                    continue;
                }
                Effect::Store { ticket, op } => Command::Stored { ticket, result: self.perform(op) },
                Effect::CreateAccount { ticket, name, .. } => {
                    let result = match self.disk {
                        Disk::Works => self.store.create_account(name),
                        Disk::Full => Err(StoreFault::Unavailable),
                    };
                    Command::Stored { ticket, result }
                }
                Effect::ReplaceRecord { ticket, .. } => {
                    let result = match self.disk {
                        Disk::Works => Ok(Stored::Done),
                        Disk::Full => Err(StoreFault::Unavailable),
                    };
                    Command::Stored { ticket, result }
                }
                Effect::AskForRoom { conn } => Command::Room { conn },
                Effect::Route { to, what } => Command::Routed { to, what },
                Effect::Announce { what } => Command::Announced { what },
            };
            let effects = self.hub.handle(command, self.now);
            self.decided(&mut queue, effects);
        }
    }

    /// Remembers under which blocks effects were decided.
    fn decided(&mut self, queue: &mut VecDeque<(Effect, Rc<Blocks>)>, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Store { op: StoreOp::Accept { message, .. }, .. } = &effect {
                self.taken_under.entry(message.id).or_insert_with(|| Rc::clone(&self.blocks));
            }
            queue.push_back((effect, Rc::clone(&self.blocks)));
        }
    }

    fn perform(&mut self, op: StoreOp) -> Result<whoelse_hub::Stored, StoreFault> {
        if self.disk == Disk::Full && self.store.needs_room(&op) {
            if let StoreOp::Accept { message, .. } = &op {
                self.taken_under.remove(&message.id);
            }
            return Err(StoreFault::Unavailable);
        }
        if let StoreOp::Acknowledge { name, up_to } = &op {
            Rc::make_mut(&mut self.taken_out).insert(name.clone(), *up_to);
        }
        let result = self.store.perform(op);
        if *self.blocks != *self.store.blocks() {
            self.blocks = Rc::new(self.store.blocks().clone());
        }
        Ok(result)
    }

    fn told(&mut self, to: &[ConnId], frame: &ServerFrame, blocks: &Rc<Blocks>) {
        for conn in to {
            if let ServerFrame::Deliver(envelope) = frame {
                self.delivered.insert(*conn, envelope.seq);
            }
            if let Some(who) = self.conns.get(conn) {
                self.frames.push(Told {
                    conn: *conn,
                    frame: frame.clone(),
                    blocks: Rc::clone(blocks),
                    taken_out: Rc::clone(&self.taken_out),
                    held: self.commits,
                });
                self.news.push(format!("{who}: {}", words(frame, self.now)));
            }
        }
    }
}

fn words(frame: &ServerFrame, now: Timestamp) -> String {
    match frame {
        ServerFrame::LoginRefused(refusal) => login_refusal(refusal.clone()),
        ServerFrame::Welcome { session, .. } => format!("welcome {session:?}"),
        ServerFrame::Roster { users, .. } => {
            let users = users.iter().map(|entry| format!("{} {}", entry.name, presence(entry.presence, now)));
            format!("roster {}", users.collect::<Vec<_>>().join(", "))
        }
        ServerFrame::Presence { changes } => {
            let changes = changes.iter().map(|change| format!("{} {:?}", change.name, change.reason));
            changes.collect::<Vec<_>>().join(", ")
        }
        ServerFrame::Deliver(Envelope { from, to, content, stored, .. }) => {
            let Content::Text { text, .. } = content else { panic!("only texts here") };
            let kind = if *to == (Target::Everyone {}) { "broadcast" } else { "message" };
            format!("{kind} from {from}: {text}{}", if *stored { " (stored)" } else { "" })
        }
        ServerFrame::Notice(notice) => format!("{notice:?}"),
        ServerFrame::Progress { lost: true, peer, ids, .. } => format!("lost with {peer}: {}", ids.len()),
        ServerFrame::Progress { state, peer, ids, .. } => format!("{state:?} by {peer}: {}", ids.len()),
        ServerFrame::Reply { more, outcome, .. } => {
            format!("{}{}", outcome_words(outcome, now), if *more { ", more" } else { "" })
        }
        ServerFrame::Private(news) => private_words(news),
        ServerFrame::InactivityWarning { remaining } => format!("warning {}", remaining.get()),
        ServerFrame::SessionEnded { reason } => format!("ended {reason:?}"),
        ServerFrame::Hello { .. }
        | ServerFrame::LoginChallenge { .. }
        | ServerFrame::RegisterChallenge { .. }
        | ServerFrame::Registered {}
        | ServerFrame::Fault(_)
        | ServerFrame::Ping {}
        | ServerFrame::Pong {} => format!("{frame:?}"),
    }
}

fn private_words(news: &proto::PrivateNews) -> String {
    match news {
        proto::PrivateNews::Asked { by, expires_in } => format!("asked by {by} for {}", expires_in.get()),
        proto::PrivateNews::Ended { peer, reason } => format!("private {peer} {reason:?}"),
        proto::PrivateNews::Introduced(introduction) => {
            let root = |root: proto::FileRoot| root.as_bytes()[0];
            let purpose = match introduction.purpose {
                proto::Purpose::Session {} => "session".to_owned(),
                proto::Purpose::Fetch { root: of } => format!("fetch {}", root(of)),
                proto::Purpose::Serve { root: of } => format!("serve {}", root(of)),
            };
            let ports = introduction.addresses.iter().map(|address| match address {
                proto::PeerAddress::Direct(at) => at.port().to_string(),
                proto::PeerAddress::Relay {} => "relay".to_owned(),
            });
            let (peer, key) = (&introduction.peer, introduction.device.as_bytes()[0]);
            format!("introduced to {peer}: {purpose}, key {key} at {}", ports.collect::<Vec<_>>().join(" "))
        }
    }
}

fn found_words(found: &[proto::FoundFile]) -> String {
    let holder = |holder: &proto::Holder| format!("{} {:?}", holder.name, holder.chunks);
    let files = found.iter().map(|found| {
        let holders: Vec<_> = found.holders.iter().map(holder).collect();
        format!("{} {} by {}", found.file.name, found.file.root.as_bytes()[0], holders.join(", "))
    });
    format!("found {}", files.collect::<Vec<_>>().join("; ")).trim_end().to_owned()
}

fn standing_words(standing: &proto::Standing) -> String {
    let names = |names: &[UserName]| names.iter().map(UserName::as_str).collect::<Vec<_>>().join(", ");
    let asked = standing.asked.iter().map(|question| format!("{} {}", question.by, question.expires_in.get()));
    let asked = asked.collect::<Vec<_>>().join(", ");
    let relay = standing.relay.as_ref().map(|relay| format!(" relay {}", relay.port)).unwrap_or_default();
    format!("open [{}] asking [{}] asked [{asked}]{relay}", names(&standing.open), names(&standing.asking))
}

fn presence(presence: Presence, now: Timestamp) -> String {
    match presence {
        Presence::Online { .. } => "online".into(),
        Presence::Offline { last_seen: None } => "offline".into(),
        Presence::Offline { last_seen: Some(at) } => format!("offline {}s", now.seconds_since(at).get()),
    }
}

fn outcome_words(outcome: &Outcome, now: Timestamp) -> String {
    match outcome {
        Outcome::Refused(refusal) => format!("refused {refusal:?}"),
        Outcome::Ok(Answer::Done {}) => "done".into(),
        Outcome::Ok(Answer::Accepted { skipped, .. }) => {
            format!("accepted{}", if *skipped { ", some skipped" } else { "" })
        }
        Outcome::Ok(Answer::Users(users)) => {
            let spans = |seen: &proto::Seen| {
                let ago = |at: Timestamp| now.seconds_since(at).get();
                let span = |span: &proto::Span| match span.to {
                    Some(to) => format!(" {}-{}", ago(span.from), ago(to)),
                    None => format!(" {}-", ago(span.from)),
                };
                seen.sessions.iter().map(span).collect::<String>()
            };
            let users =
                users.iter().map(|seen| format!("{} {}{}", seen.name, presence(seen.presence, now), spans(seen)));
            format!("[{}]", users.collect::<Vec<_>>().join(", "))
        }
        Outcome::Ok(Answer::Names(names)) => {
            format!("[{}]", names.iter().map(UserName::as_str).collect::<Vec<_>>().join(", "))
        }
        Outcome::Ok(Answer::Standing(standing)) => standing_words(standing),
        Outcome::Ok(Answer::Registered { known }) => format!("registered{}", if *known { ", known" } else { "" }),
        Outcome::Ok(Answer::Found(found)) => found_words(found),
        Outcome::Ok(Answer::States(states)) => {
            format!("{:?}", states.iter().map(|known| known.state).collect::<Vec<_>>())
        }
    }
}
