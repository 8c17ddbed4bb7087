//! What can be done with the message under the pointer.

use eframe::egui::{Popup, PopupCloseBehavior, Rect, Response, SetOpenCommand, Ui, Vec2, pos2};
use lucide_icons::Icon;

use super::body::Setting;
use super::entry::{Key, TimelineAction};
use super::list::{Timeline, Wanted};
use super::menu::{self, MENU};
use super::scroll::Placed;
use crate::kit::{IconButton, popup_frame, shadowed};
use crate::theme::{icon, palette, radius, region, shadow, space};

/// Size of a tool.
const TOOL: f32 = 28.0;
/// Draws the tools of the hovered message, and the menu of the message that was right-clicked.
#[expect(clippy::too_many_arguments, reason = "everything that a frame of the timeline has worked out")]
pub(super) fn tools(
    ui: &mut Ui,
    timeline: &mut Timeline,
    setting: &Setting<'_>,
    ground: &Response,
    rect: Rect,
    placed: &Placed,
    hovered: Option<usize>,
    actions: &mut Vec<TimelineAction>,
) {
    let found = hovered.and_then(|row| placed.iter().find(|&&(other, _)| other == row).copied());
    let under = found.and_then(|(row, top)| timeline.rows.get(row).cloned().map(|place| (place, top)));
    let mut from_tools = false;
    if let Some((row, top)) = &under {
        let body = timeline.cache.body(ui.painter(), setting, row);
        let message = body.message.translate(rect.min.to_vec2() + Vec2::new(0.0, *top));
        let size = strip_size(tool_count(timeline, row.entry.key));
        let corner = if let Some((bubble, own)) = body.bubble() {
            // Beside the bubble, on the side where nothing is written.
            let bubble = bubble.translate(rect.min.to_vec2() + Vec2::new(0.0, *top));
            let left = if own { bubble.left() - space::X3 - size.x } else { bubble.right() + space::X3 };
            let most = rect.left() + setting.width - setting.pad() - size.x;
            pos2(left.clamp(rect.left(), most.max(rect.left())), bubble.top())
        } else {
            let right = rect.left() + setting.right() - region::META_COLUMN + space::X3;
            pos2(right - size.x, message.top() - size.y / 2.0)
        };
        let strip = Rect::from_min_size(corner, size);
        from_tools = float(ui, timeline, row.entry.key, strip, actions);
    }
    let opens = is_right_click(ui, rect).then(|| SetOpenCommand::Bool(timeline.menu.is_some()));
    let closes = ground.clicked().then_some(SetOpenCommand::Bool(false));
    let open = Popup::context_menu(ground)
        .open_memory(opens.or(closes))
        .frame(popup_frame(setting.colours))
        .width(MENU)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ui.set_width(MENU);
            if let Some(key) = timeline.menu {
                menu::draw(ui, timeline, key, actions);
            }
        });
    if open.is_none() && !from_tools {
        timeline.menu = None;
        timeline.pointed = None;
    }
}

/// Whether somebody right-clicks in the timeline, on whatever of it.
fn is_right_click(ui: &Ui, rect: Rect) -> bool {
    ui.input(|input| input.pointer.secondary_clicked()) && ui.rect_contains_pointer(rect)
}

/// A right click is meant for the message under it, or for the one beside it: a gap between two has no menu of its own.
pub(super) fn right_click(
    ui: &Ui,
    timeline: &mut Timeline,
    setting: &Setting<'_>,
    rect: Rect,
    placed: &Placed,
    pointed: Option<String>,
) {
    if !is_right_click(ui, rect) {
        return;
    }
    timeline.pointed = pointed;
    timeline.menu = ui.pointer_interact_pos().and_then(|at| {
        let mut nearest: Option<(f32, Key)> = None;
        for &(row, top) in placed {
            let Some(place) = timeline.rows.get(row).filter(|row| menu::has_menu(&row.entry)).cloned() else {
                continue;
            };
            let body = timeline.cache.body(ui.painter(), setting, &place);
            let lines = body.message.y_range();
            let y = at.y - rect.top() - top;
            let away = (lines.min - y).max(y - lines.max).max(0.0);
            if away <= REACH && nearest.is_none_or(|(other, _)| away < other) {
                nearest = Some((away, place.entry.key));
            }
        }
        nearest.map(|(_, key)| key)
    });
}

/// A right click is meant for a message at most this far above or below: more than the gap between two.
const REACH: f32 = 20.0;

/// The size of so many tools together.
fn strip_size(tools: u8) -> Vec2 {
    Vec2::new(f32::from(tools) * TOOL + 2.0 * space::X1 + 1.0, TOOL + 2.0 * space::X1)
}

/// How many tools a message has; a file has those of its card, and its menu.
fn tool_count(timeline: &Timeline, key: Key) -> u8 {
    if timeline.written(key).is_some() { 3 } else { 1 }
}

/// Draws the tools beside a message; returns whether their menu is open.
fn float(ui: &mut Ui, timeline: &mut Timeline, key: Key, strip: Rect, actions: &mut Vec<TimelineAction>) -> bool {
    let colours = palette(ui);
    shadowed(ui.painter(), strip, radius::FIELD, shadow::FLOAT.of(colours), colours.bg_popup, colours.line);
    let centre = |index: f32| strip.left_center() + Vec2::new(space::X1 + TOOL * (index + 0.5), 0.0);
    let tool = |glyph, name| IconButton::new(glyph, name).size(TOOL).icon_size(icon::BASE);
    ui.push_id(("tools", key), |ui| {
        let mut tools = Vec::new();
        if timeline.written(key).is_some() {
            let reply = tool(Icon::Reply, "Reply").at(ui, centre(0.0));
            if reply.clicked() {
                actions.push(TimelineAction::Reply(key));
            }
            let copies = tool(Icon::Copy, "Copy text").at(ui, centre(1.0));
            if copies.clicked() {
                copy(ui, timeline, key);
            }
            tools.extend([reply, copies]);
        }
        let last = strip.right_center() - Vec2::new(space::X1 + TOOL / 2.0, 0.0);
        let more = tool(Icon::Ellipsis, "More about this message").at(ui, last);
        timeline.tools = tools.iter().chain([&more]).map(|tool| tool.id).collect();
        match std::mem::take(&mut timeline.wanted) {
            Wanted::Tools => tools.first().unwrap_or(&more).request_focus(),
            Wanted::Menu => {
                more.request_focus();
                Popup::open_id(ui.ctx(), Popup::default_response_id(&more));
            }
            other @ (Wanted::Nothing | Wanted::Messages) => timeline.wanted = other,
        }
        let last = more.id;
        crate::kit::menu_of(&more, MENU, |ui| {
            timeline.menu = Some(key);
            let first = menu::draw(ui, timeline, key, actions);
            // By keys, the first item is next.
            if let Some(first) = first.filter(|_| ui.memory(|memory| memory.has_focus(last))) {
                first.request_focus();
            }
        })
    })
    .inner
}

/// Copies the text of a message as it was written.
fn copy(ui: &Ui, timeline: &Timeline, key: Key) {
    if let Some(entry) = timeline.entry(key) {
        ui.ctx().copy_text(entry.text.clone());
    }
}
