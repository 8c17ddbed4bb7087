//! Bugs put in on purpose, around the real machines, to show that the checks find them.

use clap::ValueEnum;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// The server's disk loses its last commit in a crash.
    ServerForgetsCommit,
    /// A client's disk loses its last commit in a crash.
    ClientForgetsCommit,
    /// A client acknowledges a message that is not on its disk.
    ClientAcksBeforeDisk,
    /// A client leaves out the first message of its outbox when it has a new line.
    OutboxDropsFirst,
    /// A client's disk puts a message in although it is there.
    HistoryTakesTwice,
    /// A client's disk goes on with a line of which an operation faulted.
    DiskGoesOnAfterFault,
    /// The server does not know which messages it has.
    ServerKnowsNoMessages,
    /// The line swaps neighbouring messages.
    LineSwapsMessages,
    /// The server says "done" to a block and does nothing.
    ServerIgnoresBlocks,
    /// Some news of who came and went is lost.
    PresenceIsLost,
    /// A second login of a name is let in beside the first.
    SecondLoginIsLetIn,
    /// Sessions last for ever.
    NobodyTimesOut,
    /// A client that signs out is let go without an answer.
    LogoutIsIgnored,
    /// Any number of messages may wait for a user.
    InboxesHaveNoBound,
    /// Any number of accounts may be made from one address.
    AnybodyMakesAccounts,
    /// A page of the roster that is not the last is lost.
    PageIsLost,
    /// Who is asked for a private session is told at once where the device of the one who asks is.
    AskingIsEnough,
    /// The server says "done" when a file is given up and does nothing.
    FilesStayListed,
}

impl Plant {
    /// All of them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }
}
