//! A window of one column: every page has its way back, and no bar is cut.

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::{ClippedShape, Shape};
use eframe::egui::{Key, Modifiers, Vec2};

use crate::house::House;
use crate::person::{Bell, Person, until};
use crate::private::{two, until_asked};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;
const BACK: &str = "Back to the list";
/// Widths of windows at which bars were cut, in points.
const WIDTHS: [f32; 6] = [360.0, 420.0, 500.0, 600.0, 640.0, 700.0];

#[test]
fn every_page_leads_back_to_the_list_by_an_arrow_and_by_esc() {
    let house = House::open();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.resize(Vec2::new(400.0, 720.0), 1.0);
    for (key, sees) in [(Key::O, "Export CSV"), (Key::D, "Share a file"), (Key::F, "Search all messages")] {
        hans.press(CTRL_SHIFT, key);
        hans.until(sees, |me| me.sees(sees));
        hans.click(BACK);
        assert!(hans.sees_row("Everyone", ""), "the arrow of {sees} leads back");
        hans.press(CTRL_SHIFT, key);
        hans.until(sees, |me| me.sees(sees));
        hans.press(NONE, Key::Escape);
        assert!(hans.sees_row("Everyone", ""), "Esc leads back from {sees}");
    }
    hans.press(Modifiers::COMMAND, Key::Comma);
    assert!(hans.sees("Close settings"));
    hans.press(NONE, Key::Escape);
    assert!(hans.sees_row("Everyone", ""));
}

#[test]
fn who_asks_by_a_command_waits_in_sight_and_is_shown_the_way_once_the_other_agrees() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.resize(Vec2::new(400.0, 720.0), 1.0);
    hans.click_row("yoda");
    hans.say("Message yoda", "/startprivate yoda");
    assert!(hans.sees_part("Waiting for yoda"), "at once");
    hans.click(BACK);
    assert!(hans.sees_part("Waiting for yoda."), "in the list too");
    assert!(hans.sees("Cancel"));
    until_asked(&mut hans, &mut yoda);
    yoda.click("Accept");
    until(&mut [&mut hans, &mut yoda], "the way there", |all| all[0].sees("Go to the private session"));
    hans.click("Go to the private session");
    assert!(hans.has_field("Private to yoda, direct"));
    assert!(!hans.sees("Go to the private session"), "it was seen");
}

#[test]
fn no_bar_is_cut_at_any_width() {
    let house = House::open();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    hans.click("Start private session");
    until(&mut [&mut hans, &mut yoda], "the question", |all| all[1].sees_part("hans asks for a private session"));
    whole(&mut hans, "Waiting for yoda");
    whole(&mut yoda, "hans asks for a private session");
    yoda.click("Decline");
    until(&mut [&mut hans, &mut yoda], "the answer", |all| all[0].sees_part("yoda declined."));
    whole(&mut hans, "No private session is open");
    hans.click("Write through the server");
    hans.click("More");
    hans.click_as(Role::MenuItem, "Block yoda…");
    hans.click_last("Block");
    hans.until("the block", |me| me.sees_part("You blocked yoda."));
    assert_eq!(hans.count_of_part("You blocked yoda."), 1, "it is said once, before anything is written");
    assert!(hans.sees_part("yoda cannot answer"));
    whole(&mut hans, "You blocked yoda.");
}

/// The words that begin like this are painted whole at every width.
fn whole(person: &mut Person, begins: &str) {
    for width in WIDTHS {
        person.resize(Vec2::new(width, 720.0), 1.0);
        let mut found = Vec::new();
        for ClippedShape { shape, .. } in &person.window().output().shapes {
            if let Shape::Text(text) = shape
                && text.galley.text().starts_with(begins)
            {
                found.push((text.galley.elided, text.pos.x + text.galley.rect.right()));
            }
        }
        assert!(!found.is_empty(), "{begins} at {width}");
        assert!(found.iter().all(|(cut, right)| !cut && *right <= width), "{begins} at {width}: {found:?}");
    }
    person.resize(Vec2::new(1280.0, 800.0), 1.0);
}
