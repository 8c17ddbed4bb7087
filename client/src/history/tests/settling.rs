//! Own messages that may have come further, and arrived ones that nobody has seen.

use whoelse_model::{Delivery, Retention, Unsettled};
use whoelse_proto::limits::MAX_LOOKUP_IDS;

use super::*;

/// Message number `n` of many.
fn nth(n: usize) -> MessageId {
    MessageId::from_bytes((n as u128 + 1).to_be_bytes())
}

fn accept(history: &mut Fixture, numbers: std::ops::Range<usize>, chat: &ChatId, state: MessageState) {
    for n in numbers {
        history.put(NewMessage { id: nth(n), ..written(1, chat.clone()) });
        let step = DiskOp::Step { ids: vec![nth(n)], peer: None, state, at: NOW, skipped: false };
        history.op(step).unwrap();
    }
}

fn unsettled(result: Result<DiskResult, DiskFault>) -> Vec<MessageId> {
    match result {
        Ok(DiskResult::Open { unread: page, .. } | DiskResult::Unsettled(page)) => {
            page.into_iter().map(|one| one.id).collect()
        }
        result => panic!("{result:?}"),
    }
}

fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<MessageId> {
    numbers.into_iter().map(nth).collect()
}

#[test]
fn all_that_is_accepted_comes_in_pages_and_broadcasts_do_not() {
    let mut history = Fixture::new();
    let full = MAX_LOOKUP_IDS;
    accept(&mut history, 0..full + 2, &yoda(), MessageState::Accepted);
    accept(&mut history, full + 2..full + 3, &ChatId::Everyone, MessageState::Accepted);
    assert_eq!(unsettled(history.op(DiskOp::LoadOpen)), ids(0..full));
    let next = DiskOp::LoadUnsettled { after: nth(full - 1) };
    assert_eq!(unsettled(history.op(next)), ids(full..full + 2));
}

#[test]
fn of_what_nobody_reads_the_oldest_of_each_chat_is_asked_about() {
    let mut history = Fixture::new();
    let leia = ChatId::Direct(name("leia"));
    accept(&mut history, 0..5, &yoda(), MessageState::Delivered);
    accept(&mut history, 5..9, &leia, MessageState::Delivered);
    accept(&mut history, 9..10, &leia, MessageState::Accepted);
    assert_eq!(unsettled(history.op(DiskOp::LoadOpen)), ids([0, 5, 9]));
    assert_eq!(unsettled(history.op(DiskOp::LoadUnread { after: nth(5) })), ids([6, 7, 8, 9]));
    assert_eq!(unsettled(history.op(DiskOp::LoadUnread { after: id(200) })), []);
}

fn put_unshown(history: &mut Fixture, n: u8) -> Result<DiskResult, DiskFault> {
    history.op(DiskOp::PutIncoming {
        message: arrived(n, yoda()),
        seq: Seq::new(u64::from(n)),
        delivery: Delivery::WhenShown,
    })
}

fn unshown(history: &mut Fixture) -> Vec<MessageId> {
    match history.op(DiskOp::LoadOpen) {
        Ok(DiskResult::Open { unshown, .. }) => unshown.iter().map(|row| row.message.id).collect(),
        result => panic!("{result:?}"),
    }
}

#[test]
fn a_message_that_was_not_shown_is_told_again_until_it_is() {
    let mut history = Fixture::new();
    for n in [1, 2] {
        assert!(matches!(put_unshown(&mut history, n), Ok(DiskResult::Put(_))));
    }
    let mut history = history.restarted();
    assert_eq!(unshown(&mut history), [id(1), id(2)]);
    assert!(matches!(put_unshown(&mut history, 1), Ok(DiskResult::Unshown(row)) if row.message.id == id(1)));
    let marked = history.op(DiskOp::MarkShown { ids: vec![id(1)] });
    assert_eq!(marked, Ok(DiskResult::Shown(vec![id(1)])));
    let mut history = history.restarted();
    assert_eq!(put_unshown(&mut history, 1), Ok(DiskResult::Duplicate));
    assert_eq!(unshown(&mut history), [id(2)]);
    let again = DiskOp::PutIncoming { message: arrived(2, yoda()), seq: Seq::new(2), delivery: Delivery::OnDisk };
    assert_eq!(history.op(again), Ok(DiskResult::Duplicate), "the window shows it from the history");
    assert_eq!(unshown(&mut history), []);
}

#[test]
fn without_a_history_a_message_stays_until_it_is_shown() {
    let mut history = Fixture::new();
    history.run(Job::Retain(Retention::OutboxOnly));
    put_unshown(&mut history, 1).unwrap();
    let mut history = history.restarted();
    assert_eq!(unshown(&mut history), [id(1)]);
    history.op(DiskOp::MarkShown { ids: vec![id(1)] }).unwrap();
    assert_eq!(history.all(&yoda()), []);
    assert_eq!(put_unshown(&mut history, 1), Ok(DiskResult::Duplicate));
}

#[test]
fn what_is_asked_about_names_its_recipient() {
    let mut history = Fixture::new();
    accept(&mut history, 0..1, &yoda(), MessageState::Accepted);
    let Ok(DiskResult::Open { unread, .. }) = history.op(DiskOp::LoadOpen) else { panic!() };
    assert_eq!(unread, [Unsettled { id: nth(0), peer: name("yoda") }]);
}

#[test]
fn what_went_with_the_account_that_it_waited_for_is_neither_asked_about_nor_sent_again() {
    let mut history = Fixture::new();
    for n in 1..=3 {
        history.put(written(n, yoda()));
    }
    history.step(1, MessageState::Accepted);
    history.step(2, MessageState::Delivered);
    let order = DiskOp::Lose { ids: vec![id(1), id(2), id(3), id(9)] };
    let Ok(DiskResult::Stepped(gone)) = history.op(order.clone()) else { panic!("it is no step") };
    let told: Vec<_> = gone.iter().map(|(_, id, outgoing)| (*id, outgoing.lost, outgoing.refused)).collect();
    assert_eq!(told, [(id(1), true, None)], "neither what arrived nor what was never taken");
    assert_eq!(history.op(order), Ok(DiskResult::Stepped(vec![])), "told once");

    let mut history = history.restarted();
    assert_eq!(history.open(), (vec![id(3)], vec![id(2)]));
    assert_eq!(history.op(DiskOp::Restore { id: id(1) }), Ok(DiskResult::Restored(None)));
    assert_eq!(history.op(DiskOp::Remove { id: id(1) }), Ok(DiskResult::Removed(Some((yoda(), id(1))))));
}
