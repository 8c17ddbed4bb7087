//! Frames of the server as shared bytes.

use whoelse_proto::ServerFrame;
use whoelse_proto::codec;
use whoelse_proto::limits::MAX_FRAME;

use super::outbox::{Encoded, Mark};

/// A frame as bytes; nothing for a frame over the limit, which is a fault of this program and logged as one.
pub(super) fn encode(frame: &ServerFrame) -> Option<Encoded> {
    match codec::encode(frame, MAX_FRAME) {
        Ok(bytes) => Some(bytes.into()),
        Err(error) => {
            tracing::error!(%error, "a frame was not sent");
            None
        }
    }
}

/// What a frame means for the connection that carries it.
pub(super) fn mark(frame: &ServerFrame) -> Mark {
    match frame {
        ServerFrame::Reply { more: false, .. } => Mark::Answer,
        ServerFrame::LoginRefused(_) | ServerFrame::Registered {} => Mark::Verdict,
        ServerFrame::Reply { more: true, .. }
        | ServerFrame::Hello { .. }
        | ServerFrame::LoginChallenge { .. }
        | ServerFrame::RegisterChallenge { .. }
        | ServerFrame::Welcome { .. }
        | ServerFrame::Roster { .. }
        | ServerFrame::Presence { .. }
        | ServerFrame::Deliver(_)
        | ServerFrame::Progress { .. }
        | ServerFrame::Private(_)
        | ServerFrame::Notice(_)
        | ServerFrame::InactivityWarning { .. }
        | ServerFrame::SessionEnded { .. }
        | ServerFrame::Fault(_)
        | ServerFrame::Ping {}
        | ServerFrame::Pong {} => Mark::Plain,
    }
}
