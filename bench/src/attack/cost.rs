//! What a flood costs those who only talk: their latency beside that of the calm before, and the server's memory.

use std::time::Duration;

use tokio::time::sleep;

use super::crowd::{Crowd, TALKERS};
use super::floods::{self, Flood};
use super::verdict::{Holds, Tried, Verdict};
use super::{Attack, Site};
use crate::error::Result;
use crate::procfs::memory;
use crate::span::{quantile, round};

/// By how much a flood may lengthen the latency of others.
const MAX_RATIO: f64 = 3.0;

/// By how much the server's memory may have grown once the flood is over.
const MAX_GROWTH: f64 = 1.1;

/// KiB that it may keep in any case. The largest of it is what 4,096 silent connections held, some 1.5 KiB each: glibc's
/// allocator keeps it for the next ones, and a second flood takes no more.
const KEPT_KIB: u64 = 8 * 1024;

/// How long the server is left alone before its memory is read.
const SETTLE: Duration = Duration::from_secs(10);

/// The share of messages that are accepted faster than what is told.
const QUANTILE: f64 = 0.99;

/// Plays every flood against one server; told as each ends.
pub(super) async fn measure(attack: &Attack, lasts: Duration) -> Result<Vec<Tried>> {
    let site = Site::start(attack, &[])?;
    floods::prepare(&site.door).await?;
    let crowd = Crowd::gather(&site.door).await?;
    // The first messages make the server's tables and the allocator's arenas.
    crowd.listen(lasts).await;
    let pids = [site.server.id()];
    let mut all = Vec::new();
    for flood in Flood::ALL.into_iter().filter(|flood| flood.name().contains(&attack.only)) {
        let calm = p99_ms(&crowd.listen(lasts).await);
        let before = memory(&pids).rss;
        let running = flood.start(&site.door);
        let under = p99_ms(&crowd.listen(lasts).await);
        let sent = running.stop()?;
        sleep(SETTLE).await;
        let after = memory(&pids).rss;
        let (ratio, growth) = (under / calm, after as f64 / before.max(1) as f64);
        let is_back = growth <= MAX_GROWTH || after <= before + KEPT_KIB;
        let holds = ratio <= MAX_RATIO && is_back && crowd.gone() == 0;
        let figure = format!(
            "{sent} sent; p99 of accepted {calm} ms before, {under} ms under it ({}x); memory {} to {} MiB{}",
            round(ratio, 1),
            before / 1024,
            after / 1024,
            match crowd.gone() {
                0 => String::new(),
                gone => format!("; {gone} of {TALKERS} who talk lost their connection"),
            }
        );
        let verdict = Verdict::bounded_if(Holds::from(holds), figure);
        let tried = Tried { name: flood.name(), what: flood.tried(), verdict };
        println!("{tried}");
        all.push(tried);
    }
    Ok(all)
}

fn p99_ms(latencies: &[u64]) -> f64 {
    round(quantile(latencies, QUANTILE).unwrap_or(u64::MAX) as f64 / 1e6, 1)
}
