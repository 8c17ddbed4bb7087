//! The server on this computer, and the person who is signed in at it.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Vec2};

use crate::person::{Bell, Person};

const NONE: Modifiers = Modifiers::NONE;

#[test]
fn who_stops_the_own_server_is_told_so_and_back_at_once_when_it_runs_again() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.host();
    hans.click("Create account");
    hans.write("Name", hans.name);
    hans.write("Password", "solo");
    hans.write("Password again", "solo");
    hans.click_last("Create account");
    hans.until("the chats", |me| me.sees_row("Everyone", ""));

    hans.press(Modifiers::COMMAND, Key::Comma);
    hans.click_as(Role::Tab, "Network");
    hans.click("Stop the server");
    hans.until("the question", |me| me.sees("Stop the server?"));
    hans.click_last("Stop the server");
    hans.until("that it is stopped", |me| me.sees_part("Your server is stopped."));

    hans.click("Start the server");
    hans.until("that all is well", |me| !me.sees_part("Your server is stopped.") && !me.sees_part("Reconnecting"));
}

#[test]
fn an_item_that_a_key_chooses_closes_its_menu() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.resize(Vec2::new(420.0, 700.0), 1.0);
    hans.click("Servers");
    hans.look();
    assert!(hans.sees("Add a server"));
    for _ in 0..20 {
        if hans.focused().as_deref() == Some("Host on this computer") {
            break;
        }
        hans.press(NONE, Key::Tab);
    }
    hans.press(NONE, Key::Enter);
    hans.look();
    assert!(hans.sees("Port") && !hans.sees("Add a server"));
}
