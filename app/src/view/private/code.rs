//! The code that two people compare to know that nobody sits between them.

use eframe::egui::{Align, Align2, Context, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;
use whoelse_proto::UserName;

use super::PrivateVerb;
use crate::kit::{
    Button, ButtonKind, Dialog, IconButton, at_end, dialog as framed, elided, fill, galley, hairline_below, icon,
    label, menu_item, menu_of, paragraph, put, rule, say_at_once, space as gap,
};
use crate::theme::{code as mono, icon_format, ink, palette, radius, side_padding, space, stroke, style};
use crate::view::Action;

/// A code as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The seven signs.
    pub signs: Vec<Sign>,
    /// Twelve groups of five digits.
    pub digits: String,
}

/// One sign of the short code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The emoji.
    pub emoji: &'static str,
    /// Its name.
    pub name: &'static str,
}

impl Code {
    /// The names of the signs, as they are read aloud.
    fn names(&self) -> String {
        self.signs.iter().map(|sign| sign.name).collect::<Vec<_>>().join(", ")
    }
}

/// Height of the strip in a wide pane.
const WIDE: f32 = 68.0;
/// Height of its words in a narrow one, and what is left below its signs.
const NARROW_WORDS: f32 = 48.0;
const NARROW_FOOT: f32 = 8.0;
/// Below this width the signs stand below the words.
const ONE_ROW_FROM: f32 = 860.0;
/// Room left and right of a sign, or of its name if that is wider.
const SIGN_PAD: f32 = 7.0;
/// The narrowest place of a sign.
const SIGN_LEAST: f32 = 44.0;
/// Height of a row of signs.
const ROW_HEIGHT: f32 = 52.0;
/// Below this width the signs stand in two rows: seven of the longest names need as much. Names are compared, so none
/// may be cut.
const TWO_ROWS_BELOW: f32 = 600.0;
/// Size of an emoji.
const EMOJI: f32 = 20.0;
/// The shield.
const SHIELD: f32 = 28.0;

/// How high the strip is at a width.
pub(in crate::view) fn height(width: f32) -> f32 {
    if width >= ONE_ROW_FROM {
        WIDE
    } else {
        NARROW_WORDS + signs_height(width - 2.0 * side_padding(width)) + NARROW_FOOT
    }
}

/// How high the signs are in so much room.
fn signs_height(width: f32) -> f32 {
    if width >= TWO_ROWS_BELOW { ROW_HEIGHT } else { 2.0 * ROW_HEIGHT }
}

/// Draws the strip over `rect`.
pub(in crate::view) fn strip(ui: &mut Ui, rect: Rect, peer: &UserName, code: &Code, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.private_soft);
    hairline_below(ui.painter(), rect, colours.private_line);
    let wide = rect.width() >= ONE_ROW_FROM;
    let words = if wide { rect } else { rect.split_top_bottom_at_y(rect.top() + NARROW_WORDS).0 };
    let right = buttons(ui, words, peer, actions);
    let mut room = right;
    if wide {
        let size = Vec2::new(signs_width(ui, &code.signs), ROW_HEIGHT);
        let place = Align2::RIGHT_CENTER.anchor_size(pos2(right - space::X6, rect.center().y), size);
        signs(ui, place, code);
        room = place.left();
    } else {
        let below = rect.split_top_bottom_at_y(rect.top() + NARROW_WORDS).1;
        let side = side_padding(rect.width());
        let width = below.width() - 2.0 * side;
        let extent = Vec2::new(width.min(signs_width(ui, &code.signs)), signs_height(width));
        signs(ui, Align2::LEFT_TOP.anchor_size(below.left_top() + Vec2::new(side, 0.0), extent), code);
    }
    lead(ui, words, peer, room - space::X4);
}

fn lead(ui: &mut Ui, rect: Rect, peer: &UserName, right: f32) {
    let colours = palette(ui);
    let left = rect.left() + side_padding(rect.width());
    let shield = pos2(left + SHIELD / 2.0, rect.center().y);
    icon(ui.painter(), Icon::ShieldQuestionMark, shield, SHIELD, colours.private);
    let left = left + SHIELD + space::X4 + 2.0;
    let title = format!("Compare this code with {peer}");
    let strong = elided(ui.painter(), ink(style::LABEL.weight(600.0), colours.text), &title, right - left);
    let format = ink(style::SMALL, colours.text_2);
    let long = galley(ui.painter(), format, MEANS);
    let fits = long.size().x <= right - left;
    let means = if fits { long } else { elided(ui.painter(), format, MEANS_IN_SHORT, right - left) };
    let upper = put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - 9.0), strong);
    let lower = put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y + 9.0), means);
    let response = ui.interact(upper.union(lower), ui.scope_id().with("compare"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {MEANS}")));
    say_at_once(ui.ctx(), response.id);
}

/// What it means.
const MEANS: &str = "Equal on both screens: nobody sits between you.";
/// The same where there is less room.
const MEANS_IN_SHORT: &str = "Equal: nobody in between.";

/// The buttons at the right end; where they begin.
fn buttons(ui: &mut Ui, rect: Rect, peer: &UserName, actions: &mut Vec<Action>) -> f32 {
    let colours = palette(ui);
    let side = side_padding(rect.width()) - 11.0;
    let place = Rect::from_min_max(rect.min, pos2(rect.right() - side, rect.bottom()));
    let buttons = [
        Button::new(ButtonKind::Outline, "They match").into(),
        IconButton::new(Icon::EllipsisVertical, "More about the code").into(),
    ];
    let row = at_end(ui, place, ("code", space::X3), buttons);
    if row.clicked() == Some(0) {
        actions.push(Action::Private(PrivateVerb::Verify, peer.clone()));
    }
    let Some(more) = row.responses.last() else { return row.rect.left() };
    menu_of(more, MENU, |ui| {
        if menu_item(ui, Some(Icon::Hash), "Show 60 digits", "", colours.text).clicked() {
            actions.push(Action::Private(PrivateVerb::ShowCode, peer.clone()));
        }
        if menu_item(ui, Some(Icon::ShieldAlert), "They differ", "", colours.danger).clicked() {
            actions.push(Action::Private(PrivateVerb::Differ, peer.clone()));
        }
    });
    row.rect.left()
}

/// Width of the menu.
const MENU: f32 = 200.0;

/// The name of a sign, laid out, and the width of its place.
fn place_of(ui: &Ui, sign: Sign) -> (std::sync::Arc<eframe::egui::Galley>, f32) {
    let name = galley(ui.painter(), ink(style::TINY, palette(ui).text_2), sign.name);
    let width = (name.size().x + 2.0 * SIGN_PAD).max(SIGN_LEAST);
    (name, width)
}

/// How wide the box of these signs is with all names in full.
fn signs_width(ui: &Ui, signs: &[Sign]) -> f32 {
    signs.iter().map(|sign| place_of(ui, *sign).1).sum::<f32>() + 2.0 * space::X2
}

/// Draws the box of the signs, in as many rows as it is high.
fn signs(ui: &mut Ui, rect: Rect, code: &Code) {
    let colours = palette(ui);
    fill(ui.painter(), rect, radius::CARD, colours.bg_chat);
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.private_line);
    if rect.height() > ROW_HEIGHT {
        let (first, second) = code.signs.split_at(code.signs.len().div_ceil(2));
        let (upper, lower) = rect.split_top_bottom_at_fraction(0.5);
        row_of_signs(ui, upper, first);
        row_of_signs(ui, lower, second);
    } else {
        row_of_signs(ui, rect, &code.signs);
    }
    let response = ui.interact(rect, ui.scope_id().with("signs"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Code: {}", code.names())));
    say_at_once(ui.ctx(), response.id);
}

fn row_of_signs(ui: &Ui, rect: Rect, signs: &[Sign]) {
    let colours = palette(ui);
    // What is too much or too little is shared by all.
    let share = (rect.width() - signs_width(ui, signs)) / signs.len().max(1) as f32;
    let mut left = rect.left() + space::X2;
    for sign in signs {
        let (name, natural) = place_of(ui, *sign);
        let width = natural + share;
        let x = left + width / 2.0;
        let emoji = galley(ui.painter(), icon_format(EMOJI, colours.text), sign.emoji);
        put(ui.painter(), Align2::CENTER_CENTER, pos2(x, rect.top() + 19.0), emoji);
        put(ui.painter(), Align2::CENTER_CENTER, pos2(x, rect.bottom() - 12.0), name);
        left += width;
    }
}

/// What the user did in the dialog of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeAction {
    /// The codes are equal.
    Verify,
    /// They are not.
    Differ,
    /// Copy the digits.
    Copy,
    /// Close it.
    Close,
}

/// Width of the dialog.
const DIALOG: f32 = 460.0;
/// Groups of digits in a row.
const IN_A_ROW: usize = 4;

/// Draws the dialog with the whole code.
#[must_use]
pub fn dialog(ctx: &Context, peer: &UserName, code: &Code, verified: bool) -> Option<CodeAction> {
    let mut action = None;
    let name = format!("Code with {peer}");
    let close = framed(ctx, Dialog { name: &name, size: Vec2::new(DIALOG, 0.0), top: None }, |ui| {
        let colours = palette(ui);
        let inner = ui.max_rect().shrink2(Vec2::new(space::X6, space::X5 + 4.0));
        let mut body = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        label(&mut body, ink(style::TITLE, colours.text), &name);
        gap(&mut body, space::X3);
        let text = format!(
            "Read it to {peer} on the phone, or hold the screens side by side. The signs are those of this session; the \
             digits belong to your two devices and stay the same. Equal on both screens: nobody sits between you. If \
             they differ, somebody may: write nothing more."
        );
        paragraph(&mut body, ink(style::SMALL, colours.text_2), &text);
        gap(&mut body, space::X4);
        let width = body.available_width();
        let (rect, _) = body.allocate_exact_size(Vec2::new(width, signs_height(width)), Sense::hover());
        signs(&mut body, rect, code);
        gap(&mut body, space::X4);
        digits(&mut body, &code.digits);
        gap(&mut body, space::X5);
        body.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(space::X3);
            if !verified && ui.add(Button::new(ButtonKind::Private, "They match")).clicked() {
                action = Some(CodeAction::Verify);
            }
            if !verified && ui.add(Button::new(ButtonKind::OutlineDanger, "They differ")).clicked() {
                action = Some(CodeAction::Differ);
            }
            if ui.add(Button::new(ButtonKind::Outline, "Copy digits").icon(Icon::Copy)).clicked() {
                action = Some(CodeAction::Copy);
            }
            if ui.add(Button::new(ButtonKind::Ghost, "Close")).clicked() {
                action = Some(CodeAction::Close);
            }
        });
        let used = body.min_rect().expand2(Vec2::new(0.0, space::X5 + 4.0));
        ui.allocate_rect(used, Sense::hover());
    });
    action.or(close.then_some(CodeAction::Close))
}

fn digits(ui: &mut Ui, digits: &str) {
    let colours = palette(ui);
    let groups: Vec<&str> = digits.split_whitespace().collect();
    let rows: Vec<String> = groups.chunks(IN_A_ROW).map(|row| row.join("  ")).collect();
    for row in rows {
        let words = galley(ui.painter(), mono(style::CODE_DIGITS, colours.text), &row);
        let (rect, response) = ui.allocate_exact_size(words.size(), Sense::hover());
        put(ui.painter(), Align2::LEFT_TOP, rect.min, words);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &row));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::epaint::Shape;
    use egui_kittest::Harness;

    use super::*;
    use crate::theme;

    /// Where the names of the signs stand in a strip of this width.
    fn names(width: f32, code: Code) -> Vec<Rect> {
        let peer: UserName = "yoda".parse().unwrap();
        let mut styled = false;
        let harness =
            Harness::builder().with_size(Vec2::new(width, 400.0)).allow_missing_glyphs().build_ui(move |ui| {
                if !std::mem::replace(&mut styled, true) {
                    theme::install_fonts(ui.ctx());
                    theme::apply(ui.ctx(), theme::TextSize::Normal, 1.0, theme::Motion::Reduced);
                    return;
                }
                let rect = Rect::from_min_size(ui.max_rect().min, Vec2::new(width, height(width)));
                strip(ui, rect, &peer, &code, &mut Vec::new());
            });
        let texts = harness.output().shapes.iter().filter_map(|clipped| {
            let Shape::Text(text) = &clipped.shape else { return None };
            Some((text.galley.text().to_owned(), text.galley.mesh_bounds.translate(text.pos.to_vec2())))
        });
        texts.filter(|(words, _)| words == "headphones").map(|(_, place)| place).collect()
    }

    #[test]
    fn the_longest_names_stand_apart_and_whole_at_any_width() {
        let sign = Sign { emoji: "🎧", name: "headphones" };
        let code = Code { signs: vec![sign; 7], digits: String::new() };
        for width in [300.0, 320.0, 480.0, 600.0, 640.0, 859.0, 860.0, 1200.0] {
            let names = names(width, code.clone());
            assert_eq!(names.len(), 7, "at {width}");
            for (n, name) in names.iter().enumerate() {
                assert!(name.left() >= 0.0 && name.right() <= width, "{name} at {width}");
                assert!(names.iter().skip(n + 1).all(|other| !other.intersects(*name)), "{names:?} at {width}");
            }
        }
    }
}
