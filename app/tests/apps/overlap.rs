//! Every view at narrow and wide windows: no text lies on another, and none is cut off without "…".

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::{ClippedShape, Shape};
use eframe::egui::{Key, Modifiers, Rect, Vec2};

use crate::house::House;
use crate::person::{Bell, Person, until};
use crate::private::{drop_on, picture_file, two};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;

/// Widths of windows, in points; the first is below the least that a window can have.
const WIDTHS: [f32; 4] = [320.0, 640.0, 1280.0, 2560.0];
/// Pixels a point: sizes of 90, 100, 130 and 200 %.
const SCALES: [f32; 4] = [0.9, 1.0, 1.3, 2.0];
const HEIGHT: f32 = 720.0;
/// Letters of neighbours may touch.
const TOUCH: f32 = 1.5;

/// A text as it is painted.
struct Painted {
    words: String,
    /// How much of its letters is seen.
    seen: Rect,
}

/// What is wrong with what is on the screen.
fn faults(person: &Person) -> Vec<String> {
    let screen = person.window().ctx.content_rect();
    let mut texts: Vec<Painted> = Vec::new();
    let mut faults = Vec::new();
    for ClippedShape { clip_rect, shape, .. } in &person.window().output().shapes {
        take(shape, *clip_rect, screen, &mut texts, &mut faults);
    }
    assert!(!texts.is_empty(), "nothing was painted");
    faults.extend(meeting_controls(person, screen));
    faults.sort();
    faults.dedup();
    faults
}

/// Controls of the front that lie on one another, and not within one another.
fn meeting_controls(person: &Person, screen: Rect) -> Vec<String> {
    let controls = person.controls();
    let mut faults = Vec::new();
    for (index, (name, place)) in controls.iter().enumerate() {
        for (other, beside) in controls.iter().skip(index + 1) {
            let both = place.intersect(*beside).intersect(screen);
            let nested = place.expand(1.0).contains_rect(*beside) || beside.expand(1.0).contains_rect(*place);
            if both.width() > TOUCH && both.height() > TOUCH && !nested {
                faults.push(format!("meet: {name:?} at {place} and {other:?} at {beside}"));
            }
        }
    }
    faults
}

fn take(shape: &Shape, clip: Rect, screen: Rect, texts: &mut Vec<Painted>, faults: &mut Vec<String>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| take(shape, clip, screen, texts, faults)),
        Shape::Rect(rect) => {
            // What is painted over is not seen; behind a dialog everything is dimmed.
            let covers = rect.fill.a() == 255 || (rect.fill.a() > 0 && rect.rect.contains_rect(screen.shrink(1.0)));
            if covers {
                let cover = rect.rect.intersect(clip);
                texts.retain(|text| !cover.expand(1.0).contains_rect(text.seen));
            }
        }
        Shape::Text(text) => {
            let words = text.galley.text().trim().to_owned();
            let whole = text.galley.mesh_bounds.translate(text.pos.to_vec2());
            let seen = whole.intersect(clip).intersect(screen);
            // Icons are one sign of a font of their own.
            let is_icon = words.chars().all(|c| ('\u{E000}'..='\u{F8FF}').contains(&c));
            if words.is_empty() || is_icon || seen.width() <= TOUCH || seen.height() <= TOUCH {
                return;
            }
            let cut = (whole.width() - seen.width()) > TOUCH;
            if cut {
                faults.push(format!("cut: {words:?}, {whole} seen {seen}"));
            }
            for other in texts.iter() {
                let both = other.seen.intersect(seen);
                if both.width() > TOUCH && both.height() > TOUCH {
                    faults.push(format!("overlap: {:?} at {} and {words:?} at {seen}", other.words, other.seen));
                }
            }
            texts.push(Painted { words, seen });
        }
        Shape::Noop
        | Shape::Circle(_)
        | Shape::Ellipse(_)
        | Shape::LineSegment { .. }
        | Shape::Path(_)
        | Shape::Band(_)
        | Shape::Mesh(_)
        | Shape::QuadraticBezier(_)
        | Shape::CubicBezier(_)
        | Shape::Callback(_) => {}
    }
}

/// Looks at a view in every size.
fn check(person: &mut Person, view: &str, all: &mut Vec<String>) {
    for width in WIDTHS {
        for scale in SCALES {
            person.resize(Vec2::new(width, HEIGHT), scale);
            let found = faults(person);
            all.extend(found.into_iter().map(|fault| format!("{view}, {width} points, {scale}: {fault}")));
        }
    }
    person.resize(Vec2::new(1280.0, 800.0), 1.0);
}

fn report(all: &[String]) {
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.iter().take(60).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_before_signing_in() {
    let mut all = Vec::new();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    check(&mut hans, "sign in", &mut all);
    hans.click("Create account");
    check(&mut hans, "create account", &mut all);
    hans.click("Back");
    hans.click("Host on this computer");
    check(&mut hans, "host", &mut all);
    report(&all);
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_in_any_view() {
    let house = House::open();
    let mut all = Vec::new();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    for name in ["yoda", "leia", "Everyone"] {
        hans.click_row(name);
        let composer =
            if name == "Everyone" { "Message everyone online".to_owned() } else { format!("Message {name}") };
        hans.say(&composer, "A word, https://echo-base.lan/a/long/way/to/the/hangar and **some** `code` for everybody");
        // Until then the rows of the list may change places, and a click would meet another.
        hans.until("that the server has it", |me| me.sees_message(&["The server has it", "A word"]));
    }
    hans.click_row("yoda");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "A word"]));
    check(&mut hans, "chat", &mut all);
    hans.press(CTRL, Key::F);
    hans.type_on("word");
    hans.until("the hit", |me| me.sees_part("1 of"));
    check(&mut hans, "search in chat", &mut all);
    hans.press(NONE, Key::Escape);
    hans.write("Search people and messages", "e");
    hans.until("the messages", |me| !me.sees_part("Searching"));
    check(&mut hans, "search", &mut all);
    hans.click("Clear search");
    for (key, sees, view) in [
        (Key::O, "Export CSV", "who was online"),
        (Key::D, "Share a file", "shared files"),
        (Key::F, "Search all messages", "search all"),
    ] {
        hans.press(CTRL_SHIFT, key);
        hans.until(view, |me| me.sees(sees));
        check(&mut hans, view, &mut all);
    }
    report(&all);
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_in_dialogs_and_settings() {
    let house = House::open();
    let mut all = Vec::new();
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(&house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans.press(CTRL, Key::K);
    check(&mut hans, "switcher", &mut all);
    hans.press(NONE, Key::Escape);
    hans.press(CTRL, Key::Slash);
    check(&mut hans, "keys", &mut all);
    hans.press(NONE, Key::Escape);
    hans.click("Block yoda");
    check(&mut hans, "block", &mut all);
    hans.press(NONE, Key::Escape);
    hans.press(CTRL, Key::Comma);
    let sections: Vec<String> = hans.names(Role::Tab).into_iter().filter(|name| SECTIONS.contains(&&**name)).collect();
    for section in sections {
        hans.click_as(Role::Tab, &section);
        check(&mut hans, &section, &mut all);
    }
    report(&all);
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_in_a_private_session() {
    let house = House::open();
    let mut all = Vec::new();
    let [mut hans, mut yoda] = two(&house);
    hans.click_row("yoda");
    hans.click("Start private session");
    until(&mut [&mut hans, &mut yoda], "the question", |all| all[1].sees_part("hans asks for a private session"));
    check(&mut hans, "asking", &mut all);
    check(&mut yoda, "asked", &mut all);
    yoda.click("Accept");
    until(&mut [&mut hans, &mut yoda], "the code", |all| all.iter().all(|person| person.sees_part("Code: ")));
    check(&mut hans, "code", &mut all);
    hans.click("They match");
    hans.until("the mark", |me| me.sees("Verified"));
    hans.say("Private to yoda, direct", "the plans are in the droid");
    let folder = tempfile::tempdir().unwrap();
    drop_on(&mut hans, &picture_file(folder.path()));
    until(&mut [&mut hans, &mut yoda], "the offer", |all| all[1].sees_part("from hans, direct"));
    check(&mut hans, "offering", &mut all);
    check(&mut yoda, "offered", &mut all);
    yoda.click_in_card("Accept");
    until(&mut [&mut hans, &mut yoda], "the file", |all| {
        all.iter().all(|person| person.sees_part("hangar.png, Verified"))
    });
    check(&mut hans, "sent", &mut all);
    yoda.click("End session");
    hans.until("the end", |me| me.sees_part("yoda ended the private session."));
    check(&mut hans, "over", &mut all);
    report(&all);
}

const SECTIONS: [&str; 8] =
    ["Account", "Appearance", "Messages", "Notifications", "Privacy", "Network", "Keyboard", "About"];
