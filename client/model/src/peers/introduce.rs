//! Introductions, taken from a server that is not trusted with them, and the links that come of them.

use whoelse_proto::peer::Farewell;
use whoelse_proto::{DeviceKey, FileRoot, Introduction, PrivateCommand, Purpose, Timestamp, UserName, Verification};

use super::machine::{Link, Peers, Stage};
use super::words::Words;
use super::{Closing, LinkNumber, PeersOutput, PrivateSession, Route, Trust};
use crate::event::Event;
use crate::request::Ask;

/// Files asked for at a time, from all holders together.
const MAX_FETCHING: usize = 1024;

impl Peers {
    pub(super) fn introduced(&mut self, introduction: Introduction, now: Timestamp, out: &mut Vec<PeersOutput>) {
        if let Some(cause) = self.distrusted(&introduction) {
            let peer = introduction.peer;
            out.push(PeersOutput::Tell(Event::IntroductionRefused { peer, cause: cause.to_owned() }));
            return;
        }
        match introduction.purpose {
            Purpose::Session {} => self.introduced_for_session(introduction, now, out),
            Purpose::Fetch { .. } => self.introduced_for_fetch(introduction, now, out),
            // What is registered is for everybody; whether this file is, the shell knows.
            Purpose::Serve { .. } => {
                self.last_number = introduction.number;
                out.push(PeersOutput::Link(introduction));
            }
        }
    }

    /// What is wrong with an introduction, whatever it is for.
    fn distrusted(&self, introduction: &Introduction) -> Option<&'static str> {
        let Introduction { peer, number, device, .. } = introduction;
        let link = self.stages.get(peer).and_then(Stage::link);
        let again = link.is_some_and(|link| link.number == *number && introduction.purpose == Purpose::Session {});
        if *peer == self.me {
            Some("the server introduces you to yourself")
        } else if *device == self.device {
            Some("the server gives your own key for another's")
        } else if again && link.is_some_and(|link| link.device != *device) {
            Some("the server gives another key for a session that is open")
        } else if !again && *number <= self.last_number {
            Some("the server repeats an old introduction")
        } else {
            None
        }
    }

    fn introduced_for_session(&mut self, introduction: Introduction, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Introduction { ref peer, number, device, .. } = introduction;
        match self.stages.get(peer) {
            // Other addresses of the same device.
            Some(Stage::Linking(_) | Stage::Open(_) | Stage::Interrupted(_))
                if self.peer_of(number).as_ref() == Some(peer) =>
            {
                out.push(PeersOutput::Link(introduction));
            }
            Some(Stage::Asking | Stage::Agreed) => {
                self.last_number = number;
                let Some(trust) = self.accept_key(peer, device, now, out) else {
                    self.give_up(&peer.clone(), Closing::Impostor, out);
                    return;
                };
                let link = Link { number, device, trust, words: Words::default() };
                self.stages.insert(peer.clone(), Stage::Linking(link));
                out.push(PeersOutput::Link(introduction));
            }
            Some(Stage::Asked | Stage::Linking(_) | Stage::Open(_) | Stage::Interrupted(_)) | None => {
                let cause = "the server introduces somebody whom nobody asked for".to_owned();
                out.push(PeersOutput::Tell(Event::IntroductionRefused { peer: peer.clone(), cause }));
            }
        }
    }

    fn introduced_for_fetch(&mut self, introduction: Introduction, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Introduction { ref peer, number, device, .. } = introduction;
        let Purpose::Fetch { root } = introduction.purpose else { return };
        if !self.fetching.remove(&(peer.clone(), root)) {
            let cause = "the server introduces the holder of a file that nobody asked for".to_owned();
            out.push(PeersOutput::Tell(Event::IntroductionRefused { peer: peer.clone(), cause }));
            return;
        }
        self.last_number = number;
        if self.accept_key(&peer.clone(), device, now, out).is_some() {
            out.push(PeersOutput::Link(introduction));
        }
    }

    /// How a key stands. Pins one that is new; tells of one that has changed.
    fn accept_key(
        &mut self,
        peer: &UserName,
        device: DeviceKey,
        now: Timestamp,
        out: &mut Vec<PeersOutput>,
    ) -> Option<Trust> {
        let trust = self.pins.trust(peer, device);
        match trust {
            Some(Trust::New) => {
                self.pins.set(peer.clone(), device, now);
                out.push(PeersOutput::SavePins);
            }
            Some(Trust::Pinned | Trust::Verified) => {}
            None => {
                if let Some(pin) = self.pins.get(peer) {
                    let (peer, pinned, pinned_at) = (peer.clone(), pin.device, pin.since);
                    let changed = Event::DeviceChanged { peer, pinned, pinned_at, shown: device };
                    out.push(PeersOutput::Tell(changed));
                }
            }
        }
        trust
    }

    /// Ends a session from here, at the server too.
    fn give_up(&mut self, peer: &UserName, why: Closing, out: &mut Vec<PeersOutput>) {
        self.close(peer, Farewell::Lost, why, out);
        self.ask(Ask::Private(PrivateCommand::Stop { name: peer.clone() }), out);
    }

    pub(super) fn fetching(&mut self, root: FileRoot, holder: UserName) {
        if self.fetching.len() < MAX_FETCHING {
            self.fetching.insert((holder, root));
        }
    }

    pub(super) fn linked(
        &mut self,
        number: LinkNumber,
        verification: Verification,
        route: Route,
        now: Timestamp,
        out: &mut Vec<PeersOutput>,
    ) {
        let Some(peer) = self.peer_of(number) else { return };
        let Some(Stage::Linking(link)) = self.stages.get(&peer).cloned() else { return };
        let Link { device, trust, .. } = link;
        self.stages.insert(peer.clone(), Stage::Open(link));
        let session = PrivateSession { peer, device, verification, trust, route, since: now };
        out.push(PeersOutput::Tell(Event::PrivateOpened(session)));
    }

    pub(super) fn rerouted(&mut self, number: LinkNumber, route: Route, out: &mut Vec<PeersOutput>) {
        if let Some(peer) = self.peer_of(number) {
            out.push(PeersOutput::Tell(Event::PrivateRerouted { peer, route }));
        }
    }

    /// A link is gone. Unless the peer said why, the server is told, and tells the peer.
    pub(super) fn unlinked(&mut self, number: LinkNumber, why: Closing, out: &mut Vec<PeersOutput>) {
        if let Some(peer) = self.peer_of(number) {
            self.give_up(&peer, why, out);
        }
    }

    pub(super) fn repin(&mut self, peer: UserName, device: DeviceKey, now: Timestamp, out: &mut Vec<PeersOutput>) {
        self.pins.set(peer, device, now);
        out.push(PeersOutput::SavePins);
    }

    pub(super) fn verify(&mut self, peer: UserName, device: DeviceKey, now: Timestamp, out: &mut Vec<PeersOutput>) {
        if self.pins.verify(&peer, device, now) {
            out.push(PeersOutput::SavePins);
            out.push(PeersOutput::Tell(Event::Verified { peer, device }));
        }
    }
}
