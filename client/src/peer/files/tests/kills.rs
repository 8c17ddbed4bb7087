//! Programs that are killed on either side, at points drawn from a seed: what was verified is not asked for again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet, yield_now};
use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::peer::{PeerAnswer, PeerAsk};

use super::super::super::memory::{Ether, MemoryLink};
use super::super::super::{PeerLink as _, Receiver, Sender, wire};
use super::super::fetch::{Change, Giving, Report};
use super::super::manifest::Manifest;
use super::super::part::Part;
use super::{Bench, fetch, link, name, original};

/// Kills, of either side.
const KILLS: u8 = 64;

/// What a kill may cost: all that is under way.
const MOST_AGAIN: u64 = 8 << 20;

/// Pieces that are given between two kills at most; a file of more than these times the kills is not whole before.
const MOST_PIECES: u64 = 2;

/// Numbers from a seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What a sender gives, and what it was asked for, over all its lives.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    manifest: Arc<Manifest>,
    asked: Arc<Mutex<Asked>>,
}

/// What a sender was asked for.
#[derive(Debug, Default)]
struct Asked {
    bytes: u64,
    /// The pieces that the recipient had verified and noted when it was killed.
    verified: BTreeSet<u64>,
    /// Of these, how many it asked for again.
    again: u64,
}

impl Source {
    fn note(&self, piece: u64, length: usize) {
        let mut asked = self.asked.lock().unwrap();
        asked.bytes += length as u64;
        asked.again += u64::from(asked.verified.contains(&piece));
    }

    /// What a recipient that was killed has on its disk.
    fn note_verified(&self, target: &Path) {
        let map = Part::path_in(target, "plans", self.manifest.root()).with_extension("map");
        let marks = fs::read(map).unwrap_or_default();
        let held = (0..).zip(marks).filter(|(_, mark)| *mark == 1).map(|(piece, _)| piece);
        self.asked.lock().unwrap().verified.extend(held);
    }

    async fn answer(&self, mut sender: Sender, mut receiver: Receiver, pieces: &Semaphore) {
        match wire::read::<PeerAsk>(&mut receiver, 1024).await.unwrap() {
            PeerAsk::Manifest { .. } => {
                let bytes = self.manifest.bytes();
                wire::write(&mut sender, &PeerAnswer::Bytes { count: bytes.len() as u64 }).await.unwrap();
                sender.write_all(&bytes).await.unwrap();
            }
            PeerAsk::Piece { piece, .. } => {
                let (offset, length) = self.manifest.size().piece(piece).unwrap();
                self.note(piece, length);
                pieces.acquire().await.unwrap().forget();
                let mut bytes = vec![0; length];
                let mut file = File::open(&self.path).unwrap();
                file.seek(SeekFrom::Start(offset)).unwrap();
                file.read_exact(&mut bytes).unwrap();
                wire::write(&mut sender, &PeerAnswer::Bytes { count: length as u64 }).await.unwrap();
                // The other end may be killed meanwhile.
                let _ = sender.write_all(&bytes).await;
            }
            PeerAsk::Named { .. } => panic!("nobody asks for names"),
        }
    }
}

/// A sender from its start to its end.
struct Life {
    /// The recipient's end of the link.
    link: MemoryLink,
    task: JoinHandle<()>,
    given: mpsc::UnboundedReceiver<()>,
}

impl Life {
    /// Gives so many pieces, and then nothing more.
    async fn start(source: &Source, ether: &Ether, key: u8, pieces: usize) -> Self {
        let (ours, theirs) = link(ether, key).await;
        let (source, pieces) = (source.clone(), Arc::new(Semaphore::new(pieces)));
        let (to_test, given) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut answers = JoinSet::new();
            while let Ok((sender, receiver)) = theirs.accept().await {
                let (source, pieces, to_test) = (source.clone(), Arc::clone(&pieces), to_test.clone());
                answers.spawn(async move {
                    source.answer(sender, receiver, &pieces).await;
                    // The test may have seen enough.
                    let _ = to_test.send(());
                });
            }
        });
        Self { link: ours, task, given }
    }

    fn kill(&self) {
        self.link.close();
        self.task.abort();
    }
}

async fn begin(source: &Source, target: PathBuf) -> Bench {
    let bench = fetch(target, &source.manifest, Giving::One);
    bench.expect("hans", source.manifest.size()).await;
    bench
}

/// Kills one side or the other again and again, then lets the file become whole. Gives what was asked for.
async fn killed(seed: u64) -> Asked {
    let (folder, ether, mut draw) = (tempfile::tempdir().unwrap(), Ether::default(), Draw(seed));
    let (path, manifest) = original(&folder, u64::from(KILLS) * MOST_PIECES + 2);
    let source = Source { path: path.clone(), manifest, asked: Arc::default() };
    let target = folder.path().join("in");
    let mut bench = begin(&source, target.clone()).await;
    for key in 1..=KILLS {
        let pieces = usize::try_from(draw.below(MOST_PIECES + 1)).unwrap();
        let mut life = Life::start(&source, &ether, key, pieces).await;
        bench.linked("hans", &life.link).await;
        // The manifest too, where it is asked for: a recipient that was not killed has it.
        for _ in 0..pieces {
            life.given.recv().await.unwrap();
        }
        for _ in 0..draw.below(64) {
            yield_now().await;
        }
        life.kill();
        if draw.below(2) == 0 {
            bench.task.abort();
            // It ended as it was told to.
            let _ = bench.task.await;
            source.note_verified(&target);
            bench = begin(&source, target.clone()).await;
        } else {
            bench.changes.send(Change::Gone(name("hans"), "was killed".to_owned())).await.unwrap();
        }
    }
    let life = Life::start(&source, &ether, KILLS + 1, Semaphore::MAX_PERMITS).await;
    bench.linked("hans", &life.link).await;
    let (end, _) = bench.end().await;
    let Report::Whole { path: got, .. } = end else { panic!("{end:?}") };
    assert!(fs::read(got).unwrap() == fs::read(&path).unwrap());
    let asked = std::mem::take(&mut *source.asked.lock().unwrap());
    assert!(!asked.verified.is_empty(), "it was killed with something on its disk");
    asked
}

#[tokio::test]
async fn killed_on_either_side_at_64_points_it_asks_again_for_no_more_than_was_under_way() {
    let size = (u64::from(KILLS) * MOST_PIECES + 2) * PIECE_BYTES;
    for seed in [1, 2] {
        let asked = killed(seed).await;
        let most = size + u64::from(KILLS) * MOST_AGAIN;
        assert!((size..=most).contains(&asked.bytes), "seed {seed}: {} bytes of at most {most}", asked.bytes);
        assert_eq!(asked.again, 0, "seed {seed}: what was verified is asked for once");
    }
}
