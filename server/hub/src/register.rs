//! Making accounts: who may, under which names, how fast, and by which invitations.

use core::net::IpAddr;

use whoelse_proto::{InviteFault, LoginRefusal, NewAccounts, Seconds, ServerFrame, UserName, unfit};

use crate::command::{ConnId, InviteHash, Record};
use crate::effect::Effect;
use crate::origin::Origin;
use crate::pending::Pending;
use crate::store::{StoreFault, StoreOp, Stored};
use crate::{Hub, MAX_ACCOUNTS};

/// Milliseconds for which a connection is not read that asked for an account beyond the share: each try costs the server a
/// part of a handshake, and nobody makes accounts faster by trying faster.
const REFUSED_HOLD_MS: u64 = 1_000;

/// An account that is about to be made.
#[derive(Debug)]
pub(crate) struct Applicant {
    pub(crate) name: UserName,
    pub(crate) record: Record,
    /// The invitation that the client showed.
    pub(crate) invite: Option<InviteHash>,
}

impl Hub {
    pub(crate) fn open_registration(&mut self, conn: ConnId, name: UserName, invite: Option<InviteHash>, from: IpAddr) {
        self.abandon_login(conn);
        match self.invite_for(invite) {
            Err(refusal) => self.refuse_login(conn, refusal),
            Ok(None) => self.challenge_registration(conn, name),
            Ok(Some(invite)) => {
                if let Some(wait) = self.failures.refused(Origin::of(from), self.now) {
                    return self.refuse_guess(conn, wait);
                }
                let op = StoreOp::FindInvite { invite, at: self.now };
                self.ask_store(op, Pending::FindInvite { conn, name, from });
            }
        }
    }

    /// The invitation by which an account is made, where it takes one.
    fn invite_for(&self, shown: Option<InviteHash>) -> Result<Option<InviteHash>, LoginRefusal> {
        match (self.config.registration, shown) {
            (NewAccounts::Nobody, _) => Err(LoginRefusal::closed()),
            (NewAccounts::Anyone, _) => Ok(None),
            (NewAccounts::Invited, Some(invite)) => Ok(Some(invite)),
            (NewAccounts::Invited, None) => Err(LoginRefusal::invite(InviteFault::Needed)),
        }
    }

    /// Too many invitations from there were wrong.
    fn refuse_guess(&mut self, conn: ConnId, wait: Seconds) {
        let refusal = LoginRefusal::RegistrationClosed { retry_after: Some(wait), invite: Some(InviteFault::Unknown) };
        self.refuse_login(conn, refusal);
    }

    fn challenge_registration(&mut self, conn: ConnId, name: UserName) {
        match self.name_refused(&name) {
            Some(refusal) => self.refuse_login(conn, refusal),
            None => self.effects.push(Effect::RegisterChallenge { conn, name }),
        }
    }

    /// What the store knows of the invitation. Names are spoken of to those alone whose invitation is good.
    pub(crate) fn invite_found(
        &mut self,
        conn: ConnId,
        name: UserName,
        from: IpAddr,
        result: &Result<Stored, StoreFault>,
    ) {
        match result {
            Ok(Stored::Invite { fault: None }) => self.challenge_registration(conn, name),
            Ok(Stored::Invite { fault: Some(fault) }) => {
                if *fault == InviteFault::Unknown {
                    // As a wrong password: 128 bits are not guessed, and nobody is to try.
                    self.failures.count(Origin::of(from), self.now);
                    self.effects.push(Effect::UnknownInvite { from });
                }
                self.refuse_login(conn, LoginRefusal::invite(*fault));
            }
            _ => self.refuse_login(conn, LoginRefusal::Storage {}),
        }
    }

    pub(crate) fn complete_registration(&mut self, conn: ConnId, applicant: Applicant, from: IpAddr) {
        let Applicant { name, record, invite } = applicant;
        let Some(record) = self.take_new_password(conn, record) else { return };
        let invite = match self.invite_for(invite) {
            Ok(invite) => invite,
            Err(refusal) => return self.refuse_login(conn, refusal),
        };
        if let Some(refusal) = self.name_refused(&name) {
            return self.refuse_login(conn, refusal);
        }
        if let Err(wait) = self.registrations.take(from, &self.config.limits, self.now) {
            self.refuse_login(conn, LoginRefusal::closed_for(wait));
            self.effects.push(Effect::Hold { conn, millis: REFUSED_HOLD_MS });
            return;
        }
        self.names.arrives(&name);
        match invite {
            None => self.make_room(conn, name, record),
            Some(invite) => {
                let op = StoreOp::ClaimInvite { invite, name: name.clone(), at: self.now };
                self.ask_store(op, Pending::ClaimInvite { conn, name, record });
            }
        }
    }

    /// One of the accounts that an invitation is for is taken, or there is none left.
    pub(crate) fn invite_claimed(
        &mut self,
        conn: ConnId,
        name: UserName,
        record: Record,
        result: &Result<Stored, StoreFault>,
    ) {
        let refusal = match result {
            Ok(Stored::Invite { fault: None }) => return self.make_room(conn, name, record),
            Ok(Stored::Invite { fault: Some(fault) }) => LoginRefusal::invite(*fault),
            _ => LoginRefusal::Storage {},
        };
        self.names.stays_away(&name);
        self.refuse_login(conn, refusal);
    }

    fn make_room(&mut self, conn: ConnId, name: UserName, record: Record) {
        let op = StoreOp::ForgetAccount { name: name.clone() };
        self.ask_store(op, Pending::MakeRoom { conn, name, record });
    }

    /// Nothing is left of an earlier account of the name: it can be made.
    pub(crate) fn room_made(
        &mut self,
        conn: ConnId,
        name: UserName,
        record: Record,
        result: &Result<Stored, StoreFault>,
    ) {
        if result.is_err() {
            self.not_made(conn, name, LoginRefusal::Storage {});
            return;
        }
        let ticket = self.next_ticket(Pending::Create { conn, name: name.clone() });
        self.effects.push(Effect::CreateAccount { ticket, name, record });
    }

    pub(crate) fn create_stored(&mut self, conn: ConnId, name: UserName, result: &Result<Stored, StoreFault>) {
        match result {
            Ok(_) => {
                self.send(conn, ServerFrame::Registered {});
                self.join(name);
            }
            Err(StoreFault::Exists) => {
                self.not_made(conn, name, LoginRefusal::NameTaken { looks_like: None, reserved: false });
            }
            Err(StoreFault::Unavailable) => self.not_made(conn, name, LoginRefusal::Storage {}),
        }
    }

    /// The account was not made: its name is free, and so is what was taken of an invitation for it.
    fn not_made(&mut self, conn: ConnId, name: UserName, refusal: LoginRefusal) {
        self.names.stays_away(&name);
        if self.config.registration == NewAccounts::Invited {
            self.ask_store(StoreOp::ReturnInvite { name }, Pending::Nothing);
        }
        self.refuse_login(conn, refusal);
    }

    /// Why nobody makes an account of this name.
    fn name_refused(&self, name: &UserName) -> Option<LoginRefusal> {
        if self.accounts.len() >= MAX_ACCOUNTS {
            Some(LoginRefusal::closed())
        } else if self.accounts.contains_key(name) || self.names.is_arriving(name) || self.names.is_in_doubt(name) {
            Some(LoginRefusal::NameTaken { looks_like: None, reserved: false })
        } else if unfit(name).is_some() {
            Some(LoginRefusal::NameTaken { looks_like: None, reserved: true })
        } else {
            let like = self.names.like(name).cloned();
            like.map(|like| LoginRefusal::NameTaken { looks_like: Some(like), reserved: false })
        }
    }
}
