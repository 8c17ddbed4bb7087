//! Private sessions come and go, and with them the files offered in them.

use std::path::PathBuf;

use whoelse_model::peers::LinkNumber;
use whoelse_model::{TransferId, TransferKind, TransferState};
use whoelse_proto::peer::{FileTrouble, PeerFrame};
use whoelse_proto::{FileName, FileRoot, FileSize, UserName};

use super::super::PeerLink;
use super::fetch::{Change, Control, Giving, Job};
use super::library::{Guest, Serving, serve};
use super::pause::Pace;
use super::room::{Entry, MAX_OFFERS, Room, RoomNews, RoomWish, Session};

impl<L: PeerLink> Room<L> {
    /// A private session is open: its link is served, and what waits for this peer is offered again.
    pub(crate) fn session_opened(&mut self, peer: &UserName, number: LinkNumber, link: L, out: &mut Vec<RoomWish>) {
        let serving = self.serve(peer.clone(), link.clone(), Guest::InSession(peer.clone()));
        self.sessions.insert(peer.clone(), Session { number, link, _serving: serving });
        self.offer_queued(peer, out);
    }

    /// A private session is over: what was on its way waits for the next.
    pub(crate) fn session_closed(&mut self, peer: &UserName, number: LinkNumber, out: &mut Vec<RoomWish>) {
        let Some(session) = self.sessions.remove(peer) else { return };
        if session.number != number {
            self.sessions.insert(peer.clone(), session);
            return;
        }
        drop(session);
        let in_it = |entry: &&mut Entry<L>| entry.on == Some(number) && !entry.transfer.state.is_over();
        let mut broken_off = Vec::new();
        for entry in self.entries.values_mut().filter(in_it) {
            entry.on = None;
            entry.transfer.pauses.there = false;
            let is_still = entry.transfer.pauses.here;
            let is_question = matches!(entry.transfer.kind, TransferKind::Receiving { .. })
                && entry.transfer.state == TransferState::Offered;
            if let Some(task) = &entry.task {
                task.steer(if is_still { Control::Pause } else { Control::Run });
                let gone = Change::Gone(peer.clone(), "the session ended".to_owned());
                // A fetch that is busy finds out by itself.
                let _ = task.changes.try_send(gone);
            }
            let state = if is_question { TransferState::Lapsed } else { TransferState::Waiting };
            broken_off.push((entry.transfer.id, state));
        }
        for (id, state) in broken_off {
            self.set_state(id, state, out);
        }
    }

    /// Answers what is asked on a link.
    fn serve(&self, peer: UserName, link: L, who: Guest) -> Serving {
        let news = self.news_sender();
        let given = move |root, given| {
            let told = RoomNews::Given(peer.clone(), root, given);
            let news = news.clone();
            // Waits for room: bytes that were not told would be missing from the progress. Nobody listens once the user
            // has signed out.
            async move { _ = news.send(told).await }
        };
        Serving::new(tokio::spawn(serve(link, self.library.clone(), who, given)).abort_handle())
    }

    /// Somebody who was introduced to fetch a file is here.
    pub(crate) fn serve_fetch(&self, peer: UserName, link: L, root: FileRoot) -> Serving {
        let who = Guest::Fetching(peer.clone(), root);
        self.serve(peer, link, who)
    }

    /// Whether a file is shared with everybody.
    pub(crate) fn is_shared(&self, root: FileRoot) -> bool {
        self.library.is_registered(root)
    }

    /// Somebody gets nothing that is shared, from this moment.
    pub(crate) fn deny(&self, name: UserName) {
        self.library.deny(name);
    }

    /// Somebody gets what is shared again.
    pub(crate) fn allow(&self, name: &UserName) {
        self.library.allow(name);
    }

    /// The other end of a session says something about files.
    pub(crate) fn frame(&mut self, peer: &UserName, frame: PeerFrame, out: &mut Vec<RoomWish>) {
        match frame {
            PeerFrame::Offer { id, name, size, root } => self.offered(peer, id, name, size, root, out),
            PeerFrame::Take { id } => self.offer_taken(peer, id, out),
            PeerFrame::Refuse { id, why } => self.offer_refused(peer, id, why, out),
            PeerFrame::Received { id } => self.offer_received(peer, id, out),
            PeerFrame::Withdraw { id, why } => self.offer_withdrawn(peer, id, why, out),
            PeerFrame::Pause { id, end } => self.paced_there(peer, id, end, Pace::Still, out),
            PeerFrame::Resume { id, end } => self.paced_there(peer, id, end, Pace::Flowing, out),
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
        let Some(number) = self.sessions.get(peer).map(|session| session.number) else { return };
        let kind = TransferKind::Receiving { from: peer.clone() };
        if let Some(outcome) = self.outcome(&kind, offer, root, number) {
            out.extend(self.send(peer, outcome));
            return;
        }
        let is_broken_off = |entry: &&mut Entry<L>| {
            entry.transfer.kind == kind
                && entry.root == Some(root)
                && entry.on.is_none()
                && !entry.transfer.state.is_over()
        };
        if let Some(entry) = self.entries.values_mut().find(is_broken_off) {
            entry.offer = offer;
            (entry.on, entry.offered_in) = (Some(number), Some(number));
            let id = entry.transfer.id;
            self.go_on(id, peer, out);
            return;
        }
        let open = self.entries.values().filter(|entry| entry.transfer.kind == kind && !entry.transfer.state.is_over());
        if open.count() >= MAX_OFFERS {
            out.extend(self.send(peer, PeerFrame::Refuse { id: offer, why: Some(FileTrouble::TooMany) }));
            return;
        }
        let id = self.new_entry(kind, name, size.bytes(), Some(root), TransferState::Offered);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.offer = offer;
            (entry.on, entry.offered_in) = (Some(number), Some(number));
        }
        self.tell(id, out);
    }

    /// What became of an offer of this session that is over here: said again, for the sender may not have heard it
    /// before the link died.
    fn outcome(&self, kind: &TransferKind, offer: u64, root: FileRoot, number: LinkNumber) -> Option<PeerFrame> {
        let is_it = |entry: &&Entry<L>| {
            entry.transfer.kind == *kind
                && entry.offer == offer
                && entry.root == Some(root)
                && entry.offered_in == Some(number)
        };
        self.entries.values().filter(is_it).find_map(|entry| match entry.transfer.state {
            TransferState::Done { .. } => Some(PeerFrame::Received { id: offer }),
            TransferState::Refused | TransferState::Cancelled | TransferState::Failed { .. } => {
                Some(PeerFrame::Refuse { id: offer, why: None })
            }
            TransferState::Hashing
            | TransferState::Offered
            | TransferState::Running
            | TransferState::Paused
            | TransferState::Waiting
            | TransferState::Lapsed => None,
        })
    }

    /// Goes on with a file whose sender is back: the user took it before.
    fn go_on(&mut self, id: TransferId, peer: &UserName, out: &mut Vec<RoomWish>) {
        let Some(session) = self.sessions.get(peer) else { return };
        let Some(entry) = self.entries.get(&id) else { return };
        let Some(task) = &entry.task else {
            let folder = entry.path.clone();
            return self.begin_receiving(id, folder, out);
        };
        let linked = Change::Linked(peer.clone(), session.link.clone());
        if task.changes.try_send(linked).is_ok() {
            self.taken(id, peer, out);
        }
    }

    /// Tells the sender that a file is taken, and whether it is to stand still.
    fn taken(&mut self, id: TransferId, from: &UserName, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let pauses = entry.transfer.pauses;
        out.extend(self.send(from, PeerFrame::Take { id: entry.offer }));
        self.set_state(id, TransferState::Running, out);
        self.keep_pace(id, pauses, out);
    }

    /// Takes a file that was offered.
    pub(super) fn begin_receiving(&mut self, id: TransferId, folder: PathBuf, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get(&id) else { return };
        let (TransferKind::Receiving { from }, Some(root)) = (entry.transfer.kind.clone(), entry.root) else { return };
        let Ok(size) = FileSize::try_from(entry.transfer.size) else { return };
        let name = entry.transfer.name.clone();
        let Some(session) = self.sessions.get(&from) else { return };
        let link = session.link.clone();
        self.note_folder(&folder);
        let (wanted, disks) = (size.all_chunks(), self.disks.clone());
        let job = Job { name, size, root, folder, wanted, giving: Giving::One, disks };
        self.begin_fetch(id, job);
        self.source(id, Change::Expect(from.clone(), size.all_chunks()));
        self.source(id, Change::Linked(from.clone(), link));
        self.taken(id, &from, out);
    }
}
