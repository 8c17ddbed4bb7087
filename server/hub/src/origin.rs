//! Where a connection comes from, and how many wrong passwords came from there.

use core::net::IpAddr;
use std::collections::BTreeMap;

use whoelse_proto::{Seconds, Timestamp};

/// Bits of an IPv6 address that a host chooses by itself (RFC 4291, section 2.5.4): they tell no two hosts apart.
const IPV6_HOST_BITS: u32 = 64;

/// Whose connection it is: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(u128);

impl Origin {
    /// Of an address, also of an IPv4 address that came through an IPv6 socket.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().to_bits()),
            IpAddr::V6(v6) => Self(v6.to_bits() >> IPV6_HOST_BITS << IPV6_HOST_BITS),
        }
    }
}

/// Wrong passwords that one origin may give, for whatever names, before it has to wait: a classroom behind one address
/// in which everybody mistypes twice.
const MAX_ORIGIN_FAILURES: u64 = 60;

/// Milliseconds after which an origin may give one more wrong password.
const FAILURE_FORGOTTEN_AFTER_MS: u64 = 10_000;

/// Origins that are remembered; beyond that the one with the fewest wrong passwords is forgotten.
const MAX_ORIGINS: usize = 4_096;

/// The wrong passwords of each origin, which are forgotten one by one.
///
/// Kept as the moment at which the last of them is forgotten, so that nothing has to be counted down.
#[derive(Debug, Default)]
pub(crate) struct OriginFailures(BTreeMap<Origin, Timestamp>);

impl OriginFailures {
    /// How long an origin has to wait before it may try a password, if it has to.
    pub(crate) fn refused(&self, origin: Origin, now: Timestamp) -> Option<Seconds> {
        let forgotten_at = self.0.get(&origin)?.millis();
        let allowed = (MAX_ORIGIN_FAILURES - 1) * FAILURE_FORGOTTEN_AFTER_MS;
        let wait = forgotten_at.saturating_sub(now.millis()).saturating_sub(allowed);
        (wait > 0).then(|| Seconds::new(wait.div_ceil(1000)))
    }

    /// Counts a wrong password.
    pub(crate) fn count(&mut self, origin: Origin, now: Timestamp) {
        if !self.0.contains_key(&origin) && self.0.len() >= MAX_ORIGINS {
            self.make_room(now);
        }
        let forgotten_at = self.0.entry(origin).or_insert(now);
        *forgotten_at = (*forgotten_at).max(now).plus_millis(FAILURE_FORGOTTEN_AFTER_MS);
    }

    fn make_room(&mut self, now: Timestamp) {
        self.0.retain(|_, forgotten_at| *forgotten_at > now);
        if self.0.len() >= MAX_ORIGINS
            && let Some(origin) = self.0.iter().min_by_key(|(_, at)| **at).map(|(origin, _)| *origin)
        {
            self.0.remove(&origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);

    fn origin(raw: &str) -> Origin {
        Origin::of(raw.parse().unwrap())
    }

    #[test]
    fn an_ipv6_network_is_one_origin_and_an_ipv4_address_is_one_however_it_came() {
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:2"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }

    #[test]
    fn an_origin_waits_after_too_many_wrong_passwords_and_others_do_not() {
        let mut failures = OriginFailures::default();
        let (guesser, other) = (origin("192.0.2.1"), origin("192.0.2.2"));
        for _ in 1..MAX_ORIGIN_FAILURES {
            failures.count(guesser, NOW);
            assert_eq!(failures.refused(guesser, NOW), None);
        }
        failures.count(guesser, NOW);
        assert_eq!(failures.refused(guesser, NOW), Some(Seconds::new(10)));
        assert_eq!(failures.refused(other, NOW), None);
        assert_eq!(failures.refused(guesser, NOW.plus_millis(FAILURE_FORGOTTEN_AFTER_MS)), None);
        let later = NOW.plus_millis(MAX_ORIGIN_FAILURES * FAILURE_FORGOTTEN_AFTER_MS);
        failures.count(guesser, later);
        assert_eq!(failures.refused(guesser, later), None, "all is forgotten");
    }

    /// As many origins as are remembered, each of which failed once.
    fn full() -> OriginFailures {
        let mut failures = OriginFailures::default();
        for n in 0..u32::try_from(MAX_ORIGINS).unwrap() {
            failures.count(numbered(n), NOW);
        }
        failures
    }

    fn numbered(n: u32) -> Origin {
        Origin::of(core::net::Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn however_many_origins_fail_few_are_remembered_and_the_worst_is_among_them() {
        let mut failures = full();
        let worst = origin("192.0.2.1");
        for _ in 0..MAX_ORIGIN_FAILURES {
            failures.count(worst, NOW);
        }
        for n in 0..32 {
            failures.count(numbered(0xC633_6400 + n), NOW);
        }
        assert_eq!(failures.0.len(), MAX_ORIGINS);
        assert!(failures.refused(worst, NOW).is_some());
    }

    #[test]
    fn an_origin_that_fails_again_makes_nobody_forgotten() {
        let mut failures = full();
        failures.count(numbered(3), NOW);
        assert_eq!(failures.0.len(), MAX_ORIGINS);
    }

    #[test]
    fn whoever_has_nothing_against_them_any_more_makes_room() {
        let mut failures = full();
        failures.count(origin("192.0.2.1"), NOW.plus_millis(FAILURE_FORGOTTEN_AFTER_MS));
        assert_eq!(failures.0.len(), 1);
    }
}
