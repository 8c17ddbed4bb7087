//! Links between devices in memory: who meets whom, and who does not.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use whoelse_model::Closing;
use whoelse_proto::peer::{Farewell, PeerFrame, PeerHello};
use whoelse_proto::{Addresses, DeviceKey, MessageId, Text, UserName};

use super::find::{Approach, Plan};
use super::handshake::Meeting;
use super::link::{Handle, LinkNews, Told, start};
use super::memory::{Ether, MemoryLink, MemoryNet};
use super::{PeerLink as _, PeerNet as _, Use};

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

struct Side {
    handle: Handle,
    news: mpsc::Receiver<Told<MemoryLink>>,
}

fn side(net: &MemoryNet, me: &str, peer: &str, peer_key: u8, number: u64) -> Side {
    let meeting = Meeting {
        me: name(me),
        my_key: net.key(),
        peer: name(peer),
        peer_key: DeviceKey::from_bytes([peer_key; 32]),
        number,
    };
    let plan = Plan { meeting, purpose: Use::Session, approach: Approach::Dial, addresses: Addresses::default() };
    let (to_news, news) = mpsc::channel(64);
    Side { handle: start(net.clone(), plan, to_news), news }
}

impl Side {
    async fn next(&mut self) -> LinkNews<MemoryLink> {
        timeout(Duration::from_secs(30), self.news.recv()).await.unwrap().unwrap().1
    }
}

#[tokio::test]
async fn two_who_were_introduced_meet_and_see_the_same_code() {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let mut here = side(&hans, "hans", "yoda", 2, 7);
    let mut there = side(&yoda, "yoda", "hans", 1, 7);
    let (LinkNews::Met(_, one, _), LinkNews::Met(_, other, _)) = (here.next().await, there.next().await) else {
        panic!("they did not meet");
    };
    assert_eq!(one, other);
    let frame = PeerFrame::Text { id: MessageId::from_bytes([1; 16]), text: Text::new("hi").unwrap() };
    assert!(here.handle.send(frame.clone()));
    assert!(matches!(there.next().await, LinkNews::Frame(heard) if heard == frame));
    let leaving = here.handle.close(Farewell::Logout).unwrap();
    let bye = PeerFrame::Bye { farewell: Farewell::Logout };
    assert!(matches!(there.next().await, LinkNews::Frame(heard) if heard == bye));
    drop(there);
    leaving.await.unwrap();
}

#[tokio::test]
async fn a_server_that_crosses_two_users_is_found_out_before_a_word_is_said() {
    let ether = Ether::default();
    let (hans, vader) = (ether.device(1), ether.device(2));
    let mut here = side(&hans, "hans", "yoda", 2, 7);
    let mut there = side(&vader, "vader", "hans", 1, 7);
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Impostor)));
    assert!(matches!(there.next().await, LinkNews::Gone(_)));
}

#[tokio::test]
async fn a_server_that_gives_the_key_of_another_brings_nobody_together() {
    let ether = Ether::default();
    let (hans, _, vader) = (ether.device(1), ether.device(2), ether.device(3));
    let mut here = side(&hans, "hans", "yoda", 2, 7);
    // Vader knows whom hans awaits, and calls himself so; the key is not his.
    let there = side(&vader, "yoda", "hans", 1, 7);
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Unreachable)));
    drop(there);
}

#[tokio::test]
async fn a_link_of_an_earlier_introduction_is_not_taken_for_this_one() {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let mut here = side(&hans, "hans", "yoda", 2, 8);
    let mut there = side(&yoda, "yoda", "hans", 1, 7);
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Unreachable)));
    assert!(matches!(there.next().await, LinkNews::Gone(Closing::Unreachable)));
}

#[tokio::test]
async fn a_peer_that_stops_reading_is_left_before_it_costs_much() {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let mut here = side(&hans, "hans", "yoda", 2, 7);
    let mut there = side(&yoda, "yoda", "hans", 1, 7);
    assert!(matches!(here.next().await, LinkNews::Met(..)));
    assert!(matches!(there.next().await, LinkNews::Met(..)));
    let frame = |n: u16| {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        PeerFrame::Text { id: MessageId::from_bytes(id), text: Text::new(&"x".repeat(16_000)).unwrap() }
    };
    // Nobody takes what arrives there.
    for n in 0..10_000 {
        if !here.handle.send(frame(n)) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("ten thousand frames wait");
}

#[tokio::test]
async fn an_offer_of_ten_tebibytes_is_no_frame() {
    let (here, there) = tokio::io::duplex(1024);
    let (mut sender, mut receiver): (super::Sender, super::Receiver) = (Box::new(here), Box::new(there));
    let root = vec![0_u8; 32];
    let offer = serde_json::json!({"offer": {"id": 1, "name": "x", "size": 10_u64 << 40, "root": root}});
    super::wire::write(&mut sender, &offer).await.unwrap();
    let read = super::wire::read::<PeerFrame>(&mut receiver, 1024).await;
    assert!(matches!(read, Err(super::PeerError::Malformed(_))), "{read:?}");
}

#[tokio::test]
async fn whoever_sits_between_has_one_try_in_an_introduction_and_it_is_told() {
    let ether = Ether::default();
    let (vader, hans) = (ether.device(1), ether.device(2));
    let mut here = side(&hans, "hans", "yoda", 1, 7);
    let mut answers = 0;
    // He has the key that the server named, opens link after link, and would choose the answer that suits him.
    for _ in 0..50 {
        let Ok(link) = vader.dial(hans.key(), &Addresses::default(), Use::Session).await else {
            // Not yet, or no more.
            tokio::task::yield_now().await;
            continue;
        };
        let Ok((mut sender, mut receiver)) = link.open().await else { continue };
        let (from, to) = (name("yoda"), name("hans"));
        let hello = PeerHello { from, to, number: 7, random: whoelse_proto::commitment(&[1; 32]) };
        if super::wire::write(&mut sender, &hello).await.is_err() {
            continue;
        }
        let answer = timeout(Duration::from_secs(5), super::wire::read::<PeerHello>(&mut receiver, 1024)).await;
        answers += u32::from(matches!(answer, Ok(Ok(_))));
        link.close();
    }
    assert_eq!(answers, 1);
    assert!(matches!(here.next().await, LinkNews::Gone(Closing::Unreachable)));
}

#[tokio::test]
async fn who_is_awaited_comes_by_itself() {
    let ether = Ether::default();
    let (hans, yoda) = (ether.device(1), ether.device(2));
    let wait = |net: &MemoryNet, me: &str, peer: &str, key, approach| {
        let peer_key = DeviceKey::from_bytes([key; 32]);
        let meeting = Meeting { me: name(me), my_key: net.key(), peer: name(peer), peer_key, number: 7 };
        let (to_news, news) = mpsc::channel(64);
        let plan = Plan { meeting, purpose: Use::Fetch, approach, addresses: Addresses::default() };
        Side { handle: start(net.clone(), plan, to_news), news }
    };
    let mut here = wait(&hans, "hans", "yoda", 2, Approach::Await);
    let mut there = wait(&yoda, "yoda", "hans", 1, Approach::Dial);
    assert!(matches!(here.next().await, LinkNews::Met(..)));
    assert!(matches!(there.next().await, LinkNews::Met(..)));
}
