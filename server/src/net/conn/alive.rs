//! Whether a line still lives. Pure.

use std::time::Duration;

use tokio::time::Instant;
use whoelse_proto::limits::{LINE_DEAD_AFTER_S, PING_AFTER_S};

const PING_AFTER: Duration = Duration::from_secs(PING_AFTER_S);
const DEAD_AFTER: Duration = Duration::from_secs(LINE_DEAD_AFTER_S);

/// How long a client may read nothing while there is something to be written.
const STUCK_AFTER: Duration = Duration::from_secs(10);

/// What to do about a line, and when to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// Nothing came for too long.
    Silent,
    /// Nothing could be written for too long.
    Stuck,
    /// Ask for a sign of life.
    Ping {
        /// When to look again.
        next: Instant,
    },
    /// All is well.
    Wait {
        /// When to look again.
        next: Instant,
    },
}

/// Looks at a line that was last heard, and whose writing is stuck, since these moments. A line that gets stuck
/// between two looks is found at the second, so up to [`PING_AFTER_S`] late.
pub(super) fn watch(now: Instant, heard_at: Instant, stuck_since: Option<Instant>) -> Watch {
    let stuck_at = stuck_since.map(|since| since + STUCK_AFTER);
    let dead_at = heard_at + DEAD_AFTER;
    if now >= dead_at {
        return Watch::Silent;
    }
    if stuck_at.is_some_and(|at| now >= at) {
        return Watch::Stuck;
    }
    let is_silent = now >= heard_at + PING_AFTER;
    let next = if is_silent { dead_at.min(now + PING_AFTER) } else { heard_at + PING_AFTER };
    let next = stuck_at.map_or(next, |at| next.min(at));
    if is_silent && stuck_at.is_none() { Watch::Ping { next } } else { Watch::Wait { next } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[tokio::test]
    async fn a_silent_line_is_pinged_twice_and_given_up() {
        let start = Instant::now();
        assert_eq!(watch(start + seconds(4), start, None), Watch::Wait { next: start + seconds(10) });
        assert_eq!(watch(start + seconds(10), start, None), Watch::Ping { next: start + seconds(20) });
        assert_eq!(watch(start + seconds(20), start, None), Watch::Ping { next: start + seconds(25) });
        assert_eq!(watch(start + seconds(25), start, None), Watch::Silent);
    }

    #[tokio::test]
    async fn a_line_that_is_heard_is_left_alone() {
        let start = Instant::now();
        let heard = start + seconds(7);
        assert_eq!(watch(start + seconds(10), heard, None), Watch::Wait { next: start + seconds(17) });
    }

    #[tokio::test]
    async fn a_client_that_sends_and_does_not_read_is_found() {
        let start = Instant::now();
        let (stuck, heard) = (start + seconds(3), start + seconds(10));
        assert_eq!(watch(start + seconds(10), heard, Some(stuck)), Watch::Wait { next: start + seconds(13) });
        assert_eq!(watch(start + seconds(13), heard, Some(stuck)), Watch::Stuck);
    }
}
