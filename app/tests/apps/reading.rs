//! What others learn of what was read.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::overlap::painted;
use crate::person::{Bell, Person, until};
use crate::private::two;

#[test]
fn who_tells_nobody_what_was_read_sees_it_of_nobody() {
    let house = House::open();
    let bell = Bell::new();
    let [mut hans, mut yoda] = ["hans", "yoda"].map(|name| Person::new(name, &bell));
    for person in [&mut hans, &mut yoda] {
        person.open();
        person.sign_in(&house);
    }
    until(&mut [&mut hans, &mut yoda], "both are here", |all| {
        all[0].sees_row("yoda", "nline") && all[1].sees_row("hans", "nline")
    });
    yoda.press(Modifiers::COMMAND, Key::Comma);
    yoda.click_as(Role::Tab, "Privacy");
    yoda.click_as(Role::Switch, "Tell others what I have read");
    yoda.press(Modifiers::NONE, Key::Escape);

    hans.click_row("yoda");
    hans.say("Message yoda", "Do you read this?");
    yoda.until("the message", |me| me.sees_row("hans", "1 unread"));
    yoda.click_row("hans");
    yoda.say("Message hans", "Perhaps.");
    // The answer was sent behind the mark of reading that is not: once it is here, the mark would be here too.
    until(&mut [&mut hans, &mut yoda], "the answer", |all| all[0].sees_message(&["yoda", "Perhaps."]));
    hans.until("that it was delivered", |me| me.sees_message(&["On their device", "Do you read this?"]));
    assert!(!hans.sees_message(&["Read", "Do you read this?"]));

    until(&mut [&mut hans, &mut yoda], "that the answer was delivered", |all| {
        all[1].sees_message(&["On their device", "Perhaps."])
    });
    assert!(!yoda.sees_message(&["Read,"]), "what hans has read is not shown either");
}

/// A message of many lines, the first of which names it.
fn long(name: &str) -> String {
    format!("{name}{}", "\nand on".repeat(25))
}

#[test]
fn what_arrives_in_the_open_chat_while_the_window_is_left_stands_below_a_line_and_is_not_scrolled_away() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    yoda.click_row("hans");
    yoda.say("Message hans", "Seen at once");
    until(&mut [&mut hans, &mut yoda], "that it is read", |all| all[1].sees_message(&["Read", "Seen at once"]));
    let has_line = |person: &Person| painted(person).iter().any(|(words, _)| words == "New");
    assert!(!has_line(&hans));

    hans.input(|input| input.focused = false);
    hans.look();
    for name in ["The first", "The second", "The third"] {
        yoda.say("Message hans", &long(name));
        yoda.until("that it is delivered", |me| me.sees_message(&["On their device", name]));
    }
    until(&mut [&mut hans, &mut yoda], "all three", |all| all[0].sees_row("yoda", "3 unread"));
    assert!(has_line(&hans) && hans.sees_message(&["The first"]), "the first of them is on the screen");
    assert!(hans.sees_part("Jump to latest"));

    hans.input(|input| input.focused = true);
    hans.look();
    assert!(hans.sees_row("yoda", "unread"), "what is below the screen is not read");
    let jump = hans.label_with("Jump to latest").unwrap();
    hans.click(&jump);
    hans.until("that all is read", |me| !me.sees_row("yoda", "unread"));
}
