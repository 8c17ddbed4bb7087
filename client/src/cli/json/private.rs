//! Private sessions and files as JSON.

use serde_json::{Value, json};
use whoelse_model::{Closing, PrivateSession, Route, Source, Transfer, TransferKind, TransferState, Trust};
use whoelse_proto::{Chunks, FoundFile, Holder, SharedFile, UserName};

pub(super) fn opened(session: &PrivateSession) -> Value {
    let emoji = session.verification.emoji().map(|emoji| emoji.name).join(" ");
    let trust = match session.trust {
        Trust::New => "new",
        Trust::Pinned => "known",
        Trust::Verified => "verified",
    };
    json!({
        "event": "private_open",
        "user": session.peer.as_str(),
        "code": emoji,
        "digits": session.verification.digits,
        "key": trust,
        "route": route(session.route),
    })
}

pub(super) fn routed(event: &str, peer: &UserName, to: Route) -> Value {
    json!({"event": event, "user": peer.as_str(), "route": route(to)})
}

const fn route(route: Route) -> &'static str {
    match route {
        Route::Direct => "direct",
        Route::Relayed => "relay",
    }
}

pub(super) const fn closing(why: Closing) -> &'static str {
    match why {
        Closing::Declined => "declined",
        Closing::Expired => "expired",
        Closing::Stopped => "stopped",
        Closing::Logout => "logout",
        Closing::Timeout => "timeout",
        Closing::Lost => "lost",
        Closing::Unreachable => "unreachable",
        Closing::Impostor => "impostor",
        Closing::Here => "here",
    }
}

/// Why an offer is over that nobody has answered.
const LAPSED: &str = "the session ended before an answer; it is offered again in the next one";

pub(super) fn transfer(transfer: &Transfer) -> Value {
    let (user, direction) = match &transfer.kind {
        TransferKind::Sending { to } => (Some(to.as_str()), "sending"),
        TransferKind::Receiving { from } => (Some(from.as_str()), "receiving"),
        TransferKind::Downloading => (None, "downloading"),
    };
    let is_offer = direction == "receiving" && transfer.state == TransferState::Offered;
    let (path, cause) = match &transfer.state {
        TransferState::Done { path } => (Some(path.display().to_string()), None),
        TransferState::Failed { cause } => (None, Some(cause.as_str())),
        TransferState::Lapsed => (None, Some(LAPSED)),
        TransferState::Hashing
        | TransferState::Offered
        | TransferState::Running
        | TransferState::Paused
        | TransferState::Waiting
        | TransferState::Refused
        | TransferState::Cancelled => (None, None),
    };
    json!({
        "event": if is_offer { "file_offer" } else { "transfer" },
        "id": transfer.id.get(),
        "direction": direction,
        "user": user,
        "name": transfer.name.as_str(),
        "size": transfer.size,
        "done": transfer.done,
        "chunks": numbers(transfer.chunks),
        "state": transfer.state.word(),
        "sources": transfer.sources.iter().map(source).collect::<Vec<_>>(),
        "path": path,
        "cause": cause,
    })
}

fn source(source: &Source) -> Value {
    json!({"user": source.name.as_str(), "bytes": source.bytes, "dropped": source.dropped})
}

fn numbers(chunks: Chunks) -> Vec<u8> {
    chunks.iter().collect()
}

pub(super) fn files(found: &[FoundFile]) -> Value {
    let holder = |holder: &Holder| json!({"user": holder.name.as_str(), "chunks": numbers(holder.chunks)});
    let file = |found: &FoundFile| {
        json!({
            "name": found.file.name.as_str(),
            "size": found.file.size.bytes(),
            "root": found.file.root.to_string(),
            "holders": found.holders.iter().map(holder).collect::<Vec<_>>(),
        })
    };
    json!({"event": "files", "files": found.iter().map(file).collect::<Vec<_>>()})
}

pub(super) fn registered(file: &SharedFile, known: bool) -> Value {
    json!({
        "event": "ok",
        "command": "register",
        "name": file.name.as_str(),
        "size": file.size.bytes(),
        "root": file.root.to_string(),
        "chunks": file.size.chunks(),
        "known": known,
    })
}
