//! One user speaks to all.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::sync::Notify;

use super::{Conn, Context, count_dead, sleep};
use crate::error::Result;
use crate::protocol::{Role, body};
use crate::span::{Span, quantile, quantiles, round, whole};

/// How much.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Users who hear
    #[arg(long, default_value_t = 1000)]
    n: u32,
    /// Broadcasts
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// Broadcasts under way in the second half
    #[arg(long, default_value_t = 8)]
    window: u64,
}

/// Seconds after which a broadcast counts as not heard by all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Broadcasts before the measurement.
const WARM_UP: u64 = 3;

/// Broadcasts in a row that were not heard by all, after which the rest is left out.
const TOO_MANY_SHORT: u64 = 2;

/// Those who hear, and what they heard.
struct Audience {
    conns: Vec<Rc<Conn>>,
    speaker: Rc<Conn>,
    heard: Rc<Cell<u64>>,
    goal: Rc<Cell<u64>>,
    reached: Rc<Notify>,
    latencies: Rc<RefCell<Vec<u64>>>,
}

impl Audience {
    async fn gather(context: &Rc<Context>, count: u32) -> Result<Self> {
        let audience = Self {
            conns: context.open_many(1..=count, Role::Hearer).await?,
            speaker: context.open(count + 1, Role::Speaker).await?,
            heard: Rc::default(),
            goal: Rc::new(Cell::new(u64::MAX)),
            reached: Rc::default(),
            latencies: Rc::default(),
        };
        for conn in &audience.conns {
            let (context, heard, goal) = (Rc::clone(context), Rc::clone(&audience.heard), Rc::clone(&audience.goal));
            let (reached, latencies) = (Rc::clone(&audience.reached), Rc::clone(&audience.latencies));
            conn.handle(Rc::new(move |learned| {
                let now = context.now();
                latencies.borrow_mut().extend(learned.sent_at.iter().map(|sent_at| now.saturating_sub(*sent_at)));
                heard.set(heard.get() + learned.sent_at.len() as u64);
                if heard.get() >= goal.get() {
                    reached.notify_one();
                }
            }));
        }
        Ok(audience)
    }

    fn size(&self) -> u64 {
        self.conns.len() as u64
    }

    fn speak(&self, context: &Context) {
        let body = body(context.now());
        self.speaker.send(|session, out| session.broadcast(&body, out));
    }

    /// Waits until so much was heard in all; tells whether it was.
    async fn wait(&self, goal: u64) -> bool {
        self.goal.set(goal);
        while self.heard.get() < goal {
            if tokio::time::timeout(PATIENCE, self.reached.notified()).await.is_err() {
                return false;
            }
        }
        true
    }
}

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let audience = Audience::gather(context, plan.n).await?;
    sleep(2).await;
    for _ in 0..WARM_UP {
        audience.speak(context);
        if !audience.wait(audience.heard.get() + audience.size()).await {
            eprintln!("a broadcast was heard {} times by {}", audience.heard.get(), audience.size());
        }
    }
    audience.latencies.take();
    one_by_one(context, plan, &audience).await;
    several(context, plan, &audience).await;
    Ok(())
}

/// One broadcast at a time: when the last one heard it.
async fn one_by_one(context: &Context, plan: &Plan, audience: &Audience) {
    let (mut short, mut last) = (0, Vec::new());
    let span = Span::start(&context.pids);
    for _ in 0..plan.rounds {
        let spoken = context.now();
        audience.speak(context);
        if !audience.wait(audience.heard.get() + audience.size()).await {
            short += 1;
        }
        last.push(context.now() - spoken);
    }
    let (heard, used) = ((audience.size() * plan.rounds) as f64, span.end());
    last.sort_unstable();
    let last = |share| quantile(&last, share).map(|nanos| round(nanos as f64 / 1e6, 2));
    let fields = json!({
        "n": plan.n,
        "rounds": plan.rounds,
        "short": short,
        "last_p50_ms": last(0.5),
        "last_p99_ms": last(0.99),
        "deliveries_per_s": whole(heard / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(heard),
    });
    context.say("fan1", &[fields, quantiles(audience.latencies.take()), used.fields()]);
}

/// Several broadcasts under way.
async fn several(context: &Context, plan: &Plan, audience: &Audience) {
    let (mut short, before) = (0, audience.heard.get());
    let span = Span::start(&context.pids);
    for spoken in 1..=plan.rounds {
        audience.speak(context);
        let done = (spoken + 1).saturating_sub(plan.window);
        if !audience.wait(before + done * audience.size()).await {
            short += 1;
        }
        if short > TOO_MANY_SHORT {
            break;
        }
    }
    if !audience.wait(before + plan.rounds * audience.size()).await {
        short += 1;
    }
    let (heard, used) = ((audience.heard.get() - before) as f64, span.end());
    let fields = json!({
        "n": plan.n,
        "rounds": plan.rounds,
        "window": plan.window,
        "short": short,
        "dead": count_dead(&audience.conns),
        "deliveries_per_s": whole(heard / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(heard),
    });
    context.say("fanw", &[fields, quantiles(audience.latencies.take()), used.fields()]);
}
