//! What the administrator does while the server runs: accounts that come, go or get another password, locks, sessions.

use std::collections::BTreeSet;

use whoelse_proto::{LoginRefusal, UserName};

use crate::Hub;
use crate::account::Account;
use crate::conn::Conn;
use crate::effect::{Announcement, Effect};
use crate::pending::Pending;
use crate::session::End;
use crate::store::{AccountSnapshot, StoreFault, StoreOp, Stored};

impl Hub {
    pub(crate) fn accounts_changed(&mut self, added: Vec<UserName>, removed: &[UserName], changed: &[UserName]) {
        for name in changed {
            self.revoke(name);
        }
        for name in removed {
            self.remove_account(name);
        }
        if !removed.is_empty() {
            let gone = removed.iter().collect();
            self.accounts.values_mut().for_each(|other| other.waiting.forget_senders(&gone));
        }
        for name in added {
            self.welcome_account(name);
        }
    }

    /// Somebody else may have the name from here on, and finds nothing of the one who had it.
    fn remove_account(&mut self, name: &UserName) {
        self.revoke(name);
        let Some(account) = self.accounts.remove(name) else { return };
        self.names.remove(name);
        for other in &account.blocked {
            if let Some(other) = self.accounts.get_mut(other) {
                other.blocked_by.remove(name);
            }
        }
        for other in &account.blocked_by {
            if let Some(other) = self.accounts.get_mut(other) {
                other.blocked.remove(name);
            }
        }
        // Behind everything that was asked of the store for the account before.
        self.ask_store(StoreOp::ForgetAccount { name: name.clone() }, Pending::Nothing);
    }

    /// Lets an account in that the administrator made, once nothing is left of an earlier one of its name.
    fn welcome_account(&mut self, name: UserName) {
        if !self.accounts.contains_key(&name) && !self.names.is_arriving(&name) {
            self.names.arrives(&name);
            self.ask_for_former(name);
        }
    }

    /// Has an earlier account of a name forgotten; one in doubt, recalled.
    fn ask_for_former(&mut self, name: UserName) {
        let op = if self.names.is_in_doubt(&name) {
            StoreOp::RecallAccount { name: name.clone() }
        } else {
            StoreOp::ForgetAccount { name: name.clone() }
        };
        self.ask_store(op, Pending::Arrive { name });
    }

    pub(crate) fn former_asked(&mut self, name: UserName, result: Result<Stored, StoreFault>) {
        match result {
            Ok(Stored::Recalled { account }) => self.rejoin(name, *account),
            Ok(_) => self.join(name),
            // The next sign of life asks again.
            Err(StoreFault::Unavailable | StoreFault::Exists) => _ = self.late.insert(name),
        }
    }

    /// Asks once more for accounts that wait for the store.
    pub(crate) fn welcome_late(&mut self) {
        for name in std::mem::take(&mut self.late) {
            self.ask_for_former(name);
        }
    }

    /// An account is back with what is its own.
    fn rejoin(&mut self, name: UserName, account: AccountSnapshot) {
        self.names.arrived(&name);
        if !self.accounts.contains_key(&name) {
            self.accounts.insert(name.clone(), account.known_by(self.now).into());
            self.index_blocks_of(&name);
            self.effects.push(Effect::Announce { what: Announcement::Joined(name) });
        }
    }

    /// There is a new account.
    pub(crate) fn join(&mut self, name: UserName) {
        self.names.arrived(&name);
        if !self.accounts.contains_key(&name) {
            self.accounts.insert(name.clone(), Account::default());
            self.ask_store(StoreOp::BeginAccount { name: name.clone(), at: self.now }, Pending::Nothing);
            self.effects.push(Effect::Announce { what: Announcement::Joined(name) });
        }
    }

    /// Notes what the names of the accounts look like, and of those in doubt.
    pub(crate) fn index_names(&mut self, in_doubt: &BTreeSet<UserName>) {
        for name in self.accounts.keys() {
            self.names.arrived(name);
        }
        for name in in_doubt.iter().filter(|name| !self.accounts.contains_key(*name)) {
            self.names.doubt(name);
        }
    }

    /// Ends the session, voids the token and drops logins under way: whoever holds them is not who may log in.
    fn revoke(&mut self, name: &UserName) {
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.token = None;
        account.guard.forget_devices();
        self.drop_logins(name);
        self.end_session(name, End::Revoked);
        self.ask_store(StoreOp::RevokeSecrets { name: name.clone() }, Pending::Nothing);
    }

    /// Drops the logins under way: they prove, or proved, a password that is not the account's any more.
    pub(crate) fn drop_logins(&mut self, name: &UserName) {
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.guard.drop_tries();
        if let Some(session) = &mut account.session {
            session.challengers.clear();
        }
        let proves_old = |conn: &Conn| match conn {
            Conn::Queued(attempt) | Conn::LoggingIn(attempt) => attempt.name == *name,
            Conn::Waiting(of) | Conn::Changing(of, _) => of == name,
            Conn::Online(_) => false,
        };
        let under_way: Vec<_> = self.conns.iter().filter(|(_, conn)| proves_old(conn)).map(|(id, _)| *id).collect();
        for conn in under_way {
            self.conns.remove(&conn);
            self.refuse_login(conn, LoginRefusal::TokenInvalid {});
        }
    }

    /// Ends the session of a name, so that it can begin elsewhere; its client does not take it up again.
    pub(crate) fn kick(&mut self, name: &UserName) {
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.token = None;
        // First: ending the session lets one in who waits for its place, with a token of their own.
        self.ask_store(StoreOp::RevokeToken { name: name.clone() }, Pending::Nothing);
        self.end_session(name, End::Revoked);
    }

    pub(crate) fn unlock(&mut self, name: &UserName) {
        if let Some(account) = self.accounts.get_mut(name) {
            account.guard.unlock();
        }
        self.let_on_waiting(name);
    }
}
