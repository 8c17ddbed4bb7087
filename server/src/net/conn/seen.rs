//! The address under which the server sees a client, which the client itself may not know.

use std::net::{IpAddr, SocketAddr};

use whoelse_proto::{Addresses, Command, PeerAddress, PrivateCommand, Vantage};

/// Puts in front of the addresses of a device that is made known the one from which its connection comes, with the port
/// of its first direct address: behind a translator that keeps ports, or none, this is where it is reached, and whoever
/// must not believe the device dials this one alone. A device that names no direct address does not want to show any.
/// Addresses that no other device may dial are left out.
pub(super) fn with_address(command: Command, peer: SocketAddr) -> Command {
    let Command::Private(PrivateCommand::Publish { device, addresses }) = command else { return command };
    let port = addresses.iter().find_map(|address| match address {
        PeerAddress::Direct(at) => Some(at.port()),
        PeerAddress::Relay {} => None,
    });
    let ip = plain(peer.ip());
    let seen = port.map(|port| PeerAddress::Direct(SocketAddr::new(ip, port)));
    let addresses = Addresses::new(seen.into_iter().chain(addresses.iter().cloned()));
    let addresses = addresses.dialable(Vantage::of_server_at(ip));
    Command::Private(PrivateCommand::Publish { device, addresses })
}

/// An IPv4 address that came through an IPv6 socket, as such.
fn plain(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

#[cfg(test)]
mod tests {
    use whoelse_proto::DeviceKey;

    use super::*;

    fn seen(addresses: &[&str], peer: &str) -> Vec<String> {
        let direct = |raw: &&str| PeerAddress::Direct(raw.parse().unwrap());
        let addresses = Addresses::new(addresses.iter().map(direct));
        let device = DeviceKey::from_bytes([1; 32]);
        let publish = Command::Private(PrivateCommand::Publish { device, addresses });
        let Command::Private(PrivateCommand::Publish { addresses, .. }) = with_address(publish, peer.parse().unwrap())
        else {
            panic!("another command");
        };
        let text = |address: &PeerAddress| match address {
            PeerAddress::Direct(at) => at.to_string(),
            PeerAddress::Relay {} => "relay".to_owned(),
        };
        addresses.iter().map(text).collect()
    }

    #[test]
    fn a_device_is_also_reached_where_the_server_sees_it() {
        assert_eq!(seen(&["10.0.0.2:4433"], "192.0.2.1:999"), ["192.0.2.1:4433", "10.0.0.2:4433"]);
        assert_eq!(seen(&["10.0.0.2:4433"], "[::ffff:192.0.2.1]:999"), ["192.0.2.1:4433", "10.0.0.2:4433"]);
    }

    #[test]
    fn the_address_that_is_seen_comes_first_however_many_a_device_names() {
        let many: Vec<_> = (1..=16).map(|n| format!("10.0.0.{n}:9")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(seen(&many, "192.0.2.1:999")[0], "192.0.2.1:9");
    }

    #[test]
    fn addresses_at_which_nobody_else_can_be_meant_are_left_out() {
        let odd = ["192.0.2.7:1", "127.0.0.1:1", "224.0.0.1:1", "255.255.255.255:1", "0.0.0.0:1", "192.0.2.7:0"];
        assert_eq!(seen(&odd, "192.0.2.1:999"), ["192.0.2.1:1", "192.0.2.7:1"]);
        assert_eq!(seen(&["127.0.0.1:1"], "127.0.0.1:999"), ["127.0.0.1:1"], "on the computer of the server");
    }

    #[test]
    fn an_address_that_is_there_comes_once() {
        assert_eq!(seen(&["192.0.2.1:4433"], "192.0.2.1:999"), ["192.0.2.1:4433"]);
    }

    #[test]
    fn a_device_that_hides_its_addresses_stays_hidden() {
        assert_eq!(seen(&[], "192.0.2.1:999"), Vec::<String>::new());
    }

    #[test]
    fn other_commands_are_left_alone() {
        assert_eq!(with_address(Command::Whoelse {}, "192.0.2.1:999".parse().unwrap()), Command::Whoelse {});
    }
}
