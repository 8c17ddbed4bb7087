//! What the server does with bytes from outside, for any bytes: targets of `fuzz/`, and of the tests with its corpus.
//!
//! In builds for a fuzzer and in tests alone. A function that panics has found a fault.
#![allow(clippy::missing_panics_doc, reason = "to panic is what these functions are for")]

use whoelse_proto::ClientFrame;
use whoelse_proto::codec::{FrameReader, decode, encode};
use whoelse_proto::limits::{FRAME_HEADER, MAX_FRAME, MAX_FRAME_BEFORE_LOGIN};

pub use crate::accounts::fuzz_credentials as credentials;

/// The bytes of a connection before the login.
pub fn codec_before_login(bytes: &[u8]) {
    hold(bytes, MAX_FRAME_BEFORE_LOGIN);
}

/// The bytes of a connection behind the login.
pub fn codec_after_login(bytes: &[u8]) {
    hold(bytes, MAX_FRAME);
}

/// The same frames are read however the bytes arrive, and each is read again as it is written.
fn hold(bytes: &[u8], limit: usize) {
    let whole = read(&[bytes], limit);
    for cut in [1, FRAME_HEADER, bytes.len() / 2] {
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        assert!(read(&[head, tail], limit) == whole, "cut at {cut}, other frames are read");
    }
    for frame in &whole.0 {
        let written = encode(frame, usize::MAX).map_err(|error| error.to_string());
        let body = written.as_deref().map(|bytes| bytes.get(FRAME_HEADER..).unwrap_or_default());
        let again = body.map(|body| decode::<ClientFrame>(body).map_err(|error| error.to_string()));
        assert!(again.is_ok_and(|again| again.as_ref() == Ok(frame)), "{frame:?} is not read again");
    }
}

/// Frames, and why there are no more.
fn read(parts: &[&[u8]], limit: usize) -> (Vec<ClientFrame>, Option<String>) {
    let mut reader = FrameReader::new(limit);
    let mut frames = Vec::new();
    for part in parts {
        reader.feed(part);
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error.to_string())),
            }
        }
    }
    (frames, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    include!("../../fuzz/corpus.rs");

    #[test]
    fn every_input_of_the_corpus_is_read_before_a_login_without_harm() {
        play("codec_before_login", codec_before_login);
    }

    #[test]
    fn every_input_of_the_corpus_is_read_behind_a_login_without_harm() {
        play("codec_after_login", codec_after_login);
    }

    #[test]
    fn every_file_of_accounts_of_the_corpus_is_read_without_harm() {
        play("credentials", credentials);
    }
}
