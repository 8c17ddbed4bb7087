//! Where files go that are fetched.

use eframe::egui::Ui;

use super::row::row;
use super::{Downloads, Settings, SettingsAction};
use crate::kit::{Button, ButtonKind, paragraph, space as gap};
use crate::theme::{ink, palette, space, style};

/// Draws the section.
pub(super) fn show(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let (Downloads::Usual(folder) | Downloads::Chosen(folder)) = &state.downloads;
    row(ui, "Download folder", folder, |ui| {
        if ui.add(Button::new(ButtonKind::Outline, "Change…").small()).clicked() {
            actions.push(SettingsAction::ChooseDownloads);
        }
    });
    row(ui, "Show it", "Opens the folder in the file manager.", |ui| {
        if ui.add(Button::new(ButtonKind::Outline, "Open").small()).clicked() {
            actions.push(SettingsAction::OpenDownloads);
        }
    });
    if matches!(state.downloads, Downloads::Chosen(_)) {
        row(ui, "Back to the usual folder", "It lies in your profile.", |ui| {
            if ui.add(Button::new(ButtonKind::Outline, "Use it").small()).clicked() {
                actions.push(SettingsAction::UsualDownloads);
            }
        });
    }
    gap(ui, space::X4);
    let text = "Files that you accept or download are saved there. If the folder is gone, Whoelse says so and asks for \
                another. Accept into another folder saves one file elsewhere.";
    paragraph(ui, ink(style::META, palette(ui).text_2), text);
}
