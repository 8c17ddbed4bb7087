//! How fast accounts are made.

use core::net::IpAddr;
use std::collections::BTreeMap;

use whoelse_proto::{Seconds, Timestamp};

use super::bucket::Bucket;
use super::limits::{Limits, MAX_ORIGINS};
use super::seconds;
use crate::origin::Origin;

/// The accounts made lately, in all and from each address.
#[derive(Debug, Default)]
pub(crate) struct Registrations {
    all: Bucket,
    origins: BTreeMap<Origin, Bucket>,
}

impl Registrations {
    /// Counts an account that is about to be made from an address.
    ///
    /// # Errors
    /// How long to wait; nothing is counted.
    pub(crate) fn take(&mut self, from: IpAddr, limits: &Limits, now: Timestamp) -> Result<(), Seconds> {
        let origin = Origin::of(from);
        let mut own = self.origins.get(&origin).copied().unwrap_or_default();
        let share = limits.accounts_of_origin();
        if let Some(rate) = share {
            own.take(rate, now).map_err(seconds)?;
        }
        self.all.take(limits.accounts_of_all(), now).map_err(seconds)?;
        if share.is_some() {
            self.make_room(now);
            self.origins.insert(origin, own);
        }
        Ok(())
    }

    /// Forgets whoever has a whole share again; beyond the bound, anybody.
    fn make_room(&mut self, now: Timestamp) {
        if self.origins.len() >= MAX_ORIGINS {
            self.origins.retain(|_, bucket| !bucket.is_full(now));
        }
        while self.origins.len() >= MAX_ORIGINS {
            self.origins.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);
    const LIMITS: Limits = Limits { accounts_per_hour: 5, ..Limits::DEFAULT };

    fn from(raw: &str) -> IpAddr {
        raw.parse().unwrap()
    }

    #[test]
    fn one_address_makes_so_many_accounts_an_hour_and_others_are_not_held_up() {
        let mut registrations = Registrations::default();
        for _ in 0..5 {
            assert_eq!(registrations.take(from("10.0.0.1"), &LIMITS, NOW), Ok(()));
        }
        assert_eq!(registrations.take(from("10.0.0.1"), &LIMITS, NOW), Err(Seconds::new(720)));
        assert_eq!(registrations.take(from("10.0.0.2"), &LIMITS, NOW), Ok(()));
        let later = NOW.plus_millis(720_000);
        assert_eq!(registrations.take(from("10.0.0.1"), &LIMITS, later), Ok(()));
    }

    #[test]
    fn however_many_addresses_make_accounts_few_are_remembered_and_none_with_a_whole_share() {
        let mut registrations = Registrations::default();
        let many = Limits { accounts_at_once: u32::MAX, ..LIMITS };
        let mut made_from = |addresses: std::ops::Range<usize>, now| {
            for n in addresses {
                let address = core::net::Ipv4Addr::from_bits(u32::try_from(n).unwrap());
                registrations.take(address.into(), &many, now).unwrap();
            }
            registrations.origins.len()
        };
        assert_eq!(made_from(0..MAX_ORIGINS, NOW), MAX_ORIGINS);
        assert_eq!(made_from(MAX_ORIGINS..MAX_ORIGINS + 9, NOW.plus_millis(1_000)), MAX_ORIGINS);
        assert_eq!(made_from(0..1, NOW.plus_millis(720_000)), 10, "those of a second ago have used theirs");
    }

    #[test]
    fn where_one_address_may_make_any_number_all_together_still_make_one_a_second() {
        let mut registrations = Registrations::default();
        let any = Limits { accounts_per_hour: 0, ..Limits::DEFAULT };
        let made = |registrations: &mut Registrations, now| {
            (0..250).filter(|_| registrations.take(from("10.0.0.1"), &any, now).is_ok()).count()
        };
        assert_eq!(made(&mut registrations, NOW), 200);
        assert_eq!(made(&mut registrations, NOW.plus_millis(3_000)), 3);
    }

    #[test]
    fn as_many_as_the_administrator_says_are_made_at_once_by_all_addresses_together() {
        let mut registrations = Registrations::default();
        let limits = Limits { accounts_at_once: 3, ..Limits::DEFAULT };
        let mut take = |n: u8, now| registrations.take(from(&format!("10.0.2.{n}")), &limits, now);
        assert_eq!([1, 2, 3].map(|n| take(n, NOW)), [Ok(()); 3]);
        assert_eq!(take(4, NOW), Err(Seconds::new(1)));
        let later = NOW.plus_millis(1_000);
        assert_eq!((take(4, later), take(5, later)), (Ok(()), Err(Seconds::new(1))));
        let much_later = NOW.plus_millis(60_000);
        assert_eq!((6..20).filter(|n| take(*n, much_later).is_ok()).count(), 3, "never more at once");
    }

    #[test]
    fn the_addresses_of_an_ipv6_network_share_one_share() {
        let mut registrations = Registrations::default();
        for n in 0..5 {
            assert_eq!(registrations.take(from(&format!("2001:db8::{n}")), &LIMITS, NOW), Ok(()));
        }
        assert!(registrations.take(from("2001:db8::ffff:1"), &LIMITS, NOW).is_err());
    }

    #[test]
    fn many_addresses_together_make_two_hundred_at_once_and_one_a_second() {
        let mut registrations = Registrations::default();
        let made = |registrations: &mut Registrations, now| {
            (0..250).filter(|n| registrations.take(from(&format!("10.0.1.{n}")), &LIMITS, now).is_ok()).count()
        };
        assert_eq!(made(&mut registrations, NOW), 200);
        assert_eq!(made(&mut registrations, NOW.plus_millis(3_000)), 3);
    }
}
