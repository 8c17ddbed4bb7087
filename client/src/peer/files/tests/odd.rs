//! Files that are none, that hold nothing, or that cannot be taken: told to whom they concern, and in nobody's way.

use std::fs;

use whoelse_model::{FileOrder, TransferState};
use whoelse_proto::limits::PIECE_BYTES;

use super::super::disk::{Disks, LEAVE_FREE};
use super::super::fetch::{Giving, Report};
use super::rooms::{LONG, Two, Who};
use super::{fetch, giver, original};
use crate::peer::memory::Ether;

fn failed(cause: &str) -> TransferState {
    TransferState::Failed { cause: cause.to_owned() }
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_holds_up_no_other_file() {
    use nix::sys::stat::Mode;
    let mut two = Two::new();
    two.meet().await;
    let pipe = two.hans.folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let path = two.hans.file("plans", 10);
    two.send(&pipe);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    match two.hans.state("pipe") {
        Some(TransferState::Failed { cause }) => {
            assert!(cause.ends_with("is no file but a pipe, a socket or a device"));
        }
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_in_whose_place_a_pipe_is_put_fails_and_nobody_waits_for_it() {
    use nix::sys::stat::Mode;
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", 10);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    two.take("plans", None);
    two.until(|two| matches!(two.hans.state("plans"), Some(TransferState::Failed { .. }))).await;
    two.until(|two| matches!(two.yoda.state("plans"), Some(TransferState::Failed { .. }))).await;
}

#[tokio::test]
async fn a_file_of_no_bytes_is_sent_and_taken() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("empty", 0);
    two.send(&path);
    two.until(|two| two.yoda.is("empty", &TransferState::Offered)).await;
    two.take("empty", None);
    two.until(|two| two.hans.has("empty") && two.yoda.has("empty")).await;
    assert_eq!(fs::read(two.yoda.got("empty")).unwrap(), b"");
    assert_eq!(two.yoda.parts("downloads"), 0);
}

#[tokio::test]
async fn a_shared_file_of_no_bytes_is_fetched() {
    let (folder, ether) = (tempfile::tempdir().unwrap(), Ether::default());
    let (path, manifest) = original(&folder, 0);
    assert_eq!(manifest.size().bytes(), 0);
    let giver = giver(&ether, 1, path, &manifest).await;
    let bench = fetch(folder.path().join("in"), &manifest, Giving::Many);
    bench.expect("yoda", manifest.size()).await;
    bench.linked("yoda", &giver.link).await;
    let (end, _) = bench.end().await;
    assert!(matches!(end, Report::Whole { .. }), "{end:?}");
}

#[tokio::test]
async fn who_sends_is_told_that_the_other_disk_is_full() {
    let mut two = Two::new();
    two.yoda.disks(Disks::with(|_| Some(LEAVE_FREE)));
    two.meet().await;
    let path = two.hans.file("plans", 3 * PIECE_BYTES);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    two.until(|two| two.hans.is("plans", &failed("the disk of yoda has no room for it"))).await;
    let cause = "the disk has 64 MiB free; the file needs 3 MiB, and 64 MiB stay free";
    assert_eq!(two.yoda.state("plans"), Some(failed(cause)));
    assert_eq!(two.yoda.parts("downloads"), 0, "a file without room leaves nothing behind");
}

#[tokio::test]
async fn who_sends_is_told_that_the_other_cannot_write_it() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", 10);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    let taken = two.yoda.file("taken", 1);
    two.take("plans", Some(taken.clone()));
    two.until(|two| two.hans.is("plans", &failed("it cannot be written on the computer of yoda"))).await;
    match two.yoda.state("plans") {
        Some(TransferState::Failed { cause }) => assert!(cause.contains(&*taken.to_string_lossy()), "{cause}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_takes_is_told_that_the_file_became_shorter() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    fs::write(path, "short").unwrap();
    two.take("plans", None);
    two.until(|two| two.yoda.is("plans", &failed("it was changed by hans after it was offered"))).await;
    assert_eq!(two.yoda.parts("downloads"), 0);
}

#[tokio::test]
async fn what_a_user_ends_is_told_without_a_cause() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    let id = two.hans.id("plans");
    two.order(Who::Hans, FileOrder::Cancel { id });
    two.until(|two| two.yoda.is("plans", &TransferState::Cancelled)).await;
    assert_eq!(two.hans.state("plans"), Some(TransferState::Cancelled));
}
