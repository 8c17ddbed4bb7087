//! As much as the server can do: every message that arrives is followed by another.

use std::cell::Cell;
use std::rc::Rc;

use clap::Args;
use serde_json::json;

use super::pairs::{Pairs, Tally};
use super::{Context, count_dead, sleep};
use crate::error::Result;
use crate::protocol::body;
use crate::span::{Span, quantiles, whole};

/// How much, and for how long.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Senders with a receiver each
    #[arg(long, default_value_t = 50)]
    pairs: u32,
    /// Messages of a pair under way
    #[arg(long, default_value_t = 32)]
    window: u64,
    /// Seconds before the measurement
    #[arg(long, default_value_t = 2)]
    warm: u64,
    /// Seconds of the measurement
    #[arg(long, default_value_t = 8)]
    secs: u64,
}

/// Of so many messages one latency is kept: a prime, so that no rhythm of the server is hit.
const TIMED_EVERY: u64 = 7;

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let pairs = Pairs::open(context, plan.pairs).await?;
    let (tally, is_over) = (Rc::new(Tally::default()), Rc::new(Cell::new(false)));
    for (sender, receiver) in pairs.iter() {
        let (context, tally, is_over) = (Rc::clone(context), Rc::clone(&tally), Rc::clone(&is_over));
        let (sender, to) = (Rc::clone(sender), receiver.id);
        receiver.handle(Rc::new(move |learned| {
            let now = context.now();
            tally.count(learned, now, TIMED_EVERY);
            if !is_over.get() {
                let body = body(now);
                tally.sent(learned.sent_at.len() as u64);
                sender.send(|session, out| learned.sent_at.iter().for_each(|_| session.send(to, &body, out)));
            }
        }));
    }
    for (sender, receiver) in pairs.iter() {
        let body = body(context.now());
        tally.sent(plan.window);
        sender.send(|session, out| (0..plan.window).for_each(|_| session.send(receiver.id, &body, out)));
    }
    sleep(plan.warm).await;
    tally.start_timing();
    let (before, span) = (tally.arrived(), Span::start(&context.pids));
    sleep(plan.secs).await;
    let (arrived, used) = ((tally.arrived() - before) as f64, span.end());
    tally.stop_timing();
    is_over.set(true);
    let fields = json!({
        "pairs": plan.pairs,
        "window": plan.window,
        "dead": count_dead(&pairs.senders) + count_dead(&pairs.receivers),
        "lost": tally.lost().await,
        "msgs_per_s": whole(arrived / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(arrived),
    });
    context.say("sat", &[fields, quantiles(tally.take_latencies()), used.fields()]);
    Ok(())
}
