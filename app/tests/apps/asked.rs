//! What a window asks before it does it, keeps to itself, or leaves where it was.

use eframe::egui::{Key, Modifiers, vec2};

use crate::house::{House, hans_with_yoda, password};
use crate::overlap::painted;
use crate::person::{Bell, Person};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

#[test]
fn stopping_the_server_on_this_computer_and_quitting_while_it_runs_ask_first() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.host();

    hans.click("Stop the server");
    assert!(hans.sees("Stop the server?"));
    hans.press(NONE, Key::Escape);
    assert!(hans.sees_part("Running at "), "nobody was cut off");

    hans.press(CTRL, Key::Q);
    assert!(hans.sees("Quit Whoelse?") && hans.sees_part("everybody who is signed in to it is disconnected"));
    hans.press(NONE, Key::Escape);
    assert!(hans.sees_part("Running at "));

    hans.click("Stop the server");
    hans.click_last("Stop the server");
    hans.until("that it is stopped", |me| me.sees("Start the server"));
}

#[test]
fn a_password_that_was_shown_is_hidden_on_the_next_page() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.write("Password", "falcon");
    hans.click("Show password");
    assert!(hans.sees("Hide password"));
    hans.click("Create account");
    assert!(!hans.sees("Hide password"), "both passwords of the new page are hidden");
}

#[test]
fn passwords_behind_the_command_that_changes_them_are_asked_for_in_a_dialog() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    for line in ["/passwd", &format!("/passwd {} other", password("hans"))] {
        hans.say("Message yoda", line);
        assert!(hans.sees("Old password") && hans.sees("New password again"), "{line}");
        hans.press(NONE, Key::Escape);
        assert_eq!(hans.app().draft_of("yoda").as_deref(), Some(""));
    }
    assert!(!hans.sees_message(&["passwd"]));
}

#[test]
fn closing_the_search_of_a_chat_stays_where_it_led() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.resize(vec2(900.0, 420.0), 1.0);
    hans.say("Message yoda", "The first of many words");
    for n in 0..30 {
        hans.say("Message yoda", &format!("line {n}"));
    }
    hans.until("that the server has all", |me| me.sees_message(&["The server has it", "line 29"]));
    assert!(!hans.sees_message(&["The first of many words"]));
    hans.press(CTRL, Key::F);
    hans.type_on("first of many");
    hans.press(NONE, Key::Enter);
    hans.until("the hit", |me| me.sees_message(&["The first of many words"]));
    hans.press(NONE, Key::Escape);
    hans.look();
    assert!(hans.sees_message(&["The first of many words"]), "the search is closed, and the message stays in sight");
}

#[test]
fn page_up_scrolls_the_messages_while_one_writes() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.resize(vec2(900.0, 420.0), 1.0);
    for n in 0..30 {
        hans.say("Message yoda", &format!("line {n}"));
    }
    hans.until("that the server has all", |me| me.sees_message(&["The server has it", "line 29"]));
    hans.write("Message yoda", "half a");
    for _ in 0..9 {
        hans.press(NONE, Key::PageUp);
    }
    hans.look();
    assert!(hans.sees_message(&["line 0"]));
    hans.type_on(" word");
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("half a word"));
}

#[test]
fn ctrl_0_takes_the_size_of_the_text_back_to_normal() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    let zoom = |me: &Person| me.window().ctx.zoom_factor();
    let normal = zoom(&hans);
    hans.press(CTRL, Key::Plus);
    assert!(zoom(&hans) > normal);
    hans.press(CTRL, Key::Num0);
    assert!((zoom(&hans) - normal).abs() < f32::EPSILON);
}

#[test]
fn a_server_that_was_trusted_is_known_in_the_form() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.app_signs_out();
    let words: Vec<String> = painted(&hans).into_iter().map(|(words, _)| words).collect();
    assert!(words.iter().any(|said| said == "Known server") && !words.iter().any(|said| said == "new"), "{words:?}");
}
