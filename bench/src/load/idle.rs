//! Connections that do nothing.

use std::rc::Rc;

use clap::Args;
use serde_json::json;

use super::{Conn, Context, count_dead, sleep};
use crate::error::Result;
use crate::procfs::memory;
use crate::protocol::Role;
use crate::span::{Span, round, whole};

/// How many.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Connections after each step, with commas between them
    #[arg(long, value_delimiter = ',', default_value = "1000,5000,10000")]
    steps: Vec<u32>,
    /// Seconds to wait behind each step
    #[arg(long, default_value_t = 2)]
    settle: u64,
}

/// Seconds over which the CPU time of an idle server is measured.
const IDLE_S: u64 = 3;

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let before = memory(&context.pids);
    let mut conns: Vec<Rc<Conn>> = Vec::new();
    for &n in &plan.steps {
        let span = Span::start(&context.pids);
        let have = u32::try_from(conns.len()).unwrap_or(u32::MAX);
        conns.extend(context.open_many(have..n, Role::User).await?);
        let used = span.end();
        sleep(plan.settle).await;
        let after = memory(&context.pids);
        let idle = Span::start(&context.pids);
        sleep(IDLE_S).await;
        let idle = idle.end();
        let added = f64::from(n.saturating_sub(have));
        let per_conn = |now: u64, then: u64| round(now.saturating_sub(then) as f64 / f64::from(n), 2);
        let fields = json!({
            "n": n,
            "dead": count_dead(&conns),
            "logins_per_s": whole(added / used.seconds),
            "cpu_ms_per_login": round(used.server.sum() * 1000.0 / added, 3),
            "rss0_kib": before.rss,
            "rss_kib": after.rss,
            "rss_per_conn_kib": per_conn(after.rss, before.rss),
            "pss_per_conn_kib": per_conn(after.pss, before.pss),
            "idle_cores": round(idle.server.sum() / idle.seconds, 4),
        });
        context.say("idle", &[fields, used.fields()]);
    }
    Ok(())
}
