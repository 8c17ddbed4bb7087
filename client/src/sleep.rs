//! Noticing that this computer slept: whatever was connected before may be gone, and every timer stood still meanwhile.

use std::time::{Duration, Instant};

use whoelse_proto::Timestamp;

use crate::clock::now;

/// Between two looks: how late a sleep is noticed.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// By how much the system's clock must have run ahead of the timers, or a timer be late: more than a busy computer
/// delays one.
const SLEEP: Duration = Duration::from_secs(5);

/// Compares the system's clock with the one that stands still in sleep. Where no clock stands still, a timer that is
/// late tells.
#[derive(Debug)]
pub(crate) struct SleepWatch {
    wall: Timestamp,
    steady: Instant,
}

/// What the computer did since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Computer {
    /// It ran.
    Ran,
    /// It slept, or its clock was set ahead.
    Slept,
    /// It is in another network ([`crate::way`]).
    Moved,
}

impl SleepWatch {
    pub(crate) fn start() -> Self {
        Self { wall: now(), steady: Instant::now() }
    }

    /// Looks; `late` is by how much the timer that led here is late.
    pub(crate) fn look(&mut self, late: Duration) -> Computer {
        self.compare(Instant::now(), now(), late)
    }

    fn compare(&mut self, steady: Instant, wall: Timestamp, late: Duration) -> Computer {
        let by_wall = Duration::from_millis(wall.millis().saturating_sub(self.wall.millis()));
        let by_steady = steady.saturating_duration_since(self.steady);
        (self.wall, self.steady) = (wall, steady);
        if by_wall.saturating_sub(by_steady) > SLEEP || late > SLEEP { Computer::Slept } else { Computer::Ran }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_shows_in_the_systems_clock_or_in_a_late_timer() {
        let start = Instant::now();
        let wall = Timestamp::from_millis(1_000_000);
        let (second, none) = (Duration::from_secs(1), Duration::ZERO);
        let mut watch = SleepWatch { wall, steady: start };
        assert_eq!(watch.compare(start + second, wall.plus_millis(1000), none), Computer::Ran);
        assert_eq!(watch.compare(start + 2 * second, wall.plus_millis(3_600_000), none), Computer::Slept);
        assert_eq!(watch.compare(start + 3 * second, wall.plus_millis(3_601_000), none), Computer::Ran, "told once");
        assert_eq!(watch.compare(start + 4 * second, wall, none), Computer::Ran, "set back is no sleep");
        assert_eq!(watch.compare(start + 64 * second, wall.plus_millis(60_000), none), Computer::Ran, "nobody looked");
        assert_eq!(watch.compare(start + 65 * second, wall.plus_millis(61_000), 9 * second), Computer::Slept);
    }
}
