//! What can be done with the message under the pointer.

use eframe::egui::{Popup, PopupCloseBehavior, Pos2, Rect, Response, Ui, Vec2, pos2};
use lucide_icons::Icon;

use super::body::Setting;
use super::entry::{EntryKind, Key, Mark, TimelineAction};
use super::list::Timeline;
use super::scroll::Placed;
use crate::kit::{IconButton, menu_item, menu_line, popup_frame, shadowed};
use crate::theme::{icon, palette, radius, region, shadow, space};

/// Size of a tool.
const TOOL: f32 = 28.0;
/// Width of the menu.
const MENU: f32 = 200.0;

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
    if ground.secondary_clicked() {
        timeline.menu = under.as_ref().map(|(row, _)| row.entry.key);
    }
    let mut from_tools = false;
    if let Some((row, top)) = &under {
        let body = timeline.cache.body(ui.painter(), setting, row);
        let message = body.message.translate(rect.min.to_vec2() + Vec2::new(0.0, *top));
        let inset = if setting.width < region::ONE_COLUMN_BELOW { 0.0 } else { region::META_COLUMN };
        let right = rect.left() + setting.right() - inset + space::X3;
        from_tools = float(ui, timeline, row.entry.key, pos2(right, message.top()), actions);
    }
    let open = Popup::context_menu(ground)
        .frame(popup_frame(setting.colours))
        .width(MENU)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ui.set_width(MENU);
            if let Some(key) = timeline.menu {
                menu(ui, timeline, key, actions);
            }
        });
    if open.is_none() && !from_tools {
        timeline.menu = None;
    }
}

/// Draws the tools beside a message; returns whether their menu is open.
fn float(ui: &mut Ui, timeline: &mut Timeline, key: Key, corner: Pos2, actions: &mut Vec<TimelineAction>) -> bool {
    let colours = palette(ui);
    let size = Vec2::new(3.0 * TOOL + 2.0 * space::X1 + 1.0, TOOL + 2.0 * space::X1);
    let strip = Rect::from_min_size(pos2(corner.x - size.x, corner.y - size.y / 2.0), size);
    shadowed(ui.painter(), strip, radius::FIELD, shadow::FLOAT.of(colours), colours.bg_popup, colours.line);
    let centre = |index: f32| strip.left_center() + Vec2::new(space::X1 + TOOL * (index + 0.5), 0.0);
    let tool = |glyph, name| IconButton::new(glyph, name).size(TOOL).icon_size(icon::BASE);
    ui.push_id(("tools", key), |ui| {
        if tool(Icon::Reply, "Reply").at(ui, centre(0.0)).clicked() {
            actions.push(TimelineAction::Reply(key));
        }
        if tool(Icon::Copy, "Copy text").at(ui, centre(1.0)).clicked() {
            copy(ui, timeline, key);
        }
        let more = tool(Icon::Ellipsis, "More").at(ui, centre(2.0));
        crate::kit::menu_of(&more, MENU, |ui| {
            timeline.menu = Some(key);
            menu(ui, timeline, key, actions);
        })
    })
    .inner
}

fn menu(ui: &mut Ui, timeline: &Timeline, key: Key, actions: &mut Vec<TimelineAction>) {
    let colours = palette(ui);
    if menu_item(ui, Some(Icon::Reply), "Reply", "", colours.text).clicked() {
        actions.push(TimelineAction::Reply(key));
    }
    if menu_item(ui, Some(Icon::Copy), "Copy text", "", colours.text).clicked() {
        copy(ui, timeline, key);
    }
    if timeline.selection.is_some()
        && menu_item(ui, Some(Icon::TextSelect), "Copy selection", "Ctrl C", colours.text).clicked()
        && let Some(text) = timeline.selected_text()
    {
        ui.ctx().copy_text(text);
    }
    let own_not_sent = entry(timeline, key).is_some_and(|entry| match &entry.kind {
        EntryKind::Message(written) => matches!(written.mark, Some(Mark::Saved | Mark::Failed)),
        EntryKind::Notice(_) => false,
    });
    if own_not_sent {
        menu_line(ui);
        if menu_item(ui, Some(Icon::Trash2), "Delete", "", colours.danger).clicked() {
            actions.push(TimelineAction::Delete(key));
        }
    }
}

fn entry(timeline: &Timeline, key: Key) -> Option<&super::entry::Entry> {
    let row = timeline.rows.binary_search_by_key(&key, |row| row.entry.key).ok()?;
    timeline.rows.get(row).map(|row| row.entry.as_ref())
}

fn copy(ui: &Ui, timeline: &Timeline, key: Key) {
    if let Some(entry) = entry(timeline, key) {
        ui.ctx().copy_text(entry.text.clone());
    }
}
