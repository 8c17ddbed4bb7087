//! Paints the pieces of a row.

use eframe::egui::{
    Align2, CornerRadius, CursorIcon, Galley, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::body::{Body, Piece, Setting};
use super::entry::{EntryKind, Key, Look, Mark, Retry, Route, TimelineAction, Written};
use super::rows::Row;
use super::select::Selection;
use super::text::{CODE_BOX, Paragraph, boxes};
use super::view::HOVER_REACH;
use crate::kit::{Avatar, Button, ButtonKind, file_card, fill, galley, icon, menu_of, put, tip};
use crate::platform::links;
use crate::theme::{control, icon as icon_size, ink, radius, space, stroke, style};

/// Where rows are painted, and what comes of it.
pub(super) struct Canvas<'a> {
    pub(super) rect: Rect,
    pub(super) setting: &'a Setting<'a>,
    pub(super) actions: &'a mut Vec<TimelineAction>,
    /// The link that was right-clicked in this frame.
    pub(super) pointed: Option<String>,
}

impl Body {
    /// Whether words that can be selected lie at a place.
    pub(super) fn is_text(&self, at: Pos2) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Words { at: top, words, .. } => Rect::from_min_size(*top, words.galley.size()).contains(at),
            Piece::Code { rect, .. } => rect.contains(at),
            Piece::Day { .. }
            | Piece::NewLine { .. }
            | Piece::Surface { .. }
            | Piece::Avatar { .. }
            | Piece::Plain { .. }
            | Piece::Quote { .. }
            | Piece::Time { .. }
            | Piece::Mark { .. }
            | Piece::Trouble { .. }
            | Piece::Card { .. }
            | Piece::Across { .. }
            | Piece::Icon { .. } => false,
        })
    }
}

impl Canvas<'_> {
    /// Paints a row at a place of the screen.
    pub(super) fn row(
        &mut self,
        ui: &mut Ui,
        row: &Row,
        body: &Body,
        at: Pos2,
        hovered: bool,
        selection: Option<Selection>,
    ) {
        let colours = self.setting.colours;
        if hovered && self.setting.look == Look::Compact {
            let area = body.message.translate(at.to_vec2()).expand2(HOVER_REACH);
            fill(ui.painter(), area, radius::CONTROL, colours.hover_chat);
        }
        let key = row.entry.key;
        let move_by = at.to_vec2();
        for piece in &body.pieces {
            match piece {
                Piece::Day { y, words } => self.day(ui, at.y + y, words.clone()),
                Piece::NewLine { y } => self.new_line(ui, at.y + y),
                Piece::Surface { rect, corners, own } => self.surface(ui, rect.translate(move_by), *corners, *own),
                Piece::Avatar { centre, name } => Avatar::new(name).paint(ui, *centre + move_by),
                Piece::Plain { at, words } => {
                    put(ui.painter(), Align2::LEFT_TOP, *at + move_by, words.clone());
                }
                Piece::Words { at, words, block } => {
                    let selected = selection.and_then(|selection| selection.within(key, *block));
                    self.words(ui, key, *at + move_by, words, *block, selected);
                }
                Piece::Code { rect, words, text, block } => {
                    let selected = selection.and_then(|selection| selection.within(key, *block));
                    self.code(ui, (key, *block), rect.translate(move_by), words, text, selected);
                }
                Piece::Quote { .. } => self.quote(ui, key, piece, move_by),
                Piece::Time { at, words, always } => {
                    if *always || hovered {
                        put(ui.painter(), Align2::RIGHT_CENTER, *at + move_by, words.clone());
                    }
                }
                Piece::Mark { centre, mark } => self.mark(ui, row, *centre + move_by, *mark),
                Piece::Trouble { rect, words, retry, text } => {
                    let rect = rect.translate(move_by);
                    put(ui.painter(), Align2::LEFT_CENTER, rect.left_center(), words.clone());
                    let right = rect.left() + words.size().x;
                    self.trouble(ui, key, rect, right, *retry, text);
                }
                Piece::Card { rect } => self.card(ui, row, rect.translate(move_by)),
                Piece::Across { y, icon: glyph, words } => self.across(ui, at.y + y, *glyph, words.clone()),
                Piece::Icon { centre, icon: glyph } => {
                    icon(ui.painter(), *glyph, *centre + move_by, icon_size::SMALL, colours.text_3);
                }
            }
        }
    }

    fn card(&mut self, ui: &mut Ui, row: &Row, rect: Rect) {
        let EntryKind::Message(Written { card: Some(card), .. }) = &row.entry.kind else { return };
        let key = row.entry.key;
        let action = ui.push_id(("card", key), |ui| file_card(ui, rect, card)).inner;
        self.actions.extend(action.map(|action| TimelineAction::File(key, action)));
    }

    fn across(&self, ui: &Ui, y: f32, glyph: Icon, words: std::sync::Arc<Galley>) {
        let colours = self.setting.colours;
        let left = self.rect.left() + self.setting.pad();
        let right = self.rect.left() + self.setting.right();
        let room = icon_size::SMALL + 6.0;
        let middle = pos2(f32::midpoint(left, right) + room / 2.0, y);
        let place = put(ui.painter(), Align2::CENTER_CENTER, middle, words);
        let centre = pos2(place.left() - room + icon_size::SMALL / 2.0, y);
        icon(ui.painter(), glyph, centre, icon_size::SMALL, colours.private);
        let line = Stroke::new(stroke::HAIRLINE, colours.line);
        ui.painter().hline(left..=centre.x - space::X4 - space::X2, y, line);
        ui.painter().hline(place.right() + space::X4..=right, y, line);
    }

    fn day(&self, ui: &Ui, y: f32, words: std::sync::Arc<Galley>) {
        let left = self.rect.left() + self.setting.pad();
        let right = self.rect.left() + self.setting.right();
        let middle = pos2(f32::midpoint(left, right), y);
        let place = put(ui.painter(), Align2::CENTER_CENTER, middle, words);
        let line = Stroke::new(stroke::HAIRLINE, self.setting.colours.line);
        ui.painter().hline(left..=place.left() - space::X5 + 2.0, y, line);
        ui.painter().hline(place.right() + space::X5 - 2.0..=right, y, line);
    }

    fn new_line(&self, ui: &Ui, y: f32) {
        let colours = self.setting.colours;
        let left = self.rect.left() + self.setting.pad();
        let right = self.rect.left() + self.setting.right();
        let words = galley(ui.painter(), ink(style::TINY.weight(600.0), colours.on_accent), "New");
        let size = Vec2::new(words.size().x + 2.0 * (space::X3 - 1.0), control::PILL);
        let tag = Align2::RIGHT_CENTER.anchor_size(pos2(right, y), size);
        ui.painter().hline(left..=tag.left() - space::X3, y, (stroke::HAIRLINE, colours.accent));
        fill(ui.painter(), tag, radius::CHIP, colours.accent_fill);
        put(ui.painter(), Align2::CENTER_CENTER, tag.center(), words);
    }

    fn surface(&self, ui: &Ui, rect: Rect, corners: CornerRadius, own: bool) {
        let colours = self.setting.colours;
        let colour = match (own, self.setting.route) {
            (false, _) => colours.bg_raised,
            (true, Route::Server) => colours.selected,
            (true, Route::Private) => colours.private_soft,
        };
        ui.painter().rect_filled(rect, corners, colour);
    }

    pub(super) fn selected(&self, ui: &Ui, at: Pos2, galley: &Galley, range: Option<std::ops::Range<usize>>) {
        let Some(range) = range else { return };
        for area in boxes(galley, &range) {
            fill(ui.painter(), area.translate(at.to_vec2()), 0.0, self.setting.colours.mark);
        }
    }

    fn words(
        &mut self,
        ui: &Ui,
        key: Key,
        at: Pos2,
        words: &Paragraph,
        block: usize,
        selected: Option<std::ops::Range<usize>>,
    ) {
        let colours = self.setting.colours;
        let ground = if self.setting.look == Look::Bubbles { colours.bg_chat } else { colours.bg_raised };
        for range in &words.codes {
            for area in boxes(&words.galley, range) {
                fill(ui.painter(), area.translate(at.to_vec2()).expand2(CODE_BOX), radius::CHIP, ground);
            }
        }
        self.selected(ui, at, &words.galley, selected);
        put(ui.painter(), Align2::LEFT_TOP, at, words.galley.clone());
        for (index, link) in words.links.iter().enumerate() {
            let areas = boxes(&words.galley, &link.characters);
            for (line, area) in areas.into_iter().enumerate() {
                let id = ui.scope_id().with(("link", key, block, index, line));
                let area = area.translate(at.to_vec2());
                ui.painter().hline(
                    area.x_range(),
                    area.center().y + UNDERLINE,
                    (stroke::HAIRLINE, self.setting.accent()),
                );
                let response = ui.interact(area, id, Sense::click());
                response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &link.target));
                let response = tip(response.on_hover_cursor(CursorIcon::PointingHand), &leads_to(&link.target));
                if response.clicked() {
                    self.actions.push(TimelineAction::Open(link.target.clone()));
                }
                if response.secondary_clicked() {
                    self.pointed = Some(link.target.clone());
                }
            }
        }
    }

    fn quote(&mut self, ui: &Ui, key: Key, piece: &Piece, move_by: Vec2) {
        let Piece::Quote { rect, author, text, key: target, spoken } = piece else { return };
        let rect = rect.translate(move_by);
        let bar = Rect::from_min_size(rect.min, Vec2::new(stroke::FOCUS, rect.height()));
        fill(ui.painter(), bar, 0.0, self.setting.accent());
        let left = rect.min + Vec2::new(super::compact::QUOTE_PAD, 0.0);
        let place = put(ui.painter(), Align2::LEFT_TOP, left, author.clone());
        put(ui.painter(), Align2::LEFT_TOP, place.left_bottom(), text.clone());
        let Some(target) = *target else { return };
        let width = author.size().x.max(text.size().x) + space::X4;
        let area = Rect::from_min_size(rect.min, Vec2::new(width.min(rect.width()), rect.height()));
        let response = ui.interact(area, ui.scope_id().with(("quote", key)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Link, true, spoken));
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            self.actions.push(TimelineAction::Show(target));
        }
    }

    fn mark(&self, ui: &Ui, row: &Row, centre: Pos2, mark: Mark) {
        let colours = self.setting.colours;
        let painter = ui.painter();
        match mark {
            Mark::Saved | Mark::OnItsWay => icon(painter, Icon::Clock, centre, icon_size::SMALL, colours.text_3),
            Mark::Accepted => icon(painter, Icon::Check, centre, icon_size::BASE, colours.text_3),
            Mark::Delivered => icon(painter, Icon::CheckCheck, centre, icon_size::BASE, colours.text_3),
            Mark::Read => {
                let ink = if self.setting.route == Route::Private { colours.on_private } else { colours.on_accent };
                painter.circle_filled(centre, READ_DISC, self.setting.accent());
                icon(painter, Icon::Check, centre, READ_TICK, ink);
            }
            Mark::Failed => icon(painter, Icon::CircleAlert, centre, icon_size::BASE, colours.danger),
        }
        let id = ui.scope_id().with(("mark", row.entry.key));
        let area = Rect::from_center_size(centre, Vec2::splat(control::MIN_TARGET - 4.0));
        let response = ui.interact(area, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, mark.words()));
        let response = tip(response.on_hover_cursor(CursorIcon::PointingHand), mark.words());
        menu_of(&response, DETAILS_WIDTH, |ui| details(ui, row, mark));
    }

    fn trouble(&mut self, ui: &mut Ui, key: Key, rect: Rect, right: f32, retry: Option<Retry>, text: &str) {
        let id = ui.scope_id().with(("trouble", key));
        let words = Rect::from_min_max(rect.min, pos2(right, rect.bottom()));
        let spoken = ui.interact(words, id, Sense::hover());
        spoken.widget_info(|| WidgetInfo::labeled(Role::Alert, true, text));
        let Some(retry) = retry else { return };
        let from = pos2(right + space::X4, rect.top());
        let room = Rect::from_min_max(from, pos2(rect.right().max(from.x + 1.0), rect.bottom()));
        let layout = eframe::egui::Layout::left_to_right(eframe::egui::Align::Center);
        let builder = eframe::egui::UiBuilder::new().max_rect(room).layout(layout).id_salt(("buttons", key));
        ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.x = space::X3;
            if retry == Retry::Possible {
                let button = Button::new(ButtonKind::Outline, "Retry").icon(Icon::RotateCw).small();
                if ui.add(button).clicked() {
                    self.actions.push(TimelineAction::Retry(key));
                }
            }
            if ui.add(Button::new(ButtonKind::Ghost, "Delete").small()).clicked() {
                self.actions.push(TimelineAction::Delete(key));
            }
        });
    }
}

/// What is told of a link before it is opened.
fn leads_to(target: &str) -> String {
    match links::site(target) {
        (_, None) => target.to_owned(),
        (site, Some(_)) => format!("{target}\nLeads to {site}"),
    }
}

/// From the middle of a line to the line under a link.
const UNDERLINE: f32 = 7.5;
/// The disc of a read message, and its tick.
const READ_DISC: f32 = 7.0;
const READ_TICK: f32 = 10.0;
/// Width of the box that tells the steps of a message.
const DETAILS_WIDTH: f32 = 232.0;

/// The steps that a message has done, each with its time.
fn details(ui: &mut Ui, row: &Row, mark: Mark) {
    let super::entry::EntryKind::Message(written) = &row.entry.kind else { return };
    let colours = crate::theme::palette(ui);
    let steps: &[(Mark, String)] = &written.steps;
    let size = Vec2::new(ui.available_width(), control::MIN_TARGET);
    for (step, at) in steps {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let words = galley(ui.painter(), ink(style::SMALL, colours.text), step.words());
        put(ui.painter(), Align2::LEFT_CENTER, rect.left_center() + Vec2::new(space::X3, 0.0), words);
        let time = galley(ui.painter(), crate::theme::numbers(style::META, colours.text_2), at);
        put(ui.painter(), Align2::RIGHT_CENTER, rect.right_center() - Vec2::new(space::X3, 0.0), time);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}, {at}", step.words())));
    }
    if steps.is_empty() {
        crate::kit::label(ui, ink(style::SMALL, colours.text), mark.words());
    }
}
