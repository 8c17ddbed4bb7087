//! What the administrator does while the server runs.

use whoelse_proto::UserName;

use crate::Hub;
use crate::pending::Pending;
use crate::session::End;
use crate::store::StoreOp;

impl Hub {
    pub(crate) fn accounts_changed(&mut self, added: Vec<UserName>, removed: &[UserName], changed: &[UserName]) {
        for name in added {
            self.join(name);
        }
        for name in changed {
            self.revoke(name);
        }
        for name in removed {
            self.revoke(name);
            self.accounts.remove(name);
        }
    }

    /// Ends the session and voids the token: whoever holds them is not who may log in.
    fn revoke(&mut self, name: &UserName) {
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.token = None;
        account.guard.forget_devices();
        if let Some(session) = &mut account.session {
            // They proved the old password.
            let challengers = std::mem::take(&mut session.challengers);
            for conn in challengers.into_iter().map(|newcomer| newcomer.conn) {
                self.conns.remove(&conn);
                self.refuse_login(conn, whoelse_proto::LoginRefusal::TokenInvalid {});
            }
        }
        self.end_session(name, End::Revoked);
        self.ask_store(StoreOp::RevokeToken { name: name.clone() }, Pending::Nothing);
    }

    pub(crate) fn unlock(&mut self, name: &UserName) {
        if let Some(account) = self.accounts.get_mut(name) {
            account.guard.unlock();
        }
        self.let_on_waiting(name);
    }
}
