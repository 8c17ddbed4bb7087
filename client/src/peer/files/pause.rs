//! Standing still and going on: either end of a file may let it stand still, and it goes on once neither does.

use whoelse_model::{AskId, FileAnswer, FileFault, Pauses, TransferId, TransferKind, TransferState};
use whoelse_proto::UserName;
use whoelse_proto::peer::{FileEnd, PeerFrame};

use super::super::PeerLink;
use super::fetch::Control;
use super::orders::no_transfer;
use super::room::{Entry, Room, RoomWish};

/// What is wanted of a file that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Still,
    Flowing,
}

impl<L: PeerLink> Room<L> {
    /// The user lets a file stand still, or go on.
    pub(super) fn pace(&mut self, ask: AskId, id: TransferId, pace: Pace, out: &mut Vec<RoomWish>) {
        let is_question = |entry: &Entry<L>| {
            matches!(entry.transfer.kind, TransferKind::Receiving { .. })
                && entry.transfer.state == TransferState::Offered
        };
        let Some(entry) =
            self.entries.get_mut(&id).filter(|entry| !entry.transfer.state.is_over() && !is_question(entry))
        else {
            return Self::fail(ask, no_transfer(id), out);
        };
        let pauses = &mut entry.transfer.pauses;
        if pace == Pace::Flowing && pauses.there && !pauses.here {
            let text = format!("file {} was paused by the other side, which alone can go on with it", id.get());
            return Self::fail(ask, FileFault { code: "invalid", text }, out);
        }
        pauses.here = pace == Pace::Still;
        Self::answer(ask, FileAnswer::Done, out);
        self.tell_pace(id, out);
        self.steer(id, out);
    }

    /// The other end of a session lets a file stand still, or go on.
    pub(super) fn paced_there(
        &mut self,
        peer: &UserName,
        offer: u64,
        end: FileEnd,
        pace: Pace,
        out: &mut Vec<RoomWish>,
    ) {
        let kind = match end {
            FileEnd::Sender => TransferKind::Receiving { from: peer.clone() },
            FileEnd::Recipient => TransferKind::Sending { to: peer.clone() },
        };
        let Some(entry) = self.offered_as(&kind, offer) else { return };
        entry.transfer.pauses.there = pace == Pace::Still;
        let id = entry.transfer.id;
        self.steer(id, out);
    }

    /// Tells the other end whether this one lets a file stand still, once it is taken.
    pub(super) fn tell_pace(&self, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let is_untaken = matches!(entry.transfer.state, TransferState::Hashing | TransferState::Offered);
        let (peer, end) = match &entry.transfer.kind {
            TransferKind::Sending { to } => (to, FileEnd::Sender),
            TransferKind::Receiving { from } => (from, FileEnd::Recipient),
            TransferKind::Downloading => return,
        };
        if entry.on.is_none() || is_untaken {
            return;
        }
        let id = entry.offer;
        let is_still = entry.transfer.pauses.here;
        let frame = if is_still { PeerFrame::Pause { id, end } } else { PeerFrame::Resume { id, end } };
        out.extend(self.send(peer, frame));
    }

    /// A file is taken: it stands still at once if either end wants that.
    pub(super) fn keep_pace(&mut self, id: TransferId, pauses: Pauses, out: &mut Vec<RoomWish>) {
        if pauses.here {
            self.tell_pace(id, out);
        }
        if pauses.any() {
            self.steer(id, out);
        }
    }

    /// Lets a transfer flow or stand still, as both ends want it.
    fn steer(&mut self, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let is_still = entry.transfer.pauses.any();
        if let Some(task) = &entry.task {
            task.steer(if is_still { Control::Pause } else { Control::Run });
        }
        let flows = matches!(entry.transfer.state, TransferState::Running | TransferState::Paused);
        if flows && entry.on.is_some() {
            entry.transfer.state = if is_still { TransferState::Paused } else { TransferState::Running };
        }
        self.changed(id, out);
    }
}
