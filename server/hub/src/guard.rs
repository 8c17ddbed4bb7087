//! What stands between an account and somebody who guesses its password.
//!
//! Everybody whom the account does not know shares three tries in a row; then the name is locked for them. A device that
//! was logged in before shows its pass and has three tries of its own, so that strangers cannot lock it out.

use std::collections::{BTreeMap, VecDeque};

use whoelse_proto::limits::{MAX_LOGIN_TRIES, MAX_OPEN_LOGINS_PER_NAME};
use whoelse_proto::{MissedTries, Seconds, Timestamp};

use crate::command::{ConnId, PassHash};

/// Devices of one account that are known; beyond that the one that was not used for longest is forgotten.
const MAX_KNOWN_DEVICES: usize = 8;

/// Who tries a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trier {
    /// Somebody who shows no pass of this account.
    Stranger,
    /// A device that was logged in before.
    Device(PassHash),
}

impl Trier {
    /// The device, if it is known.
    pub(crate) const fn device(self) -> Option<PassHash> {
        match self {
            Self::Stranger => None,
            Self::Device(pass) => Some(pass),
        }
    }
}

/// What a failed try leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The name may be tried again this often.
    TriesLeft(u8),
    /// The name is locked for this time.
    Locked(Seconds),
}

/// Whether a try may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It has begun.
    Open,
    /// The tries that are open could use up all that are left: it waits for their end.
    Wait,
    /// Not for this time.
    Locked(Seconds),
}

/// Failed tries in a row, the lock that they lead to, and tries that have not ended.
#[derive(Debug, Default)]
struct Tries {
    failures: u8,
    open: u8,
    locked_until: Timestamp,
}

impl Tries {
    fn locked(&self, now: Timestamp) -> Option<Seconds> {
        (now < self.locked_until).then(|| self.locked_until.seconds_since(now))
    }

    /// Begins a try, if there is one left beside those that are open.
    fn open(&mut self, now: Timestamp) -> Entry {
        if let Some(left) = self.locked(now) {
            return Entry::Locked(left);
        }
        if self.failures.saturating_add(self.open) >= MAX_LOGIN_TRIES {
            return Entry::Wait;
        }
        self.open += 1;
        Entry::Open
    }

    /// Counts a failed try; one during a lock does not count.
    fn fail(&mut self, lock: Seconds, now: Timestamp) -> Failure {
        if let Some(left) = self.locked(now) {
            return Failure::Locked(left);
        }
        self.failures += 1;
        if self.failures < MAX_LOGIN_TRIES {
            return Failure::TriesLeft(MAX_LOGIN_TRIES - self.failures);
        }
        self.failures = 0;
        if lock == Seconds::default() {
            return Failure::TriesLeft(MAX_LOGIN_TRIES);
        }
        self.locked_until = now.plus(lock);
        Failure::Locked(lock)
    }

    fn lift(&mut self) {
        self.failures = 0;
        self.locked_until = Timestamp::default();
    }
}

#[derive(Debug, Default)]
struct Device {
    used_at: Timestamp,
    tries: Tries,
}

/// The guard of one account.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    /// Of strangers. Failures of known devices count here as well: the name is locked for strangers whoever fails.
    strangers: Tries,
    devices: BTreeMap<PassHash, Device>,
    /// Strangers whose try waits for the end of another.
    waiting: VecDeque<ConnId>,
    missed: Option<MissedTries>,
}

impl Guard {
    /// A guard that knows these devices, each with its last use, and of these wrong passwords.
    pub(crate) fn new(devices: BTreeMap<PassHash, Timestamp>, missed: Option<MissedTries>) -> Self {
        let device = |(pass, used_at)| (pass, Device { used_at, tries: Tries::default() });
        Self { devices: devices.into_iter().map(device).collect(), missed, ..Self::default() }
    }

    /// Who it is that shows this pass.
    pub(crate) fn trier(&self, shown: Option<PassHash>) -> Trier {
        shown.filter(|pass| self.devices.contains_key(pass)).map_or(Trier::Stranger, Trier::Device)
    }

    /// Of a device that was forgotten meanwhile: as of strangers.
    fn tries(&mut self, trier: Trier) -> &mut Tries {
        match trier {
            Trier::Stranger => &mut self.strangers,
            Trier::Device(pass) => self.devices.get_mut(&pass).map_or(&mut self.strangers, |device| &mut device.tries),
        }
    }

    /// Begins a try, if it may.
    pub(crate) fn open(&mut self, trier: Trier, now: Timestamp) -> Entry {
        self.tries(trier).open(now)
    }

    /// What is left of a lock.
    pub(crate) fn locked(&mut self, trier: Trier, now: Timestamp) -> Option<Seconds> {
        self.tries(trier).locked(now)
    }

    /// A try is over, however it ended.
    pub(crate) fn close(&mut self, of: Trier) {
        let tries = self.tries(of);
        tries.open = tries.open.saturating_sub(1);
    }

    /// A try failed.
    pub(crate) fn fail(&mut self, trier: Trier, lock: Seconds, now: Timestamp) -> Failure {
        let count = self.missed.map_or(0, |missed| missed.count).saturating_add(1);
        self.missed = Some(MissedTries { count, last: now });
        let failure = self.tries(trier).fail(lock, now);
        match trier {
            Trier::Stranger => {}
            Trier::Device(_) => _ = self.strangers.fail(lock, now),
        }
        failure
    }

    /// A right password: the count starts again.
    pub(crate) fn succeed(&mut self, trier: Trier) {
        self.tries(trier).failures = 0;
        self.strangers.failures = 0;
    }

    /// Lets a connection wait for the end of another's try. Too many are not let.
    pub(crate) fn wait(&mut self, conn: ConnId) -> Result<(), TooMany> {
        if self.waiting.len() + usize::from(MAX_LOGIN_TRIES) >= MAX_OPEN_LOGINS_PER_NAME {
            return Err(TooMany);
        }
        self.waiting.push_back(conn);
        Ok(())
    }

    /// A connection waits no more.
    pub(crate) fn leave(&mut self, conn: ConnId) {
        self.waiting.retain(|waiting| *waiting != conn);
    }

    /// The next connection that need not wait any more: there is a try for it, or it is to be refused.
    pub(crate) fn next_waiting(&mut self, now: Timestamp) -> Option<ConnId> {
        let tries = &self.strangers;
        let goes_on = tries.locked(now).is_some() || tries.failures.saturating_add(tries.open) < MAX_LOGIN_TRIES;
        if goes_on { self.waiting.pop_front() } else { None }
    }

    /// Wrong passwords since the last login; from here on none are known.
    pub(crate) fn take_missed(&mut self) -> Option<MissedTries> {
        self.missed.take()
    }

    /// Wrong passwords since the last login.
    pub(crate) const fn missed(&self) -> Option<MissedTries> {
        self.missed
    }

    /// A device logged in. Gives the device that is forgotten for it.
    pub(crate) fn remember(&mut self, pass: PassHash, now: Timestamp) -> Option<PassHash> {
        self.devices.entry(pass).or_default().used_at = now;
        if self.devices.len() <= MAX_KNOWN_DEVICES {
            return None;
        }
        let others = self.devices.iter().filter(|(other, _)| **other != pass);
        let oldest = others.min_by_key(|(_, device)| device.used_at).map(|(other, _)| *other)?;
        self.devices.remove(&oldest);
        Some(oldest)
    }

    /// The password is another: no device is known.
    pub(crate) fn forget_devices(&mut self) {
        self.devices.clear();
    }

    /// The password is another: only the device on which it was changed is known.
    pub(crate) fn keep_device(&mut self, pass: Option<PassHash>) {
        self.devices.retain(|known, _| Some(*known) == pass);
    }

    /// No try is open and nobody waits for one: the connections that tried are sent away.
    pub(crate) fn drop_tries(&mut self) {
        self.strangers.open = 0;
        self.waiting.clear();
        for device in self.devices.values_mut() {
            device.tries.open = 0;
        }
    }

    /// The administrator lifts every lock.
    pub(crate) fn unlock(&mut self) {
        self.strangers.lift();
        for device in self.devices.values_mut() {
            device.tries.lift();
        }
    }
}

/// More wait than may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);
    const LOCK: Seconds = Seconds::new(60);
    const STRANGER: Trier = Trier::Stranger;

    fn pass(n: u8) -> PassHash {
        PassHash::from_bytes([n; 32])
    }

    fn fail(guard: &mut Guard, trier: Trier) -> Failure {
        assert_eq!(guard.open(trier, NOW), Entry::Open);
        guard.close(trier);
        guard.fail(trier, LOCK, NOW)
    }

    #[test]
    fn a_known_device_may_try_while_strangers_have_locked_the_name() {
        let mut guard = Guard::new(BTreeMap::from([(pass(1), NOW)]), None);
        for _ in 0..3 {
            fail(&mut guard, STRANGER);
        }
        assert_eq!(guard.open(STRANGER, NOW), Entry::Locked(LOCK));
        assert_eq!(guard.trier(Some(pass(2))), STRANGER);
        let device = guard.trier(Some(pass(1)));
        assert_eq!(fail(&mut guard, device), Failure::TriesLeft(2));
        assert_eq!(fail(&mut guard, device), Failure::TriesLeft(1));
        assert_eq!(fail(&mut guard, device), Failure::Locked(LOCK));
        assert_eq!(guard.open(device, NOW), Entry::Locked(LOCK));
    }

    #[test]
    fn failures_of_a_known_device_lock_the_name_for_strangers() {
        let mut guard = Guard::new(BTreeMap::from([(pass(1), NOW), (pass(2), NOW)]), None);
        for _ in 0..3 {
            fail(&mut guard, Trier::Device(pass(1)));
        }
        assert_eq!(guard.open(STRANGER, NOW), Entry::Locked(LOCK));
        assert_eq!(guard.open(Trier::Device(pass(2)), NOW), Entry::Open, "another known device");
    }

    #[test]
    fn open_tries_and_failures_together_are_three() {
        let mut guard = Guard::default();
        fail(&mut guard, STRANGER);
        assert_eq!(guard.open(STRANGER, NOW), Entry::Open);
        assert_eq!(guard.open(STRANGER, NOW), Entry::Open);
        assert_eq!(guard.open(STRANGER, NOW), Entry::Wait);
        guard.wait(ConnId::new(7)).unwrap();
        assert_eq!(guard.next_waiting(NOW), None);
        guard.close(STRANGER);
        guard.succeed(STRANGER);
        assert_eq!(guard.next_waiting(NOW), Some(ConnId::new(7)));
    }

    #[test]
    fn who_leaves_the_queue_is_not_let_on_and_the_others_keep_their_places() {
        let mut guard = Guard::default();
        for n in 1..=3 {
            guard.wait(ConnId::new(n)).unwrap();
        }
        guard.leave(ConnId::new(2));
        let next = [(); 3].map(|()| guard.next_waiting(NOW));
        assert_eq!(next, [Some(ConnId::new(1)), Some(ConnId::new(3)), None]);
    }

    #[test]
    fn tries_that_are_dropped_are_there_again_and_nobody_waits_for_them() {
        let mut guard = Guard::new(BTreeMap::from([(pass(1), NOW)]), None);
        for trier in [STRANGER, Trier::Device(pass(1))] {
            while guard.open(trier, NOW) == Entry::Open {}
        }
        guard.wait(ConnId::new(7)).unwrap();
        guard.drop_tries();
        assert_eq!(guard.next_waiting(NOW), None);
        for trier in [STRANGER, Trier::Device(pass(1))] {
            assert_eq!(guard.open(trier, NOW), Entry::Open);
        }
    }

    #[test]
    fn as_many_wait_as_may_be_open_in_all() {
        let mut guard = Guard::default();
        let waiting = (0..99).filter(|&n| guard.wait(ConnId::new(n)).is_ok()).count();
        assert_eq!(waiting, MAX_OPEN_LOGINS_PER_NAME - usize::from(MAX_LOGIN_TRIES));
    }

    #[test]
    fn the_device_that_was_not_used_for_longest_makes_room() {
        let mut guard = Guard::default();
        for n in 0..8 {
            assert_eq!(guard.remember(pass(n), NOW.plus_millis(n.into())), None);
        }
        assert_eq!(guard.remember(pass(0), NOW.plus_millis(99)), None);
        assert_eq!(guard.remember(pass(9), NOW.plus_millis(100)), Some(pass(1)));
        assert_eq!(guard.trier(Some(pass(1))), STRANGER);
        guard.forget_devices();
        assert_eq!(guard.trier(Some(pass(9))), STRANGER);
    }

    #[test]
    fn wrong_passwords_are_counted_until_they_are_told() {
        let mut guard = Guard::default();
        for _ in 0..4 {
            guard.fail(STRANGER, LOCK, NOW);
        }
        assert_eq!(guard.take_missed(), Some(MissedTries { count: 4, last: NOW }));
        assert_eq!(guard.take_missed(), None);
    }
}
