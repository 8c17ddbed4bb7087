use super::*;
use crate::model::{MAX_ROWS, PAGE_ROWS};

fn open() -> Action {
    Action::Open { chat: direct("yoda") }
}

fn older() -> Action {
    Action::LoadOlder { chat: direct("yoda") }
}

fn newer() -> Action {
    Action::LoadNewer { chat: direct("yoda") }
}

fn jump(n: u64) -> Action {
    Action::Jump { chat: direct("yoda"), row: row(n) }
}

fn receive(n: u64) -> Event {
    Event::Received(arrived(n, direct("yoda"), "yoda"))
}

/// Yoda's chat with as many rows as there may be, 101 to 5100, with older ones on disk.
fn full() -> Bench {
    let mut bench = Bench::online();
    bench.act(open());
    bench.hear(page(4901, 5100, true, false));
    while let Some(first) = bench.rows().first().filter(|first| **first > 101) {
        bench.act(older());
        bench.hear(page(first - PAGE_ROWS as u64, first - 1, true, false));
    }
    assert_eq!(bench.yoda().timeline().len(), MAX_ROWS);
    bench
}

#[test]
fn a_chat_opens_at_its_end() {
    let mut bench = Bench::online();

    assert_eq!(bench.act(open()), [load(direct("yoda"), Place::End)]);
    assert!(!bench.yoda().timeline().is_loaded());
    assert_eq!(bench.act(open()), [], "it is open");
    bench.hear(page(5, 7, true, false));
    assert_eq!(bench.rows(), [5, 6, 7]);
    assert!(bench.yoda().timeline().has_older());
    assert!(!bench.yoda().timeline().has_newer());
}

#[test]
fn a_chat_with_more_unread_than_a_page_opens_where_reading_stopped() {
    let mut bench = Bench::online();
    let last = Some(arrived(900, direct("yoda"), "yoda"));
    bench.hear(Event::Chats(vec![summary(direct("yoda"), last, 800, 100)]));

    assert_eq!(bench.act(open()), [load(direct("yoda"), Place::Around(row(100)))]);
    bench.hear(page(1, 200, false, true));
    bench.hear(receive(901));
    assert_eq!(bench.yoda().timeline().len(), 200, "what arrives does not follow what is loaded");
}

#[test]
fn older_and_newer_pages_join_what_is_loaded() {
    let mut bench = Bench::online();
    bench.act(jump(50));
    bench.hear(page(40, 60, true, true));

    assert_eq!(bench.act(older()), [load(direct("yoda"), Place::Before(row(40)))]);
    assert_eq!(bench.act(older()), [], "one page at a time");
    bench.hear(page(30, 39, false, true));
    assert_eq!(bench.act(older()), [], "there is nothing older");
    assert_eq!(bench.act(newer()), [load(direct("yoda"), Place::After(row(60)))]);
    bench.hear(page(61, 70, true, false));

    assert_eq!(bench.rows(), (30..=70).collect::<Vec<_>>());
    bench.hear(receive(71));
    assert_eq!(bench.rows().last(), Some(&71), "the end is loaded: what arrives follows");
}

#[test]
fn a_message_that_arrives_while_the_page_is_read_is_not_missed() {
    let mut bench = Bench::online();
    bench.act(open());
    bench.hear(receive(8));

    bench.hear(page(1, 7, false, false));

    assert!(bench.yoda().timeline().has_newer());
    assert_eq!(bench.act(newer()), [load(direct("yoda"), Place::After(row(7)))]);
    bench.hear(page(8, 8, true, false));
    assert_eq!(bench.rows(), (1..=8).collect::<Vec<_>>());
}

#[test]
fn a_message_on_the_page_and_told_as_well_stands_there_once() {
    let mut bench = Bench::online();
    bench.act(open());
    bench.hear(page(1, 8, false, false));

    bench.hear(receive(8));

    assert_eq!(bench.rows(), (1..=8).collect::<Vec<_>>());
}

#[test]
fn a_jump_reads_around_a_row_that_is_not_loaded_and_says_where_once_it_is() {
    let mut bench = Bench::reading(100, 110);

    assert_eq!(bench.act(jump(105)), []);
    assert_eq!(bench.yoda().jump(), Some(row(105)));
    assert_eq!(bench.act(jump(20)), [load(direct("yoda"), Place::Around(row(20)))]);
    assert_eq!(bench.yoda().jump(), None, "not yet");
    bench.hear(page(10, 30, true, true));
    assert_eq!(bench.yoda().jump(), Some(row(20)));
    bench.act(Action::Jumped { chat: direct("yoda") });
    assert_eq!(bench.yoda().jump(), None);
    assert_eq!(bench.act(Action::Latest { chat: direct("yoda") }), [load(direct("yoda"), Place::End)]);
}

#[test]
fn a_jump_opens_its_chat() {
    let mut bench = Bench::online();

    assert_eq!(bench.act(jump(20)), [load(direct("yoda"), Place::Around(row(20)))]);
    assert_eq!(bench.0.open_chat(), Some(&direct("yoda")));
}

#[test]
fn a_jump_while_a_page_is_read_takes_its_place() {
    let mut bench = Bench::online();
    bench.act(open());
    assert_eq!(bench.act(jump(20)), []);

    assert_eq!(bench.hear(page(100, 110, true, false)), [load(direct("yoda"), Place::Around(row(20)))]);
    assert_eq!(bench.rows(), Vec::<u64>::new());
    bench.hear(page(10, 30, true, true));
    assert_eq!(bench.yoda().jump(), Some(row(20)));
}

#[test]
fn a_page_that_nobody_asked_for_changes_nothing() {
    let mut bench = Bench::reading(100, 110);

    bench.hear(page(1, 9, true, true));

    assert_eq!(bench.rows(), (100..=110).collect::<Vec<_>>());
}

#[test]
fn only_so_many_rows_are_loaded_and_the_far_end_gives_way() {
    let mut bench = full();

    bench.act(older());
    bench.hear(page(1, 100, false, false));

    let timeline = bench.yoda().timeline();
    assert_eq!((timeline.len(), timeline.has_newer()), (MAX_ROWS, true));
    assert_eq!(bench.rows().first(), Some(&1));
    assert_eq!(bench.rows().last(), Some(&5000));
    assert_eq!(timeline.find(id(5001)), None);
}

#[test]
fn what_arrives_does_not_push_out_what_is_read_further_up() {
    let mut bench = full();

    bench.hear(receive(5101));
    assert_eq!(bench.rows().first(), Some(&101));
    assert!(bench.yoda().timeline().has_newer());
}

#[test]
fn what_arrives_pushes_out_the_oldest_while_the_end_is_read() {
    let mut bench = full();
    bench.act(Action::Seen { chat: direct("yoda"), row: row(5100) });

    bench.hear(receive(5101));

    assert_eq!(bench.rows().first(), Some(&102));
    assert_eq!(bench.rows().last(), Some(&5101));
    assert!(bench.yoda().timeline().has_older());
}

#[test]
fn rows_and_messages_are_found() {
    let bench = Bench::reading(100, 110);
    let timeline = bench.yoda().timeline();

    assert_eq!(timeline.position(row(103)), Some(3));
    assert_eq!(timeline.position(row(99)), None);
    assert_eq!(timeline.find(id(103)), timeline.get(3));
}

#[test]
fn a_closed_chat_holds_no_rows_and_opens_anew() {
    let mut bench = Bench::reading(100, 110);

    bench.act(Action::Close { chat: direct("yoda") });

    assert_eq!(bench.0.open_chat(), None);
    assert!(bench.yoda().timeline().is_empty());
    assert_eq!(bench.act(open()), [load(direct("yoda"), Place::End)]);
}

#[test]
fn of_many_opened_chats_the_first_gives_its_rows_back() {
    let mut bench = Bench::reading(1, 3);
    for n in 0..17 {
        let chat = direct(&format!("user{n}"));
        bench.act(Action::Open { chat: chat.clone() });
        bench.hear(Event::History(HistoryPage { chat, messages: vec![], more_before: false, more_after: false }));
    }

    assert!(!bench.yoda().timeline().is_loaded());
    let loaded = bench.0.chats().iter().filter(|chat| chat.timeline().is_loaded()).count();
    assert_eq!(loaded, 16 + 1, "and the one just opened");
}
