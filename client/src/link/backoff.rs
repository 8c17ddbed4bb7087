//! When a lost line is tried again: exponential, with full jitter, bounded.
//!
//! After "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): thousands of clients that lost the same
//! server come back spread over time.

use std::time::Duration;

/// The longest first wait.
const FIRST: Duration = Duration::from_millis(500);

/// The longest wait of all: a server that is back is found within it.
const LONGEST: Duration = Duration::from_secs(30);

/// Doublings after which the longest wait is reached.
const MAX_DOUBLINGS: u32 = 6;

/// Counts attempts since the line last held.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// How long to wait before the next attempt; `random` is any number, evenly drawn.
    pub(crate) fn next_wait(&mut self, random: u32) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.attempts.min(MAX_DOUBLINGS)).min(LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| u64::try_from(backoff.next_wait(u32::MAX).as_millis()).unwrap()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    }

    #[test]
    fn the_wait_is_drawn_evenly_from_nothing_to_the_longest() {
        for (random, millis) in [(0, 0), (u32::MAX / 2, 250), (u32::MAX, 500)] {
            let wait = Backoff::default().next_wait(random);
            assert!(wait.abs_diff(Duration::from_millis(millis)) < Duration::from_millis(1), "{wait:?}");
        }
    }

    #[test]
    fn no_number_of_attempts_overflows() {
        let mut backoff = Backoff { attempts: u32::MAX };
        assert_eq!(backoff.next_wait(u32::MAX), LONGEST);
    }
}
