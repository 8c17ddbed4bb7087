//! Until when notifications are kept back.

use whoelse_proto::Timestamp;

/// Whether notifications are kept back, of one chat or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mute {
    /// They are shown.
    #[default]
    No,
    /// None is shown before this moment.
    Until(Timestamp),
    /// None is shown until the user says so.
    Always,
}

impl Mute {
    /// Whether notifications are kept back at a moment.
    #[must_use]
    pub fn is_on(self, now: Timestamp) -> bool {
        match self {
            Self::No => false,
            Self::Until(end) => now < end,
            Self::Always => true,
        }
    }

    /// When it ends by itself, if it is on at a moment and does.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Until(end) if now < end => Some(end),
            Self::No | Self::Until(_) | Self::Always => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mute_with_an_end_is_over_at_that_moment() {
        let (before, end) = (Timestamp::from_millis(9), Timestamp::from_millis(10));
        let mute = Mute::Until(end);
        assert_eq!((mute.is_on(before), mute.end(before)), (true, Some(end)));
        assert_eq!((mute.is_on(end), mute.end(end)), (false, None));
        assert_eq!((Mute::Always.is_on(end), Mute::Always.end(end)), (true, None));
        assert!(!Mute::No.is_on(before));
    }
}
