//! A given rate, whatever the server does: message k is due at k/rate seconds, and its latency counts from there.

use std::rc::Rc;

use clap::Args;
use serde_json::json;

use super::pairs::{Pairs, Tally};
use super::timer::Timer;
use super::{Context, count_dead};
use crate::error::Result;
use crate::protocol::body;
use crate::span::{Span, quantiles, whole};

/// How much, and for how long.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Senders with a receiver each
    #[arg(long, default_value_t = 50)]
    pairs: u32,
    /// Messages a second in all
    #[arg(long, default_value_t = 5000)]
    rate: u64,
    /// Seconds before the measurement
    #[arg(long, default_value_t = 1)]
    warm: u64,
    /// Seconds of the measurement
    #[arg(long, default_value_t = 10)]
    secs: u64,
}

/// Nanoseconds before the first message is due.
const HEAD_START: u64 = 1_000_000;

/// After so many messages the generator looks at what arrived, however late it is.
const LOOK_EVERY: u64 = 8;

const NANOS: u64 = 1_000_000_000;

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let pairs = Pairs::open(context, plan.pairs).await?;
    let tally = Rc::new(Tally::default());
    for receiver in &pairs.receivers {
        let (context, tally) = (Rc::clone(context), Rc::clone(&tally));
        receiver.handle(Rc::new(move |learned| tally.count(learned, context.now(), 1)));
    }
    let (mut timer, start) = (Timer::new()?, context.now() + HEAD_START);
    let (warm, total) = (plan.rate * plan.warm, plan.rate * (plan.warm + plan.secs));
    let (mut before, mut span) = (0, Span::start(&context.pids));
    let turns = pairs.iter().cycle();
    for (k, (sender, receiver)) in (0..total).zip(turns) {
        let due = start + k * NANOS / plan.rate;
        timer.wait(due.saturating_sub(context.now())).await;
        if k == warm {
            tally.start_timing();
            (before, span) = (tally.arrived(), Span::start(&context.pids));
        }
        let body = body(due);
        tally.sent(1);
        sender.send(|session, out| session.send(receiver.id, &body, out));
        if k % LOOK_EVERY == LOOK_EVERY - 1 {
            tokio::task::yield_now().await;
        }
    }
    let (arrived, used) = ((tally.arrived() - before) as f64, span.end());
    let fields = json!({
        "pairs": plan.pairs,
        "rate": plan.rate,
        "dead": count_dead(&pairs.senders) + count_dead(&pairs.receivers),
        "lost": tally.lost().await,
        "msgs_per_s": whole(arrived / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(arrived),
    });
    context.say("rate", &[fields, quantiles(tally.take_latencies()), used.fields()]);
    Ok(())
}
