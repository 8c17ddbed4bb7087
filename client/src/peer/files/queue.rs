//! What outlives the program: files for peers who are away, files that are not whole, and what is shared.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use whoelse_model::{Event, TransferId, TransferKind, TransferState};
use whoelse_proto::{FileSize, UserName};

use super::super::PeerLink;
use super::name::safe_name;
use super::notes::{Notes, Queued, Shared, Taken};
use super::part::{Part, sweep};
use super::room::{Entry, Purpose, Room, RoomWish};
use crate::profile::files;

/// Something unfinished that nobody knows of and nobody has written to for this long is removed at the next start.
pub(super) const ABANDONED_AFTER: Duration = Duration::from_hours(7 * 24);

/// Folders beside the usual one that are remembered as long as something unfinished lies there.
const MAX_FOLDERS: usize = 64;

/// Whether a file got its name, and the program was killed before it noted that.
fn is_whole(taken: &Taken) -> bool {
    let part = Part::path_in(&taken.folder, taken.name.as_str(), taken.root);
    if Part::is_named(&part) {
        Part::remove(&part);
        return true;
    }
    !part.exists() && taken.folder.join(safe_name(taken.name.as_str())).exists()
}

impl<L: PeerLink> Room<L> {
    /// Takes up what an earlier run left, and removes what was abandoned.
    pub(super) fn restore(&mut self) {
        let notes: Notes = match files::read(&self.places.notes) {
            Ok(notes) => notes,
            Err(error) => {
                tracing::warn!(%error, "what was noted of files is lost");
                Notes::default()
            }
        };
        let long_ago = SystemTime::now().checked_sub(ABANDONED_AFTER).unwrap_or(SystemTime::UNIX_EPOCH);
        let known: BTreeSet<PathBuf> =
            notes.receiving.iter().map(|taken| Part::path_in(&taken.folder, taken.name.as_str(), taken.root)).collect();
        for folder in notes.all_folders(&self.places.downloads) {
            let is_usual = folder == self.places.downloads;
            if sweep(folder, &known, long_ago) > 0 && !is_usual {
                self.folders.insert(folder.to_owned());
            }
        }
        self.noted = notes.clone();
        self.unshared = notes.shares;
        for queued in notes.sending {
            let Queued { to, name, path, size, root, is_paused } = queued;
            let id = self.new_entry(TransferKind::Sending { to }, name, size, root, TransferState::Waiting);
            self.restored(id, path, is_paused);
        }
        for taken in notes.receiving.into_iter().filter(|taken| !is_whole(taken)) {
            let Taken { from, name, size, root, folder, is_paused } = taken;
            let kind = TransferKind::Receiving { from };
            let id = self.new_entry(kind, name, size.bytes(), Some(root), TransferState::Waiting);
            self.restored(id, folder, is_paused);
        }
    }

    fn restored(&mut self, id: TransferId, path: PathBuf, is_paused: bool) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.path = path;
            entry.transfer.pauses.here = is_paused;
        }
    }

    /// Tells of what an earlier run left: its files wait, and what it shared is shared again.
    pub(super) fn tell_restored(&mut self, out: &mut Vec<RoomWish>) {
        let waiting: Vec<_> = self.entries.keys().copied().collect();
        for id in waiting {
            self.tell(id, out);
        }
        for Shared { name, path } in self.unshared.clone() {
            self.hash(Purpose::Again(name), path);
        }
    }

    /// Offers what waits for a peer, in the order in which it was sent. What no longer looks as when it was hashed is
    /// hashed anew, and all behind it.
    pub(super) fn offer_queued(&mut self, peer: &UserName, out: &mut Vec<RoomWish>) {
        let kind = TransferKind::Sending { to: peer.clone() };
        let waits = |entry: &&Entry<L>| {
            entry.transfer.kind == kind && entry.on.is_none() && entry.transfer.state == TransferState::Waiting
        };
        let waiting = self.entries.values().filter(waits);
        let waiting: Vec<_> =
            waiting.map(|entry| (entry.transfer.id, entry.path.clone(), entry.is_as_hashed())).collect();
        let mut is_behind = false;
        for (id, path, is_as_hashed) in waiting {
            is_behind |= !is_as_hashed;
            if is_behind {
                self.set_state(id, TransferState::Hashing, out);
                self.hash(Purpose::Offer(id), path);
            } else {
                self.offer(id, out);
            }
        }
    }

    /// Remembers a folder, so that what is abandoned there is found.
    pub(super) fn note_folder(&mut self, folder: &std::path::Path) {
        if folder != self.places.downloads && self.folders.len() < MAX_FOLDERS {
            self.folders.insert(folder.to_owned());
        }
    }

    /// Puts on disk what has changed.
    pub(crate) fn keep_notes(&mut self, out: &mut Vec<RoomWish>) {
        if !std::mem::take(&mut self.has_changed) {
            return;
        }
        let notes = self.to_note();
        if notes == self.noted {
            return;
        }
        let folder = self.places.notes.parent();
        let kept = folder.map_or(Ok(()), files::make_folder).and_then(|()| files::replace(&self.places.notes, &notes));
        match kept {
            Ok(()) => self.noted = notes,
            Err(error) => out.push(RoomWish::Tell(Event::DiskTrouble { cause: error.to_string() })),
        }
    }

    fn to_note(&self) -> Notes {
        let shares = self.library.shares();
        let whole = shares.into_iter().filter(|share| share.chunks == share.file.size.all_chunks());
        let whole = whole.map(|share| Shared { name: share.file.name, path: share.path });
        let mut notes = Notes { folders: self.folders.clone(), ..Notes::default() };
        notes.shares = self.unshared.iter().cloned().chain(whole).collect();
        for entry in self.entries.values().filter(|entry| !entry.transfer.state.is_over()) {
            let transfer = &entry.transfer;
            let (name, path, is_paused) = (transfer.name.clone(), entry.path.clone(), transfer.pauses.here);
            match &transfer.kind {
                TransferKind::Sending { to } => {
                    let (size, root) = (transfer.size, entry.root);
                    notes.sending.push(Queued { to: to.clone(), name, path, size, root, is_paused });
                }
                TransferKind::Receiving { from } if transfer.state != TransferState::Offered => {
                    if let (Some(root), Ok(size)) = (entry.root, FileSize::try_from(transfer.size)) {
                        notes.receiving.push(Taken { from: from.clone(), name, size, root, folder: path, is_paused });
                    }
                }
                TransferKind::Receiving { .. } | TransferKind::Downloading => {}
            }
        }
        notes
    }
}
