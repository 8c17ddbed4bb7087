//! The addresses under which this computer is known to others, the likeliest first.

use std::net::{IpAddr, Ipv4Addr};

use if_addrs::IfOperStatus;

/// Addresses that are offered: a person reads them aloud.
const MAX_ADDRESSES: usize = 12;

/// The addresses of this computer on its networks; its own loopback address if it is on none.
pub(super) fn of_this_computer() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this computer are not known");
        Vec::new()
    });
    let up = interfaces.iter().filter(|interface| interface.oper_status != IfOperStatus::Down);
    chosen(up.map(|interface| (interface.name.clone(), interface.ip())).collect())
}

/// Puts those first that somebody else can most likely use.
fn chosen(mut found: Vec<(String, IpAddr)>) -> Vec<IpAddr> {
    found.retain(|(_, ip)| rank(*ip).is_some());
    // Bridges of containers and virtual machines, and tunnels, come last: few or none reach them.
    found.sort_by_key(|(name, ip)| (is_virtual(name), rank(*ip), *ip));
    let mut addresses: Vec<IpAddr> = found.into_iter().map(|(_, ip)| ip).collect();
    addresses.dedup();
    addresses.truncate(MAX_ADDRESSES);
    if addresses.is_empty() {
        addresses.push(Ipv4Addr::LOCALHOST.into());
    }
    addresses
}

/// How likely an address leads here from another computer; `None` if it cannot.
fn rank(ip: IpAddr) -> Option<u8> {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_unspecified() => None,
        IpAddr::V4(ip) if ip.is_link_local() => Some(3),
        IpAddr::V4(_) => Some(0),
        // A link-local IPv6 address needs the name of the other computer's interface.
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() => None,
        IpAddr::V6(ip) if ip.is_unique_local() => Some(1),
        IpAddr::V6(_) => Some(2),
    }
}

/// How names of interfaces begin that lead into this computer or through a tunnel, on Linux and macOS.
const VIRTUAL: [&str; 20] = [
    "docker",
    "br-",
    "bridge",
    "veth",
    "virbr",
    "vmnet",
    "vmenet",
    "vboxnet",
    "lxc",
    "lxd",
    "podman",
    "cni",
    "flannel",
    "tun",
    "tap",
    "utun",
    "wg",
    "tailscale",
    "zt",
    "awdl",
];

/// What such names hold on Windows, where people read them.
const VIRTUAL_WORDS: [&str; 9] =
    ["vethernet", "virtualbox", "vmware", "hyper-v", "wsl", "tailscale", "wireguard", "zerotier", "openvpn"];

/// Whether an interface is by its name one of containers, virtual machines or tunnels.
fn is_virtual(name: &str) -> bool {
    let name = name.to_lowercase();
    VIRTUAL.iter().any(|prefix| name.starts_with(prefix)) || VIRTUAL_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(list: &[(&str, &str)]) -> Vec<String> {
        let found = list.iter().map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap())).collect();
        chosen(found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_likeliest_address_comes_first() {
        let addresses = given(&[
            ("lo", "127.0.0.1"),
            ("lo", "::1"),
            ("docker0", "172.17.0.1"),
            ("eth0", "fe80::1"),
            ("eth0", "2001:db8::7"),
            ("eth0", "fd00::7"),
            ("eth1", "169.254.3.4"),
            ("eth0", "10.4.0.12"),
        ]);
        assert_eq!(addresses, ["10.4.0.12", "fd00::7", "2001:db8::7", "169.254.3.4", "172.17.0.1"]);
    }

    #[test]
    fn networks_within_this_computer_and_tunnels_come_last_on_every_system() {
        for name in [
            "vEthernet (WSL)",
            "VirtualBox Host-Only Network",
            "VMware Network Adapter VMnet8",
            "bridge100",
            "vmenet0",
            "utun3",
            "awdl0",
            "tun0",
            "wg0",
            "tailscale0",
            "Tailscale",
        ] {
            assert_eq!(
                given(&[(name, "10.0.0.1"), ("Ethernet", "192.168.1.7")]),
                ["192.168.1.7", "10.0.0.1"],
                "{name}"
            );
        }
        for name in ["en0", "eth0", "wlan0", "Wi-Fi", "Ethernet 2", "enp3s0"] {
            assert!(!is_virtual(name), "{name}");
        }
    }

    #[test]
    fn without_a_network_there_is_this_computer_alone() {
        assert_eq!(given(&[("lo", "127.0.0.1"), ("eth0", "fe80::1")]), ["127.0.0.1"]);
    }

    #[test]
    fn a_hundred_addresses_become_a_list_that_can_be_read() {
        let many: Vec<String> = (1..=100).map(|n| format!("10.0.0.{n}")).collect();
        let found: Vec<(&str, &str)> = many.iter().map(|ip| ("eth0", ip.as_str())).collect();
        assert_eq!(given(&found).len(), MAX_ADDRESSES);
    }

    #[test]
    fn this_computer_has_an_address() {
        assert!(!of_this_computer().is_empty());
    }
}
