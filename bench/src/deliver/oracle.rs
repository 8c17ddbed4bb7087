//! What must be true of every message, whatever happens to the programs and connections. Knows no process and no socket.
//!
//! The rules are those of `docs/BEHAVIOUR.md`, Messages: an accepted message arrives, once for each run of the reader's
//! program, unaltered, in the order of its pair, at nobody else; *delivered* is told only of what the reader has.

use std::collections::{BTreeMap, BTreeSet};

/// A user, by place in the list of users.
pub(super) type User = usize;

/// The starts of a user's program, counted.
pub(super) type Run = u32;

/// What a text says of itself: its author types this number only once.
type Number = u64;

/// Lines of a trace that are shown of one message.
const MAX_TRACE_LINES: usize = 40;

/// A message as its recipient's program prints it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) by: User,
    pub(super) run: Run,
    pub(super) from: User,
    pub(super) text: String,
}

/// What is known of one id.
#[derive(Default)]
struct Known {
    accepted: Option<(User, User)>,
    /// The recipient's run at the moment when its author was told.
    delivered: Option<Run>,
    shown: Option<(User, Run)>,
}

/// A rule that does not hold, with everything that happened to the message.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) rule: String,
    pub(super) trace: Vec<String>,
}

/// Figures for the line at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) typed: u64,
    pub(super) accepted: u64,
    pub(super) shown: u64,
    pub(super) shown_again: u64,
    pub(super) delivered: u64,
}

/// Judges what programs print.
#[derive(Default)]
pub(super) struct Oracle {
    /// Recipient and whole text of what each author typed.
    typed: BTreeMap<(User, Number), (User, String)>,
    known: BTreeMap<String, Known>,
    /// Which id a text arrived with.
    ids: BTreeMap<(User, Number), String>,
    /// The highest number that arrived, for each author and recipient.
    newest: BTreeMap<(User, User), Number>,
    /// What each run of a program has printed already.
    printed: BTreeSet<(User, Run, String)>,
    traces: BTreeMap<String, Vec<String>>,
    /// Accepted and not shown yet.
    awaited: BTreeSet<String>,
    counts: Counts,
}

/// The number in front of a text.
fn number_of(text: &str) -> Option<Number> {
    text.split_once(' ')?.0.parse().ok()
}

impl Oracle {
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// How many accepted messages nobody has seen yet.
    pub(super) fn awaited(&self) -> usize {
        self.awaited.len()
    }

    /// An author types a text, which begins with a number that grows.
    pub(super) fn typed(&mut self, from: User, to: User, number: Number, text: String) {
        self.counts.typed += 1;
        self.typed.insert((from, number), (to, text));
    }

    /// An author's program says that the server has a message.
    pub(super) fn accepted(&mut self, id: &str, from: User, to: User) -> Result<(), Violation> {
        self.note(id, format!("accepted from {from} to {to}"));
        let known = self.known.entry(id.to_owned()).or_default();
        if known.accepted.is_none() {
            known.accepted = Some((from, to));
            self.counts.accepted += 1;
            if known.shown.is_none() {
                self.awaited.insert(id.to_owned());
            }
        }
        match known.shown {
            Some((by, _)) if by != to => self.violation(id, "it was shown to another than its recipient"),
            _ => Ok(()),
        }
    }

    /// An author's program says that the recipient has a message, whose program is in run `run` at that moment.
    pub(super) fn delivered(&mut self, id: &str, from: User, to: User, run: Run) -> Result<(), Violation> {
        self.accepted(id, from, to)?;
        self.note(id, format!("delivered, in run {run} of its reader"));
        let known = self.known.entry(id.to_owned()).or_default();
        if known.delivered.is_none() {
            known.delivered = Some(run);
            self.counts.delivered += 1;
        }
        Ok(())
    }

    /// A recipient's program prints a message.
    pub(super) fn shown(&mut self, shown: Shown) -> Result<(), Violation> {
        let Shown { id, by, run, from, text } = shown;
        self.note(&id, format!("shown to {by} in run {run}, from {from}: {text:.40}"));
        if !self.printed.insert((by, run, id.clone())) {
            return self.violation(&id, "one run of a program printed it twice");
        }
        let number = number_of(&text);
        let Some((number, (to, typed))) = number.and_then(|n| Some((n, self.typed.get(&(from, n))?))) else {
            return self.violation(&id, "nobody typed it");
        };
        if *to != by {
            return self.violation(&id, "it was shown to another than its recipient");
        }
        if *typed != text {
            return self.violation(&id, "its text was altered");
        }
        if self.ids.entry((from, number)).or_insert_with(|| id.clone()) != &id {
            return self.violation(&id, "it arrived under two ids");
        }
        self.first_shown(&id, from, by, run, number)
    }

    fn first_shown(&mut self, id: &str, from: User, by: User, run: Run, number: Number) -> Result<(), Violation> {
        let known = self.known.entry(id.to_owned()).or_default();
        if known.shown.is_some() {
            self.counts.shown_again += 1;
            return Ok(());
        }
        known.shown = Some((by, run));
        let told = known.delivered;
        self.counts.shown += 1;
        self.awaited.remove(id);
        if told.is_some_and(|told| told < run) {
            return self.violation(id, "its author was told delivered before its reader had it");
        }
        let newest = self.newest.entry((from, by)).or_default();
        if *newest >= number {
            let rule = format!("it arrived behind {newest} of the same pair");
            return self.violation(id, &rule);
        }
        *newest = number;
        Ok(())
    }

    /// Everything is quiet: what was accepted is there.
    pub(super) fn finish(&self) -> Result<(), Violation> {
        match self.awaited.first() {
            None => Ok(()),
            Some(id) => self.violation(id, "it was accepted and never shown"),
        }
    }

    fn note(&mut self, id: &str, line: String) {
        let trace = self.traces.entry(id.to_owned()).or_default();
        if trace.len() < MAX_TRACE_LINES {
            trace.push(line);
        }
    }

    fn violation(&self, id: &str, rule: &str) -> Result<(), Violation> {
        let trace = self.traces.get(id).cloned().unwrap_or_default();
        Err(Violation { rule: format!("message {id}: {rule}"), trace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(id: &str, by: User, run: Run, text: &str) -> Shown {
        Shown { id: id.to_owned(), by, run, from: 0, text: text.to_owned() }
    }

    fn with_two() -> Oracle {
        let mut oracle = Oracle::default();
        oracle.typed(0, 1, 1, "1 a".into());
        oracle.typed(0, 1, 2, "2 b".into());
        oracle
    }

    fn rule(outcome: Result<(), Violation>) -> String {
        outcome.unwrap_err().rule
    }

    #[test]
    fn what_arrives_once_and_in_order_keeps_every_rule() {
        let mut oracle = with_two();
        oracle.accepted("x", 0, 1).unwrap();
        oracle.shown(shown("x", 1, 1, "1 a")).unwrap();
        oracle.delivered("x", 0, 1, 1).unwrap();
        oracle.shown(shown("y", 1, 1, "2 b")).unwrap();
        oracle.finish().unwrap();
    }

    #[test]
    fn a_message_that_is_accepted_and_never_shown_is_found_with_its_trace() {
        let mut oracle = with_two();
        oracle.accepted("x", 0, 1).unwrap();
        let violation = oracle.finish().unwrap_err();
        assert!(violation.rule.contains("never shown"));
        assert_eq!(violation.trace, ["accepted from 0 to 1"]);
    }

    #[test]
    fn a_message_may_come_again_in_another_run_alone() {
        let mut oracle = with_two();
        oracle.shown(shown("x", 1, 1, "1 a")).unwrap();
        oracle.shown(shown("x", 1, 2, "1 a")).unwrap();
        assert_eq!(oracle.counts().shown_again, 1);
        assert!(rule(oracle.shown(shown("x", 1, 2, "1 a"))).contains("twice"));
    }

    #[test]
    fn a_text_under_two_ids_is_found() {
        let mut oracle = with_two();
        oracle.shown(shown("x", 1, 1, "1 a")).unwrap();
        assert!(rule(oracle.shown(shown("y", 1, 1, "1 a"))).contains("two ids"));
    }

    #[test]
    fn an_older_message_behind_a_newer_one_of_the_pair_is_found() {
        let mut oracle = with_two();
        oracle.shown(shown("y", 1, 1, "2 b")).unwrap();
        assert!(rule(oracle.shown(shown("x", 1, 1, "1 a"))).contains("behind"));
    }

    #[test]
    fn a_wrong_reader_an_altered_text_and_an_invented_text_are_found() {
        assert!(rule(with_two().shown(shown("x", 2, 1, "1 a"))).contains("another than its recipient"));
        assert!(rule(with_two().shown(shown("x", 1, 1, "1 z"))).contains("altered"));
        assert!(rule(with_two().shown(shown("x", 1, 1, "3 c"))).contains("nobody typed"));
    }

    #[test]
    fn delivered_that_is_told_a_run_before_the_reader_has_it_is_found() {
        let mut oracle = with_two();
        oracle.delivered("x", 0, 1, 1).unwrap();
        assert!(rule(oracle.shown(shown("x", 1, 2, "1 a"))).contains("before its reader had it"));
    }
}
