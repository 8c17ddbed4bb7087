//! The emoji picker.

use eframe::egui::{
    Align2, CursorIcon, FontId, Key, Popup, PopupCloseBehavior, Rect, RectAlign, Response, Role, ScrollArea, Sense, Ui,
    Vec2, WidgetInfo, epaint::text::FontsView,
};
use emojis::Group;
use lucide_icons::Icon;

use crate::kit::{Field, IconButton, fill, label, popup_frame};
use crate::theme::{Palette, ink, palette, palette_of, radius, space, style};

/// What the picker shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    search: String,
    group: usize,
    opened: Opened,
}

/// Whether the picker was open in the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Opened {
    #[default]
    Not,
    Before,
}

const COLUMNS: usize = 9;
const CELL: f32 = 36.0;
const EMOJI: f32 = 22.0;
const HEIGHT: f32 = 252.0;
/// The groups with the icons that stand for them.
const GROUPS: [(Group, Icon, &str); 8] = [
    (Group::SmileysAndEmotion, Icon::Smile, "Smileys"),
    (Group::PeopleAndBody, Icon::Hand, "People"),
    (Group::AnimalsAndNature, Icon::Leaf, "Nature"),
    (Group::FoodAndDrink, Icon::Coffee, "Food"),
    (Group::TravelAndPlaces, Icon::Plane, "Places"),
    (Group::Activities, Icon::Trophy, "Activities"),
    (Group::Objects, Icon::Lightbulb, "Objects"),
    (Group::Symbols, Icon::Hash, "Symbols"),
];

/// Draws the picker above its button while it is open; the emoji that was picked.
pub(super) fn show(button: &Response, picker: &mut Picker) -> Option<&'static str> {
    let width = COLUMNS as f32 * CELL;
    let colours = palette_of(&button.ctx);
    let shown = Popup::menu(button)
        .frame(popup_frame(colours))
        .align(RectAlign::TOP_END)
        .gap(space::X3)
        .width(width)
        .accessible_name("Emoji")
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| content(ui, picker, width));
    picker.opened = if shown.is_some() { Opened::Before } else { Opened::Not };
    shown.and_then(|shown| shown.inner)
}

fn content(ui: &mut Ui, picker: &mut Picker, width: f32) -> Option<&'static str> {
    let colours = palette(ui);
    ui.set_width(width);
    let field = Field::new("Search emoji").hint("Search emoji").icon(Icon::Search).height(34.0);
    let opens = picker.opened == Opened::Not;
    if opens {
        picker.search.clear();
    }
    let field = field.show(ui, &mut picker.search);
    if opens {
        field.request_focus();
    }
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    crate::kit::space(ui, space::X2);
    let searching = !picker.search.trim().is_empty();
    ui.horizontal(|ui| {
        for (index, &(_, glyph, name)) in GROUPS.iter().enumerate() {
            let chosen = index == picker.group && !searching;
            if ui.add(IconButton::new(glyph, name).selected(chosen)).clicked() {
                picker.group = index;
                picker.search.clear();
            }
        }
    });
    crate::kit::space(ui, space::X2);
    let mut found = found(picker);
    ui.fonts_mut(|fonts| {
        if can_draw(fonts, COMMON) {
            found.retain(|emoji| can_draw(fonts, emoji.as_str()));
        }
    });
    if found.is_empty() {
        ui.set_min_height(HEIGHT);
        label(ui, ink(style::SMALL, colours.text_3), "No emoji of that name");
        return None;
    }
    let first = found.first().filter(|_| entered && searching).map(|emoji| emoji.as_str());
    let clicked = grid(ui, colours, &found);
    if entered {
        ui.close();
    }
    first.or(clicked)
}

/// Every font of emoji has it; without one, none is left out.
const COMMON: &str = "😀";

/// Whether a font of this computer has the emoji; newer ones may be missing.
fn can_draw(fonts: &mut FontsView<'_>, emoji: &str) -> bool {
    emoji.chars().next().is_some_and(|first| fonts.has_glyph(&FontId::proportional(EMOJI), first))
}

fn found(picker: &Picker) -> Vec<&'static emojis::Emoji> {
    let wanted = picker.search.trim().to_lowercase();
    if wanted.is_empty() {
        let group = GROUPS.get(picker.group).map(|&(group, ..)| group);
        return group.into_iter().flat_map(|group| group.emojis()).collect();
    }
    let fits = |emoji: &&emojis::Emoji| {
        emoji.name().contains(&wanted) || emoji.shortcodes().any(|code| code.contains(&wanted))
    };
    emojis::iter().filter(fits).collect()
}

fn grid(ui: &mut Ui, colours: &Palette, found: &[&'static emojis::Emoji]) -> Option<&'static str> {
    let rows = found.len().div_ceil(COLUMNS);
    let mut picked = None;
    let scroll = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).auto_shrink([false, false]);
    scroll.show_rows(ui, CELL, rows, |ui, visible| {
        for row in visible {
            ui.horizontal(|ui| {
                for emoji in found.iter().skip(row * COLUMNS).take(COLUMNS) {
                    if cell(ui, colours, emoji).clicked() {
                        picked = Some(emoji.as_str());
                    }
                }
            });
        }
    });
    picked
}

fn cell(ui: &mut Ui, colours: &Palette, emoji: &emojis::Emoji) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(CELL), Sense::click());
    if response.hovered() || response.has_focus() {
        fill(ui.painter(), Rect::shrink(rect, 1.0), radius::CONTROL, colours.hover);
    }
    let font = FontId::proportional(EMOJI);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, emoji.as_str(), font, colours.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, emoji.name()));
    crate::kit::tip(response.on_hover_cursor(CursorIcon::PointingHand), emoji.name())
}
