//! Buttons with words and buttons with an icon alone.

use eframe::egui::{Align2, Color32, CursorIcon, Rect, Response, Role, Sense, Ui, Vec2, Widget, WidgetInfo};
use lucide_icons::Icon;

use super::paint::{Ring, fill, focus_ring, galley, icon, rule};
use crate::theme::{Palette, control, icon as icon_size, ink, palette, radius, space, stroke, style};

/// What a button is to its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do.
    Primary,
    /// The one thing to do, and it opens the direct way.
    Private,
    /// The one thing to do, and it cannot be undone.
    Danger,
    /// Another thing to do.
    Outline,
    /// Another thing to do, with a risk.
    OutlineDanger,
    /// Something quiet.
    Ghost,
}

/// A button with words.
#[derive(Debug)]
#[must_use = "a button is drawn by adding it"]
pub struct Button<'a> {
    kind: ButtonKind,
    text: &'a str,
    icon: Option<Icon>,
    icon_colour: Option<Color32>,
    height: f32,
    width: Option<f32>,
    enabled: bool,
}

impl<'a> Button<'a> {
    /// A button of a kind.
    pub const fn new(kind: ButtonKind, text: &'a str) -> Self {
        Self { kind, text, icon: None, icon_colour: None, height: control::BUTTON, width: None, enabled: true }
    }

    /// With an icon before the words.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With the icon in a colour of its own.
    pub const fn icon_colour(mut self, colour: Color32) -> Self {
        self.icon_colour = Some(colour);
        self
    }

    /// Of the small height, for bars and cards.
    pub const fn small(mut self) -> Self {
        self.height = control::BUTTON_SMALL;
        self
    }

    /// As high as a field, for forms.
    pub const fn form(mut self) -> Self {
        self.height = control::FIELD;
        self
    }

    /// At least this wide.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// How wide it is drawn, in points.
    pub fn drawn_width(&self, ui: &Ui) -> f32 {
        self.measure(ui).1
    }

    /// The words, the width of the button and that of its words with the icon.
    fn measure(&self, ui: &Ui) -> (std::sync::Arc<eframe::egui::Galley>, f32, f32) {
        let weight = match self.kind {
            ButtonKind::Primary | ButtonKind::Private | ButtonKind::Danger => style::LABEL.weight(600.0),
            ButtonKind::Outline | ButtonKind::OutlineDanger | ButtonKind::Ghost => style::LABEL,
        };
        let padding = if self.height > control::BUTTON_SMALL { space::X4 + 2.0 } else { space::X3 + 2.0 };
        let words = galley(ui.painter(), ink(weight, Color32::PLACEHOLDER), self.text);
        let content = words.size().x + self.icon_room();
        let width = (content + 2.0 * padding).max(self.width.unwrap_or(0.0)).round();
        (words, width, content)
    }

    fn icon_room(&self) -> f32 {
        let gap = if self.height > control::BUTTON_SMALL { space::X3 } else { 6.0 };
        if self.icon.is_some() { icon_size::BASE + gap } else { 0.0 }
    }

    /// Whether it can be pressed.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

/// Fill, edge and ink of a button as it is.
struct Look {
    fill: Color32,
    edge: Color32,
    ink: Color32,
}

/// Towards the ink of text by an eighth while the pointer is over a filled button, twice that while pressed.
const HOVER_SHADE: f32 = 0.08;
const PRESS_SHADE: f32 = 0.16;

fn filled(colours: &Palette, base: Color32, ink: Color32, response: &Response) -> Look {
    let shade = match (response.is_pointer_button_down_on(), response.hovered()) {
        (true, _) => PRESS_SHADE,
        (false, true) => HOVER_SHADE,
        (false, false) => 0.0,
    };
    Look { fill: base.lerp_to_gamma(colours.text, shade), edge: Color32::TRANSPARENT, ink }
}

fn quiet(colours: &Palette, edge: Color32, rest: Color32, hover: Color32, response: &Response) -> Look {
    match (response.is_pointer_button_down_on(), response.hovered()) {
        (true, _) => Look { fill: colours.press, edge, ink: hover },
        (false, true) => Look { fill: colours.hover, edge, ink: hover },
        (false, false) => Look { fill: Color32::TRANSPARENT, edge, ink: rest },
    }
}

fn look(kind: ButtonKind, colours: &Palette, response: &Response) -> Look {
    match kind {
        ButtonKind::Primary => filled(colours, colours.accent_fill, colours.on_accent, response),
        ButtonKind::Private => filled(colours, colours.private_fill, colours.on_private, response),
        ButtonKind::Danger => filled(colours, colours.danger_fill, colours.on_danger, response),
        ButtonKind::Outline => quiet(colours, colours.line_field, colours.text, colours.text, response),
        ButtonKind::OutlineDanger => quiet(colours, colours.danger, colours.danger, colours.danger, response),
        ButtonKind::Ghost => quiet(colours, Color32::TRANSPARENT, colours.text_2, colours.text, response),
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let colours = palette(ui);
        let (words, width, content) = self.measure(ui);
        let icon_room = self.icon_room();
        let sense = if self.enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, self.height), sense);
        let look = if self.enabled {
            look(self.kind, colours, &response)
        } else {
            Look { fill: colours.bg_raised, edge: colours.line, ink: colours.text_3 }
        };
        let painter = ui.painter();
        fill(painter, rect, radius::CONTROL, look.fill);
        rule(painter, rect, radius::CONTROL, stroke::HAIRLINE, look.edge);
        let left = rect.center().x - content / 2.0;
        if let Some(glyph) = self.icon {
            let centre = rect.left_center() + Vec2::new(left - rect.left() + icon_size::BASE / 2.0, 0.0);
            icon(painter, glyph, centre, icon_size::BASE, self.icon_colour.unwrap_or(look.ink));
        }
        let at = rect.left_center() + Vec2::new(left - rect.left() + icon_room, 0.0);
        let place = Align2::LEFT_CENTER.anchor_size(at, words.size());
        painter.galley_with_override_text_color(place.min, words, look.ink);
        focus_ring(ui, &response, rect, radius::CONTROL, Ring::Outside);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.enabled, self.text));
        response.on_hover_cursor(CursorIcon::PointingHand)
    }
}

/// A button with an icon alone; its name is its tooltip and what a screen reader says.
#[derive(Debug)]
#[must_use = "a button is drawn by adding it"]
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    size: f32,
    icon_size: f32,
    selected: Option<bool>,
    rect: Option<Rect>,
    sense: Sense,
}

impl<'a> IconButton<'a> {
    /// A button called `name`.
    pub const fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            name,
            size: control::ICON_BUTTON,
            icon_size: icon_size::LARGE,
            selected: None,
            rect: None,
            sense: Sense::CLICK.union(Sense::FOCUSABLE),
        }
    }

    /// Of another size.
    pub const fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    /// With an icon of another size.
    pub const fn icon_size(mut self, size: f32) -> Self {
        self.icon_size = size;
        self
    }

    /// A button that is on or off.
    pub const fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// A button that Tab skips, for what a key does as well.
    pub const fn skipped_by_tab(mut self) -> Self {
        self.sense = Sense::CLICK;
        self
    }

    /// How wide it is drawn, in points.
    #[must_use]
    pub const fn drawn_width(&self) -> f32 {
        self.size
    }

    /// Draws it around a point.
    pub fn at(self, ui: &mut Ui, centre: eframe::egui::Pos2) -> Response {
        let rect = Rect::from_center_size(centre, Vec2::splat(self.size));
        Self { rect: Some(rect), ..self }.ui(ui)
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let colours = palette(ui);
        let (rect, response) = if let Some(rect) = self.rect {
            (rect, ui.interact(rect, ui.scope_id().with(("icon button", self.name)), self.sense))
        } else {
            ui.allocate_exact_size(Vec2::splat(self.size), self.sense)
        };
        let mut look = quiet(colours, Color32::TRANSPARENT, colours.text_2, colours.text, &response);
        if self.selected == Some(true) {
            look = Look { fill: colours.selected, ink: colours.accent, ..look };
        }
        fill(ui.painter(), rect, radius::CONTROL, look.fill);
        icon(ui.painter(), self.icon, rect.center(), self.icon_size, look.ink);
        focus_ring(ui, &response, rect, radius::CONTROL, Ring::Inside);
        response.widget_info(|| match self.selected {
            Some(selected) => WidgetInfo::selected(Role::Button, true, selected, self.name),
            None => WidgetInfo::labeled(Role::Button, true, self.name),
        });
        super::tip(response.on_hover_cursor(CursorIcon::PointingHand), self.name)
    }
}
