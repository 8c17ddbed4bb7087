use whoelse_proto::{
    Agent, GroupId, KnownState, LoginRefusal, MessageState, Presence, Registration, RosterEntry, Seen, Span,
};

use super::*;
use crate::request::Ask;

/// More than any server says honestly.
const LONG: std::ops::RangeInclusive<u64> = 1..=5000;

/// What a server says, on a line with message 7 (request 1), two asks (2, 3), a marker (4) and a look-up (5) open.
fn said(frame: ServerFrame) -> Vec<LinkOutput> {
    let mut bench = Bench::offline();
    bench.take(welcome());
    bench.take(LinkInput::Write(written(7, direct("yoda"))));
    bench.take(done(1, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
    bench.take(done(2, DiskResult::Put(row(written(7, direct("yoda"))))));
    bench.take(LinkInput::Ask { ask: AskId::new(2), what: Ask::Whoelse });
    bench.take(LinkInput::Ask { ask: AskId::new(3), what: Ask::Stay });
    bench.take(LinkInput::MarkRead { peer: name("yoda"), up_to: id(1) });
    bench.take(LinkInput::Frame(frame))
}

fn replied(number: u32, more: bool, answer: Answer) -> Vec<LinkOutput> {
    said(ServerFrame::Reply { id: RequestId::new(number), more, outcome: Outcome::Ok(answer) })
}

/// The line ends, and every ask that is open is told so; `answered` is the one whose answer was the lie.
fn assert_ends_the_line(out: &[LinkOutput]) {
    assert!(matches!(out.last(), Some(LinkOutput::Abandon { .. })), "{out:?}");
    let harmless = |out: &LinkOutput| matches!(out, LinkOutput::Tell(Event::Unanswered { .. }));
    assert!(out[..out.len() - 1].iter().all(harmless), "{out:?}");
}

fn answers() -> Vec<Answer> {
    vec![
        Answer::Done {},
        Answer::Accepted { at: THERE, skipped: false },
        Answer::Users(vec![]),
        Answer::Names(vec![]),
        Answer::States(vec![]),
    ]
}

#[test]
fn an_answer_to_what_was_not_asked_ends_the_line() {
    assert_ends_the_line(&replied(99, false, Answer::Done {}));
}

#[test]
fn an_answer_of_the_wrong_kind_ends_the_line() {
    for (number, right) in [(1, 1), (2, 2), (3, 0), (4, 0)] {
        for (kind, answer) in answers().into_iter().enumerate().filter(|(kind, _)| *kind != right) {
            let out = replied(number, false, answer);
            assert!(matches!(out.last(), Some(LinkOutput::Abandon { .. })), "{number} {kind} {out:?}");
        }
    }
}

#[test]
fn parts_of_an_answer_that_has_none_end_the_line() {
    for number in [1, 4] {
        assert_ends_the_line(&replied(number, true, answers().swap_remove(number as usize % 2)));
    }
}

#[test]
fn the_login_over_again_ends_the_line() {
    let hello = ServerFrame::Hello {
        version: 1,
        agent: Agent::default(),
        title: Agent::default(),
        registration: Registration::Open,
        features: vec![],
    };
    let refused = ServerFrame::LoginRefused(LoginRefusal::AlreadyOnline {});
    for frame in [hello, refused, ServerFrame::Registered {}] {
        assert_ends_the_line(&said(frame));
    }
}

#[test]
fn messages_out_of_order_end_the_line_and_none_is_acknowledged() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));

    assert_eq!(bench.take(deliver(8, 40)), [abandon("the server delivers messages out of order")]);
    assert_eq!(bench.take(done(2, DiskResult::Put(row(arrived(7))))), [tell(Event::Received(row(arrived(7))))]);
}

#[test]
fn a_message_for_somebody_else_or_from_oneself_is_not_shown() {
    let wrong = [
        Envelope { to: to("leia"), ..envelope(7, 40) },
        Envelope { to: Target::Group(GroupId::from_bytes([1; 16])), ..envelope(7, 40) },
        Envelope { from: name("hans"), ..envelope(7, 40) },
    ];
    for envelope in wrong {
        assert_eq!(Bench::online().take(LinkInput::Frame(ServerFrame::Deliver(envelope))), [ack(40)]);
    }
}

#[test]
fn a_message_with_the_id_of_an_own_one_changes_nothing() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));

    assert_eq!(bench.take(done(2, DiskResult::Duplicate)), [ack(40)]);
}

#[test]
fn more_messages_than_the_disk_takes_end_the_line() {
    let mut bench = Bench::online();
    let end = LONG.clone().find(|&seq| matches!(bench.take(deliver(7, seq))[0], LinkOutput::Abandon { .. }));

    assert_eq!(end, Some(2049));
}

#[test]
fn news_of_messages_without_end_ends_the_line() {
    let mut bench = Bench::online();
    let progress = || ServerFrame::Progress {
        state: MessageState::Read,
        peer: name("yoda"),
        ids: vec![id(1)],
        at: THERE,
        lost: false,
    };
    let end = LONG.clone().find(|_| matches!(bench.take(LinkInput::Frame(progress()))[0], LinkOutput::Abandon { .. }));

    assert_eq!(end, Some(2049));
}

#[test]
fn an_answer_without_end_ends_the_line() {
    let mut bench = Bench::online();
    bench.take(LinkInput::Ask { ask: AskId::new(1), what: Ask::Whoelsesince(Seconds::new(9)) });
    let span = Span { from: THERE, to: None };
    let seen = Seen {
        name: name("yoda"),
        presence: Presence::Online { since: THERE },
        sessions: vec![span; 9_999],
        earlier: 0,
    };
    let end = LONG.clone().find(|_| {
        let out = bench.take(part(1, Answer::Users(vec![seen.clone()])));
        matches!(out.last(), Some(LinkOutput::Abandon { .. }))
    });

    assert_eq!(end, Some(201));
}

#[test]
fn a_look_up_without_end_ends_when_the_disk_is_full_of_it() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    bench.take(done(1, DiskResult::Open { outbox: vec![], unread: vec![unsettled(id(1))], unshown: vec![] }));
    let states = Answer::States(vec![KnownState::new(id(1), MessageState::Read)]);

    let end = LONG.clone().find(|_| matches!(bench.take(part(1, states.clone()))[0], LinkOutput::Abandon { .. }));

    assert_eq!(end, Some(2049));
}

#[test]
fn a_roster_without_end_ends_the_line() {
    let mut bench = Bench::online();
    let users: Vec<RosterEntry> = (0..10_001)
        .map(|n| RosterEntry { name: name(&format!("user{n}")), presence: Presence::Offline { last_seen: None } })
        .collect();
    let end = LONG.clone().find(|_| {
        let out = bench.take(LinkInput::Frame(ServerFrame::Roster { users: users.clone(), more: true }));
        !out.is_empty()
    });

    assert_eq!(end, Some(50));
}

#[test]
fn a_result_that_no_operation_awaits_changes_nothing() {
    assert_eq!(Bench::online().take(done(77, DiskResult::Duplicate)), []);
}
