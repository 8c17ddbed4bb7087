//! The threads on which the history works: one for everything, one for searches, which may take long.

use std::path::Path;
use std::thread;

use tokio::sync::mpsc;
use whoelse_model::ChatSummary;

use super::database::{Database, News};
use super::job::{Done, Job};
use crate::clock::now;
use crate::error::{Error, Result};

/// Jobs that wait. Whoever has more holds them back and takes in nothing new meanwhile.
const QUEUE: usize = 1024;

/// Jobs done in one transaction: a large part of what a disk commits at once, a small part of a second.
const BATCH: usize = 512;

/// Searches that wait while one is under way; a later one overtakes them.
const SEARCHES: usize = 16;

/// A handle of the threads. They end, having done what was asked, when this is dropped.
#[derive(Debug)]
pub(crate) struct History {
    jobs: mpsc::Sender<Job>,
    searches: mpsc::Sender<Job>,
    done: mpsc::Receiver<Done>,
    news: News,
}

impl History {
    /// Opens a history and starts its thread. Blocks on the disk.
    ///
    /// # Errors
    /// [`Error::History`] or [`Error::Thread`].
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<ChatSummary>)> {
        let (database, news) = Database::open(path)?;
        let reader = database.reader()?;
        let chats = database.chats()?;
        let (jobs, to_do) = mpsc::channel(QUEUE);
        let (searches, to_search) = mpsc::channel(SEARCHES);
        let (to_handle, done) = mpsc::channel(QUEUE);
        let found = to_handle.clone();
        spawn("whoelse-history", move || work(database, to_do, &to_handle))?;
        // Where one alone may have it open, searches take their turn with the rest.
        let searches = match reader {
            Some(reader) => {
                spawn("whoelse-search", move || search(reader, to_search, &found))?;
                searches
            }
            None => jobs.clone(),
        };
        Ok((Self { jobs, searches, done, news }, chats))
    }

    /// What the user is to know of the history that was opened.
    pub(crate) fn take_news(&mut self) -> Option<String> {
        self.news.take()
    }

    /// Asks for a job. A search is answered out of turn, if no later one overtakes it.
    ///
    /// # Errors
    /// There is no room; the job is handed back to wait.
    #[allow(clippy::result_large_err, reason = "it is the job, handed back, and goes no further")]
    pub(crate) fn ask(&self, job: Job) -> Result<(), Job> {
        let queue = if matches!(job, Job::Search { .. }) { &self.searches } else { &self.jobs };
        queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(job) | mpsc::error::TrySendError::Closed(job) => job,
        })
    }

    /// Asks for a job and waits for room; results meanwhile are dropped. Whether the thread is there.
    pub(crate) fn ask_blocking(&mut self, job: Job) -> bool {
        let mut waiting = Some(job);
        while let Some(job) = waiting.take() {
            waiting = self.ask(job).err();
            if waiting.is_some() && self.done.blocking_recv().is_none() {
                return false;
            }
        }
        true
    }

    /// Waits for what came of the next job. `None` if the thread is gone.
    pub(crate) async fn done(&mut self) -> Option<Done> {
        self.done.recv().await
    }

    /// Ends the threads and waits until all it was asked is done. Blocks on the disk.
    pub(crate) fn close(self) {
        let Self { jobs, searches, mut done, news: _ } = self;
        drop((jobs, searches));
        while done.blocking_recv().is_some() {}
    }
}

/// Starts a thread.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(Error::Thread).map(drop)
}

/// Does searches, until nobody asks any more. One that a later one overtook while it waited is left out.
fn search(mut reader: Database, mut searches: mpsc::Receiver<Job>, done: &mpsc::Sender<Done>) {
    while let Some(mut job) = searches.blocking_recv() {
        while let Ok(later) = searches.try_recv() {
            job = later;
        }
        for found in reader.perform(&[job], now()) {
            if done.blocking_send(found).is_err() {
                tracing::trace!("a search has no reader");
            }
        }
    }
}

/// Does jobs, all that wait at once, until nobody asks any more.
fn work(mut database: Database, mut jobs: mpsc::Receiver<Job>, done: &mpsc::Sender<Done>) {
    let mut batch = Vec::new();
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(next) = jobs.try_recv()
        {
            batch.push(next);
        }
        for result in database.perform(&batch, now()) {
            // Where nobody listens any more, what was asked is done all the same.
            if done.blocking_send(result).is_err() {
                tracing::trace!("a result of the history has no reader");
            }
        }
        batch.clear();
    }
}
