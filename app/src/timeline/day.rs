//! Days and times in words.

use jiff::civil::{Date, DateTime};

/// "Today", "Yesterday", "Monday, 3 November", with the year if it is another one.
#[must_use]
pub fn day_name(day: Date, today: Date) -> String {
    if day == today {
        return "Today".to_owned();
    }
    if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        return "Yesterday".to_owned();
    }
    let form = if day.year() == today.year() { "%A, %-d %B" } else { "%A, %-d %B %Y" };
    day.strftime(form).to_string()
}

/// "09:26".
#[must_use]
pub fn clock(at: DateTime) -> String {
    at.strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_near_and_far_have_their_words() {
        let today = date(2026, 11, 20);
        assert_eq!(day_name(today, today), "Today");
        assert_eq!(day_name(date(2026, 11, 19), today), "Yesterday");
        assert_eq!(day_name(date(2026, 11, 3), today), "Tuesday, 3 November");
        assert_eq!(day_name(date(2025, 12, 31), today), "Wednesday, 31 December 2025");
        assert_eq!(clock(date(2026, 1, 2).at(9, 5, 59, 0)), "09:05");
    }
}
