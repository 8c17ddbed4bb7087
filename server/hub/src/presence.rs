//! Who is here, and who was.

use whoelse_proto::limits::{PRESENCE_DELAY_MAX_MS, PRESENCE_DELAY_MIN_MS};
use whoelse_proto::{Presence, PresenceChange, PresenceReason, RosterEntry, Seconds, ServerFrame, UserName};

use crate::account::{Account, More};
use crate::command::ConnId;
use crate::conn::Conn;
use crate::effect::{Announcement, Effect};
use crate::paging::List;
use crate::pending::Asked;
use crate::{Hub, Timer};

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
            let is_plain = fresh.len() == gathered.len() && !self.has_more_roster(conn);
            if is_plain && fresh.iter().all(|what| is_for(reader, account, what)) {
                everything.push(conn);
            } else {
                let seen: Vec<_> = fresh.iter().filter(|what| is_for(reader, account, what)).cloned().collect();
                some.push((conn, seen));
            }
        }
        if !everything.is_empty() {
            for frame in self.notice_frames(&gathered, More::No) {
                self.send_all(everything.clone(), frame);
            }
        }
        for (conn, seen) in some {
            let more = if self.has_more_roster(conn) { More::Yes } else { More::No };
            for frame in self.notice_frames(&seen, more) {
                self.send(conn, frame);
            }
        }
    }

    /// Whether a connection is still being sent the roster: a frame without more behind it would end it.
    fn has_more_roster(&self, conn: ConnId) -> bool {
        matches!(self.conns.get(&conn), Some(Conn::Online(online)) if online.paging.has_more_roster())
    }

    /// New accounts first, then who came and went. `more` is whether pages of the roster follow.
    fn notice_frames(&self, gathered: &[Announcement], more: More) -> Vec<ServerFrame> {
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
            frames.push(ServerFrame::Roster { users, more: more == More::Yes });
        }
        if !changes.is_empty() {
            frames.push(ServerFrame::Presence { changes });
        }
        frames
    }

    /// Tells readers what they may see of a user, without when or why.
    pub(crate) fn send_visibility(&mut self, to: &[UserName], name: &UserName) {
        for reader in to {
            let (Some(account), Some(other)) = (self.accounts.get(reader), self.accounts.get(name)) else { continue };
            let Some(conn) = account.session.as_ref().and_then(|session| session.line.conn()) else { continue };
            let users = vec![roster_entry(name, other, account)];
            let more = self.has_more_roster(conn);
            self.send(conn, ServerFrame::Roster { users, more });
        }
    }

    pub(crate) fn whoelse(&mut self, asked: Asked) {
        self.answer_list(asked, List::Online { after: None });
    }

    pub(crate) fn whoelsesince(&mut self, asked: Asked, seconds: Seconds) {
        self.answer_list(asked, List::Since { seconds, after: None });
    }
}

impl Account {
    /// As those see it who may.
    pub(crate) fn presence(&self) -> Presence {
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

pub(crate) fn roster_entry(name: &UserName, other: &Account, reader: &Account) -> RosterEntry {
    let presence =
        if reader.blocked_by.contains(name) { Presence::Offline { last_seen: None } } else { other.presence() };
    RosterEntry { name: name.clone(), presence }
}
