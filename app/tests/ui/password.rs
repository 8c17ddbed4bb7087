//! The dialog of the own password, by what a screen reader says of it.

use eframe::egui::{self, Key, accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use whoelse::view::password::{self, PasswordAction, PasswordForm};

use crate::common::harness;
use crate::views::assert_all_named;

type State = (PasswordForm, Vec<PasswordAction>);

fn dialog() -> Harness<'static, State> {
    let mut harness = harness(vec2(900.0, 700.0), State::default(), |ui, (form, actions): &mut State| {
        actions.extend(password::ask(ui.ctx(), form));
    });
    harness.run_steps(3);
    assert_all_named(&harness);
    harness
}

fn fill(harness: &mut Harness<'static, State>, words: [(&str, &str); 3]) {
    for (field, text) in words {
        harness.get_by_role_and_label(Role::PasswordInput, field).click();
        harness.run_steps(2);
        harness.event(egui::Event::Text(text.to_owned()));
        harness.run_steps(2);
    }
}

#[test]
fn a_password_is_changed_once_the_new_one_is_typed_twice() {
    let mut harness = dialog();
    fill(
        &mut harness,
        [("Old password", "falcon"), ("New password", "m1llennium"), ("New password again", "m1llenium")],
    );
    harness.get_by_label("The two new passwords differ.");
    harness.get_by_role_and_label(Role::Button, "Change password").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, []);

    harness.state_mut().0.again = "m1llennium".to_owned();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Change password").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1, [PasswordAction::Change]);
    assert_eq!(harness.state().0.old, "falcon");
}

#[test]
fn the_keyboard_is_enough() {
    let mut harness = dialog();
    fill(&mut harness, [("Old password", "falcon"), ("New password", "x"), ("New password again", "x")]);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().1, [PasswordAction::Change]);
}

#[test]
fn a_short_password_is_told_and_taken_and_a_refused_one_is_typed_anew() {
    let mut harness = dialog();
    fill(&mut harness, [("Old password", "hawk"), ("New password", "short"), ("New password again", "short")]);
    harness.get_by_label_contains("Short passwords are easy to guess.");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().1, [PasswordAction::Change], "it is a hint, not a rule");

    let form = &mut harness.state_mut().0;
    (form.wrong, form.stands) = ("Not changed: the old password is wrong.".to_owned(), password::Stands::Refused);
    harness.run_steps(2);
    harness.get_by_label("Not changed: the old password is wrong.");
    harness.event(egui::Event::Text("falcon".to_owned()));
    harness.run_steps(2);
    let (form, _) = harness.state();
    assert_eq!((form.old.as_str(), form.new.as_str()), ("falcon", "short"), "the rest stays as it was typed");
    assert!(harness.query_by_label("Not changed: the old password is wrong.").is_none());
}
