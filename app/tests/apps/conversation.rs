//! Three people at their windows.

use eframe::egui::{Key, Modifiers};

use crate::house::House;
use crate::person::{Bell, Person, until};

const CTRL: Modifiers = Modifiers::COMMAND;

fn three(house: &House) -> [Person; 3] {
    let bell = Bell::new();
    ["hans", "yoda", "leia"].map(|name| {
        let mut person = Person::new(name, &bell);
        person.open();
        person.sign_in(house);
        person
    })
}

#[test]
fn three_windows_on_one_server_see_the_same_conversation() {
    let house = House::open();
    let [mut hans, mut yoda, mut leia] = three(&house);

    // What one writes to another arrives there alone, and is seen to be read.
    until(&mut [&mut hans, &mut yoda, &mut leia], "everybody is here", |all| {
        all[0].sees_row("yoda", "nline") && all[0].sees_row("leia", "nline") && all[2].sees_row("hans", "nline")
    });
    hans.click_row("yoda");
    hans.say("Message yoda", "Is the **load test** still running?");
    yoda.until("an unread message", |me| me.sees_row("hans", "1 unread"));
    assert!(yoda.app().model().chats().unread() == 1 && !leia.sees_row("hans", "unread"));
    yoda.click_row("hans");
    yoda.say("Message hans", "Until ten.");
    until(&mut [&mut hans, &mut yoda], "both have read", |all| {
        all[0].sees_message(&["You", "Read", "load test"])
            && all[0].sees_message(&["yoda", "Until ten."])
            && all[1].sees_message(&["You", "Read", "Until ten."])
    });

    // A broadcast reaches everyone but those who have blocked its author.
    leia.click_row("hans");
    leia.say("Message hans", "/block hans");
    leia.until("the block", |me| me.sees_row("hans", "locked"));
    hans.click_row("Everyone");
    hans.say("Message everyone online", "Lunch at noon");
    until(&mut [&mut hans, &mut yoda], "the broadcast", |all| {
        all[1].sees_row("Everyone", "Lunch at noon") && all[0].sees_message(&["Lunch at noon"])
    });
    hans.until("that somebody was left out", |me| me.sees_part("Some people online do not get your broadcasts"));
    assert!(!leia.sees_row("Everyone", "Lunch at noon"));

    // Whoever signs out is seen to be gone, and in the table of who was online.
    leia.click("Sign out");
    leia.click("Yes, sign out");
    leia.until("the first screen", |me| me.sees_part("You signed out."));
    yoda.until("leia's going", |me| me.sees_row("leia", "ffline"));
    yoda.press(CTRL | Modifiers::SHIFT, Key::O);
    yoda.until("the table", |me| me.sees("Export CSV") && me.sees_part("leia"));
}

#[test]
fn a_window_that_is_opened_again_has_its_tabs_messages_and_draft() {
    let house = House::open();
    let bell = Bell::new();
    let mut hans = Person::new("hans", &bell);
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.say("Message yoda", "See you at ten");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "See you at ten"]));
    hans.write("Message yoda", "And bring");

    hans.close();
    hans.open();

    hans.until("the message, without signing in", |me| me.sees_message(&["See you at ten"]));
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("And bring"));
    hans.until("the session", |me| me.app().model().session().is_online());
}

#[test]
fn messages_written_while_the_server_is_away_arrive_once_it_is_back() {
    let mut house = House::open();
    let bell = Bell::new();
    let [mut hans, mut yoda] = ["hans", "yoda"].map(|name| Person::new(name, &bell));
    for person in [&mut hans, &mut yoda] {
        person.open();
        person.sign_in(&house);
    }
    hans.until("yoda in the list", |me| me.sees_row("yoda", "nline"));
    hans.click_row("yoda");

    house.stop();
    hans.until("that the line is lost", |me| me.sees_part("Reconnecting"));
    hans.say("Message yoda", "Are you there?");
    hans.until("that it waits", |me| me.sees_message(&["Saved here", "Are you there?"]));
    house.start();

    until(&mut [&mut hans, &mut yoda], "the message on the other side", |all| {
        all[1].sees_row("hans", "Are you there?") && !all[0].sees_part("Reconnecting")
    });
}
