//! The list of people at the left.

use eframe::egui::{
    Align2, CursorIcon, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;
use whoelse_model::ChatId;

use super::action::{Action, ContactVerb, Panel};
use super::found::{self, Found};
use super::settings::Section;
use crate::kit::{
    Avatar, Badge, ContactRow, IconButton, PillTone, Presence, Preview, Ring, SectionRow, elided, fill, focus_ring,
    hairline_below, label_at, menu_item, menu_line, presence_dot, put,
};
use crate::theme::{Palette, ink, palette, radius, region, space, style};

/// The list as it is shown.
#[derive(Clone, Debug)]
pub struct Contacts {
    /// The server's name and line.
    pub server: Server,
    /// What stands in the search field.
    pub search: String,
    /// The row of broadcasts.
    pub everyone: ContactItem,
    /// The sections, each with its rows.
    pub sections: Vec<ContactSection>,
    /// The user's name.
    pub me: String,
    /// The user's own state, in a word.
    pub my_word: String,
    /// The panel that is shown.
    pub panel: Option<Panel>,
    /// What was found, while something is searched for; it stands in place of the sections.
    pub found: Option<Found>,
}

/// The server as the list heads it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Whether there is a line.
    pub online: bool,
}

/// Which part of the list a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionKind {
    /// Chats with something that was not read, whoever is here.
    Unread,
    /// People who are here.
    Online,
    /// The others.
    Offline,
}

/// Rows under one head.
#[derive(Clone, Debug)]
pub struct ContactSection {
    /// Which.
    pub kind: SectionKind,
    /// "Online", or "Online at 09:33" while the line is lost.
    pub name: String,
    /// Whether its rows are shown.
    pub open: bool,
    /// Its rows.
    pub items: Vec<ContactItem>,
    /// What it says when it has none; may be empty.
    pub empty: String,
}

/// A row.
#[derive(Clone, Debug)]
pub struct ContactItem {
    /// Its chat.
    pub chat: ChatId,
    /// Its name.
    pub name: String,
    /// Whether the user is here; none of Everyone.
    pub presence: Option<Presence>,
    /// Who wrote the last message, with a colon; may be empty.
    pub lead: String,
    /// The last message.
    pub text: String,
    /// When it was written, as shown.
    pub time: String,
    /// At the right end.
    pub badge: ItemBadge,
    /// Whether its chat is open.
    pub selected: bool,
    /// Blocked by the user.
    pub blocked: bool,
    /// That it shows no notifications, in words: "Muted until 17:30".
    pub muted: Option<String>,
    /// Which way its second line speaks of.
    pub way: ItemWay,
    /// Whether there is a private session.
    pub in_session: bool,
}

/// Which way a row speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemWay {
    /// Through the server.
    #[default]
    Server,
    /// Straight to the other device.
    Private,
}

/// What stands at the right end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemBadge {
    /// Nothing.
    None,
    /// Messages not read.
    Unread(u32),
    /// Messages of a private session not read.
    UnreadPrivate(u32),
    /// The last message is the user's own and came this far.
    Mark(crate::timeline::Mark),
}

/// Room left and right of the rows.
const LIST_INSET: f32 = 8.0;

/// Draws the list over `rect`.
pub fn show(ui: &mut Ui, rect: Rect, state: &Contacts, narrow: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_side);
    let builder = UiBuilder::new().max_rect(rect).id_salt("contacts").accessibility_label("Contacts");
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        let (top, below) = split_top(rect, region::TOP_ROW);
        server_row(ui, top, state, narrow, &mut actions);
        let (search, below) = split_top(below, region::HEAD_ROW);
        found::search_row(ui, search, state, &mut actions);
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - region::SIDE_FOOT), rect.max);
        let list = Rect::from_min_max(below.min, pos2(below.right(), foot.top()));
        match &state.found {
            Some(found) => found::rows(ui, list, found, &mut actions),
            None => rows(ui, list, state, &mut actions),
        }
        own_row(ui, foot, state, narrow, &mut actions);
    });
    actions
}

fn split_top(rect: Rect, height: f32) -> (Rect, Rect) {
    rect.split_top_bottom_at_y(rect.top() + height)
}

fn server_row(ui: &mut Ui, rect: Rect, state: &Contacts, narrow: bool, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    hairline_below(ui.painter(), rect, colours.line);
    let logo = rect.left_center() + Vec2::new(26.0, -0.5);
    crate::kit::logo(ui, logo, 20.0);
    let last = rect.right_center() - Vec2::new(24.0, 0.0);
    let step = Vec2::new(40.0, 0.0);
    let files = if narrow { last - step } else { last };
    // Tab goes from left to right.
    let panels = [
        (Panel::WhoWasOnline, Icon::History, "Who was online", files - step),
        (Panel::SharedFiles, Icon::FolderSync, "Shared files", files),
    ];
    for (panel, glyph, name, at) in panels {
        if IconButton::new(glyph, name).selected(state.panel == Some(panel)).at(ui, at).clicked() {
            actions.push(Action::OpenPanel(panel));
        }
    }
    if narrow && IconButton::new(Icon::Settings, "Settings").at(ui, last).clicked() {
        actions.push(Action::OpenSettings);
    }
    let right = files - step - step;
    let place = Rect::from_min_max(rect.min + Vec2::new(8.0, 6.0), pos2(right.x, rect.bottom() - 6.0));
    if opens(ui, place, "About this server") {
        actions.push(Action::OpenSection(Section::Network));
    }
    let left = rect.left_center() + Vec2::new(44.0, 0.0);
    let room = right.x - 4.0 - left.x;
    let name = label_at(ui, Align2::LEFT_CENTER, left, ink(style::STRONG, colours.text), &state.server.name, room);
    let dot = pos2(name.right() + 12.0, rect.center().y);
    if state.server.online {
        presence_dot(ui.painter(), colours, dot, SERVER_DOT, Presence::Online);
    } else {
        ui.painter().circle_stroke(dot, SERVER_DOT / 2.0 - 1.0, (crate::theme::stroke::PRESENCE, colours.warn));
    }
}

/// The dot beside the server's name.
const SERVER_DOT: f32 = 8.0;

/// What the list has, from top to bottom.
enum Line<'a> {
    Contact(&'a ContactItem),
    Section(&'a ContactSection),
    Empty(&'a str),
}

impl Line<'_> {
    const fn height(&self) -> f32 {
        match self {
            Self::Contact(_) => region::CONTACT_ROW,
            Self::Section(_) | Self::Empty(_) => region::SECTION_ROW,
        }
    }
}

fn lines(state: &Contacts) -> Vec<Line<'_>> {
    let mut lines = vec![Line::Contact(&state.everyone)];
    for section in &state.sections {
        lines.push(Line::Section(section));
        if section.open {
            lines.extend(section.items.iter().map(Line::Contact));
            if section.items.is_empty() && !section.empty.is_empty() {
                lines.push(Line::Empty(&section.empty));
            }
        }
    }
    lines
}

fn rows(ui: &mut Ui, rect: Rect, state: &Contacts, actions: &mut Vec<Action>) {
    let lines = lines(state);
    let total: f32 = lines.iter().map(Line::height).sum();
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    ScrollArea::vertical().id_salt("contacts").auto_shrink([false, false]).show_viewport(&mut child, |ui, view| {
        let origin = ui.max_rect().min;
        ui.allocate_rect(Rect::from_min_size(origin, Vec2::new(rect.width(), total + space::X3)), Sense::hover());
        let mut y = 0.0;
        for line in &lines {
            let height = line.height();
            if y + height >= view.top() && y <= view.bottom() {
                let at = origin + Vec2::new(LIST_INSET, y);
                let place = Rect::from_min_size(at, Vec2::new(rect.width() - 2.0 * LIST_INSET - 1.0, height));
                row(ui, place, line, actions);
            }
            y += height;
        }
    });
}

fn row(ui: &mut Ui, place: Rect, line: &Line<'_>, actions: &mut Vec<Action>) {
    let salt = match line {
        Line::Contact(item) => ("contact", item.name.as_str()),
        Line::Section(section) => ("section", section.name.as_str()),
        Line::Empty(words) => ("empty", *words),
    };
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(salt));
    let ui = &mut child;
    match line {
        Line::Contact(item) => contact(ui, item, actions),
        Line::Section(section) => {
            let row = SectionRow { name: &section.name, count: section.items.len(), open: section.open };
            if row.show(ui).clicked() {
                actions.push(Action::FoldSection(section.kind));
            }
        }
        Line::Empty(words) => {
            let at = place.left_center() + Vec2::new(28.0, 0.0);
            label_at(ui, Align2::LEFT_CENTER, at, ink(style::SMALL, palette(ui).text_3), words, place.width());
        }
    }
}

fn contact(ui: &mut Ui, item: &ContactItem, actions: &mut Vec<Action>) {
    let response = contact_row(ui, item);
    if response.clicked() {
        actions.push(Action::OpenChat(item.chat.clone()));
    }
    response.context_menu(|ui| contact_menu(ui, item, actions));
}

/// Draws the row of a contact over the whole width.
pub(super) fn contact_row(ui: &mut Ui, item: &ContactItem) -> Response {
    let badge = match item.badge {
        ItemBadge::None if item.blocked => Badge::Icon(Icon::Ban, "Blocked"),
        ItemBadge::None => Badge::None,
        ItemBadge::Unread(count) if item.muted.is_some() => Badge::Unread(count, PillTone::Quiet),
        ItemBadge::Unread(count) => Badge::Unread(count, PillTone::Server),
        ItemBadge::UnreadPrivate(count) => Badge::Unread(count, PillTone::Private),
        ItemBadge::Mark(mark) => mark_badge(mark),
    };
    let everyone = item.chat == ChatId::Everyone;
    let private = item.way == ItemWay::Private;
    let row = ContactRow {
        name: &item.name,
        icon: everyone.then_some(Icon::Megaphone),
        presence: item.presence,
        preview: Preview { icon: private.then_some(Icon::Lock), lead: &item.lead, text: &item.text, private },
        muted: item.muted.as_deref(),
        time: &item.time,
        badge,
        selected: item.selected,
        private: matches!(item.chat, ChatId::Private(_)),
        dimmed: item.blocked,
    };
    row.show(ui)
}

const fn mark_badge(mark: crate::timeline::Mark) -> Badge<'static> {
    use crate::timeline::Mark;
    match mark {
        Mark::Saved => Badge::Icon(Icon::Clock, "Saved here"),
        Mark::OnItsWay => Badge::Icon(Icon::Clock, "On its way to their device"),
        Mark::Accepted => Badge::Icon(Icon::Check, "The server has it"),
        Mark::Delivered => Badge::Icon(Icon::CheckCheck, "On their device"),
        Mark::Read => Badge::Icon(Icon::CircleCheck, "Read"),
        Mark::Failed => Badge::Failed("Not sent"),
    }
}

/// Width of the menu of a contact.
const MENU: f32 = 220.0;

/// What can be done with a contact.
pub(super) fn contact_menu(ui: &mut Ui, item: &ContactItem, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    ui.set_width(MENU);
    if !item.selected && menu_item(ui, Some(Icon::MessageSquare), "Open", "", colours.text).clicked() {
        actions.push(Action::OpenChat(item.chat.clone()));
    }
    let mut verb = |verb: ContactVerb| actions.push(Action::Contact(verb, item.chat.clone()));
    if matches!(item.badge, ItemBadge::Unread(_) | ItemBadge::UnreadPrivate(_))
        && menu_item(ui, Some(Icon::CheckCheck), "Mark as read", "", colours.text).clicked()
    {
        verb(ContactVerb::MarkRead);
    }
    let (glyph, words, change) = match &item.muted {
        Some(_) => (Icon::Bell, "Unmute", ContactVerb::Unmute),
        None => (Icon::BellOff, "Mute…", ContactVerb::Mute),
    };
    if menu_item(ui, Some(glyph), words, "", colours.text).clicked() {
        verb(change);
    }
    if item.chat == ChatId::Everyone {
        return;
    }
    if menu_item(ui, Some(Icon::Copy), "Copy name", "", colours.text).clicked() {
        verb(ContactVerb::CopyName);
    }
    menu_line(ui);
    let (words, change, tone) = if item.blocked {
        (format!("Unblock {}", item.name), ContactVerb::Unblock, colours.text)
    } else {
        (format!("Block {}…", item.name), ContactVerb::Block, colours.danger)
    };
    if menu_item(ui, Some(Icon::Ban), &words, "", tone).clicked() {
        verb(change);
    }
}

/// A place that opens something when it is clicked; whether it was.
fn opens(ui: &mut Ui, place: Rect, name: &str) -> bool {
    let response = ui.interact(place, ui.scope_id().with(name), Sense::click());
    if response.hovered() {
        fill(ui.painter(), place, radius::CONTROL, palette(ui).hover);
    }
    focus_ring(ui, &response, place, radius::CONTROL, Ring::Inside);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    crate::kit::tip(response.on_hover_cursor(CursorIcon::PointingHand), name).clicked()
}

fn own_row(ui: &mut Ui, rect: Rect, state: &Contacts, narrow: bool, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    let line = Rect::from_min_size(rect.min, Vec2::new(rect.width(), 1.0));
    fill(ui.painter(), line, 0.0, colours.line);
    let end = rect.right() - if narrow { 48.0 } else { 88.0 };
    let place = Rect::from_min_max(rect.min + Vec2::new(6.0, 5.0), pos2(end, rect.bottom() - 4.0));
    if opens(ui, place, "Your account") {
        actions.push(Action::OpenSection(Section::Account));
    }
    let disc = rect.left_center() + Vec2::new(28.0, 0.0);
    let presence = if state.server.online { Presence::Online } else { Presence::WasOffline };
    Avatar::new(&state.me).diameter(32.0).presence(presence, colours.bg_side).paint(ui, disc);
    let last = rect.right_center() - Vec2::new(24.0, 0.0);
    let right = last - Vec2::new(40.0, 0.0);
    if !narrow && IconButton::new(Icon::Settings, "Settings").at(ui, right).clicked() {
        actions.push(Action::OpenSettings);
    }
    if IconButton::new(Icon::LogOut, "Sign out").at(ui, last).clicked() {
        actions.push(Action::AskToSignOut);
    }
    own_name(ui, colours, rect, state, right.x - 24.0);
}

fn own_name(ui: &Ui, colours: &Palette, rect: Rect, state: &Contacts, right: f32) {
    let left = rect.left() + 54.0;
    let name = elided(ui.painter(), ink(style::STRONG, colours.text), &state.me, right - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - 8.0), name);
    let word = elided(ui.painter(), ink(style::META, colours.text_2), &state.my_word, right - left);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y + 9.0), word);
}
