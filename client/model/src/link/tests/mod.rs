//! Each rule of the link as input and the whole of its output.

mod answers;
mod incoming;
mod lies;
mod outgoing;
mod promises;
mod session;
mod settling;
mod showing;

use whoelse_proto::{
    Answer, ClientFrame, Command, Content, Envelope, MessageId, Outcome, RequestId, Seconds, Seq, ServerFrame,
    SessionKind, Target, Text, Timestamp, UserName,
};

use super::{DiskFault, DiskOp, DiskResult, DiskTicket, LineId, Link, LinkInput, LinkOutput, Unsettled};
use crate::event::{Event, Welcome};
use crate::message::{ChatId, Delivery, Direction, Message, NewMessage, Outgoing, RowId};
use crate::request::AskId;

/// The moment of every input.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The server's clock.
pub(super) const THERE: Timestamp = Timestamp::from_millis(1_700_000_005_000);

pub(super) fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

pub(super) fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

pub(super) fn direct(peer: &str) -> ChatId {
    ChatId::Direct(name(peer))
}

/// Own message `n`, not sent yet.
pub(super) fn written(n: u8, chat: ChatId) -> NewMessage {
    NewMessage {
        id: id(n),
        chat,
        author: name("hans"),
        text: Text::new(&format!("words {n}")).unwrap(),
        reply_to: None,
        at: NOW,
        direction: Direction::Outgoing(Outgoing::default()),
    }
}

/// Message `n` of yoda to hans, as it is delivered at place `seq`.
pub(super) fn envelope(n: u8, seq: u64) -> Envelope {
    Envelope {
        seq: Seq::new(seq),
        id: id(n),
        from: name("yoda"),
        to: Target::User(name("hans")),
        content: Content::Text { text: Text::new(&format!("words {n}")).unwrap(), reply_to: None },
        sent_at: THERE,
        stored: false,
    }
}

/// Message `n` of yoda to hans, as it is kept.
pub(super) fn arrived(n: u8) -> NewMessage {
    NewMessage {
        id: id(n),
        chat: direct("yoda"),
        author: name("yoda"),
        text: Text::new(&format!("words {n}")).unwrap(),
        reply_to: None,
        at: THERE,
        direction: Direction::Incoming { stored: false },
    }
}

/// `message` in the history; its row is as good as any.
pub(super) fn row(message: NewMessage) -> Message {
    Message { row: RowId::new(u64::from(message.id.as_bytes()[0])), message }
}

/// An own message to yoda that may have come further.
pub(super) fn unsettled(id: MessageId) -> Unsettled {
    Unsettled { id, peer: name("yoda") }
}

pub(super) fn tell(event: Event) -> LinkOutput {
    LinkOutput::Tell(event)
}

/// An operation on nobody's behalf.
pub(super) fn disk(ticket: u64, op: DiskOp) -> LinkOutput {
    LinkOutput::Disk { ticket: DiskTicket::new(ticket), line: None, op }
}

/// An operation on behalf of a line.
pub(super) fn disk_of(line: u64, ticket: u64, op: DiskOp) -> LinkOutput {
    LinkOutput::Disk { ticket: DiskTicket::new(ticket), line: Some(LineId::new(line)), op }
}

/// The outbox is read for a line.
pub(super) fn load(line: u64, ticket: u64) -> LinkOutput {
    disk_of(line, ticket, DiskOp::LoadOpen)
}

pub(super) fn done(ticket: u64, result: DiskResult) -> LinkInput {
    LinkInput::Disk { ticket: DiskTicket::new(ticket), result: Ok(result) }
}

pub(super) fn failed(ticket: u64) -> LinkInput {
    LinkInput::Disk { ticket: DiskTicket::new(ticket), result: Err(DiskFault { cause: "disk full".into() }) }
}

pub(super) fn trouble() -> LinkOutput {
    tell(Event::DiskTrouble { cause: "disk full".into() })
}

pub(super) fn request(number: u32, command: Command) -> LinkOutput {
    LinkOutput::Transmit(ClientFrame::Request { id: RequestId::new(number), command })
}

pub(super) fn send(number: u32, n: u8, to: Target) -> LinkOutput {
    let content = Content::Text { text: Text::new(&format!("words {n}")).unwrap(), reply_to: None };
    request(number, Command::Send { id: id(n), to, content })
}

pub(super) fn to(peer: &str) -> Target {
    Target::User(name(peer))
}

pub(super) fn reply(number: u32, outcome: Outcome) -> LinkInput {
    LinkInput::Frame(ServerFrame::Reply { id: RequestId::new(number), more: false, outcome })
}

pub(super) fn part(number: u32, answer: Answer) -> LinkInput {
    LinkInput::Frame(ServerFrame::Reply { id: RequestId::new(number), more: true, outcome: Outcome::Ok(answer) })
}

pub(super) fn accepted(number: u32) -> LinkInput {
    reply(number, Outcome::Ok(Answer::Accepted { at: THERE, skipped: false }))
}

pub(super) fn deliver(n: u8, seq: u64) -> LinkInput {
    LinkInput::Frame(ServerFrame::Deliver(envelope(n, seq)))
}

pub(super) fn keep(ticket: u64, line: u64, n: u8, seq: u64) -> LinkOutput {
    disk_of(line, ticket, DiskOp::PutIncoming { message: arrived(n), seq: Seq::new(seq), delivery: Delivery::OnDisk })
}

pub(super) fn ack(seq: u64) -> LinkOutput {
    LinkOutput::Transmit(ClientFrame::Ack { up_to: Seq::new(seq) })
}

pub(super) fn abandon(cause: &str) -> LinkOutput {
    LinkOutput::Abandon { cause: cause.into() }
}

pub(super) fn unanswered(ask: u64) -> LinkOutput {
    tell(Event::Unanswered { ask: AskId::new(ask) })
}

/// The welcome of hans.
pub(super) fn welcome() -> LinkInput {
    LinkInput::Welcomed {
        name: name("hans"),
        session: SessionKind::New,
        timeout: Seconds::new(1800),
        now: THERE,
        since: THERE,
    }
}

pub(super) fn welcomed() -> LinkOutput {
    tell(Event::Welcomed(Welcome {
        name: name("hans"),
        session: SessionKind::New,
        timeout: Seconds::new(1800),
        since: THERE,
        now: THERE,
    }))
}

/// A link with a few words for what a test does to it.
pub(super) struct Bench(pub(super) Link);

impl Bench {
    /// Without a line.
    pub(super) fn offline() -> Self {
        Self(Link::new(name("hans")))
    }

    /// Without a line; messages count as delivered once they are shown.
    pub(super) fn showing() -> Self {
        Self(Link::new(name("hans")).delivering(Delivery::WhenShown))
    }

    /// With line 1 and an empty outbox; ticket 1 is used.
    pub(super) fn online() -> Self {
        let mut bench = Self::offline();
        bench.take(welcome());
        bench.take(done(1, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
        bench
    }

    pub(super) fn take(&mut self, input: LinkInput) -> Vec<LinkOutput> {
        self.0.handle(input, NOW)
    }
}
