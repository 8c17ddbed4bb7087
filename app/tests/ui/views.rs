//! The screens, by what a screen reader says of them.

use eframe::egui::{self, Key, Rect, accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lucide_icons::Icon;
use whoelse::kit::{ButtonKind, Presence, Stay, TabIcon};
use whoelse::view::confirm::{self, ExportAction, ExportForm};
use whoelse::view::keys::{self, KeysAction};
use whoelse::view::settings::{self, Downloads, Preferences, Section, Settings, SettingsAction, Shade};
use whoelse::view::sign_in::Hosting;
use whoelse::view::switcher::{self, Sign, Switcher, SwitcherAction, SwitcherGroup, SwitcherRow};
use whoelse::view::who_was_online::{self, Column, Order, PastSession, PastUser, Span, WhoAction, WhoWasOnline};
use whoelse::view::{
    self, Action, Bars, ContactItem, ContactSection, Contacts, Inactivity, ItemBadge, ItemWay, Lost, LostTo, Main,
    Panel, SectionKind, Server, TabItem,
};
use whoelse_model::ChatId;
use whoelse_proto::UserName;

use crate::common::harness;

fn direct(name: &str) -> ChatId {
    UserName::new(name).map_or(ChatId::Everyone, ChatId::Direct)
}

fn item(name: &str, presence: Presence, badge: ItemBadge) -> ContactItem {
    ContactItem {
        chat: direct(name),
        name: name.to_owned(),
        presence: Some(presence),
        lead: String::new(),
        text: "words".to_owned(),
        time: "09:26".to_owned(),
        badge,
        selected: false,
        blocked: false,
        muted: None,
        way: ItemWay::Server,
        in_session: false,
    }
}

pub(crate) fn main_state() -> Main {
    let everyone = ContactItem {
        chat: ChatId::Everyone,
        name: "Everyone".to_owned(),
        presence: None,
        ..item("x", Presence::Online, ItemBadge::None)
    };
    let online = vec![item("yoda", Presence::Online, ItemBadge::Unread(3))];
    let offline = (0..400).map(|n| item(&format!("user{n}"), Presence::Offline, ItemBadge::None)).collect();
    let section = |kind, name: &str, items| ContactSection {
        kind,
        name: name.to_owned(),
        open: true,
        items,
        empty: String::new(),
    };
    Main {
        contacts: Contacts {
            server: Server { name: "Echo Base".to_owned(), online: true },
            search: String::new(),
            everyone,
            sections: vec![
                section(SectionKind::Online, "Online", online),
                section(SectionKind::Offline, "Offline", offline),
            ],
            me: "hans".to_owned(),
            my_word: "Online".to_owned(),
            panel: None,
            found: None,
        },
        tabs: vec![
            TabItem {
                name: "Everyone".to_owned(),
                icon: TabIcon::Icon(Icon::Megaphone),
                unread: 2,
                private: false,
                closable: false,
                stay: Stay::Kept,
            },
            TabItem {
                name: "yoda".to_owned(),
                icon: TabIcon::Avatar,
                unread: 0,
                private: false,
                closable: true,
                stay: Stay::Kept,
            },
        ],
        active: Some(1),
        bars: Bars::default(),
        request: None,
        asked: None,
        invitation: None,
        side_width: 288.0,
    }
}

fn main_view(state: Main, width: f32) -> Harness<'static, (Main, Vec<Action>)> {
    let mut harness = harness(vec2(width, 700.0), (state, Vec::new()), |ui, (state, actions)| {
        let rect = ui.max_rect();
        actions.extend(view::show_main(ui, rect, state, |_, _, _| {}));
    });
    harness.run_steps(3);
    harness
}

/// Every widget that can be clicked or typed into says what it is.
pub(crate) fn assert_all_named<State>(harness: &Harness<'_, State>) {
    let interactive = [
        Role::Button,
        Role::CheckBox,
        Role::Switch,
        Role::RadioButton,
        Role::Tab,
        Role::Link,
        Role::TextInput,
        Role::ListBoxOption,
        Role::MenuItem,
        Role::ColumnHeader,
        Role::DisclosureTriangle,
    ];
    for role in interactive {
        for node in harness.query_all_by_role(role) {
            let label = node.accesskit_node().label().unwrap_or_default();
            assert!(!label.trim().is_empty(), "a {role:?} without a name at {}", node.rect());
        }
    }
}

#[test]
fn the_list_says_who_is_here_and_opens_chats() {
    let mut harness = main_view(main_state(), 1000.0);
    assert_all_named(&harness);
    harness.get_by_label("yoda, Online, 3 unread messages, words, 09:26").click();
    harness.run_steps(2);
    harness.get_by_label("Who was online").click();
    harness.run_steps(2);
    harness.get_by_label("Offline, 400").click();
    harness.run_steps(2);
    let (_, actions) = harness.state();
    let expected = [
        Action::OpenChat(direct("yoda")),
        Action::OpenPanel(Panel::WhoWasOnline),
        Action::FoldSection(SectionKind::Offline),
    ];
    assert_eq!(*actions, expected);
}

#[test]
fn of_hundreds_of_people_only_those_in_sight_are_drawn() {
    let harness = main_view(main_state(), 1000.0);
    let rows = harness.query_all_by_role(Role::ListBoxOption).count();
    assert!(rows < 20, "{rows} rows for 400 people");
}

#[test]
fn a_contact_is_blocked_from_its_menu() {
    let mut harness = main_view(main_state(), 1000.0);
    harness.get_by_label_contains("yoda, Online").click_secondary();
    harness.run_steps(3);
    harness.get_by_label("Block yoda…").click();
    harness.run_steps(2);
    let (_, actions) = harness.state();
    assert_eq!(*actions, [Action::Contact(view::ContactVerb::Block, direct("yoda"))]);
}

#[test]
fn tabs_open_and_close() {
    let mut harness = main_view(main_state(), 1000.0);
    harness.get_by_label("Everyone, 2 unread").click();
    harness.run_steps(2);
    harness.get_by_label("Close yoda").click();
    harness.run_steps(2);
    assert!(harness.query_by_label("Close Everyone").is_none());
    assert_eq!(harness.state().1, [Action::ShowTab(0), Action::CloseTab(1)]);
}

#[test]
fn the_bars_say_what_happened_and_offer_one_action() {
    let mut state = main_state();
    state.bars.lost = Some(Lost { retry_in: Some(8), to: LostTo::Server });
    state.bars.inactivity = Some(Inactivity { left: 48, after: "30 minutes".to_owned() });
    let mut harness = main_view(state, 1200.0);
    harness.get_by_label_contains("Reconnecting.");
    harness.get_by_label_contains("After 30 minutes without action you are signed out: in at most a minute.");
    harness.get_by_label("Retry now").click();
    harness.run_steps(2);
    harness.get_by_label("Stay signed in").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [Action::RetryLine, Action::Stay]);
}

#[test]
fn one_column_shows_the_list_until_a_chat_is_open() {
    let mut state = main_state();
    state.active = None;
    let harness = main_view(state, 420.0);
    assert!(harness.query_by_label_contains("yoda, Online").is_some());
    let harness = main_view(main_state(), 420.0);
    assert!(harness.query_by_label_contains("yoda, Online").is_none());
}

#[test]
fn in_one_column_the_first_one_here_is_given_the_invitation() {
    let mut state = main_state();
    (state.active, state.invitation) = (None, Some("whoelse://a:1#b".to_owned()));
    let mut harness = main_view(state, 420.0);
    assert_all_named(&harness);
    harness.get_by_label("Copy invitation").click();
    harness.run_steps(2);
    harness.get_by_label("Your account").click();
    harness.run_steps(2);
    harness.get_by_label("About this server").click();
    harness.run_steps(2);
    let sections = [Section::Account, Section::Network].map(Action::OpenSection);
    let expected: Vec<Action> = std::iter::once(Action::Copy("whoelse://a:1#b".to_owned())).chain(sections).collect();
    assert_eq!(harness.state().1, expected);
}

#[test]
fn times_above_the_bars_do_not_run_into_one_another() {
    let user = PastUser {
        name: "yoda".to_owned(),
        online: true,
        first: "Wed 09:41".to_owned(),
        last: "now".to_owned(),
        total: "9 h".to_owned(),
        sessions: Vec::new(),
    };
    let ticks: Vec<(f32, String)> = (0..24_u8).map(|hour| (f32::from(hour) / 24.0, format!("{hour:02}:00"))).collect();
    let state = WhoWasOnline {
        span: Span::Day,
        typed: String::new(),
        wrong: false,
        rows: Ok(vec![user]),
        waiting: false,
        sort: (Column::Last, Order::Descending),
        ticks,
    };
    let mut harness = harness(vec2(1000.0, 600.0), (), move |ui, ()| {
        let center = view::Center { rect: ui.max_rect(), narrow: false };
        let _ = who_was_online::show(ui, center, &state);
    });
    harness.run_steps(3);
    let texts = harness.output().shapes.iter().filter_map(|clipped| {
        let egui::Shape::Text(text) = &clipped.shape else { return None };
        let is_time = text.galley.text().ends_with(":00");
        is_time.then(|| text.galley.rect.translate(text.pos.to_vec2()))
    });
    let places: Vec<Rect> = texts.collect();
    assert!(places.len() > 2, "{places:?}");
    assert!(places.windows(2).all(|pair| pair[0].right() < pair[1].left()), "{places:?}");
}

#[test]
fn who_was_online_is_chosen_sorted_and_exported() {
    let user = PastUser {
        name: "yoda".to_owned(),
        online: true,
        first: "Wed 09:41".to_owned(),
        last: "now".to_owned(),
        total: "9 h".to_owned(),
        sessions: vec![PastSession {
            from: 0.2,
            to: 1.0,
            words: "Wed 09:41 to now".to_owned(),
            detail: "9 h".to_owned(),
            open: true,
        }],
    };
    let state = WhoWasOnline {
        span: Span::Day,
        typed: "24 h".to_owned(),
        wrong: false,
        rows: Ok(vec![user]),
        waiting: false,
        sort: (Column::Last, Order::Descending),
        ticks: Vec::new(),
    };
    let mut harness = harness(vec2(990.0, 600.0), Vec::new(), move |ui, actions: &mut Vec<WhoAction>| {
        let center = view::Center { rect: ui.max_rect(), narrow: false };
        actions.extend(who_was_online::show(ui, center, &state));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness.get_by_label("yoda, Online, first seen Wed 09:41, last seen now, online for 9 h");
    for name in ["Since: 7 days", "Sort by Name", "Export CSV"] {
        harness.get_by_label(name).click();
        harness.run_steps(2);
    }
    let expected = [WhoAction::Choose(Span::Week), WhoAction::Sort(Column::Name), WhoAction::Export];
    assert_eq!(*harness.state(), expected);
}

#[test]
fn the_switcher_goes_with_the_keys_alone() {
    let row = |words: &str| SwitcherRow {
        sign: Sign::User(Presence::Online),
        words: words.to_owned(),
        hits: Vec::new(),
        detail: "Online".to_owned(),
        keys: String::new(),
        unread: 0,
        private: false,
    };
    let group = SwitcherGroup { name: "People".to_owned(), rows: vec![row("luke"), row("lucy")] };
    let state = Switcher { query: "lu".to_owned(), groups: vec![group], chosen: 0 };
    let mut harness = harness(vec2(900.0, 600.0), Vec::new(), move |ui, actions: &mut Vec<SwitcherAction>| {
        actions.extend(switcher::show(ui.ctx(), &state));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness.event(egui::Event::Text("k".to_owned()));
    harness.run_steps(1);
    for key in [Key::ArrowDown, Key::Enter, Key::Escape] {
        harness.key_press(key);
        harness.run_steps(1);
    }
    let actions = harness.state();
    assert!(matches!(actions.first(), Some(SwitcherAction::Type(text)) if text.contains('k')), "{actions:?}");
    for action in [SwitcherAction::Choose(1), SwitcherAction::Pick(0), SwitcherAction::Close] {
        assert!(actions.contains(&action), "{action:?} in {actions:?}");
    }
}

fn settings_state(section: Section) -> Settings {
    Settings {
        section,
        preferences: Preferences { theme: Shade::Dark, ..Preferences::default() },
        account: settings::Account::default(),
        blocked: Some(vec!["palpatine".to_owned()]),
        has_tray: true,
        hosting: None,
        undisturbed: None,
        downloads: Downloads::Usual("/home/hans/.local/share/whoelse/profiles/default/downloads".to_owned()),
        key_search: String::new(),
    }
}

/// The settings of the network at a width.
pub(crate) fn settings_with(width: f32, hosting: Hosting) -> Harness<'static, ()> {
    let account = settings::Account {
        address: "192.168.178.20:3331".to_owned(),
        fingerprint: ["0123 4567 89ab cdef"; 4].join(" "),
        pinned: "11:16".to_owned(),
        ..settings::Account::default()
    };
    let state = Settings { account, hosting: Some(hosting), ..settings_state(Section::Network) };
    harness(vec2(width, 585.0), (), move |ui, ()| {
        let _ = settings::show(ui.ctx(), &state);
    })
}

fn settings_view(section: Section) -> Harness<'static, Vec<SettingsAction>> {
    let state = settings_state(section);
    let mut harness = harness(vec2(1000.0, 700.0), Vec::new(), move |ui, actions: &mut Vec<SettingsAction>| {
        actions.extend(settings::show(ui.ctx(), &state));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness
}

#[test]
fn settings_change_at_once() {
    let mut harness = settings_view(Section::Appearance);
    harness.get_by_label("Theme: Light").click();
    harness.run_steps(2);
    let expected = Preferences { theme: Shade::Light, ..Preferences::default() };
    assert_eq!(*harness.state(), [SettingsAction::Change(expected)]);
}

#[test]
fn blocked_people_are_unblocked_in_the_settings() {
    let mut harness = settings_view(Section::Privacy);
    harness.get_by_label("Unblock palpatine").click();
    harness.run_steps(2);
    assert_eq!(*harness.state(), [SettingsAction::Unblock("palpatine".to_owned())]);
}

#[test]
fn every_section_of_the_settings_is_named() {
    let sections = [
        Section::Account,
        Section::Messages,
        Section::Notifications,
        Section::Network,
        Section::Keyboard,
        Section::About,
    ];
    for section in sections {
        let harness = settings_view(section);
        harness.get_by_label("Close settings");
    }
}

#[test]
fn keys_are_found_by_what_they_do() {
    let mut harness = harness(vec2(900.0, 700.0), Vec::new(), |ui, actions: &mut Vec<KeysAction>| {
        actions.extend(keys::show(ui.ctx(), "newer".trim_end_matches("er")));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness.get_by_label("Next chat with something new");
    assert!(harness.query_by_label("Quit").is_none());
    harness.get_by_label("Close").click();
    harness.run_steps(2);
    assert_eq!(*harness.state(), [KeysAction::Close]);
}

#[test]
fn an_export_asks_for_its_form() {
    let mut harness = harness(vec2(900.0, 700.0), Vec::new(), |ui, actions: &mut Vec<ExportAction>| {
        actions.extend(confirm::export(ui.ctx(), "yoda", ExportForm::Text));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness.get_by_label("Form: JSON").click();
    harness.run_steps(2);
    harness.get_by_label("Save as…").click();
    harness.run_steps(2);
    assert_eq!(*harness.state(), [ExportAction::Choose(ExportForm::Json), ExportAction::Write]);
}

#[test]
fn an_empty_rectangle_is_no_trouble() {
    let mut harness = harness(vec2(300.0, 40.0), (main_state(), Vec::new()), |ui, (state, actions)| {
        let rect = Rect::from_min_size(ui.max_rect().min, vec2(300.0, 40.0));
        let shown: Vec<Action> = view::show_main(ui, rect, state, |_, _, _| {});
        actions.extend(shown);
    });
    harness.run_steps(3);
}

#[test]
fn enter_does_not_do_what_is_dangerous_until_it_is_chosen() {
    for kind in [ButtonKind::Danger, ButtonKind::OutlineDanger] {
        let mut harness = harness(vec2(900.0, 640.0), None, move |ui, reply| {
            let question =
                confirm::Question { title: "Trust it?", text: "Somebody may sit in between.", yes: "Trust", kind };
            let answer = confirm::ask(ui.ctx(), &question);
            *reply = reply.or(answer);
        });
        harness.run_steps(4);
        harness.key_press(Key::Enter);
        harness.run_steps(2);
        assert_eq!(*harness.state(), Some(confirm::Reply::No), "{kind:?}");
    }
}
