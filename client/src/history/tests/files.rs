//! Files of a history that are removed, replaced, emptied or damaged, with the program running and without.

use std::fs;
use std::path::{Path, PathBuf};

use whoelse_model::{HistoryRemedy, HistoryTrouble};
use whoelse_sqlite::Access;

use super::super::set_aside;
use super::super::thread::History;
use super::*;
use crate::error::Error;

impl Fixture {
    fn file(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("history.sqlite{ending}"))
    }

    /// The files as a killed program leaves them.
    fn killed(&self) -> TempDir {
        let left = tempfile::tempdir().unwrap();
        for ending in ["", "-wal", "-shm"] {
            fs::copy(self.file(ending), left.path().join(format!("history.sqlite{ending}"))).unwrap();
        }
        left
    }
}

fn trouble(path: &Path) -> HistoryTrouble {
    match Database::open(path) {
        Err(Error::History(trouble)) => trouble,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
#[test]
fn what_would_be_written_to_a_history_that_is_gone_is_refused_and_what_is_there_is_read() {
    type Blow = fn(&Fixture);
    let blows: [(Blow, &str); 3] = [
        (|history| fs::remove_file(history.file("")).unwrap(), "removed"),
        (
            |history| {
                fs::copy(history.file(""), history.file("-copy")).unwrap();
                fs::rename(history.file("-copy"), history.file("")).unwrap();
            },
            "replaced",
        ),
        (|history| fs::write(history.file(""), b"").unwrap(), "emptied"),
    ];
    for (blow, what) in blows {
        let mut history = Fixture::new();
        history.put(arrived(1, yoda()));
        blow(&history);
        let put = DiskOp::PutIncoming { message: arrived(2, yoda()), seq: Seq::new(2), delivery: Delivery::OnDisk };
        let fault = history.op(put).unwrap_err();
        assert!(fault.cause.contains(what) && fault.cause.contains("start the program again"), "{fault:?}");
        if what != "emptied" {
            assert_eq!(history.all(&yoda()).len(), 1);
        }
    }
}

#[test]
fn a_log_without_its_history_is_told_and_kept() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    for empty in [false, true] {
        let left = history.killed();
        let path = left.path().join("history.sqlite");
        if empty {
            fs::write(&path, b"").unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let trouble = trouble(&path);
        assert_eq!(trouble.remedy, HistoryRemedy::SetAside);
        assert!(trouble.to_string().contains("what was kept last is in"), "{trouble}");
        set_aside(&path, NOW).unwrap();
        assert!(Database::open(&path).is_ok(), "moved away, it makes room for a new one");
    }
}

#[test]
fn an_emptied_history_is_begun_anew_and_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    fs::write(&path, b"").unwrap();
    let (mut history, _) = History::open(&path).unwrap();
    assert!(history.take_news().is_some_and(|news| news.contains("was empty: a new one is begun")));
    history.close();
    let (mut history, _) = History::open(&path).unwrap();
    assert_eq!(history.take_news(), None);
}

#[test]
fn a_log_that_was_damaged_is_told() {
    let mut history = Fixture::new();
    for n in 1..9 {
        history.put(arrived(n, yoda()));
    }
    let left = history.killed();
    let log = left.path().join("history.sqlite-wal");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, bytes).unwrap();
    let (_, news) = Database::open(&left.path().join("history.sqlite")).unwrap();
    assert!(news.is_some_and(|news| news.contains("is damaged: what was kept last may be missing")));
}

#[test]
fn a_damaged_history_names_its_file_and_what_to_do() {
    let mut history = Fixture::new();
    history.put(arrived(1, yoda()));
    let Fixture { folder, database, .. } = history;
    drop(database);
    let path = folder.path().join("history.sqlite");
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    let trouble = trouble(&path);
    assert_eq!(trouble.remedy, HistoryRemedy::SetAside);
    let said = trouble.to_string();
    assert!(said.contains(&path.display().to_string()) && said.ends_with("move it away to begin a new one"), "{said}");
}

#[test]
fn without_shared_memory_another_journal_keeps_what_is_written_and_searches_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    fs::create_dir(folder.path().join("history.sqlite-shm")).unwrap();
    let (database, news) = Database::open(&path).unwrap();
    assert!(matches!(database.access(), Access::Journal { .. }));
    assert_eq!(news, None);
    let mut history = Fixture { folder, database, tickets: 0 };
    history.put(arrived(1, yoda()));
    assert_eq!(history.restarted().all(&yoda()).len(), 1);
}
