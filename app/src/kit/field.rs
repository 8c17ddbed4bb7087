//! A line that takes text: with an icon, a hint, an error or a password to reveal.

use eframe::egui::{
    Align2, Color32, Frame, Id, Key, KeyboardShortcut, Modifiers, Rect, Response, Sense, TextBuffer, TextEdit, Ui,
    UiBuilder, Vec2, ViewportCommand,
    text::{CCursor, CCursorRange, TextWrapping},
};
use lucide_icons::Icon;

use super::menu::menu_item;
use super::paint::{bring_into_view, icon, put};
use crate::theme::{Format, code, control, icon as icon_size, ink, palette, radius, space, stroke, style};

/// Whether a password can be read on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reveal {
    /// As dots.
    #[default]
    Hidden,
    /// In clear.
    Shown,
}

/// How a field stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldState {
    /// It takes text.
    #[default]
    Normal,
    /// What it holds is wrong.
    Error,
    /// It takes no text.
    Disabled,
}

/// Whether a field takes the keyboard as it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Take {
    /// It does not.
    #[default]
    Nothing,
    /// It does, with all its text selected: what is typed next takes its place.
    Keyboard,
}

/// A field in the making.
#[derive(Debug)]
#[must_use = "a field is drawn by showing it"]
pub struct Field<'a> {
    name: &'a str,
    hint: &'a str,
    icon: Option<Icon>,
    reveal: Option<&'a mut Reveal>,
    state: FieldState,
    suffix: Option<(Option<Icon>, &'a str, Color32)>,
    width: f32,
    height: f32,
    mono: bool,
    edge: Option<Color32>,
    surface: Option<Color32>,
    id: Option<Id>,
    room: f32,
    take: Take,
}

impl<'a> Field<'a> {
    /// A field that a screen reader calls `name`.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            hint: "",
            icon: None,
            reveal: None,
            state: FieldState::Normal,
            suffix: None,
            width: f32::INFINITY,
            height: control::FIELD,
            mono: false,
            edge: None,
            surface: None,
            id: None,
            room: 0.0,
            take: Take::Nothing,
        }
    }

    /// What it says while empty.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// With an icon at the left.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A password, with an eye to show it.
    pub const fn secret(mut self, reveal: &'a mut Reveal) -> Self {
        self.reveal = Some(reveal);
        self
    }

    /// How it stands.
    pub const fn state(mut self, state: FieldState) -> Self {
        self.state = state;
        self
    }

    /// With words at the right.
    pub const fn suffix(mut self, icon: Option<Icon>, text: &'a str, colour: Color32) -> Self {
        self.suffix = Some((icon, text, colour));
        self
    }

    /// Of a width; otherwise all there is.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Of a height.
    pub const fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// In the face of code.
    pub const fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// On another surface, with another edge at rest.
    pub const fn surface(mut self, surface: Color32, edge: Color32) -> Self {
        self.surface = Some(surface);
        self.edge = Some(edge);
        self
    }

    /// With an id of its own, to give it the keyboard.
    pub const fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// With room at the right for a control that is drawn over it.
    pub const fn room(mut self, room: f32) -> Self {
        self.room = room;
        self
    }

    /// With the keyboard from this frame on, or not.
    pub const fn take(mut self, take: Take) -> Self {
        self.take = take;
        self
    }

    /// Draws it; the response is that of the text.
    pub fn show(mut self, ui: &mut Ui, text: &mut String) -> Response {
        let colours = palette(ui);
        let size = Vec2::new(self.width.min(ui.available_width()), self.height);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let frame_at = ui.painter().add(eframe::egui::Shape::Noop);
        let mut inner = rect.shrink2(Vec2::new(space::X3 + 2.0, 0.0));
        if let Some(glyph) = self.icon {
            let centre = inner.left_center() + Vec2::new(icon_size::BASE / 2.0, 0.0);
            icon(ui.painter(), glyph, centre, icon_size::BASE, colours.text_2);
            inner.min.x += icon_size::BASE + space::X3;
        }
        inner.max.x = self.paint_suffix(ui, inner) - self.room;
        let mut line = inner;
        if self.has_eye() {
            line.max.x -= EYE_ROOM;
        }
        // The text comes first, so that Tab reaches it first.
        let response = self.edit(ui, text, line);
        self.eye(ui, inner, &response);
        bring_into_view(ui, &response);
        self.menu(&response, text);
        let (width, edge) = match (self.state, response.has_focus()) {
            (FieldState::Error, _) => (stroke::FOCUS, colours.danger),
            (FieldState::Disabled, _) => (stroke::HAIRLINE, colours.line),
            (FieldState::Normal, true) => (stroke::FOCUS, colours.accent),
            (FieldState::Normal, false) if ui.rect_contains_pointer(rect) => (stroke::HAIRLINE, colours.text_3),
            (FieldState::Normal, false) => (stroke::HAIRLINE, self.edge.unwrap_or(colours.line_field)),
        };
        let surface = match self.state {
            FieldState::Disabled => colours.bg_raised,
            FieldState::Normal | FieldState::Error => self.surface.unwrap_or(colours.bg_field),
        };
        let frame = eframe::egui::epaint::RectShape::new(
            rect,
            radius::FIELD,
            surface,
            (width, edge),
            eframe::egui::StrokeKind::Inside,
        );
        ui.painter().set(frame_at, frame);
        response
    }

    /// What a right click offers. A password is not copied.
    fn menu(&self, response: &Response, text: &str) {
        let clear = self.reveal.is_none() && !text.is_empty();
        response.context_menu(|ui| {
            let colours = palette(ui);
            ui.set_width(MENU);
            let mut item = |glyph, words, keys, command| {
                if menu_item(ui, Some(glyph), words, keys, colours.text).clicked() {
                    response.request_focus();
                    ui.ctx().send_viewport_cmd(command);
                }
            };
            if clear {
                item(Icon::Scissors, "Cut", "Ctrl X", ViewportCommand::RequestCut);
                item(Icon::Copy, "Copy", "Ctrl C", ViewportCommand::RequestCopy);
            }
            item(Icon::ClipboardPaste, "Paste", "Ctrl V", ViewportCommand::RequestPaste);
            if !text.is_empty() && menu_item(ui, None, "Select all", "Ctrl A", colours.text).clicked() {
                focus_whole(response, text);
            }
        });
    }

    fn paint_suffix(&self, ui: &Ui, inner: Rect) -> f32 {
        let Some((glyph, words, colour)) = self.suffix else { return inner.right() };
        let words = super::paint::galley(ui.painter(), ink(style::META, colour), words);
        let at = put(ui.painter(), Align2::RIGHT_CENTER, inner.right_center(), words);
        let Some(glyph) = glyph else { return at.left() - space::X3 };
        let centre = at.left_center() - Vec2::new(6.0 + icon_size::BASE / 2.0, 0.0);
        icon(ui.painter(), glyph, centre, icon_size::BASE, colour);
        centre.x - icon_size::BASE
    }

    fn has_eye(&self) -> bool {
        self.reveal.is_some() && self.state != FieldState::Disabled
    }

    /// The button that shows the password: by pointer and screen reader, and by [`REVEAL`] from the field. Tab skips it.
    fn eye(&mut self, ui: &mut Ui, inner: Rect, field: &Response) {
        if !self.has_eye() {
            return;
        }
        let Some(reveal) = self.reveal.as_deref_mut() else { return };
        let centre = inner.right_center() - Vec2::new(icon_size::BASE / 2.0, 0.0);
        let (glyph, name) = match reveal {
            Reveal::Hidden => (Icon::Eye, "Show password"),
            Reveal::Shown => (Icon::EyeOff, "Hide password"),
        };
        let button = super::IconButton::new(glyph, name).size(control::MIN_TARGET).icon_size(icon_size::BASE);
        let clicked = ui.push_id(self.name, |ui| button.skipped_by_tab().at(ui, centre)).inner.clicked();
        let pressed = field.has_focus() && ui.input_mut(|input| input.consume_shortcut(&REVEAL));
        if clicked || pressed {
            *reveal = if *reveal == Reveal::Hidden { Reveal::Shown } else { Reveal::Hidden };
        }
    }

    fn edit(&self, ui: &mut Ui, text: &mut String, inner: Rect) -> Response {
        let colours = palette(ui);
        let (letters, hint) = match self.state {
            FieldState::Disabled => (colours.text_3, colours.text_3),
            FieldState::Normal | FieldState::Error => (colours.text, colours.text_3),
        };
        let format = if self.mono { code(style::MONO, letters) } else { ink(style::BODY, letters) };
        let hidden = self.reveal.as_deref() == Some(&Reveal::Hidden);
        let line = Rect::from_center_size(inner.center(), Vec2::new(inner.width(), format.style.line));
        if text.is_empty() {
            let words = super::paint::elided(ui.painter(), ink(style::BODY, hint), self.hint, line.width());
            put(ui.painter(), Align2::LEFT_CENTER, line.left_center(), words);
        }
        let id = self.id.unwrap_or_else(|| ui.scope_id().with(("field", self.name)));
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, _: f32| lay_out(ui, format, text, hidden);
        let edit = TextEdit::singleline(text)
            .id(id)
            .frame(Frame::NONE)
            .margin(eframe::egui::Margin::ZERO)
            .password(hidden)
            .interactive(self.state != FieldState::Disabled)
            .desired_width(line.width())
            .return_key(None)
            .layouter(&mut layouter);
        let mut child = ui.new_child(UiBuilder::new().max_rect(line));
        child.set_clip_rect(child.clip_rect().intersect(line.expand2(Vec2::new(1.0, 4.0))));
        let response = child.add(edit);
        let click = ui.interact(inner.expand2(Vec2::new(0.0, 6.0)), id.with("around"), Sense::hover());
        if click.contains_pointer() && ui.input(|input| input.pointer.primary_pressed()) {
            response.request_focus();
        }
        if self.take == Take::Keyboard {
            focus_whole(&response, text);
        }
        response.accessible_name(self.name)
    }
}

/// Whether Enter was pressed in a field. The field keeps the keyboard: what it refuses is corrected at once.
#[must_use]
pub fn entered(field: &Response) -> bool {
    let had_focus = field.has_focus() && !field.gained_focus();
    had_focus && field.ctx.input(|input| input.key_pressed(Key::Enter))
}

/// Gives the keyboard to a field with all of its text selected.
pub fn focus_whole(field: &Response, text: &str) {
    let mut edit = TextEdit::load_state(&field.ctx, field.id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    edit.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), end)));
    TextEdit::store_state(&field.ctx, field.id, edit);
    field.request_focus();
}

/// Width of the menu of a right click, in points.
const MENU: f32 = 200.0;

/// Room for the eye at the right of a password, in points.
const EYE_ROOM: f32 = icon_size::BASE / 2.0 + control::MIN_TARGET / 2.0 + space::X2;

/// Shows or hides the password that is being typed, as on Windows.
const REVEAL: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::F8);

/// A dot for each letter of a hidden password.
const DOT: char = '•';

fn lay_out(ui: &Ui, format: Format, text: &dyn TextBuffer, hidden: bool) -> std::sync::Arc<eframe::egui::Galley> {
    let shown = if hidden { text.as_str().chars().map(|_| DOT).collect() } else { text.as_str().to_owned() };
    let mut job = format.job(shown, TextWrapping::no_max_width());
    job.break_on_newline = false;
    job.keep_trailing_whitespace = true;
    if hidden {
        for section in &mut job.sections {
            section.format.extra_letter_spacing = 2.0;
        }
    }
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}
