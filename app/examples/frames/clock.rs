//! Processor time of this thread.

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

/// Runs `work` and tells the milliseconds that this thread ran.
pub(crate) fn measured(work: impl FnOnce()) -> f64 {
    let began = thread_time_ms();
    work();
    thread_time_ms() - began
}

/// Milliseconds that this thread has run (`clock_gettime(3)`).
#[cfg(unix)]
fn thread_time_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Elsewhere, what the clock on the wall says.
#[cfg(not(unix))]
fn thread_time_ms() -> f64 {
    static BEGIN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGIN.elapsed().as_secs_f64() * 1e3
}
