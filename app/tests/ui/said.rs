//! What a screen reader says by itself, wherever the keyboard is.

use std::sync::Arc;

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT as _, Queryable as _};
use whoelse::kit::{Presence, name_window};
use whoelse::timeline::{self, Entry, EntryKind, Key, Mark, Retry, Timeline, Trouble};
use whoelse::view::sign_in::{self, CanRegister, Keyring, Page, SignIn, SignInForm};
use whoelse::view::switcher::{self, Sign, Switcher, SwitcherGroup, SwitcherRow};
use whoelse::view::{self, Asked, Inactivity, Lost, LostTo, Main, Request};

use crate::common::{entries, entry, feed, harness};
use crate::views::main_state;

/// The words that are said as they come up and as they change.
fn said<State>(harness: &Harness<'_, State>) -> Vec<String> {
    let live = By::new().predicate(|node| node.data().live() == Some(Live::Polite));
    let words = harness.query_all(live).filter_map(|node| {
        let node = node.accesskit_node();
        node.label().or_else(|| node.value())
    });
    words.filter(|words| !words.is_empty()).collect()
}

fn said_in(state: Main) -> Vec<String> {
    let mut harness = harness(vec2(1000.0, 700.0), state, |ui, state| {
        let rect = ui.max_rect();
        let _ = view::show_main(ui, rect, state, |_, _, _| {});
    });
    harness.run_steps(3);
    said(&harness)
}

fn said_on(page: Page) -> Vec<String> {
    said_on_with(page, "")
}

fn said_on_with(page: Page, server: &str) -> Vec<String> {
    let state = SignIn {
        servers: Vec::new(),
        chosen: None,
        page,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Present,
        invitation: String::new(),
    };
    let form = SignInForm { server: server.to_owned(), name: "hans".to_owned(), ..SignInForm::default() };
    let mut harness = harness(vec2(900.0, 640.0), form, move |ui, form| {
        let rect = ui.max_rect();
        let _ = sign_in::show(ui, rect, &state, form);
    });
    harness.run_steps(3);
    said(&harness)
}

#[test]
fn a_request_for_a_private_session_is_said_once_and_not_with_each_second() {
    let asked = |left, more| {
        let request = Request { name: "yoda".parse().unwrap(), left, more };
        said_in(Main { request: Some(request), ..main_state() })
    };
    let keys = whoelse::command::keys_of(whoelse::command::Verb::AcceptPrivate);
    let words =
        format!("yoda asks for a private session. Text and files go straight between your devices. {keys} accepts.");
    assert_eq!(asked(58, 0), [words.as_str()]);
    assert_eq!(asked(57, 0), [words.as_str()]);
    assert_eq!(asked(57, 1), [format!("{words} 1 more ask.")]);
    let waiting = |left| {
        let asked = Asked::Waiting { name: "yoda".parse().unwrap(), left };
        said_in(Main { asked: Some(asked), ..main_state() })
    };
    assert_eq!(waiting(58), ["Waiting for yoda. You asked for a private session."]);
    assert_eq!(waiting(57), waiting(58));
}

#[test]
fn a_countdown_in_a_bar_is_said_once_a_minute() {
    let bars = |retry_in, left| {
        let mut state = main_state();
        state.bars.lost = Some(Lost { retry_in, to: LostTo::Server });
        state.bars.inactivity = Some(Inactivity { left, after: "30 minutes".to_owned() });
        said_in(state)
    };
    let first = bars(Some(8), 118);
    assert_eq!(first, bars(Some(7), 117));
    assert_eq!(first, bars(None, 61));
    let [lost, inactivity] = first.as_slice() else { panic!("{first:?}") };
    assert!(lost.starts_with("Reconnecting. Keep writing"), "{lost}");
    assert!(inactivity.contains("signed out: in at most 2 minutes."), "{inactivity}");
    assert!(bars(None, 59).iter().any(|words| words.contains("in at most a minute.")));
}

#[test]
fn every_refusal_of_a_sign_in_is_said() {
    let pages = [
        (Page::WrongPassword { tries_left: 2, pause: Some(60) }, "2 tries left"),
        (Page::Locked { left: 43 }, "hans is locked for at most a minute."),
        (
            Page::NotReached { host: "echo-base".to_owned(), cause: "It is off.".to_owned() },
            "echo-base does not answer",
        ),
        (Page::AlreadyOnline, "hans is already online"),
        (Page::UnknownName { registration: CanRegister::No, like: None }, "No account named hans"),
        (Page::CreateAccount { trouble: "That name is taken.".to_owned() }, "That name is taken."),
        (
            Page::Refused { what: "The server is full".to_owned(), meaning: "Try later.".to_owned() },
            "The server is full",
        ),
    ];
    for (page, words) in pages {
        let said = said_on(page);
        assert!(said.iter().any(|said| said.contains(words)), "{words} in {said:?}");
    }
    assert_eq!(said_on(Page::Locked { left: 43 }), said_on(Page::Locked { left: 42 }));
}

struct Chat {
    timeline: Timeline,
    entries: Vec<Arc<Entry>>,
    revision: u64,
    hidden: bool,
}

fn chat() -> Harness<'static, Chat> {
    let state = Chat { timeline: Timeline::opened_at(None), entries: entries(1..20), revision: 1, hidden: false };
    let mut harness = harness(vec2(900.0, 600.0), state, |ui, chat: &mut Chat| {
        let rect = ui.max_rect();
        if !chat.hidden {
            let _ = timeline::show(ui, rect, &mut chat.timeline, &feed(&chat.entries, chat.revision));
        }
    });
    harness.run_steps(3);
    harness
}

fn show(harness: &mut Harness<'_, Chat>, entries: impl IntoIterator<Item = Arc<Entry>>) {
    let chat = harness.state_mut();
    chat.entries.extend(entries);
    chat.revision += 1;
    harness.run_steps(2);
}

#[test]
fn what_was_said_of_a_chat_is_said_no_second_time_as_it_is_shown_again() {
    let mut harness = chat();
    show(&mut harness, [entry(21, false, "the news")]);
    assert_eq!(said(&harness), ["yoda, 08:02: the news"]);
    for hidden in [true, false] {
        harness.state_mut().hidden = hidden;
        harness.run_steps(3);
        assert_eq!(said(&harness), Vec::<String>::new());
    }
}

#[test]
fn messages_that_arrive_together_are_said_up_to_three_and_counted() {
    let mut harness = chat();
    show(&mut harness, [entry(21, false, "one"), entry(22, false, "two")]);
    assert_eq!(said(&harness), ["yoda, 08:02: one\nyoda, 08:02: two"]);
    show(&mut harness, (23..28).map(|n| entry(n, false, &n.to_string())));
    let expected = "5 new messages.\nyoda, 08:02: 25\nyoda, 08:03: 26\nyoda, 08:03: 27";
    assert_eq!(said(&harness), [expected]);
}

/// An own message that was refused.
fn refused(n: u64) -> Arc<Entry> {
    let mut entry = Entry::clone(&entry(n, true, "hello"));
    if let EntryKind::Message(written) = &mut entry.kind {
        let text = "yoda has blocked you.".to_owned();
        written.mark = Some(Mark::Failed);
        written.trouble = Some(Trouble { text, retry: Retry::Useless, failed: true });
    }
    Arc::new(entry)
}

#[test]
fn an_own_message_that_is_not_sent_is_said_with_its_reason() {
    let mut harness = chat();
    show(&mut harness, [entry(21, true, "hello")]);
    assert_eq!(said(&harness), Vec::<String>::new());
    harness.state_mut().entries.retain(|entry| entry.key != Key(21));
    show(&mut harness, [refused(21)]);
    assert_eq!(said(&harness), ["You, 08:02, Not sent: hello\nyoda has blocked you."]);
}

#[test]
fn the_message_that_keys_choose_is_said() {
    let mut harness = chat();
    harness.state_mut().timeline.choose_last();
    harness.run_steps(2);
    let last = harness.state().entries.last().map(|entry| entry.text.clone()).unwrap();
    let said = said(&harness);
    assert!(said.iter().any(|words| words.contains(&last) && words.ends_with(", chosen")), "{said:?}");
}

#[test]
fn the_row_that_keys_choose_in_the_switcher_is_said() {
    let row = |words: &str| SwitcherRow {
        sign: Sign::User(Presence::Online),
        words: words.to_owned(),
        hits: Vec::new(),
        detail: "Online".to_owned(),
        keys: String::new(),
        unread: 0,
        private: false,
    };
    let said_of = |rows: Vec<SwitcherRow>, chosen| {
        let group = SwitcherGroup { name: "People".to_owned(), rows };
        let state = Switcher { query: "lu".to_owned(), groups: vec![group], chosen };
        let mut harness = harness(vec2(900.0, 600.0), (), move |ui, ()| {
            let _ = switcher::show(ui.ctx(), &state);
        });
        harness.run_steps(3);
        assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 1, "the keyboard stays in the field");
        said(&harness)
    };
    assert_eq!(said_of(vec![row("luke"), row("lucy")], 0), ["luke, Online, chosen"]);
    assert_eq!(said_of(vec![row("luke"), row("lucy")], 1), ["lucy, Online, chosen"]);
    assert_eq!(said_of(Vec::new(), 0), ["Nothing found"]);
}

#[test]
fn an_invitation_is_named_by_its_address_without_fingerprint_and_secret() {
    let said = said_on_with(Page::Connecting, "whoelse://192.168.178.20:3331#0123abcd&secret=777");
    assert_eq!(said, ["Connecting to 192.168.178.20:3331"]);
    assert_eq!(said_on_with(Page::Connecting, "echo-base:3331"), ["Connecting to echo-base:3331"]);
}

#[test]
fn a_row_that_is_chosen_is_selected_and_no_switch_that_is_on() {
    let mut harness = chat();
    harness.state_mut().timeline.choose_last();
    harness.run_steps(2);
    let rows: Vec<_> = harness.query_all_by_role(Role::ListItem).collect();
    let of = |row: &egui_kittest::Node<'_>| {
        let row = row.accesskit_node();
        (row.toggled(), row.is_selected())
    };
    assert!(rows.iter().all(|row| of(row).0.is_none()));
    assert_eq!(rows.iter().filter(|row| of(row).1 == Some(true)).count(), 1);
}

#[test]
fn the_window_is_named_by_its_title() {
    let mut harness = harness(vec2(400.0, 300.0), (), |ui, ()| name_window(ui.ctx(), "hans – Whoelse"));
    harness.run_steps(3);
    assert_eq!(harness.root().accesskit_node().label().as_deref(), Some("hans – Whoelse"));
}
