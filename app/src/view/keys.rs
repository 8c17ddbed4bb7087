//! The list of all keys.

use eframe::egui::{Align2, Context, Key, Modifiers, Rect, Response, ScrollArea, Sense, Ui, Vec2};
use lucide_icons::Icon;

use crate::caps::{keys_text, on_caps};
use crate::command::{FIXED_KEYS, Group, VERBS};
use crate::kit::{Dialog, Field, IconButton, dialog, hairline_below, key_cap, label, label_at, space as gap};
use crate::theme::{ink, palette, space, style};

/// What the user did in the list of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysAction {
    /// What stands in the search field.
    Search(String),
    /// Put it away.
    Close,
}

/// Size of the dialog.
const SIZE: Vec2 = Vec2::new(520.0, 560.0);
const ROW: f32 = 34.0;

/// Draws the list in a dialog.
#[must_use]
pub fn show(ctx: &Context, search: &str) -> Vec<KeysAction> {
    let mut actions = Vec::new();
    let close = dialog(ctx, Dialog { name: "All keys", size: SIZE, top: None }, |ui| {
        let rect = ui.max_rect();
        let colours = palette(ui);
        let inner = rect.shrink2(Vec2::new(24.0, 20.0));
        let mut child = ui.new_child(eframe::egui::UiBuilder::new().max_rect(inner));
        label(&mut child, ink(style::TITLE, colours.text), "All keys");
        gap(&mut child, space::X4);
        let field = list(&mut child, search, |text| actions.push(KeysAction::Search(text)));
        if child.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        let cross = eframe::egui::pos2(rect.right() - 37.0, rect.top() + 34.0);
        if IconButton::new(Icon::X, "Close").at(ui, cross).clicked() {
            actions.push(KeysAction::Close);
        }
        ui.allocate_rect(rect, Sense::hover());
    });
    if close {
        actions.push(KeysAction::Close);
    }
    actions
}

/// Every key with what it does.
fn all() -> Vec<(String, &'static str, Group)> {
    let verbs = VERBS.iter().filter_map(|spec| Some((keys_text(&spec.keys?), spec.words, spec.group)));
    let fixed = FIXED_KEYS.iter().map(|&(keys, words, group)| (on_caps(keys), words, group));
    let mut all: Vec<_> = verbs.chain(fixed).collect();
    all.sort_by_key(|(_, _, group)| *group);
    all
}

/// Draws the search field, which it returns, and the keys that fit it.
pub(super) fn list(ui: &mut Ui, search: &str, changed: impl FnOnce(String)) -> Response {
    let colours = palette(ui);
    let mut text = search.to_owned();
    let field = Field::new("Search keys").hint("Search keys").icon(Icon::Search).show(ui, &mut text);
    if field.changed() {
        changed(text);
    }
    gap(ui, space::X3);
    let moved = if field.has_focus() { moved_by_keys(ui) } else { 0.0 };
    let wanted = search.to_lowercase();
    let fits =
        |keys: &str, words: &str| keys.to_lowercase().contains(&wanted) || words.to_lowercase().contains(&wanted);
    ScrollArea::vertical().id_salt("keys").auto_shrink([false, false]).show(ui, |ui| {
        ui.scroll_with_delta(Vec2::new(0.0, -moved));
        let mut group = None;
        for (keys, words, of) in all().into_iter().filter(|(keys, words, _)| fits(keys, words)) {
            if group.replace(of) != Some(of) {
                gap(ui, space::X3);
                label(ui, ink(style::SECTION, colours.text_2), of.name());
            }
            row(ui, &keys, words);
        }
        if group.is_none() {
            label(ui, ink(style::SMALL, colours.text_2), "No key does that.");
        }
    });
    field
}

/// How far the keys move the list down: the cursor stays in the search field meanwhile.
fn moved_by_keys(ui: &Ui) -> f32 {
    let page = ui.available_height() - ROW;
    let steps = [(Key::ArrowDown, ROW), (Key::ArrowUp, -ROW), (Key::PageDown, page), (Key::PageUp, -page)];
    let pressed = |(key, step)| if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) { step } else { 0.0 };
    steps.into_iter().map(pressed).sum()
}

fn row(ui: &mut Ui, keys: &str, words: &str) {
    let colours = palette(ui);
    let (rect, _): (Rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    hairline_below(ui.painter(), rect, colours.line);
    let cap = key_cap(ui, rect.right_center() - Vec2::new(space::X3, 0.0), keys);
    let room = cap.left() - rect.left() - space::X4;
    let spoken = ink(style::SMALL, colours.text);
    label_at(ui, Align2::LEFT_CENTER, rect.left_center(), spoken, words, room);
}
