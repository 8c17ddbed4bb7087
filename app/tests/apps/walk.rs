//! A walk through every view; [`Person::look`] checks at each step that every control has a name.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Bell, Person};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

#[test]
fn every_control_of_every_view_says_what_it_is() {
    let house = House::open();
    let bell = Bell::new();
    let mut hans = Person::new("hans", &bell);
    hans.open();
    first_screen(&mut hans);
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    panels(&mut hans);
    chat(&mut hans);
    settings(&mut hans);
    hans.click("Sign out");
    assert!(hans.sees("Sign out?"));
    hans.click("Cancel");
    assert!(hans.sees_row("yoda", ""));
    hans.click("Sign out");
    hans.click("Yes, sign out");
    hans.until("the first screen", |me| me.sees_part("You signed out."));
}

fn first_screen(hans: &mut Person) {
    hans.click("Create account");
    assert!(hans.sees("Password again"));
    hans.click("Back");
    hans.click("Host on this computer");
    assert!(hans.sees("Start the server"));
    hans.click("Back");
}

fn panels(hans: &mut Person) {
    hans.press(CTRL_SHIFT, Key::O);
    hans.until("the table", |me| me.sees("Export CSV"));
    hans.click("Shared files");
    assert!(hans.sees("Share a file"));
    hans.press(CTRL_SHIFT, Key::F);
    assert!(hans.sees("Search all messages"));
    hans.press(CTRL, Key::K);
    assert!(hans.sees("Go to a person, chat or command"));
    hans.press(Modifiers::NONE, Key::Escape);
    hans.press(CTRL, Key::Slash);
    assert!(hans.sees("Search keys"));
    hans.press(Modifiers::NONE, Key::Escape);
}

fn chat(hans: &mut Person) {
    hans.click_row("yoda");
    hans.say("Message yoda", "A word, a [link](https://echo-base.lan) and `code`");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "A word"]));
    hans.press(CTRL, Key::F);
    assert!(hans.sees_part("Search in"));
    hans.press(Modifiers::NONE, Key::Escape);
    hans.click("Emoji");
    hans.press(Modifiers::NONE, Key::Escape);
    hans.click("More");
    hans.click_as(Role::MenuItem, "Export…");
    assert!(hans.sees_part("Export"));
    hans.press(Modifiers::NONE, Key::Escape);
    hans.say("Message yoda", "/block yoda");
    hans.until("the block", |me| me.sees("Unblock"));
    hans.click("Unblock");
    hans.until("the end of the block", |me| !me.sees("Unblock"));
    hans.click("More");
    hans.click_as(Role::MenuItem, "Block yoda…");
    hans.click("Block");
    hans.until("the block by the menu", |me| me.sees("Unblock"));
    hans.click("More");
    hans.click_as(Role::MenuItem, "Unblock yoda");
    hans.until("the end of that block", |me| !me.sees("Unblock"));
    hans.press(CTRL_SHIFT, Key::E);
    assert!(hans.sees("Message everyone online"));
}

fn settings(hans: &mut Person) {
    hans.press(CTRL, Key::Comma);
    let sections: Vec<String> = hans.names(Role::Tab).into_iter().filter(|name| SECTIONS.contains(&&**name)).collect();
    assert_eq!(sections, SECTIONS);
    for section in SECTIONS {
        hans.click_as(Role::Tab, section);
    }
    hans.click("Close settings");
}

const SECTIONS: [&str; 8] =
    ["Account", "Appearance", "Messages", "Notifications", "Privacy", "Network", "Keyboard", "About"];
