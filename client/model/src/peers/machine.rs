//! The machine itself: what stands between the user and each peer.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::limits::{MAX_PRIVATE_REQUESTS, MAX_PRIVATE_SESSIONS};
use whoelse_proto::peer::Farewell;
use whoelse_proto::{
    Answer, DeviceKey, FileRoot, PrivateCommand, PrivateEnd, PrivateNews, Refusal, Standing, Timestamp, UserName,
};

use super::words::Words;
use super::{Closing, LinkNumber, PeersInput, PeersOutput, Pins, Trust};
use crate::event::Event;
use crate::request::{Ask, AskId};

/// Asks of the keeper's own have numbers from here on; those of windows and command lines stay below.
pub(crate) const OWN_ASKS: u64 = 1 << 48;

/// Peers of whom something is kept: every session and question that a server may have open, in both directions.
const MAX_PEERS: usize = MAX_PRIVATE_SESSIONS + 2 * MAX_PRIVATE_REQUESTS;

/// The private sessions of one user on one server.
#[derive(Debug)]
pub struct Peers {
    pub(super) me: UserName,
    pub(super) device: DeviceKey,
    pub(super) pins: Pins,
    pub(super) stages: BTreeMap<UserName, Stage>,
    /// The number of the last introduction that was taken.
    pub(super) last_number: LinkNumber,
    /// Files that were asked for, and from whom.
    pub(super) fetching: BTreeSet<(UserName, FileRoot)>,
    asks: BTreeMap<AskId, PrivateCommand>,
    last_ask: u64,
    /// Whether the server knows of an action that was told and not answered.
    stay: Option<AskId>,
}

/// What stands between the user and a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The user asked the peer.
    Asking,
    /// The peer asked the user.
    Asked,
    /// The user agreed; the introduction is on its way.
    Agreed,
    /// They are introduced; the link is being made.
    Linking(Link),
    /// The link stands.
    Open(Link),
    /// The link died; both devices look for each other again.
    Interrupted(Link),
}

/// A link to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) number: LinkNumber,
    pub(super) device: DeviceKey,
    /// How the key stood when the peer was introduced.
    pub(super) trust: Trust,
    /// What was said, as far as it may have to be said again.
    pub(super) words: Words,
}

impl Stage {
    pub(super) fn link(&self) -> Option<&Link> {
        match self {
            Self::Linking(link) | Self::Open(link) | Self::Interrupted(link) => Some(link),
            Self::Asking | Self::Asked | Self::Agreed => None,
        }
    }

    /// The link that stands.
    pub(super) fn open(&mut self) -> Option<&mut Link> {
        match self {
            Self::Open(link) => Some(link),
            Self::Asking | Self::Asked | Self::Agreed | Self::Linking(_) | Self::Interrupted(_) => None,
        }
    }

    /// The link of a session: it stands, or is looked for again.
    pub(super) fn session(&mut self) -> Option<&mut Link> {
        match self {
            Self::Open(link) | Self::Interrupted(link) => Some(link),
            Self::Asking | Self::Asked | Self::Agreed | Self::Linking(_) => None,
        }
    }
}

impl Peers {
    /// Of a user on one device, with the keys of contacts known.
    #[must_use]
    pub fn new(me: UserName, device: DeviceKey, pins: Pins) -> Self {
        Self {
            me,
            device,
            pins,
            stages: BTreeMap::new(),
            last_number: 0,
            fetching: BTreeSet::new(),
            asks: BTreeMap::new(),
            last_ask: OWN_ASKS,
            stay: None,
        }
    }

    /// The keys of contacts.
    #[must_use]
    pub const fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The link on which a session with a peer is open.
    #[must_use]
    pub fn open_link(&self, peer: &UserName) -> Option<LinkNumber> {
        match self.stages.get(peer)? {
            Stage::Open(link) => Some(link.number),
            Stage::Asking | Stage::Asked | Stage::Agreed | Stage::Linking(_) | Stage::Interrupted(_) => None,
        }
    }

    /// Whether an ask is the keeper's own, and its answer for nobody else.
    #[must_use]
    pub const fn is_own(ask: AskId) -> bool {
        ask.get() >= OWN_ASKS
    }

    /// Takes in what happened and says what to do, in this order.
    pub fn handle(&mut self, input: PeersInput, now: Timestamp) -> Vec<PeersOutput> {
        let mut out = Vec::new();
        match input {
            PeersInput::LineUp => self.asks.clear(),
            PeersInput::Standing(standing) => self.stand(&standing, now, &mut out),
            PeersInput::SessionOver(farewell) => self.leave(farewell, &mut out),
            PeersInput::Asked { ask, command } => self.asked(ask, command, &mut out),
            PeersInput::Answered { ask, result } => self.answered(ask, &result, &mut out),
            PeersInput::Unanswered { ask } => self.unanswered(ask, &mut out),
            PeersInput::News(news) => self.news(news, now, &mut out),
            PeersInput::Fetching { root, holder } => self.fetching(root, holder),
            PeersInput::Linked { number, verification, route } => {
                self.linked(number, verification, route, now, &mut out);
            }
            PeersInput::Interrupted { number } => self.interrupted(number, &mut out),
            PeersInput::Resumed { number, route } => self.resumed(number, route, &mut out),
            PeersInput::Rerouted { number, route } => self.rerouted(number, route, &mut out),
            PeersInput::Unlinked { number, why } => self.unlinked(number, why, &mut out),
            PeersInput::Frame { number, frame } => self.frame(number, frame, now, &mut out),
            PeersInput::Write { id, to, text } => self.write(id, to, text, now, &mut out),
            PeersInput::Kept(message) => self.kept(message, &mut out),
            PeersInput::NotKept { id, cause } => self.not_kept(id, cause, &mut out),
            PeersInput::Repin { peer, device } => self.repin(peer, device, now, &mut out),
            PeersInput::Verify { peer, device } => self.verify(peer, device, now, &mut out),
        }
        out
    }

    /// The user asks the server something; whatever comes of it, this is what was agreed to.
    fn asked(&mut self, ask: AskId, command: PrivateCommand, out: &mut Vec<PeersOutput>) {
        match &command {
            PrivateCommand::Start { name } => {
                let has_room = self.stages.len() < MAX_PEERS;
                match self.stages.get_mut(name) {
                    // Both want it.
                    Some(stage @ Stage::Asked) => *stage = Stage::Agreed,
                    None if has_room => _ = self.stages.insert(name.clone(), Stage::Asking),
                    Some(_) | None => {}
                }
            }
            PrivateCommand::Accept { name } => {
                if let Some(stage @ Stage::Asked) = self.stages.get_mut(name) {
                    *stage = Stage::Agreed;
                }
            }
            PrivateCommand::Decline { name } => {
                if let Some(Stage::Asked) = self.stages.get(name) {
                    self.stages.remove(name);
                }
            }
            PrivateCommand::Stop { name } => self.close(&name.clone(), Farewell::Stopped, Closing::Here, out),
            PrivateCommand::Publish { .. } => return,
        }
        if self.asks.len() < MAX_PEERS {
            self.asks.insert(ask, command);
        }
    }

    fn answered(&mut self, ask: AskId, result: &Result<Answer, Refusal>, out: &mut Vec<PeersOutput>) {
        if self.stay == Some(ask) {
            self.stay = None;
        }
        let Some(command) = self.asks.remove(&ask) else { return };
        let Err(refusal) = result else { return };
        match command {
            // Refused because there is one already, it changes nothing of that one.
            PrivateCommand::Start { name } => {
                let stands = matches!(refusal, Refusal::SessionOpen | Refusal::RequestPending);
                if matches!(self.stages.get(&name), Some(Stage::Asking | Stage::Agreed)) && !stands {
                    self.stages.remove(&name);
                }
            }
            PrivateCommand::Accept { name } => {
                if self.stages.get(&name) == Some(&Stage::Agreed) {
                    self.close(&name, Farewell::Stopped, Closing::Expired, out);
                }
            }
            PrivateCommand::Decline { .. } | PrivateCommand::Stop { .. } | PrivateCommand::Publish { .. } => {}
        }
    }

    /// What was asked may or may not have been done; what stands is learnt on the next line.
    fn unanswered(&mut self, ask: AskId, _: &mut [PeersOutput]) {
        if self.stay == Some(ask) {
            self.stay = None;
        }
        self.asks.remove(&ask);
    }

    fn news(&mut self, news: PrivateNews, now: Timestamp, out: &mut Vec<PeersOutput>) {
        match news {
            PrivateNews::Asked { by, expires_in } => self.question(by, now.plus(expires_in), out),
            PrivateNews::Ended { peer, reason } => self.ended(&peer, reason, out),
            PrivateNews::Introduced(introduction) => self.introduced(introduction, now, out),
        }
    }

    fn question(&mut self, by: UserName, until: Timestamp, out: &mut Vec<PeersOutput>) {
        if by == self.me || self.stages.len() >= MAX_PEERS {
            return;
        }
        if let std::collections::btree_map::Entry::Vacant(entry) = self.stages.entry(by.clone()) {
            entry.insert(Stage::Asked);
            out.push(PeersOutput::Tell(Event::PrivateAsked { by, until }));
        }
    }

    fn ended(&mut self, peer: &UserName, reason: PrivateEnd, out: &mut Vec<PeersOutput>) {
        let why = match reason {
            PrivateEnd::Declined => Closing::Declined,
            PrivateEnd::Expired => Closing::Expired,
            PrivateEnd::Stopped => Closing::Stopped,
            PrivateEnd::Logout => Closing::Logout,
            PrivateEnd::Timeout => Closing::Timeout,
            PrivateEnd::Lost => Closing::Lost,
        };
        self.close(peer, Farewell::Stopped, why, out);
    }

    /// A new line: what the server does not know of is over, and what came meanwhile is news.
    fn stand(&mut self, standing: &Standing, now: Timestamp, out: &mut Vec<PeersOutput>) {
        let over = |(name, stage): (&UserName, &Stage)| {
            let stands = match stage {
                Stage::Asking => standing.asking.contains(name) || standing.open.contains(name),
                Stage::Asked => standing.asked.iter().any(|question| question.by == *name),
                Stage::Agreed | Stage::Linking(_) | Stage::Open(_) | Stage::Interrupted(_) => {
                    standing.open.contains(name)
                }
            };
            (!stands && !self.is_asked_about(name)).then(|| name.clone())
        };
        let over: Vec<_> = self.stages.iter().filter_map(over).collect();
        for name in over {
            self.close(&name, Farewell::Lost, Closing::Lost, out);
        }
        // A session whose introduction was missed has nobody here who keeps it.
        let missed = |name: &&UserName| self.stages.get(*name).and_then(Stage::link).is_none();
        let missed: Vec<_> = standing.open.iter().filter(missed).cloned().collect();
        for name in missed {
            self.close(&name, Farewell::Lost, Closing::Lost, out);
            self.ask(Ask::Private(PrivateCommand::Stop { name }), out);
        }
        for question in &standing.asked {
            self.question(question.by.clone(), now.plus(question.expires_in), out);
        }
    }

    /// Whether the server has a question about this peer that it had not heard when it said what stands.
    fn is_asked_about(&self, peer: &UserName) -> bool {
        self.asks.values().any(|command| match command {
            PrivateCommand::Start { name } | PrivateCommand::Accept { name } => name == peer,
            PrivateCommand::Decline { .. } | PrivateCommand::Stop { .. } | PrivateCommand::Publish { .. } => false,
        })
    }

    /// The user is not here any more: everything ends, and whoever is linked is told why.
    fn leave(&mut self, farewell: Farewell, out: &mut Vec<PeersOutput>) {
        let names: Vec<_> = self.stages.keys().cloned().collect();
        for name in names {
            self.close(&name, farewell, farewell.into(), out);
        }
        self.asks.clear();
        self.fetching.clear();
        self.stay = None;
    }

    /// Ends what stands with a peer, if anything does.
    pub(super) fn close(&mut self, peer: &UserName, farewell: Farewell, why: Closing, out: &mut Vec<PeersOutput>) {
        let Some(stage) = self.stages.remove(peer) else { return };
        if let Some(link) = stage.link() {
            out.push(PeersOutput::Unlink { number: link.number, farewell });
            out.extend(link.words.unconfirmed().map(|id| Self::not_sent(id, peer)));
        }
        out.push(PeersOutput::Tell(Event::PrivateEnded { peer: peer.clone(), why }));
    }

    /// Asks the server on nobody's behalf.
    pub(super) fn ask(&mut self, what: Ask, out: &mut Vec<PeersOutput>) -> AskId {
        self.last_ask += 1;
        let ask = AskId::new(self.last_ask);
        out.push(PeersOutput::Ask { ask, what });
        ask
    }

    /// The user did something that the server does not see: it counts as an action all the same.
    pub(super) fn act(&mut self, out: &mut Vec<PeersOutput>) {
        if self.stay.is_none() {
            self.stay = Some(self.ask(Ask::Stay, out));
        }
    }

    /// The peer of a link.
    pub(super) fn peer_of(&self, number: LinkNumber) -> Option<UserName> {
        let is_it = |(_, stage): &(&UserName, &Stage)| stage.link().is_some_and(|link| link.number == number);
        self.stages.iter().find(is_it).map(|(name, _)| name.clone())
    }
}
