//! Finding people, messages and commands by keys, and tabs that come and go.

use std::rc::Rc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Bell, Person};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;
const SEARCH: &str = "Search people and messages";

fn hans(house: &House, bell: &Rc<Bell>) -> Person {
    let mut hans = Person::new("hans", bell);
    hans.open();
    hans.sign_in(house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans
}

#[test]
fn one_field_finds_people_messages_and_commands_with_keys_alone() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.say("Message yoda", "The rocket of Jürgen is ready");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "rocket"]));
    hans.click_row("leia");

    hans.write(SEARCH, "jurgen rock");
    hans.until("the message", |me| me.sees_row("yoda", "rocket of Jürgen"));
    hans.press(NONE, Key::Enter);
    hans.until("its chat", |me| me.has_field("Message yoda") && me.sees_message(&["rocket"]));
    hans.press(NONE, Key::Escape);
    assert!(hans.sees_row("Everyone", ""), "Esc empties the field, and the list is back");

    hans.write(SEARCH, "LEIA");
    assert!(!hans.sees_row("yoda", "Online") && hans.sees_row("leia", ""));
    hans.press(NONE, Key::Enter);
    assert!(hans.has_field("Message leia"), "Enter goes to the only hit");

    hans.write(SEARCH, "who was");
    hans.until("that no message has it", |me| !me.sees_part("Searching"));
    assert!(hans.sees_row("Who was online", ""));
    hans.press(NONE, Key::Enter);
    hans.until("the table", |me| me.sees("Export CSV"));
}

#[test]
fn a_search_is_narrowed_by_person_and_time_and_cleared_by_its_cross() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.say("Message yoda", "plans for today");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "plans"]));

    hans.write(SEARCH, "plans from:me on:today");
    hans.until("the message", |me| me.sees_row("yoda", "plans for today"));
    hans.click("Clear search");
    hans.write(SEARCH, "plans from:leia");
    hans.until("that there is none", |me| me.sees_part("Nothing found"));
    hans.click("Clear search");

    hans.press(CTRL_SHIFT, Key::F);
    hans.look();
    hans.type_on("plans");
    hans.until("the message in the panel", |me| me.sees_part("1 message"));
    hans.click("From anybody");
    hans.click_as(Role::MenuItem, "yoda");
    hans.until("that yoda wrote none", |me| me.sees_part("Nothing found on this computer."));
}

#[test]
fn a_chat_that_is_only_looked_at_makes_room_and_a_closed_one_comes_back() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    let tabs = |hans: &Person| hans.names(Role::Tab);
    hans.click_row("yoda");
    hans.click_row("leia");
    assert_eq!(tabs(&hans), ["Everyone", "leia"], "the chat with yoda was only looked at");
    hans.write("Message leia", "a draft");
    hans.click_row("yoda");
    assert_eq!(tabs(&hans), ["Everyone", "leia", "yoda"]);

    hans.press(CTRL, Key::W);
    assert_eq!(tabs(&hans), ["Everyone", "leia"]);
    hans.press(CTRL_SHIFT, Key::T);
    assert_eq!(tabs(&hans), ["Everyone", "leia", "yoda"]);
    assert!(hans.has_field("Message yoda"));
}

#[test]
fn a_message_is_answered_with_keys_alone() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.say("Message yoda", "first words");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "first words"]));
    hans.press(CTRL, Key::ArrowUp);
    hans.press(NONE, Key::Enter);
    hans.look();
    assert!(hans.sees("Do not reply"));
    hans.type_on("and these");
    hans.press(NONE, Key::Enter);
    hans.until("the answer", |me| {
        me.sees_message(&["The server has it", "and these"]) && me.sees_part("In answer to You")
    });
}

#[test]
fn a_link_that_deceives_asks_before_it_opens() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.say("Message yoda", "see https://bank.example@evil.example/x");
    hans.until("the message", |me| me.sees_message(&["The server has it", "bank.example"]));
    hans.click_as(Role::Link, "https://bank.example@evil.example/x");
    assert!(hans.sees_part("It leads to evil.example."));
    hans.press(NONE, Key::Escape);
    assert!(!hans.sees_part("It leads to"));
}

#[test]
fn a_command_is_found_where_it_does_not_apply_and_goes_to_the_chat_that_was_shown_last() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("Everyone");
    hans.write(SEARCH, "attach");
    hans.until("that no message has it", |me| !me.sees_part("Searching"));
    assert!(hans.sees_row("Send a file to this person", "Open a chat with one person first"));
    hans.press(NONE, Key::Enter);
    assert!(hans.sees_part("Open a chat with one person first."), "and it says so when it is picked");
    hans.click("Clear search");

    hans.click_row("yoda");
    hans.press(CTRL_SHIFT, Key::O);
    hans.until("the table", |me| me.sees("Export CSV"));
    for word in ["mute", "notifications", "silence"] {
        hans.write(SEARCH, word);
        assert!(hans.sees_row("Mute the chat with yoda…", ""), "{word}");
        hans.click("Clear search");
    }
    hans.write(SEARCH, "silence");
    hans.until("that no message has it", |me| !me.sees_part("Searching"));
    hans.click_row("Mute the chat with yoda…");
    assert!(hans.sees("Mute yoda"), "its dialog");
    assert!(hans.has_field("Message yoda"), "in its chat");
}

#[test]
fn the_switcher_finds_a_command_where_it_does_not_apply() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.press(CTRL_SHIFT, Key::O);
    hans.until("the table", |me| me.sees("Export CSV"));
    hans.press(CTRL, Key::K);
    hans.type_on("end the private");
    assert!(hans.sees_row("End the private session", "No private session is open"));
    hans.press(NONE, Key::Escape);
    hans.press(CTRL, Key::K);
    hans.type_on("block");
    assert!(hans.sees_row("Block yoda", ""));
}

#[test]
fn what_is_found_and_what_is_answered_read_without_their_marks() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.click_row("yoda");
    hans.say("Message yoda", "Hello **bold** *italic* ~~gone~~ `code`");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Hello"]));
    assert!(hans.sees_row("yoda", "You: Hello bold italic gone code"), "in the list");
    hans.write(SEARCH, "hello");
    hans.until("the message", |me| me.sees_row("yoda", "You: Hello bold italic gone code"));
    hans.click("Clear search");
    hans.press(CTRL, Key::ArrowUp);
    hans.press(NONE, Key::Enter);
    hans.look();
    hans.type_on("and this");
    hans.press(NONE, Key::Enter);
    hans.until("the answer", |me| me.sees_part("In answer to You: Hello bold italic gone code"));
}

#[test]
fn the_theme_and_the_server_here_are_found_by_what_people_call_them() {
    let house = House::open();
    let mut hans = hans(&house, &Bell::new());
    hans.press(CTRL, Key::K);
    hans.type_on("light");
    hans.press(NONE, Key::Enter);
    assert!(hans.sees_part("The window is light."));
    hans.press(CTRL, Key::K);
    hans.type_on("invite");
    assert!(hans.sees_row("Server on this computer", ""));
    hans.press(NONE, Key::Enter);
    assert!(hans.sees("Start the server"));
}
