//! What became of own messages while there was no line.

use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{KnownState, Lookup, MessageState, Refusal};

use super::*;
use crate::link::Unsettled;

/// Message number `n` of many.
fn nth(n: usize) -> MessageId {
    MessageId::from_bytes((n as u128 + 1).to_be_bytes())
}

fn page(peer: &str, numbers: std::ops::Range<usize>) -> Vec<Unsettled> {
    numbers.map(|n| Unsettled { id: nth(n), peer: name(peer) }).collect()
}

fn asked(number: u32, numbers: std::ops::Range<usize>) -> LinkOutput {
    request(number, Command::Lookup(Lookup { ids: numbers.map(nth).collect() }))
}

fn states(number: u32, numbers: std::ops::Range<usize>, state: MessageState) -> LinkInput {
    let known = numbers.map(|n| KnownState::new(nth(n), state));
    reply(number, Outcome::Ok(Answer::States(known.collect())))
}

fn begun(unread: Vec<Unsettled>) -> (Bench, Vec<LinkOutput>) {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let out = bench.take(done(1, DiskResult::Open { outbox: vec![], unread, unshown: vec![] }));
    (bench, out)
}

#[test]
fn all_that_is_accepted_is_asked_about_page_by_page() {
    let full = MAX_LOOKUP_IDS;
    let (mut bench, out) = begun(page("yoda", 0..full));
    assert_eq!(out, [asked(1, 0..full)]);

    let out = bench.take(states(1, 0..full, MessageState::Accepted));
    let next = DiskOp::LoadUnsettled { after: nth(full - 1) };
    assert_eq!(out, [disk_of(1, 2, next)], "the next page is read once this one is answered");

    let out = bench.take(done(2, DiskResult::Unsettled(page("yoda", full..full + 3))));
    assert_eq!(out, [asked(2, full..full + 3)]);
    assert_eq!(bench.take(states(2, full..full + 3, MessageState::Accepted)), [], "a short page is the last");
}

#[test]
fn a_chat_whose_oldest_message_was_read_is_asked_about_further() {
    let full = MAX_LOOKUP_IDS;
    let (mut bench, _) = begun([page("leia", 0..1), page("yoda", 1..2)].concat());

    let known = [(0, MessageState::Delivered), (1, MessageState::Read)];
    let known = known.map(|(n, state)| KnownState::new(nth(n), state)).to_vec();
    let out = bench.take(reply(1, Outcome::Ok(Answer::States(known))));
    assert_eq!(out[2], disk_of(1, 4, DiskOp::LoadUnread { after: nth(1) }), "leia has read none behind hers");

    bench.take(done(4, DiskResult::Unsettled(page("yoda", 2..2 + full))));
    let out = bench.take(states(2, 2..2 + full, MessageState::Read));
    assert_eq!(out[1], disk_of(1, 6, DiskOp::LoadUnread { after: nth(1 + full) }));
    assert_eq!(bench.take(done(6, DiskResult::Unsettled(vec![]))), []);
}

#[test]
fn a_server_that_does_not_answer_is_asked_again_on_the_next_line() {
    let (mut bench, _) = begun(page("yoda", 0..MAX_LOOKUP_IDS));
    assert_eq!(bench.take(reply(1, Outcome::Refused(Refusal::Storage))), []);
    assert_eq!(bench.take(LinkInput::LineLost), []);
    bench.take(welcome());
    let open = DiskResult::Open { outbox: vec![], unread: page("yoda", 0..1), unshown: vec![] };
    assert_eq!(bench.take(done(2, open)), [asked(1, 0..1)]);
}

#[test]
fn who_signs_out_leaves_once_all_is_asked() {
    let (mut bench, _) = begun(page("yoda", 0..1));
    assert_eq!(bench.take(LinkInput::SignOut), []);
    let out = bench.take(states(1, 0..1, MessageState::Accepted));
    assert_eq!(out, [request(2, Command::Logout {})]);
}
