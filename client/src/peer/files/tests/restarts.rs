//! What outlives a session and the programs of both: files that wait, that go on, and that were abandoned.

use std::fs;
use std::time::{Duration, SystemTime};

use whoelse_model::{FileOrder, TransferState};
use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::peer::PeerFrame;

use super::super::queue::ABANDONED_AFTER;
use super::rooms::{LONG, Two, Who};

#[tokio::test]
async fn what_is_sent_to_somebody_away_waits_in_order_also_for_a_later_run() {
    let mut two = Two::new();
    for called in ["one", "two", "three", "four"] {
        let path = two.hans.file(called, 3 * PIECE_BYTES + called.len() as u64);
        two.send(&path);
        two.until(|two| two.hans.is(called, &TransferState::Waiting)).await;
    }
    let id = two.hans.id("two");
    two.order(Who::Hans, FileOrder::Cancel { id });
    assert!(two.hans.is("two", &TransferState::Cancelled));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let notes = super::rooms::places(&two.hans.folder).notes;
        assert_eq!(fs::metadata(notes).unwrap().permissions().mode() & 0o777, 0o600, "its owner's alone");
    }

    two.hans = two.hans.restarted();
    assert_eq!(two.hans.state("two"), None);
    for called in ["one", "three", "four"] {
        assert!(two.hans.is(called, &TransferState::Waiting));
    }
    two.meet().await;
    two.until(|two| two.hans.offered.len() == 3).await;
    assert_eq!(two.hans.offered, ["one", "three", "four"]);
    for called in ["one", "three", "four"] {
        two.take(called, None);
        two.until(|two| two.hans.has(called) && two.yoda.has(called)).await;
        assert_eq!(fs::read(two.yoda.got(called)).unwrap(), fs::read(two.hans.folder.path().join(called)).unwrap());
    }
    two.hans = two.hans.restarted();
    assert!(two.hans.transfers.is_empty(), "what is there waits no more");
}

#[tokio::test]
async fn an_offer_that_a_sessions_end_broke_off_is_made_again_in_a_later_run() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", 10);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.part();
    assert!(two.hans.is("plans", &TransferState::Waiting));
    assert!(two.yoda.is("plans", &TransferState::Lapsed), "it waits with hans, and there is nothing to answer");
    two.meet().await;
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.part();
    two.hans = two.hans.restarted();
    two.meet().await;
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    two.until(|two| two.hans.has("plans") && two.yoda.has("plans")).await;
}

#[tokio::test]
async fn a_file_goes_on_in_a_session_whose_link_died_and_an_outcome_that_was_not_heard_is_said_again() {
    let mut two = Two::new();
    two.meet().await;
    for called in ["plans", "unwanted"] {
        let path = two.hans.file(called, if called == "plans" { LONG } else { 10 });
        two.send(&path);
        two.until(|two| two.yoda.is(called, &TransferState::Offered)).await;
    }
    two.take("plans", None);
    two.until(|two| two.yoda.transfer("plans").unwrap().done >= 4 * PIECE_BYTES).await;
    two.part();
    assert!(two.hans.is("plans", &TransferState::Waiting) && two.yoda.is("plans", &TransferState::Waiting));
    two.meet_again().await;
    two.until(|two| two.yoda.is("unwanted", &TransferState::Offered)).await;

    two.loses = |frame| matches!(frame, PeerFrame::Received { .. } | PeerFrame::Refuse { .. });
    let id = two.yoda.id("unwanted");
    two.order(Who::Yoda, FileOrder::Refuse { id });
    two.until(|two| two.yoda.has("plans")).await;
    assert!(!two.hans.has("plans") && two.hans.is("unwanted", &TransferState::Offered));
    two.part();
    two.loses = |_| false;
    two.meet_again().await;
    two.until(|two| two.hans.has("plans") && two.hans.is("unwanted", &TransferState::Refused)).await;
    assert!(two.yoda.has("plans") && two.yoda.is("unwanted", &TransferState::Refused));
    assert_eq!(fs::read(two.yoda.got("plans")).unwrap(), fs::read(two.hans.folder.path().join("plans")).unwrap());
}

#[tokio::test]
async fn a_file_that_has_changed_or_is_gone_while_it_waited_is_not_offered() {
    let mut two = Two::new();
    for called in ["changed", "gone", "later"] {
        let path = two.hans.file(called, 10);
        two.send(&path);
        two.until(|two| two.hans.is(called, &TransferState::Waiting)).await;
    }
    two.hans = two.hans.restarted();
    fs::write(two.hans.folder.path().join("changed"), "0123456789").unwrap();
    fs::remove_file(two.hans.folder.path().join("gone")).unwrap();
    two.meet().await;
    two.until(|two| two.yoda.is("later", &TransferState::Offered)).await;
    let cause = |two: &Two, called| match two.hans.state(called) {
        Some(TransferState::Failed { cause }) => cause,
        other => panic!("{called} is {other:?}"),
    };
    assert!(cause(&two, "changed").ends_with("changed is another than when it was sent"));
    assert!(cause(&two, "gone").contains("gone: "));
    assert_eq!(two.hans.offered, ["later"]);

    two.part();
    let written = two.hans.file("later", 11);
    two.meet().await;
    two.until(|two| matches!(two.hans.state("later"), Some(TransferState::Failed { .. }))).await;
    assert!(cause(&two, "later").starts_with(&fs::canonicalize(written).unwrap().display().to_string()));
    assert_eq!(two.hans.offered, ["later"], "in the same run too");
}

#[tokio::test]
async fn a_file_goes_on_in_the_folder_that_was_chosen_after_the_program_was_killed() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    let folder = two.yoda.folder.path().join("elsewhere");
    two.take("plans", Some(folder.clone()));
    two.until(|two| two.hans.transfer("plans").unwrap().done >= 4 * PIECE_BYTES).await;
    let id = two.yoda.id("plans");
    two.order(Who::Yoda, FileOrder::Pause { id });
    two.until(|two| two.yoda.is("plans", &TransferState::Paused)).await;
    let before = two.yoda.transfer("plans").unwrap().done;
    assert!((PIECE_BYTES..LONG).contains(&before));
    two.part();
    two.yoda = two.yoda.restarted();
    assert!(two.yoda.is("plans", &TransferState::Waiting), "it is known before the sender is there");
    two.meet().await;
    let id = two.yoda.id("plans");
    two.order(Who::Yoda, FileOrder::Resume { id });
    two.until(|two| two.yoda.transfer("plans").unwrap().done > 0).await;
    assert!(two.yoda.transfer("plans").unwrap().done >= before);
    two.until(|two| two.hans.has("plans") && two.yoda.has("plans")).await;
    assert_eq!(two.yoda.got("plans"), folder.join("plans"));
    assert_eq!(fs::read(folder.join("plans")).unwrap(), fs::read(path).unwrap());
    assert_eq!(two.yoda.parts("elsewhere"), 0);
}

#[tokio::test]
async fn what_is_cancelled_while_its_sender_is_away_is_removed_at_once() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    two.until(|two| two.hans.transfer("plans").unwrap().done >= 4 * PIECE_BYTES).await;
    two.part();
    two.yoda = two.yoda.restarted();
    assert_eq!(two.yoda.parts("downloads"), 2);
    let id = two.yoda.id("plans");
    two.order(Who::Yoda, FileOrder::Cancel { id });
    assert!(two.yoda.is("plans", &TransferState::Cancelled));
    assert_eq!(two.yoda.parts("downloads"), 0);
    two.meet().await;
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    assert_ne!(two.yoda.id("plans"), id, "it is a question again");
}

#[tokio::test]
async fn parts_that_nobody_knows_of_are_removed_after_a_week_and_no_others() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    two.until(|two| two.hans.transfer("plans").unwrap().done >= 4 * PIECE_BYTES).await;
    two.part();
    let downloads = two.yoda.folder.path().join("downloads");
    let old = SystemTime::now() - ABANDONED_AFTER - Duration::from_mins(1);
    let young = SystemTime::now() - ABANDONED_AFTER + Duration::from_mins(1);
    let lay = |called: &str, at| {
        fs::write(downloads.join(called), "x").unwrap();
        fs::File::options().write(true).open(downloads.join(called)).unwrap().set_modified(at).unwrap();
    };
    for ending in ["part", "map"] {
        lay(&format!("abandoned.0123456789abcdef.{ending}"), old);
        lay(&format!("young.0123456789abcdef.{ending}"), young);
        lay(&format!("foreign.{ending}"), old);
    }
    lay("half.0123456789abcdef.part", old);
    lay("half.0123456789abcdef.map", young);
    for file in fs::read_dir(&downloads).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("plans") {
            fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        }
    }
    two.yoda = two.yoda.restarted();
    let files = fs::read_dir(&downloads).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut stems: Vec<_> = files.map(|file| file.split('.').next().unwrap().to_owned()).collect();
    stems.sort();
    assert_eq!(stems, ["foreign", "foreign", "half", "half", "plans", "plans", "young", "young"]);
    two.meet().await;
    two.until(|two| two.yoda.has("plans")).await;
}

#[tokio::test]
async fn a_file_that_was_whole_when_its_program_was_killed_is_not_fetched_once_more() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    let downloads = two.yoda.folder.path().join("downloads");
    // The note of the end is still to come.
    while !downloads.join("plans").exists() || two.yoda.parts("downloads") > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    two.part();
    two.yoda = two.yoda.restarted();
    assert_eq!(two.yoda.state("plans"), None);
    two.meet().await;
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
}
