//! The server's clock: the wall's time that never runs back.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use whoelse_proto::Timestamp;

/// Milliseconds by which the wall clock may be ahead before it is followed: less is jitter between the two clocks,
/// more is a machine that slept or was set right.
const JUMP_MS: u64 = 1000;

/// Counts on from the wall's time at its start by the monotonic clock. A wall clock set back is ignored, one that
/// is ahead is followed.
#[derive(Debug)]
pub(crate) struct Clock {
    anchor: Timestamp,
    anchored: Instant,
}

impl Clock {
    /// Starts at the wall's time.
    pub(crate) fn start() -> Self {
        Self { anchor: wall(), anchored: Instant::now() }
    }

    /// The time; never less than what it said before.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.read(Instant::now(), wall())
    }

    /// How long until `moment`; zero if it has come.
    pub(crate) fn until(&mut self, moment: Timestamp) -> Duration {
        Duration::from_millis(moment.millis().saturating_sub(self.now().millis()))
    }

    fn read(&mut self, at: Instant, wall: Timestamp) -> Timestamp {
        let elapsed = u64::try_from(at.saturating_duration_since(self.anchored).as_millis()).unwrap_or(u64::MAX);
        let now = self.anchor.plus_millis(elapsed);
        if wall <= now.plus_millis(JUMP_MS) {
            return now;
        }
        self.anchor = wall;
        self.anchored = at;
        wall
    }
}

/// The wall's time; the epoch, if it stands before it.
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_wall_clock_set_back_does_not_stop_the_time() {
        let start = Instant::now();
        let mut clock = Clock { anchor: at(50_000), anchored: start };
        let second = Duration::from_secs(1);
        assert_eq!(clock.read(start + second, at(51_000)), at(51_000));
        assert_eq!(clock.read(start + 2 * second, at(10_000)), at(52_000));
        assert_eq!(clock.read(start + 3 * second, at(11_000)), at(53_000));
    }

    #[test]
    fn a_wall_clock_that_is_ahead_is_followed_and_jitter_is_not() {
        let start = Instant::now();
        let mut clock = Clock { anchor: at(50_000), anchored: start };
        let second = Duration::from_secs(1);
        assert_eq!(clock.read(start + second, at(51_900)), at(51_000));
        assert_eq!(clock.read(start + 2 * second, at(90_000)), at(90_000));
        assert_eq!(clock.read(start + 3 * second, at(91_000)), at(91_000));
        assert_eq!(clock.read(start + 4 * second, at(55_000)), at(92_000));
    }

    #[test]
    fn a_moment_that_has_come_is_no_time_away() {
        let mut clock = Clock::start();
        let now = clock.now();
        assert_eq!(clock.until(now), Duration::ZERO);
        assert!(clock.until(now.plus_millis(60_000)) > Duration::from_secs(30));
    }
}
