//! A process that is killed while it stores: whatever it said was taken is there, and each once.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

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

fn numbered(n: u64) -> Message {
    let id = MessageId::new(Timestamp::from_millis(n), [7; 10]);
    Message { id, ..message(1, "hans", "yoda") }
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
        .args(["--exact", "store::tests::crash::child_that_stores_until_it_is_killed", "--nocapture"])
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
