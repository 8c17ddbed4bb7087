//! Messages for those who are away, and their return.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use tokio::task::spawn_local;

use super::{Conn, Context, sleep};
use crate::error::{Error, Result};
use crate::protocol::{Barrier, Exporter, Learned, Role, Session, body};
use crate::span::{Span, whole};

/// How much.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Senders with a receiver each, who is away
    #[arg(long, default_value_t = 20)]
    pairs: u32,
    /// Messages of each sender
    #[arg(long, default_value_t = 500)]
    msgs: u64,
    /// Messages sent before the sender waits until they are taken
    #[arg(long, default_value_t = 50)]
    batch: u64,
}

/// How long to wait for what was stored.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let total = (u64::from(plan.pairs) * plan.msgs) as f64;
    go_away(context, plan).await?;
    let senders = context.open_many(0..plan.pairs, Role::User).await?;
    let span = Span::start(&context.pids);
    let jobs: Vec<_> = senders
        .iter()
        .map(|sender| {
            let (context, sender) = (Rc::clone(context), Rc::clone(sender));
            let (to, msgs, batch) = (plan.pairs + sender.id, plan.msgs, plan.batch);
            spawn_local(async move { send_in_batches(&context, &sender, to, msgs, batch).await })
        })
        .collect();
    for job in jobs {
        job.await??;
    }
    let used = span.end();
    let fields = json!({
        "pairs": plan.pairs,
        "msgs": plan.msgs,
        "batch": plan.batch,
        "msgs_per_s": whole(total / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(total),
    });
    context.say("offline_store", &[fields, used.fields()]);
    come_back(context, plan, total).await
}

/// The receivers have been here once, for protocols that keep messages only then.
async fn go_away(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    for conn in context.open_many(plan.pairs..2 * plan.pairs, Role::Traveller).await? {
        conn.close("away");
    }
    sleep(2).await;
    Ok(())
}

async fn send_in_batches(context: &Context, sender: &Rc<Conn>, to: u32, msgs: u64, batch: u64) -> Result<()> {
    let mut sent = 0;
    while sent < msgs {
        let count = batch.min(msgs - sent);
        let (before, body) = (sender.acknowledged(), body(context.now()));
        let mut barrier = Barrier::None;
        sender.send(|session, out| {
            (0..count).for_each(|_| session.send(to, &body, out));
            barrier = session.barrier(out);
        });
        let answers = match barrier {
            Barrier::Written => 1,
            Barrier::None => count,
        };
        while sender.acknowledged() < before + answers {
            if let Some(cause) = sender.end() {
                return Err(Error::Connection { id: sender.id, cause });
            }
            sender.change().await;
        }
        sent += count;
    }
    Ok(())
}

/// All receivers log in at once and take what waits.
async fn come_back(context: &Rc<Context>, plan: &Plan, total: f64) -> Result<()> {
    let (span, since) = (Span::start(&context.pids), Instant::now());
    let count = Rc::new(Cell::new(0));
    let job = |id| {
        let (context, count) = (Rc::clone(context), Rc::clone(&count));
        let session = Counting { inner: context.protocol.session(id, Role::Traveller), count };
        spawn_local(async move { context.open_with(id, Box::new(session)).await })
    };
    let jobs: Vec<_> = (plan.pairs..2 * plan.pairs).map(job).collect();
    let mut conns = Vec::new();
    for job in jobs {
        conns.push(job.await??);
    }
    while (count.get() as f64) < total && since.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (got, used) = (count.get() as f64, span.end());
    let fields = json!({
        "got": count.get(),
        "of": whole(total),
        "msgs_per_s": whole(got / used.seconds),
        "cpu_s_per_M": used.server_s_per_million(got),
    });
    context.say("offline_replay", &[fields, used.fields()]);
    Ok(())
}

/// Counts messages from the first byte on: a connection's handler is set only behind the login.
struct Counting {
    inner: Box<dyn Session>,
    count: Rc<Cell<u64>>,
}

impl Session for Counting {
    fn start(&mut self, out: &mut Vec<u8>) {
        self.inner.start(out);
    }

    fn secured(&mut self, exporter: Exporter) {
        self.inner.secured(exporter);
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let used = self.inner.feed(data, out, learned);
        self.count.set(self.count.get() + learned.sent_at.len() as u64);
        used
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        self.inner.send(to, body, out);
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        self.inner.broadcast(body, out);
    }
}
