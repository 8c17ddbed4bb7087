//! Who is here, and who was.

use std::collections::BTreeMap;

use whoelse_proto::limits::{MEMORY_DAYS, PRESENCE_DELAY_MAX_MS, PRESENCE_DELAY_MIN_MS};
use whoelse_proto::{
    Presence, PresenceChange, PresenceReason, RosterEntry, Seconds, Seen, ServerFrame, Span, UserName,
};

use crate::account::Account;
use crate::command::ConnId;
use crate::effect::{Announcement, Effect};
use crate::pending::{Asked, Pending};
use crate::request::in_parts;
use crate::store::{StoreFault, StoreOp, Stored};
use crate::{Hub, Timer};

/// Bytes that an entry of the roster takes at most: its fields' names, the presence, the name.
const ENTRY_BYTES: usize = 96;

/// Users online from which on changes of presence are gathered for the longest time.
const MANY_ONLINE: u64 = 1000;

/// Changes gathered for one frame; more are sent at once.
const MAX_GATHERED: usize = 256;

/// Changes of presence on their way to those who may see them.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// How many there were before the first of `gathered`.
    before: u64,
    gathered: Vec<Announcement>,
}

impl Notices {
    /// The number behind the last change: a roster made at this moment holds all up to it.
    pub(crate) fn mark(&self) -> u64 {
        self.before + self.gathered.len() as u64
    }
}

impl Hub {
    pub(crate) fn announce(&mut self, name: &UserName, reason: PresenceReason) {
        let change = PresenceChange { name: name.clone(), reason, at: self.now };
        self.effects.push(Effect::Announce { what: Announcement::Presence(change) });
    }

    pub(crate) fn announced(&mut self, what: Announcement) {
        if self.notices.gathered.is_empty() {
            self.timers.set(self.now.plus_millis(self.presence_delay()), Timer::Presence);
        }
        self.notices.gathered.push(what);
        if self.notices.gathered.len() >= MAX_GATHERED {
            self.flush_presence();
        }
    }

    /// Milliseconds: the more are online, the longer changes are gathered.
    fn presence_delay(&self) -> u64 {
        let online = (self.online as u64).min(MANY_ONLINE);
        PRESENCE_DELAY_MIN_MS + (PRESENCE_DELAY_MAX_MS - PRESENCE_DELAY_MIN_MS) * online / MANY_ONLINE
    }

    /// Sends what was gathered: one frame for all who may see all of it, others theirs.
    pub(crate) fn flush_presence(&mut self) {
        let before = self.notices.before;
        let gathered = std::mem::take(&mut self.notices.gathered);
        self.notices.before += gathered.len() as u64;
        let mut everything = Vec::new();
        let mut some = Vec::new();
        for (reader, account) in &self.accounts {
            let Some(session) = &account.session else { continue };
            let Some(conn) = session.line.conn() else { continue };
            let skip = usize::try_from(session.roster_mark.saturating_sub(before)).unwrap_or(usize::MAX);
            let fresh = gathered.get(skip..).unwrap_or_default();
            if fresh.len() == gathered.len() && fresh.iter().all(|what| is_for(reader, account, what)) {
                everything.push(conn);
            } else {
                let seen: Vec<_> = fresh.iter().filter(|what| is_for(reader, account, what)).cloned().collect();
                some.push((conn, seen));
            }
        }
        if !everything.is_empty() {
            for frame in self.notice_frames(&gathered) {
                self.send_all(everything.clone(), frame);
            }
        }
        for (conn, seen) in some {
            for frame in self.notice_frames(&seen) {
                self.send(conn, frame);
            }
        }
    }

    /// New accounts first, then who came and went.
    fn notice_frames(&self, gathered: &[Announcement]) -> Vec<ServerFrame> {
        let mut users = Vec::new();
        let mut changes = Vec::new();
        for what in gathered {
            match what {
                Announcement::Joined(name) => {
                    let presence = Presence::Offline { last_seen: None };
                    users
                        .extend(self.accounts.contains_key(name).then(|| RosterEntry { name: name.clone(), presence }));
                }
                Announcement::Presence(change) => changes.push(change.clone()),
            }
        }
        let mut frames = Vec::new();
        if !users.is_empty() {
            frames.push(ServerFrame::Roster { users, more: false });
        }
        if !changes.is_empty() {
            frames.push(ServerFrame::Presence { changes });
        }
        frames
    }

    pub(crate) fn send_roster(&mut self, conn: ConnId, reader: &UserName) {
        let Some(account) = self.accounts.get(reader) else { return };
        let others = self.accounts.iter().filter(|(name, _)| *name != reader);
        let users = others.map(|(name, other)| roster_entry(name, other, account)).collect();
        let parts = in_parts(users, |_| ENTRY_BYTES);
        let last = parts.len() - 1;
        for (n, users) in parts.into_iter().enumerate() {
            self.send(conn, ServerFrame::Roster { users, more: n < last });
        }
    }

    /// Tells readers what they may see of a user, without when or why.
    pub(crate) fn send_visibility(&mut self, to: &[UserName], name: &UserName) {
        for reader in to {
            let (Some(account), Some(other)) = (self.accounts.get(reader), self.accounts.get(name)) else { continue };
            let Some(conn) = account.session.as_ref().and_then(|session| session.line.conn()) else { continue };
            let users = vec![roster_entry(name, other, account)];
            self.send(conn, ServerFrame::Roster { users, more: false });
        }
    }

    pub(crate) fn whoelse(&mut self, asked: Asked, reader: &UserName) {
        let hidden = self.accounts.get(reader).map(|account| &account.blocked_by);
        let is_seen = |name: &UserName| name != reader && !hidden.is_some_and(|hidden| hidden.contains(name));
        let online = self.accounts.iter().filter(|(name, account)| account.session.is_some() && is_seen(name));
        let users = online.map(|(name, account)| Seen {
            name: name.clone(),
            presence: account.presence(),
            sessions: Vec::new(),
        });
        let users = users.collect();
        self.answer_users(asked, users);
    }

    pub(crate) fn whoelsesince(&mut self, asked: Asked, name: UserName, seconds: Seconds) {
        let seconds = seconds.min(Seconds::new(MEMORY_DAYS * 24 * 60 * 60));
        let from = self.now.minus(seconds);
        self.ask_store(StoreOp::SessionsSince { from }, Pending::Since { asked, name, seconds });
    }

    pub(crate) fn since_stored(
        &mut self,
        asked: Asked,
        reader: &UserName,
        seconds: Seconds,
        result: Result<Stored, StoreFault>,
    ) {
        let Ok(Stored::Sessions { mut sessions }) = result else {
            self.refuse_unfit(asked);
            return;
        };
        let from = self.now.minus(seconds);
        self.correct_open_sessions(&mut sessions);
        let Some(account) = self.accounts.get(reader) else { return };
        let mut users = Vec::new();
        for (name, mut spans) in sessions {
            let Some(other) = self.accounts.get(&name) else { continue };
            spans.retain(|span| span.to.is_none_or(|to| to >= from));
            if name != *reader && !account.blocked_by.contains(&name) && !spans.is_empty() {
                users.push(Seen { name, presence: other.presence(), sessions: spans });
            }
        }
        self.answer_users(asked, users);
    }

    /// Which sessions are open the hub knows better than a store that could not write.
    fn correct_open_sessions(&self, sessions: &mut BTreeMap<UserName, Vec<Span>>) {
        for (name, account) in &self.accounts {
            let open = account.session.as_ref().map(|session| session.since);
            if let Some(since) = open {
                let spans = sessions.entry(name.clone()).or_default();
                if !spans.iter().any(|span| span.from == since) {
                    spans.push(Span { from: since, to: None });
                }
            }
            if let Some(spans) = sessions.get_mut(name) {
                for span in spans.iter_mut().filter(|span| span.to.is_none() && Some(span.from) != open) {
                    span.to = account.last_seen;
                }
            }
        }
    }
}

impl Account {
    /// As those see it who may.
    fn presence(&self) -> Presence {
        match &self.session {
            Some(session) => Presence::Online { since: session.since },
            None => Presence::Offline { last_seen: self.last_seen },
        }
    }
}

/// Whether a reader may be told.
fn is_for(reader: &UserName, account: &Account, what: &Announcement) -> bool {
    match what {
        Announcement::Presence(change) => change.name != *reader && !account.blocked_by.contains(&change.name),
        Announcement::Joined(name) => name != reader,
    }
}

fn roster_entry(name: &UserName, other: &Account, reader: &Account) -> RosterEntry {
    let presence =
        if reader.blocked_by.contains(name) { Presence::Offline { last_seen: None } } else { other.presence() };
    RosterEntry { name: name.clone(), presence }
}
