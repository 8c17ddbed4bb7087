//! A private session whose link dies and is made again: nothing is lost, doubled or out of order.

use std::collections::VecDeque;

use super::*;

fn interrupted() -> PeersInput {
    PeersInput::Interrupted { number: 7 }
}

fn resumed() -> PeersInput {
    PeersInput::Resumed { number: 7, route: Route::Direct }
}

fn told_interrupted() -> PeersOutput {
    PeersOutput::Tell(Event::PrivateInterrupted { peer: name("yoda") })
}

fn told_resumed() -> PeersOutput {
    PeersOutput::Tell(Event::PrivateResumed { peer: name("yoda"), route: Route::Direct })
}

fn own(n: u8) -> Message {
    kept(n, Direction::Outgoing(Outgoing::default()))
}

fn said(n: u8) -> PeersOutput {
    PeersOutput::Send { number: 7, frame: PeerFrame::Text { id: id(n), text: words() } }
}

fn frame(frame: PeerFrame) -> PeersInput {
    PeersInput::Frame { number: 7, frame }
}

#[test]
fn what_a_dead_link_may_have_lost_is_said_again_in_its_order() {
    let mut peers = in_session();
    for n in 1..=3 {
        peers.handle(write(n), NOW);
        peers.handle(PeersInput::Kept(own(n)), NOW);
    }
    peers.handle(frame(PeerFrame::Ack { id: id(2) }), NOW);
    assert_eq!(peers.handle(interrupted(), NOW), [told_interrupted()]);
    assert_eq!(peers.handle(interrupted(), NOW), [], "once");
    assert_eq!(peers.open_link(&name("yoda")), None);
    assert_eq!(peers.handle(resumed(), NOW), [told_resumed(), said(1), said(3)]);
    assert_eq!(peers.handle(resumed(), NOW), [], "once");
    assert_eq!(peers.open_link(&name("yoda")), Some(7));
}

#[test]
fn what_is_written_meanwhile_waits_and_is_told_as_not_sent_if_the_session_ends() {
    let mut peers = in_session();
    peers.handle(interrupted(), NOW);
    peers.handle(write(1), NOW);
    assert_eq!(peers.handle(PeersInput::Kept(own(1)), NOW), [PeersOutput::Tell(Event::Saved(own(1)))]);
    peers.handle(write(2), NOW);
    assert_eq!(peers.handle(resumed(), NOW), [told_resumed(), said(1)], "the second has no row yet");
    assert_eq!(peers.handle(PeersInput::Kept(own(2)), NOW), [PeersOutput::Tell(Event::Saved(own(2))), said(2)]);

    peers.handle(interrupted(), NOW);
    let out = peers.handle(PeersInput::Unlinked { number: 7, why: Closing::Lost }, NOW);
    let unlink = PeersOutput::Unlink { number: 7, farewell: Farewell::Lost };
    let no_session = Refusal::NoSession;
    let lost = [unlink, not_sent(1, no_session), not_sent(2, no_session), ended("yoda", Closing::Lost)];
    assert_eq!(out[..4], lost);
    assert_eq!(peers.handle(write(3), NOW), [not_sent(3, no_session)]);
}

#[test]
fn words_that_come_twice_are_shown_once_and_confirmed_again() {
    let mut peers = in_session();
    let theirs = kept(101, Direction::Incoming { stored: false });
    let text = || frame(PeerFrame::Text { id: id(101), text: words() });
    let ack = PeersOutput::Send { number: 7, frame: PeerFrame::Ack { id: id(101) } };
    assert_eq!(peers.handle(text(), NOW), [PeersOutput::Keep(theirs.message.clone())]);
    peers.handle(interrupted(), NOW);
    peers.handle(resumed(), NOW);
    assert_eq!(peers.handle(text(), NOW), [], "it gets its row already");
    let received = PeersOutput::Tell(Event::Received(theirs.clone()));
    assert_eq!(peers.handle(PeersInput::Kept(theirs), NOW), [received, ack.clone()]);
    assert_eq!(peers.handle(text(), NOW), [ack]);

    let cause = "the disk is full".to_owned();
    let text = || frame(PeerFrame::Text { id: id(102), text: words() });
    peers.handle(text(), NOW);
    let failed = PeersOutput::Tell(Event::SaveFailed { id: id(102), cause: cause.clone() });
    assert_eq!(peers.handle(PeersInput::NotKept { id: id(102), cause }, NOW), [failed]);
    assert!(matches!(peers.handle(text(), NOW)[..], [PeersOutput::Keep(_)]), "said again, it is tried again");
}

#[test]
fn a_session_whose_link_died_takes_other_addresses_and_ends_as_any_other() {
    let mut peers = in_session();
    peers.handle(interrupted(), NOW);
    let again = introduction("yoda", 7, 2);
    assert_eq!(peers.handle(introduced(again.clone()), NOW), [PeersOutput::Link(again)]);
    let another = "the server gives another key for a session that is open";
    assert_eq!(peers.handle(introduced(introduction("yoda", 7, 3)), NOW), refused("yoda", another));
    let standing = Standing { open: vec![name("yoda")], ..Standing::default() };
    assert_eq!(peers.handle(PeersInput::Standing(standing), NOW), []);
    let news = PeersInput::News(PrivateNews::Ended { peer: name("yoda"), reason: PrivateEnd::Logout });
    let unlink = PeersOutput::Unlink { number: 7, farewell: Farewell::Stopped };
    assert_eq!(peers.handle(news, NOW), [unlink, ended("yoda", Closing::Logout)]);
    assert_eq!(peers.handle(resumed(), NOW), [], "of a session that is over");
}

/// One of the two in the simulation.
struct Side {
    peers: Peers,
    /// Messages that wait for their row.
    disk: VecDeque<NewMessage>,
    /// What is on its way to this side.
    coming: VecDeque<PeerFrame>,
    /// Whether this side knows how the link stands.
    link: Known,
    wrote: Vec<MessageId>,
    heard: Vec<MessageId>,
    delivered: Vec<MessageId>,
    refused: Vec<MessageId>,
    rows: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Stands,
    Died,
}

impl Side {
    fn new(me: &str, key_of_me: u8, peer: &str, key_of_peer: u8) -> Self {
        let mut peers = Peers::new(name(me), key(key_of_me), Pins::default());
        peers.handle(start(peer), NOW);
        peers.handle(introduced(introduction(peer, 7, key_of_peer)), NOW);
        peers.handle(linked(7), NOW);
        let (wrote, heard, delivered, refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (disk, coming) = (VecDeque::new(), VecDeque::new());
        Self { peers, disk, coming, link: Known::Stands, wrote, heard, delivered, refused, rows: 0 }
    }

    /// Takes something in; gives what is said to the other.
    fn take(&mut self, input: PeersInput) -> Vec<PeerFrame> {
        let mut frames = Vec::new();
        for output in self.peers.handle(input, NOW) {
            match output {
                PeersOutput::Keep(message) => self.disk.push_back(message),
                PeersOutput::Send { frame, .. } => frames.push(frame),
                PeersOutput::Tell(Event::Received(message)) => self.heard.push(message.message.id),
                PeersOutput::Tell(Event::Progressed { id, outgoing, .. }) => match outgoing.refused {
                    Some(_) => self.refused.push(id),
                    None => self.delivered.push(id),
                },
                PeersOutput::Tell(_)
                | PeersOutput::Ask { .. }
                | PeersOutput::Link(_)
                | PeersOutput::Unlink { .. }
                | PeersOutput::Delivered(_)
                | PeersOutput::SavePins => {}
            }
        }
        frames
    }

    fn keep(&mut self) -> Vec<PeerFrame> {
        let Some(message) = self.disk.pop_front() else { return Vec::new() };
        self.rows += 1;
        self.take(PeersInput::Kept(Message { row: RowId::new(self.rows), message }))
    }
}

/// Two sides, a link that dies, and what draws the next step.
struct Sim {
    sides: [Side; 2],
    link: Known,
    state: u64,
    written: u8,
}

impl Sim {
    fn new(seed: u64) -> Self {
        let sides = [Side::new("hans", 1, "yoda", 2), Side::new("yoda", 2, "hans", 1)];
        Self { sides, link: Known::Stands, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, written: 0 }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }

    /// What one says reaches the other if the link stands, and both know it.
    fn say(&mut self, by: usize, frames: Vec<PeerFrame>) {
        if self.link == Known::Stands && self.sides[by].link == Known::Stands {
            self.sides[1 - by].coming.extend(frames);
        }
    }

    fn step(&mut self, of: usize, what: u64) {
        let frames = match what {
            0 if self.written < u8::MAX => {
                self.written += 1;
                let (id, to) = (id(self.written), name(["yoda", "hans"][of]));
                self.sides[of].wrote.push(id);
                self.sides[of].take(PeersInput::Write { id, to, text: words() })
            }
            1..4 => self.sides[of].keep(),
            4..8 if self.sides[of].link == Known::Stands => match self.sides[of].coming.pop_front() {
                Some(came) => self.sides[of].take(frame(came)),
                None => Vec::new(),
            },
            8 if self.link == Known::Stands => return self.die(),
            9 => return self.notice(of),
            _ => Vec::new(),
        };
        self.say(of, frames);
    }

    /// The link dies: some of what is on its way still comes.
    fn die(&mut self) {
        if self.sides.iter().any(|side| side.link == Known::Died) {
            return;
        }
        self.link = Known::Died;
        for side in 0..2 {
            let still = self.draw(3);
            self.sides[side].coming.truncate(usize::try_from(still).unwrap());
        }
    }

    /// A side finds that the link died; once both have, they meet again, one after the other.
    fn notice(&mut self, of: usize) {
        if self.link == Known::Died && self.sides[of].link == Known::Stands {
            self.sides[of].take(interrupted());
            self.sides[of].link = Known::Died;
            self.sides[of].coming.clear();
        }
        if self.sides.iter().all(|side| side.link == Known::Died) {
            self.link = Known::Stands;
        }
        if self.link == Known::Stands && self.sides[of].link == Known::Died {
            self.sides[of].link = Known::Stands;
            let frames = self.sides[of].take(resumed());
            self.say(of, frames);
        }
    }

    /// Lets everything come to its end.
    fn settle(&mut self) {
        for _ in 0..2_000 {
            for of in 0..2 {
                for what in [1, 4, 9] {
                    self.step(of, what);
                }
            }
        }
    }
}

#[test]
fn whenever_links_die_each_message_arrives_once_and_in_order() {
    for seed in 0..300 {
        let mut sim = Sim::new(seed);
        for _ in 0..400 {
            let (of, what) = (usize::try_from(sim.draw(2)).unwrap(), sim.draw(10));
            sim.step(of, what);
        }
        sim.settle();
        for of in 0..2 {
            let (one, other) = (&sim.sides[of], &sim.sides[1 - of]);
            assert_eq!(other.heard, one.wrote, "seed {seed}");
            let mut delivered = one.delivered.clone();
            delivered.sort();
            assert_eq!(delivered, one.wrote, "seed {seed}");
            assert_eq!(one.refused, [], "seed {seed}");
        }
    }
}

#[test]
fn a_session_that_is_not_found_again_has_told_of_each_message_that_was_not_confirmed() {
    for seed in 0..300 {
        let mut sim = Sim::new(seed);
        for _ in 0..200 {
            let (of, what) = (usize::try_from(sim.draw(2)).unwrap(), sim.draw(9));
            sim.step(of, what);
        }
        for side in &mut sim.sides {
            side.take(PeersInput::Unlinked { number: 7, why: Closing::Lost });
            while !side.disk.is_empty() {
                side.keep();
            }
        }
        for of in 0..2 {
            let (one, other) = (&sim.sides[of], &sim.sides[1 - of]);
            assert!(one.wrote.starts_with(&other.heard), "seed {seed}");
            assert!(one.delivered.iter().all(|id| other.heard.contains(id)), "seed {seed}");
            let told: std::collections::BTreeSet<_> = one.delivered.iter().chain(&one.refused).collect();
            assert_eq!(told, one.wrote.iter().collect(), "seed {seed}");
        }
    }
}
