//! Words in a private session, straight to the peer and never by another way.

use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{MessageId, Refusal, Text, Timestamp, UserName};

use super::machine::{Peers, Stage};
use super::{LinkNumber, PeersOutput};
use crate::event::Event;
use crate::message::{ChatId, Direction, Message, NewMessage, Outgoing};

/// Messages that a peer may leave unconfirmed. With more, writing is refused: the peer does not keep up.
const MAX_UNCONFIRMED: usize = 256;

impl Peers {
    pub(super) fn write(
        &mut self,
        id: MessageId,
        to: UserName,
        text: Text,
        now: Timestamp,
        out: &mut Vec<PeersOutput>,
    ) {
        let refusal = match self.stages.get_mut(&to).and_then(Stage::open) {
            Some(link) if link.unconfirmed.len() < MAX_UNCONFIRMED => {
                link.unconfirmed.push(id);
                None
            }
            Some(_) => Some(Refusal::Full),
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
            PeerFrame::Text { id, text } => {
                let chat = ChatId::Private(peer.clone());
                let direction = Direction::Incoming { stored: false };
                out.push(PeersOutput::Keep(NewMessage {
                    id,
                    chat,
                    author: peer,
                    text,
                    reply_to: None,
                    at: now,
                    direction,
                }));
            }
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

    fn confirmed(&mut self, peer: &UserName, id: MessageId, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let Some(link) = self.stages.get_mut(peer).and_then(Stage::open) else { return };
        let before = link.unconfirmed.len();
        link.unconfirmed.retain(|waiting| *waiting != id);
        if link.unconfirmed.len() < before {
            let outgoing = Outgoing { accepted_at: Some(now), delivered_at: Some(now), ..Outgoing::default() };
            out.push(PeersOutput::Delivered(id));
            out.push(PeersOutput::Tell(Event::Progressed { chat: ChatId::Private(peer.clone()), id, outgoing }));
        }
    }

    /// A message has its place: an own one is shown and sent, another's shown and confirmed.
    pub(super) fn kept(&mut self, message: Message, out: &mut Vec<PeersOutput>) {
        let ChatId::Private(peer) = &message.message.chat else { return };
        let number = self.open_link(peer);
        let (id, text) = (message.message.id, message.message.text.clone());
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
                    None => out.push(Self::not_sent(id, &peer)),
                }
            }
        }
    }
}
