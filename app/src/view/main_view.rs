//! The window of somebody who is signed in: people left, tabs above, what the tab shows below.

use eframe::egui::{CursorIcon, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};

use super::action::Action;
use super::bars::{self, Bars};
use super::contacts::{self, Contacts};
use super::private::{self, Request};
use crate::kit::{Stay, Tab, TabEvent, TabIcon, hairline_right, tab_bar};
use crate::theme::{palette, region};

/// What the window shows around the open tab.
#[derive(Clone, Debug)]
pub struct Main {
    /// The list at the left.
    pub contacts: Contacts,
    /// The tabs.
    pub tabs: Vec<TabItem>,
    /// Which is shown.
    pub active: Option<usize>,
    /// What stands across the top.
    pub bars: Bars,
    /// Who asks for a private session.
    pub request: Option<Request>,
    /// How wide the list is.
    pub side_width: f32,
}

/// A tab.
#[derive(Clone, Debug)]
pub struct TabItem {
    /// Its name.
    pub name: String,
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

/// Where the open tab is drawn, and how.
#[derive(Clone, Copy, Debug)]
pub struct Center {
    /// The room for it.
    pub rect: Rect,
    /// The window shows one column.
    pub narrow: bool,
}

/// Draws the window over `rect`; `center` draws the open tab.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    state: &Main,
    center: impl FnOnce(&mut Ui, Center, &mut Vec<Action>),
) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut top = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("bars"));
    bars::show(&mut top, &state.bars, &mut actions);
    let under = Rect::from_min_max(pos2(rect.left(), top.min_rect().bottom().max(rect.top())), rect.max);
    if under.width() < region::ONE_COLUMN_BELOW {
        one_column(ui, under, state, center, &mut actions);
    } else {
        two_columns(ui, under, state, center, &mut actions);
    }
    actions
}

fn one_column(
    ui: &mut Ui,
    rect: Rect,
    state: &Main,
    center: impl FnOnce(&mut Ui, Center, &mut Vec<Action>),
    actions: &mut Vec<Action>,
) {
    let rect = request(ui, rect, state, actions);
    if state.active.is_some() {
        center(ui, Center { rect, narrow: true }, actions);
    } else {
        actions.extend(contacts::show(ui, rect, &state.contacts, true));
    }
}

fn two_columns(
    ui: &mut Ui,
    rect: Rect,
    state: &Main,
    center: impl FnOnce(&mut Ui, Center, &mut Vec<Action>),
    actions: &mut Vec<Action>,
) {
    let colours = palette(ui);
    let width = state.side_width.clamp(region::SIDE_MIN, region::SIDE_MAX);
    let (side, beside) = rect.split_left_right_at_x(rect.left() + width);
    actions.extend(contacts::show(ui, side, &state.contacts, false));
    hairline_right(ui.painter(), side, colours.line);
    resize(ui, side, actions);
    let (top, below) = beside.split_top_bottom_at_y(beside.top() + region::TOP_ROW);
    let tabs: Vec<Tab<'_>> = state.tabs.iter().map(tab).collect();
    let private = state.active.and_then(|index| state.tabs.get(index)).is_some_and(|tab| tab.private);
    let under = if private { colours.private_soft } else { colours.bg_chat };
    let mut bar = ui.new_child(UiBuilder::new().max_rect(top).id_salt("tabs"));
    for event in tab_bar(&mut bar, &tabs, state.active, under) {
        actions.push(match event {
            TabEvent::Open(index) => Action::ShowTab(index),
            TabEvent::Close(index) => Action::CloseTab(index),
            TabEvent::CloseOthers(index) => Action::CloseOtherTabs(index),
            TabEvent::Keep(index) => Action::KeepTab(index),
            TabEvent::PopOut(index) => Action::PopOutTab(index),
            TabEvent::Move(from, to) => Action::MoveTab(from, to),
            TabEvent::Reopen => Action::ReopenTab,
            TabEvent::New => Action::OpenSwitcher,
        });
    }
    let below = request(ui, below, state, actions);
    center(ui, Center { rect: below, narrow: false }, actions);
}

/// The edge of the list, which is dragged to make it wider or narrower; a double click makes it as at first.
fn resize(ui: &Ui, side: Rect, actions: &mut Vec<Action>) {
    let grip = Rect::from_center_size(side.right_center(), Vec2::new(GRIP, side.height()));
    let response = ui.interact(grip, ui.scope_id().with("width of the list"), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Width of the list"));
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let width = (pointer.x - side.left()).clamp(region::SIDE_MIN, region::SIDE_MAX);
        actions.push(Action::ResizeList(width));
    }
    if response.double_clicked() {
        actions.push(Action::ResizeList(region::SIDE_DEFAULT));
    }
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
}

/// How wide the edge of the list is for the pointer.
const GRIP: f32 = 8.0;

/// Draws who asks for a private session at the top of `rect`; what is left below.
fn request(ui: &mut Ui, rect: Rect, state: &Main, actions: &mut Vec<Action>) -> Rect {
    let Some(request) = &state.request else { return rect };
    let (bar, below) = rect.split_top_bottom_at_y(rect.top() + private::REQUEST_HEIGHT);
    private::show_request(ui, bar, request, actions);
    below
}

fn tab(item: &TabItem) -> Tab<'_> {
    let TabItem { ref name, icon, unread, private, closable, stay } = *item;
    Tab { name, icon, unread, private, closable, stay }
}
