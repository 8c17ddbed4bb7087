//! The server's clock: runs as time passes, and follows the system's clock slowly.
//!
//! Everything the hub decides by time hangs on it: how long a session lasts, when a lock ends, what is old enough to be
//! forgotten. Whoever sets the system's clock, 40 days ahead or back, changes none of that: this clock runs a tenth
//! faster or slower until it agrees again. It never runs back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use whoelse_proto::Timestamp;

/// Milliseconds after which the two clocks are compared again.
const COMPARE_EVERY_MS: u64 = 1000;

/// The part of the time that has passed by which the clock runs faster or slower: what nobody notices in a time-out.
const SLEW: u64 = 10;

/// Milliseconds by which the system's clock may differ before the administrator is told: at a tenth, ten hours to
/// catch up.
const WORTH_TELLING_MS: u64 = 60 * 60 * 1000;

/// 2025-01-01, in milliseconds: a computer without a battery for its clock starts in 1970, and before this program was
/// written no clock was right. Such a clock that is set right is followed at once.
const FIRST_POSSIBLE_MS: u64 = 1_735_689_600_000;

/// A clock that counts on from the system's time at its start.
#[derive(Debug)]
pub(crate) struct Clock {
    source: Source,
    pace: Pace,
}

impl Clock {
    /// Starts at the system's time.
    pub(crate) fn start() -> Self {
        let source = Source::start();
        Self { pace: Pace::start(source.passed(), wall()), source }
    }

    /// The time; never less than what it said before.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.pace.read(self.source.passed(), wall())
    }

    /// How long until `moment`; zero if it has come.
    pub(crate) fn until(&mut self, moment: Timestamp) -> Duration {
        Duration::from_millis(moment.millis().saturating_sub(self.now().millis()))
    }
}

/// How the clock runs: from where, since when, and how much faster or slower.
#[derive(Debug)]
struct Pace {
    from: Timestamp,
    since: Duration,
    /// Milliseconds to gain or lose until the clocks are compared again.
    correction: i64,
    last: Timestamp,
    telling: Telling,
}

/// Whether the administrator knows that the clocks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    Agree,
    Told,
}

impl Pace {
    const fn start(passed: Duration, wall: Timestamp) -> Self {
        Self { from: wall, since: passed, correction: 0, last: wall, telling: Telling::Agree }
    }

    fn read(&mut self, passed: Duration, wall: Timestamp) -> Timestamp {
        let elapsed = millis(passed.saturating_sub(self.since));
        let bound = i64::try_from(elapsed / SLEW).unwrap_or(i64::MAX);
        let now =
            self.from.millis().saturating_add(elapsed).saturating_add_signed(self.correction.clamp(-bound, bound));
        self.last = self.last.max(Timestamp::from_millis(now));
        if elapsed >= COMPARE_EVERY_MS {
            self.compare(passed, wall);
        }
        self.last
    }

    /// Begins to run towards the system's time.
    fn compare(&mut self, passed: Duration, wall: Timestamp) {
        let (now, is) = (self.last.millis(), wall.millis());
        if now < FIRST_POSSIBLE_MS && is >= FIRST_POSSIBLE_MS {
            self.last = wall;
        }
        let bound = i64::try_from(COMPARE_EVERY_MS / SLEW).unwrap_or(i64::MAX);
        let apart = i64::try_from(i128::from(is) - i128::from(self.last.millis())).unwrap_or(i64::MAX);
        self.from = self.last;
        self.since = passed;
        self.correction = apart.clamp(-bound, bound);
        self.tell(apart);
    }

    fn tell(&mut self, apart: i64) {
        let is_worth = apart.unsigned_abs() > WORTH_TELLING_MS;
        if is_worth && self.telling == Telling::Agree {
            let minutes = apart.unsigned_abs() / 60_000;
            let way = if apart > 0 { "ahead" } else { "back" };
            tracing::warn!(
                "the system's clock was set {minutes} minutes {way}: the server follows it by six minutes an hour, so \
                 that no session times out and nothing is forgotten; restart the server to follow it at once",
            );
        }
        self.telling = if is_worth { Telling::Told } else { Telling::Agree };
    }
}

/// Time that passes, also while the computer sleeps, and that nobody sets.
#[derive(Debug)]
struct Source {
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    started: std::time::Instant,
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
impl Source {
    #[cfg(target_os = "linux")]
    const ID: rustix::time::ClockId = rustix::time::ClockId::Boottime;

    /// Counts on while the computer sleeps.
    #[cfg(target_os = "macos")]
    const ID: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

    const fn start() -> Self {
        Self {}
    }

    #[expect(clippy::unused_self, reason = "other systems count from a start")]
    fn passed(&self) -> Duration {
        rustix::time::clock_gettime(Self::ID).try_into().unwrap_or_default()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
impl Source {
    fn start() -> Self {
        Self { started: std::time::Instant::now() }
    }

    fn passed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The system's time; the epoch, if it stands before it.
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(millis(since))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment at which the program may run.
    const BASE: u64 = FIRST_POSSIBLE_MS + 50_000_000;
    const DAY: u64 = 24 * 60 * 60 * 1000;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// Reads once a second for so long, with the system's clock apart by this, and gives what was read last.
    fn run(pace: &mut Pace, seconds: std::ops::Range<u64>, apart: i64) -> u64 {
        let mut last = pace.last;
        for second in seconds {
            let wall = at((BASE + second * 1000).saturating_add_signed(apart));
            let now = pace.read(Duration::from_secs(second), wall);
            assert!(now >= last, "it never runs back");
            last = now;
        }
        last.millis()
    }

    #[test]
    fn a_clock_set_40_days_ahead_and_back_times_nobody_out() {
        let mut pace = Pace::start(Duration::ZERO, at(BASE));
        let ahead = i64::try_from(40 * DAY).unwrap();
        let after = run(&mut pace, 1..601, ahead);
        assert!(after <= BASE + 661_000, "ten minutes are eleven at most: {}", after - BASE);
        let back = run(&mut pace, 601..1800, 0);
        assert!(back.abs_diff(BASE + 1_799_000) < 1000, "it agrees again: {}", back - BASE);
    }

    #[test]
    fn a_clock_set_back_slows_it_and_does_not_stop_it() {
        let mut pace = Pace::start(Duration::ZERO, at(BASE));
        let after = run(&mut pace, 1..601, -i64::try_from(DAY).unwrap());
        assert!((BASE + 539_000..BASE + 600_000).contains(&after), "{}", after - BASE);
    }

    #[test]
    fn a_small_difference_is_made_good() {
        let mut pace = Pace::start(Duration::ZERO, at(BASE));
        let after = run(&mut pace, 1..61, 3000);
        assert!(after.abs_diff(BASE + 60_000 + 3000) <= 1000, "{}", after - BASE);
    }

    #[test]
    fn time_that_passed_in_sleep_has_passed() {
        let mut pace = Pace::start(Duration::ZERO, at(BASE));
        let hours = Duration::from_hours(8);
        let now = pace.read(hours, at(BASE + millis(hours)));
        assert_eq!(now, at(BASE + millis(hours)));
    }

    #[test]
    fn a_clock_without_a_battery_is_followed_once_it_is_set() {
        let mut pace = Pace::start(Duration::ZERO, at(5000));
        assert_eq!(pace.read(Duration::from_secs(1), at(6000)), at(6000));
        pace.read(Duration::from_secs(2), at(BASE));
        assert_eq!(pace.read(Duration::from_secs(2), at(BASE)), at(BASE));
    }

    #[test]
    fn two_reads_within_a_moment_go_on_from_each_other() {
        let mut pace = Pace::start(Duration::ZERO, at(BASE));
        let mut last = at(0);
        for milli in 0..5000 {
            let now = pace.read(Duration::from_millis(milli), at(BASE + milli + 90_000));
            assert!(now >= last && now.millis() <= BASE + milli + milli / SLEW + 1);
            last = now;
        }
    }

    #[test]
    fn a_moment_that_has_come_is_no_time_away() {
        let mut clock = Clock::start();
        let now = clock.now();
        assert_eq!(clock.until(now), Duration::ZERO);
        assert!(clock.until(now.plus_millis(60_000)) > Duration::from_secs(30));
    }
}
