//! Who has the keyboard: what a field refuses is corrected at once, a page with one field opens with the cursor in it, and
//! nobody writes to everyone by accident.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use whoelse_model::ChatId;

use crate::house::{House, password};
use crate::person::{Bell, Person};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;
const SEARCH: &str = "Search people and messages";

#[test]
fn passwords_that_differ_are_corrected_without_a_click() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Create account");
    for (field, text) in [("Server", "127.0.0.1:1"), ("Name", "hans"), ("Password", "one"), ("Password again", "two")] {
        hans.write(field, text);
    }
    hans.press(NONE, Key::Enter);
    assert!(hans.sees("The two passwords differ."));
    assert_eq!(hans.focused().as_deref(), Some("Password again"));
    hans.type_on("one");
    assert!(!hans.sees("The two passwords differ."), "the new word takes the place of the old one");
}

#[test]
fn a_port_that_is_none_is_corrected_without_a_click() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Host on this computer");
    hans.write("Port", "99999999");
    hans.press(NONE, Key::Enter);
    assert!(hans.sees_part("A port is a number"));
    assert_eq!(hans.focused().as_deref(), Some("Port"));
}

#[test]
fn a_page_with_one_field_opens_with_the_cursor_in_it_and_keeps_it() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.press(CTRL_SHIFT, Key::F);
    hans.type_on("hello");
    hans.press(NONE, Key::Enter);
    assert_eq!(hans.focused().as_deref(), Some("Search all messages"));
    hans.press(CTRL_SHIFT, Key::F);
    hans.type_on("plans");
    assert_eq!(hans.value_of("Search all messages"), "plans", "the old words are selected");

    hans.click("Shared files");
    hans.type_on("pic");
    hans.press(NONE, Key::Enter);
    hans.until("the answer", |me| me.sees_part("Not available"));
    hans.type_on("picture.png");
    assert_eq!(hans.value_of("Name of a shared file"), "picture.png");
}

#[test]
fn what_is_typed_right_after_signing_in_is_written_to_nobody() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.type_on("first");
    assert_eq!(hans.value_of(SEARCH), "first");
    hans.click("Clear search");
    hans.click_row("Everyone");
    hans.app_signs_out();
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
    hans.type_on("second");
    assert_eq!(hans.value_of(SEARCH), "second");
    let draft = hans.app().model().chats().get(&ChatId::Everyone).map(|chat| chat.draft().to_owned());
    assert_eq!(draft.unwrap_or_default(), "");
}

#[test]
fn the_cursor_is_in_the_chat_that_was_open_last() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.app_signs_out();
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
    hans.type_on("as before");
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("as before"));
    assert!(hans.names(Role::Tab).contains(&"yoda".to_owned()));
}
