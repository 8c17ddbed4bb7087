//! What stands across the top of the window while something is in the way.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::action::Action;
use crate::kit::{Bar, BarTone, Button, ButtonKind, minutes_at_most};

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
    /// What is not there at its other end.
    pub to: LostTo,
}

/// What is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostTo {
    /// The server, for whatever reason.
    Server,
    /// The server of this computer, which the person has stopped.
    StoppedHere,
}

/// A session that ends for want of action.
#[derive(Clone, Debug)]
pub struct Inactivity {
    /// Seconds left.
    pub left: u64,
    /// The time without action after which it ends, in words.
    pub after: String,
}

/// Draws the bars from the top down.
pub(super) fn show(ui: &mut Ui, state: &Bars, actions: &mut Vec<Action>) {
    if let Some(lost) = &state.lost {
        lost_bar(ui, lost, actions);
    }
    if let Some(inactivity) = &state.inactivity {
        let text = |left: &str| {
            format!("After {} without action you are signed out: in {left}. Your drafts stay.", inactivity.after)
        };
        let spoken = format!("Still here? {}", text(&minutes_at_most(inactivity.left)));
        let text = text(&format!("{}:{:02}", inactivity.left / 60, inactivity.left % 60));
        let bar = Bar { tone: BarTone::Accent, icon: Icon::ClockAlert, strong: "Still here?", text: &text };
        let buttons = [(ButtonKind::Ghost, "Sign out now"), (ButtonKind::Primary, "Stay signed in")];
        match bar.show_that_says(ui, &spoken, buttons.map(|(kind, words)| Button::new(kind, words).small())) {
            Some(0) => actions.push(Action::SignOut),
            Some(_) => actions.push(Action::Stay),
            None => {}
        }
    }
    if let Some(cause) = &state.disk {
        let bar =
            Bar { tone: BarTone::Danger, icon: Icon::HardDrive, strong: "Not saved on this computer.", text: cause };
        bar.show(ui, []);
    }
    if let Some(text) = &state.wrong_passwords {
        let strong = "Was that you?";
        let bar = Bar { tone: BarTone::Warn, icon: Icon::ShieldAlert, strong, text };
        if bar.show(ui, [Button::new(ButtonKind::Outline, "Got it").small()]).is_some() {
            actions.push(Action::DismissWrongPasswords);
        }
    }
}

fn lost_bar(ui: &mut Ui, lost: &Lost, actions: &mut Vec<Action>) {
    let (strong, text, button, action) = match (lost.to, lost.retry_in) {
        (LostTo::StoppedHere, _) => (
            "Your server is stopped.".to_owned(),
            "Nobody can sign in until it runs again. Keep writing: messages are saved here and sent in order then.",
            Some(("Start the server", Icon::Play)),
            Action::StartHost,
        ),
        (LostTo::Server, Some(seconds)) => (
            format!("Reconnecting in {seconds} s."),
            KEEP_WRITING,
            Some(("Retry now", Icon::RotateCw)),
            Action::RetryLine,
        ),
        (LostTo::Server, None) => ("Reconnecting.".to_owned(), KEEP_WRITING, None, Action::RetryLine),
    };
    // Without the seconds, which a screen reader would say one after the other.
    let spoken = match lost.to {
        LostTo::StoppedHere => format!("{strong} {text}"),
        LostTo::Server => format!("Reconnecting. {text}"),
    };
    let bar = Bar { tone: BarTone::Warn, icon: Icon::WifiOff, strong: &strong, text };
    let button = button.map(|(words, icon)| Button::new(ButtonKind::Outline, words).icon(icon).small());
    if bar.show_that_says(ui, &spoken, button).is_some() {
        actions.push(action);
    }
}

/// What the person may do while the server is not reached.
const KEEP_WRITING: &str = "Keep writing: messages are saved here and sent in order once the line is back.";
