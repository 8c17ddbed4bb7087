//! The key and the addresses under which a client's device is reached by another.

use core::net::{IpAddr, SocketAddr};
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

/// Where a device stands that is about to dial addresses which somebody else names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vantage {
    /// On the computer of the server: all may be on this computer.
    ThisComputer,
    /// Somewhere on the network.
    #[default]
    Network,
}

impl Vantage {
    /// Of a device that reaches its server under this address.
    #[must_use]
    pub const fn of_server_at(server: IpAddr) -> Self {
        if server.to_canonical().is_loopback() { Self::ThisComputer } else { Self::Network }
    }
}

/// Whether a packet to an address reaches at most one device, and none that only the dialling computer can reach.
fn is_dialable(at: SocketAddr, from: Vantage) -> bool {
    let is_one_device = match at.ip().to_canonical() {
        // 0.0.0.0/8 is this network (RFC 1122), 240.0.0.0/4 is reserved and ends in the broadcast address.
        IpAddr::V4(ip) => !matches!(ip.octets(), [0 | 224.., ..]),
        IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
    };
    let is_near = from == Vantage::ThisComputer || !at.ip().to_canonical().is_loopback();
    at.port() != 0 && is_one_device && is_near
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

    /// Without direct addresses at which a packet would reach many devices, no device, or the dialling computer itself.
    #[must_use]
    pub fn dialable(&self, from: Vantage) -> Self {
        let is_fit = |address: &&PeerAddress| match address {
            PeerAddress::Direct(at) => is_dialable(*at, from),
            PeerAddress::Relay {} => true,
        };
        Self(self.0.iter().filter(is_fit).cloned().collect())
    }

    /// The first direct address alone: the one under which the server sees the device.
    #[must_use]
    pub fn seen(&self) -> Self {
        let is_direct = |address: &&PeerAddress| matches!(address, PeerAddress::Direct(_));
        Self(self.0.iter().find(is_direct).cloned().into_iter().collect())
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

    fn direct(raw: &str) -> PeerAddress {
        PeerAddress::Direct(raw.parse().unwrap())
    }

    #[test]
    fn addresses_that_reach_many_devices_or_none_are_not_dialled() {
        for raw in [
            "0.0.0.0:1",
            "0.1.2.3:1",
            "224.0.0.251:5353",
            "255.255.255.255:9",
            "240.0.0.1:9",
            "192.0.2.1:0",
            "[::]:1",
            "[ff02::fb]:5353",
            "[::ffff:255.255.255.255]:9",
            "[::ffff:224.0.0.1]:9",
        ] {
            for from in [Vantage::ThisComputer, Vantage::Network] {
                assert!(Addresses::new([direct(raw)]).dialable(from).is_empty(), "{raw}");
            }
        }
        for raw in ["192.0.2.1:4433", "10.0.0.255:1", "[2001:db8::1]:9", "[fe80::1]:9"] {
            assert!(!Addresses::new([direct(raw)]).dialable(Vantage::Network).is_empty(), "{raw}");
        }
    }

    #[test]
    fn loopback_is_dialled_only_where_the_server_is_reached_there_too() {
        for raw in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            let addresses = Addresses::new([direct(raw), PeerAddress::Relay {}]);
            assert_eq!(addresses.dialable(Vantage::Network), Addresses::new([PeerAddress::Relay {}]), "{raw}");
            assert_eq!(addresses.dialable(Vantage::ThisComputer), addresses, "{raw}");
        }
        assert_eq!(Vantage::of_server_at("::ffff:127.0.0.1".parse().unwrap()), Vantage::ThisComputer);
        assert_eq!(Vantage::of_server_at("192.0.2.1".parse().unwrap()), Vantage::Network);
    }

    #[test]
    fn the_address_that_the_server_sees_is_the_first_direct_one() {
        let all = Addresses::new([PeerAddress::Relay {}, direct("192.0.2.1:1"), direct("192.0.2.2:2")]);
        assert_eq!(all.seen(), Addresses::new([direct("192.0.2.1:1")]));
        assert!(Addresses::new([PeerAddress::Relay {}]).seen().is_empty());
    }
}
