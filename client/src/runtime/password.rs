//! Changing the password beside the session.

use tokio::task::JoinHandle;
use whoelse_model::{AskId, Event, PasswordFault, TakeOver};
use whoelse_proto::{LoginRefusal, Password};

use super::account::Account;
use super::driver::Driver;
use super::events::Gone;
use crate::error::{Error, Result};
use crate::link::{Change, Identity, change_password};
use crate::profile::Profile;

/// What came of a change.
type Outcome = Result<std::result::Result<(), LoginRefusal>>;

/// A change under way. Dropped, it ends.
#[derive(Debug, Default)]
pub(super) struct Changing(Option<Open>);

#[derive(Debug)]
struct Open {
    ask: AskId,
    new: Password,
    task: JoinHandle<Outcome>,
}

/// A change that came to its end.
pub(super) struct Changed {
    ask: AskId,
    new: Password,
    outcome: Outcome,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Changing {
    /// Waits for the end of the change; for ever if there is none.
    pub(super) async fn next(&mut self) -> Changed {
        let Some(open) = &mut self.0 else { return std::future::pending().await };
        let outcome = (&mut open.task).await.unwrap_or(Err(Error::LoginProtocol));
        let changed = Changed { ask: open.ask, new: open.new.clone(), outcome };
        self.0 = None;
        changed
    }
}

impl Driver {
    /// Changes the password of whoever is signed in.
    pub(super) async fn change_password(
        &mut self,
        ask: AskId,
        old: Password,
        new: Password,
    ) -> std::result::Result<(), Gone> {
        let change = self.account.as_ref().filter(|_| self.conversation.is_some() && self.changing.0.is_none());
        let Some(change) = change.and_then(|account| account.change(&self.profile, old, new.clone())) else {
            let cause = "nobody is signed in, or another change is under way".to_owned();
            return self.tell(Event::PasswordAnswered { ask, result: Err(PasswordFault::Failed { cause }) }).await;
        };
        self.changing = Changing(Some(Open { ask, new, task: tokio::spawn(change_password(change)) }));
        Ok(())
    }

    /// A change came to its end.
    pub(super) async fn password_changed(
        &mut self,
        Changed { ask, new, outcome }: Changed,
    ) -> std::result::Result<(), Gone> {
        let result = match outcome {
            Ok(Ok(())) => {
                if let Some(account) = &mut self.account {
                    account.has_password(new);
                }
                Ok(())
            }
            Ok(Err(refusal)) => Err(PasswordFault::Refused(refusal)),
            Err(Error::NoPasswords) => Err(PasswordFault::Unsupported),
            Err(error) => Err(PasswordFault::Failed { cause: error.to_string() }),
        };
        self.tell(Event::PasswordAnswered { ask, result }).await
    }
}

impl Account {
    /// What it takes to change the password; `None` while the server's key is not known.
    fn change(&self, profile: &Profile, old: Password, new: Password) -> Option<Change> {
        let expected = self.expected?;
        let pass = profile.pass(expected, &self.name);
        let who = Identity { name: self.name.clone(), pass, take_over: TakeOver::No };
        Some(Change { host: self.host.clone(), port: self.port, expected, who, old, new })
    }
}
