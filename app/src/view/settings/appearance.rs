//! How it looks.

use eframe::egui::{Align2, Rect, Sense, Ui, UiBuilder, Vec2, pos2};
use lucide_icons::Icon;

use super::row::{row, switch_row};
use super::{Preferences, Settings, SettingsAction, Shade};
use crate::kit::{Avatar, fill, galley, hairline_below, label, put, radio_card, segmented, space as gap};
use crate::theme::{Motion, TextSize, TextStyle, ink, numbers, palette, radius, space, style};
use crate::timeline::Look;

const SHADES: [(Shade, Icon, &str); 3] =
    [(Shade::System, Icon::Monitor, "System"), (Shade::Dark, Icon::Moon, "Dark"), (Shade::Light, Icon::Sun, "Light")];
const SIZES: [&str; 4] = ["90 %", "100 %", "115 %", "130 %"];
/// Height of a card that shows a look.
const CARD: f32 = 134.0;

/// Narrower than this, the cards stand below one another.
const CARD_LEAST: f32 = 230.0;

/// Draws the section.
pub(super) fn show(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let mut chosen = state.preferences.clone();
    row(ui, "Theme", "", |ui| {
        let choices = SHADES.map(|(_, glyph, name)| (Some(glyph), name));
        let selected = SHADES.iter().position(|(shade, ..)| *shade == chosen.theme).unwrap_or_default();
        let picked = segmented(ui, "Theme", &choices, selected);
        if let Some((shade, ..)) = picked.and_then(|index| SHADES.get(index)) {
            chosen.theme = *shade;
        }
    });
    looks(ui, &mut chosen);
    row(ui, "Text size", "", |ui| {
        let choices = SIZES.map(|name| (None, name));
        let selected = TextSize::ALL.iter().position(|size| *size == chosen.text_size).unwrap_or_default();
        let picked = segmented(ui, "Text size", &choices, selected);
        if let Some(size) = picked.and_then(|index| TextSize::ALL.get(index)) {
            chosen.text_size = *size;
        }
    });
    let mut previews = !chosen.hide_previews;
    let explanation =
        if previews { "People who look over your shoulder can read it." } else { "The list shows names alone." };
    if switch_row(ui, "Show the last message in the list", explanation, &mut previews) {
        chosen.hide_previews = !previews;
    }
    let mut reduced = chosen.motion == Motion::Reduced;
    let explanation = "Menus and jumps appear at once, without fading and scrolling.";
    if switch_row(ui, "Reduce motion", explanation, &mut reduced) {
        chosen.motion = if reduced { Motion::Reduced } else { Motion::Full };
    }
    if chosen != state.preferences {
        actions.push(SettingsAction::Change(chosen));
    }
}

fn looks(ui: &mut Ui, chosen: &mut Preferences) {
    let colours = palette(ui);
    gap(ui, space::X3 + 2.0);
    label(ui, ink(style::LABEL, colours.text), "Messages");
    gap(ui, space::X3);
    let stacked = ui.available_width() < 2.0 * CARD_LEAST + space::X4;
    let height = if stacked { 2.0 * CARD + space::X4 } else { CARD };
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    let width = if stacked { rect.width() } else { (rect.width() - space::X4) / 2.0 };
    let cards = [
        (Look::Compact, ("Compact", "More on the screen"), rect.min),
        (Look::Bubbles, ("Bubbles", "As on a phone"), pos2(rect.right() - width, rect.bottom() - CARD)),
    ];
    for (look, words, corner) in cards {
        let place = Rect::from_min_size(corner, Vec2::new(width, CARD));
        let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(words.0));
        let card = radio_card(&mut child, place.size(), chosen.look == look, words, |ui, frame| match look {
            Look::Compact => compact(ui, frame),
            Look::Bubbles => bubbles(ui, frame),
        });
        if card.clicked() {
            chosen.look = look;
        }
    }
    let (line, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), space::X5), Sense::hover());
    hairline_below(ui.painter(), line, colours.line);
}

/// Small words in a picture.
const SMALL: TextStyle = TextStyle { size: 11.0, line: 15.0, weight: 400.0 };

fn compact(ui: &Ui, frame: Rect) {
    let colours = palette(ui);
    let left = frame.left() + 37.0;
    let right = frame.right() - 14.0;
    let text = |y: f32, words: &str, format| {
        put(ui.painter(), Align2::LEFT_CENTER, pos2(left, frame.top() + y), galley(ui.painter(), format, words));
    };
    let time = |y: f32, words: &str| {
        let words = galley(ui.painter(), numbers(SMALL, colours.text_3), words);
        put(ui.painter(), Align2::RIGHT_CENTER, pos2(right, frame.top() + y), words);
    };
    Avatar::new("leia").diameter(18.0).paint(ui, pos2(frame.left() + 21.0, frame.top() + 20.0));
    text(18.0, "leia", ink(SMALL.weight(600.0), colours.text));
    text(34.0, "Sheet is ready.", ink(SMALL, colours.text_2));
    text(50.0, "Can you sign it off?", ink(SMALL, colours.text_2));
    Avatar::new("hans").diameter(18.0).paint(ui, pos2(frame.left() + 21.0, frame.top() + 71.0));
    text(69.0, "You", ink(SMALL.weight(600.0), colours.accent));
    time(18.0, "09:24");
    time(69.0, "09:25");
}

fn bubbles(ui: &Ui, frame: Rect) {
    let colours = palette(ui);
    let bubble = |align: Align2, at: eframe::egui::Pos2, words: &str, surface| {
        let words = galley(ui.painter(), ink(SMALL, colours.text), words);
        let rect = align.anchor_size(at, words.size() + Vec2::new(16.0, 6.0));
        fill(ui.painter(), rect, radius::FIELD, surface);
        put(ui.painter(), Align2::CENTER_CENTER, rect.center(), words);
    };
    let left = frame.left() + 12.0;
    bubble(Align2::LEFT_TOP, pos2(left, frame.top() + 10.0), "Sheet is ready.", colours.bg_raised);
    bubble(Align2::LEFT_TOP, pos2(left, frame.top() + 34.0), "Can you sign it off?", colours.bg_raised);
    bubble(Align2::RIGHT_TOP, pos2(frame.right() - 12.0, frame.top() + 60.0), "Done.", colours.selected);
}
