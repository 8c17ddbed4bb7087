//! The strip above the text to somebody whom the user has blocked: what it means, before anything is written.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Align, Align2, Galley, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::ComposerAction;
use super::view::strip_ground;
use crate::kit::{Button, ButtonKind, icon, put, say_at_once};
use crate::theme::{icon as icon_size, ink, palette, space, style};

/// What a block means, as one reads it before writing to somebody blocked.
fn means(name: &str) -> [String; 2] {
    [format!("You blocked {name}."), format!("You can write, but {name} cannot answer or see that you are here.")]
}

/// Least height of the strip.
const LEAST: f32 = 43.0;
/// Room left of the words, and right of them for the button.
const BLOCKED_LEFT: f32 = 44.0;
const BLOCKED_RIGHT: f32 = 100.0;

/// The words above the text to somebody blocked, in as many lines as they need, and the height of their strip.
pub(super) fn words(ui: &Ui, name: &str, width: f32) -> (Arc<Galley>, f32) {
    let colours = palette(ui);
    let [strong, text] = means(name);
    let mut job = LayoutJob::default();
    job.append(&format!("{strong} "), 0.0, ink(style::LABEL.weight(600.0), colours.text).text_format());
    job.append(&text, 0.0, ink(style::SMALL, colours.text_2).text_format());
    job.wrap = TextWrapping::wrap_at_width((width - BLOCKED_LEFT - BLOCKED_RIGHT).max(0.0));
    let words = ui.painter().layout_job(job);
    let height = (words.size().y + 2.0 * space::X3).max(LEAST);
    (words, height)
}

/// Draws the strip, whose height is that of [`words`].
pub(super) fn strip(ui: &mut Ui, rect: Rect, name: &str, words: Arc<Galley>, actions: &mut Vec<ComposerAction>) {
    let colours = palette(ui);
    strip_ground(ui, rect);
    let centre = rect.left_center() + Vec2::new(24.0, 0.0);
    icon(ui.painter(), Icon::Ban, centre, icon_size::LARGE, colours.text_2);
    let mut row = ui.new_child(
        UiBuilder::new().max_rect(rect.shrink2(Vec2::new(space::X3, 0.0))).layout(Layout::right_to_left(Align::Center)),
    );
    if row.add(Button::new(ButtonKind::Outline, "Unblock").small()).clicked() {
        actions.push(ComposerAction::Unblock);
    }
    let left = pos2(rect.left() + BLOCKED_LEFT, rect.center().y);
    let place = put(ui.painter(), Align2::LEFT_CENTER, left, words);
    let response = ui.interact(place, ui.scope_id().with("blocked"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, means(name).join(" ")));
    say_at_once(ui.ctx(), response.id);
}
