//! Every view at narrow and wide windows: no text lies on another, and none is cut off without "…".

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::{ClippedShape, Shape};
use eframe::egui::{self, Key, Modifiers, Rect, Vec2};

use crate::house::House;
use crate::person::{Bell, Person, until};
use crate::private::{drop_on, in_session, picture_file, two, until_asked};

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
    let mut faults = texts_faults(person);
    faults.extend(meeting_controls(person, screen));
    faults.sort();
    faults.dedup();
    faults
}

/// What is wrong with the texts that are on the screen.
pub(crate) fn texts_faults(person: &Person) -> Vec<String> {
    let screen = person.window().ctx.content_rect();
    let mut texts: Vec<Painted> = Vec::new();
    let mut faults = Vec::new();
    let mut floats = Floats::No;
    for ClippedShape { clip_rect, shape, .. } in &person.window().output().shapes {
        take(shape, *clip_rect, screen, (&mut texts, &mut floats), &mut faults);
    }
    assert!(!texts.is_empty(), "nothing was painted");
    let fields = person.places_of_fields();
    faults.retain(|fault| match fault {
        Fault::Cut(text) => !fields.iter().any(|field| field.expand(TOUCH).contains_rect(text.seen)),
        Fault::Overlap(..) => true,
    });
    faults.into_iter().map(|fault| fault.to_string()).collect()
}

/// What is wrong with a text.
enum Fault {
    /// A part of it is not seen.
    Cut(Painted),
    /// Another one lies on it.
    Overlap(String, Rect, Painted),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cut(Painted { words, seen }) => write!(f, "cut: {words:?}, seen {seen}"),
            Self::Overlap(other, place, Painted { words, seen }) => {
                write!(f, "overlap: {other:?} at {place} and {words:?} at {seen}")
            }
        }
    }
}

/// The texts that are on the screen, and how much of each is seen.
pub(crate) fn painted(person: &Person) -> Vec<(String, Rect)> {
    let screen = person.window().ctx.content_rect();
    let (mut texts, mut floats, mut faults) = (Vec::new(), Floats::No, Vec::new());
    for ClippedShape { clip_rect, shape, .. } in &person.window().output().shapes {
        take(shape, *clip_rect, screen, (&mut texts, &mut floats), &mut faults);
    }
    texts.into_iter().map(|text| (text.words, text.seen)).collect()
}

/// Whether a shadow was painted, and with the next surface begins what floats above the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Floats {
    Shadow,
    No,
}

/// What is left of a rectangle beside a cover.
fn beside(rect: Rect, cover: Rect) -> Vec<Rect> {
    let cover = cover.intersect(rect);
    if !cover.is_positive() {
        return vec![rect];
    }
    let parts = [
        Rect { max: egui::pos2(rect.max.x, cover.min.y), ..rect },
        Rect { min: egui::pos2(rect.min.x, cover.max.y), ..rect },
        Rect { max: egui::pos2(cover.min.x, rect.max.y), ..rect },
        Rect { min: egui::pos2(cover.max.x, rect.min.y), ..rect },
    ];
    parts.into_iter().filter(|part| part.width() > TOUCH && part.height() > TOUCH).collect()
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

fn take(
    shape: &Shape,
    clip: Rect,
    screen: Rect,
    (texts, floats): (&mut Vec<Painted>, &mut Floats),
    faults: &mut Vec<Fault>,
) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| take(shape, clip, screen, (texts, floats), faults)),
        Shape::Rect(rect) if rect.blur_width > 0.0 => *floats = Floats::Shadow,
        Shape::Rect(rect) => {
            if std::mem::replace(floats, Floats::No) == Floats::Shadow && rect.fill.a() == 255 {
                let cover = rect.rect.intersect(clip);
                let left = |text: Painted| {
                    let parts = beside(text.seen, cover).into_iter();
                    parts.map(move |seen| Painted { words: text.words.clone(), seen }).collect::<Vec<_>>()
                };
                *texts = std::mem::take(texts).into_iter().flat_map(left).collect();
            }
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
                faults.push(Fault::Cut(Painted { words: words.clone(), seen }));
            }
            for other in texts.iter() {
                let both = other.seen.intersect(seen);
                if both.width() > TOUCH && both.height() > TOUCH {
                    let painted = Painted { words: words.clone(), seen };
                    faults.push(Fault::Overlap(other.words.clone(), other.seen, painted));
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
pub(crate) fn check(person: &mut Person, view: &str, all: &mut Vec<String>) {
    each_size(person, |person, size| {
        let found = faults(person);
        all.extend(found.into_iter().map(|fault| format!("{view}, {size}: {fault}")));
    });
}

/// Does something in every size, and goes back to that of a desk.
pub(crate) fn each_size(person: &mut Person, mut act: impl FnMut(&mut Person, &str)) {
    for width in WIDTHS {
        for scale in SCALES {
            person.resize(Vec2::new(width, HEIGHT), scale);
            act(person, &format!("{width} points, {scale}"));
        }
    }
    person.resize(Vec2::new(1280.0, 800.0), 1.0);
}

pub(crate) fn report(all: &[String]) {
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
    hans.click("More");
    hans.click_as(Role::MenuItem, "Block yoda…");
    check(&mut hans, "block", &mut all);
    hans.press(NONE, Key::Escape);
    for (command, sees, view) in [
        ("mute this chat", "Mute yoda", "mute"),
        ("send a file", "Send a file to yoda", "path"),
        ("export", "Export yoda", "export"),
    ] {
        hans.press(CTRL, Key::K);
        hans.type_on(command);
        hans.press(NONE, Key::Enter);
        assert!(hans.sees(sees), "{view}");
        check(&mut hans, view, &mut all);
        hans.press(NONE, Key::Escape);
    }
    hans.say("Message yoda", "Look: https://echo-base.lan@evil.example/a/long/way/to/the/hangar");
    hans.until("that the server has it", |me| me.sees_message(&["The server has it", "Look"]));
    hans.click_as(Role::Link, "https://echo-base.lan@evil.example/a/long/way/to/the/hangar");
    assert!(hans.sees("Open this link?"));
    check(&mut hans, "link that deceives", &mut all);
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
    until_asked(&mut hans, &mut yoda);
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

#[test]
fn nothing_overlaps_and_nothing_is_cut_where_the_key_of_a_contact_has_changed() {
    let house = House::open();
    let mut all = Vec::new();
    let [mut hans, mut yoda] = two(&house);
    in_session(&mut hans, &mut yoda);
    let mut elsewhere = yoda.on_another_computer();
    yoda.app_signs_out();
    elsewhere.open();
    elsewhere.sign_in(&house);
    until(&mut [&mut hans, &mut elsewhere], "yoda at another computer", |all| {
        all[0].sees_row("yoda", "Online") && all[0].sees("Ask for a private session")
    });
    hans.click("Ask for a private session");
    until_asked(&mut hans, &mut elsewhere);
    elsewhere.click("Accept");
    until(&mut [&mut hans, &mut elsewhere], "the other key", |all| all[0].sees("Decide…"));
    check(&mut hans, "key changed", &mut all);
    hans.click("Decide…");
    check(&mut hans, "what to make of it", &mut all);
    report(&all);
}

const SECTIONS: [&str; 9] =
    ["Account", "Appearance", "Messages", "Notifications", "Files", "Privacy", "Network", "Keyboard", "About"];
