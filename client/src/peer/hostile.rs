//! A peer in a private session that wants to do harm, over real sockets: it costs little, is told clearly, and the
//! session with another goes on.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;
use whoelse_model::{
    AddressPolicy, AskId, ChatId, Closing, Event, FileOrder, Message, PeersInput, Pins, RowId, Transfer, TransferId,
    TransferState,
};
use whoelse_proto::limits::{MAX_FILE_BYTES, PIECE_BYTES};
use whoelse_proto::peer::{Farewell, PeerAnswer, PeerAsk, PeerFrame};
use whoelse_proto::{
    Addresses, DeviceKey, FileName, FileRoot, FileSize, Introduction, MessageId, PeerAddress, PrivateCommand,
    PrivateNews, Purpose, Refusal, Text, UserName,
};

use super::files::Places;
use super::handshake::{Encounter, Meeting, Met, OneTry};
use super::quic::{MAX_STREAMS, QuicLink, QuicNet};
use super::{Keeper, KeeperWish, PeerLink as _, PeerNet as _, Use, wire};

/// How long something may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Bytes by which the process of one test may grow under attack: two links' windows, and what the test itself needs.
const MOST_GROWTH: u64 = 64 << 20;

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

/// Somebody with the real keeper.
struct Party {
    me: UserName,
    net: QuicNet,
    keeper: Keeper<QuicNet>,
    told: Vec<Event>,
    folder: TempDir,
    rows: u64,
}

impl Party {
    async fn new(me: &str, secret: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let net = QuicNet::open(&[secret; 32], AddressPolicy::ToPeers).await.unwrap();
        let places = Places { downloads: folder.path().join("downloads"), notes: folder.path().join("notes.json") };
        let keeper = Keeper::new(name(me), net.clone(), Pins::default(), places);
        let mut party = Self { me: name(me), net, keeper, told: Vec::new(), folder, rows: 0 };
        // The server is on this computer, and so is everybody else.
        let wishes = party.keeper.line_up(Some([127, 0, 0, 1].into()));
        party.obey(wishes);
        party
    }

    fn obey(&mut self, wishes: Vec<KeeperWish>) {
        for wish in wishes {
            match wish {
                KeeperWish::Tell(event) => self.told.push(event),
                KeeperWish::Keep(message) => {
                    self.rows += 1;
                    let kept = PeersInput::Kept(Message { row: RowId::new(self.rows), message });
                    let wishes = self.keeper.input(kept);
                    self.obey(wishes);
                }
                KeeperWish::Ask(..) | KeeperWish::Delivered(_) | KeeperWish::SavePins(_) => {}
            }
        }
    }

    /// The server introduces somebody with whom a session was agreed to.
    fn introduced(&mut self, peer: &UserName, net: &QuicNet, number: u64) {
        let wishes = self.keeper.asked(AskId::new(number), PrivateCommand::Start { name: peer.clone() });
        self.obey(wishes);
        let (purpose, device, addresses) = (Purpose::Session {}, net.key(), net.addresses());
        let introduction = Introduction { peer: peer.clone(), purpose, number, device, addresses };
        let wishes = self.keeper.server_news(PrivateNews::Introduced(introduction));
        self.obey(wishes);
    }

    fn write(&mut self, id: MessageId, to: &UserName, text: &str) {
        let text = Text::new(text).unwrap();
        let wishes = self.keeper.input(PeersInput::Write { id, to: to.clone(), text });
        self.obey(wishes);
    }

    fn order(&mut self, order: FileOrder) {
        let wishes = self.keeper.order(AskId::new(1), order);
        self.obey(wishes);
    }

    async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let happens = async {
            while !is_so(self) {
                let news = self.keeper.next().await;
                let wishes = self.keeper.take(news);
                self.obey(wishes);
            }
        };
        assert!(timeout(PATIENCE, happens).await.is_ok(), "{} was told {:#?}", self.me, self.told);
    }

    /// Takes news until somebody else's work is done.
    async fn meanwhile<T>(&mut self, mut work: tokio::task::JoinHandle<T>) -> Result<T, tokio::task::JoinError> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            tokio::select! {
                done = &mut work => return done,
                news = self.keeper.next() => {
                    let wishes = self.keeper.take(news);
                    self.obey(wishes);
                }
                () = tokio::time::sleep_until(deadline) => panic!("{} was told {:#?}", self.me, self.told),
            }
        }
    }

    fn is_open(&self, peer: &str) -> bool {
        self.told.iter().any(|event| matches!(event, Event::PrivateOpened(session) if session.peer == name(peer)))
    }

    fn transfer(&self) -> Option<&Transfer> {
        let last = self.told.iter().rev();
        last.into_iter().find_map(|event| if let Event::Transferred(transfer) = event { Some(transfer) } else { None })
    }
}

/// Somebody who keeps to the handshake and to nothing after it.
struct Vader {
    met: Met<QuicLink>,
}

/// Hans in a session with leia, who is who she says, and in one with vader.
struct Scene {
    hans: Party,
    leia: Party,
    vader: Vader,
    words: u8,
}

impl Scene {
    async fn new() -> Self {
        let (mut hans, mut leia) = (Party::new("hans", 1).await, Party::new("leia", 2).await);
        // The lower key opens the stream of words: vader's is, so that one link is enough for him.
        let mut net = QuicNet::open(&[3; 32], AddressPolicy::ToPeers).await.unwrap();
        for secret in 4.. {
            if net.key() < hans.net.key() {
                break;
            }
            net = QuicNet::open(&[secret; 32], AddressPolicy::ToPeers).await.unwrap();
        }
        let (leias, hanss) = (leia.net.clone(), hans.net.clone());
        hans.introduced(&name("leia"), &leias, 1);
        leia.introduced(&name("hans"), &hanss, 1);
        both(&mut hans, &mut leia, |hans, leia| hans.is_open("leia") && leia.is_open("hans")).await;
        hans.introduced(&name("vader"), &net, 2);
        let meeting =
            Meeting { me: name("vader"), my_key: net.key(), peer: name("hans"), peer_key: hanss.key(), number: 2 };
        let attack = tokio::spawn(async move {
            let link = net.dial(hanss.key(), &hanss.addresses(), Use::Session).await.unwrap();
            meeting.meet(link, &Encounter::First(OneTry::default())).await.unwrap()
        });
        hans.until(|hans| hans.is_open("vader")).await;
        let vader = Vader { met: attack.await.unwrap() };
        Self { hans, leia, vader, words: 0 }
    }

    /// Hans and leia still hear each other.
    async fn others_go_on(&mut self) {
        for _ in 0..8 {
            self.words += 1;
            let (to_leia, to_hans) =
                (MessageId::from_bytes([self.words; 16]), MessageId::from_bytes([self.words + 100; 16]));
            self.hans.write(to_leia, &name("leia"), "do you hear me?");
            self.leia.write(to_hans, &name("hans"), "I do");
            let heard = |party: &Party, id| {
                party.told.iter().any(|event| matches!(event, Event::Received(message) if message.message.id == id))
            };
            both(&mut self.hans, &mut self.leia, |hans, leia| heard(hans, to_hans) && heard(leia, to_leia)).await;
        }
    }

    async fn vader_says(&mut self, frame: &PeerFrame) {
        wire::write(&mut self.vader.met.sender, frame).await.unwrap();
    }

    /// Vader offers a file, and hans takes it.
    async fn bait(&mut self, bytes: u64) {
        let (name, root) = (FileName::new("bait").unwrap(), FileRoot::from_bytes([7; 32]));
        let size = FileSize::try_from(bytes).unwrap();
        self.vader_says(&PeerFrame::Offer { id: 1, name, size, root }).await;
        self.hans.until(|hans| hans.transfer().is_some()).await;
        let folder = Some(self.hans.folder.path().to_owned());
        self.hans.order(FileOrder::Take { id: TransferId::new(1), folder });
    }
}

async fn both(one: &mut Party, other: &mut Party, is_so: impl Fn(&Party, &Party) -> bool) {
    let happens = async {
        while !is_so(one, other) {
            tokio::select! {
                news = one.keeper.next() => { let wishes = one.keeper.take(news); one.obey(wishes); }
                news = other.keeper.next() => { let wishes = other.keeper.take(news); other.obey(wishes); }
            }
        }
    };
    assert!(timeout(PATIENCE, happens).await.is_ok(), "told: {:#?}, {:#?}", one.told, other.told);
}

/// Runs `attack` in a process of its own, where the memory of no other test counts.
///
/// The process is this test program again, told to run `test` alone; there `attack` runs in place.
fn alone(test: &str, attack: impl Future<Output = ()>) {
    const ALONE: &str = "WHOELSE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(attack);
    }
    let (_crate_name, module) = module_path!().split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("{module}::{test}")])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("test result: ok. 1 passed"),
        "{}\n{told}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Bytes that this process has resident; 0 where that cannot be asked.
fn resident() -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    kib.unwrap_or(0) * 1024
}

fn assert_grew_little(before: u64) {
    let after = resident();
    assert!(after <= before + MOST_GROWTH, "from {} to {} MiB", before >> 20, after >> 20);
}

#[test]
fn ten_thousand_streams_of_a_peer_are_a_few_and_others_go_on() {
    alone("ten_thousand_streams_of_a_peer_are_a_few_and_others_go_on", async {
        let mut scene = Scene::new().await;
        let before = resident();
        let (opened, mut attack) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        for _ in 0..10_000 {
            let (link, opened) = (scene.vader.met.link.clone(), Arc::clone(&opened));
            attack.spawn(async move {
                let (mut sender, receiver) = link.open().await.unwrap();
                opened.fetch_add(1, Ordering::SeqCst);
                // Half a question, and never the rest.
                sender.write_all(&[0, 0, 0]).await.unwrap();
                std::future::pending::<()>().await;
                drop((sender, receiver));
            });
        }
        scene.others_go_on().await;
        let opened = opened.load(Ordering::SeqCst);
        assert!((1..=usize::try_from(MAX_STREAMS).unwrap()).contains(&opened), "{opened} streams");
        assert_grew_little(before);
    });
}

#[test]
fn a_peer_that_reads_nothing_costs_little_and_is_told_and_others_go_on() {
    alone("a_peer_that_reads_nothing_costs_little_and_is_told_and_others_go_on", async {
        let mut scene = Scene::new().await;
        let before = resident();
        let path = scene.hans.folder.path().join("plans");
        std::fs::write(&path, vec![7; usize::try_from(64 * PIECE_BYTES).unwrap()]).unwrap();
        scene.hans.order(FileOrder::Send { to: name("vader"), path });
        scene.hans.until(|hans| hans.transfer().is_some_and(|transfer| transfer.state == TransferState::Offered)).await;
        let root = loop {
            if let PeerFrame::Offer { id, root, .. } = wire::read(&mut scene.vader.met.receiver, 65_536).await.unwrap()
            {
                scene.vader_says(&PeerFrame::Take { id }).await;
                break root;
            }
        };
        // He asks for everything and reads nothing of it.
        let mut asked = JoinSet::new();
        for piece in 0..64 {
            let link = scene.vader.met.link.clone();
            asked.spawn(async move {
                let (mut sender, receiver) = link.open().await.unwrap();
                wire::write(&mut sender, &PeerAsk::Piece { root, piece }).await.unwrap();
                std::future::pending::<()>().await;
                drop((sender, receiver));
            });
        }
        let long = "x".repeat(16_000);
        for n in 0..10_000_u32 {
            let mut id = [0xff; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            scene.hans.write(MessageId::from_bytes(id), &name("vader"), &long);
        }
        let refused = |event: &Event| {
            matches!(event, Event::Progressed { chat: ChatId::Private(to), outgoing, .. }
                if *to == name("vader") && outgoing.refused == Some(Refusal::Full))
        };
        assert!(
            scene.hans.told.iter().filter(|event| refused(event)).count() > 9_000,
            "he is told that it is too much"
        );
        scene.hans.told.clear();
        scene.others_go_on().await;
        assert_grew_little(before);
    });
}

#[tokio::test]
async fn an_offer_of_ten_tebibytes_ends_the_session_with_who_made_it_and_no_other() {
    let mut scene = Scene::new().await;
    let root = vec![0_u8; 32];
    let offer = json!({"offer": {"id": 1, "name": "x", "size": 10_u64 << 40, "root": root}});
    wire::write(&mut scene.vader.met.sender, &offer).await.unwrap();
    let over = |hans: &Party| {
        let is_end =
            |event: &Event| matches!(event, Event::PrivateEnded { peer, why: Closing::Lost } if *peer == name("vader"));
        hans.told.iter().any(is_end)
    };
    scene.hans.until(over).await;
    assert!(scene.hans.transfer().is_none(), "nobody is asked whether they want it");
    scene.others_go_on().await;
}

#[test]
fn hashes_that_are_too_many_or_of_another_file_are_told_and_others_go_on() {
    alone("hashes_that_are_too_many_or_of_another_file_are_told_and_others_go_on", async {
        let whole = FileSize::try_from(MAX_FILE_BYTES).unwrap().pieces() * 32;
        for (count, cause) in [
            (
                u64::MAX,
                "the source vader: the other device broke the rules: bytes of another number; what came is kept",
            ),
            (whole, "the source vader: the other device broke the rules: hashes of another file; what came is kept"),
        ] {
            let mut scene = Scene::new().await;
            let before = resident();
            scene.bait(MAX_FILE_BYTES).await;
            let link = scene.vader.met.link.clone();
            let bomb = tokio::spawn(async move {
                while let Ok((mut sender, _receiver)) = link.accept().await {
                    wire::write(&mut sender, &PeerAnswer::Bytes { count }).await.unwrap();
                    let nothing = vec![0; 65_536];
                    // As long as anybody reads.
                    while sender.write_all(&nothing).await.is_ok() {}
                }
            });
            let failed = TransferState::Failed { cause: cause.to_owned() };
            scene.hans.until(|hans| hans.transfer().is_some_and(|transfer| transfer.state == failed)).await;
            scene.others_go_on().await;
            assert_grew_little(before);
            bomb.abort();
            let left = std::fs::read_dir(scene.hans.folder.path()).unwrap().count();
            assert_eq!(left, 1, "the notes alone");
        }
    });
}

/// Hans shares a file; vader knows its root.
async fn shared_by_hans(hans: &mut Party) -> FileRoot {
    let path = hans.folder.path().join("plans");
    std::fs::write(&path, vec![7; usize::try_from(8 * PIECE_BYTES).unwrap()]).unwrap();
    hans.order(FileOrder::Register { path });
    let is_there = |hans: &Party| hans.told.iter().any(|event| matches!(event, Event::Shares(all) if !all.is_empty()));
    hans.until(is_there).await;
    let shares =
        hans.told.iter().find_map(|event| if let Event::Shares(all) = event { Some(all.clone()) } else { None });
    shares.unwrap()[0].file.root
}

/// The server introduces somebody who fetches from a party.
fn fetches(from: &mut Party, peer: &UserName, number: u64, root: FileRoot, device: DeviceKey, addresses: Addresses) {
    let introduction = Introduction { peer: peer.clone(), purpose: Purpose::Serve { root }, number, device, addresses };
    let wishes = from.keeper.server_news(PrivateNews::Introduced(introduction));
    from.obey(wishes);
}

#[tokio::test]
async fn who_serves_a_file_sends_nothing_to_the_addresses_that_a_stranger_names() {
    let mut hans = Party::new("hans", 1).await;
    let root = shared_by_hans(&mut hans).await;
    let mut sockets = Vec::new();
    for _ in 0..16 {
        sockets.push(tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap());
    }
    // The first is where the server sees the stranger; it is dialled once, and it is their own.
    let named = sockets.iter().map(|socket| PeerAddress::Direct(socket.local_addr().unwrap()));
    let own = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let seen = PeerAddress::Direct(own.local_addr().unwrap());
    let device = QuicNet::open(&[9; 32], AddressPolicy::ToPeers).await.unwrap().key();
    let addresses = Addresses::new(std::iter::once(seen).chain(named));
    fetches(&mut hans, &name("vader"), 1, root, device, addresses);
    let mut buffer = [0; 2048];
    let dialled_back = timeout(PATIENCE, own.recv(&mut buffer)).await;
    assert!(dialled_back.unwrap().is_ok());
    for socket in &sockets {
        assert!(socket.try_recv(&mut buffer).is_err(), "a datagram reached somebody else");
    }
}

#[tokio::test]
async fn two_hundred_introductions_of_one_peer_leave_others_served() {
    let mut hans = Party::new("hans", 1).await;
    let root = shared_by_hans(&mut hans).await;
    let vader = QuicNet::open(&[9; 32], AddressPolicy::ToPeers).await.unwrap();
    for number in 1..=200 {
        fetches(&mut hans, &name("vader"), number, root, vader.key(), Addresses::default());
    }
    let leia = QuicNet::open(&[2; 32], AddressPolicy::ToPeers).await.unwrap();
    let link = fetcher(&mut hans, "leia", &leia, 201, root).await;
    assert!(gets(&mut hans, &link, root).await);
}

/// Somebody is introduced, comes, and stays on the link whatever happens.
async fn fetcher(hans: &mut Party, who: &str, net: &QuicNet, number: u64, root: FileRoot) -> Met<QuicLink> {
    let (me, my_key, peer, peer_key) = (name(who), net.key(), name("hans"), hans.net.key());
    fetches(hans, &me, number, root, my_key, Addresses::default());
    let meeting = Meeting { me, my_key, peer, peer_key, number };
    let (net, addresses) = (net.clone(), hans.net.addresses());
    let coming = tokio::spawn(async move {
        let link = net.dial(peer_key, &addresses, Use::Fetch).await.unwrap();
        meeting.meet(link, &Encounter::First(OneTry::default())).await.unwrap()
    });
    hans.meanwhile(coming).await.unwrap()
}

/// Whether hans answers a question for a piece.
async fn gets(hans: &mut Party, met: &Met<QuicLink>, root: FileRoot) -> bool {
    let link = met.link.clone();
    let asking = tokio::spawn(async move {
        let Ok((mut sender, mut receiver)) = link.open().await else { return false };
        if wire::write(&mut sender, &PeerAsk::Piece { root, piece: 0 }).await.is_err() {
            return false;
        }
        matches!(wire::read(&mut receiver, 1024).await, Ok(PeerAnswer::Bytes { .. }))
    });
    hans.meanwhile(asking).await.unwrap()
}

#[tokio::test]
async fn a_block_a_logout_and_the_end_of_sharing_end_what_a_fetcher_that_stays_is_given() {
    for number in 1..=3 {
        let mut hans = Party::new("hans", 1).await;
        let root = shared_by_hans(&mut hans).await;
        let net = QuicNet::open(&[9; 32], AddressPolicy::ToPeers).await.unwrap();
        let met = fetcher(&mut hans, "vader", &net, number, root).await;
        assert!(gets(&mut hans, &met, root).await);
        match number {
            1 => hans.keeper.blocked(&name("vader")),
            2 => {
                let wishes = hans.keeper.session_over(Farewell::Logout);
                hans.obey(wishes);
            }
            _ => hans.order(FileOrder::Unregister { name: FileName::new("plans").unwrap() }),
        }
        assert!(!gets(&mut hans, &met, root).await, "way {number}");
        assert!(timeout(PATIENCE, met.link.gone()).await.is_ok(), "the link of way {number} is closed");
    }
}

#[test]
fn a_dead_peer_is_noticed_within_ten_seconds() {
    assert!(super::quic::IDLE <= Duration::from_secs(10));
    assert!(super::quic::KEEP_ALIVE * 3 <= super::quic::IDLE, "three signs of life may be lost");
}
