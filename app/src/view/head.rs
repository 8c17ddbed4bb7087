//! The head of a chat: whom it is with, whether they are here, which way the words go.

use eframe::egui::{Align, Align2, Layout, Pos2, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;
use whoelse_model::ChatId;

use super::action::Action;
use super::contacts::ContactItem;
use super::private::PrivateVerb;
use crate::caps::on_caps;
use crate::kit::{
    Avatar, Button, ButtonKind, Chip, ChipTone, IconButton, Presence, chip, fill, galley, hairline_below, icon,
    label_at, pill, pill_width, presence_dot, put, tip,
};
use crate::theme::{Palette, icon as icon_size, ink, palette, side_padding, space, style};

/// What a head says.
#[derive(Clone, Debug)]
pub struct Head {
    /// Whom the chat is with.
    pub name: String,
    /// Whether they are here.
    pub standing: Standing,
    /// Which way the words go.
    pub route: HeadRoute,
    /// That it shows no notifications, in words: "Muted until 17:30".
    pub muted: Option<String>,
    /// Messages not read in other chats; shown beside the way back in one column.
    pub unread_elsewhere: u32,
}

/// Whether somebody is here, in shape and words.
#[derive(Clone, Debug)]
pub enum Standing {
    /// One user: the shape, and "Online since 08:52" or "Last seen 3 Nov".
    One(Presence, String),
    /// Everyone: how many are online.
    Many(String),
}

impl Standing {
    fn words(&self) -> &str {
        match self {
            Self::One(_, words) | Self::Many(words) => words,
        }
    }
}

/// The chip in a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadRoute {
    /// Through the server.
    Server,
    /// To everyone online.
    Everyone,
    /// The user has blocked them.
    Blocked,
}

impl HeadRoute {
    const fn parts(self) -> (Icon, &'static str) {
        match self {
            Self::Server => (Icon::Server, "Through the server"),
            Self::Everyone => (Icon::Megaphone, "To everyone online"),
            Self::Blocked => (Icon::Ban, "Blocked"),
        }
    }
}

/// Draws the head of the chat of `item` over `rect`; `menu` fills the menu at its right end.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    state: &Head,
    item: &ContactItem,
    narrow: bool,
    actions: &mut Vec<Action>,
    menu: impl FnOnce(&mut Ui, &mut Vec<Action>),
) {
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, if narrow { colours.bg_side } else { colours.bg_chat });
    hairline_below(ui.painter(), rect, colours.line);
    let builder = UiBuilder::new().max_rect(rect).id_salt("head").accessibility_role(Role::Banner);
    ui.scope_builder(builder, |ui| {
        let inset = if narrow { 24.0 } else { side_padding(rect.width()) + 5.0 };
        let right = rect.right_center() - Vec2::new(inset, 0.0);
        let search = right - Vec2::new(40.0, 0.0);
        // Tab goes from left to right.
        if narrow && super::main_view::way_back(ui, rect).clicked() {
            actions.push(Action::Back);
        }
        let room = private_button(ui, rect, search.x - 20.0, item, narrow, actions);
        if IconButton::new(Icon::Search, &on_caps("Search in this chat (Ctrl+F)")).at(ui, search).clicked() {
            actions.push(Action::SearchChat);
        }
        let more = IconButton::new(Icon::EllipsisVertical, "More").icon_size(icon_size::LARGE).at(ui, right);
        crate::kit::menu_of(&more, MENU, |ui| menu(ui, actions));
        if narrow { narrow_words(ui, rect, state, room) } else { words(ui, colours, rect, state, room) }
    });
}

/// Asks for a private session, or goes to the one that is open. Where the words beside it end.
fn private_button(
    ui: &mut Ui,
    rect: Rect,
    right: f32,
    item: &ContactItem,
    narrow: bool,
    actions: &mut Vec<Action>,
) -> f32 {
    let ChatId::Direct(name) = &item.chat else { return right - space::X2 };
    let words = if item.in_session { "Private session" } else { "Start private session" };
    let clicked = if narrow || rect.width() < PRIVATE_WORDS_FROM {
        let centre = pos2(right - 20.0, rect.center().y);
        let clicked = IconButton::new(Icon::Lock, words).at(ui, centre).clicked();
        (clicked, centre.x - 24.0)
    } else {
        let place = Rect::from_min_max(rect.left_top(), pos2(right - space::X2, rect.bottom()));
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(place).layout(layout).id_salt("private"));
        let button = Button::new(ButtonKind::Outline, words).icon(Icon::Lock).icon_colour(palette(ui).private);
        let clicked = row.add(button).clicked();
        (clicked, row.min_rect().left() - space::X4)
    };
    let (clicked, left) = clicked;
    if clicked {
        actions.push(if item.in_session {
            Action::OpenChat(ChatId::Private(name.clone()))
        } else {
            Action::Private(PrivateVerb::Start, name.clone())
        });
    }
    left
}

/// Below this width the button is an icon.
const PRIVATE_WORDS_FROM: f32 = 720.0;

/// Width of the menu of a head.
const MENU: f32 = 232.0;

fn words(ui: &mut Ui, colours: &Palette, rect: Rect, state: &Head, right: f32) {
    let y = rect.center().y;
    let left = rect.left() + side_padding(rect.width());
    let name = ink(style::HEADING, colours.text);
    let name = label_at(ui, Align2::LEFT_CENTER, pos2(left, y), name, &state.name, (right - left) * 0.5);
    let mut x = name.right() + space::X4;
    if let Standing::One(presence, _) = &state.standing {
        presence_dot(ui.painter(), colours, pos2(x + DOT / 2.0, y), DOT, *presence);
        x += DOT + 6.0;
    }
    let format = ink(style::SMALL, colours.text_2);
    let words = label_at(ui, Align2::LEFT_CENTER, pos2(x, y), format, state.standing.words(), right - x);
    let mut x = words.right() + space::X4 + 2.0;
    if let Some(muted) = &state.muted {
        x = mute_sign(ui, pos2(x, y), muted, right) + space::X4;
    }
    let (glyph, text) = state.route.parts();
    if x + CHIP_ROOM < right {
        let place = Rect::from_min_max(pos2(x, rect.top()), pos2(right, rect.bottom()));
        let layout = Layout::left_to_right(Align::Center);
        let mut child = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
        chip(&mut child, Chip { icon: Some(glyph), text, tone: ChipTone::Plain });
    }
}

/// Draws that a chat is muted from `at` on: a bell, and the words where they have room before `right`. Where it ends.
pub(in crate::view) fn mute_sign(ui: &mut Ui, at: Pos2, words: &str, right: f32) -> f32 {
    let colours = palette(ui);
    let place = Rect::from_center_size(at + Vec2::new(icon_size::SMALL / 2.0, 0.0), Vec2::splat(icon_size::SMALL));
    icon(ui.painter(), Icon::BellOff, place.center(), icon_size::SMALL, colours.text_3);
    let text = galley(ui.painter(), ink(style::META, colours.text_3), words);
    let left = place.right() + space::X2;
    let mut whole = place;
    if left + text.size().x < right {
        whole = whole.union(put(ui.painter(), Align2::LEFT_CENTER, pos2(left, at.y), text));
    }
    let response = ui.interact(whole, ui.scope_id().with("muted"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    tip(response, words);
    whole.right()
}

/// The presence dot in a head.
const DOT: f32 = 9.0;
/// A chip needs this room.
const CHIP_ROOM: f32 = 160.0;

fn narrow_words(ui: &mut Ui, rect: Rect, state: &Head, right: f32) {
    let colours = palette(ui);
    let y = rect.center().y;
    let mut x = rect.left() + 42.0;
    if state.unread_elsewhere > 0 {
        let width = pill_width(ui, state.unread_elsewhere);
        pill(ui, pos2(x + width, y), state.unread_elsewhere, crate::kit::PillTone::Server);
        x += width;
    }
    x += space::X4 + 6.0;
    let disc = pos2(x + 16.0, y);
    match &state.standing {
        Standing::One(presence, _) => {
            Avatar::new(&state.name).diameter(32.0).presence(*presence, colours.bg_side).paint(ui, disc);
        }
        Standing::Many(_) => {
            ui.painter().circle_filled(disc, 16.0, colours.accent_soft);
            icon(ui.painter(), Icon::Megaphone, disc, icon_size::BASE, colours.accent);
        }
    }
    let x = x + 32.0 + 10.0;
    let name = ink(style::STRONG, colours.text);
    label_at(ui, Align2::LEFT_CENTER, pos2(x, y - 8.0), name, &state.name, right - x);
    let (glyph, way) = state.route.parts();
    icon(ui.painter(), glyph, pos2(x + 6.0, y + 9.0), 12.0, colours.text_2);
    let standing = match &state.standing {
        Standing::One(presence, _) => presence.word(),
        Standing::Many(words) => words,
    };
    let mut words = match &state.standing {
        Standing::One(..) => format!("{standing}, {}", way.to_lowercase()),
        Standing::Many(_) => standing.to_owned(),
    };
    if let Some(muted) = &state.muted {
        words = format!("{muted}. {words}");
    }
    label_at(
        ui,
        Align2::LEFT_CENTER,
        pos2(x + 17.0, y + 9.0),
        ink(style::META, colours.text_2),
        &words,
        right - x - 17.0,
    );
}
