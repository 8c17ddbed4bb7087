//! Letting people in: passwords, locks, tokens.

use core::net::IpAddr;

use whoelse_proto::limits::{LOGIN_DEADLINE_S, SIGN_OF_LIFE_S};
use whoelse_proto::{LoginRefusal, MissedTries, NewAccounts, Seconds, ServerFrame, UserName};

use crate::account::Line;
use crate::command::{ConnId, Fresh, PassHash, TakeOver, Token};
use crate::conn::{Attempt, Conn, Newcomer};
use crate::effect::Effect;
use crate::guard::{Entry, Failure, Trier};
use crate::origin::Origin;
use crate::pending::Pending;
use crate::session::End;
use crate::store::StoreOp;
use crate::{Hub, Timer};

impl Hub {
    pub(crate) fn open_login(&mut self, conn: ConnId, name: UserName, pass: Option<PassHash>, from: IpAddr) {
        self.abandon_login(conn);
        if self.conns.contains_key(&conn) {
            return;
        }
        let Some(account) = self.accounts.get(&name) else {
            let looks_like = self.hint_at(&name);
            self.refuse_login(conn, LoginRefusal::UnknownUser { looks_like });
            return;
        };
        let trier = account.guard.trier(pass);
        // A known device is not shut out by what others do behind the same address.
        let refused = self.failures.refused(Origin::of(from), self.now).filter(|_| trier == Trier::Stranger);
        match refused {
            Some(retry_after) => self.refuse_login(conn, LoginRefusal::Locked { retry_after }),
            None => self.let_on(conn, Attempt { name, trier, from }),
        }
    }

    /// Gives a try its challenge, lets it wait, or refuses it.
    fn let_on(&mut self, conn: ConnId, attempt: Attempt) {
        let now = self.now;
        let Some(account) = self.accounts.get_mut(&attempt.name) else {
            self.refuse_login(conn, LoginRefusal::UnknownUser { looks_like: None });
            return;
        };
        let deadline = Seconds::new(LOGIN_DEADLINE_S);
        let entry = account.guard.open(attempt.trier, now);
        match (entry, attempt.trier) {
            (Entry::Open, _) => {
                let name = attempt.name.clone();
                self.conns.insert(conn, Conn::LoggingIn(attempt));
                self.effects.push(Effect::Challenge { conn, name });
            }
            (Entry::Wait, Trier::Stranger) if account.guard.wait(conn).is_ok() => {
                self.conns.insert(conn, Conn::Queued(attempt));
            }
            (Entry::Wait, _) => self.refuse_login(conn, LoginRefusal::Locked { retry_after: deadline }),
            (Entry::Locked(retry_after), _) => self.refuse_login(conn, LoginRefusal::Locked { retry_after }),
        }
    }

    /// A try for a name is over: those who waited for that go on.
    pub(crate) fn let_on_waiting(&mut self, name: &UserName) {
        let now = self.now;
        while let Some(conn) = self.accounts.get_mut(name).and_then(|account| account.guard.next_waiting(now)) {
            if let Some(Conn::Queued(attempt)) = self.conns.remove(&conn) {
                self.let_on(conn, attempt);
            }
        }
    }

    /// A connection that waited for its challenge is gone.
    pub(crate) fn leave_queue(&mut self, conn: ConnId, name: &UserName) {
        if let Some(account) = self.accounts.get_mut(name) {
            account.guard.leave(conn);
        }
    }

    /// A connection proved the password of the name it tries: whose, and who tried. Refuses where that comes too late.
    pub(crate) fn prove_password(&mut self, conn: ConnId) -> Option<(UserName, Trier)> {
        let Attempt { name, trier, .. } = self.close_login(conn)?;
        let now = self.now;
        let Some(account) = self.accounts.get_mut(&name) else {
            self.refuse_login(conn, LoginRefusal::UnknownUser { looks_like: None });
            return None;
        };
        if let Some(retry_after) = account.guard.locked(trier, now) {
            self.refuse_login(conn, LoginRefusal::Locked { retry_after });
            return None;
        }
        account.guard.succeed(trier);
        Some((name, trier))
    }

    pub(crate) fn prove_login(&mut self, conn: ConnId, fresh: Fresh, take_over: TakeOver) {
        let Some((name, trier)) = self.prove_password(conn) else { return };
        let Fresh { token, pass } = fresh;
        let pass = Some(pass).filter(|_| trier == Trier::Stranger);
        let newcomer = Newcomer { conn, token, pass, trier };
        let account = self.accounts.get(&name);
        let too_often = account.is_some_and(|account| account.shares.logs_in_too_often(self.now));
        let take_over = if too_often { TakeOver::No } else { take_over };
        let session = account.and_then(|account| account.session.as_ref());
        match (session.map(|session| session.line), take_over) {
            (None, _) => self.admit(&name, newcomer),
            (Some(Line::Lost(_)), _) => {
                self.end_session(&name, End::Lost);
                self.admit(&name, newcomer);
            }
            (Some(Line::Up(_)), TakeOver::Yes) => self.take_over(&name, newcomer),
            (Some(Line::Up(old)), TakeOver::No) => self.challenge_line(&name, newcomer, old),
        }
        self.let_on_waiting(&name);
    }

    /// The user ends the session elsewhere and begins one here. Whoever waited for the place of the old one is refused.
    fn take_over(&mut self, name: &UserName, newcomer: Newcomer) {
        let session = self.accounts.get_mut(name).and_then(|account| account.session.as_mut());
        let challengers = session.map(|session| std::mem::take(&mut session.challengers)).unwrap_or_default();
        self.end_session(name, End::TakenOver);
        self.admit(name, newcomer);
        self.admit_challenger(name, challengers);
    }

    /// Notes a device that logged in, so that it may try while strangers have locked the name.
    pub(crate) fn remember_device(&mut self, name: &UserName, device: Option<PassHash>) {
        let (at, name) = (self.now, name.clone());
        if let Some(pass) = device
            && let Some(account) = self.accounts.get_mut(&name)
        {
            let instead_of = account.guard.remember(pass, at);
            self.ask_store(StoreOp::KeepPass { name, pass, at, instead_of }, Pending::Nothing);
        }
    }

    /// Wrong passwords of which the user is told, once.
    pub(crate) fn tell_missed(&mut self, name: &UserName) -> Option<MissedTries> {
        let missed = self.accounts.get_mut(name)?.guard.take_missed()?;
        self.ask_store(StoreOp::NoteMissed { name: name.clone(), missed: None }, Pending::Nothing);
        Some(missed)
    }

    /// The old line must give a sign of life, or make room.
    fn challenge_line(&mut self, name: &UserName, newcomer: Newcomer, old: ConnId) {
        self.conns.insert(newcomer.conn, Conn::Waiting(name.clone()));
        if let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) {
            session.challengers.push(newcomer);
        }
        self.send(old, ServerFrame::Ping {});
        self.timers.set(self.now.plus(Seconds::new(SIGN_OF_LIFE_S)), Timer::SignOfLife(name.clone()));
    }

    /// The line of a session lives: those who wait for its place are refused.
    pub(crate) fn heard(&mut self, conn: ConnId) {
        let Some(Conn::Online(online)) = self.conns.get(&conn) else { return };
        let Some(session) = self.accounts.get_mut(&online.name).and_then(|account| account.session.as_mut()) else {
            return;
        };
        for Newcomer { conn, .. } in std::mem::take(&mut session.challengers) {
            self.conns.remove(&conn);
            self.refuse_login(conn, LoginRefusal::AlreadyOnline {});
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
    pub(crate) fn admit_challenger(&mut self, name: &UserName, challengers: Vec<Newcomer>) {
        for newcomer in challengers {
            let conn = newcomer.conn;
            self.conns.remove(&conn);
            if self.accounts.get(name).is_some_and(|account| account.session.is_none()) {
                self.admit(name, newcomer);
            } else {
                self.refuse_login(conn, LoginRefusal::AlreadyOnline {});
            }
        }
    }

    pub(crate) fn fail_login(&mut self, conn: ConnId) {
        let Some(attempt) = self.close_login(conn) else { return };
        let refusal = match self.count_failure(&attempt) {
            Some(Failure::TriesLeft(tries_left)) => LoginRefusal::WrongPassword { tries_left },
            Some(Failure::Locked(retry_after)) => LoginRefusal::Locked { retry_after },
            None => LoginRefusal::UnknownUser { looks_like: None },
        };
        self.refuse_login(conn, refusal);
        self.let_on_waiting(&attempt.name);
    }

    /// A login that was given a challenge ends without a proof and without anybody to tell.
    pub(crate) fn abandon_login(&mut self, conn: ConnId) {
        if let Some(attempt) = self.close_login(conn) {
            self.count_failure(&attempt);
            self.let_on_waiting(&attempt.name);
        }
    }

    fn count_failure(&mut self, attempt: &Attempt) -> Option<Failure> {
        let (lock, now) = (self.config.lock, self.now);
        self.failures.count(Origin::of(attempt.from), now);
        let account = self.accounts.get_mut(&attempt.name)?;
        let failure = account.guard.fail(attempt.trier, lock, now);
        let (name, missed) = (attempt.name.clone(), account.guard.missed());
        self.effects.push(Effect::LoginFailed { name: name.clone(), from: attempt.from, failure });
        self.ask_store(StoreOp::NoteMissed { name, missed }, Pending::Nothing);
        Some(failure)
    }

    /// Ends the open login of a connection, if it has one, and gives it.
    pub(crate) fn close_login(&mut self, conn: ConnId) -> Option<Attempt> {
        if !matches!(self.conns.get(&conn), Some(Conn::LoggingIn(_))) {
            return None;
        }
        let Some(Conn::LoggingIn(attempt)) = self.conns.remove(&conn) else { return None };
        if let Some(account) = self.accounts.get_mut(&attempt.name) {
            account.guard.close(attempt.trier);
        }
        Some(attempt)
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
            self.begin_with_token(conn, name, shown);
        }
    }

    /// Whom somebody may mean who names nobody: told where anyone may register, who is told the same there.
    fn hint_at(&self, name: &UserName) -> Option<UserName> {
        let like = self.names.like(name).filter(|_| self.config.registration == NewAccounts::Anyone);
        like.filter(|like| self.accounts.contains_key(*like)).cloned()
    }

    pub(crate) fn refuse_login(&mut self, conn: ConnId, refusal: LoginRefusal) {
        self.send(conn, ServerFrame::LoginRefused(refusal));
    }
}
