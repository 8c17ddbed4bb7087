//! The panel of who was online: what is asked, how it is sorted, and the table made of the answer.

use std::fmt::Write as _;

use eframe::egui::Ui;
use jiff::civil::DateTime;
use whoelse_model::{Action, Model, WhoElse, WhoElseAnswer};
use whoelse_proto::limits::MEMORY_DAYS;
use whoelse_proto::{Presence, Seconds, Seen, Timestamp, UserName};

use super::clock::Clock;
use super::{App, words};
use crate::view::Center;
use crate::view::who_was_online::{self as view, Column, Order, PastSession, PastUser, Span, WhoAction, WhoWasOnline};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const MILLIS: u64 = 1000;

/// Times above the bars, at most.
const MOST_TICKS: u64 = 6;
/// Distances between them, of which the first that gives few enough is taken.
const TICK_STEPS: [u64; 10] =
    [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY];

/// The panel.
#[derive(Clone, Debug)]
pub(super) struct PastPanel {
    state: WhoWasOnline,
    /// The answer that the table was made of, and how it is sorted.
    made: Option<(WhoElse, (Column, Order))>,
}

impl Default for PastPanel {
    fn default() -> Self {
        let state = WhoWasOnline {
            span: Span::Day,
            typed: String::new(),
            wrong: false,
            rows: Ok(Vec::new()),
            waiting: false,
            sort: (Column::Last, Order::Descending),
            ticks: Vec::new(),
        };
        Self { state, made: None }
    }
}

/// Seconds of a span; `None` for one that is typed.
const fn seconds(span: Span) -> Option<Seconds> {
    match span {
        Span::QuarterHour => Some(Seconds::new(15 * MINUTE)),
        Span::Hour => Some(Seconds::new(HOUR)),
        Span::WorkDay => Some(Seconds::new(8 * HOUR)),
        Span::Day => Some(Seconds::new(DAY)),
        Span::Week => Some(Seconds::new(7 * DAY)),
        Span::All => Some(Seconds::new(MEMORY_DAYS * DAY)),
        Span::Now | Span::Typed => None,
    }
}

/// Seconds of the units in which a span is written, the longest first.
const UNITS: [(u64, &str); 5] =
    [(7 * DAY, "weeks"), (DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes"), (1, "seconds")];

/// A span as a person types it: a number and the beginning of its unit, as `90 min` or `3d`; of seconds without one.
fn read_span(typed: &str) -> Option<Seconds> {
    let typed = typed.trim();
    let end = typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len());
    let (number, unit) = typed.split_at(end);
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let unit = if unit.is_empty() { "s" } else { &unit };
    let (seconds, _) = UNITS.into_iter().find(|(_, name)| name.starts_with(unit))?;
    Some(Seconds::new(number.saturating_mul(seconds)))
}

/// A span in the largest unit that tells it without a rest.
fn written(span: Seconds) -> String {
    let fits = |(seconds, _): &(u64, &str)| span.get() >= *seconds && span.get().is_multiple_of(*seconds);
    let (seconds, name) = UNITS.into_iter().find(fits).unwrap_or((1, "seconds"));
    let short = match name {
        "minutes" => "min",
        _ => name.get(..1).unwrap_or(name),
    };
    format!("{} {short}", span.get() / seconds)
}

const ALL: [Span; 6] = [Span::QuarterHour, Span::Hour, Span::WorkDay, Span::Day, Span::Week, Span::All];

impl App {
    /// Asks again for the chosen span.
    pub(super) fn ask_past(&mut self) {
        let since = match self.past.state.span {
            Span::Now => None,
            Span::Typed => {
                let span = read_span(&self.past.state.typed);
                self.past.state.wrong = span.is_none();
                match span {
                    Some(span) => Some(span),
                    None => return,
                }
            }
            span @ (Span::QuarterHour | Span::Hour | Span::WorkDay | Span::Day | Span::Week | Span::All) => {
                seconds(span)
            }
        };
        self.engine.act(Action::WhoElse { since });
    }

    /// Draws the panel, and does what the person does in it.
    pub(super) fn show_past(&mut self, ui: &mut Ui, center: Center) {
        if self.model().who_else().is_none() {
            // The page was open when the app ended.
            self.past.state.waiting = true;
            if self.model().session().is_online() {
                self.ask_past();
            }
        }
        self.past.sync(self.engine.model(), &self.clock);
        for action in view::show(ui, center, &self.past.state) {
            match action {
                WhoAction::Back => self.leave_tab(),
                WhoAction::Choose(span) => {
                    self.past.state.span = span;
                    self.ask_past();
                }
                WhoAction::Type(typed) => {
                    self.past.state.typed = typed;
                    self.past.state.wrong = false;
                    self.past.state.span = Span::Typed;
                }
                WhoAction::Ask => {
                    self.past.state.span = Span::Typed;
                    self.ask_past();
                }
                WhoAction::Sort(column) => self.past.sort(column),
                WhoAction::Export => self.export_past(),
                WhoAction::Open(name) => {
                    if let Ok(name) = UserName::new(&name) {
                        self.open_chat(&whoelse_model::ChatId::Direct(name));
                    }
                }
            }
        }
    }

    /// Writes the table to a file.
    fn export_past(&mut self) {
        let Some(WhoElse { answer: WhoElseAnswer::Users(users), .. }) = self.model().who_else() else { return };
        let text = csv(users, &self.clock);
        self.exports.write("who was online", "csv", text);
    }
}

impl PastPanel {
    fn sort(&mut self, column: Column) {
        let (before, order) = self.state.sort;
        let turned = match order {
            Order::Ascending => Order::Descending,
            Order::Descending => Order::Ascending,
        };
        self.state.sort = (column, if before == column { turned } else { Order::Ascending });
    }

    /// Makes the table anew where the answer or the order has changed.
    fn sync(&mut self, model: &Model, clock: &Clock) {
        let Some(table) = model.who_else() else { return };
        if self.made.as_ref().is_some_and(|(made, sort)| made == table && *sort == self.state.sort) {
            return;
        }
        if self.made.as_ref().is_none_or(|(made, _)| made.since != table.since) {
            self.follow(table.since);
        }
        self.state.waiting = table.answer == WhoElseAnswer::Waiting;
        let window = Window::of(table, clock);
        match &table.answer {
            // What was known stays in sight until the answer is there.
            WhoElseAnswer::Waiting => {}
            WhoElseAnswer::Users(users) => {
                self.state.rows = Ok(window.rows(users, self.state.sort));
                self.state.ticks = window.ticks();
            }
            WhoElseAnswer::Refused(refusal) => self.state.rows = Err(words::table_refused(*refusal)),
            WhoElseAnswer::NoAnswer => self.state.rows = Err(words::NO_TABLE.to_owned()),
        }
        self.made = Some((table.clone(), self.state.sort));
    }

    /// A command asked for a span: the choice follows.
    fn follow(&mut self, since: Option<Seconds>) {
        let Some(since) = since else {
            self.state.span = Span::Now;
            return;
        };
        if let Some(span) = ALL.into_iter().find(|span| seconds(*span) == Some(since)) {
            self.state.span = span;
        } else {
            self.state.span = Span::Typed;
            self.state.typed = written(since);
        }
    }
}

/// The span that the table shows.
struct Window<'a> {
    clock: &'a Clock,
    from: Timestamp,
    to: Timestamp,
}

impl<'a> Window<'a> {
    /// The span asked for; of all that the server remembers, from the first session on.
    fn of(table: &WhoElse, clock: &'a Clock) -> Self {
        let to = table.asked_at;
        let asked = table.since.map_or(to, |since| to.minus(since));
        let first = match &table.answer {
            WhoElseAnswer::Users(users) => users.iter().flat_map(|user| &user.sessions).map(|span| span.from).min(),
            WhoElseAnswer::Waiting | WhoElseAnswer::Refused(_) | WhoElseAnswer::NoAnswer => None,
        };
        let is_all = table.since >= seconds(Span::All);
        let from = if is_all { first.unwrap_or(asked).max(asked) } else { asked };
        Self { clock, from, to }
    }

    fn rows(&self, users: &[Seen], (column, order): (Column, Order)) -> Vec<PastUser> {
        let mut users: Vec<&Seen> = users.iter().collect();
        let folded = |user: &Seen| user.name.as_str().to_ascii_lowercase();
        users.sort_by_key(|user| folded(user));
        match column {
            Column::Name => {}
            Column::Now => users.sort_by_key(|user| !is_online(user)),
            Column::First => users.sort_by_key(|user| user.sessions.iter().map(|span| span.from).min()),
            Column::Last => users.sort_by_key(|user| self.last(user)),
            Column::Total => users.sort_by_key(|user| self.total(user)),
        }
        if order == Order::Descending {
            users.reverse();
        }
        users.into_iter().map(|user| self.row(user)).collect()
    }

    fn row(&self, user: &Seen) -> PastUser {
        let since = match user.presence {
            Presence::Online { since } => Some(since),
            Presence::Offline { .. } => None,
        };
        let first = user.sessions.iter().map(|span| span.from).min().or(since);
        let online = is_online(user);
        let last = if online { "now".to_owned() } else { self.last(user).map_or_else(String::new, |at| self.at(at)) };
        PastUser {
            name: user.name.as_str().to_owned(),
            online,
            first: first.map_or_else(String::new, |at| self.at(at)),
            last,
            total: duration(self.total(user)),
            sessions: user.sessions.iter().map(|span| self.session(span)).collect(),
        }
    }

    fn session(&self, span: &whoelse_proto::Span) -> PastSession {
        let end = span.to.unwrap_or(self.to);
        let until = span.to.map_or("now".to_owned(), |to| self.at(to));
        let length = duration(end.millis().saturating_sub(span.from.millis()));
        let detail = if span.to.is_none() { format!("{length}, still here") } else { length };
        PastSession {
            from: self.place(span.from),
            to: self.place(end),
            words: format!("{} to {until}", self.at(span.from)),
            detail,
            open: span.to.is_none(),
        }
    }

    /// When a user was seen last in the span.
    fn last(&self, user: &Seen) -> Option<Timestamp> {
        if is_online(user) {
            return Some(self.to);
        }
        let ends = user.sessions.iter().map(|span| span.to.unwrap_or(self.to)).max();
        ends.or(match user.presence {
            Presence::Online { .. } => Some(self.to),
            Presence::Offline { last_seen } => last_seen,
        })
    }

    /// Milliseconds online in the span.
    fn total(&self, user: &Seen) -> u64 {
        let inside = |span: &whoelse_proto::Span| {
            let (from, to) = (span.from.max(self.from), span.to.unwrap_or(self.to).min(self.to));
            to.millis().saturating_sub(from.millis())
        };
        user.sessions.iter().map(inside).sum()
    }

    /// Where a moment lies in the span, from 0 to 1.
    fn place(&self, at: Timestamp) -> f32 {
        let whole = self.to.millis().saturating_sub(self.from.millis()).max(1);
        let into = at.millis().saturating_sub(self.from.millis());
        (into as f32 / whole as f32).min(1.0)
    }

    fn at(&self, at: Timestamp) -> String {
        let (moment, now) = (self.clock.at(at), self.clock.at(self.to));
        let form = if moment.date() == now.date() { "%H:%M" } else { "%a %H:%M" };
        moment.strftime(form).to_string()
    }

    /// Round times above the bars.
    fn ticks(&self) -> Vec<(f32, String)> {
        let length = self.to.seconds_since(self.from).get();
        let Some(step) = TICK_STEPS.into_iter().find(|step| length / step <= MOST_TICKS) else { return Vec::new() };
        let start = self.clock.at(self.from);
        let into_day = u64::try_from(start.duration_since(midnight(start)).as_millis()).unwrap_or(0);
        let first = step * MILLIS - into_day % (step * MILLIS);
        (0..=MOST_TICKS)
            .map(|n| self.from.plus_millis(first + n * step * MILLIS))
            .take_while(|at| *at < self.to)
            .map(|at| (self.place(at), self.tick_words(at, step)))
            .collect()
    }

    fn tick_words(&self, at: Timestamp, step: u64) -> String {
        let form = if step >= 7 * DAY {
            "%-d %b"
        } else if step >= DAY {
            "%a"
        } else {
            "%H:%M"
        };
        self.clock.at(at).strftime(form).to_string()
    }
}

fn midnight(at: DateTime) -> DateTime {
    at.date().to_datetime(jiff::civil::Time::midnight())
}

const fn is_online(user: &Seen) -> bool {
    matches!(user.presence, Presence::Online { .. })
}

/// "3 h 12 min", "41 min", "8 s".
fn duration(millis: u64) -> String {
    let seconds = millis / MILLIS;
    match (seconds / HOUR, seconds / MINUTE % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Signs with which a cell begins that a spreadsheet computes.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The sessions as lines of comma-separated values (RFC 4180), each time with its distance from UTC. A name that a spreadsheet would take for
/// a formula stands behind an apostrophe, which makes it a text.
fn csv(users: &[Seen], clock: &Clock) -> String {
    let field = |text: &str| {
        let guard = if text.starts_with(FORMULA) { "'" } else { "" };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    let moment = |at: Timestamp| clock.with_offset(at);
    let mut out = String::from("name,online,from,to\r\n");
    for user in users {
        let name = field(user.name.as_str());
        let online = if is_online(user) { "yes" } else { "no" };
        if user.sessions.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "{name},{online},,\r\n");
        }
        for span in &user.sessions {
            let to = span.to.map_or_else(String::new, moment);
            let _ = write!(out, "{name},{online},{},{to}\r\n", moment(span.from));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use whoelse_proto::Span as Session;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(20_000 * DAY * MILLIS + 10 * HOUR * MILLIS);

    fn ago(seconds: u64) -> Timestamp {
        NOW.minus(Seconds::new(seconds))
    }

    fn seen(name: &str, sessions: &[(u64, Option<u64>)]) -> Seen {
        let open = sessions.iter().any(|(_, to)| to.is_none());
        let presence = if open { Presence::Online { since: ago(60) } } else { Presence::Offline { last_seen: None } };
        let sessions = sessions.iter().map(|(from, to)| Session { from: ago(*from), to: to.map(ago) }).collect();
        Seen { name: UserName::new(name).unwrap(), presence, sessions, earlier: 0 }
    }

    fn table(since: u64, users: Vec<Seen>) -> WhoElse {
        WhoElse { since: Some(Seconds::new(since)), asked_at: NOW, answer: WhoElseAnswer::Users(users) }
    }

    #[test]
    fn a_span_is_typed_in_words_and_shown_in_words() {
        let seconds = |typed| read_span(typed).map(Seconds::get);
        assert_eq!(
            ["90 min", "2h", "3 Days", "1 week", "200", "5 s"].map(seconds),
            [Some(5_400), Some(7_200), Some(259_200), Some(604_800), Some(200), Some(5)]
        );
        assert_eq!(["", "min", "-1 h", "2 fortnights", "1.5 h"].map(seconds), [None; 5]);
        assert_eq!(
            [200, 5_400, 7_200, 1_209_600, 0].map(|n| written(Seconds::new(n))),
            ["200 s", "90 min", "2 h", "2 w", "0 s"]
        );
    }

    #[test]
    fn a_session_that_began_before_the_span_counts_from_its_begin() {
        let clock = Clock::of(TimeZone::UTC);
        let users = vec![seen("yoda", &[(3 * HOUR, Some(HOUR / 2))])];
        let rows = Window::of(&table(HOUR, users.clone()), &clock).rows(&users, (Column::Name, Order::Ascending));
        assert_eq!((rows[0].total.as_str(), rows[0].online), ("30 min", false));
        assert_eq!((rows[0].sessions[0].from, rows[0].sessions[0].to), (0.0, 0.5));
        assert_eq!((rows[0].first.as_str(), rows[0].last.as_str()), ("07:00", "09:30"));
    }

    #[test]
    fn who_is_online_now_is_a_span_of_its_own_with_the_time_they_came() {
        let clock = Clock::of(TimeZone::UTC);
        let users = [seen("yoda", &[(HOUR, None)])];
        let bare = vec![Seen { sessions: Vec::new(), ..users[0].clone() }];
        let now = WhoElse { since: None, ..table(DAY, bare.clone()) };
        let rows = Window::of(&now, &clock).rows(&bare, (Column::Name, Order::Ascending));
        assert_eq!((rows[0].first.as_str(), rows[0].last.as_str()), ("09:59", "now"));
        let mut panel = PastPanel::default();
        panel.follow(None);
        assert_eq!(panel.state.span, Span::Now);
        panel.follow(Some(Seconds::new(DAY)));
        assert_eq!(panel.state.span, Span::Day);
    }

    #[test]
    fn rows_are_sorted_by_the_chosen_column() {
        let clock = Clock::of(TimeZone::UTC);
        let users = vec![seen("yoda", &[(HOUR, None)]), seen("luke", &[(2 * HOUR, Some(HOUR))])];
        let window = Window::of(&table(DAY, users.clone()), &clock);
        let names = |sort| window.rows(&users, sort).into_iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names((Column::Name, Order::Ascending)), ["luke", "yoda"]);
        assert_eq!(names((Column::First, Order::Ascending)), ["luke", "yoda"]);
        assert_eq!(names((Column::Last, Order::Descending)), ["yoda", "luke"]);
        assert_eq!(names((Column::Now, Order::Ascending)), ["yoda", "luke"]);
    }

    #[test]
    fn times_above_the_bars_are_round() {
        let clock = Clock::of(TimeZone::UTC);
        let ticks = Window::of(&table(8 * HOUR, Vec::new()), &clock).ticks();
        let words: Vec<&str> = ticks.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words, ["04:00", "06:00", "08:00"]);
        assert!((ticks[0].0 - 0.25).abs() < 0.001);
    }

    #[test]
    fn a_name_that_a_spreadsheet_would_compute_is_a_text() {
        for name in ["=1+1", "@SUM(A1)", "+cmd", "-2"] {
            let text = csv(&[seen(name, &[])], &Clock::of(TimeZone::UTC));
            assert_eq!(text.lines().nth(1).unwrap(), format!("\"'{name}\",no,,"));
        }
    }

    #[test]
    fn the_file_has_a_line_for_each_session() {
        let users = [seen("a,\"b", &[(HOUR, Some(0)), (MINUTE, None)]), seen("luke", &[])];
        let text = csv(&users, &Clock::of(TimeZone::UTC));
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "name,online,from,to");
        assert_eq!(lines[1], "\"a,\"\"b\",yes,2024-10-04 09:00:00+00:00,2024-10-04 10:00:00+00:00");
        assert_eq!(lines[2], "\"a,\"\"b\",yes,2024-10-04 09:59:00+00:00,");
        assert_eq!(lines[3], "\"luke\",no,,");
    }

    #[test]
    fn durations_are_said_in_two_units_at_most() {
        let said = [8, 41 * MINUTE, 3 * HOUR, 3 * HOUR + 12 * MINUTE].map(|seconds| duration(seconds * MILLIS));
        assert_eq!(said, ["8 s", "41 min", "3 h", "3 h 12 min"]);
    }
}
