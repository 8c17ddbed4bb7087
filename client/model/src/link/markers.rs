//! Read markers: the latest of each chat, told when there is a line.

use std::collections::BTreeMap;

use whoelse_proto::{Answer, Command, MessageId, Outcome, Refusal, UserName};

use super::LinkOutput;
use super::line::{Broken, Open};
use super::machine::Link;

/// Chats with a marker that the server does not have. More wait in vain: their authors see "delivered".
const MAX_MARKERS: usize = 4096;

/// Markers sent ahead of the server's answers: opening chats one after the other fills no line.
const MAX_MARKERS_IN_FLIGHT: usize = 16;

/// The markers that the server does not have.
#[derive(Debug, Default)]
pub(super) struct Markers {
    wanted: BTreeMap<UserName, MessageId>,
    /// The server could not write them; they wait for the next line.
    parked: BTreeMap<UserName, MessageId>,
}

impl Markers {
    /// The chat was seen up to here.
    pub(super) fn want(&mut self, peer: UserName, up_to: MessageId) {
        self.parked.remove(&peer);
        if self.wanted.len() < MAX_MARKERS || self.wanted.contains_key(&peer) {
            self.wanted.insert(peer, up_to);
        }
    }

    /// A marker was under way when the line was lost; a later one of the chat takes its place.
    pub(super) fn want_again(&mut self, peer: UserName, up_to: MessageId) {
        if !self.wanted.contains_key(&peer) {
            self.want(peer, up_to);
        }
    }

    /// There is a new line.
    pub(super) fn revive(&mut self) {
        for (peer, up_to) in std::mem::take(&mut self.parked) {
            self.want_again(peer, up_to);
        }
    }

    /// Whether none is to be sent on this line.
    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    fn park(&mut self, peer: UserName, up_to: MessageId) {
        if !self.wanted.contains_key(&peer) {
            self.parked.insert(peer, up_to);
        }
    }
}

impl Link {
    /// Sends markers, one at a time for each chat so that they cannot overtake one another.
    pub(super) fn send_markers(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        if self.markers.is_empty() {
            return;
        }
        let busy = |peer: &UserName, requests: &super::line::Requests| {
            requests.iter().any(|open| matches!(open, Open::MarkRead { peer: of, .. } if of == peer))
        };
        while line.requests.count(|open| matches!(open, Open::MarkRead { .. })) < MAX_MARKERS_IN_FLIGHT {
            let next = self.markers.wanted.keys().find(|peer| !busy(peer, &line.requests)).cloned();
            let Some((peer, up_to)) = next.and_then(|peer| self.markers.wanted.remove_entry(&peer)) else { return };
            let open = Open::MarkRead { peer: peer.clone(), up_to };
            line.requests.open(open, Command::MarkRead { peer, up_to }, out);
        }
    }

    pub(super) fn marker_answered(
        &mut self,
        peer: UserName,
        up_to: MessageId,
        outcome: &Outcome,
    ) -> Result<(), Broken> {
        if matches!(outcome, Outcome::Ok(answer) if *answer != (Answer::Done {})) {
            return Err(Broken("the server answered a read marker with something else"));
        }
        // Any other refusal says that nobody is left to be told.
        if *outcome == Outcome::Refused(Refusal::Storage) {
            self.markers.park(peer, up_to);
        }
        Ok(())
    }
}
