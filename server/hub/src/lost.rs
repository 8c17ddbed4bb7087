//! Messages that waited for an account that was removed: their authors are told that they never arrive.

use whoelse_proto::MessageId;
use whoelse_proto::limits::MAX_LOOKUP_IDS;

use crate::Hub;
use crate::effect::{Effect, Routed};
use crate::store::Lost;

impl Hub {
    /// Tells who is signed in; everybody else asks at the next login.
    pub(crate) fn tell_lost(&mut self, all: &[Lost]) {
        for Lost { sender, peer, ids } in all {
            for part in ids.chunks(MAX_LOOKUP_IDS) {
                let ids: Vec<MessageId> = part.to_vec();
                let what = Routed::Lost { peer: peer.clone(), ids, at: self.now };
                self.effects.push(Effect::Route { to: vec![sender.clone()], what });
            }
        }
    }
}
