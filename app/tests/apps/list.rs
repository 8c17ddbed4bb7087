//! The list, what is kept of a session for the next start, and what names look like beside one another.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2};
use whoelse::app::words;
use whoelse_model::ChatId;
use whoelse_proto::UserName;

use crate::house::House;
use crate::overlap::painted;
use crate::person::{Bell, Person, until};
use crate::private::{in_session, two};

const CTRL: Modifiers = Modifiers::COMMAND;
const NONE: Modifiers = Modifiers::NONE;

fn pointer(person: &mut Person, pos: Pos2, pressed: bool) {
    person.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: NONE });
    person.look();
}

fn point_at(person: &mut Person, pos: Pos2) {
    person.event(Event::PointerMoved(pos));
    person.look();
}

#[test]
fn the_list_is_as_wide_as_its_edge_is_dragged_and_stays_so() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    let edge = hans.place_of_part("Width of the list").center();
    let wider = Pos2::new(edge.x + 30.0, edge.y);
    point_at(&mut hans, edge);
    pointer(&mut hans, edge, true);
    point_at(&mut hans, wider);
    pointer(&mut hans, wider, false);
    let is_near = |place: Pos2| (place.x - wider.x).abs() < 2.0;
    assert!(is_near(hans.place_of_part("Width of the list").center()));

    hans.close();
    hans.open();
    hans.until("the chats again", |me| me.sees_row("yoda", ""));
    assert!(is_near(hans.place_of_part("Width of the list").center()), "kept for the next start");
}

#[test]
fn unread_chats_stand_first_whoever_is_here() {
    let house = House::open();
    let bell = Bell::new();
    let [mut hans, mut yoda, mut leia] = ["hans", "yoda", "leia"].map(|name| Person::new(name, &bell));
    for person in [&mut hans, &mut yoda, &mut leia] {
        person.open();
        person.sign_in(&house);
    }
    until(&mut [&mut hans, &mut yoda, &mut leia], "everybody is here", |all| {
        all[0].sees_row("yoda", "nline") && all[0].sees_row("leia", "nline") && all[1].sees_row("hans", "nline")
    });
    hans.click_row("leia");
    hans.say("Message leia", "A word");
    yoda.click_row("hans");
    yoda.say("Message hans", "I am off");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[0].sees_row("yoda", "1 unread"));
    yoda.click("Sign out");
    yoda.click("Yes, sign out");
    until(&mut [&mut hans, &mut yoda], "yoda's going", |all| all[0].sees_row("yoda", "ffline"));
    let place = |me: &Person, name: &str| me.place_of_row(name).unwrap().y;
    assert!(place(&hans, "yoda") < place(&hans, "leia"), "who is away and unread stands above who is here and read");
}

#[test]
fn the_switcher_tells_a_private_session_that_is_over_from_the_chat() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    yoda.click("End session");
    hans.until("the end", |me| me.sees_part("yoda ended the private session."));
    hans.press(CTRL, Key::K);
    hans.type_on("yoda");
    let rows = hans.names(Role::ListBoxOption);
    assert!(rows.contains(&"yoda, Online".to_owned()), "{rows:?}");
    let same = |row: &String| rows.iter().filter(|other| *other == row).count();
    assert!(rows.iter().all(|row| same(row) == 1), "{rows:?}");
}

#[test]
fn the_tools_of_a_message_lie_on_none_of_its_words() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.press(CTRL, Key::Comma);
    hans.click_as(Role::Tab, "Appearance");
    hans.click_as(Role::RadioButton, "Bubbles");
    hans.press(NONE, Key::Escape);
    hans.click_row("yoda");
    hans.say("Message yoda", "Something short");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Something short"]));
    let at = hans.place_of_message("Something short");
    let words = painted(&hans);
    point_at(&mut hans, at);
    let tools: Vec<_> =
        hans.controls().into_iter().filter(|(name, _)| name == "Reply" || name == "Copy text").collect();
    assert!(!tools.is_empty(), "{:?}", hans.controls());
    let row = hans.place_of_part("Something short");
    for (text, place) in words.iter().filter(|(_, place)| row.expand(2.0).contains_rect(*place)) {
        for (tool, over) in &tools {
            assert!(!over.shrink(1.0).intersects(*place), "{tool} at {over} lies on {text:?} at {place}");
        }
    }
}

#[test]
fn no_window_of_a_chat_is_called_as_the_window_of_the_person_it_is_with() {
    let yoda = ChatId::Direct(UserName::new("yoda").unwrap());
    let everyone = words::chat_title(&ChatId::Everyone, "hans");
    let title = words::chat_title(&yoda, "hans");
    assert!(title.contains("yoda") && title.contains("hans"));
    for main in ["yoda – Whoelse", "hans – Whoelse", &everyone] {
        assert_ne!(title, main);
    }
}

/// The fingerprint on the screen.
fn key(person: &Person) -> Option<String> {
    let is_key = |label: &String| {
        let digits: String = label.chars().filter(|c| !c.is_whitespace()).collect();
        digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit())
    };
    person.labels().into_iter().find(is_key)
}

#[test]
fn a_start_without_a_line_knows_account_server_and_key() {
    let mut house = House::open();
    let address = house.address().to_string();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.press(CTRL, Key::Comma);
    hans.click_as(Role::Tab, "Network");
    let known = key(&hans);
    assert!(known.is_some());
    hans.close();
    house.stop();

    hans.open();
    hans.until("the chats without a line", |me| me.sees_part("Echo Base"));
    hans.press(CTRL, Key::Comma);
    hans.click_as(Role::Tab, "Account");
    assert!(hans.sees_part("Echo Base") && hans.sees_part("hans"));
    hans.click_as(Role::Tab, "Network");
    assert!(hans.sees_part(&address), "{address}");
    assert_eq!(key(&hans), known);
}

#[test]
fn the_open_chat_stays_in_its_section_whatever_arrives_in_it() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    hans.input(|input| input.focused = false);
    hans.look();
    yoda.click_row("hans");
    yoda.say("Message hans", "Are you there?");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[0].sees_row("yoda", "1 unread"));
    assert!(hans.sees_part("Online, 1") && !hans.sees_part("Unread, 1"));
    hans.click_row("Everyone");
    assert!(hans.sees_part("Unread, 1"), "once another is open");
}
