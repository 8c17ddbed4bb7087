//! The window by keyboard alone, and what dialogs and menus keep to themselves.

use eframe::egui::{Event, Key, Modifiers, PointerButton};

use crate::house::{House, password};
use crate::person::{Bell, Person};

const CTRL: Modifiers = Modifiers::COMMAND;
const NONE: Modifiers = Modifiers::NONE;

/// Opens a window and signs in with keys alone, as somebody whose profile is new.
fn sign_in(house: &House, name: &'static str, bell: &std::rc::Rc<Bell>) -> Person {
    let mut person = Person::new(name, bell);
    person.open();
    enter_account(&mut person, house, &password(name));
    person.until("the fingerprint", |me| me.sees("It matches, trust it"));
    // The window's clock goes on by a quarter of a second a frame; after a while the button has the keyboard.
    person.look();
    person.look();
    person.press(NONE, Key::Enter);
    person
}

/// Types into the first page: the keyboard stands in the first empty field, and Enter goes on to the next.
fn enter_account(person: &mut Person, house: &House, password: &str) {
    person.type_on(&house.address().to_string());
    person.press(NONE, Key::Enter);
    person.look();
    person.type_on(person.name);
    person.press(NONE, Key::Tab);
    person.type_on(password);
    person.press(NONE, Key::Enter);
}

#[test]
fn a_person_signs_in_writes_and_signs_out_with_keys_alone() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));

    hans.press(CTRL, Key::K);
    hans.type_on("yoda");
    hans.press(NONE, Key::Enter);
    hans.type_on("Written without a mouse");
    hans.press(NONE, Key::Enter);
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Written without a mouse"]));

    hans.press(CTRL, Key::K);
    hans.type_on("sign out");
    hans.press(NONE, Key::Enter);
    hans.press(NONE, Key::Enter);
    hans.until("the first screen", |me| me.sees_part("You signed out."));
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
}

#[test]
fn after_a_wrong_password_the_next_one_is_typed_at_once() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    enter_account(&mut hans, &house, "another");
    hans.until("the fingerprint", |me| me.sees("It matches, trust it"));
    hans.click("It matches, trust it");
    hans.until("the refusal", |me| me.sees_part("Wrong password. 2 tries left"));
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.say("Message yoda", "In at last");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "In at last"]));
    assert!(!hans.sees_part("Was that you?"), "who mistyped it knows");
}

#[test]
fn what_is_typed_over_a_dialog_never_reaches_the_chat_behind_it() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.press(CTRL, Key::Comma);
    hans.type_on("a secret");
    hans.press(CTRL | Modifiers::SHIFT, Key::E);
    assert!(hans.sees("Close settings"), "the dialog keeps keys that are not its own");
    hans.press(NONE, Key::Escape);
    assert!(!hans.sees("Close settings"));
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some(""));

    hans.type_on("and now");
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("and now"));
}

#[test]
fn the_emoji_picker_searches_and_enter_takes_the_first_hit() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.click("Emoji");
    hans.look();
    hans.type_on("rocket");
    hans.press(NONE, Key::Enter);
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("🚀"));
    assert!(!hans.sees_message(&["rocket"]));
}

#[test]
fn a_right_click_on_a_message_opens_its_menu() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.say("Message yoda", "Something to answer");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Something to answer"]));
    let at = hans.place_of_message("Something to answer");
    hans.event(Event::PointerMoved(at));
    hans.look();
    for pressed in [true, false] {
        let button = PointerButton::Secondary;
        hans.event(Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
        hans.look();
    }
    assert!(hans.sees("Copy text"), "the menu names what can be done");
    hans.look();
    assert!(hans.names(eframe::egui::accesskit::Role::MenuItem).contains(&"Reply".to_owned()));
}

#[test]
fn a_name_that_cannot_be_one_is_told_at_its_field_as_it_is_typed() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Create account");
    hans.write("Server", &house.address().to_string());
    hans.write("Name", "Jürgen");
    assert!(hans.sees_part("A name holds letters from a to z"));
    let [name, password] = ["Name", "Password"].map(|field| hans.place_of_field(field));
    let told = hans.place_of_part("A name holds letters from a to z");
    assert!(name.bottom() < told.top() && told.bottom() < password.top(), "between its field and the next");
    hans.press(CTRL, Key::A);
    hans.type_on("yoda");
    assert!(!hans.sees_part("A name holds"));

    for field in ["Password", "Password again"] {
        hans.write(field, "secret");
    }
    hans.press(NONE, Key::Enter);
    hans.until("the fingerprint", |me| me.sees("It matches, trust it"));
    hans.click("It matches, trust it");
    hans.until("that the name is taken", |me| me.sees_part("The name yoda is taken."));
    assert!(hans.place_of_part("The name yoda is taken.").bottom() < hans.place_of_field("Password").top());
    hans.write("Name", "s");
    assert!(!hans.sees_part("is taken"), "another name is typed");
}

#[test]
fn a_copied_invitation_is_told() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.host();
    hans.click("Copy");
    assert!(hans.sees("Copied"));
}

/// A key as it is pressed and let go.
fn stroke(modifiers: Modifiers, key: Key) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
}

/// Keys that all come before the next frame, as on a computer that has other work.
fn at_once(person: &mut Person, typed: impl IntoIterator<Item = Event>) {
    let typed: Vec<Event> = typed.into_iter().collect();
    person.input(|input| input.events.extend(typed));
    person.look();
}

fn text(words: &str) -> [Event; 1] {
    [Event::Text(words.to_owned())]
}

#[test]
fn an_account_is_typed_in_before_the_window_draws() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    let typed = [
        &text(&house.address().to_string())[..],
        &stroke(NONE, Key::Enter),
        &text("hans"),
        &stroke(NONE, Key::Tab),
        &text(&password("hans")),
        &stroke(NONE, Key::Enter),
    ];
    at_once(&mut hans, typed.concat());
    hans.until("the fingerprint", |me| me.sees("It matches, trust it"));
}

#[test]
fn no_key_is_lost_or_goes_elsewhere_while_the_window_is_late() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("the others in the list", |me| me.sees_row("yoda", "") && me.sees_row("leia", ""));
    hans.click_row("leia");
    let typed = [
        &stroke(CTRL, Key::K)[..],
        &text("yoda"),
        &stroke(NONE, Key::Enter),
        &text("The first word"),
        &stroke(NONE, Key::Enter),
        &text("The second word"),
        &stroke(NONE, Key::Enter),
        &stroke(CTRL, Key::Comma),
        &text("a secret"),
        &stroke(NONE, Key::Escape),
        &text("And a dra"),
        &text("ft"),
    ];
    at_once(&mut hans, typed.concat());
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("And a draft"));
    hans.until("both messages", |me| {
        ["The first word", "The second word"].iter().all(|word| me.sees_message(&["The server has it", word]))
    });
    assert_eq!(hans.app().draft_of("leia").as_deref(), Some(""));
}

#[test]
fn each_press_of_an_arrow_is_a_step() {
    let house = House::open();
    let mut hans = sign_in(&house, "hans", &Bell::new());
    hans.until("the others in the list", |me| me.sees_row("yoda", "") && me.sees_row("leia", ""));
    for name in ["leia", "yoda"] {
        hans.click_row(name);
        hans.say(&format!("Message {name}"), "A word");
        hans.until("that the server has it", |me| me.sees_message(&["The server has it", "A word"]));
    }
    // Chats with the newest word stand first: yoda, leia, and everyone.
    let typed = [&stroke(CTRL, Key::K)[..], &stroke(NONE, Key::ArrowDown), &stroke(NONE, Key::Enter)];
    at_once(&mut hans, typed.concat());
    assert!(hans.has_field("Message leia"));
}
