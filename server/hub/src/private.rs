//! Private sessions: who asks whom, and who is introduced to whom. It sees no private text.
//!
//! Everything here hangs on the sessions of both users and ends with either. A question stands in the `asking` of one
//! and in the `asked` of the other; an open session in the `open` of both.

use std::collections::BTreeMap;

use whoelse_proto::limits::{MAX_PRIVATE_REQUESTS, MAX_PRIVATE_SESSIONS};
use whoelse_proto::{
    Addresses, Answer, DeviceKey, Introduction, Outcome, PeerAddress, PrivateCommand, PrivateEnd, PrivateNews, Purpose,
    Question, Refusal, ServerFrame, Standing, Timestamp, UserName,
};

use crate::account::Session;
use crate::command::ConnId;
use crate::effect::{Effect, Routed};
use crate::pending::Asked;
use crate::{Hub, Timer};

/// What stands between a user who is online and others.
#[derive(Debug, Default)]
pub(crate) struct Private {
    device: Option<Device>,
    /// Whom the user has asked, and until when.
    asking: BTreeMap<UserName, Timestamp>,
    /// Who has asked the user, and until when.
    asked: BTreeMap<UserName, Timestamp>,
    /// With whom there is a session, and the number of the introduction.
    open: BTreeMap<UserName, u64>,
}

/// The program with which a user takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Device {
    key: DeviceKey,
    addresses: Addresses,
    /// Where it was made known. On another line it is not told of anything until it is made known there.
    conn: ConnId,
}

impl Hub {
    pub(crate) fn private(&mut self, asked: Asked, name: UserName, command: PrivateCommand) {
        match command {
            PrivateCommand::Publish { device, addresses } => self.publish(asked, &name, device, addresses),
            PrivateCommand::Start { name: peer } => self.start_private(asked, name, peer),
            PrivateCommand::Accept { name: peer } => self.accept_private(asked, &name, &peer),
            PrivateCommand::Decline { name: peer } => self.decline_private(asked, &name, &peer),
            PrivateCommand::Stop { name: peer } => self.stop_private(asked, &name, &peer),
        }
    }

    fn publish(&mut self, asked: Asked, name: &UserName, key: DeviceKey, addresses: Addresses) {
        let device = Device { key, addresses, conn: asked.conn };
        let Some(private) = self.private_of(name) else { return };
        let before = private.device.replace(device.clone());
        let known = before.as_ref().map(|before| before.key);
        if known != Some(key) {
            self.shut_relay(known);
            self.open_relay(key);
        }
        match before {
            Some(before) if before.key != key => self.leave_private(name, PrivateEnd::Lost),
            Some(before) if before.addresses != device.addresses => self.introduce_again(name),
            Some(_) | None => {}
        }
        self.answer_standing(asked);
    }

    /// The private sessions and questions of a user.
    pub(crate) fn standing(&self, name: &UserName) -> Standing {
        let Some(session) = self.session(name) else { return Standing::default() };
        let private = &session.private;
        let question = |(by, until): (&UserName, &Timestamp)| Question {
            by: by.clone(),
            expires_in: until.seconds_since(self.now),
        };
        Standing {
            open: private.open.keys().cloned().collect(),
            asking: private.asking.keys().cloned().collect(),
            asked: private.asked.iter().map(question).collect(),
            relay: self.relay.clone(),
        }
    }

    fn start_private(&mut self, asked: Asked, name: UserName, peer: UserName) {
        if let Some(refusal) = self.start_refused(asked, &name, &peer) {
            self.refuse(asked, refusal);
        } else if self.has_asked(&peer, &name) {
            // Both want it.
            self.answer(asked, Outcome::Ok(Answer::Done {}));
            self.open_private(&name, &peer);
        } else if self.may_ask(&name, &peer) {
            self.answer(asked, Outcome::Ok(Answer::Done {}));
            self.put_question(name, peer);
        } else {
            self.refuse(asked, Refusal::Full);
        }
    }

    fn may_ask(&mut self, name: &UserName, peer: &UserName) -> bool {
        let now = self.now;
        self.accounts.get_mut(name).is_some_and(|account| account.shares.may_ask(peer, now))
    }

    fn start_refused(&self, asked: Asked, name: &UserName, peer: &UserName) -> Option<Refusal> {
        if let Some(refusal) = self.reach_refused(name, peer) {
            return Some(refusal);
        }
        let (mine, theirs) = (&self.session(name)?.private, &self.session(peer)?.private);
        if mine.open.contains_key(peer) {
            Some(Refusal::SessionOpen)
        } else if mine.asking.contains_key(peer) {
            Some(Refusal::RequestPending)
        } else if mine.device_on(asked.conn).is_none() || theirs.device.is_none() {
            Some(Refusal::NoDevice)
        } else if !self.is_in_reach(name) || !self.is_in_reach(peer) {
            Some(Refusal::NoRelay)
        } else if mine.is_full() || theirs.is_full() {
            Some(Refusal::Full)
        } else {
            None
        }
    }

    /// Why `name` may not be brought together with `peer`. A block is told before an absence, which it hides.
    pub(crate) fn reach_refused(&self, name: &UserName, peer: &UserName) -> Option<Refusal> {
        if name == peer {
            Some(Refusal::Yourself)
        } else if !self.accounts.contains_key(peer) {
            Some(Refusal::UnknownUser)
        } else if self.hides_from(peer, name) {
            Some(Refusal::Blocked)
        } else if self.session(peer).is_none() {
            Some(Refusal::Offline)
        } else {
            None
        }
    }

    fn has_asked(&self, asker: &UserName, of: &UserName) -> bool {
        self.session(asker).is_some_and(|session| session.private.asking.contains_key(of))
    }

    fn put_question(&mut self, asker: UserName, of: UserName) {
        let expires_in = self.config.question;
        let until = self.now.plus(expires_in);
        if let Some(private) = self.private_of(&asker) {
            private.asking.insert(of.clone(), until);
        }
        if let Some(private) = self.private_of(&of) {
            private.asked.insert(asker.clone(), until);
        }
        self.tell_private(&of, PrivateNews::Asked { by: asker.clone(), expires_in });
        self.timers.set(until, Timer::Question(asker, of));
    }

    /// Takes a question away. Gives whether there was one.
    fn drop_question(&mut self, asker: &UserName, of: &UserName) -> bool {
        if let Some(private) = self.private_of(of) {
            private.asked.remove(asker);
        }
        self.private_of(asker).is_some_and(|private| private.asking.remove(of).is_some())
    }

    fn accept_private(&mut self, asked: Asked, name: &UserName, by: &UserName) {
        if !self.has_asked(by, name) {
            self.refuse(asked, Refusal::NoRequest);
            return;
        }
        let is_full =
            |name| self.session(name).is_none_or(|session| session.private.open.len() >= MAX_PRIVATE_SESSIONS);
        if is_full(name) || is_full(by) {
            self.refuse(asked, Refusal::Full);
            return;
        }
        self.answer(asked, Outcome::Ok(Answer::Done {}));
        self.open_private(name, by);
    }

    fn decline_private(&mut self, asked: Asked, name: &UserName, by: &UserName) {
        if self.drop_question(by, name) {
            self.answer(asked, Outcome::Ok(Answer::Done {}));
            self.tell_ended(by, name, PrivateEnd::Declined);
        } else {
            self.refuse(asked, Refusal::NoRequest);
        }
    }

    fn open_private(&mut self, one: &UserName, other: &UserName) {
        self.drop_question(one, other);
        self.drop_question(other, one);
        let number = self.next_introduction();
        for (name, peer) in [(one, other), (other, one)] {
            if let Some(private) = self.private_of(name) {
                private.open.insert(peer.clone(), number);
            }
        }
        self.introduce(one, other, Purpose::Session {}, number);
        self.introduce(other, one, Purpose::Session {}, number);
    }

    /// Grows with every introduction, also from one start of the server to the next.
    pub(crate) fn next_introduction(&mut self) -> u64 {
        self.last_introduction = self.now.millis().max(self.last_introduction + 1);
        self.last_introduction
    }

    /// Tells `to` where the device of `peer` is. Whoever calls it knows that both may be brought together.
    pub(crate) fn introduce(&mut self, to: &UserName, peer: &UserName, purpose: Purpose, number: u64) {
        let Some(device) = self.session(peer).and_then(|session| session.private.device.clone()) else { return };
        let Device { key, addresses, .. } = device;
        let introduction = Introduction { peer: peer.clone(), purpose, number, device: key, addresses };
        self.tell_private(to, PrivateNews::Introduced(introduction));
    }

    fn introduce_again(&mut self, name: &UserName) {
        let open = self.session(name).map(|session| session.private.open.clone()).unwrap_or_default();
        for (peer, number) in open {
            self.introduce(&peer, name, Purpose::Session {}, number);
        }
    }

    fn stop_private(&mut self, asked: Asked, name: &UserName, peer: &UserName) {
        let was_open = self.private_of(name).is_some_and(|private| private.open.remove(peer).is_some());
        if let Some(private) = self.private_of(peer).filter(|_| was_open) {
            private.open.remove(name);
        }
        if was_open || self.drop_question(name, peer) {
            self.answer(asked, Outcome::Ok(Answer::Done {}));
            self.tell_ended(peer, name, PrivateEnd::Stopped);
        } else {
            self.refuse(asked, Refusal::NoSession);
        }
    }

    /// A block turns down what the blocked user asks at this moment; a session that is open stays.
    pub(crate) fn turn_down(&mut self, name: &UserName, asker: &UserName) {
        if self.drop_question(asker, name) {
            self.tell_ended(asker, name, PrivateEnd::Declined);
            self.tell_ended(name, asker, PrivateEnd::Declined);
        }
    }

    pub(crate) fn look_after_question(&mut self, asker: &UserName, of: &UserName) {
        let until = self.session(asker).and_then(|session| session.private.asking.get(of)).copied();
        if until.is_some_and(|until| until <= self.now) {
            self.drop_question(asker, of);
            self.tell_ended(asker, of, PrivateEnd::Expired);
            self.tell_ended(of, asker, PrivateEnd::Expired);
        }
    }

    /// Ends everything between a user who stays online and others.
    fn leave_private(&mut self, name: &UserName, reason: PrivateEnd) {
        let Some(private) = self.private_of(name) else { return };
        let ended = Private { device: private.device.clone(), ..Private::default() };
        let ended = std::mem::replace(private, ended);
        self.end_private(name, ended, reason);
    }

    /// Ends everything between a user and others, from whom it was taken.
    pub(crate) fn end_private(&mut self, name: &UserName, ended: Private, reason: PrivateEnd) {
        let Private { device: _, asking, asked, open } = ended;
        for peer in asking.into_keys().chain(asked.into_keys()).chain(open.into_keys()) {
            if let Some(private) = self.private_of(&peer) {
                private.asking.remove(name);
                private.asked.remove(name);
                private.open.remove(name);
            }
            self.tell_ended(&peer, name, reason);
        }
    }

    fn tell_ended(&mut self, to: &UserName, peer: &UserName, reason: PrivateEnd) {
        self.tell_private(to, PrivateNews::Ended { peer: peer.clone(), reason });
    }

    fn tell_private(&mut self, to: &UserName, news: PrivateNews) {
        self.effects.push(Effect::Route { to: vec![to.clone()], what: Routed::Private(Box::new(news)) });
    }

    /// Passes news on to those whose program knows what they mean.
    pub(crate) fn deliver_private(&mut self, to: &[UserName], news: &PrivateNews) {
        for name in to {
            let Some(session) = self.session(name) else { continue };
            let Some(conn) = session.line.conn() else { continue };
            if session.private.device_on(conn).is_some() {
                self.send(conn, ServerFrame::Private(news.clone()));
            }
        }
    }

    pub(crate) fn session(&self, name: &UserName) -> Option<&Session> {
        self.accounts.get(name)?.session.as_ref()
    }

    /// Whether the user's program takes part, on this line.
    pub(crate) fn has_device_on(&self, name: &UserName, conn: ConnId) -> bool {
        self.session(name).is_some_and(|session| session.private.device_on(conn).is_some())
    }

    /// Whether the user's program takes part, also while its line is lost.
    pub(crate) fn has_device(&self, name: &UserName) -> bool {
        self.session(name).is_some_and(|session| session.private.device.is_some())
    }

    /// Whether there is a way to the user's device: it shows an address, or the relay hides it.
    pub(crate) fn is_in_reach(&self, name: &UserName) -> bool {
        let shows = |device: &Device| device.addresses.iter().any(|at| matches!(at, PeerAddress::Direct(_)));
        self.relay.is_some()
            || self.session(name).is_some_and(|session| session.private.device.as_ref().is_some_and(shows))
    }

    fn open_relay(&mut self, device: DeviceKey) {
        if self.relay.is_some() {
            self.effects.push(Effect::OpenRelay { device });
        }
    }

    /// The device of a session that is over, if it had one, has no further business with the relay.
    pub(crate) fn shut_relay(&mut self, device: Option<DeviceKey>) {
        if let Some(device) = device.filter(|_| self.relay.is_some()) {
            self.effects.push(Effect::ShutRelay { device });
        }
    }

    fn private_of(&mut self, name: &UserName) -> Option<&mut Private> {
        Some(&mut self.accounts.get_mut(name)?.session.as_mut()?.private)
    }
}

impl Private {
    /// The key of the device that was published.
    pub(crate) fn device_key(&self) -> Option<DeviceKey> {
        self.device.as_ref().map(|device| device.key)
    }

    fn device_on(&self, conn: ConnId) -> Option<&Device> {
        self.device.as_ref().filter(|device| device.conn == conn)
    }

    /// Whether there is no room for one question more, in either direction, or for the session to come of it.
    fn is_full(&self) -> bool {
        self.asking.len() >= MAX_PRIVATE_REQUESTS
            || self.asked.len() >= MAX_PRIVATE_REQUESTS
            || self.open.len() >= MAX_PRIVATE_SESSIONS
    }
}
