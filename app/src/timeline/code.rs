//! Blocks of code: their lines do not wrap. A block that is wider than its place is moved sideways, by a bar or a wheel.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{Align2, Galley, Id, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::compact::CODE_COPY;
use super::entry::Key;
use super::paint::Canvas;
use super::select::CODE_PAD;
use crate::kit::{IconButton, fill, put, rule};
use crate::theme::{control, icon as icon_size, palette, radius, space, stroke};

/// Which block of which message.
pub(super) type BlockId = (Key, usize);

/// Height of the bar, and the least length of its handle.
const BAR: f32 = 4.0;
const HANDLE_LEAST: f32 = 24.0;

fn memory(ui: &Ui, id: BlockId) -> Id {
    ui.scope_id().with(("code", id))
}

/// How far a block is moved to the left, in points.
pub(super) fn offset(ui: &Ui, id: BlockId) -> f32 {
    let memory = memory(ui, id);
    ui.data(|data| data.get_temp(memory)).unwrap_or_default()
}

impl Canvas<'_> {
    /// Draws a block of code over `rect`.
    pub(super) fn code(
        &self,
        ui: &mut Ui,
        id: BlockId,
        rect: Rect,
        words: &Arc<Galley>,
        text: &str,
        selected: Option<Range<usize>>,
    ) {
        let colours = self.setting.colours;
        fill(ui.painter(), rect, radius::FIELD, colours.bg_raised);
        rule(ui.painter(), rect, radius::FIELD, stroke::HAIRLINE, colours.line);
        let inner = rect.shrink2(Vec2::new(CODE_PAD.x, stroke::HAIRLINE));
        let moved = slide(ui, id, inner, words.size().x);
        let at = rect.min + CODE_PAD - Vec2::new(moved, 0.0);
        let whole = ui.clip_rect();
        ui.set_clip_rect(whole.intersect(inner));
        self.selected(ui, at, words, selected);
        put(ui.painter(), Align2::LEFT_TOP, at, words.clone());
        ui.set_clip_rect(whole);
        let covers = words.size().x + CODE_COPY > inner.width();
        if covers && !ui.rect_contains_pointer(rect) {
            return;
        }
        let corner = rect.right_top() + Vec2::new(-space::X4 - 6.0, space::X4 + 6.0);
        ui.push_id(("copy", id), |ui| {
            let spot = Rect::from_center_size(corner, Vec2::splat(control::MIN_TARGET));
            fill(ui.painter(), spot, radius::CONTROL, colours.bg_raised);
            let button = IconButton::new(Icon::Copy, "Copy code").size(control::MIN_TARGET).icon_size(icon_size::SMALL);
            if button.at(ui, corner).clicked() {
                ui.ctx().copy_text(text.to_owned());
            }
        });
    }
}

/// Moves a block whose words are wider than `inner` as the wheel and its bar say; how far it is moved.
fn slide(ui: &Ui, id: BlockId, inner: Rect, width: f32) -> f32 {
    let over = (width - inner.width()).max(0.0);
    if over == 0.0 {
        return 0.0;
    }
    let mut moved = offset(ui, id);
    if ui.rect_contains_pointer(inner) {
        moved -= ui.input(|input| input.smooth_scroll_delta().x);
    }
    let track = Rect::from_min_max(pos2(inner.left(), inner.bottom() - CODE_PAD.y), inner.max);
    let long = (inner.width() * inner.width() / width).clamp(HANDLE_LEAST.min(inner.width()), inner.width());
    let room = (inner.width() - long).max(1.0);
    let response = ui.interact(track, memory(ui, id).with("bar"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll bar of the code"));
    if let Some(pointer) = response.interact_pointer_pos() {
        moved = (pointer.x - inner.left() - long / 2.0) / room * over;
    }
    let moved = moved.clamp(0.0, over);
    let memory = memory(ui, id);
    ui.data_mut(|data| data.insert_temp(memory, moved));
    let colours = palette(ui);
    let colour = if response.hovered() || response.dragged() { colours.text_3 } else { colours.line_field };
    let from = pos2(inner.left() + room * moved / over, track.center().y - BAR / 2.0);
    fill(ui.painter(), Rect::from_min_size(from, Vec2::new(long, BAR)), BAR / 2.0, colour);
    moved
}
