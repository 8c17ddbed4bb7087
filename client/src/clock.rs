//! The clock and the randomness of this computer, which the pure crates are handed as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use whoelse_proto::{MessageId, Timestamp};

/// This moment by this computer's clock.
#[must_use]
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// Random bytes from the operating system.
///
/// # Panics
/// Where the operating system has none: nothing that follows would be safe.
#[allow(clippy::expect_used, reason = "without randomness no key, token or id may be made")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A name for a message written here, never used before.
#[must_use]
pub fn fresh_message_id() -> MessageId {
    MessageId::new(now(), random())
}
