//! The end of a run: nothing breaks any more, everything comes to rest, and all must be as promised.

use rand::RngExt;
use whoelse_hub::{StoreOp, Stored};
use whoelse_model::{Action, ChatId, Contact, Direction, OutgoingState, Phase, WhoElseAnswer};
use whoelse_proto::{Presence, Seconds, Seq, SessionEnd, UserName};

use crate::world::{Finale, Happening, World};

/// How long everything may take to come to rest: a line found dead, a lock, a login, and more.
const REST: Seconds = Seconds::new(90);

/// Milliseconds between two looks.
const LOOK_MS: u64 = 200;

/// Looks at which everything must be at rest: longer than presence is gathered, and than a slow frame travels.
const QUIET_LOOKS: u32 = 5;

impl World {
    pub(crate) fn heal(&mut self) {
        self.log(|| "nothing breaks any more".to_owned());
        self.is_healed = true;
        self.server.disk_is_full = false;
        for client in &mut self.clients {
            client.disk.fails = false;
        }
        for conn in self.ghosts.clone() {
            self.cut(conn);
        }
        self.finale = Finale::Resting { until: self.now.plus(REST), looks: 0 };
        self.later(0, Happening::Tend);
    }

    /// Looks whether everything is at rest, and what comes then.
    pub(crate) fn tend(&mut self) {
        self.later(LOOK_MS, Happening::Tend);
        match self.finale {
            Finale::Resting { until, looks } => {
                self.bring_everybody_in();
                let looks = if self.restless().is_none() { looks + 1 } else { 0 };
                self.finale = Finale::Resting { until, looks };
                if looks >= QUIET_LOOKS {
                    self.check_rest();
                    self.ask_everybody();
                } else if self.now > until {
                    let why = self.restless().unwrap_or_default();
                    self.oracle.fail(format!("no rest: {why}"));
                }
            }
            Finale::Asking { until } if self.now > until => {
                self.check_who_else();
                self.part();
            }
            Finale::Parting { until } if self.now > until => {
                self.check_parted();
                self.finale = if self.timeout == Seconds::default() {
                    Finale::Over
                } else {
                    Finale::Idling { until: self.now.plus(self.timeout).plus(Seconds::new(2)) }
                };
            }
            Finale::Idling { until } if self.now > until => {
                self.check_timed_out();
                self.finale = Finale::Over;
            }
            Finale::Asking { .. } | Finale::Parting { .. } | Finale::Idling { .. } | Finale::Over => {}
        }
    }

    fn bring_everybody_in(&mut self) {
        for c in 0..self.clients.len() {
            let model = &self.clients[c].model;
            if self.clients[c].runs && matches!(model.session().phase(), Phase::SignedOut(_)) {
                self.sign_in(c);
            } else if model.session().inactivity_deadline().is_some() {
                self.act(c, Action::Stay);
            }
        }
    }

    /// What is not at rest yet.
    fn restless(&mut self) -> Option<String> {
        for (c, client) in self.clients.iter().enumerate() {
            let has_line = client.is_online() && client.conn.id().is_some_and(|conn| self.is_whole(conn));
            if !has_line || client.model.session().phase() != &Phase::Online {
                return Some(format!("client {c} is {:?}", client.conn));
            }
            if !client.disk.history.outbox().is_empty() {
                return Some(format!("client {c} has {} to send", client.disk.history.outbox().len()));
            }
            if !client.disk.jobs.is_empty() || !client.disk.done.is_empty() {
                return Some(format!("the disk of client {c} works"));
            }
        }
        for name in self.names.clone() {
            let op = StoreOp::LoadInbox { name: name.clone(), after: Seq::default(), limit: 1 };
            if let Stored::Page { messages, .. } = self.server.store.perform(op)
                && let Some((seq, _)) = messages.first()
            {
                return Some(format!("{seq:?} waits for {name}"));
            }
        }
        None
    }

    fn check_rest(&mut self) {
        self.oracle.note_blocks(self.server.store.blocks());
        for c in 0..self.clients.len() {
            self.check_history(c);
            self.check_contacts(c);
            self.check_view(c);
        }
        self.oracle.check_nothing_is_lost();
    }

    /// What is on a client's disk: what it was owed, each once, in order.
    fn check_history(&mut self, c: usize) {
        let rows = self.clients[c].disk.history.rows().to_vec();
        self.oracle.check_history(c, &rows);
    }

    /// The list of contacts shows what is so.
    fn check_contacts(&mut self, c: usize) {
        let me = self.names[c].clone();
        let blocks = self.server.store.blocks().clone();
        for other in self.names.clone().into_iter().filter(|other| *other != me) {
            let Some(contact) = self.clients[c].model.contacts().get(&other) else {
                self.oracle.fail(format!("{me} does not see {other} at all"));
                continue;
            };
            let (seen, is_blocked) = (contact.presence(), contact.is_blocked());
            let hides = blocks.contains(&(other.clone(), me.clone()));
            let right = if hides { seen == (Presence::Offline { last_seen: None }) } else { is_online(seen) };
            self.oracle.expect(right, || format!("{me} sees {other} as {seen:?}, hidden: {hides}"));
            let blocks_it = blocks.contains(&(me.clone(), other.clone()));
            self.oracle.expect(is_blocked == blocks_it, || format!("{me} sees {other} blocked: {is_blocked}"));
        }
    }

    /// The chats show what is on disk.
    fn check_view(&mut self, c: usize) {
        let client = &self.clients[c];
        let mut faults = Vec::new();
        for chat in client.model.chats().iter() {
            let rows: Vec<_> = client.disk.history.chat(chat.id()).collect();
            if chat.last() != rows.last().copied() {
                faults.push(format!("{:?}: last is {:?} and not {:?}", chat.id(), chat.last(), rows.last()));
            }
            let unread = client.disk.history.unread_in(chat.id());
            if usize::try_from(chat.unread()) != Ok(unread) {
                faults.push(format!("{:?}: {} unread and not {unread}", chat.id(), chat.unread()));
            }
            let shown: Vec<_> = chat.timeline().iter().map(|entry| &entry.message).collect();
            let begin = shown.first().and_then(|first| rows.iter().position(|row| row.row == first.row)).unwrap_or(0);
            let run = rows.get(begin..begin + shown.len()).unwrap_or_default();
            if shown != run
                || (chat.timeline().is_loaded() && !chat.timeline().has_newer() && begin + shown.len() != rows.len())
            {
                faults.push(format!("{:?}: shows {} of {} rows from {begin}", chat.id(), shown.len(), rows.len()));
            }
        }
        for fault in faults {
            self.oracle.fail(format!("client {c}: {fault}"));
        }
    }

    fn ask_everybody(&mut self) {
        for c in 0..self.clients.len() {
            self.act(c, Action::WhoElse { since: None });
        }
        self.finale = Finale::Asking { until: self.now.plus(Seconds::new(2)) };
    }

    fn check_who_else(&mut self) {
        let blocks = self.server.store.blocks().clone();
        for c in 0..self.clients.len() {
            let me = &self.names[c];
            let visible = |other: &&UserName| *other != me && !blocks.contains(&((*other).clone(), me.clone()));
            let mut due: Vec<UserName> = self.names.iter().filter(visible).cloned().collect();
            due.sort();
            let answer = self.clients[c].model.who_else().map(|table| table.answer.clone());
            let Some(WhoElseAnswer::Users(users)) = answer else {
                self.oracle.fail(format!("{me} asks in vain who else is online: {answer:?}"));
                continue;
            };
            let listed: Vec<UserName> = users.into_iter().map(|seen| seen.name).collect();
            self.oracle.expect(listed == due, || format!("{me} is told {listed:?} and not {due:?}"));
        }
    }

    /// Everybody writes, and half of them sign out at once.
    fn part(&mut self) {
        for c in 0..self.clients.len() {
            let everyone = self.write(ChatId::Everyone);
            self.act(c, everyone);
            if self.rng.random_bool(0.5) {
                self.clients[c].ended = None;
                self.act(c, Action::SignOut);
            }
        }
        self.finale = Finale::Parting { until: self.now.plus(Seconds::new(5)) };
    }

    fn check_parted(&mut self) {
        for c in 0..self.clients.len() {
            let client = &self.clients[c];
            let rows = client.disk.history.rows();
            let last = rows.iter().rev().find_map(|row| match &row.message.direction {
                Direction::Outgoing(outgoing) => Some(outgoing.state()),
                Direction::Incoming { .. } => None,
            });
            self.oracle.expect(last == Some(OutgoingState::Accepted), || format!("client {c}: last is {last:?}"));
            let (wants_in, ended) = (client.wants_in, client.ended);
            let right = wants_in || ended == Some(SessionEnd::Logout);
            self.oracle.expect(right, || format!("client {c} signed out and ended as {ended:?}"));
        }
        self.check_who_is_gone();
    }

    /// Those still here see who left.
    fn check_who_is_gone(&mut self) {
        let here: Vec<bool> = self.clients.iter().map(|client| client.wants_in).collect();
        for c in (0..self.clients.len()).filter(|c| here[*c]) {
            for (other, is_here) in self.names.iter().zip(&here).filter(|(_, is_here)| !**is_here) {
                let contact = self.clients[c].model.contacts().get(other);
                let seen = contact.map(Contact::presence);
                let gone = seen.is_some_and(|seen| !is_online(seen));
                self.oracle.expect(gone != *is_here, || format!("client {c} sees {other} as {seen:?}"));
            }
        }
    }

    fn check_timed_out(&mut self) {
        for (c, client) in self.clients.iter().enumerate() {
            let (ended, online) = (client.ended, client.is_online());
            let right = !online && matches!(ended, Some(SessionEnd::Timeout | SessionEnd::Logout));
            self.oracle.expect(right, || format!("client {c} did nothing and ended as {ended:?}"));
        }
    }
}

const fn is_online(presence: Presence) -> bool {
    matches!(presence, Presence::Online { .. })
}
