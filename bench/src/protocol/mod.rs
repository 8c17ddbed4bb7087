//! What the load generator can speak. To add one: implement [`Session`], and name it in [`Protocol`].

mod irc;
mod mqtt;
mod nats;
pub(crate) mod raw;
mod whoelse;
mod xmpp;

pub(crate) use whoelse::{PASSWORD, Suite};

use clap::ValueEnum;

/// Bytes that both ends of a TLS connection know, and nobody else.
pub(crate) type Exporter = [u8; whoelse_proto::opaque::EXPORTER_BYTES];

/// What a session learned from the bytes it was fed.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// The login is over.
    pub(crate) ready: bool,
    /// When the messages that arrived were sent, in nanoseconds of the generator's clock.
    pub(crate) sent_at: Vec<u64>,
    /// How many of its own messages the server acknowledged, or barriers.
    pub(crate) acknowledged: u64,
    /// The connection is of no more use.
    pub(crate) fatal: Option<String>,
}

impl Learned {
    /// Notes an arrived message by the stamp in its body.
    fn arrived(&mut self, body: &[u8]) {
        self.sent_at.extend(stamp(body));
    }
}

/// Whether a request of [`Session::barrier`] was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// Its answer means that everything before it was taken.
    Written,
    /// The protocol acknowledges every message, or none.
    None,
}

/// One connection's protocol; no input and output of its own.
pub(crate) trait Session {
    /// Appends what comes first.
    fn start(&mut self, out: &mut Vec<u8>);

    /// The TLS handshake is over.
    fn secured(&mut self, _exporter: Exporter) {}

    /// Takes what came; appends answers; gives how many bytes it used.
    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize;

    /// Appends a message to user `to`.
    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>);

    /// Appends a message to everyone online.
    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>);

    /// Appends a goodbye, where the protocol has one that the server answers by closing.
    fn leave(&mut self, _out: &mut Vec<u8>) {}

    /// Appends a request whose answer means that everything before it was taken.
    fn barrier(&mut self, _out: &mut Vec<u8>) -> Barrier {
        Barrier::None
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// Sends and receives messages.
    #[default]
    User,
    /// Does what the protocol asks of one who hears broadcasts.
    Hearer,
    /// Broadcasts, as the administrator where the protocol asks for one.
    Speaker,
    /// Makes the account, and is done.
    Newcomer,
    /// Makes the administrator's account, and is done.
    NewSpeaker,
    /// Its messages are kept while it is away.
    Traveller,
}

/// Protocols by their names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// The relay's.
    Raw,
    Irc,
    /// MQTT, at most once.
    Mqtt0,
    /// MQTT, at least once.
    Mqtt1,
    Xmpp,
    Nats,
    /// This project's; always with TLS.
    Whoelse,
}

impl Protocol {
    /// The port that its server has in `peers.sh`.
    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Raw => 17000,
            Self::Irc => 16667,
            Self::Mqtt0 | Self::Mqtt1 => 11883,
            Self::Xmpp => 15222,
            Self::Nats => 14222,
            Self::Whoelse => whoelse_proto::DEFAULT_PORT,
        }
    }

    /// The name in the TLS handshake, if it asks for one.
    pub(crate) fn alpn(self) -> Option<&'static [u8]> {
        match self {
            Self::Whoelse => Some(whoelse_proto::ALPN),
            Self::Raw | Self::Irc | Self::Mqtt0 | Self::Mqtt1 | Self::Xmpp | Self::Nats => None,
        }
    }

    /// A session of user `id`.
    pub(crate) fn session(self, id: u32, role: Role) -> Box<dyn Session> {
        match self {
            Self::Raw => Box::new(raw::Raw::new(id)),
            Self::Irc => Box::new(irc::Irc::new(id, role)),
            Self::Mqtt0 => Box::new(mqtt::Mqtt::new(id, role, mqtt::Qos::AtMostOnce)),
            Self::Mqtt1 => Box::new(mqtt::Mqtt::new(id, role, mqtt::Qos::AtLeastOnce)),
            Self::Xmpp => Box::new(xmpp::Xmpp::new(id, role)),
            Self::Nats => Box::new(nats::Nats::new(id, role)),
            Self::Whoelse => Box::new(whoelse::Whoelse::new(id, role)),
        }
    }
}

/// Bytes of a message's body.
pub(crate) const BODY_BYTES: usize = 100;

/// Bytes of a stamp: its mark and 16 hexadecimal digits.
const STAMP_BYTES: usize = 18;

/// What a stamp begins with.
const MARK: &[u8; 2] = b"~T";

/// A body of printable bytes that carries the moment of sending.
pub(crate) fn body(nanos: u64) -> Vec<u8> {
    format!("~T{nanos:016x}{}", "x".repeat(BODY_BYTES - STAMP_BYTES)).into_bytes()
}

/// The moment in a body.
fn stamp(body: &[u8]) -> Option<u64> {
    let digits = body.get(..STAMP_BYTES)?.strip_prefix(MARK)?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Where `needle` begins in `haystack`.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The first line without its end, and what is behind it.
fn split_line(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|&byte| byte == b'\n')?;
    let (line, rest) = data.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_carries_its_moment() {
        let written = body(0xfeed);
        assert_eq!(written.len(), BODY_BYTES);
        assert_eq!(stamp(&written), Some(0xfeed));
        assert_eq!(stamp(&written[..17]), None);
        assert_eq!(stamp(b"hello, this is not a stamp"), None);
    }

    #[test]
    fn lines_are_split_with_and_without_a_return() {
        assert_eq!(split_line(b"a\r\nb"), Some((&b"a"[..], &b"b"[..])));
        assert_eq!(split_line(b"a\n"), Some((&b"a"[..], &b""[..])));
        assert_eq!(split_line(b"a"), None);
    }
}
