//! What is told outside the window, and when nothing is.

use eframe::egui::Ui;

use super::row::{row, switch_row};
use super::{Notify, OnClose, Settings, SettingsAction};
use crate::kit::{Button, ButtonKind, paragraph, segmented, space as gap};
use crate::theme::{ink, palette, space, style};

const NOTIFY: [(Notify, &str); 3] =
    [(Notify::Everything, "Name and text"), (Notify::NameOnly, "Name"), (Notify::NoDetails, "No details")];

/// What is told.
pub(super) fn show(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let mut chosen = state.preferences.clone();
    row(ui, "Notifications say", "", |ui| {
        let choices = NOTIFY.map(|(_, name)| (None, name));
        let selected = NOTIFY.iter().position(|(level, _)| *level == chosen.notify).unwrap_or_default();
        let picked = segmented(ui, "Notifications say", &choices, selected);
        if let Some((level, _)) = picked.and_then(|index| NOTIFY.get(index)) {
            chosen.notify = *level;
        }
    });
    do_not_disturb(ui, state.undisturbed.as_deref(), actions);
    if state.has_tray {
        let mut tray = chosen.on_close == OnClose::Tray;
        let explanation =
            if tray { "Messages still reach you. Quit ends Whoelse." } else { "Closing the window ends Whoelse." };
        if switch_row(ui, "Closing the window keeps Whoelse in the tray", explanation, &mut tray) {
            chosen.on_close = if tray { OnClose::Tray } else { OnClose::Quit };
        }
    }
    gap(ui, space::X4);
    let text = "The chat that you are looking at never notifies you. To mute a single chat, use its menu.";
    paragraph(ui, ink(style::META, palette(ui).text_2), text);
    if chosen != state.preferences {
        actions.push(SettingsAction::Change(chosen));
    }
}

fn do_not_disturb(ui: &mut Ui, undisturbed: Option<&str>, actions: &mut Vec<SettingsAction>) {
    let explanation = match undisturbed {
        Some(until) => format!("On{until}. Messages arrive and are counted; no notification is shown."),
        None => "Off. Turn it on for an hour, for eight, until tomorrow or for good.".to_owned(),
    };
    row(ui, "Do not disturb", &explanation, |ui| match undisturbed {
        Some(_) => {
            if ui.add(Button::new(ButtonKind::Outline, "Turn off").small()).clicked() {
                actions.push(SettingsAction::EndDoNotDisturb);
            }
        }
        None => {
            if ui.add(Button::new(ButtonKind::Outline, "Turn on…").small()).clicked() {
                actions.push(SettingsAction::DoNotDisturb);
            }
        }
    });
}
