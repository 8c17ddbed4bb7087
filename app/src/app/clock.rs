//! Moments in the words of the person's own clock and calendar.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use whoelse_proto::Timestamp;

use crate::timeline::clock as hour;

/// Days back for which the day of the week says enough.
const WEEK_DAYS: i32 = 6;

/// The local clock. It tells no time by itself: every moment is an argument.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// The clock of this computer.
    #[must_use]
    pub fn local() -> Self {
        Self { zone: TimeZone::system() }
    }

    /// A clock of another zone.
    #[must_use]
    pub const fn of(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// A moment by this clock.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> DateTime {
        self.zone.to_datetime(instant(moment))
    }

    /// For a file: "2026-11-03 09:02:11+01:00".
    #[must_use]
    pub fn with_offset(&self, moment: Timestamp) -> String {
        instant(moment).to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
    }

    /// The day of a moment.
    #[must_use]
    pub fn day(&self, moment: Timestamp) -> Date {
        self.at(moment).date()
    }

    /// The moment at which a day begins.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.moment(day.to_datetime(jiff::civil::Time::midnight()))
    }

    /// The moment at which this clock shows a time.
    #[must_use]
    pub fn moment(&self, at: DateTime) -> Timestamp {
        let zoned = self.zone.to_ambiguous_zoned(at).compatible();
        let millis = zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond());
        Timestamp::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Short, for a list: "09:26", "Wed", "3 Nov", "3 Nov 2025".
    #[must_use]
    pub fn short(&self, moment: Timestamp, now: Timestamp) -> String {
        let (at, today) = (self.at(moment), self.day(now));
        if at.date() == today { hour(at) } else { short_day(at.date(), today) }
    }

    /// To the second: "09:02:11", "3 Nov, 09:02:11".
    #[must_use]
    pub fn exact(&self, moment: Timestamp, now: Timestamp) -> String {
        let (at, today) = (self.at(moment), self.day(now));
        let time = at.strftime("%H:%M:%S");
        if at.date() == today { time.to_string() } else { format!("{}, {time}", short_day(at.date(), today)) }
    }

    /// Behind "Online since" and "Last seen": "08:52", "yesterday, 17:10", "3 Nov".
    #[must_use]
    pub fn since(&self, moment: Timestamp, now: Timestamp) -> String {
        let (at, today) = (self.at(moment), self.day(now));
        if at.date() == today {
            hour(at)
        } else if today.yesterday().is_ok_and(|yesterday| yesterday == at.date()) {
            format!("yesterday, {}", hour(at))
        } else {
            short_day(at.date(), today)
        }
    }

    /// Behind "until": "17:30", "tomorrow, 08:00", "3 Nov, 08:00".
    #[must_use]
    pub fn until(&self, moment: Timestamp, now: Timestamp) -> String {
        let (at, today) = (self.at(moment), self.day(now));
        if at.date() == today {
            hour(at)
        } else if today.tomorrow().is_ok_and(|tomorrow| tomorrow == at.date()) {
            format!("tomorrow, {}", hour(at))
        } else {
            format!("{}, {}", at.strftime("%-d %b"), hour(at))
        }
    }

    /// Seconds until the next day begins.
    #[must_use]
    pub fn until_midnight(&self, now: Timestamp) -> u64 {
        let at = self.at(now);
        let Ok(tomorrow) = at.date().tomorrow() else { return u64::MAX };
        let left = tomorrow.to_datetime(jiff::civil::Time::midnight()).duration_since(at);
        u64::try_from(left.as_secs()).unwrap_or(0) + 1
    }
}

/// A day that is not today.
fn short_day(day: Date, today: Date) -> String {
    let back = today.since(day).map_or(i32::MAX, |span| span.get_days());
    let form = if (0..=WEEK_DAYS).contains(&back) {
        "%a"
    } else if day.year() == today.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    day.strftime(form).to_string()
}

/// Seconds until a moment, none of which is left out: 7.2 s are 8.
#[must_use]
pub const fn seconds_until(moment: Timestamp, now: Timestamp) -> u64 {
    moment.millis().saturating_sub(now.millis()).div_ceil(1000)
}

fn instant(moment: Timestamp) -> jiff::Timestamp {
    let millis = i64::try_from(moment.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    /// Friday, 20 November 2026, 09:40 in UTC.
    const NOW: Timestamp = Timestamp::from_millis(1_795_167_600_000);

    fn before(millis: u64) -> Timestamp {
        Timestamp::from_millis(NOW.millis() - millis)
    }

    #[test]
    fn a_list_says_time_weekday_or_date() {
        let clock = Clock::of(TimeZone::UTC);
        assert_eq!(clock.short(before(14 * MINUTE), NOW), "09:26");
        assert_eq!(clock.short(before(2 * DAY), NOW), "Wed");
        assert_eq!(clock.short(before(17 * DAY), NOW), "3 Nov");
        assert_eq!(clock.short(before(365 * DAY), NOW), "20 Nov 2025");
    }

    #[test]
    fn a_step_of_a_message_has_its_seconds() {
        let clock = Clock::of(TimeZone::UTC);
        assert_eq!(clock.exact(before(1000), NOW), "09:39:59");
        assert_eq!(clock.exact(before(17 * DAY), NOW), "3 Nov, 09:40:00");
    }

    #[test]
    fn yesterday_is_named() {
        let clock = Clock::of(TimeZone::UTC);
        assert_eq!(clock.since(before(48 * MINUTE), NOW), "08:52");
        assert_eq!(clock.since(before(16 * HOUR), NOW), "yesterday, 17:40");
        assert_eq!(clock.since(before(17 * DAY), NOW), "3 Nov");
    }

    #[test]
    fn a_part_of_a_second_counts_whole() {
        assert_eq!(seconds_until(Timestamp::from_millis(7_200), Timestamp::from_millis(0)), 8);
        assert_eq!(seconds_until(Timestamp::from_millis(1), Timestamp::from_millis(5)), 0);
    }
}
