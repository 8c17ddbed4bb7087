//! The single choices of the settings, as the file spells them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use whoelse_model::Mute;
use whoelse_proto::{Fingerprint, Timestamp, UserName};

/// The colours of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system has it.
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// How large everything is, as a part of the normal size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextSize {
    /// 90 %.
    #[serde(rename = "90%")]
    Small,
    /// 100 %.
    #[serde(rename = "100%")]
    Normal,
    /// 115 %.
    #[serde(rename = "115%")]
    Large,
    /// 130 %.
    #[serde(rename = "130%")]
    Largest,
}

impl TextSize {
    /// From the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Small, Self::Normal, Self::Large, Self::Largest];

    /// What the normal size is multiplied with.
    #[must_use]
    pub const fn factor(self) -> f32 {
        match self {
            Self::Small => 0.9,
            Self::Normal => 1.0,
            Self::Large => 1.15,
            Self::Largest => 1.3,
        }
    }
}

/// How messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// In groups below their author.
    Compact,
    /// In bubbles, own ones at the right.
    Bubbles,
}

/// What a notification says to whoever sees the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Who wrote, and what.
    NameAndText,
    /// Who wrote.
    Name,
    /// How many messages there are.
    Count,
}

/// What notifications do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notifications {
    /// What they say.
    pub shows: Privacy,
    /// None at all, until the user says so.
    muted: bool,
    /// None at all before this moment, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    muted_until: Option<u64>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { shows: Privacy::NameAndText, muted: false, muted_until: None }
    }
}

impl Notifications {
    /// Until when none is shown.
    #[must_use]
    pub const fn mute(&self) -> Mute {
        match (self.muted, self.muted_until) {
            (true, _) => Mute::Always,
            (false, Some(millis)) => Mute::Until(Timestamp::from_millis(millis)),
            (false, None) => Mute::No,
        }
    }

    /// None is shown until then.
    pub fn set_mute(&mut self, mute: Mute) {
        self.muted = mute == Mute::Always;
        self.muted_until = match mute {
            Mute::Until(end) => Some(end.millis()),
            Mute::No | Mute::Always => None,
        };
    }
}

/// The server on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hosting {
    /// The port that others know.
    pub port: u16,
    /// Whether anyone can open an account; else who has an invitation.
    pub open: bool,
    /// Who reaches it.
    pub reach: Reach,
    /// Whether it was running: it starts with the app.
    pub running: bool,
}

impl Default for Hosting {
    fn default() -> Self {
        Self { port: whoelse_proto::DEFAULT_PORT, open: true, reach: Reach::Network, running: false }
    }
}

/// Who reaches the server on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every computer on the networks of this one.
    #[default]
    Network,
    /// Programs on this computer.
    ThisComputer,
}

/// What sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendKey {
    /// Enter; Shift+Enter begins a line.
    Enter,
    /// Ctrl+Enter; Enter begins a line.
    CtrlEnter,
}

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseButton {
    /// The app goes on in the tray, where there is one.
    Tray,
    /// The app ends.
    Quit,
}

/// Where the window was, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    /// Its outer corner; some systems do not say.
    pub position: Option<[f32; 2]>,
    /// Its inner size.
    pub size: [f32; 2],
    /// Whether it filled the screen.
    #[serde(default)]
    pub maximized: bool,
}

/// An account on a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The server's key.
    #[serde(serialize_with = "write_digits", deserialize_with = "read_digits")]
    pub server: Fingerprint,
    /// As whom.
    pub name: UserName,
}

/// The open tabs of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTabs {
    /// Whose.
    pub account: Account,
    /// From left to right.
    pub open: Vec<Tab>,
    /// The place of the one that was in front.
    #[serde(default)]
    pub active: usize,
}

/// A tab that is opened again at the next start. Private sessions end with the app and have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// The broadcasts.
    Everyone,
    /// The chat with a user.
    Chat(UserName),
    /// Who was online.
    WhoWasOnline,
    /// Shared files.
    SharedFiles,
}

fn write_digits<S: Serializer>(fingerprint: &Fingerprint, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fingerprint)
}

fn read_digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
