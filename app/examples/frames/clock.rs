//! Processor time of this thread.

use std::time::Instant;

/// Milliseconds of each of some frames.
pub(crate) struct Spent(Vec<f64>);

impl FromIterator<f64> for Spent {
    fn from_iter<T: IntoIterator<Item = f64>>(frames: T) -> Self {
        let mut frames: Vec<f64> = frames.into_iter().collect();
        frames.sort_by(f64::total_cmp);
        Self(frames)
    }
}

impl Spent {
    /// What this part of the frames stays below.
    pub(crate) fn at(&self, part: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
        let place = (part * self.0.len() as f64) as usize;
        self.0.get(place.min(self.0.len().saturating_sub(1))).copied().unwrap_or(0.0)
    }
}

/// Runs `work` and tells its milliseconds: of processor time where the system tells it, else of the wall clock.
pub(crate) fn measured(work: impl FnOnce()) -> f64 {
    let (began, wall) = (thread_time(), Instant::now());
    work();
    match (began, thread_time()) {
        (Some(began), Some(ended)) => (ended - began) as f64 / 1e6,
        _ => wall.elapsed().as_secs_f64() * 1e3,
    }
}

/// Nanoseconds that this thread has run (`proc_pid_schedstat(5)`).
fn thread_time() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}
