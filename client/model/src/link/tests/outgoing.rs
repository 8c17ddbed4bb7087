use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{KnownState, Lookup, MessageState, Refusal};

use super::*;
use crate::link::OUTBOX_WINDOW;

fn step(n: u8, peer: Option<&str>) -> DiskOp {
    DiskOp::Step { ids: vec![id(n)], peer: peer.map(name), state: MessageState::Accepted, at: THERE, skipped: false }
}

fn open(outbox: &[u8], unread: &[u8]) -> DiskResult {
    DiskResult::Open {
        outbox: outbox.iter().map(|&n| row(written(n, direct("yoda")))).collect(),
        unread: unread.iter().map(|&n| unsettled(id(n))).collect(),
        unshown: vec![],
    }
}

fn put(n: u8) -> DiskResult {
    DiskResult::Put(row(written(n, direct("yoda"))))
}

fn write(n: u8) -> LinkInput {
    LinkInput::Write(written(n, direct("yoda")))
}

/// The server says which of the rows it was asked for it has.
fn has(number: u32, states: &[(u8, MessageState)]) -> LinkInput {
    let known = states.iter().map(|&(n, state)| KnownState::new(id(n), state));
    reply(number, Outcome::Ok(Answer::States(known.collect())))
}

fn look_up(number: u32, ids: &[u8]) -> LinkOutput {
    request(number, Command::Lookup(Lookup { ids: ids.iter().map(|&n| id(n)).collect() }))
}

#[test]
fn a_message_goes_to_disk_then_is_told_then_sent_then_its_acceptance_goes_to_disk_and_is_told() {
    let mut bench = Bench::online();

    assert_eq!(bench.take(write(7)), [disk(2, DiskOp::PutOutgoing(written(7, direct("yoda"))))]);
    assert_eq!(
        bench.take(done(2, put(7))),
        [tell(Event::Saved(row(written(7, direct("yoda"))))), send(1, 7, to("yoda"))]
    );
    assert_eq!(bench.take(accepted(1)), [disk_of(1, 3, step(7, Some("yoda")))]);
    let outgoing = Outgoing { accepted_at: Some(THERE), ..Outgoing::default() };
    assert_eq!(
        bench.take(done(3, DiskResult::Stepped(vec![(direct("yoda"), id(7), outgoing.clone())]))),
        [tell(Event::Progressed { chat: direct("yoda"), id: id(7), outgoing })]
    );
}

#[test]
fn a_broadcast_goes_to_everyone_and_says_who_was_skipped_without_names() {
    let mut bench = Bench::online();
    bench.take(LinkInput::Write(written(7, ChatId::Everyone)));

    let sent = bench.take(done(2, DiskResult::Put(row(written(7, ChatId::Everyone)))));
    let kept = bench.take(reply(1, Outcome::Ok(Answer::Accepted { at: THERE, skipped: true })));

    assert_eq!(sent[1], send(1, 7, Target::Everyone {}));
    let step = DiskOp::Step { ids: vec![id(7)], peer: None, state: MessageState::Accepted, at: THERE, skipped: true };
    assert_eq!(kept, [disk_of(1, 3, step)]);
}

#[test]
fn a_message_that_the_disk_does_not_take_is_told_and_not_sent() {
    let mut bench = Bench::online();
    bench.take(write(7));

    assert_eq!(bench.take(failed(2)), [tell(Event::SaveFailed { id: id(7), cause: "disk full".into() })]);
}

#[test]
fn a_private_message_never_goes_through_the_server() {
    let mut bench = Bench::online();

    let out = bench.take(LinkInput::Write(written(7, ChatId::Private(name("yoda")))));

    let cause = "a private message does not go through the server".into();
    assert_eq!(out, [tell(Event::SaveFailed { id: id(7), cause })]);
}

#[test]
fn without_a_line_a_message_is_kept_and_the_next_line_begins_with_the_outbox() {
    let mut bench = Bench::offline();
    bench.take(write(7));
    assert_eq!(bench.take(done(1, put(7))), [tell(Event::Saved(row(written(7, direct("yoda")))))]);

    assert_eq!(bench.take(welcome()), [welcomed(), load(1, 2)]);
    assert_eq!(bench.take(done(2, open(&[7], &[]))), [look_up(1, &[7])]);
    assert_eq!(bench.take(has(1, &[])), [send(2, 7, to("yoda"))]);
}

#[test]
fn a_message_written_while_the_outbox_is_read_or_checked_is_sent_once_and_behind_it() {
    let mut bench = Bench::offline();
    bench.take(write(7));
    bench.take(welcome());
    bench.take(write(8));
    let saved = |n| tell(Event::Saved(row(written(n, direct("yoda")))));

    assert_eq!(bench.take(done(1, put(7))), [saved(7)], "it will be in the outbox that is read");
    assert_eq!(bench.take(done(2, open(&[7], &[]))), [look_up(1, &[7])]);
    assert_eq!(bench.take(done(3, put(8))), [saved(8)]);
    assert_eq!(bench.take(has(1, &[])), [send(2, 7, to("yoda")), send(3, 8, to("yoda"))]);
}

#[test]
fn what_a_lost_line_left_unanswered_is_sent_again_and_comes_as_far_as_it_had_come() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(write(8));
    bench.take(done(2, put(7)));
    bench.take(done(3, put(8)));
    assert_eq!(bench.take(LinkInput::LineLost), []);

    assert_eq!(bench.take(welcome()), [welcomed(), load(2, 4)]);
    assert_eq!(bench.take(done(4, open(&[7, 8], &[]))), [look_up(1, &[7, 8])]);
    let states = [(7, MessageState::Read), (8, MessageState::Accepted)];
    assert_eq!(bench.take(has(1, &states)), [send(2, 7, to("yoda")), send(3, 8, to("yoda"))]);
    let read = DiskOp::Step { ids: vec![id(7)], peer: None, state: MessageState::Read, at: NOW, skipped: false };
    assert_eq!(bench.take(accepted(2)), [disk_of(2, 5, step(7, Some("yoda"))), disk_of(2, 6, read)]);
    assert_eq!(bench.take(accepted(3)), [disk_of(2, 7, step(8, Some("yoda")))]);
}

#[test]
fn a_message_whose_refusal_was_lost_with_the_line_is_not_sent_behind_a_later_one_of_its_chat() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let rows = [written(7, direct("yoda")), written(8, direct("luke")), written(9, direct("yoda"))];
    bench.take(done(1, DiskResult::Open { outbox: rows.map(row).to_vec(), unread: vec![], unshown: vec![] }));

    let out = bench.take(has(1, &[(9, MessageState::Accepted)]));

    let refuse = DiskOp::Refuse { id: id(7), refusal: Refusal::Storage };
    assert_eq!(out, [disk_of(1, 2, refuse), send(2, 8, to("luke")), send(3, 9, to("yoda"))]);
}

#[test]
fn a_server_that_cannot_say_which_messages_it_has_gets_none() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    bench.take(done(1, open(&[7], &[])));

    let out = bench.take(reply(1, Outcome::Refused(Refusal::Storage)));

    assert_eq!(out, [abandon("the server cannot say which messages it has")]);
}

#[test]
fn an_outbox_read_for_a_line_that_is_gone_is_not_sent() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    bench.take(LinkInput::LineLost);
    bench.take(welcome());

    assert_eq!(bench.take(done(1, open(&[7], &[9]))), []);
    assert_eq!(bench.take(done(2, open(&[7], &[9]))), [look_up(1, &[7]), look_up(2, &[9])]);
}

#[test]
fn a_message_that_the_server_had_before_cannot_be_taken_back() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    bench.take(done(1, open(&[7, 8], &[])));
    let LinkOutput::Transmit(_) = bench.take(has(1, &[(7, MessageState::Accepted)]))[0] else { panic!() };

    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), []);
}

#[test]
fn own_messages_not_read_yet_are_looked_up_once_a_line() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let many: Vec<MessageId> = (0..=MAX_LOOKUP_IDS).map(|n| MessageId::from_bytes((n as u128).to_be_bytes())).collect();

    let unread = many.iter().map(|&id| unsettled(id)).collect();
    let out = bench.take(done(1, DiskResult::Open { outbox: vec![], unread, unshown: vec![] }));

    assert_eq!(out, [request(1, Command::Lookup(Lookup { ids: many[..MAX_LOOKUP_IDS].to_vec() }))]);
}

#[test]
fn a_refused_message_leaves_the_outbox_and_those_behind_it_go_on() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(write(8));
    bench.take(done(2, put(7)));
    bench.take(done(3, put(8)));

    let refused = bench.take(reply(1, Outcome::Refused(Refusal::Storage)));
    let next = bench.take(accepted(2));

    assert_eq!(refused, [disk_of(1, 4, DiskOp::Refuse { id: id(7), refusal: Refusal::Storage })]);
    assert_eq!(next, [disk_of(1, 5, step(8, Some("yoda")))]);
}

#[test]
fn a_refused_message_goes_out_again_when_the_user_asks() {
    let mut bench = Bench::online();
    assert_eq!(bench.take(LinkInput::Resend { id: id(7) }), [disk(2, DiskOp::Restore { id: id(7) })]);

    let out = bench.take(done(2, DiskResult::Restored(Some(row(written(7, direct("yoda")))))));

    let progressed = Event::Progressed { chat: direct("yoda"), id: id(7), outgoing: Outgoing::default() };
    assert_eq!(out, [tell(progressed), send(1, 7, to("yoda"))]);
}

#[test]
fn nothing_happens_when_there_is_no_refused_message_to_send_again() {
    let mut bench = Bench::online();
    bench.take(LinkInput::Resend { id: id(7) });

    assert_eq!(bench.take(done(2, DiskResult::Restored(None))), []);
}

#[test]
fn a_message_that_waits_can_be_taken_back() {
    let mut bench = Bench::offline();
    bench.take(write(7));
    bench.take(done(1, put(7)));

    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), [disk(2, DiskOp::Remove { id: id(7) })]);
    assert_eq!(
        bench.take(done(2, DiskResult::Removed(Some((direct("yoda"), id(7)))))),
        [tell(Event::Deleted { chat: direct("yoda"), id: id(7) })]
    );
}

#[test]
fn a_message_taken_back_before_it_is_on_disk_is_not_sent() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(LinkInput::Delete { id: id(7) });

    assert_eq!(bench.take(done(2, put(7))), [tell(Event::Saved(row(written(7, direct("yoda")))))]);
    bench.take(done(3, DiskResult::Removed(Some((direct("yoda"), id(7))))));
}

#[test]
fn a_message_under_way_cannot_be_taken_back_even_when_its_line_is_lost() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(done(2, put(7)));

    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), []);
    bench.take(LinkInput::LineLost);
    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), []);
}

#[test]
fn a_message_whose_acceptance_the_disk_does_not_take_cannot_be_taken_back() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(done(2, put(7)));
    bench.take(accepted(1));
    bench.take(failed(3));

    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), []);
}

#[test]
fn a_message_that_was_refused_can_be_taken_back() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(done(2, put(7)));
    bench.take(reply(1, Outcome::Refused(Refusal::Blocked)));
    bench.take(done(3, DiskResult::Stepped(vec![])));

    assert_eq!(bench.take(LinkInput::Delete { id: id(7) }), [disk(4, DiskOp::Remove { id: id(7) })]);
}

#[test]
fn only_so_many_messages_are_sent_ahead_of_the_answers() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let outbox: Vec<u8> = (1..=70).collect();
    bench.take(done(1, open(&outbox, &[])));

    let sent = bench.take(has(1, &[]));
    let next = bench.take(accepted(2));

    assert_eq!(sent.len(), 64);
    assert_eq!(next, [disk_of(1, 2, step(1, Some("yoda"))), send(66, 65, to("yoda"))]);
}

#[test]
fn the_outbox_is_read_on_once_its_window_is_through_and_later_messages_wait_for_that() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let numbered = |n: usize| {
        let mut message = written(1, direct("yoda"));
        message.id = MessageId::from_bytes((n as u128 + 1).to_be_bytes());
        Message { row: RowId::new(n as u64), message }
    };
    let window = (0..OUTBOX_WINDOW).map(numbered).collect();
    let mut outs = bench.take(done(1, DiskResult::Open { outbox: window, unread: vec![], unshown: vec![] }));
    bench.take(write(200));
    assert_eq!(bench.take(done(2, put(200))), [tell(Event::Saved(row(written(200, direct("yoda")))))]);

    let mut sent = 0;
    let mut reads = vec![];
    while let Some(out) = outs.pop() {
        match out {
            LinkOutput::Transmit(ClientFrame::Request { id, command: Command::Send { .. } }) => {
                sent += 1;
                outs.extend(bench.take(accepted(id.get())));
            }
            LinkOutput::Transmit(ClientFrame::Request { id, command: Command::Lookup(_) }) => {
                outs.extend(bench.take(has(id.get(), &[])));
            }
            LinkOutput::Disk { ticket, op: DiskOp::LoadOpen, .. } => reads.push(ticket),
            LinkOutput::Transmit(_)
            | LinkOutput::Disk { .. }
            | LinkOutput::Tell(_)
            | LinkOutput::Private(_)
            | LinkOutput::Close
            | LinkOutput::Abandon { .. } => {}
        }
    }

    assert_eq!(sent, OUTBOX_WINDOW);
    let [ticket] = reads[..] else { panic!("{reads:?}") };
    assert!(matches!(bench.take(done(ticket.get(), open(&[200], &[])))[..], [LinkOutput::Transmit(_)]));
}

#[test]
fn what_a_look_up_says_is_lost_is_kept_as_lost() {
    let mut bench = Bench::offline();
    bench.take(welcome());
    let asked = bench.take(done(1, open(&[], &[4, 5])));
    assert_eq!(asked, [look_up(1, &[4, 5])]);
    let known = vec![KnownState::lost(id(4)), KnownState::new(id(5), MessageState::Accepted)];
    let kept = bench.take(reply(1, Outcome::Ok(Answer::States(known))));
    assert_eq!(kept, [disk_of(1, 2, DiskOp::Lose { ids: vec![id(4)] })]);
}

#[test]
fn an_acceptance_that_the_disk_does_not_take_ends_the_line_so_that_it_is_heard_again() {
    let mut bench = Bench::online();
    bench.take(write(7));
    bench.take(done(2, put(7)));
    bench.take(accepted(1));

    assert_eq!(bench.take(failed(3)), [trouble(), abandon("the disk of this computer cannot be written")]);
}
