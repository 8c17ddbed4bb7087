//! The bars that say who asks for a private session, and whom the user has asked. They take no keyboard from whoever is
//! writing.

use eframe::egui::{Rect, Role, Ui, Vec2, pos2, text::LayoutJob};
use lucide_icons::Icon;
use whoelse_model::ChatId;
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::command::{Verb, keys_of};
use crate::kit::{Avatar, Button, ButtonKind, Lies, Presence, Strip, fill, icon, say_at_once};
use crate::theme::{icon as icon_size, ink, numbers, palette, space, style};
use crate::view::Action;

/// Least height of a bar.
const HEIGHT: f32 = 52.0;
/// The edge that says which way it would go.
const EDGE: f32 = 3.0;
/// The disc of whoever asks.
const DISC: f32 = 28.0;
/// From the left edge to the words.
const LEFT: f32 = 24.0 + DISC + space::X3 + 2.0;

/// A question for a private session.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub name: UserName,
    /// Seconds until it is over.
    pub left: u64,
    /// How many more ask.
    pub more: usize,
}

/// A question of the user's own, while its private chat is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits for an answer.
    Waiting {
        /// Who was asked.
        name: UserName,
        /// Seconds until it is over.
        left: u64,
    },
    /// The other one has agreed.
    Accepted {
        /// Who.
        name: UserName,
    },
}

/// Draws the bar of a question at the cursor.
pub(in crate::view) fn show(ui: &mut Ui, state: &Request, actions: &mut Vec<Action>) {
    let strong = format!("{} asks for a private session", state.name);
    let mut text = MEANS.to_owned();
    let keys = keys_of(Verb::AcceptPrivate);
    text = format!("{text} {keys} accepts.");
    if state.more > 0 {
        text = format!("{text} {} more ask.", state.more);
    }
    let buttons = [(ButtonKind::Outline, "Decline"), (ButtonKind::Private, "Accept")];
    let buttons = buttons.map(|(kind, words)| Button::new(kind, words).small());
    let lies = strip(ui, &strong, &text, Some(state.left), buttons);
    let verb = lies.clicked.map(|index| if index == 0 { PrivateVerb::Decline } else { PrivateVerb::Accept });
    actions.extend(verb.map(|verb| Action::Private(verb, state.name.clone())));
    let disc = pos2(lies.rect.left() + 24.0 + DISC / 2.0, lies.first_line);
    let ground = palette(ui).bg_popup;
    Avatar::new(state.name.as_str()).diameter(DISC).presence(Presence::Online, ground).paint(ui, disc);
}

/// Draws the bar of a question of the user's own at the cursor.
pub(in crate::view) fn show_asked(ui: &mut Ui, state: &Asked, actions: &mut Vec<Action>) {
    let (glyph, lies) = match state {
        Asked::Waiting { name, left } => {
            let strong = format!("Waiting for {name}");
            let text = "You asked for a private session.";
            let lies = strip(ui, &strong, text, Some(*left), [Button::new(ButtonKind::Outline, "Cancel").small()]);
            if lies.clicked.is_some() {
                actions.push(Action::Private(PrivateVerb::Stop, name.clone()));
            }
            (Icon::Clock, lies)
        }
        Asked::Accepted { name } => {
            let strong = format!("{name} accepted");
            let go = Button::new(ButtonKind::Private, "Go to the private session").small();
            let lies = strip(ui, &strong, "Your private session is open.", None, [go]);
            if lies.clicked.is_some() {
                actions.push(Action::OpenChat(ChatId::Private(name.clone())));
            }
            (Icon::Lock, lies)
        }
    };
    let centre = pos2(lies.rect.left() + 24.0 + DISC / 2.0, lies.first_line);
    icon(ui.painter(), glyph, centre, icon_size::LARGE, palette(ui).private);
}

fn strip<'b>(
    ui: &mut Ui,
    strong: &str,
    text: &str,
    left: Option<u64>,
    buttons: impl IntoIterator<Item = Button<'b>>,
) -> Lies {
    let colours = palette(ui);
    let mut words = LayoutJob::default();
    words.append(&format!("{strong}. "), 0.0, ink(style::LABEL.weight(600.0), colours.text).text_format());
    words.append(text, 0.0, ink(style::SMALL, colours.text_2).text_format());
    if let Some(left) = left {
        let left = format!(" {}:{:02} left", left / 60, left % 60);
        words.append(&left, 0.0, numbers(style::META, colours.text_2).text_format());
    }
    let spoken = format!("{strong}. {text}");
    let surface = colours.bg_popup;
    let strip = Strip { words, spoken: &spoken, role: Role::Alert, left: LEFT, height: HEIGHT, surface };
    let lies = strip.show(ui, buttons);
    say_at_once(ui.ctx(), lies.response.id);
    let edge = Rect::from_min_size(lies.rect.min, Vec2::new(EDGE, lies.rect.height()));
    fill(ui.painter(), edge, 0.0, colours.private);
    lies
}

const MEANS: &str = "Text and files go straight between your devices.";
