//! The one thread that writes: it takes whatever waits and makes it durable together.
//!
//! It never waits for more to come: under load the queue fills while a commit is under way, and that is the batch.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;
use whoelse_hub::{Command, Record, StoreFault, StoreOp, Stored, Ticket};
use whoelse_proto::UserName;

use super::{Outcome, Store};
use crate::accounts::Accounts;

/// Jobs that are made durable together: one commit's cost is spread thin, and the first of them waits a few
/// hundredths of a second at most.
const MAX_BATCH: usize = 1_000;

/// Jobs that may wait: a few batches. Beyond that the driver takes nothing from its connections.
const QUEUE: usize = 4 * MAX_BATCH;

/// Between two looks at what the store lies on.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// Something for the store's thread to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// [`whoelse_hub::Effect::Store`].
    Store {
        /// Comes back with the result.
        ticket: Ticket,
        /// What.
        op: StoreOp,
    },
    /// [`whoelse_hub::Effect::CreateAccount`].
    CreateAccount {
        /// Comes back with the result.
        ticket: Ticket,
        /// The name.
        name: UserName,
        /// The record.
        record: Record,
    },
    /// [`whoelse_hub::Effect::ReplaceRecord`].
    ReplaceRecord {
        /// Comes back with the result.
        ticket: Ticket,
        /// The name.
        name: UserName,
        /// The record.
        record: Record,
    },
}

/// Where jobs are handed in. The thread ends once every queue is dropped and all that was handed in is done.
#[derive(Clone, Debug)]
pub struct StoreQueue(SyncSender<Job>);

impl StoreQueue {
    /// Hands a job in.
    ///
    /// # Errors
    /// Gives the job back while the queue is full, and when the thread is gone. Whoever feeds the queue must go on
    /// taking results meanwhile, for the thread waits for that.
    pub fn push(&self, job: Job) -> Result<(), Job> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}

/// The running thread.
#[derive(Debug)]
pub struct StoreThread(JoinHandle<()>);

impl StoreThread {
    /// Starts the thread. Every job's result goes to `results` as [`Command::Stored`], in the order of the jobs.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub fn start<S>(store: S, accounts: Arc<Accounts>, results: Sender<Command>) -> io::Result<(Self, StoreQueue)>
    where
        S: Store + Send + 'static,
    {
        let (jobs, waiting) = sync_channel(QUEUE);
        let worker = Worker { store, accounts, results };
        let handle = std::thread::Builder::new().name("store".to_owned()).spawn(move || worker.run(&waiting))?;
        Ok((Self(handle), StoreQueue(jobs)))
    }

    /// Waits until all that was handed in is durable and the store is closed. Every queue must be dropped before.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the store's thread broke down");
        }
    }
}

struct Worker<S> {
    store: S,
    accounts: Arc<Accounts>,
    results: Sender<Command>,
}

impl<S: Store> Worker<S> {
    fn run(mut self, waiting: &Receiver<Job>) {
        let mut tended = Instant::now();
        loop {
            match waiting.recv_timeout(TEND_EVERY.saturating_sub(tended.elapsed())) {
                Ok(first) => {
                    let mut batch = VecDeque::from([first]);
                    batch.extend(waiting.try_iter().take(MAX_BATCH - 1));
                    self.perform(batch);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if tended.elapsed() >= TEND_EVERY {
                self.store.tend();
                tended = Instant::now();
            }
        }
    }

    /// Does jobs in their order, those of one kind that follow each other together.
    fn perform(&mut self, mut batch: VecDeque<Job>) {
        while !batch.is_empty() {
            let ops = take_ops(&mut batch);
            let stored = if ops.is_empty() { Vec::new() } else { self.store.perform(&ops) };
            self.report(stored);
            let accounts = take_accounts(&mut batch);
            let created = if accounts.is_empty() { Vec::new() } else { self.create(&accounts) };
            self.report(created);
            if let Some(Job::ReplaceRecord { ticket, name, record }) =
                batch.pop_front_if(|job| matches!(job, Job::ReplaceRecord { .. }))
            {
                let replaced = self.accounts.replace(&name, &record.0).map(|()| Stored::Done);
                self.report(vec![(ticket, replaced)]);
            }
        }
    }

    fn create(&mut self, new: &[(Ticket, UserName, Record)]) -> Vec<Outcome> {
        let wanted: Vec<_> = new.iter().map(|(_, name, record)| (name, record.0.as_slice())).collect();
        let created: Vec<Result<(), StoreFault>> = self.accounts.create_all(&wanted);
        if let Some(successor) = self.accounts.take_successor() {
            self.store.follow_accounts_file(successor);
        }
        new.iter().zip(created).map(|((ticket, _, _), result)| (*ticket, result.map(|()| Stored::Done))).collect()
    }

    fn report(&self, outcomes: Vec<Outcome>) {
        for (ticket, result) in outcomes {
            // Nobody listens any more once the driver is gone; what was handed in is done all the same.
            let _ = self.results.blocking_send(Command::Stored { ticket, result });
        }
    }
}

/// Takes store operations from the front.
fn take_ops(batch: &mut VecDeque<Job>) -> Vec<(Ticket, StoreOp)> {
    let mut ops = Vec::new();
    while let Some(job) = batch.pop_front() {
        match job {
            Job::Store { ticket, op } => ops.push((ticket, op)),
            Job::CreateAccount { .. } | Job::ReplaceRecord { .. } => {
                batch.push_front(job);
                break;
            }
        }
    }
    ops
}

/// Takes new accounts from the front.
fn take_accounts(batch: &mut VecDeque<Job>) -> Vec<(Ticket, UserName, Record)> {
    let mut accounts = Vec::new();
    while let Some(job) = batch.pop_front() {
        match job {
            Job::CreateAccount { ticket, name, record } => accounts.push((ticket, name, record)),
            Job::Store { .. } | Job::ReplaceRecord { .. } => {
                batch.push_front(job);
                break;
            }
        }
    }
    accounts
}
