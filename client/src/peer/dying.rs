//! Links that die, in memory: both devices find each other again, and the session goes on.

#![allow(clippy::wildcard_enum_match_arm, reason = "each test looks at what it is about")]

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;
use whoelse_model::{
    AskId, Closing, Event, FileOrder, Message, PeersInput, Pins, RowId, TransferId, TransferKind, TransferState,
};
use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::peer::{PeerFrame, PeerHello};
use whoelse_proto::{
    Addresses, DeviceKey, Introduction, MessageId, PrivateCommand, PrivateNews, Purpose, Text, UserName,
};

use super::files::Places;
use super::find::{Approach, FIND_AGAIN_WITHIN, Plan};
use super::handshake::{Encounter, Meeting, OneTry};
use super::link::{Handle, LinkNews, Told, start};
use super::memory::{Ether, MemoryLink, MemoryNet};
use super::{Keeper, KeeperWish, PeerLink as _, PeerNet as _, Use, wire};

/// How long something may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn meeting(net: &MemoryNet, me: &str, peer: &str, peer_key: u8) -> Meeting {
    let peer_key = DeviceKey::from_bytes([peer_key; 32]);
    Meeting { me: name(me), my_key: net.key(), peer: name(peer), peer_key, number: 7 }
}

struct Side {
    handle: Handle,
    news: mpsc::Receiver<Told<MemoryLink>>,
}

impl Side {
    fn new(net: &MemoryNet, meeting: Meeting) -> Self {
        let (purpose, approach, addresses) = (Use::Session, Approach::Dial, Addresses::default());
        let (to_news, news) = mpsc::channel(64);
        Self { handle: start(net.clone(), Plan { meeting, purpose, approach, addresses }, to_news), news }
    }

    async fn next(&mut self) -> LinkNews<MemoryLink> {
        timeout(PATIENCE, self.news.recv()).await.unwrap().unwrap().1
    }

    async fn met(&mut self) -> MemoryLink {
        match self.next().await {
            LinkNews::Met(link, ..) => link,
            news => panic!("{news:?}"),
        }
    }

    async fn met_again(&mut self) {
        let news = (self.next().await, self.next().await);
        assert!(matches!(news, (LinkNews::Died, LinkNews::MetAgain(..))), "{news:?}");
    }
}

/// Hans and yoda, linked.
async fn linked() -> (Ether, [MemoryNet; 2], [Side; 2], MemoryLink) {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let mut here = Side::new(&hans, meeting(&hans, "hans", "yoda", 2));
    let mut there = Side::new(&yoda, meeting(&yoda, "yoda", "hans", 1));
    let link = here.met().await;
    there.met().await;
    (ether, [hans, yoda], [here, there], link)
}

/// Makes a link to a device, once it expects one.
async fn dial(net: &MemoryNet, to: &MemoryNet) -> MemoryLink {
    loop {
        match net.dial(to.key(), &Addresses::default(), Use::Session).await {
            Ok(link) => return link,
            Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

fn text(n: u8) -> PeerFrame {
    PeerFrame::Text { id: MessageId::from_bytes([n; 16]), text: Text::new("hi").unwrap() }
}

#[tokio::test]
async fn two_whose_link_died_meet_again_and_what_was_ordered_for_the_dead_one_is_not_said() {
    let (_ether, _nets, [mut here, mut there], link) = linked().await;
    link.die();
    here.met_again().await;
    there.met_again().await;
    assert!(here.handle.send(text(1)), "the keeper does not know yet");
    assert!(here.handle.go_on() && there.handle.go_on());
    assert!(here.handle.send(text(2)));
    assert!(matches!(there.next().await, LinkNews::Frame(frame) if frame == text(2)));
}

#[tokio::test]
async fn a_link_that_the_other_program_closed_is_not_looked_for() {
    let (_ether, _nets, [mut here, _there], link) = linked().await;
    link.close();
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Lost)));
}

#[tokio::test(start_paused = true)]
async fn who_is_not_found_again_is_told_as_lost() {
    let (_ether, [hans, yoda], [mut here, mut there], link) = linked().await;
    hans.close().await;
    yoda.close().await;
    let began = tokio::time::Instant::now();
    link.die();
    for side in [&mut here, &mut there] {
        let news = (side.next().await, side.next().await);
        assert!(matches!(news, (LinkNews::Died, LinkNews::Gone(Closing::Lost))), "{news:?}");
    }
    assert_eq!(began.elapsed(), FIND_AGAIN_WITHIN);
}

#[tokio::test(start_paused = true)]
async fn who_comes_on_another_link_has_lost_the_old_one_before_this_side_noticed() {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let mut here = Side::new(&hans, meeting(&hans, "hans", "yoda", 2));
    let there = meeting(&yoda, "yoda", "hans", 1);
    let first = Encounter::First(OneTry::default());
    let link = dial(&yoda, &hans).await;
    let met = there.meet(link, &first).await.unwrap();
    here.met().await;

    let again = Encounter::Again(met.verification.clone());
    let link = dial(&yoda, &hans).await;
    let mut met_again = there.meet(link, &again).await.unwrap();
    here.met_again().await;
    met.link.gone().await;
    assert!(here.handle.go_on() && here.handle.send(text(1)));
    assert_eq!(wire::read::<PeerFrame>(&mut met_again.receiver, 1024).await.unwrap(), text(1));
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_again_who_was_not_met_before() {
    let ether = Ether::default();
    let (hans, vader) = (ether.device(1), ether.device(2));
    let mut here = Side::new(&hans, meeting(&hans, "hans", "yoda", 2));
    // He has the key that the server named, and would leave out the numbers of the code.
    let link = dial(&vader, &hans).await;
    let (mut sender, mut receiver) = link.accept().await.unwrap();
    let hello: PeerHello = wire::read(&mut receiver, 1024).await.unwrap();
    assert_eq!(hello.random.len(), 64);
    let (from, to) = (name("yoda"), name("hans"));
    wire::write(&mut sender, &PeerHello { from, to, number: 7, random: Vec::new() }).await.unwrap();
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Unreachable)));
}

/// Somebody with the real keeper.
struct Party {
    me: UserName,
    keeper: Keeper<MemoryNet>,
    told: Vec<Event>,
    folder: TempDir,
    rows: u64,
}

impl Party {
    fn new(me: &str, net: &MemoryNet) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places { downloads: folder.path().join("downloads"), notes: folder.path().join("notes.json") };
        let keeper = Keeper::new(name(me), net.clone(), Pins::default(), places);
        let mut party = Self { me: name(me), keeper, told: Vec::new(), folder, rows: 0 };
        let wishes = party.keeper.line_up(None);
        party.obey(wishes);
        party
    }

    fn obey(&mut self, wishes: Vec<KeeperWish>) {
        for wish in wishes {
            match wish {
                KeeperWish::Tell(event) => {
                    self.take_what_is_offered(&event);
                    self.told.push(event);
                }
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

    fn take_what_is_offered(&mut self, event: &Event) {
        if let Event::Transferred(transfer) = event
            && matches!(transfer.kind, TransferKind::Receiving { .. })
            && transfer.state == TransferState::Offered
        {
            self.order(FileOrder::Take { id: transfer.id, folder: None });
        }
    }

    fn order(&mut self, order: FileOrder) {
        let wishes = self.keeper.order(AskId::new(1), order);
        self.obey(wishes);
    }

    fn introduced(&mut self, peer: &str, device: DeviceKey) {
        let start = PrivateCommand::Start { name: name(peer) };
        let wishes = self.keeper.asked(AskId::new(1), start);
        self.obey(wishes);
        let (peer, purpose, addresses) = (name(peer), Purpose::Session {}, Addresses::default());
        let introduction = Introduction { peer, purpose, number: 7, device, addresses };
        let wishes = self.keeper.server_news(PrivateNews::Introduced(introduction));
        self.obey(wishes);
    }

    fn write(&mut self, n: u8, to: &str) {
        let (id, text) = (MessageId::from_bytes([n; 16]), Text::new(&n.to_string()).unwrap());
        let wishes = self.keeper.input(PeersInput::Write { id, to: name(to), text });
        self.obey(wishes);
    }

    async fn step(&mut self) {
        let news = self.keeper.next().await;
        let wishes = self.keeper.take(news);
        self.obey(wishes);
    }

    fn heard(&self) -> Vec<String> {
        let text = |event: &Event| match event {
            Event::Received(message) => Some(message.message.text.as_str().to_owned()),
            _ => None,
        };
        self.told.iter().filter_map(text).collect()
    }

    fn delivered(&self) -> usize {
        let is_delivered =
            |event: &&Event| matches!(event, Event::Progressed { outgoing, .. } if outgoing.delivered_at.is_some());
        self.told.iter().filter(is_delivered).count()
    }

    fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.told.iter().filter(|event| is_it(event)).count()
    }

    /// How far the last of the files came.
    fn done(&self) -> u64 {
        let done = |event: &Event| if let Event::Transferred(transfer) = event { Some(transfer.done) } else { None };
        self.told.iter().rev().find_map(done).unwrap_or_default()
    }

    fn whole(&self) -> Option<(TransferId, &Path)> {
        self.told.iter().find_map(|event| match event {
            Event::Transferred(transfer) => match &transfer.state {
                TransferState::Done { path } => Some((transfer.id, path.as_path())),
                _ => None,
            },
            _ => None,
        })
    }
}

async fn until(two: &mut [Party; 2], is_so: impl Fn(&[Party; 2]) -> bool) {
    let happens = async {
        while !is_so(two) {
            let [one, other] = two;
            tokio::select! {
                () = one.step() => {}
                () = other.step() => {}
            }
        }
    };
    let came_about = timeout(PATIENCE, happens).await.is_ok();
    assert!(came_about, "{} was told {:#?}, {} {:#?}", two[0].me, two[0].told, two[1].me, two[1].told);
}

fn numbers(of: std::ops::Range<u8>) -> Vec<String> {
    of.map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn words_and_a_file_outlive_five_links() {
    let ether = Ether::default();
    let (here, there) = (ether.device(1), ether.device(2));
    let mut two = [Party::new("hans", &here), Party::new("yoda", &there)];
    two[0].introduced("yoda", there.key());
    two[1].introduced("hans", here.key());
    until(&mut two, |two| two.iter().all(|party| party.count(|event| matches!(event, Event::PrivateOpened(_))) == 1))
        .await;
    let path = two[0].folder.path().join("plans");
    let bytes: Vec<u8> = (0..64 * PIECE_BYTES).map(|n| (n * 31 + n / 4096).to_le_bytes()[0]).collect();
    std::fs::write(&path, &bytes).unwrap();
    two[0].order(FileOrder::Send { to: name("yoda"), path });

    for storm in 0..5_u8 {
        let so_far = two[1].done();
        until(&mut two, |two| two[1].whole().is_some() || two[1].done() > so_far).await;
        for n in 0..10 {
            two[0].write(10 * storm + n, "yoda");
            two[1].write(100 + 10 * storm + n, "hans");
        }
        ether.storm();
        let resumed = usize::from(storm) + 1;
        let is_resumed = |party: &Party| party.count(|event| matches!(event, Event::PrivateResumed { .. })) == resumed;
        until(&mut two, |two| two.iter().all(is_resumed)).await;
    }
    until(&mut two, |two| two.iter().all(|party| party.delivered() == 50 && party.whole().is_some())).await;
    assert_eq!((two[1].heard(), two[0].heard()), (numbers(0..50), numbers(100..150)));
    let (_, path) = two[1].whole().unwrap();
    assert!(std::fs::read(path).unwrap() == bytes, "the file is another");
    for party in &two {
        assert_eq!(party.count(|event| matches!(event, Event::PrivateInterrupted { .. })), 5);
        assert_eq!(party.count(|event| matches!(event, Event::PrivateEnded { .. } | Event::SaveFailed { .. })), 0);
    }
}
