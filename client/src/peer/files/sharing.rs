//! Files shared with everybody, through the server's index.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use whoelse_model::{Ask, AskId, Event, FileAnswer, FileFault, TransferId, TransferKind, TransferState};
use whoelse_proto::limits::MAX_FILES_PER_USER;
use whoelse_proto::peer::FileTrouble;
use whoelse_proto::{
    Chunks, FileName, FileRoot, FileSize, FilesCommand, FoundFile, Naming, Refusal, SharedFile, UserName,
};

use super::super::PeerLink;
use super::ask;
use super::fetch::{Change, Giving, Job};
use super::hashing::Hashed;
use super::manifest::Manifest;
use super::orders::no_session;
use super::room::{Asked, Named, Room, RoomNews, RoomWish};

impl<L: PeerLink> Room<L> {
    /// There is a line: what was shared before the program was started is shared again, and the server, which forgets
    /// with every session, is told what is shared.
    pub(crate) fn line_up(&mut self, out: &mut Vec<RoomWish>) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.tell_restored(out);
        }
        for share in self.library.shares() {
            self.register(None, share.file, share.chunks, out);
        }
    }

    fn register(&mut self, ask: Option<AskId>, file: SharedFile, chunks: Chunks, out: &mut Vec<RoomWish>) {
        let ask = self.next_ask(Asked::Register(ask, file.clone()));
        out.push(RoomWish::Ask(ask, Ask::Files(FilesCommand::Register { file, chunks })));
    }

    /// Shares a file that is there whole.
    pub(super) fn share(&mut self, ask: Option<AskId>, hashed: Hashed, out: &mut Vec<RoomWish>) {
        let Hashed { path, name, manifest, stamp: _ } = hashed;
        // Several may have been hashed since the user asked.
        let is_further = self.library.at(&path).is_empty();
        if let (Some(ask), Some(fault)) = (ask, self.cannot_share().filter(|_| is_further)) {
            return Self::fail(ask, fault, out);
        }
        self.unshare_former(&path, manifest.root(), out);
        self.share_whole(ask, name, path, &manifest, out);
    }

    pub(super) fn registered(ask: Option<AskId>, file: SharedFile, known: bool, out: &mut Vec<RoomWish>) {
        if let Some(ask) = ask {
            Self::answer(ask, FileAnswer::Registered { file, known }, out);
        }
    }

    /// The server does not take a file into its index: nobody would find it, so it is not shared.
    pub(super) fn not_registered(
        &mut self,
        ask: Option<AskId>,
        file: &SharedFile,
        refusal: Refusal,
        out: &mut Vec<RoomWish>,
    ) {
        if self.library.unregister_as(file) {
            self.shares_changed(out);
        }
        if let Some(ask) = ask {
            Self::fail(ask, super::room::refused(refusal), out);
        } else {
            tracing::warn!(name = %file.name, ?refusal, "a file is not shared: the server refuses it");
        }
    }

    /// Why no further file can be shared.
    pub(super) fn cannot_share(&self) -> Option<FileFault> {
        let shared = self.library.shares().len() + self.unshared.len();
        let text = format!("you share {MAX_FILES_PER_USER} files, the most there may be: unregister one first");
        (shared >= MAX_FILES_PER_USER).then_some(FileFault { code: "full", text })
    }

    fn shares_changed(&mut self, out: &mut Vec<RoomWish>) {
        self.has_changed = true;
        out.push(RoomWish::Tell(Event::Shares(self.library.shares())));
    }

    /// What was there of a file is removed: it is given to nobody.
    pub(super) fn unshare_part(&mut self, root: FileRoot, part: &Path, out: &mut Vec<RoomWish>) {
        if self.library.forget(root, part) {
            let ask = self.next_ask(Asked::Nothing);
            out.push(RoomWish::Ask(ask, Ask::Files(FilesCommand::Unregister { root })));
            self.shares_changed(out);
        }
    }

    /// What a file held before it was changed is there no more.
    fn unshare_former(&mut self, path: &Path, root: FileRoot, out: &mut Vec<RoomWish>) {
        for former in self.library.at(path).into_iter().filter(|former| *former != root) {
            self.library.unregister_root(former);
            let ask = self.next_ask(Asked::Nothing);
            out.push(RoomWish::Ask(ask, Ask::Files(FilesCommand::Unregister { root: former })));
        }
    }

    pub(super) fn unregister(&mut self, ask: AskId, name: &FileName, out: &mut Vec<RoomWish>) {
        let gone = self.library.unregister(name);
        if gone.is_empty() {
            let text = format!("you share no file called {name}");
            return Self::fail(ask, FileFault { code: "no_file", text }, out);
        }
        for root in gone {
            let ask = self.next_ask(Asked::Nothing);
            out.push(RoomWish::Ask(ask, Ask::Files(FilesCommand::Unregister { root })));
        }
        Self::answer(ask, FileAnswer::Unregistered, out);
        self.shares_changed(out);
    }

    /// Asks who has a file that is wanted.
    pub(super) fn download(
        &mut self,
        ask: AskId,
        name: FileName,
        root: Option<FileRoot>,
        folder: Option<PathBuf>,
        out: &mut Vec<RoomWish>,
    ) {
        let search = self.next_ask(Asked::Search { ask, name: name.clone(), root, folder });
        out.push(RoomWish::Ask(search, Ask::Files(FilesCommand::Search { name, any_of: None, names: Naming::Whole })));
    }

    /// The server named the holders: the content is fetched from all of them. Of several, the user chooses: that most
    /// hold one says nothing of what it holds.
    pub(super) fn found(
        &mut self,
        ask: AskId,
        name: &FileName,
        found: Vec<FoundFile>,
        folder: Option<PathBuf>,
        out: &mut Vec<RoomWish>,
    ) {
        if found.windows(2).any(|pair| matches!(pair, [one, other] if one.file.root != other.file.root)) {
            return Self::fail(ask, FileFault { code: "ambiguous", text: ambiguous(name, &found) }, out);
        }
        let mut found = VecDeque::from(found);
        let Some(first) = found.pop_front() else {
            let text = format!("not available: nobody online shares {name}");
            return Self::fail(ask, FileFault { code: "not_available", text }, out);
        };
        let (kind, state) = (TransferKind::Downloading, TransferState::Waiting);
        let (size, root) = (first.file.size.bytes(), first.file.root);
        let id = self.new_entry(kind, first.file.name.clone(), size, Some(root), state);
        Self::answer(ask, FileAnswer::Begun(id), out);
        let folder = self.folder_or_usual(folder);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.other_sizes = found;
        }
        self.fetch_found(id, first, folder, out);
    }

    /// A fetch came to nothing. A root is made with the size, so that of several that are named for one content all but
    /// one are wrong: the next is tried.
    pub(super) fn fetch_failed(
        &mut self,
        id: TransferId,
        cause: String,
        told: Option<FileTrouble>,
        out: &mut Vec<RoomWish>,
    ) {
        let entry = self.entries.get_mut(&id).filter(|_| told.is_none());
        let next = entry.and_then(|entry| Some((entry.other_sizes.pop_front()?, entry.path.clone())));
        if let Some((next, folder)) = next {
            self.fetch_found(id, next, folder, out);
        } else {
            self.tell_sender(id, told, out);
            self.set_state(id, TransferState::Failed { cause }, out);
        }
    }

    /// Fetches a content from all who hold it in this size.
    fn fetch_found(&mut self, id: TransferId, found: FoundFile, folder: PathBuf, out: &mut Vec<RoomWish>) {
        let SharedFile { name, size, root } = found.file;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.transfer.size = size.bytes();
        }
        self.tell(id, out);
        let (wanted, disks) = (size.all_chunks(), self.disks.clone());
        let job = Job { name, size, root, folder, wanted, giving: Giving::Many, disks };
        self.begin_fetch(id, job);
        for holder in found.holders.into_iter().take(super::fetch::MAX_SOURCES / 2) {
            self.source(id, Change::Expect(holder.name.clone(), holder.chunks));
            let ask = self.next_ask(Asked::Introduce(id, holder.name.clone()));
            out.push(RoomWish::Fetch(ask, root, holder.name));
        }
    }

    /// The link to a holder stands.
    pub(crate) fn fetch_linked(&self, holder: &UserName, root: FileRoot, link: &L) {
        for id in self.fetches_of(root) {
            self.source(id, Change::Linked(holder.clone(), link.clone()));
        }
    }

    /// The link to a holder is gone, or could not be made.
    pub(crate) fn fetch_unlinked(&self, holder: &UserName, root: FileRoot, why: &str) {
        for id in self.fetches_of(root) {
            self.source_gone(id, holder.clone(), why.to_owned());
        }
    }

    /// Whether a file is still being fetched.
    pub(crate) fn is_fetching(&self, root: FileRoot) -> bool {
        !self.fetches_of(root).is_empty()
    }

    fn fetches_of(&self, root: FileRoot) -> Vec<TransferId> {
        let is_it = |(_, entry): &(&TransferId, &super::room::Entry<L>)| {
            entry.root == Some(root)
                && entry.transfer.kind == TransferKind::Downloading
                && !entry.transfer.state.is_over()
        };
        self.entries.iter().filter(is_it).map(|(id, _)| *id).collect()
    }

    /// Chunks of a download are there: they are shared at once.
    pub(super) fn chunks_came(
        &mut self,
        id: TransferId,
        path: PathBuf,
        manifest: &Arc<Manifest>,
        chunks: Chunks,
        out: &mut Vec<RoomWish>,
    ) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.transfer.chunks = chunks;
        let name = entry.transfer.name.clone();
        if entry.transfer.kind != TransferKind::Downloading || chunks.is_empty() {
            return;
        }
        self.library.register(name.clone(), path, manifest, chunks);
        let (size, root) = (manifest.size(), manifest.root());
        self.register(None, SharedFile { name, size, root }, chunks, out);
        out.push(RoomWish::Tell(Event::Shares(self.library.shares())));
    }

    /// Shares a file that is there whole: for the user, or for nobody.
    pub(super) fn share_whole(
        &mut self,
        ask: Option<AskId>,
        name: FileName,
        path: PathBuf,
        manifest: &Arc<Manifest>,
        out: &mut Vec<RoomWish>,
    ) {
        let (size, root) = (manifest.size(), manifest.root());
        self.library.register(name.clone(), path, manifest, size.all_chunks());
        self.register(ask, SharedFile { name, size, root }, size.all_chunks(), out);
        self.shares_changed(out);
    }

    /// Where something goes, remembered if it is not the usual folder.
    fn folder_or_usual(&mut self, folder: Option<PathBuf>) -> PathBuf {
        let folder = folder.unwrap_or_else(|| self.places.downloads.clone());
        self.note_folder(&folder);
        folder
    }

    /// Asks the peer of a session for one chunk.
    pub(super) fn download_chunk(&mut self, named: Named, out: &mut Vec<RoomWish>) {
        let Some(session) = self.sessions.get(&named.from) else {
            return Self::fail(named.ask, no_session(&named.from), out);
        };
        let (link, news) = (session.link.clone(), self.news_sender());
        let name = named.name.clone();
        tokio::spawn(async move {
            let file = ask::named(&link, name).await.unwrap_or_default();
            // Nobody listens once the user has signed out.
            let _ = news.send(RoomNews::Named(named, file, std::marker::PhantomData)).await;
        });
    }

    pub(super) fn chunk_named(
        &mut self,
        named: Named,
        file: Option<(FileSize, FileRoot, Chunks)>,
        out: &mut Vec<RoomWish>,
    ) {
        let Named { ask, from, name, chunk, folder } = named;
        let Some((size, root, _)) = file.filter(|(_, _, chunks)| chunks.contains(chunk)) else {
            let text = format!("{from} does not share chunk {chunk} of {name}");
            return Self::fail(ask, FileFault { code: "not_available", text }, out);
        };
        let Some(link) = self.sessions.get(&from).map(|session| session.link.clone()) else {
            return Self::fail(ask, no_session(&from), out);
        };
        let wanted = Chunks::NONE.with(chunk);
        let bytes = size.bytes();
        let state = TransferState::Running;
        let id = self.new_entry(TransferKind::Downloading, name.clone(), bytes, Some(root), state);
        Self::answer(ask, FileAnswer::Begun(id), out);
        self.tell(id, out);
        let folder = self.folder_or_usual(folder);
        let disks = self.disks.clone();
        self.begin_fetch(id, Job { name, size, root, folder, wanted, giving: Giving::Many, disks });
        self.source(id, Change::Expect(from.clone(), wanted));
        self.source(id, Change::Linked(from, link));
    }
}

/// Contents that a refusal lists; a search lists all.
const MAX_LISTED: usize = 10;

/// What is said where files of one name differ.
fn ambiguous(name: &FileName, found: &[FoundFile]) -> String {
    let one = |found: &FoundFile| {
        let holders: Vec<_> = found.holders.iter().map(|holder| holder.name.to_string()).collect();
        format!("{} ({} bytes, {})", found.file.root, found.file.size.bytes(), holders.join(" and "))
    };
    let listed: Vec<_> = found.iter().take(MAX_LISTED).map(one).collect();
    let more = found.len().saturating_sub(MAX_LISTED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    let all = found.len();
    format!(
        "{all} files called {name} differ; say which: download {name} ROOT, where ROOT is {}{more}",
        listed.join(", ")
    )
}
