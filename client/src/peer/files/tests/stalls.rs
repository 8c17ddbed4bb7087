//! A network that stands still for a while in the middle of a file.

use tokio::io::AsyncWriteExt as _;
use whoelse_proto::peer::{PeerAnswer, PeerAsk};

use super::super::super::{Receiver, Sender, wire};
use super::*;

/// Gives a file, and leaves so many questions for pieces without an answer before.
async fn give_after(link: MemoryLink, content: Vec<u8>, manifest: Arc<Manifest>, silent: usize) {
    let mut unanswered: Vec<(Sender, Receiver)> = Vec::new();
    while let Ok((mut sender, mut receiver)) = link.accept().await {
        let bytes = match wire::read::<PeerAsk>(&mut receiver, 1024).await {
            Ok(PeerAsk::Manifest { .. }) => manifest.bytes(),
            Ok(PeerAsk::Piece { .. }) if unanswered.len() < silent => {
                unanswered.push((sender, receiver));
                continue;
            }
            Ok(PeerAsk::Piece { piece, .. }) => {
                let (offset, length) = manifest.size().piece(piece).unwrap();
                content[usize::try_from(offset).unwrap()..][..length].to_vec()
            }
            other => panic!("{other:?}"),
        };
        let count = bytes.len() as u64;
        // Who asked may have given up.
        let _ = wire::write(&mut sender, &PeerAnswer::Bytes { count }).await;
        let _ = sender.write_all(&bytes).await;
        let _ = sender.shutdown().await;
    }
}

async fn fetched(silent: usize) -> (Report, Vec<whoelse_model::Source>) {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 24);
    let (ours, theirs) = link(&ether, 1).await;
    tokio::spawn(give_after(theirs, fs::read(path).unwrap(), Arc::clone(&manifest), silent));
    let bench = fetch(folder.path().join("in"), &manifest, Giving::One);
    bench.expect("hans", manifest.size()).await;
    bench.linked("hans", &ours).await;
    bench.end().await
}

#[tokio::test(start_paused = true)]
async fn all_that_stands_still_at_once_counts_as_one_pause_of_the_only_source() {
    // Two rounds of all that is asked for at a time.
    let (end, sources) = fetched(16).await;
    assert!(matches!(end, Report::Whole { .. }), "{end:?}");
    assert_eq!(sources[0].dropped, None);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_gives_nothing_again_and_again_is_left_with_the_reason() {
    let (end, sources) = fetched(usize::MAX).await;
    let Report::Failed { cause, .. } = end else { panic!("{end:?}") };
    assert!(cause.starts_with("the source hans: the other device did not answer in time"), "{cause}");
    assert!(sources[0].dropped.is_some());
}
