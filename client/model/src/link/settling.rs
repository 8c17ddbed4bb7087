//! What became of own messages while there was no line: asked page by page, one page at a time.
//!
//! Messages that were accepted and not delivered are all asked about. Of those that were delivered and not read, the
//! oldest of each chat alone: who has not read that one has read none behind it, so that readers who mark nothing as
//! read cost one question a chat. Where it was read, those behind it are asked about in turn.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::limits::MAX_LOOKUP_IDS;
use whoelse_proto::{Command, KnownState, Lookup, MessageId, MessageState, UserName};

use super::disk::Purpose;
use super::line::{Line, Open};
use super::machine::Link;
use super::{DiskOp, LinkOutput, Unsettled};

/// How far the questions are.
#[derive(Debug, Default)]
pub(super) struct Settling {
    stage: Stage,
    /// The last message of a chat that is known to be read, where those behind it are to be asked about.
    read_to: BTreeMap<UserName, MessageId>,
}

/// What is waited for.
#[derive(Debug, Default)]
enum Stage {
    /// Nothing.
    #[default]
    Idle,
    /// A page from the disk.
    Loading(Sweep),
    /// The server's answer about a page.
    Asking { sweep: Sweep, page: Vec<Unsettled>, read: BTreeSet<MessageId> },
}

/// Which messages a page is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweep {
    /// All chats.
    All,
    /// One chat.
    Chat,
}

impl Settling {
    /// Whether nothing is asked about.
    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    /// Notes what the server says of messages of the page.
    pub(super) fn answered(&mut self, states: &[KnownState]) {
        if let Stage::Asking { read, .. } = &mut self.stage {
            read.extend(states.iter().filter(|known| known.state == MessageState::Read).map(|known| known.id));
        }
    }

    /// The page is answered: what to read from the disk next.
    fn next(&mut self) -> Option<DiskOp> {
        let Stage::Asking { sweep, page, read } = std::mem::take(&mut self.stage) else { return None };
        let is_full = page.len() >= MAX_LOOKUP_IDS;
        match (sweep, page.last()) {
            (Sweep::All, last) => {
                let known = page.iter().filter(|one| read.contains(&one.id));
                self.read_to.extend(known.map(|one| (one.peer.clone(), one.id)));
                if let Some(last) = last.filter(|_| is_full) {
                    self.stage = Stage::Loading(Sweep::All);
                    return Some(DiskOp::LoadUnsettled { after: last.id });
                }
            }
            (Sweep::Chat, Some(last)) if is_full && read.contains(&last.id) => {
                self.read_to.insert(last.peer.clone(), last.id);
            }
            (Sweep::Chat, _) => {}
        }
        self.next_chat()
    }

    fn next_chat(&mut self) -> Option<DiskOp> {
        let (_, after) = self.read_to.pop_first()?;
        self.stage = Stage::Loading(Sweep::Chat);
        Some(DiskOp::LoadUnread { after })
    }
}

impl Line {
    /// Asks the server about a page.
    fn look_up(&mut self, sweep: Sweep, mut page: Vec<Unsettled>, out: &mut Vec<LinkOutput>) {
        page.truncate(MAX_LOOKUP_IDS);
        let ids: Vec<MessageId> = page.iter().map(|one| one.id).collect();
        let is_empty = ids.is_empty();
        self.settling.stage = Stage::Asking { sweep, page, read: BTreeSet::new() };
        if !is_empty {
            self.requests.open(Open::Lookup, Command::Lookup(Lookup { ids }), out);
        }
    }
}

impl Link {
    /// Begins with the first page, which came with the outbox.
    pub(super) fn begin_settling(&mut self, page: Vec<Unsettled>, out: &mut Vec<LinkOutput>) {
        if let Some(line) = self.line.as_mut().filter(|_| !page.is_empty()) {
            line.look_up(Sweep::All, page, out);
        }
    }

    /// A page was read from the disk.
    pub(super) fn unsettled_loaded(&mut self, purpose: Purpose, page: Vec<Unsettled>, out: &mut Vec<LinkOutput>) {
        let Purpose::Unsettled(of) = purpose else { return };
        let Some(line) = self.line.as_mut().filter(|line| line.id == of) else { return };
        let Stage::Loading(sweep) = line.settling.stage else { return };
        let is_empty = page.is_empty();
        line.look_up(sweep, page, out);
        if is_empty {
            self.page_settled(out);
        }
    }

    /// A page is answered: the next one is read, if there is one.
    pub(super) fn page_settled(&mut self, out: &mut Vec<LinkOutput>) {
        let Some(line) = &mut self.line else { return };
        if let Some(op) = line.settling.next() {
            self.disk.ask(Purpose::Unsettled(line.id), op, out);
        }
    }

    /// The server does not answer about messages: what became of them stays unknown until the next line.
    pub(super) fn settling_refused(&mut self) {
        if let Some(line) = &mut self.line {
            line.settling = Settling::default();
        }
    }
}
