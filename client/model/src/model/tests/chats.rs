use super::*;
use crate::message::OutgoingState;
use crate::model::{Look, Notification, Unsent};
use whoelse_proto::Refusal;

fn write(n: u64) -> Action {
    Action::Write { id: id(n), chat: direct("yoda"), text: text("hi") }
}

fn write_request(n: u64, reply_to: Option<MessageId>) -> Effect {
    Effect::Request(Request::Write { id: id(n), chat: direct("yoda"), text: text("hi"), reply_to })
}

fn notify(n: u64, chat: ChatId) -> Effect {
    Effect::Notify(Notification { chat, author: name("yoda"), text: text(&format!("words {n}")) })
}

fn receive(n: u64) -> Event {
    Event::Received(arrived(n, direct("yoda"), "yoda"))
}

#[test]
fn the_chat_with_the_newest_message_stands_first() {
    let mut bench = Bench::online();
    let order = |bench: &Bench| bench.0.chats().iter().map(|chat| chat.id().clone()).collect::<Vec<_>>();
    bench.hear(receive(1));
    bench.hear(Event::Received(arrived(2, direct("leia"), "leia")));
    assert_eq!(order(&bench), [direct("leia"), direct("yoda"), ChatId::Everyone]);

    bench.hear(Event::Received(arrived(3, ChatId::Everyone, "luke")));
    assert_eq!(order(&bench), [ChatId::Everyone, direct("leia"), direct("yoda")]);
}

#[test]
fn what_is_written_waits_for_the_disk_behind_the_timeline_and_then_stands_in_it() {
    let mut bench = Bench::reading(1, 2);
    bench.act(Action::Draft { chat: direct("yoda"), draft: "hi".into() });

    let out = bench.act(write(3));
    let forget = Request::KeepDraft { chat: direct("yoda"), draft: String::new() };
    assert_eq!(out, [Effect::Request(forget), write_request(3, None)]);
    assert_eq!(bench.yoda().draft(), "");
    assert_eq!(bench.yoda().unsaved().len(), 1);
    assert_eq!(bench.rows(), [1, 2]);

    bench.hear(Event::Saved(own(3, direct("yoda"))));
    assert_eq!(bench.yoda().unsaved(), []);
    assert_eq!(bench.rows(), [1, 2, 3]);
    assert_eq!(bench.yoda().last().map(|last| last.row), Some(row(3)));
    assert_eq!(bench.yoda().unread(), 0, "own messages are read");
}

#[test]
fn a_message_that_the_disk_does_not_take_can_be_tried_again_or_let_go() {
    let mut bench = Bench::online();
    bench.act(write(3));
    bench.hear(Event::SaveFailed { id: id(3), cause: "disk full".into() });
    assert_eq!(bench.yoda().unsaved()[0].failure, Some(Unsent::Disk("disk full".into())));

    assert_eq!(bench.act(Action::Retry { chat: direct("yoda"), id: id(3), again: id(4) }), [write_request(3, None)]);
    assert_eq!(bench.yoda().unsaved()[0].failure, None);

    bench.hear(Event::SaveFailed { id: id(3), cause: "disk full".into() });
    assert_eq!(bench.act(Action::Delete { chat: direct("yoda"), id: id(3) }), []);
    assert_eq!(bench.yoda().unsaved(), []);
}

#[test]
fn an_answer_names_the_message_it_answers_once() {
    let mut bench = Bench::reading(1, 2);
    bench.act(Action::Reply { chat: direct("yoda"), to: Some(id(1)) });
    assert_eq!(bench.yoda().reply_to(), Some(id(1)));

    assert_eq!(bench.act(write(3)), [write_request(3, Some(id(1)))]);
    assert_eq!(bench.act(write(4)), [write_request(4, None)]);
}

#[test]
fn an_own_message_shows_how_far_it_has_come_in_the_timeline_and_in_the_list() {
    let mut bench = Bench::reading(1, 1);
    bench.hear(Event::Saved(own(2, direct("yoda"))));
    let changed = |bench: &Bench| bench.yoda().timeline().iter().map(|entry| entry.changed).collect::<Vec<_>>();
    let before = changed(&bench);

    let outgoing = Outgoing { accepted_at: Some(NOW), delivered_at: Some(NOW), ..Outgoing::default() };
    bench.hear(Event::Progressed { chat: direct("yoda"), id: id(2), outgoing });

    let state = |message: &Message| match &message.message.direction {
        Direction::Outgoing(outgoing) => outgoing.state(),
        Direction::Incoming { .. } => panic!(),
    };
    let entry = bench.yoda().timeline().find(id(2)).unwrap();
    assert_eq!(state(&entry.message), OutgoingState::Delivered);
    assert_eq!(state(bench.yoda().last().unwrap()), OutgoingState::Delivered);
    let after = changed(&bench);
    assert_eq!(before[0], after[0], "the other row needs no new layout");
    assert!(before[1] < after[1]);
}

#[test]
fn refused_messages_are_sent_again_or_taken_back() {
    let mut bench = Bench::reading(1, 1);
    bench.hear(Event::Saved(own(2, direct("yoda"))));

    let chat = || direct("yoda");
    let again = Action::Retry { chat: chat(), id: id(2), again: id(9) };
    assert_eq!(bench.act(again.clone()), [Effect::Request(Request::Resend { id: id(2) })]);
    let refused = Outgoing { refused: Some(Refusal::Storage), ..Outgoing::default() };
    bench.hear(Event::Progressed { chat: chat(), id: id(2), outgoing: refused });
    let write = Request::Write { id: id(9), chat: chat(), text: text("words 2"), reply_to: None };
    let anew = [Effect::Request(write), Effect::Request(Request::Delete { id: id(2) })];
    assert_eq!(bench.act(again), anew, "at the end, where the recipient sees it");
    assert_eq!(bench.act(Action::Delete { chat: chat(), id: id(2) }), [Effect::Request(Request::Delete { id: id(2) })]);
    assert_eq!(bench.rows(), [1, 2], "until it is done");
    bench.hear(Event::Deleted { chat: chat(), id: id(2) });
    assert_eq!(bench.rows(), [1]);
    assert_eq!(bench.yoda().last().map(|last| last.row), Some(row(1)));
}

#[test]
fn a_chat_that_is_open_before_the_history_tells_what_is_new_begins_there_all_the_same() {
    for (unread, then) in [(3, Vec::new()), (200, vec![load(direct("yoda"), Place::Around(row(2)))])] {
        let mut bench = Bench::online();
        assert_eq!(bench.act(Action::Open { chat: direct("yoda") }), [load(direct("yoda"), Place::End)]);
        let last = Some(arrived(5, direct("yoda"), "yoda"));
        assert_eq!(bench.hear(Event::Chats(vec![summary(direct("yoda"), last, unread, 2)])), []);
        assert_eq!(bench.yoda().new_behind(), Some(row(2)));
        assert_eq!(bench.hear(page(1, 5, false, false)), then, "more than a page is read around the first of them");
    }
}

#[test]
fn what_arrives_in_the_open_chat_while_nobody_looks_stands_below_a_line_of_its_own() {
    let mut bench = Bench::reading(1, 1);
    bench.act(Action::Seen { chat: direct("yoda"), row: row(1) });
    bench.hear(receive(2));
    assert_eq!(bench.yoda().new_behind(), None, "it is on screen");
    bench.act(Action::Seen { chat: direct("yoda"), row: row(2) });

    bench.act(Action::Look(Look::Away));
    bench.hear(receive(3));
    bench.hear(receive(4));
    assert_eq!(bench.yoda().new_behind(), Some(row(2)), "the first of them");
    bench.act(Action::Seen { chat: direct("yoda"), row: row(4) });
    bench.hear(receive(5));
    assert_eq!(bench.yoda().new_behind(), Some(row(4)), "those before it were read");
}

#[test]
fn a_chat_that_is_muted_for_an_hour_notifies_again_behind_it() {
    let mut bench = Bench::online();
    let end = NOW.plus(Seconds::new(3_600));
    bench.act(Action::Mute { chat: direct("yoda"), mute: Mute::Until(end) });
    assert_eq!(bench.hear(receive(1)), []);
    assert_eq!(bench.0.handle(Input::Event(receive(2)), end), [notify(2, direct("yoda"))]);
}

#[test]
fn the_newest_message_of_a_chat_that_is_not_loaded_is_read_when_it_goes() {
    let mut bench = Bench::online();
    bench.hear(Event::Saved(own(2, direct("yoda"))));

    assert_eq!(bench.hear(Event::Deleted { chat: direct("yoda"), id: id(2) }), [load(direct("yoda"), Place::End)]);
    bench.hear(page(1, 1, false, false));
    assert_eq!(bench.yoda().last().map(|last| last.row), Some(row(1)));
}

#[test]
fn messages_in_a_chat_that_is_not_looked_at_are_unread_and_notify() {
    let mut bench = Bench::online();

    assert_eq!(bench.hear(receive(1)), [notify(1, direct("yoda"))]);
    assert_eq!((bench.yoda().unread(), bench.0.chats().unread()), (1, 1));
}

#[test]
fn a_burst_is_one_notification() {
    let mut bench = Bench::online();
    bench.hear(receive(1));

    assert_eq!(bench.hear(receive(2)), []);
    let later = NOW.plus(Seconds::new(1));
    assert_eq!(bench.0.handle(Input::Event(receive(3)), later), [notify(3, direct("yoda"))]);
}

#[test]
fn what_is_seen_muted_or_from_the_blocked_does_not_notify() {
    let mut bench = Bench::reading(1, 1);
    assert_eq!(bench.hear(receive(2)), [], "it is on screen");

    bench.act(Action::Look(Look::Away));
    assert_eq!(bench.hear(receive(3)), [notify(3, direct("yoda"))]);

    let mute = |mute| Action::Mute { chat: direct("leia"), mute };
    let noted = Request::Mute { chat: direct("leia"), mute: Mute::Always };
    assert_eq!(bench.act(mute(Mute::Always)), [Effect::Request(noted)]);
    assert_eq!(bench.hear(Event::Received(arrived(4, direct("leia"), "leia"))), []);
    bench.act(mute(Mute::No));

    let blocked = Ok(whoelse_proto::Answer::Names(vec![name("leia")]));
    bench.hear(Event::Answered { ask: AskId::new(1), result: blocked });
    assert_eq!(bench.hear(Event::Received(arrived(5, direct("leia"), "leia"))), []);
}

#[test]
fn seeing_messages_counts_them_down_and_tells_the_runtime_once() {
    let mut bench = Bench::online();
    for n in 1..=4 {
        bench.hear(receive(n));
    }
    bench.act(Action::Open { chat: direct("yoda") });
    bench.hear(page(1, 4, false, false));
    let seen = |n| Action::Seen { chat: direct("yoda"), row: row(n) };
    let mark = |n| Effect::Request(Request::MarkRead { chat: direct("yoda"), row: row(n) });

    assert_eq!(bench.act(seen(3)), [mark(3)]);
    assert_eq!(bench.yoda().unread(), 1);
    assert_eq!(bench.act(seen(3)), []);
    assert_eq!(bench.act(seen(2)), [], "what was seen stays seen");
    assert_eq!(bench.act(seen(4)), [mark(4)]);
    assert_eq!(bench.yoda().unread(), 0);
}

#[test]
fn a_chat_with_thousands_unread_opens_at_the_first_of_them_and_reads_none_unseen() {
    for read_to in [0, 12] {
        let mut bench = Bench::online();
        let last = arrived(5_012, direct("yoda"), "yoda");
        bench.hear(Event::Chats(vec![summary(direct("yoda"), Some(last), 5_000, read_to)]));
        let asked = bench.act(Action::Open { chat: direct("yoda") });
        assert_eq!(asked, [load(direct("yoda"), Place::Around(row(read_to)))]);
        bench.hear(page(read_to.max(1), read_to + 100, false, true));
        assert_eq!(bench.yoda().new_behind(), Some(row(read_to)));

        bench.act(Action::Seen { chat: direct("yoda"), row: row(read_to + 10) });
        assert_eq!(bench.yoda().unread(), 4_990);
    }
}

#[test]
fn a_message_found_in_the_middle_leaves_those_above_it_unread() {
    let mut bench = Bench::online();
    let last = arrived(5_012, direct("yoda"), "yoda");
    bench.hear(Event::Chats(vec![summary(direct("yoda"), Some(last), 5_000, 12)]));
    bench.act(Action::Jump { chat: direct("yoda"), row: row(3_000) });
    bench.hear(page(2_900, 3_100, true, true));

    assert_eq!(bench.act(Action::Seen { chat: direct("yoda"), row: row(3_000) }), []);
    assert_eq!(bench.yoda().unread(), 5_000);
}

#[test]
fn unread_messages_that_were_pushed_out_are_read_again() {
    let mut bench = Bench::reading(1, 3);
    bench.act(Action::Seen { chat: direct("yoda"), row: row(3) });
    bench.act(Action::Open { chat: direct("leia") });
    let most = u64::try_from(crate::MAX_ROWS).unwrap();
    for n in 4..most + 10 {
        bench.hear(Event::Received(arrived(n, direct("yoda"), "yoda")));
    }

    let asked = bench.act(Action::Open { chat: direct("yoda") });

    assert_eq!(asked, [load(direct("yoda"), Place::Around(row(3)))]);
}

#[test]
fn the_first_message_is_gone_to_however_far_up_it_is() {
    let mut bench = Bench::online();
    bench.act(Action::Open { chat: direct("yoda") });
    bench.hear(page(4_800, 5_000, true, false));

    let asked = bench.act(Action::Earliest { chat: direct("yoda") });
    assert_eq!(asked, [load(direct("yoda"), Place::Around(row(0)))]);
    bench.hear(page(1, 100, false, true));
    assert_eq!(bench.act(Action::Earliest { chat: direct("yoda") }), []);
}

#[test]
fn the_line_above_what_is_new_stands_from_opening_to_leaving() {
    let mut bench = Bench::online();
    let last = Some(arrived(9, direct("yoda"), "yoda"));
    bench.hear(Event::Chats(vec![summary(direct("yoda"), last, 2, 7)]));

    bench.act(Action::Open { chat: direct("yoda") });
    assert_eq!(bench.yoda().new_behind(), Some(row(7)));
    bench.hear(page(1, 9, false, false));
    bench.act(Action::Seen { chat: direct("yoda"), row: row(9) });
    assert_eq!(bench.yoda().new_behind(), Some(row(7)), "it stays while the chat is open");

    bench.act(Action::Open { chat: ChatId::Everyone });
    assert_eq!(bench.yoda().new_behind(), None);
}

#[test]
fn a_draft_goes_to_disk_at_once_then_in_pauses_and_when_the_chat_is_left() {
    let mut bench = Bench::online();
    let draft = |draft: &str| Action::Draft { chat: direct("yoda"), draft: draft.into() };
    let keep = |draft: &str| Effect::Request(Request::KeepDraft { chat: direct("yoda"), draft: draft.into() });

    assert_eq!(bench.act(draft("a")), [keep("a")]);
    assert_eq!(bench.act(draft("ab")), []);
    assert_eq!(bench.act_at(draft("abc"), NOW.plus(Seconds::new(2))), [keep("abc")]);
    assert_eq!(bench.act_at(draft("abcd"), NOW.plus(Seconds::new(3))), []);
    assert_eq!(bench.act(Action::Open { chat: direct("leia") }), [keep("abcd"), load(direct("leia"), Place::End)]);
    assert_eq!(bench.act(Action::KeepDrafts), []);
}

#[test]
fn the_chats_of_the_history_are_shown_and_what_was_heard_since_stays() {
    let mut bench = Bench::online();
    bench.hear(receive(9));
    bench.act(Action::Draft { chat: direct("yoda"), draft: "typing".into() });
    bench.act(Action::Draft { chat: direct("yoda"), draft: "typing on".into() });
    let mut old = summary(direct("yoda"), Some(arrived(5, direct("yoda"), "yoda")), 3, 2);
    old.draft = "old".into();
    old.mute = Mute::Always;

    bench.hear(Event::Chats(vec![old]));

    let yoda = bench.yoda();
    assert_eq!(yoda.last().map(|last| last.row), Some(row(9)));
    assert_eq!((yoda.draft(), yoda.mute(), yoda.unread()), ("typing on", Mute::Always, 3));
}
