//! Makes accounts.

use std::rc::Rc;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::Result;
use crate::protocol::Role;
use crate::span::{Span, whole};

/// How many.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Accounts u0, u1, …, and the administrator's
    #[arg(long, default_value_t = 1000)]
    n: u32,
}

pub(super) async fn run(context: &Rc<Context>, plan: &Plan) -> Result<()> {
    let span = Span::start(&context.pids);
    context.open(plan.n, Role::NewSpeaker).await?.close("done");
    make_accounts(context, plan.n).await?;
    let used = span.end();
    let per_second = whole(f64::from(plan.n) / used.seconds);
    context.say("register", &[json!({ "n": plan.n, "per_s": per_second }), used.fields()]);
    Ok(())
}

/// Makes the accounts of users 0 to `count`.
pub(crate) async fn make_accounts(context: &Rc<Context>, count: u32) -> Result<()> {
    /// Connections that are open at the same time.
    const AT_ONCE: usize = 500;
    let ids: Vec<u32> = (0..count).collect();
    for ids in ids.chunks(AT_ONCE) {
        for conn in context.open_many(ids.iter().copied(), Role::Newcomer).await? {
            conn.close("done");
        }
    }
    Ok(())
}
