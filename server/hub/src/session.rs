//! Sessions from their beginning to their end.

use whoelse_proto::limits::{INACTIVITY_WARNING_S, LOST_GRACE_S};
use whoelse_proto::{DevicePass, PresenceReason, PrivateEnd, Seconds, ServerFrame, SessionEnd, SessionKind, UserName};

use crate::account::{Delivery, KeptToken, Line, Session, Warned};
use crate::command::{ConnId, Pass, Token};
use crate::conn::{Answers, Conn, Newcomer, Online, Stay};
use crate::effect::Effect;
use crate::fair::LONGEST_HOLD_MS;
use crate::files::Index;
use crate::paging::Paging;
use crate::pending::Pending;
use crate::private::Private;
use crate::store::{StoreOp, TokenFate};
use crate::{Hub, Timer};

/// How a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The user said so.
    Logout,
    /// No valid action in time.
    Timeout,
    /// The line did not come back, or gave no sign of life.
    Lost,
    /// The user logged in elsewhere and took the session's place.
    TakenOver,
    /// The administrator removed the account or changed its password.
    Revoked,
}

impl End {
    /// What others see.
    fn presence(self) -> PresenceReason {
        match self {
            Self::Logout | Self::TakenOver | Self::Revoked => PresenceReason::Logout,
            Self::Timeout => PresenceReason::Timeout,
            Self::Lost => PresenceReason::Lost,
        }
    }

    /// What those are told who have, or want, a private session with the user.
    fn private(self) -> PrivateEnd {
        match self {
            Self::Logout | Self::TakenOver | Self::Revoked => PrivateEnd::Logout,
            Self::Timeout => PrivateEnd::Timeout,
            Self::Lost => PrivateEnd::Lost,
        }
    }

    /// What the client is told, if it listens.
    fn told(self) -> SessionEnd {
        match self {
            Self::Logout => SessionEnd::Logout,
            Self::Timeout => SessionEnd::Timeout,
            Self::Lost | Self::TakenOver => SessionEnd::Replaced,
            Self::Revoked => SessionEnd::Revoked,
        }
    }
}

/// How a connection comes by its session.
struct Begun {
    kind: SessionKind,
    /// For a device that has none.
    pass: Option<DevicePass>,
}

impl Hub {
    /// A connection that proved the password is let in.
    pub(crate) fn admit(&mut self, name: &UserName, newcomer: Newcomer) {
        let Newcomer { conn, token, pass, trier } = newcomer;
        self.begin_session(conn, name, token, pass.as_ref());
        self.slow_logins(conn, name);
        let device = pass.map(|pass| pass.hash).or(trier.device());
        if let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) {
            session.device = device;
        }
        self.remember_device(name, device);
    }

    /// Whoever comes and goes without end is heard late, and so goes late.
    fn slow_logins(&mut self, conn: ConnId, name: &UserName) {
        let now = self.now;
        let Some(account) = self.accounts.get_mut(name) else { return };
        let millis = account.shares.log_in(now).min(LONGEST_HOLD_MS);
        if millis > 0 {
            self.effects.push(Effect::Hold { conn, millis });
        }
    }

    /// A client with a good token begins a session with it.
    pub(crate) fn begin_with_token(&mut self, conn: ConnId, name: &UserName, token: Token) {
        self.begin_session(conn, name, token, None);
    }

    fn begin_session(&mut self, conn: ConnId, name: &UserName, token: Token, pass: Option<&Pass>) {
        let now = self.now;
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.token = Some(KeptToken { hash: token.hash, active_at: now });
        // The name and the login are the session's name in the store: no two logins of a name at one moment.
        let since = account.last_seen.map_or(now, |last| now.max(last.plus_millis(1)));
        account.session = Some(Session {
            since,
            active_at: now,
            warned: Warned::No,
            line: Line::Up(conn),
            delivery: Delivery::loading(),
            roster_mark: self.notices.mark(),
            private: Private::default(),
            challengers: Vec::new(),
            device: None,
        });
        self.online += 1;
        let hash = token.hash;
        self.connect(conn, name, token, Begun { kind: SessionKind::New, pass: pass.map(|pass| pass.pass.clone()) });
        self.ask_store(StoreOp::OpenSession { name: name.clone(), since, token: hash }, Pending::Nothing);
        self.announce(name, PresenceReason::Login);
        self.load_inbox(name);
        self.time_inactivity(name);
    }

    /// A client with a good token takes its session up on a new connection, whatever became of the old one.
    pub(crate) fn take_up_session(&mut self, conn: ConnId, name: &UserName, token: Token) {
        let mark = self.notices.mark();
        let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else { return };
        let old = std::mem::replace(&mut session.line, Line::Up(conn));
        session.delivery = Delivery::loading();
        session.roster_mark = mark;
        if let Some(old) = old.conn() {
            self.conns.remove(&old);
            self.send(old, ServerFrame::SessionEnded { reason: SessionEnd::Replaced });
            self.effects.push(Effect::Close { conn: old });
        }
        self.connect(conn, name, token, Begun { kind: SessionKind::Resumed, pass: None });
        self.heard(conn);
        self.load_inbox(name);
        self.warn_again(name);
    }

    fn connect(&mut self, conn: ConnId, name: &UserName, token: Token, begun: Begun) {
        let missed = self.tell_missed(name);
        let Some(session) = self.accounts.get(name).and_then(|account| account.session.as_ref()) else { return };
        let welcome = ServerFrame::Welcome {
            name: name.clone(),
            session: begun.kind,
            token: token.token,
            timeout: self.config.timeout,
            now: self.now,
            since: session.since,
            pass: begun.pass,
            missed,
        };
        let paging = Paging::with_roster();
        let online = Online { name: name.clone(), answers: Answers::default(), stay: Stay::On, paging };
        self.conns.insert(conn, Conn::Online(online));
        self.effects.push(Effect::Admit { conn, name: name.clone() });
        self.send(conn, welcome);
        self.send_pages(conn);
    }

    pub(crate) fn end_session(&mut self, name: &UserName, end: End) {
        let now = self.now;
        let Some(account) = self.accounts.get_mut(name) else { return };
        let Some(session) = account.session.take() else { return };
        self.online -= 1;
        let at = now.max(session.since);
        account.last_seen = Some(at);
        let token = match end {
            End::Lost => TokenFate::Kept { active_at: session.active_at },
            End::Logout | End::Timeout | End::TakenOver | End::Revoked => TokenFate::Revoked,
        };
        match token {
            TokenFate::Kept { active_at } => {
                account.token = account.token.map(|token| KeptToken { active_at, ..token });
            }
            TokenFate::Revoked => account.token = None,
        }
        if let Some(conn) = session.line.conn() {
            self.conns.remove(&conn);
            self.send(conn, ServerFrame::SessionEnded { reason: end.told() });
            self.effects.push(Effect::Close { conn });
        }
        let op = StoreOp::CloseSession { name: name.clone(), since: session.since, at, token };
        self.ask_store(op, Pending::Nothing);
        self.announce(name, end.presence());
        self.index.forget(name);
        self.shut_relay(session.private.device_key());
        self.end_private(name, session.private, end.private());
        self.admit_challenger(name, session.challengers);
    }

    /// A connection is gone.
    pub(crate) fn disconnected(&mut self, conn: ConnId) {
        self.abandon_login(conn);
        match self.conns.remove(&conn) {
            Some(Conn::Online(online)) => self.lose_line(&online.name),
            Some(Conn::Waiting(name)) => {
                if let Some(session) = self.accounts.get_mut(&name).and_then(|account| account.session.as_mut()) {
                    session.challengers.retain(|newcomer| newcomer.conn != conn);
                }
            }
            Some(Conn::Queued(attempt)) => self.leave_queue(conn, &attempt.name),
            Some(Conn::LoggingIn(_) | Conn::Changing(..)) | None => {}
        }
    }

    /// Closes the connection of a client that breaks the rules of the session.
    pub(crate) fn drop_line(&mut self, conn: ConnId) {
        self.send(conn, ServerFrame::SessionEnded { reason: SessionEnd::TooSlow });
        self.effects.push(Effect::Close { conn });
        self.disconnected(conn);
    }

    /// The session stays for the grace; those who waited for the line's sign of life need wait no more.
    fn lose_line(&mut self, name: &UserName) {
        let now = self.now;
        let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else { return };
        session.line = Line::Lost(now);
        if session.challengers.is_empty() {
            self.timers.set(now.plus(Seconds::new(LOST_GRACE_S)), Timer::Grace(name.clone()));
        } else {
            self.end_session(name, End::Lost);
        }
    }

    pub(crate) fn look_after_grace(&mut self, name: &UserName) {
        let Some(session) = self.accounts.get(name).and_then(|account| account.session.as_ref()) else { return };
        if let Line::Lost(since) = session.line
            && since.plus(Seconds::new(LOST_GRACE_S)) <= self.now
        {
            self.end_session(name, End::Lost);
        }
    }

    /// Sets the timer for the warning, the first thing to come.
    fn time_inactivity(&mut self, name: &UserName) {
        if self.config.timeout != Seconds::default() {
            self.timers.set(self.now, Timer::Inactivity(name.clone()));
        }
    }

    /// A warning may have been due while no line was there to carry it.
    fn warn_again(&mut self, name: &UserName) {
        let Some(session) = self.accounts.get(name).and_then(|account| account.session.as_ref()) else { return };
        if session.warned == Warned::Yes
            && let Some(conn) = session.line.conn()
        {
            let remaining = session.active_at.plus(self.config.timeout).seconds_since(self.now);
            self.send(conn, ServerFrame::InactivityWarning { remaining });
        }
    }

    pub(crate) fn look_after_inactivity(&mut self, name: &UserName) {
        let now = self.now;
        let timeout = self.config.timeout;
        let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else { return };
        let end_at = session.active_at.plus(timeout);
        let warn_at = session.active_at.plus_millis(warn_after_millis(timeout));
        if end_at <= now {
            self.end_session(name, End::Timeout);
            return;
        }
        let next = if now < warn_at { warn_at } else { end_at };
        if now >= warn_at && session.warned == Warned::No {
            session.warned = Warned::Yes;
            if let Some(conn) = session.line.conn() {
                self.send(conn, ServerFrame::InactivityWarning { remaining: end_at.seconds_since(now) });
            }
        }
        self.timers.set(next, Timer::Inactivity(name.clone()));
    }

    pub(crate) fn stop(&mut self) {
        let mut conns = Vec::new();
        for (name, account) in &mut self.accounts {
            let Some(session) = account.session.take() else { continue };
            self.last_ticket += 1;
            self.effects.push(Effect::Store {
                ticket: crate::Ticket::new(self.last_ticket),
                op: StoreOp::CloseSession {
                    name: name.clone(),
                    since: session.since,
                    at: self.now.max(session.since),
                    token: TokenFate::Kept { active_at: session.active_at },
                },
            });
            conns.extend(session.line.conn());
        }
        self.online = 0;
        self.index = Index::default();
        self.conns.clear();
        if !conns.is_empty() {
            let frame = ServerFrame::SessionEnded { reason: SessionEnd::ServerStop };
            self.effects.push(Effect::Send { to: conns.clone(), frame });
            self.effects.extend(conns.into_iter().map(|conn| Effect::Close { conn }));
        }
    }
}

/// Milliseconds without action after which the client is warned: [`INACTIVITY_WARNING_S`] or a tenth of the timeout,
/// if that is shorter, before the end.
fn warn_after_millis(timeout: Seconds) -> u64 {
    let timeout = timeout.get().saturating_mul(1000);
    timeout - (timeout / 10).min(INACTIVITY_WARNING_S * 1000)
}
