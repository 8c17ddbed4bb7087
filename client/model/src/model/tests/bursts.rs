//! Many at once: whatever comes, lists stay in order and bounds hold.

use proptest::prelude::*;
use whoelse_proto::{PresenceChange, PresenceReason};

use super::*;
use crate::model::{MAX_ROWS, Section};

#[test]
fn thousands_of_contacts_and_messages_are_taken_in() {
    let mut bench = Bench::online();
    let user = |n: u64| format!("user{n}");
    let users = (0..5_000).map(|n| if n % 2 == 0 { online(&user(n)) } else { offline(&user(n)) }).collect();
    bench.hear(Event::Roster { users, complete: true });
    bench.act(Action::Open { chat: direct("user7") });
    bench.hear(Event::History(HistoryPage {
        chat: direct("user7"),
        messages: vec![],
        more_before: false,
        more_after: false,
    }));

    for n in 1..=20_000 {
        let author = user(n % 5_000);
        bench.hear(Event::Received(arrived(n, direct(&author), &author)));
    }
    for n in 20_001..=20_000 + MAX_ROWS as u64 + 1 {
        bench.hear(Event::Received(arrived(n, direct("user7"), "user7")));
    }

    assert_eq!(bench.0.contacts().count(Section::Online), 2_500);
    assert_eq!(bench.0.contacts().count(Section::Offline), 2_500);
    assert_eq!(bench.0.chats().get(&direct("user7")).unwrap().timeline().len(), MAX_ROWS);
    assert_eq!(bench.0.chats().unread(), 20_000 + 5_001);
}

/// One thing that is heard of one of a few users.
fn heard() -> impl Strategy<Value = Event> {
    let user = (0_u8..6).prop_map(|n| format!("user{n}"));
    (user, 0_u8..8, 1_u64..50).prop_map(|(user, kind, n)| match kind {
        0 => Event::Presence(vec![PresenceChange { name: name(&user), reason: PresenceReason::Login, at: NOW }]),
        1 => Event::Presence(vec![PresenceChange { name: name(&user), reason: PresenceReason::Lost, at: NOW }]),
        2 => Event::Roster { users: vec![online(&user)], complete: true },
        3 => Event::Roster { users: vec![offline(&user)], complete: false },
        4 => Event::Received(arrived(n, direct(&user), &user)),
        5 => Event::Saved(own(n, direct(&user))),
        6 => Event::Deleted { chat: direct(&user), id: id(n) },
        _ => Event::Answered { ask: AskId::new(1), result: Ok(whoelse_proto::Answer::Names(vec![name(&user)])) },
    })
}

proptest! {
    #[test]
    fn the_list_holds_each_contact_once_in_order(events in proptest::collection::vec(heard(), 0..60)) {
        let mut bench = Bench::online();
        for event in events {
            bench.hear(event);
        }

        let contacts = bench.0.contacts();
        let listed: Vec<&UserName> = contacts.iter().map(crate::model::Contact::name).collect();
        let mut sorted = listed.clone();
        sorted.sort();
        sorted.dedup();
        prop_assert_eq!(sorted.len(), listed.len());
        prop_assert_eq!(contacts.names().count(), listed.len());
        let key = |contact: &crate::model::Contact| (!contact.is_online(), contact.is_blocked());
        let keys: Vec<_> = contacts.iter().map(key).collect();
        prop_assert!(keys.is_sorted());
        let online = contacts.iter().filter(|contact| contact.is_online()).count();
        prop_assert_eq!(contacts.count(Section::Online), online);
        prop_assert_eq!(contacts.count(Section::Online) + contacts.count(Section::Offline), listed.len());
        let rows: Vec<_> = bench.0.chats().iter().map(|chat| chat.last().map(|last| last.row)).collect();
        prop_assert!(rows.is_sorted_by(|a, b| a >= b));
    }
}
