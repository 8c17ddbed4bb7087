//! Who has the keyboard: what a field refuses is corrected at once, a page with one field opens with the cursor in it, and
//! nobody writes to everyone by accident.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, PointerButton, Vec2};
use whoelse_model::ChatId;

use crate::house::{House, hans_with_yoda, password};
use crate::person::{Bell, Person, until};
use crate::private::{in_session, two};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;
const SEARCH: &str = "Search people and messages";

#[test]
fn passwords_that_differ_are_corrected_without_a_click() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Create account");
    for (field, text) in [("Server", "127.0.0.1:1"), ("Name", "hans"), ("Password", "one"), ("Password again", "two")] {
        hans.write(field, text);
    }
    hans.press(NONE, Key::Enter);
    assert!(hans.sees("The two passwords differ."));
    assert_eq!(hans.focused().as_deref(), Some("Password again"));
    hans.type_on("one");
    assert!(!hans.sees("The two passwords differ."), "the new word takes the place of the old one");
}

#[test]
fn a_port_that_is_none_is_corrected_without_a_click() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Host on this computer");
    hans.write("Port", "99999999");
    hans.press(NONE, Key::Enter);
    assert!(hans.sees_part("A port is a number"));
    assert_eq!(hans.focused().as_deref(), Some("Port"));
}

#[test]
fn a_dialog_that_is_closed_gives_the_keyboard_back() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.click("Host on this computer");
    hans.write("Port", "4");
    hans.press(NONE, Key::F1);
    hans.look();
    assert_eq!(hans.focused().as_deref(), Some("Search keys"));
    hans.press(NONE, Key::Escape);
    hans.look();
    assert_eq!(hans.focused().as_deref(), Some("Port"));
}

#[test]
fn a_page_with_one_field_opens_with_the_cursor_in_it_and_keeps_it() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.press(CTRL_SHIFT, Key::F);
    hans.type_on("hello");
    hans.press(NONE, Key::Enter);
    assert_eq!(hans.focused().as_deref(), Some("Search all messages"));
    hans.press(CTRL_SHIFT, Key::F);
    hans.type_on("plans");
    assert_eq!(hans.value_of("Search all messages"), "plans", "the old words are selected");

    hans.click("Shared files");
    hans.type_on("pic");
    hans.press(NONE, Key::Enter);
    hans.until("the answer", |me| me.sees_part("Not available"));
    hans.type_on("picture.png");
    assert_eq!(hans.value_of("Name of a shared file"), "picture.png");
}

#[test]
fn what_is_typed_right_after_signing_in_is_written_to_nobody() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.type_on("first");
    assert_eq!(hans.value_of(SEARCH), "first");
    hans.click("Clear search");
    hans.click_row("Everyone");
    hans.app_signs_out();
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
    hans.type_on("second");
    assert_eq!(hans.value_of(SEARCH), "second");
    let draft = hans.app().model().chats().get(&ChatId::Everyone).map(|chat| chat.draft().to_owned());
    assert_eq!(draft.unwrap_or_default(), "");
}

#[test]
fn the_cursor_is_in_the_chat_that_was_open_last() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.app_signs_out();
    hans.look();
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the chats", |me| me.sees_row("yoda", ""));
    hans.type_on("as before");
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("as before"));
    assert!(hans.names(Role::Tab).contains(&"yoda".to_owned()));
}

#[test]
fn tab_leads_out_of_the_message_box_and_indents_in_code_alone() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.type_on("hello");
    hans.press(NONE, Key::Tab);
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("hello"));
    assert!(hans.focused().is_some_and(|name| name != "Message yoda"));
    hans.write("Message yoda", "\n```\ncode");
    hans.press(NONE, Key::Tab);
    assert_eq!(hans.focused().as_deref(), Some("Message yoda"));
    assert!(hans.app().draft_of("yoda").is_some_and(|draft| draft.contains('\t')));
}

#[test]
fn a_chosen_message_gives_its_tools_and_its_menu_to_the_keyboard() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.say("Message yoda", "Something to answer");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Something to answer"]));
    // In an empty box, the arrow chooses.
    hans.press(NONE, Key::ArrowUp);
    hans.look();
    hans.press(NONE, Key::Tab);
    hans.look();
    assert_eq!(hans.focused().as_deref(), Some("Reply"));
    hans.press(NONE, Key::Tab);
    assert_eq!(hans.focused().as_deref(), Some("Copy text"));

    hans.press(Modifiers::COMMAND, Key::ArrowUp);
    hans.look();
    hans.press(Modifiers::SHIFT, Key::F10);
    hans.look();
    assert!(hans.names(Role::MenuItem).contains(&"Copy text".to_owned()));
    assert_eq!(hans.focused().as_deref(), Some("Reply"));
    for (key, name) in [(Key::ArrowDown, "Copy text"), (Key::ArrowDown, "Reply"), (Key::ArrowUp, "Copy text")] {
        hans.press(NONE, key);
        hans.look();
        assert_eq!(hans.focused().as_deref(), Some(name), "arrows stay in the menu");
    }
    hans.press(NONE, Key::ArrowUp);
    hans.look();
    hans.press(NONE, Key::Enter);
    hans.look();
    assert!(hans.sees("Do not reply"));
}

#[test]
fn esc_lets_go_of_selected_words_before_it_does_anything_else() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.say("Message yoda", "Some words");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Some words"]));
    let at = hans.place_of_message("Some words");
    hans.event(Event::PointerMoved(at));
    hans.look();
    for pressed in [true, false] {
        let button = PointerButton::Primary;
        hans.event(Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
        hans.look();
    }
    hans.press(Modifiers::COMMAND, Key::A);
    hans.event(Event::Copy);
    hans.step();
    assert_eq!(hans.copied().as_deref(), Some("Some words"));
    hans.press(NONE, Key::Escape);
    hans.event(Event::Copy);
    hans.step();
    assert_eq!(hans.copied(), None);
}

#[test]
fn the_ring_of_the_settings_goes_with_the_pointer_to_the_section_that_is_shown() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.press(Modifiers::COMMAND, Key::Comma);
    hans.look();
    hans.click_as(Role::Tab, "Files");
    assert_eq!(hans.focused().as_deref(), Some("Files"));
}

#[test]
fn who_types_while_something_is_popped_up_writes() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.say("Message yoda", "first");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "first"]));
    hans.click_last("The server has it");
    hans.look();
    assert!(hans.sees_part("Saved here, "));
    hans.type_on("second");
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some("second"));
    assert!(!hans.sees_part("Saved here, "));
}

#[test]
fn the_keys_are_a_key_away_and_the_settings_open_where_their_page_is() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.press(NONE, Key::F1);
    assert!(hans.sees("Search keys"));
    let first = hans.place_of_part("A command").top();
    hans.press(NONE, Key::PageDown);
    hans.look();
    assert!(hans.place_of_part("A command").top() < first, "the list moves by keys");
    hans.press(NONE, Key::Escape);

    hans.resize(Vec2::new(900.0, 430.0), 1.0);
    hans.press(Modifiers::COMMAND, Key::Comma);
    hans.look();
    assert_eq!(hans.focused().as_deref(), Some("Appearance"));
    for _ in 0..30 {
        hans.press(NONE, Key::Tab);
        // What scrolls comes into view a frame later.
        hans.look();
        let (name, place) = (hans.focused(), hans.place_of_focus());
        let is_seen = place.is_none_or(|place| place.top() >= 0.0 && place.bottom() <= 430.0);
        assert!(is_seen, "{name:?} at {place:?}");
    }
}

#[test]
fn the_switcher_names_people_first_and_finds_what_one_types() {
    let house = House::open();
    let [mut hans, _yoda] = two(&house);
    hans.press(Modifiers::COMMAND, Key::K);
    assert!(hans.rows_of_dialog()[0].starts_with("yoda, Online"), "{:?}", hans.rows_of_dialog());
    for (typed, first) in [("sign", "Sign out"), ("/who", "Who was online"), ("shortcut", "All keys")] {
        hans.press(NONE, Key::Escape);
        hans.press(Modifiers::COMMAND, Key::K);
        hans.type_on(typed);
        assert_eq!(hans.rows_of_dialog().first().map(String::as_str), Some(first), "{typed}");
    }
    hans.press(NONE, Key::Escape);
    hans.click_row("yoda");
    hans.press(Modifiers::COMMAND, Key::K);
    hans.type_on("block");
    assert_eq!(hans.rows_of_dialog().first().map(String::as_str), Some("Block yoda"));
    hans.press(NONE, Key::Escape);
    hans.press(Modifiers::COMMAND, Key::K);
    hans.type_on("stay signed");
    hans.press(NONE, Key::Enter);
    assert!(hans.sees("You stay signed in."), "what cannot be seen is said");
}

#[test]
fn a_wrong_old_password_is_told_where_it_was_typed() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.press(Modifiers::COMMAND, Key::K);
    hans.type_on("change your password");
    hans.press(NONE, Key::Enter);
    for (field, text) in [("Old password", "wrong"), ("New password", "falcon99"), ("New password again", "falcon99")] {
        hans.write(field, text);
    }
    hans.press(NONE, Key::Enter);
    hans.until("the refusal", |me| me.sees_part("the old password is wrong"));
    hans.look();
    assert_eq!(hans.focused().as_deref(), Some("Old password"));
    assert_eq!(hans.count_of_part("the old password is wrong"), 1, "in the dialog alone");
    hans.type_on(&password("hans"));
    hans.press(NONE, Key::Enter);
    hans.until("the new password", |me| me.sees("Your password is changed."));
    assert!(!hans.sees("New password again"), "the dialog is closed");
}

#[test]
fn a_field_offers_to_paste_by_a_right_click() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    let at = hans.place_of_field("Server").center();
    hans.event(Event::PointerMoved(at));
    hans.look();
    for pressed in [true, false] {
        let button = PointerButton::Secondary;
        hans.event(Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
        hans.look();
    }
    hans.look();
    assert!(hans.names(Role::MenuItem).contains(&"Paste".to_owned()));
}

#[test]
fn what_was_read_is_not_called_unread_and_the_open_chat_stays_where_it_is() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("Everyone");
    yoda.click_row("hans");
    yoda.say("Message hans", "A word");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[0].sees_part("Unread, 1"));
    assert!(!hans.sees_part("Online, 0"), "a section without anybody is not there");
    hans.click_row("yoda");
    hans.until("that it is read", |me| me.sees_part("Just read, 1"));
    hans.say("Message yoda", "And one back");
    hans.until("that it is there", |me| me.sees_message(&["And one back"]));
    assert!(hans.sees_part("Just read, 1"), "still");
    hans.click_row("Everyone");
    hans.until("the usual place", |me| !me.sees_part("Just read") && me.sees_part("Online, 1"));
}

#[test]
fn codes_that_differ_end_the_session_and_say_what_to_do() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    hans.click("More about the code");
    hans.look();
    hans.click_as(Role::MenuItem, "They differ");
    until(&mut [&mut hans, &mut yoda], "the end", |all| {
        all[0].sees_part("the codes differ") && all[1].sees_part("hans ended the private session.")
    });
}

#[test]
fn who_was_online_is_asked_again_when_the_window_opens_with_it() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.press(CTRL_SHIFT, Key::O);
    until(&mut [&mut hans, &mut yoda], "the table", |all| all[0].sees_part("yoda, Online, first seen"));
    hans.close();
    hans.open();
    until(&mut [&mut hans, &mut yoda], "the table again", |all| all[0].sees_part("yoda, Online, first seen"));
}

#[test]
fn the_first_pages_speak_no_jargon() {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    let plain = |hans: &Person, page: &str| {
        for word in ["TLS", "pinned", "keyring", "ASCII", "credentials", "host:port", "fingerprint"] {
            assert!(!hans.sees_part(word), "{word} on {page}");
        }
    };
    plain(&hans, "the first page");
    hans.click("Create account");
    hans.write("Password", "short");
    plain(&hans, "a new account");
    assert!(hans.sees_part("Short passwords are easy to guess."));
    hans.click("Back");
    hans.click("Host on this computer");
    plain(&hans, "hosting");
}

#[test]
fn tab_goes_through_icons_as_one_reads_them() {
    let house = House::open();
    let hans = hans_with_yoda(&house);
    let place = |name: &str| {
        let controls = hans.controls();
        controls.iter().position(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"))
    };
    for row in [
        ["Who was online", "Shared files"],
        ["Settings", "Sign out"],
        ["Start private session", "Search in this chat (Ctrl+F)"],
        ["Search in this chat (Ctrl+F)", "More"],
    ] {
        assert!(place(row[0]) < place(row[1]), "{row:?}");
    }
}

/// Whether controls stand in this order for Tab; of several with a name, the last.
fn is_in_order(person: &Person, names: &[&str]) -> bool {
    let controls = person.controls();
    let place = |name: &&str| controls.iter().rposition(|(known, _)| known == *name).unwrap();
    names.iter().map(place).collect::<Vec<_>>().is_sorted()
}

#[test]
fn tab_goes_through_the_buttons_of_bars_and_of_private_sessions_as_one_reads_them() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    hans.click("Start private session");
    crate::private::until_asked(&mut hans, &mut yoda);
    assert!(is_in_order(&yoda, &["Decline", "Accept"]));
    yoda.click("Accept");
    until(&mut [&mut hans, &mut yoda], "the code", |all| all[1].sees_part("Code: "));
    assert!(is_in_order(&yoda, &["End session", "Search in this chat (Ctrl+F)", "More"]));
    assert!(is_in_order(&yoda, &["They match", "More about the code"]));
    yoda.click("End session");
    yoda.until("the end", |me| me.sees("Ask for a private session"));
    assert!(is_in_order(&yoda, &["Write through the server", "Ask for a private session"]));
}

#[test]
fn a_message_that_was_refused_is_sent_again_or_deleted_by_keys_and_by_its_menu() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    yoda.click_row("hans");
    yoda.say("Message hans", "/block hans");
    yoda.until("the block", |me| me.sees_row("hans", "locked"));
    for text in ["The first", "The second"] {
        hans.say("Message yoda", text);
        hans.until("the refusal", |me| me.sees_message(&["Not sent", text]));
    }
    hans.press(Modifiers::COMMAND, Key::ArrowUp);
    hans.look();
    hans.press(Modifiers::SHIFT, Key::F10);
    hans.look();
    let items = hans.names(Role::MenuItem);
    assert_eq!(items, ["Reply", "Copy text", "Try again", "Delete"]);
    hans.press(NONE, Key::Escape);

    hans.press(Modifiers::COMMAND, Key::ArrowUp);
    hans.look();
    hans.press(NONE, Key::Delete);
    hans.until("that it is gone", |me| !me.sees_message(&["The second"]));

    yoda.say("Message hans", "/unblock hans");
    yoda.until("that there is no block", |me| !me.sees_row("hans", "locked"));
    hans.press(Modifiers::COMMAND, Key::ArrowUp);
    hans.look();
    hans.type_on("t");
    until(&mut [&mut hans, &mut yoda], "the message", |all| all[1].sees_row("hans", "The first"));
    assert_eq!(hans.app().draft_of("yoda").as_deref(), Some(""), "the key is no letter of a message");
}

#[test]
fn a_chosen_message_is_copied_as_it_was_written_and_with_shift_as_it_is_shown() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.say("Message yoda", "with **weight**");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "weight"]));
    hans.press(Modifiers::COMMAND, Key::ArrowUp);
    hans.look();
    for (modifiers, copied) in [(NONE, "with **weight**"), (Modifiers::SHIFT, "with weight")] {
        hans.event(Event::ModifiersChanged(modifiers));
        hans.event(Event::Copy);
        hans.step();
        assert_eq!(hans.copied().as_deref(), Some(copied));
    }
}

#[test]
fn no_letter_is_lost_behind_an_enter_that_finds_nothing_or_a_search_that_is_closed() {
    let house = House::open();
    let mut hans = hans_with_yoda(&house);
    hans.press(Modifiers::COMMAND, Key::K);
    hans.type_on("nobody of this name");
    hans.press(NONE, Key::Enter);
    assert_eq!(hans.focused().as_deref(), Some("Go to a person, chat or command"));
    hans.press(NONE, Key::Escape);

    hans.press(Modifiers::COMMAND, Key::F);
    hans.type_on("word");
    hans.press(NONE, Key::Escape);
    assert_eq!(hans.focused().as_deref(), Some("Message yoda"));
}
