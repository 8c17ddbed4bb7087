//! Wakes the window when the runtime has news: at most once for each time it could be drawn.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eframe::egui::Context;

/// The least time between two frames that news ask for: what a screen of 60 Hz shows.
const FRAME: Duration = Duration::from_millis(16);

/// Asks for frames.
#[derive(Clone, Debug)]
pub(super) struct Waker {
    ctx: Context,
    last: Arc<Mutex<Option<Instant>>>,
}

impl Waker {
    pub(super) fn new(ctx: Context) -> Self {
        Self { ctx, last: Arc::default() }
    }

    /// What another thread calls when there is news.
    pub(super) fn callback(&self) -> impl Fn() + Send + Sync + 'static {
        let waker = self.clone();
        move || waker.wake()
    }

    /// The same for whoever shares it.
    pub(super) fn wake_fn(&self) -> crate::platform::Wake {
        Arc::new(self.callback())
    }

    /// News was taken in.
    pub(super) fn drawn(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Asks for a frame.
    pub(super) fn wake(&self) {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = last.map_or(Duration::ZERO, |last| FRAME.saturating_sub(last.elapsed()));
        self.ctx.request_repaint_after(wait);
    }
}
