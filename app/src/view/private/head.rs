//! The head of a private chat: with whom, which way it goes, whether the code was compared.

use eframe::egui::{Align, Align2, Layout, Rect, Role, Ui, UiBuilder, Vec2, pos2};
use lucide_icons::Icon;
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::caps::on_caps;
use crate::kit::{
    Button, ButtonKind, Chip, ChipTone, IconButton, Presence, chip, fill, hairline_below, icon, label_at, pill,
    pill_width, presence_dot,
};
use crate::theme::{icon as icon_size, ink, palette, side_padding, space, style};
use crate::view::Action;
use crate::view::head::mute_sign;

/// What the head of a private chat says.
#[derive(Clone, Debug)]
pub struct PrivateHead {
    /// Whether the other one is here.
    pub presence: Presence,
    /// Which way the words go; `None` while there is no session.
    pub way: Option<Way>,
    /// What the session waits for, or that it is over; may be empty.
    pub standing: String,
    /// The code was compared.
    pub verified: bool,
    /// That it shows no notifications, in words: "Muted until 17:30".
    pub muted: Option<String>,
    /// Messages not read in other chats; shown beside the way back in one column.
    pub unread_elsewhere: u32,
}

/// Which way the words of a private session go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From device to device.
    Direct,
    /// Through the relay of the server, which cannot read them.
    Relay,
    /// The connection died, and the two devices look for each other: words wait.
    Looking,
}

impl Way {
    const fn parts(self) -> (Icon, &'static str) {
        match self {
            Self::Direct => (Icon::ArrowLeftRight, "Private, direct"),
            Self::Relay => (Icon::Waypoints, "Private, by the relay"),
            Self::Looking => (Icon::RefreshCw, "Private, reconnecting"),
        }
    }
}

/// The presence dot in a head.
const DOT: f32 = 9.0;
/// The lock before the name.
const LOCK: f32 = 20.0;
/// Room that chips need.
const CHIP_ROOM: f32 = 150.0;

/// Draws the head over `rect`; `menu` fills the menu at its right end.
pub(in crate::view) fn show(
    ui: &mut Ui,
    rect: Rect,
    peer: &UserName,
    state: &PrivateHead,
    narrow: bool,
    actions: &mut Vec<Action>,
    menu: impl FnOnce(&mut Ui, &mut Vec<Action>),
) {
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.private_soft);
    hairline_below(ui.painter(), rect, colours.private_line);
    let builder = UiBuilder::new().max_rect(rect).id_salt("private head").accessibility_role(Role::Banner);
    ui.scope_builder(builder, |ui| {
        let inset = if narrow { 24.0 } else { side_padding(rect.width()) + 5.0 };
        let right = rect.right_center() - Vec2::new(inset, 0.0);
        let search = right - Vec2::new(40.0, 0.0);
        // Tab goes from left to right.
        if narrow && crate::view::main_view::way_back(ui, rect).clicked() {
            actions.push(Action::Back);
        }
        let mut room = search.x - 24.0;
        if state.way.is_some() {
            room = end_button(ui, rect, room, peer, narrow, actions);
        }
        if IconButton::new(Icon::Search, &on_caps("Search in this chat (Ctrl+F)")).at(ui, search).clicked() {
            actions.push(Action::SearchChat);
        }
        let more = IconButton::new(Icon::EllipsisVertical, "More").icon_size(icon_size::LARGE).at(ui, right);
        crate::kit::menu_of(&more, MENU, |ui| menu(ui, actions));
        words(ui, rect, peer, state, room, narrow);
    });
}

/// Width of the menu of a head.
const MENU: f32 = 232.0;

fn end_button(ui: &mut Ui, rect: Rect, right: f32, peer: &UserName, narrow: bool, actions: &mut Vec<Action>) -> f32 {
    let place = Rect::from_min_max(rect.left_top(), pos2(right - space::X2, rect.bottom()));
    let builder = UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Center));
    let mut row = ui.new_child(builder);
    let words = if narrow { "End" } else { "End session" };
    let button = Button::new(ButtonKind::Outline, words);
    if row.add(if narrow { button.small() } else { button }).clicked() {
        actions.push(Action::Private(PrivateVerb::Stop, peer.clone()));
    }
    row.min_rect().left() - space::X3
}

fn words(ui: &mut Ui, rect: Rect, peer: &UserName, state: &PrivateHead, right: f32, narrow: bool) {
    let colours = palette(ui);
    let y = rect.center().y;
    let mut x = rect.left() + side_padding(rect.width());
    if narrow {
        x = unread(ui, rect, state);
    }
    icon(ui.painter(), Icon::Lock, pos2(x + LOCK / 2.0, y), LOCK, colours.private);
    x += LOCK + space::X3;
    let name = ink(style::HEADING, colours.text);
    let name = label_at(ui, Align2::LEFT_CENTER, pos2(x, y), name, peer.as_str(), (right - x) * 0.6);
    x = name.right() + space::X4;
    presence_dot(ui.painter(), colours, pos2(x + DOT / 2.0, y), DOT, state.presence);
    x += DOT + 6.0;
    if !narrow {
        let word = ink(style::SMALL, colours.text_2);
        x = label_at(ui, Align2::LEFT_CENTER, pos2(x, y), word, state.presence.word(), right - x).right();
    }
    x += space::X4;
    if let Some(muted) = &state.muted {
        x = mute_sign(ui, pos2(x, y), muted, right - CHIP_ROOM) + space::X4;
    }
    let place = Rect::from_min_max(pos2(x, rect.top()), pos2(right.max(x), rect.bottom()));
    let layout = Layout::left_to_right(Align::Center);
    let mut row = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
    row.set_clip_rect(row.clip_rect().intersect(place));
    row.spacing_mut().item_spacing.x = space::X3;
    if let Some((glyph, text)) = state.way.map(Way::parts).filter(|_| x + CHIP_ROOM < right) {
        chip(&mut row, Chip { icon: Some(glyph), text, tone: ChipTone::Private });
        x = row.min_rect().right() + space::X3;
    }
    if state.verified && x + CHIP_ROOM / 2.0 < right {
        chip(&mut row, Chip { icon: Some(Icon::ShieldCheck), text: "Verified", tone: ChipTone::Private });
    }
    if !state.standing.is_empty() && x + CHIP_ROOM / 2.0 < right {
        crate::kit::label(&mut row, ink(style::META, colours.text_2), &state.standing);
    }
}

/// In one column: what is not read in the list, beside the way back. Where the words begin.
fn unread(ui: &mut Ui, rect: Rect, state: &PrivateHead) -> f32 {
    let mut x = rect.left() + 42.0;
    if state.unread_elsewhere > 0 {
        let width = pill_width(ui, state.unread_elsewhere);
        pill(ui, pos2(x + width, rect.center().y), state.unread_elsewhere, crate::kit::PillTone::Server);
        x += width;
    }
    x + space::X4
}
