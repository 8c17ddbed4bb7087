//! The store's thread: order, batches, a full queue, the end.

use std::sync::Arc;
use std::sync::mpsc;

use whoelse_hub::{Command, Record, Snapshot, StoreFault, StoreOp, Stored, Ticket};
use whoelse_proto::UserName;

use super::super::{Job, Outcome, Store, StoreError, StoreQueue, StoreThread};
use super::fixture::{SqlitePlace, at, direct, inbox, name};
use crate::accounts::testing;

/// A store that does a batch only when told to, and says how large it was.
struct HeldStore {
    go: mpsc::Receiver<()>,
    sizes: mpsc::Sender<usize>,
}

impl Store for HeldStore {
    fn load(&mut self, _: &std::collections::BTreeSet<UserName>) -> Result<Snapshot, StoreError> {
        Ok(Snapshot::default())
    }

    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome> {
        self.sizes.send(batch.len()).unwrap();
        self.go.recv().unwrap();
        batch.iter().map(|(ticket, _)| (*ticket, Ok(Stored::Done))).collect()
    }
}

fn heartbeat(n: u64) -> Job {
    Job::Store { ticket: Ticket::new(n), op: StoreOp::Heartbeat { at: at(n) } }
}

fn ticket(command: &Command) -> u64 {
    let Command::Stored { ticket, .. } = command else { panic!("{command:?}") };
    ticket.get()
}

#[test]
fn what_waits_is_done_together_and_answered_in_order() {
    let (go, held) = mpsc::channel();
    let (sizes, batches) = mpsc::channel();
    let (results, mut answers) = tokio::sync::mpsc::channel(10_000);
    let accounts = testing::Place::new("");
    let store = HeldStore { go: held, sizes };
    let (thread, queue) = StoreThread::start(store, Arc::new(accounts.open()), results).unwrap();

    queue.push(heartbeat(0)).unwrap();
    assert_eq!(batches.recv().unwrap(), 1, "it does not wait for more");
    let mut pushed = 0;
    while queue.push(heartbeat(pushed + 1)).is_ok() {
        pushed += 1;
    }
    assert_eq!(queue.push(heartbeat(77)), Err(heartbeat(77)), "a full queue gives the job back");
    let batch_count = 1 + pushed.div_ceil(1000);
    for _ in 0..batch_count {
        go.send(()).unwrap();
    }
    drop(queue);
    thread.join();

    let sizes: Vec<u64> = batches.iter().map(|size| size as u64).collect();
    assert!(sizes.iter().all(|&size| size <= 1000), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<u64>(), pushed);
    let mut tickets = Vec::new();
    while let Some(command) = answers.blocking_recv() {
        tickets.push(ticket(&command));
    }
    assert_eq!(tickets, (0..=pushed).collect::<Vec<_>>());
}

/// Takes every answer until the thread is gone.
fn finish(thread: StoreThread, queue: StoreQueue, mut answers: tokio::sync::mpsc::Receiver<Command>) -> Vec<Command> {
    drop(queue);
    let mut all = Vec::new();
    while let Some(command) = answers.blocking_recv() {
        all.push(command);
    }
    thread.join();
    all
}

#[test]
fn accounts_are_made_between_the_operations_that_surround_them() {
    let place = SqlitePlace::new();
    let accounts = testing::Place::new("yoda wise\n");
    let shared = Arc::new(accounts.open());
    let (results, answers) = tokio::sync::mpsc::channel(1);
    let (thread, queue) = StoreThread::start(place.open_sqlite(), Arc::clone(&shared), results).unwrap();
    let record = |of: &str| Record(testing::upload(&shared, of, "falcon"));
    let jobs = [
        heartbeat(1),
        Job::CreateAccount { ticket: Ticket::new(2), name: name("hans"), record: record("hans") },
        Job::CreateAccount { ticket: Ticket::new(3), name: name("yoda"), record: record("yoda") },
        Job::CreateAccount { ticket: Ticket::new(4), name: name("leia"), record: Record(b"junk".to_vec()) },
        Job::Store { ticket: Ticket::new(5), op: direct(1, "hans", "yoda") },
    ];
    for job in jobs {
        queue.push(job).unwrap();
    }

    let got = finish(thread, queue, answers);

    let stored = |n, result| Command::Stored { ticket: Ticket::new(n), result };
    assert_eq!(got[0], stored(1, Ok(Stored::Done)));
    assert_eq!(got[1], stored(2, Ok(Stored::Done)));
    assert_eq!(got[2], stored(3, Err(StoreFault::Exists)));
    assert_eq!(got[3], stored(4, Err(StoreFault::Unavailable)));
    assert_eq!(ticket(&got[4]), 5);
    assert_eq!(shared.names().len(), 2);
    assert!(testing::logs_in(&shared, "hans", "falcon"));
}

#[test]
fn what_was_handed_in_is_durable_although_nobody_listens() {
    let place = SqlitePlace::new();
    let accounts = testing::Place::new("");
    let (results, answers) = tokio::sync::mpsc::channel(1);
    drop(answers);
    let (thread, queue) = StoreThread::start(place.open_sqlite(), Arc::new(accounts.open()), results).unwrap();
    for n in 1..=9 {
        queue.push(Job::Store { ticket: Ticket::new(n.into()), op: direct(n, "hans", "yoda") }).unwrap();
    }
    drop(queue);
    thread.join();
    assert_eq!(inbox(&mut place.open_sqlite(), "yoda").len(), 9);
}
