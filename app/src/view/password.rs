//! The dialog in which the own password is changed.

use std::fmt;

use eframe::egui::{Align, Context, Layout, Response, Sense, Ui, UiBuilder, Vec2};

use crate::kit::{
    Button, ButtonKind, Dialog, Field, FieldState, Reveal, dialog, entered, label, paragraph, space as gap,
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

/// Width of the dialog.
const WIDTH: f32 = 420.0;

const TEXT: &str = "Other devices on which you were signed in need the new password. This session goes on.";

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
    let PasswordForm { old, new, again, reveal } = form;
    let first = field(ui, "Old password", FieldState::Normal, old, reveal);
    if old.is_empty() && ui.memory(eframe::egui::Memory::focused).is_none() {
        first.request_focus();
    }
    let second = field(ui, "New password", FieldState::Normal, new, reveal);
    let differs = !again.is_empty() && again != new;
    let standing = if differs { FieldState::Error } else { FieldState::Normal };
    let third = field(ui, "New password again", standing, again, reveal);
    if differs {
        label(ui, ink(style::SMALL, colours.danger), "The two new passwords differ.");
        gap(ui, space::X3);
    }
    let ready = !old.is_empty() && !new.is_empty() && new == again;
    let entered = [first, second, third].iter().any(entered);
    let mut action = (ready && entered).then_some(PasswordAction::Change);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        if ui.add(Button::new(ButtonKind::Primary, "Change password").enabled(ready)).clicked() {
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
