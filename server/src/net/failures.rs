//! The log of wrong passwords and invitations: one line each, and no more lines than a disk bears.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;
use whoelse_hub::Failure;
use whoelse_proto::UserName;

/// Lines that may be written at once: every try of a burst that people make.
const BURST: u32 = 100;

/// Between two lines once a burst is written: some 17 MB a day at most.
const ONE_EACH: Duration = Duration::from_millis(500);

/// Writes a line for each wrong password and invitation, and how many were left out where there are too many.
#[derive(Debug)]
pub(super) struct FailureLog {
    /// When the last line of the burst is forgotten.
    forgotten_at: Instant,
    left_out: u64,
}

impl FailureLog {
    pub(super) fn new() -> Self {
        Self { forgotten_at: Instant::now(), left_out: 0 }
    }

    /// A password was not proved.
    pub(super) fn note(&mut self, name: &UserName, from: IpAddr, failure: Failure) {
        let led_to = match failure {
            Failure::TriesLeft(tries) => format!("tries left: {tries}"),
            Failure::Locked(left) => format!("locked for {} s", left.get()),
        };
        self.write(format_args!("wrong password for {name} from {from}; {led_to}"));
    }

    /// An invitation was shown that the server did not give out.
    pub(super) fn note_invite(&mut self, from: IpAddr) {
        self.write(format_args!("unknown invitation from {from}"));
    }

    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        if !self.may_write(Instant::now()) {
            self.left_out += 1;
            return;
        }
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            tracing::warn!("{left_out} wrong passwords or invitations were not logged one by one");
        }
        tracing::warn!("{line}");
    }

    fn may_write(&mut self, now: Instant) -> bool {
        let next = self.forgotten_at.max(now) + ONE_EACH;
        let may = next.duration_since(now) <= ONE_EACH * BURST;
        if may {
            self.forgotten_at = next;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_logged_whole_and_then_a_line_now_and_then() {
        let mut log = FailureLog::new();
        let now = Instant::now();
        let written = (0..1000).filter(|_| log.may_write(now)).count();
        assert_eq!(written, usize::try_from(BURST).unwrap());
        assert!(!log.may_write(now));
        assert!(log.may_write(now + ONE_EACH));
        assert!(!log.may_write(now + ONE_EACH));
    }
}
