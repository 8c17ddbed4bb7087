//! Writing a message.

use crate::common::harness;
use eframe::egui::{self, Id, Key, Modifiers, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lucide_icons::Icon;
use whoelse::composer::{self, Composer, ComposerAction, ComposerState, Hint, Offer, Offers, SendKey, Shortcodes};
use whoelse::timeline::Route;

#[derive(Debug)]
struct Commands;

impl Offers for Commands {
    fn offers(&self, line: &str, cursor: usize) -> Vec<Offer> {
        let typed = line.get(1..cursor).unwrap_or_default();
        ["block", "blocked", "broadcast"]
            .into_iter()
            .filter(|name| name.starts_with(typed))
            .map(|name| Offer { start: 1, text: format!("{name} "), shown: format!("/{name}"), detail: String::new() })
            .collect()
    }
}

struct Writing {
    composer: Composer,
    send_key: SendKey,
    shortcodes: Shortcodes,
    actions: Vec<ComposerAction>,
}

const LIMIT: usize = 100;

fn composer(send_key: SendKey) -> Harness<'static, Writing> {
    let mut composer = Composer::default();
    composer.focus();
    let state = Writing { composer, send_key, shortcodes: Shortcodes::BecomeEmoji, actions: Vec::new() };
    let mut harness = harness(vec2(700.0, 300.0), state, |ui, writing: &mut Writing| {
        let hint = Hint { icon: Icon::Server, text: "Through the server.", warns: false };
        let state = ComposerState {
            id: Id::unique("composer"),
            placeholder: "Message yoda",
            route: Route::Server,
            attach: true,
            hint,
            blocked: None,
            reply: None,
            send_key: writing.send_key,
            shortcodes: writing.shortcodes,
            recent: &[],
            limit: LIMIT,
            offers: &Commands,
        };
        let whole = ui.max_rect();
        let height = composer::height(ui, &writing.composer, &state, whole.width());
        let rect = Rect::from_min_max(egui::pos2(whole.left(), whole.bottom() - height), whole.max);
        writing.actions.extend(composer::show(ui, rect, &mut writing.composer, &state));
    });
    harness.run_steps(3);
    harness
}

fn type_text(harness: &mut Harness<'_, Writing>, text: &str) {
    for letter in text.chars() {
        harness.event(egui::Event::Text(letter.to_string()));
        harness.step();
    }
}

fn sent(harness: &Harness<'_, Writing>) -> Vec<String> {
    let sent = harness.state().actions.iter().filter_map(|action| match action {
        ComposerAction::Send(text) => Some(text.clone()),
        ComposerAction::Changed
        | ComposerAction::CancelReply
        | ComposerAction::Attach
        | ComposerAction::SendAsFile(_)
        | ComposerAction::Unblock
        | ComposerAction::Picked(_)
        | ComposerAction::Recall => None,
    });
    sent.collect()
}

#[test]
fn enter_sends_and_empties_the_composer() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "hello");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(sent(&harness), ["hello"]);
    assert_eq!(harness.state().composer.text(), "");
}

#[test]
fn shift_enter_makes_a_line() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "a");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run_steps(2);
    type_text(&mut harness, "b");
    assert_eq!(harness.state().composer.text(), "a\nb");
    assert_eq!(sent(&harness), Vec::<String>::new());
}

#[test]
fn with_the_other_key_enter_makes_a_line_and_ctrl_enter_sends() {
    let mut harness = composer(SendKey::CtrlEnter);
    type_text(&mut harness, "a");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    type_text(&mut harness, "b");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    assert_eq!(sent(&harness), ["a\nb"]);
}

#[test]
fn enter_never_sends_while_an_input_method_composes() {
    let mut harness = composer(SendKey::Enter);
    harness.event(egui::Event::Ime(egui::ImeEvent::Preedit { text: "に".to_owned(), active_range_chars: None }));
    harness.step();
    harness.key_press(Key::Enter);
    harness.step();
    assert_eq!(sent(&harness), Vec::<String>::new());
    harness.input_mut().events.extend([
        egui::Event::Ime(egui::ImeEvent::Commit("日".to_owned())),
        egui::Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        },
    ]);
    harness.step();
    assert_eq!(sent(&harness), Vec::<String>::new(), "the key that commits is not one that sends");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(sent(&harness), ["日"]);
}

#[test]
fn blank_and_too_long_texts_are_not_sent() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "  ");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(sent(&harness), Vec::<String>::new());
    harness.event(egui::Event::Paste("x".repeat(LIMIT + 1)));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(sent(&harness), Vec::<String>::new());
    assert_eq!(harness.state().composer.text().len(), LIMIT + 3);
}

#[test]
fn a_paste_keeps_its_lines() {
    let mut harness = composer(SendKey::Enter);
    harness.event(egui::Event::Paste("one\ntwo\n  three".to_owned()));
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "one\ntwo\n  three");
}

#[test]
fn a_closed_shortcode_becomes_its_emoji() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "ok :tada:");
    harness.run_steps(2);
    type_text(&mut harness, "!");
    assert_eq!(harness.state().composer.text(), "ok 🎉!");
}

#[test]
fn backspace_brings_a_shortcode_back_and_it_stays() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "ports :100: and :x:");
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "ports 💯 and ❌");
    harness.key_press(Key::Backspace);
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "ports 💯 and :x:");
    type_text(&mut harness, " ok");
    assert_eq!(harness.state().composer.text(), "ports 💯 and :x: ok");
    harness.key_press(Key::Backspace);
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "ports 💯 and :x: o");
}

#[test]
fn shortcodes_stay_text_where_they_are_switched_off() {
    let mut harness = composer(SendKey::Enter);
    harness.state_mut().shortcodes = Shortcodes::StayText;
    type_text(&mut harness, "ratio :tada: :hea");
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "ratio :tada: :hea");
    assert!(harness.query_by_label_contains(":heart:").is_none());
}

#[test]
fn tab_completes_a_command_and_the_list_names_them() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "/blo");
    harness.run_steps(2);
    harness.get_by_label("/blocked");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(1);
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "/blocked ");
}

#[test]
fn typing_goes_to_the_composer_when_nothing_else_has_the_keyboard() {
    let mut harness = composer(SendKey::Enter);
    harness.ctx.memory_mut(eframe::egui::Memory::stop_text_input);
    harness.run_steps(1);
    type_text(&mut harness, "abc");
    assert_eq!(harness.state().composer.text(), "abc");
}

#[test]
fn an_emoji_is_picked_by_its_name() {
    let mut harness = composer(SendKey::Enter);
    type_text(&mut harness, "hi ");
    harness.get_by_label("Emoji").click();
    harness.run_steps(3);
    harness.get_by_label("grinning face").click();
    harness.run_steps(3);
    assert_eq!(harness.state().composer.text(), "hi 😀");
}

#[test]
fn a_text_that_is_too_long_is_offered_as_a_file() {
    let mut harness = composer(SendKey::Enter);
    assert!(harness.query_by_label("Send as a file").is_none());
    let long = "x".repeat(LIMIT + 1);
    harness.event(egui::Event::Paste(long.clone()));
    harness.run_steps(3);
    harness.get_by_label("Send as a file").click();
    harness.run_steps(2);
    assert!(harness.state().actions.contains(&ComposerAction::SendAsFile(long)));
    assert_eq!(harness.state().composer.text(), "");
}

#[test]
fn a_right_click_on_the_text_pastes() {
    let mut harness = composer(SendKey::Enter);
    harness.get_by_label("Message yoda").click_secondary();
    harness.run_steps(3);
    assert!(harness.query_by_label("Cut").is_none(), "nothing is selected");
    harness.get_by_label("Paste").click();
    harness.step();
    let commands = harness.output().viewport_output.values().flat_map(|viewport| viewport.commands.clone());
    assert!(commands.into_iter().any(|command| command == egui::ViewportCommand::RequestPaste));
    harness.run_steps(2);
    harness.event(egui::Event::Paste("from elsewhere".to_owned()));
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "from elsewhere");
}

#[test]
fn the_menu_of_forms_shows_the_marks_and_puts_them_around_the_cursor() {
    let mut harness = composer(SendKey::Enter);
    harness.get_by_label("Format").click();
    harness.run_steps(2);
    harness.get_by_label("Strikethrough: ~~words~~").click();
    harness.run_steps(3);
    harness.event(egui::Event::Text("gone".to_owned()));
    harness.run_steps(2);
    assert_eq!(harness.state().composer.text(), "~~gone~~");
}
