//! What stands across the top of the window while something is in the way.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::action::Action;
use crate::kit::{Bar, BarTone, Button, ButtonKind};

/// The bars there are; at most one of each kind.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// The line is lost.
    pub lost: Option<Lost>,
    /// The session ends soon.
    pub inactivity: Option<Inactivity>,
    /// This computer's disk refuses something.
    pub disk: Option<String>,
    /// Somebody gave wrong passwords for the person's name.
    pub wrong_passwords: Option<String>,
}

/// A lost line.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Seconds until it is tried again; `None` while it is being tried.
    pub retry_in: Option<u64>,
}

/// A session that ends for want of action.
#[derive(Clone, Debug)]
pub struct Inactivity {
    /// Seconds left.
    pub left: u64,
    /// Minutes without action after which it ends.
    pub after_minutes: u64,
}

/// Draws the bars from the top down.
pub(super) fn show(ui: &mut Ui, state: &Bars, actions: &mut Vec<Action>) {
    if let Some(lost) = &state.lost {
        let strong = match lost.retry_in {
            Some(seconds) => format!("Reconnecting in {seconds} s."),
            None => "Reconnecting.".to_owned(),
        };
        let text = "Keep writing: messages are saved here and sent in order once the line is back.";
        Bar { tone: BarTone::Warn, icon: Icon::WifiOff, strong: &strong, text }.show(ui, |ui| {
            let button = Button::new(ButtonKind::Outline, "Retry now").icon(Icon::RotateCw).small();
            if lost.retry_in.is_some() && ui.add(button).clicked() {
                actions.push(Action::RetryLine);
            }
        });
    }
    if let Some(inactivity) = &state.inactivity {
        let text = format!(
            "After {} minutes without action you will be signed out in {}:{:02}. Your drafts stay.",
            inactivity.after_minutes,
            inactivity.left / 60,
            inactivity.left % 60
        );
        let bar = Bar { tone: BarTone::Accent, icon: Icon::ClockAlert, strong: "Still here?", text: &text };
        bar.show(ui, |ui| {
            if ui.add(Button::new(ButtonKind::Primary, "Stay signed in").small()).clicked() {
                actions.push(Action::Stay);
            }
            if ui.add(Button::new(ButtonKind::Ghost, "Sign out now").small()).clicked() {
                actions.push(Action::SignOut);
            }
        });
    }
    if let Some(cause) = &state.disk {
        let bar =
            Bar { tone: BarTone::Danger, icon: Icon::HardDrive, strong: "Not saved on this computer.", text: cause };
        bar.show(ui, |_| {});
    }
    if let Some(text) = &state.wrong_passwords {
        let strong = "Was that you?";
        Bar { tone: BarTone::Warn, icon: Icon::ShieldAlert, strong, text }.show(ui, |ui| {
            if ui.add(Button::new(ButtonKind::Outline, "Got it").small()).clicked() {
                actions.push(Action::DismissWrongPasswords);
            }
        });
    }
}
