//! The emoji picker.

use eframe::egui::{
    Align2, CursorIcon, FontId, Popup, PopupCloseBehavior, Rect, RectAlign, Response, Role, ScrollArea, Sense, Ui,
    Vec2, WidgetInfo, epaint::text::FontsView,
};
use emojis::Group;
use lucide_icons::Icon;

use crate::kit::{Field, IconButton, fill, galley, label, popup_frame, put};
use crate::theme::{Palette, TextStyle, ink, palette, palette_of, radius, space, style};

/// What the picker shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    search: String,
    shelf: Shelf,
    opened: Opened,
}

/// Which emoji are shown where nothing is searched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shelf {
    /// Those picked before.
    #[default]
    Recent,
    /// Those of a group, by its place in [`GROUPS`].
    Group(usize),
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
pub(super) fn show(button: &Response, picker: &mut Picker, recent: &[String]) -> Option<&'static str> {
    let width = COLUMNS as f32 * CELL;
    let colours = palette_of(&button.ctx);
    let shown = Popup::menu(button)
        .frame(popup_frame(colours))
        .align(RectAlign::TOP_END)
        .gap(space::X3)
        .width(width)
        .accessible_name("Emoji")
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| content(ui, picker, recent, width));
    picker.opened = if shown.is_some() { Opened::Before } else { Opened::Not };
    shown.and_then(|shown| shown.inner)
}

fn content(ui: &mut Ui, picker: &mut Picker, recent: &[String], width: f32) -> Option<&'static str> {
    let colours = palette(ui);
    ui.set_width(width);
    let field = Field::new("Search emoji").hint("Search emoji").icon(Icon::Search).height(34.0);
    let opens = picker.opened == Opened::Not;
    if opens {
        picker.search.clear();
        picker.shelf = Shelf::default();
    }
    if recent.is_empty() && picker.shelf == Shelf::Recent {
        picker.shelf = Shelf::Group(0);
    }
    let field = field.show(ui, &mut picker.search);
    if opens {
        field.request_focus();
    }
    let entered = crate::kit::entered(&field);
    crate::kit::space(ui, space::X2);
    let searching = !picker.search.trim().is_empty();
    shelves(ui, picker, recent, searching);
    crate::kit::space(ui, space::X2);
    let mut found = found(picker, recent);
    ui.fonts_mut(|fonts| {
        if can_draw(fonts, COMMON) {
            found.retain(|emoji| can_draw(fonts, emoji.as_str()));
        }
    });
    if found.is_empty() {
        ui.set_min_height(HEIGHT);
        label(ui, ink(style::SMALL, colours.text_3), "No emoji with this name");
        return None;
    }
    let first = found.first().filter(|_| entered && searching).map(|emoji| emoji.as_str());
    let clicked = grid(ui, colours, &found);
    if entered {
        ui.close();
    }
    first.or(clicked)
}

/// The buttons of the shelves.
fn shelves(ui: &mut Ui, picker: &mut Picker, recent: &[String], searching: bool) {
    let groups = GROUPS.iter().enumerate().map(|(index, &(_, glyph, name))| (Shelf::Group(index), glyph, name));
    let before = (!recent.is_empty()).then_some((Shelf::Recent, Icon::Clock, "Recent"));
    ui.horizontal(|ui| {
        for (shelf, glyph, name) in before.into_iter().chain(groups) {
            if ui.add(IconButton::new(glyph, name).selected(shelf == picker.shelf && !searching)).clicked() {
                picker.shelf = shelf;
                picker.search.clear();
            }
        }
    });
}

/// Every font of emoji has it; without one, none is left out.
const COMMON: &str = "😀";

/// Whether a font of this computer has the emoji; newer ones may be missing.
fn can_draw(fonts: &mut FontsView<'_>, emoji: &str) -> bool {
    emoji.chars().next().is_some_and(|first| fonts.has_glyph(&FontId::proportional(EMOJI), first))
}

fn found(picker: &Picker, recent: &[String]) -> Vec<&'static emojis::Emoji> {
    let wanted = picker.search.trim().to_lowercase();
    if wanted.is_empty() {
        return match picker.shelf {
            Shelf::Recent => recent.iter().filter_map(|emoji| emojis::get(emoji)).collect(),
            Shelf::Group(index) => {
                let group = GROUPS.get(index).map(|&(group, ..)| group);
                group.into_iter().flat_map(|group| group.emojis()).collect()
            }
        };
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
    let style = TextStyle { size: EMOJI, line: EMOJI, ..style::BODY };
    let sign = galley(ui.painter(), ink(style, colours.text), emoji.as_str());
    put(ui.painter(), Align2::CENTER_CENTER, rect.center(), sign);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, emoji.name()));
    crate::kit::tip(response.on_hover_cursor(CursorIcon::PointingHand), emoji.name())
}
