//! The dialog that asks for how long notifications are kept back.

use eframe::egui::{Align, Context, Layout, Sense, UiBuilder, Vec2};

use crate::kit::{Button, ButtonKind, Dialog, dialog, label, paragraph, space as gap};
use crate::quiet::QuietFor;
use crate::theme::{ink, palette, space, style};

/// What the dialog says.
#[derive(Clone, Debug)]
pub struct QuietForm<'a> {
    /// Whose notifications.
    pub title: &'a str,
    /// What it means.
    pub text: &'a str,
    /// What can be chosen, in words, with the moment at which it ends.
    pub choices: &'a [(QuietFor, String)],
}

/// What the user chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietAction {
    /// Keep them back for so long.
    For(QuietFor),
    /// Leave it.
    Close,
}

/// Width of the dialog.
const WIDTH: f32 = 360.0;

/// Asks; the answer, once there is one.
#[must_use]
pub fn ask(ctx: &Context, form: &QuietForm<'_>) -> Option<QuietAction> {
    let mut action = None;
    let close = dialog(ctx, Dialog { name: form.title, size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        let colours = palette(ui);
        let inner = ui.max_rect().shrink2(Vec2::new(space::X6, space::X5 + 4.0));
        let mut body = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        label(&mut body, ink(style::TITLE, colours.text), form.title);
        gap(&mut body, space::X3);
        paragraph(&mut body, ink(style::SMALL, colours.text_2), form.text);
        gap(&mut body, space::X4);
        for (quiet, words) in form.choices {
            let width = body.available_width();
            if body.add(Button::new(ButtonKind::Outline, words).width(width)).clicked() {
                action = Some(QuietAction::For(*quiet));
            }
            gap(&mut body, space::X3);
        }
        if body.add(Button::new(ButtonKind::Ghost, "Cancel")).clicked() {
            action = Some(QuietAction::Close);
        }
        let used = body.min_rect().expand2(Vec2::new(0.0, space::X5 + 4.0));
        ui.allocate_rect(used, Sense::hover());
    });
    action.or(close.then_some(QuietAction::Close))
}
