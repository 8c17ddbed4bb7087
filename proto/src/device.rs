//! The key and the addresses under which a client's device is reached by another.

use core::net::SocketAddr;
use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::limits::MAX_ADDRESSES;

/// The public key of a device: Ed25519 (RFC 8032), 32 bytes. Whether it is a point of the curve shows when it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceKey(#[serde(with = "serde_bytes")] [u8; 32]);

impl DeviceKey {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({self})")
    }
}

/// Where a device may be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerAddress {
    /// By UDP, at this address.
    Direct(#[serde(with = "as_text")] SocketAddr),
    /// Through the relay of the server.
    Relay {},
}

/// An address and its port as text, `192.0.2.1:4433` or `[2001:db8::1]:4433`.
mod as_text {
    use super::{Deserialize, Deserializer, Serializer, SocketAddr};
    use serde::de::Error as _;

    pub(super) fn serialize<S: Serializer>(address: &SocketAddr, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(address)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
        let raw = String::deserialize(deserializer)?;
        raw.parse().map_err(|_| D::Error::custom("no address with a port"))
    }
}

/// Every address of a device, at most [`MAX_ADDRESSES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Addresses(Vec<PeerAddress>);

impl Addresses {
    /// The first [`MAX_ADDRESSES`] of these, each once.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = PeerAddress>) -> Self {
        let mut addresses = Vec::new();
        for address in all {
            if addresses.len() < MAX_ADDRESSES && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Self(addresses)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PeerAddress> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let addresses: Vec<PeerAddress> = Vec::deserialize(deserializer)?;
        if addresses.len() > MAX_ADDRESSES {
            return Err(D::Error::custom("too many addresses"));
        }
        Ok(Self(addresses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_each_address_once_and_not_too_many() {
        let at = |port| PeerAddress::Direct(SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!(Addresses::new([at(1), at(2), at(1)]).iter().count(), 2);
        assert_eq!(Addresses::new((0..99).map(at)).iter().count(), MAX_ADDRESSES);
    }
}
