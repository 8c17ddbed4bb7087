//! Private sessions, files and shared files between people at their windows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, ColorImage, DroppedFile, Event, Key, Modifiers};
use whoelse::platform::picture;

use crate::house::House;
use crate::person::{Bell, Person, until};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

pub(crate) fn two(house: &House) -> [Person; 2] {
    let bell = Bell::new();
    let mut people = ["hans", "yoda"].map(|name| {
        let mut person = Person::new(name, &bell);
        person.open();
        person.sign_in(house);
        person
    });
    let [hans, yoda] = &mut people;
    until(&mut [hans, yoda], "both are here", |all| {
        all[0].sees_row("yoda", "Online") && all[1].sees_row("hans", "Online")
    });
    people
}

/// Until the second of them is asked. Who has just signed in may not have told the server of the device yet; then the
/// first one asks again.
pub(crate) fn until_asked(hans: &mut Person, yoda: &mut Person) {
    let question = format!("{} asks for a private session", hans.name);
    let is_asked = |yoda: &Person| yoda.sees_part(&question);
    loop {
        until(&mut [hans, yoda], "the question", |all| is_asked(all[1]) || all[0].sees_part(NO_DEVICE_YET));
        if is_asked(yoda) {
            return;
        }
        hans.click("Dismiss");
        hans.click("Ask for a private session");
    }
}

/// What the server says of somebody whose device it does not know.
const NO_DEVICE_YET: &str = "does not support private sessions";

/// hans asks, yoda agrees.
pub(crate) fn in_session(hans: &mut Person, yoda: &mut Person) {
    hans.click_row("yoda");
    hans.click("Start private session");
    until_asked(hans, yoda);
    yoda.click("Accept");
    until(&mut [hans, yoda], "the session on both screens", |all| {
        all[0].has_field("Private to yoda, direct") && all[1].has_field("Private to hans, direct")
    });
}

/// A file that was dropped.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

pub(crate) fn drop_on(person: &mut Person, path: &Path) {
    person.input(|input| input.dropped_files.push(Arc::new(Dropped(path.to_owned()))));
    person.look();
}

pub(crate) fn picture_file(folder: &Path) -> PathBuf {
    let path = folder.join("hangar.png");
    let image = ColorImage::filled([300, 120], Color32::from_rgb(40, 80, 120));
    std::fs::write(&path, picture::png(&image).unwrap()).unwrap();
    path
}

#[test]
fn two_windows_open_a_private_session_compare_codes_and_send_a_file() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    yoda.click_row("hans");
    yoda.write("Message hans", "I was just wri");
    hans.click_row("yoda");
    hans.click("Start private session");
    assert!(hans.sees_part("Waiting for yoda to accept"));
    until_asked(&mut hans, &mut yoda);

    // The question takes neither the keyboard nor the words of whoever is writing.
    yoda.type_on("ting");
    assert_eq!(yoda.app().draft_of("hans").as_deref(), Some("I was just writing"));
    yoda.click("Accept");
    until(&mut [&mut hans, &mut yoda], "the code on both screens", |all| {
        all.iter().all(|person| person.sees_part("Code: "))
    });
    assert_eq!(hans.label_with("Code: "), yoda.label_with("Code: "));
    hans.click("They match");
    hans.until("the mark", |me| me.sees("Verified") && !me.sees_part("Code: "));
    assert!(yoda.sees_part("Code: "), "each compares for themselves");

    hans.say("Private to yoda, direct", "the plans are in the droid");
    until(&mut [&mut hans, &mut yoda], "the words, confirmed", |all| {
        all[0].sees_message(&["You", "On their device", "plans"]) && all[1].sees_message(&["hans", "plans"])
    });

    // The ticks tell of no server and no disk, which the words never saw.
    hans.click("On their device");
    hans.look();
    assert!(hans.sees_part("On their device, "));
    assert!(!hans.sees_part("The server has it, ") && !hans.sees_part("Saved here, "));
    hans.press(Modifiers::NONE, Key::Escape);

    let folder = tempfile::tempdir().unwrap();
    drop_on(&mut hans, &picture_file(folder.path()));
    until(&mut [&mut hans, &mut yoda], "the offer", |all| all[1].sees_part("from hans, direct"));
    yoda.click_in_card("Accept");
    until(&mut [&mut hans, &mut yoda], "the file on both sides", |all| {
        all.iter().all(|person| {
            person.sees_part("hangar.png, Verified") && person.names(Role::Image).contains(&"hangar.png".into())
        })
    });

    yoda.click("End session");
    until(&mut [&mut hans, &mut yoda], "the end and who made it", |all| {
        all[0].sees_part("yoda ended the private session.") && all[1].sees_part("You ended the private session.")
    });
    assert!(!hans.has_field("Private to yoda, direct"), "nothing can be written without a session");
    assert!(hans.sees("Ask for a private session"));
}

#[test]
fn a_question_can_be_declined_and_taken_back() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    hans.click("Start private session");
    until_asked(&mut hans, &mut yoda);
    yoda.click("Decline");
    until(&mut [&mut hans, &mut yoda], "the answer", |all| all[0].sees_part("yoda declined."));
    hans.click("Ask for a private session");
    until_asked(&mut hans, &mut yoda);
    hans.click("Take back");
    until(&mut [&mut hans, &mut yoda], "that it is over", |all| {
        !all[1].sees_part("hans asks") && all[0].sees_part("You cancelled the request.")
    });
    yoda.click_row("hans");
    assert!(yoda.sees_part("hans asked for a private session, but is no longer waiting."));
}

#[test]
fn a_file_for_somebody_without_a_session_asks_for_one_and_then_goes() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    let folder = tempfile::tempdir().unwrap();
    hans.click_row("yoda");
    drop_on(&mut hans, &picture_file(folder.path()));
    assert!(hans.sees("Send to yoda privately"));
    hans.click("Ask and send");
    until_asked(&mut hans, &mut yoda);
    yoda.click("Accept");
    until(&mut [&mut hans, &mut yoda], "the offer", |all| all[1].sees_part("from hans, direct"));
    yoda.click_in_card("Decline");
    until(&mut [&mut hans, &mut yoda], "that it was declined", |all| {
        all[0].sees_part("yoda declined it") && all[1].sees_part("You declined it")
    });
}

#[test]
fn files_of_somebody_are_taken_without_a_question_once_the_user_says_so_and_the_code_was_compared() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    yoda.click("More");
    assert!(!yoda.names(Role::MenuItem).contains(&"Always take their files".to_owned()), "before the code is compared");
    yoda.press(Modifiers::NONE, Key::Escape);
    yoda.until("the code", |me| me.sees("They match"));
    yoda.click("They match");
    yoda.until("the mark", |me| me.sees("Verified"));
    yoda.click("More");
    yoda.click_as(Role::MenuItem, "Always take their files");
    let folder = tempfile::tempdir().unwrap();
    drop_on(&mut hans, &picture_file(folder.path()));
    until(&mut [&mut hans, &mut yoda], "the file on both sides", |all| {
        all.iter().all(|person| person.sees_part("hangar.png, Verified"))
    });
}

#[test]
fn a_file_that_nobody_answered_waits_on_both_sides_when_the_session_ends() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    let folder = tempfile::tempdir().unwrap();
    drop_on(&mut hans, &picture_file(folder.path()));
    until(&mut [&mut hans, &mut yoda], "the offer", |all| all[1].sees_part("from hans, direct"));
    yoda.click("End session");
    until(&mut [&mut hans, &mut yoda], "that it waits", |all| {
        all[0].sees_part("waits for a private session with yoda")
            && all[1].sees_part("waits with hans, who offers it in the next private session")
    });
}

#[test]
fn a_pasted_image_is_shown_before_it_goes() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    let image = ColorImage::filled([64, 32], Color32::from_rgb(200, 80, 20));
    hans.event(Event::PasteImage(Arc::new(image)));
    hans.look();
    assert!(hans.sees("Send to yoda") && hans.names(Role::Image).contains(&"The pasted image".to_owned()));
    hans.click_last("Send");
    until(&mut [&mut hans, &mut yoda], "the offer", |all| all[1].sees_part("Image ") && all[1].sees_part("from hans"));
}

#[test]
fn what_others_share_is_listed_and_found_by_a_part_of_its_name() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    let folder = tempfile::tempdir().unwrap();
    hans.click("Shared files");
    hans.until("that nobody shares", |me| me.sees_part("Nobody else online shares a file"));
    for name in ["The Plans.txt", "notes.txt"] {
        let path = folder.path().join(name);
        std::fs::write(&path, name).unwrap();
        drop_on(&mut hans, &path);
        hans.until("the file among one's own", |me| me.sees(&format!("More about {name}")));
    }
    yoda.click("Shared files");
    yoda.until("both files", |me| me.sees_part("2 files are shared by others online"));
    yoda.write("Name of a shared file", "plans");
    yoda.press(Modifiers::NONE, Key::Enter);
    yoda.until("one of them", |me| me.sees_part("1 file by that name") && me.sees_part("The Plans.txt"));
    assert!(!yoda.sees_part("notes.txt"));
}

#[test]
fn a_shared_file_is_found_and_fetched() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plans.txt");
    std::fs::write(&path, vec![b'x'; 300_000]).unwrap();
    hans.click("Shared files");
    drop_on(&mut hans, &path);
    hans.until("the file among one's own", |me| me.sees("More about plans.txt"));
    yoda.click("Shared files");
    yoda.write("Name of a shared file", "plans.txt");
    yoda.press(Modifiers::NONE, Key::Enter);
    yoda.until("who holds it", |me| me.sees_part("hans has 10 of 10 chunks"));
    yoda.click("Download");
    until(&mut [&mut hans, &mut yoda], "the file", |all| all[1].sees_part("plans.txt, Verified, 300 KB"));
    yoda.write("Name of a shared file", "nothing.txt");
    yoda.press(Modifiers::NONE, Key::Enter);
    yoda.until("that there is none", |me| me.sees_part("Not available"));
    yoda.press(CTRL_SHIFT, Key::O);
    yoda.until("another panel", |me| me.sees("Export CSV"));
}

#[test]
fn whoever_is_asked_for_a_private_session_accepts_or_declines_by_keys() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("Everyone");
    yoda.click_row("hans");
    yoda.click("Start private session");
    until_asked(&mut yoda, &mut hans);
    hans.press(Modifiers::COMMAND, Key::K);
    hans.type_on("decline");
    assert!(hans.sees_row("Decline the private session that yoda asks for", ""));
    hans.press(Modifiers::NONE, Key::Escape);
    assert!(hans.sees_part("Shift") && hans.sees_part(" accepts."), "the bar names the keys");
    hans.press(Modifiers { shift: true, ..Modifiers::COMMAND }, Key::Y);
    until(&mut [&mut hans, &mut yoda], "the session", |all| all[0].sees_part("Private session open"));
}
