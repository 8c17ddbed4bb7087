//! What a client takes from a server, and what it does not.

use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{
    Addresses, DeviceKey, FileRoot, Introduction, MessageId, PrivateCommand, PrivateEnd, PrivateNews, Purpose,
    Question, Refusal, Seconds, Standing, Text, Timestamp, UserName, Verification,
};

use super::*;
use crate::message::{ChatId, Direction, Outgoing, RowId};

mod mending;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_bytes([n; 32])
}

fn hans() -> Peers {
    Peers::new(name("hans"), key(1), Pins::default())
}

fn introduction(peer: &str, number: u64, device: u8) -> Introduction {
    let purpose = Purpose::Session {};
    Introduction { peer: name(peer), purpose, number, device: key(device), addresses: Addresses::default() }
}

fn introduced(introduction: Introduction) -> PeersInput {
    PeersInput::News(PrivateNews::Introduced(introduction))
}

fn asked(command: PrivateCommand) -> PeersInput {
    PeersInput::Asked { ask: AskId::new(1), command }
}

fn start(peer: &str) -> PeersInput {
    asked(PrivateCommand::Start { name: name(peer) })
}

fn code() -> Verification {
    let (hans, yoda) = (name("hans"), name("yoda"));
    let end = |name, n| whoelse_proto::End { name, device: key(n), nonce: [n; 32] };
    Verification::of(end(&hans, 1), end(&yoda, 2))
}

fn linked(number: u64) -> PeersInput {
    PeersInput::Linked { number, verification: code(), route: Route::Direct }
}

/// A session with yoda, number 7, key 2.
fn in_session() -> Peers {
    let mut peers = hans();
    peers.handle(start("yoda"), NOW);
    peers.handle(introduced(introduction("yoda", 7, 2)), NOW);
    peers.handle(linked(7), NOW);
    peers
}

fn ended(peer: &str, why: Closing) -> PeersOutput {
    PeersOutput::Tell(Event::PrivateEnded { peer: name(peer), why })
}

fn refused(peer: &str, cause: &str) -> Vec<PeersOutput> {
    vec![PeersOutput::Tell(Event::IntroductionRefused { peer: name(peer), cause: cause.to_owned() })]
}

#[test]
fn an_introduction_that_was_asked_for_becomes_a_link_and_then_a_session() {
    let mut peers = hans();
    assert_eq!(peers.handle(start("yoda"), NOW), []);
    let met = introduction("yoda", 7, 2);
    assert_eq!(peers.handle(introduced(met.clone()), NOW), [PeersOutput::SavePins, PeersOutput::Link(met)]);
    let session = PrivateSession {
        peer: name("yoda"),
        device: key(2),
        verification: code(),
        trust: Trust::New,
        route: Route::Direct,
        since: NOW,
    };
    // To make the link takes a while.
    let later = NOW.plus(Seconds::new(2));
    let session = PrivateSession { since: later, ..session };
    assert_eq!(peers.handle(linked(7), later), [PeersOutput::Tell(Event::PrivateOpened(session))]);
    assert_eq!(peers.open_link(&name("yoda")), Some(7));
}

#[test]
fn a_question_is_told_and_its_acceptance_is_the_consent() {
    let mut peers = hans();
    let question = PrivateNews::Asked { by: name("yoda"), expires_in: Seconds::new(60) };
    let until = NOW.plus(Seconds::new(60));
    let told = [PeersOutput::Tell(Event::PrivateAsked { by: name("yoda"), until })];
    assert_eq!(peers.handle(PeersInput::News(question), NOW), told);
    let cause = "the server introduces somebody whom nobody asked for";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 2)), NOW), refused("yoda", cause));
    peers.handle(asked(PrivateCommand::Accept { name: name("yoda") }), NOW);
    let met = introduction("yoda", 8, 2);
    assert_eq!(peers.handle(introduced(met.clone()), NOW), [PeersOutput::SavePins, PeersOutput::Link(met)]);
}

#[test]
fn to_ask_whoever_asks_is_to_agree() {
    let mut peers = hans();
    let question = PrivateNews::Asked { by: name("yoda"), expires_in: Seconds::new(60) };
    peers.handle(PeersInput::News(question), NOW);
    peers.handle(start("yoda"), NOW);
    let met = introduction("yoda", 7, 2);
    assert_eq!(peers.handle(introduced(met.clone()), NOW), [PeersOutput::SavePins, PeersOutput::Link(met)]);
}

#[test]
fn a_server_that_lies_in_an_introduction_is_refused() {
    let nobody = "the server introduces somebody whom nobody asked for";
    assert_eq!(hans().handle(introduced(introduction("yoda", 7, 2)), NOW), refused("yoda", nobody), "unasked");

    let mut peers = hans();
    peers.handle(start("yoda"), NOW);
    assert_eq!(peers.handle(introduced(introduction("vader", 7, 2)), NOW), refused("vader", nobody), "another user");
    let own = "the server gives your own key for another's";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 1)), NOW), refused("yoda", own));
    let yourself = "the server introduces you to yourself";
    assert_eq!(peers.handle(introduced(introduction("hans", 7, 2)), NOW), refused("hans", yourself));

    let mut peers = in_session();
    let again = introduction("yoda", 7, 2);
    assert_eq!(peers.handle(introduced(again.clone()), NOW), [PeersOutput::Link(again)], "new addresses");
    let another = "the server gives another key for a session that is open";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 3)), NOW), refused("yoda", another));
    assert_eq!(peers.handle(introduced(introduction("yoda", 9, 2)), NOW), refused("yoda", nobody), "a second one");

    peers.handle(asked(PrivateCommand::Stop { name: name("yoda") }), NOW);
    let old = "the server repeats an old introduction";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 2)), NOW), refused("yoda", old));
    peers.handle(start("yoda"), NOW);
    assert_eq!(peers.handle(introduced(introduction("yoda", 6, 2)), NOW), refused("yoda", old));

    let fetch =
        Introduction { purpose: Purpose::Fetch { root: FileRoot::from_bytes([1; 32]) }, ..introduction("leia", 9, 5) };
    let unasked = "the server introduces the holder of a file that nobody asked for";
    assert_eq!(peers.handle(introduced(fetch), NOW), refused("leia", unasked));
}

#[test]
fn a_changed_key_ends_the_session_before_it_begins_until_the_user_takes_it() {
    let mut peers = in_session();
    peers.handle(asked(PrivateCommand::Stop { name: name("yoda") }), NOW);
    peers.handle(start("yoda"), NOW);
    let out = peers.handle(introduced(introduction("yoda", 8, 3)), NOW);
    let changed = Event::DeviceChanged { peer: name("yoda"), pinned: key(2), pinned_at: NOW, shown: key(3) };
    let stop = Ask::Private(PrivateCommand::Stop { name: name("yoda") });
    assert_eq!(out[0], PeersOutput::Tell(changed));
    assert_eq!(out[1], ended("yoda", Closing::Impostor));
    assert!(matches!(&out[2..], [PeersOutput::Ask { what, .. }] if *what == stop), "{out:?}");

    let repin = PeersInput::Repin { peer: name("yoda"), device: key(3) };
    assert_eq!(peers.handle(repin, NOW), [PeersOutput::SavePins]);
    peers.handle(start("yoda"), NOW);
    let met = introduction("yoda", 9, 3);
    assert_eq!(peers.handle(introduced(met.clone()), NOW), [PeersOutput::Link(met)]);
}

#[test]
fn a_verified_key_stays_so_and_another_is_not() {
    let mut peers = in_session();
    let verify = |device| PeersInput::Verify { peer: name("yoda"), device };
    assert_eq!(peers.handle(verify(key(9)), NOW), []);
    let told = PeersOutput::Tell(Event::Verified { peer: name("yoda"), device: key(2) });
    assert_eq!(peers.handle(verify(key(2)), NOW), [PeersOutput::SavePins, told]);
    peers.handle(asked(PrivateCommand::Stop { name: name("yoda") }), NOW);
    peers.handle(start("yoda"), NOW);
    peers.handle(introduced(introduction("yoda", 8, 2)), NOW);
    let out = peers.handle(linked(8), NOW);
    assert!(matches!(&out[..], [PeersOutput::Tell(Event::PrivateOpened(session))] if session.trust == Trust::Verified));
}

fn words() -> Text {
    Text::new("hi").unwrap()
}

fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

fn write(n: u8) -> PeersInput {
    PeersInput::Write { id: id(n), to: name("yoda"), text: words() }
}

fn kept(n: u8, direction: Direction) -> Message {
    let (chat, author) = (ChatId::Private(name("yoda")), name(if n < 100 { "hans" } else { "yoda" }));
    let message = NewMessage { id: id(n), chat, author, text: words(), reply_to: None, at: NOW, direction };
    Message { row: RowId::new(u64::from(n)), message }
}

fn progressed(n: u8, outgoing: Outgoing) -> PeersOutput {
    PeersOutput::Tell(Event::Progressed { chat: ChatId::Private(name("yoda")), id: id(n), outgoing })
}

fn not_sent(n: u8, refusal: Refusal) -> PeersOutput {
    progressed(n, Outgoing { refused: Some(refusal), ..Outgoing::default() })
}

#[test]
fn words_go_straight_to_the_peer_and_are_confirmed() {
    let mut peers = in_session();
    let own = kept(1, Direction::Outgoing(Outgoing::default()));
    let out = peers.handle(write(1), NOW);
    assert!(matches!(&out[0], PeersOutput::Ask { what: Ask::Stay, .. }), "a private action counts as one");
    assert_eq!(out[1..], [PeersOutput::Keep(own.message.clone())]);
    let frame = PeerFrame::Text { id: id(1), text: words() };
    let sent = PeersOutput::Send { number: 7, frame };
    assert_eq!(peers.handle(PeersInput::Kept(own.clone()), NOW), [PeersOutput::Tell(Event::Saved(own)), sent]);
    let ack = PeersInput::Frame { number: 7, frame: PeerFrame::Ack { id: id(1) } };
    let done = Outgoing { accepted_at: Some(NOW), delivered_at: Some(NOW), ..Outgoing::default() };
    assert_eq!(peers.handle(ack.clone(), NOW), [PeersOutput::Delivered(id(1)), progressed(1, done)]);
    assert_eq!(peers.handle(ack, NOW), [], "twice is once");
}

#[test]
fn words_of_the_peer_are_shown_and_confirmed() {
    let mut peers = in_session();
    let theirs = kept(101, Direction::Incoming { stored: false });
    let frame = PeerFrame::Text { id: id(101), text: words() };
    let out = peers.handle(PeersInput::Frame { number: 7, frame: frame.clone() }, NOW);
    assert_eq!(out, [PeersOutput::Keep(theirs.message.clone())]);
    let ack = PeersOutput::Send { number: 7, frame: PeerFrame::Ack { id: id(101) } };
    assert_eq!(peers.handle(PeersInput::Kept(theirs.clone()), NOW), [PeersOutput::Tell(Event::Received(theirs)), ack]);
    assert_eq!(peers.handle(PeersInput::Frame { number: 8, frame }, NOW), [], "of no link that stands");
}

#[test]
fn words_without_a_session_are_refused_and_never_go_another_way() {
    assert_eq!(hans().handle(write(1), NOW), [not_sent(1, Refusal::NoSession)]);
    let mut peers = hans();
    peers.handle(start("yoda"), NOW);
    assert_eq!(peers.handle(write(1), NOW), [not_sent(1, Refusal::NoSession)]);

    let mut peers = in_session();
    peers.handle(write(1), NOW);
    let gone = PeersInput::Unlinked { number: 7, why: Closing::Lost };
    let out = peers.handle(gone, NOW);
    let unlink = PeersOutput::Unlink { number: 7, farewell: Farewell::Lost };
    assert_eq!(out[..3], [unlink, not_sent(1, Refusal::NoSession), ended("yoda", Closing::Lost)]);
    let own = kept(1, Direction::Outgoing(Outgoing::default()));
    let late = peers.handle(PeersInput::Kept(own.clone()), NOW);
    assert_eq!(late, [PeersOutput::Tell(Event::Saved(own)), not_sent(1, Refusal::NoSession)]);
}

#[test]
fn a_peer_that_confirms_nothing_is_not_written_to_for_ever() {
    let mut peers = in_session();
    for n in 0..=255 {
        peers.handle(write(n), NOW);
    }
    assert_eq!(peers.handle(write(1), NOW), [not_sent(1, Refusal::Full)]);
}

#[test]
fn each_end_is_told_with_its_reason() {
    let unlink = |farewell| PeersOutput::Unlink { number: 7, farewell };
    for (reason, why) in [
        (PrivateEnd::Declined, Closing::Declined),
        (PrivateEnd::Expired, Closing::Expired),
        (PrivateEnd::Stopped, Closing::Stopped),
        (PrivateEnd::Logout, Closing::Logout),
        (PrivateEnd::Timeout, Closing::Timeout),
        (PrivateEnd::Lost, Closing::Lost),
    ] {
        let news = PeersInput::News(PrivateNews::Ended { peer: name("yoda"), reason });
        let mut peers = in_session();
        assert_eq!(peers.handle(news.clone(), NOW), [unlink(Farewell::Stopped), ended("yoda", why)]);
        assert_eq!(peers.handle(news, NOW), [], "an end is told once");
    }
    let bye = PeersInput::Frame { number: 7, frame: PeerFrame::Bye { farewell: Farewell::Logout } };
    assert_eq!(in_session().handle(bye, NOW), [unlink(Farewell::Stopped), ended("yoda", Closing::Logout)]);
    let out = in_session().handle(PeersInput::SessionOver(Farewell::Timeout), NOW);
    assert_eq!(out, [unlink(Farewell::Timeout), ended("yoda", Closing::Timeout)]);
    let out = in_session().handle(asked(PrivateCommand::Stop { name: name("yoda") }), NOW);
    assert_eq!(out, [unlink(Farewell::Stopped), ended("yoda", Closing::Here)]);
}

#[test]
fn a_question_that_the_server_refuses_leaves_no_consent_behind() {
    let mut peers = hans();
    peers.handle(start("yoda"), NOW);
    let answer = PeersInput::Answered { ask: AskId::new(1), result: Err(Refusal::Offline) };
    assert_eq!(peers.handle(answer, NOW), []);
    let nobody = "the server introduces somebody whom nobody asked for";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 2)), NOW), refused("yoda", nobody));
}

#[test]
fn what_was_missed_while_the_line_was_lost_is_learnt_from_what_stands() {
    let mut peers = in_session();
    peers.handle(PeersInput::Asked { ask: AskId::new(2), command: PrivateCommand::Start { name: name("leia") } }, NOW);
    peers.handle(PeersInput::LineUp, NOW);
    let asked = vec![Question { by: name("luke"), expires_in: Seconds::new(9) }];
    let standing = Standing { open: vec![name("yoda")], asked, ..Standing::default() };
    let until = NOW.plus(Seconds::new(9));
    let told = [ended("leia", Closing::Lost), PeersOutput::Tell(Event::PrivateAsked { by: name("luke"), until })];
    assert_eq!(peers.handle(PeersInput::Standing(standing), NOW), told);
    assert_eq!(peers.open_link(&name("yoda")), Some(7));
}

#[test]
fn a_session_whose_introduction_was_missed_is_ended() {
    let mut peers = hans();
    peers.handle(start("yoda"), NOW);
    peers.handle(PeersInput::LineUp, NOW);
    let standing = Standing { open: vec![name("yoda")], ..Standing::default() };
    let out = peers.handle(PeersInput::Standing(standing), NOW);
    assert_eq!(out[0], ended("yoda", Closing::Lost));
    let stop = Ask::Private(PrivateCommand::Stop { name: name("yoda") });
    assert!(matches!(&out[1..], [PeersOutput::Ask { what, .. }] if *what == stop), "{out:?}");
}
