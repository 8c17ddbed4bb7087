//! One session a name.

use std::collections::BTreeMap;

use whoelse_hub::ConnId;
use whoelse_proto::{RequestId, ServerFrame, Timestamp, UserName};

/// Which line carries whose session, as those see it who read the frames.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_conn: BTreeMap<ConnId, UserName>,
    asked: BTreeMap<(ConnId, RequestId), Timestamp>,
}

impl Sessions {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others begin and end nothing")]
    pub(super) fn said(&mut self, conn: ConnId, frame: &ServerFrame) -> Result<(), String> {
        match frame {
            ServerFrame::Welcome { name, .. } => {
                if let Some(other) = self.by_conn.iter().find(|(_, known)| *known == name) {
                    return Err(format!("{name} has a session on {:?} and another on {conn:?}", other.0));
                }
                self.by_conn.insert(conn, name.clone());
            }
            ServerFrame::SessionEnded { .. } => _ = self.by_conn.remove(&conn),
            ServerFrame::Deliver(_) if !self.by_conn.contains_key(&conn) => {
                return Err(format!("a message for {conn:?}, which has no session"));
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn gone(&mut self, conn: ConnId) {
        self.by_conn.remove(&conn);
    }

    pub(super) fn reader(&self, conn: ConnId) -> Option<&UserName> {
        self.by_conn.get(&conn)
    }

    pub(super) fn asks(&mut self, conn: ConnId, id: RequestId, now: Timestamp) {
        self.asked.insert((conn, id), now);
    }

    pub(super) fn asked_at(&self, conn: ConnId, id: RequestId) -> Option<Timestamp> {
        self.asked.get(&(conn, id)).copied()
    }
}
