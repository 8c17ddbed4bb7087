//! Private sessions as the user sees them: who asks, what is open, whose key has changed.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{DeviceKey, PrivateCommand, Timestamp, UserName};

use super::Model;
use super::action::Effect;
use super::asks::Matter;
use super::chat::Chat;
use super::happenings::Incident;
use super::notices::NoticeKind;
use crate::message::ChatId;
use crate::peers::{Closing, PrivateSession, Route, Trust};
use crate::request::{Ask, Request};

/// A contact whose device shows another key than the one known. Nothing is sent until the user decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceChange {
    /// The key known.
    pub pinned: DeviceKey,
    /// Since when.
    pub pinned_at: Timestamp,
    /// The key that the server gives for it.
    pub shown: DeviceKey,
}

/// What stands between the user and a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateStage {
    /// The user asked, at that moment.
    Asking {
        /// When.
        since: Timestamp,
    },
    /// The peer asks.
    Asked {
        /// Until when.
        until: Timestamp,
    },
    /// Both agreed; the devices look for each other.
    Linking,
    /// The session is open.
    Open(PrivateSession),
    /// It is over.
    Over {
        /// Why.
        why: Closing,
        /// Since when.
        at: Timestamp,
    },
}

/// Peers of whom the end of a session is remembered for its tab; the oldest give way.
const MAX_OVER: usize = 64;

/// All private sessions and questions.
#[derive(Clone, Debug, Default)]
pub struct Privates {
    stages: BTreeMap<UserName, PrivateStage>,
    changed: BTreeMap<UserName, DeviceChange>,
    /// Peers of open sessions whose device is looked for again.
    interrupted: BTreeSet<UserName>,
    revision: u64,
}

impl Privates {
    /// Grows with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&UserName, &PrivateStage)> {
        self.stages.iter()
    }

    /// What stands with a peer; `None` if nothing ever did.
    #[must_use]
    pub fn get(&self, peer: &UserName) -> Option<&PrivateStage> {
        self.stages.get(peer)
    }

    /// Who asks the user, with the end of the question.
    pub fn questions(&self) -> impl Iterator<Item = (&UserName, Timestamp)> {
        self.stages.iter().filter_map(|(name, stage)| match stage {
            PrivateStage::Asked { until } => Some((name, *until)),
            PrivateStage::Asking { .. } | PrivateStage::Linking | PrivateStage::Open(_) | PrivateStage::Over { .. } => {
                None
            }
        })
    }

    /// The session with a peer, if it is open.
    #[must_use]
    pub fn open(&self, peer: &UserName) -> Option<&PrivateSession> {
        match self.stages.get(peer)? {
            PrivateStage::Open(session) => Some(session),
            PrivateStage::Asking { .. }
            | PrivateStage::Asked { .. }
            | PrivateStage::Linking
            | PrivateStage::Over { .. } => None,
        }
    }

    /// Whether the session with a peer is open and the two devices look for each other again.
    #[must_use]
    pub fn is_interrupted(&self, peer: &UserName) -> bool {
        self.interrupted.contains(peer)
    }

    /// The change of a contact's key that waits for the user's word.
    #[must_use]
    pub fn device_change(&self, peer: &UserName) -> Option<&DeviceChange> {
        self.changed.get(peer)
    }

    fn asking(&mut self, peer: UserName, now: Timestamp) {
        self.stages.insert(peer, PrivateStage::Asking { since: now });
    }

    fn over(&mut self, peer: UserName, why: Closing, now: Timestamp) {
        self.interrupted.remove(&peer);
        self.stages.insert(peer, PrivateStage::Over { why, at: now });
        let over = |(name, stage): (&UserName, &PrivateStage)| match stage {
            PrivateStage::Over { at, .. } => Some((*at, name.clone())),
            PrivateStage::Asking { .. }
            | PrivateStage::Asked { .. }
            | PrivateStage::Linking
            | PrivateStage::Open(_) => None,
        };
        let mut all: Vec<_> = self.stages.iter().filter_map(over).collect();
        all.sort();
        for (_, name) in all.iter().take(all.len().saturating_sub(MAX_OVER)) {
            self.stages.remove(name);
        }
    }
}

impl Model {
    /// Asks, agrees, turns down or ends.
    pub(super) fn private(&mut self, command: PrivateCommand, now: Timestamp, out: &mut Vec<Effect>) {
        let matter = match &command {
            PrivateCommand::Start { name } => Matter::StartPrivate(name.clone()),
            PrivateCommand::Accept { name } => Matter::AcceptPrivate(name.clone()),
            PrivateCommand::Decline { name } => Matter::DeclinePrivate(name.clone()),
            PrivateCommand::Stop { name } => Matter::StopPrivate(name.clone()),
            // The program does this by itself.
            PrivateCommand::Publish { .. } => return,
        };
        self.privates.revision += 1;
        match &command {
            PrivateCommand::Start { name } if self.privates.open(name).is_none() => {
                self.privates.asking(name.clone(), now);
                self.chats.change(&ChatId::Private(name.clone()), |_| ());
            }
            PrivateCommand::Accept { name } => _ = self.privates.stages.insert(name.clone(), PrivateStage::Linking),
            PrivateCommand::Decline { name } => _ = self.privates.stages.remove(name),
            PrivateCommand::Start { .. } | PrivateCommand::Stop { .. } | PrivateCommand::Publish { .. } => {}
        }
        out.extend(self.asks.ask(matter, Ask::Private(command)).map(Effect::Request));
    }

    /// A question or an answer to one was refused: nothing stands.
    pub(super) fn private_refused(&mut self, name: &UserName) {
        if self.privates.open(name).is_none() {
            self.privates.revision += 1;
            self.privates.stages.remove(name);
        }
    }

    pub(super) fn private_asked(&mut self, by: UserName, until: Timestamp, out: &mut Vec<Effect>) {
        self.privates.revision += 1;
        self.privates.stages.insert(by.clone(), PrivateStage::Asked { until });
        out.push(Effect::NotifyAsked { by });
    }

    pub(super) fn private_opened(&mut self, session: PrivateSession, now: Timestamp) {
        let peer = session.peer.clone();
        self.privates.revision += 1;
        self.privates.changed.remove(&peer);
        self.privates.interrupted.remove(&peer);
        self.privates.stages.insert(peer.clone(), PrivateStage::Open(session));
        self.chats.change(&ChatId::Private(peer), |chat| chat.happened(Incident::Opened, now));
    }

    pub(super) fn private_interrupted(&mut self, peer: UserName) {
        self.privates.revision += 1;
        self.privates.interrupted.insert(peer);
    }

    pub(super) fn private_resumed(&mut self, peer: &UserName, route: Route) {
        self.privates.interrupted.remove(peer);
        self.private_rerouted(peer, route);
    }

    pub(super) fn private_rerouted(&mut self, peer: &UserName, route: Route) {
        self.privates.revision += 1;
        if let Some(PrivateStage::Open(session)) = self.privates.stages.get_mut(peer) {
            session.route = route;
        }
    }

    pub(super) fn private_ended(&mut self, peer: UserName, why: Closing, now: Timestamp) {
        self.privates.revision += 1;
        let private = ChatId::Private(peer.clone());
        match self.privates.stages.get(&peer) {
            Some(PrivateStage::Open(_)) => self.chats.change(&private, |chat| chat.happened(Incident::Ended(why), now)),
            Some(PrivateStage::Asking { .. } | PrivateStage::Linking) => {
                self.chats.change(&private, |chat| chat.happened(Incident::NotOpened(why), now));
            }
            Some(PrivateStage::Asked { .. }) if why == Closing::Here => {}
            Some(PrivateStage::Asked { .. }) => {
                self.chats.change(&ChatId::Direct(peer.clone()), |chat| chat.happened(Incident::Missed, now));
            }
            Some(PrivateStage::Over { .. }) | None => {}
        }
        self.privates.over(peer, why, now);
    }

    /// The tab of a chat is closed: the words of a session that is over are let go.
    pub(super) fn close_private(&mut self, chat: &ChatId) {
        match chat {
            ChatId::Private(peer) if self.privates.open(peer).is_none() => self.chats.change(chat, Chat::forget),
            ChatId::Private(_) | ChatId::Everyone | ChatId::Direct(_) => {}
        }
    }

    pub(super) fn device_changed(&mut self, peer: UserName, change: DeviceChange, now: Timestamp) {
        self.notices.add(NoticeKind::DeviceChanged { user: peer.clone() }, now);
        self.privates.revision += 1;
        self.privates.changed.insert(peer, change);
    }

    pub(super) fn verified(&mut self, peer: &UserName, device: DeviceKey) {
        self.privates.revision += 1;
        if let Some(PrivateStage::Open(session)) = self.privates.stages.get_mut(peer)
            && session.device == device
        {
            session.trust = Trust::Verified;
        }
    }

    /// The user takes a contact's new key.
    pub(super) fn trust_device(&mut self, peer: UserName, out: &mut Vec<Effect>) {
        self.privates.revision += 1;
        if let Some(change) = self.privates.changed.remove(&peer) {
            out.push(Effect::Request(Request::Repin { peer, device: change.shown }));
        }
    }

    /// The user compared the code of an open session.
    pub(super) fn verify(&mut self, peer: UserName, out: &mut Vec<Effect>) {
        if let Some(session) = self.privates.open(&peer) {
            let device = session.device;
            out.push(Effect::Request(Request::Verify { peer, device }));
        }
    }
}
