//! What each row shows besides its entry: the day, the "New" line, the head of a group. It follows from its neighbours.

use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Entry, EntryKind, Feed, Key};

/// Messages of one author within this time make a group.
const GROUP_MINUTES: i64 = 5;

/// One row of the list.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What it shows.
    pub(super) entry: Arc<Entry>,
    /// What stands above it, and how it is tied to its neighbours.
    pub(super) place: RowPlace,
}

/// What a row shows besides its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, none of them a state")]
pub(super) struct RowPlace {
    /// A day begins with it.
    pub(super) day: Option<Date>,
    /// It is the first new one.
    pub(super) new_line: bool,
    /// It begins a group: avatar and name are shown.
    pub(super) head: bool,
    /// The group goes on below it.
    pub(super) goes_on: bool,
    /// The time is shown without a pointer over it.
    pub(super) timed: bool,
    /// It is the first row of all.
    pub(super) first: bool,
}

/// The rows of a feed.
pub(super) fn rows(feed: &Feed<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(feed.entries.len());
    for entry in feed.entries {
        let place = place(rows.last().map(|row| row.entry.as_ref()), entry, feed.new_from);
        if let (false, Some(previous)) = (place.head, rows.last_mut()) {
            previous.place.goes_on = true;
        }
        rows.push(Row { entry: Arc::clone(entry), place });
    }
    rows
}

fn place(previous: Option<&Entry>, entry: &Entry, new_from: Option<Key>) -> RowPlace {
    let day = entry.at.date();
    let new_day = previous.is_none_or(|previous| previous.at.date() != day);
    let new_line = new_from == Some(entry.key);
    let follows = !new_day && !new_line && previous.is_some_and(|previous| follows(previous, entry));
    let (EntryKind::Message(written), true) = (&entry.kind, follows) else {
        return RowPlace {
            day: new_day.then_some(day),
            new_line,
            head: true,
            goes_on: false,
            timed: true,
            first: previous.is_none(),
        };
    };
    let minute = |entry: &Entry| (entry.at.hour(), entry.at.minute());
    let timed = written.own || previous.is_none_or(|previous| minute(previous) != minute(entry));
    RowPlace { day: None, new_line, head: false, goes_on: false, timed, first: false }
}

fn follows(previous: &Entry, entry: &Entry) -> bool {
    let (EntryKind::Message(before), EntryKind::Message(written)) = (&previous.kind, &entry.kind) else {
        return false;
    };
    let apart = entry.at.duration_since(previous.at).as_mins();
    before.author == written.author && before.own == written.own && (0..=GROUP_MINUTES).contains(&apart)
}
