//! Noticing that this computer is in another network: the address by which it reaches others is another one.
//!
//! The system is asked which address it would send from; nothing is sent. That is one look-up of a route, the same on every
//! system.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Where nobody is (RFC 5737 and RFC 3849): the way there is the way to everywhere else.
const ELSEWHERE: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 9),
];

/// Whether the way is another one since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is the same, or there is none.
    Same,
    /// It is another one, or there is one again.
    Other,
}

/// Compares the address by which this computer reaches a place.
#[derive(Debug)]
pub(crate) struct WayWatch {
    to: Vec<SocketAddr>,
    from: Vec<IpAddr>,
    /// Whether there was no way at the last look.
    cut: Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Yes,
    No,
}

impl WayWatch {
    /// Watches the way to one place.
    pub(crate) fn to(place: SocketAddr) -> Self {
        Self::of(vec![place])
    }

    /// Watches the way to a host, as far as it is known, and to everywhere else.
    pub(crate) fn to_host(host: &str, port: u16) -> Self {
        let place = host.parse().ok().map(|ip| SocketAddr::new(ip, port));
        Self::of(place.into_iter().chain(ELSEWHERE).collect())
    }

    fn of(to: Vec<SocketAddr>) -> Self {
        let from = sources(&to);
        let cut = if from.is_empty() { Cut::Yes } else { Cut::No };
        Self { to, from, cut }
    }

    /// Looks.
    pub(crate) fn look(&mut self) -> Way {
        let from = sources(&self.to);
        self.compare(from)
    }

    /// A way that is gone for a moment and comes back the same may still carry what it carried; whoever waits goes on.
    fn compare(&mut self, from: Vec<IpAddr>) -> Way {
        if from.is_empty() {
            self.cut = Cut::Yes;
            return Way::Same;
        }
        let is_same = from == self.from && self.cut == Cut::No;
        (self.from, self.cut) = (from, Cut::No);
        if is_same { Way::Same } else { Way::Other }
    }
}

/// The addresses from which the system would send there.
fn sources(to: &[SocketAddr]) -> Vec<IpAddr> {
    to.iter().filter_map(|to| source(*to)).collect()
}

fn source(to: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(to).ok()?;
    socket.local_addr().ok().map(|local| local.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(from: &[&str]) -> WayWatch {
        let from = ips(from);
        let cut = if from.is_empty() { Cut::Yes } else { Cut::No };
        WayWatch { to: Vec::new(), from, cut }
    }

    fn ips(raw: &[&str]) -> Vec<IpAddr> {
        raw.iter().map(|raw| raw.parse().unwrap()).collect()
    }

    #[test]
    fn another_address_or_one_after_none_is_another_way_and_is_told_once() {
        let mut watch = watch(&["10.0.0.2"]);
        assert_eq!(watch.compare(ips(&["10.0.0.2"])), Way::Same);
        assert_eq!(watch.compare(ips(&["10.0.9.2"])), Way::Other);
        assert_eq!(watch.compare(ips(&["10.0.9.2"])), Way::Same);
        assert_eq!(watch.compare(ips(&[])), Way::Same, "without a way there is nothing to try");
        assert_eq!(watch.compare(ips(&[])), Way::Same);
        assert_eq!(watch.compare(ips(&["10.0.9.2"])), Way::Other);
        assert_eq!(watch.compare(ips(&["10.0.9.2", "2001:db8::2"])), Way::Other);
    }

    #[test]
    fn a_computer_that_had_no_network_at_the_start_is_told_of_the_first() {
        let mut watch = watch(&[]);
        assert_eq!(watch.compare(ips(&[])), Way::Same);
        assert_eq!(watch.compare(ips(&["10.0.0.2"])), Way::Other);
    }

    #[test]
    fn the_way_to_this_computer_does_not_change() {
        let mut watch = WayWatch::to("127.0.0.1:9".parse().unwrap());
        assert_eq!(watch.look(), Way::Same);
        assert_eq!(watch.from, ips(&["127.0.0.1"]));
    }
}
