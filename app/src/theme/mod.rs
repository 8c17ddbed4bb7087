//! How everything looks: tokens, fonts, text formats, and egui's own style made from them.

mod emoji;
mod fonts;
mod text;
mod token;

use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::{
    self, Context, CornerRadius, Stroke, Theme as Shade, Ui, Vec2, Visuals,
    style::{ScrollStyle, WidgetVisuals, Widgets},
};

use crate::platform::surroundings::Contrast;
pub use emoji::append as append_words;
pub use fonts::{install as install_fonts, warm_up};
pub use text::{Face, Format, code, icon_format, ink, numbers};
pub use token::{
    DARK, Disc, LIGHT, Palette, ShadowToken, TextStyle, control, icon, motion, radius, region, shadow, space, stroke,
    style,
};

/// Sizes of type and rows together, as the user may choose them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextSize {
    /// 90 %.
    Small,
    /// 100 %.
    #[default]
    Normal,
    /// 115 %.
    Large,
    /// 130 %.
    Huge,
}

impl TextSize {
    /// All, smallest first.
    pub const ALL: [Self; 4] = [Self::Small, Self::Normal, Self::Large, Self::Huge];

    /// The factor on everything.
    #[must_use]
    pub const fn factor(self) -> f32 {
        match self {
            Self::Small => 0.9,
            Self::Normal => 1.0,
            Self::Large => 1.15,
            Self::Huge => 1.3,
        }
    }
}

/// Whether popups fade and jumps glide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// As the tokens say.
    #[default]
    Full,
    /// Everything happens at once.
    Reduced,
}

/// The colours of the theme that `ui` is drawn in.
#[must_use]
pub fn palette(ui: &Ui) -> &'static Palette {
    of(ui.visuals().dark_mode)
}

/// The colours of the theme that is active in `ctx`.
#[must_use]
pub fn palette_of(ctx: &Context) -> &'static Palette {
    of(ctx.theme() == Shade::Dark)
}

/// Whether the desktop wants everything told apart easily.
static HIGH_CONTRAST: AtomicBool = AtomicBool::new(false);

/// Sets how strongly colours are told apart, from the next [`apply`] on.
pub fn set_contrast(contrast: Contrast) {
    HIGH_CONTRAST.store(contrast == Contrast::High, Ordering::Relaxed);
}

/// Every text in the colour of names, every hairline as strong as the edge of a field.
static DARK_HIGH: Palette = strong(&DARK);
static LIGHT_HIGH: Palette = strong(&LIGHT);

const fn strong(palette: &Palette) -> Palette {
    let text = palette.text;
    Palette { text_2: text, text_3: text, line: palette.line_field, line_field: text, ..*palette }
}

fn of(dark: bool) -> &'static Palette {
    match (dark, HIGH_CONTRAST.load(Ordering::Relaxed)) {
        (true, false) => &DARK,
        (false, false) => &LIGHT,
        (true, true) => &DARK_HIGH,
        (false, true) => &LIGHT_HIGH,
    }
}

/// Room left and right of what a pane of this width shows.
#[must_use]
pub const fn side_padding(width: f32) -> f32 {
    if width < region::ONE_COLUMN_BELOW { space::X4 } else { region::TIMELINE_PAD }
}

/// Whether `ctx` moves things.
#[must_use]
pub fn motion_of(ctx: &Context) -> Motion {
    if ctx.global_style().animation_time > 0.0 { Motion::Full } else { Motion::Reduced }
}

/// Sets fonts, colours, distances and motion of `ctx` from the tokens; `scale` is the desktop's on top of the size that
/// was chosen. Call once at start and after a change.
pub fn apply(ctx: &Context, size: TextSize, scale: f32, motion: Motion) {
    ctx.set_zoom_factor(size.factor() * scale);
    for (shade, palette) in [(Shade::Dark, of(true)), (Shade::Light, of(false))] {
        ctx.style_mut_of(shade, |style| {
            style.visuals = visuals(shade, palette);
            style.text_styles = text::styles();
            style.animation_time = match motion {
                Motion::Full => token::motion::POPUP_MS / 1000.0,
                Motion::Reduced => 0.0,
            };
            spacing(style);
        });
    }
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

fn spacing(style: &mut egui::Style) {
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::ZERO;
    spacing.button_padding = Vec2::new(space::X4, space::X2);
    spacing.interact_size = Vec2::splat(control::MIN_TARGET);
    spacing.menu_margin = egui::Margin::same(6);
    spacing.window_margin = egui::Margin::ZERO;
    spacing.scroll = ScrollStyle { bar_width: SCROLL_BAR, floating_width: SCROLL_BAR, ..ScrollStyle::floating() };
    style.interaction.tooltip_delay = TOOLTIP_DELAY_S;
    style.interaction.selectable_labels = false;
    style.explanation_tooltips = false;
}

/// Thickness of a scroll bar in points.
pub const SCROLL_BAR: f32 = 6.0;
/// How long the pointer rests before a tooltip comes, in seconds.
const TOOLTIP_DELAY_S: f32 = 0.5;
/// How long the caret is shown and hidden, in seconds.
const CARET_S: f32 = 0.53;

fn visuals(shade: Shade, palette: &Palette) -> Visuals {
    let mut visuals = shade.default_visuals();
    let hairline = Stroke::new(stroke::HAIRLINE, palette.line);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.text_3);
    visuals.widgets = widgets(palette);
    visuals.selection.bg_fill = palette.selected;
    visuals.selection.stroke = Stroke::new(stroke::FOCUS, palette.accent);
    visuals.hyperlink_color = palette.accent;
    visuals.faint_bg_color = palette.bg_raised;
    visuals.extreme_bg_color = palette.bg_field;
    visuals.text_edit_bg_color = Some(palette.bg_field);
    visuals.code_bg_color = palette.bg_raised;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.danger;
    visuals.window_fill = palette.bg_popup;
    visuals.window_stroke = hairline;
    visuals.window_corner_radius = CornerRadius::from(radius::DIALOG);
    visuals.window_shadow = shadow::DIALOG.of(palette);
    visuals.menu_corner_radius = CornerRadius::from(radius::CARD);
    visuals.popup_shadow = shadow::POPUP.of(palette);
    visuals.panel_fill = palette.bg_chat;
    visuals.text_cursor.stroke = Stroke::new(CARET_WIDTH, palette.accent);
    visuals.text_cursor.on_duration = CARET_S;
    visuals.text_cursor.off_duration = CARET_S;
    visuals
}

/// Width of the caret in points.
const CARET_WIDTH: f32 = 1.5;

fn widgets(palette: &Palette) -> Widgets {
    let state = |fill, edge, ink| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(stroke::HAIRLINE, edge),
        corner_radius: CornerRadius::from(radius::CONTROL),
        fg_stroke: Stroke::new(stroke::HAIRLINE, ink),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(palette.bg_chat, palette.line, palette.text),
        inactive: state(palette.bg_raised, palette.line_field, palette.text),
        hovered: state(palette.hover, palette.text_3, palette.text),
        active: state(palette.press, palette.text_3, palette.text),
        open: state(palette.press, palette.line_field, palette.text),
    }
}
