//! Words of messages that were delivered: in the database they are overwritten at once, in its log they stand until it begins
//! anew. It is emptied a while after the last delivery.

use std::time::Duration;

use rusqlite::{Connection, Result};
use whoelse_hub::StoreOp;

use super::connect::BUSY_TIMEOUT;

/// Looks, about one a second, for which delivered words may stand in the log.
pub(super) const EMPTY_AFTER: u32 = 30;

/// Whether there may be such words, and for how many looks.
#[derive(Debug)]
pub(super) struct Traces(Option<u32>);

impl Traces {
    /// Those that an earlier run may have left.
    pub(super) const fn of_earlier_run() -> Self {
        Self(Some(0))
    }

    /// Notes what was done.
    pub(super) fn note(&mut self, op: &StoreOp) {
        match op {
            StoreOp::Acknowledge { .. } | StoreOp::ForgetAccount { .. } | StoreOp::Forget { .. } => {
                self.0.get_or_insert(0);
            }
            StoreOp::Accept { .. }
            | StoreOp::LoadInbox { .. }
            | StoreOp::MarkRead { .. }
            | StoreOp::Lookup { .. }
            | StoreOp::OpenSession { .. }
            | StoreOp::CloseSession { .. }
            | StoreOp::KeepPass { .. }
            | StoreOp::KeepPassAlone { .. }
            | StoreOp::NoteMissed { .. }
            | StoreOp::RevokeToken { .. }
            | StoreOp::RevokeSecrets { .. }
            | StoreOp::SessionsOf { .. }
            | StoreOp::Block { .. }
            | StoreOp::Unblock { .. }
            | StoreOp::FindInvite { .. }
            | StoreOp::ClaimInvite { .. }
            | StoreOp::ReturnInvite { .. }
            | StoreOp::BeginAccount { .. }
            | StoreOp::RecallAccount { .. }
            | StoreOp::Heartbeat { .. } => {}
        }
    }

    /// One look: empties the log when it is time.
    pub(super) fn look(&mut self, db: &Connection) {
        let Some(looks) = self.0 else { return };
        let looks = looks.saturating_add(1);
        self.0 = Some(looks);
        if looks < EMPTY_AFTER {
            return;
        }
        match empty_log(db) {
            Ok(Emptied::Yes) => self.0 = None,
            Ok(Emptied::InUse) => self.0 = Some(0),
            Err(error) => {
                tracing::debug!(%error, "the log is not emptied");
                self.0 = Some(0);
            }
        }
    }
}

enum Emptied {
    Yes,
    /// Another program reads the database: the log is tried again later, and nobody waits for it.
    InUse,
}

fn empty_log(db: &Connection) -> Result<Emptied> {
    db.busy_timeout(Duration::ZERO)?;
    let is_in_use = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    db.busy_timeout(BUSY_TIMEOUT)?;
    Ok(if is_in_use? { Emptied::InUse } else { Emptied::Yes })
}
