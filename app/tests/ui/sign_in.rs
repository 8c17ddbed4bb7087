//! The first screen, by what a screen reader says of it.

use eframe::egui::{self, Key, accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use whoelse::view::sign_in::{
    self, CanBeginAnew, CanRegister, Entry, Focus, HasAccount, Hosting, Keyring, Page, Reach, SignIn, SignInAction,
    SignInForm,
};

use crate::common::harness;
use crate::views::assert_all_named;

fn sign_in_view(page: Page, form: SignInForm) -> Harness<'static, (SignInForm, Vec<SignInAction>)> {
    let state = SignIn {
        servers: Vec::new(),
        chosen: None,
        page,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Present,
        invitation: String::new(),
    };
    let mut harness = harness(vec2(900.0, 640.0), (form, Vec::new()), move |ui, (form, actions)| {
        let rect = ui.max_rect();
        actions.extend(sign_in::show(ui, rect, &state, form));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness
}

fn filled() -> SignInForm {
    SignInForm {
        server: "echo-base:3331".to_owned(),
        name: "hans".to_owned(),
        password: "secret".to_owned(),
        ..SignInForm::default()
    }
}

#[test]
fn the_form_is_typed_into_and_signs_in() {
    let mut harness = sign_in_view(Page::Form, SignInForm::default());
    for (field, text) in [("Server", "echo-base:3331"), ("Name", "hans"), ("Password", "secret")] {
        let role = if field == "Password" { Role::PasswordInput } else { Role::TextInput };
        harness.get_by_role_and_label(role, field).click();
        harness.run_steps(2);
        harness.event(egui::Event::Text(text.to_owned()));
        harness.run_steps(2);
    }
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let (form, actions) = harness.state();
    assert_eq!(
        (form.server.as_str(), form.name.as_str(), form.password.as_str()),
        ("echo-base:3331", "hans", "secret")
    );
    assert_eq!(*actions, [SignInAction::SignIn]);
}

#[test]
fn a_locked_name_cannot_be_tried() {
    let mut harness = sign_in_view(Page::Locked { left: 43 }, filled());
    harness.get_by_label_contains("hans is locked for at most a minute");
    harness.get_by_label("Sign in again in 0:43").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, []);
}

#[test]
fn each_refusal_has_its_words_and_its_action() {
    let unusable = |cause: &str, anew| Page::HistoryUnusable {
        what: "The history of this account cannot be opened".to_owned(),
        meaning: cause.to_owned(),
        anew,
    };
    let cases: [(Page, &str, &str, SignInAction); 9] = [
        (
            unusable("a.sqlite: the history's file is damaged.", CanBeginAnew::Yes),
            "a.sqlite: the history's file is damaged.",
            "Move it away and begin a new one",
            SignInAction::BeginAnew,
        ),
        (
            unusable("a.sqlite: the disk is full.", CanBeginAnew::No),
            "a.sqlite: the disk is full.",
            "Back",
            SignInAction::Back,
        ),
        (
            Page::WrongPassword { tries_left: 2, pause: Some(60) },
            "Wrong password. 2 tries left, then a pause of 60 s.",
            "Sign in",
            SignInAction::SignIn,
        ),
        (
            Page::NotReached { host: "echo-base".to_owned(), cause: "Tried for 5 s.".to_owned() },
            "echo-base does not answer. Tried for 5 s.",
            "Try again",
            SignInAction::SignIn,
        ),
        (Page::AlreadyOnline, "hans is already online", "Use another name", SignInAction::Back),
        (Page::AlreadyOnline, "hans is already online", "End it there and sign in here", SignInAction::TakeOver),
        (
            Page::UnknownName { registration: CanRegister::Again, like: None },
            "You had an account of this name here before.",
            "Create account",
            SignInAction::ShowCreate,
        ),
        (
            Page::UnknownName { registration: CanRegister::Yes, like: None },
            "No account named hans",
            "Create account",
            SignInAction::ShowCreate,
        ),
        (
            Page::KeyChanged { pinned: "8F3A".to_owned(), pinned_on: "12 Nov".to_owned(), shown: "51E7".to_owned() },
            "This is not the server you trusted on 12 Nov.",
            "Disconnect",
            SignInAction::DoNotConnect,
        ),
    ];
    for (page, words, button, action) in cases {
        let mut harness = sign_in_view(page, filled());
        harness.get_by_label_contains(words);
        harness.get_by_role_and_label(Role::Button, button).click();
        harness.run_steps(2);
        assert_eq!(harness.state().1, [action]);
    }
}

#[test]
fn two_different_passwords_make_no_account() {
    let form = SignInForm { again: "other".to_owned(), ..filled() };
    let mut harness = sign_in_view(Page::CreateAccount { trouble: String::new() }, form);
    harness.get_by_label("The two passwords differ.");
    harness.get_by_role_and_label(Role::Button, "Create account").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, []);
}

#[test]
fn an_enter_that_was_meant_for_the_page_before_does_not_trust_a_key() {
    let mut harness = sign_in_view(Page::Trust { fingerprint: vec!["8F3A".to_owned()] }, filled());
    harness.state_mut().0.focus = Focus::Wanted;
    harness.step();
    harness.key_press(Key::Enter);
    harness.step();
    assert_eq!(harness.state().1, []);

    // The window's clock goes on by a quarter of a second a frame.
    harness.run_steps(4);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::Trust]);
}

#[test]
fn a_new_page_gives_the_keyboard_to_its_first_empty_field_and_tab_skips_the_eye() {
    let form = SignInForm { focus: Focus::Wanted, server: "echo-base:3331".to_owned(), ..SignInForm::default() };
    let mut harness = sign_in_view(Page::CreateAccount { trouble: String::new() }, form);
    for text in ["hans", "secret", "secret"] {
        harness.event(egui::Event::Text(text.to_owned()));
        harness.run_steps(2);
        harness.key_press(Key::Tab);
        harness.run_steps(2);
    }
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let (form, actions) = harness.state();
    assert_eq!((form.name.as_str(), form.password.as_str(), form.again.as_str()), ("hans", "secret", "secret"));
    assert_eq!(*actions, [SignInAction::CreateAccount]);
}

#[test]
fn a_fingerprint_is_shown_before_anything_is_sent() {
    let fingerprint = vec!["8F3A".to_owned(), "C10D".to_owned()];
    let mut harness = sign_in_view(Page::Trust { fingerprint }, filled());
    harness.get_by_label("Fingerprint 8F3A C10D");
    harness.get_by_label("It matches, trust it").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::Trust]);
}

fn running(account: HasAccount) -> Hosting {
    Hosting::Running {
        invitation: "whoelse://a:1#b".to_owned(),
        address: "a:1".to_owned(),
        reach: Reach::Network,
        entry: Entry::Anyone,
        account,
    }
}

#[test]
fn enter_on_a_server_that_was_started_makes_an_account_unless_there_is_one() {
    for (account, action) in [(HasAccount::No, SignInAction::ShowCreate), (HasAccount::Yes, SignInAction::Back)] {
        let form = SignInForm { focus: Focus::Wanted, ..SignInForm::default() };
        let mut harness = sign_in_view(Page::Host(running(account)), form);
        harness.key_press(Key::Enter);
        harness.run_steps(2);
        assert_eq!(harness.state().1, [action]);
    }
}

#[test]
fn the_server_on_this_computer_starts_and_stops() {
    let mut harness = sign_in_view(Page::Host(Hosting::Stopped { trouble: String::new() }), SignInForm::default());
    harness.get_by_label("Start the server").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::StartHost]);
    let mut harness = sign_in_view(Page::Host(running(HasAccount::Yes)), SignInForm::default());
    harness.get_by_role_and_label(Role::Button, "Copy").click();
    harness.run_steps(2);
    harness.get_by_label("Stop the server").click();
    harness.run_steps(2);
    let expected = [SignInAction::Copy("whoelse://a:1#b".to_owned()), SignInAction::StopHost];
    assert_eq!(harness.state().1, expected);
}

#[test]
fn a_server_may_be_for_this_computer_alone_and_says_so() {
    let mut harness = sign_in_view(Page::Host(Hosting::Stopped { trouble: String::new() }), SignInForm::default());
    harness.get_by_label_contains("for everybody on your network");
    harness.get_by_label_contains("This computer only").click();
    harness.run_steps(2);
    assert_eq!(harness.state().0.reach, Reach::ThisComputer);
    harness.get_by_label_contains("no other computer can reach");

    let Hosting::Running { invitation, address, entry, account, .. } = running(HasAccount::Yes) else { return };
    let alone = Hosting::Running { invitation, address, reach: Reach::ThisComputer, entry, account };
    let harness = sign_in_view(Page::Host(alone), SignInForm::default());
    harness.get_by_label_contains("No other computer can reach it.");
    assert!(harness.query_by_label_contains("Send it to your team").is_none());
}

#[test]
fn without_a_keyring_nobody_is_promised_to_stay_signed_in_for_ever() {
    let state = SignIn {
        servers: Vec::new(),
        chosen: None,
        page: Page::Form,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Absent,
        invitation: String::new(),
    };
    let form = SignInForm { keep: true, ..filled() };
    let mut harness = harness(vec2(900.0, 640.0), form, move |ui, form| {
        let rect = ui.max_rect();
        let _ = sign_in::show(ui, rect, &state, form);
    });
    harness.run_steps(3);
    harness.get_by_label_contains("After a while without use you are asked for your password again");
    assert!(harness.query_by_label_contains("until you sign out").is_none());
}

#[test]
fn an_invitation_with_a_secret_says_for_how_many_and_for_how_long_it_is_good() {
    let entry = Entry::Invited { accounts: 50, days: 30 };
    let invitation = "whoelse://a:1#b,invite=c".to_owned();
    let (address, reach) = ("a:1".to_owned(), Reach::Network);
    let running = Hosting::Running { invitation, address, reach, entry, account: HasAccount::No };
    let harness = sign_in_view(Page::Host(running), SignInForm::default());
    harness.get_by_label_contains("50 accounts and 30 days");
}

#[test]
fn whoever_has_no_account_where_they_are_made_by_invitation_is_told_to_paste_one() {
    let unknown = Page::UnknownName { registration: CanRegister::WithInvitation, like: None };
    let mut harness = sign_in_view(unknown, SignInForm { name: "leia".to_owned(), ..SignInForm::default() });
    harness.get_by_label_contains("need an invitation");
    harness.get_by_label("Create account").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::ShowCreate], "its page has the field for it");
}

#[test]
fn in_a_low_and_narrow_window_every_button_is_reached() {
    let state = SignIn {
        servers: Vec::new(),
        chosen: None,
        page: Page::Form,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Absent,
        invitation: String::new(),
    };
    // The least window with the largest text.
    let size = vec2(277.0, 370.0);
    let form = SignInForm { keep: true, ..filled() };
    let mut harness = harness(size, (form, Vec::new()), move |ui, (form, actions)| {
        let rect = ui.max_rect();
        actions.extend(sign_in::show(ui, rect, &state, form));
    });
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Create account").focus();
    harness.run_steps(4);
    let place = harness.get_by_role_and_label(Role::Button, "Create account").rect();
    assert!(place.top() >= 0.0 && place.bottom() <= size.y, "{place}");
    harness.get_by_role_and_label(Role::Button, "Create account").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::ShowCreate]);
}

fn with_servers(page: Page, invitation: &str, size: egui::Vec2) -> Harness<'static, (SignInForm, Vec<SignInAction>)> {
    let known = sign_in::KnownServer {
        title: "Echo Base".to_owned(),
        detail: "hans".to_owned(),
        address: "echo-base:3331".to_owned(),
        pinned: "12 Nov".to_owned(),
        here: false,
    };
    let (servers, chosen) = if invitation.is_empty() { (vec![known], Some(0)) } else { (Vec::new(), None) };
    let state = SignIn {
        servers,
        chosen,
        page,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Present,
        invitation: invitation.to_owned(),
    };
    let mut harness = harness(size, (filled(), Vec::new()), move |ui, (form, actions)| {
        let rect = ui.max_rect();
        actions.extend(sign_in::show(ui, rect, &state, form));
    });
    harness.run_steps(3);
    harness
}

#[test]
fn a_wrong_password_is_told_in_place_and_nothing_jumps() {
    let size = vec2(900.0, 640.0);
    let form = with_servers(Page::Form, "", size);
    let trying = with_servers(Page::Connecting, "", size);
    let wrong = with_servers(Page::WrongPassword { tries_left: 2, pause: None }, "", size);
    wrong.get_by_label_contains("Wrong password. 2 tries left");
    wrong.get_by_label("Sign in to Echo Base");
    for harness in [&trying, &wrong] {
        for (role, name) in [(Role::TextInput, "Server"), (Role::TextInput, "Name"), (Role::PasswordInput, "Password")]
        {
            let place = |harness: &Harness<'_, _>| harness.get_by_role_and_label(role, name).rect().min;
            assert_eq!(place(harness), place(&form), "{name}");
        }
    }
    let button = |harness: &Harness<'_, _>| harness.get_by_role_and_label(Role::Button, "Sign in").rect();
    assert_eq!(button(&wrong), button(&form));
}

#[test]
fn an_invitation_is_named_and_leads_to_a_new_account() {
    let words = "An invitation to vm:3331: it lets you create an account there.";
    let mut harness = with_servers(Page::Form, words, vec2(900.0, 640.0));
    harness.get_by_label(words);
    let place = |name| harness.get_by_role_and_label(Role::Button, name).rect();
    assert!(place("Create account").left() < place("Sign in").left(), "the main button comes first");
    harness.get_by_role_and_label(Role::Button, "Create account").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [SignInAction::ShowCreate]);
    let harness = with_servers(Page::CreateAccount { trouble: String::new() }, words, vec2(900.0, 640.0));
    harness.get_by_label(words);
}

#[test]
fn a_narrow_first_screen_offers_to_host_while_no_server_is_known() {
    for width in [360.0, 700.0] {
        let mut harness = sign_in_view_of(vec2(width, 760.0));
        harness.get_by_role_and_label(Role::Button, "Host on this computer").click();
        harness.run_steps(2);
        assert_eq!(harness.state().1, [SignInAction::ShowHost], "{width}");
    }
}

fn sign_in_view_of(size: egui::Vec2) -> Harness<'static, (SignInForm, Vec<SignInAction>)> {
    with_servers(Page::Form, "none", size)
}
