//! The few threads that hash plain passwords.
//!
//! Argon2 takes 19 MiB for as long as it works. After a start everyone who has a plain password logs in at once: each
//! on a thread of its own would take the machine's memory, and the allocator keeps for every thread what it took.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::available_parallelism;

use whoelse_proto::{Password, UserName};

use super::key::ServerKey;
use super::record::SealedPassword;

/// Threads that hash, where the machine has as many cores: some 80 MiB, and a hundred first logins a second.
const MAX_SEALERS: usize = 4;

/// A password to seal, and where its record goes.
struct Job {
    name: UserName,
    password: Password,
    done: SyncSender<SealedPassword>,
}

/// The threads: started when the first password is to be hashed, ended when this is dropped.
pub(super) struct Sealers {
    key: Arc<ServerKey>,
    jobs: OnceLock<SyncSender<Job>>,
}

impl Sealers {
    pub(super) fn new(key: &Arc<ServerKey>) -> Self {
        Self { key: Arc::clone(key), jobs: OnceLock::new() }
    }

    /// Makes the record of a plain password, when its turn comes; `None` if it cannot be made.
    pub(super) fn seal(&self, name: &UserName, password: &Password) -> Option<SealedPassword> {
        let jobs = self.jobs.get_or_init(|| start(&self.key));
        let (done, sealed) = sync_channel(1);
        jobs.send(Job { name: name.clone(), password: password.clone(), done }).ok()?;
        sealed.recv().ok()
    }
}

/// Starts the threads. Where the system gives none, every job is refused.
fn start(key: &Arc<ServerKey>) -> SyncSender<Job> {
    // A job waits with the thread that wants it, not in the queue.
    let (jobs, waiting) = sync_channel(0);
    let waiting = Arc::new(Mutex::new(waiting));
    let count = available_parallelism().map_or(1, usize::from).min(MAX_SEALERS);
    for _ in 0..count {
        let (key, waiting) = (Arc::clone(key), Arc::clone(&waiting));
        let thread = std::thread::Builder::new().name("sealer".to_owned());
        if let Err(error) = thread.spawn(move || work(&key, &waiting)) {
            tracing::error!("no thread to hash passwords: {error}");
        }
    }
    jobs
}

fn work(key: &ServerKey, waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { name, password, done }) = next else { return };
        if let Ok(sealed) = SealedPassword::seal(key, &name, &password) {
            // Whoever wanted it waits for it.
            let _ = done.send(sealed);
        }
    }
}
