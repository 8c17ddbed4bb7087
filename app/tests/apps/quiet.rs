//! Notifications that are kept back: of one chat, and of all.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Person, until};
use crate::private::{two, until_asked};

const CTRL: Modifiers = Modifiers::COMMAND;
const NONE: Modifiers = Modifiers::NONE;

/// Gives a command by its words, with keys.
fn command(person: &mut Person, words: &str) {
    person.press(CTRL, Key::K);
    person.type_on(words);
    person.press(NONE, Key::Enter);
    person.look();
}

#[test]
fn a_chat_is_muted_for_an_hour_by_keys_and_says_so_until_it_is_unmuted() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    command(&mut hans, "mute this chat");
    assert!(hans.sees("Mute yoda"));
    hans.press(NONE, Key::Enter);
    assert!(hans.sees_part("yoda is muted until "));
    assert!(hans.sees_row("yoda", "Muted until "), "in the list");
    assert!(hans.label_with("Muted until ").is_some(), "in the head");

    hans.close();
    hans.open();
    hans.until("the list", |me| me.sees_row("yoda", "Muted until "));
    hans.click_row("Everyone");
    yoda.click_row("hans");
    yoda.say("Message hans", "Nobody is told of this");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[0].sees_row("yoda", "1 unread"));
    hans.input(|input| input.focused = false);
    yoda.click("Start private session");
    until_asked(&mut yoda, &mut hans);
    assert_eq!(hans.notified(), Vec::<String>::new(), "neither of words nor of questions");

    hans.input(|input| input.focused = true);
    hans.click("Decline");
    hans.click_row("yoda");
    command(&mut hans, "unmute");
    assert!(hans.sees_part("yoda notifies you again."));
    assert!(!hans.sees_row("yoda", "Muted"));
}

#[test]
fn who_is_not_to_be_disturbed_is_told_nothing_and_finds_everything_counted() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("Everyone");
    command(&mut hans, "do not disturb");
    hans.click("Until I turn it off");
    assert!(hans.sees_part("Do not disturb is on."));
    hans.close();
    hans.open();
    hans.until("the list", |me| me.sees_row("yoda", ""));
    yoda.click_row("hans");
    yoda.say("Message hans", "Are you there?");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[0].sees_row("yoda", "1 unread"));
    assert_eq!(hans.notified(), Vec::<String>::new());

    hans.press(CTRL, Key::Comma);
    hans.click_as(Role::Tab, "Notifications");
    assert!(hans.sees_part("On. Messages arrive and are counted"));
    hans.click("Turn off");
    assert!(hans.sees_part("Do not disturb is off."));
    hans.press(NONE, Key::Escape);
    yoda.click_row("Everyone");
    yoda.say("Message everyone online", "Lunch?");
    hans.click_row("yoda");
    until(&mut [&mut hans, &mut yoda], "the broadcast", |all| all[0].sees_row("Everyone", "Lunch?"));
    yoda.say("Message everyone online", "Or dinner?");
    until(&mut [&mut hans, &mut yoda], "the next", |all| all[0].sees_row("Everyone", "Or dinner?"));
    assert!(hans.notified().iter().any(|text| text.ends_with('?')), "{:?}", hans.notified());
}
