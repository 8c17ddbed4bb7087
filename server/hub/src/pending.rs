//! What the hub waits for from the store, and what it does when it comes.

use core::net::IpAddr;
use std::sync::Arc;

use whoelse_proto::{Answer, MessageId, MessageState, Outcome, Refusal, RequestId, Seq, UserName};

use crate::Hub;
use crate::command::{ConnId, PassHash, Record};
use crate::effect::{Effect, Message, Routed};
use crate::paging::List;
use crate::store::{StoreFault, Stored, Ticket};

/// A request of a connection that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) conn: ConnId,
    pub(crate) id: RequestId,
}

/// Why a store operation was asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// For its effect alone.
    Nothing,
    /// To take a message.
    Accept { asked: Asked, message: Arc<Message>, recipients: Vec<UserName>, skipped: bool },
    /// To see whether a message that would be refused was taken before.
    RefuseUnknown { asked: Asked, id: MessageId, refusal: Refusal },
    /// To empty an inbox.
    Acknowledge { name: UserName, up_to: Seq },
    /// To read on in an inbox, for the session that began then.
    Page { name: UserName, conn: ConnId },
    /// To mark messages read.
    MarkRead { asked: Asked, reader: UserName, peer: UserName },
    /// To look messages up.
    Lookup { asked: Asked },
    /// To list the sessions of some names, for this reader; the list goes on with `rest`.
    Sessions { asked: Asked, name: UserName, rest: Option<List> },
    /// To list whom the user has blocked, once what was asked before is done.
    Blocked { asked: Asked },
    /// To block.
    Block { asked: Asked, name: UserName, whom: UserName },
    /// To unblock.
    Unblock { asked: Asked, name: UserName, whom: UserName },
    /// To see whether the client may make an account by its invitation.
    FindInvite { conn: ConnId, name: UserName, from: IpAddr },
    /// To take one of the accounts that an invitation is for.
    ClaimInvite { conn: ConnId, name: UserName, record: Record },
    /// To forget an earlier account of a name that somebody registers.
    MakeRoom { conn: ConnId, name: UserName, record: Record },
    /// To make an account.
    Create { conn: ConnId, name: UserName },
    /// To give an account another password, from the device with this pass.
    Change { conn: ConnId, name: UserName, device: Option<PassHash> },
    /// To forget, or recall, an earlier account of a name that the administrator added.
    Arrive { name: UserName },
}

impl Hub {
    pub(crate) fn stored(&mut self, ticket: Ticket, result: Result<Stored, StoreFault>) {
        if let Ok(Stored::Forgotten { lost }) = &result {
            self.tell_lost(lost);
        }
        let Some(pending) = self.pending.remove(&ticket) else { return };
        match pending {
            Pending::Nothing => {}
            Pending::Accept { asked, message, recipients, skipped } => {
                self.accept_stored(asked, &message, recipients, skipped, &result);
            }
            Pending::RefuseUnknown { asked, id, refusal } => self.refuse_stored(asked, id, refusal, result),
            Pending::Acknowledge { name, up_to } => self.acknowledge_stored(&name, up_to, result),
            Pending::Page { name, conn } => self.page_stored(&name, conn, result),
            Pending::MarkRead { asked, reader, peer } => self.mark_read_stored(asked, reader, peer, &result),
            Pending::Lookup { asked } => self.lookup_stored(asked, result),
            Pending::Sessions { asked, name, rest } => self.sessions_stored(asked, &name, rest, result),
            Pending::Blocked { asked } => self.answer_list(asked, List::Blocked { after: None }),
            Pending::Block { asked, name, whom } => self.block_stored(asked, name, whom, &result),
            Pending::Unblock { asked, name, whom } => self.unblock_stored(asked, name, whom, &result),
            Pending::FindInvite { conn, name, from } => self.invite_found(conn, name, from, &result),
            Pending::ClaimInvite { conn, name, record } => self.invite_claimed(conn, name, record, &result),
            Pending::MakeRoom { conn, name, record } => self.room_made(conn, name, record, &result),
            Pending::Create { conn, name } => self.create_stored(conn, name, &result),
            Pending::Change { conn, name, device } => self.password_changed(conn, &name, device, &result),
            Pending::Arrive { name } => self.former_asked(name, result),
        }
    }

    fn accept_stored(
        &mut self,
        asked: Asked,
        message: &Arc<Message>,
        recipients: Vec<UserName>,
        skipped: bool,
        result: &Result<Stored, StoreFault>,
    ) {
        if !matches!(result, Ok(Stored::Accepted { .. })) {
            self.not_taken(message, &recipients);
        }
        match result {
            Ok(Stored::Accepted { seq }) => {
                self.answer(asked, Outcome::Ok(Answer::Accepted { at: message.at, skipped }));
                if !recipients.is_empty() {
                    let what = Routed::Message { seq: *seq, message: Arc::clone(message) };
                    self.effects.push(Effect::Route { to: recipients, what });
                }
            }
            // Whether somebody is skipped was told with the first answer; at this moment it would tell who is online.
            Ok(Stored::Known { at }) => self.answer(asked, Outcome::Ok(Answer::Accepted { at: *at, skipped: false })),
            Ok(Stored::Foreign) => self.refuse(asked, Refusal::DuplicateId),
            _ => self.refuse_unfit(asked),
        }
    }

    fn refuse_stored(&mut self, asked: Asked, id: MessageId, refusal: Refusal, result: Result<Stored, StoreFault>) {
        match result {
            Ok(Stored::States { states }) if states.iter().any(|known| known.id == id) => {
                self.answer(asked, Outcome::Ok(Answer::Accepted { at: self.now, skipped: false }));
            }
            Ok(Stored::States { .. }) => self.refuse(asked, refusal),
            _ => self.refuse_unfit(asked),
        }
    }

    fn acknowledge_stored(&mut self, name: &UserName, up_to: Seq, result: Result<Stored, StoreFault>) {
        let Ok(Stored::Acknowledged { delivered, released }) = result else {
            let session = self.accounts.get_mut(name).and_then(|account| account.session.as_mut());
            if let Some(session) = session {
                session.delivery.not_written(up_to);
            }
            return;
        };
        self.left_inbox(name, released);
        for (sender, ids) in delivered {
            if !self.hides_from(name, &sender) {
                let what = Routed::Progress { state: MessageState::Delivered, peer: name.clone(), ids, at: self.now };
                self.effects.push(Effect::Route { to: vec![sender], what });
            }
        }
    }

    fn mark_read_stored(
        &mut self,
        asked: Asked,
        reader: UserName,
        peer: UserName,
        result: &Result<Stored, StoreFault>,
    ) {
        match result {
            Ok(Stored::Read { last }) => {
                self.answer(asked, Outcome::Ok(Answer::Done {}));
                if let Some(id) = (*last).filter(|_| !self.hides_from(&reader, &peer)) {
                    let what =
                        Routed::Progress { state: MessageState::Read, peer: reader, ids: vec![id], at: self.now };
                    self.effects.push(Effect::Route { to: vec![peer], what });
                }
            }
            _ => self.refuse_unfit(asked),
        }
    }

    fn lookup_stored(&mut self, asked: Asked, result: Result<Stored, StoreFault>) {
        match result {
            Ok(Stored::States { states }) => self.answer_list(asked, List::Long(Answer::States(states))),
            _ => self.refuse_unfit(asked),
        }
    }

    /// The store could not do it, or answered something else than was asked.
    pub(crate) fn refuse_unfit(&mut self, asked: Asked) {
        self.refuse(asked, Refusal::Storage);
    }
}
