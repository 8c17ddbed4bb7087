//! What waits in an inbox, and from whom.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::UserName;

use super::Limits;

/// Messages and the bytes of their texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many.
    pub messages: u32,
    /// Bytes of text.
    pub bytes: u64,
}

impl Load {
    /// One message with a text of so many bytes.
    #[must_use]
    pub fn one(bytes: usize) -> Self {
        Self { messages: 1, bytes: bytes as u64 }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { messages: self.messages.saturating_add(other.messages), bytes: self.bytes.saturating_add(other.bytes) }
    }

    const fn minus(self, other: Self) -> Self {
        Self { messages: self.messages.saturating_sub(other.messages), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    const fn fits(self, messages: u32, bytes: u64) -> bool {
        self.messages <= messages && self.bytes <= bytes
    }
}

/// Whether an inbox takes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// It does.
    There,
    /// It is full, or the sender's share of it is.
    Full,
}

/// What waits in one inbox. Messages on their way to the store count from the moment they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    all: Load,
    by_sender: BTreeMap<UserName, Load>,
}

impl Waiting {
    /// An inbox as the store holds it.
    pub(crate) fn of(by_sender: BTreeMap<UserName, Load>) -> Self {
        Self { all: by_sender.values().fold(Load::default(), |all, load| all.plus(*load)), by_sender }
    }

    /// Whether there is room for a message of this sender.
    pub(crate) fn room(&self, sender: &UserName, load: Load, limits: &Limits) -> Room {
        let own = self.by_sender.get(sender).copied().unwrap_or_default().plus(load);
        let fits = self.all.plus(load).fits(limits.inbox_messages, limits.inbox_bytes)
            && own.fits(limits.messages_of_sender(), limits.bytes_of_sender());
        if fits { Room::There } else { Room::Full }
    }

    /// Counts a message.
    pub(crate) fn add(&mut self, sender: &UserName, load: Load) {
        self.all = self.all.plus(load);
        let own = self.by_sender.entry(sender.clone()).or_default();
        *own = own.plus(load);
    }

    /// Counts messages no more: they were acknowledged, or not taken.
    pub(crate) fn remove(&mut self, sender: &UserName, load: Load) {
        self.all = self.all.minus(load);
        if let Some(own) = self.by_sender.get_mut(sender) {
            *own = own.minus(load);
            if own.messages == 0 {
                self.by_sender.remove(sender);
            }
        }
    }

    /// These accounts are no more: what they sent counts against nobody's share.
    pub(crate) fn forget_senders(&mut self, gone: &BTreeSet<&UserName>) {
        self.by_sender.retain(|sender, _| !gone.contains(sender));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { inbox_messages: 10, inbox_bytes: 1_000_000, ..Limits::DEFAULT };

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    #[test]
    fn no_sender_fills_an_inbox_alone_and_all_together_may() {
        let (hans, leia, luke) = (name("hans"), name("leia"), name("luke"));
        let mut waiting = Waiting::default();
        for _ in 0..5 {
            assert_eq!(waiting.room(&hans, Load::one(9), &LIMITS), Room::There);
            waiting.add(&hans, Load::one(9));
        }
        assert_eq!(waiting.room(&hans, Load::one(9), &LIMITS), Room::Full);
        for _ in 0..5 {
            assert_eq!(waiting.room(&leia, Load::one(9), &LIMITS), Room::There);
            waiting.add(&leia, Load::one(9));
        }
        assert_eq!(waiting.room(&luke, Load::one(9), &LIMITS), Room::Full);

        waiting.remove(&hans, Load { messages: 5, bytes: 45 });
        assert_eq!(waiting.room(&luke, Load::one(9), &LIMITS), Room::There);
        assert_eq!(waiting.room(&hans, Load::one(9), &LIMITS), Room::There);
    }

    #[test]
    fn what_is_acknowledged_makes_room_for_as_much_and_no_more() {
        let (hans, leia, luke) = (name("hans"), name("leia"), name("luke"));
        let mut waiting = Waiting::default();
        for sender in [&hans, &leia] {
            (0..5).for_each(|_| waiting.add(sender, Load::one(9)));
        }
        waiting.remove(&hans, Load::one(9));
        waiting.add(&hans, Load::one(9));
        assert_eq!(waiting.room(&luke, Load::one(9), &LIMITS), Room::Full);
        waiting.remove(&leia, Load::one(9));
        assert_eq!(waiting.room(&hans, Load::one(9), &LIMITS), Room::Full, "five are its share");
        assert_eq!(waiting.room(&luke, Load::one(9), &LIMITS), Room::There);
    }

    #[test]
    fn bytes_count_as_well() {
        let hans = name("hans");
        let mut waiting = Waiting::default();
        for _ in 0..6 {
            waiting.add(&hans, Load::one(16_000));
        }
        assert_eq!(waiting.room(&hans, Load::one(16_000), &LIMITS), Room::Full);
        assert_eq!(waiting.room(&hans, Load::one(1_000), &LIMITS), Room::Full, "five messages are its share");
        let of_store = Waiting::of([(hans.clone(), Load { messages: 1, bytes: 99_000 })].into());
        assert_eq!(of_store.room(&hans, Load::one(1_000), &LIMITS), Room::There);
        assert_eq!(of_store.room(&hans, Load::one(1_001), &LIMITS), Room::Full);
    }
}
