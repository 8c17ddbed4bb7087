//! The bar that says who asks for a private session. It takes no keyboard from whoever is writing.

use eframe::egui::{Align, Align2, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, text::LayoutJob};
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::kit::{Avatar, Button, ButtonKind, Presence, elided_job, fill, galley, hairline_below, put};
use crate::theme::{ink, numbers, palette, space, style};
use crate::view::Action;

/// Height of the bar.
pub(in crate::view) const HEIGHT: f32 = 52.0;
/// The edge that says which way it would go.
const EDGE: f32 = 3.0;
/// The disc of whoever asks.
const DISC: f32 = 28.0;
/// Below this width the explanation gives way to the buttons.
const ROOM_FOR_TEXT: f32 = 560.0;

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

/// Draws the bar over `rect`.
pub(in crate::view) fn show(ui: &mut Ui, rect: Rect, state: &Request, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_popup);
    hairline_below(ui.painter(), rect, colours.line);
    fill(ui.painter(), Rect::from_min_size(rect.min, Vec2::new(EDGE, rect.height())), 0.0, colours.private);
    let inner = rect.shrink2(Vec2::new(space::X4, 0.0));
    let builder = UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)).id_salt("request");
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = space::X3;
    let mut verb = |verb| actions.push(Action::Private(verb, state.name.clone()));
    if row.add(Button::new(ButtonKind::Private, "Accept").small()).clicked() {
        verb(PrivateVerb::Accept);
    }
    if row.add(Button::new(ButtonKind::Outline, "Decline").small()).clicked() {
        verb(PrivateVerb::Decline);
    }
    let left = format!("{}:{:02} left", state.left / 60, state.left % 60);
    let words = galley(ui.painter(), numbers(style::META, colours.text_2), &left);
    let at = pos2(row.min_rect().left() - space::X4, rect.center().y);
    let count = put(ui.painter(), Align2::RIGHT_CENTER, at, words);
    let disc = pos2(rect.left() + 24.0 + DISC / 2.0, rect.center().y);
    Avatar::new(state.name.as_str()).diameter(DISC).presence(Presence::Online, colours.bg_popup).paint(ui, disc);
    let from = disc.x + DISC / 2.0 + space::X3 + 2.0;
    let mut job = LayoutJob::default();
    let strong = format!("{} asks for a private session", state.name);
    job.append(&strong, 0.0, ink(style::LABEL.weight(600.0), colours.text).text_format());
    if state.more > 0 {
        let more = format!("and {} more", state.more);
        job.append(&more, space::X3, ink(style::SMALL, colours.text_2).text_format());
    } else if rect.width() > ROOM_FOR_TEXT {
        job.append(MEANS, space::X3, ink(style::SMALL, colours.text_2).text_format());
    }
    let words = elided_job(ui.painter(), job, count.left() - space::X4 - from);
    let place = put(ui.painter(), Align2::LEFT_CENTER, pos2(from, rect.center().y), words);
    let response = ui.interact(place, ui.scope_id().with("asks"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, format!("{strong}. {MEANS}")));
}

/// What it means.
const MEANS: &str = "Text and files go straight between your devices.";
