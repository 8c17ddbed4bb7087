//! Disks that are full, files that are damaged.

use whoelse_model::DiskFault;
use whoelse_model::SearchFor;
use whoelse_proto::Refusal;

use super::super::thread::History;
use super::*;

/// Lets the database grow no further.
fn fill_disk(history: &Fixture) {
    let connection = &history.database.connection;
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit: i64 = connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0)).unwrap();
    assert_eq!(limit, pages);
}

fn free_disk(history: &Fixture) {
    let connection = &history.database.connection;
    let _: i64 = connection.query_row("PRAGMA max_page_count = 1000000", [], |row| row.get(0)).unwrap();
}

/// A message too large for what is left of a full disk.
fn large(n: u8, direction: Direction) -> NewMessage {
    NewMessage { text: Text::new(&"long words ".repeat(1400)).unwrap(), direction, ..written(n, yoda()) }
}

fn incoming() -> Direction {
    Direction::Incoming { stored: false }
}

#[test]
fn a_full_disk_is_told_as_such_and_nothing_of_the_message_is_there() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    fill_disk(&history);
    let full = Err(DiskFault { cause: "the disk is full; make room on it".to_owned() });
    assert_eq!(history.op(DiskOp::PutOutgoing(large(2, Direction::Outgoing(Outgoing::default())))), full);
    assert_eq!(history.all(&yoda()).len(), 1, "what was there can be read");
    free_disk(&history);
    history.put(large(2, Direction::Outgoing(Outgoing::default())));
    assert_eq!(history.open().0, [id(2)]);
}

#[test]
fn one_job_that_cannot_be_done_does_not_take_the_others_with_it() {
    let mut history = Fixture::new();
    fill_disk(&history);
    let op = |n: u64, op: DiskOp| Job::Op { ticket: DiskTicket::new(n), line: None, op };
    let jobs = [
        op(1, DiskOp::PutOutgoing(large(1, Direction::Outgoing(Outgoing::default())))),
        op(2, DiskOp::Refuse { id: id(9), refusal: Refusal::Blocked }),
        Job::Page { chat: yoda(), place: Place::End, limit: 9 },
        op(3, DiskOp::LoadOpen),
    ];
    let done = history.database.perform(&jobs, NOW);
    assert!(matches!(&done[0], Done::Op { result: Err(_), .. }));
    assert!(matches!(&done[1], Done::Op { result: Ok(DiskResult::Stepped(none)), .. } if none.is_empty()));
    assert!(matches!(&done[2], Done::Page(page) if page.messages.is_empty()));
    assert!(matches!(&done[3], Done::Op { result: Ok(DiskResult::Open { outbox, .. }), .. } if outbox.is_empty()));
}

#[test]
fn behind_an_operation_that_faulted_none_of_the_same_line_is_done() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    fill_disk(&history);
    let put = |message| DiskOp::PutIncoming { message, seq: Seq::new(1), delivery: Delivery::OnDisk };
    assert!(history.op_of(Some(1), put(large(2, incoming()))).is_err());
    free_disk(&history);
    assert!(history.op_of(Some(1), put(arrived(3, yoda()))).is_err(), "it would get an earlier place");
    assert!(history.op_of(Some(1), DiskOp::LoadOpen).is_err());
    assert!(history.op(DiskOp::LoadOpen).is_ok(), "what belongs to no line goes on");
    assert!(history.op_of(Some(2), put(large(2, incoming()))).is_ok());
    assert!(history.op_of(Some(2), put(arrived(3, yoda()))).is_ok());
    let ids: Vec<MessageId> = history.all(&yoda()).iter().map(|row| row.message.id).collect();
    assert_eq!(ids, [id(1), id(2), id(3)]);
}

#[test]
fn a_file_that_is_no_history_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let error = Database::open(&path).unwrap_err().to_string();
    assert!(error.contains("the history's file is damaged"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 8192]);
}

#[cfg(unix)]
#[test]
fn the_files_of_a_history_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    for entry in std::fs::read_dir(history.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn the_thread_answers_in_order_and_finishes_what_it_was_asked_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    let (mut history, chats) = History::open(&path).unwrap();
    assert_eq!(chats, []);
    for n in 1..=200 {
        let op = DiskOp::PutOutgoing(written(n, yoda()));
        history.ask(Job::Op { ticket: DiskTicket::new(u64::from(n)), line: None, op }).unwrap();
    }
    for n in 1..=100 {
        let Some(Done::Op { ticket, result: Ok(DiskResult::Put(_)) }) = history.done().await else { panic!() };
        assert_eq!(ticket.get(), n);
    }
    tokio::task::spawn_blocking(|| history.close()).await.unwrap();
    let (history, chats) = History::open(&path).unwrap();
    assert_eq!(chats[0].last.as_ref().map(|last| last.message.id), Some(id(200)));
    drop(history);
}

#[tokio::test]
async fn a_search_finds_what_was_put_before_and_the_latest_of_many_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut history, _) = History::open(&folder.path().join("history.sqlite")).unwrap();
    let op = DiskOp::PutIncoming { message: saying(1, "the base"), seq: Seq::new(1), delivery: Delivery::OnDisk };
    history.ask(Job::Op { ticket: DiskTicket::new(1), line: None, op }).unwrap();
    assert!(matches!(history.done().await, Some(Done::Op { .. })));
    for query in ["b", "ba", "bas", "base"] {
        history.ask(Job::Search { what: SearchFor::words(query, None), limit: 9 }).unwrap();
    }
    loop {
        let Some(Done::Found { what, hits }) = history.done().await else { panic!() };
        assert_eq!(hits.len(), 1);
        if what.words == "base" {
            break;
        }
    }
}
