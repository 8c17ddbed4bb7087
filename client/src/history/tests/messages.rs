//! Messages and their steps.

use whoelse_model::{OutgoingState, Retention};
use whoelse_proto::Refusal;

use super::*;

#[test]
fn a_message_reads_back_with_all_it_holds() {
    let mut history = Fixture::new();
    let reply = NewMessage { reply_to: Some(id(9)), ..arrived(1, yoda()) };
    let stored = NewMessage { direction: Direction::Incoming { stored: true }, ..arrived(2, ChatId::Everyone) };
    let (reply, stored) = (history.put(reply), history.put(stored));
    let own = history.put(written(3, yoda()));
    let mut history = history.restarted();
    assert_eq!(history.all(&yoda()), [reply, own]);
    assert_eq!(history.all(&ChatId::Everyone), [stored]);
}

#[test]
fn a_message_that_arrives_again_is_a_duplicate_even_after_a_restart() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    let mut history = history.restarted();
    let again = DiskOp::PutIncoming { message: arrived(1, yoda()), seq: Seq::new(5), delivery: Delivery::OnDisk };
    assert_eq!(history.op(again), Ok(DiskResult::Duplicate));
    assert_eq!(history.all(&yoda()).len(), 1);
}

#[test]
fn an_own_message_of_a_known_id_is_a_duplicate() {
    let mut history = Fixture::new();
    history.put(written(1, yoda()));
    assert_eq!(history.op(DiskOp::PutOutgoing(written(1, ChatId::Everyone))), Ok(DiskResult::Duplicate));
    assert_eq!(history.all(&ChatId::Everyone), []);
}

#[test]
fn the_outbox_holds_what_is_not_accepted_oldest_first() {
    let mut history = Fixture::new();
    for n in 1..=4 {
        history.put(written(n, if n == 3 { ChatId::Everyone } else { yoda() }));
    }
    history.step(2, MessageState::Accepted);
    assert_eq!(
        history.op(DiskOp::Refuse { id: id(1), refusal: Refusal::Blocked }).unwrap(),
        stepped(1, |own| {
            own.refused = Some(Refusal::Blocked);
        })
    );
    let mut history = history.restarted();
    assert_eq!(history.open(), (vec![id(3), id(4)], vec![id(2)]));
}

fn stepped(n: u8, change: impl FnOnce(&mut Outgoing)) -> DiskResult {
    let mut outgoing = Outgoing::default();
    change(&mut outgoing);
    DiskResult::Stepped(vec![(yoda(), id(n), outgoing)])
}

#[test]
fn a_step_is_told_once_and_never_goes_back() {
    let mut history = Fixture::new();
    history.put(written(1, yoda()));
    let accepted = history.step(1, MessageState::Accepted);
    assert_eq!(accepted[0].2.state(), OutgoingState::Accepted);
    assert_eq!(history.step(1, MessageState::Accepted), []);
    assert_eq!(history.step(1, MessageState::Read)[0].2.state(), OutgoingState::Read);
    assert_eq!(history.step(1, MessageState::Delivered), [], "read includes delivered");
    assert_eq!(history.open(), (vec![], vec![]));
}

#[test]
fn a_later_step_fills_in_those_before_it() {
    let mut history = Fixture::new();
    history.put(written(1, yoda()));
    let (_, _, outgoing) = history.step(1, MessageState::Delivered).remove(0);
    assert_eq!((outgoing.accepted_at, outgoing.delivered_at, outgoing.read_at), (Some(NOW), Some(NOW), None));
}

#[test]
fn who_read_a_message_read_those_before_it_but_not_what_is_still_in_the_outbox() {
    let mut history = Fixture::new();
    for n in 1..=5 {
        history.put(written(n, yoda()));
    }
    history.put(written(6, ChatId::Everyone));
    for n in [1, 2, 4, 5, 6] {
        history.step(n, MessageState::Accepted);
    }
    let mut read: Vec<MessageId> = history.step(4, MessageState::Read).into_iter().map(|(_, id, _)| id).collect();
    read.sort();
    assert_eq!(read, [id(1), id(2), id(4)]);
    assert_eq!(history.open(), (vec![id(3)], vec![id(5)]));
}

#[test]
fn a_broadcast_keeps_that_some_were_skipped() {
    let mut history = Fixture::new();
    history.put(written(1, ChatId::Everyone));
    let ids = vec![id(1)];
    let step = DiskOp::Step { ids, peer: None, state: MessageState::Accepted, at: NOW, skipped: true };
    history.op(step).unwrap();
    let Direction::Outgoing(outgoing) = history.all(&ChatId::Everyone).remove(0).message.direction else { panic!() };
    assert!(outgoing.skipped);
}

#[test]
fn the_steps_of_others_messages_cannot_be_changed() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    assert_eq!(history.step(1, MessageState::Read), []);
    assert_eq!(history.op(DiskOp::Refuse { id: id(1), refusal: Refusal::Blocked }), Ok(DiskResult::Stepped(vec![])));
    assert_eq!(history.op(DiskOp::Remove { id: id(1) }), Ok(DiskResult::Removed(None)));
    assert_eq!(history.all(&yoda()).len(), 1);
}

#[test]
fn a_refused_message_goes_back_behind_those_that_wait() {
    let mut history = Fixture::new();
    for n in 1..=3 {
        history.put(written(n, yoda()));
    }
    for n in [1, 2] {
        history.op(DiskOp::Refuse { id: id(n), refusal: Refusal::Storage }).unwrap();
    }
    for n in [2, 1] {
        let Ok(DiskResult::Restored(Some(message))) = history.op(DiskOp::Restore { id: id(n) }) else { panic!() };
        assert_eq!(message.message, written(n, yoda()));
    }
    history.put(written(4, yoda()));
    assert_eq!(history.open().0, [id(3), id(2), id(1), id(4)]);
    assert_eq!(history.op(DiskOp::Restore { id: id(1) }), Ok(DiskResult::Restored(None)), "it is there already");
    let rows: Vec<MessageId> = history.all(&yoda()).iter().map(|row| row.message.id).collect();
    assert_eq!(rows, [id(1), id(2), id(3), id(4)], "its place in the history stays");
}

#[test]
fn only_what_the_server_does_not_have_can_be_removed() {
    let mut history = Fixture::new();
    history.put(written(1, yoda()));
    history.put(written(2, yoda()));
    history.step(2, MessageState::Accepted);
    assert_eq!(history.op(DiskOp::Remove { id: id(1) }), Ok(DiskResult::Removed(Some((yoda(), id(1))))));
    assert_eq!(history.op(DiskOp::Remove { id: id(1) }), Ok(DiskResult::Removed(None)));
    assert_eq!(history.op(DiskOp::Remove { id: id(2) }), Ok(DiskResult::Removed(None)));
    assert_eq!(history.all(&yoda()).len(), 1);
}

#[test]
fn of_a_message_that_is_taken_back_no_word_stays_in_the_files() {
    let mut history = Fixture::new();
    history.put(saying(1, "a rose is no bud"));
    history.put(NewMessage { text: Text::new("the rosebud of Charles").unwrap(), ..written(2, yoda()) });
    history.put(saying(3, "other words"));
    assert!(matches!(history.op(DiskOp::Remove { id: id(2) }), Ok(DiskResult::Removed(Some(_)))));
    for words in ["rosebud", "Charles", "charles", "osebud"] {
        history.assert_nowhere(words.as_bytes());
    }
    assert_eq!(history.all(&yoda()).len(), 2);
}

#[test]
fn without_a_history_only_the_outbox_and_the_ids_of_what_arrived_stay() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    assert_eq!(history.run(Job::Retain(Retention::OutboxOnly)), Done::Nothing);
    let mut history = history.restarted();
    let second = history.put(arrived(2, yoda()));
    history.put(written(3, yoda()));
    history.put(written(4, yoda()));
    history.put(written(5, yoda()));
    assert_eq!(history.open().0, [id(3), id(4), id(5)]);
    assert_eq!(history.step(3, MessageState::Accepted).len(), 1, "the step is told");
    history.op(DiskOp::Refuse { id: id(4), refusal: Refusal::Blocked }).unwrap();
    let kept: Vec<MessageId> = history.all(&yoda()).iter().map(|row| row.message.id).collect();
    assert_eq!(kept, [id(1), id(5)], "what was kept before stays, what is in the outbox too");
    let again = DiskOp::PutIncoming { message: arrived(2, yoda()), seq: Seq::new(1), delivery: Delivery::OnDisk };
    assert_eq!(history.op(again), Ok(DiskResult::Duplicate));
    assert_eq!(history.run(Job::Retain(Retention::Keep)), Done::Nothing);
    assert!(history.put(arrived(6, yoda())).row > second.row, "no row is given twice");
    assert_eq!(history.all(&yoda()).len(), 3);
}

#[test]
fn without_a_history_no_word_stays_in_the_files() {
    let mut history = Fixture::new();
    history.run(Job::Retain(Retention::OutboxOnly));
    history.put(saying(1, "rosebud"));
    history.put(NewMessage { text: Text::new("rosebud").unwrap(), ..written(2, yoda()) });
    history.step(2, MessageState::Accepted);
    history.assert_nowhere(b"rosebud");
}

#[test]
fn jobs_of_one_batch_are_done_and_answered_in_their_order() {
    let mut history = Fixture::new();
    let op = |n: u64, op: DiskOp| Job::Op { ticket: DiskTicket::new(n), line: None, op };
    let page = Job::Page { chat: yoda(), place: Place::End, limit: 9 };
    let refuse = DiskOp::Refuse { id: id(1), refusal: Refusal::Blocked };
    let jobs = [op(1, DiskOp::PutOutgoing(written(1, yoda()))), page, op(2, refuse), op(3, DiskOp::LoadOpen)];
    let done = history.database.perform(&jobs, NOW);
    let Done::Op { result: Ok(DiskResult::Put(put)), .. } = &done[0] else { panic!("{done:?}") };
    assert!(matches!(&done[1], Done::Page(page) if page.messages == [put.clone()]));
    assert!(matches!(&done[2], Done::Op { ticket, .. } if ticket.get() == 2));
    let none = DiskResult::Open { outbox: Vec::new(), unread: Vec::new(), unshown: Vec::new() };
    assert_eq!(done[3], Done::Op { ticket: DiskTicket::new(3), result: Ok(none) });
}
