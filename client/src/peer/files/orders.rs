//! What the user orders about files, and what the other end of a session makes of it.

use std::path::PathBuf;

use whoelse_model::{AskId, FileAnswer, FileFault, FileOrder, TransferId, TransferKind, TransferState};
use whoelse_proto::peer::{FileTrouble, PeerFrame};
use whoelse_proto::{FileRoot, UserName};

use super::super::PeerLink;
use super::fetch::Control;
use super::hashing::Hashed;
use super::library::Given;
use super::name::name_of;
use super::pause::Pace;
use super::room::{Entry, MAX_OFFERS, MAX_SENDING, Named, Purpose, Room, RoomWish};
use super::trouble;

impl<L: PeerLink> Room<L> {
    /// Does what the user orders.
    pub(crate) fn order(&mut self, ask: AskId, order: FileOrder, out: &mut Vec<RoomWish>) {
        match order {
            FileOrder::Send { to, path } => self.send_file(ask, to, path, out),
            FileOrder::Take { id, folder } => self.take_file(ask, id, folder, out),
            FileOrder::Refuse { id } => self.refuse_file(ask, id, out),
            FileOrder::Pause { id } => self.pace(ask, id, Pace::Still, out),
            FileOrder::Resume { id } => self.pace(ask, id, Pace::Flowing, out),
            FileOrder::Cancel { id } => self.cancel(ask, id, out),
            FileOrder::Register { path } => self.hash(Purpose::Share(ask), path),
            FileOrder::Unregister { name } => self.unregister(ask, &name, out),
            FileOrder::Download { name, root, folder } => self.download(ask, name, root, folder, out),
            FileOrder::DownloadChunk { from, name, chunk, folder } => {
                self.download_chunk(Named { ask, from, name, chunk, folder }, out);
            }
        }
    }

    fn send_file(&mut self, ask: AskId, to: UserName, path: PathBuf, out: &mut Vec<RoomWish>) {
        if let Some(fault) = self.cannot_send(&to) {
            return Self::fail(ask, fault, out);
        }
        let path = std::path::absolute(&path).unwrap_or(path);
        let Ok(name) = name_of(&path) else {
            return Self::fail(ask, FileFault { code: "invalid", text: "that is no file".to_owned() }, out);
        };
        // The size is known once the file is hashed: the disk may not answer.
        let id = self.new_entry(TransferKind::Sending { to }, name, 0, None, TransferState::Hashing);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.path.clone_from(&path);
        }
        Self::answer(ask, FileAnswer::Begun(id), out);
        self.tell(id, out);
        self.hash(Purpose::Offer(id), path);
    }

    /// Why no further file can be sent to somebody.
    fn cannot_send(&self, to: &UserName) -> Option<FileFault> {
        let peers =
            self.entries.values().filter(|entry| !entry.transfer.state.is_over()).filter_map(|entry| {
                if let TransferKind::Sending { to } = &entry.transfer.kind { Some(to) } else { None }
            });
        let (all, to_them) = peers.fold((0, 0), |(all, same), peer| (all + 1, same + usize::from(peer == to)));
        let is_full = all >= MAX_SENDING || to_them >= MAX_OFFERS;
        is_full.then(|| FileFault { code: "full", text: format!("too many files wait to be sent to {to} and others") })
    }

    /// A file is hashed.
    pub(super) fn hashed(&mut self, purpose: Purpose, hashed: Result<Hashed, String>, out: &mut Vec<RoomWish>) {
        match (purpose, hashed) {
            (Purpose::Share(ask), Ok(hashed)) => self.share(Some(ask), hashed, out),
            (Purpose::Share(ask), Err(text)) => Self::fail(ask, FileFault { code: "file", text }, out),
            (Purpose::Again(name), Ok(hashed)) => {
                self.unshared.retain(|shared| shared.name != name);
                self.share(None, Hashed { name, ..hashed }, out);
            }
            (Purpose::Again(name), Err(cause)) => {
                self.unshared.retain(|shared| shared.name != name);
                tracing::warn!(%name, cause, "a shared file is not shared again");
            }
            (Purpose::Offer(id), Ok(hashed)) => self.ready_to_offer(id, hashed, out),
            (Purpose::Offer(id), Err(cause)) => self.cannot_offer(id, cause, FileTrouble::Unreadable, out),
        }
    }

    /// A file that was to be offered, or is, cannot be read any more.
    fn cannot_offer(&mut self, id: TransferId, cause: String, told: FileTrouble, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id).filter(|entry| !entry.transfer.state.is_over()) else { return };
        if let TransferKind::Sending { to } = &entry.transfer.kind
            && entry.on.is_some()
        {
            out.extend(self.send(to, PeerFrame::Withdraw { id: entry.offer, why: Some(told) }));
        }
        self.set_state(id, TransferState::Failed { cause }, out);
    }

    fn ready_to_offer(&mut self, id: TransferId, hashed: Hashed, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let TransferKind::Sending { to } = entry.transfer.kind.clone() else { return };
        if entry.transfer.state.is_over() {
            return;
        }
        let root = hashed.manifest.root();
        if entry.root.is_some_and(|before| before != root) {
            let cause = format!("{} is another than when it was sent", hashed.path.display());
            return self.set_state(id, TransferState::Failed { cause }, out);
        }
        entry.root = Some(root);
        entry.transfer.size = hashed.manifest.size().bytes();
        entry.path.clone_from(&hashed.path);
        entry.stamp = Some(hashed.stamp);
        self.library.offer(to, hashed.path, &hashed.manifest);
        self.offer(id, out);
    }

    /// Offers a file, now or when there is a session again.
    pub(super) fn offer(&mut self, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let (TransferKind::Sending { to }, Some(root)) = (entry.transfer.kind.clone(), entry.root) else { return };
        let Ok(size) = whoelse_proto::FileSize::try_from(entry.transfer.size) else { return };
        let frame = PeerFrame::Offer { id: entry.offer, name: entry.transfer.name.clone(), size, root };
        let on = self.sessions.get(&to).map(|session| session.number);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.on = on;
        }
        out.extend(self.send(&to, frame));
        let state = if on.is_some() { TransferState::Offered } else { TransferState::Waiting };
        self.set_state(id, state, out);
    }

    /// The transfer with a peer that was offered under a number, in this session.
    pub(super) fn offered_as(&mut self, kind: &TransferKind, offer: u64) -> Option<&mut Entry<L>> {
        let is_it = |entry: &&mut Entry<L>| {
            entry.offer == offer
                && entry.on.is_some()
                && entry.transfer.kind == *kind
                && !entry.transfer.state.is_over()
        };
        self.entries.values_mut().find(is_it)
    }

    /// The peer takes an offer.
    pub(super) fn offer_taken(&mut self, peer: &UserName, offer: u64, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.offered_as(&TransferKind::Sending { to: peer.clone() }, offer) else { return };
        let (id, pauses) = (entry.transfer.id, entry.transfer.pauses);
        self.set_state(id, TransferState::Running, out);
        self.keep_pace(id, pauses, out);
    }

    /// The peer does not take an offer, or not go on with it.
    pub(super) fn offer_refused(
        &mut self,
        peer: &UserName,
        offer: u64,
        why: Option<FileTrouble>,
        out: &mut Vec<RoomWish>,
    ) {
        let Some(entry) = self.offered_as(&TransferKind::Sending { to: peer.clone() }, offer) else { return };
        let state = match why {
            Some(why) => TransferState::Failed { cause: trouble::words(peer, why) },
            None if entry.transfer.state == TransferState::Offered => TransferState::Refused,
            None => TransferState::Cancelled,
        };
        let id = entry.transfer.id;
        self.set_state(id, state, out);
    }

    /// The peer has it all.
    pub(super) fn offer_received(&mut self, peer: &UserName, offer: u64, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.offered_as(&TransferKind::Sending { to: peer.clone() }, offer) else { return };
        entry.transfer.done = entry.transfer.size;
        let (id, path) = (entry.transfer.id, entry.path.clone());
        self.set_state(id, TransferState::Done { path }, out);
    }

    /// The peer offers a file no longer.
    pub(super) fn offer_withdrawn(
        &mut self,
        peer: &UserName,
        offer: u64,
        why: Option<FileTrouble>,
        out: &mut Vec<RoomWish>,
    ) {
        let Some(entry) = self.offered_as(&TransferKind::Receiving { from: peer.clone() }, offer) else { return };
        let id = entry.transfer.id;
        entry.cause = why.map(|why| trouble::words(peer, why));
        match &entry.task {
            Some(task) => _ = task.control.send_replace(Control::Cancel),
            None => self.discarded(id, out),
        }
    }

    /// A peer was given bytes, or the file cannot be read any more.
    pub(super) fn given(&mut self, to: &UserName, root: FileRoot, given: Given, out: &mut Vec<RoomWish>) {
        let kind = TransferKind::Sending { to: to.clone() };
        let is_it = |entry: &&mut Entry<L>| {
            entry.root == Some(root)
                && entry.transfer.kind == kind
                && matches!(entry.transfer.state, TransferState::Running | TransferState::Paused)
        };
        let Some(entry) = self.entries.values_mut().find(is_it) else { return };
        let id = entry.transfer.id;
        match given {
            Given::Bytes(bytes) => {
                entry.transfer.done = (entry.transfer.done + bytes).min(entry.transfer.size);
                self.tell(id, out);
            }
            Given::Unreadable { cause, told } => self.cannot_offer(id, cause, told, out),
        }
    }

    fn take_file(&mut self, ask: AskId, id: TransferId, folder: Option<PathBuf>, out: &mut Vec<RoomWish>) {
        if !self.is_offered(id) {
            return Self::fail(ask, no_transfer(id), out);
        }
        Self::answer(ask, FileAnswer::Done, out);
        let folder = folder.unwrap_or_else(|| self.places.downloads.clone());
        self.begin_receiving(id, folder, out);
    }

    fn refuse_file(&mut self, ask: AskId, id: TransferId, out: &mut Vec<RoomWish>) {
        if !self.is_offered(id) {
            return Self::fail(ask, no_transfer(id), out);
        }
        Self::answer(ask, FileAnswer::Done, out);
        self.tell_sender(id, None, out);
        self.set_state(id, TransferState::Refused, out);
    }

    /// Tells the sender of a file that it is not wanted, or why it cannot be taken.
    pub(super) fn tell_sender(&self, id: TransferId, why: Option<FileTrouble>, out: &mut Vec<RoomWish>) {
        if let Some(entry) = self.entries.get(&id)
            && let TransferKind::Receiving { from } = &entry.transfer.kind
        {
            out.extend(self.send(from, PeerFrame::Refuse { id: entry.offer, why }));
        }
    }

    fn is_offered(&self, id: TransferId) -> bool {
        self.entries.get(&id).is_some_and(|entry| {
            entry.transfer.state == TransferState::Offered
                && matches!(entry.transfer.kind, TransferKind::Receiving { .. })
        })
    }

    fn cancel(&mut self, ask: AskId, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id).filter(|entry| !entry.transfer.state.is_over()) else {
            return Self::fail(ask, no_transfer(id), out);
        };
        Self::answer(ask, FileAnswer::Done, out);
        if let TransferKind::Sending { to } = entry.transfer.kind.clone() {
            if entry.on.is_some() {
                out.extend(self.send(&to, PeerFrame::Withdraw { id: entry.offer, why: None }));
            }
            self.set_state(id, TransferState::Cancelled, out);
            return;
        }
        self.tell_sender(id, None, out);
        match self.entries.get(&id).and_then(|entry| entry.task.as_ref()) {
            Some(task) => _ = task.control.send_replace(Control::Cancel),
            None => self.discarded(id, out),
        }
    }
}

pub(super) fn no_session(with: &UserName) -> FileFault {
    FileFault { code: "no_session", text: format!("there is no private session with {with}") }
}

pub(super) fn no_transfer(id: TransferId) -> FileFault {
    FileFault { code: "invalid", text: format!("no file of the number {} waits for that", id.get()) }
}
