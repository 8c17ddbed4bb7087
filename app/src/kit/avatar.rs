//! A user's disc with their letters, and the dot that says whether they are here.

use eframe::egui::{Align2, Color32, Painter, Pos2, Rect, Ui, Vec2};

use super::paint::{galley, put};
use crate::theme::{Disc, Palette, TextStyle, ink, palette, region, stroke};

/// Whether a user is here, by shape before colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Here.
    Online,
    /// Not here.
    Offline,
    /// Was here when the line was lost.
    WasOnline,
    /// Was not here when the line was lost.
    WasOffline,
}

impl Presence {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Offline => "Offline",
            Self::WasOnline => "Last known online",
            Self::WasOffline => "Last known offline",
        }
    }
}

/// Paints the presence shape around `centre`.
pub fn presence_dot(painter: &Painter, colours: &Palette, centre: Pos2, diameter: f32, presence: Presence) {
    let radius = diameter / 2.0;
    let ring = radius - stroke::PRESENCE / 2.0;
    match presence {
        Presence::Online => painter.circle_filled(centre, radius, colours.online),
        Presence::WasOnline => painter.circle_filled(centre, radius, colours.text_3),
        Presence::Offline | Presence::WasOffline => {
            painter.circle_stroke(centre, ring, (stroke::PRESENCE, colours.text_3))
        }
    };
}

/// The disc cut out around the dot, in points wider than it.
const CUT_OUT: f32 = 4.0;
/// Letters are this large on the smallest disc, and grow with it by this part of its diameter.
const LETTERS_LEAST: f32 = 5.0;
const LETTERS: f32 = 8.0 / 36.0;
/// FNV-1a with the finish of `MurmurHash3`; chosen so that the sample accounts get the discs of the design.
const HASH_SEED: u32 = 549_744_404;
const HASH_PRIME: u32 = 16_777_619;
const HASH_FINISH: u32 = 0x85EB_CA6B;

/// A user's disc.
#[derive(Clone, Copy, Debug)]
pub struct Avatar<'a> {
    name: &'a str,
    diameter: f32,
    presence: Option<(Presence, Color32)>,
}

impl<'a> Avatar<'a> {
    /// The disc of `name`.
    #[must_use]
    pub const fn new(name: &'a str) -> Self {
        Self { name, diameter: region::AVATAR, presence: None }
    }

    /// Of another size.
    #[must_use]
    pub const fn diameter(mut self, diameter: f32) -> Self {
        self.diameter = diameter;
        self
    }

    /// With the dot, cut out in the colour of what lies behind.
    #[must_use]
    pub const fn presence(mut self, presence: Presence, behind: Color32) -> Self {
        self.presence = Some((presence, behind));
        self
    }

    /// Paints it around `centre`.
    pub fn paint(self, ui: &Ui, centre: Pos2) {
        let colours = palette(ui);
        let painter = ui.painter();
        let disc = disc_of(self.name, colours);
        painter.circle_filled(centre, self.diameter / 2.0, disc.fill);
        let size = LETTERS_LEAST + self.diameter * LETTERS;
        let letters = TextStyle { size, line: size, weight: 600.0 };
        let words = galley(painter, ink(letters, disc.letters), &initials(self.name));
        put(painter, Align2::CENTER_CENTER, centre, words);
        if let Some((presence, behind)) = self.presence {
            let reach = self.diameter / 2.0 - region::PRESENCE / 2.0 - 1.0;
            let corner = centre + Vec2::splat(reach);
            painter.circle_filled(corner, f32::midpoint(region::PRESENCE, CUT_OUT), behind);
            presence_dot(painter, colours, corner, region::PRESENCE, presence);
        }
    }

    /// The box it takes.
    #[must_use]
    pub fn rect(self, centre: Pos2) -> Rect {
        Rect::from_center_size(centre, Vec2::splat(self.diameter))
    }
}

/// The first letter, and the second character where it is a digit: names like r2d2 are told by it.
fn initials(name: &str) -> String {
    let mut characters = name.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    match characters.next() {
        Some(second) if second.is_ascii_digit() => format!("{first}{second}"),
        _ => first,
    }
}

fn disc_of(name: &str, colours: &Palette) -> Disc {
    let mut hash = HASH_SEED;
    for byte in name.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(HASH_PRIME);
    }
    hash = (hash ^ (hash >> 16)).wrapping_mul(HASH_FINISH);
    hash ^= hash >> 13;
    let [first, ..] = colours.avatars;
    let index = usize::try_from((hash >> 8) % 8).unwrap_or_default();
    colours.avatars.get(index).copied().unwrap_or(first)
}
