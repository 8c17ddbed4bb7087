//! Files that are removed, replaced, emptied or damaged, while a server runs and while none does.

use std::fs;
use std::path::PathBuf;

use whoelse_hub::{StoreFault, StoreOp, Stored};

use super::super::{SqliteStore, Store, StoreError};
use super::fixture::{SqlitePlace, acknowledge, at, direct, inbox, load, name, perform, taken, token};
use crate::store::Tokens;

fn beside(place: &SqlitePlace, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", place.path().display()))
}

/// The files as a killed server leaves them, with this many messages in the log.
fn killed(messages: u8) -> SqlitePlace {
    let (running, left) = (SqlitePlace::new(), SqlitePlace::new());
    let mut store = running.open_sqlite();
    for n in 1..=messages {
        taken(&mut store, direct(n, "hans", "luke"));
    }
    for ending in ["", "-wal", "-shm", "-reserve"] {
        fs::copy(beside(&running, ending), beside(&left, ending)).unwrap();
    }
    left
}

#[cfg(unix)]
#[test]
fn a_database_that_is_removed_replaced_or_emptied_under_a_server_takes_nothing_more() {
    type Blow = fn(&SqlitePlace);
    let blows: [Blow; 4] = [
        |place| fs::remove_file(place.path()).unwrap(),
        |place| {
            fs::copy(place.path(), beside(place, "-copy")).unwrap();
            fs::rename(beside(place, "-copy"), place.path()).unwrap();
        },
        |place| fs::write(place.path(), b"").unwrap(),
        |place| fs::remove_file(beside(place, "-wal")).unwrap(),
    ];
    for blow in blows {
        let place = SqlitePlace::new();
        let mut store = place.open_sqlite();
        let seq = taken(&mut store, direct(1, "hans", "luke"));
        blow(&place);
        for op in [
            direct(2, "hans", "luke"),
            acknowledge("luke", seq),
            StoreOp::Block { name: name("luke"), whom: name("hans") },
            StoreOp::Heartbeat { at: at(9) },
        ] {
            assert_eq!(perform(&mut store, op), Err(StoreFault::Unavailable));
        }
        store.tend();
    }
}

#[test]
fn a_log_whose_database_is_gone_or_empty_stops_the_start_and_is_kept() {
    for empty in [false, true] {
        let place = killed(20);
        if empty {
            fs::write(place.path(), b"").unwrap();
        } else {
            fs::remove_file(place.path()).unwrap();
        }
        let error = SqliteStore::open(&place.path()).unwrap_err();
        assert!(matches!(error, StoreError::LogAlone { .. }), "{error}");
        let said = error.to_string();
        assert!(
            said.contains("whoelse.sqlite-wal holds what was taken last") && said.contains("move the log"),
            "{said}"
        );
        assert!(fs::metadata(beside(&place, "-wal")).unwrap().len() > 0);
    }
}

#[test]
fn an_emptied_database_stops_the_start() {
    let place = SqlitePlace::new();
    drop(place.open_sqlite());
    fs::write(place.path(), b"").unwrap();
    let error = SqliteStore::open(&place.path()).unwrap_err();
    assert!(error.to_string().contains("whoelse.sqlite is empty, though it was not"), "{error}");
}

#[test]
fn a_database_that_begins_is_whole_or_not_there() {
    let place = SqlitePlace::new();
    fs::write(beside(&place, ".new"), b"left by a killed start").unwrap();
    taken(&mut place.open_sqlite(), direct(1, "hans", "luke"));
    assert!(!beside(&place, ".new").exists());
}

#[test]
fn what_a_killed_server_left_in_the_log_is_there() {
    let place = killed(20);
    assert_eq!(inbox(&mut place.open_sqlite(), "luke").len(), 20);
}

#[test]
fn damage_within_stops_neither_the_start_nor_what_can_be_read() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    for n in 1..=200 {
        taken(&mut store, direct(n, "hans", "luke"));
    }
    drop(store);
    let leaf: i64 = place.look("SELECT max(pageno) FROM dbstat WHERE name = 'message'");
    let mut bytes = fs::read(place.path()).unwrap();
    let start = usize::try_from((leaf - 1) * 4096).unwrap();
    bytes[start..start + 60].fill(0xAB);
    fs::write(place.path(), bytes).unwrap();

    let mut store = place.open_sqlite();
    let load = StoreOp::LoadInbox { name: name("luke"), after: whoelse_proto::Seq::new(0), limit: 10 };
    let page = perform(&mut store, load);
    assert!(matches!(page, Ok(Stored::Page { .. })), "{page:?}");
}

#[test]
fn tokens_that_cannot_be_voided_on_the_disk_are_not_handed_out() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    perform(&mut store, StoreOp::OpenSession { name: name("luke"), since: at(1), token: token(1) }).unwrap();
    store.connection().pragma_update(None, "query_only", "on").unwrap();
    assert_eq!(store.check_tokens(None).unwrap(), Tokens::Voided);
    assert_eq!(load(&mut store, &["luke"]).accounts[&name("luke")].token, None);
}
