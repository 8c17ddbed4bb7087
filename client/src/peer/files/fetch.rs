//! Fetching a file from all who have it: hashes first, then pieces, each verified as it comes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;
use whoelse_model::{ChunkArrival, Source, TransferId};
use whoelse_proto::peer::FileTrouble;
use whoelse_proto::{Chunks, FileName, FileRoot, FileSize, UserName};

use super::super::{PeerError, PeerLink};
use super::ask;
use super::disk::Disks;
use super::manifest::Manifest;
use super::part::{Fits, Part, whole_chunks};
use super::plan::Plan;
use super::room::RoomNews;
use super::trouble;

/// The pause between two reports of progress.
const REPORT: Duration = Duration::from_millis(200);

/// How often a source may break off before it counts as gone.
const MAX_STRIKES: u8 = 3;

/// Sources that wait to be heard of.
pub(super) const MAX_SOURCES: usize = 64;

/// Why a source is dropped whose bytes do not fit the hashes.
const SOMETHING_ELSE: &str = "gave something else than the file";

/// What to fetch, and where to.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) name: FileName,
    pub(super) size: FileSize,
    pub(super) root: FileRoot,
    pub(super) folder: PathBuf,
    pub(super) wanted: Chunks,
    pub(super) giving: Giving,
    /// Where room is promised.
    pub(super) disks: Disks,
}

/// What becomes of a source that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Giving {
    /// It is the only one, and is waited for.
    One,
    /// Others do its part.
    Many,
}

/// News of those who have the file.
#[derive(Debug)]
pub(super) enum Change<L> {
    /// Somebody has these chunks; the link is being made.
    Expect(UserName, Chunks),
    /// The link stands.
    Linked(UserName, L),
    /// It is gone, or could not be made.
    Gone(UserName, String),
}

/// What the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    Run,
    Pause,
    Cancel,
}

/// What is told of it.
#[derive(Debug)]
pub(crate) enum Report {
    /// So much is there.
    Progress(Progress),
    /// Chunks are there that were not before, in this file.
    Chunks { path: PathBuf, manifest: Arc<Manifest>, chunks: Chunks },
    /// All that was wanted is there.
    Whole { path: PathBuf, manifest: Arc<Manifest> },
    /// The wanted chunks are there; the file is not whole.
    Partly { path: PathBuf },
    /// It ended as the user wanted.
    Cancelled,
    /// It came to nothing: why, for the user and for whoever sends it.
    Failed { cause: String, told: Option<FileTrouble> },
}

impl Report {
    /// The disk of this computer refused something.
    fn of_disk(error: &std::io::Error) -> Self {
        Self::Failed { cause: whoelse_plain::file(error), told: Some(trouble::of_disk(error)) }
    }
}

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(super) done: u64,
    pub(super) chunks: Chunks,
    pub(super) sources: Vec<Source>,
    pub(super) arrivals: Vec<ChunkArrival>,
    pub(super) flow: Flow,
}

/// Where reports go.
pub(super) struct Reporter<L> {
    pub(super) id: TransferId,
    pub(super) news: mpsc::Sender<RoomNews<L>>,
}

impl<L> Reporter<L> {
    /// Waits for room. Nobody listens once the user has signed out.
    async fn tell(&self, report: Report) {
        let _ = self.news.send(RoomNews::Fetch(self.id, report)).await;
    }
}

/// Whether bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Running,
    Paused,
    Waiting,
}

/// What something under way came to.
enum Done {
    Manifest(Asked, Result<Manifest, PeerError>),
    Opened(std::io::Result<Part>),
    Piece(Asked, u64, Result<std::io::Result<Fits>, PeerError>),
}

/// Who was asked, on which of their links, and how often they had broken off by then.
#[derive(Clone)]
struct Asked {
    name: UserName,
    link: u64,
    strikes: u8,
}

/// A file that is being fetched.
struct Fetch<L> {
    job: Job,
    /// With a number each: what was asked on an earlier link says nothing of a later one.
    links: BTreeMap<UserName, (u64, L)>,
    last_link: u64,
    plan: Plan,
    manifest: Option<Arc<Manifest>>,
    part: Option<Arc<Mutex<Part>>>,
    /// Of whom the hashes are being asked; nobody, and nothing is opened, where it is `None`.
    opening: Option<UserName>,
    held: Vec<bool>,
    done: u64,
    told: Chunks,
    work: JoinSet<Done>,
    reported: Option<Instant>,
    /// Whether something has happened since.
    is_untold: bool,
    flow: Flow,
    /// How often each source broke off since its link came; the only one, since it gave something.
    strikes: BTreeMap<UserName, u8>,
}

/// Fetches until all is there, nobody is left to ask, or the user ends it.
pub(super) async fn run<L: PeerLink>(
    job: Job,
    mut changes: mpsc::Receiver<Change<L>>,
    mut control: watch::Receiver<Control>,
    report: Reporter<L>,
) {
    let mut fetch = Fetch::new(job);
    let end = loop {
        let wanted = *control.borrow_and_update();
        if wanted == Control::Cancel {
            break fetch.discard().await;
        }
        fetch.tell(&report).await;
        if let Some(end) = fetch.proceed(wanted).await {
            break end;
        }
        tokio::select! {
            Some(done) = fetch.work.join_next() => {
                if let Ok(done) = done && let Err(end) = fetch.take(done) {
                    break end;
                }
            }
            Some(change) = changes.recv() => fetch.change(change),
            heard = control.changed() => if heard.is_err() { return },
            // A report that came too soon is made up for.
            () = tokio::time::sleep(REPORT), if fetch.is_untold => continue,
        }
        fetch.is_untold = true;
    };
    fetch.reported = None;
    fetch.is_untold = true;
    fetch.tell(&report).await;
    report.tell(end).await;
}

impl<L: PeerLink> Fetch<L> {
    fn new(job: Job) -> Self {
        Self {
            plan: Plan::new(job.size, job.wanted, &[]),
            job,
            links: BTreeMap::new(),
            last_link: 0,
            manifest: None,
            part: None,
            opening: None,
            held: Vec::new(),
            done: 0,
            told: Chunks::NONE,
            work: JoinSet::new(),
            reported: None,
            is_untold: true,
            flow: Flow::Waiting,
            strikes: BTreeMap::new(),
        }
    }

    fn change(&mut self, change: Change<L>) {
        match change {
            Change::Expect(name, chunks) => self.plan.expect(name, chunks),
            Change::Linked(name, link) => {
                self.strikes.remove(&name);
                // What is under way on an earlier link is not waited for.
                self.plan.waiting(&name);
                if self.plan.ready(&name) {
                    self.last_link += 1;
                    self.links.insert(name, (self.last_link, link));
                }
            }
            Change::Gone(name, why) => {
                self.links.remove(&name);
                match self.job.giving {
                    Giving::One => self.plan.waiting(&name),
                    Giving::Many => self.plan.drop_giver(&name, why),
                }
            }
        }
    }

    /// Asks for what can be asked for. Gives the end, if it has come.
    async fn proceed(&mut self, wanted: Control) -> Option<Report> {
        if let (Some(part), Some(manifest)) = (&self.part, &self.manifest)
            && self.plan.is_complete()
        {
            let (part, manifest) = (Arc::clone(part), Arc::clone(manifest));
            return Some(self.finish(part, manifest).await);
        }
        let is_idle = self.work.is_empty() && (self.part.is_some() || self.opening.is_none());
        let is_left_alone = !self.plan.has_hope() && !self.plan.sources().is_empty();
        if is_idle && is_left_alone {
            return Some(self.left_alone());
        }
        let flow = match wanted {
            Control::Pause => Flow::Paused,
            Control::Run | Control::Cancel if self.links.is_empty() => Flow::Waiting,
            Control::Run | Control::Cancel => Flow::Running,
        };
        self.is_untold |= flow != self.flow;
        self.flow = flow;
        if wanted == Control::Run {
            self.ask();
        }
        None
    }

    /// Nobody is left to ask.
    fn left_alone(&self) -> Report {
        let first = self.plan.sources().into_iter().find_map(|source| Some((source.name, source.dropped?)));
        let (cause, told) = match (self.job.giving, first) {
            (Giving::One, Some((name, why))) => {
                let told = (why == SOMETHING_ELSE).then_some(FileTrouble::Wrong);
                (format!("the source {name}: {why}; what came is kept"), told)
            }
            (Giving::One, None) | (Giving::Many, _) => {
                ("nobody online has what is missing; what came is kept".to_owned(), None)
            }
        };
        Report::Failed { cause, told }
    }

    fn ask(&mut self) {
        let (size, root) = (self.job.size, self.job.root);
        if self.manifest.is_none() {
            let free = self.opening.is_none();
            if let Some((name, (number, link))) = self.links.iter().next().filter(|_| free) {
                let (asked, link) = (self.asked(name.clone(), *number), link.clone());
                self.opening = Some(name.clone());
                self.work.spawn(async move { Done::Manifest(asked, ask::manifest(&link, size, root).await) });
            }
            return;
        }
        let Some(part) = self.part.clone() else { return };
        while let Some((name, piece)) = self.plan.next() {
            let (Some((number, link)), Some((_, length))) = (self.links.get(&name).cloned(), size.piece(piece)) else {
                self.plan.waiting(&name);
                continue;
            };
            let (part, asked) = (Arc::clone(&part), self.asked(name, number));
            self.work.spawn(async move {
                let put = match ask::piece(&link, root, piece, length).await {
                    Ok(bytes) => Ok(put(part, piece, bytes).await),
                    Err(error) => Err(error),
                };
                Done::Piece(asked, piece, put)
            });
        }
    }

    /// # Errors
    /// The end, where nothing can be gone on with.
    fn take(&mut self, done: Done) -> Result<(), Report> {
        match done {
            Done::Manifest(_, Ok(manifest)) => {
                self.manifest = Some(Arc::new(manifest.clone()));
                let Job { folder, name, disks, .. } = self.job.clone();
                self.work.spawn(async move {
                    let opened = spawn_blocking(move || Part::open(&folder, name.as_str(), manifest, &disks)).await;
                    Done::Opened(opened.unwrap_or_else(|_| Err(std::io::Error::other("the disk's thread failed"))))
                });
            }
            Done::Manifest(asked, Err(error)) => {
                self.opening = None;
                if self.is_at_hand(&asked) {
                    self.source_failed(&asked, &error);
                }
            }
            Done::Opened(Ok(part)) => {
                self.held = part.held();
                let sources = std::mem::replace(&mut self.plan, Plan::new(self.job.size, self.job.wanted, &self.held));
                self.plan.take_givers(sources);
                self.done = (0..).zip(&self.held).filter(|(_, held)| **held).map(|(n, _)| self.length(n)).sum();
                self.part = Some(Arc::new(Mutex::new(part)));
            }
            Done::Piece(Asked { name, .. }, piece, Ok(Ok(Fits::Yes))) => {
                if self.job.giving == Giving::One {
                    self.strikes.remove(&name);
                }
                if self.plan.came(&name, piece) {
                    self.done += self.length(piece);
                    if let Some(held) = usize::try_from(piece).ok().and_then(|index| self.held.get_mut(index)) {
                        *held = true;
                    }
                }
            }
            Done::Piece(Asked { name, .. }, _, Ok(Ok(Fits::No))) => {
                self.links.remove(&name);
                self.plan.drop_giver(&name, SOMETHING_ELSE.to_owned());
            }
            Done::Opened(Err(error)) | Done::Piece(_, _, Ok(Err(error))) => {
                return Err(Report::of_disk(&error));
            }
            Done::Piece(asked, piece, Err(error)) if self.is_at_hand(&asked) => {
                self.plan.failed(&asked.name, piece);
                self.source_failed(&asked, &error);
            }
            Done::Piece(_, _, Err(_)) => {}
        }
        Ok(())
    }

    /// Whether the link on which something was asked is still the one to ask on.
    fn is_at_hand(&self, asked: &Asked) -> bool {
        self.links.get(&asked.name).is_some_and(|(number, _)| *number == asked.link)
    }

    fn length(&self, piece: u64) -> u64 {
        self.job.size.piece(piece).map_or(0, |(_, length)| length as u64)
    }

    fn asked(&self, name: UserName, link: u64) -> Asked {
        let strikes = self.strikes.get(&name).copied().unwrap_or_default();
        Asked { name, link, strikes }
    }

    /// A link that broke may come back; whoever is slow or breaks the rules is left out. What was asked at the same time
    /// and breaks off together counts once: a network that stands still for a moment holds up all of it.
    fn source_failed(&mut self, asked: &Asked, error: &PeerError) {
        let name = &asked.name;
        let strikes = self.strikes.entry(name.clone()).or_default();
        match error {
            PeerError::Broken(_) | PeerError::Unreachable(_) | PeerError::Stale | PeerError::TooSlow => {
                if *strikes > asked.strikes {
                    return;
                }
                *strikes += 1;
            }
            PeerError::Impostor | PeerError::Malformed(_) => *strikes = MAX_STRIKES,
        }
        match (error, self.job.giving) {
            (PeerError::Broken(_) | PeerError::Unreachable(_) | PeerError::Stale, _)
            | (PeerError::TooSlow, Giving::One)
                if *strikes < MAX_STRIKES => {}
            (PeerError::Broken(_) | PeerError::Unreachable(_) | PeerError::Stale, Giving::One) => {
                self.links.remove(name);
                self.plan.waiting(name);
            }
            _ => {
                self.links.remove(name);
                self.plan.drop_giver(name, error.to_string());
            }
        }
    }

    async fn tell(&mut self, report: &Reporter<L>) {
        if let (Some(part), Some(manifest)) = (&self.part, &self.manifest) {
            let chunks = whole_chunks(self.job.size, &self.held);
            if chunks != self.told {
                self.told = chunks;
                let path = part.lock().unwrap_or_else(PoisonError::into_inner).path().to_owned();
                report.tell(Report::Chunks { path, manifest: Arc::clone(manifest), chunks }).await;
            }
        }
        if self.is_untold && self.reported.is_none_or(|at| at.elapsed() >= REPORT) {
            self.reported = Some(Instant::now());
            self.is_untold = false;
            let (sources, arrivals) = (self.plan.sources(), self.plan.arrivals());
            let progress = Progress { done: self.done, chunks: self.told, sources, arrivals, flow: self.flow };
            report.tell(Report::Progress(progress)).await;
        }
    }

    async fn finish(&mut self, part: Arc<Mutex<Part>>, manifest: Arc<Manifest>) -> Report {
        self.part = None;
        self.work.shutdown().await;
        // What was written while it was called off has let go by now, or does so at once.
        let Some(part) = alone(part).await else {
            return Report::of_disk(&std::io::Error::other("the disk's thread failed"));
        };
        if whole_chunks(self.job.size, &self.held) != self.job.size.all_chunks() {
            return Report::Partly { path: part.path().to_owned() };
        }
        match spawn_blocking(move || part.finish()).await {
            Ok(Ok(path)) => Report::Whole { path, manifest },
            Ok(Err(error)) => Report::of_disk(&error),
            Err(_) => Report::of_disk(&std::io::Error::other("the disk's thread failed")),
        }
    }

    async fn discard(&mut self) -> Report {
        self.work.shutdown().await;
        if let Some(part) = self.part.take()
            && let Some(part) = alone(part).await
            && spawn_blocking(move || part.discard()).await.is_err()
        {
            tracing::error!("the disk's thread failed");
        }
        Report::Cancelled
    }
}

/// Waits until nobody else holds it: a piece that is being written cannot be called off.
async fn alone(mut part: Arc<Mutex<Part>>) -> Option<Part> {
    loop {
        match Arc::try_unwrap(part) {
            Ok(part) => return Some(part.into_inner().unwrap_or_else(PoisonError::into_inner)),
            Err(shared) => part = shared,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn put(part: Arc<Mutex<Part>>, piece: u64, bytes: Vec<u8>) -> std::io::Result<Fits> {
    let put = move || part.lock().unwrap_or_else(PoisonError::into_inner).put(piece, &bytes);
    spawn_blocking(put).await.unwrap_or_else(|_| Err(std::io::Error::other("the disk's thread failed")))
}
