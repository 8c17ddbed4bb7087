//! Disks that are really full, and file systems that may really not be written: in a mount namespace of the test's own,
//! where the system gives one.

use std::path::{Path, PathBuf};
use std::process::Command;

use whoelse_hub::{Message, StoreFault, StoreOp, Stored};
use whoelse_proto::{Content, MessageId, Seq, Text, Timestamp};
use whoelse_sqlite::Access;

use super::super::{SqliteStore, Store};
use super::fixture::{accept, acknowledge, at, direct, inbox, load, message, name, perform, taken, token};

/// Tells the child where its file system is.
const FOLDER: &str = "WHOELSE_TEST_SMALL_DISK";

/// Runs one test of this file again with a file system of its own, of this size, mounted where it is told.
fn on_a_disk(size: &str, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" || exit 99; shift 2; exec \"$@\"";
    let child = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", size])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("store::tests::small_disk::{test}"), "--nocapture"])
        .env(FOLDER, folder.path())
        .output();
    match child {
        Ok(output) if output.status.success() => {}
        Ok(output) if output.status.code() == Some(99) || output.stderr.starts_with(b"unshare:") => {
            eprintln!("SKIPPED: this system lets nobody mount: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output) => panic!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("SKIPPED: no unshare here: {error}"),
    }
}

/// The child's database; `None` as a test of its own.
fn database() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(|folder| PathBuf::from(folder).join("whoelse.sqlite"))
}

fn long(n: u64) -> StoreOp {
    let id = MessageId::new(Timestamp::from_millis(n), [7; 10]);
    let content = Content::Text { text: Text::new(&"x".repeat(14_000)).unwrap(), reply_to: None };
    accept(&Message { id, content, ..message(1, "hans", "luke") }, &["luke"])
}

/// Takes long messages until one is refused.
fn fill(store: &mut SqliteStore) -> u64 {
    (0..100_000).take_while(|&n| perform(store, long(n)).is_ok()).count() as u64
}

/// Takes the disk whatever room it has.
fn fill_disk(path: &Path) -> PathBuf {
    let filler = path.with_file_name("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    for size in [64 * 1024, 4096, 1] {
        while std::io::Write::write_all(&mut file, &vec![1; size]).is_ok() {}
    }
    filler
}

#[test]
fn child_filled_by_messages() {
    let Some(path) = database() else { return };
    let mut store = SqliteStore::open(&path).unwrap();
    let count = fill(&mut store);
    assert!(count > 200, "{count}");
    assert_eq!(perform(&mut store, long(count)), Err(StoreFault::Unavailable));
    assert_eq!(perform(&mut store, long(0)), Ok(Stored::Known { at: at(1) }), "what was taken is known");
    let block = StoreOp::Block { name: name("yoda"), whom: name("hans") };
    assert_eq!(perform(&mut store, block), Ok(Stored::Done), "what is small is done");

    let waiting = inbox(&mut store, "luke");
    assert_eq!(waiting.len() as u64, count);
    for (seq, _) in &waiting {
        let acknowledged = perform(&mut store, acknowledge("luke", *seq));
        assert!(matches!(acknowledged, Ok(Stored::Acknowledged { .. })), "{acknowledged:?}");
    }
    assert_eq!(inbox(&mut store, "luke").len(), 0);
    store.tend();
    assert!(perform(&mut store, long(count)).is_ok(), "reading has made room");
    drop(store);
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(*store.access(), Access::Shared);
    assert_eq!(inbox(&mut store, "luke").len(), 1);
}

#[test]
fn a_disk_filled_by_messages_delivers_them_and_takes_more_once_they_were_read() {
    on_a_disk("8m", "child_filled_by_messages");
    on_a_disk("48m", "child_filled_by_messages");
}

#[test]
fn child_filled_by_another_program() {
    let Some(path) = database() else { return };
    let mut store = SqliteStore::open(&path).unwrap();
    let open = StoreOp::OpenSession { name: name("luke"), since: at(5), token: token(1) };
    perform(&mut store, open).unwrap();
    let seqs: Vec<Seq> = (1..100).map(|n| taken(&mut store, direct(n, "hans", "luke"))).collect();
    let filler = fill_disk(&path);
    assert_eq!(perform(&mut store, long(1)), Err(StoreFault::Unavailable));
    for seq in &seqs[..50] {
        assert!(perform(&mut store, acknowledge("luke", *seq)).is_ok(), "{seq:?}");
    }
    drop(store);

    let _more = fill_disk(&path.with_file_name("x"));
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(inbox(&mut store, "luke").len(), 49, "it starts and serves what is stored");
    assert!(load(&mut store, &["luke"]).accounts[&name("luke")].token.is_some());
    assert!(perform(&mut store, acknowledge("luke", seqs[60])).is_ok(), "acknowledgements go on");
    assert_eq!(perform(&mut store, long(1)), Err(StoreFault::Unavailable));

    std::fs::remove_file(filler).unwrap();
    (0..5).for_each(|_| store.tend());
    assert!(perform(&mut store, long(1)).is_ok(), "there is room again");
}

#[test]
fn a_server_starts_and_delivers_on_a_disk_that_another_program_filled() {
    on_a_disk("8m", "child_filled_by_another_program");
    on_a_disk("200m", "child_filled_by_another_program");
}

#[test]
fn child_without_a_reserve() {
    let Some(path) = database() else { return };
    let mut store = SqliteStore::open(&path).unwrap();
    taken(&mut store, direct(1, "hans", "luke"));
    drop(store);
    std::fs::remove_file(path.with_file_name("whoelse.sqlite-reserve")).unwrap();
    let filler = fill_disk(&path);
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(matches!(store.access(), Access::Alone { .. }), "{:?}", store.access());
    assert_eq!(inbox(&mut store, "luke").len(), 1);
    assert_eq!(perform(&mut store, direct(2, "hans", "luke")), Err(StoreFault::Unavailable));
    std::fs::remove_file(filler).unwrap();
    (0..5).for_each(|_| store.tend());
    assert_eq!(*store.access(), Access::Shared);
    assert!(perform(&mut store, direct(2, "hans", "luke")).is_ok());
}

#[test]
fn a_full_disk_without_a_reserve_is_started_on_too() {
    on_a_disk("8m", "child_without_a_reserve");
}

#[test]
fn child_that_may_not_write() {
    let Some(path) = database() else { return };
    let mount = |how: &str| {
        let folder = path.parent().unwrap();
        let status = Command::new("mount").args(["-o", how]).arg(folder).status().unwrap();
        assert!(status.success());
    };
    let mut store = SqliteStore::open(&path).unwrap();
    let seq = taken(&mut store, direct(1, "hans", "luke"));
    let open = StoreOp::OpenSession { name: name("luke"), since: at(5), token: token(1) };
    perform(&mut store, open).unwrap();
    drop(store);

    mount("remount,ro");
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(matches!(store.access(), Access::ReadOnly { .. }), "{:?}", store.access());
    assert_eq!(inbox(&mut store, "luke").len(), 1, "what is stored is delivered");
    assert_eq!(perform(&mut store, acknowledge("luke", seq)), Err(StoreFault::Unavailable));
    assert_eq!(perform(&mut store, direct(2, "hans", "luke")), Err(StoreFault::Unavailable));

    mount("remount,rw");
    (0..5).for_each(|_| store.tend());
    assert_eq!(*store.access(), Access::Shared);
    assert!(perform(&mut store, acknowledge("luke", seq)).is_ok());
    let sessions = perform(&mut store, StoreOp::SessionsOf { names: vec![name("luke")], from: at(0) });
    let Ok(Stored::Sessions { sessions }) = sessions else { panic!("{sessions:?}") };
    assert!(sessions[&name("luke")].spans[0].to.is_some(), "what a killed server left open is ended once it can be");
}

#[test]
fn a_folder_that_may_not_be_written_is_served_and_written_again_once_it_may() {
    on_a_disk("8m", "child_that_may_not_write");
}
