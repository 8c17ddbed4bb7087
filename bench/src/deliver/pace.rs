//! How far typing runs ahead of reading.

/// Accepted and unseen messages above which typing waits for readers.
const MAX_AWAITED: usize = 3000;

/// How many more may be unseen after each wait that was for nothing: some reader stands still or is slow, and what waits
/// for it must not hold up the others.
const MORE_AFTER_A_WAIT: usize = 1000;

/// Lets typing wait for readers, and not again and again for the same messages.
#[derive(Debug)]
pub(super) struct Pace {
    bar: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { bar: MAX_AWAITED }
    }
}

impl Pace {
    /// Whether so many unseen messages are few enough to type on.
    pub(super) fn allows(&self, awaited: usize) -> bool {
        awaited <= self.bar
    }

    /// Typing goes on, after a wait if there was need for one.
    pub(super) fn go_on(&mut self, awaited: usize) {
        if awaited <= MAX_AWAITED {
            self.bar = MAX_AWAITED;
        } else if awaited > self.bar {
            self.bar = awaited + MORE_AFTER_A_WAIT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_for_a_reader_that_stands_still_is_not_repeated_for_each_line() {
        let mut pace = Pace::default();
        assert!(pace.allows(MAX_AWAITED) && !pace.allows(MAX_AWAITED + 1));
        pace.go_on(MAX_AWAITED + 1);
        assert!(pace.allows(MAX_AWAITED + 1 + MORE_AFTER_A_WAIT));
        assert!(!pace.allows(MAX_AWAITED + 2 + MORE_AFTER_A_WAIT), "and then again");
        pace.go_on(MAX_AWAITED + 500);
        assert!(pace.allows(MAX_AWAITED + 1 + MORE_AFTER_A_WAIT), "fewer, and still many");
        pace.go_on(10);
        assert!(!pace.allows(MAX_AWAITED + 1), "the readers came after");
    }
}
