//! The machine itself: who handles what, and what is done whenever something has changed.

use std::collections::BTreeSet;

use whoelse_proto::{
    ClientFrame, Command, MessageId, Notice, ProtocolFault, ServerFrame, SessionEnd, Timestamp, UserName,
};

use super::disk::{Disk, Purpose};
use super::line::{Broken, Farewell, Line, LineId, Open};
use super::markers::Markers;
use super::showing::Showing;
use super::{DiskFault, DiskResult, DiskTicket, LinkInput, LinkOutput};
use crate::event::{Event, Welcome};
use crate::message::Delivery;

/// The conversation of one user with the server, over many lines.
#[derive(Debug)]
pub struct Link {
    pub(super) me: UserName,
    pub(super) line: Option<Line>,
    pub(super) disk: Disk,
    pub(super) markers: Markers,
    /// Messages that the user takes back; they are not sent meanwhile.
    pub(super) withdrawn: BTreeSet<MessageId>,
    /// Messages that were sent and of which the disk does not say what became of them: the server may have them.
    pub(super) unsure: BTreeSet<MessageId>,
    pub(super) delivery: Delivery,
    pub(super) showing: Showing,
    lines: u64,
    stay: Stay,
}

/// Whether the user wants to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    Staying,
    Leaving,
}

impl Link {
    /// The link of a user, without a line.
    #[must_use]
    pub fn new(me: UserName) -> Self {
        Self {
            me,
            line: None,
            disk: Disk::default(),
            markers: Markers::default(),
            withdrawn: BTreeSet::new(),
            unsure: BTreeSet::new(),
            delivery: Delivery::OnDisk,
            showing: Showing::default(),
            lines: 0,
            stay: Stay::Staying,
        }
    }

    /// A link whose messages count as delivered at this moment.
    #[must_use]
    pub fn delivering(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// Takes in what happened and says what to do, in this order.
    pub fn handle(&mut self, input: LinkInput, now: Timestamp) -> Vec<LinkOutput> {
        let mut out = Vec::new();
        match input {
            LinkInput::Welcomed { name, session, timeout, now, since } => {
                self.welcomed(Welcome { name, session, timeout, since, now }, &mut out);
            }
            LinkInput::Frame(frame) => self.frame(frame, now, &mut out),
            LinkInput::LineLost => self.lose_line(&mut out),
            LinkInput::Write(message) => self.write(message, &mut out),
            LinkInput::Resend { id } => self.resend(id, &mut out),
            LinkInput::Delete { id } => self.delete(id, &mut out),
            LinkInput::Ask { ask, what } => self.ask(ask, what, &mut out),
            LinkInput::MarkRead { peer, up_to } => self.markers.want(peer, up_to),
            LinkInput::Shown { ids } => self.shown(ids, &mut out),
            LinkInput::SignIn => self.stay = Stay::Staying,
            LinkInput::SignOut => self.stay = Stay::Leaving,
            LinkInput::Disk { ticket, result } => self.disk_answered(ticket, result, &mut out),
        }
        self.proceed(&mut out);
        out
    }

    fn welcomed(&mut self, welcome: Welcome, out: &mut Vec<LinkOutput>) {
        self.lose_line(out);
        if welcome.name != self.me {
            out.push(LinkOutput::Abandon { cause: "the server welcomed somebody else".to_owned() });
            return;
        }
        self.lines += 1;
        self.line = Some(Line::new(LineId::new(self.lines)));
        self.markers.revive();
        out.push(LinkOutput::Tell(Event::Welcomed(welcome)));
    }

    fn frame(&mut self, frame: ServerFrame, now: Timestamp, out: &mut Vec<LinkOutput>) {
        if self.line.is_none() {
            // What was in the pipe when the line was given up is delivered again on the next.
            return;
        }
        if let Err(broken) = self.take_frame(frame, now, out) {
            self.abandon(broken.0, out);
        }
    }

    fn take_frame(&mut self, frame: ServerFrame, now: Timestamp, out: &mut Vec<LinkOutput>) -> Result<(), Broken> {
        match frame {
            ServerFrame::Hello { .. }
            | ServerFrame::LoginChallenge { .. }
            | ServerFrame::RegisterChallenge { .. }
            | ServerFrame::Registered {}
            | ServerFrame::LoginRefused(_)
            | ServerFrame::Welcome { .. } => Err(Broken("the server speaks of a login behind the login")),
            ServerFrame::Roster { users, more } => self.roster(users, more, out),
            ServerFrame::Presence { changes } => self.presence(changes, out),
            ServerFrame::Deliver(envelope) => self.deliver(envelope, out),
            ServerFrame::Progress { ids, lost: true, .. } => self.lost(ids, out),
            ServerFrame::Progress { state, peer, ids, at, lost: false } => self.progress(state, peer, ids, at, out),
            ServerFrame::Reply { id, more, outcome } => self.reply(id, more, outcome, now, out),
            ServerFrame::Notice(notice) => {
                out.push(LinkOutput::Tell(Event::DiskTrouble { cause: describe_notice(notice) }));
                Ok(())
            }
            ServerFrame::Private(news) => {
                out.push(LinkOutput::Private(news));
                Ok(())
            }
            ServerFrame::InactivityWarning { remaining } => {
                out.push(LinkOutput::Tell(Event::InactivityWarning { remaining }));
                Ok(())
            }
            ServerFrame::SessionEnded { reason } => self.session_ended(reason, out),
            ServerFrame::Fault(fault) => Err(Broken(describe(&fault))),
            ServerFrame::Ping {} => {
                out.push(LinkOutput::Transmit(ClientFrame::Pong {}));
                Ok(())
            }
            ServerFrame::Pong {} => Ok(()),
        }
    }

    fn session_ended(&mut self, reason: SessionEnd, out: &mut Vec<LinkOutput>) -> Result<(), Broken> {
        match reason {
            // The session goes on with another line.
            SessionEnd::TooSlow => Err(Broken("this computer reads more slowly than the server writes")),
            SessionEnd::Logout
            | SessionEnd::Timeout
            | SessionEnd::ServerStop
            | SessionEnd::Replaced
            | SessionEnd::Revoked => {
                self.lose_line(out);
                self.stay = Stay::Staying;
                out.push(LinkOutput::Tell(Event::SessionEnded(reason)));
                out.push(LinkOutput::Close);
                Ok(())
            }
        }
    }

    fn disk_answered(&mut self, ticket: DiskTicket, result: Result<DiskResult, DiskFault>, out: &mut Vec<LinkOutput>) {
        let Some(purpose) = self.disk.answered(ticket) else { return };
        match result {
            Ok(result) => self.disk_done(purpose, result, out),
            Err(fault) => self.disk_failed(purpose, fault, out),
        }
    }

    fn disk_done(&mut self, purpose: Purpose, result: DiskResult, out: &mut Vec<LinkOutput>) {
        match result {
            DiskResult::Put(message) | DiskResult::Unshown(message) => {
                if let Purpose::Keep(line, seq) = purpose {
                    self.written(line);
                    self.show(Some((line, seq)), message, out);
                } else {
                    self.saved(message, out);
                }
            }
            DiskResult::Shown(ids) => self.noted(&ids),
            DiskResult::Duplicate => {
                if let Purpose::Keep(line, seq) = purpose {
                    self.written(line);
                    self.kept(line, seq, None, out);
                } else if let Purpose::Save(id) = purpose {
                    save_failed(id, "there is a message with this id", out);
                }
            }
            DiskResult::Stepped(steps) => {
                if let Purpose::Settle(_, id) = purpose {
                    self.unsure.remove(&id);
                }
                let told = steps.into_iter().map(|(chat, id, outgoing)| Event::Progressed { chat, id, outgoing });
                out.extend(told.map(LinkOutput::Tell));
            }
            DiskResult::Restored(message) => self.restored(message, out),
            DiskResult::Removed(removed) => self.removed(purpose, removed, out),
            DiskResult::Open { outbox, unread, unshown } => {
                if self.delivery == Delivery::WhenShown {
                    for message in unshown {
                        self.show(None, message, out);
                    }
                }
                self.loaded(purpose, outbox, unread, out);
            }
            DiskResult::Unsettled(page) => self.unsettled_loaded(purpose, page, out),
        }
    }

    fn disk_failed(&mut self, purpose: Purpose, fault: DiskFault, out: &mut Vec<LinkOutput>) {
        if let Purpose::Save(id) = purpose {
            save_failed(id, &fault.cause, out);
            return;
        }
        out.push(LinkOutput::Tell(Event::DiskTrouble { cause: fault.cause }));
        if let Purpose::Remove(id) = purpose {
            self.withdrawn.remove(&id);
        }
        if let Purpose::Note(_) = purpose {
            self.showing.note_failed();
        }
        let current = self.line.as_ref().map(|line| line.id);
        if purpose.line().is_some() && purpose.line() == current {
            self.abandon("the disk of this computer cannot be written", out);
        }
    }

    /// Does what has become possible.
    fn proceed(&mut self, out: &mut Vec<LinkOutput>) {
        self.acknowledge(out);
        self.load_outbox(out);
        self.send_waiting(out);
        self.ask_waiting(out);
        self.send_markers(out);
        self.leave(out);
    }

    fn leave(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        let done = self.disk.waiting_for_user() == 0
            && line.outbox.is_through()
            && line.requests.is_empty()
            && line.asks.is_empty()
            && line.settling.is_idle()
            && self.markers.is_empty();
        if self.stay == Stay::Leaving && line.farewell == Farewell::Unsaid && done {
            line.farewell = Farewell::Said;
            line.inbox.acknowledge(out);
            line.requests.open(Open::Logout, Command::Logout {}, out);
        }
    }

    /// Gives the line up over something that cannot be gone on with.
    pub(super) fn abandon(&mut self, cause: &str, out: &mut Vec<LinkOutput>) {
        if self.line.is_some() {
            self.lose_line(out);
            out.push(LinkOutput::Abandon { cause: cause.to_owned() });
        }
    }

    fn lose_line(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = self.line.take() else { return };
        for open in line.requests.into_open() {
            match open {
                Open::Ask(gathering) => out.push(LinkOutput::Tell(Event::Unanswered { ask: gathering.ask })),
                Open::MarkRead { peer, up_to } => self.markers.want_again(peer, up_to),
                Open::Send { .. } | Open::Check | Open::Lookup | Open::Logout => {}
            }
        }
        for (ask, _) in line.asks {
            out.push(LinkOutput::Tell(Event::Unanswered { ask }));
        }
    }
}

fn save_failed(id: MessageId, cause: &str, out: &mut Vec<LinkOutput>) {
    out.push(LinkOutput::Tell(Event::SaveFailed { id, cause: cause.to_owned() }));
}

/// What is wrong with the server, and what to do.
fn describe_notice(notice: Notice) -> String {
    match notice {
        Notice::InboxDamaged { messages: 0 } => {
            "what waits for you on the server cannot be read: its database is damaged; \
             tell whoever runs it"
                .to_owned()
        }
        Notice::InboxDamaged { messages } => {
            let what = if messages == 1 { "1 message".to_owned() } else { format!("{messages} messages") };
            format!("{what} for you cannot be read: the server's database is damaged there; tell whoever runs it")
        }
    }
}

const fn describe(fault: &ProtocolFault) -> &'static str {
    match fault {
        ProtocolFault::Version { .. } => "the server speaks another version of the protocol",
        ProtocolFault::Oversized { .. } => "the server found a message of this program too long",
        ProtocolFault::Malformed {} => "the server did not understand this program",
        ProtocolFault::OutOfOrder {} => "the server did not expect what this program said",
        ProtocolFault::LoginDeadline {} => "the server gave the login up",
        ProtocolFault::Full {} => "the server has all the connections it takes",
    }
}
