//! What Linux says of processes and of the machine.

use std::fs::read_to_string;
use std::ops::Sub;

/// CPU time in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) user: f64,
    pub(crate) system: f64,
}

impl Cpu {
    pub(crate) fn sum(self) -> f64 {
        self.user + self.system
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self { user: self.user - earlier.user, system: self.system - earlier.system }
    }
}

/// Memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Resident.
    pub(crate) rss: u64,
    /// Resident, shared pages divided among those who share them.
    pub(crate) pss: u64,
}

/// Clock ticks in a second: the unit of CPU time in `/proc`.
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// CPU time that these processes have used so far. One that is gone counts as none.
pub(crate) fn cpu(pids: &[u32]) -> Cpu {
    let mut total = Cpu::default();
    for pid in pids {
        let stat = read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The program's name, in parentheses, may hold spaces; user and system time are the 12th and 13th behind it.
        let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let mut times = behind_name.split_whitespace().skip(11).map(|ticks| ticks.parse::<f64>().unwrap_or_default());
        total.user += times.next().unwrap_or_default() / ticks_per_second();
        total.system += times.next().unwrap_or_default() / ticks_per_second();
    }
    total
}

/// Memory that these processes hold.
pub(crate) fn memory(pids: &[u32]) -> Memory {
    let number = |text: &str, key: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
    };
    let mut total = Memory::default();
    for pid in pids {
        let read = |file: &str| read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        total.rss += number(&read("status"), "VmRSS:");
        total.pss += number(&read("smaps_rollup"), "Pss:");
    }
    total
}

/// Seconds for which the cores of the machine have been busy so far, with whatever.
pub(crate) fn busy() -> f64 {
    let stat = read_to_string("/proc/stat").unwrap_or_default();
    let cores = stat.lines().skip(1).take_while(|line| line.starts_with("cpu"));
    let ticks = cores.map(|line| {
        let times: Vec<f64> = line.split_whitespace().skip(1).map(|time| time.parse().unwrap_or_default()).collect();
        // user, nice, system, then without idle and waiting: interrupts, steal.
        [0, 1, 2, 5, 6, 7].iter().filter_map(|&at| times.get(at)).sum::<f64>()
    });
    ticks.sum::<f64>() / ticks_per_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_time_and_memory() {
        let own = [std::process::id()];
        let before = cpu(&own);
        let mut sum = 0_u64;
        while (cpu(&own) - before).sum() == 0.0 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(memory(&own).rss > 0);
        assert!(busy() > 0.0);
    }

    #[test]
    fn a_process_that_is_gone_counts_as_nothing() {
        assert_eq!(memory(&[u32::MAX]).rss, 0);
        assert!(cpu(&[u32::MAX]).sum() == 0.0);
    }
}
