//! Jobs done in batches: one transaction for all that wait, one alone where that cannot be.

use rusqlite::{Connection, TransactionBehavior};
use whoelse_model::{ChatSummary, DiskFault, DiskOp, DiskResult, Place, Retention};
use whoelse_proto::Timestamp;

use super::database::{Database, fault};
use super::job::{Done, Job};
use super::outgoing::Step;
use super::{chats, incoming, outgoing, pages, private, recall, search, settling};

impl Database {
    /// Does jobs in their order. What is done when this returns is durable.
    pub(crate) fn perform(&mut self, jobs: &[Job], now: Timestamp) -> Vec<Done> {
        self.improve();
        let writes = jobs.iter().any(Job::writes);
        if writes && let Some(fault) = self.hindrance() {
            return jobs.iter().map(|job| self.only_read(job, &fault, now)).collect();
        }
        let mut done = self.perform_all(jobs, now);
        if jobs.iter().any(|job| job.takes_words_away(self.retention)) {
            self.empty_log();
        }
        if writes && let Some(fault) = self.hindrance() {
            let lost = done.iter_mut().zip(jobs).filter(|(_, job)| job.writes());
            lost.for_each(|(done, job)| *done = job.failed(fault.clone()));
        }
        done
    }

    /// Does a job that only reads, where what is written is lost.
    fn only_read(&mut self, job: &Job, fault: &DiskFault, now: Timestamp) -> Done {
        if job.writes() { job.failed(fault.clone()) } else { self.perform_alone(job, now) }
    }

    fn perform_all(&mut self, jobs: &[Job], now: Timestamp) -> Vec<Done> {
        let spoilt = self.spoilt.is_some() && jobs.iter().any(|job| job.line().is_some());
        let together = if spoilt { None } else { self.perform_together(jobs, now).ok() };
        // One by one, the disk may still take some, and nothing is told that is not there.
        together.unwrap_or_else(|| jobs.iter().map(|job| self.perform_alone(job, now)).collect())
    }

    /// All chats.
    ///
    /// # Errors
    /// [`crate::error::Error::History`].
    pub(crate) fn chats(&self) -> crate::error::Result<Vec<ChatSummary>> {
        chats::summaries(&self.connection).map_err(|error| self.trouble(&error))
    }

    /// Does all or nothing.
    fn perform_together(&mut self, jobs: &[Job], now: Timestamp) -> rusqlite::Result<Vec<Done>> {
        let Self { connection, retention, .. } = self;
        let mut retained = *retention;
        if !jobs.iter().any(Job::writes) {
            return jobs.iter().map(|job| run(connection, job, retained, now)).collect();
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut done = Vec::with_capacity(jobs.len());
        for job in jobs {
            done.push(run(&transaction, job, retained, now)?);
            if let Job::Retain(wanted) = job {
                retained = *wanted;
            }
        }
        transaction.commit()?;
        *retention = retained;
        Ok(done)
    }

    /// Does one job. Behind one that could not be done, none of the same line is: a later message could take an
    /// earlier one's place.
    fn perform_alone(&mut self, job: &Job, now: Timestamp) -> Done {
        if self.spoilt.is_some() && self.spoilt == job.line() {
            return job.failed(DiskFault { cause: "an earlier message could not be written".to_owned() });
        }
        let result = self.perform_one(job, now);
        match (&result, job.line()) {
            (Err(_), Some(line)) => self.spoilt = Some(line),
            (Ok(_), Some(_)) => self.spoilt = None,
            (_, None) => {}
        }
        result.unwrap_or_else(|error| job.failed(fault(&error)))
    }

    fn perform_one(&mut self, job: &Job, now: Timestamp) -> rusqlite::Result<Done> {
        let transaction = self.connection.transaction()?;
        let done = run(&transaction, job, self.retention, now)?;
        transaction.commit()?;
        if let Job::Retain(wanted) = job {
            self.retention = *wanted;
        }
        Ok(done)
    }
}

/// Messages that are read at a time to be written elsewhere: few enough to wait for.
const EXPORTED: usize = 500;

/// Does a job within a transaction.
fn run(connection: &Connection, job: &Job, retention: Retention, now: Timestamp) -> rusqlite::Result<Done> {
    match job {
        Job::Op { ticket, line: _, op } => {
            run_op(connection, op, retention, now).map(|result| Done::Op { ticket: *ticket, result: Ok(result) })
        }
        Job::Private { message, retention } => private::put(connection, message, *retention),
        Job::PrivateDelivered { id } => private::delivered(connection, *id, now),
        Job::Page { chat, place, limit } => pages::page(connection, chat, *place, *limit).map(Done::Page),
        Job::Export { chat, after } => {
            pages::page(connection, chat, Place::After(*after), EXPORTED).map(Done::Exported)
        }
        Job::Search { what, limit } => {
            search::search(connection, what, *limit).map(|hits| Done::Found { what: what.clone(), hits })
        }
        Job::Recall { ask, what, limit } => {
            recall::messages(connection, what, *limit).map(|messages| Done::Recalled { ask: *ask, messages })
        }
        Job::Reply { id, to, text } => {
            recall::chat_of(connection, *to).map(|chat| Done::Reply { id: *id, to: *to, text: text.clone(), chat })
        }
        Job::MarkRead { chat, row } => chats::mark_read(connection, chat, *row),
        Job::KeepDraft { chat, draft } => chats::keep_draft(connection, chat, draft),
        Job::Mute { chat, mute } => chats::mute(connection, chat, *mute),
        Job::Clear { chat } => chats::clear(connection, chat.as_ref()),
        Job::Retain(retention) => chats::retain(connection, *retention),
    }
}

/// Does what the link asks.
fn run_op(connection: &Connection, op: &DiskOp, retention: Retention, now: Timestamp) -> rusqlite::Result<DiskResult> {
    match op {
        DiskOp::PutOutgoing(message) => outgoing::put(connection, message, retention),
        DiskOp::PutIncoming { message, seq: _, delivery } => incoming::put(connection, message, *delivery, retention),
        DiskOp::MarkShown { ids } => incoming::mark_shown(connection, ids, retention),
        DiskOp::Step { ids, peer, state, at, skipped } => {
            let step = Step { ids, peer: peer.as_ref(), state: *state, at: *at, skipped: *skipped };
            outgoing::step(connection, &step, retention)
        }
        DiskOp::Lose { ids } => outgoing::lose(connection, ids),
        DiskOp::Refuse { id, refusal } => outgoing::refuse(connection, *id, *refusal, retention),
        DiskOp::Restore { id } => outgoing::restore(connection, *id),
        DiskOp::Remove { id } => outgoing::remove(connection, *id),
        DiskOp::LoadOpen => outgoing::load_open(connection, now),
        DiskOp::LoadUnsettled { after } => settling::page_after(connection, *after, now),
        DiskOp::LoadUnread { after } => settling::unread_after(connection, *after, now),
    }
}
