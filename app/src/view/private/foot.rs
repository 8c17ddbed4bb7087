//! What stands in place of the composer while no private session is open.

use eframe::egui::{Align, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, text::LayoutJob};
use lucide_icons::Icon;
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::kit::{Button, ButtonKind, fill, icon, put, rule};
use crate::theme::{control, icon as icon_size, ink, palette, radius, side_padding, space, stroke, style};
use crate::view::Action;

/// Height, and the room below it.
const ROW: f32 = 52.0;
const BELOW: f32 = space::X6;
/// Narrower than this, what can be done stands below the words, one below the other.
const STACKED: f32 = 560.0;

/// Height at a width, with the room around it.
pub(in crate::view) fn height(width: f32, state: &Foot) -> f32 {
    if width >= STACKED || state.actions.is_empty() {
        return ROW + BELOW;
    }
    let buttons = state.actions.len() as f32 * (control::BUTTON_SMALL + space::X3);
    ROW + buttons + BELOW
}

/// What stands in place of the composer.
#[derive(Clone, Debug)]
pub struct Foot {
    /// Before the words.
    pub icon: Icon,
    /// What happens.
    pub strong: String,
    /// What it means; may be empty.
    pub text: String,
    /// What can be done, from right to left.
    pub actions: Vec<FootAction>,
}

/// Something that can be done in place of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FootAction {
    /// Ask for a session, again.
    Ask,
    /// Take the question back.
    TakeBack,
    /// Agree to the other's question.
    Accept,
    /// Turn it down.
    Decline,
    /// Write through the server instead.
    Direct,
}

impl FootAction {
    const fn parts(self) -> (ButtonKind, &'static str, PrivateVerb) {
        match self {
            Self::Ask => (ButtonKind::Private, "Ask for a private session", PrivateVerb::Start),
            Self::TakeBack => (ButtonKind::Outline, "Take back", PrivateVerb::Stop),
            Self::Accept => (ButtonKind::Private, "Accept", PrivateVerb::Accept),
            Self::Decline => (ButtonKind::Outline, "Decline", PrivateVerb::Decline),
            Self::Direct => (ButtonKind::Ghost, "Write through the server", PrivateVerb::Direct),
        }
    }
}

/// Draws it at the bottom of `rect`, whose height is that of [`height`].
pub(in crate::view) fn show(ui: &mut Ui, rect: Rect, peer: &UserName, state: &Foot, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    let side = side_padding(rect.width());
    let place = Rect::from_min_max(rect.min + Vec2::new(side, 0.0), rect.max - Vec2::new(side, BELOW));
    fill(ui.painter(), place, radius::CARD, colours.bg_raised);
    rule(ui.painter(), place, radius::CARD, stroke::HAIRLINE, colours.private_line);
    let inner = place.shrink2(Vec2::new(space::X4, 0.0));
    let stacked = rect.width() < STACKED && !state.actions.is_empty();
    let (line, layout) = if stacked {
        (inner.split_top_bottom_at_y(inner.top() + ROW), Layout::top_down(Align::Min))
    } else {
        ((inner, inner), Layout::right_to_left(Align::Center))
    };
    let (line, beside) = line;
    let mut row = ui.new_child(UiBuilder::new().max_rect(beside).layout(layout).id_salt("foot"));
    row.spacing_mut().item_spacing = Vec2::splat(space::X3);
    for action in &state.actions {
        let (kind, words, verb) = action.parts();
        if row.add(Button::new(kind, words).small()).clicked() {
            actions.push(Action::Private(verb, peer.clone()));
        }
    }
    let right = if stacked || state.actions.is_empty() { inner.right() } else { row.min_rect().left() - space::X4 };
    let centre = pos2(inner.left() + icon_size::LARGE / 2.0, line.center().y);
    icon(ui.painter(), state.icon, centre, icon_size::LARGE, colours.private);
    let left = centre.x + icon_size::LARGE / 2.0 + space::X3 + 2.0;
    let mut job = LayoutJob::default();
    job.append(&state.strong, 0.0, ink(style::LABEL.weight(600.0), colours.text).text_format());
    if !state.text.is_empty() {
        job.append(&state.text, space::X3, ink(style::SMALL, colours.text_2).text_format());
    }
    let words = crate::kit::elided_job(ui.painter(), job, right - left);
    let words = put(ui.painter(), eframe::egui::Align2::LEFT_CENTER, pos2(left, line.center().y), words);
    let response = ui.interact(words, ui.scope_id().with("stands"), Sense::hover());
    let spoken = format!("{} {}", state.strong, state.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, spoken.trim()));
    crate::kit::tip(response, spoken.trim());
}
