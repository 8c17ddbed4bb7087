//! Files between devices in memory: shared work, liars, the dead, the slow, and programs that are killed.

#![allow(clippy::wildcard_enum_match_arm, reason = "each test looks at what it is about")]

mod kills;
mod odd;
mod restarts;
mod rooms;
mod shares;
mod stalls;

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use whoelse_model::TransferId;
use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::{FileName, FileRoot, FileSize, UserName};

use super::super::memory::{Ether, MemoryLink};
use super::super::{PeerLink as _, PeerNet as _, Use};
use super::disk::Disks;
use super::fetch::{Change, Control, Giving, Job, Progress, Report, Reporter, run};
use super::library::{Guest, Library, serve};
use super::manifest::Manifest;
use super::room::RoomNews;

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

/// A file of so many pieces, which are alike nowhere.
fn original(folder: &TempDir, pieces: u64) -> (PathBuf, Arc<Manifest>) {
    let path = folder.path().join("original");
    let bytes = usize::try_from(pieces * PIECE_BYTES).unwrap();
    let content: Vec<u8> = (0..bytes).map(|n| u8::try_from((n * 31 + n / 4096) % 251).unwrap()).collect();
    fs::write(&path, &content).unwrap();
    let size = FileSize::try_from(content.len() as u64).unwrap();
    let manifest = Manifest::of_file(&mut File::open(&path).unwrap(), size, || {}).unwrap();
    (path, Arc::new(manifest))
}

/// Two ends of a link.
async fn link(ether: &Ether, key: u8) -> (MemoryLink, MemoryLink) {
    let (here, there) = (ether.device(key), ether.device(key + 100));
    let mut admission = there.admit(here.key(), Use::Fetch);
    let ours = here.dial(there.key(), &whoelse_proto::Addresses::default(), Use::Fetch).await.unwrap();
    (ours, admission.next().await)
}

/// Somebody who gives a file, as it is at a path.
struct Giver {
    link: MemoryLink,
}

async fn giver(ether: &Ether, key: u8, path: PathBuf, manifest: &Arc<Manifest>) -> Giver {
    let library = Library::default();
    let all = manifest.size().all_chunks();
    library.register(FileName::new("plans").unwrap(), path, manifest, all);
    let (ours, theirs) = link(ether, key).await;
    tokio::spawn(serve(theirs, library, Guest::Fetching(name("asker"), manifest.root()), |_, _| {
        // Slow enough to be seen at work.
        std::thread::sleep(Duration::from_millis(15));
        std::future::ready(())
    }));
    Giver { link: ours }
}

struct Bench {
    changes: mpsc::Sender<Change<MemoryLink>>,
    control: watch::Sender<Control>,
    news: mpsc::Receiver<RoomNews<MemoryLink>>,
    task: JoinHandle<()>,
}

fn fetch(folder: PathBuf, manifest: &Manifest, giving: Giving) -> Bench {
    let (changes, heard) = mpsc::channel(64);
    let (control, wanted) = watch::channel(Control::Run);
    let (to_news, news) = mpsc::channel(1024);
    let (size, root) = (manifest.size(), manifest.root());
    let plans = FileName::new("plans").unwrap();
    let job = Job { name: plans, size, root, folder, wanted: size.all_chunks(), giving, disks: Disks::default() };
    let task = tokio::spawn(run(job, heard, wanted, Reporter { id: TransferId::new(1), news: to_news }));
    Bench { changes, control, news, task }
}

impl Bench {
    async fn expect(&self, who: &str, size: FileSize) {
        self.changes.send(Change::Expect(name(who), size.all_chunks())).await.unwrap();
    }

    async fn linked(&self, who: &str, link: &MemoryLink) {
        self.changes.send(Change::Linked(name(who), link.clone())).await.unwrap();
    }

    async fn report(&mut self) -> Report {
        match self.news.recv().await.unwrap() {
            RoomNews::Fetch(_, report) => report,
            _ => panic!("other news"),
        }
    }

    /// The last words, and what was told of the sources before.
    async fn end(mut self) -> (Report, Vec<whoelse_model::Source>) {
        let mut last = Vec::new();
        loop {
            match self.report().await {
                Report::Progress(Progress { sources, .. }) => last = sources,
                Report::Chunks { .. } => {}
                end => return (end, last),
            }
        }
    }
}

#[tokio::test]
async fn three_who_hold_a_file_give_it_together_and_a_liar_and_a_dead_one_do_not_hinder_it() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 40);
    let lies = folder.path().join("lies");
    let mut wrong = fs::read(&path).unwrap();
    for byte in &mut wrong {
        *byte ^= 1;
    }
    fs::write(&lies, wrong).unwrap();
    let honest = giver(&ether, 1, path.clone(), &manifest).await;
    let liar = giver(&ether, 2, lies, &manifest).await;
    let dying = giver(&ether, 3, path.clone(), &manifest).await;

    let mut bench = fetch(folder.path().join("in"), &manifest, Giving::Many);
    for (who, giver) in [("hans", &honest), ("lando", &liar), ("yoda", &dying)] {
        bench.expect(who, manifest.size()).await;
        bench.linked(who, &giver.link).await;
    }
    loop {
        if let Report::Progress(Progress { sources, .. }) = bench.report().await
            && sources.iter().any(|source| source.name == name("yoda") && source.bytes > 0)
        {
            break;
        }
    }
    dying.link.close();
    bench.changes.send(Change::Gone(name("yoda"), "is gone".to_owned())).await.unwrap();
    let (end, sources) = bench.end().await;
    let Report::Whole { path: got, .. } = end else { panic!("{end:?}") };
    assert_eq!(fs::read(got).unwrap(), fs::read(path).unwrap());
    let lando = sources.iter().find(|source| source.name == name("lando")).unwrap();
    assert_eq!(lando.dropped.as_deref(), Some("gave something else than the file"));
    assert_eq!(lando.bytes, 0);
    assert!(sources.iter().filter(|source| source.bytes > 0).count() >= 2, "{sources:?}");
}

#[tokio::test]
async fn a_file_that_stands_still_asks_for_nothing_until_it_goes_on() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 3);
    let source = giver(&ether, 1, path, &manifest).await;
    let bench = fetch(folder.path().join("in"), &manifest, Giving::One);
    bench.control.send_replace(Control::Pause);
    bench.expect("hans", manifest.size()).await;
    bench.linked("hans", &source.link).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!folder.path().join("in").exists());
    bench.control.send_replace(Control::Run);
    assert!(matches!(bench.end().await.0, Report::Whole { .. }));
}

#[tokio::test]
async fn what_was_ended_leaves_nothing_behind() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 30);
    let source = giver(&ether, 1, path, &manifest).await;
    let mut bench = fetch(folder.path().join("in"), &manifest, Giving::One);
    bench.expect("hans", manifest.size()).await;
    bench.linked("hans", &source.link).await;
    while !matches!(bench.report().await, Report::Progress(Progress { done, .. }) if done > 0) {}
    bench.control.send_replace(Control::Cancel);
    assert!(matches!(bench.end().await.0, Report::Cancelled));
    assert_eq!(fs::read_dir(folder.path().join("in")).unwrap().count(), 0);
}

#[tokio::test]
async fn one_who_was_introduced_for_one_file_gets_no_other() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 1);
    let library = Library::default();
    let all = manifest.size().all_chunks();
    library.register(FileName::new("plans").unwrap(), path, &manifest, all);
    let (ours, theirs) = link(&ether, 1).await;
    let other = FileRoot::from_bytes([9; 32]);
    tokio::spawn(serve(theirs, library.clone(), Guest::Fetching(name("vader"), other), |_, _| async {}));
    let size = manifest.size();
    assert!(super::ask::manifest(&ours, size, manifest.root()).await.is_err());
    assert!(super::ask::piece(&ours, manifest.root(), 0, 10).await.is_err());
    library.unregister(&FileName::new("plans").unwrap());
    let (ours, theirs) = link(&ether, 2).await;
    tokio::spawn(serve(theirs, library, Guest::Fetching(name("vader"), manifest.root()), |_, _| async {}));
    assert!(super::ask::manifest(&ours, size, manifest.root()).await.is_err(), "it is shared no longer");
}

#[tokio::test]
async fn who_promises_hashes_without_end_or_other_bytes_is_dropped() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (_, manifest) = original(&folder, 3);
    for count in [u64::MAX, 0, manifest.size().pieces() * 32 + 1] {
        let (ours, theirs) = link(&ether, 1).await;
        let bomb = tokio::spawn(async move {
            while let Ok((mut sender, _receiver)) = theirs.accept().await {
                let answer = whoelse_proto::peer::PeerAnswer::Bytes { count };
                super::super::wire::write(&mut sender, &answer).await.unwrap();
            }
        });
        let bench = fetch(folder.path().join("in"), &manifest, Giving::Many);
        bench.expect("vader", manifest.size()).await;
        bench.linked("vader", &ours).await;
        let (end, sources) = bench.end().await;
        assert!(matches!(end, Report::Failed { .. }), "{end:?}");
        let why = "the other device broke the rules: bytes of another number";
        assert_eq!(sources[0].dropped.as_deref(), Some(why));
        bomb.abort();
    }
    assert!(!folder.path().join("in").exists(), "nothing was written");
}
