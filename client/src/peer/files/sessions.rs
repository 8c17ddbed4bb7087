//! Private sessions come and go, and with them the files offered in them.

use std::path::PathBuf;

use tokio::task::AbortHandle;
use whoelse_model::peers::LinkNumber;
use whoelse_model::{TransferId, TransferKind, TransferState};
use whoelse_proto::peer::PeerFrame;
use whoelse_proto::{FileName, FileRoot, FileSize, UserName};

use super::super::PeerLink;
use super::fetch::{Change, Giving, Job};
use super::library::{Guest, serve};
use super::part::Part;
use super::room::{Entry, MAX_OFFERS, Room, RoomNews, RoomWish, Session};

impl<L: PeerLink> Room<L> {
    /// A private session is open: its link is served, and what waits for this peer is offered again.
    pub(crate) fn session_opened(&mut self, peer: &UserName, number: LinkNumber, link: L, out: &mut Vec<RoomWish>) {
        let serving = self.serve(peer.clone(), link.clone(), Guest::InSession(peer.clone()));
        self.sessions.insert(peer.clone(), Session { number, link, serving });
        let waits = |entry: &&Entry<L>| {
            entry.transfer.state == TransferState::Waiting
                && entry.transfer.kind == (TransferKind::Sending { to: peer.clone() })
        };
        let waiting: Vec<_> = self.entries.values().filter(waits).map(|entry| entry.transfer.id).collect();
        for id in waiting {
            self.offer(id, out);
        }
    }

    /// A private session is over: what was on its way waits for the next.
    pub(crate) fn session_closed(&mut self, peer: &UserName, number: LinkNumber, out: &mut Vec<RoomWish>) {
        let Some(session) = self.sessions.remove(peer) else { return };
        if session.number != number {
            self.sessions.insert(peer.clone(), session);
            return;
        }
        session.serving.abort();
        let mut waiting = Vec::new();
        let mut over = Vec::new();
        for entry in self.entries.values_mut() {
            let (id, state) = (entry.transfer.id, &entry.transfer.state);
            match &entry.transfer.kind {
                TransferKind::Sending { to } if to == peer && !state.is_over() => waiting.push(id),
                TransferKind::Receiving { from } if from == peer && *state == TransferState::Offered => over.push(id),
                TransferKind::Receiving { from } if from == peer && !state.is_over() => {
                    if let Some(task) = &entry.task {
                        let gone = Change::Gone(peer.clone(), "the session ended".to_owned());
                        // A fetch that is busy finds out by itself.
                        let _ = task.changes.try_send(gone);
                    }
                    waiting.push(id);
                }
                TransferKind::Sending { .. } | TransferKind::Receiving { .. } | TransferKind::Downloading => {}
            }
        }
        for id in waiting {
            self.set_state(id, TransferState::Waiting, out);
        }
        for id in over {
            self.set_state(id, TransferState::Cancelled, out);
        }
    }

    /// Answers what is asked on a link.
    pub(super) fn serve(&self, peer: UserName, link: L, who: Guest) -> AbortHandle {
        let news = self.news_sender();
        let given = move |root, bytes| {
            // Progress that is not told now is told with the next piece.
            let _ = news.try_send(RoomNews::Given(peer.clone(), root, bytes));
        };
        tokio::spawn(serve(link, self.library.clone(), who, given)).abort_handle()
    }

    /// Somebody who was introduced to fetch a file is here.
    pub(crate) fn serve_fetch(&self, peer: UserName, link: L, root: FileRoot) {
        self.serve(peer, link, Guest::Fetching(root));
    }

    /// The other end of a session says something about files.
    pub(crate) fn frame(&mut self, peer: &UserName, frame: PeerFrame, out: &mut Vec<RoomWish>) {
        match frame {
            PeerFrame::Offer { id, name, size, root } => self.offered(peer, id, name, size, root, out),
            PeerFrame::Take { id } => self.offer_answered(peer, id, TransferState::Running, out),
            PeerFrame::Refuse { id } => self.offer_answered(peer, id, TransferState::Refused, out),
            PeerFrame::Received { id } => self.offer_received(peer, id, out),
            PeerFrame::Withdraw { id } => self.offer_withdrawn(peer, id, out),
            // The words of a session are somebody else's.
            PeerFrame::Text { .. } | PeerFrame::Ack { .. } | PeerFrame::Bye { .. } => {}
        }
    }

    fn offered(
        &mut self,
        peer: &UserName,
        offer: u64,
        name: FileName,
        size: FileSize,
        root: FileRoot,
        out: &mut Vec<RoomWish>,
    ) {
        let kind = TransferKind::Receiving { from: peer.clone() };
        let before = self.entries.values_mut().find(|entry| {
            entry.transfer.kind == kind && entry.root == Some(root) && entry.transfer.state == TransferState::Waiting
        });
        if let Some(entry) = before {
            entry.offer = offer;
            let id = entry.transfer.id;
            self.go_on(id, peer, out);
            return;
        }
        let open = self.entries.values().filter(|entry| entry.transfer.kind == kind && !entry.transfer.state.is_over());
        if open.count() >= MAX_OFFERS {
            out.extend(self.send(peer, PeerFrame::Refuse { id: offer }));
            return;
        }
        let is_resumed = Part::is_there(&self.folder, name.as_str(), root);
        let id = self.new_entry(kind, name, size.bytes(), Some(root), TransferState::Offered);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.offer = offer;
        }
        self.tell(id, out);
        if is_resumed {
            // The user took it before.
            self.begin_receiving(id, self.folder.clone(), out);
        }
    }

    /// Goes on with a file whose sender is back.
    fn go_on(&mut self, id: TransferId, peer: &UserName, out: &mut Vec<RoomWish>) {
        let Some(session) = self.sessions.get(peer) else { return };
        let Some(entry) = self.entries.get(&id) else { return };
        if let Some(task) = &entry.task {
            let linked = Change::Linked(peer.clone(), session.link.clone());
            if task.changes.try_send(linked).is_ok() {
                let frame = PeerFrame::Take { id: entry.offer };
                out.extend(self.send(peer, frame));
            }
        }
    }

    /// Takes a file that was offered.
    pub(super) fn begin_receiving(&mut self, id: TransferId, folder: PathBuf, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let (TransferKind::Receiving { from }, Some(root)) = (entry.transfer.kind.clone(), entry.root) else { return };
        let Ok(size) = FileSize::try_from(entry.transfer.size) else { return };
        let (name, offer) = (entry.transfer.name.clone(), entry.offer);
        let Some(session) = self.sessions.get(&from) else { return };
        let link = session.link.clone();
        let job = Job { name, size, root, folder, wanted: size.all_chunks(), giving: Giving::One };
        self.begin_fetch(id, job);
        self.source(id, Change::Expect(from.clone(), size.all_chunks()));
        self.source(id, Change::Linked(from.clone(), link));
        out.extend(self.send(&from, PeerFrame::Take { id: offer }));
        self.set_state(id, TransferState::Running, out);
    }
}
