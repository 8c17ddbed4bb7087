//! What the user orders about files, and what the other end of a session makes of it.

use std::path::PathBuf;

use whoelse_model::{AskId, FileAnswer, FileFault, FileOrder, TransferId, TransferKind, TransferState};
use whoelse_proto::peer::PeerFrame;
use whoelse_proto::{FileName, FileRoot, UserName};

use super::super::PeerLink;
use super::fetch::Control;
use super::name::safe_name;
use super::room::{Entry, Hashed, Purpose, Room, RoomWish};

impl<L: PeerLink> Room<L> {
    /// Does what the user orders.
    pub(crate) fn order(&mut self, ask: AskId, order: FileOrder, out: &mut Vec<RoomWish>) {
        match order {
            FileOrder::Send { to, path } => self.send_file(ask, to, path, out),
            FileOrder::Take { id, folder } => self.take_file(ask, id, folder, out),
            FileOrder::Refuse { id } => self.refuse_file(ask, id, out),
            FileOrder::Pause { id } => self.control(ask, id, Control::Pause, out),
            FileOrder::Resume { id } => self.control(ask, id, Control::Run, out),
            FileOrder::Cancel { id } => self.cancel(ask, id, out),
            FileOrder::Register { path } => self.hash(Purpose::Share(ask), path),
            FileOrder::Unregister { name } => self.unregister(ask, &name, out),
            FileOrder::Download { name, root } => self.download(ask, name, root, out),
            FileOrder::DownloadChunk { from, name, chunk } => self.download_chunk(ask, from, name, chunk, out),
        }
    }

    fn send_file(&mut self, ask: AskId, to: UserName, path: PathBuf, out: &mut Vec<RoomWish>) {
        if !self.sessions.contains_key(&to) {
            return Self::fail(ask, no_session(&to), out);
        }
        let raw = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Ok(name) = FileName::new(&safe_name(&raw)) else {
            return Self::fail(ask, FileFault { code: "invalid", text: "that is no file".to_owned() }, out);
        };
        let size = std::fs::metadata(&path).map_or(0, |data| data.len());
        let id = self.new_entry(TransferKind::Sending { to }, name, size, None, TransferState::Hashing);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.path.clone_from(&path);
        }
        Self::answer(ask, FileAnswer::Begun(id), out);
        self.tell(id, out);
        self.hash(Purpose::Offer(id), path);
    }

    /// A file is hashed.
    pub(super) fn hashed(&mut self, purpose: Purpose, hashed: Result<Hashed, String>, out: &mut Vec<RoomWish>) {
        match (purpose, hashed) {
            (Purpose::Share(ask), Ok(hashed)) => self.share(Some(ask), hashed, out),
            (Purpose::Share(ask), Err(text)) => Self::fail(ask, FileFault { code: "file", text }, out),
            (Purpose::Again(name), Ok(hashed)) => self.share(None, Hashed { name, ..hashed }, out),
            (Purpose::Again(name), Err(cause)) => tracing::warn!(%name, cause, "a shared file is not shared again"),
            (Purpose::Offer(id), Ok(hashed)) => self.ready_to_offer(id, hashed, out),
            (Purpose::Offer(id), Err(cause)) => self.set_state(id, TransferState::Failed { cause }, out),
        }
    }

    fn ready_to_offer(&mut self, id: TransferId, hashed: Hashed, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let TransferKind::Sending { to } = entry.transfer.kind.clone() else { return };
        if entry.transfer.state.is_over() {
            return;
        }
        entry.root = Some(hashed.manifest.root());
        entry.transfer.size = hashed.manifest.size().bytes();
        entry.path.clone_from(&hashed.path);
        self.library.offer(to, hashed.path, &hashed.manifest);
        self.offer(id, out);
    }

    /// Offers a file, now or when there is a session again.
    pub(super) fn offer(&mut self, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let (TransferKind::Sending { to }, Some(root)) = (entry.transfer.kind.clone(), entry.root) else { return };
        let Ok(size) = whoelse_proto::FileSize::try_from(entry.transfer.size) else { return };
        let frame = PeerFrame::Offer { id: entry.offer, name: entry.transfer.name.clone(), size, root };
        match self.send(&to, frame) {
            Some(sent) => {
                out.push(sent);
                self.set_state(id, TransferState::Offered, out);
            }
            None => self.set_state(id, TransferState::Waiting, out),
        }
    }

    /// The transfer to a peer that was offered under a number.
    fn offered_as(&mut self, to: &UserName, offer: u64) -> Option<&mut Entry<L>> {
        let kind = TransferKind::Sending { to: to.clone() };
        let is_it = |entry: &&mut Entry<L>| {
            entry.offer == offer && entry.transfer.kind == kind && !entry.transfer.state.is_over()
        };
        self.entries.values_mut().find(is_it)
    }

    /// The peer takes an offer, or does not.
    pub(super) fn offer_answered(
        &mut self,
        peer: &UserName,
        offer: u64,
        state: TransferState,
        out: &mut Vec<RoomWish>,
    ) {
        let Some(entry) = self.offered_as(peer, offer) else { return };
        let (id, root) = (entry.transfer.id, entry.root);
        let is_running = entry.transfer.state == TransferState::Running;
        let state = if state == TransferState::Refused && is_running { TransferState::Cancelled } else { state };
        if let Some(root) = root.filter(|_| state.is_over()) {
            self.library.withdraw(peer, root);
        }
        self.set_state(id, state, out);
    }

    /// The peer has it all.
    pub(super) fn offer_received(&mut self, peer: &UserName, offer: u64, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.offered_as(peer, offer) else { return };
        entry.transfer.done = entry.transfer.size;
        let (id, root, path) = (entry.transfer.id, entry.root, entry.path.clone());
        if let Some(root) = root {
            self.library.withdraw(peer, root);
        }
        self.set_state(id, TransferState::Done { path }, out);
    }

    /// The peer offers a file no longer.
    pub(super) fn offer_withdrawn(&mut self, peer: &UserName, offer: u64, out: &mut Vec<RoomWish>) {
        let kind = TransferKind::Receiving { from: peer.clone() };
        let is_it =
            |entry: &&Entry<L>| entry.offer == offer && entry.transfer.kind == kind && !entry.transfer.state.is_over();
        let Some(entry) = self.entries.values().find(is_it) else { return };
        let id = entry.transfer.id;
        if let Some(task) = &entry.task {
            task.control.send_replace(Control::Cancel);
        } else {
            self.set_state(id, TransferState::Cancelled, out);
        }
    }

    /// A peer was given bytes.
    pub(super) fn given(&mut self, to: &UserName, root: FileRoot, bytes: u64, out: &mut Vec<RoomWish>) {
        let kind = TransferKind::Sending { to: to.clone() };
        let is_it = |entry: &&mut Entry<L>| {
            entry.root == Some(root) && entry.transfer.kind == kind && entry.transfer.state == TransferState::Running
        };
        if let Some(entry) = self.entries.values_mut().find(is_it) {
            entry.transfer.done = (entry.transfer.done + bytes).min(entry.transfer.size);
            let id = entry.transfer.id;
            self.tell(id, out);
        }
    }

    fn take_file(&mut self, ask: AskId, id: TransferId, folder: Option<PathBuf>, out: &mut Vec<RoomWish>) {
        if !self.is_offered(id) {
            return Self::fail(ask, no_transfer(id), out);
        }
        Self::answer(ask, FileAnswer::Done, out);
        let folder = folder.unwrap_or_else(|| self.folder.clone());
        self.begin_receiving(id, folder, out);
    }

    fn refuse_file(&mut self, ask: AskId, id: TransferId, out: &mut Vec<RoomWish>) {
        if !self.is_offered(id) {
            return Self::fail(ask, no_transfer(id), out);
        }
        Self::answer(ask, FileAnswer::Done, out);
        self.tell_sender(id, out);
        self.set_state(id, TransferState::Refused, out);
    }

    /// Tells the sender of a file that it is not wanted.
    fn tell_sender(&self, id: TransferId, out: &mut Vec<RoomWish>) {
        if let Some(entry) = self.entries.get(&id)
            && let TransferKind::Receiving { from } = &entry.transfer.kind
        {
            out.extend(self.send(from, PeerFrame::Refuse { id: entry.offer }));
        }
    }

    fn is_offered(&self, id: TransferId) -> bool {
        self.entries.get(&id).is_some_and(|entry| {
            entry.transfer.state == TransferState::Offered
                && matches!(entry.transfer.kind, TransferKind::Receiving { .. })
        })
    }

    fn control(&mut self, ask: AskId, id: TransferId, wanted: Control, out: &mut Vec<RoomWish>) {
        let task = self.entries.get(&id).and_then(|entry| entry.task.as_ref());
        match task {
            Some(task) => {
                task.control.send_replace(wanted);
                Self::answer(ask, FileAnswer::Done, out);
            }
            None => Self::fail(ask, no_transfer(id), out),
        }
    }

    fn cancel(&mut self, ask: AskId, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id).filter(|entry| !entry.transfer.state.is_over()) else {
            return Self::fail(ask, no_transfer(id), out);
        };
        Self::answer(ask, FileAnswer::Done, out);
        if let TransferKind::Sending { to } = entry.transfer.kind.clone() {
            let (offer, root) = (entry.offer, entry.root);
            if let Some(root) = root {
                self.library.withdraw(&to, root);
            }
            out.extend(self.send(&to, PeerFrame::Withdraw { id: offer }));
            self.set_state(id, TransferState::Cancelled, out);
            return;
        }
        self.tell_sender(id, out);
        match self.entries.get(&id).and_then(|entry| entry.task.as_ref()) {
            Some(task) => _ = task.control.send_replace(Control::Cancel),
            None => self.set_state(id, TransferState::Cancelled, out),
        }
    }
}

pub(super) fn no_session(with: &UserName) -> FileFault {
    FileFault { code: "no_session", text: format!("there is no private session with {with}") }
}

fn no_transfer(id: TransferId) -> FileFault {
    FileFault { code: "invalid", text: format!("no file of the number {} waits for that", id.get()) }
}
