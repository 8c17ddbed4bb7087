//! Writes settings on a thread of its own, so that no frame waits for the disk.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use super::Settings;
use crate::platform::error::{Error, Result};
use crate::platform::latest::{self, Slot};

/// Failures that wait to be shown: one says it all.
const FAILURES: usize = 1;

/// Keeps the settings of one profile. Dropped, it returns when the last ones are on disk.
#[derive(Debug)]
pub struct Keeper {
    slot: Option<Slot<Settings>>,
    failures: Receiver<Error>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(folder: PathBuf) -> Result<Self> {
        let (slot, newest) = latest::slot();
        let (failed, failures) = mpsc::sync_channel(FAILURES);
        let work = move || {
            while let Some(settings) = newest.wait() {
                keep(&settings, &folder, &failed);
            }
        };
        let thread = thread::Builder::new().name("settings".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { slot: Some(slot), failures, thread: Some(thread) })
    }

    /// Has these written, in place of any that wait.
    pub fn keep(&self, settings: Settings) {
        if let Some(slot) = &self.slot {
            slot.put(settings);
        }
    }

    /// Why the last settings are not on disk, once.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        self.failures.try_recv().ok()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.slot = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps the settings panicked");
        }
    }
}

/// Writes, and tells of a failure unless one waits to be seen.
fn keep(settings: &Settings, folder: &std::path::Path, failed: &SyncSender<Error>) {
    if let Err(error) = settings.save(folder) {
        tracing::warn!(%error, "the settings are not kept");
        let _ = failed.try_send(error);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Density, TextSize};
    use super::*;

    #[test]
    fn the_last_settings_are_on_disk_when_the_keeper_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::start(folder.path().to_owned()).unwrap();
        for text_size in TextSize::ALL.into_iter().cycle().take(1000) {
            keeper.keep(Settings { text_size, ..Settings::default() });
        }
        let last = Settings { density: Density::Bubbles, ..Settings::default() };
        keeper.keep(last.clone());
        drop(keeper);
        assert_eq!(Settings::load(folder.path()).settings, last);
    }

    #[test]
    fn a_disk_that_refuses_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = Keeper::start(folder.path().join("missing")).unwrap();
        keeper.keep(Settings::default());
        keeper.slot = None;
        keeper.thread.take().unwrap().join().unwrap();
        assert!(matches!(keeper.take_failure(), Some(Error::Client(_))));
        assert!(keeper.take_failure().is_none());
    }
}
