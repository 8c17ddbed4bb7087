//! The faces of the app: Inter for words, its tabular digits for numbers, Hack for code, Lucide for icons, and the
//! system's own fonts for every script and emoji that these lack.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontId, FontTweak};

use super::text::Face;

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter.ttf");
const NUMBERS: &[u8] = include_bytes!("../../assets/fonts/InterNumbers.ttf");
/// Where egui keeps Hack among its own fonts.
const HACK: &str = "Hack";

/// A letter of each script, and an emoji, that a first message would otherwise have to wait for.
const WARM_UP: &str = "明の한ア👍";

/// Icons are this part of their size too high in their line.
const ICON_DROP: f32 = 0.05;

/// Installs the fonts in `ctx`.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

/// Looks up the system's fonts for the commonest scripts that Inter lacks. Needs a pass to have begun.
pub fn warm_up(ctx: &Context) {
    ctx.fonts_mut(|fonts| {
        let font = FontId::proportional(super::style::BODY.size);
        fonts.has_glyphs(&font, WARM_UP);
        super::emoji::look_up(fonts, super::style::BODY.size);
    });
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let hack = fonts.font_data.get(HACK).cloned();
    fonts.font_data.clear();
    fonts.families.clear();
    for (name, bytes) in [("Inter", INTER), ("InterNumbers", NUMBERS)] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let icons = FontData::from_static(lucide_icons::LUCIDE_FONT_BYTES);
    let tweak = FontTweak { y_offset_factor: ICON_DROP, ..FontTweak::default() };
    fonts.font_data.insert("Lucide".to_owned(), Arc::new(icons.tweak(tweak)));
    if let Some(hack) = hack {
        fonts.font_data.insert(HACK.to_owned(), hack);
    }
    let mut family = |family: FontFamily, names: &[&str]| {
        fonts.families.insert(family, names.iter().map(|&name| name.to_owned()).collect());
    };
    family(FontFamily::Proportional, &["Inter", HACK]);
    family(FontFamily::Monospace, &[HACK, "Inter"]);
    family(Face::Numbers.family(), &["InterNumbers", "Inter", HACK]);
    family(Face::Icons.family(), &["Lucide"]);
    // A family needs a font to begin with; this one has no sign that is an emoji or a letter.
    family(Face::Emoji.family(), &["Lucide"]);
    fonts
}
