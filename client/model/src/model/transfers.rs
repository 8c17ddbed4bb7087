//! Files on their way and files shared, as the user sees them.

use std::collections::BTreeMap;

use whoelse_proto::{FoundFile, Seconds, Timestamp, UserName};

use super::Model;
use super::action::Effect;
use super::asks::Matter;
use super::happenings::Incident;
use super::notices::NoticeKind;
use crate::message::ChatId;
use crate::request::{AskId, Request};
use crate::transfer::{FileAnswer, FileFault, FileOrder, Share, Transfer, TransferId, TransferKind, TransferState};

/// Transfers shown; the oldest that are over give way.
const MAX_SHOWN: usize = 200;

/// Milliseconds over which the speed is taken: short enough to follow, long enough not to jump.
const SPEED_SPAN_MS: u64 = 3_000;

/// A transfer, with its speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferView {
    /// The transfer.
    pub transfer: Transfer,
    /// Bytes a second over the last seconds; 0 while it stands still.
    pub speed: u64,
    /// The revision of [`Transfers`] at its last change.
    pub changed: u64,
    /// Where the measuring began.
    mark: (Timestamp, u64),
}

impl TransferView {
    fn new(transfer: Transfer, changed: u64, now: Timestamp) -> Self {
        let done = transfer.done;
        Self { transfer, speed: 0, changed, mark: (now, done) }
    }

    fn update(&mut self, transfer: Transfer, changed: u64, now: Timestamp) {
        self.changed = changed;
        let (since, before) = self.mark;
        let span = now.millis().saturating_sub(since.millis());
        let goes_on = transfer.state == TransferState::Running && self.transfer.state == TransferState::Running;
        if !goes_on {
            // What it stood still before says nothing of how fast it runs.
            self.speed = 0;
            self.mark = (now, transfer.done);
        } else if span >= SPEED_SPAN_MS {
            self.speed = transfer.done.saturating_sub(before).saturating_mul(1000) / span;
            self.mark = (now, transfer.done);
        } else if self.speed == 0 && span > 0 {
            self.speed = transfer.done.saturating_sub(before).saturating_mul(1000) / span;
        }
        self.transfer = transfer;
    }

    /// What is left at this speed; `None` if nothing can be said.
    #[must_use]
    pub fn time_left(&self) -> Option<Seconds> {
        let left = self.transfer.size.saturating_sub(self.transfer.done);
        left.checked_div(self.speed).map(Seconds::new)
    }
}

/// Whether a search for files is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum FileSearch {
    #[default]
    Still,
    Asked,
}

/// All transfers and shares.
#[derive(Clone, Debug, Default)]
pub struct Transfers {
    by_id: BTreeMap<TransferId, TransferView>,
    shares: Vec<Share>,
    found: Option<Vec<FoundFile>>,
    search: FileSearch,
    revision: u64,
}

impl Transfers {
    /// Grows with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// All, the oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &TransferView> {
        self.by_id.values()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: TransferId) -> Option<&TransferView> {
        self.by_id.get(&id)
    }

    /// What this user shares.
    #[must_use]
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// What the last search for files found; `None` while there was none.
    #[must_use]
    pub fn found(&self) -> Option<&[FoundFile]> {
        self.found.as_deref()
    }

    /// Whether the answer to a search for files is awaited.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.search == FileSearch::Asked
    }

    pub(super) fn search_begun(&mut self) {
        self.revision += 1;
        self.search = FileSearch::Asked;
        self.found = None;
    }

    pub(super) fn search_over(&mut self) {
        self.revision += 1;
        self.search = FileSearch::Still;
    }

    pub(super) fn find(&mut self, found: Vec<FoundFile>) {
        self.search_over();
        self.found = Some(found);
    }

    pub(super) fn transferred(&mut self, transfer: Transfer, now: Timestamp) {
        self.revision += 1;
        match self.by_id.get_mut(&transfer.id) {
            Some(view) => view.update(transfer, self.revision, now),
            None => _ = self.by_id.insert(transfer.id, TransferView::new(transfer, self.revision, now)),
        }
        while self.by_id.len() > MAX_SHOWN {
            let over = self.by_id.iter().find(|(_, view)| view.transfer.state.is_over()).map(|(id, _)| *id);
            let oldest = over.or_else(|| self.by_id.keys().next().copied());
            let Some(oldest) = oldest else { break };
            self.by_id.remove(&oldest);
        }
    }

    pub(super) fn share(&mut self, shares: Vec<Share>) {
        self.revision += 1;
        self.shares = shares;
    }
}

impl Model {
    /// A transfer has begun, or come further. One with a peer stands among the words of their private session.
    pub(super) fn transferred(&mut self, transfer: Transfer, now: Timestamp, out: &mut Vec<Effect>) {
        if self.transfers.get(transfer.id).is_none() {
            let id = transfer.id;
            match &transfer.kind {
                TransferKind::Sending { to: peer } => self.happened(peer, Incident::File(id), now),
                // Taken in an earlier run of the program.
                TransferKind::Receiving { from: peer } if transfer.state != TransferState::Offered => {
                    self.happened(peer, Incident::File(id), now);
                }
                TransferKind::Receiving { from } => {
                    self.happened(from, Incident::Offered(id), now);
                    let (by, name) = (from.clone(), transfer.name.clone());
                    if !self.is_visible(&ChatId::Private(by.clone())) {
                        out.push(Effect::NotifyOffered { by, name });
                    }
                }
                TransferKind::Downloading => {}
            }
        }
        self.transfers.transferred(transfer, now);
    }

    fn happened(&mut self, peer: &UserName, what: Incident, now: Timestamp) {
        self.chats.change(&ChatId::Private(peer.clone()), |chat| chat.happened(what, now));
    }

    /// Orders something about files.
    pub(super) fn order(&mut self, order: FileOrder, out: &mut Vec<Effect>) {
        if let Some(ask) = self.asks.note(Matter::Files) {
            out.push(Effect::Request(Request::Files { ask, order }));
        }
    }

    pub(super) fn files_answered(&mut self, ask: AskId, result: Result<FileAnswer, FileFault>, now: Timestamp) {
        self.asks.take(ask);
        match result {
            Ok(FileAnswer::Registered { file, known }) => {
                self.notices.add(NoticeKind::Registered { name: file.name, known }, now);
            }
            Ok(FileAnswer::Unregistered | FileAnswer::Begun(_) | FileAnswer::Done) => {}
            Err(fault) => self.notices.add(NoticeKind::FilesRefused { cause: fault.text }, now),
        }
    }
}
