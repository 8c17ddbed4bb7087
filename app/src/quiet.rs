//! For how long notifications are kept back, as it is chosen in the window and in the tray.

/// For how long notifications are kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuietFor {
    /// A meeting.
    Hour,
    /// A day of work, or a night.
    EightHours,
    /// Until the morning of the next day.
    Tomorrow,
    /// Until the user ends it.
    Always,
}

impl QuietFor {
    /// From the shortest to the longest.
    pub const ALL: [Self; 4] = [Self::Hour, Self::EightHours, Self::Tomorrow, Self::Always];

    /// As one chooses it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hour => "For 1 hour",
            Self::EightHours => "For 8 hours",
            Self::Tomorrow => "Until tomorrow",
            Self::Always => "Until I turn it off",
        }
    }
}
