//! What opens above the window (menus, popups, dialogs, what is held over it), at narrow and wide windows: no text lies on
//! another, none is cut off without "…", and none is outside the window.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, ColorImage, Event, HoveredFile, Key, Modifiers, PointerButton, Pos2};

use crate::house::House;
use crate::overlap::{check, each_size, report, texts_faults};
use crate::person::{Bell, Person, until};
use crate::private::{in_session, two};

const CTRL: Modifiers = Modifiers::COMMAND;
const NONE: Modifiers = Modifiers::NONE;

/// Opens something in every size, looks at it, and puts it away. What opens it may have no place in a narrow window.
fn check_open(person: &mut Person, view: &str, all: &mut Vec<String>, open: impl Fn(&mut Person) -> Shown) {
    let mut seen = 0;
    each_size(person, |person, size| {
        if open(person) == Shown::No {
            return;
        }
        seen += 1;
        let found = texts_faults(person);
        all.extend(found.into_iter().map(|fault| format!("{view}, {size}: {fault}")));
        person.press(NONE, Key::Escape);
    });
    assert!(seen > 0, "{view} opens in no window");
}

/// Whether it could be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

/// Clicks with the other button of the pointer.
fn right_click(person: &mut Person, at: Pos2) {
    person.event(Event::PointerMoved(at));
    person.look();
    for pressed in [true, false] {
        person.event(Event::PointerButton { pos: at, button: PointerButton::Secondary, pressed, modifiers: NONE });
        person.look();
    }
}

/// A menu at a place, if something has a place there; it is open once it names this item.
fn menu_at(person: &mut Person, at: Option<Pos2>, item: &str) -> Shown {
    let Some(at) = at else { return Shown::No };
    right_click(person, at);
    person.look();
    assert!(person.names(Role::MenuItem).iter().any(|name| name == item), "{:?}", person.names(Role::MenuItem));
    Shown::Yes
}

fn click_if_there(person: &mut Person, name: &str) -> Shown {
    if !person.names(Role::Button).iter().any(|button| button == name) {
        return Shown::No;
    }
    person.click(name);
    person.look();
    Shown::Yes
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_in_menus_and_popups() {
    let house = House::open();
    let mut all = Vec::new();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.say("Message yoda", "A word for everybody who reads this to the end of the line");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "A word"]));
    check_open(&mut hans, "menu of a chat", &mut all, |me| click_if_there(me, "More"));
    check_open(&mut hans, "emoji", &mut all, |me| click_if_there(me, "Emoji"));
    check_open(&mut hans, "menu of a contact", &mut all, |me| {
        let row = me.place_of_row("yoda");
        menu_at(me, row, "Mute…")
    });
    check_open(&mut hans, "menu of a message", &mut all, |me| {
        let at = me.place_of_message("A word");
        menu_at(me, Some(at), "Reply")
    });
    check_open(&mut hans, "menu of the composer", &mut all, |me| {
        let at = me.place_of_field("Message yoda").center();
        menu_at(me, Some(at), "Paste")
    });
    check_open(&mut hans, "menu of a tab", &mut all, |me| {
        let tab = me.place_of_tab("yoda");
        menu_at(me, tab, "Close")
    });
    check_open(&mut hans, "completions", &mut all, |me| {
        me.write("Message yoda", "/");
        me.look();
        Shown::Yes
    });
    hans.press(CTRL, Key::A);
    hans.press(NONE, Key::Backspace);
    hans.press(Modifiers { shift: true, ..CTRL }, Key::F);
    check_open(&mut hans, "persons", &mut all, |me| click_if_there(me, "From anybody"));
    check_open(&mut hans, "times", &mut all, |me| click_if_there(me, "Any time"));
    report(&all);
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_in_questions() {
    let house = House::open();
    let mut all = Vec::new();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    for (button, item, view) in [("More", Some("Export…"), "export"), ("Sign out", None, "sign out")] {
        hans.click(button);
        if let Some(item) = item {
            hans.click_as(Role::MenuItem, item);
        }
        check(&mut hans, view, &mut all);
        hans.press(NONE, Key::Escape);
    }
    for (section, button) in [("Account", "Change…"), ("Privacy", "Clear…")] {
        hans.press(CTRL, Key::Comma);
        hans.click_as(Role::Tab, section);
        if !hans.names(Role::Button).iter().any(|name| name == button) {
            hans.click_as(Role::Tab, "Messages");
        }
        hans.click(button);
        check(&mut hans, button, &mut all);
        hans.press(NONE, Key::Escape);
    }
    hans.event(Event::PasteImage(Arc::new(ColorImage::filled([900, 700], Color32::from_rgb(200, 80, 20)))));
    hans.look();
    check(&mut hans, "a pasted image", &mut all);
    hans.press(NONE, Key::Escape);
    hans.input(|input| {
        input
            .hovered_files
            .push(HoveredFile { path: Some("/a/long/way/to/a/picture.png".into()), ..Default::default() });
    });
    check(&mut hans, "a file held over the window", &mut all);
    hans.input(|input| input.hovered_files.clear());
    in_session(&mut hans, &mut yoda);
    hans.click("More");
    hans.click_as(Role::MenuItem, "Show the code");
    check(&mut hans, "the whole code", &mut all);
    hans.press(NONE, Key::Escape);
    hans.press(CTRL, Key::Q);
    assert!(hans.sees("Quit Whoelse?"));
    check(&mut hans, "quit", &mut all);
    hans.press(NONE, Key::Escape);
    yoda.click("End session");
    until(&mut [&mut hans, &mut yoda], "the end", |all| all[0].sees_part("yoda ended the private session."));
    report(&all);
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_while_this_computer_hosts() {
    let mut all = Vec::new();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.host();
    check(&mut hans, "hosting", &mut all);
    hans.click("Copy");
    check(&mut hans, "a line that says what was done", &mut all);
    hans.click("Stop the server");
    check(&mut hans, "stop the server", &mut all);
    hans.press(NONE, Key::Escape);
    hans.click("Create account");
    hans.write("Name", "Jürgen");
    hans.write("Password", "with a blank");
    check(&mut hans, "a name and a password that cannot be", &mut all);
    report(&all);
}
