//! Messages that count as delivered once they are shown.

use super::*;

fn bench() -> Bench {
    let mut bench = Bench::showing();
    bench.take(welcome());
    bench.take(done(1, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
    bench
}

fn put_unshown(line: u64, ticket: u64, n: u8, seq: u64) -> LinkOutput {
    let (message, seq) = (arrived(n), Seq::new(seq));
    disk_of(line, ticket, DiskOp::PutIncoming { message, seq, delivery: Delivery::WhenShown })
}

fn received(n: u8) -> LinkOutput {
    tell(Event::Received(row(arrived(n))))
}

fn shown(ids: &[u8]) -> LinkInput {
    LinkInput::Shown { ids: ids.iter().map(|&n| id(n)).collect() }
}

fn note(line: Option<u64>, ticket: u64, ids: &[u8]) -> LinkOutput {
    let op = DiskOp::MarkShown { ids: ids.iter().map(|&n| id(n)).collect() };
    line.map_or_else(|| disk(ticket, op.clone()), |line| disk_of(line, ticket, op.clone()))
}

fn noted(ticket: u64, ids: &[u8]) -> LinkInput {
    done(ticket, DiskResult::Shown(ids.iter().map(|&n| id(n)).collect()))
}

#[test]
fn a_message_is_acknowledged_once_the_disk_notes_that_it_was_shown() {
    let mut bench = bench();
    assert_eq!(bench.take(deliver(7, 40)), [put_unshown(1, 2, 7, 40)]);
    assert_eq!(bench.take(done(2, DiskResult::Put(row(arrived(7))))), [received(7)], "it is told and not acknowledged");
    assert_eq!(bench.take(shown(&[7])), [note(Some(1), 3, &[7])]);
    assert_eq!(bench.take(noted(3, &[7])), [ack(40)]);
}

#[test]
fn a_reader_that_stands_still_holds_the_acknowledgement_and_of_what_it_has_it_is_sent() {
    let mut bench = bench();
    for n in [7, 8] {
        bench.take(deliver(n, u64::from(n)));
    }
    bench.take(done(2, DiskResult::Put(row(arrived(7)))));
    assert_eq!(bench.take(done(3, DiskResult::Put(row(arrived(8))))), [received(8)]);
    bench.take(shown(&[7]));
    assert_eq!(bench.take(noted(4, &[7])), [ack(7)]);
    assert_eq!(bench.take(shown(&[7])), [], "once is enough");
}

#[test]
fn a_message_delivered_again_while_it_is_being_shown_is_not_told_twice() {
    let mut bench = bench();
    bench.take(deliver(7, 40));
    bench.take(done(2, DiskResult::Put(row(arrived(7)))));
    bench.take(LinkInput::LineLost);
    bench.take(welcome());
    bench.take(done(3, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![row(arrived(7))] }));
    bench.take(deliver(7, 3));
    assert_eq!(bench.take(done(4, DiskResult::Unshown(row(arrived(7))))), []);
    assert_eq!(bench.take(shown(&[7])), [note(Some(2), 5, &[7])]);
    assert_eq!(bench.take(noted(5, &[7])), [ack(3)], "it is the place on this line");
}

#[test]
fn what_was_not_shown_before_the_program_ended_is_told_at_the_next_start() {
    let mut bench = Bench::showing();
    bench.take(welcome());
    let open = DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![row(arrived(7))] };
    assert_eq!(bench.take(done(1, open)), [received(7)]);
    bench.take(shown(&[7]));
    assert_eq!(bench.take(noted(2, &[7])), []);
    bench.take(deliver(7, 40));
    assert_eq!(bench.take(done(3, DiskResult::Duplicate)), [ack(40)]);
}

#[test]
fn what_the_disk_could_not_note_is_noted_when_it_comes_again() {
    let mut bench = bench();
    bench.take(deliver(7, 40));
    bench.take(done(2, DiskResult::Put(row(arrived(7)))));
    bench.take(shown(&[7]));
    assert_eq!(bench.take(failed(3)), [trouble(), abandon("the disk of this computer cannot be written")]);
    bench.take(welcome());
    bench.take(done(4, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
    bench.take(deliver(7, 3));
    assert_eq!(bench.take(done(5, DiskResult::Unshown(row(arrived(7))))), [note(Some(2), 6, &[7])]);
    assert_eq!(bench.take(noted(6, &[7])), [ack(3)]);
}

#[test]
fn without_a_line_what_was_shown_is_noted_all_the_same() {
    let mut bench = bench();
    bench.take(deliver(7, 40));
    bench.take(done(2, DiskResult::Put(row(arrived(7)))));
    bench.take(LinkInput::LineLost);
    assert_eq!(bench.take(shown(&[7])), [note(None, 3, &[7])]);
    assert_eq!(bench.take(noted(3, &[7])), []);
}

#[test]
fn where_the_disk_is_enough_what_was_never_shown_is_kept_and_acknowledged() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));
    let out = bench.take(done(2, DiskResult::Unshown(row(arrived(7)))));
    assert_eq!(out, [received(7), ack(40)]);
}
