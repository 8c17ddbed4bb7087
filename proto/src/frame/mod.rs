//! Every message: what a client says, what a server says, and the words both use.
//!
//! On the wire a frame is a map with one key, the frame's name in snake case, whose value is a map of named
//! fields. A reader skips fields that it does not know; a name that it does not know needs a newer version
//! in the hello. Every byte list is MessagePack `bin`.

mod client;
mod content;
mod files;
mod login;
mod password;
mod private;
mod server;

pub use client::{ClientFrame, Command, Lookup};
pub use content::{Content, Envelope, GroupId, MessageState, Target};
pub use files::{FilesCommand, FoundFile, Holder, Naming, SharedFile};
pub use login::{InviteFault, LoginRefusal, NewAccounts, Registration};
pub use password::MissedTries;
pub use private::{Introduction, PrivateCommand, PrivateEnd, PrivateNews, Purpose, Question, Relay, Standing};
pub use server::{
    Answer, KnownState, Notice, Outcome, Presence, PresenceChange, PresenceReason, ProtocolFault, Refusal, RosterEntry,
    Seen, ServerFrame, SessionEnd, SessionKind, Span,
};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{MAX_AGENT_BYTES, MAX_FEATURES};

/// The protocol versions that a program speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest.
    pub min: u16,
    /// The newest.
    pub max: u16,
}

impl VersionRange {
    /// What this crate speaks.
    pub const OURS: Self = Self { min: crate::VERSION, max: crate::VERSION };

    /// The newest version that both speak.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u16> {
        let newest = self.max.min(other.max);
        (newest >= self.min.max(other.min)).then_some(newest)
    }
}

/// A short line for people: a program's name and version, or a server's title. Control characters are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Agent(String);

impl Agent {
    /// Takes a line, cut at [`MAX_AGENT_BYTES`].
    #[must_use]
    pub fn new(raw: &str) -> Self {
        let mut line: String = raw.chars().filter(|c| !c.is_control()).collect();
        while line.len() > MAX_AGENT_BYTES {
            line.pop();
        }
        Self(line)
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Agent {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl Serialize for Agent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The name of an optional part of the protocol that one side offers in its hello. Version 1 defines [`Feature::PRIVATE`];
/// `edit`, `reaction` and `group` are reserved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Feature(Agent);

impl Feature {
    /// The name of private sessions and shared files.
    pub const PRIVATE: &str = "private";

    /// The name of changing the own password.
    pub const PASSWORD: &str = "password";

    /// The name of being told what is wrong with the server.
    pub const NOTICES: &str = "notices";

    /// Being told what is wrong with the server.
    #[must_use]
    pub fn notices() -> Self {
        Self::new(Self::NOTICES)
    }

    /// The name of making accounts by invitation alone.
    pub const INVITE: &str = "invite";

    /// Making accounts by invitation alone.
    #[must_use]
    pub fn invite() -> Self {
        Self::new(Self::INVITE)
    }

    /// Changing the own password.
    #[must_use]
    pub fn password() -> Self {
        Self::new(Self::PASSWORD)
    }

    /// Private sessions and shared files.
    #[must_use]
    pub fn private() -> Self {
        Self::new(Self::PRIVATE)
    }

    /// A feature by name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Agent::new(name))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Reads the features of a hello.
fn features<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Feature>, D::Error> {
    let features = Vec::deserialize(deserializer)?;
    if features.len() > MAX_FEATURES {
        return Err(D::Error::custom("too many features"));
    }
    Ok(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_programs_speak_the_newest_version_that_both_know() {
        let range = |min, max| VersionRange { min, max };
        assert_eq!(range(1, 3).common(range(2, 5)), Some(3));
        assert_eq!(range(1, 1).common(range(1, 9)), Some(1));
        assert_eq!(range(1, 1).common(range(2, 9)), None);
    }

    #[test]
    fn a_feature_is_known_by_its_name() {
        assert_eq!(Feature::new("a later one").as_str(), "a later one");
        assert_ne!(Feature::private(), Feature::password());
    }

    #[test]
    fn an_agent_line_is_cut_and_cleaned() {
        assert_eq!(Agent::new("a\u{1b}[31mb\n").as_str(), "a[31mb");
        assert_eq!(Agent::new(&"\u{e4}".repeat(99)).as_str().len(), MAX_AGENT_BYTES);
    }
}
