//! The right half where nothing can be typed: what stands against signing in.

use eframe::egui::{Align, Layout, Rect, Ui, UiBuilder, Vec2};
use lucide_icons::Icon;

use super::form::{buttons, claimed, title};
use super::{CanBeginAnew, SignInAction, SignInForm};
use crate::kit::{BarTone, Button, ButtonKind, Note, note, space as gap};
use crate::theme::space;

/// The server refused for another reason.
pub(super) fn refused(ui: &mut Ui, what: &str, meaning: &str, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    title(ui, "Not signed in");
    note(ui, Note { tone: BarTone::Danger, icon: Icon::CircleAlert, strong: what, text: meaning, countdown: "" });
    gap(ui, space::X6);
    let layout = Layout::left_to_right(Align::Center);
    let row = Rect::from_min_size(ui.cursor().min, Vec2::new(ui.available_width(), 36.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(row).layout(layout));
    if claimed(form, &child.add(Button::new(ButtonKind::Primary, "Back").form())).clicked() {
        actions.push(SignInAction::Back);
    }
}

/// The history on this computer cannot be opened.
pub(super) fn history_unusable(
    ui: &mut Ui,
    what: &str,
    meaning: &str,
    anew: CanBeginAnew,
    actions: &mut Vec<SignInAction>,
) {
    title(ui, "Not signed in");
    note(ui, Note { tone: BarTone::Danger, icon: Icon::CircleAlert, strong: what, text: meaning, countdown: "" });
    gap(ui, space::X6);
    buttons(ui, |ui| match anew {
        CanBeginAnew::Yes => {
            if ui.add(Button::new(ButtonKind::Primary, "Move it away and begin a new one").form()).clicked() {
                actions.push(SignInAction::BeginAnew);
            }
            if ui.add(Button::new(ButtonKind::Ghost, "Back").form()).clicked() {
                actions.push(SignInAction::Back);
            }
        }
        CanBeginAnew::No => {
            if ui.add(Button::new(ButtonKind::Primary, "Back").form()).clicked() {
                actions.push(SignInAction::Back);
            }
        }
    });
}
