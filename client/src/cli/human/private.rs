//! Private sessions and files in words.

use whoelse_model::{Closing, PrivateSession, Route, Transfer, TransferKind, TransferState, Trust};
use whoelse_proto::{Chunks, FoundFile, SharedFile, UserName};

use super::super::{safe, table};

pub(super) fn asked(by: &UserName) -> String {
    format!("{by} asks for a private session. Type accept {by} to agree or decline {by} to refuse, within a minute.")
}

const fn way(route: Route) -> &'static str {
    match route {
        Route::Direct => "directly between your computers",
        Route::Relayed => "through the server's relay",
    }
}

pub(super) fn opened(session: &PrivateSession) -> String {
    let (peer, way) = (&session.peer, way(session.route));
    let emoji = session.verification.emoji().map(|emoji| format!("{} {}", emoji.sign, emoji.name)).join(", ");
    let compare = match session.trust {
        Trust::New | Trust::Pinned => {
            format!(
                "\n  {emoji}\n  {}\nIf {peer} sees the same code, nobody listens in: type verify {peer}. If not, type stopprivate {peer}.",
                session.verification.digits
            )
        }
        Trust::Verified => " You have compared the code of this device before.".to_owned(),
    };
    format!("Private session with {peer} is open, {way}.{compare}")
}

pub(super) fn interrupted(peer: &UserName) -> String {
    format!(
        "The connection to {peer}'s computer broke. Your computers look for each other for 10 seconds; what you write privately is sent once they have found each other."
    )
}

pub(super) fn resumed(peer: &UserName, route: Route) -> String {
    format!("The private session with {peer} goes on, {}.", way(route))
}

pub(super) fn rerouted(peer: &UserName, route: Route) -> String {
    format!("The private session with {peer} now goes {}.", way(route))
}

pub(super) fn closed(peer: &UserName, why: Closing) -> String {
    match why {
        Closing::Declined => format!("{peer} declined the private session."),
        Closing::Expired => format!("{peer} did not answer the request for a private session."),
        Closing::Stopped => format!("{peer} ended the private session."),
        Closing::Logout => format!("The private session with {peer} ended: {peer} logged out."),
        Closing::Timeout => format!("The private session with {peer} ended after too long without activity."),
        Closing::Lost => format!("The private session with {peer} ended: the connection was lost."),
        Closing::Unreachable => format!("No private session with {peer}: your computers could not reach each other."),
        Closing::Impostor => {
            format!("No private session with {peer}: somebody else answered in their place. Nothing was sent.")
        }
        Closing::Here => format!("The private session with {peer} is over."),
    }
}

pub(super) fn transfer(transfer: &Transfer) -> Option<String> {
    let (id, name, size) = (transfer.id.get(), safe::line(transfer.name.as_str()), bytes(transfer.size));
    let who = match &transfer.kind {
        TransferKind::Sending { to } => format!(" to {to}"),
        TransferKind::Receiving { from } => format!(" from {from}"),
        TransferKind::Downloading => String::new(),
    };
    match &transfer.state {
        TransferState::Offered if matches!(transfer.kind, TransferKind::Receiving { .. }) => Some(format!(
            "File {id}: {name}, {size}{who}. Type takefile {id} to accept it or refusefile {id} to refuse it."
        )),
        TransferState::Offered => Some(format!("File {id}: {name}, {size}, offered{who}.")),
        // What flows is told at its end.
        TransferState::Hashing | TransferState::Running => None,
        TransferState::Paused if transfer.pauses.here => {
            Some(format!("File {id}: {name}{who} is paused. Type resumefile {id} to continue."))
        }
        TransferState::Paused => Some(format!("File {id}: {name}{who} was paused by the other side.")),
        TransferState::Waiting => match &transfer.kind {
            TransferKind::Sending { to } => Some(format!(
                "File {id}: {name} is sent as soon as a private session with {to} is open. Type cancelfile {id} to cancel."
            )),
            TransferKind::Receiving { from } => {
                Some(format!("File {id}: {name} is received as soon as a private session with {from} is open."))
            }
            TransferKind::Downloading => {
                Some(format!("File {id}: {name} is fetched as soon as somebody who has it is online."))
            }
        },
        TransferState::Done { path } => {
            let path = safe::line(&path.display().to_string());
            Some(format!("File {id}: {name}{who} is complete: {path}"))
        }
        TransferState::Refused => Some(format!("File {id}: {name}{who} was refused.")),
        TransferState::Cancelled => Some(format!("File {id}: {name}{who} was cancelled.")),
        TransferState::Lapsed => {
            Some(format!("File {id}: {name}{who} waits there, and is offered again in the next private session."))
        }
        TransferState::Failed { cause } => Some(format!("File {id}: {name}{who} failed: {}.", safe::line(cause))),
    }
}

pub(super) fn files(found: &[FoundFile]) -> String {
    if found.is_empty() {
        return "Nobody online shares such a file.".to_owned();
    }
    let mut lines = Vec::new();
    // What differs is told apart by the whole root, which `download` takes.
    let is_one = found.len() == 1;
    for found in found {
        let root = found.file.root.to_string();
        let root = if is_one { format!("{}…", root.chars().take(16).collect::<String>()) } else { root };
        let name = safe::line(found.file.name.as_str());
        lines.push(format!("{name}, {}, content {root}", bytes(found.file.size.bytes())));
        let all = found.file.size.chunks();
        let rows: Vec<_> =
            found.holders.iter().map(|holder| [format!("  {}", holder.name), held(holder.chunks, all)]).collect();
        lines.extend(table::lines(&rows));
    }
    lines.join("\n")
}

fn held(chunks: Chunks, all: u8) -> String {
    let numbers: Vec<_> = chunks.iter().map(|chunk| chunk.to_string()).collect();
    if chunks.count() == u32::from(all) {
        "all chunks".to_owned()
    } else {
        format!("{} of {all} chunks: {}", chunks.count(), numbers.join(", "))
    }
}

pub(super) fn registered(file: &SharedFile, known: bool) -> String {
    let name = safe::line(file.name.as_str());
    let also = if known { " Others share it too." } else { "" };
    format!("{name} is shared: {}, {} chunks.{also}", bytes(file.size.bytes()), file.size.chunks())
}

/// A size for people.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.into_iter().find(|(_, size)| count >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", count as f64 / size as f64),
        None => format!("{count} bytes"),
    }
}
