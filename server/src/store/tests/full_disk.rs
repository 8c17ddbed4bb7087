//! A full disk: what cannot be written is refused, the rest goes on, and all is well once there is room.

use whoelse_hub::{Message, StoreFault, StoreOp, Stored};
use whoelse_proto::{Content, Text};

use super::super::SqliteStore;
use super::fixture::{
    SqlitePlace, accept, acknowledge, at, direct, id, inbox, lookup, message, name, perform, perform_all, taken,
};

/// Leaves room for this many further pages in the database.
fn leave_room(store: &mut SqliteStore, pages: i64) {
    let used: i64 = store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.connection().pragma_update(None, "max_page_count", used + pages).unwrap();
}

fn make_room(store: &mut SqliteStore) {
    store.connection().pragma_update(None, "max_page_count", i64::from(u32::MAX - 1)).unwrap();
}

/// A message that needs pages of its own.
fn long(n: u8) -> StoreOp {
    let content = Content::Text { text: Text::new(&"x".repeat(16 * 1024)).unwrap(), reply_to: None };
    accept(&Message { content, ..message(n, "hans", "yoda") }, &["yoda"])
}

#[test]
fn only_what_finds_no_room_is_refused() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let first = taken(&mut store, direct(1, "hans", "yoda"));
    leave_room(&mut store, 2);

    let read = lookup("hans", &[id(1), id(2), id(3)]);
    let results = perform_all(&mut store, vec![direct(2, "hans", "yoda"), long(3), read, direct(4, "hans", "yoda")]);

    assert!(matches!(results[0], Ok(Stored::Accepted { .. })), "{results:?}");
    assert_eq!(results[1], Err(StoreFault::Unavailable));
    assert!(matches!(&results[2], Ok(Stored::States { states }) if states.len() == 2), "{results:?}");
    assert!(matches!(results[3], Ok(Stored::Accepted { .. })), "{results:?}");
    assert_eq!(inbox(&mut store, "yoda").len(), 3);
    assert_eq!(inbox(&mut store, "yoda")[0].0, first);
}

#[test]
fn reading_and_taking_out_go_on_and_the_refused_is_taken_once_there_is_room() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let seq = taken(&mut store, long(1));
    leave_room(&mut store, 0);
    assert_eq!(perform(&mut store, long(2)), Err(StoreFault::Unavailable));
    assert_eq!(perform(&mut store, long(2)), Err(StoreFault::Unavailable));

    assert_eq!(inbox(&mut store, "yoda").len(), 1);
    let sessions = perform(&mut store, StoreOp::SessionsOf { names: vec![name("yoda")], from: at(0) });
    assert!(matches!(sessions, Ok(Stored::Sessions { .. })), "{sessions:?}");
    let acknowledged = perform(&mut store, acknowledge("yoda", seq));
    assert!(matches!(acknowledged, Ok(Stored::Acknowledged { .. })), "{acknowledged:?}");

    make_room(&mut store);
    assert!(matches!(perform(&mut store, long(2)), Ok(Stored::Accepted { .. })), "not known: it was refused");
    assert_eq!(inbox(&mut store, "yoda").len(), 1);
    drop(store);
    assert_eq!(place.look::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn reads_go_on_where_nothing_can_be_written() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    taken(&mut store, direct(1, "hans", "yoda"));
    store.connection().pragma_update(None, "query_only", "on").unwrap();

    let reads = vec![
        StoreOp::LoadInbox { name: name("yoda"), after: whoelse_proto::Seq::new(0), limit: 9 },
        lookup("hans", &[id(1)]),
        StoreOp::SessionsOf { names: vec![name("yoda")], from: at(0) },
    ];
    assert!(perform_all(&mut store, reads.clone()).iter().all(Result::is_ok));

    let mixed = [reads, vec![direct(2, "hans", "yoda"), StoreOp::Heartbeat { at: at(1) }]].concat();
    let results = perform_all(&mut store, mixed);
    assert!(results[..3].iter().all(Result::is_ok), "{results:?}");
    assert_eq!(results[3..], [Err(StoreFault::Unavailable), Err(StoreFault::Unavailable)]);
}

#[test]
fn with_less_free_than_is_to_be_left_no_message_is_taken_and_what_waits_is_delivered() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let seq = taken(&mut store, direct(1, "hans", "yoda"));
    drop(store);
    let mut store = place.open_sqlite().leaving_free(u64::MAX);
    assert_eq!(perform(&mut store, direct(2, "hans", "yoda")), Err(StoreFault::Unavailable));
    assert!(matches!(perform(&mut store, direct(1, "hans", "yoda")), Ok(Stored::Known { .. })), "it was taken before");
    assert_eq!(inbox(&mut store, "yoda").len(), 1);
    assert!(matches!(perform(&mut store, acknowledge("yoda", seq)), Ok(Stored::Acknowledged { .. })));
    drop(store);
    let mut store = place.open_sqlite().leaving_free(1);
    assert!(matches!(perform(&mut store, direct(2, "hans", "yoda")), Ok(Stored::Accepted { .. })));
}
