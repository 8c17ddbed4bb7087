//! The keys of contacts' devices, as they were seen first.

use std::collections::BTreeMap;

use whoelse_proto::{DeviceKey, Timestamp, UserName};

use super::Trust;

/// A contact's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The key.
    pub device: DeviceKey,
    /// Since when.
    pub since: Timestamp,
    /// When the user compared the code; `None` if never.
    pub verified_at: Option<Timestamp>,
}

/// The keys of all contacts on one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(BTreeMap<UserName, Pin>);

impl Pins {
    /// These keys.
    #[must_use]
    pub fn new(pins: impl IntoIterator<Item = (UserName, Pin)>) -> Self {
        Self(pins.into_iter().collect())
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&UserName, &Pin)> {
        self.0.iter()
    }

    /// A contact's.
    #[must_use]
    pub fn get(&self, name: &UserName) -> Option<&Pin> {
        self.0.get(name)
    }

    /// How a key stands; `None` if another is pinned.
    pub(super) fn trust(&self, name: &UserName, device: DeviceKey) -> Option<Trust> {
        match self.0.get(name) {
            None => Some(Trust::New),
            Some(pin) if pin.device != device => None,
            Some(Pin { verified_at: Some(_), .. }) => Some(Trust::Verified),
            Some(_) => Some(Trust::Pinned),
        }
    }

    /// Pins a key, in place of any other.
    pub(super) fn set(&mut self, name: UserName, device: DeviceKey, now: Timestamp) {
        self.0.insert(name, Pin { device, since: now, verified_at: None });
    }

    /// The user compared the code of this key. Gives whether it is the one pinned.
    pub(super) fn verify(&mut self, name: &UserName, device: DeviceKey, now: Timestamp) -> bool {
        match self.0.get_mut(name) {
            Some(pin) if pin.device == device => {
                pin.verified_at = Some(now);
                true
            }
            Some(_) | None => false,
        }
    }
}
