use whoelse_proto::{Presence, PresenceChange, PresenceReason, Refusal, RosterEntry, Seen, Span};

use super::*;
use crate::request::Ask;

fn ask(n: u64, what: Ask) -> LinkInput {
    LinkInput::Ask { ask: AskId::new(n), what }
}

fn answered(n: u64, result: Result<Answer, Refusal>) -> LinkOutput {
    tell(Event::Answered { ask: AskId::new(n), result })
}

fn seen(user: &str, spans: &[u64]) -> Seen {
    let span = |&from: &u64| Span { from: Timestamp::from_millis(from), to: None };
    Seen {
        name: name(user),
        presence: Presence::Online { since: THERE },
        sessions: spans.iter().map(span).collect(),
        earlier: 0,
    }
}

fn marker(number: u32, n: u8) -> LinkOutput {
    request(number, Command::MarkRead { peer: name("yoda"), up_to: id(n) })
}

fn mark(n: u8) -> LinkInput {
    LinkInput::MarkRead { peer: name("yoda"), up_to: id(n) }
}

const DONE: Outcome = Outcome::Ok(Answer::Done {});

#[test]
fn every_ask_becomes_its_request_and_its_answer_is_told() {
    let yoda = || name("yoda");
    let asks = [
        (Ask::Whoelse, Command::Whoelse {}, Answer::Users(vec![seen("yoda", &[])])),
        (
            Ask::Whoelsesince(Seconds::new(200)),
            Command::Whoelsesince { seconds: Seconds::new(200) },
            Answer::Users(vec![seen("yoda", &[1, 2])]),
        ),
        (Ask::Block(yoda()), Command::Block { name: yoda() }, Answer::Done {}),
        (Ask::Unblock(yoda()), Command::Unblock { name: yoda() }, Answer::Done {}),
        (Ask::Blocked, Command::Blocked {}, Answer::Names(vec![yoda()])),
        (Ask::Stay, Command::Stay {}, Answer::Done {}),
    ];
    for (what, command, answer) in asks {
        let mut bench = Bench::online();
        assert_eq!(bench.take(ask(5, what)), [request(1, command)]);
        assert_eq!(bench.take(reply(1, Outcome::Ok(answer.clone()))), [answered(5, Ok(answer))]);
    }
}

#[test]
fn a_refusal_is_an_answer() {
    let mut bench = Bench::online();
    bench.take(ask(5, Ask::Unblock(name("yoda"))));

    let out = bench.take(reply(1, Outcome::Refused(Refusal::NotBlocked)));

    assert_eq!(out, [answered(5, Err(Refusal::NotBlocked))]);
}

#[test]
fn parts_of_an_answer_are_told_as_one_with_the_sessions_of_a_user_together() {
    let mut bench = Bench::online();
    bench.take(ask(5, Ask::Whoelsesince(Seconds::new(9))));

    assert_eq!(bench.take(part(1, Answer::Users(vec![seen("leia", &[1]), seen("luke", &[2, 3])]))), []);
    let last = Answer::Users(vec![seen("luke", &[4]), seen("yoda", &[5])]);
    let whole = Answer::Users(vec![seen("leia", &[1]), seen("luke", &[2, 3, 4]), seen("yoda", &[5])]);
    assert_eq!(bench.take(reply(1, Outcome::Ok(last))), [answered(5, Ok(whole))]);
}

#[test]
fn parts_of_a_list_of_names_are_told_as_one() {
    let mut bench = Bench::online();
    bench.take(ask(5, Ask::Blocked));
    bench.take(part(1, Answer::Names(vec![name("a")])));

    let out = bench.take(reply(1, Outcome::Ok(Answer::Names(vec![name("b")]))));

    assert_eq!(out, [answered(5, Ok(Answer::Names(vec![name("a"), name("b")])))]);
}

#[test]
fn an_ask_without_a_line_is_unanswered_at_once() {
    assert_eq!(Bench::offline().take(ask(5, Ask::Whoelse)), [unanswered(5)]);
}

#[test]
fn asks_open_when_the_line_is_lost_are_unanswered_in_order() {
    let mut bench = Bench::online();
    for n in 0..40 {
        bench.take(ask(n, Ask::Stay));
    }

    assert_eq!(bench.take(LinkInput::LineLost), (0..40).map(unanswered).collect::<Vec<_>>());
}

#[test]
fn asks_beyond_those_in_flight_wait_their_turn() {
    let mut bench = Bench::online();
    let sent: usize = (0..40).map(|n| bench.take(ask(n, Ask::Stay)).len()).sum();

    assert_eq!(sent, 32);
    assert_eq!(bench.take(reply(1, DONE)), [answered(0, Ok(Answer::Done {})), request(33, Command::Stay {})]);
}

#[test]
fn asks_beyond_those_that_may_wait_are_unanswered() {
    let mut bench = Bench::online();
    let refused = (0..32 + 4096 + 3)
        .flat_map(|n| bench.take(ask(n, Ask::Stay)))
        .filter(|out| matches!(out, LinkOutput::Tell(Event::Unanswered { .. })));

    assert_eq!(refused.collect::<Vec<_>>(), [unanswered(4128), unanswered(4129), unanswered(4130)]);
}

#[test]
fn the_latest_read_marker_of_a_chat_stands_for_those_before() {
    let mut bench = Bench::online();

    assert_eq!(bench.take(mark(1)), [marker(1, 1)]);
    assert_eq!(bench.take(mark(2)), []);
    assert_eq!(bench.take(mark(3)), []);
    assert_eq!(bench.take(reply(1, DONE)), [marker(2, 3)]);
    assert_eq!(bench.take(reply(2, DONE)), []);
}

#[test]
fn a_read_marker_set_without_a_line_or_lost_with_it_goes_out_on_the_next() {
    let mut bench = Bench::offline();
    assert_eq!(bench.take(mark(1)), []);
    assert_eq!(bench.take(welcome()), [welcomed(), load(1, 1), marker(1, 1)]);

    bench.take(LinkInput::LineLost);
    assert_eq!(bench.take(welcome()), [welcomed(), load(2, 2), marker(1, 1)]);

    bench.take(mark(2));
    bench.take(LinkInput::LineLost);
    assert_eq!(bench.take(welcome()), [welcomed(), load(3, 3), marker(1, 2)]);
}

#[test]
fn a_read_marker_that_the_server_cannot_write_waits_for_the_next_line() {
    let mut bench = Bench::online();
    bench.take(mark(1));

    assert_eq!(bench.take(reply(1, Outcome::Refused(Refusal::Storage))), []);
    assert_eq!(bench.take(welcome()), [welcomed(), load(2, 2), marker(1, 1)]);
    assert_eq!(bench.take(reply(1, Outcome::Refused(Refusal::UnknownUser))), []);
    assert_eq!(bench.take(welcome()), [welcomed(), load(3, 3)], "nobody is left to be told");
}

fn entry(user: &str) -> RosterEntry {
    RosterEntry { name: name(user), presence: Presence::Offline { last_seen: None } }
}

fn change(user: &str) -> PresenceChange {
    PresenceChange { name: name(user), reason: PresenceReason::Login, at: THERE }
}

fn roster(users: &[&str], more: bool) -> LinkInput {
    LinkInput::Frame(ServerFrame::Roster { users: users.iter().map(|user| entry(user)).collect(), more })
}

#[test]
fn the_first_roster_is_told_whole_and_presence_meanwhile_behind_it() {
    let mut bench = Bench::online();
    let presence = ServerFrame::Presence { changes: vec![change("leia")] };

    assert_eq!(bench.take(roster(&["leia", "hans"], true)), []);
    assert_eq!(bench.take(LinkInput::Frame(presence)), []);
    let whole = Event::Roster { users: vec![entry("leia"), entry("yoda")], complete: true };
    assert_eq!(
        bench.take(roster(&["yoda"], false)),
        [tell(whole), tell(Event::Presence(vec![change("leia")]))],
        "without the user"
    );
}

#[test]
fn later_rosters_and_presence_are_told_as_they_come() {
    let mut bench = Bench::online();
    bench.take(roster(&[], false));

    let news = Event::Roster { users: vec![entry("luke")], complete: false };
    assert_eq!(bench.take(roster(&["luke"], false)), [tell(news)]);
    let presence = ServerFrame::Presence { changes: vec![change("hans"), change("luke")] };
    assert_eq!(bench.take(LinkInput::Frame(presence)), [tell(Event::Presence(vec![change("luke")]))]);
}
