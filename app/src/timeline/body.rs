//! A row laid out: where its pieces lie, relative to its upper left corner.

use std::sync::Arc;

use eframe::egui::{CornerRadius, Galley, Painter, Pos2, Rect};
use lucide_icons::Icon;

use super::day::day_name;
use super::entry::{Company, Feed, Key, Look, Mark, Retry, Route};
use super::rows::RowPlace;
use super::text::Paragraph;
use crate::theme::{Palette, ink, region, side_padding, space, style};

/// Something in a row.
pub(super) enum Piece {
    /// The line of a day.
    Day { y: f32, words: Arc<Galley> },
    /// The line above what is new.
    NewLine { y: f32 },
    /// A bubble.
    Surface { rect: Rect, corners: CornerRadius, own: bool },
    /// The author's disc.
    Avatar { centre: Pos2, name: Arc<str> },
    /// Words that cannot be selected.
    Plain { at: Pos2, words: Arc<Galley> },
    /// Words of the message.
    Words { at: Pos2, words: Paragraph, block: usize },
    /// A block of code.
    Code { rect: Rect, words: Arc<Galley>, text: String, block: usize },
    /// The message that is answered.
    Quote { rect: Rect, author: Arc<Galley>, text: Arc<Galley>, key: Option<Key>, spoken: String },
    /// The time, with its right centre here.
    Time { at: Pos2, words: Arc<Galley>, always: bool },
    /// How far the message came.
    Mark { centre: Pos2, mark: Mark },
    /// What went wrong.
    Trouble { rect: Rect, words: Arc<Galley>, retry: Option<Retry>, text: String },
    /// A file; what it is stands in the entry.
    Card { rect: Rect },
    /// A line across the timeline about the way that words go.
    Across { y: f32, icon: Icon, words: Arc<Galley> },
    /// An icon.
    Icon { centre: Pos2, icon: Icon },
}

/// A row laid out.
pub(super) struct Body {
    /// The whole height, with what stands above.
    pub(super) height: f32,
    /// From where to where the message itself reaches, for the pointer.
    pub(super) message: Rect,
    /// What there is to paint.
    pub(super) pieces: Vec<Piece>,
}

impl Body {
    /// The bubble of the message, if it has one, and whether it is the user's own.
    pub(super) fn bubble(&self) -> Option<(Rect, bool)> {
        self.pieces
            .iter()
            .find_map(|piece| if let Piece::Surface { rect, own, .. } = piece { Some((*rect, *own)) } else { None })
    }
}

/// What every row of a timeline shares.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The width of the timeline.
    pub(super) width: f32,
    /// The colours.
    pub(super) colours: &'a Palette,
    /// Whether they are the dark ones.
    pub(super) dark: bool,
    /// How messages look.
    pub(super) look: Look,
    /// Which way they go.
    pub(super) route: Route,
    /// How many take part.
    pub(super) company: Company,
    /// Words to mark.
    pub(super) query: &'a str,
    /// The local day.
    pub(super) today: jiff::civil::Date,
}

impl<'a> Setting<'a> {
    /// That of a feed in a timeline of a width.
    pub(super) const fn of(feed: &Feed<'a>, width: f32, colours: &'a Palette, dark: bool) -> Self {
        let Feed { look, route, company, query, today, .. } = *feed;
        Self { width, colours, dark, look, route, company, query, today }
    }

    /// Room at both sides.
    pub(super) const fn pad(&self) -> f32 {
        side_padding(self.width)
    }

    /// The right end of the content.
    pub(super) const fn right(&self) -> f32 {
        (self.width - self.pad()).min(self.pad() + WIDEST)
    }

    /// The colour of the way the words go.
    pub(super) const fn accent(&self) -> eframe::egui::Color32 {
        match self.route {
            Route::Server => self.colours.accent,
            Route::Private => self.colours.private,
        }
    }

    /// How text is painted.
    pub(super) const fn ink(&self) -> super::text::Ink<'a> {
        let accent = match self.route {
            Route::Server => self.colours.accent,
            Route::Private => self.colours.private,
        };
        super::text::Ink { colours: self.colours, accent, query: self.query }
    }
}

/// The content is never wider than this; a wider pane has room at the right.
const WIDEST: f32 = 960.0;
/// Height of the "New" line with its room.
const NEW_ROW: f32 = 24.0;
/// Room below a line across the timeline.
const BELOW_LINE: f32 = 4.0;

/// Lays out what stands above a message; where the message begins.
pub(super) fn lead(painter: &Painter, setting: &Setting<'_>, place: RowPlace, pieces: &mut Vec<Piece>) -> f32 {
    let mut y = 0.0;
    if let Some(day) = place.day {
        if !place.first {
            y += space::X3;
        }
        let name = day_name(day, setting.today);
        let words = super::super::kit::galley(painter, ink(style::SECTION, setting.colours.text_2), &name);
        pieces.push(Piece::Day { y: y + region::DAY_ROW / 2.0, words });
        y += region::DAY_ROW + BELOW_LINE;
    }
    if place.new_line {
        let above = if place.day.is_some() { 0.0 } else { space::X3 };
        pieces.push(Piece::NewLine { y: y + above + NEW_ROW / 2.0 });
        y += above + NEW_ROW + BELOW_LINE;
    }
    if place.day.is_none() && !place.new_line {
        y += if place.head { region::GROUP_GAP } else { region::FOLLOW_GAP };
    }
    y
}
