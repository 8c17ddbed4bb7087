//! Pages, chats, markers, and what is cleared.

use whoelse_model::{Mute, RowId};

use super::*;

fn numbers(messages: &[Message]) -> Vec<u8> {
    messages.iter().map(|message| message.message.id.as_bytes()[0]).collect()
}

/// A chat with ten messages, among those of another chat; answers with their rows.
fn ten() -> (Fixture, Vec<RowId>) {
    let mut history = Fixture::new();
    let mut rows = Vec::new();
    for n in 1..=10 {
        rows.push(history.put(arrived(n, yoda())).row);
        history.put(arrived(100 + n, ChatId::Everyone));
    }
    (history, rows)
}

#[test]
fn pages_lie_at_the_end_before_behind_and_around_a_row() {
    let (mut history, rows) = ten();
    let mut page = |place, limit| {
        let page = history.page(&yoda(), place, limit);
        (numbers(&page.messages), page.more_before, page.more_after)
    };
    assert_eq!(page(Place::End, 3), (vec![8, 9, 10], true, false));
    assert_eq!(page(Place::End, 10), ((1..=10).collect(), false, false));
    assert_eq!(page(Place::Before(rows[3]), 2), (vec![2, 3], true, true));
    assert_eq!(page(Place::Before(rows[3]), 9), (vec![1, 2, 3], false, true));
    assert_eq!(page(Place::Before(rows[0]), 9), (vec![], false, true));
    assert_eq!(page(Place::After(rows[7]), 1), (vec![9], true, true));
    assert_eq!(page(Place::After(rows[7]), 9), (vec![9, 10], true, false));
    assert_eq!(page(Place::After(rows[9]), 9), (vec![], true, false));
    assert_eq!(page(Place::Around(rows[4]), 4), (vec![4, 5, 6, 7], true, true));
    assert_eq!(page(Place::Around(rows[0]), 4), (vec![1, 2, 3], false, true));
    assert_eq!(page(Place::Around(rows[4]), 99), ((1..=10).collect(), false, false));
}

#[test]
fn a_page_of_a_chat_that_is_not_there_is_empty() {
    let mut history = Fixture::new();
    let page = history.page(&ChatId::Direct(name("jaba")), Place::Around(RowId::new(7)), 10);
    assert_eq!((page.messages, page.more_before, page.more_after), (vec![], false, false));
}

#[test]
fn chats_are_listed_by_their_newest_message_with_what_is_unread() {
    let (mut history, rows) = ten();
    history.put(written(50, ChatId::Direct(name("leia"))));
    let chats = history.database.chats().unwrap();
    let heads: Vec<(ChatId, u32)> = chats.into_iter().map(|summary| (summary.chat, summary.unread)).collect();
    assert_eq!(heads, [(ChatId::Direct(name("leia")), 0), (ChatId::Everyone, 10), (yoda(), 10)]);

    history.run(Job::MarkRead { chat: yoda(), row: rows[6] });
    let mut history = history.restarted();
    let summary = history.chat(&yoda());
    assert_eq!((summary.unread, summary.read_to), (3, rows[6]));
    assert_eq!(numbers(&summary.last.into_iter().collect::<Vec<_>>()), [10]);
}

#[test]
fn a_read_marker_never_goes_back_and_names_the_last_message_of_the_peer() {
    let mut history = Fixture::new();
    let first = history.put(arrived(1, yoda())).row;
    let second = history.put(arrived(2, yoda())).row;
    let own = history.put(written(3, yoda())).row;
    let seen = |n| Done::Seen { peer: name("yoda"), up_to: id(n) };
    assert_eq!(history.run(Job::MarkRead { chat: yoda(), row: first }), seen(1));
    assert_eq!(history.run(Job::MarkRead { chat: yoda(), row: second }), seen(2));
    assert_eq!(history.run(Job::MarkRead { chat: yoda(), row: first }), Done::Nothing);
    assert_eq!(history.run(Job::MarkRead { chat: yoda(), row: own }), Done::Nothing, "nothing new of the peer's");
    assert_eq!(history.chat(&yoda()).read_to, own);
    let broadcast = history.put(arrived(4, ChatId::Everyone)).row;
    assert_eq!(history.run(Job::MarkRead { chat: ChatId::Everyone, row: broadcast }), Done::Nothing);
}

#[test]
fn drafts_and_mutes_are_there_after_a_restart() {
    let mut history = Fixture::new();
    history.run(Job::KeepDraft { chat: yoda(), draft: "Dear mas".to_owned() });
    history.run(Job::Mute { chat: yoda(), mute: Mute::Always });
    let mut history = history.restarted();
    let summary = history.chat(&yoda());
    assert_eq!((summary.draft.as_str(), summary.mute, summary.last), ("Dear mas", Mute::Always, None));
    history.run(Job::KeepDraft { chat: yoda(), draft: String::new() });
    history.run(Job::Mute { chat: yoda(), mute: Mute::No });
    let summary = history.chat(&yoda());
    assert_eq!((summary.draft.as_str(), summary.mute), ("", Mute::No));
}

#[test]
fn the_end_of_a_mute_is_there_after_a_restart_and_one_of_an_earlier_version_has_none() {
    let mut history = Fixture::new();
    let end = Mute::Until(Timestamp::from_millis(1_795_167_600_000));
    history.run(Job::Mute { chat: yoda(), mute: end });
    let mut history = history.restarted();
    assert_eq!(history.chat(&yoda()).mute, end);
    history.database.connection.execute("UPDATE chats SET muted = 1", []).unwrap();
    assert_eq!(history.chat(&yoda()).mute, Mute::Always);
}

#[test]
fn a_cleared_chat_keeps_its_outbox_and_what_arrived_does_not_come_again() {
    let (mut history, _) = ten();
    history.put(written(60, yoda()));
    history.put(written(61, yoda()));
    history.step(60, MessageState::Accepted);
    let Done::Cleared { chat, chats } = history.run(Job::Clear { chat: Some(yoda()) }) else { panic!() };
    assert_eq!(chat, Some(yoda()));
    assert_eq!(chats.iter().map(|summary| summary.unread).sum::<u32>(), 10, "the other chat stays");
    let mut history = history.restarted();
    assert_eq!(numbers(&history.all(&yoda())), [61]);
    assert_eq!(history.all(&ChatId::Everyone).len(), 10);
    let again = DiskOp::PutIncoming { message: arrived(5, yoda()), seq: Seq::new(1), delivery: Delivery::OnDisk };
    assert_eq!(history.op(again), Ok(DiskResult::Duplicate));
    assert_eq!(history.open().0, [id(61)]);
}

#[test]
fn everything_can_be_cleared_at_once_and_no_word_stays_in_the_files() {
    let mut history = Fixture::new();
    history.put(saying(1, "rosebud"));
    history.put(saying(2, "rosebud and more"));
    let Done::Cleared { chat: None, .. } = history.run(Job::Clear { chat: None }) else { panic!() };
    history.assert_nowhere(b"rosebud");
}
