//! Where files go that are accepted.

use std::path::Path;

use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Person, until};
use crate::private::{drop_on, in_session, two};

const NONE: Modifiers = Modifiers::NONE;

fn send(from: &mut Person, to: &mut Person, folder: &Path, name: &str) {
    let path = folder.join(name);
    std::fs::write(&path, name).unwrap();
    drop_on(from, &path);
    let offered = format!("{name}, ");
    until(&mut [from, to], "the offer", |all| all[1].sees_part(&offered) && all[1].sees_part("from hans, direct"));
}

/// Types a path into the dialog that asks for one.
fn give_path(person: &mut Person, path: &Path) {
    person.look();
    person.type_on(&path.display().to_string());
    person.press(NONE, Key::Enter);
}

#[test]
fn files_go_into_the_chosen_folder_and_one_that_is_gone_is_told_and_another_asked_for() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [own, chosen, other] = folders.each_ref().map(|folder| folder.path().canonicalize().unwrap());
    let chosen = chosen.join("received");
    std::fs::create_dir(&chosen).unwrap();
    yoda.press(Modifiers::COMMAND, Key::K);
    yoda.type_on("download folder");
    yoda.press(NONE, Key::Enter);
    give_path(&mut yoda, &chosen);
    assert!(yoda.sees_part("Files are saved in "));

    in_session(&mut hans, &mut yoda);
    send(&mut hans, &mut yoda, &own, "first.txt");
    yoda.click_in_card("Accept");
    until(&mut [&mut hans, &mut yoda], "the file", |all| all[1].sees_part("first.txt, Verified"));
    assert!(chosen.join("first.txt").is_file());

    std::fs::remove_dir_all(&chosen).unwrap();
    send(&mut hans, &mut yoda, &own, "second.txt");
    yoda.click_in_card("Accept");
    assert!(yoda.sees_part("received is not there. Choose where to save this file."));
    give_path(&mut yoda, &other);
    until(&mut [&mut hans, &mut yoda], "the other file", |all| all[1].sees_part("second.txt, Verified"));
    assert!(other.join("second.txt").is_file() && !chosen.exists());
}
