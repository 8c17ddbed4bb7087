//! What was used between two moments: by the server, by this program, by whatever else ran.

use std::time::Instant;

use serde_json::{Value, json};

use crate::procfs::{Cpu, busy, cpu};

/// The first moment.
pub(crate) struct Span {
    at: Instant,
    server: Cpu,
    own: Cpu,
    machine: f64,
    pids: Vec<u32>,
}

/// What lies between.
pub(crate) struct Used {
    pub(crate) seconds: f64,
    /// By the server.
    pub(crate) server: Cpu,
    own: Cpu,
    others: f64,
}

fn own_cpu() -> Cpu {
    cpu(&[std::process::id()])
}

impl Span {
    pub(crate) fn start(pids: &[u32]) -> Self {
        Self { at: Instant::now(), server: cpu(pids), own: own_cpu(), machine: busy(), pids: pids.to_vec() }
    }

    pub(crate) fn end(&self) -> Used {
        let seconds = self.at.elapsed().as_secs_f64();
        let (server, own) = (cpu(&self.pids) - self.server, own_cpu() - self.own);
        let others = (busy() - self.machine - server.sum() - own.sum()).max(0.0);
        Used { seconds, server, own, others }
    }
}

impl Used {
    /// Everything, in the names of the output.
    pub(crate) fn fields(&self) -> Value {
        json!({
            "secs": round(self.seconds, 2),
            "server_user_s": round(self.server.user, 2),
            "server_system_s": round(self.server.system, 2),
            "server_cores": round(self.server.sum() / self.seconds, 2),
            "own_cores": round(self.own.sum() / self.seconds, 2),
            "other_cores": round(self.others / self.seconds, 2),
        })
    }

    /// CPU seconds of the server for a million of something.
    pub(crate) fn server_s_per_million(&self, count: f64) -> f64 {
        round(self.server.sum() / count.max(1.0) * 1e6, 2)
    }
}

/// A number with few digits behind the point.
pub(crate) fn round(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

/// A number without digits behind the point.
pub(crate) fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small and positive")]
    let whole = number.round() as u64;
    whole
}

/// Quantiles of latencies in nanoseconds, told in microseconds.
pub(crate) fn quantiles(mut latencies: Vec<u64>) -> Value {
    latencies.sort_unstable();
    let at = |share: f64| quantile(&latencies, share).map(|nanos| whole(nanos as f64 / 1e3));
    json!({
        "latencies": latencies.len(),
        "p50_us": at(0.5),
        "p90_us": at(0.9),
        "p99_us": at(0.99),
        "p999_us": at(0.999),
        "max_us": at(1.0),
    })
}

/// The number below which a share of the sorted numbers lies.
pub(crate) fn quantile(sorted: &[u64], share: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list in memory")]
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().checked_sub(1)?)).copied()
}

/// Prints one result: a line of JSON with the fields of all `parts`.
pub(crate) fn print(parts: &[Value]) {
    let fields = parts.iter().filter_map(Value::as_object).flatten();
    let line: serde_json::Map<_, _> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    println!("{}", Value::Object(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_of_the_list() {
        let sorted: Vec<u64> = (0..100).collect();
        assert_eq!(quantile(&sorted, 0.5), Some(50));
        assert_eq!(quantile(&sorted, 1.0), Some(99));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
