//! What is shared with everybody, as the server answers: which content is fetched, where to, and what is not shared.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use whoelse_model::{Ask, AskId, Event, FileAnswer, FileFault, FileOrder};
use whoelse_proto::limits::MAX_FILES_PER_USER;
use whoelse_proto::{Answer, Chunks, FileName, FileRoot, FilesCommand, FoundFile, Holder, Refusal, SharedFile};

use super::super::fetch::Report;
use super::super::manifest::Manifest;
use super::super::room::{Room, RoomNews, RoomWish};
use super::rooms::places;
use super::{name, original};
use crate::peer::memory::MemoryLink;

/// A room, and what it wished.
struct Table {
    folder: TempDir,
    room: Room<MemoryLink>,
    out: Vec<RoomWish>,
}

impl Table {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut table = Self { room: Room::new(places(&folder)), folder, out: Vec::new() };
        table.room.line_up(&mut table.out);
        table
    }

    fn order(&mut self, order: FileOrder) {
        self.out.clear();
        self.room.order(AskId::new(1), order, &mut self.out);
    }

    /// What the server is asked.
    fn asked(&self) -> Vec<(AskId, FilesCommand)> {
        let asked = |wish: &RoomWish| match wish {
            RoomWish::Ask(ask, Ask::Files(command)) => Some((*ask, command.clone())),
            _ => None,
        };
        self.out.iter().filter_map(asked).collect()
    }

    /// The server answers the last question.
    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        let (ask, _) = self.asked().pop().unwrap();
        self.out.clear();
        self.room.answered(ask, answer, &mut self.out);
    }

    fn result(&self) -> Result<FileAnswer, FileFault> {
        let result = |wish: &RoomWish| match wish {
            RoomWish::Tell(Event::FilesAnswered { result, .. }) => Some(result.clone()),
            _ => None,
        };
        self.out.iter().find_map(result).unwrap()
    }

    /// Registers a file as a user does, until it is hashed.
    async fn register(&mut self, path: PathBuf) {
        self.order(FileOrder::Register { path });
        let news = self.room.next().await;
        self.room.take(news, &mut self.out);
    }

    fn file(&self, called: &str) -> PathBuf {
        let path = self.folder.path().join(called);
        fs::write(&path, called).unwrap();
        path
    }

    /// The names of what is noted as shared.
    fn noted(&mut self) -> Vec<String> {
        self.room.keep_notes(&mut Vec::new());
        let mut names: Vec<_> = self.room.noted.shares.iter().map(|shared| shared.name.to_string()).collect();
        names.sort();
        names
    }
}

fn file_name(raw: &str) -> FileName {
    FileName::new(raw).unwrap()
}

fn found(root: u8, size: u64, holders: &[&str]) -> FoundFile {
    let file = SharedFile {
        name: file_name("plans.pdf"),
        size: size.try_into().unwrap(),
        root: FileRoot::from_bytes([root; 32]),
    };
    let holder = |who: &&str| Holder { name: name(who), chunks: Chunks::NONE.with(1) };
    FoundFile { file, holders: holders.iter().map(holder).collect() }
}

#[tokio::test]
async fn of_files_that_differ_none_is_fetched_until_the_user_says_which() {
    let both = || Ok(Answer::Found(vec![found(7, 600_000, &["vader", "palpatine"]), found(5, 400_000, &["leia"])]));
    let mut table = Table::new();
    let download = |root| FileOrder::Download { name: file_name("plans.pdf"), root, folder: None };
    table.order(download(None));
    table.answered(both());
    let fault = table.result().unwrap_err();
    assert_eq!(fault.code, "ambiguous");
    let (theirs, hers) = ("07".repeat(32), "05".repeat(32));
    let told = format!(
        "2 files called plans.pdf differ; say which: download plans.pdf ROOT, where ROOT is {theirs} (600000 bytes, vader \
         and palpatine), {hers} (400000 bytes, leia)"
    );
    assert_eq!(fault.text, told);
    assert!(table.room.entries.is_empty(), "nothing has begun");

    table.order(download(Some(FileRoot::from_bytes([5; 32]))));
    table.answered(both());
    assert!(matches!(table.result(), Ok(FileAnswer::Begun(_))));
    let fetched = |wish: &RoomWish| matches!(wish, RoomWish::Fetch(_, root, who) if *who == name("leia") && root.as_bytes() == &[5; 32]);
    assert!(table.out.iter().any(fetched));
    assert_eq!(table.room.entries.len(), 1);

    table.order(download(Some(FileRoot::from_bytes([1; 32]))));
    table.answered(both());
    assert_eq!(table.result().unwrap_err().code, "not_available");
}

#[tokio::test]
async fn a_size_that_a_liar_names_for_a_content_keeps_nobody_from_it() {
    let both = || Ok(Answer::Found(vec![found(5, 600_000, &["vader"]), found(5, 400_000, &["leia"])]));
    for root in [None, Some(FileRoot::from_bytes([5; 32]))] {
        let mut table = Table::new();
        table.order(FileOrder::Download { name: file_name("plans.pdf"), root, folder: None });
        table.answered(both());
        let Ok(FileAnswer::Begun(id)) = table.result() else { panic!("it begins") };
        let introduced = |table: &Table| -> Vec<String> {
            let to = |wish: &RoomWish| match wish {
                RoomWish::Fetch(_, _, who) => Some(who.to_string()),
                _ => None,
            };
            table.out.iter().filter_map(to).collect()
        };
        assert_eq!(introduced(&table), ["vader"]);

        let failed = || Report::Failed { cause: "nobody has it".to_owned(), told: None };
        table.out.clear();
        table.room.take(RoomNews::Fetch(id, failed()), &mut table.out);
        assert_eq!(introduced(&table), ["leia"]);
        let entry = &table.room.entries[&id];
        assert_eq!((entry.transfer.size, entry.transfer.state.is_over()), (400_000, false));

        table.room.take(RoomNews::Fetch(id, failed()), &mut table.out);
        assert!(table.room.entries[&id].transfer.state.is_over(), "there is no further size");
    }
}

#[tokio::test]
async fn a_download_goes_into_the_folder_that_was_named() {
    let mut table = Table::new();
    let folder = table.folder.path().join("elsewhere");
    table.order(FileOrder::Download { name: file_name("plans.pdf"), root: None, folder: Some(folder.clone()) });
    table.answered(Ok(Answer::Found(vec![found(7, 10, &["leia"])])));
    let entry = table.room.entries.values().next().unwrap();
    assert_eq!(entry.path, folder);
    assert!(table.room.folders.contains(&folder), "what is abandoned there is found");
}

#[tokio::test]
async fn what_the_server_does_not_take_is_neither_shared_nor_noted() {
    let mut table = Table::new();
    for called in ["one", "two"] {
        let path = table.file(called);
        table.register(path).await;
        let answer = if called == "one" { Ok(Answer::Registered { known: false }) } else { Err(Refusal::Full) };
        table.answered(answer);
    }
    assert_eq!(table.result().unwrap_err().code, "full");
    assert_eq!(table.noted(), ["one"]);
}

#[tokio::test]
async fn a_file_that_is_changed_and_registered_again_is_shared_as_it_is_alone() {
    let mut table = Table::new();
    let path = table.file("plans");
    table.register(path.clone()).await;
    let former = table.room.library.shares()[0].file.root;
    table.answered(Ok(Answer::Registered { known: false }));
    fs::write(&path, "short").unwrap();
    table.register(path).await;
    let asked: Vec<_> = table.asked().into_iter().map(|(_, command)| command).collect();
    assert!(
        matches!(&asked[..], [FilesCommand::Unregister { root }, FilesCommand::Register { file, .. }] if *root == former && file.size.bytes() == 5),
        "{asked:?}"
    );
    table.answered(Ok(Answer::Registered { known: false }));
    assert_eq!(table.room.library.shares().len(), 1);
}

#[tokio::test]
async fn no_more_is_shared_than_the_server_takes() {
    let mut table = Table::new();
    let (path, manifest) = original(&table.folder, 1);
    for n in 0..MAX_FILES_PER_USER - 1 {
        let name = file_name(&format!("f{n}"));
        table.room.library.register(name, path.clone(), &Arc::<Manifest>::clone(&manifest), Chunks::NONE.with(1));
    }
    let last = table.file("last");
    table.register(last.clone()).await;
    table.answered(Ok(Answer::Registered { known: false }));
    assert!(table.result().is_ok());
    let further = table.file("further");
    table.register(further).await;
    let fault = table.result().unwrap_err();
    assert_eq!(
        (fault.code, fault.text.as_str()),
        ("full", "you share 1000 files, the most there may be: unregister one first")
    );
    assert!(table.asked().is_empty());
    table.register(last).await;
    assert_eq!(table.asked().len(), 1, "what is shared may be registered again");
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_at_a_path_that_is_not_unicode_stays_shared_with_all_others() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut table = Table::new();
    let odd = table.folder.path().join(std::ffi::OsStr::from_bytes(b"bad\xff.txt"));
    fs::write(&odd, "odd").unwrap();
    let plain = table.file("plain");
    for path in [odd, plain] {
        table.register(path).await;
        table.answered(Ok(Answer::Registered { known: false }));
    }
    assert_eq!(table.noted(), ["bad\u{fffd}.txt", "plain"]);
    let mut again: Room<MemoryLink> = Room::new(places(&table.folder));
    again.line_up(&mut table.out);
    for _ in 0..2 {
        let news = again.next().await;
        again.take(news, &mut table.out);
    }
    assert_eq!(again.library.shares().len(), 2);
}
