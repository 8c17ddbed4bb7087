//! Words in a private session, straight to the peer and never by another way.

use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{MessageId, Refusal, Text, Timestamp, UserName};

use super::machine::{Peers, Stage};
use super::words::{Heard, Room};
use super::{LinkNumber, PeersOutput};
use crate::event::Event;
use crate::message::{ChatId, Direction, Message, NewMessage, Outgoing};

impl Peers {
    pub(super) fn write(
        &mut self,
        id: MessageId,
        to: UserName,
        text: Text,
        now: Timestamp,
        out: &mut Vec<PeersOutput>,
    ) {
        let session = self.stages.get_mut(&to).and_then(Stage::session);
        let refusal = match session.map(|link| link.words.write(id, text.clone())) {
            Some(Room::Enough) => None,
            Some(Room::None) => Some(Refusal::Full),
            None => Some(Refusal::NoSession),
        };
        if let Some(refusal) = refusal {
            let outgoing = Outgoing { refused: Some(refusal), ..Outgoing::default() };
            out.push(PeersOutput::Tell(Event::Progressed { chat: ChatId::Private(to), id, outgoing }));
            return;
        }
        self.act(out);
        let direction = Direction::Outgoing(Outgoing::default());
        let (chat, author) = (ChatId::Private(to), self.me.clone());
        out.push(PeersOutput::Keep(NewMessage { id, chat, author, text, reply_to: None, at: now, direction }));
    }

    /// What is not confirmed when the session ends is not sent; it never goes by way of the server.
    pub(super) fn not_sent(id: MessageId, peer: &UserName) -> PeersOutput {
        let outgoing = Outgoing { refused: Some(Refusal::NoSession), ..Outgoing::default() };
        PeersOutput::Tell(Event::Progressed { chat: ChatId::Private(peer.clone()), id, outgoing })
    }

    pub(super) fn frame(&mut self, number: LinkNumber, frame: PeerFrame, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Some(peer) = self.peer_of(number) else { return };
        if self.stages.get_mut(&peer).and_then(Stage::open).is_none() {
            return;
        }
        match frame {
            PeerFrame::Text { id, text } => self.said(peer, id, text, now, out),
            PeerFrame::Ack { id } => self.confirmed(&peer, id, now, out),
            // The peer's own words to the server end the session there.
            PeerFrame::Bye { farewell } => self.close(&peer, Farewell::Stopped, farewell.into(), out),
            // Files are the shell's.
            PeerFrame::Offer { .. }
            | PeerFrame::Take { .. }
            | PeerFrame::Refuse { .. }
            | PeerFrame::Withdraw { .. }
            | PeerFrame::Pause { .. }
            | PeerFrame::Resume { .. }
            | PeerFrame::Received { .. } => {}
        }
    }

    /// The peer says something, perhaps again: the link on which it was confirmed may have died.
    fn said(&mut self, peer: UserName, id: MessageId, text: Text, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Some(link) = self.stages.get_mut(&peer).and_then(Stage::open) else { return };
        match link.words.hear(id) {
            Heard::New => {
                let chat = ChatId::Private(peer.clone());
                let direction = Direction::Incoming { stored: false };
                let (author, at) = (peer, now);
                out.push(PeersOutput::Keep(NewMessage { id, chat, author, text, reply_to: None, at, direction }));
            }
            Heard::Known => {}
            Heard::Kept => out.push(PeersOutput::Send { number: link.number, frame: PeerFrame::Ack { id } }),
        }
    }

    fn confirmed(&mut self, peer: &UserName, id: MessageId, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Some(link) = self.stages.get_mut(peer).and_then(Stage::open) else { return };
        if link.words.confirm(id) {
            let outgoing = Outgoing { accepted_at: Some(now), delivered_at: Some(now), ..Outgoing::default() };
            out.push(PeersOutput::Delivered(id));
            out.push(PeersOutput::Tell(Event::Progressed { chat: ChatId::Private(peer.clone()), id, outgoing }));
        }
    }

    /// A message has its place: an own one is shown and sent, another's shown and confirmed.
    pub(super) fn kept(&mut self, message: Message, out: &mut Vec<PeersOutput>) {
        let ChatId::Private(peer) = &message.message.chat else { return };
        let (id, text) = (message.message.id, message.message.text.clone());
        let session = self.stages.get_mut(peer).and_then(Stage::session);
        let in_session = session.map(|link| link.words.kept(id)).is_some();
        let number = self.open_link(peer);
        match message.message.direction {
            Direction::Incoming { .. } => {
                out.push(PeersOutput::Tell(Event::Received(message)));
                out.extend(number.map(|number| PeersOutput::Send { number, frame: PeerFrame::Ack { id } }));
            }
            Direction::Outgoing(_) => {
                let peer = peer.clone();
                out.push(PeersOutput::Tell(Event::Saved(message)));
                match number {
                    Some(number) => out.push(PeersOutput::Send { number, frame: PeerFrame::Text { id, text } }),
                    // It is said once the two are linked again.
                    None if in_session => {}
                    None => out.push(Self::not_sent(id, &peer)),
                }
            }
        }
    }

    /// A message could not get its row.
    pub(super) fn not_kept(&mut self, id: MessageId, cause: String, out: &mut Vec<PeersOutput>) {
        for link in self.stages.values_mut().filter_map(Stage::session) {
            link.words.not_kept(id);
        }
        out.push(PeersOutput::Tell(Event::SaveFailed { id, cause }));
    }
}
