//! The timeline as somebody uses it.

use std::sync::Arc;

use crate::common::{entries, entry, feed, harness};
use eframe::egui::{self, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use whoelse::timeline::{self, Entry, EntryKind, Key, Mark, Retry, Timeline, TimelineAction, Trouble};

struct Chat {
    timeline: Timeline,
    entries: Vec<Arc<Entry>>,
    revision: u64,
    more_before: bool,
    actions: Vec<TimelineAction>,
}

fn chat(entries: Vec<Arc<Entry>>) -> Harness<'static, Chat> {
    let state =
        Chat { timeline: Timeline::opened_at(None), entries, revision: 1, more_before: false, actions: Vec::new() };
    let mut harness = harness(vec2(900.0, 600.0), state, |ui, chat: &mut Chat| {
        let rect = ui.max_rect();
        let feed = timeline::Feed { more_before: chat.more_before, ..feed(&chat.entries, chat.revision) };
        let actions = timeline::show(ui, rect, &mut chat.timeline, &feed);
        chat.actions.extend(actions);
    });
    harness.run_steps(3);
    harness
}

fn place(harness: &Harness<'_, Chat>, n: u64) -> Rect {
    // A screen reader is told of a message besides.
    let wanted = format!(": number {n} ");
    let mut rows = harness.query_all_by_role(egui::accesskit::Role::ListItem);
    let label = |node: &egui_kittest::Node<'_>| egui_kittest::kittest::NodeT::accesskit_node(node).label();
    let row = rows.find(|node| label(node).is_some_and(|label| label.contains(&wanted)));
    row.map_or(Rect::NAN, |row| row.rect())
}

fn scroll(harness: &mut Harness<'_, Chat>, delta: f32) {
    harness.hover_at(egui::pos2(400.0, 300.0));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, delta),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Trackpad,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(8);
}

#[test]
fn it_opens_at_the_end_and_follows_what_arrives() {
    let mut harness = chat(entries(1..200));
    assert!(harness.state().timeline.is_at_end());
    harness.state_mut().entries.push(entry(200, false, "number 200 "));
    harness.state_mut().revision += 1;
    harness.run_steps(2);
    assert!(harness.state().timeline.is_at_end());
    assert!(place(&harness, 200).bottom() <= 600.0);
}

#[test]
fn nothing_moves_when_older_rows_are_put_above() {
    let mut harness = chat(entries(300..500));
    scroll(&mut harness, 2000.0);
    let top = harness.query_all_by_role(egui::accesskit::Role::ListItem).nth(1).expect("rows in sight").rect();
    let label = harness
        .query_all_by_role(egui::accesskit::Role::ListItem)
        .nth(1)
        .and_then(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label())
        .expect("a named row");
    let mut older = entries(100..300);
    older.append(&mut harness.state_mut().entries);
    harness.state_mut().entries = older;
    harness.state_mut().revision += 1;
    harness.run_steps(2);
    let after = harness.get_by_label(&label).rect();
    assert!((after.top() - top.top()).abs() <= 1.0, "{top} moved to {after}");
}

#[test]
fn nothing_moves_when_messages_arrive_while_reading_and_a_button_tells_of_them() {
    let mut harness = chat(entries(1..200));
    scroll(&mut harness, 3000.0);
    assert!(!harness.state().timeline.is_at_end());
    let label = harness
        .query_all_by_role(egui::accesskit::Role::ListItem)
        .nth(2)
        .and_then(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label())
        .expect("a named row");
    let before = harness.get_by_label(&label).rect();
    for n in 200..203 {
        harness.state_mut().entries.push(entry(n, false, "and another"));
    }
    harness.state_mut().revision += 1;
    harness.run_steps(2);
    let after = harness.get_by_label(&label).rect();
    assert!((after.top() - before.top()).abs() <= 0.5);
    harness.get_by_label("Jump to latest, 3 new").click();
    harness.run_steps(3);
    assert!(harness.state().timeline.is_at_end());
    assert!(harness.query_by_label_contains("Jump to latest").is_none());
}

#[test]
fn a_jump_brings_the_row_into_view() {
    let mut harness = chat(entries(1..3000));
    harness.state_mut().timeline.go_to(Key(1234));
    harness.run_steps(2);
    let row = place(&harness, 1234);
    assert!(row.top() > 0.0 && row.bottom() < 600.0, "{row}");
}

#[test]
fn a_jump_to_a_row_that_is_not_there_asks_for_it() {
    let mut harness = chat(entries(1000..1100));
    harness.state_mut().timeline.go_to(Key(5));
    harness.run_steps(1);
    assert!(harness.state().actions.contains(&TimelineAction::Show(Key(5))));
}

#[test]
fn more_is_asked_for_once_near_the_first_row() {
    let mut harness = chat(entries(1..30));
    harness.state_mut().more_before = true;
    harness.run_steps(5);
    let asked = harness.state().actions.iter().filter(|action| **action == TimelineAction::LoadBefore).count();
    assert_eq!(asked, 1);
}

#[test]
fn what_was_on_the_screen_is_told_once() {
    let mut harness = chat(entries(1..10));
    harness.run_steps(3);
    assert_eq!(harness.state().actions, [TimelineAction::Seen(Key(9))]);
}

#[test]
fn a_message_that_failed_can_be_sent_again_or_deleted() {
    let mut failed = (*entry(9, true, "number 9 ")).clone();
    if let EntryKind::Message(written) = &mut failed.kind {
        written.mark = Some(Mark::Failed);
        let text = "Not sent: the server’s disk is full. yoda did not get it.".to_owned();
        written.trouble = Some(Trouble { text, retry: Retry::Possible, failed: true });
    }
    let mut harness = chat(vec![entry(8, false, "number 8 "), Arc::new(failed)]);
    harness.get_by_label_contains("the server’s disk is full");
    harness.get_by_label("Retry").click();
    harness.run_steps(2);
    harness.get_by_label("Delete").click();
    harness.run_steps(2);
    let state = harness.state();
    assert!(state.actions.contains(&TimelineAction::Retry(Key(9))));
    assert!(state.actions.contains(&TimelineAction::Delete(Key(9))));
}

#[test]
fn words_selected_across_messages_are_copied_with_their_authors() {
    let mut harness = chat(vec![entry(1, false, "first words"), entry(60, true, "second words")]);
    let first = harness.get_by_label_contains(": first words").rect();
    let second = harness.get_by_label_contains(": second words").rect();
    harness.drag_at(egui::pos2(72.0, first.bottom() - 10.0));
    harness.run_steps(1);
    harness.hover_at(egui::pos2(600.0, second.bottom() - 10.0));
    harness.run_steps(1);
    harness.drop_at(egui::pos2(600.0, second.bottom() - 10.0));
    harness.run_steps(1);
    assert!(harness.state().timeline.has_selection());
    harness.event(egui::Event::Copy);
    harness.step();
    let commands = &harness.output().platform_output.commands;
    let copied = commands
        .iter()
        .find_map(|command| if let egui::OutputCommand::CopyText(text) = command { Some(text.clone()) } else { None });
    assert_eq!(copied.as_deref(), Some("[08:00] yoda: first words\n[08:07] hans: second words"));
}

/// What was copied in the last frame.
fn copied(harness: &Harness<'_, Chat>) -> Option<String> {
    let commands = &harness.output().platform_output.commands;
    commands.iter().find_map(
        |command| {
            if let egui::OutputCommand::CopyText(text) = command { Some(text.clone()) } else { None }
        },
    )
}

fn copy(harness: &mut Harness<'_, Chat>) -> Option<String> {
    harness.event(egui::Event::Copy);
    harness.step();
    copied(harness)
}

/// Clicks so fast that it is one gesture: all of it in one frame.
fn click(harness: &mut Harness<'_, Chat>, at: egui::Pos2, times: usize) {
    let mut events = vec![egui::Event::PointerMoved(at)];
    for pressed in [true, false].repeat(times) {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        events.push(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
    }
    harness.hover_at(at);
    harness.step();
    harness.input_mut().events.extend(events);
    harness.run_steps(2);
}

#[test]
fn what_is_copied_is_what_was_written() {
    let text = "see **two words** in `a b` and __init__.py";
    let mut harness = chat(vec![entry(1, false, text)]);
    let row = harness.get_by_label_contains(": see").rect();
    click(&mut harness, egui::pos2(90.0, row.bottom() - 10.0), 3);
    assert_eq!(copy(&mut harness).as_deref(), Some(text));
}

#[test]
fn what_is_selected_is_told_to_the_system_once_the_pointer_lets_go() {
    let mut harness = chat(vec![entry(1, false, "first words")]);
    let row = harness.get_by_label_contains(": first words").rect();
    let told = |harness: &Harness<'_, Chat>| {
        let commands = &harness.output().platform_output.commands;
        commands.iter().find_map(|command| {
            if let egui::OutputCommand::TextSelectionSettled(text) = command { Some(text.clone()) } else { None }
        })
    };
    harness.drag_at(egui::pos2(72.0, row.bottom() - 10.0));
    harness.step();
    harness.hover_at(egui::pos2(600.0, row.bottom() - 10.0));
    harness.step();
    assert_eq!(told(&harness), None);
    let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
    let pos = egui::pos2(600.0, row.bottom() - 10.0);
    harness.input_mut().events.push(egui::Event::PointerButton { pos, button, pressed: false, modifiers });
    harness.step();
    assert_eq!(told(&harness).as_deref(), Some("first words"));
    harness.step();
    assert_eq!(told(&harness), None);
}

#[test]
fn ctrl_a_selects_every_message_once_the_messages_were_clicked() {
    let mut harness = chat(vec![entry(1, false, "one"), entry(60, true, "two")]);
    let row = harness.get_by_label_contains(": one").rect();
    click(&mut harness, egui::pos2(500.0, row.bottom() - 10.0), 1);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.run_steps(2);
    assert_eq!(copy(&mut harness).as_deref(), Some("[08:00] yoda: one\n[08:07] hans: two"));
}

#[test]
fn home_asks_for_the_first_message_and_goes_there_once_it_is_loaded() {
    let mut harness = chat(entries(300..500));
    harness.state_mut().more_before = true;
    harness.state_mut().timeline.choose_last();
    harness.run_steps(2);
    harness.key_press(egui::Key::Home);
    harness.run_steps(2);
    assert!(harness.state().actions.contains(&TimelineAction::ShowFirst));
    harness.state_mut().entries = entries(1..100);
    harness.state_mut().more_before = false;
    harness.state_mut().revision += 1;
    harness.run_steps(3);
    assert!(place(&harness, 1).top() < 200.0);
}

#[test]
fn a_message_is_chosen_answered_and_copied_with_keys() {
    let mut harness = chat(entries(1..20));
    harness.state_mut().timeline.choose_last();
    harness.run_steps(2);
    harness.key_press(egui::Key::ArrowUp);
    harness.run_steps(2);
    let text = harness.state().entries[17].text.clone();
    assert_eq!(copy(&mut harness), Some(text));
    harness.event(egui::Event::Text("r".to_owned()));
    harness.run_steps(2);
    assert!(harness.state().actions.contains(&TimelineAction::Reply(Key(18))));
}

#[test]
fn a_message_that_arrives_is_announced_and_one_that_was_there_is_not() {
    let mut harness = chat(entries(1..20));
    let live = |harness: &Harness<'_, Chat>| {
        let nodes = harness.query_all_by_role(egui::accesskit::Role::Status);
        let live = nodes.filter(|node| {
            egui_kittest::kittest::NodeT::accesskit_node(node).data().live() == Some(egui::accesskit::Live::Polite)
        });
        live.filter_map(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label()).collect::<String>()
    };
    assert_eq!(live(&harness), "");
    harness.state_mut().entries.push(entry(20, false, "the news"));
    harness.state_mut().revision += 1;
    harness.run_steps(2);
    assert_eq!(live(&harness), "yoda, 08:02: the news");
    harness.state_mut().entries.push(entry(21, true, "an answer"));
    harness.state_mut().revision += 1;
    harness.run_steps(2);
    assert_eq!(live(&harness), "yoda, 08:02: the news");
}

#[test]
fn links_are_opened_by_whoever_holds_the_timeline() {
    let mut harness = chat(vec![entry(1, false, "see https://example.org/a.")]);
    harness.get_by_label("https://example.org/a").click();
    harness.run_steps(2);
    assert!(harness.state().actions.contains(&TimelineAction::Open("https://example.org/a".to_owned())));
}

#[test]
fn long_words_and_ten_thousand_lines_stay_within_the_width() {
    let lines = "x\n".repeat(8000);
    let harness = chat(vec![entry(1, false, &"w".repeat(5000)), entry(2, true, &lines), entry(3, false, "end")]);
    for node in harness.query_all_by_role(egui::accesskit::Role::ListItem) {
        assert!(node.rect().right() <= 900.0);
    }
    assert!(harness.state().timeline.is_at_end());
}

#[test]
fn a_message_that_was_jumped_to_stands_out_long_enough_to_be_found() {
    let mut harness = chat(entries(1..200));
    harness.state_mut().timeline.go_to(Key(20));
    harness.run_steps(1);
    let soft = whoelse::theme::palette_of(&harness.ctx).accent_soft;
    let stands_out = |harness: &Harness<'_, Chat>| {
        let is_mark =
            |shape: &egui::epaint::ClippedShape| matches!(&shape.shape, egui::Shape::Rect(rect) if rect.fill == soft);
        harness.output().shapes.iter().any(is_mark)
    };
    // Each step is a quarter of a second of the window's clock.
    harness.run_steps(12);
    assert!(stands_out(&harness), "after three seconds");
    harness.run_steps(12);
    assert!(!stands_out(&harness), "after six seconds");
}

#[test]
fn a_wide_block_of_code_is_moved_by_its_bar_and_what_is_clicked_is_what_is_selected() {
    let line = (1..=200).map(|n| format!("word{n:04}")).collect::<Vec<_>>().join(" ");
    let mut harness = chat(vec![entry(1, false, &format!("```\n{line}\n```"))]);
    let bar = harness.get_by_label("Scroll bar of the code").rect();
    let first = bar.left_top() - vec2(-20.0, 10.0);
    click(&mut harness, first, 2);
    assert_eq!(copy(&mut harness).as_deref(), Some("word0001"));

    harness.drag_at(bar.left_center());
    harness.run_steps(1);
    harness.hover_at(bar.right_center());
    harness.run_steps(1);
    harness.drop_at(bar.right_center());
    harness.run_steps(1);
    click(&mut harness, first, 2);
    let last_screen = copy(&mut harness).unwrap_or_default();
    assert!(last_screen.starts_with("word01"), "{last_screen}");
}

/// Presses and lets go of the right button in one frame.
fn right_click(harness: &mut Harness<'_, Chat>, pos: egui::Pos2) {
    harness.hover_at(pos);
    harness.step();
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Secondary, egui::Modifiers::NONE);
        harness.input_mut().events.push(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run_steps(3);
}

fn menu(harness: &Harness<'_, Chat>) -> Vec<String> {
    let items = harness.query_all_by_role(egui::accesskit::Role::MenuItem);
    items.filter_map(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label()).collect()
}

#[test]
fn a_right_click_on_a_link_offers_the_link_and_the_message() {
    let text = "https://example.org/a and https://example.org/b";
    let mut harness = chat(vec![entry(1, false, text)]);
    let link = harness.get_by_label("https://example.org/b").rect();
    right_click(&mut harness, link.center());
    assert_eq!(menu(&harness), ["Open example.org/b", "Copy link", "Reply", "Copy text"]);
    harness.get_by_role_and_label(egui::accesskit::Role::MenuItem, "Copy link").click();
    harness.step();
    assert_eq!(copied(&harness).as_deref(), Some("https://example.org/b"));
    assert!(!harness.state().actions.iter().any(|action| matches!(action, TimelineAction::Open(_))));

    harness.run_steps(2);
    right_click(&mut harness, egui::pos2(700.0, link.center().y));
    assert_eq!(menu(&harness).first().map(String::as_str), Some("Reply"), "beside the link, the message comes first");
}

#[test]
fn a_right_click_between_two_messages_is_meant_for_the_nearer_one_and_no_menu_is_empty() {
    let mut harness = chat(vec![entry(1, false, "first"), entry(200, false, "second"), entry(400, true, "third")]);
    let boxes: Vec<Rect> =
        [": first", ": second", ": third"].map(|words| harness.get_by_label_contains(words).rect()).into();
    let mut y = boxes[0].top();
    while y < boxes[2].bottom() {
        right_click(&mut harness, egui::pos2(300.0, y));
        let items = menu(&harness);
        assert_eq!(items, ["Reply", "Copy text"], "at {y} of {boxes:?}");
        harness.key_press(egui::Key::Escape);
        harness.run_steps(2);
        y += 3.0;
    }
    right_click(&mut harness, egui::pos2(300.0, boxes[1].top() - 3.0));
    harness.get_by_role_and_label(egui::accesskit::Role::MenuItem, "Reply").click();
    harness.run_steps(2);
    assert!(harness.state().actions.contains(&TimelineAction::Reply(Key(200))));
}

#[test]
fn a_right_click_far_from_every_message_opens_nothing() {
    let mut harness = chat(vec![entry(1, false, "first")]);
    right_click(&mut harness, egui::pos2(300.0, 40.0));
    assert!(!egui::Popup::is_any_open(&harness.ctx));
}
