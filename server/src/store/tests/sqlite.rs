//! What only SQLite has: files, foreign databases, versions, other processes.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use whoelse_hub::{StoreOp, Stored};
use whoelse_proto::Seq;

use super::super::traces::EMPTY_AFTER;
use super::super::{SqliteStore, Store as _, StoreError, attach, forget_accounts, never_used};
use super::fixture::{
    SqlitePlace, accept, acknowledge, at, broadcast, direct, inbox, load, name, perform, perform_all, taken, token,
};

#[test]
fn the_content_of_a_message_is_gone_once_no_inbox_holds_it() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let with_content = "SELECT count(*) FROM message WHERE kind IS NOT NULL OR body IS NOT NULL OR about IS NOT NULL";
    let seq = taken(&mut store, accept(&broadcast(1, "hans"), &["yoda", "leia"]));
    taken(&mut store, accept(&broadcast(2, "hans"), &[]));
    assert_eq!(place.look::<i64>(with_content), 1);

    perform(&mut store, acknowledge("yoda", seq)).unwrap();
    assert_eq!(place.look::<i64>(with_content), 1);
    perform(&mut store, acknowledge("leia", seq)).unwrap();
    assert_eq!(place.look::<i64>(with_content), 0);
    assert_eq!(place.look::<i64>("SELECT count(*) FROM message"), 2);
    assert_eq!(place.look::<i64>("SELECT sum(holders) FROM message"), 0);
}

#[test]
fn an_acknowledged_text_is_in_no_file_once_the_store_is_closed() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let seq = taken(&mut store, direct(1, "hans", "yoda"));
    taken(&mut store, direct(2, "hans", "yoda"));
    perform(&mut store, acknowledge("yoda", seq)).unwrap();
    drop(store);

    let bytes = fs::read(place.path()).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("message 2"), "what waits is readable to the administrator");
    assert!(!holds("message 1"));
}

#[test]
fn an_acknowledged_text_is_in_no_file_a_while_later_though_the_server_runs_on() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let seq = taken(&mut store, direct(1, "hans", "yoda"));
    taken(&mut store, direct(2, "hans", "yoda"));
    perform(&mut store, acknowledge("yoda", seq)).unwrap();
    let holds = |text: &str| {
        let files = fs::read_dir(place.path().parent().unwrap()).unwrap();
        let bytes: Vec<_> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        bytes.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    assert!(holds("message 1"), "it stands in the log");
    for _ in 0..EMPTY_AFTER {
        store.tend();
    }
    assert!(!holds("message 1"));
    assert!(holds("message 2"), "it waits");
}

#[cfg(unix)]
#[test]
fn every_file_of_the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    taken(&mut store, direct(1, "hans", "yoda"));
    let files = fs::read_dir(place.path().parent().unwrap()).unwrap();
    let modes: Vec<u32> = files.map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect();
    assert_eq!(modes, [0o600; 4], "database, log, index, reserve");
}

#[test]
fn a_file_that_is_no_database_of_ours_is_refused_and_kept() {
    let place = SqlitePlace::new();
    let text = "not a database ".repeat(100);
    fs::write(place.path(), &text).unwrap();
    assert!(matches!(SqliteStore::open(&place.path()), Err(StoreError::Foreign(path)) if path == place.path()));
    assert_eq!(fs::read_to_string(place.path()).unwrap(), text);

    fs::remove_file(place.path()).unwrap();
    let other = rusqlite::Connection::open(place.path()).unwrap();
    other.execute_batch("CREATE TABLE message (other); PRAGMA application_id = 1").unwrap();
    assert!(matches!(SqliteStore::open(&place.path()), Err(StoreError::Foreign(_))));
    assert_eq!(place.look::<i64>("SELECT count(*) FROM sqlite_schema"), 1);
}

#[test]
fn a_database_whose_first_start_was_killed_is_made_whole() {
    for killed_after in [
        "",
        "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
    ] {
        let place = SqlitePlace::new();
        let half = rusqlite::Connection::open(place.path()).unwrap();
        half.execute_batch("PRAGMA application_id = 0x57484F45").unwrap();
        half.execute_batch(killed_after).unwrap();
        drop(half);
        taken(&mut place.open_sqlite(), direct(1, "hans", "yoda"));
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let place = SqlitePlace::new();
    drop(place.open_sqlite());
    let db = rusqlite::Connection::open(place.path()).unwrap();
    db.execute("INSERT INTO refinery_schema_history VALUES (999, 'newer', '2030-01-01T00:00:00Z', '1')", []).unwrap();
    let error = SqliteStore::open(&place.path()).unwrap_err();
    assert!(matches!(error, StoreError::Version { .. }), "{error}");
}

#[test]
fn a_folder_in_the_place_of_the_database_is_refused_with_its_name() {
    let place = SqlitePlace::new();
    fs::create_dir(place.path()).unwrap();
    let error = SqliteStore::open(&place.path()).unwrap_err();
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("whoelse.sqlite cannot be used: it is a folder"), "{error}");
}

#[test]
fn the_store_waits_for_another_process_that_writes() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let other = attach(&place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (started, when_started) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || {
        started.send(()).unwrap();
        perform(&mut store, direct(1, "hans", "yoda"))
    });
    when_started.recv().unwrap();
    other.execute_batch("COMMIT").unwrap();
    assert!(matches!(writer.join().unwrap(), Ok(Stored::Accepted { .. })));
}

#[test]
fn a_removed_account_leaves_nothing_to_the_next_of_its_name() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let ops = vec![
        direct(1, "hans", "yoda"),
        accept(&broadcast(2, "hans"), &["yoda", "leia"]),
        direct(3, "yoda", "leia"),
        StoreOp::OpenSession { name: name("yoda"), since: at(5), token: token(1) },
        StoreOp::Block { name: name("yoda"), whom: name("hans") },
        StoreOp::Block { name: name("hans"), whom: name("yoda") },
    ];
    assert!(perform_all(&mut store, ops).iter().all(Result::is_ok));

    forget_accounts(&place.path(), &[name("yoda")]).unwrap();

    assert_eq!(inbox(&mut store, "yoda"), []);
    assert_eq!(inbox(&mut store, "leia").len(), 2, "what the account wrote is delivered");
    let snapshot = load(&mut store, &["hans", "yoda"]);
    assert_eq!(snapshot.accounts[&name("yoda")], whoelse_hub::AccountSnapshot::default());
    assert!(snapshot.accounts[&name("hans")].blocked.is_empty());
    assert_eq!(place.look::<i64>("SELECT sum(holders) FROM message"), 2);
}

#[test]
fn sqlite_says_whose_database_it_is_and_in_which_version() {
    let place = SqlitePlace::new();
    drop(place.open_sqlite());
    assert_eq!(place.look::<i64>("PRAGMA application_id"), 0x5748_4F45);
    assert_eq!(place.look::<i64>("PRAGMA user_version"), 2);
    assert_eq!(place.look::<String>("PRAGMA journal_mode"), "wal");
    assert_eq!(place.look::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn a_place_beyond_what_sqlite_counts_is_the_end() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let page = StoreOp::LoadInbox { name: name("yoda"), after: Seq::new(u64::MAX), limit: usize::MAX };
    assert_eq!(perform(&mut store, page), Ok(Stored::Page { messages: Vec::new(), damaged: Vec::new(), more: false }));
}

#[test]
fn a_file_shrinks_again_once_its_messages_were_delivered() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let size = || fs::metadata(place.path()).unwrap().len();
    let checkpoint = |store: &mut SqliteStore| {
        store.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    };
    // Stands for a burst of texts that no test wants to write one by one.
    store.connection().execute_batch("CREATE TABLE burst AS SELECT zeroblob(4000000) AS body").unwrap();
    store.connection().execute_batch("DROP TABLE burst").unwrap();
    checkpoint(&mut store);
    let before = size();
    assert!(before > 4_000_000, "{before}");
    store.tend();
    checkpoint(&mut store);
    assert!(size() < before / 2, "{} of {before}", size());
}

#[test]
fn a_database_of_an_earlier_version_learns_to_give_space_back() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    taken(&mut store, direct(1, "hans", "yoda"));
    store.connection().execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = 0; VACUUM").unwrap();
    drop(store);
    assert_eq!(place.look::<u32>("PRAGMA auto_vacuum"), 0);
    let mut store = place.open_sqlite();
    assert_eq!(place.look::<u32>("PRAGMA auto_vacuum"), 2);
    assert_eq!(inbox(&mut store, "yoda").len(), 1);
}

/// A million sessions of a thousand users, one user with a tenth of them: the work for one page is bounded.
#[test]
fn the_sessions_of_some_names_are_found_among_a_million_without_a_walk() {
    /// Instructions of SQLite's virtual machine between two counts.
    const STEP: u32 = 1_000;
    /// Most instructions for the page: a walk through all sessions takes several millions.
    const MOST_STEPS: u32 = 1_500_000;
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    store
        .connection()
        .execute_batch(
            "PRAGMA synchronous = off;
             BEGIN;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 899999)
             INSERT INTO session SELECT 'user' || (i % 1000), i * 1000, i * 1000 + 500 FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
             INSERT INTO session SELECT 'busy', i * 1000, i * 1000 + 500 FROM n;
             COMMIT;",
        )
        .unwrap();
    let names: Vec<_> = std::iter::once("busy".to_owned()).chain((0..63).map(|n| format!("user{n}"))).collect();
    let names = names.iter().map(|raw| name(raw)).collect();

    let steps = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(STEP, Ordering::Relaxed);
        false
    };
    store.connection().progress_handler(STEP.try_into().unwrap(), Some(count)).unwrap();
    let found = perform(&mut store, StoreOp::SessionsOf { names, from: at(0) });

    let Ok(Stored::Sessions { sessions }) = found else { panic!("{found:?}") };
    assert_eq!(sessions.len(), 64);
    assert!(sessions.values().all(|found| found.spans.len() == 100 && found.earlier >= 800));
    assert_eq!(sessions[&name("busy")].earlier, whoelse_hub::MAX_EARLIER);
    let plan: String = place.look_at(
        "EXPLAIN QUERY PLAN SELECT since, until FROM session WHERE name = 'busy' ORDER BY since DESC LIMIT 9",
        3,
    );
    assert!(plan.starts_with("SEARCH session USING PRIMARY KEY"), "{plan}");
    let steps = steps.load(Ordering::Relaxed);
    assert!((STEP..=MOST_STEPS).contains(&steps), "{steps} instructions");
}

#[test]
fn a_message_that_is_damaged_is_passed_over_and_holds_up_no_other() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    let places: Vec<Seq> = (1..=4).map(|n| taken(&mut store, direct(n, "hans", "yoda"))).collect();
    let spoil =
        "UPDATE message SET kind = NULL, body = NULL WHERE seq = 2; UPDATE message SET sender = 'a b' WHERE seq = 3";
    store.connection().execute_batch(spoil).unwrap();
    let page = |after, limit| StoreOp::LoadInbox { name: name("yoda"), after, limit };
    let Ok(Stored::Page { messages, damaged, more }) = perform(&mut store, page(Seq::new(0), 3)) else {
        panic!("no page")
    };
    let read: Vec<_> = messages.iter().map(|(seq, _)| *seq).collect();
    assert_eq!((read, damaged, more), (vec![places[0]], places[1..3].to_vec(), true));
    let Ok(Stored::Page { messages, damaged, more: false }) = perform(&mut store, page(places[2], 3)) else {
        panic!("no last page")
    };
    assert_eq!((messages.len(), damaged), (1, vec![]));

    let Ok(Stored::Acknowledged { delivered, .. }) = perform(&mut store, acknowledge("yoda", places[3])) else {
        panic!("not acknowledged")
    };
    let told = delivered.get(&name("hans")).cloned();
    assert_eq!(told, Some(vec![super::fixture::id(1), super::fixture::id(4)]));
    assert_eq!(
        perform(&mut store, page(Seq::new(0), 9)),
        Ok(Stored::Page { messages: vec![], damaged: vec![], more: false })
    );
}

/// What an account finds at a start with these, after a start with those.
fn found_after(place: &SqlitePlace, without: &[&str], with: &[&str]) -> usize {
    let names = |list: &[&str]| list.iter().map(|raw| name(raw)).collect::<BTreeSet<_>>();
    for (second, list) in [(20, without), (21, with)] {
        let mut store = place.open_sqlite();
        store.meet_accounts(&names(list), at(second)).unwrap();
    }
    let mut store = place.open_sqlite();
    inbox(&mut store, "yoda").len()
}

#[test]
fn who_comes_back_after_a_start_without_them_finds_nothing_unless_half_of_all_were_missing() {
    let all = ["hans", "leia", "luke", "yoda"];
    for (without, found) in [(&["hans", "leia", "luke"][..], 0), (&["hans"][..], 1)] {
        let place = SqlitePlace::new();
        let mut store = place.open_sqlite();
        store.meet_accounts(&all.iter().map(|raw| name(raw)).collect(), at(10)).unwrap();
        taken(&mut store, direct(1, "hans", "yoda"));
        drop(store);
        assert_eq!(found_after(&place, without, &all), found, "{without:?}");
    }
}

#[test]
fn an_account_in_doubt_is_told_at_the_start_and_recalled_with_what_waits() {
    let place = SqlitePlace::new();
    let names = |list: &[&str]| list.iter().map(|raw| name(raw)).collect::<BTreeSet<_>>();
    let mut store = place.open_sqlite();
    store.meet_accounts(&names(&["hans", "leia", "luke", "yoda"]), at(10)).unwrap();
    taken(&mut store, direct(1, "hans", "yoda"));
    store.meet_accounts(&names(&["hans"]), at(20)).unwrap();
    assert_eq!(load(&mut store, &["hans"]).in_doubt, names(&["leia", "luke", "yoda"]));
    let recalled = perform(&mut store, StoreOp::RecallAccount { name: name("yoda") });
    assert!(matches!(recalled, Ok(Stored::Recalled { account }) if account.waiting.len() == 1));
    assert_eq!(load(&mut store, &["hans", "yoda"]).in_doubt, names(&["leia", "luke"]));
}

#[test]
fn an_account_counts_as_never_used_until_its_first_login() {
    let place = SqlitePlace::new();
    let mut store = place.open_sqlite();
    store.meet_accounts(&BTreeSet::from([name("hans"), name("yoda")]), at(10)).unwrap();
    assert_eq!(never_used(&place.path(), at(10)).unwrap(), []);
    assert_eq!(never_used(&place.path(), at(11)).unwrap(), [name("hans"), name("yoda")]);
    perform(&mut store, StoreOp::OpenSession { name: name("hans"), since: at(12), token: token(1) }).unwrap();
    assert_eq!(never_used(&place.path(), at(13)).unwrap(), [name("yoda")]);
}
