//! The menu of the text of a composer: the clipboard, for whoever works with the pointer.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Id, Popup, PopupCloseBehavior, Response, TextEdit, Ui, ViewportCommand};
use lucide_icons::Icon;

use super::Composer;
use crate::kit::{menu_item, popup_frame};
use crate::theme::palette;

/// Width of the menu of the text.
const WIDTH: f32 = 180.0;

/// What a right click on the text offers; the window asks the system's clipboard, and tells in the next frame.
pub(super) fn show(ui: &Ui, response: &Response, composer: &mut Composer, id: Id) {
    let colours = palette(ui);
    let selected = TextEdit::load_state(ui.ctx(), id).and_then(|edit| edit.cursor.char_range());
    let is_selected = selected.is_some_and(|range| !range.is_empty());
    let menu = Popup::context_menu(response).frame(popup_frame(colours)).width(WIDTH);
    menu.close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.set_width(WIDTH);
        let mut item = |glyph, words, keys, command| {
            if menu_item(ui, Some(glyph), words, keys, colours.text).clicked() {
                ui.ctx().send_viewport_cmd(command);
                composer.wants_focus = true;
            }
        };
        if is_selected {
            item(Icon::Scissors, "Cut", "Ctrl X", ViewportCommand::RequestCut);
            item(Icon::Copy, "Copy", "Ctrl C", ViewportCommand::RequestCopy);
        }
        item(Icon::ClipboardPaste, "Paste", "Ctrl V", ViewportCommand::RequestPaste);
        if !composer.text.is_empty() && menu_item(ui, None, "Select all", "Ctrl A", colours.text).clicked() {
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(composer.text.chars().count()));
            let mut edit = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
            edit.cursor.set_char_range(Some(all));
            TextEdit::store_state(ui.ctx(), id, edit);
            composer.wants_focus = true;
        }
    });
}
