//! What this device gives to others: files that were registered, files that were offered, and to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::future::Future;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};
use tokio::time::timeout;
use whoelse_model::Share;
use whoelse_proto::peer::{FileTrouble, PeerAnswer, PeerAsk};
use whoelse_proto::{Chunks, FileName, FileRoot, SharedFile, UserName};

use super::super::{PeerError, PeerLink, Receiver, Sender, wire};
use super::hashing::open_again;
use super::manifest::Manifest;

/// Bytes of a question.
const MAX_ASK: usize = 1024;

/// Questions of one peer that are answered at a time: what a fetching peer has under way, twice.
const MAX_ANSWERING: usize = 16;

/// Bytes of a file in memory at a time, for one answer.
const READ: usize = 128 * 1024;

/// For one answer. A peer that does not read it costs no more than this long.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// A file that is given.
#[derive(Clone, Debug)]
struct Item {
    path: PathBuf,
    manifest: Arc<Manifest>,
    chunks: Chunks,
    /// What it is registered as; empty if it is not.
    names: BTreeSet<FileName>,
    /// To whom it is offered.
    offered: BTreeSet<UserName>,
}

/// All that is given, and to whom it is not.
#[derive(Debug, Default)]
struct Shelf {
    items: BTreeMap<FileRoot, Item>,
    /// Who gets nothing that is registered, though it is for everybody.
    denied: BTreeSet<UserName>,
}

/// All that is given.
#[derive(Clone, Debug, Default)]
pub(super) struct Library(Arc<Mutex<Shelf>>);

/// A piece of what is given.
struct Piece {
    path: PathBuf,
    offset: u64,
    length: usize,
}

impl Library {
    fn guard(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, path: PathBuf, manifest: &Arc<Manifest>, chunks: Chunks, change: impl FnOnce(&mut Item)) {
        let fresh = || Item {
            path: path.clone(),
            manifest: Arc::clone(manifest),
            chunks,
            names: BTreeSet::new(),
            offered: BTreeSet::new(),
        };
        let items = &mut self.guard().items;
        let item = items.entry(manifest.root()).or_insert_with(fresh);
        if chunks.count() >= item.chunks.count() {
            item.chunks = chunks;
            item.path = path;
        }
        change(item);
    }

    /// Gives chunks of a file to everybody who asks for it by this name.
    pub(super) fn register(&self, name: FileName, path: PathBuf, manifest: &Arc<Manifest>, chunks: Chunks) {
        self.change(path, manifest, chunks, |item| _ = item.names.insert(name));
    }

    /// Gives a whole file to one user.
    pub(super) fn offer(&self, to: UserName, path: PathBuf, manifest: &Arc<Manifest>) {
        self.change(path, manifest, manifest.size().all_chunks(), |item| _ = item.offered.insert(to));
    }

    /// Gives a file to one user no more.
    pub(super) fn withdraw(&self, to: &UserName, root: FileRoot) {
        let items = &mut self.guard().items;
        if let Some(item) = items.get_mut(&root) {
            item.offered.remove(to);
            if item.offered.is_empty() && item.names.is_empty() {
                items.remove(&root);
            }
        }
    }

    /// Gives files of a name no more to those to whom they were not offered. Gives which.
    pub(super) fn unregister(&self, name: &FileName) -> Vec<FileRoot> {
        let mut gone = Vec::new();
        self.guard().items.retain(|root, item| {
            if item.names.remove(name) {
                gone.push(*root);
            }
            !item.names.is_empty() || !item.offered.is_empty()
        });
        gone
    }

    /// Gives what lies at a path no more. Gives whether it was registered.
    pub(super) fn forget(&self, root: FileRoot, path: &Path) -> bool {
        let items = &mut self.guard().items;
        let is_it = items.get(&root).is_some_and(|item| item.path == path);
        is_it && items.remove(&root).is_some_and(|item| !item.names.is_empty())
    }

    /// What is registered.
    pub(super) fn shares(&self) -> Vec<Share> {
        let items = &self.guard().items;
        let share = |(root, item): (&FileRoot, &Item)| {
            let (size, root) = (item.manifest.size(), *root);
            let all = item.names.iter().cloned();
            let shares = all.map(|name| Share {
                file: SharedFile { name, size, root },
                path: item.path.clone(),
                chunks: item.chunks,
            });
            shares.collect::<Vec<_>>()
        };
        items.iter().flat_map(share).collect()
    }

    /// Gives somebody nothing that is registered, from this moment.
    pub(super) fn deny(&self, name: UserName) {
        self.guard().denied.insert(name);
    }

    /// Gives somebody what is registered again.
    pub(super) fn allow(&self, name: &UserName) {
        self.guard().denied.remove(name);
    }

    /// Whether a file is registered.
    pub(super) fn is_registered(&self, root: FileRoot) -> bool {
        self.guard().items.get(&root).is_some_and(|item| !item.names.is_empty())
    }

    /// The roots of what is registered and lies at a path.
    pub(super) fn at(&self, path: &Path) -> Vec<FileRoot> {
        let guard = self.guard();
        let there = guard.items.iter().filter(|(_, item)| item.path == path && !item.names.is_empty());
        there.map(|(root, _)| *root).collect()
    }

    /// Gives a content no more to those to whom it was not offered.
    pub(super) fn unregister_root(&self, root: FileRoot) {
        let items = &mut self.guard().items;
        if let Some(item) = items.get_mut(&root) {
            item.names.clear();
            if item.offered.is_empty() {
                items.remove(&root);
            }
        }
    }

    /// Gives a file no more by this name to those to whom it was not offered. Gives whether it was registered so.
    pub(super) fn unregister_as(&self, file: &SharedFile) -> bool {
        let items = &mut self.guard().items;
        let Some(item) = items.get_mut(&file.root) else { return false };
        let was = item.names.remove(&file.name);
        if item.names.is_empty() && item.offered.is_empty() {
            items.remove(&file.root);
        }
        was
    }

    fn manifest(&self, root: FileRoot, who: &Guest) -> Option<Vec<u8>> {
        let guard = self.guard();
        let manifest = guard.for_guest(root, who)?.manifest.clone();
        drop(guard);
        Some(manifest.bytes())
    }

    fn piece(&self, root: FileRoot, piece: u64, who: &Guest) -> Option<Piece> {
        let guard = self.guard();
        let item = guard.for_guest(root, who)?;
        let size = item.manifest.size();
        let (offset, length) = size.piece(piece).filter(|_| item.chunks.contains(size.chunk_of(piece)))?;
        Some(Piece { path: item.path.clone(), offset, length })
    }

    /// Whether somebody may have a file at this moment.
    fn may_have(&self, root: FileRoot, who: &Guest) -> bool {
        self.guard().for_guest(root, who).is_some()
    }

    fn named(&self, name: &FileName, who: &Guest) -> Option<PeerAnswer> {
        let guard = self.guard();
        let (root, item) = guard.items.iter().find(|(_, item)| item.names.contains(name))?;
        guard.for_guest(*root, who)?;
        Some(PeerAnswer::File { size: item.manifest.size(), root: *root, chunks: item.chunks })
    }
}

impl Shelf {
    /// A file, if somebody may have it.
    fn for_guest(&self, root: FileRoot, who: &Guest) -> Option<&Item> {
        let item = self.items.get(&root)?;
        let is_registered = |name: &UserName| !item.names.is_empty() && !self.denied.contains(name);
        let may = match who {
            Guest::InSession(name) => is_registered(name) || item.offered.contains(name),
            Guest::Fetching(name, wanted) => is_registered(name) && root == *wanted,
        };
        may.then_some(item)
    }
}

/// What became of a piece that somebody asked for.
#[derive(Debug)]
pub(crate) enum Given {
    /// So many bytes went out.
    Bytes(u64),
    /// The file cannot be read: why, for people and for the other end.
    Unreadable { cause: String, told: FileTrouble },
}

/// Who asks, and what for.
#[derive(Clone, Debug)]
pub(super) enum Guest {
    /// The peer of a private session.
    InSession(UserName),
    /// Somebody who was introduced to fetch this file.
    Fetching(UserName, FileRoot),
}

/// The task that answers on a link. Dropped, it stops at once.
pub(crate) struct Serving(AbortHandle);

impl Serving {
    pub(super) const fn new(task: AbortHandle) -> Self {
        Self(task)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers what is asked on a link, until it is gone. `given` hears of every piece; the next one waits until it has.
pub(super) async fn serve<L: PeerLink, F: Future<Output = ()> + Send>(
    link: L,
    library: Library,
    who: Guest,
    given: impl Fn(FileRoot, Given) -> F + Clone + Send + Sync + 'static,
) {
    let mut answers = JoinSet::new();
    loop {
        tokio::select! {
            stream = link.accept(), if answers.len() < MAX_ANSWERING => {
                let Ok((sender, receiver)) = stream else { return };
                let (library, who, given) = (library.clone(), who.clone(), given.clone());
                answers.spawn(async move {
                    let answered = timeout(ANSWER_WITHIN, answer(sender, receiver, &library, &who, given)).await;
                    if let Ok(Err(error)) = answered {
                        tracing::debug!(%error, "a question was not answered");
                    }
                });
            }
            Some(_) = answers.join_next() => {}
            _ = link.gone() => return,
        }
    }
}

async fn answer<F: Future<Output = ()> + Send>(
    mut sender: Sender,
    mut receiver: Receiver,
    library: &Library,
    who: &Guest,
    given: impl Fn(FileRoot, Given) -> F,
) -> Result<(), PeerError> {
    match wire::read::<PeerAsk>(&mut receiver, MAX_ASK).await? {
        PeerAsk::Manifest { root } => say_bytes(&mut sender, library.manifest(root, who)).await?,
        PeerAsk::Piece { root, piece } => {
            let Some(piece) = library.piece(root, piece, who) else {
                wire::write(&mut sender, &PeerAnswer::No {}).await?;
                return Ok(sender.shutdown().await?);
            };
            let count = piece.length as u64;
            wire::write(&mut sender, &PeerAnswer::Bytes { count }).await?;
            let path = piece.path.clone();
            match give(&mut sender, piece, || library.may_have(root, who)).await? {
                Ok(()) => given(root, Given::Bytes(count)).await,
                // Dropped, not ended: the other end sees it break off.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !library.may_have(root, who) => {
                    return Ok(());
                }
                Err(error) => {
                    let (cause, told) = if error.kind() == io::ErrorKind::UnexpectedEof {
                        (format!("{} became shorter", path.display()), FileTrouble::Changed)
                    } else {
                        (
                            format!("cannot read {}: {}", path.display(), whoelse_plain::file(&error)),
                            FileTrouble::Unreadable,
                        )
                    };
                    given(root, Given::Unreadable { cause, told }).await;
                    // Dropped, not ended: the other end sees it break off.
                    return Ok(());
                }
            }
        }
        PeerAsk::Named { name } => {
            wire::write(&mut sender, &library.named(&name, who).unwrap_or(PeerAnswer::No {})).await?;
        }
    }
    Ok(sender.shutdown().await?)
}

async fn say_bytes(sender: &mut Sender, bytes: Option<Vec<u8>>) -> Result<(), PeerError> {
    let Some(bytes) = bytes else { return wire::write(sender, &PeerAnswer::No {}).await };
    wire::write(sender, &PeerAnswer::Bytes { count: bytes.len() as u64 }).await?;
    Ok(sender.write_all(&bytes).await?)
}

/// Gives a piece in parts, so that few bytes are in memory at a time, as long as the other end may have it. Answers with
/// what became of reading it.
async fn give(sender: &mut Sender, piece: Piece, may_have: impl Fn() -> bool) -> Result<io::Result<()>, PeerError> {
    let Piece { path, offset, length } = piece;
    let mut left = length;
    let open = move || -> io::Result<File> {
        let mut file = open_again(&path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    };
    let mut file = match spawn_blocking(open).await.map_err(io::Error::other)? {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    let mut buffer = vec![0; READ.min(length)];
    while left > 0 {
        buffer.truncate(left);
        let read = move || file.read_exact(&mut buffer).map(|()| (file, buffer));
        (file, buffer) = match spawn_blocking(read).await.map_err(io::Error::other)? {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        if !may_have() {
            return Ok(Err(io::ErrorKind::PermissionDenied.into()));
        }
        sender.write_all(&buffer).await?;
        left -= buffer.len();
    }
    Ok(Ok(()))
}
