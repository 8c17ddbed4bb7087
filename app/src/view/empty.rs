//! What is shown where there is nothing to show yet.

use eframe::egui::{
    Align, Align2, CursorIcon, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, text::TextWrapping,
};
use lucide_icons::Icon;
use whoelse_model::ChatId;

use super::action::{Action, Panel};
use crate::command::{Spec, Verb, keys_of};
use crate::kit::{
    Button, ButtonKind, Field, Ring, fill, focus_ring, galley, hairline_below, icon, key_cap, key_caps, label,
    label_at, logo, put, rule, space as gap, wrapped,
};
use crate::theme::{Format, icon as icon_size, ink, palette, radius, space, stroke, style};

/// No chat is open.
#[derive(Clone, Debug)]
pub struct NoChat {
    /// People online.
    pub online: usize,
}

/// Nobody else has an account yet.
#[derive(Clone, Debug)]
pub struct FirstStart {
    /// The line that others join with, if it is known here.
    pub invitation: String,
}

/// A chat in which nothing was written yet: a title, and what becomes of the first words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingYet {
    /// "No messages with yoda yet".
    pub title: String,
    /// What to know before the first one.
    pub text: String,
}

/// Draws it into the middle of `rect`.
pub(super) fn nothing_yet(ui: &mut Ui, rect: Rect, words: &NothingYet) {
    let colours = palette(ui);
    let mut child = column(ui, rect, MIDDLE, 120.0);
    let ui = &mut child;
    let (place, _) = ui.allocate_exact_size(Vec2::splat(icon_size::EMPTY), Sense::hover());
    icon(ui.painter(), Icon::MessageSquare, place.center(), icon_size::EMPTY, colours.text_3);
    gap(ui, space::X4);
    centred(ui, ink(style::HEADING, colours.text), &words.title);
    gap(ui, space::X2);
    centred(ui, ink(style::SMALL, colours.text_2), &words.text);
}

/// Width of what stands in the middle.
const MIDDLE: f32 = 440.0;
const FIRST_MIDDLE: f32 = 560.0;

/// A child over the middle column of `rect`, `height` high.
fn column(ui: &mut Ui, rect: Rect, width: f32, height: f32) -> Ui {
    let width = width.min(rect.width() - 2.0 * space::X6);
    let place = Rect::from_center_size(rect.center(), Vec2::new(width, height.min(rect.height())));
    ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)))
}

impl NoChat {
    /// Draws it over `rect`.
    pub fn show(&self, ui: &mut Ui, rect: Rect, actions: &mut Vec<Action>) {
        let colours = palette(ui);
        fill(ui.painter(), rect, 0.0, colours.bg_chat);
        let mut child = column(ui, rect, MIDDLE, 390.0);
        let ui = &mut child;
        let (dots, _) = ui.allocate_exact_size(Vec2::new(66.0, 28.0), Sense::hover());
        ui.painter().circle_filled(dots.left_center() + Vec2::new(14.0, 0.0), 14.0, colours.accent);
        let ring = dots.right_center() - Vec2::new(14.0, 0.0);
        ui.painter().circle_stroke(ring, 11.5, (5.0, colours.line_field));
        gap(ui, space::X5 + 2.0);
        label(ui, ink(style::TITLE, colours.text), "Who else?");
        gap(ui, space::X2);
        let who = match self.online {
            0 => "Nobody else is online.".to_owned(),
            1 => "1 person is online.".to_owned(),
            many => format!("{many} people are online."),
        };
        centred(ui, ink(style::SMALL, colours.text_2), &format!("{who} Pick a chat on the left, or type a name."));
        gap(ui, space::X6);
        if switcher_field(ui) {
            actions.push(Action::OpenSwitcher);
        }
        gap(ui, space::X5 + 2.0);
        keys(ui);
        gap(ui, space::X5);
        buttons(ui, actions);
    }
}

/// A paragraph whose lines stand in the middle.
fn centred(ui: &mut Ui, format: Format, text: &str) {
    let mut job = format.job(text, TextWrapping::wrap_at_width(ui.available_width()));
    job.halign = Align::Center;
    let galley = ui.painter().layout_job(job);
    let (place, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    ui.painter().galley(place.center_top(), galley, palette(ui).text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

fn switcher_field(ui: &mut Ui) -> bool {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 44.0), Sense::click());
    let edge = if response.hovered() { colours.text_3 } else { colours.line_field };
    fill(ui.painter(), rect, radius::CARD, colours.bg_field);
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, edge);
    let centre = rect.left_center() + Vec2::new(24.0, 0.0);
    icon(ui.painter(), Icon::Search, centre, icon_size::LARGE, colours.text_2);
    let words = galley(ui.painter(), ink(style::BODY, colours.text_3), "Go to a person, chat or command");
    put(ui.painter(), Align2::LEFT_CENTER, rect.left_center() + Vec2::new(42.0, 0.0), words);
    key_cap(ui, rect.right_center() - Vec2::new(14.0, 0.0), &keys_of(Verb::Switcher));
    focus_ring(ui, &response, rect, radius::CARD, Ring::Outside);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Go to a person, chat or command"));
    response.on_hover_cursor(CursorIcon::Text).clicked()
}

/// What is worth knowing first.
const KEYS: [Verb; 4] = [Verb::NextUnread, Verb::NextTab, Verb::SearchAll, Verb::Keys];

fn keys(ui: &mut Ui) {
    let colours = palette(ui);
    let row = 33.0;
    let height = row * KEYS.len() as f32 + 12.0;
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.line);
    let mut y = rect.top() + 6.0;
    for (index, spec) in KEYS.into_iter().filter_map(Spec::of).enumerate() {
        let line = Rect::from_min_size(pos2(rect.left() + 14.0, y), Vec2::new(rect.width() - 28.0, row));
        let layout = Layout::left_to_right(Align::Center);
        let mut child = ui.new_child(UiBuilder::new().max_rect(line).layout(layout));
        key_caps(&mut child, &keys_of(spec.verb), 92.0);
        gap(&mut child, space::X4);
        label(&mut child, ink(style::SMALL, colours.text_2), spec.words);
        if index + 1 < KEYS.len() {
            hairline_below(ui.painter(), line, colours.line);
        }
        y += row;
    }
}

fn buttons(ui: &mut Ui, actions: &mut Vec<Action>) {
    let (row, _) = ui.allocate_exact_size(Vec2::new(316.0, 32.0), Sense::hover());
    let layout = Layout::left_to_right(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(row).layout(layout));
    child.spacing_mut().item_spacing.x = space::X3;
    if child.add(Button::new(ButtonKind::Outline, "Write to everyone").icon(Icon::Megaphone)).clicked() {
        actions.push(Action::OpenChat(ChatId::Everyone));
    }
    if child.add(Button::new(ButtonKind::Outline, "Who was online").icon(Icon::History)).clicked() {
        actions.push(Action::OpenPanel(Panel::WhoWasOnline));
    }
}

impl FirstStart {
    /// Draws it over `rect`.
    pub fn show(&self, ui: &mut Ui, rect: Rect, actions: &mut Vec<Action>) {
        let colours = palette(ui);
        fill(ui.painter(), rect, 0.0, colours.bg_chat);
        let mut child = column(ui, rect, FIRST_MIDDLE, 430.0);
        let ui = &mut child;
        let (sign, _) = ui.allocate_exact_size(Vec2::splat(54.0), Sense::hover());
        logo(ui, sign.center(), 56.0);
        gap(ui, space::X5 + 2.0);
        label(ui, ink(style::TITLE, colours.text), "You are the first one here");
        gap(ui, space::X3);
        let text = "Give this invitation to your team. It tells Whoelse where the server is and how to recognize it.";
        centred(ui, ink(style::BODY, colours.text_2), text);
        gap(ui, space::X6);
        self.invitation(ui, actions);
        gap(ui, space::X4);
        facts(ui);
    }

    fn invitation(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let colours = palette(ui);
        let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 114.0), Sense::hover());
        fill(ui.painter(), rect, radius::CARD, colours.bg_raised);
        rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.line);
        let inner = rect.shrink2(Vec2::new(space::X5 + 1.0, space::X4 + 2.0));
        let layout = Layout::top_down(Align::Min);
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        let ui = &mut child;
        label(ui, ink(style::LABEL, colours.text), "Invitation");
        gap(ui, space::X2 + 1.0);
        ui.horizontal(|ui| {
            let mut text = self.invitation.clone();
            let width = ui.available_width() - 92.0;
            Field::new("Invitation").mono().width(width).show(ui, &mut text);
            gap(ui, space::X3);
            if ui.add(Button::new(ButtonKind::Primary, "Copy").icon(Icon::Copy).form()).clicked() {
                actions.push(Action::Copy(self.invitation.clone()));
            }
        });
        gap(ui, space::X3);
        let text = "Anyone with this invitation can create an account while the server lets new people in.";
        label(ui, ink(style::META, colours.text_3), text);
    }
}

const FACTS: [(Icon, &str, &str); 3] = [
    (Icon::CheckCheck, "It arrives", "Ticks show how far each message got."),
    (Icon::Megaphone, "To everyone", "One message to all who are online."),
    (Icon::History, "Who was here", "See who was online in the last 30 days."),
];

fn facts(ui: &mut Ui) {
    let colours = palette(ui);
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 116.0), Sense::hover());
    let width = (row.width() - 2.0 * space::X4) / 3.0;
    for (index, (glyph, title, text)) in FACTS.iter().enumerate() {
        let left = row.left() + index as f32 * (width + space::X4);
        let card = Rect::from_min_size(pos2(left, row.top()), Vec2::new(width, row.height()));
        rule(ui.painter(), card, radius::CARD, stroke::HAIRLINE, colours.line);
        let inner = card.shrink(space::X5 + 1.0);
        icon(ui.painter(), *glyph, inner.min + Vec2::new(9.0, 8.0), icon_size::LARGE + 2.0, colours.accent);
        let at = inner.min + Vec2::new(0.0, 24.0);
        let title = label_at(ui, Align2::LEFT_TOP, at, ink(style::STRONG, colours.text), title, inner.width());
        let words = wrapped(ui.painter(), ink(style::SMALL, colours.text_2), text, inner.width());
        put(ui.painter(), Align2::LEFT_TOP, title.left_bottom() + Vec2::new(0.0, 1.0), words);
    }
}
