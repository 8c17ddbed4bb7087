//! The plain sections.

use eframe::egui::{Ui, Vec2};
use lucide_icons::Icon;
use whoelse_model::Receipts;

use super::row::{row, switch_row};
use super::{Address, Keep, KeepPrivate, Settings, SettingsAction};
use crate::caps::on_caps;
use crate::composer::{SendKey, Shortcodes};
use crate::kit::{Avatar, Button, ButtonKind, label, paragraph, space as gap};
use crate::theme::{code, ink, numbers, palette, space, style};
use crate::view::sign_in::{Hosting, Reach};

/// A line that tells something.
fn fact(ui: &mut Ui, name: &str, value: &str) {
    let colours = palette(ui);
    row(ui, name, "", |ui| {
        label(ui, numbers(style::SMALL, colours.text_2), value);
    });
}

/// The session.
pub(super) fn account(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let account = &state.account;
    fact(ui, "Name", &account.name);
    fact(ui, "Server", &account.server);
    fact(ui, "Signed in since", &account.since);
    fact(ui, "Profile", &account.profile);
    row(ui, "Password", "You need your old password to change it.", |ui| {
        if ui.add(Button::new(ButtonKind::Outline, "Change…").small().enabled(!account.name.is_empty())).clicked() {
            actions.push(SettingsAction::ChangePassword);
        }
    });
    gap(ui, space::X5);
    let text = "Your drafts and your history stay on this computer when you sign out.";
    paragraph(ui, ink(style::META, palette(ui).text_2), text);
    gap(ui, space::X4);
    if ui.add(Button::new(ButtonKind::Outline, "Sign out").icon(Icon::LogOut)).clicked() {
        actions.push(SettingsAction::SignOut);
    }
}

/// Writing, and what is kept.
pub(super) fn messages(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let mut chosen = state.preferences.clone();
    let mut enter = chosen.send_key == SendKey::Enter;
    let explanation =
        on_caps(if enter { "Shift+Enter makes a new line." } else { "Ctrl+Enter sends, Enter makes a new line." });
    if switch_row(ui, "Enter sends", &explanation, &mut enter) {
        chosen.send_key = if enter { SendKey::Enter } else { SendKey::CtrlEnter };
    }
    let mut becomes = chosen.shortcodes == Shortcodes::BecomeEmoji;
    let explanation = if becomes { "Backspace brings back what you typed." } else { "It stays as you type it." };
    if switch_row(ui, "Turn :smile: into an emoji", explanation, &mut becomes) {
        chosen.shortcodes = if becomes { Shortcodes::BecomeEmoji } else { Shortcodes::StayText };
    }
    let mut keeps = chosen.keep == Keep::Messages;
    let explanation = if keeps {
        "You can read and search them later, offline too."
    } else {
        "What you have read is gone once Whoelse ends. What waits to be sent stays."
    };
    if switch_row(ui, "Keep messages on this computer", explanation, &mut keeps) {
        chosen.keep = if keeps { Keep::Messages } else { Keep::Nothing };
    }
    if chosen != state.preferences {
        actions.push(SettingsAction::Change(chosen));
    }
    row(ui, "History of this account", "Deletes all messages on this computer. Other people keep theirs.", |ui| {
        if ui.add(Button::new(ButtonKind::OutlineDanger, "Clear…").small()).clicked() {
            actions.push(SettingsAction::ClearHistory);
        }
    });
}

/// Private sessions, and blocked people.
pub(super) fn privacy(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let colours = palette(ui);
    let mut chosen = state.preferences.clone();
    let mut hides = chosen.address == Address::Hidden;
    let explanation = if hides {
        "Private sessions go through the server’s relay, which cannot read them. Turning this off ends open ones."
    } else {
        "People in a private session with you can learn your computer’s address. Turning this on ends open ones."
    };
    if switch_row(ui, "Never show my address", explanation, &mut hides) {
        chosen.address = if hides { Address::Hidden } else { Address::Shown };
    }
    let mut tells = chosen.receipts == Receipts::Sent;
    let explanation = if tells {
        "They see when you have read their messages, and you see when they have read yours."
    } else {
        "Nobody sees what you have read, and you do not see what they have read."
    };
    if switch_row(ui, "Tell others what I have read", explanation, &mut tells) {
        chosen.receipts = if tells { Receipts::Sent } else { Receipts::Withheld };
    }
    let mut keeps = chosen.keep_private == KeepPrivate::Messages;
    let explanation = if keeps {
        "They stay on this computer after the private session has ended."
    } else {
        "They are gone when you close the private chat."
    };
    if switch_row(ui, "Keep private messages on this computer", explanation, &mut keeps) {
        chosen.keep_private = if keeps { KeepPrivate::Messages } else { KeepPrivate::Nothing };
    }
    if chosen != state.preferences {
        actions.push(SettingsAction::Change(chosen));
    }
    gap(ui, space::X5);
    label(ui, ink(style::STRONG, colours.text), "Blocked people");
    gap(ui, space::X2);
    let text = "People you block cannot write to you or see whether you are online, and what they write to everyone does not reach you. They find out only when they write to you. You still see them and can write to them, but they cannot answer.";
    paragraph(ui, ink(style::META, colours.text_2), text);
    gap(ui, space::X3);
    match &state.blocked {
        None => {
            label(ui, ink(style::SMALL, colours.text_2), "You are offline. The list is shown once you are connected.");
        }
        Some(names) if names.is_empty() => {
            label(ui, ink(style::SMALL, colours.text_2), "You have not blocked anybody.");
        }
        Some(names) => {
            for name in names {
                blocked(ui, name, actions);
            }
        }
    }
}

fn blocked(ui: &mut Ui, name: &str, actions: &mut Vec<SettingsAction>) {
    let left = ui.cursor().min;
    row(ui, &format!("        {name}"), "", |ui| {
        let button = ui.add(Button::new(ButtonKind::Outline, "Unblock").small());
        if button.accessible_name(format!("Unblock {name}")).clicked() {
            actions.push(SettingsAction::Unblock(name.to_owned()));
        }
    });
    Avatar::new(name).diameter(24.0).paint(ui, left + eframe::egui::vec2(12.0, 24.0));
}

/// The server.
pub(super) fn network(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let colours = palette(ui);
    let account = &state.account;
    fact(ui, "Server", &account.address);
    fact(ui, "Trusted since", &account.pinned);
    gap(ui, space::X4);
    label(ui, ink(style::LABEL, colours.text), "Fingerprint");
    gap(ui, space::X2);
    paragraph(ui, code(style::MONO, colours.text_2), &account.fingerprint);
    gap(ui, space::X2);
    ui.horizontal(|ui| {
        if ui.add(Button::new(ButtonKind::Outline, "Copy fingerprint").icon(Icon::Copy).small()).clicked() {
            actions.push(SettingsAction::Copy(account.fingerprint.clone()));
        }
    });
    gap(ui, space::X5);
    label(ui, ink(style::LABEL, colours.text), "Server on this computer");
    gap(ui, space::X2);
    match &state.hosting {
        Some(Hosting::Running { invitation, address, reach, .. }) => {
            let who = match reach {
                Reach::Network => "",
                Reach::ThisComputer => " No other computer can reach it.",
            };
            paragraph(ui, ink(style::META, colours.text_2), &format!("Running at {address}.{who}"));
            gap(ui, space::X3);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = Vec2::splat(space::X3);
                if ui.add(Button::new(ButtonKind::Outline, "Copy invitation").icon(Icon::Copy)).clicked() {
                    actions.push(SettingsAction::Copy(invitation.clone()));
                }
                if ui.add(Button::new(ButtonKind::OutlineDanger, "Stop the server")).clicked() {
                    actions.push(SettingsAction::StopHost);
                }
            });
        }
        Some(Hosting::Busy { doing }) => {
            paragraph(ui, ink(style::META, colours.text_2), &format!("{doing}."));
        }
        Some(Hosting::Stopped { .. }) | None => {
            let text = "Not running. While it runs, others on your network can sign in to it.";
            paragraph(ui, ink(style::META, colours.text_2), text);
            gap(ui, space::X3);
            if ui.add(Button::new(ButtonKind::Outline, "Start the server").icon(Icon::Power)).clicked() {
                actions.push(SettingsAction::ShowHost);
            }
        }
    }
}

/// About the app.
pub(super) fn about(ui: &mut Ui, state: &Settings) {
    let colours = palette(ui);
    fact(ui, "Whoelse", concat!("Version ", env!("CARGO_PKG_VERSION")));
    fact(ui, "Licence", "MIT or Apache-2.0");
    fact(ui, "Profile", &state.account.profile);
    gap(ui, space::X4);
    let text =
        "Inter is used under the SIL Open Font License, Hack under the MIT licence, Lucide under the ISC licence.";
    paragraph(ui, ink(style::META, colours.text_2), text);
}
