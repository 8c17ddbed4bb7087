//! The window of somebody who is signed in: people left, tabs above, what the tab shows below.

use eframe::egui::{Context, CursorIcon, Id, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::action::Action;
use super::bars::{self, Bars};
use super::contacts::{self, Contacts};
use super::private::{self, Asked, Request};
use crate::kit::{Bar, BarTone, Button, ButtonKind, IconButton, Stay, Tab, TabEvent, TabIcon, hairline_right, tab_bar};
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
    /// Whom the user has asked for one.
    pub asked: Option<Asked>,
    /// What others join with, while nobody else has an account.
    pub invitation: Option<String>,
    /// How wide the list is.
    pub side_width: f32,
}

/// Under which the view notes how high the bars across the top are.
fn bars_id() -> Id {
    Id::unique("height of the bars")
}

/// How high the bars across the top were in the last frame, in points.
#[must_use]
pub fn bars_height(ctx: &Context) -> f32 {
    ctx.data(|data| data.get_temp(bars_id())).unwrap_or_default()
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

/// How far the way back moves what else stands in the head of a panel.
pub(super) const WAY_BACK: f32 = 32.0;

/// Draws the way back to the list into the head of a panel.
pub(super) fn way_back(ui: &mut Ui, head: Rect) -> Response {
    let centre = head.left_center() + Vec2::new(24.0, 0.0);
    IconButton::new(Icon::ArrowLeft, "Back to the list").at(ui, centre)
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
    top.spacing_mut().item_spacing.y = 0.0;
    bars::show(&mut top, &state.bars, &mut actions);
    let height = (top.min_rect().bottom() - rect.top()).max(0.0);
    ui.data_mut(|data| data.insert_temp(bars_id(), height));
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
        let rect = state.invitation.as_ref().map_or(rect, |words| invitation(ui, rect, words, actions));
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

/// Draws the invitation for others at the top of `rect`; what is left below.
fn invitation(ui: &mut Ui, rect: Rect, invitation: &str, actions: &mut Vec<Action>) -> Rect {
    let mut bar = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("invitation"));
    let (strong, text) = ("You are the first one here.", "Give the invitation to your team.");
    let copy = Button::new(ButtonKind::Primary, "Copy invitation").small();
    let words = Bar { tone: BarTone::Accent, icon: Icon::UserPlus, strong, text };
    if words.show(&mut bar, [copy]).is_some() {
        actions.push(Action::Copy(invitation.to_owned()));
    }
    Rect::from_min_max(pos2(rect.left(), bar.min_rect().bottom().min(rect.bottom())), rect.max)
}

/// Draws who asks for a private session, and who was asked, at the top of `rect`; what is left below.
fn request(ui: &mut Ui, rect: Rect, state: &Main, actions: &mut Vec<Action>) -> Rect {
    let mut bars = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("requests"));
    bars.spacing_mut().item_spacing.y = 0.0;
    if let Some(request) = &state.request {
        bars.push_id("request", |ui| private::show_request(ui, request, actions));
    }
    if let Some(asked) = &state.asked {
        bars.push_id("asked", |ui| private::show_asked(ui, asked, actions));
    }
    let used = if state.request.is_none() && state.asked.is_none() { rect.top() } else { bars.min_rect().bottom() };
    Rect::from_min_max(pos2(rect.left(), used.min(rect.bottom())), rect.max)
}

fn tab(item: &TabItem) -> Tab<'_> {
    let TabItem { ref name, icon, unread, private, closable, stay } = *item;
    Tab { name, icon, unread, private, closable, stay }
}
