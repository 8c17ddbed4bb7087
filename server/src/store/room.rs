//! Whether the disk has room for new messages, so that what is stored can always be delivered and taken out.

use std::path::Path;

use rusqlite::Connection;
use whoelse_hub::{StoreOp, Ticket};
use whoelse_proto::Content;
use whoelse_sqlite::{Reserve, available, log_of};

/// Bytes that must be left: what acknowledgements, ends of sessions and heartbeats write until the log begins again.
const SLACK: u64 = 256 * 1024;

/// Bytes that a message takes beside its words, in the log and then in the database: a page of each of five trees.
const MESSAGE_BYTES: u64 = 5 * 4096;

/// Whether there is room for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// There is.
    Enough,
    /// There is not.
    Short,
}

/// Whether the messages of a batch fit, and after them all that is in the log fits into the database, and so many bytes
/// are left to others. Asks the system
/// once for a batch with messages.
pub(super) fn fits(
    batch: &[(Ticket, StoreOp)],
    db: &Connection,
    database: &Path,
    reserve: &mut Reserve,
    keep_free: u64,
) -> Room {
    let texts = batch.iter().filter_map(|(_, op)| text_of(op)).map(|text| text.saturating_add(MESSAGE_BYTES));
    let needed: u64 = texts.sum();
    if needed == 0 {
        return Room::Enough;
    }
    reserve.refill();
    if !reserve.is_whole() {
        return Room::Short;
    }
    let log = std::fs::metadata(log_of(database)).map_or(0, |metadata| metadata.len());
    let in_database = needed.saturating_add(log).saturating_sub(unused(db));
    let needed = needed.saturating_add(in_database).saturating_add(SLACK).saturating_add(keep_free);
    if available(database.parent().unwrap_or(database)) < needed { Room::Short } else { Room::Enough }
}

/// Bytes within the database that nothing is in.
fn unused(db: &Connection) -> u64 {
    let ask = |what| db.pragma_query_value(None, what, |row| row.get::<_, u32>(0)).map_or(0, u64::from);
    ask("freelist_count").saturating_mul(ask("page_size"))
}

/// Bytes of a message that would be taken.
fn text_of(op: &StoreOp) -> Option<u64> {
    match op {
        StoreOp::Accept { message, .. } => Some(match &message.content {
            Content::Text { text, .. } | Content::Edit { text, .. } => text.as_str().len() as u64,
            Content::Reaction { emoji, .. } => emoji.len() as u64,
        }),
        StoreOp::LoadInbox { .. }
        | StoreOp::Lookup { .. }
        | StoreOp::SessionsOf { .. }
        | StoreOp::Acknowledge { .. }
        | StoreOp::MarkRead { .. }
        | StoreOp::OpenSession { .. }
        | StoreOp::CloseSession { .. }
        | StoreOp::KeepPass { .. }
        | StoreOp::KeepPassAlone { .. }
        | StoreOp::NoteMissed { .. }
        | StoreOp::RevokeToken { .. }
        | StoreOp::RevokeSecrets { .. }
        | StoreOp::Block { .. }
        | StoreOp::Unblock { .. }
        | StoreOp::FindInvite { .. }
        | StoreOp::ClaimInvite { .. }
        | StoreOp::ReturnInvite { .. }
        | StoreOp::BeginAccount { .. }
        | StoreOp::RecallAccount { .. }
        | StoreOp::ForgetAccount { .. }
        | StoreOp::Heartbeat { .. }
        | StoreOp::Forget { .. } => None,
    }
}
