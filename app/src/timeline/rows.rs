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

/// How many of the first rows show the same entries as the feed. Those need not be made again: what a row shows
/// follows from the one above it, and of the one below only that a group goes on.
pub(super) fn unchanged(rows: &[Row], feed: &Feed<'_>) -> usize {
    rows.iter().zip(feed.entries).take_while(|(row, entry)| Arc::ptr_eq(&row.entry, entry)).count()
}

/// Puts the rows of the rest of a feed behind those that are there.
pub(super) fn append(rows: &mut Vec<Row>, feed: &Feed<'_>) {
    if let Some(last) = rows.last_mut() {
        last.place.goes_on = false;
    }
    for entry in feed.entries.iter().skip(rows.len()) {
        let place = place(rows.last().map(|row| row.entry.as_ref()), entry, feed.new_from);
        if let (false, Some(previous)) = (place.head, rows.last_mut()) {
            previous.place.goes_on = true;
        }
        rows.push(Row { entry: Arc::clone(entry), place });
    }
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
