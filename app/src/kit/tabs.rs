//! The bar of tabs above the view.

use eframe::egui::{
    Align2, Color32, CursorIcon, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
};
use lucide_icons::Icon;

use super::avatar::Avatar;
use super::button::IconButton;
use super::label::choosable;
use super::menu::{menu_item, menu_line, menu_of, tip};
use super::paint::{Ring, elided, fill, focus_ring, galley, hairline_below, hairline_right, icon, put};
use super::pill::{PillTone, pill, pill_width};
use crate::caps::on_caps;
use crate::command::{Verb, keys_of};
use crate::theme::{Format, Palette, icon as icon_size, ink, palette, region, space, stroke, style};

/// What stands before a tab's name.
#[derive(Clone, Copy, Debug)]
pub enum TabIcon {
    /// The disc of the user that the tab is named after.
    Avatar,
    /// An icon.
    Icon(Icon),
}

/// Whether a tab stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stay {
    /// Until it is closed.
    #[default]
    Kept,
    /// Until another chat is looked at; its name is slanted.
    Preview,
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
    /// Whether it stays.
    pub stay: Stay,
}

/// What the user did to the tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabEvent {
    /// Open the tab with this index.
    Open(usize),
    /// Close it.
    Close(usize),
    /// Close all but it.
    CloseOthers(usize),
    /// Let it stay.
    Keep(usize),
    /// Show it in a window of its own.
    PopOut(usize),
    /// Put the first where the second is.
    Move(usize, usize),
    /// Open the tab that was closed last.
    Reopen,
    /// Choose what to open next.
    New,
}

/// Size of the cross that closes a tab.
pub const TAB_CLOSE: f32 = 20.0;
const PADDING: f32 = 14.0;
const GAP: f32 = 8.0;
/// Width of the menus.
const MENU: f32 = 296.0;

/// Draws the bar over the whole width; what the user did. `below` is the colour of the view under it.
pub fn tab_bar(ui: &mut Ui, tabs: &[Tab<'_>], active: Option<usize>, below: Color32) -> Vec<TabEvent> {
    let colours = palette(ui);
    let mut events = Vec::new();
    let size = Vec2::new(ui.available_width(), region::TOP_ROW);
    let (bar, _) = ui.allocate_exact_size(size, Sense::hover());
    fill(ui.painter(), bar, 0.0, colours.bg_side);
    hairline_below(ui.painter(), bar, colours.line);
    let (places, room, overflows) = lay_out(ui, tabs, bar, active);
    let mut strip = ui.new_child(UiBuilder::new().max_rect(room));
    strip.set_clip_rect(strip.clip_rect().intersect(room));
    for (index, (tab, &rect)) in tabs.iter().zip(&places).enumerate() {
        let response = show(&mut strip, tab, index, rect, (active == Some(index)).then_some(below), &mut events);
        drag(&response, index, &places, &mut events);
    }
    let mut right = Pos2::new(bar.right() - BUTTON / 2.0 - 1.0, bar.center().y);
    if IconButton::new(Icon::Plus, &on_caps("Open a chat (Ctrl+K)")).at(ui, right).clicked() {
        events.push(TabEvent::New);
    }
    if overflows {
        right.x -= BUTTON;
        all_tabs(ui, right, tabs, active, &mut events);
    }
    events
}

/// Room for a button at the right end.
const BUTTON: f32 = region::TOP_ROW;

/// Where each tab lies, where they are seen, and whether they are more than fit.
fn lay_out(ui: &Ui, tabs: &[Tab<'_>], bar: Rect, active: Option<usize>) -> (Vec<Rect>, Rect, bool) {
    let natural: Vec<f32> = tabs.iter().map(|tab| natural_width(ui, tab)).collect();
    let room_beside =
        |buttons: f32| Rect::from_min_max(bar.min, Pos2::new(bar.right() - buttons * BUTTON - 2.0, bar.bottom()));
    let room = room_beside(1.0);
    let (widths, overflows) = match fitted(&natural, room.width(), region::TAB_MIN) {
        Some(widths) => (widths, false),
        None => (natural.iter().map(|width| width.min(region::TAB_MIN)).collect(), true),
    };
    let room = if overflows { room_beside(2.0) } else { room };
    let total: f32 = widths.iter().sum();
    let scrolled = scroll(ui, &widths, (total - room.width()).max(0.0), room, active);
    let mut left = room.left() - scrolled;
    let places = widths.iter().map(|&width| {
        let rect = Rect::from_min_size(Pos2::new(left, room.top()), Vec2::new(width, room.height()));
        left += width;
        rect
    });
    (places.collect(), room, overflows)
}

/// Widths of which only the widest are cut, all to the same, so that they fit; `None` if that would be below `least`.
fn fitted(natural: &[f32], room: f32, least: f32) -> Option<Vec<f32>> {
    if natural.iter().sum::<f32>() <= room {
        return Some(natural.to_vec());
    }
    let mut sorted = natural.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut left = room;
    let mut cap = 0.0;
    for (index, width) in sorted.iter().enumerate() {
        cap = (left / (sorted.len() - index) as f32).floor();
        if *width > cap {
            break;
        }
        left -= width;
    }
    (cap >= least).then(|| natural.iter().map(|width| width.min(cap)).collect())
}

/// How far the tabs are scrolled: by the wheel, and so that the shown one is in sight once it is another.
fn scroll(ui: &Ui, widths: &[f32], most: f32, room: Rect, active: Option<usize>) -> f32 {
    let memory = ui.scope_id().with("tabs scrolled");
    let (mut scrolled, before): (f32, Option<(usize, usize)>) =
        ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    if ui.rect_contains_pointer(room) {
        let delta = ui.input(eframe::egui::InputState::smooth_scroll_delta);
        scrolled -= delta.x + delta.y;
    }
    let shown = active.map(|active| (active, widths.len()));
    if let Some((active, _)) = shown.filter(|_| shown != before) {
        let from: f32 = widths.iter().take(active).sum();
        let to = from + widths.get(active).copied().unwrap_or_default();
        scrolled = scrolled.min(from).max(to - room.width());
    }
    scrolled = scrolled.clamp(0.0, most);
    ui.data_mut(|data| data.insert_temp(memory, (scrolled, shown)));
    scrolled
}

/// The menu of all tabs, where they do not fit.
fn all_tabs(ui: &mut Ui, centre: Pos2, tabs: &[Tab<'_>], active: Option<usize>, events: &mut Vec<TabEvent>) {
    let colours = palette(ui);
    let button = IconButton::new(Icon::ChevronDown, "All tabs").at(ui, centre);
    menu_of(&button, MENU, |ui| {
        for (index, tab) in tabs.iter().enumerate() {
            let tone = match (tab.private, active == Some(index)) {
                (true, _) => colours.private,
                (false, true) => colours.accent,
                (false, false) => colours.text,
            };
            let glyph = match tab.icon {
                TabIcon::Avatar => Icon::MessageSquare,
                TabIcon::Icon(glyph) => glyph,
            };
            let unread = if tab.unread == 0 { String::new() } else { tab.unread.to_string() };
            if menu_item(ui, Some(glyph), tab.name, &unread, tone).clicked() {
                events.push(TabEvent::Open(index));
            }
        }
    });
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
    let response = ui.interact(rect, ui.scope_id().with(("tab", tab.name, tab.private)), Sense::click_and_drag());
    // The cross lies over the tab, so that the pointer on it is not on the tab.
    let pointed = ui.rect_contains_pointer(rect) && ui.clip_rect().intersects(rect);
    let crossed = tab.closable && (below.is_some() || pointed || response.has_focus());
    paint(ui, tab, rect, (below, crossed), &response);
    choosable(&response, || {
        let words = match tab.unread {
            0 => tab.name.to_owned(),
            count => format!("{}, {count} unread", tab.name),
        };
        WidgetInfo::selected(Role::Tab, true, below.is_some(), words)
    });
    if response.clicked() {
        events.push(TabEvent::Open(index));
    }
    if response.double_clicked() {
        events.push(TabEvent::Keep(index));
    }
    let delete = response.has_focus() && ui.input(|input| input.key_pressed(Key::Delete));
    if tab.closable && (response.clicked_by(PointerButton::Middle) || delete) {
        events.push(TabEvent::Close(index));
    }
    if crossed {
        let centre = Pos2::new(rect.right() - PADDING - TAB_CLOSE / 2.0 + 6.0, rect.center().y);
        let name = format!("Close {}", tab.name);
        let cross = IconButton::new(Icon::X, &name).size(TAB_CLOSE).icon_size(icon_size::SMALL).at(ui, centre);
        if cross.clicked() {
            events.push(TabEvent::Close(index));
        }
    }
    response.context_menu(|ui| menu(ui, tab, index, events));
    let response = if tab.stay == Stay::Preview { tip(response, PREVIEW) } else { response };
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Why the name of a tab is slanted.
const PREVIEW: &str = "This tab makes room for the next chat you look at. Double-click it to keep it.";

/// What can be done with a tab.
fn menu(ui: &mut Ui, tab: &Tab<'_>, index: usize, events: &mut Vec<TabEvent>) {
    let tone = palette(ui).text;
    ui.set_width(MENU);
    let mut item = |ui: &mut Ui, glyph, words, keys: &str, event| {
        if menu_item(ui, Some(glyph), words, keys, tone).clicked() {
            events.push(event);
        }
    };
    if tab.stay == Stay::Preview {
        item(ui, Icon::Pin, "Keep open", "", TabEvent::Keep(index));
    }
    item(ui, Icon::AppWindow, "Open in its own window", "", TabEvent::PopOut(index));
    menu_line(ui);
    if tab.closable {
        item(ui, Icon::X, "Close", &keys_of(Verb::CloseTab), TabEvent::Close(index));
    }
    item(ui, Icon::ListX, "Close the others", "", TabEvent::CloseOthers(index));
    item(ui, Icon::Undo2, "Reopen the closed tab", &keys_of(Verb::ReopenTab), TabEvent::Reopen);
}

fn paint(ui: &Ui, tab: &Tab<'_>, rect: Rect, (below, crossed): (Option<Color32>, bool), response: &Response) {
    let (colours, painter) = (palette(ui), ui.painter());
    surface(ui, tab, rect, below, response);
    let letters = match (below.is_some(), tab.private) {
        (_, true) => colours.private,
        (true, false) => colours.text,
        (false, false) => colours.text_2,
    };
    let mut left = rect.left_center() + Vec2::new(PADDING, 0.0);
    let half = Vec2::new(leading(tab) / 2.0, 0.0);
    match tab.icon {
        TabIcon::Avatar => Avatar::new(tab.name).diameter(region::AVATAR_SMALL).paint(ui, left + half),
        TabIcon::Icon(glyph) => icon(painter, glyph, left + half, icon_size::BASE, letters),
    }
    left.x += leading(tab) + GAP;
    let mut right = rect.right() - PADDING;
    if crossed {
        right -= TAB_CLOSE - 4.0 + GAP / 2.0;
    }
    let format = ink(style::LABEL, letters);
    if tab.unread == 0 {
        name(ui, tab, format, left, right);
    } else {
        let tone = if tab.private { PillTone::Private } else { PillTone::Server };
        let width = pill_width(ui, tab.unread);
        let end = name(ui, tab, format, left, right - width - GAP);
        pill(ui, Pos2::new((end + GAP + width).min(right), left.y), tab.unread, tone);
    }
    focus_ring(ui, response, rect.shrink(space::X1), 0.0, Ring::Inside);
}

fn surface(ui: &Ui, tab: &Tab<'_>, rect: Rect, below: Option<Color32>, response: &Response) {
    let (colours, painter): (&Palette, _) = (palette(ui), ui.painter());
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
}

/// Paints the name, slanted of a tab that does not stay; where it ends.
fn name(ui: &Ui, tab: &Tab<'_>, format: Format, left: Pos2, right: f32) -> f32 {
    let room = (right - left.x).max(0.0);
    let words = match tab.stay {
        Stay::Kept => elided(ui.painter(), format, tab.name, room),
        Stay::Preview => {
            let mut job = eframe::egui::text::LayoutJob::default();
            let slanted = eframe::egui::TextFormat { italics: true, ..format.text_format() };
            job.append(tab.name, 0.0, slanted);
            super::paint::elided_job(ui.painter(), job, room)
        }
    };
    put(ui.painter(), Align2::LEFT_CENTER, left, words).right()
}

/// While a tab is dragged over the middle of another, it takes that one's place.
fn drag(response: &Response, index: usize, places: &[Rect], events: &mut Vec<TabEvent>) {
    let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) else { return };
    for (other, place) in places.iter().enumerate() {
        let centre = place.center().x;
        if (other < index && pointer.x < centre) || (other > index && pointer.x > centre) {
            events.push(TabEvent::Move(index, other));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wide_tabs_give_way() {
        assert_eq!(fitted(&[100.0, 150.0], 300.0, 96.0), Some(vec![100.0, 150.0]));
        assert_eq!(fitted(&[100.0, 220.0, 220.0], 420.0, 96.0), Some(vec![100.0, 160.0, 160.0]));
        assert_eq!(fitted(&[100.0, 110.0, 220.0], 320.0, 96.0), Some(vec![100.0, 110.0, 110.0]));
    }

    #[test]
    fn below_the_least_width_they_scroll() {
        assert_eq!(fitted(&[120.0; 5], 400.0, 96.0), None);
        assert_eq!(fitted(&[120.0; 5], 480.0, 96.0), Some(vec![96.0; 5]));
    }
}
