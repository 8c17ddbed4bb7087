//! Letting people in: passwords, locks, tokens, new accounts.

use core::net::IpAddr;
use std::collections::btree_map::Entry;

use whoelse_proto::limits::{LOGIN_DEADLINE_S, MAX_OPEN_LOGINS_PER_NAME, SIGN_OF_LIFE_S};
use whoelse_proto::{LoginRefusal, Registration, Seconds, ServerFrame, UserName};

use crate::account::{Account, Failure, Guard, Line};
use crate::command::{ConnId, Record, Token};
use crate::conn::Conn;
use crate::effect::{Announcement, Effect};
use crate::pending::Pending;
use crate::session::End;
use crate::store::{StoreFault, Stored};
use crate::{Hub, MAX_ACCOUNTS, Timer};

impl Hub {
    pub(crate) fn open_login(&mut self, conn: ConnId, name: UserName) {
        self.abandon_login(conn);
        let now = self.now;
        let Some(account) = self.accounts.get_mut(&name) else {
            self.refuse_login(conn, LoginRefusal::UnknownUser {});
            return;
        };
        if let Some(retry_after) = account.guard.locked(now) {
            self.refuse_login(conn, LoginRefusal::Locked { retry_after });
        } else if account.guard.open >= MAX_OPEN_LOGINS_PER_NAME {
            self.refuse_login(conn, LoginRefusal::Locked { retry_after: Seconds::new(LOGIN_DEADLINE_S) });
        } else if let Entry::Vacant(entry) = self.conns.entry(conn) {
            account.guard.open += 1;
            entry.insert(Conn::LoggingIn(name.clone()));
            self.effects.push(Effect::Challenge { conn, name });
        }
    }

    pub(crate) fn prove_login(&mut self, conn: ConnId, fresh: Token) {
        let Some(name) = self.close_login(conn) else { return };
        let now = self.now;
        let Some(account) = self.accounts.get_mut(&name) else {
            self.refuse_login(conn, LoginRefusal::UnknownUser {});
            return;
        };
        if let Some(retry_after) = account.guard.locked(now) {
            self.refuse_login(conn, LoginRefusal::Locked { retry_after });
            return;
        }
        account.guard.succeed();
        match account.session.as_mut().map(|session| session.line) {
            None => self.begin_session(conn, &name, fresh),
            Some(Line::Lost(_)) => {
                self.end_session(&name, End::Lost);
                self.begin_session(conn, &name, fresh);
            }
            Some(Line::Up(old)) => self.challenge_line(conn, name, fresh, old),
        }
    }

    /// The old line must give a sign of life, or make room.
    fn challenge_line(&mut self, conn: ConnId, name: UserName, fresh: Token, old: ConnId) {
        if let Some(session) = self.accounts.get_mut(&name).and_then(|account| account.session.as_mut()) {
            session.challengers.push((conn, fresh));
        }
        self.conns.insert(conn, Conn::Waiting(name.clone()));
        self.send(old, ServerFrame::Ping {});
        self.timers.set(self.now.plus(Seconds::new(SIGN_OF_LIFE_S)), Timer::SignOfLife(name));
    }

    /// The line of a session lives: those who wait for its place are refused.
    pub(crate) fn heard(&mut self, conn: ConnId) {
        let Some(Conn::Online(online)) = self.conns.get(&conn) else { return };
        let Some(session) = self.accounts.get_mut(&online.name).and_then(|account| account.session.as_mut()) else {
            return;
        };
        for (waiting, _) in std::mem::take(&mut session.challengers) {
            self.conns.remove(&waiting);
            self.refuse_login(waiting, LoginRefusal::AlreadyOnline {});
        }
    }

    /// The old line gave no sign of life: the first of those who waited takes its place.
    pub(crate) fn look_after_sign_of_life(&mut self, name: &UserName) {
        let session = self.accounts.get(name).and_then(|account| account.session.as_ref());
        if session.is_some_and(|session| !session.challengers.is_empty()) {
            self.end_session(name, End::Lost);
        }
    }

    /// A session is over: the first of those who waited for its place begins one.
    pub(crate) fn admit_challenger(&mut self, name: &UserName, challengers: Vec<(ConnId, Token)>) {
        for (conn, fresh) in challengers {
            self.conns.remove(&conn);
            if self.accounts.get(name).is_some_and(|account| account.session.is_none()) {
                self.begin_session(conn, name, fresh);
            } else {
                self.refuse_login(conn, LoginRefusal::AlreadyOnline {});
            }
        }
    }

    pub(crate) fn fail_login(&mut self, conn: ConnId) {
        let Some(name) = self.close_login(conn) else { return };
        let refusal = match self.count_failure(&name) {
            Some(Failure::TriesLeft(tries_left)) => LoginRefusal::WrongPassword { tries_left },
            Some(Failure::Locked(retry_after)) => LoginRefusal::Locked { retry_after },
            None => LoginRefusal::UnknownUser {},
        };
        self.refuse_login(conn, refusal);
    }

    /// A login that was given a challenge ends without a proof and without anybody to tell.
    pub(crate) fn abandon_login(&mut self, conn: ConnId) {
        if let Some(name) = self.close_login(conn) {
            self.count_failure(&name);
        }
    }

    fn count_failure(&mut self, name: &UserName) -> Option<Failure> {
        let (lock, now) = (self.config.lock, self.now);
        self.accounts.get_mut(name).map(|account| account.guard.fail(lock, now))
    }

    /// Ends the open login of a connection, if it has one, and says of whom it was.
    fn close_login(&mut self, conn: ConnId) -> Option<UserName> {
        if !matches!(self.conns.get(&conn), Some(Conn::LoggingIn(_))) {
            return None;
        }
        let Some(Conn::LoggingIn(name)) = self.conns.remove(&conn) else { return None };
        if let Some(Account { guard: Guard { open, .. }, .. }) = self.accounts.get_mut(&name) {
            *open = open.saturating_sub(1);
        }
        Some(name)
    }

    pub(crate) fn resume(&mut self, conn: ConnId, name: &UserName, shown: Token) {
        self.abandon_login(conn);
        if self.conns.contains_key(&conn) {
            return;
        }
        let now = self.now;
        let timeout = self.config.timeout;
        let good = self.accounts.get(name).is_some_and(|account| {
            let active_at = account.session.as_ref().map(|session| session.active_at);
            account.token.is_some_and(|token| {
                let active_at = active_at.unwrap_or(token.active_at);
                token.hash == shown.hash && (timeout == Seconds::default() || now < active_at.plus(timeout))
            })
        });
        if !good {
            self.refuse_login(conn, LoginRefusal::TokenInvalid {});
        } else if self.accounts.get(name).is_some_and(|account| account.session.is_some()) {
            self.take_up_session(conn, name, shown);
        } else {
            self.begin_session(conn, name, shown);
        }
    }

    pub(crate) fn open_registration(&mut self, conn: ConnId, name: UserName) {
        self.abandon_login(conn);
        match self.registration_refused(&name) {
            Some(refusal) => self.refuse_login(conn, refusal),
            None => self.effects.push(Effect::RegisterChallenge { conn, name }),
        }
    }

    pub(crate) fn complete_registration(&mut self, conn: ConnId, name: UserName, record: Record, from: IpAddr) {
        if let Some(refusal) = self.registration_refused(&name) {
            self.refuse_login(conn, refusal);
            return;
        }
        if let Err(wait) = self.registrations.take(from, &self.config.limits, self.now) {
            self.refuse_login(conn, LoginRefusal::RegistrationClosed { retry_after: Some(wait) });
            return;
        }
        let ticket = self.next_ticket(Pending::Create { conn, name: name.clone() });
        self.effects.push(Effect::CreateAccount { ticket, name, record });
    }

    fn registration_refused(&self, name: &UserName) -> Option<LoginRefusal> {
        if self.config.registration == Registration::Closed || self.accounts.len() >= MAX_ACCOUNTS {
            Some(LoginRefusal::RegistrationClosed { retry_after: None })
        } else if self.accounts.contains_key(name) {
            Some(LoginRefusal::NameTaken {})
        } else {
            None
        }
    }

    pub(crate) fn create_stored(&mut self, conn: ConnId, name: UserName, result: &Result<Stored, StoreFault>) {
        match result {
            Ok(_) => {
                self.send(conn, ServerFrame::Registered {});
                self.join(name);
            }
            Err(StoreFault::Exists) => self.refuse_login(conn, LoginRefusal::NameTaken {}),
            Err(StoreFault::Unavailable) => self.refuse_login(conn, LoginRefusal::Storage {}),
        }
    }

    /// There is a new account.
    pub(crate) fn join(&mut self, name: UserName) {
        if !self.accounts.contains_key(&name) {
            let blocked_by = self.accounts.iter().filter(|(_, other)| other.blocked.contains(&name));
            let blocked_by = blocked_by.map(|(other, _)| other.clone()).collect();
            self.accounts.insert(name.clone(), Account { blocked_by, ..Account::default() });
            self.effects.push(Effect::Announce { what: Announcement::Joined(name) });
        }
    }

    pub(crate) fn refuse_login(&mut self, conn: ConnId, refusal: LoginRefusal) {
        self.send(conn, ServerFrame::LoginRefused(refusal));
    }
}
