//! Blocks that hold for certain: from the answer to the block until the unblock is asked for.

use std::collections::BTreeMap;

use whoelse_proto::{Timestamp, UserName};

type Pair = (UserName, UserName);

/// From when to when, in this order.
type Span = (Timestamp, Option<Timestamp>);

/// What the one who blocks can rely on.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    spans: BTreeMap<Pair, Vec<Span>>,
    /// Unblocks under way: a block answered meanwhile says nothing of what holds.
    unblocks: BTreeMap<Pair, u32>,
    /// The latest moment at which something was noted.
    now: Timestamp,
}

impl Blocks {
    pub(super) fn block_done(&mut self, who: &UserName, whom: &UserName, now: Timestamp) {
        self.now = now;
        let pair = (who.clone(), whom.clone());
        if self.unblocks.get(&pair).is_some_and(|count| *count > 0) {
            return;
        }
        let spans = self.spans.entry(pair).or_default();
        if spans.last().is_none_or(|(_, to)| to.is_some()) {
            spans.push((now, None));
        }
    }

    pub(super) fn unblock_asked(&mut self, who: &UserName, whom: &UserName, now: Timestamp) {
        let pair = (who.clone(), whom.clone());
        if let Some((_, to @ None)) = self.spans.get_mut(&pair).and_then(|spans| spans.last_mut()) {
            *to = Some(now);
        }
        *self.unblocks.entry(pair).or_default() += 1;
    }

    pub(super) fn unblock_over(&mut self, who: &UserName, whom: &UserName) {
        if let Some(count) = self.unblocks.get_mut(&(who.clone(), whom.clone())) {
            *count = count.saturating_sub(1);
        }
    }

    /// Whether the block holds, and has held since before a moment.
    pub(super) fn certain_before(&self, who: &UserName, whom: &UserName, when: Timestamp) -> bool {
        let spans = self.spans.get(&(who.clone(), whom.clone()));
        spans.and_then(|spans| spans.last()).is_some_and(|(from, to)| to.is_none() && *from < when)
    }

    /// Whether the block held at a moment.
    pub(super) fn certain_at(&self, who: &UserName, whom: &UserName, when: Timestamp) -> bool {
        let within = |(from, to): &Span| *from < when && to.is_none_or(|to| when < to);
        self.spans.get(&(who.clone(), whom.clone())).is_some_and(|spans| spans.iter().any(within))
    }
}
