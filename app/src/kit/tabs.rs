//! The bar of tabs above the view.

use eframe::egui::{
    Align2, Color32, CursorIcon, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
};
use lucide_icons::Icon;

use super::avatar::Avatar;
use super::button::IconButton;
use super::paint::{Ring, elided, fill, focus_ring, galley, hairline_below, hairline_right, icon, put};
use super::pill::{PillTone, pill, pill_width};
use crate::theme::{Palette, icon as icon_size, ink, palette, region, space, stroke, style};

/// What stands before a tab's name.
#[derive(Clone, Copy, Debug)]
pub enum TabIcon {
    /// The disc of the user that the tab is named after.
    Avatar,
    /// An icon.
    Icon(Icon),
}

/// A tab.
#[derive(Clone, Copy, Debug)]
pub struct Tab<'a> {
    /// Its name.
    pub name: &'a str,
    /// Before the name.
    pub icon: TabIcon,
    /// Messages not read.
    pub unread: u32,
    /// Of a private session.
    pub private: bool,
    /// Whether it can be closed.
    pub closable: bool,
}

/// What the user did to the tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabEvent {
    /// Open the tab with this index.
    Open(usize),
    /// Close it.
    Close(usize),
    /// Put the first where the second is.
    Move(usize, usize),
    /// Choose what to open next.
    New,
    /// Show what can be done with it.
    Menu(usize),
}

/// Size of the cross that closes a tab.
pub const TAB_CLOSE: f32 = 20.0;
const PADDING: f32 = 14.0;
const GAP: f32 = 8.0;

/// Draws the bar over the whole width; what the user did. `below` is the colour of the view under it.
pub fn tab_bar(ui: &mut Ui, tabs: &[Tab<'_>], active: Option<usize>, below: Color32) -> Vec<TabEvent> {
    let colours = palette(ui);
    let mut events = Vec::new();
    let size = Vec2::new(ui.available_width(), region::TOP_ROW);
    let (bar, _) = ui.allocate_exact_size(size, Sense::hover());
    fill(ui.painter(), bar, 0.0, colours.bg_side);
    hairline_below(ui.painter(), bar, colours.line);
    let plus = Rect::from_min_max(Pos2::new(bar.right() - region::TOP_ROW - 2.0, bar.top()), bar.max);
    let room = Rect::from_min_max(bar.min, Pos2::new(plus.left(), bar.bottom()));
    let widths = widths(ui, tabs, room.width());
    let mut strip = ui.new_child(UiBuilder::new().max_rect(room));
    strip.set_clip_rect(strip.clip_rect().intersect(room));
    let mut left = room.left();
    let mut places = Vec::with_capacity(tabs.len());
    for (index, (tab, width)) in tabs.iter().zip(&widths).enumerate() {
        let rect = Rect::from_min_size(Pos2::new(left, room.top()), Vec2::new(*width, room.height()));
        left += width;
        places.push(rect);
        let response = show(&mut strip, tab, index, rect, (active == Some(index)).then_some(below), &mut events);
        drag(&response, index, &places, &widths, room, &mut events);
    }
    if IconButton::new(Icon::Plus, "Open a chat (Ctrl+K)").at(ui, plus.center()).clicked() {
        events.push(TabEvent::New);
    }
    events
}

/// The natural width of each tab, or less if they would not fit.
fn widths(ui: &Ui, tabs: &[Tab<'_>], room: f32) -> Vec<f32> {
    let natural: Vec<f32> = tabs.iter().map(|tab| natural_width(ui, tab)).collect();
    let sum: f32 = natural.iter().sum();
    if sum <= room {
        return natural;
    }
    let widest = room / natural.len().max(1) as f32;
    natural.iter().map(|&width| width.min(widest).max(region::TAB_MIN.min(widest))).collect()
}

fn natural_width(ui: &Ui, tab: &Tab<'_>) -> f32 {
    let name = galley(ui.painter(), ink(style::LABEL, Color32::PLACEHOLDER), tab.name);
    let mut width = 2.0 * PADDING + leading(tab) + GAP + name.size().x;
    if tab.unread > 0 {
        width += GAP + pill_width(ui, tab.unread);
    }
    if tab.closable {
        width += GAP + TAB_CLOSE - 4.0;
    } else {
        width += GAP;
    }
    width.round().clamp(region::TAB_MIN, region::TAB_MAX)
}

const fn leading(tab: &Tab<'_>) -> f32 {
    match tab.icon {
        TabIcon::Avatar => region::AVATAR_SMALL,
        TabIcon::Icon(_) => icon_size::BASE,
    }
}

fn show(
    ui: &mut Ui,
    tab: &Tab<'_>,
    index: usize,
    rect: Rect,
    below: Option<Color32>,
    events: &mut Vec<TabEvent>,
) -> Response {
    let colours = palette(ui);
    let response = ui.interact(rect, ui.scope_id().with(("tab", tab.name, tab.private)), Sense::click_and_drag());
    paint(ui, colours, tab, rect, below, &response);
    response.widget_info(|| {
        let words = match tab.unread {
            0 => tab.name.to_owned(),
            count => format!("{}, {count} unread", tab.name),
        };
        WidgetInfo::selected(Role::Tab, true, below.is_some(), words)
    });
    if response.clicked() {
        events.push(TabEvent::Open(index));
    }
    if response.secondary_clicked() {
        events.push(TabEvent::Menu(index));
    }
    if tab.closable {
        let centre = Pos2::new(rect.right() - PADDING - TAB_CLOSE / 2.0 + 6.0, rect.center().y);
        let name = format!("Close {}", tab.name);
        let cross = IconButton::new(Icon::X, &name).size(TAB_CLOSE).icon_size(icon_size::SMALL).at(ui, centre);
        let delete = response.has_focus() && ui.input(|input| input.key_pressed(Key::Delete));
        if cross.clicked() || response.clicked_by(PointerButton::Middle) || delete {
            events.push(TabEvent::Close(index));
        }
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn paint(ui: &Ui, colours: &Palette, tab: &Tab<'_>, rect: Rect, below: Option<Color32>, response: &Response) {
    let painter = ui.painter();
    let accent = if tab.private { colours.private } else { colours.accent };
    if let Some(below) = below {
        fill(painter, rect, 0.0, below);
        let marker = Rect::from_min_size(rect.min, Vec2::new(rect.width(), stroke::TAB_MARKER));
        fill(painter, marker, 0.0, accent);
    } else if response.hovered() {
        let above = Rect::from_min_max(rect.min, rect.max - Vec2::new(0.0, stroke::HAIRLINE));
        fill(painter, above, 0.0, colours.hover);
    }
    hairline_right(painter, rect, colours.line);
    let (format, letters) = match (below.is_some(), tab.private) {
        (_, true) => (style::LABEL, colours.private),
        (true, false) => (style::LABEL, colours.text),
        (false, false) => (style::LABEL, colours.text_2),
    };
    let mut left = rect.left_center() + Vec2::new(PADDING, 0.0);
    let half = Vec2::new(leading(tab) / 2.0, 0.0);
    match tab.icon {
        TabIcon::Avatar => Avatar::new(tab.name).diameter(region::AVATAR_SMALL).paint(ui, left + half),
        TabIcon::Icon(glyph) => icon(painter, glyph, left + half, icon_size::BASE, letters),
    }
    left.x += leading(tab) + GAP;
    let mut right = rect.right() - PADDING;
    if tab.closable {
        right -= TAB_CLOSE - 4.0 + GAP;
    }
    if tab.unread > 0 {
        let tone = if tab.private { PillTone::Private } else { PillTone::Server };
        let width = pill_width(ui, tab.unread);
        let name = elided(painter, ink(format, letters), tab.name, right - width - GAP - left.x);
        let name = put(painter, Align2::LEFT_CENTER, left, name);
        pill(ui, name.right_center() + Vec2::new(GAP + width, 0.0), tab.unread, tone);
    } else {
        let name = elided(painter, ink(format, letters), tab.name, right - left.x);
        put(painter, Align2::LEFT_CENTER, left, name);
    }
    focus_ring(ui, response, rect.shrink(space::X1), 0.0, Ring::Inside);
}

/// While a tab is dragged over the middle of another, it takes that one's place.
fn drag(response: &Response, index: usize, places: &[Rect], widths: &[f32], room: Rect, events: &mut Vec<TabEvent>) {
    let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) else { return };
    let mut left = room.left();
    for (other, &width) in widths.iter().enumerate() {
        let centre = left + width / 2.0;
        let passed = (other < index && pointer.x < centre) || (other > index && pointer.x > centre);
        if passed && places.get(index).is_some() {
            events.push(TabEvent::Move(index, other));
            return;
        }
        left += width;
    }
}
