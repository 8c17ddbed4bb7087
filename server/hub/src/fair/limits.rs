//! Every bound of a fair share.

use super::bucket::Rate;

/// What an administrator may set (`docs/OPERATING.md`, Fair shares).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// KiB of messages a second that one user may send in the long run; half a minute's worth may come at once. 0 slows
    /// nobody down.
    pub send_kib_per_second: u32,
    /// Accounts that may be made from one address in an hour. 0 is any number.
    pub accounts_per_hour: u32,
    /// Accounts that may be made at once from all addresses together; then one a second.
    pub accounts_at_once: u32,
    /// Messages that may wait for one user.
    pub inbox_messages: u32,
    /// Bytes of text that may wait for one user.
    pub inbox_bytes: u64,
}

impl Limits {
    /// What holds if nothing else is asked for: more than people and well-meant programs need.
    pub const DEFAULT: Self = Self {
        send_kib_per_second: 1024,
        accounts_per_hour: 200,
        accounts_at_once: 200,
        inbox_messages: 20_000,
        inbox_bytes: 20 * 1024 * 1024,
    };

    /// How fast one user may send, in bytes: to a tenth up to 100 MiB a second, which is more than a line carries.
    pub(crate) fn sends(&self) -> Option<Rate> {
        let bytes = u64::from(self.send_kib_per_second) * 1024;
        (bytes > 0).then(|| Rate { every_ns: (NANOS_PER_SECOND / bytes).max(1), burst: bytes * SEND_BURST_S })
    }

    /// How fast accounts may be made from one address: an hour's worth at once, for a classroom.
    pub(crate) fn accounts_of_origin(&self) -> Option<Rate> {
        let each = u64::from(self.accounts_per_hour);
        (each > 0).then(|| Rate { every_ns: 3_600 * NANOS_PER_SECOND / each, burst: each })
    }

    /// How fast accounts may be made from all addresses together.
    pub(crate) fn accounts_of_all(&self) -> Rate {
        Rate { every_ns: NANOS_PER_SECOND, burst: u64::from(self.accounts_at_once).max(1) }
    }

    /// Messages of one sender that may wait for one user: no one fills an inbox alone.
    pub(crate) fn messages_of_sender(&self) -> u32 {
        (self.inbox_messages / 2).max(1)
    }

    /// Bytes of one sender that may wait for one user; one text of any length always may.
    pub(crate) fn bytes_of_sender(&self) -> u64 {
        (self.inbox_bytes / 10).max(whoelse_proto::limits::MAX_TEXT_BYTES as u64)
    }
}

/// Nanoseconds of a second.
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Seconds' worth of messages that may come at once.
const SEND_BURST_S: u64 = 30;

/// Bytes that a message counts beside its text: what it costs to carry one.
pub(super) const MESSAGE_BYTES: u64 = 100;

/// Requests of one user beside messages, whether they are refused or not: a hundred a second, and a thousand at once.
pub(super) const WALKS: Rate = Rate { every_ns: NANOS_PER_SECOND / 100, burst: 1_000 };

/// Times that one device makes itself known: each may be told to hundreds of peers.
pub(super) const PUBLISHES: Rate = Rate { every_ns: NANOS_PER_SECOND, burst: 20 };

/// Questions for private sessions that one user may put: each rings at somebody's desk.
pub(super) const QUESTIONS: Rate = Rate { every_ns: NANOS_PER_SECOND, burst: 5 };

/// Introductions to holders of files: a download from many holders, and then two a second.
pub(super) const FETCHES: Rate = Rate { every_ns: NANOS_PER_SECOND / 2, burst: 100 };

/// Questions of one user to another: three, and then one in ten seconds.
pub(super) const QUESTIONS_TO_PEER: Rate = Rate { every_ns: 10 * NANOS_PER_SECOND, burst: 3 };

/// Logins of one user with the password: each is told to everybody and remembered for 30 days.
pub(super) const LOGINS: Rate = Rate { every_ns: NANOS_PER_SECOND, burst: 300 };

/// Changes of one password: five, and then one a minute. Each writes the whole file of accounts.
pub(super) const PASSWORDS: Rate = Rate { every_ns: 60 * NANOS_PER_SECOND, burst: 5 };

/// Milliseconds for which a connection is not read at most: well before anybody takes it for dead.
pub(crate) const LONGEST_HOLD_MS: u64 = 2_000;

/// Origins whose registrations are remembered.
pub(super) const MAX_ORIGINS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_may_send_at_the_rate_that_was_set_and_half_a_minutes_worth_at_once() {
        for kib in [1, 3, 600, 1024, 1500, 4096, 100 * 1024] {
            let rate = Limits { send_kib_per_second: kib, ..Limits::DEFAULT }.sends().unwrap();
            let bytes = u64::from(kib) * 1024;
            let second = rate.every_ns * bytes;
            assert!((900_000_000..=1_000_000_000).contains(&second), "{kib} KiB take {second} ns");
            assert_eq!(rate.burst, bytes * 30);
        }
        assert_eq!(Limits { send_kib_per_second: 0, ..Limits::DEFAULT }.sends(), None);
    }

    #[test]
    fn an_hours_accounts_may_be_made_at_once_from_one_address_and_then_as_many_in_each_hour() {
        let rate = |accounts_per_hour| Limits { accounts_per_hour, ..Limits::DEFAULT }.accounts_of_origin();
        assert_eq!(rate(200), Some(Rate { every_ns: 18_000_000_000, burst: 200 }));
        assert_eq!(rate(0), None);
    }

    #[test]
    fn one_sender_fills_half_of_the_places_and_a_tenth_of_the_bytes_and_may_always_leave_one_text() {
        let limits = |inbox_messages, inbox_bytes| Limits { inbox_messages, inbox_bytes, ..Limits::DEFAULT };
        assert_eq!(limits(20_000, 0).messages_of_sender(), 10_000);
        assert_eq!(limits(1, 0).messages_of_sender(), 1);
        assert_eq!(limits(0, 20 * 1024 * 1024).bytes_of_sender(), 2 * 1024 * 1024);
        assert_eq!(limits(0, 1024).bytes_of_sender(), 16 * 1024);
    }
}
