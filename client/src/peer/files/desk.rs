//! Hashes files one after the other, in order, on threads of their own: a disk that does not answer holds up nobody.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;

use super::hashing::{Hashed, Heard, hash};

/// A disk that gives nothing for this long does not answer.
const SILENCE: Duration = Duration::from_secs(10);

/// Threads that may wait for disks that do not answer. With more, files are refused until one does.
const MAX_THREADS: usize = 8;

/// Where files are hashed.
#[derive(Clone, Debug)]
pub(super) struct HashDesk {
    /// One at a time, in order.
    turn: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

impl Default for HashDesk {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), threads: Arc::new(Semaphore::new(MAX_THREADS)) }
    }
}

impl HashDesk {
    /// Hashes a file once those before it are, or their disks do not answer.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) async fn hash(&self, path: PathBuf) -> Result<Hashed, String> {
        self.run(path, hash).await
    }

    async fn run<T: Send + 'static>(
        &self,
        path: PathBuf,
        work: impl FnOnce(&std::path::Path, &Heard) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let silent = format!("{}: the disk does not answer", path.display());
        let _turn = Arc::clone(&self.turn).acquire_owned().await;
        let Ok(place) = Arc::clone(&self.threads).try_acquire_owned() else { return Err(silent) };
        let (heard, (tell, mut told)) = (Heard::default(), oneshot::channel());
        let ticks = heard.clone();
        // Not one of the runtime's: the program ends without waiting for it.
        let thread = std::thread::Builder::new().name("hash".to_owned()).spawn(move || {
            // Nobody listens any more where the disk was too slow.
            let _ = tell.send(work(&path, &ticks));
            drop(place);
        });
        if let Err(error) = thread {
            return Err(format!(
                "the system gives no thread to read the file: {}",
                whoelse_plain::systems_words(&error)
            ));
        }
        loop {
            let before = heard.count();
            tokio::select! {
                done = &mut told => return done.unwrap_or_else(|_| Err("the disk's thread failed".to_owned())),
                () = sleep(SILENCE) => {
                    if heard.count() == before {
                        return Err(silent);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_does_not_answer_is_told_and_the_next_file_is_hashed() {
        let (desk, (answers, waits)) = (HashDesk::default(), mpsc::channel::<()>());
        let stuck = desk.run("dead".into(), move |_, _| waits.recv().map_err(|e| e.to_string())).await;
        assert_eq!(stuck.unwrap_err(), "dead: the disk does not answer");
        tokio::time::resume();
        assert_eq!(desk.run("alive".into(), |_, _| Ok(7)).await, Ok(7));
        drop(answers);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_a_few_threads_wait_for_disks() {
        let (desk, mut held) = (HashDesk::default(), Vec::new());
        for _ in 0..MAX_THREADS {
            let (answers, waits) = mpsc::channel::<()>();
            held.push(answers);
            assert!(desk.run("dead".into(), move |_, _| waits.recv().map_err(|e| e.to_string())).await.is_err());
        }
        assert_eq!(desk.run("alive".into(), |_, _| Ok(7)).await.unwrap_err(), "alive: the disk does not answer");
    }
}
