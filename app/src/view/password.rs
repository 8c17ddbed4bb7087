//! The dialog in which the own password is changed.

use std::fmt;

use eframe::egui::{Align, Context, Layout, Response, Sense, Ui, UiBuilder, Vec2};

use crate::kit::{
    Button, ButtonKind, Dialog, Field, FieldState, Reveal, dialog, entered, focus_whole, label, paragraph,
    space as gap, told,
};
use crate::theme::{ink, palette, space, style};

/// What was typed.
#[derive(Default)]
pub struct PasswordForm {
    /// The password that holds.
    pub old: String,
    /// The one to come.
    pub new: String,
    /// The same once more.
    pub again: String,
    /// Whether the words are shown.
    pub reveal: Reveal,
    /// Why the server did not change it; may be empty.
    pub wrong: String,
    /// What became of the last order.
    pub stands: Stands,
}

/// How a change of the password stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stands {
    /// It is typed.
    #[default]
    Typed,
    /// The server is asked.
    Asked,
    /// The server has just refused: the old password is typed anew.
    Refused,
}

impl fmt::Debug for PasswordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordForm").finish_non_exhaustive()
    }
}

/// What the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordAction {
    /// Change it.
    Change,
    /// Leave it.
    Close,
}

/// A password with fewer characters than this is guessed soon.
const SHORT_BELOW: usize = 8;

/// What is said of one, which is taken all the same.
pub(super) const SHORT: &str = "Short passwords are easy to guess. Better use eight characters or more.";

/// Whether a password that is typed is short; nothing is not.
pub(super) fn is_short(password: &str) -> bool {
    (1..SHORT_BELOW).contains(&password.chars().count())
}

/// Width of the dialog.
const WIDTH: f32 = 420.0;

const TEXT: &str = "You stay signed in here. On other computers, sign in with the new password.";

/// Asks for the old and the new password.
#[must_use]
pub fn ask(ctx: &Context, form: &mut PasswordForm) -> Option<PasswordAction> {
    let mut action = None;
    let close = dialog(ctx, Dialog { name: "Change password", size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        let inner = ui.max_rect().shrink2(Vec2::new(space::X6, space::X5 + 4.0));
        let mut body = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        action = fields(&mut body, form);
        let used = body.min_rect().expand2(Vec2::new(0.0, space::X5 + 4.0));
        ui.allocate_rect(used, Sense::hover());
    });
    action.or(close.then_some(PasswordAction::Close))
}

fn fields(ui: &mut Ui, form: &mut PasswordForm) -> Option<PasswordAction> {
    let colours = palette(ui);
    label(ui, ink(style::TITLE, colours.text), "Change password");
    gap(ui, space::X3);
    paragraph(ui, ink(style::SMALL, colours.text_2), TEXT);
    gap(ui, space::X4);
    let PasswordForm { old, new, again, reveal, wrong, stands } = form;
    let standing = if wrong.is_empty() { FieldState::Normal } else { FieldState::Error };
    let first = field(ui, "Old password", standing, old, reveal);
    if *stands == Stands::Refused {
        *stands = Stands::Typed;
        focus_whole(&first, old);
    } else if old.is_empty() && ui.memory(eframe::egui::Memory::focused).is_none() {
        first.request_focus();
    }
    if first.changed() {
        wrong.clear();
    }
    if !wrong.is_empty() {
        told(ui, ink(style::SMALL, colours.danger), wrong);
        gap(ui, space::X3);
    }
    let second = field(ui, "New password", FieldState::Normal, new, reveal);
    if is_short(new) {
        paragraph(ui, ink(style::META, colours.text_2), SHORT);
        gap(ui, space::X3);
    }
    let differs = !again.is_empty() && again != new;
    let standing = if differs { FieldState::Error } else { FieldState::Normal };
    let third = field(ui, "New password again", standing, again, reveal);
    if differs {
        told(ui, ink(style::SMALL, colours.danger), "The two new passwords differ.");
        gap(ui, space::X3);
    }
    let asked = *stands == Stands::Asked;
    let ready = !asked && !old.is_empty() && !new.is_empty() && new == again;
    let entered = [first, second, third].iter().any(entered);
    let mut action = (ready && entered).then_some(PasswordAction::Change);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        let words = if asked { "Changing…" } else { "Change password" };
        if ui.add(Button::new(ButtonKind::Primary, words).enabled(ready)).clicked() {
            action = Some(PasswordAction::Change);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Cancel")).clicked() {
            action = Some(PasswordAction::Close);
        }
    });
    action
}

fn field(ui: &mut Ui, name: &str, standing: FieldState, text: &mut String, reveal: &mut Reveal) -> Response {
    label(ui, ink(style::META, palette(ui).text_2), name);
    gap(ui, space::X1);
    let response = Field::new(name).secret(reveal).state(standing).show(ui, text);
    gap(ui, space::X4);
    response
}
