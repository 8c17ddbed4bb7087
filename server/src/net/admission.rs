//! How many connections there may be, and whose.
//!
//! Those that are logged in and those that are not have places of their own. When places of a kind run out, the origin
//! that has the most of them makes room, so that one host cannot shut everyone out and many behind one address may
//! still come at once.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use whoelse_hub::{ConnId, Origin};

use super::outbox::{Encoded, Outbox};
use super::places::{Full, Leaves, Places};

/// Connections that may be logged in: a team many times over, at some 20 KiB each.
const MAX_SESSIONS: usize = 16_384;

/// One origin has at most this part of the places for sessions: half, so that no host, and no translator before a
/// network, fills the server. Loopback is an origin like any other.
const SESSION_SHARE_OF: usize = 2;

/// Connections that may be on their way in: as many as the listener's backlog, so that all who wait there may come.
const MAX_ENTERING: usize = 4_096;

/// Connections that may be on their way out in the place of others.
const MAX_LEAVING: usize = 1_024;

/// Files that the process needs apart from connections: database, logs, listener, and what else is open.
const OTHER_FILES: usize = 64;

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

/// The places of all connections.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    /// What a connection is told that has to make room.
    farewell: Option<Encoded>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    entering: Places<Arc<Outbox>>,
    sessions: Places<Arc<Outbox>>,
    total: usize,
}

impl Admission {
    /// Empty places.
    pub(crate) fn new(limits: Limits, farewell: Option<Encoded>) -> Arc<Self> {
        let entering = Places::new(limits.entering, limits.entering, Leaves::Oldest);
        let share = limits.sessions.div_ceil(SESSION_SHARE_OF);
        let sessions = Places::new(limits.sessions, share, Leaves::Youngest);
        Arc::new(Self { limits, farewell, held: Mutex::new(Held { entering, sessions, total: 0 }) })
    }

    /// Takes a place for a new connection; the one that has to make room is finished.
    ///
    /// # Errors
    /// [`Full`]: all places are taken, and nobody holds more of them than the origin of the newcomer.
    pub(crate) fn enter(self: &Arc<Self>, conn: ConnId, from: IpAddr, outbox: &Arc<Outbox>) -> Result<Place, Full> {
        let origin = Origin::of(from);
        let mut held = self.lock();
        if held.total >= self.limits.total {
            return Err(Full);
        }
        let leaver = held.entering.take(conn.get(), origin, Arc::clone(outbox))?;
        held.total += 1;
        self.say_farewell(leaver);
        Ok(Place { admission: Arc::clone(self), conn, origin, standing: Standing::Entering })
    }

    /// Closes every connection that is not logged in.
    pub(crate) fn close_entering(&self) {
        for outbox in self.lock().entering.guests() {
            outbox.finish(None);
        }
    }

    fn say_farewell(&self, leaver: Option<Arc<Outbox>>) {
        if let Some(outbox) = leaver {
            outbox.finish(self.farewell.clone());
        }
    }

    /// A thread that panics may leave a place taken and nothing worse.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection; free again once it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    conn: ConnId,
    origin: Origin,
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

    /// Whether the connection could log in as things are.
    ///
    /// # Errors
    /// [`Full`]: its origin has its share of the places for sessions, or all are taken and nobody has more of them.
    pub(crate) fn check_session(&self) -> Result<(), Full> {
        self.admission.lock().sessions.check(self.origin)
    }

    /// The connection is logged in; the session that has to make room is finished.
    ///
    /// # Errors
    /// [`Full`], as [`Place::check_session`]: others were quicker.
    pub(crate) fn admit(&mut self) -> Result<(), Full> {
        if self.standing == Standing::Session {
            return Ok(());
        }
        let mut held = self.admission.lock();
        // One that had to make room on its way in is gone.
        let (origin, outbox) = held.entering.leave(self.conn.get()).ok_or(Full)?;
        let leaver = held.sessions.take(self.conn.get(), origin, outbox)?;
        self.standing = Standing::Session;
        self.admission.say_farewell(leaver);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.admission.lock();
        held.entering.leave(self.conn.get());
        held.sessions.leave(self.conn.get());
        held.total -= 1;
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

    /// Enters connection `n` from `from` and logs it in.
    fn log_in(admission: &Arc<Admission>, n: u64, from: &str) -> Result<(Place, Arc<Outbox>), Full> {
        let (mut place, outbox) = enter(admission, n, from)?;
        place.check_session()?;
        place.admit()?;
        Ok((place, outbox))
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
        place.admit().unwrap();
        let (entering, _outbox) = enter(&admission, 2, "10.0.0.1").unwrap();
        assert_eq!(entering.check_session(), Err(Full));
        drop(entering);
        let (entering, _outbox) = enter(&admission, 3, "10.0.0.1").unwrap();
        drop(place);
        assert_eq!(entering.check_session(), Ok(()));
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
    fn one_host_has_half_of_the_sessions_and_no_more() {
        let admission = admission(9, 4);
        let _taken: Vec<_> = (0..2).map(|n| log_in(&admission, n, "127.0.0.1").unwrap()).collect();
        assert_eq!(log_in(&admission, 2, "127.0.0.1").unwrap_err(), Full);
        assert!(log_in(&admission, 3, "127.0.0.77").is_ok());
    }

    #[test]
    fn the_youngest_session_of_the_host_with_the_most_makes_room_and_is_told() {
        let admission = admission(9, 5);
        let mut sessions: Vec<_> = (0..3).map(|n| log_in(&admission, n, "10.0.0.1").unwrap()).collect();
        sessions.extend((3..5).map(|n| log_in(&admission, n, "10.0.0.2").unwrap()));

        let newcomer = log_in(&admission, 5, "10.0.0.3").unwrap();

        assert_eq!(told(&sessions[2].1), Some(vec![9]));
        for (_, outbox) in [&sessions[0], &sessions[1], &sessions[3], &sessions[4], &newcomer] {
            assert_eq!(told(outbox), None);
        }
        // The one that made room closes: its place is another's, and is not freed twice.
        sessions.remove(2);
        assert_eq!(log_in(&admission, 6, "10.0.0.2").unwrap_err(), Full);
        assert!(log_in(&admission, 7, "10.0.0.3").is_err(), "each has as many");
    }

    #[test]
    fn of_two_who_may_log_in_the_slower_finds_the_place_taken() {
        let admission = admission(9, 1);
        let mut quick = enter(&admission, 0, "10.0.0.1").unwrap();
        let mut slow = enter(&admission, 1, "10.0.0.2").unwrap();
        assert_eq!((quick.0.check_session(), slow.0.check_session()), (Ok(()), Ok(())));
        quick.0.admit().unwrap();
        assert_eq!(slow.0.admit(), Err(Full));
        assert_eq!(told(&quick.1), None);
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
        place.admit().unwrap();
        let (_entering, outbox) = enter(&admission, 1, "10.0.0.1").unwrap();
        admission.close_entering();
        assert_eq!(told(&outbox), Some(vec![]));
        assert_eq!(told(&session), None);
    }
}
