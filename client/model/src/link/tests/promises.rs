//! Whatever the disk, the line and the server do, in any interleaving: what is promised holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use whoelse_proto::{KnownState, Lookup, MessageState};

use super::*;
use crate::link::OUTBOX_WINDOW;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Write,
    Arrive,
    DiskWorks,
    DiskFails,
    ServerWorks,
    ServerRefuses,
    ClientReads,
    LineLost,
    LineMade,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => Just(Happening::Write),
        8 => Just(Happening::Arrive),
        16 => Just(Happening::DiskWorks),
        1 => Just(Happening::DiskFails),
        12 => Just(Happening::ServerWorks),
        1 => Just(Happening::ServerRefuses),
        16 => Just(Happening::ClientReads),
        1 => Just(Happening::LineLost),
        3 => Just(Happening::LineMade),
    ]
}

/// The client's disk: rows in order, operations done one by one.
#[derive(Default)]
struct Disk {
    asked: VecDeque<(DiskTicket, Option<LineId>, DiskOp)>,
    history: Vec<Message>,
    /// Ids of own messages neither accepted nor refused.
    outbox: Vec<MessageId>,
    refused: Vec<MessageId>,
    broken: Option<LineId>,
}

impl Disk {
    fn holds(&self, id: MessageId) -> bool {
        self.history.iter().any(|row| row.message.id == id)
    }

    fn put(&mut self, message: NewMessage) -> DiskResult {
        if self.holds(message.id) {
            return DiskResult::Duplicate;
        }
        let row = Message { row: RowId::new(self.history.len() as u64), message };
        self.history.push(row.clone());
        DiskResult::Put(row)
    }

    fn work(&mut self, op: DiskOp) -> DiskResult {
        match op {
            DiskOp::PutOutgoing(message) => {
                self.outbox.push(message.id);
                self.put(message)
            }
            DiskOp::PutIncoming { message, .. } => self.put(message),
            DiskOp::Step { ids, .. } => {
                self.outbox.retain(|id| !ids.contains(id));
                DiskResult::Stepped(vec![])
            }
            DiskOp::Lose { .. } => DiskResult::Stepped(vec![]),
            DiskOp::Refuse { id, .. } => {
                self.refused.push(id);
                self.outbox.retain(|open| *open != id);
                DiskResult::Stepped(vec![])
            }
            DiskOp::Restore { .. } => DiskResult::Restored(None),
            DiskOp::Remove { .. } => DiskResult::Removed(None),
            DiskOp::MarkShown { ids } => DiskResult::Shown(ids),
            DiskOp::LoadUnsettled { .. } | DiskOp::LoadUnread { .. } => DiskResult::Unsettled(vec![]),
            DiskOp::LoadOpen => {
                let open = self.history.iter().filter(|row| self.outbox.contains(&row.message.id));
                DiskResult::Open {
                    outbox: open.take(OUTBOX_WINDOW).cloned().collect(),
                    unread: vec![],
                    unshown: vec![],
                }
            }
        }
    }
}

/// The server: what it took from hans, and hans' inbox.
#[derive(Default)]
struct Server {
    taken: Vec<MessageId>,
    refused: BTreeSet<MessageId>,
    inbox: BTreeMap<u64, Envelope>,
    seq: u64,
}

#[derive(Default)]
struct World {
    disk: Disk,
    server: Server,
    /// Frames on the line in either direction; `None` without a line.
    line: Option<(VecDeque<ClientFrame>, VecDeque<ServerFrame>)>,
    written: Vec<MessageId>,
    arrived: Vec<MessageId>,
    received: Vec<MessageId>,
    count: u64,
}

impl World {
    fn fresh_id(&mut self) -> MessageId {
        self.count += 1;
        MessageId::from_bytes(u128::from(self.count).to_be_bytes())
    }

    fn happen(&mut self, link: &mut Link, what: Happening) {
        match what {
            Happening::Write => {
                let id = self.fresh_id();
                self.written.push(id);
                let message = NewMessage { id, ..written(1, direct("yoda")) };
                self.take(link, LinkInput::Write(message));
            }
            Happening::Arrive => self.arrive(),
            Happening::DiskWorks | Happening::DiskFails => self.disk_works(link, what),
            Happening::ServerWorks | Happening::ServerRefuses => self.server_works(what),
            Happening::ClientReads => {
                if let Some(frame) = self.line.as_mut().and_then(|line| line.1.pop_front()) {
                    self.take(link, LinkInput::Frame(frame));
                }
            }
            Happening::LineLost => {
                self.line = None;
                self.take(link, LinkInput::LineLost);
            }
            Happening::LineMade if self.line.is_none() => {
                let waiting = self.server.inbox.values().cloned().map(ServerFrame::Deliver).collect();
                self.line = Some((VecDeque::new(), waiting));
                self.take(link, welcome());
            }
            Happening::LineMade => {}
        }
    }

    fn arrive(&mut self) {
        let id = self.fresh_id();
        self.arrived.push(id);
        self.server.seq += 2;
        let envelope = Envelope { id, ..envelope(1, self.server.seq) };
        self.server.inbox.insert(self.server.seq, envelope.clone());
        if let Some((_, down)) = &mut self.line {
            down.push_back(ServerFrame::Deliver(envelope));
        }
    }

    fn disk_works(&mut self, link: &mut Link, what: Happening) {
        let Some((ticket, of, op)) = self.disk.asked.pop_front() else { return };
        let fails = matches!(what, Happening::DiskFails) && !matches!(op, DiskOp::PutOutgoing(_));
        let result = if fails || (of.is_some() && of == self.disk.broken) {
            self.disk.broken = of;
            Err(DiskFault { cause: "disk full".into() })
        } else {
            Ok(self.disk.work(op))
        };
        self.take(link, LinkInput::Disk { ticket, result });
    }

    fn server_works(&mut self, what: Happening) {
        let Some((up, down)) = &mut self.line else { return };
        match up.pop_front() {
            Some(ClientFrame::Request { id, command: Command::Send { id: message, .. } }) => {
                let known = self.server.taken.contains(&message);
                let outcome = if matches!(what, Happening::ServerRefuses) && !known {
                    self.server.refused.insert(message);
                    Outcome::Refused(whoelse_proto::Refusal::Storage)
                } else {
                    if !known {
                        self.server.taken.push(message);
                    }
                    Outcome::Ok(Answer::Accepted { at: THERE, skipped: false })
                };
                down.push_back(ServerFrame::Reply { id, more: false, outcome });
            }
            Some(ClientFrame::Request { id, command: Command::Lookup(Lookup { ids }) }) => {
                let known = ids.into_iter().filter(|id| self.server.taken.contains(id));
                let states = known.map(|id| KnownState::new(id, MessageState::Accepted)).collect();
                let outcome = Outcome::Ok(Answer::States(states));
                down.push_back(ServerFrame::Reply { id, more: false, outcome });
            }
            Some(ClientFrame::Ack { up_to }) => {
                // The promise itself: what leaves the server is on the client's disk.
                while let Some(first) = self.server.inbox.first_entry().filter(|place| *place.key() <= up_to.get()) {
                    assert!(self.disk.holds(first.remove().id), "acknowledged ahead of the disk");
                }
            }
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    }

    fn take(&mut self, link: &mut Link, input: LinkInput) {
        for output in link.handle(input, NOW) {
            match output {
                LinkOutput::Transmit(frame) => self.line.as_mut().expect("a line").0.push_back(frame),
                LinkOutput::Disk { ticket, line, op } => self.disk.asked.push_back((ticket, line, op)),
                LinkOutput::Tell(Event::Received(row)) => {
                    assert!(self.disk.holds(row.message.id));
                    self.received.push(row.message.id);
                }
                LinkOutput::Tell(_) | LinkOutput::Private(_) => {}
                LinkOutput::Close | LinkOutput::Abandon { .. } => self.line = None,
            }
        }
        let requests =
            self.line.iter().flat_map(|line| &line.0).filter(|frame| matches!(frame, ClientFrame::Request { .. }));
        assert!(requests.count() <= 64 + 5, "messages in flight and look-ups of one window are bounded");
    }

    /// Lets everything come to rest.
    fn settle(&mut self, link: &mut Link) {
        self.happen(link, Happening::LineMade);
        for _ in 0..20 * self.count + 100 {
            for what in [Happening::DiskWorks, Happening::ServerWorks, Happening::ClientReads, Happening::LineMade] {
                self.happen(link, what);
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_taken_once_in_order_and_what_arrives_is_told_once_in_order(
        happenings in proptest::collection::vec(happening(), 0..400),
    ) {
        let mut world = World::default();
        let mut link = Link::new(name("hans"));

        for what in happenings {
            world.happen(&mut link, what);
        }
        world.settle(&mut link);

        let taken = &world.server.taken;
        let due: Vec<MessageId> = world.written.iter().copied().filter(|id| taken.contains(id)).collect();
        prop_assert_eq!(taken, &due, "what was taken was taken once, in the order written");
        for id in world.written.iter().filter(|id| !taken.contains(id)) {
            prop_assert!(world.server.refused.contains(id) && world.disk.refused.contains(id), "or it was refused");
        }
        prop_assert!(world.disk.outbox.is_empty());
        prop_assert_eq!(&world.received, &world.arrived, "each arrived message was told, once, in order");
        prop_assert!(world.server.inbox.is_empty(), "and acknowledged");
    }
}
