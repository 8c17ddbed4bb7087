//! Moments and lengths of time in words.

use jiff::Zoned;
use jiff::tz::TimeZone;
use whoelse_proto::{Seconds, Timestamp};

/// A moment as RFC 3339 has it, in UTC.
pub(super) fn rfc3339(at: Timestamp) -> String {
    instant(at).to_string()
}

/// A moment for people in this time zone: the time of day, with the day where it is not today.
pub(super) fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zoned(at, zone), zoned(now, zone));
    let days = now.date().since(at.date()).map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => at.strftime("%H:%M").to_string(),
        1 => at.strftime("yesterday %H:%M").to_string(),
        2..=6 => at.strftime("%A %H:%M").to_string(),
        _ => at.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// A length of time for people: its one or two largest units.
pub(super) fn length(seconds: Seconds) -> String {
    let seconds = seconds.get();
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) if seconds.is_multiple_of(60) => format!("{minutes} min"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{days} d"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

/// A moment of ours as jiff's; one that jiff cannot hold stands at its end.
fn instant(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX)
}

fn zoned(at: Timestamp, zone: &TimeZone) -> Zoned {
    instant(at).to_zoned(zone.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday, 2024-02-01T12:30:00Z.
    const NOON: Timestamp = Timestamp::from_millis(1_706_790_600_000);

    #[test]
    fn a_moment_is_rfc_3339_in_utc() {
        assert_eq!(rfc3339(NOON), "2024-02-01T12:30:00Z");
        assert_eq!(rfc3339(NOON.plus_millis(45)), "2024-02-01T12:30:00.045Z");
        assert_eq!(rfc3339(Timestamp::from_millis(u64::MAX)), jiff::Timestamp::MAX.to_string());
    }

    #[test]
    fn a_moment_names_the_day_where_it_is_not_today() {
        let before = |hours: u64| moment(NOON.minus(Seconds::new(hours * 3600)), NOON, &TimeZone::UTC);
        assert_eq!(before(1), "11:30");
        assert_eq!(before(13), "yesterday 23:30");
        assert_eq!(before(72), "Monday 12:30");
        assert_eq!(before(24 * 30), "2024-01-02 12:30");
        assert_eq!(moment(NOON.plus(Seconds::new(86400)), NOON, &TimeZone::UTC), "2024-02-02 12:30");
    }

    #[test]
    fn a_length_has_its_largest_units() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3600, "1 h"),
            (3700, "1 h 1 min"),
            (90000, "1 d 1 h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(length(Seconds::new(seconds)), text);
        }
    }
}
