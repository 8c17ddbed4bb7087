//! A process that is killed while it stores, and one that may write no more: whatever it said was taken is there,
//! and each once.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[cfg(unix)]
use whoelse_hub::StoreFault;
use whoelse_hub::{Message, StoreOp, Stored, Ticket};
use whoelse_proto::{MessageId, Timestamp};

use super::super::{SqliteStore, Store};
use super::fixture::{SqlitePlace, accept, inbox, message};

/// Tells the child process where to write.
const DATABASE: &str = "WHOELSE_TEST_CRASH_DATABASE";

/// Messages in one of the child's batches.
const BATCH: u64 = 50;

/// What the child says before it is killed.
const ANSWERS: usize = 400;

/// Bytes that a file may have in the process whose files may not grow.
#[cfg(unix)]
const MAX_FILE: u64 = 256 * 1024;

/// More messages than such files hold.
#[cfg(unix)]
const ENOUGH: u64 = 100_000;

fn numbered(n: u64) -> Message {
    let id = MessageId::new(Timestamp::from_millis(n), [7; 10]);
    Message { id, ..message(1, "hans", "yoda") }
}

/// What runs one test of this file.
fn test(name: &str) -> [String; 3] {
    ["--exact".to_owned(), format!("store::tests::crash::{name}"), "--nocapture".to_owned()]
}

/// The child: takes messages for ever and says which were taken. Does nothing as a test of its own.
#[test]
fn child_that_stores_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE).map(PathBuf::from) else { return };
    let mut store = SqliteStore::open(&path).unwrap();
    for start in (0..).step_by(usize::try_from(BATCH).unwrap()) {
        let batch: Vec<(Ticket, StoreOp)> =
            (start..start + BATCH).map(|n| (Ticket::new(n), accept(&numbered(n), &["yoda"]))).collect();
        for (ticket, result) in store.perform(&batch) {
            assert!(matches!(result, Ok(Stored::Accepted { .. })));
            writeln!(std::io::stdout(), "taken {}", ticket.get()).unwrap();
        }
    }
}

#[test]
fn nothing_that_was_taken_is_lost_when_the_process_is_killed() {
    let place = SqlitePlace::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(test("child_that_stores_until_it_is_killed"))
        .env(DATABASE, place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let taken = lines.filter_map(|line| line.unwrap().strip_prefix("taken ").map(|n| n.parse::<u64>().unwrap()));
    let mut said = Vec::new();
    for n in taken {
        said.push(n);
        if said.len() == ANSWERS {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();

    let mut store = place.open_sqlite();
    let there: Vec<MessageId> = inbox(&mut store, "yoda").into_iter().map(|(_, message)| message.id).collect();

    assert!(said.len() >= ANSWERS);
    assert_eq!(said, (0..said.len() as u64).collect::<Vec<_>>(), "in order");
    assert!(there.len() >= said.len(), "{} of {}", there.len(), said.len());
    assert!((there.len() as u64).is_multiple_of(BATCH), "a batch is whole or not there: {}", there.len());
    let expected: Vec<MessageId> = (0..there.len() as u64).map(|n| numbered(n).id).collect();
    assert_eq!(there, expected);
    drop(store);
    assert_eq!(place.look::<String>("PRAGMA integrity_check"), "ok");
}

/// The child: takes messages until its files may not grow, reads on, and takes more once they may. Does nothing as
/// a test of its own.
#[cfg(unix)]
#[test]
fn child_whose_files_may_not_grow() {
    const FSIZE: rlimit::Resource = rlimit::Resource::FSIZE;
    let Some(path) = std::env::var_os(DATABASE).map(PathBuf::from) else { return };
    let mut store = SqliteStore::open(&path).unwrap();
    let (_, hard) = rlimit::getrlimit(FSIZE).unwrap();
    rlimit::setrlimit(FSIZE, MAX_FILE, hard).unwrap();
    let mut perform = |n: u64| {
        let batch = [(Ticket::new(n), accept(&numbered(n), &["yoda"]))];
        store.perform(&batch).pop().unwrap().1
    };
    let taken = (0..ENOUGH).take_while(|&n| perform(n).is_ok()).count() as u64;
    assert!(taken > 0);
    assert_eq!(perform(taken), Err(StoreFault::Unavailable), "still");
    rlimit::setrlimit(FSIZE, hard, hard).unwrap();
    assert!(matches!(perform(taken), Ok(Stored::Accepted { .. })), "it was refused whole");
    rlimit::setrlimit(FSIZE, MAX_FILE, hard).unwrap();
    let refused = (taken + 1..ENOUGH).find(|&n| perform(n).is_err()).unwrap();
    assert_eq!(inbox(&mut store, "yoda").len() as u64, refused, "reading goes on");
    writeln!(std::io::stdout(), "taken {refused}").unwrap();
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_loses_nothing_and_recovers() {
    let place = SqlitePlace::new();
    let output = Command::new("sh")
        // The signal of the limit would end the process; ignored, the write fails as it does on a full disk.
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(test("child_whose_files_may_not_grow"))
        .env(DATABASE, place.path())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let taken: u64 = said.lines().find_map(|line| line.strip_prefix("taken ")).unwrap().parse().unwrap();
    let mut store = place.open_sqlite();
    let there: Vec<MessageId> = inbox(&mut store, "yoda").into_iter().map(|(_, message)| message.id).collect();
    assert_eq!(there, (0..taken).map(|n| numbered(n).id).collect::<Vec<_>>());
    drop(store);
    assert_eq!(place.look::<String>("PRAGMA integrity_check"), "ok");
}
