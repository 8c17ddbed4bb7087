//! Text formats from the tokens: face, size, line height, weight and colour in one value.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use eframe::egui::{
    self, Color32, FontFamily, FontId, TextFormat,
    epaint::text::VariationCoords,
    text::{LayoutJob, TextWrapping},
};

use super::token::{self, TextStyle};

/// A family of faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Inter.
    Words,
    /// Inter with tabular digits.
    Numbers,
    /// Hack.
    Code,
    /// Lucide.
    Icons,
    /// The system's font of emoji.
    Emoji,
}

static NUMBERS: LazyLock<Arc<str>> = LazyLock::new(|| "numbers".into());
static EMOJI: LazyLock<Arc<str>> = LazyLock::new(|| "emoji".into());
static ICONS: LazyLock<Arc<str>> = LazyLock::new(|| "icons".into());

impl Face {
    /// Its name in egui.
    #[must_use]
    pub fn family(self) -> FontFamily {
        match self {
            Self::Words => FontFamily::Proportional,
            Self::Numbers => FontFamily::Name(Arc::clone(&NUMBERS)),
            Self::Code => FontFamily::Monospace,
            Self::Icons => FontFamily::Name(Arc::clone(&ICONS)),
            Self::Emoji => FontFamily::Name(Arc::clone(&EMOJI)),
        }
    }
}

/// A text format in the making.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    /// The face.
    pub face: Face,
    /// Size, line height and weight.
    pub style: TextStyle,
    /// The colour.
    pub colour: Color32,
}

/// Words in a style and colour.
#[must_use]
pub const fn ink(style: TextStyle, colour: Color32) -> Format {
    Format { face: Face::Words, style, colour }
}

/// Words whose digits all have one width.
#[must_use]
pub const fn numbers(style: TextStyle, colour: Color32) -> Format {
    Format { face: Face::Numbers, style, colour }
}

/// Code.
#[must_use]
pub const fn code(style: TextStyle, colour: Color32) -> Format {
    Format { face: Face::Code, style, colour }
}

/// An icon of a size; its line is the size, so that the glyph's box is the icon's.
#[must_use]
pub const fn icon_format(size: f32, colour: Color32) -> Format {
    Format { face: Face::Icons, style: TextStyle { size, line: size, weight: 0.0 }, colour }
}

impl Format {
    /// As egui takes it.
    #[must_use]
    pub fn text_format(self) -> TextFormat {
        let coords = match self.face {
            Face::Words | Face::Numbers => VariationCoords::new([(b"wght", self.style.weight)]),
            Face::Code | Face::Icons | Face::Emoji => VariationCoords::default(),
        };
        TextFormat {
            font_id: FontId::new(self.style.size, self.face.family()),
            line_height: Some(self.style.line),
            color: self.colour,
            coords,
            valign: egui::Align::Center,
            ..TextFormat::default()
        }
    }

    /// A job of one piece of text in this format.
    #[must_use]
    pub fn job(self, text: impl Into<String>, wrap: TextWrapping) -> LayoutJob {
        let mut job = LayoutJob { wrap, ..LayoutJob::default() };
        super::emoji::append(&mut job, &text.into(), 0.0, &self.text_format());
        job
    }
}

/// What egui's own widgets use.
pub(super) fn styles() -> BTreeMap<egui::TextStyle, FontId> {
    BTreeMap::from([
        (egui::TextStyle::Heading, FontId::proportional(token::style::HEADING.size)),
        (egui::TextStyle::Body, FontId::proportional(token::style::BODY.size)),
        (egui::TextStyle::Button, FontId::proportional(token::style::LABEL.size)),
        (egui::TextStyle::Small, FontId::proportional(token::style::META.size)),
        (egui::TextStyle::Monospace, FontId::monospace(token::style::MONO.size)),
    ])
}
