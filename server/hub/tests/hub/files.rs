//! SPEC section 6: the index of shared files.

use whoelse_hub::ConnId;
use whoelse_proto as proto;
use whoelse_proto::limits::{MAX_FILES_PER_USER, MAX_FOUND_FILES};
use whoelse_proto::{Chunks, FileName, FileRoot, FileSize, FilesCommand, Naming, SharedFile};

use crate::house::{House, name};
use crate::private::with_devices;

fn file(raw: &str, root: u8) -> SharedFile {
    let size = FileSize::try_from(70_000).unwrap();
    SharedFile { name: FileName::new(raw).unwrap(), size, root: FileRoot::from_bytes([root; 32]) }
}

fn chunks(numbers: &[u8]) -> Chunks {
    numbers.iter().fold(Chunks::NONE, |chunks, n| chunks.with(*n))
}

impl House {
    fn files(&mut self, conn: ConnId, command: FilesCommand) {
        self.ask(conn, proto::Command::Files(command));
    }

    fn register_file(&mut self, conn: ConnId, file: SharedFile, held: &[u8]) {
        self.files(conn, FilesCommand::Register { file, chunks: chunks(held) });
    }

    fn search(&mut self, conn: ConnId, raw: &str, wanted: Option<&[u8]>) {
        let name = FileName::new(raw).unwrap();
        self.files(conn, FilesCommand::Search { name, any_of: wanted.map(chunks), names: Naming::Whole });
    }

    fn list(&mut self, conn: ConnId, raw: &str, names: Naming) {
        let name = FileName::new(raw).unwrap();
        self.files(conn, FilesCommand::Search { name, any_of: None, names });
    }

    fn fetch(&mut self, conn: ConnId, root: u8, holder: &str) {
        let root = FileRoot::from_bytes([root; 32]);
        self.files(conn, FilesCommand::Fetch { root, holder: name(holder) });
    }

    fn unregister(&mut self, conn: ConnId, root: u8) {
        self.files(conn, FilesCommand::Unregister { root: FileRoot::from_bytes([root; 32]) });
    }
}

const ALL: [u8; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

#[test]
fn a_registered_file_is_found_with_its_holders_and_their_chunks() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.register_file(yoda, file("plans", 1), &[2, 3]);
    house.register_file(yoda, file("plans", 1), &[5]);
    assert_eq!(house.news(), ["hans: registered", "yoda: registered, known", "yoda: registered, known"]);
    house.search(leia, "plans", None);
    house.search(leia, "plan", None);
    house.search(hans, "plans", None);
    assert_eq!(
        house.news(),
        [
            "leia: found plans 1 by hans {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, yoda {2, 3, 5}",
            "leia: found",
            "hans: found plans 1 by yoda {2, 3, 5}",
        ]
    );
}

#[test]
fn files_are_found_by_a_part_of_their_name_in_whatever_case_or_listed_all() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.register_file(hans, file("The Plans.pdf", 1), &[1]);
    house.register_file(hans, file("notes", 2), &[1]);
    house.register_file(yoda, file("plans of old", 3), &[1]);
    house.news();
    house.list(leia, "PLANS", Naming::Part);
    house.list(leia, "plan", Naming::Whole);
    house.list(leia, "*", Naming::Any);
    house.list(hans, "*", Naming::Any);
    assert_eq!(
        house.news(),
        [
            "leia: found The Plans.pdf 1 by hans {1}; plans of old 3 by yoda {1}",
            "leia: found",
            "leia: found The Plans.pdf 1 by hans {1}; notes 2 by hans {1}; plans of old 3 by yoda {1}",
            "hans: found plans of old 3 by yoda {1}",
        ]
    );
}

#[test]
fn a_list_hides_who_has_blocked_the_one_who_asks_and_leaves_room_for_others() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    for root in 0..=u8::MAX {
        house.register_file(hans, file(&format!("a {root:03}"), root), &[1]);
    }
    house.register_file(yoda, file("b", 1), &[1]);
    house.news();
    house.list(leia, "*", Naming::Any);
    let found = house.news_of("leia").concat();
    assert!(found.contains("b 1 by yoda"), "{found}");
    assert_eq!(found.matches(" by hans ").count(), MAX_FOUND_FILES / 2);
    house.block(yoda, "leia");
    house.pass(1);
    house.news();
    house.list(leia, "b", Naming::Part);
    assert_eq!(house.news_of("leia"), ["found"]);
}

#[test]
fn a_search_for_chunks_finds_who_holds_any_of_them() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.register_file(hans, file("plans", 1), &[1, 2]);
    house.register_file(yoda, file("plans", 1), &[9]);
    house.news();
    house.search(leia, "plans", Some(&[2, 3]));
    house.search(leia, "plans", Some(&[7]));
    assert_eq!(house.news(), ["leia: found plans 1 by hans {1, 2}", "leia: found"]);
}

#[test]
fn files_of_one_name_with_other_content_are_listed_apart() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.register_file(hans, file("plans", 2), &[1]);
    house.register_file(yoda, file("plans", 1), &[1]);
    assert_eq!(house.news(), ["hans: registered", "yoda: registered"]);
    house.search(leia, "plans", None);
    assert_eq!(house.news(), ["leia: found plans 2 by hans {1}; plans 1 by yoda {1}"]);
}

#[test]
fn who_has_blocked_the_asker_is_no_holder_for_them() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.block(hans, "yoda");
    house.pass(1);
    house.news();
    house.search(yoda, "plans", None);
    house.fetch(yoda, 1, "hans");
    assert_eq!(house.news(), ["yoda: found", "yoda: refused NoFile"], "not told apart from who is away");
    house.unblock(hans, "yoda");
    house.pass(1);
    house.news();
    house.search(yoda, "plans", Some(&[1]));
    assert_eq!(house.news_of("yoda"), ["found plans 1 by hans {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}"]);
}

#[test]
fn whether_others_share_a_file_is_not_told_of_who_has_blocked_the_one_who_asks() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.block(hans, "yoda");
    house.pass(1);
    house.news();
    house.register_file(yoda, file("plans", 1), &ALL);
    assert_eq!(house.news_of("yoda"), ["registered"]);
}

#[test]
fn who_left_holds_nothing_and_registers_anew() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.ask(hans, proto::Command::Logout {});
    house.pass(1);
    house.news();
    house.search(yoda, "plans", None);
    house.fetch(yoda, 1, "hans");
    assert_eq!(house.news(), ["yoda: found", "yoda: refused NoFile"]);
    let hans = house.login("hans");
    house.publish(hans, 1, 1);
    house.pass(1);
    house.news();
    house.fetch(yoda, 1, "hans");
    assert_eq!(house.news(), ["yoda: refused NoFile"]);
}

#[test]
fn an_unregistered_file_is_found_no_more() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.register_file(hans, file("copy of plans", 1), &ALL);
    house.register_file(hans, file("other", 2), &ALL);
    house.news();
    house.unregister(hans, 1);
    house.unregister(hans, 1);
    house.unregister(yoda, 2);
    assert_eq!(house.news(), ["hans: done", "hans: refused NoFile", "yoda: refused NoFile"]);
    house.search(yoda, "plans", None);
    house.search(yoda, "copy of plans", None);
    house.search(yoda, "other", Some(&[1]));
    house.fetch(yoda, 1, "hans");
    let found = "yoda: found other 2 by hans {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}";
    assert_eq!(house.news(), ["yoda: found", "yoda: found", found, "yoda: refused NoFile"]);
}

#[test]
fn a_fetch_introduces_the_two_for_this_file() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.news();
    house.fetch(yoda, 1, "hans");
    assert_eq!(
        house.news(),
        [
            "yoda: done",
            "hans: introduced to yoda: serve 1, key 2 at 2",
            "yoda: introduced to hans: fetch 1, key 1 at 1",
        ]
    );
}

#[test]
fn a_fetch_is_refused_like_a_question() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &[1]);
    house.news();
    house.fetch(yoda, 1, "yoda");
    house.fetch(yoda, 1, "jaba");
    house.fetch(yoda, 2, "hans");
    assert_eq!(house.news(), ["yoda: refused Yourself", "yoda: refused UnknownUser", "yoda: refused NoFile"]);
    let leia = house.register("leia");
    house.log_in_on(leia, "leia");
    house.pass(1);
    house.news();
    house.fetch(leia, 1, "hans");
    house.register_file(leia, file("plans", 1), &[1]);
    assert_eq!(house.news(), ["leia: refused NoDevice", "leia: refused NoDevice"]);
}

#[test]
fn chunks_that_a_file_does_not_have_are_invalid() {
    let (mut house, [hans]) = with_devices(["hans"]);
    let small = SharedFile { size: FileSize::try_from(3).unwrap(), ..file("small", 1) };
    house.register_file(hans, small.clone(), &[4]);
    house.register_file(hans, small.clone(), &[]);
    house.register_file(hans, small, &[3]);
    let empty = SharedFile { size: FileSize::EMPTY, ..file("empty", 2) };
    house.register_file(hans, empty.clone(), &[1]);
    house.register_file(hans, empty, &[]);
    let invalid = "hans: refused Invalid";
    assert_eq!(house.news(), [invalid, invalid, "hans: registered", invalid, "hans: registered"]);
}

#[test]
fn the_files_of_one_user_have_a_bound() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    for n in 0..MAX_FILES_PER_USER {
        house.register_file(hans, file(&format!("f{n}"), 1), &[1]);
    }
    house.news();
    house.register_file(hans, file("one more", 1), &[1]);
    house.register_file(hans, file("f0", 1), &[2]);
    house.register_file(yoda, file("one more", 1), &[1]);
    assert_eq!(house.news(), ["hans: refused Full", "hans: registered", "yoda: registered"]);
    house.unregister(hans, 1);
    house.register_file(hans, file("one more", 1), &[1]);
    assert_eq!(house.news(), ["hans: done", "hans: registered, known"]);
}

#[test]
fn a_search_finds_no_more_than_a_bound() {
    let names = ["yoda", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let (mut house, [yoda, holders @ ..]) = with_devices(names);
    for (n, holder) in (0..).zip(holders) {
        for m in 0..10 {
            house.register_file(holder, file("plans", 10 * n + m), &[1]);
        }
    }
    house.news();
    house.search(yoda, "plans", None);
    let found = house.news_of("yoda").join(" ");
    assert_eq!(found.matches("plans").count(), MAX_FOUND_FILES);
}

#[test]
fn what_most_hold_is_found_first_and_then_what_was_registered_first() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.register_file(hans, file("plans", 9), &[1]);
    house.register_file(yoda, file("plans", 2), &[1]);
    house.register_file(yoda, file("plans", 5), &[1]);
    house.register_file(hans, file("plans", 5), &[1]);
    house.register_file(hans, file("plans", 9), &[2]);
    house.news();
    house.search(leia, "plans", None);
    assert_eq!(
        house.news(),
        ["leia: found plans 5 by hans {1}, yoda {1}; plans 9 by hans {1, 2}; plans 2 by yoda {1}"]
    );
}

#[test]
fn contents_of_one_user_do_not_crowd_out_the_file_of_another() {
    let (mut house, [vader, hans, leia]) = with_devices(["vader", "hans", "leia"]);
    for n in 0..=u8::try_from(MAX_FOUND_FILES).unwrap() {
        house.register_file(vader, file("plans", n), &[1]);
    }
    house.register_file(hans, file("plans", 200), &[1]);
    house.news();
    house.search(leia, "plans", None);
    let found = house.news_of("leia").join(" ");
    assert!(found.ends_with("plans 200 by hans {1}"), "{found}");
    assert_eq!(found.matches("by vader").count(), 10);
}

#[test]
fn the_order_of_files_does_not_tell_of_holders_who_have_blocked_the_one_who_asks() {
    let (mut house, [hans, yoda, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.block(hans, "leia");
    house.register_file(hans, file("plans", 1), &[1]);
    house.register_file(yoda, file("plans", 2), &[1]);
    house.register_file(yoda, file("plans", 1), &[1]);
    house.news();
    house.search(leia, "plans", None);
    assert_eq!(house.news(), ["leia: found plans 2 by yoda {1}; plans 1 by yoda {1}"]);
}

#[test]
fn introductions_to_holders_come_at_a_rate_and_beyond_it_nobody_is_told() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.register_file(hans, file("plans", 1), &ALL);
    house.news();
    for _ in 0..100 {
        house.fetch(yoda, 1, "hans");
    }
    assert!(!house.news().contains(&"yoda: refused Full".to_owned()));
    house.fetch(yoda, 1, "hans");
    assert_eq!(house.news(), ["yoda: refused Full"]);
    house.pass(1);
    house.fetch(yoda, 1, "hans");
    assert!(!house.news().contains(&"yoda: refused Full".to_owned()), "two more in a second");
}
