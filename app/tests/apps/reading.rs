//! What others learn of what was read.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Bell, Person, until};

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
