//! How many connections there may be, and whose.
//!
//! Those that are not logged in have places of their own. When these run out, the address that holds the most of
//! them makes room, so that one host cannot shut everyone out and many behind one address may still come at once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use whoelse_hub::ConnId;

use super::outbox::{Encoded, Outbox};

/// Connections that may be logged in: a team many times over, at some 20 KiB each.
const MAX_SESSIONS: usize = 16_384;

/// Connections that may be on their way in: as many as the listener's backlog, so that all who wait there may come.
const MAX_ENTERING: usize = 4_096;

/// Connections that may be on their way out in the place of others.
const MAX_LEAVING: usize = 1_024;

/// Files that the process needs apart from connections: database, logs, listener, and what else is open.
const OTHER_FILES: usize = 64;

/// Bits of an IPv6 address that name a customer and not a host (RFC 6177): one holder has 2^64 addresses.
const IPV6_HOST_BITS: u32 = 64;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Logged in.
    pub(crate) sessions: usize,
    /// Not logged in.
    pub(crate) entering: usize,
    /// In all, those on their way out included.
    pub(crate) total: usize,
}

impl Limits {
    /// What a process with so many open files can hold.
    pub(crate) fn for_files(files: u64) -> Self {
        let places = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES).max(4);
        let entering = MAX_ENTERING.min(places / 4);
        let leaving = MAX_LEAVING.min(places / 16);
        let sessions = MAX_SESSIONS.min(places - entering - leaving);
        Self { sessions, entering, total: sessions + entering + leaving }
    }
}

/// Whose connection it is: an IPv4 address, or an IPv6 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin(u128);

impl Origin {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().to_bits()),
            IpAddr::V6(v6) => Self(v6.to_bits() >> IPV6_HOST_BITS << IPV6_HOST_BITS),
        }
    }
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The places of all connections.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    /// What a connection is told that has to make room.
    farewell: Option<Encoded>,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    entering: BTreeMap<ConnId, (Origin, Arc<Outbox>)>,
    by_origin: BTreeMap<Origin, BTreeSet<ConnId>>,
    /// Origins with how many of theirs are entering.
    ranking: BTreeSet<(usize, Origin)>,
    sessions: usize,
    total: usize,
}

impl Admission {
    /// Empty places.
    pub(crate) fn new(limits: Limits, farewell: Option<Encoded>) -> Arc<Self> {
        Arc::new(Self { limits, farewell, places: Mutex::default() })
    }

    /// Takes a place for a new connection; the one that has to make room is finished.
    ///
    /// # Errors
    /// [`Full`]: all places are taken, and nobody holds more of them than the address of the newcomer.
    pub(crate) fn enter(self: &Arc<Self>, conn: ConnId, from: IpAddr, outbox: &Arc<Outbox>) -> Result<Place, Full> {
        let origin = Origin::of(from);
        let mut places = self.lock();
        if places.total >= self.limits.total {
            return Err(Full);
        }
        if places.entering.len() >= self.limits.entering {
            let oldest = places.oldest_of_largest(origin).ok_or(Full)?;
            if let Some(outbox) = places.leave_entering(oldest) {
                outbox.finish(self.farewell.clone());
            }
        }
        places.total += 1;
        places.count(origin, |conns| conns.insert(conn));
        places.entering.insert(conn, (origin, Arc::clone(outbox)));
        Ok(Place { admission: Arc::clone(self), conn, standing: Standing::Entering })
    }

    /// Whether one more may log in.
    pub(crate) fn check_sessions(&self) -> Result<(), Full> {
        if self.lock().sessions < self.limits.sessions { Ok(()) } else { Err(Full) }
    }

    /// Closes every connection that is not logged in.
    pub(crate) fn close_entering(&self) {
        for (_, outbox) in self.lock().entering.values() {
            outbox.finish(None);
        }
    }

    /// A thread that panics may leave a place taken and nothing worse.
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    /// The oldest connection of the origin with the most, if that is not the newcomer's own.
    fn oldest_of_largest(&self, newcomer: Origin) -> Option<ConnId> {
        let (most, largest) = self.ranking.last()?;
        let own = self.by_origin.get(&newcomer).map_or(0, BTreeSet::len);
        if own >= *most {
            return None;
        }
        self.by_origin.get(largest)?.first().copied()
    }

    /// Changes the connections of an origin and ranks it anew.
    fn count(&mut self, origin: Origin, change: impl FnOnce(&mut BTreeSet<ConnId>) -> bool) {
        let conns = self.by_origin.entry(origin).or_default();
        self.ranking.remove(&(conns.len(), origin));
        change(conns);
        if conns.is_empty() {
            self.by_origin.remove(&origin);
        } else {
            self.ranking.insert((conns.len(), origin));
        }
    }

    /// A connection is not on its way in any more, if it was.
    fn leave_entering(&mut self, conn: ConnId) -> Option<Arc<Outbox>> {
        let (origin, outbox) = self.entering.remove(&conn)?;
        self.count(origin, |conns| conns.remove(&conn));
        Some(outbox)
    }
}

/// The place of one connection; free again once it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    conn: ConnId,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Entering,
    Session,
}

impl Place {
    /// Whose it is.
    pub(crate) const fn conn(&self) -> ConnId {
        self.conn
    }

    /// The connection is logged in.
    pub(crate) fn admit(&mut self) {
        let mut places = self.admission.lock();
        places.leave_entering(self.conn);
        if self.standing == Standing::Entering {
            places.sessions += 1;
            self.standing = Standing::Session;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.admission.lock();
        places.leave_entering(self.conn);
        places.total -= 1;
        if self.standing == Standing::Session {
            places.sessions -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::net::outbox::{Order, Taken};

    fn admission(entering: usize, sessions: usize) -> Arc<Admission> {
        Admission::new(Limits { sessions, entering, total: sessions + entering + 2 }, Some([9].into()))
    }

    /// Enters connection `n` from `from`.
    fn enter(admission: &Arc<Admission>, n: u64, from: &str) -> Result<(Place, Arc<Outbox>), Full> {
        let outbox = Arc::new(Outbox::default());
        let place = admission.enter(ConnId::new(n), from.parse().unwrap(), &outbox)?;
        Ok((place, outbox))
    }

    /// What a connection is told, until its close.
    fn told(outbox: &Outbox) -> Option<Vec<u8>> {
        let cx = &mut Context::from_waker(Waker::noop());
        outbox.poll_finished(cx).is_ready().then(|| {
            let mut out = Vec::new();
            while outbox.poll_take(cx, &mut out) != Poll::Ready(Taken::Order(Order::Close)) {}
            out
        })
    }

    #[test]
    fn one_host_may_take_every_place_and_no_more() {
        let admission = admission(3, 1);
        let taken: Vec<_> = (0..3).map(|n| enter(&admission, n, "10.0.0.1").unwrap()).collect();
        assert_eq!(enter(&admission, 3, "10.0.0.1").unwrap_err(), Full);
        assert!(taken.iter().all(|(_, outbox)| told(outbox).is_none()));
    }

    #[test]
    fn the_oldest_of_the_host_with_the_most_makes_room_for_another_host() {
        let admission = admission(3, 1);
        let first = enter(&admission, 0, "10.0.0.1").unwrap();
        let second = enter(&admission, 1, "10.0.0.1").unwrap();
        let other = enter(&admission, 2, "10.0.0.2").unwrap();

        let newcomer = enter(&admission, 3, "10.0.0.3").unwrap();

        assert_eq!(told(&first.1), Some(vec![9]));
        for (_, outbox) in [&second, &other, &newcomer] {
            assert_eq!(told(outbox), None);
        }
        assert_eq!(enter(&admission, 4, "10.0.0.2").unwrap_err(), Full);
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one_host() {
        let admission = admission(2, 1);
        let first = enter(&admission, 0, "2001:db8::1").unwrap();
        let _second = enter(&admission, 1, "2001:db8::2").unwrap();
        assert_eq!(enter(&admission, 2, "2001:db8::3").unwrap_err(), Full);
        let _other = enter(&admission, 3, "::ffff:10.0.0.1").unwrap();
        assert_eq!(told(&first.1), Some(vec![9]));
    }

    #[test]
    fn places_are_free_again_once_their_connections_are_admitted_or_gone() {
        let admission = admission(1, 1);
        let (mut place, _outbox) = enter(&admission, 0, "10.0.0.1").unwrap();
        assert!(enter(&admission, 1, "10.0.0.1").is_err());
        place.admit();
        assert_eq!(admission.check_sessions(), Err(Full));
        let (entering, _outbox) = enter(&admission, 2, "10.0.0.1").unwrap();
        drop(entering);
        let _place = enter(&admission, 3, "10.0.0.1").unwrap();
        drop(place);
        assert_eq!(admission.check_sessions(), Ok(()));
    }

    #[test]
    fn those_on_their_way_out_count_until_they_are_gone() {
        let admission = admission(1, 1);
        let mut held: Vec<_> = (0..4).map(|n| enter(&admission, n, &format!("10.0.0.{n}")).unwrap()).collect();
        assert_eq!(held.iter().filter(|(_, outbox)| told(outbox).is_some()).count(), 3);
        assert_eq!(enter(&admission, 4, "10.0.0.4").unwrap_err(), Full);
        held.remove(0);
        assert!(enter(&admission, 5, "10.0.0.5").is_ok());
    }

    #[test]
    fn the_limits_follow_the_files_that_the_process_may_open() {
        let large = Limits::for_files(1_000_000);
        assert_eq!((large.sessions, large.entering), (MAX_SESSIONS, MAX_ENTERING));
        let usual = Limits::for_files(1024);
        assert!(usual.total <= 1024 - OTHER_FILES && usual.sessions > 600, "{usual:?}");
        let tiny = Limits::for_files(0);
        assert!(tiny.entering >= 1 && tiny.sessions >= 1, "{tiny:?}");
    }

    #[test]
    fn closing_all_who_are_entering_spares_those_logged_in() {
        let admission = admission(2, 1);
        let (mut place, session) = enter(&admission, 0, "10.0.0.1").unwrap();
        place.admit();
        let (_entering, outbox) = enter(&admission, 1, "10.0.0.1").unwrap();
        admission.close_entering();
        assert_eq!(told(&outbox), Some(vec![]));
        assert_eq!(told(&session), None);
    }
}
