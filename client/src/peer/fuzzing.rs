//! What a peer says (`crate::fuzzing`).

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde::de::DeserializeOwned;
use whoelse_proto::codec::decode;
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::peer::{PeerAnswer, PeerAsk, PeerFrame, PeerHello, PeerReveal};

pub use super::files::fuzz_manifest as manifest;
use super::{PeerError, Receiver, files, handshake, wire};

/// A stream of a peer, as whoever opened it and as whoever was asked.
pub fn peer_stream(bytes: &[u8]) {
    let mut stream = open(bytes);
    if read::<PeerHello>(&mut stream, handshake::MAX_HELLO).is_ok()
        && read::<PeerReveal>(&mut stream, handshake::MAX_HELLO).is_ok()
    {
        while read::<PeerFrame>(&mut stream, MAX_FRAME).is_ok() {}
    }
    // What any of these takes, no other may break over.
    let _ = read::<PeerAsk>(&mut open(bytes), handshake::MAX_HELLO);
    let _ = read::<PeerAnswer>(&mut open(bytes), handshake::MAX_HELLO);
    let mut frames = open(bytes);
    while read::<PeerFrame>(&mut frames, MAX_FRAME).is_ok() {}
}

/// An offer of a file: its name becomes one of this folder, and its pieces lie in it one behind the other.
pub fn offer(bytes: &[u8]) {
    if let Ok(raw) = std::str::from_utf8(bytes) {
        files::fuzz_name(raw);
    }
    if let Ok(PeerFrame::Offer { id: _, name, size, root: _ }) = decode(bytes) {
        files::fuzz_name(name.as_str());
        files::fuzz_pieces(size);
    }
}

/// A stream of which all bytes are there.
fn open(bytes: &[u8]) -> Receiver {
    Box::new(std::io::Cursor::new(bytes.to_vec()))
}

/// Reads a frame. Nothing is waited for: the stream ends behind its bytes.
fn read<T: DeserializeOwned>(stream: &mut Receiver, limit: usize) -> Result<T, PeerError> {
    let reading = pin!(wire::read(stream, limit));
    match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame,
        Poll::Pending => unreachable!("all bytes are there"),
    }
}
