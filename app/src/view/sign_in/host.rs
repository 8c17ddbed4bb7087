//! The right half when this computer is to be the server.

use eframe::egui::{Align2, Sense, Ui, Vec2, pos2};
use lucide_icons::Icon;

use super::{Entry, Focus, HasAccount, Hosting, Reach, SignInAction, SignInForm};
use crate::kit::{
    BarTone, Button, ButtonKind, Field, Note, Take, entered, label, label_at, note, paragraph, segmented, space as gap,
    switch,
};
use crate::theme::{control, ink, palette, space, style};

/// Draws the page.
pub(super) fn show(ui: &mut Ui, state: &Hosting, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    label(ui, ink(style::TITLE, colours.text), "Host on this computer");
    gap(ui, space::X4);
    let reach = if let Hosting::Running { reach, .. } = state { *reach } else { form.reach };
    let text = match reach {
        Reach::Network => {
            "This computer becomes the server for everybody on your network. It runs as long as Whoelse is open."
        }
        Reach::ThisComputer => {
            "This computer becomes a server that no other computer can reach: to try things, or for people who share \
             this computer. It runs as long as Whoelse is open."
        }
    };
    paragraph(ui, ink(style::SMALL, colours.text_2), text);
    gap(ui, space::X5 + 2.0);
    match state {
        Hosting::Stopped { trouble } => stopped(ui, trouble, form, actions),
        Hosting::Busy { doing } => {
            note(ui, Note { tone: BarTone::Accent, icon: Icon::Server, strong: doing, text: "", countdown: "" });
        }
        Hosting::Running { invitation, address, reach, entry, account } => {
            running(ui, (invitation, address), (*reach, *entry, *account), form, actions);
        }
    }
}

/// Who can reach the server, as one chooses it.
const REACHES: [(Reach, &str); 2] = [(Reach::Network, "My network"), (Reach::ThisComputer, "This computer only")];

/// Width of the field of a port.
const PORT: f32 = 128.0;

fn stopped(ui: &mut Ui, trouble: &str, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    if !trouble.is_empty() {
        let strong = "The server could not be started";
        note(ui, Note { tone: BarTone::Danger, icon: Icon::ServerOff, strong, text: trouble, countdown: "" });
        gap(ui, space::X5);
    }
    label(ui, ink(style::LABEL, colours.text), "Port");
    gap(ui, 6.0);
    let take = if form.focus == Focus::Wanted { Take::Keyboard } else { Take::Nothing };
    let port = Field::new("Port").hint("3331").width(PORT).take(take).show(ui, &mut form.port);
    form.claim(&port);
    if entered(&port) {
        actions.push(SignInAction::StartHost);
    }
    gap(ui, space::X5);
    label(ui, ink(style::LABEL, colours.text), "Who can reach it");
    gap(ui, 6.0);
    let selected = REACHES.iter().position(|(reach, _)| *reach == form.reach).unwrap_or_default();
    let picked = segmented(ui, "Who can reach it", &REACHES.map(|(_, words)| (None, words)), selected);
    if let Some((reach, _)) = picked.and_then(|index| REACHES.get(index)) {
        form.reach = *reach;
    }
    gap(ui, space::X5);
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 44.0), Sense::hover());
    let room = row.width() - 60.0;
    let words = "Anyone can create an account";
    label_at(ui, Align2::LEFT_TOP, row.min, ink(style::LABEL, colours.text), words, room);
    let words =
        if form.open { "Nobody needs an invitation for that." } else { "Only people with an invitation from you can." };
    let at = row.min + Vec2::new(0.0, 20.0);
    label_at(ui, Align2::LEFT_TOP, at, ink(style::META, colours.text_2), words, room);
    let size = Vec2::from(control::SWITCH).max(Vec2::splat(control::MIN_TARGET));
    let place = Align2::RIGHT_CENTER.anchor_size(pos2(row.right(), row.center().y - 2.0), size);
    let mut child = ui.new_child(eframe::egui::UiBuilder::new().max_rect(place));
    switch(&mut child, &mut form.open, "Anyone can create an account");
    gap(ui, space::X6);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3 + 2.0;
        if ui.add(Button::new(ButtonKind::Primary, "Start the server").icon(Icon::Power).form()).clicked() {
            actions.push(SignInAction::StartHost);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Back").form()).clicked() {
            actions.push(SignInAction::Back);
        }
    });
}

/// What to do with the invitation.
const fn give(reach: Reach) -> &'static str {
    match reach {
        Reach::Network => "Send it to your team.",
        Reach::ThisComputer => "Paste it into Whoelse on this computer.",
    }
}

fn running(
    ui: &mut Ui,
    (invitation, address): (&str, &str),
    (reach, entry, account): (Reach, Entry, HasAccount),
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    let colours = palette(ui);
    let strong = format!("Running at {address}");
    let text = match reach {
        Reach::Network => "Others on your network can sign in at this address.",
        Reach::ThisComputer => "No other computer can reach it.",
    };
    note(ui, Note { tone: BarTone::Accent, icon: Icon::Radio, strong: &strong, text, countdown: "" });
    gap(ui, space::X5);
    label(ui, ink(style::LABEL, colours.text), "Invitation");
    gap(ui, 6.0);
    ui.horizontal(|ui| {
        let mut shown = invitation.to_owned();
        let width = ui.available_width() - 100.0;
        Field::new("Invitation").mono().width(width).show(ui, &mut shown);
        gap(ui, space::X3);
        if ui.add(Button::new(ButtonKind::Outline, "Copy").icon(Icon::Copy).form()).clicked() {
            actions.push(SignInAction::Copy(invitation.to_owned()));
        }
    });
    gap(ui, space::X3);
    let text = match entry {
        Entry::Anyone => {
            format!("{} It tells Whoelse where the server is and how to recognize it.", give(reach))
        }
        Entry::Invited { accounts, days } => format!(
            "{} With it, people can create an account. It is good for {accounts} accounts and {days} \
             days. Each start of the server makes another; the earlier ones stay good.",
            give(reach)
        ),
    };
    paragraph(ui, ink(style::META, colours.text_3), &text);
    gap(ui, space::X6);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(space::X3 + 2.0);
        // Who has no account there yet makes one.
        let create = ("Create account", SignInAction::ShowCreate);
        let sign_in = ("Sign in here", SignInAction::Back);
        let [first, second] = match account {
            HasAccount::Yes => [sign_in, create],
            HasAccount::No => [create, sign_in],
        };
        let main = ui.add(Button::new(ButtonKind::Primary, first.0).form());
        form.claim(&main);
        if main.clicked() {
            actions.push(first.1);
        }
        if ui.add(Button::new(ButtonKind::Outline, second.0).form()).clicked() {
            actions.push(second.1);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Stop the server").form()).clicked() {
            actions.push(SignInAction::StopHost);
        }
    });
}
