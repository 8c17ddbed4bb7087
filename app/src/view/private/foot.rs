//! What stands in place of the composer while no private session is open.

use std::sync::Arc;

use eframe::egui::text::TextWrapping;
use eframe::egui::{Align, Align2, Galley, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::kit::{Button, ButtonKind, at_end, fill, icon, put, rule, say_at_once, strong_and_small};
use crate::theme::{control, icon as icon_size, palette, radius, side_padding, space, stroke};
use crate::view::Action;

/// Least height, and the room below it.
const ROW: f32 = 52.0;
const BELOW: f32 = space::X6;
/// Words that would have less room than this stand above what can be done.
const WORDS: f32 = 300.0;
/// Room left of the words: the icon.
const LEFT: f32 = icon_size::LARGE + space::X3 + 2.0;

/// Where what can be done stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Beside the words.
    Beside,
    /// Below them, in a row.
    Below,
    /// Below them, one below the other.
    Column,
}

/// A foot laid out in a width.
struct LaidOut {
    words: Arc<Galley>,
    place: Place,
    /// Of the words, with the room around them.
    row: f32,
    height: f32,
}

/// Height at a width, with the room around it.
pub(in crate::view) fn height(ui: &Ui, width: f32, state: &Foot) -> f32 {
    lay_out(ui, width, state).height + BELOW
}

fn lay_out(ui: &Ui, width: f32, state: &Foot) -> LaidOut {
    let inner = width - 2.0 * side_padding(width) - 2.0 * space::X4;
    let buttons: f32 = state.actions.iter().map(|action| action.button().drawn_width(ui) + space::X3).sum();
    let place = match inner - LEFT {
        room if room - buttons >= WORDS => Place::Beside,
        _ if buttons <= inner => Place::Below,
        _ => Place::Column,
    };
    let room = if place == Place::Beside { inner - LEFT - buttons - space::X4 } else { inner - LEFT };
    let small = if state.left.is_empty() { &state.text } else { &state.left };
    let mut job = strong_and_small(palette(ui), &state.strong, small);
    job.wrap = TextWrapping::wrap_at_width(room.max(0.0));
    let words = ui.painter().layout_job(job);
    let row = (words.size().y + 2.0 * space::X4).max(ROW);
    let step = control::BUTTON_SMALL + space::X3;
    let height = match place {
        Place::Beside => row,
        Place::Below if state.actions.is_empty() => row,
        Place::Below => row + step,
        Place::Column => row + step * state.actions.len() as f32,
    };
    LaidOut { words, place, row, height }
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
    /// How long it lasts, in place of what it means, for the eye alone: a screen reader would say each second. May be
    /// empty.
    pub left: String,
    /// What can be done; the first stands at the right end.
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
    fn button(self) -> Button<'static> {
        let (kind, words, _) = self.parts();
        Button::new(kind, words).small()
    }

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

fn in_a_row(ui: &mut Ui, place: Rect, state: &Foot) -> Option<PrivateVerb> {
    let from_left: Vec<FootAction> = state.actions.iter().rev().copied().collect();
    let row = at_end(ui, place, ("foot", space::X3), from_left.iter().map(|action| action.button().into()));
    row.clicked().and_then(|index| from_left.get(index)).map(|action| action.parts().2)
}

fn in_a_column(ui: &mut Ui, place: Rect, state: &Foot) -> Option<PrivateVerb> {
    let builder = UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min)).id_salt("foot");
    let mut column = ui.new_child(builder);
    column.spacing_mut().item_spacing = Vec2::splat(space::X3);
    let mut wanted = None;
    for action in &state.actions {
        if column.add(action.button()).clicked() {
            wanted = Some(action.parts().2);
        }
    }
    wanted
}

/// Draws it over `rect`, whose height is that of [`height`].
pub(in crate::view) fn show(ui: &mut Ui, rect: Rect, peer: &UserName, state: &Foot, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    let side = side_padding(rect.width());
    let outer = Rect::from_min_max(rect.min + Vec2::new(side, 0.0), rect.max - Vec2::new(side, BELOW));
    fill(ui.painter(), outer, radius::CARD, colours.bg_raised);
    rule(ui.painter(), outer, radius::CARD, stroke::HAIRLINE, colours.private_line);
    let LaidOut { words, place, row, .. } = lay_out(ui, rect.width(), state);
    let inner = outer.shrink2(Vec2::new(space::X4, 0.0));
    let (line, below) = inner.split_top_bottom_at_y(inner.top() + row);
    let wanted = match place {
        Place::Beside => in_a_row(ui, line, state),
        Place::Below => in_a_row(ui, below.with_max_y(below.top() + control::BUTTON_SMALL), state),
        Place::Column => in_a_column(ui, below, state),
    };
    actions.extend(wanted.map(|verb| Action::Private(verb, peer.clone())));
    let centre = pos2(inner.left() + icon_size::LARGE / 2.0, line.center().y);
    icon(ui.painter(), state.icon, centre, icon_size::LARGE, colours.private);
    let words = put(ui.painter(), Align2::LEFT_CENTER, pos2(inner.left() + LEFT, line.center().y), words);
    let response = ui.interact(words, ui.scope_id().with("stands"), Sense::hover());
    let spoken = format!("{} {}", state.strong, state.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, spoken.trim()));
    say_at_once(ui.ctx(), response.id);
}
