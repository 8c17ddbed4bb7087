//! Two who send files to each other: what both see, what waits, and what outlives their programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tokio::time::timeout;
use whoelse_model::{
    AskId, Event, FileAnswer, FileFault, FileOrder, Pauses, Transfer, TransferId, TransferKind, TransferState,
};
use whoelse_proto::UserName;
use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::peer::PeerFrame;

use super::super::super::PeerLink as _;
use super::super::super::memory::{Ether, MemoryLink};
use super::super::notes::Places;
use super::super::queue::ABANDONED_AFTER;
use super::super::room::{MAX_OFFERS, Room, RoomWish};
use super::{link, name};

/// How long something may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// One who sends or takes files.
struct Desk {
    me: UserName,
    folder: TempDir,
    room: Room<MemoryLink>,
    link: Option<MemoryLink>,
    transfers: BTreeMap<TransferId, Transfer>,
    answers: Vec<Result<FileAnswer, FileFault>>,
    /// The names of files that were offered to the other, in order.
    offered: Vec<String>,
}

fn places(folder: &TempDir) -> Places {
    Places { downloads: folder.path().join("downloads"), notes: folder.path().join("files").join("notes.json") }
}

impl Desk {
    fn new(me: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(places(&folder));
        let (transfers, answers, offered) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut desk = Self { me: name(me), folder, room, link: None, transfers, answers, offered };
        desk.act(Room::line_up);
        desk
    }

    /// The program is killed and started anew.
    fn restarted(self) -> Self {
        let Self { me, folder, room, .. } = self;
        drop(room);
        let room = Room::new(places(&folder));
        let (transfers, answers, offered) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut desk = Self { me, folder, room, link: None, transfers, answers, offered };
        desk.act(Room::line_up);
        desk
    }

    /// Does something; gives what is said to the other.
    fn act(&mut self, act: impl FnOnce(&mut Room<MemoryLink>, &mut Vec<RoomWish>)) -> Vec<PeerFrame> {
        let mut wishes = Vec::new();
        act(&mut self.room, &mut wishes);
        self.room.keep_notes(&mut wishes);
        let mut frames = Vec::new();
        for wish in wishes {
            match wish {
                RoomWish::Tell(Event::Transferred(transfer)) => _ = self.transfers.insert(transfer.id, transfer),
                RoomWish::Tell(Event::FilesAnswered { result, .. }) => self.answers.push(result),
                RoomWish::Send(_, frame) => {
                    if let PeerFrame::Offer { name, .. } = &frame {
                        self.offered.push(name.to_string());
                    }
                    frames.push(frame);
                }
                _ => {}
            }
        }
        frames
    }

    /// A file of so many bytes.
    fn file(&self, called: &str, bytes: u64) -> PathBuf {
        let path = self.folder.path().join(called);
        let byte = |n: u64| u8::try_from((n * 31 + n / 4096 + called.len() as u64) % 251).unwrap();
        fs::write(&path, (0..bytes).map(byte).collect::<Vec<_>>()).unwrap();
        path
    }

    fn state(&self, called: &str) -> Option<TransferState> {
        self.transfer(called).map(|transfer| transfer.state.clone())
    }

    fn transfer(&self, called: &str) -> Option<&Transfer> {
        self.transfers.values().rev().find(|transfer| transfer.name.as_str() == called)
    }

    fn id(&self, called: &str) -> TransferId {
        self.transfer(called).unwrap().id
    }

    fn is(&self, called: &str, state: &TransferState) -> bool {
        self.state(called).as_ref() == Some(state)
    }

    fn has(&self, called: &str) -> bool {
        matches!(self.state(called), Some(TransferState::Done { .. }))
    }

    /// Where a file is that is whole.
    fn got(&self, called: &str) -> PathBuf {
        match self.state(called) {
            Some(TransferState::Done { path }) => path,
            other => panic!("{called} is {other:?}"),
        }
    }

    /// The names of what is unfinished in a folder.
    fn parts(&self, folder: &str) -> usize {
        let files = fs::read_dir(self.folder.path().join(folder));
        let is_part = |path: PathBuf| path.extension().is_some_and(|ending| ending == "part" || ending == "map");
        files.map_or(0, |files| files.filter(|file| is_part(file.as_ref().unwrap().path())).count())
    }
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Hans,
    Yoda,
}

impl Who {
    const fn other(self) -> Self {
        match self {
            Self::Hans => Self::Yoda,
            Self::Yoda => Self::Hans,
        }
    }
}

/// Hans and yoda, with or without a session.
struct Two {
    hans: Desk,
    yoda: Desk,
    ether: Ether,
    last: u8,
}

impl Two {
    fn new() -> Self {
        Self { hans: Desk::new("hans"), yoda: Desk::new("yoda"), ether: Ether::default(), last: 0 }
    }

    fn desk(&mut self, who: Who) -> &mut Desk {
        match who {
            Who::Hans => &mut self.hans,
            Who::Yoda => &mut self.yoda,
        }
    }

    /// Opens a private session.
    async fn meet(&mut self) {
        self.last += 1;
        let (ours, theirs) = link(&self.ether, self.last).await;
        let number = u64::from(self.last);
        let mut said = Vec::new();
        for (who, link) in [(Who::Hans, ours), (Who::Yoda, theirs)] {
            let other = self.desk(who.other()).me.clone();
            let desk = self.desk(who);
            desk.link = Some(link.clone());
            said.push((who, desk.act(|room, out| room.session_opened(&other, number, link, out))));
        }
        for (who, frames) in said {
            self.say(who, frames);
        }
    }

    /// Ends the session, for those who still run.
    fn part(&mut self) {
        let number = u64::from(self.last);
        for who in [Who::Hans, Who::Yoda] {
            let other = self.desk(who.other()).me.clone();
            let desk = self.desk(who);
            if let Some(link) = desk.link.take() {
                link.close();
            }
            desk.act(|room, out| room.session_closed(&other, number, out));
        }
    }

    /// Carries what one says to the other, and the answers to that.
    fn say(&mut self, from: Who, frames: Vec<PeerFrame>) {
        for frame in frames {
            let by = self.desk(from).me.clone();
            let answers = self.desk(from.other()).act(|room, out| room.frame(&by, frame, out));
            self.say(from.other(), answers);
        }
    }

    fn order(&mut self, who: Who, order: FileOrder) {
        let said = self.desk(who).act(|room, out| room.order(AskId::new(1), order, out));
        self.say(who, said);
    }

    fn refused(&mut self, who: Who, order: FileOrder) -> FileFault {
        self.order(who, order);
        self.desk(who).answers.pop().unwrap().unwrap_err()
    }

    fn send(&mut self, path: &std::path::Path) {
        self.order(Who::Hans, FileOrder::Send { to: name("yoda"), path: path.to_owned() });
    }

    fn take(&mut self, called: &str, folder: Option<PathBuf>) {
        let id = self.yoda.id(called);
        self.order(Who::Yoda, FileOrder::Take { id, folder });
    }

    /// Lets things happen until something is so.
    async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let happens = async {
            while !is_so(self) {
                let (who, news) = tokio::select! {
                    news = self.hans.room.next() => (Who::Hans, news),
                    news = self.yoda.room.next() => (Who::Yoda, news),
                };
                let said = self.desk(who).act(|room, out| room.take(news, out));
                self.say(who, said);
            }
        };
        let came_about = timeout(PATIENCE, happens).await.is_ok();
        assert!(came_about, "hans sees {:#?}, yoda {:#?}", self.hans.transfers, self.yoda.transfers);
    }
}

const LONG: u64 = 48 * PIECE_BYTES;

#[tokio::test]
async fn either_end_lets_a_file_stand_still_and_it_goes_on_once_neither_does() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    let (of_hans, of_yoda) = (two.hans.id("plans"), two.yoda.id("plans"));
    two.refused(Who::Yoda, FileOrder::Pause { id: of_yoda });
    // Before it is taken: it stands still from the beginning.
    two.order(Who::Hans, FileOrder::Pause { id: of_hans });
    two.take("plans", None);
    let both = |two: &Two, state: TransferState| two.hans.is("plans", &state) && two.yoda.is("plans", &state);
    two.until(|two| both(two, TransferState::Paused)).await;
    assert_eq!(two.yoda.transfer("plans").unwrap().done, 0);
    let there = Pauses { here: false, there: true };
    assert_eq!(two.yoda.transfer("plans").unwrap().pauses, there);
    let fault = two.refused(Who::Yoda, FileOrder::Resume { id: of_yoda });
    assert_eq!(fault.code, "invalid");

    two.order(Who::Hans, FileOrder::Resume { id: of_hans });
    two.until(|two| both(two, TransferState::Running)).await;
    two.order(Who::Yoda, FileOrder::Pause { id: of_yoda });
    two.until(|two| both(two, TransferState::Paused)).await;
    assert_eq!(two.hans.transfer("plans").unwrap().pauses, there);
    two.order(Who::Hans, FileOrder::Pause { id: of_hans });
    two.order(Who::Yoda, FileOrder::Resume { id: of_yoda });
    assert!(both(&two, TransferState::Paused), "hans wants it to");
    two.order(Who::Hans, FileOrder::Resume { id: of_hans });
    two.until(|two| two.hans.has("plans") && two.yoda.has("plans")).await;
    assert_eq!(fs::read(two.yoda.got("plans")).unwrap(), fs::read(path).unwrap());
}

#[tokio::test]
async fn what_either_end_lets_stand_still_does_so_in_the_next_session_too() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    two.take("plans", None);
    let id = two.yoda.id("plans");
    two.order(Who::Yoda, FileOrder::Pause { id });
    two.until(|two| two.hans.is("plans", &TransferState::Paused)).await;
    two.part();
    assert!(two.hans.is("plans", &TransferState::Waiting));
    assert_eq!(two.hans.transfer("plans").unwrap().pauses, Pauses::default(), "the other's word ends with the session");
    two.yoda = two.yoda.restarted();
    assert!(two.yoda.transfer("plans").unwrap().pauses.here);
    two.meet().await;
    two.until(|two| two.hans.is("plans", &TransferState::Paused) && two.yoda.is("plans", &TransferState::Paused)).await;
    let id = two.yoda.id("plans");
    two.order(Who::Yoda, FileOrder::Resume { id });
    two.until(|two| two.hans.has("plans") && two.yoda.has("plans")).await;
}

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
        let notes = places(&two.hans.folder).notes;
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
    assert!(two.yoda.is("plans", &TransferState::Cancelled), "there is nothing to answer");
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
    assert!(cause(&two, "gone").contains("gone: No such file"));
    assert_eq!(two.hans.offered, ["later"]);

    two.part();
    let written = two.hans.file("later", 11);
    two.meet().await;
    two.until(|two| matches!(two.hans.state("later"), Some(TransferState::Failed { .. }))).await;
    assert!(cause(&two, "later").starts_with(&fs::canonicalize(written).unwrap().display().to_string()));
    assert_eq!(two.hans.offered, ["later"], "in the same run too");
}

#[tokio::test]
async fn a_file_that_vanishes_on_its_way_is_told_to_both() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    fs::remove_file(path).unwrap();
    two.take("plans", None);
    two.until(|two| two.yoda.is("plans", &TransferState::Cancelled)).await;
    assert!(matches!(two.hans.state("plans"), Some(TransferState::Failed { .. })));
    assert_eq!(two.yoda.parts("downloads"), 0);
}

#[tokio::test]
async fn a_file_that_became_another_on_its_way_fails_on_both_sides() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", 3 * PIECE_BYTES);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    fs::write(path, vec![0; 3 << 20]).unwrap();
    two.take("plans", None);
    two.until(|two| two.hans.is("plans", &TransferState::Cancelled)).await;
    let cause = "hans: gave something else than the file; what came is kept".to_owned();
    assert!(two.yoda.is("plans", &TransferState::Failed { cause }));
}

#[tokio::test]
async fn no_more_is_kept_for_somebody_than_they_take() {
    let mut two = Two::new();
    let path = two.hans.file("plans", 10);
    for _ in 0..MAX_OFFERS {
        two.send(&path);
    }
    assert!(two.hans.answers.iter().all(Result::is_ok));
    let fault = two.refused(Who::Hans, FileOrder::Send { to: name("yoda"), path: path.clone() });
    assert_eq!(fault.code, "full");
    two.order(Who::Hans, FileOrder::Send { to: name("leia"), path });
    assert!(two.hans.answers.pop().unwrap().is_ok(), "others have their own room");
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
async fn a_peer_who_offers_without_end_is_remembered_in_part() {
    let mut two = Two::new();
    two.meet().await;
    for id in 0..2_000 {
        let root = whoelse_proto::FileRoot::from_bytes([7; 32]);
        let (name, size) = (whoelse_proto::FileName::new("bait").unwrap(), 10.try_into().unwrap());
        two.say(Who::Hans, vec![PeerFrame::Offer { id, name, size, root }, PeerFrame::Withdraw { id }]);
    }
    assert!(two.yoda.room.entries.len() <= 300, "{}", two.yoda.room.entries.len());
    assert!(two.yoda.transfers.values().all(|transfer| {
        transfer.kind == TransferKind::Receiving { from: name("hans") } && transfer.state == TransferState::Cancelled
    }));
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

#[tokio::test]
async fn the_same_content_may_be_on_its_way_twice() {
    let mut two = Two::new();
    two.meet().await;
    for called in ["plans", "again"] {
        let path = two.hans.folder.path().join(called);
        fs::write(&path, "the same words").unwrap();
        two.send(&path);
        two.until(|two| two.yoda.is(called, &TransferState::Offered)).await;
    }
    for called in ["plans", "again"] {
        two.take(called, None);
        two.until(|two| two.hans.has(called) && two.yoda.has(called)).await;
    }
    assert_eq!(fs::read_to_string(two.yoda.got("again")).unwrap(), "the same words");
}
