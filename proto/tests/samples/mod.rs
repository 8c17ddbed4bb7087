//! A message of every kind, with each optional field once there and once not.
#![allow(dead_code, reason = "each test uses some of them")]

mod client;
mod peer;
mod server;
pub(crate) mod variants;

use whoelse_proto::peer::{PeerAnswer, PeerAsk, PeerFrame, PeerHello, PeerReveal};
use whoelse_proto::*;

/// A message of either side, or of another device.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Client(ClientFrame),
    Server(ServerFrame),
    PeerHello(PeerHello),
    PeerReveal(PeerReveal),
    Peer(PeerFrame),
    PeerAsk(PeerAsk),
    PeerAnswer(PeerAnswer),
}

impl Message {
    /// The frame, bytes of its length included.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Client(frame) => codec::encode(frame, limits::MAX_FRAME).unwrap(),
            Self::Server(frame) => codec::encode(frame, limits::MAX_FRAME).unwrap(),
            Self::PeerHello(hello) => codec::encode(hello, limits::MAX_FRAME).unwrap(),
            Self::PeerReveal(reveal) => codec::encode(reveal, limits::MAX_FRAME).unwrap(),
            Self::Peer(frame) => codec::encode(frame, limits::MAX_FRAME).unwrap(),
            Self::PeerAsk(ask) => codec::encode(ask, limits::MAX_FRAME).unwrap(),
            Self::PeerAnswer(answer) => codec::encode(answer, limits::MAX_FRAME).unwrap(),
        }
    }

    /// Reads a body as a message of the same side.
    pub(crate) fn decode_same_side(&self, body: &[u8]) -> Result<Self, codec::DecodeError> {
        match self {
            Self::Client(_) => codec::decode(body).map(Self::Client),
            Self::Server(_) => codec::decode(body).map(Self::Server),
            Self::PeerHello(_) => codec::decode(body).map(Self::PeerHello),
            Self::PeerReveal(_) => codec::decode(body).map(Self::PeerReveal),
            Self::Peer(_) => codec::decode(body).map(Self::Peer),
            Self::PeerAsk(_) => codec::decode(body).map(Self::PeerAsk),
            Self::PeerAnswer(_) => codec::decode(body).map(Self::PeerAnswer),
        }
    }
}

/// Every sample with its name in the golden file.
pub(crate) fn messages() -> Vec<(String, Message)> {
    let client = client::frames().into_iter().map(|(name, frame)| (format!("client {name}"), Message::Client(frame)));
    let server = server::frames().into_iter().map(|(name, frame)| (format!("server {name}"), Message::Server(frame)));
    client.chain(server).chain(peer::messages()).collect()
}

pub(crate) fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

pub(crate) fn root() -> FileRoot {
    FileRoot::from_bytes([0x99; 32])
}

pub(crate) fn shared() -> SharedFile {
    SharedFile { name: FileName::new("plans.pdf").unwrap(), size: FileSize::try_from(70_000).unwrap(), root: root() }
}

/// One of each kind.
pub(crate) fn addresses() -> Addresses {
    let direct = ["192.0.2.1:4433", "[2001:db8::1]:4433"].map(|raw| PeerAddress::Direct(raw.parse().unwrap()));
    Addresses::new(direct.into_iter().chain([PeerAddress::Relay {}]))
}

pub(crate) fn text(raw: &str) -> Text {
    Text::new(raw).unwrap()
}

/// A moment in September 2026.
pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + second * 1000)
}

pub(crate) fn id(last: u8) -> MessageId {
    MessageId::new(at(0), [0, 0, 0, 0, 0, 0, 0, 0, 0, last])
}
