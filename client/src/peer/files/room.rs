//! Everything about files at this device.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use whoelse_model::peers::LinkNumber;
use whoelse_model::{
    Ask, AskId, Event, FileAnswer, FileFault, Pauses, Transfer, TransferId, TransferKind, TransferState,
};
use whoelse_proto::peer::PeerFrame;
use whoelse_proto::{Answer, Chunks, FileName, FileRoot, FileSize, FoundFile, Refusal, SharedFile, UserName};

use super::super::PeerLink;
use super::desk::HashDesk;
use super::disk::Disks;
use super::fetch::{self, Change, Control, Flow, Job, MAX_SOURCES, Progress, Report, Reporter};
use super::hashing::{Hashed, Stamp};
use super::library::{Given, Library, Serving};
use super::manifest::Manifest;
use super::notes::{Notes, Places, Shared};
use super::part::Part;

/// Asks of files have numbers from here on.
pub(super) const FILE_ASKS: u64 = 1 << 49;

/// Offers of one peer that wait for an answer. Further ones are refused without a word.
pub(super) const MAX_OFFERS: usize = 64;

/// Files that wait to be sent, to all peers together.
pub(super) const MAX_SENDING: usize = 1024;

/// Transfers that are over and still known; the oldest give way.
const MAX_OVER: usize = 256;

/// News of files that wait to be taken.
const MAX_NEWS: usize = 256;

/// What happened to a file.
pub(crate) enum RoomNews<L> {
    /// A file was hashed.
    Hashed(Purpose, Result<Hashed, String>),
    /// A fetch came further.
    Fetch(TransferId, Report),
    /// A peer was given bytes of a file, or could not be.
    Given(UserName, FileRoot, Given),
    /// A peer said what is shared under a name.
    Named(Named, Option<(FileSize, FileRoot, Chunks)>, std::marker::PhantomData<L>),
}

/// What a file was hashed for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// To share it.
    Share(AskId),
    /// To share it again, as before the program was started anew.
    Again(FileName),
    /// To offer it.
    Offer(TransferId),
}

/// A chunk that is wanted from a peer.
#[derive(Debug)]
pub(crate) struct Named {
    pub(super) ask: AskId,
    pub(super) from: UserName,
    pub(super) name: FileName,
    pub(super) chunk: u8,
    /// Into this folder; `None` is the usual one.
    pub(super) folder: Option<PathBuf>,
}

/// What the room wants of its keeper.
pub(crate) enum RoomWish {
    /// Tell the user.
    Tell(Event),
    /// Ask the server.
    Ask(AskId, Ask),
    /// Expect an introduction to a holder, then ask for it.
    Fetch(AskId, FileRoot, UserName),
    /// Put a frame on the link of a session.
    Send(LinkNumber, PeerFrame),
}

/// What the server was asked.
pub(super) enum Asked {
    /// To register a file, for the user or for nobody.
    Register(Option<AskId>, SharedFile),
    /// Who holds a file that is wanted: this content, or the only one.
    Search { ask: AskId, name: FileName, root: Option<FileRoot>, folder: Option<PathBuf> },
    /// For an introduction to a holder.
    Introduce(TransferId, UserName),
    /// Something whose answer does not matter.
    Nothing,
}

/// A file on its way.
pub(super) struct Entry<L> {
    pub(super) transfer: Transfer,
    pub(super) root: Option<FileRoot>,
    /// The number under which it was offered, by whichever side.
    pub(super) offer: u64,
    /// The session in which it stands offered.
    pub(super) on: Option<LinkNumber>,
    /// The session in which it was offered last, also once that is over.
    pub(super) offered_in: Option<LinkNumber>,
    /// Of one that is sent: where it lies. Of any other: the folder into which it goes.
    pub(super) path: PathBuf,
    /// Of one that is sent: how the file looked when it was hashed.
    pub(super) stamp: Option<Stamp>,
    pub(super) task: Option<Task<L>>,
    /// What the other end said when it ended it.
    pub(super) cause: Option<String>,
    /// Of one that is downloaded: its holders in other sizes than the one that is tried, the most likely first.
    pub(super) other_sizes: VecDeque<FoundFile>,
}

impl<L> Entry<L> {
    /// Whether the file is as it was when it was hashed, as far as can be seen without reading it.
    pub(super) fn is_as_hashed(&self) -> bool {
        self.stamp.as_ref().is_some_and(|stamp| stamp.is_of(&self.path))
    }
}

/// A fetch at work.
pub(super) struct Task<L> {
    pub(super) changes: mpsc::Sender<Change<L>>,
    pub(super) control: watch::Sender<Control>,
}

impl<L> Task<L> {
    /// Lets it stand still or go on; one that was ended stays so.
    pub(super) fn steer(&self, wanted: Control) {
        self.control.send_if_modified(|control| {
            let is_other = *control != Control::Cancel && *control != wanted;
            if is_other {
                *control = wanted;
            }
            is_other
        });
    }
}

/// The link to the peer of a session, with what serves it.
pub(super) struct Session<L> {
    pub(super) number: LinkNumber,
    pub(super) link: L,
    pub(super) _serving: Serving,
}

/// Everything about files at this device.
pub(crate) struct Room<L> {
    pub(super) places: Places,
    /// What is noted on the disk.
    pub(super) noted: Notes,
    /// Whether something has changed that may have to be noted.
    pub(super) has_changed: bool,
    /// Whether what an earlier run left was told.
    pub(super) is_told: bool,
    /// What an earlier run shared, and this one has not hashed yet.
    pub(super) unshared: Vec<Shared>,
    /// Folders beside the usual one in which something unfinished may lie.
    pub(super) folders: BTreeSet<PathBuf>,
    pub(super) library: Library,
    pub(super) entries: BTreeMap<TransferId, Entry<L>>,
    pub(super) sessions: BTreeMap<UserName, Session<L>>,
    pub(super) asked: BTreeMap<AskId, Asked>,
    pub(super) last_ask: u64,
    pub(super) last_transfer: u64,
    hashing: HashDesk,
    pub(super) disks: Disks,
    to_news: mpsc::Sender<RoomNews<L>>,
    news: mpsc::Receiver<RoomNews<L>>,
}

impl<L: PeerLink> Room<L> {
    /// The room of an account, with what an earlier run left.
    pub(crate) fn new(places: Places) -> Self {
        let (to_news, news) = mpsc::channel(MAX_NEWS);
        let mut room = Self {
            places,
            noted: Notes::default(),
            has_changed: false,
            is_told: false,
            unshared: Vec::new(),
            folders: BTreeSet::new(),
            library: Library::default(),
            entries: BTreeMap::new(),
            sessions: BTreeMap::new(),
            asked: BTreeMap::new(),
            last_ask: FILE_ASKS,
            last_transfer: 0,
            hashing: HashDesk::default(),
            disks: Disks::default(),
            to_news,
            news,
        };
        room.restore();
        room
    }

    /// Whether an ask is about files, and its answer for nobody else.
    pub(crate) const fn is_own(ask: AskId) -> bool {
        ask.get() >= FILE_ASKS
    }

    pub(super) fn news_sender(&self) -> mpsc::Sender<RoomNews<L>> {
        self.to_news.clone()
    }

    /// Waits for news.
    pub(crate) async fn next(&mut self) -> RoomNews<L> {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }

    /// Takes news.
    pub(crate) fn take(&mut self, news: RoomNews<L>, out: &mut Vec<RoomWish>) {
        match news {
            RoomNews::Hashed(purpose, hashed) => self.hashed(purpose, hashed, out),
            RoomNews::Fetch(id, report) => self.reported(id, report, out),
            RoomNews::Given(to, root, given) => self.given(&to, root, given, out),
            RoomNews::Named(named, file, _) => self.chunk_named(named, file, out),
        }
    }

    pub(super) fn next_ask(&mut self, asked: Asked) -> AskId {
        self.last_ask += 1;
        let ask = AskId::new(self.last_ask);
        self.asked.insert(ask, asked);
        ask
    }

    /// Whether something under way is asked of the server by files: who asked hears.
    pub(crate) fn answered(&mut self, ask: AskId, result: Result<Answer, Refusal>, out: &mut Vec<RoomWish>) {
        match (self.asked.remove(&ask), result) {
            (Some(Asked::Register(ask, file)), Ok(Answer::Registered { known })) => {
                Self::registered(ask, file, known, out);
            }
            (Some(Asked::Register(ask, file)), Err(refusal)) => self.not_registered(ask, &file, refusal, out),
            (Some(Asked::Search { ask, .. }), Err(refusal)) => {
                Self::fail(ask, refused(refusal), out);
            }
            (Some(Asked::Search { ask, name, root, folder }), Ok(Answer::Found(mut found))) => {
                found.retain(|found| root.is_none_or(|root| found.file.root == root));
                self.found(ask, &name, found, folder, out);
            }
            (Some(Asked::Introduce(id, holder)), Err(refusal)) => {
                self.source_gone(id, holder, refused(refusal).text);
            }
            _ => {}
        }
    }

    /// An ask was not answered.
    pub(crate) fn unanswered(&mut self, ask: AskId, out: &mut Vec<RoomWish>) {
        if let Some(Asked::Register(Some(ask), _) | Asked::Search { ask, .. }) = self.asked.remove(&ask) {
            let text = "the connection was lost before the answer".to_owned();
            Self::fail(ask, FileFault { code: "unanswered", text }, out);
        }
    }

    pub(super) fn fail(ask: AskId, fault: FileFault, out: &mut Vec<RoomWish>) {
        out.push(RoomWish::Tell(Event::FilesAnswered { ask, result: Err(fault) }));
    }

    pub(super) fn answer(ask: AskId, answer: FileAnswer, out: &mut Vec<RoomWish>) {
        out.push(RoomWish::Tell(Event::FilesAnswered { ask, result: Ok(answer) }));
    }

    /// Tells how a transfer stands.
    pub(super) fn tell(&self, id: TransferId, out: &mut Vec<RoomWish>) {
        if let Some(entry) = self.entries.get(&id) {
            out.push(RoomWish::Tell(Event::Transferred(entry.transfer.clone())));
        }
    }

    /// Tells how a transfer stands, and has it noted.
    pub(super) fn changed(&mut self, id: TransferId, out: &mut Vec<RoomWish>) {
        self.has_changed = true;
        self.tell(id, out);
    }

    pub(super) fn set_state(&mut self, id: TransferId, state: TransferState, out: &mut Vec<RoomWish>) {
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.transfer.state != state
        {
            entry.transfer.state = state;
            self.give_no_more(id);
            self.changed(id, out);
        }
    }

    /// A file that was sent is given to its recipient no more once it is over, unless the same content is on its way
    /// to them once more.
    fn give_no_more(&self, id: TransferId) {
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.transfer.state.is_over()) else { return };
        let (TransferKind::Sending { to }, Some(root)) = (&entry.transfer.kind, entry.root) else { return };
        let is_the_same = |other: &Entry<L>| {
            other.root == Some(root) && other.transfer.kind == entry.transfer.kind && !other.transfer.state.is_over()
        };
        if !self.entries.values().any(is_the_same) {
            self.library.withdraw(to, root);
        }
    }

    pub(super) fn new_entry(
        &mut self,
        kind: TransferKind,
        name: FileName,
        size: u64,
        root: Option<FileRoot>,
        state: TransferState,
    ) -> TransferId {
        self.forget_oldest();
        self.last_transfer += 1;
        let id = TransferId::new(self.last_transfer);
        let (done, chunks, pauses, sources, arrivals) = (0, Chunks::NONE, Pauses::default(), Vec::new(), Vec::new());
        let transfer = Transfer { id, kind, name, size, done, chunks, state, pauses, sources, arrivals };
        let (offer, path, stamp, task) = (self.last_transfer, PathBuf::new(), None, None);
        let (on, offered_in, cause, other_sizes) = (None, None, None, VecDeque::new());
        let entry = Entry { transfer, root, offer, on, offered_in, path, stamp, task, cause, other_sizes };
        self.entries.insert(id, entry);
        self.has_changed = true;
        id
    }

    fn forget_oldest(&mut self) {
        let over = || self.entries.iter().filter(|(_, entry)| entry.transfer.state.is_over());
        if over().count() >= MAX_OVER
            && let Some((oldest, _)) = over().next()
        {
            let oldest = *oldest;
            self.entries.remove(&oldest);
        }
    }

    /// Hashes a file, away from the async threads, once those before it are.
    pub(super) fn hash(&self, purpose: Purpose, path: PathBuf) {
        let (news, hashing) = (self.to_news.clone(), self.hashing.clone());
        tokio::spawn(async move {
            let hashed = hashing.hash(path).await;
            // Nobody listens once the user has signed out.
            let _ = news.send(RoomNews::Hashed(purpose, hashed)).await;
        });
    }

    pub(super) fn begin_fetch(&mut self, id: TransferId, job: Job) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let (changes, heard) = mpsc::channel(MAX_SOURCES);
        let is_still = entry.transfer.pauses.any();
        let (control, wanted) = watch::channel(if is_still { Control::Pause } else { Control::Run });
        let report = Reporter { id, news: self.to_news.clone() };
        entry.path.clone_from(&job.folder);
        entry.task = Some(Task { changes, control });
        self.has_changed = true;
        tokio::spawn(fetch::run(job, heard, wanted, report));
    }

    /// Tells a fetch of a source; one that takes none any more is at its end.
    pub(super) fn source(&self, id: TransferId, change: Change<L>) {
        if let Some(task) = self.entries.get(&id).and_then(|entry| entry.task.as_ref())
            && task.changes.try_send(change).is_err()
        {
            tracing::debug!(id = id.get(), "a source came too late");
        }
    }

    pub(super) fn source_gone(&self, id: TransferId, who: UserName, why: String) {
        self.source(id, Change::Gone(who, why));
    }

    pub(super) fn send(&self, peer: &UserName, frame: PeerFrame) -> Option<RoomWish> {
        self.sessions.get(peer).map(|session| RoomWish::Send(session.number, frame))
    }

    fn reported(&mut self, id: TransferId, report: Report, out: &mut Vec<RoomWish>) {
        match report {
            Report::Progress(progress) => self.progressed(id, progress, out),
            Report::Chunks { path, manifest, chunks } => self.chunks_came(id, path, &manifest, chunks, out),
            Report::Whole { path, manifest } => self.whole(id, path, &manifest, out),
            Report::Partly { path } => self.set_state(id, TransferState::Done { path }, out),
            Report::Cancelled => self.discarded(id, out),
            Report::Failed { cause, told } => self.fetch_failed(id, cause, told, out),
        }
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.transfer.state.is_over()
        {
            entry.task = None;
        }
    }

    /// A transfer was ended: nothing of it stays.
    pub(super) fn discarded(&mut self, id: TransferId, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let cause = entry.cause.take();
        if let Some(root) = entry.root {
            let part = Part::path_in(&entry.path, entry.transfer.name.as_str(), root);
            Part::remove(&part);
            self.unshare_part(root, &part, out);
        }
        let state = cause.map_or(TransferState::Cancelled, |cause| TransferState::Failed { cause });
        self.set_state(id, state, out);
    }

    fn progressed(&mut self, id: TransferId, progress: Progress, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if entry.transfer.state.is_over() {
            return;
        }
        let Progress { done, chunks, sources, arrivals, flow } = progress;
        let before = entry.transfer.clone();
        entry.transfer.done = done;
        entry.transfer.chunks = chunks;
        entry.transfer.sources = sources;
        entry.transfer.arrivals = arrivals;
        entry.transfer.state = match flow {
            Flow::Running => TransferState::Running,
            Flow::Paused => TransferState::Paused,
            Flow::Waiting => TransferState::Waiting,
        };
        let is_news = entry.transfer != before;
        if entry.transfer.state != before.state {
            self.has_changed = true;
        }
        if is_news {
            self.tell(id, out);
        }
    }

    /// A file is whole: its sender hears of it, or everybody, if it is shared.
    fn whole(&mut self, id: TransferId, path: PathBuf, manifest: &Arc<Manifest>, out: &mut Vec<RoomWish>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.transfer.done = entry.transfer.size;
        entry.transfer.chunks = manifest.size().all_chunks();
        let (kind, name, offer) = (entry.transfer.kind.clone(), entry.transfer.name.clone(), entry.offer);
        match kind {
            TransferKind::Receiving { from } => out.extend(self.send(&from, PeerFrame::Received { id: offer })),
            TransferKind::Downloading => self.share_whole(None, name, path.clone(), manifest, out),
            TransferKind::Sending { .. } => {}
        }
        self.set_state(id, TransferState::Done { path }, out);
    }
}

/// A refusal of the server, as one about files.
pub(super) fn refused(refusal: Refusal) -> FileFault {
    let code = whoelse_model::command::refusal_code(refusal);
    FileFault { code, text: format!("the server refused it: {code}") }
}
