//! The tokens as constants, generated from `assets/tokens.toml`. Nothing else in the app writes a colour or a size
//! of its own.

use eframe::egui::{Color32, epaint::Shadow};

/// The colours of one theme. What each is for stands in `assets/tokens.toml`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is documented beside its value in tokens.toml")]
pub struct Palette {
    pub bg_side: Color32,
    pub bg_chat: Color32,
    pub bg_raised: Color32,
    pub bg_popup: Color32,
    pub bg_field: Color32,
    pub hover: Color32,
    pub hover_chat: Color32,
    pub press: Color32,
    pub selected: Color32,
    pub line: Color32,
    pub line_field: Color32,
    pub text: Color32,
    pub text_2: Color32,
    pub text_3: Color32,
    pub accent: Color32,
    pub accent_fill: Color32,
    pub on_accent: Color32,
    pub accent_soft: Color32,
    pub private: Color32,
    pub private_fill: Color32,
    pub on_private: Color32,
    pub private_soft: Color32,
    pub private_selected: Color32,
    pub private_line: Color32,
    pub online: Color32,
    pub warn: Color32,
    pub warn_soft: Color32,
    pub danger: Color32,
    pub danger_fill: Color32,
    pub on_danger: Color32,
    pub danger_soft: Color32,
    pub mark: Color32,
    pub scrim: Color32,
    pub shadow: Color32,
    /// Avatar discs, chosen by a hash of the name.
    pub avatars: [Disc; 8],
}

/// An avatar's colours.
#[derive(Clone, Copy, Debug)]
pub struct Disc {
    /// The disc.
    pub fill: Color32,
    /// The letters on it.
    pub letters: Color32,
}

/// A text style: size and line height in points, weight on the axis `wght`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Points.
    pub size: f32,
    /// Points.
    pub line: f32,
    /// 400 is regular.
    pub weight: f32,
}

impl TextStyle {
    /// The same style in another weight.
    #[must_use]
    pub const fn weight(self, weight: f32) -> Self {
        Self { weight, ..self }
    }
}

/// A shadow without its colour, which is the palette's.
#[derive(Clone, Copy, Debug)]
pub struct ShadowToken {
    offset: [i8; 2],
    blur: u8,
    spread: u8,
}

impl ShadowToken {
    /// The shadow in a theme.
    #[must_use]
    pub const fn of(self, palette: &Palette) -> Shadow {
        Shadow { offset: self.offset, blur: self.blur, spread: self.spread, color: palette.shadow }
    }
}

const fn opaque(rgb: u32) -> Color32 {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

const fn translucent(rgba: u32) -> Color32 {
    let [r, g, b, a] = rgba.to_be_bytes();
    Color32::from_rgba_unmultiplied_const(r, g, b, a)
}

include!(concat!(env!("OUT_DIR"), "/tokens.rs"));
