//! A token bucket, kept as the moment at which it is full again (the generic cell rate algorithm, ITU-T I.371).

use whoelse_proto::Timestamp;

/// Nanoseconds of a millisecond.
const NANOS_PER_MILLI: u128 = 1_000_000;

/// A rate: one in so many nanoseconds, and how many may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Nanoseconds after which one more may come.
    pub(crate) every_ns: u64,
    /// How many may come at once.
    pub(crate) burst: u64,
}

impl Rate {
    /// Nanoseconds in which so many come.
    fn nanos(self, count: u64) -> u128 {
        u128::from(self.every_ns) * u128::from(count)
    }
}

/// How much of a rate was used, as the nanosecond since 1970 at which all of it is there again. A clock that is set
/// ahead fills the bucket, and never beyond the burst; the hub's clock does not go back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    full_at_ns: u128,
}

impl Bucket {
    /// Takes one.
    ///
    /// # Errors
    /// The milliseconds until there is one; nothing is taken.
    pub(crate) fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), u64> {
        let wait = self.debt_ns(now).saturating_sub(rate.nanos(rate.burst.saturating_sub(1)));
        if wait > 0 {
            return Err(millis(wait));
        }
        self.spend(1, rate, now);
        Ok(())
    }

    /// Takes some in any case. Returns the milliseconds after which the bucket is no longer overdrawn.
    pub(crate) fn overdraw(&mut self, count: u64, rate: Rate, now: Timestamp) -> u64 {
        self.spend(count, rate, now);
        millis(self.debt_ns(now).saturating_sub(rate.nanos(rate.burst)))
    }

    /// Whether more was taken than may come at once.
    pub(crate) fn is_overdrawn(self, rate: Rate, now: Timestamp) -> bool {
        self.debt_ns(now) > rate.nanos(rate.burst)
    }

    /// Whether it is full: whoever it belongs to may be forgotten.
    pub(crate) fn is_full(self, now: Timestamp) -> bool {
        self.debt_ns(now) == 0
    }

    fn spend(&mut self, count: u64, rate: Rate, now: Timestamp) {
        let from = self.full_at_ns.max(nanos(now));
        self.full_at_ns = from.saturating_add(rate.nanos(count));
    }

    /// Nanoseconds until it is full.
    fn debt_ns(self, now: Timestamp) -> u128 {
        self.full_at_ns.saturating_sub(nanos(now))
    }
}

fn nanos(at: Timestamp) -> u128 {
    u128::from(at.millis()) * NANOS_PER_MILLI
}

/// Whole milliseconds, never too few.
fn millis(nanos: u128) -> u64 {
    u64::try_from(nanos.div_ceil(NANOS_PER_MILLI)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);
    const RATE: Rate = Rate { every_ns: 1_000_000_000, burst: 5 };

    #[test]
    fn a_burst_may_come_at_once_and_then_one_in_each_interval() {
        let mut bucket = Bucket::default();
        for _ in 0..5 {
            assert_eq!(bucket.take(RATE, NOW), Ok(()));
        }
        assert_eq!(bucket.take(RATE, NOW), Err(1_000));
        assert_eq!(bucket.take(RATE, NOW.plus_millis(400)), Err(600));
        assert_eq!(bucket.take(RATE, NOW.plus_millis(1_000)), Ok(()));
        assert_eq!(bucket.take(RATE, NOW.plus_millis(1_000)), Err(1_000));
    }

    #[test]
    fn a_clock_set_far_ahead_gives_one_burst_and_no_more() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(RATE, NOW), Ok(()));
        for later in [NOW.plus_millis(40 * 24 * 3_600_000), Timestamp::from_millis(u64::MAX)] {
            assert!(bucket.is_full(later));
            assert_eq!((0..9).filter(|_| bucket.take(RATE, later).is_ok()).count(), 5);
        }
    }

    #[test]
    fn what_is_slowed_down_comes_at_the_rate() {
        let mut bucket = Bucket::default();
        let waits: Vec<u64> = (0..8).map(|_| bucket.overdraw(1, RATE, NOW)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1_000, 2_000, 3_000]);
    }
}
