//! From signing in to signing out: attempts, trust, the welcome, lost lines, the end.

use tokio::task::spawn_blocking;
use tokio::time::{Duration, Instant};
use whoelse_model::{Credential, Event, HistoryRemedy, HistoryTrouble, LinkInput, SignIn};
use whoelse_proto::{Fingerprint, LoginRefusal, SessionEnd};

use super::account::{Account, Persistence};
use super::conversation::{Conversation, Owner};
use super::driver::{Driver, Stay};
use super::events::Gone;
use super::progress::{Opened, Opening, Progress, Then, died};
use crate::clock::{now, random};
use crate::error::{Error, Result};
use crate::history::{History, set_aside};
use crate::link::{Admitted, Backoff, Ended, Greeting};
use crate::profile::KnownServer;

/// A line that held this long was a good one: the next attempt comes soon again.
const STEADY_AFTER: Duration = Duration::from_secs(10);

impl Driver {
    /// Connects and logs in.
    pub(super) async fn sign_in(&mut self, sign_in: SignIn) -> Result<(), Gone> {
        self.end_conversation();
        let by_token = sign_in.credential == Credential::KeptToken;
        let account = Account::new(sign_in, &self.profile);
        if let Some((pinned, invited)) = account.contradiction() {
            let KnownServer { fingerprint, pinned_at, .. } = *pinned;
            return self.tell(Event::ServerKeyChanged { pinned: fingerprint, pinned_at, shown: invited }).await;
        }
        let owner = account.owner();
        self.account = Some(account);
        match owner {
            // A token shows that this account was signed in here before: its chats are shown without a line.
            Some(owner) if by_token && self.profile.token(owner.server, &owner.name).is_some() => {
                self.open_history(owner, Then::Attempt);
                Ok(())
            }
            Some(_) | None => self.attempt().await,
        }
    }

    /// Begins an attempt at a line.
    pub(super) async fn attempt(&mut self) -> Result<(), Gone> {
        let Some(account) = &mut self.account else { return Ok(()) };
        if let Some(attempt) = account.attempt(&self.profile) {
            self.progress = Progress::attempting(attempt);
            self.tell(Event::Connecting).await
        } else {
            account.persistence = Persistence::Once;
            self.tell(Event::LoginRefused(LoginRefusal::TokenInvalid {})).await
        }
    }

    /// An attempt ended.
    pub(super) async fn attempted(&mut self, ended: Result<Ended>) -> Result<(), Gone> {
        match ended {
            Ok(Ended::OtherKey(shown)) => self.other_key(shown).await,
            Ok(Ended::Refused(greeting, refusal)) => self.refused(greeting, refusal).await,
            Ok(Ended::Admitted(greeting, admitted)) => self.admitted(greeting, admitted).await,
            Err(error) => self.attempt_failed(&error).await,
        }
    }

    /// The server has another key than the one expected, or none is expected yet.
    async fn other_key(&mut self, shown: Fingerprint) -> Result<(), Gone> {
        let Some(account) = &mut self.account else { return Ok(()) };
        let Some(pinned) = account.expected else {
            self.progress = Progress::Asking { shown };
            return self.tell(Event::UnknownServer { shown }).await;
        };
        account.persistence = Persistence::Once;
        let known = self.profile.known_server(&account.host, account.port);
        // An invitation's key that was never pinned is as old as the attempt.
        let pinned_at = known.filter(|known| known.fingerprint == pinned).map_or_else(now, |known| known.pinned_at);
        self.tell(Event::ServerKeyChanged { pinned, pinned_at, shown }).await
    }

    /// The user trusts the key that was shown.
    pub(super) async fn trust(&mut self, fingerprint: Fingerprint) -> Result<(), Gone> {
        match (&self.progress, &mut self.account) {
            (Progress::Asking { shown }, Some(account)) if *shown == fingerprint => {
                account.expected = Some(fingerprint);
                self.attempt().await
            }
            _ => Ok(()),
        }
    }

    /// The server did not let the user in. A full disk of the server passes; anything else is for the user.
    async fn refused(&mut self, greeting: Greeting, refusal: LoginRefusal) -> Result<(), Gone> {
        self.greeted(greeting).await?;
        let Some(account) = &mut self.account else { return Ok(()) };
        if refusal == (LoginRefusal::Storage {}) && account.persistence == Persistence::UntilToldOtherwise {
            return self.retry_later("the server cannot write to its disk".to_owned()).await;
        }
        account.persistence = Persistence::Once;
        if refusal == (LoginRefusal::TokenInvalid {}) {
            let forgotten = account.forget(&self.profile);
            self.report(forgotten).await?;
        }
        self.tell(Event::LoginRefused(refusal)).await
    }

    /// The user is in.
    async fn admitted(&mut self, greeting: Greeting, admitted: Admitted) -> Result<(), Gone> {
        self.greeted(greeting.clone()).await?;
        self.private.introduces(greeting.private);
        let Some(account) = &mut self.account else { return Ok(()) };
        let kept = account.welcomed(&greeting, &admitted.welcome, &self.profile, now());
        let owner = account.owner();
        self.report(kept).await?;
        if self.conversation.is_some() {
            return self.welcome(admitted).await;
        }
        if let Some(owner) = owner {
            self.open_history(owner, Then::Welcome(Box::new(admitted)));
        }
        Ok(())
    }

    /// The server has proved its key: it is pinned, and told.
    async fn greeted(&mut self, greeting: Greeting) -> Result<(), Gone> {
        let Some(account) = &self.account else { return Ok(()) };
        let pinned = self.profile.pin(&account.host, account.port, greeting.fingerprint, now());
        self.report(pinned).await?;
        let Greeting { title, registration, fingerprint, .. } = greeting;
        self.tell(Event::Greeted { title, registration, fingerprint }).await
    }

    /// Begins the conversation on a new line.
    async fn welcome(&mut self, admitted: Admitted) -> Result<(), Gone> {
        // First, so that whoever is told of the welcome can be asked at once.
        self.open_device().await?;
        let Some(conversation) = &self.conversation else { return Ok(()) };
        let name = conversation.owner.name.clone();
        let Admitted { line, welcome, server_at } = admitted;
        self.progress = Progress::Up { line, since: Instant::now() };
        let (session, timeout) = (welcome.session, welcome.timeout);
        if let Some(missed) = welcome.missed {
            self.tell(Event::WrongPasswords(missed)).await?;
        }
        self.feed(LinkInput::Welcomed { name, session, timeout, now: welcome.now, since: welcome.since }).await?;
        self.private_line_up(server_at).await
    }

    /// Opens a history, off the async threads, once the one before is closed.
    fn open_history(&mut self, owner: Owner, then: Then) {
        let closing = self.closing.take();
        let file = self.profile.history_file(owner.server, &owner.name);
        let task = tokio::spawn(async move {
            if let Some(closing) = closing {
                closing.await.map_err(died)?;
            }
            spawn_blocking(move || History::open(&file?)).await.map_err(died)?
        });
        self.progress = Progress::Opening(Opening { owner, task, then });
    }

    /// A history is open, or cannot be; without one nobody is signed in.
    pub(super) async fn opened(&mut self, opened: Opened) -> Result<(), Gone> {
        let Opened { owner, history, then } = opened;
        let (mut history, chats) = match history {
            Ok(open) => open,
            Err(error) => return self.history_unusable(&owner, error).await,
        };
        if let Some(cause) = history.take_news() {
            self.tell(Event::DiskTrouble { cause }).await?;
        }
        self.conversation = Some(Conversation::new(owner, history, self.delivery));
        self.tell(Event::Chats(chats)).await?;
        match then {
            Then::Attempt => self.attempt().await,
            Then::Welcome(admitted) => self.welcome(*admitted).await,
        }
    }

    /// Without a history nobody is signed in: what arrives would be kept nowhere.
    async fn history_unusable(&mut self, owner: &Owner, error: Error) -> Result<(), Gone> {
        self.account = None;
        let file = self.profile.history_file(owner.server, &owner.name).ok();
        let path = file.as_ref().map_or_else(String::new, |file| file.display().to_string());
        let trouble = if let Error::History(trouble) = error {
            trouble
        } else {
            HistoryTrouble { path, cause: error.to_string(), remedy: HistoryRemedy::Wait }
        };
        self.unusable = file.filter(|_| trouble.remedy == HistoryRemedy::SetAside);
        self.tell(Event::HistoryUnusable(trouble)).await
    }

    /// Moves the history that could not be opened away.
    pub(super) async fn set_history_aside(&mut self) -> Result<(), Gone> {
        match self.unusable.take() {
            Some(file) => self.report(set_aside(&file, now()).map(drop)).await,
            None => Ok(()),
        }
    }

    /// There is no line; where there was a session, it is tried again.
    async fn attempt_failed(&mut self, error: &Error) -> Result<(), Gone> {
        let persistence = self.account.as_ref().map_or(Persistence::Once, |account| account.persistence);
        match (persistence.max(self.first), error) {
            (Persistence::Once, _) | (_, Error::Version { .. }) => {
                self.tell(Event::ConnectFailed { cause: error.to_string() }).await
            }
            (Persistence::UntilToldOtherwise, _) => self.retry_later(error.to_string()).await,
        }
    }

    /// The line is lost, or given up.
    pub(super) async fn line_lost(&mut self, cause: String) -> Result<(), Gone> {
        if let Progress::Up { since, .. } = self.progress.take()
            && let Some(account) = &mut self.account
            && since.elapsed() >= STEADY_AFTER
        {
            account.backoff = Backoff::default();
        }
        self.private.line_down();
        Box::pin(self.feed(LinkInput::LineLost)).await?;
        self.retry_later(cause).await
    }

    /// Waits for the next attempt. Whoever is leaving is not kept waiting.
    async fn retry_later(&mut self, cause: String) -> Result<(), Gone> {
        let Some(account) = &mut self.account else { return Ok(()) };
        if self.stay == Stay::Leaving {
            return self.left().await;
        }
        let wait = account.backoff.next_wait(u32::from_ne_bytes(random()));
        let waiting = Progress::waiting(wait, &account.host, account.port);
        self.progress = waiting;
        let retry_at = now().plus_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        self.tell(Event::LineLost { cause, retry_at }).await
    }

    /// The time of the next attempt is now.
    pub(super) async fn retry_now(&mut self) -> Result<(), Gone> {
        if matches!(self.progress, Progress::Waiting { .. }) { self.attempt().await } else { Ok(()) }
    }

    /// Gives up an attempt, or the waiting for one.
    pub(super) async fn cancel(&mut self) -> Result<(), Gone> {
        match self.progress {
            Progress::Attempting(_) | Progress::Asking { .. } | Progress::Waiting { .. } => {
                self.progress = Progress::Idle;
                self.tell(Event::ConnectFailed { cause: "given up".to_owned() }).await
            }
            Progress::Idle | Progress::Opening(_) | Progress::Up { .. } => Ok(()),
        }
    }

    /// Logs out once all is sent; without a line at once.
    pub(super) async fn sign_out(&mut self) -> Result<(), Gone> {
        match self.progress {
            Progress::Up { .. } => {
                self.stay = Stay::Leaving;
                self.feed(LinkInput::SignOut).await
            }
            Progress::Idle if self.account.is_none() => Ok(()),
            Progress::Idle
            | Progress::Attempting(_)
            | Progress::Asking { .. }
            | Progress::Opening(_)
            | Progress::Waiting { .. } => self.left().await,
        }
    }

    /// The user is out without the server's word; the server will find the line lost.
    async fn left(&mut self) -> Result<(), Gone> {
        self.private_session_over(SessionEnd::Logout).await?;
        self.end().await?;
        self.tell(Event::SessionEnded(SessionEnd::Logout)).await
    }

    /// The server ended the session. Where it stops, it is expected back.
    pub(super) async fn session_over(&mut self, reason: SessionEnd) -> Result<(), Gone> {
        if let Progress::Up { line, .. } = self.progress.take() {
            tokio::spawn(line.close());
        }
        self.private_session_over(reason).await?;
        match reason {
            SessionEnd::ServerStop | SessionEnd::TooSlow => self.retry_later("the server stopped".to_owned()).await,
            SessionEnd::Logout | SessionEnd::Timeout | SessionEnd::Replaced | SessionEnd::Revoked => self.end().await,
        }
    }

    /// Forgets token, password and line; the history stays open for whoever looks at it.
    async fn end(&mut self) -> Result<(), Gone> {
        self.progress = Progress::Idle;
        self.stay = Stay::Staying;
        let forgotten = self.account.take().map_or(Ok(()), |mut account| account.forget(&self.profile));
        self.report(forgotten).await
    }

    /// Cuts the line and closes the history, if there are any, for another account or a new login.
    pub(super) fn end_conversation(&mut self) {
        self.private.leave();
        self.progress = Progress::Idle;
        self.stay = Stay::Staying;
        if let Some(conversation) = self.conversation.take() {
            self.closing = Some(spawn_blocking(|| conversation.close()));
        }
    }

    /// Tells of a file of the profile that could not be written.
    async fn report(&self, result: Result<()>) -> Result<(), Gone> {
        match result {
            Ok(()) => Ok(()),
            Err(error) => self.tell(Event::DiskTrouble { cause: error.to_string() }).await,
        }
    }
}
