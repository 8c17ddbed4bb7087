//! Requests of logged-in clients, and their answers in order.

use whoelse_proto::limits::{MAX_LOOKUP_IDS, MAX_OPEN_REQUESTS};
use whoelse_proto::{
    Answer, Command, Content, FilesCommand, MessageId, Outcome, PrivateCommand, Refusal, RequestId, Target, UserName,
};

use crate::account::Warned;
use crate::command::ConnId;
use crate::conn::{Conn, Online, Stay};
use crate::effect::Effect;
use crate::fair::LONGEST_HOLD_MS;
use crate::paging::List;
use crate::pending::{Asked, Pending};
use crate::session::End;
use crate::store::StoreOp;
use crate::{Hub, Timer};

impl Hub {
    pub(crate) fn request(&mut self, conn: ConnId, id: RequestId, command: Command) {
        let Some(Conn::Online(online)) = self.conns.get_mut(&conn) else { return };
        if online.answers.count() >= MAX_OPEN_REQUESTS {
            self.drop_line(conn);
            return;
        }
        online.answers.open(id);
        let name = online.name.clone();
        self.heard(conn);
        self.slow_down(conn, &name, &command);
        if is_action(&command) {
            self.mark_active(&name);
        }
        let asked = Asked { conn, id };
        match command {
            Command::Send { id, to, content } => self.take_message(asked, name, id, to, content),
            Command::Whoelse {} => self.whoelse(asked),
            Command::Whoelsesince { seconds } => self.whoelsesince(asked, seconds),
            Command::Block { name: whom } => self.block(asked, name, whom),
            Command::Unblock { name: whom } => self.unblock(asked, name, whom),
            Command::Blocked {} => self.list_blocked(asked),
            Command::MarkRead { peer, up_to } => self.mark_read(asked, name, peer, up_to),
            Command::Lookup(lookup) => self.lookup(asked, name, lookup.ids),
            Command::Stay {} => self.answer(asked, Outcome::Ok(Answer::Done {})),
            Command::Logout {} => self.logout(asked),
            Command::Private(command) => self.private(asked, name, command),
            Command::Files(command) => self.files(asked, &name, command),
        }
    }

    /// Whoever sends faster than a fair share is read more slowly.
    fn slow_down(&mut self, conn: ConnId, name: &UserName, command: &Command) {
        let (now, limits) = (self.now, self.config.limits);
        let Some(account) = self.accounts.get_mut(name) else { return };
        let millis = account.shares.slow_down(command, &limits, now).min(LONGEST_HOLD_MS);
        if millis > 0 {
            self.effects.push(Effect::Hold { conn, millis });
        }
    }

    fn mark_active(&mut self, name: &UserName) {
        let now = self.now;
        let Some(session) = self.accounts.get_mut(name).and_then(|account| account.session.as_mut()) else { return };
        session.active_at = now;
        if session.warned == Warned::Yes {
            session.warned = Warned::No;
            self.timers.set(now, Timer::Inactivity(name.clone()));
        }
    }

    fn mark_read(&mut self, asked: Asked, reader: UserName, peer: UserName, up_to: MessageId) {
        let op = StoreOp::MarkRead { reader: reader.clone(), peer: peer.clone(), up_to };
        self.ask_store(op, Pending::MarkRead { asked, reader, peer });
    }

    fn lookup(&mut self, asked: Asked, sender: UserName, ids: Vec<MessageId>) {
        if ids.len() > MAX_LOOKUP_IDS {
            self.refuse(asked, Refusal::TooLong);
            return;
        }
        let hidden = self.accounts.get(&sender).map(|account| account.blocked_by.clone()).unwrap_or_default();
        self.ask_store(StoreOp::Lookup { sender, ids, hidden }, Pending::Lookup { asked });
    }

    pub(crate) fn refuse(&mut self, asked: Asked, refusal: Refusal) {
        self.answer(asked, Outcome::Refused(refusal));
    }

    pub(crate) fn answer(&mut self, asked: Asked, outcome: Outcome) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&asked.conn) {
            online.answers.answer(asked.id, outcome);
            self.send_pages(asked.conn);
        }
    }

    /// Answers with how the private sessions and questions of the user stand when the answer is sent.
    pub(crate) fn answer_standing(&mut self, asked: Asked) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&asked.conn) {
            online.answers.answer_standing(asked.id);
            self.send_pages(asked.conn);
        }
    }

    /// Answers with a list, a page at a time.
    pub(crate) fn answer_list(&mut self, asked: Asked, list: List) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&asked.conn) {
            online.answers.begin(asked.id, list);
            self.send_pages(asked.conn);
        }
    }

    fn logout(&mut self, asked: Asked) {
        if let Some(Conn::Online(online)) = self.conns.get_mut(&asked.conn) {
            online.stay = Stay::Leaving;
        }
        self.answer(asked, Outcome::Ok(Answer::Done {}));
    }

    pub(crate) fn leave_if_answered(&mut self, conn: ConnId) {
        if let Some(Conn::Online(Online { name, answers, stay: Stay::Leaving, .. })) = self.conns.get(&conn)
            && answers.count() == 0
        {
            let name = name.clone();
            self.end_session(&name, End::Logout);
        }
    }
}

/// Whether a command is something a user does, and not something a client does by itself.
fn is_action(command: &Command) -> bool {
    match command {
        Command::Send { to, content, .. } => !matches!(to, Target::Group(_)) && matches!(content, Content::Text { .. }),
        Command::Whoelse {}
        | Command::Whoelsesince { .. }
        | Command::Block { .. }
        | Command::Unblock { .. }
        | Command::Blocked {}
        | Command::Stay {}
        | Command::Logout {} => true,
        Command::Private(command) => !matches!(command, PrivateCommand::Publish { .. }),
        Command::Files(command) => !matches!(command, FilesCommand::Register { .. }),
        Command::MarkRead { .. } | Command::Lookup(_) => false,
    }
}
