//! Rows of the contacts list.

use eframe::egui::{
    Align2, Color32, CursorIcon, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, text::LayoutJob,
};
use lucide_icons::Icon;

use super::avatar::{Avatar, Presence};
use super::label::choosable;
use super::menu::tip;
use super::paint::{Ring, elided, elided_job, fill, focus_ring, galley, icon, put};
use super::pill::{PillTone, pill, pill_width};
use crate::theme::{Palette, append_words, icon as icon_size, ink, numbers, palette, radius, region, space, style};

/// The second line of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preview<'a> {
    /// Before the words.
    pub icon: Option<Icon>,
    /// Who wrote them, with a colon; may be empty.
    pub lead: &'a str,
    /// The words.
    pub text: &'a str,
    /// Whether they speak of the direct way.
    pub private: bool,
}

/// What stands at the right end of the second line.
#[derive(Clone, Copy, Debug)]
pub enum Badge<'a> {
    /// Nothing.
    None,
    /// Messages not read.
    Unread(u32, PillTone),
    /// A state with its word.
    Icon(Icon, &'a str),
    /// Something failed; its word.
    Failed(&'a str),
}

/// A row with a disc, two lines, a time and a badge.
#[derive(Clone, Copy, Debug)]
pub struct ContactRow<'a> {
    /// The name; of Everyone too.
    pub name: &'a str,
    /// The icon of the disc; a user's disc has letters.
    pub icon: Option<Icon>,
    /// Whether the user is here.
    pub presence: Option<Presence>,
    /// The second line.
    pub preview: Preview<'a>,
    /// That its chat is muted, in words.
    pub muted: Option<&'a str>,
    /// When the last message was written, as shown.
    pub time: &'a str,
    /// At the right end.
    pub badge: Badge<'a>,
    /// Whether its chat is open.
    pub selected: bool,
    /// Whether its private chat is open.
    pub private: bool,
    /// Blocked.
    pub dimmed: bool,
}

/// Room inside a row left and right.
const INSET: f32 = 8.0;
/// From the top of a row to the middle of its name, and to that of its second line.
const NAME_Y: f32 = 19.0;
const PREVIEW_Y: f32 = 38.5;

impl ContactRow<'_> {
    /// Draws it over the whole width.
    pub fn show(self, ui: &mut Ui) -> Response {
        let size = Vec2::new(ui.available_width(), region::CONTACT_ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, &response);
        }
        choosable(&response, || WidgetInfo::selected(Role::ListBoxOption, true, self.selected, self.spoken()));
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        match self.muted {
            Some(words) => tip(response, words),
            None => response,
        }
    }

    fn surface(&self, colours: &Palette, response: &Response) -> Color32 {
        match (self.selected, self.private) {
            (true, true) => colours.private_selected,
            (true, false) => colours.selected,
            (false, _) if response.is_pointer_button_down_on() => colours.press,
            (false, _) if response.hovered() => colours.hover,
            (false, _) => colours.bg_side,
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, response: &Response) {
        let colours = palette(ui);
        let surface = self.surface(colours, response);
        fill(ui.painter(), rect, radius::FIELD, surface);
        let disc = rect.left_center() + Vec2::new(INSET + region::AVATAR / 2.0, 0.0);
        match (self.icon, self.presence) {
            (Some(glyph), _) => {
                ui.painter().circle_filled(disc, region::AVATAR / 2.0, colours.accent_soft);
                icon(ui.painter(), glyph, disc, icon_size::LARGE, colours.accent);
            }
            (None, Some(presence)) => Avatar::new(self.name).presence(presence, surface).paint(ui, disc),
            (None, None) => Avatar::new(self.name).paint(ui, disc),
        }
        let left = rect.left() + INSET + region::AVATAR + space::X4;
        let right = rect.right() - INSET;
        self.paint_name(ui, colours, left, right, rect.top() + NAME_Y);
        self.paint_preview(ui, colours, left, right, rect.top() + PREVIEW_Y);
        focus_ring(ui, response, rect, radius::FIELD, Ring::Inside);
    }

    fn unread(&self) -> bool {
        matches!(self.badge, Badge::Unread(..))
    }

    fn paint_name(&self, ui: &Ui, colours: &Palette, left: f32, right: f32, y: f32) {
        let time = galley(ui.painter(), numbers(style::META, colours.text_3), self.time);
        let time = put(ui.painter(), Align2::RIGHT_CENTER, Pos2::new(right, y - 1.0), time);
        let weight = if self.unread() { 600.0 } else { 500.0 };
        let letters = if self.dimmed { colours.text_3 } else { colours.text };
        let format = ink(style::STRONG.weight(weight), letters);
        let bell = if self.muted.is_some() { icon_size::SMALL + space::X2 } else { 0.0 };
        let name = elided(ui.painter(), format, self.name, time.left() - space::X3 - bell - left);
        let name = put(ui.painter(), Align2::LEFT_CENTER, Pos2::new(left, y), name);
        if bell > 0.0 {
            let centre = Pos2::new(name.right() + space::X2 + icon_size::SMALL / 2.0, y);
            icon(ui.painter(), Icon::BellOff, centre, icon_size::SMALL, colours.text_3);
        }
    }

    fn paint_preview(&self, ui: &Ui, colours: &Palette, mut left: f32, right: f32, y: f32) {
        let room = match self.badge {
            Badge::None => 0.0,
            Badge::Unread(count, tone) => {
                pill(ui, Pos2::new(right, y), count, tone);
                pill_width(ui, count)
            }
            Badge::Icon(glyph, _) => {
                let centre = Pos2::new(right - icon_size::SMALL / 2.0 - 1.0, y);
                icon(ui.painter(), glyph, centre, icon_size::SMALL, colours.text_3);
                icon_size::SMALL
            }
            Badge::Failed(_) => {
                let centre = Pos2::new(right - icon_size::SMALL / 2.0 - 1.0, y);
                icon(ui.painter(), Icon::CircleAlert, centre, icon_size::SMALL, colours.danger);
                icon_size::SMALL
            }
        };
        let words = match (self.preview.private, self.unread(), self.dimmed) {
            (true, ..) => colours.private,
            (false, true, _) => colours.text,
            (false, false, true) => colours.text_3,
            (false, false, false) => colours.text_2,
        };
        if let Some(glyph) = self.preview.icon {
            let centre = Pos2::new(left + icon_size::SMALL / 2.0, y);
            icon(ui.painter(), glyph, centre, icon_size::SMALL, words);
            left += icon_size::SMALL + space::X2;
        }
        let mut job = LayoutJob::default();
        let lead = if self.unread() { colours.text_2 } else { colours.text_3 };
        job.append(self.preview.lead, 0.0, ink(style::SMALL, lead).text_format());
        let text: String = self.preview.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        append_words(&mut job, &text, 0.0, &ink(style::SMALL, words).text_format());
        let gap = if room > 0.0 { 6.0 } else { 0.0 };
        let preview = elided_job(ui.painter(), job, right - room - gap - left);
        put(ui.painter(), Align2::LEFT_CENTER, Pos2::new(left, y), preview);
    }

    /// What a screen reader says.
    fn spoken(&self) -> String {
        let mut parts = vec![self.name.to_owned()];
        parts.extend(self.presence.map(|presence| presence.word().to_owned()));
        match self.badge {
            Badge::None => {}
            Badge::Unread(1, _) => parts.push("1 unread message".to_owned()),
            Badge::Unread(count, _) => parts.push(format!("{count} unread messages")),
            Badge::Icon(_, word) | Badge::Failed(word) => parts.push(word.to_owned()),
        }
        parts.extend(self.muted.map(str::to_owned));
        let Preview { lead, text, .. } = self.preview;
        let is_said = matches!(self.badge, Badge::Icon(_, word) if word == text);
        if !text.is_empty() && !is_said {
            parts.push(format!("{lead}{text}"));
        }
        if !self.time.is_empty() {
            parts.push(self.time.to_owned());
        }
        parts.join(", ")
    }
}

/// The head of a section, which folds it.
#[derive(Clone, Copy, Debug)]
pub struct SectionRow<'a> {
    /// The words.
    pub name: &'a str,
    /// How many rows it has.
    pub count: usize,
    /// Whether they are shown.
    pub open: bool,
}

impl SectionRow<'_> {
    /// Draws it over the whole width.
    pub fn show(self, ui: &mut Ui) -> Response {
        let colours = palette(ui);
        let size = Vec2::new(ui.available_width(), region::SECTION_ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let letters = if response.hovered() { colours.text_2 } else { colours.text_3 };
        let glyph = if self.open { Icon::ChevronDown } else { Icon::ChevronRight };
        let centre = rect.left_center() + Vec2::new(INSET + icon_size::SMALL / 2.0, 0.0);
        icon(ui.painter(), glyph, centre, icon_size::SMALL, letters);
        let left = rect.left_center() + Vec2::new(INSET + icon_size::SMALL + 6.0, 0.0);
        let name = galley(ui.painter(), ink(style::SECTION, letters), self.name);
        let name = put(ui.painter(), Align2::LEFT_CENTER, left, name);
        let count = galley(ui.painter(), numbers(style::META.weight(500.0), letters), &self.count.to_string());
        put(ui.painter(), Align2::LEFT_CENTER, name.right_center() + Vec2::new(space::X3, 0.0), count);
        focus_ring(ui, &response, rect, radius::CONTROL, Ring::Inside);
        response.widget_info(|| {
            let words = format!("{}, {}", self.name, self.count);
            WidgetInfo::selected(Role::DisclosureTriangle, true, self.open, words)
        });
        response.on_hover_cursor(CursorIcon::PointingHand)
    }
}
