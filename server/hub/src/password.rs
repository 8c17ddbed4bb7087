//! Changing the own password: proved by the old one, on a connection that carries no session.

use whoelse_proto::{LoginRefusal, ServerFrame, UserName};

use crate::Hub;
use crate::command::{ConnId, PassHash, Record};
use crate::conn::Conn;
use crate::effect::Effect;
use crate::pending::Pending;
use crate::session::End;
use crate::store::{StoreFault, StoreOp, Stored};

impl Hub {
    /// The old password was proved: the record of the new one may be made.
    pub(crate) fn prove_change(&mut self, conn: ConnId) {
        let Some((name, trier)) = self.prove_password(conn) else { return };
        let now = self.now;
        let Some(account) = self.accounts.get_mut(&name) else { return };
        if let Err(wait) = account.shares.change_password(now) {
            self.refuse_login(conn, LoginRefusal::closed_for(wait));
            self.let_on_waiting(&name);
            return;
        }
        self.conns.insert(conn, Conn::Changing(name.clone(), trier.device()));
        self.effects.push(Effect::RegisterChallenge { conn, name: name.clone() });
        self.let_on_waiting(&name);
    }

    /// Takes the record of a connection that changes a password; gives back that of any other.
    pub(crate) fn take_new_password(&mut self, conn: ConnId, record: Record) -> Option<Record> {
        let Some(Conn::Changing(name, device)) = self.conns.get(&conn) else { return Some(record) };
        let (name, device) = (name.clone(), *device);
        let ticket = self.next_ticket(Pending::Change { conn, name: name.clone(), device });
        self.effects.push(Effect::ReplaceRecord { ticket, name, record });
        None
    }

    /// The file of accounts has the new record, or cannot be written.
    pub(crate) fn password_changed(
        &mut self,
        conn: ConnId,
        name: &UserName,
        device: Option<PassHash>,
        result: &Result<Stored, StoreFault>,
    ) {
        let is_here = matches!(self.conns.get(&conn), Some(Conn::Changing(..)));
        if is_here {
            self.conns.remove(&conn);
        }
        match result {
            Ok(_) => {
                self.keep_device_alone(name, device);
                if is_here {
                    self.send(conn, ServerFrame::Registered {});
                }
            }
            Err(StoreFault::Unavailable | StoreFault::Exists) if is_here => {
                self.refuse_login(conn, LoginRefusal::Storage {});
            }
            Err(StoreFault::Unavailable | StoreFault::Exists) => {}
        }
    }

    /// Voids what other devices could get in with. The session goes on if it began on the device that changed the
    /// password; after a restart of the server nobody knows where it began, and it goes on for any known device.
    fn keep_device_alone(&mut self, name: &UserName, device: Option<PassHash>) {
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.guard.keep_device(device);
        let goes_on = device.is_some()
            && account.session.as_ref().is_some_and(|session| session.device.is_none() || session.device == device);
        if !goes_on {
            account.token = None;
        }
        self.drop_logins(name);
        if !goes_on {
            self.ask_store(StoreOp::RevokeToken { name: name.clone() }, Pending::Nothing);
            self.end_session(name, End::Revoked);
        }
        self.ask_store(StoreOp::KeepPassAlone { name: name.clone(), device }, Pending::Nothing);
    }
}
