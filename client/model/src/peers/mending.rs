//! A link that dies and is made again: the session goes on, and what may have been lost on the way is said again.

use whoelse_proto::peer::PeerFrame;

use super::machine::{Peers, Stage};
use super::{LinkNumber, PeersOutput, Route};
use crate::event::Event;

impl Peers {
    /// The link of a session died. What is written from here on waits.
    pub(super) fn interrupted(&mut self, number: LinkNumber, out: &mut Vec<PeersOutput>) {
        let Some(peer) = self.peer_of(number) else { return };
        let Some(Stage::Open(link)) = self.stages.get(&peer).cloned() else { return };
        self.stages.insert(peer.clone(), Stage::Interrupted(link));
        out.push(PeersOutput::Tell(Event::PrivateInterrupted { peer }));
    }

    /// The two devices are linked again.
    pub(super) fn resumed(&mut self, number: LinkNumber, route: Route, out: &mut Vec<PeersOutput>) {
        let Some(peer) = self.peer_of(number) else { return };
        let Some(Stage::Interrupted(link)) = self.stages.get(&peer).cloned() else { return };
        out.push(PeersOutput::Tell(Event::PrivateResumed { peer: peer.clone(), route }));
        let again = link.words.again();
        out.extend(again.map(|(id, text)| PeersOutput::Send { number, frame: PeerFrame::Text { id, text } }));
        self.stages.insert(peer, Stage::Open(link));
    }
}
