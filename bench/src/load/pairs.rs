//! Senders with one receiver each, and what arrives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::{Conn, Context};
use crate::error::Result;
use crate::protocol::{Learned, Role};

/// Users 0 to n send, users n to 2n receive.
pub(super) struct Pairs {
    pub(super) senders: Vec<Rc<Conn>>,
    pub(super) receivers: Vec<Rc<Conn>>,
}

impl Pairs {
    pub(super) async fn open(context: &Rc<Context>, count: u32) -> Result<Self> {
        let senders = context.open_many(0..count, Role::User).await?;
        let receivers = context.open_many(count..2 * count, Role::User).await?;
        Ok(Self { senders, receivers })
    }

    pub(super) fn iter(&self) -> impl Clone + Iterator<Item = (&Rc<Conn>, &Rc<Conn>)> {
        self.senders.iter().zip(&self.receivers)
    }
}

/// What arrives, counted and timed.
#[derive(Default)]
pub(super) struct Tally {
    sent: Cell<u64>,
    arrived: Cell<u64>,
    latencies: RefCell<Vec<u64>>,
    is_timing: Cell<bool>,
}

/// Seconds to wait for messages that are under way.
const STRAGGLERS_S: u64 = 5;

impl Tally {
    pub(super) fn sent(&self, count: u64) {
        self.sent.set(self.sent.get() + count);
    }

    pub(super) fn arrived(&self) -> u64 {
        self.arrived.get()
    }

    /// From here on latencies are kept.
    pub(super) fn start_timing(&self) {
        self.is_timing.set(true);
    }

    pub(super) fn stop_timing(&self) {
        self.is_timing.set(false);
    }

    pub(super) fn take_latencies(&self) -> Vec<u64> {
        self.latencies.take()
    }

    /// Counts what arrived. Of `every` so many messages one latency is kept.
    pub(super) fn count(&self, learned: &Learned, now: u64, every: u64) {
        for &sent_at in &learned.sent_at {
            self.arrived.set(self.arrived.get() + 1);
            if self.is_timing.get() && self.arrived.get().is_multiple_of(every) {
                self.latencies.borrow_mut().push(now.saturating_sub(sent_at));
            }
        }
    }

    /// Waits for what is under way; gives how many messages did not come.
    pub(super) async fn lost(&self) -> u64 {
        const STEP: Duration = Duration::from_millis(100);
        let mut waited = Duration::ZERO;
        while self.arrived.get() < self.sent.get() && waited.as_secs() < STRAGGLERS_S {
            tokio::time::sleep(STEP).await;
            waited += STEP;
        }
        self.sent.get().saturating_sub(self.arrived.get())
    }
}
