//! What the client does with what others wrote, for any bytes: targets of `fuzz/`, and of the tests with its corpus.
//!
//! In builds for a fuzzer and in tests alone. A function that panics has found a fault.
#![allow(clippy::missing_panics_doc, reason = "to panic is what these functions are for")]

use std::str::from_utf8;

use whoelse_model::command::{complete, compose, parse};
use whoelse_proto::codec::{decode, encode};
use whoelse_proto::limits::FRAME_HEADER;
use whoelse_proto::{Invitation, ServerFrame};

pub use crate::cli::fuzz_json_input as json_input;
pub use crate::history::fuzz_history_rows as history_rows;
pub use crate::peer::fuzzing::{manifest, offer, peer_stream};

/// Bytes of an error about a line: a few lines of a terminal.
pub(crate) const MAX_SAID: usize = 1024;

/// A frame of a server.
pub fn server_frame(bytes: &[u8]) {
    let Ok(frame) = decode::<ServerFrame>(bytes) else { return };
    let Ok(written) = encode(&frame, usize::MAX) else { unreachable!("what was read can be written") };
    let again = decode::<ServerFrame>(written.get(FRAME_HEADER..).unwrap_or_default());
    assert!(again.is_ok_and(|again| again == frame), "{frame:?} is not read again");
}

/// An invitation, or a server as a person names it: what is read is written in the one form that reads the same.
pub fn invitation(bytes: &[u8]) {
    let Ok(raw) = from_utf8(bytes) else { return };
    let names_port = Invitation::names_port(raw);
    if let Ok(invitation) = Invitation::named(raw) {
        let written = invitation.to_string();
        assert!(written.parse().as_ref() == Ok(&invitation), "{raw:?} is written as {written:?}");
        assert!(Invitation::names_port(&written), "{written:?} names no port");
    } else {
        assert!(!names_port || raw.contains('#') || raw.contains("://"), "{raw:?} names a port of nothing");
    }
}

/// A line of a person: a command, or why it is none, in words fit for a terminal.
pub fn command_line(bytes: &[u8]) {
    let Ok(line) = from_utf8(bytes) else { return };
    if let Err(error) = parse(line) {
        let said = error.to_string();
        assert!(said.len() <= MAX_SAID && !said.contains(char::is_control), "{said:?}");
    }
    if let Err(error) = compose(line) {
        assert!(error.to_string().len() <= MAX_SAID);
    }
    for cursor in [0, line.len() / 2, line.len()] {
        for completion in complete(line, cursor, []) {
            assert!(completion.start <= cursor && line.is_char_boundary(completion.start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    include!("../../fuzz/corpus.rs");

    #[test]
    fn every_frame_of_a_server_of_the_corpus_is_read_without_harm() {
        play("server_frame", server_frame);
    }

    #[test]
    fn every_invitation_of_the_corpus_is_read_without_harm() {
        play("invitation", invitation);
    }

    #[test]
    fn every_line_of_the_corpus_is_read_without_harm() {
        play("command_line", command_line);
    }

    #[test]
    fn every_object_of_the_corpus_is_read_without_harm() {
        play("json_input", json_input);
    }

    #[test]
    fn every_stream_of_a_peer_of_the_corpus_is_read_without_harm() {
        play("peer_stream", peer_stream);
    }

    #[test]
    fn every_offer_of_the_corpus_is_read_without_harm() {
        play("offer", offer);
    }

    #[test]
    fn every_list_of_hashes_of_the_corpus_is_read_without_harm() {
        play("manifest", manifest);
    }

    #[test]
    fn every_row_of_the_corpus_is_read_without_harm() {
        play("history_rows", history_rows);
    }
}
