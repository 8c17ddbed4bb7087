//! Waits of less than a millisecond, which is the grain of tokio's own timer: a thread that sleeps.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc as asynchronous;

use crate::error::{Doing, Result};

/// A sleeping thread; it ends with this.
pub(super) struct Timer {
    waits: mpsc::Sender<Duration>,
    woken: asynchronous::Receiver<()>,
}

impl Timer {
    pub(super) fn new() -> Result<Self> {
        let (waits, asked) = mpsc::channel();
        let (wake, woken) = asynchronous::channel(1);
        let sleep = move || {
            while let Ok(wait) = asked.recv() {
                thread::sleep(wait);
                if wake.blocking_send(()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("timer".into()).spawn(sleep).doing("starting a thread")?;
        Ok(Self { waits, woken })
    }

    /// Waits so many nanoseconds; none at all for 0.
    pub(super) async fn wait(&mut self, nanos: u64) {
        if nanos > 0 && self.waits.send(Duration::from_nanos(nanos)).is_ok() {
            // The thread lives as long as this does.
            let _woken = self.woken.recv().await;
        }
    }
}
