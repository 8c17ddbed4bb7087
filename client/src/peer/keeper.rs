//! The keeper of private sessions and files: hands what happens to those who decide, and does what they say.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use whoelse_model::peers::LinkNumber;
use whoelse_model::{
    Ask, AskId, Closing, Event, FileFault, FileOrder, NewMessage, Peers, PeersInput, PeersOutput, Pins, Route,
};
use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{
    Answer, FileRoot, FilesCommand, Introduction, MessageId, PrivateCommand, PrivateNews, Purpose, Refusal, Standing,
    UserName, Vantage,
};

use super::fetches::{FetchEnd, FetchLink, FetchLinks};
use super::files::{Places, Room, RoomNews, RoomWish};
use super::find::{Approach, Plan};
use super::handshake::Meeting;
use super::link::{Handle, LinkNews, Told, start};
use super::{PeerNet, RelayAt, Use};
use crate::clock::now;

/// News of links that wait to be taken. Links wait for room.
const MAX_NEWS: usize = 256;

/// What happened.
pub(crate) enum KeeperNews<N: PeerNet> {
    /// To a link.
    Link(Told<N::Link>),
    /// To a file.
    Room(RoomNews<N::Link>),
    /// This device may be reached elsewhere.
    Moved,
}

/// What the keeper wants beyond links and files.
#[derive(Debug)]
pub(crate) enum KeeperWish {
    /// Ask the server.
    Ask(AskId, Ask),
    /// Give a private message its row.
    Keep(NewMessage),
    /// Note that a private message came through.
    Delivered(MessageId),
    /// Note the pins.
    SavePins(Pins),
    /// Tell the user.
    Tell(Event),
}

/// The keeper.
pub(crate) struct Keeper<N: PeerNet> {
    me: UserName,
    net: N,
    peers: Peers,
    room: Room<N::Link>,
    sessions: BTreeMap<LinkNumber, (UserName, Handle)>,
    fetches: FetchLinks<N::Link>,
    /// Links whose farewell is being said.
    leaving: Vec<JoinHandle<()>>,
    to_news: mpsc::Sender<Told<N::Link>>,
    news: mpsc::Receiver<Told<N::Link>>,
    /// Whether there is a line to a server that introduces.
    line: Line,
    publishes: Option<AskId>,
    /// Under which address the server was reached.
    server_at: Option<IpAddr>,
    last_publish: u64,
    blocks: Blocks,
}

/// Whether this device knows who gets nothing that is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocks {
    Unknown,
    Asked(AskId),
    Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Up,
    Down,
}

/// Asks by which the device is made known, and those who are blocked are asked for, have numbers from here on.
const PUBLISH_ASKS: u64 = 1 << 50;

impl<N: PeerNet> Keeper<N> {
    /// The keeper of a user on this device.
    pub(crate) fn new(me: UserName, net: N, pins: Pins, places: Places) -> Self {
        let (to_news, news) = mpsc::channel(MAX_NEWS);
        let peers = Peers::new(me.clone(), net.key(), pins);
        let room = Room::new(places);
        Self {
            me,
            net,
            peers,
            room,
            sessions: BTreeMap::new(),
            fetches: FetchLinks::default(),
            leaving: Vec::new(),
            to_news,
            news,
            line: Line::Down,
            publishes: None,
            server_at: None,
            last_publish: PUBLISH_ASKS,
            blocks: Blocks::Unknown,
        }
    }

    /// Waits for something to happen.
    pub(crate) async fn next(&mut self) -> KeeperNews<N> {
        let is_up = self.line == Line::Up;
        tokio::select! {
            Some(told) = self.news.recv() => KeeperNews::Link(told),
            news = self.room.next() => KeeperNews::Room(news),
            () = self.net.moved(), if is_up => KeeperNews::Moved,
        }
    }

    /// Takes what happened.
    pub(crate) fn take(&mut self, news: KeeperNews<N>) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        match news {
            KeeperNews::Link((number, news)) => self.link_news(number, news, &mut out),
            KeeperNews::Room(news) => self.with_room(&mut out, |room, wishes| room.take(news, wishes)),
            KeeperNews::Moved if self.line == Line::Up => self.publish(&mut out),
            KeeperNews::Moved => {}
        }
        out
    }

    /// There is a line to a server that introduces, which was reached under this address.
    pub(crate) fn line_up(&mut self, server_at: Option<IpAddr>) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        self.line = Line::Up;
        self.server_at = server_at;
        self.feed(PeersInput::LineUp, &mut out);
        if self.blocks != Blocks::Known {
            self.last_publish += 1;
            let ask = AskId::new(self.last_publish);
            self.blocks = Blocks::Asked(ask);
            out.push(KeeperWish::Ask(ask, Ask::Blocked));
        }
        self.publish(&mut out);
        out
    }

    /// The line is gone, and may come back.
    pub(crate) fn line_down(&mut self) {
        self.line = Line::Down;
        self.publishes = None;
    }

    fn publish(&mut self, out: &mut Vec<KeeperWish>) {
        self.last_publish += 1;
        let ask = AskId::new(self.last_publish);
        self.publishes = Some(ask);
        let publish = PrivateCommand::Publish { device: self.net.key(), addresses: self.net.addresses() };
        out.push(KeeperWish::Ask(ask, Ask::Private(publish)));
    }

    /// The session with the server is over.
    pub(crate) fn session_over(&mut self, farewell: Farewell) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        self.line_down();
        self.feed(PeersInput::SessionOver(farewell), &mut out);
        self.fetches.clear();
        out
    }

    /// Says farewell and leaves the network.
    pub(crate) async fn close(mut self) {
        drop(self.session_over(Farewell::Lost));
        // Nobody takes their news any more.
        self.news.close();
        for leaving in std::mem::take(&mut self.leaving) {
            if leaving.await.is_err() {
                tracing::error!("saying farewell failed");
            }
        }
        self.net.close().await;
    }

    /// The server tells something.
    pub(crate) fn server_news(&mut self, news: PrivateNews) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        self.feed(PeersInput::News(news), &mut out);
        out
    }

    /// The user asks the server something; it is asked in the same breath.
    pub(crate) fn asked(&mut self, ask: AskId, command: PrivateCommand) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        self.feed(PeersInput::Asked { ask, command }, &mut out);
        out
    }

    /// Whether an ask is of this program's own making, and its answer not for the user.
    pub(crate) const fn is_own(ask: AskId) -> bool {
        Peers::is_own(ask)
    }

    /// An ask was answered.
    pub(crate) fn answered(&mut self, ask: AskId, result: Result<Answer, Refusal>) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        if self.publishes == Some(ask) {
            self.publishes = None;
            if let Ok(Answer::Standing(standing)) = result {
                self.net.use_relay(self.relay(&standing));
                self.feed(PeersInput::Standing(standing), &mut out);
                self.with_room(&mut out, Room::line_up);
            }
        } else if self.blocks == Blocks::Asked(ask) {
            if let Ok(Answer::Names(names)) = result {
                self.blocks = Blocks::Known;
                for name in &names {
                    self.blocked(name);
                }
            }
        } else if Room::<N::Link>::is_own(ask) {
            self.with_room(&mut out, |room, wishes| room.answered(ask, result, wishes));
        } else {
            self.feed(PeersInput::Answered { ask, result }, &mut out);
        }
        out
    }

    /// The relay that the server names, on its own host.
    fn relay(&self, standing: &Standing) -> Option<RelayAt> {
        let (relay, ip) = (standing.relay.as_ref()?, self.server_at?);
        Some(RelayAt { address: SocketAddr::new(ip, relay.port), certificate: relay.certificate.clone() })
    }

    /// An ask will not be answered.
    pub(crate) fn unanswered(&mut self, ask: AskId) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        if Room::<N::Link>::is_own(ask) {
            self.with_room(&mut out, |room, wishes| room.unanswered(ask, wishes));
        } else {
            self.feed(PeersInput::Unanswered { ask }, &mut out);
        }
        out
    }

    /// What the user does, and what the disk did.
    pub(crate) fn input(&mut self, input: PeersInput) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        self.feed(input, &mut out);
        out
    }

    /// The user orders something about files.
    pub(crate) fn order(&mut self, ask: AskId, order: FileOrder) -> Vec<KeeperWish> {
        let mut out = Vec::new();
        if matches!(&order, FileOrder::Send { to, .. } if *to == self.me) {
            let fault = FileFault { code: "self", text: "a file is sent to somebody else".to_owned() };
            out.push(KeeperWish::Tell(Event::FilesAnswered { ask, result: Err(fault) }));
            return out;
        }
        self.with_room(&mut out, |room, wishes| room.order(ask, order, wishes));
        out
    }

    /// The user blocks somebody: nothing shared is given to them from this moment. A private session stays.
    pub(crate) fn blocked(&mut self, whom: &UserName) {
        self.room.deny(whom.clone());
        self.fetches.retain(|link| link.end == FetchEnd::Fetches || link.peer != *whom);
    }

    /// The user blocks somebody no longer.
    pub(crate) fn unblocked(&mut self, whom: &UserName) {
        self.room.allow(whom);
    }

    fn feed(&mut self, input: PeersInput, out: &mut Vec<KeeperWish>) {
        for output in self.peers.handle(input, now()) {
            self.obey(output, out);
        }
    }

    fn obey(&mut self, output: PeersOutput, out: &mut Vec<KeeperWish>) {
        match output {
            PeersOutput::Ask { ask, what } => out.push(KeeperWish::Ask(ask, what)),
            PeersOutput::Link(introduction) => self.link(introduction),
            PeersOutput::Send { number, frame } => self.send(number, frame, out),
            PeersOutput::Unlink { number, farewell } => self.unlink(number, farewell, out),
            PeersOutput::Keep(message) => out.push(KeeperWish::Keep(message)),
            PeersOutput::Delivered(id) => out.push(KeeperWish::Delivered(id)),
            PeersOutput::SavePins => out.push(KeeperWish::SavePins(self.peers.pins().clone())),
            PeersOutput::Tell(event) => out.push(KeeperWish::Tell(event)),
        }
    }

    fn link(&mut self, introduction: Introduction) {
        let Introduction { peer, purpose, number, device, addresses } = introduction;
        let addresses = addresses.dialable(self.server_at.map_or_else(Vantage::default, Vantage::of_server_at));
        if let Some((_, handle)) = self.sessions.get(&number) {
            handle.moved(addresses);
            return;
        }
        let (me, my_key) = (self.me.clone(), self.net.key());
        let meeting = Meeting { me, my_key, peer: peer.clone(), peer_key: device, number };
        match purpose {
            Purpose::Session {} => {
                let plan = Plan { meeting, purpose: Use::Session, approach: Approach::Dial, addresses };
                let handle = start(self.net.clone(), plan, self.to_news.clone());
                self.sessions.insert(number, (peer, handle));
            }
            Purpose::Fetch { root } => {
                let plan = Plan { meeting, purpose: Use::Fetch, approach: Approach::Dial, addresses };
                self.fetch_link(plan, root, FetchEnd::Fetches);
            }
            // Whoever fetches comes by itself. Nobody here agreed to its addresses, so that only the one under which
            // the server sees it is dialled.
            Purpose::Serve { root } => {
                let addresses = addresses.seen();
                let plan = Plan { meeting, purpose: Use::Fetch, approach: Approach::Await, addresses };
                self.fetch_link(plan, root, FetchEnd::Serves);
            }
        }
    }

    fn fetch_link(&mut self, plan: Plan, root: FileRoot, end: FetchEnd) {
        let (peer, number) = (plan.meeting.peer.clone(), plan.meeting.number);
        if !self.fetches.make_room(&peer, end) {
            tracing::warn!(%peer, ?end, "too many links at a time");
            if end == FetchEnd::Fetches {
                self.room.fetch_unlinked(&peer, root, "too many files are fetched at a time");
            }
            return;
        }
        let handle = start(self.net.clone(), plan, self.to_news.clone());
        self.fetches.insert(number, FetchLink::new(peer, root, end, handle));
    }

    /// A peer that does not read what is sent is left.
    fn send(&mut self, number: LinkNumber, frame: PeerFrame, out: &mut Vec<KeeperWish>) {
        if self.sessions.get(&number).is_some_and(|(_, handle)| !handle.send(frame)) {
            self.forget_session(number, out);
            self.feed(PeersInput::Unlinked { number, why: Closing::Lost }, out);
        }
    }

    fn unlink(&mut self, number: LinkNumber, farewell: Farewell, out: &mut Vec<KeeperWish>) {
        if let Some((peer, handle)) = self.sessions.remove(&number) {
            self.leaving.retain(|task| !task.is_finished());
            self.leaving.extend(handle.close(farewell));
            self.with_room(out, |room, wishes| room.session_closed(&peer, number, wishes));
        }
    }

    fn forget_session(&mut self, number: LinkNumber, out: &mut Vec<KeeperWish>) {
        if let Some((peer, _)) = self.sessions.remove(&number) {
            self.with_room(out, |room, wishes| room.session_closed(&peer, number, wishes));
        }
    }

    fn link_news(&mut self, number: LinkNumber, news: LinkNews<N::Link>, out: &mut Vec<KeeperWish>) {
        if self.fetches.get_mut(number).is_some() {
            self.fetch_news(number, news);
            return;
        }
        let Some((peer, _)) = self.sessions.get(&number) else { return };
        let peer = peer.clone();
        match news {
            LinkNews::Met(link, verification, route) => {
                self.feed(PeersInput::Linked { number, verification, route }, out);
                self.with_room(out, |room, wishes| room.session_opened(&peer, number, link, wishes));
            }
            LinkNews::Died => {
                self.with_room(out, |room, wishes| room.session_closed(&peer, number, wishes));
                self.feed(PeersInput::Interrupted { number }, out);
            }
            LinkNews::MetAgain(link, route) => self.met_again(&peer, number, link, route, out),
            LinkNews::Rerouted(route) => self.feed(PeersInput::Rerouted { number, route }, out),
            LinkNews::Frame(frame) => {
                self.with_room(out, |room, wishes| room.frame(&peer, frame.clone(), wishes));
                self.feed(PeersInput::Frame { number, frame }, out);
            }
            LinkNews::Gone(why) => {
                self.forget_session(number, out);
                self.feed(PeersInput::Unlinked { number, why }, out);
            }
        }
    }

    /// The two devices of a session have found each other again: what was on its way goes on.
    fn met_again(
        &mut self,
        peer: &UserName,
        number: LinkNumber,
        link: N::Link,
        route: Route,
        out: &mut Vec<KeeperWish>,
    ) {
        if self.sessions.get(&number).is_some_and(|(_, handle)| handle.go_on()) {
            self.feed(PeersInput::Resumed { number, route }, out);
            self.with_room(out, |room, wishes| room.session_opened(peer, number, link, wishes));
        } else {
            self.forget_session(number, out);
            self.feed(PeersInput::Unlinked { number, why: Closing::Lost }, out);
        }
    }

    fn fetch_news(&mut self, number: LinkNumber, news: LinkNews<N::Link>) {
        let Some(fetch) = self.fetches.get_mut(number) else { return };
        match (news, fetch.end) {
            (LinkNews::Met(link, ..), FetchEnd::Fetches) => {
                self.room.fetch_linked(&fetch.peer, fetch.root, &link);
                fetch.met(link, None);
            }
            (LinkNews::Met(link, ..), FetchEnd::Serves) => {
                let serving = self.room.serve_fetch(fetch.peer.clone(), link.clone(), fetch.root);
                fetch.met(link, Some(serving));
            }
            (LinkNews::Gone(why), FetchEnd::Fetches) => {
                let why = match why {
                    Closing::Unreachable => "cannot be reached",
                    Closing::Impostor => "is not who it should be",
                    Closing::Declined
                    | Closing::Expired
                    | Closing::Stopped
                    | Closing::Logout
                    | Closing::Timeout
                    | Closing::Lost
                    | Closing::Here => "is gone",
                };
                self.room.fetch_unlinked(&fetch.peer, fetch.root, why);
                self.fetches.remove(number);
            }
            (LinkNews::Gone(_), FetchEnd::Serves) => _ = self.fetches.remove(number),
            // Nothing is said on such a link but questions and answers, and one that died is gone.
            (LinkNews::Rerouted(_) | LinkNews::Frame(_) | LinkNews::Died | LinkNews::MetAgain(..), _) => {}
        }
    }

    fn with_room(&mut self, out: &mut Vec<KeeperWish>, act: impl FnOnce(&mut Room<N::Link>, &mut Vec<RoomWish>)) {
        let mut wishes = Vec::new();
        act(&mut self.room, &mut wishes);
        self.room.keep_notes(&mut wishes);
        for wish in wishes {
            match wish {
                RoomWish::Tell(event) => out.push(KeeperWish::Tell(event)),
                RoomWish::Ask(ask, what) => out.push(KeeperWish::Ask(ask, what)),
                RoomWish::Fetch(ask, root, holder) => {
                    self.feed(PeersInput::Fetching { root, holder: holder.clone() }, out);
                    out.push(KeeperWish::Ask(ask, Ask::Files(FilesCommand::Fetch { root, holder })));
                }
                RoomWish::Send(number, frame) => self.send(number, frame, out),
            }
        }
        // A link goes with the fetch for which it was made, or with what is served on it.
        let room = &self.room;
        self.fetches.retain(|link| match link.end {
            FetchEnd::Fetches => room.is_fetching(link.root),
            FetchEnd::Serves => room.is_shared(link.root),
        });
    }
}
