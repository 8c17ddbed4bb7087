//! Cases of messages.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_hub::{Load, Lost, Message, StoreFault, StoreOp, Stored};
use whoelse_proto::{Content, GroupId, KnownState, MessageId, MessageState, Seq, Target, Text};

use super::super::Store;
use super::fixture::{
    Place, accept, acknowledge, at, broadcast, direct, id, inbox, load, lookup, message, name, perform, perform_all,
    taken,
};

fn states(store: &mut dyn Store, of: &str, ids: &[MessageId]) -> Vec<KnownState> {
    match perform(store, lookup(of, ids)) {
        Ok(Stored::States { states }) => states,
        other => panic!("{other:?}"),
    }
}

fn known(n: u8, state: MessageState) -> KnownState {
    KnownState::new(id(n), state)
}

fn mark_read(store: &mut dyn Store, reader: &str, peer: &str, up_to: MessageId) -> Option<MessageId> {
    match perform(store, StoreOp::MarkRead { reader: name(reader), peer: name(peer), up_to }) {
        Ok(Stored::Read { last }) => last,
        other => panic!("{other:?}"),
    }
}

fn delivered(list: &[(&str, &[u8])]) -> Stored {
    let ids = |numbers: &[u8]| numbers.iter().map(|&n| id(n)).collect();
    let delivered = list.iter().map(|(of, numbers)| (name(of), ids(numbers))).collect();
    Stored::Acknowledged { delivered, released: BTreeMap::new() }
}

/// Acknowledges, and leaves out what the messages weighed.
fn acknowledged(store: &mut dyn Store, op: StoreOp) -> Result<Stored, StoreFault> {
    let mut stored = perform(store, op)?;
    if let Stored::Acknowledged { released, .. } = &mut stored {
        released.clear();
    }
    Ok(stored)
}

pub(super) fn places_grow_and_are_the_same_in_every_inbox(place: &dyn Place) {
    let mut store = place.open();
    let first = taken(&mut *store, accept(&broadcast(1, "hans"), &["yoda", "leia"]));
    let second = taken(&mut *store, direct(2, "hans", "yoda"));

    assert!(Seq::new(0) < first && first < second);
    assert_eq!(inbox(&mut *store, "leia"), [(first, broadcast(1, "hans"))]);
    assert_eq!(inbox(&mut *store, "yoda"), [(first, broadcast(1, "hans")), (second, message(2, "hans", "yoda"))]);
    assert_eq!(inbox(&mut *store, "hans"), []);

    acknowledged(&mut *store, acknowledge("yoda", second)).unwrap();
    acknowledged(&mut *store, acknowledge("leia", second)).unwrap();
    perform(&mut *store, StoreOp::Forget { before: at(99) }).unwrap();
    drop(store);
    assert!(taken(&mut *place.open(), direct(3, "hans", "yoda")) > second, "a place is never used again");
}

pub(super) fn a_message_is_taken_once(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, direct(1, "hans", "yoda"));
    let again = Message { at: at(50), ..message(1, "hans", "yoda") };

    assert_eq!(perform(&mut *store, accept(&again, &["yoda"])), Ok(Stored::Known { at: at(1) }));
    assert_eq!(inbox(&mut *store, "yoda"), [(seq, message(1, "hans", "yoda"))]);
}

pub(super) fn a_message_is_taken_once_although_it_was_delivered_and_the_store_reopened(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, direct(1, "hans", "yoda"));
    acknowledged(&mut *store, acknowledge("yoda", seq)).unwrap();
    drop(store);

    let mut store = place.open();
    assert_eq!(perform(&mut *store, direct(1, "hans", "yoda")), Ok(Stored::Known { at: at(1) }));
    assert_eq!(inbox(&mut *store, "yoda"), []);
}

pub(super) fn a_message_that_comes_twice_in_a_batch_is_taken_once(place: &dyn Place) {
    let mut store = place.open();
    let results = perform_all(&mut *store, vec![direct(1, "hans", "yoda"), direct(1, "hans", "yoda")]);
    assert!(matches!(results[..], [Ok(Stored::Accepted { .. }), Ok(Stored::Known { .. })]), "{results:?}");
    assert_eq!(inbox(&mut *store, "yoda").len(), 1);
}

pub(super) fn an_id_of_another_sender_is_foreign_and_changes_nothing(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, direct(1, "hans", "yoda"));
    assert_eq!(perform(&mut *store, direct(1, "leia", "yoda")), Ok(Stored::Foreign));
    assert_eq!(inbox(&mut *store, "yoda"), [(seq, message(1, "hans", "yoda"))]);
}

pub(super) fn a_recipient_named_twice_gets_a_message_once(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, accept(&message(1, "hans", "yoda"), &["yoda", "yoda"]));
    assert_eq!(inbox(&mut *store, "yoda").len(), 1);
    acknowledged(&mut *store, acknowledge("yoda", seq)).unwrap();
    assert_eq!(states(&mut *store, "hans", &[id(1)]), [known(1, MessageState::Delivered)]);
}

pub(super) fn an_inbox_is_read_page_by_page_in_order(place: &dyn Place) {
    let mut store = place.open();
    let places: Vec<Seq> = (1..=5).map(|n| taken(&mut *store, direct(n, "hans", "yoda"))).collect();
    let mut page = |after, limit| match perform(&mut *store, StoreOp::LoadInbox { name: name("yoda"), after, limit }) {
        Ok(Stored::Page { messages, more, .. }) => (messages.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>(), more),
        other => panic!("{other:?}"),
    };
    assert_eq!(page(Seq::new(0), 2), (places[..2].to_vec(), true));
    assert_eq!(page(places[1], 2), (places[2..4].to_vec(), true));
    assert_eq!(page(places[3], 2), (places[4..].to_vec(), false));
    assert_eq!(page(Seq::new(0), 5), (places.clone(), false));
    assert_eq!(page(Seq::new(0), 0), (vec![], true));
    assert_eq!(page(Seq::new(u64::MAX), usize::MAX), (vec![], false));
}

pub(super) fn whatever_a_message_holds_comes_back(place: &dyn Place) {
    let text = |raw: &str| Text::new(raw).unwrap();
    let contents = [
        Content::Text { text: text(" two\n lines, \u{1f980} and ' \" -- ; \0 end"), reply_to: None },
        Content::Text { text: text(&"\u{e4}".repeat(8192)), reply_to: Some(id(90)) },
        Content::Edit { of: id(91), text: text("edited") },
        Content::Reaction { to: id(92), emoji: "\u{1f44d}".to_owned() },
        Content::Reaction { to: id(92), emoji: String::new() },
    ];
    let to_group = Message { to: Target::Group(GroupId::from_bytes([9; 16])), ..message(6, "hans", "yoda") };
    let with = |(content, n): (Content, u8)| Message { content, ..message(n, "hans", "yoda") };
    let sent: Vec<Message> = contents.into_iter().zip(1..).map(with).chain([to_group]).collect();

    let mut store = place.open();
    let results = perform_all(&mut *store, sent.iter().map(|message| accept(message, &["yoda"])).collect());
    assert!(results.iter().all(|result| matches!(result, Ok(Stored::Accepted { .. }))), "{results:?}");
    drop(store);

    let got: Vec<Message> = inbox(&mut *place.open(), "yoda").into_iter().map(|(_, message)| message).collect();
    assert_eq!(got, sent);
}

pub(super) fn an_acknowledgement_empties_the_inbox_up_to_a_place_and_tells_the_senders(place: &dyn Place) {
    let mut store = place.open();
    taken(&mut *store, direct(1, "hans", "yoda"));
    taken(&mut *store, accept(&broadcast(2, "hans"), &["yoda", "leia"]));
    taken(&mut *store, direct(3, "leia", "yoda"));
    let up_to = taken(&mut *store, direct(4, "hans", "yoda"));
    let rest = taken(&mut *store, direct(5, "hans", "yoda"));
    taken(&mut *store, direct(6, "hans", "leia"));

    let result = acknowledged(&mut *store, acknowledge("yoda", up_to));

    assert_eq!(result, Ok(delivered(&[("hans", &[1, 4]), ("leia", &[3])])));
    assert_eq!(inbox(&mut *store, "yoda"), [(rest, message(5, "hans", "yoda"))]);
    assert_eq!(inbox(&mut *store, "leia").len(), 2);
    assert_eq!(acknowledged(&mut *store, acknowledge("yoda", up_to)), Ok(delivered(&[])));
}

pub(super) fn an_acknowledgement_beyond_the_end_takes_what_is_there(place: &dyn Place) {
    let mut store = place.open();
    taken(&mut *store, direct(1, "hans", "yoda"));
    assert_eq!(acknowledged(&mut *store, acknowledge("yoda", Seq::new(u64::MAX))), Ok(delivered(&[("hans", &[1])])));
    assert_eq!(inbox(&mut *store, "yoda"), []);
    taken(&mut *store, direct(2, "hans", "yoda"));
    assert_eq!(inbox(&mut *store, "yoda").len(), 1);
}

pub(super) fn states_go_from_accepted_over_delivered_to_read(place: &dyn Place) {
    let mut store = place.open();
    let places: Vec<Seq> = (1..=3).map(|n| taken(&mut *store, direct(n, "hans", "yoda"))).collect();
    acknowledged(&mut *store, acknowledge("yoda", places[1])).unwrap();
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(1)), Some(id(1)));

    let asked = [id(3), id(1), id(99), id(2)];
    let expected = [known(3, MessageState::Accepted), known(1, MessageState::Read), known(2, MessageState::Delivered)];
    assert_eq!(states(&mut *store, "hans", &asked), expected);
    assert_eq!(states(&mut *store, "yoda", &asked), [], "nobody asks for the messages of others");
    drop(store);
    assert_eq!(states(&mut *place.open(), "hans", &asked), expected);
}

pub(super) fn what_was_read_stays_read_when_it_is_acknowledged(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, direct(1, "hans", "yoda"));
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(1)), Some(id(1)));
    assert_eq!(acknowledged(&mut *store, acknowledge("yoda", seq)), Ok(delivered(&[("hans", &[1])])));
    assert_eq!(states(&mut *store, "hans", &[id(1)]), [known(1, MessageState::Read)]);
}

pub(super) fn a_broadcast_stays_accepted(place: &dyn Place) {
    let mut store = place.open();
    let seq = taken(&mut *store, accept(&broadcast(1, "hans"), &["yoda"]));
    assert_eq!(acknowledged(&mut *store, acknowledge("yoda", seq)), Ok(delivered(&[])));
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(1)), None);
    assert_eq!(states(&mut *store, "hans", &[id(1)]), [known(1, MessageState::Accepted)]);
}

pub(super) fn a_broadcast_that_nobody_hears_is_taken(place: &dyn Place) {
    let mut store = place.open();
    taken(&mut *store, accept(&broadcast(1, "hans"), &[]));
    assert_eq!(perform(&mut *store, accept(&broadcast(1, "hans"), &["yoda"])), Ok(Stored::Known { at: at(1) }));
    assert_eq!(inbox(&mut *store, "yoda"), []);
    assert_eq!(states(&mut *store, "hans", &[id(1)]), [known(1, MessageState::Accepted)]);
}

pub(super) fn what_someone_hidden_did_with_a_message_is_not_told(place: &dyn Place) {
    let mut store = place.open();
    for (n, to) in [(1, "yoda"), (2, "yoda"), (3, "leia")] {
        let seq = taken(&mut *store, direct(n, "hans", to));
        acknowledged(&mut *store, acknowledge(to, seq)).unwrap();
    }
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(1)), Some(id(1)));
    let ids = vec![id(1), id(2), id(3)];
    let op = StoreOp::Lookup { sender: name("hans"), ids, hidden: BTreeSet::from([name("yoda")]) };
    let states =
        vec![known(1, MessageState::Accepted), known(2, MessageState::Accepted), known(3, MessageState::Delivered)];
    assert_eq!(perform(&mut *store, op), Ok(Stored::States { states }));
}

pub(super) fn a_broadcast_is_not_read(place: &dyn Place) {
    let mut store = place.open();
    taken(&mut *store, direct(1, "hans", "yoda"));
    taken(&mut *store, accept(&broadcast(2, "hans"), &["yoda"]));
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(2)), None);
    let expected = [known(1, MessageState::Accepted), known(2, MessageState::Accepted)];
    assert_eq!(states(&mut *store, "hans", &[id(1), id(2)]), expected);
}

pub(super) fn reading_what_was_read_or_never_written_says_nothing(place: &dyn Place) {
    let mut store = place.open();
    for n in 1..=3 {
        taken(&mut *store, direct(n, "hans", "yoda"));
    }
    taken(&mut *store, direct(4, "yoda", "hans"));
    taken(&mut *store, direct(5, "hans", "leia"));
    assert_eq!(mark_read(&mut *store, "yoda", "hans", id(2)), Some(id(2)));

    for (up_to, why) in [(2, "read"), (1, "read"), (99, "unknown"), (4, "own"), (5, "to someone else")] {
        assert_eq!(mark_read(&mut *store, "yoda", "hans", id(up_to)), None, "{why}");
        let expected = [known(2, MessageState::Read), known(3, MessageState::Accepted)];
        assert_eq!(states(&mut *store, "hans", &[id(2), id(3)]), expected, "{why}");
    }
    assert_eq!(states(&mut *store, "yoda", &[id(4)]), [known(4, MessageState::Accepted)]);
}

pub(super) fn what_is_forgotten_is_neither_waiting_nor_young(place: &dyn Place) {
    let mut store = place.open();
    let old = taken(&mut *store, direct(10, "hans", "yoda"));
    taken(&mut *store, direct(11, "hans", "leia"));
    let young = taken(&mut *store, direct(20, "hans", "yoda"));
    acknowledged(&mut *store, acknowledge("yoda", old.max(young))).unwrap();

    assert_eq!(perform(&mut *store, StoreOp::Forget { before: at(20) }), Ok(Stored::Forgotten { lost: vec![] }));

    let expected = [known(11, MessageState::Accepted), known(20, MessageState::Delivered)];
    assert_eq!(states(&mut *store, "hans", &[id(10), id(11), id(20)]), expected);
    assert_eq!(inbox(&mut *store, "leia").len(), 1);
    assert_eq!(inbox(&mut *store, "yoda"), []);
}

pub(super) fn what_waits_is_weighed_by_sender_and_given_back_when_it_leaves(place: &dyn Place) {
    let mut store = place.open();
    taken(&mut *store, direct(1, "hans", "yoda"));
    let last = taken(&mut *store, direct(2, "hans", "yoda"));
    taken(&mut *store, accept(&broadcast(3, "leia"), &["yoda"]));
    let bytes = |n: u8, from| {
        let Content::Text { text, .. } = &message(n, from, "yoda").content else { panic!("no text") };
        text.as_str().len() as u64
    };
    let of_hans = Load { messages: 2, bytes: bytes(1, "hans") + bytes(2, "hans") };
    let waiting = load(&mut *store, &["yoda"]).accounts.remove(&name("yoda")).unwrap().waiting;
    assert_eq!(waiting.get(&name("hans")), Some(&of_hans));
    assert_eq!(waiting.get(&name("leia")).map(|load| load.messages), Some(1));

    let Ok(Stored::Acknowledged { released, .. }) = perform(&mut *store, acknowledge("yoda", last)) else {
        panic!("not acknowledged")
    };
    assert_eq!(released, [(name("hans"), of_hans)].into());
    let waiting = load(&mut *store, &["yoda"]).accounts.remove(&name("yoda")).unwrap().waiting;
    assert_eq!(waiting.keys().collect::<Vec<_>>(), [&name("leia")]);
}

pub(super) fn what_waited_for_an_account_that_is_forgotten_is_told_as_lost_ever_after(place: &dyn Place) {
    let mut store = place.open();
    let first = taken(&mut *store, direct(1, "hans", "yoda"));
    for op in [direct(2, "hans", "yoda"), direct(3, "leia", "yoda"), accept(&broadcast(4, "hans"), &["yoda"])] {
        taken(&mut *store, op);
    }
    acknowledged(&mut *store, acknowledge("yoda", first)).unwrap();
    let forgotten = perform(&mut *store, StoreOp::ForgetAccount { name: name("yoda") });
    let lost = |sender, n| Lost { sender: name(sender), peer: name("yoda"), ids: vec![id(n)] };
    assert_eq!(forgotten, Ok(Stored::Forgotten { lost: vec![lost("hans", 2), lost("leia", 3)] }));
    drop(store);

    let mut store = place.open();
    let expected = [known(1, MessageState::Delivered), KnownState::lost(id(2)), known(4, MessageState::Accepted)];
    assert_eq!(states(&mut *store, "hans", &[id(1), id(2), id(4)]), expected);
    let again = perform(&mut *store, StoreOp::ForgetAccount { name: name("yoda") });
    assert_eq!(again, Ok(Stored::Forgotten { lost: vec![] }), "told once");
}
