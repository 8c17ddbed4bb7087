//! Two who send files to each other: what both see, what waits, and what outlives their programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

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
use super::super::disk::Disks;
use super::super::notes::Places;
use super::super::room::{MAX_OFFERS, Room, RoomWish};
use super::{link, name};

/// How long something may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// One who sends or takes files.
pub(super) struct Desk {
    me: UserName,
    pub(super) folder: TempDir,
    room: Room<MemoryLink>,
    link: Option<MemoryLink>,
    pub(super) transfers: BTreeMap<TransferId, Transfer>,
    answers: Vec<Result<FileAnswer, FileFault>>,
    /// The names of files that were offered to the other, in order.
    pub(super) offered: Vec<String>,
}

pub(super) fn places(folder: &TempDir) -> Places {
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
    pub(super) fn restarted(self) -> Self {
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
    pub(super) fn file(&self, called: &str, bytes: u64) -> PathBuf {
        let path = self.folder.path().join(called);
        let byte = |n: u64| u8::try_from((n * 31 + n / 4096 + called.len() as u64) % 251).unwrap();
        fs::write(&path, (0..bytes).map(byte).collect::<Vec<_>>()).unwrap();
        path
    }

    pub(super) fn state(&self, called: &str) -> Option<TransferState> {
        self.transfer(called).map(|transfer| transfer.state.clone())
    }

    pub(super) fn transfer(&self, called: &str) -> Option<&Transfer> {
        self.transfers.values().rev().find(|transfer| transfer.name.as_str() == called)
    }

    pub(super) fn id(&self, called: &str) -> TransferId {
        self.transfer(called).unwrap().id
    }

    pub(super) fn is(&self, called: &str, state: &TransferState) -> bool {
        self.state(called).as_ref() == Some(state)
    }

    pub(super) fn has(&self, called: &str) -> bool {
        matches!(self.state(called), Some(TransferState::Done { .. }))
    }

    /// Where a file is that is whole.
    pub(super) fn got(&self, called: &str) -> PathBuf {
        match self.state(called) {
            Some(TransferState::Done { path }) => path,
            other => panic!("{called} is {other:?}"),
        }
    }

    /// Lets something else say what is free on the disk.
    pub(super) fn disks(&mut self, disks: Disks) {
        self.room.disks = disks;
    }

    /// The names of what is unfinished in a folder.
    pub(super) fn parts(&self, folder: &str) -> usize {
        let files = fs::read_dir(self.folder.path().join(folder));
        let is_part = |path: PathBuf| path.extension().is_some_and(|ending| ending == "part" || ending == "map");
        files.map_or(0, |files| files.filter(|file| is_part(file.as_ref().unwrap().path())).count())
    }
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
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
pub(super) struct Two {
    pub(super) hans: Desk,
    pub(super) yoda: Desk,
    ether: Ether,
    last: u8,
    /// The number of the last link; sessions have more than one.
    last_link: u8,
    /// What does not reach the other.
    pub(super) loses: fn(&PeerFrame) -> bool,
}

impl Two {
    pub(super) fn new() -> Self {
        let (hans, yoda, ether) = (Desk::new("hans"), Desk::new("yoda"), Ether::default());
        Self { hans, yoda, ether, last: 0, last_link: 0, loses: |_| false }
    }

    fn desk(&mut self, who: Who) -> &mut Desk {
        match who {
            Who::Hans => &mut self.hans,
            Who::Yoda => &mut self.yoda,
        }
    }

    /// Opens a private session.
    pub(super) async fn meet(&mut self) {
        self.last += 1;
        self.meet_again().await;
    }

    /// Goes on with a session whose link died.
    pub(super) async fn meet_again(&mut self) {
        self.last_link += 1;
        let (ours, theirs) = link(&self.ether, self.last_link).await;
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
    pub(super) fn part(&mut self) {
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
            if (self.loses)(&frame) {
                continue;
            }
            let by = self.desk(from).me.clone();
            let answers = self.desk(from.other()).act(|room, out| room.frame(&by, frame, out));
            self.say(from.other(), answers);
        }
    }

    pub(super) fn order(&mut self, who: Who, order: FileOrder) {
        let said = self.desk(who).act(|room, out| room.order(AskId::new(1), order, out));
        self.say(who, said);
    }

    fn refused(&mut self, who: Who, order: FileOrder) -> FileFault {
        self.order(who, order);
        self.desk(who).answers.pop().unwrap().unwrap_err()
    }

    pub(super) fn send(&mut self, path: &std::path::Path) {
        self.order(Who::Hans, FileOrder::Send { to: name("yoda"), path: path.to_owned() });
    }

    pub(super) fn take(&mut self, called: &str, folder: Option<PathBuf>) {
        let id = self.yoda.id(called);
        self.order(Who::Yoda, FileOrder::Take { id, folder });
    }

    /// Lets things happen until something is so.
    pub(super) async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
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

pub(super) const LONG: u64 = 48 * PIECE_BYTES;

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
async fn a_file_that_vanishes_on_its_way_is_told_to_both() {
    let mut two = Two::new();
    two.meet().await;
    let path = two.hans.file("plans", LONG);
    two.send(&path);
    two.until(|two| two.yoda.is("plans", &TransferState::Offered)).await;
    fs::remove_file(path).unwrap();
    two.take("plans", None);
    let cause = "it cannot be read any more on the computer of hans".to_owned();
    two.until(|two| two.yoda.is("plans", &TransferState::Failed { cause: cause.clone() })).await;
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
    let told = "what arrived at yoda is not what was offered".to_owned();
    two.until(|two| two.hans.is("plans", &TransferState::Failed { cause: told.clone() })).await;
    let cause = "the source hans: gave something else than the file; what came is kept".to_owned();
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
async fn a_peer_who_offers_without_end_is_remembered_in_part() {
    let mut two = Two::new();
    two.meet().await;
    for id in 0..2_000 {
        let root = whoelse_proto::FileRoot::from_bytes([7; 32]);
        let (name, size) = (whoelse_proto::FileName::new("bait").unwrap(), 10.try_into().unwrap());
        two.say(Who::Hans, vec![PeerFrame::Offer { id, name, size, root }, PeerFrame::Withdraw { id, why: None }]);
    }
    assert!(two.yoda.room.entries.len() <= 300, "{}", two.yoda.room.entries.len());
    assert!(two.yoda.transfers.values().all(|transfer| {
        transfer.kind == TransferKind::Receiving { from: name("hans") } && transfer.state == TransferState::Cancelled
    }));
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
